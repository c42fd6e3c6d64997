"""An exchange of data for a period: what each party has given by the day it was due."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import Count, Json, Text, WordsType, code
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import InstantType, Windows, pairs_of, start_of

LINE = Struct(
    (
        member("category", 0, Text(80), "category", "类别"),
        member("count", 1, Count(), "how many", "数量"),
        member("place", 2, Text(120), "place", "地点"),
        member("remark", 3, Text(200), "remark", "备注"),
    ),
    bare="category",
)
"""One line of a table; a table without lines is written as no lines and is not blank."""


def _due(case: CaseFacts) -> int | None:
    """Return when data is due: as said, or by the profile's time after the end of the period."""
    said = start_of(case.opening.wire("due"))
    if said is not None:
        return said
    periods, after = pairs_of(case.opening.wire("period")), case.setting("exchange.due")
    return None if not periods or after is None else max(end for _, end in periods) + after


def _of(case: CaseFacts, who: str) -> dict[str, Json]:
    """Return how one party stands: given, given late, due, or not given."""
    due = _due(case)
    given = [step for step in case.steps_of("give") if step.party == who]
    late = bool(given) and due is not None and given[0].claimed > due
    overdue = not given and due is not None and case.moment > due
    word = "late" if late else "given" if given else "not given" if overdue else "due"
    lines = given[-1].json("lines") if given else None
    return {
        "standing": word,
        "given_at": rfc3339(given[0].claimed) if given else None,
        "lines": len(lines) if isinstance(lines, list) else None,
    }


def _row(case: CaseFacts) -> dict[str, Json]:
    due = _due(case)
    stands = {who: _of(case, who)["standing"] for who in case.parties}
    now = case.state
    if now in ("due", "given by one") and "not given" in stands.values():
        now = "not given"
    return {
        "state": now,
        "by": case.by,
        "series": case.opening.json("series"),
        "period": case.opening.json("period"),
        "due": None if due is None else rfc3339(due),
        "standing": dict(stands),
        "given_at": None,
        "lines": None,
        "questions": len(case.steps_of("ask")),
        "rung": case.rung()[0],
    }


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    return {who: _of(case, who) for who in case.parties}


EXCHANGE = Procedure(
    name="exchange",
    code="P15",
    prefix="EXC",
    words=words("exchange of data", "资料交换"),
    register="exchanges",
    settings=("exchange.due",),
    states=(
        state("due", "due", "待提供"),
        state("given by one", "given by one side", "一方已提供"),
        state("given", "given by both", "双方已提供"),
        state("question open", "question open", "待澄清"),
        state("clarified", "clarified", "已澄清"),
        state("closed", "closed", "已结案", final=True),
        state("not given", "not given by all when due", "届满未全部提供", derived=True),
    ),
    moves=(
        Move(
            name="open",
            kind=1500,
            words=words("open an exchange", "开启交换"),
            opens="yes",
            initial="due",
            fields=(
                put("series", 32, code(), "series", "系列", required=True),
                put("period", 33, Windows(most=1), "period", "期间", required=True),
                put("due", 34, InstantType(), "due", "期限"),
            ),
        ),
        Move(
            name="give",
            kind=1501,
            words=words("give the data", "提供资料"),
            by=By.EACH,
            go=(Go("due", "given by one"), Go("given by one", "given by one")),
            done="given",
            fields=(
                put(
                    "lines",
                    32,
                    ListOf(item=LINE, least=0, most=500, lenient=True),
                    "lines",
                    "各行",
                    required=True,
                ),
            ),
        ),
        Move(
            name="ask",
            kind=1502,
            words=words("ask for clarification", "请求澄清"),
            by=By.EITHER,
            go=(
                Go("given", "question open"),
                Go("clarified", "question open"),
                Go("given by one", "question open"),
            ),
            fields=(put("question", 32, WordsType(1000), "question", "问题", required=True),),
        ),
        Move(
            name="clarify",
            kind=1503,
            words=words("clarify", "澄清"),
            by=By.OTHER,
            go=(Go("question open", "clarified"),),
            needs=("text",),
        ),
        Move(
            name="change",
            kind=1504,
            words=words("give a change", "提供变更"),
            by=By.EITHER,
            keeps=("given by one", "given", "clarified"),
            fields=(
                put(
                    "lines",
                    32,
                    ListOf(item=LINE, least=1, most=500, lenient=True),
                    "lines that change",
                    "变更各行",
                    required=True,
                ),
                put("since", 33, InstantType(), "since", "起"),
            ),
        ),
        Move(
            name="close",
            kind=1505,
            words=words("close the exchange", "结束交换"),
            go=(Go("given", "closed"), Go("clarified", "closed")),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("opened by", "开启方"),
        series=("series", "系列"),
        period=("period", "期间"),
        due=("due", "期限"),
        standing=("how each stands", "各方情况"),
        given_at=("given", "提供时间"),
        lines=("lines", "行数"),
        questions=("questions", "问题数"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
    parts=_parts,
)
