"""A warning to ships and aircraft: areas, times, what is dangerous, what is asked."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.instants import rfc3339
from parley.desk.areas import areas, corner_distances
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Json, Text
from parley.desk.notices import (
    before_the_end,
    latest_with,
    lead_columns,
    recipients_of,
    span_of_windows,
)
from parley.desk.places import height
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.readback import read_back_word
from parley.desk.structures import ByLanguage, ListOf, Struct, member
from parley.desk.times import Windows

HAZARDS = Choice(
    (
        ("live-fire", "live fire", "实弹射击"),
        ("training", "training", "训练"),
        ("rocket", "rocket or missile launch", "火箭或导弹发射"),
        ("debris", "falling debris", "坠落物"),
        ("mine", "mines", "水雷"),
        ("sar", "search and rescue", "搜救"),
        ("cable", "cable work", "海缆作业"),
        ("military-activity", "military activity", "军事活动"),
        ("other", "other", "其他"),
    )
)
RESTRICTIONS = Choice((("keep-out", "keep out", "禁止驶入"), ("caution", "caution", "注意避让")))
PUBLIC_REF = Struct(
    (
        member("serial", 0, Text(80), "serial", "编号"),
        member("body", 1, Text(80), "issuing body", "发布机构"),
        member("language", 2, Text(12), "language", "语言"),
    ),
    bare="serial",
)
"""A public warning about the same, each with its own serial and body."""
HEIGHTS = Struct(
    (member("low", 0, height(), "from", "下限"), member("high", 1, height(), "to", "上限"))
)
DIVERGENT_METRES = 25
"""What rounding from one notation to another cannot explain."""

_AREA = put("area", 33, areas(), "areas", "区域")
_WINDOWS = put("windows", 34, Windows(most=40), "times", "时段")


def _divergence(case: CaseFacts) -> tuple[list[str], list[int]]:
    """Return the areas whose corners differ between languages, and by how many metres each."""
    step = latest_with(case, "area_in")
    named = step.json("area_in") if step is not None else None
    versions = list(named.values()) if isinstance(named, Mapping) else []
    base = latest_with(case, "area")
    if base is not None:
        versions.insert(0, base.json("area"))
    divergent: list[str] = []
    metres: list[int] = []
    for other in versions[1:]:
        for name, apart in corner_distances(versions[0], other):
            if name not in divergent and (not apart or max(apart) > DIVERGENT_METRES):
                divergent.append(name)
                metres += apart
    return divergent, metres


def _row(case: CaseFacts) -> dict[str, Json]:
    timed, placed = latest_with(case, "windows"), latest_with(case, "area")
    span = span_of_windows(timed)
    shapes = placed.json("area") if placed is not None else None
    listed = shapes if isinstance(shapes, list) else []
    corners = [area.get("corners") for area in listed if isinstance(area, Mapping)]
    divergent, metres = _divergence(case)
    replaced = [n for n in case.notes_about(case.opening) if n.move.startswith("correction.")]
    delivered = case.delivered(case.opening)
    return {
        "state": _state(case, span),
        "by": case.by,
        "to": list(case.to),
        "serial": case.opening.json("serial"),
        "hazard": case.opening.json("hazard"),
        "restriction": case.opening.json("restriction"),
        "areas": len(listed),
        "corners": sum(len(one) for one in corners if isinstance(one, list)),
        "from": None if span is None else rfc3339(span[0]),
        "until": None if span is None else rfc3339(span[1]),
        "divergent_areas": list(divergent),
        "divergence_m": list(metres),
        "read_back": read_back_word(case),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        **_lead(case),
        "rung": case.rung()[0],
        "corrected_by": replaced[-1].name if replaced else None,
    }


def _state(case: CaseFacts, span: tuple[int, int] | None) -> str:
    if case.state != "issued" or span is None or case.moment < span[0]:
        return case.state
    return "in force" if case.moment < span[1] else "expired"


def _lead(case: CaseFacts, party: str | None = None) -> dict[str, Json]:
    return lead_columns(case, "warning.lead", latest_with(case, "windows"), party=party)


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    return recipients_of(case, case.opening, lambda party: _lead(case, party))


WARNING = Procedure(
    name="warning",
    code="P10",
    prefix="WRN",
    words=words("navigational or airspace warning", "航行或空域警告"),
    register="warnings",
    settings=("warning.lead",),
    states=(
        state("issued", "issued", "已发布"),
        state("cancelled", "cancelled", "已取消", final=True),
        state("in force", "in force", "生效中", derived=True),
        state("expired", "expired", "已期满", derived=True),
    ),
    moves=(
        Move(
            name="issue",
            kind=1000,
            words=words("issue a warning", "发布警告"),
            opens="yes",
            initial="issued",
            fields=(
                put("serial", 32, Text(80), "serial", "编号", required=True),
                put("area", 33, areas(), "areas", "区域", required=True),
                put("windows", 34, Windows(most=40), "times", "时段", required=True),
                put("hazard", 35, HAZARDS, "hazard", "危险", required=True),
                put("restriction", 36, RESTRICTIONS, "what is asked", "要求", required=True),
                put(
                    "area_in",
                    37,
                    ByLanguage(areas()),
                    "areas as another language gives them",
                    "另一语言文本中的区域",
                ),
                put("height", 38, HEIGHTS, "heights", "高度"),
                put(
                    "public_refs",
                    39,
                    ListOf(item=PUBLIC_REF, least=1, most=20, lenient=True),
                    "public warnings",
                    "公开航警",
                ),
                put("cancels", 40, Text(80), "cancels the warning", "取消的警告"),
            ),
        ),
        Move(
            name="extend",
            kind=1001,
            words=words("change times or areas", "变更时段或区域"),
            go=(Go("issued", "issued"),),
            fields=(_AREA, _WINDOWS),
            checks=(before_the_end(),),
        ),
        Move(
            name="cancel",
            kind=1002,
            words=words("cancel the warning", "取消警告"),
            go=(Go("issued", "cancelled"),),
            checks=(before_the_end(),),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("issued by", "发布方"),
        to=("to", "受文方"),
        serial=("serial", "编号"),
        hazard=("hazard", "危险"),
        restriction=("asked", "要求"),
        areas=("areas", "区域数"),
        corners=("corners", "角点数"),
        **{"from": ("from", "起"), "until": ("until", "止")},
        divergent_areas=("areas that differ by language", "各语言不一致区域"),
        divergence_m=("metres apart, by corner", "各角点相差米数"),
        read_back=("read back", "复诵"),
        delivered_at=("delivered", "送达"),
        notice=("notice", "通报时限"),
        lead=("time ahead", "提前时间"),
        lead_days=("days ahead", "提前天数"),
        short_by=("short by", "不足"),
        timely=("in time", "是否及时"),
        rung=("rung", "确认级别"),
        rung_at=("rung given", "确认时间"),
        corrected_by=("corrected by", "更正于"),
    ),
    row=_row,
    parts=_parts,
)
