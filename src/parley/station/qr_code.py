"""QR codes for paper, each as one path of an SVG drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

QUIET: Final = 4
"""White squares that belong around a code. Source: ISO/IEC 18004."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code as one path of an SVG drawing, `size` squares wide."""

    size: int
    path: str


def qr_code(text: str, *, edge: int = 0) -> QrCode:
    """Return the code of a text (byte mode, error level M), with so many white squares around."""
    import segno  # noqa: PLC0415 - only paper needs it, and it takes a while to come

    rows = segno.make(text, error="m", micro=False, boost_error=False).matrix
    path = "".join(_runs(row, edge, y + edge) for y, row in enumerate(rows))
    return QrCode(size=len(rows) + 2 * edge, path=path)


def _runs(row: Sequence[int], x: int, y: int) -> str:
    """Return the dark squares of a row, each run of them as one rectangle."""
    drawn = ""
    for dark, same in groupby(row):
        long = len(list(same))
        if dark:
            drawn += f"M{x} {y}h{long}v1h-{long}z"
        x += long
    return drawn
