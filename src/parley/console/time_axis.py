"""When each side says that each thing happened, on one axis of time; nothing is put in between.

What is only a day or an hour is drawn as long as that, never as its first moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley.console.language import Language
from parley.console.side_by_side import part_name
from parley.desk.comparison import span_said

WIDTH: Final = 1000
TICKS: Final = 4
_TIMES: Final = ("when", "time")
_LEAST_S: Final = 600
_MARGIN: Final = 20
"""The axis is longer by this part of it at each end, so that no mark lies on an edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that happened: where each side puts it, in units of `WIDTH`."""

    what: str
    marks: Mapping[str, tuple[int, int]]
    starts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Rows on one scale, with the parties in the order in which their marks stand."""

    parties: Sequence[str]
    rows: Sequence[Row]
    ticks: Sequence[int]


def time_axis(case: Any, language: Language) -> Axis | None:
    """Return the times of a case's accounts on one axis; None where there are fewer than two.

    Args:
        case: with `comparison`: differences by field, each with what each party says.
        language: of the names of the rows.
    """
    told: list[tuple[str, dict[str, tuple[int, int]]]] = []
    for row in case.comparison:
        if row.field.rpartition(".")[2] not in _TIMES:
            continue
        spans = {code: span_said(value) for code, value in row.values.items()}
        known = {code: span for code, span in spans.items() if span is not None}
        if known:
            told.append((part_name(case.procedure, row.field, language), known))
    every = [span for _, known in told for span in known.values()]
    if len(every) < 2:
        return None
    start, end = min(span[0] for span in every), max(span[1] for span in every)
    spare = max((end - start) // _MARGIN, (_LEAST_S - (end - start)) // 2, 1)
    start, length = start - spare, end - start + 2 * spare

    def place(at: int) -> int:
        return (at - start) * WIDTH // length

    return Axis(
        parties=list(dict.fromkeys(code for _, known in told for code in known)),
        rows=[
            Row(
                what=what,
                marks={code: (place(a), max(place(b) - place(a), 4)) for code, (a, b) in k.items()},
                starts={code: a for code, (a, _) in k.items()},
            )
            for what, k in sorted(told, key=lambda each: min(span[0] for span in each[1].values()))
        ],
        ticks=[start + length * tick // TICKS for tick in range(TICKS + 1)],
    )
