"""Notice of a missile or space launch: window, areas, what is withheld, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.instants import iso_duration, rfc3339
from parley.desk.actors import By
from parley.desk.areas import Spot, areas
from parley.desk.facts import CaseFacts
from parley.desk.fields import Boolean, Choice, Count, Json, Text
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
from parley.desk.places import BearingSector
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import InstantType, Windows

CLASSES = Choice(
    (
        ("icbm", "intercontinental ballistic missile", "洲际弹道导弹"),
        ("slbm", "submarine-launched ballistic missile", "潜射弹道导弹"),
        ("ballistic", "other ballistic missile", "其他弹道导弹"),
        ("slv", "space launch vehicle", "航天运载火箭"),
        ("sounding", "sounding rocket", "探空火箭"),
    ),
    also=(("other-ballistic", "ballistic"), ("other", "ballistic")),
)
WITHHELD = Struct(
    (
        member("field", 0, Text(40), "field", "项目"),
        member("right", 1, Text(120), "right invoked", "所援引的权利"),
    ),
    bare="field",
)
COMPLETE = ("generic_type", "azimuth", "nav_refs", "confidential")
_NAV = put(
    "nav_refs", 38, ListOf(item=Text(80), most=20, lenient=True), "public warnings", "公开航警"
)


def _withheld(case: CaseFacts) -> list[str]:
    said = case.opening.json("withheld")
    listed = said if isinstance(said, list) else []
    return [str(one["field"]) for one in listed if isinstance(one, Mapping) and "field" in one]


def _state(case: CaseFacts, span: tuple[int, int] | None) -> str:
    if case.state != "notified" or span is None or case.moment < span[0]:
        return case.state
    return "window open" if case.moment < span[1] else "window closed"


def _row(case: CaseFacts) -> dict[str, Json]:
    timed = latest_with(case, "window")
    span = span_of_windows(timed, "window")
    withheld = _withheld(case)
    missing = [name for name in missing_of(case.opening, COMPLETE) if name not in withheld]
    report = case.last_of("report", "launch")
    wanted = case.setting("launch.window")
    length = None if span is None else span[1] - span[0]
    delivered = case.delivered(case.opening)
    ends = None if span is None else span[1]
    return {
        "state": _state(case, span),
        "by": case.by,
        "to": list(case.to),
        "launch_class": case.opening.json("launch_class"),
        "count": case.opening.json("count"),
        "from": None if span is None else rfc3339(span[0]),
        "until": None if span is None else rfc3339(span[1]),
        "window_length": None if length is None else iso_duration(length),
        "window_as_agreed": None if wanted is None or length is None else length == wanted,
        **_lead(case),
        "rung": case.rung()[0],
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "recipients": {party: own["rung"] for party, own in _parts(case).items()},
        "complete": not missing,
        "missing": list(missing),
        "withheld": list(withheld),
        "launched_at": None if report is None else report.json("launched_at"),
        "outside_window": outside_of(span, None if report is None else report.json("launched_at")),
        "nominal": None if report is None else report.json("nominal"),
        "outcome": outcome_of(case, "launch.outcome", ends, "notified"),
        "versions": 1 + len(case.steps_of("postpone")),
    }


def _lead(case: CaseFacts, party: str | None = None) -> dict[str, Json]:
    timed = latest_with(case, "window")
    return lead_columns(case, "launch.lead", timed, field="window", party=party)


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    return recipients_of(case, case.opening, lambda party: _lead(case, party))


_AFTER = (
    put("launched_at", 32, InstantType(), "launched at", "发射时间", required=True),
    put("nominal", 33, Boolean(), "as planned", "是否正常"),
    put("debris", 34, areas(), "debris", "残骸区域"),
)

LAUNCH = Procedure(
    name="launch",
    code="P08",
    prefix="LCH",
    words=words("launch notification", "发射通报"),
    register="launches",
    settings=(
        "launch.lead",
        "launch.window",
        "launch.outcome",
    ),
    states=(
        state("notified", "notified", "已通报"),
        state("launched", "launched", "已发射"),
        state("reported", "reported afterwards", "已事后通报", final=True),
        state("cancelled", "cancelled", "已取消", final=True),
        state("window open", "window open", "窗口开启", derived=True),
        state("window closed", "window closed, nothing said", "窗口已过，未作说明", derived=True),
    ),
    moves=(
        Move(
            name="notify",
            kind=800,
            words=words("notify a launch", "通报发射"),
            opens="yes",
            initial="notified",
            fields=(
                put("launch_class", 32, CLASSES, "class", "类别", required=True),
                put("count", 33, Count(50), "how many", "数量", required=True),
                put("window", 34, Windows(most=10), "window", "窗口", required=True),
                put("launch_area", 35, Spot(), "launch area", "发射区", required=True),
                put(
                    "impact_areas",
                    36,
                    ListOf(item=areas(20).item, least=0, most=20, lenient=True, kind="area"),
                    "impact areas",
                    "落区",
                    required=True,
                ),
                put("generic_type", 37, Text(80), "type", "型号"),
                _NAV,
                put("azimuth", 39, BearingSector(), "direction", "射向"),
                put(
                    "withheld",
                    40,
                    ListOf(item=WITHHELD, least=1, most=10, lenient=True),
                    "withheld under a right",
                    "依权利不予提供",
                ),
                put("confidential", 41, Boolean(), "confidential", "保密"),
            ),
        ),
        Move(
            name="report",
            kind=801,
            words=words("report after the launch", "发射后通报"),
            go=(Go("notified", "reported"), Go("launched", "reported")),
            fields=_AFTER,
        ),
        Move(
            name="launch",
            kind=802,
            words=words("note the launch", "记录发射"),
            go=(Go("notified", "launched"),),
            fields=_AFTER[:1],
        ),
        Move(
            name="postpone",
            kind=803,
            words=words("postpone the launch", "推迟发射"),
            go=(Go("notified", "notified"),),
            fields=(put("window", 32, Windows(most=10), "new window", "新窗口", required=True),),
            checks=(before_the_end("window"),),
        ),
        Move(
            name="cancel",
            kind=804,
            words=words("cancel the launch", "取消发射"),
            go=(Go("notified", "cancelled"),),
            checks=(before_the_end("window"),),
        ),
        Move(
            name="observe",
            kind=805,
            words=words("state what was observed", "陈述所见"),
            by=By.EITHER,
            keeps=("notified", "launched", "reported", "cancelled"),
            needs=("text",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("notified by", "通报方"),
        to=("to", "受文方"),
        launch_class=("class", "类别"),
        count=("how many", "数量"),
        **{"from": ("from", "起"), "until": ("until", "止")},
        window_length=("length of the window", "窗口时长"),
        window_as_agreed=("window as agreed", "窗口是否符合约定"),
        notice=("notice", "通报时限"),
        lead=("time ahead", "提前时间"),
        lead_days=("days ahead", "提前天数"),
        short_by=("short by", "不足"),
        timely=("in time", "是否及时"),
        rung=("rung", "确认级别"),
        rung_at=("rung given", "确认时间"),
        delivered_at=("delivered", "送达"),
        recipients=("rung by recipient", "各受文方确认级别"),
        complete=("complete", "是否完整"),
        missing=("missing", "缺项"),
        withheld=("withheld", "不予提供"),
        launched_at=("launched at", "发射时间"),
        outside_window=("outside the announced time", "超出通报时段"),
        nominal=("as planned", "是否正常"),
        outcome=("outcome", "结果"),
        versions=("versions", "版本数"),
    ),
    row=_row,
    parts=_parts,
)
