"""An acknowledgement: a person says how far an entry has come. No answer to it, and no case."""

from __future__ import annotations

from parley.desk.fields import (
    Integer,
    Ref,
    Text,
    code,
    office,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import By, Draft, Move, Procedure, put, words
from parley.desk.reasons import RUNGS
from parley.desk.structures import (
    ListOf,
)
from parley.desk.times import InstantType

LAST_WORD_COUNTS = 5
"""Will comply may be followed by cannot comply; both stay."""


def _known_rung(draft: Draft) -> Problem | None:
    rung = draft.values.get("rung")
    if rung not in RUNGS or rung in (0, 1):
        given = ", ".join(str(number) for number in RUNGS if number > 1)
        return problem("rung", "unknown_choice", found=rung, choices=given)
    return None


def _not_ones_own(draft: Draft) -> Problem | None:
    return problem("", "own_entry") if draft.author_of_target == draft.party else None


def _forward_only(draft: Draft) -> Problem | None:
    """A desk's rung never falls, except that the last word on complying counts."""
    given, rung = draft.rungs.get(draft.office, 0), draft.values.get("rung")
    if not isinstance(rung, int) or rung > LAST_WORD_COUNTS + 1 or rung >= given:
        return None
    if rung == LAST_WORD_COUNTS:
        return None
    return problem("rung", "rung_falls", found=given)


def _not_understood_points(draft: Draft) -> Problem | None:
    """Rung 10, cannot be processed, says why."""
    if draft.values.get("rung") == 10 and "code" not in draft.values:
        return problem("code", "missing")
    return None


ACK = Procedure(
    name="ack",
    code="P03",
    prefix="",
    words=words("acknowledgement", "确认"),
    states=(),
    moves=(
        Move(
            name="give",
            kind=2,
            words=words("acknowledge", "确认"),
            by=By.EITHER,
            on=("*",),
            fields=(
                put("of", 1, Ref(), "of the entry", "所确认条目"),
                put("rung", 32, Integer(0, 99), "how far it has come", "进展级别", required=True),
                put("desk", 33, office(), "desk", "席位"),
                put("unit", 34, Text(120), "unit it was passed to", "转达单位"),
                put(
                    "values",
                    35,
                    ListOf(item=Text(200), most=40, lenient=True),
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
                put("code", 37, code(), "why it cannot be processed", "无法处理的原因"),
                put("done_at", 38, InstantType(), "done at", "完成时间"),
            ),
            checks=(_known_rung, _not_ones_own, _forward_only, _not_understood_points),
        ),
    ),
)
