"""A position: what a party holds, how firmly; listing it is no precondition of anything."""

from __future__ import annotations

from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Json, Ref, WordsType
from parley.desk.plain import plain_topic
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words

FIRMNESS = Choice(
    (
        ("principle", "a principle", "原则"),
        ("preference", "a preference", "倾向"),
        ("exploratory", "exploratory", "探讨性"),
    )
)
_STATEMENT = put("statement", 32, WordsType(2000), "what is held", "立场内容", required=True)
_FIRMNESS = put("firmness", 33, FIRMNESS, "how firmly", "坚定程度", required=True)


def _row(case: CaseFacts) -> dict[str, Json]:
    said = case.steps_of("state", "amend")[-1]
    replaced = case.referrers("supersedes")
    held = case.state in ("held", "amended")
    return {
        "state": "superseded" if held and replaced else case.state,
        "by": case.by,
        "topic": plain_topic(case.opening.json("topics")),
        "statement": said.json("statement"),
        "firmness": said.json("firmness"),
        "amended": len(case.steps_of("amend")),
        "superseded_by": replaced[0].opening.name if replaced else None,
        "rung": case.rung()[0],
    }


POSITION = Procedure(
    name="position",
    code="P19",
    prefix="POS",
    words=words("position", "立场"),
    register="positions",
    states=(
        state("held", "held", "维持"),
        state("amended", "amended", "已修改"),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("superseded", "superseded", "已被取代", derived=True),
    ),
    moves=(
        Move(
            name="state",
            kind=1910,
            words=words("state a position", "陈述立场"),
            opens="yes",
            initial="held",
            needs=("topics",),
            fields=(
                _STATEMENT,
                _FIRMNESS,
                put("supersedes", 34, Ref(), "in place of the position", "所取代的立场"),
            ),
        ),
        Move(
            name="amend",
            kind=1911,
            words=words("amend the position", "修改立场"),
            by=By.OPENER,
            go=(Go("held", "amended"), Go("amended", "amended")),
            fields=(_STATEMENT, _FIRMNESS),
        ),
        Move(
            name="withdraw",
            kind=1912,
            words=words("withdraw the position", "撤回立场"),
            go=(Go("held", "withdrawn"), Go("amended", "withdrawn")),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("held by", "持有方"),
        topic=("topic", "议题"),
        statement=("what is held", "内容"),
        firmness=("how firmly", "坚定程度"),
        amended=("times amended", "修改次数"),
        superseded_by=("superseded by", "取代者"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
)
