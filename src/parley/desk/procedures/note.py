"""A note: formal, numbered, attributable."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Choice, Json, Text
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.times import Due

ANSWER = Choice(
    (
        ("none", "no answer wanted", "无须答复"),
        ("ack", "acknowledgement wanted", "请签收确认"),
        ("reply", "reply wanted", "请答复"),
    )
)


def _wants_reply(step: StepFacts) -> bool:
    return step.json("answer_wanted") == "reply"


def _row(case: CaseFacts) -> dict[str, Json]:
    delivered = case.delivered(case.opening)
    clock = case.clock("note.reply_by")
    return {
        "state": "lapsed" if is_lapsed(clock) and case.state == "sent" else case.state,
        "by": case.by,
        "to": list(case.to),
        "number": case.opening.json("number"),
        "sent_at": rfc3339(case.opening.claimed),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "rung": case.rung()[0],
        "languages": list(case.opening.languages),
        **silence(case, "note.reply_by"),
    }


NOTE = Procedure(
    name="note",
    code="P33",
    prefix="NOT",
    words=words("note", "照会"),
    register="notes",
    states=(
        state("sent", "sent", "已送交"),
        state("answered", "answered", "已复照"),
        state("closed", "closed by the sender", "发文方已结案", final=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
    ),
    moves=(
        Move(
            name="send",
            kind=3300,
            words=words("send a note", "送交照会"),
            opens="yes",
            initial="sent",
            needs=("text",),
            fields=(
                put("number", 32, Text(40), "number", "编号", required=True),
                put("answer_wanted", 33, ANSWER, "answer wanted", "是否要求答复"),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
        ),
        Move(
            name="answer",
            kind=3301,
            words=words("answer the note", "复照"),
            by=By.ADDRESSEE,
            go=(Go("sent", "answered"), Go("answered", "answered")),
            needs=("text",),
            fields=(put("number", 32, Text(40), "number", "编号"),),
        ),
        Move(
            name="close",
            kind=3302,
            words=words("close the matter", "结案"),
            go=(Go("sent", "closed"), Go("answered", "closed")),
        ),
    ),
    clocks=(
        ClockRule(
            name="note.reply_by",
            words=words("answer to the note", "复照"),
            starts=("send",),
            runs_in=("sent",),
            applies=_wants_reply,
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("from", "发文方"),
        to=("to", "受文方"),
        number=("number", "编号"),
        sent_at=("sent", "送交"),
        delivered_at=("delivered", "送达"),
        rung=("rung", "确认级别"),
        languages=("languages", "语言"),
    )
    + SILENCE,
    row=_row,
)
