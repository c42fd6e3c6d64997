"""A linkage: what a party holds back until something else happens; only what is declared counts."""

from __future__ import annotations

from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import Boolean, Choice, Json, Matter, party
from parley.desk.linkages import is_expired
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.times import Until

KINDS = Choice(
    (
        ("blocks", "blocks", "阻断"),
        ("eases", "eases", "有利于"),
        ("traded", "traded for", "交换"),
    )
)
"""Only what blocks or is traded makes an edge of the graph."""
TESTS = Choice(
    (
        ("owner", "who declared it", "宣布方"),
        ("both", "both", "双方"),
        ("third", "a third", "第三方"),
    )
)


def _row(case: CaseFacts) -> dict[str, Json]:
    opening = case.opening
    event = case.last_of("overtaken")
    return {
        "state": "expired" if is_expired(case) else case.state,
        "by": case.by,
        "node": opening.json("node"),
        "waits_for": opening.json("waits_for"),
        "owner_of_act": opening.json("owner_of_act"),
        "own_act": opening.json("owner_of_act") == case.opener,
        "kind": opening.json("kind"),
        "met_test": opening.json("met_test") or "owner",
        "met": case.state == "met",
        "claimed_met": bool(case.steps_of("claim_met")),
        "withdrawn": case.state == "withdrawn",
        "overtaken_by": None if event is None else event.json("event"),
        "cycle": case.cycle(),
        "could_open": list(case.could_open()),
        "public": opening.json("public") is True,
        "rung": case.rung()[0],
    }


LINKAGE = Procedure(
    name="linkage",
    code="P22",
    prefix="LNK",
    words=words("precondition", "前提条件"),
    register="linkages",
    states=(
        state("declared", "declared", "已宣布"),
        state("claimed", "the other side says it is met", "对方称已满足"),
        state("met", "met", "已满足", final=True),
        state("waived", "set aside", "已搁置", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("overtaken", "overtaken by events", "已为事态所取代", final=True),
        state("expired", "expired", "已期满", derived=True),
    ),
    moves=(
        Move(
            name="declare",
            kind=2200,
            words=words("declare a precondition", "宣布前提"),
            opens="yes",
            initial="declared",
            fields=(
                put("node", 32, Matter(), "what is held back", "被搁置的事项", required=True),
                put("waits_for", 33, Matter(), "what it waits for", "所待事项", required=True),
                put("owner_of_act", 34, party(), "whose act that is", "行为属于", required=True),
                put("kind", 35, KINDS, "kind", "类别", required=True),
                put("met_test", 36, TESTS, "who decides that it is met", "由谁认定已满足"),
                put("expires", 37, Until(), "expires", "期满"),
                put("public", 38, Boolean(), "public", "公开"),
            ),
        ),
        Move(
            name="claim_met",
            kind=2201,
            words=words("say that it is met", "称已满足"),
            by=By.ADDRESSEE,
            go=(Go("declared", "claimed"),),
            fields=(put("evidence", 32, Matter(), "what shows it", "依据"),),
        ),
        Move(
            name="met",
            kind=2202,
            words=words("confirm that it is met", "确认已满足"),
            go=(Go("declared", "met"), Go("claimed", "met")),
        ),
        Move(
            name="not_met",
            kind=2203,
            words=words("say that it is not met", "称尚未满足"),
            go=(Go("claimed", "declared"),),
            needs=("reason_text",),
        ),
        Move(
            name="set_aside",
            kind=2204,
            words=words("set it aside", "搁置前提"),
            go=(Go("declared", "waived"), Go("claimed", "waived")),
        ),
        Move(
            name="withdraw",
            kind=2205,
            words=words("withdraw it", "撤回前提"),
            go=(Go("declared", "withdrawn"), Go("claimed", "withdrawn")),
        ),
        Move(
            name="overtaken",
            kind=2206,
            words=words("note that events have overtaken it", "注明已为事态所取代"),
            by=By.EITHER,
            go=(Go("declared", "overtaken"), Go("claimed", "overtaken")),
            fields=(put("event", 32, Matter(), "event", "事件"),),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("declared by", "宣布方"),
        node=("held back", "被搁置的事项"),
        waits_for=("waits for", "所待事项"),
        owner_of_act=("whose act", "行为属于"),
        own_act=("waits for its own act", "所待为己方行为"),
        kind=("kind", "类别"),
        met_test=("decided by", "认定方"),
        met=("met", "已满足"),
        claimed_met=("said to be met", "对方称已满足"),
        withdrawn=("withdrawn", "已撤回"),
        overtaken_by=("overtaken by", "为何事所取代"),
        cycle=("part of the cycle", "所属循环"),
        could_open=("who could open it alone", "可单方打破循环者"),
        public=("public", "公开"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
)
