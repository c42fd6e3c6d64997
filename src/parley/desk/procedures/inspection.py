"""Inspections, observations and visits of evaluation: asked for, accepted, carried out, told."""

from __future__ import annotations

from parley.core.instants import rfc3339, utc_day
from parley.desk.actors import By
from parley.desk.areas import areas
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Integer, Json, Text, WordsType
from parley.desk.notices import lead_columns
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.times import InstantType, Windows

KINDS = Choice(
    (
        ("inspection", "inspection", "视察"),
        ("observation", "observation", "观察"),
        ("evaluation", "visit of evaluation", "评估访问"),
    )
)
REFUSALS = Choice(
    (
        ("force-majeure", "force majeure", "不可抗力"),
        ("quota-used", "the quota of the year is used up", "当年名额已用完"),
        ("area", "the area is excluded", "区域除外"),
        ("safety", "not now, for the safety of people", "为人员安全暂不进行"),
        ("not-this-mechanism", "not under this mechanism", "不属本机制"),
    )
)


def _received(case: CaseFacts) -> int:
    """Return how many were accepted by the same party in the same UTC year, this one included."""
    accepted = case.last_of("accept")
    if accepted is None:
        return 0
    year = utc_day(accepted.claimed)[:4]
    return sum(
        step.party == accepted.party and utc_day(step.claimed)[:4] == year
        for other in case.cases_of("inspection")
        for step in other.steps_of("accept")
    )


def _row(case: CaseFacts) -> dict[str, Json]:
    refused, done = case.last_of("refuse"), case.last_of("carried_out")
    lapsed = case.state == "asked" and is_lapsed(case.clock("inspection.reply_by"))
    delivered = case.delivered(case.opening)
    return {
        "state": "lapsed" if lapsed else case.state,
        "by": case.by,
        "to": list(case.to),
        "kind": case.opening.json("kind"),
        "unit": case.opening.json("unit"),
        "team": case.opening.json("team"),
        "window": case.opening.json("window"),
        **lead_columns(case, "inspection.lead", case.opening, field="window"),
        "reason": None if refused is None else refused.json("reason"),
        "received_this_year": _received(case),
        "carried_out": None if done is None else done.json("began"),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "rung": case.rung()[0],
        **silence(case, "inspection.reply_by"),
    }


INSPECTION = Procedure(
    name="inspection",
    code="P14",
    prefix="INS",
    words=words("inspection or observation", "视察或观察"),
    register="inspections",
    settings=("inspection.lead",),
    states=(
        state("asked", "asked for", "已要求"),
        state("accepted", "accepted", "已接受"),
        state("refused", "refused", "已拒绝", final=True),
        state("carried out", "carried out", "已实施"),
        state("reported", "reported", "已报告", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
    ),
    moves=(
        Move(
            name="ask",
            kind=1400,
            words=words("ask for an inspection", "要求视察"),
            opens="yes",
            initial="asked",
            fields=(
                put("kind", 32, KINDS, "kind", "类别", required=True),
                put("team", 33, Integer(1, 100), "size of the team", "人数", required=True),
                put("window", 34, Windows(most=5), "when", "时间", required=True),
                put("area", 35, areas(), "area", "区域"),
                put("unit", 36, Text(200), "unit", "部队"),
                put("entry_point", 37, Text(120), "point of entry", "入境点"),
            ),
        ),
        Move(
            name="accept",
            kind=1401,
            words=words("accept the inspection", "接受视察"),
            by=By.ADDRESSEE,
            go=(Go("asked", "accepted"),),
            fields=(put("window", 32, Windows(most=5), "when", "时间"),),
        ),
        Move(
            name="refuse",
            kind=1402,
            words=words("refuse the inspection", "拒绝视察"),
            by=By.ADDRESSEE,
            go=(Go("asked", "refused"),),
            fields=(put("reason", 32, REFUSALS, "reason", "理由", required=True),),
        ),
        Move(
            name="carried_out",
            kind=1403,
            words=words("note that it was carried out", "记录已实施"),
            by=By.EITHER,
            go=(Go("accepted", "carried out"),),
            fields=(
                put("began", 32, InstantType(), "began", "开始", required=True),
                put("ended", 33, InstantType(), "ended", "结束"),
            ),
        ),
        Move(
            name="report",
            kind=1404,
            words=words("report on it", "提交报告"),
            go=(Go("carried out", "reported"),),
            fields=(put("finding", 32, WordsType(2000), "finding", "结论", required=True),),
        ),
        Move(
            name="withdraw",
            kind=1405,
            words=words("withdraw the request", "撤回要求"),
            go=(Go("asked", "withdrawn"), Go("accepted", "withdrawn")),
        ),
    ),
    clocks=(
        ClockRule(
            name="inspection.reply_by",
            words=words("answer to the inspection asked for", "答复视察要求"),
            starts=("ask",),
            runs_in=("asked",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("asked by", "要求方"),
        to=("asked of", "受请方"),
        kind=("kind", "类别"),
        unit=("unit", "部队"),
        team=("team", "人数"),
        window=("when", "时间"),
        notice=("notice", "通报时限"),
        lead=("time ahead", "提前时间"),
        lead_days=("days ahead", "提前天数"),
        short_by=("short by", "不足"),
        timely=("in time", "是否及时"),
        reason=("reason", "理由"),
        received_this_year=("received this year", "当年已接受次数"),
        carried_out=("carried out", "实施时间"),
        delivered_at=("delivered", "送达"),
        rung=("rung", "确认级别"),
    )
    + SILENCE,
    row=_row,
)
