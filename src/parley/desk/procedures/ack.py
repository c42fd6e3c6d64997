"""An acknowledgement: a person says how far an entry has come. No answer to it, and no case."""

from __future__ import annotations

from parley.desk.actors import Named
from parley.desk.fields import (
    Integer,
    Ref,
    Text,
    code,
    office,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft, Move, Procedure, put, words
from parley.desk.reasons import CANNOT_PROCESS, INTENTIONS, RUNGS
from parley.desk.structures import (
    ListOf,
    Readings,
)
from parley.desk.times import InstantType

FOR_ITS_DESK = 4
"""From this rung on a desk speaks for itself and its units, not for the watch."""
WHY = {10: CANNOT_PROCESS, 5: INTENTIONS}
"""Codes of the rungs that carry one; the intention at rung 5 may be left to the text."""


def _known_rung(draft: Draft) -> Problem | None:
    rung = draft.values.get("rung")
    if rung not in RUNGS or rung in (0, 1):
        given = ", ".join(str(number) for number in RUNGS if number > 1)
        return problem("rung", "unknown_choice", found=rung, choices=given)
    return None


def _not_ones_own(draft: Draft) -> Problem | None:
    return problem("", "own_entry") if draft.author_of_target == draft.party else None


def _forward_only(draft: Draft) -> Problem | None:
    """A desk's rung never falls; at rung 5 it may change its mind, and all it said stays."""
    given, rung = draft.rungs.get(draft.office, 0), draft.values.get("rung")
    if not isinstance(rung, int) or rung > 6 or rung >= given:
        return None
    return problem("rung", "rung_falls", found=given)


def _code_of_its_rung(draft: Draft) -> Problem | None:
    """Rung 10 says why with a code, rung 5 may say what is intended; no other rung has one."""
    rung, said = draft.values.get("rung"), draft.values.get("code")
    known = WHY.get(rung) if isinstance(rung, int) else None
    if said is None:
        return problem("code", "missing") if rung == 10 else None
    if known is None:
        return problem("code", "not_at_this_rung", found=rung)
    if said not in known:
        return problem("code", "unknown_choice", found=said, choices=", ".join(known))
    return None


def _parts_of_its_rung(draft: Draft) -> Problem | None:
    """Passed on names the unit; a read-back holds values; points belong to not understood."""
    rung = draft.values.get("rung")
    if rung in (4, 40) and "unit" not in draft.values:
        return problem("unit", "missing")
    if rung == 30 and not draft.values.get("values"):
        return problem("values", "missing")
    if rung != 3 and draft.values.get("points"):
        return problem("points", "not_at_this_rung", found=rung)
    return None


def _asked_to_act(draft: Draft) -> Problem | None:
    """A desk that is only told may say that it has read and understood, and no more."""
    rung = draft.values.get("rung")
    if not isinstance(rung, int) or not (FOR_ITS_DESK <= rung <= 6 or rung == 40):
        return None
    parties = {office.partition("/")[0] for office in draft.asked}
    only_told = draft.office in draft.told and draft.office not in draft.asked
    if only_told or (parties and draft.party not in parties):
        return problem("rung", "not_asked", office=draft.office)
    return None


ACK = Procedure(
    name="ack",
    code="P03",
    prefix="",
    words=words("acknowledgement", "签收确认"),
    states=(),
    moves=(
        Move(
            name="give",
            kind=2,
            words=words("acknowledge", "签收确认"),
            by=Named(field="desk", own=True),
            on=("*",),
            fields=(
                put("of", 1, Ref(), "of the entry", "所签收条目"),
                put("rung", 32, Integer(0, 99), "how far it has come", "进展级别", required=True),
                put("desk", 33, office(), "desk", "席位"),
                put("unit", 34, Text(120), "unit it was passed to", "转达单位"),
                put(
                    "values",
                    35,
                    Readings(item=Text(200), most=40, lenient=True),
                    "read back",
                    "复诵值",
                ),
                put(
                    "points",
                    36,
                    ListOf(item=Text(200), most=40, lenient=True),
                    "fields not understood",
                    "未理解之处",
                ),
                put("code", 37, code(), "why not, or what is intended", "原因或意向"),
                put("done_at", 38, InstantType(), "done at", "完成时间"),
            ),
            checks=(
                _known_rung,
                _not_ones_own,
                _asked_to_act,
                _forward_only,
                _code_of_its_rung,
                _parts_of_its_rung,
            ),
        ),
    ),
)
