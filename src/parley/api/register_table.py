"""A page of a register as a table for a spreadsheet: CSV as of RFC 4180, UTF-8, names of the API.

A peer's words may begin like a formula; no spreadsheet carries it out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from parley.station.table_cells import inert

COLUMNS: Final = (
    "number", "channel", "mark", "precedence", "procedure", "opener", "addressees", "state",
    "fate", "reason", "delivered_at", "acknowledged_at", "answered_at", "due_at", "due_from",
    "due_to", "due_rule", "clock", "owed_by", "proved", "precondition",
)  # fmt: skip
"""What every register has; its subject by language, its opening and its own columns follow."""


def register_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows of a register, as the API answers them, as CSV with a heading.

    A column that some row has stands in all of them: `subject_LANG`, `values.NAME`.
    """
    languages = _names(row["subject"] for row in rows)
    values = _names(row["values"] for row in rows)
    out = io.StringIO()
    writer = csv.writer(out)
    subjects = (f"subject_{each}" for each in languages)
    own = (f"values.{each}" for each in values)
    writer.writerow([*COLUMNS, "opened_at", "entry", *subjects, *own])
    for row in rows:
        cells = [row[name] for name in COLUMNS]
        cells += [row["opened"]["at"], row["opened"]["entry"]]
        cells += [row["subject"].get(each) for each in languages]
        cells += [row["values"].get(each) for each in values]
        writer.writerow([_cell(each) for each in cells])
    return out.getvalue()


def _names(maps: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({name for each in maps for name in each})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        text = value
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        text = " ".join(value)
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return inert(text)
