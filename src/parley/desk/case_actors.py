"""The parties to a case, and which of them may make a move of it."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.canon import Value
from parley.desk.actors import Actor, By, Named, naming_fault
from parley.desk.case import Case
from parley.desk.catalogue import PROCEDURES
from parley.desk.envelope import F_ACTION
from parley.desk.order import Ordered
from parley.desk.problems import Problem
from parley.desk.procedure import Move
from parley.desk.reading import Desks, desks_of


def case_parties(opener: int, asked: Desks, count: int) -> tuple[int, ...]:
    """Return the parties to a case: its opener, and those asked to act, or else all others."""
    others = sorted({party for party, _ in asked if party != opener and party < count})
    return (opener, *(others or [number for number in range(count) if number != opener]))


def may(by: Actor, party: int, case: Case) -> bool:
    """Say whether a party may make a move that belongs to `by`."""
    if by is By.ANY or (isinstance(by, Named) and by.own):
        return True
    if party not in case.parties:
        return False
    if isinstance(by, Named):
        code = by.code(case.opening.read.values if case.opening.read is not None else {})
        if not code:
            return may(by.otherwise, party, case)
        return (case.codes[party] == code) != by.others
    if by is By.OPENER:
        return party == case.parties[0]
    if by is By.ADDRESSEE:
        return party != case.parties[0]
    if by in (By.OTHER, By.SAME):
        return (party == case.mover.place.party) == (by is By.SAME)
    return True


def misnamed(
    move: Move,
    case: Case | None,
    author: Ordered,
    values: Mapping[str, Value],
    codes: tuple[str, ...],
) -> Problem | None:
    """Return what is wrong with a party that an entry names for what only that party may do."""
    party = author.place.party
    if isinstance(move.by, Named) and move.by.own:
        return naming_fault(move.by, values, [codes[party]])
    if case is not None:
        return None
    asked = desks_of(author.entry.fields.get(F_ACTION))
    parties = [codes[number] for number in case_parties(party, asked, len(codes))]
    faults = (naming_fault(one, values, parties) for one in PROCEDURES[move.procedure].naming)
    return next((fault for fault in faults if fault is not None), None)
