"""A demand: one side asks an act of the other; only who asked can say that it is met."""

from __future__ import annotations

from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import Json, Matter, WordsType
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import REASONS
from parley.desk.times import Until, until_instant

_OPEN = ("open", "claimed met", "partly met", "refused")


def _row(case: CaseFacts) -> dict[str, Json]:
    by_when = case.opening.json("by_when")
    due = until_instant(by_when)
    linked = [*case.referrers("waits_for"), *case.referrers("node")]
    past = case.state in _OPEN and due is not None and due <= case.moment
    refused = case.last_of("refuse")
    return {
        "state": case.state,
        "by": case.by,
        "to": list(case.to),
        "act": case.opening.json("act"),
        "by_when": by_when,
        "past_its_date": past,
        "if_not": case.opening.json("if_not"),
        "reason": None if refused is None else refused.json("reason"),
        "claimed_met": bool(case.steps_of("claim_met")),
        "linked": linked[0].opening.name if linked else None,
        "rung": case.rung()[0],
    }


DEMAND = Procedure(
    name="demand",
    code="P20",
    prefix="DEM",
    words=words("demand", "要求"),
    register="demands",
    states=(
        state("open", "open", "未决"),
        state("claimed met", "the other side says it is met", "对方称已满足"),
        state("partly met", "partly met", "部分满足"),
        state("refused", "refused", "已拒绝"),
        state("met", "met", "已满足", final=True),
        state("dropped", "dropped", "已放弃", final=True),
        state("overtaken", "overtaken by events", "已为事态所取代", final=True),
    ),
    moves=(
        Move(
            name="open",
            kind=2000,
            words=words("make a demand", "提出要求"),
            opens="yes",
            initial="open",
            fields=(
                put("act", 32, WordsType(500), "act asked for", "所要求的行为", required=True),
                put("by_when", 33, Until(), "by when", "期限"),
                put("if_not", 34, WordsType(500), "what follows otherwise", "否则后果"),
            ),
        ),
        Move(
            name="claim_met",
            kind=2001,
            words=words("say that it is met", "称已满足"),
            by=By.ADDRESSEE,
            go=tuple(Go(before, "claimed met") for before in ("open", "partly met", "refused")),
            fields=(put("evidence", 32, Matter(), "what shows it", "依据"),),
        ),
        Move(
            name="met",
            kind=2002,
            words=words("confirm that it is met", "确认已满足"),
            go=tuple(Go(before, "met") for before in _OPEN),
        ),
        Move(
            name="partly",
            kind=2003,
            words=words("say that it is partly met", "称部分满足"),
            go=tuple(Go(before, "partly met") for before in ("open", "claimed met", "refused")),
            needs=("text",),
        ),
        Move(
            name="refuse",
            kind=2004,
            words=words("refuse the demand", "拒绝要求"),
            by=By.ADDRESSEE,
            go=tuple(Go(before, "refused") for before in ("open", "claimed met", "partly met")),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="drop",
            kind=2005,
            words=words("drop the demand", "放弃要求"),
            go=tuple(Go(before, "dropped") for before in _OPEN),
        ),
        Move(
            name="overtaken",
            kind=2006,
            words=words("note that events have overtaken it", "注明已为事态所取代"),
            by=By.EITHER,
            go=tuple(Go(before, "overtaken") for before in _OPEN),
            fields=(put("event", 32, Matter(), "event", "事件"),),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("asked by", "提出方"),
        to=("asked of", "受请方"),
        act=("act", "行为"),
        by_when=("by when", "期限"),
        past_its_date=("past its date", "已过期限"),
        if_not=("otherwise", "否则"),
        reason=("reason", "理由"),
        claimed_met=("said to be met", "对方称已满足"),
        linked=("linked", "关联"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
)
