"""An incident: each side's account, paired by both, compared field by field."""

from __future__ import annotations

import re

from parley.core.instants import rfc3339
from parley.desk.accounts import compare_accounts, could_be
from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import (
    Choice,
    Count,
    Json,
    Pattern,
    Text,
    WordsType,
    party,
)
from parley.desk.places import Where, bearing, distance, height, speed
from parley.desk.procedure import (
    ClockRule,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.structures import (
    ListOf,
    Struct,
    TextOfParts,
    member,
)
from parley.desk.times import InstantType

PHASES = Choice(
    (
        ("approach", "approach", "接近"),
        ("crossing", "crossing", "横越"),
        ("overtaking", "overtaking", "追越"),
        ("intercept", "intercept", "拦截"),
        ("illumination", "radar illumination", "雷达照射"),
        ("laser", "laser", "激光照射"),
        ("launch", "launch", "发射"),
        ("collision", "collision", "碰撞"),
        ("transit", "transit", "通过"),
        ("other", "other", "其他"),
    )
)
ASKS = Choice(
    (
        ("none", "nothing", "无"),
        ("explain", "explanation", "请说明"),
        ("meet", "meeting", "请会晤"),
        ("stop", "stop", "请停止"),
    )
)
UNIT = Struct(
    (
        member("kind", 0, Text(60), "kind", "类别"),
        member("designation", 1, Text(60), "type", "型号"),
        member("name", 2, Text(80), "name", "名称"),
        member("number", 3, Text(40), "number", "编号"),
        member("count", 4, Count(), "how many", "数量"),
        member("party", 5, party(), "of the party", "所属方"),
        member("purpose", 6, Text(80), "purpose", "用途"),
        member("height", 7, height(), "height", "高度"),
        member(
            "height_between",
            8,
            ListOf(item=height(), least=2, most=2),
            "height between",
            "高度范围",
        ),
        member("party_note", 9, Text(120), "remark", "备注"),
    )
)
PHASE = Struct(
    (
        member("code", 0, PHASES, "phase", "阶段"),
        member("where", 1, Text(80), "where on the unit", "部位"),
        member("side", 2, Text(40), "side", "舷侧"),
        member("words", 3, Text(200), "in words", "说明"),
        member("range", 4, distance(), "range", "距离"),
        member("time", 5, InstantType(), "time", "时间"),
        member("bearing", 6, bearing(), "bearing", "方位"),
        member("height", 7, height(), "height", "高度"),
    )
)
HARM = Struct(
    (
        member("killed", 0, Count(), "killed", "死亡"),
        member("hurt", 1, Count(), "hurt", "受伤"),
        member("damage", 2, Text(120), "damage", "损坏"),
    )
)
SPEEDS = Struct(
    (member("own", 0, speed(), "ours", "我方"), member("other", 1, speed(), "theirs", "对方"))
)
COURSES = Struct(
    (member("own", 0, bearing(), "ours", "我方"), member("other", 1, bearing(), "theirs", "对方"))
)
SIGNAL = Struct(
    (
        member("medium", 0, Text(60), "medium", "方式"),
        member("content", 1, Text(200), "content", "内容"),
        member("time", 2, InstantType(), "time", "时间"),
        member("answered", 3, Text(40), "answered", "是否应答"),
    )
)
EVIDENCE = Struct(
    (
        member(
            "digest",
            0,
            Pattern("digest", re.compile("[0-9a-f]{64}"), ("64 hex digits", "64位十六进制")),
            "SHA-256",
            "摘要",
        ),
        member("kind", 1, Text(40), "kind", "类别"),
    )
)
_UNITS = ListOf(item=UNIT, least=0, most=50)
_THEIRS = ListOf(item=Struct(UNIT.members, bare="kind"), least=0, most=50, lenient=True)
"""The other side's units; `unknown` stands for a single one of unknown kind."""
_ACCOUNT = (
    put("phases", 36, ListOf(item=PHASE, least=1, most=50), "phases", "阶段"),
    put("closest", 37, distance(), "closest", "最近距离"),
    put("speeds", 38, SPEEDS, "speeds", "速度"),
    put("courses", 39, COURSES, "courses", "航向"),
    put("signals", 40, ListOf(item=SIGNAL, least=1, most=50), "signals", "信号"),
    put("harm", 41, HARM, "harm", "伤亡与损失"),
    put(
        "rules",
        42,
        ListOf(item=TextOfParts(120, ("instrument", "rule")), least=1, most=20, lenient=True),
        "rules cited",
        "援引规则",
    ),
    put("assessment", 43, Text(120), "assessment, an opinion", "评价（意见）"),
    put("evidence_files", 44, ListOf(item=EVIDENCE, least=1, most=50), "evidence", "证据"),
    put("request_kind", 45, ASKS, "asks for", "请求"),
    put("manoeuvre", 46, WordsType(300), "manoeuvre", "机动"),
    put("height", 47, height(), "height", "高度"),
)


_WHEN = put("when", 32, InstantType(), "when", "时间")
_WHERE = put("where", 33, Where(), "where", "地点")
_OWN = put("own_units", 34, _UNITS, "our units", "我方舰机")
_OTHER = put("other_units", 35, _THEIRS, "other units", "对方舰机")


def _row(case: CaseFacts) -> dict[str, Json]:
    paired = case.has_both("confirm_pair")
    alone = case.state == "no report" or (
        case.state == "reported" and is_lapsed(case.clock("incident.report"))
    )
    reporters = list(dict.fromkeys(s.party for s in case.steps_of("report", "counter")))
    delivered = case.delivered(case.opening)
    return {
        "state": "single-sided" if alone else case.state,
        "by": case.by,
        "to": list(case.to),
        "when": case.opening.json("when"),
        "where": case.opening.json("where"),
        "sides": len(reporters),
        "reported_by": list(reporters),
        "paired": paired,
        "single_sided": alone,
        "rung": case.rung()[0],
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "differ": sum(one.status in ("differ", "disputed") for one in compare_accounts(case)),
        "could_be": could_be(case),
        **silence(case, "incident.report"),
    }


INCIDENT = Procedure(
    name="incident",
    code="P11",
    prefix="INC",
    words=words("incident", "事件"),
    register="incidents",
    states=(
        state("reported", "reported by one side", "一方已通报"),
        state("reported by both", "reported by both", "双方均已通报"),
        state("pair proposed", "one says it is the same", "一方认为同一事件"),
        state("paired", "both say it is the same", "双方确认同一事件"),
        state("separate", "not the same incident", "并非同一事件", final=True),
        state("no report", "no report will be given", "不作通报"),
        state("closed by one", "closed by one side", "一方结案"),
        state("closed", "closed", "已结案", final=True),
        state("single-sided", "only one side has reported", "仅一方通报", derived=True),
    ),
    moves=(
        Move(
            name="report",
            kind=1100,
            words=words("report an incident", "通报事件"),
            opens="yes",
            initial="reported",
            fields=(
                put("when", 32, InstantType(), "when", "时间", required=True),
                put("where", 33, Where(), "where", "地点", required=True),
                put("own_units", 34, _UNITS, "our units", "我方舰机", required=True),
                put("other_units", 35, _THEIRS, "other units", "对方舰机", required=True),
                *_ACCOUNT,
            ),
        ),
        Move(
            name="update",
            kind=1101,
            words=words("add to the account", "补充通报"),
            by=By.EITHER,
            keeps=("reported", "reported by both", "pair proposed", "paired", "no report"),
            fields=(_WHEN, _WHERE, _OWN, _OTHER, *_ACCOUNT),
        ),
        Move(
            name="counter",
            kind=1102,
            words=words("give the other account", "提出己方说法"),
            by=By.ADDRESSEE,
            go=(Go("reported", "reported by both"), Go("no report", "reported by both")),
            fields=(
                put("own_units", 34, _UNITS, "our units", "我方舰机", required=True),
                put("other_units", 35, _THEIRS, "other units", "对方舰机", required=True),
                _WHEN,
                _WHERE,
                *_ACCOUNT,
            ),
        ),
        Move(
            name="confirm_pair",
            kind=1103,
            words=words("confirm that both speak of the same", "确认同一事件"),
            by=By.EACH,
            go=(
                Go("reported by both", "pair proposed"),
                Go("pair proposed", "pair proposed"),
            ),
            done="paired",
        ),
        Move(
            name="deny_pair",
            kind=1104,
            words=words("say that it is another incident", "认为并非同一事件"),
            by=By.EITHER,
            go=(Go("reported by both", "separate"), Go("pair proposed", "separate")),
            needs=("reason_text",),
        ),
        Move(
            name="no_report",
            kind=1105,
            words=words("say that no report will be given", "表明不作通报"),
            by=By.ADDRESSEE,
            go=(Go("reported", "no report"),),
        ),
        Move(
            name="close",
            kind=1106,
            words=words("close", "结案"),
            by=By.EACH,
            go=(
                Go("paired", "closed by one"),
                Go("pair proposed", "closed by one"),
                Go("reported", "closed by one"),
                Go("reported by both", "closed by one"),
                Go("no report", "closed by one"),
                Go("closed by one", "closed by one"),
            ),
            done="closed",
        ),
    ),
    clocks=(
        ClockRule(
            name="incident.report",
            words=words("the other side's report", "对方通报"),
            starts=("report",),
            runs_in=("reported",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("reported by", "通报方"),
        to=("to", "受文方"),
        when=("when", "时间"),
        where=("where", "地点"),
        sides=("accounts", "说法数"),
        reported_by=("accounts by", "已通报方"),
        paired=("paired", "已配对"),
        single_sided=("only one side", "仅一方"),
        rung=("rung", "确认级别"),
        delivered_at=("delivered", "送达"),
        differ=("fields that differ", "不一致项"),
        could_be=("may be the same as", "或为同一事件"),
    )
    + SILENCE,
    row=_row,
    compare=compare_accounts,
)
