"""A protest: delivered, answered, or not accepted in form; refusing it undoes no delivery."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Choice, Json, Matter, Text, WordsType
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.times import Due

FORMS = Choice((("oral", "oral", "口头"), ("note", "by note", "照会")))
ANSWERS = Choice(
    (
        ("accept", "accepts it", "接受"),
        ("reject", "rejects it", "拒绝"),
        ("explain", "explains", "说明"),
    )
)
WANTED = Choice((("none", "no answer wanted", "无须答复"), ("reply", "reply wanted", "请答复")))


def _wants_reply(step: StepFacts) -> bool:
    return step.json("answer_wanted") == "reply"


def _row(case: CaseFacts) -> dict[str, Json]:
    delivered, answer = case.delivered(case.opening), case.last_of("answer")
    waits = case.state in ("delivered", "not accepted")
    return {
        "state": "lapsed" if waits and is_lapsed(case.clock("protest.reply_by")) else case.state,
        "by": case.by,
        "to": list(case.to),
        "act": case.opening.json("act"),
        "rule": case.opening.json("rule"),
        "demand": case.opening.json("demand"),
        "form": case.opening.json("form"),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "not_accepted": bool(case.steps_of("not_accepted")),
        "answer": None if answer is None else answer.json("answer"),
        "rung": case.rung()[0],
        **silence(case, "protest.reply_by"),
    }


PROTEST = Procedure(
    name="protest",
    code="P32",
    prefix="PRT",
    words=words("protest", "抗议"),
    register="protests",
    states=(
        state("delivered", "handed over", "已递交"),
        state("not accepted", "not accepted, the other side says", "对方称不予接受"),
        state("answered", "answered", "已答复"),
        state("closed", "closed", "已结案", final=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
    ),
    moves=(
        Move(
            name="deliver",
            kind=3200,
            words=words("protest", "提出抗议"),
            opens="yes",
            initial="delivered",
            fields=(
                put("act", 32, WordsType(1000), "act complained of", "所抗议的行为", required=True),
                put("rule", 33, Text(200), "rule", "规则"),
                put("demand", 34, WordsType(500), "what is asked", "要求"),
                put("form", 35, FORMS, "form", "形式"),
                put("incident", 36, Matter(), "about the incident", "相关事件"),
                put("answer_wanted", 37, WANTED, "answer wanted", "是否要求答复"),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
        ),
        Move(
            name="answer",
            kind=3201,
            words=words("answer the protest", "答复抗议"),
            by=By.ADDRESSEE,
            go=tuple(Go(b, "answered") for b in ("delivered", "not accepted", "answered")),
            fields=(put("answer", 32, ANSWERS, "answer", "答复", required=True),),
        ),
        Move(
            name="not_accepted",
            kind=3202,
            words=words("say that it is not accepted", "表示不予接受"),
            by=By.ADDRESSEE,
            go=(Go("delivered", "not accepted"),),
        ),
        Move(
            name="close",
            kind=3203,
            words=words("close the matter", "结案"),
            go=tuple(Go(b, "closed") for b in ("delivered", "not accepted", "answered")),
        ),
    ),
    clocks=(
        ClockRule(
            name="protest.reply_by",
            words=words("answer to the protest", "答复抗议"),
            starts=("deliver",),
            runs_in=("delivered", "not accepted"),
            applies=_wants_reply,
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("by", "抗议方"),
        to=("to", "受文方"),
        act=("act", "行为"),
        rule=("rule", "规则"),
        demand=("asked", "要求"),
        form=("form", "形式"),
        delivered_at=("delivered", "送达"),
        not_accepted=("not accepted", "不予接受"),
        answer=("answer", "答复"),
        rung=("rung", "确认级别"),
    )
    + SILENCE,
    row=_row,
)
