"""Prior notification of an exercise: what, where, when, how big, and how long ahead."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.areas import areas
from parley.desk.checks import one_needed
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Boolean, Choice, Count, Json, Text, WordsType
from parley.desk.notices import (
    before_the_end,
    latest_with,
    lead_columns,
    missing_of,
    outcome_of,
    outside_of,
    recipients_of,
    span_of_windows,
)
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import InstantType, Windows

TYPES = Choice(
    (
        ("land", "land", "陆上"),
        ("sea", "sea", "海上"),
        ("air", "air", "空中"),
        ("joint", "joint", "联合"),
        ("cyber", "cyber", "网络"),
        ("space", "space", "太空"),
    )
)
OBSERVERS = Choice(
    (
        ("invited", "invited", "邀请"),
        ("not-required", "not required", "无须邀请"),
        ("not-invited", "not invited", "未邀请"),
    )
)
_CATEGORIES = (
    ("men", "men", "人员"),
    ("tanks", "tanks", "坦克"),
    ("acv", "armoured combat vehicles", "装甲战车"),
    ("artillery", "artillery of 100 mm and more", "100毫米以上火炮"),
    ("mlrs", "rocket launchers", "火箭炮"),
    ("helicopters", "helicopters", "直升机"),
    ("sorties", "sorties", "架次"),
    ("ships", "ships", "舰船"),
    ("landed", "landed men", "登陆人员"),
)
STRENGTH = Struct(
    tuple(member(name, n, Count(), en, zh) for n, (name, en, zh) in enumerate(_CATEGORIES))
)
"""Per category, never folded together; zero is written, blank is not zero."""

COMPLETE = ("level", "strength", "alert", "live_fire", "voluntary", "contact")
"""What a notification needs besides its required fields before it counts as complete."""


def _missing(case: CaseFacts) -> list[str]:
    lacking = missing_of(case.opening, COMPLETE)
    if case.opening.json("live_fire") is True and case.opening.wire("nav_refs") is None:
        lacking.append("nav_refs")
    return lacking


def _row(case: CaseFacts) -> dict[str, Json]:
    timed = latest_with(case, "windows")
    span = span_of_windows(timed)
    delivered = case.delivered(case.opening)
    missing = _missing(case)
    began, ended = case.last_of("begin"), case.last_of("end")
    return {
        "state": case.state,
        "by": case.by,
        "to": list(case.to),
        "designation": case.opening.json("designation"),
        "windows": None if timed is None else timed.json("windows"),
        "complete": not missing,
        "missing": list(missing),
        "outcome": outcome_of(
            case, "exercise.outcome", None if span is None else span[1], "notified"
        ),
        "outside_window": outside_of(
            span, *(_said(step, name) for step, name in ((began, "began"), (ended, "ended")))
        ),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        **_lead(case),
        "rung": case.rung()[0],
        "ended": _said(ended, "ended"),
        "versions": 1 + len(case.steps_of("change", "postpone")),
        "observed": len(case.steps_of("observe")),
    }


def _said(step: StepFacts | None, field: str) -> Json:
    """Return the time that a step gives, or that of the step where it gives none."""
    return None if step is None else step.json(field) or rfc3339(step.claimed)


def _lead(case: CaseFacts, party: str | None = None) -> dict[str, Json]:
    at_start = case.opening.json("alert") is True
    timed = latest_with(case, "windows")
    return lead_columns(case, "exercise.lead", timed, at_start=at_start, party=party)


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    return recipients_of(case, case.opening, lambda party: _lead(case, party))


EXERCISE = Procedure(
    name="exercise",
    code="P07",
    prefix="EXE",
    words=words("exercise notification", "演习通报"),
    register="exercises",
    settings=(
        "exercise.lead",
        "exercise.outcome",
    ),
    states=(
        state("notified", "notified", "已通报"),
        state("running", "begun", "进行中"),
        state("over", "over", "已结束"),
        state("reported", "reported afterwards", "已事后通报", final=True),
        state("cancelled", "cancelled", "已取消", final=True),
        state("not held", "not held", "未举行", final=True),
    ),
    moves=(
        Move(
            name="notify",
            kind=700,
            words=words("notify an exercise", "通报演习"),
            opens="yes",
            initial="notified",
            fields=(
                put("designation", 32, Text(120), "designation", "代号", required=True),
                put("purpose", 33, WordsType(1000), "purpose", "目的", required=True),
                put("type", 34, TYPES, "type", "类型", required=True),
                put("windows", 35, Windows(most=20), "times", "时段", required=True),
                put("area", 36, areas(), "area", "区域", required=True),
                put("level", 37, Text(40), "level of command", "指挥层级"),
                put("strength", 38, STRENGTH, "strength", "兵力"),
                put("alert", 39, Boolean(), "without notice to own troops", "不预先告知所属部队"),
                put("live_fire", 40, Boolean(), "live fire", "实弹"),
                put("voluntary", 41, Boolean(), "voluntary notice", "自愿通报"),
                put("contact", 42, Text(120), "contact", "联系"),
                put(
                    "nav_refs",
                    43,
                    ListOf(item=Text(80), most=20, lenient=True),
                    "public warnings",
                    "公开航警",
                ),
                put("direction", 44, Text(80), "direction of main force", "主力方向"),
                put("observers", 45, OBSERVERS, "observers", "观察员"),
            ),
        ),
        Move(
            name="begin",
            kind=701,
            words=words("note that it has begun", "记录开始"),
            go=(Go("notified", "running"),),
            fields=(put("began", 32, InstantType(), "began", "开始"),),
        ),
        Move(
            name="end",
            kind=702,
            words=words("note that it is over", "记录结束"),
            go=(Go("notified", "over"), Go("running", "over")),
            fields=(put("ended", 32, InstantType(), "ended", "结束"),),
        ),
        Move(
            name="cancel",
            kind=703,
            words=words("cancel it", "取消"),
            go=(Go("notified", "cancelled"),),
            checks=(before_the_end(),),
        ),
        Move(
            name="not_held",
            kind=705,
            words=words("note that it was not held", "记录未举行"),
            go=(Go("notified", "not held"),),
        ),
        Move(
            name="change",
            kind=706,
            words=words("change the notice", "变更通报"),
            go=(Go("notified", "notified"),),
            fields=(
                put("windows", 32, Windows(most=20), "times", "时段"),
                put("area", 33, areas(), "area", "区域"),
                put("strength", 34, STRENGTH, "strength", "兵力"),
                put("live_fire", 35, Boolean(), "live fire", "实弹"),
            ),
            checks=(one_needed("windows", "area", "strength", "live_fire"), before_the_end()),
        ),
        Move(
            name="postpone",
            kind=707,
            words=words("postpone it", "推迟"),
            go=(Go("notified", "notified"),),
            fields=(put("windows", 32, Windows(most=20), "new times", "新时段", required=True),),
            checks=(before_the_end(),),
        ),
        Move(
            name="report",
            kind=708,
            words=words("report on it afterwards", "事后通报"),
            go=(Go("over", "reported"),),
            fields=(put("strength", 32, STRENGTH, "strength that took part", "参加兵力"),),
            needs=("text",),
        ),
        Move(
            name="observe",
            kind=704,
            words=words("state what was observed", "陈述所见"),
            by=By.EITHER,
            keeps=("notified", "running", "over", "reported", "cancelled", "not held"),
            needs=("text",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("notified by", "通报方"),
        to=("to", "受文方"),
        designation=("designation", "代号"),
        windows=("times", "时段"),
        complete=("complete", "是否完整"),
        missing=("missing", "缺项"),
        outcome=("outcome", "结果"),
        outside_window=("outside the announced time", "超出通报时段"),
        delivered_at=("delivered", "送达"),
        notice=("notice", "通报时限"),
        lead=("time ahead", "提前时间"),
        lead_days=("days ahead", "提前天数"),
        short_by=("short by", "不足"),
        timely=("in time", "是否及时"),
        rung=("rung", "确认级别"),
        rung_at=("rung given", "确认时间"),
        ended=("ended", "结束"),
        versions=("versions", "版本数"),
        observed=("observations", "观察陈述数"),
    ),
    row=_row,
    parts=_parts,
)
