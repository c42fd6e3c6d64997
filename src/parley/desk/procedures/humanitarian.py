"""A humanitarian site or movement, told to each recipient; nothing here approves or protects.

The position is entered twice. Each recipient reads back what it has plotted; the desk counts the
metres between. Who has seen it, plotted it and passed it to its units is told per recipient.
"""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Boolean, Choice, Count, Json, Matter, Text, WordsType, party
from parley.desk.movements import (
    LEG,
    VEHICLE,
    entered_twice,
    legs_in_order,
    plotted_metres,
    valid_not_too_long,
)
from parley.desk.notices import latest_with, lead_columns, recipients_of, span_of_windows
from parley.desk.places import Position
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import silence
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import DAY, InstantType, Until, Windows

KINDS = Choice(
    (
        ("static", "a site", "固定场所"),
        ("movement", "a movement", "人员车队移动"),
        ("evacuation", "an evacuation", "撤离"),
    )
)
FUNCTIONS = Choice(
    (
        ("hospital", "hospital", "医院"),
        ("clinic", "clinic", "诊所"),
        ("warehouse", "warehouse", "仓库"),
        ("office", "office", "办公场所"),
        ("guest-house", "guest house", "住所"),
        ("water", "water works", "供水设施"),
        ("school", "school", "学校"),
        ("shelter", "shelter", "避难所"),
        ("convoy", "convoy", "车队"),
        ("other", "other", "其他"),
    )
)
PEOPLE = Struct(
    (
        member("staff", 0, Count(), "staff", "工作人员"),
        member("patients", 1, Count(), "patients", "患者"),
        member("others", 2, Count(), "others", "其他人员"),
    )
)
SHARE = Struct(
    (
        member("recipient", 0, party(), "recipient", "受文方"),
        member(
            "fields", 1, ListOf(item=Text(40), least=1, most=20, lenient=True), "may see", "可见项"
        ),
    )
)
ALARM_METRES = {"static": 50, "movement": 200, "evacuation": 200}
"""Farther off than this a plot is an alarm; proposals of the desk."""
LATE_SECONDS = 2 * 3600
"""A movement that has not said that it arrived so long after its window is late."""
_OPEN = ("sent", "moving")
_VALID = put("valid", 40, Windows(most=1), "valid", "有效期", required=True)


def _is_emergency(step: StepFacts) -> bool:
    return step.json("emergency") is True


def _state(case: CaseFacts, span: tuple[int, int] | None) -> str:
    if case.state not in _OPEN or span is None:
        return case.state
    if case.state == "moving":
        return "late" if case.moment >= span[1] + LATE_SECONDS else "moving"
    if case.moment >= span[1]:
        return "expired"
    return "in force" if case.moment >= span[0] else "sent"


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    most = ALARM_METRES[str(case.opening.json("kind"))]
    found = recipients_of(case, case.opening)
    for who, own in found.items():
        off = plotted_metres(case, who)
        objections = [s for s in case.steps_of("object") if s.party == who]
        delays = [s for s in case.steps_of("ask_delay") if s.party == who]
        units = [
            note.json("unit")
            for note in case.annotations
            if note.party == who and note.json("rung") in (4, 40)
        ]
        own |= {
            "plotted_m": off,
            "plot_alarm": None if off is None else off > most,
            "with_units": bool(units),
            "unit": units[-1] if units else None,
            "objection": bool(objections),
            "delay_until": delays[-1].json("until") if delays else None,
            "may_see": _may_see(case, who),
        }
    return found


_ALWAYS = ("kind", "position", "valid")
"""What every recipient may see unless the sender says more."""


def _may_see(case: CaseFacts, who: str) -> list[str]:
    shares = case.opening.json("share")
    for share in shares if isinstance(shares, list) else ():
        if isinstance(share, Mapping) and share.get("recipient") == who:
            named = share.get("fields")
            return sorted({*_ALWAYS, *(str(n) for n in (named if isinstance(named, list) else []))})
    return sorted(_ALWAYS)


def _row(case: CaseFacts) -> dict[str, Json]:
    valid = latest_with(case, "valid")
    span = span_of_windows(valid, "valid")
    clock = "humanitarian.emergency_lead" if _is_emergency(case.opening) else "humanitarian.lead"
    incidents = case.steps_of("incident")
    parts = _parts(case)
    now = _state(case, span)
    ends = None if span is None or now not in ("sent", "in force") else span[1]
    return {
        "state": now,
        "by": case.by,
        "to": list(case.to),
        "kind": case.opening.json("kind"),
        "function": case.opening.json("function"),
        "from": None if span is None else rfc3339(span[0]),
        "until": None if span is None else rfc3339(span[1]),
        "expires_in_days": None if ends is None else ends // DAY - case.moment // DAY,
        **lead_columns(case, clock, valid, field="valid"),
        "recipients": {who: own["rung"] for who, own in parts.items()},
        "plotted": {who: own["plotted_m"] for who, own in parts.items()},
        "not_plotted_by": sorted(who for who, own in parts.items() if own["plotted_m"] is None),
        "objections": sorted(who for who, own in parts.items() if own["objection"]),
        "incidents": [step.json("incident") for step in incidents],
        "also_via": case.opening.json("also_via"),
        "rung": min((int(str(own["rung"])) for own in parts.values()), default=0),
        **silence(case, "humanitarian.seen"),
    }


HUMANITARIAN = Procedure(
    name="humanitarian",
    code="P27",
    prefix="HUM",
    words=words("humanitarian notification", "人道主义通报"),
    register="humanitarians",
    settings=(
        "humanitarian.lead",
        "humanitarian.emergency_lead",
    ),
    states=(
        state("sent", "sent", "已发出"),
        state("moving", "moving", "移动中"),
        state("arrived", "arrived", "已到达", final=True),
        state("aborted", "broken off", "已中止", final=True),
        state("cancelled", "cancelled", "已取消", final=True),
        state("in force", "in force", "有效", derived=True),
        state("late", "late, not arrived", "逾时未到", derived=True),
        state("expired", "expired", "已期满", derived=True),
    ),
    moves=(
        Move(
            name="notify",
            kind=2700,
            words=words("notify a site or movement", "通报场所或移动"),
            opens="yes",
            initial="sent",
            fields=(
                put("kind", 32, KINDS, "kind", "类别", required=True),
                put("function", 33, FUNCTIONS, "function", "功能", required=True),
                put("position", 34, Position(), "position", "位置", required=True),
                put(
                    "position_again",
                    35,
                    Position(),
                    "position, entered by a second person",
                    "位置（第二人录入）",
                    required=True,
                ),
                put("entrance", 36, Position(), "entrance", "入口"),
                put("footprint", 37, ListOf(item=Position(), least=3, most=40), "outline", "轮廓"),
                put("route", 38, ListOf(item=LEG, least=2, most=60), "route", "路线"),
                put("vehicles", 39, ListOf(item=VEHICLE, least=1, most=60), "vehicles", "车辆"),
                _VALID,
                put("people", 41, PEOPLE, "people", "人数"),
                put("contact", 42, Text(200), "contact", "联系", required=True),
                put("emergency", 43, Boolean(), "in an emergency", "紧急"),
                put("sensitivity", 44, Text(120), "sensitivity", "敏感性"),
                put(
                    "also_via",
                    45,
                    ListOf(item=Text(120), least=1, most=10, lenient=True),
                    "also sent by",
                    "另经途径",
                ),
                put(
                    "share",
                    46,
                    ListOf(item=SHARE, least=1, most=16),
                    "who may see what",
                    "可见范围",
                ),
            ),
            checks=(entered_twice, legs_in_order, valid_not_too_long),
        ),
        Move(
            name="object",
            kind=2701,
            words=words("raise an objection", "提出异议"),
            by=By.ADDRESSEE,
            keeps=_OPEN,
            needs=("reason_text",),
        ),
        Move(
            name="ask_delay",
            kind=2702,
            words=words("ask for a delay", "请求推迟"),
            by=By.ADDRESSEE,
            keeps=_OPEN,
            fields=(put("until", 32, Until(), "until", "至", required=True),),
        ),
        Move(
            name="depart",
            kind=2703,
            words=words("note the departure", "记录出发"),
            go=(Go("sent", "moving"),),
            fields=(put("at", 32, InstantType(), "at", "时间"),),
        ),
        Move(
            name="arrive",
            kind=2704,
            words=words("note the arrival", "记录到达"),
            go=(Go("moving", "arrived"), Go("sent", "arrived")),
            fields=(put("at", 32, InstantType(), "at", "时间"),),
        ),
        Move(
            name="abort",
            kind=2705,
            words=words("break it off", "中止"),
            go=(Go("moving", "aborted"),),
            needs=("reason_text",),
        ),
        Move(
            name="cancel",
            kind=2706,
            words=words("cancel the notification", "取消通报"),
            go=(Go("sent", "cancelled"),),
        ),
        Move(
            name="renew",
            kind=2707,
            words=words("renew its validity", "延长有效期"),
            keeps=("sent",),
            fields=(_VALID,),
            checks=(valid_not_too_long,),
        ),
        Move(
            name="incident",
            kind=2708,
            words=words("link an incident", "关联事件"),
            by=By.EITHER,
            keeps=("sent", "moving", "arrived", "aborted"),
            fields=(put("incident", 32, Matter(), "incident", "事件", required=True),),
        ),
        Move(
            name="position_now",
            kind=2709,
            words=words("say where it is now", "告知当前位置"),
            keeps=("moving",),
            fields=(
                put("position", 32, Position(), "position", "位置", required=True),
                put("remark", 33, WordsType(300), "remark", "备注"),
            ),
        ),
    ),
    clocks=(
        ClockRule(
            name="humanitarian.seen",
            words=words("a person takes it", "人员接收"),
            starts=("notify",),
            runs_in=_OPEN,
            person=True,
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("by", "通报方"),
        to=("to", "受文方"),
        kind=("kind", "类别"),
        function=("function", "功能"),
        **{"from": ("valid from", "有效自"), "until": ("valid until", "有效至")},
        expires_in_days=("days to expiry", "距期满天数"),
        notice=("notice", "通报时限"),
        lead=("time ahead", "提前时间"),
        lead_days=("days ahead", "提前天数"),
        short_by=("short by", "不足"),
        timely=("in time", "是否及时"),
        recipients=("rung by recipient", "各受文方确认级别"),
        plotted=("metres off, by recipient", "各受文方标绘偏差米数"),
        not_plotted_by=("not plotted by", "未标绘方"),
        objections=("objections", "提出异议方"),
        incidents=("incidents", "相关事件"),
        also_via=("also sent by", "另经途径"),
        rung=("lowest rung", "最低确认级别"),
        rung_at=("rung given", "确认时间"),
        delivered_at=("delivered", "送达"),
        plotted_m=("metres off", "标绘偏差米数"),
        plot_alarm=("plotted too far off", "标绘偏差过大"),
        with_units=("with its units", "已转所属单位"),
        unit=("unit", "单位"),
        objection=("objection", "提出异议"),
        delay_until=("delay asked until", "请求推迟至"),
        may_see=("may see", "可见项"),
    )
    + SILENCE,
    row=_row,
    parts=_parts,
)
