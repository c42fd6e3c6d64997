"""Prior notification of an exercise: what, where, when, how big, and how long ahead."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.areas import areas
from parley.desk.facts import CaseFacts
from parley.desk.fields import (
    Boolean,
    Choice,
    Count,
    Json,
    Text,
    WordsType,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import By, Draft, Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import (
    ListOf,
    Struct,
    member,
)
from parley.desk.times import DAY, InstantType, Windows, pairs_of

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
    opening = case.opening
    lacking = [name for name in COMPLETE if opening.wire(name) is None]
    if opening.json("live_fire") is True and opening.wire("nav_refs") is None:
        lacking.append("nav_refs")
    return lacking


def _timely(case: CaseFacts, begins: int | None, delivered: int | None) -> bool | None:
    """Say whether the notice came early enough, counted from its delivery.

    A lead in days counts UTC days from the day of delivery; one in hours counts hours. What troops
    themselves are not told before is notified when it begins. None where no lead is known.
    """
    needed = case.setting("exercise.lead")
    if needed is None or begins is None or delivered is None:
        return None
    if case.opening.json("alert") is True:
        return begins >= delivered
    if needed % DAY == 0 and needed > DAY:
        return begins // DAY - delivered // DAY >= needed // DAY
    return begins - delivered >= needed


def _before_the_end(draft: Draft) -> Problem | None:
    """What is over cannot be cancelled."""
    windows = pairs_of(draft.opening.get("windows")) or []
    last = max((end for _, end in windows), default=None)
    if last is None or draft.at < last:
        return None
    return problem("", "in_the_past", found=rfc3339(last))


def _row(case: CaseFacts) -> dict[str, Json]:
    windows = pairs_of(case.opening.wire("windows")) or []
    begins = min((first for first, _ in windows), default=None)
    ends = max((end for _, end in windows), default=None)
    delivered = case.delivered(case.opening)
    lead = None if begins is None or delivered is None else begins // DAY - delivered // DAY
    grace = case.setting("exercise.outcome")
    missing = _missing(case)
    waited = ends is not None and grace is not None and case.moment >= ends + grace
    outcome = "declared" if case.state != "notified" else "not declared" if waited else None
    ended = case.last_of("end")
    return {
        "state": case.state,
        "by": case.by,
        "designation": case.opening.json("designation"),
        "windows": case.opening.json("windows"),
        "complete": not missing,
        "missing": list(missing),
        "outcome": outcome,
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "lead_days": lead,
        "timely": _timely(case, begins, delivered),
        "rung": case.rung()[0],
        "ended": None if ended is None else ended.json("ended") or rfc3339(ended.claimed),
    }


EXERCISE = Procedure(
    name="exercise",
    code="P07",
    prefix="EXE",
    words=words("exercise notification", "演习通报"),
    register="exercises",
    states=(
        state("notified", "notified", "已通报"),
        state("running", "begun", "进行中"),
        state("over", "over", "已结束", final=True),
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
            checks=(_before_the_end,),
        ),
        Move(
            name="not_held",
            kind=705,
            words=words("note that it was not held", "记录未举行"),
            go=(Go("notified", "not held"),),
        ),
        Move(
            name="observe",
            kind=704,
            words=words("state what was observed", "陈述所见"),
            by=By.EITHER,
            keeps=("notified", "running", "over", "cancelled", "not held"),
            needs=("text",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("notified by", "通报方"),
        designation=("designation", "代号"),
        windows=("times", "时段"),
        complete=("complete", "是否完整"),
        missing=("missing", "缺项"),
        outcome=("outcome", "结果"),
        delivered_at=("delivered", "送达"),
        lead_days=("days ahead", "提前天数"),
        timely=("in time", "是否及时"),
        rung=("rung", "确认级别"),
        ended=("ended", "结束"),
    ),
    row=_row,
)
