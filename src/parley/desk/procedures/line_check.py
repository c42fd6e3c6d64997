"""An officer's line check: are people there? The machine's heartbeat is no entry at all."""

from __future__ import annotations

import re

from parley.core.instants import iso_duration, rfc3339
from parley.desk.actors import By
from parley.desk.checks import text_at_most
from parley.desk.facts import CaseFacts
from parley.desk.fields import (
    Choice,
    Integer,
    Json,
    Pattern,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import (
    ClockRule,
    Draft,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import silence
from parley.desk.structures import (
    ListOf,
    Struct,
    member,
)
from parley.desk.times import InstantType, span_of

KINDS = Choice((("officer", "by an officer", "值守员"), ("machine", "by a machine", "机器")))
_DIGEST = Pattern("digest", re.compile("[0-9a-f]{64}"), ("64 hex digits", "64位十六进制"))
_PARTS = Pattern(
    "parts",
    re.compile("([0-9a-f]{8}){0,16}"),
    ("up to 16 times 8 hex digits", "至多16组8位十六进制"),
)
_SHARE = Struct(
    (
        member("size", 0, Integer(), "entries", "条目数"),
        member("statements", 1, Integer(), "statements", "声明数"),
        member("newest", 2, Integer(), "number of the newest", "最新声明编号"),
    )
)
REGISTERS = Struct(
    (
        member("digest", 0, _DIGEST, "digest", "摘要"),
        member("moment", 1, InstantType(), "as of", "截至"),
        member("parts", 2, _PARTS, "digests of the cases in order", "按序各组案件摘要"),
        member("of", 3, ListOf(item=_SHARE, most=16), "worked out of, by party", "依据（按各方）"),
    )
)
"""Registers of one side, and of which entries and statements they were worked out."""


def _an_officer(draft: Draft) -> Problem | None:
    """The machine's heartbeat is a statement; as an entry it would fill a person's lamp."""
    if draft.values.get("kind") == KINDS.codes.index("machine"):
        return problem("kind", "machine_check")
    return None


def _is_missed(case: CaseFacts) -> bool:
    """Say whether no answer came in time; one that came late does not undo it."""
    clock = case.clock("line_check.grace")
    return clock is not None and clock.lapse is not None


def _run(case: CaseFacts) -> int:
    """Return how many checks of this side in a row were missed, this one included.

    A check whose time is still running neither adds to the run nor ends it.
    """
    run, reached = 0, False
    for other in reversed(case.on_channel("line_check")):
        reached = reached or other.number == case.number
        if not reached or other.opener != case.opener:
            continue
        if _is_missed(other):
            run += 1
        elif other.state == "answered":
            break
    return run


def _next_state(case: CaseFacts) -> str | None:
    """Return what became of the check announced as next: scheduled, waived, made or missed."""
    last = next((s for s in reversed(case.steps_of("check", "answer")) if s.wire("next")), None)
    span = span_of(last.wire("next")) if last is not None else None
    if span is None:
        return None
    grace = case.setting("line_check.grace") or 0
    first, last_second = span[0] - grace, span[1] - 1 + grace
    for other in reversed(case.on_channel("line_check")):
        if first <= other.opening.claimed <= last_second and other.number != case.number:
            return "made"
    if case.steps_of("waive"):
        return "waived"
    return "missed" if case.moment >= span[1] + grace else "scheduled"


def _row(case: CaseFacts) -> dict[str, Json]:
    answer = case.steps_of("answer")[0] if case.steps_of("answer") else None
    run = _run(case)
    missed = case.state == "asked" and _is_missed(case)
    return {
        "state": "missed" if missed else case.state,
        "by": case.by,
        "kind": case.opening.json("kind"),
        "asked_at": rfc3339(case.opening.claimed),
        "answered_at": None if answer is None else rfc3339(answer.claimed),
        "response": None
        if answer is None
        else iso_duration(max(0, answer.claimed - case.opening.claimed)),
        "miss_run": run,
        "next": case.opening.json("next"),
        "next_state": _next_state(case),
        **silence(case, "line_check.grace"),
    }


LINE_CHECK = Procedure(
    name="line_check",
    code="P01",
    prefix="LIN",
    words=words("line check", "线路检查"),
    register="line_checks",
    states=(
        state("asked", "asked", "已询问"),
        state("answered", "answered", "已应答"),
        state("missed", "missed", "未应答", derived=True),
    ),
    moves=(
        Move(
            name="check",
            kind=100,
            words=words("check the line", "检查线路"),
            opens="yes",
            initial="asked",
            fields=(
                put("kind", 32, KINDS, "kind", "类别", required=True),
                put("next", 33, InstantType(), "next check", "下次检查"),
                put("registers", 34, REGISTERS, "our registers", "我方登记簿摘要"),
            ),
            checks=(_an_officer, text_at_most(500)),
        ),
        Move(
            name="answer",
            kind=101,
            words=words("answer the check", "应答"),
            by=By.ADDRESSEE,
            go=(Go("asked", "answered"), Go("answered", "answered")),
            fields=(
                put("kind", 32, KINDS, "kind", "类别"),
                put("next", 33, InstantType(), "next check", "下次检查"),
                put("registers", 34, REGISTERS, "our registers", "我方登记簿摘要"),
            ),
            checks=(_an_officer, text_at_most(500)),
        ),
        Move(
            name="waive",
            kind=102,
            words=words("waive the next check", "免除下次检查"),
            by=By.EITHER,
            keeps=("asked", "answered"),
            needs=("text",),
            checks=(text_at_most(500),),
        ),
    ),
    clocks=(
        ClockRule(
            name="line_check.grace",
            words=words("answer to the line check", "线路检查的应答"),
            starts=("check",),
            runs_in=("asked",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("asked by", "询问方"),
        kind=("kind", "类别"),
        asked_at=("asked", "询问"),
        answered_at=("answered", "应答"),
        response=("after", "用时"),
        miss_run=("missed in a row", "连续未应答"),
        next=("next", "下次"),
        next_state=("what became of it", "下次情况"),
    )
    + SILENCE,
    row=_row,
)
