"""Airspace: a crossing asked for, cleared or refused; a violation reported, looked into, told."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.checks import ends_after
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Count, Json, Text, WordsType
from parley.desk.places import Position, distance, height
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import REASONS
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import Due, InstantType, Windows

PURPOSES = Choice(
    (
        ("rescue", "rescue", "救援"),
        ("medical", "medical", "医疗"),
        ("fire", "fire fighting", "灭火"),
        ("weather", "weather", "气象"),
        ("farming", "farming", "农业"),
        ("transport", "transport", "运输"),
        ("other", "other", "其他"),
    )
)
ZONES = Choice(
    (
        ("airspace", "national airspace", "领空"),
        ("no-fly-zone", "agreed no-fly zone", "约定禁飞区"),
        ("adiz", "air defence identification zone, not airspace", "防空识别区（非领空）"),
    )
)
AIRCRAFT = Struct(
    (
        member("type", 0, Text(60), "type", "机型"),
        member("number", 1, Count(), "how many", "数量"),
        member("marking", 2, Text(60), "marking", "标志"),
    ),
    bare="type",
)
_AIRCRAFT = put("aircraft", 32, AIRCRAFT, "aircraft", "航空器", required=True)
_ZONE = put("zone", 38, ZONES, "zone", "区域性质")
_CLOCKS = ("airspace.reply_by", "airspace.inquiry")


def _row(case: CaseFacts) -> dict[str, Json]:
    refused, result = case.last_of("refuse"), case.last_of("result")
    delivered = case.delivered(case.opening)
    lapsed = case.state in ("asked", "inquiry open", "violation reported") and any(
        is_lapsed(case.clock(name)) for name in _CLOCKS
    )
    return {
        "state": "lapsed" if lapsed else case.state,
        "by": case.by,
        "to": list(case.to),
        "aircraft": case.opening.json("aircraft"),
        "purpose": case.opening.json("purpose"),
        "window": case.opening.json("window"),
        "zone": case.opening.json("zone"),
        "entered": case.opening.json("entered"),
        "depth": case.opening.json("depth"),
        "reason": None if refused is None else refused.json("reason"),
        "result": None if result is None else result.json("finding"),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "rung": case.rung()[0],
        **silence(case, *_CLOCKS),
    }


AIRSPACE = Procedure(
    name="airspace",
    code="P09",
    prefix="AIR",
    words=words("airspace", "空域"),
    register="airspaces",
    states=(
        state("asked", "crossing asked for", "已申请穿越"),
        state("cleared", "cleared", "已放行", final=True),
        state("refused", "refused", "已拒绝", final=True),
        state("violation reported", "violation reported", "已通报侵入"),
        state("inquiry open", "inquiry open", "调查中"),
        state("result given", "result given", "已告结果"),
        state("closed", "closed", "已结案", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
    ),
    moves=(
        Move(
            name="ask",
            kind=900,
            words=words("ask to cross or come near", "申请穿越或接近"),
            opens="yes",
            initial="asked",
            fields=(
                _AIRCRAFT,
                put("purpose", 33, PURPOSES, "purpose", "目的", required=True),
                put(
                    "route",
                    34,
                    ListOf(item=Position(), least=1, most=60),
                    "route",
                    "航线",
                    required=True,
                ),
                put("window", 35, Windows(most=10), "when", "时间", required=True),
                put("height", 36, height(), "height", "高度", required=True),
                put("closest", 37, distance(), "closest to the line", "距分界线最近"),
                _ZONE,
            ),
        ),
        Move(
            name="clear",
            kind=901,
            words=words("clear the crossing", "放行"),
            by=By.ADDRESSEE,
            go=(Go("asked", "cleared"),),
            fields=(put("conditions", 32, WordsType(500), "conditions", "条件"),),
        ),
        Move(
            name="refuse",
            kind=902,
            words=words("refuse the crossing", "拒绝穿越"),
            by=By.ADDRESSEE,
            go=(Go("asked", "refused"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="report",
            kind=903,
            words=words("report a violation", "通报侵入"),
            opens="yes",
            initial="violation reported",
            fields=(
                _AIRCRAFT,
                put("entered", 33, InstantType(), "entered", "进入时间", required=True),
                put("left", 34, InstantType(), "left", "离开时间"),
                put("depth", 35, distance(), "how deep", "深度"),
                put("how_known", 36, Text(200), "how it is known", "获知方式"),
                put("inquiry_due", 5, Due(), "inquiry asked for by", "请于何时前查明"),
                _ZONE,
            ),
            checks=(ends_after("entered", "left"),),
        ),
        Move(
            name="open_inquiry",
            kind=904,
            words=words("open an inquiry", "开始调查"),
            by=By.ADDRESSEE,
            go=(Go("violation reported", "inquiry open"),),
        ),
        Move(
            name="result",
            kind=905,
            words=words("give the result", "告知结果"),
            by=By.ADDRESSEE,
            go=(
                Go("violation reported", "result given"),
                Go("inquiry open", "result given"),
                Go("result given", "result given"),
            ),
            fields=(put("finding", 32, WordsType(1000), "finding", "结论", required=True),),
        ),
        Move(
            name="close",
            kind=906,
            words=words("close the matter", "结案"),
            go=tuple(
                Go(b, "closed") for b in ("violation reported", "inquiry open", "result given")
            ),
        ),
        Move(
            name="withdraw",
            kind=907,
            words=words("withdraw the request", "撤回申请"),
            go=(Go("asked", "withdrawn"),),
        ),
    ),
    clocks=(
        ClockRule(
            name="airspace.reply_by",
            words=words("answer to the request to cross", "答复穿越申请"),
            starts=("ask",),
            runs_in=("asked",),
        ),
        ClockRule(
            name="airspace.inquiry",
            words=words("result of the inquiry", "调查结果"),
            starts=("report",),
            runs_in=("violation reported", "inquiry open"),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("by", "提出方"),
        to=("to", "受文方"),
        aircraft=("aircraft", "航空器"),
        purpose=("purpose", "目的"),
        window=("when", "时间"),
        zone=("zone", "区域性质"),
        entered=("entered", "进入时间"),
        depth=("how deep", "深度"),
        reason=("reason", "理由"),
        result=("result", "结果"),
        delivered_at=("delivered", "送达"),
        rung=("rung", "确认级别"),
    )
    + SILENCE,
    row=_row,
)
