"""An emergency: something is happening now. A person must take it at once."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.checks import text_at_most
from parley.desk.facts import CaseFacts
from parley.desk.fields import Boolean, Json, Text, WordsType
from parley.desk.places import Where
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import silence
from parley.desk.times import InstantType

ACTING = 5


def _last_word(case: CaseFacts) -> Json:
    """Return what the other side last said it intends; None where it left that to the text."""
    said = [note for note in case.annotations if note.json("rung") in (ACTING, ACTING + 1)]
    return said[-1].json("code") if said else None


def _row(case: CaseFacts) -> dict[str, Json]:
    rung, at = case.rung()
    end = case.last_of("end")
    taken_at, _ = case.acknowledged()
    acting = rung >= ACTING and _last_word(case) not in ("cannot-comply", "considering")
    now = "acting" if case.state == "raised" and acting else case.state
    if end is not None and end.json("false_alarm") is True:
        now = "false alarm"
    return {
        "state": now,
        "by": case.by,
        "to": list(case.to),
        "what": case.opening.json("what"),
        "where": case.opening.json("where"),
        "since": case.opening.json("since"),
        "rung": rung,
        "rung_at": None if at is None else rfc3339(at),
        "seen_at": None if taken_at is None else rfc3339(taken_at),
        "intention": _last_word(case),
        "ended_at": None if end is None else rfc3339(end.claimed),
        **silence(case, "emergency.seen"),
    }


EMERGENCY = Procedure(
    name="emergency",
    code="P12",
    prefix="EMG",
    words=words("emergency", "紧急情况"),
    register="emergencies",
    states=(
        state("raised", "raised", "已发出"),
        state("ended", "ended", "已解除", final=True),
        state("acting", "being acted on", "处置中", derived=True),
        state("false alarm", "false alarm", "误报", derived=True),
    ),
    moves=(
        Move(
            name="raise",
            kind=1200,
            words=words("raise an emergency", "发出紧急通报"),
            opens="yes",
            initial="raised",
            fields=(
                put("what", 32, Text(80), "what is happening", "情况", required=True),
                put("where", 33, Where(), "where", "地点", required=True),
                put("since", 34, InstantType(), "since", "起始时间", required=True),
                put("who", 35, WordsType(200), "who is concerned", "涉及者", required=True),
                put("we_do", 36, WordsType(300), "what we do", "我方措施", required=True),
                put("we_ask", 37, WordsType(300), "what we ask", "请求事项", required=True),
                put("contact_now", 38, Text(120), "reach us now", "即时联络方式", required=True),
            ),
            checks=(text_at_most(500),),
        ),
        Move(
            name="update",
            kind=1202,
            words=words("add to it", "补充"),
            by=By.EITHER,
            keeps=("raised",),
            needs=("text",),
            checks=(text_at_most(500),),
        ),
        Move(
            name="end",
            kind=1201,
            words=words("end it", "解除"),
            go=(Go("raised", "ended"),),
            fields=(put("false_alarm", 32, Boolean(), "false alarm", "误报"),),
        ),
    ),
    clocks=(
        ClockRule(
            name="emergency.seen",
            words=words("a person takes it", "人员接收"),
            starts=("raise",),
            runs_in=("raised",),
            person=True,
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("raised by", "发出方"),
        to=("to", "受文方"),
        what=("what", "情况"),
        where=("where", "地点"),
        since=("since", "起始"),
        rung=("rung", "确认级别"),
        rung_at=("rung given", "确认时间"),
        seen_at=("taken by a person", "人员接收"),
        intention=("intention", "意向"),
        ended_at=("ended", "解除"),
    )
    + SILENCE,
    row=_row,
)
