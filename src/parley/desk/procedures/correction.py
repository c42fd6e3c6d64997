"""Corrections: one's own entry put right, replaced or taken back; what it was stays readable."""

from __future__ import annotations

from parley.desk.actors import By
from parley.desk.fields import Ref, Text
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft, Move, Procedure, put, words
from parley.desk.structures import ListOf

_ENDS = ("correction.cancel", "correction.withdraw")
_TARGET = put("target", 32, Ref(), "of the entry", "所涉条目", required=True)
_CHANGES = put(
    "changes",
    33,
    ListOf(item=Text(80), least=1, most=40, lenient=True),
    "fields that change",
    "变更的项目",
    required=True,
)
_VALUES = put(
    "values",
    34,
    ListOf(item=Text(500), least=1, most=40, lenient=True),
    "what they are to be",
    "更正后的值",
)


def _own_and_standing(draft: Draft) -> Problem | None:
    """Only one's own party's entry is corrected, no correction is, and nothing cancelled."""
    if draft.author_of_target != draft.party:
        return problem("target", "not_own_entry")
    if draft.target_move.startswith("correction."):
        return problem("target", "not_about_a_correction")
    if any(note in _ENDS for note in draft.target_notes):
        return problem("target", "already_cancelled")
    return None


def _move(number: int, name: str, english: str, chinese: str, *, changes: bool) -> Move:
    return Move(
        name=name,
        kind=2900 + number,
        words=words(english, chinese),
        by=By.EITHER,
        on=("*",),
        about="target",
        fields=(_TARGET, _CHANGES, _VALUES) if changes else (_TARGET,),
        checks=(_own_and_standing,),
    )


CORRECTION = Procedure(
    name="correction",
    code="P29",
    prefix="",
    words=words("correction", "更正"),
    states=(),
    moves=(
        _move(0, "correct", "correct values", "更正数值", changes=True),
        _move(1, "supersede", "replace the whole", "整体取代", changes=True),
        _move(2, "cancel", "cancel: no longer true", "取消：不再有效", changes=False),
        _move(3, "withdraw", "withdraw: never meant to stand", "撤回：本不应存在", changes=False),
    ),
)
