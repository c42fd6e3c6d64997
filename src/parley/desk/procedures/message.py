"""A free message: anything that no other procedure covers."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Choice, Json
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
    clock = case.clock("message.reply_by")
    delivered = case.delivered(case.opening)
    taken_at, taken_in = case.acknowledged()
    return {
        "state": "lapsed" if case.state == "sent" and is_lapsed(clock) else case.state,
        "by": case.by,
        "to": list(case.to),
        "rung": case.rung()[0],
        "rungs": dict(case.desk_rungs()),
        "precedence": case.opening.json("precedence"),
        "sent_at": rfc3339(case.opening.claimed),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "acknowledged_at": None if taken_at is None else rfc3339(taken_at),
        "ack_in": list(taken_in),
        "languages": list(case.opening.languages),
        "answer_wanted": case.opening.json("answer_wanted"),
        **silence(case, "message.reply_by"),
    }


MESSAGE = Procedure(
    name="message",
    code="P02",
    prefix="MSG",
    words=words("message", "电文"),
    register="messages",
    states=(
        state("sent", "sent", "已发出"),
        state("answered", "answered", "已答复"),
        state("closed", "closed by the sender", "发文方已结案", final=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
    ),
    moves=(
        Move(
            name="send",
            kind=1,
            words=words("send a message", "发送电文"),
            opens="yes",
            initial="sent",
            needs=("subject",),
            fields=(
                put("answer_wanted", 32, ANSWER, "answer wanted", "是否要求答复"),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
        ),
        Move(
            name="reply",
            kind=201,
            words=words("reply", "答复"),
            by=By.EITHER,
            go=(Go("sent", "answered", By.ADDRESSEE), Go("answered", "answered")),
            needs=("text",),
        ),
        Move(
            name="close",
            kind=202,
            words=words("close the matter", "结案"),
            go=(Go("sent", "closed"), Go("answered", "closed")),
        ),
    ),
    clocks=(
        ClockRule(
            name="message.reply_by",
            words=words("reply to the message", "答复电文"),
            starts=("send",),
            runs_in=("sent",),
            applies=_wants_reply,
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("from", "发文方"),
        to=("to", "受文方"),
        rung=("rung", "确认级别"),
        rungs=("rung of each desk", "各席位确认级别"),
        precedence=("precedence", "等级"),
        sent_at=("sent", "发出"),
        delivered_at=("delivered", "送达"),
        acknowledged_at=("taken by a person", "人员接收"),
        ack_in=("acknowledged in", "确认语言"),
        languages=("languages", "语言"),
        answer_wanted=("answer wanted", "是否要求答复"),
    )
    + SILENCE,
    row=_row,
)
