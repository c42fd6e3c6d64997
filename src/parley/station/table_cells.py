"""A table for a spreadsheet, and its cells: CSV as of RFC 4180."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """Return a cell with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def table(heading: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return rows under a heading as CSV; no cell of a row is a formula in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue()
