"""What the desk has worked out of a case, by the columns of its register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.desk.derived import CaseNow
from parley.desk.procedure import Procedure
from parley.desk.registers import Registers
from parley.station.case_views import Fact, PartyFacts

_ELSEWHERE: Final = frozenset({"state", "fate", "by", "to"})
"""Columns that the head of a case shows already."""


def facts_of(registers: Registers, case: CaseNow) -> list[Fact]:
    """Return what the row of a case says, column by column; what is not known is left out."""
    row = registers.row_of_case(case)
    return _facts(case.case.procedure, row.values, _ELSEWHERE)


def parties_of(registers: Registers, case: CaseNow) -> list[PartyFacts]:
    """Return what the row shows for single parties or recipients."""
    row = registers.row_of_case(case)
    shown = case.case.procedure
    return [
        PartyFacts(party=party, facts=_facts(shown, own, frozenset()))
        for party, own in sorted(row.parts.items())
    ]


def _facts(procedure: Procedure, values: Mapping[str, Any], hidden: frozenset[str]) -> list[Fact]:
    columns: Sequence[Any] = procedure.columns
    return [
        Fact(column=column.name, label=dict(column.words), value=values[column.name])
        for column in columns
        if column.name not in hidden and values.get(column.name) not in (None, [], {})
    ]
