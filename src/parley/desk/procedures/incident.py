"""An incident: each side's account, paired by both, compared field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping

from parley.core.instants import rfc3339
from parley.desk.comparison import (
    compare_equal,
    compare_measure,
    compare_place,
    compare_sets,
    compare_time,
)
from parley.desk.facts import CaseFacts, StepFacts
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
    By,
    ClockRule,
    Difference,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.structures import (
    ListOf,
    Struct,
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
_ACCOUNT = (
    put("phases", 36, ListOf(item=PHASE, least=1, most=50), "phases", "阶段"),
    put("closest", 37, distance(), "closest", "最近距离"),
    put("speeds", 38, SPEEDS, "speeds", "速度"),
    put("courses", 39, COURSES, "courses", "航向"),
    put("signals", 40, ListOf(item=SIGNAL, least=1, most=50), "signals", "信号"),
    put("harm", 41, HARM, "harm", "损伤"),
    put(
        "rules",
        42,
        ListOf(item=Text(120), least=1, most=20, lenient=True),
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
_OWN = put("own_units", 34, _UNITS, "our units", "我方单位")
_OTHER = put("other_units", 35, _UNITS, "other units", "对方单位")

Account = dict[str, Json]


def _account(steps: list[StepFacts]) -> Account:
    """Return one side's account: its report with later additions over it."""
    account: Account = {}
    for step in steps:
        for name in _COMPARED:
            said = step.json(name)
            if said is not None:
                account[name] = _merged(name, account.get(name), said)
    return account


def _merged(name: str, before: Json, said: Json) -> Json:
    """Return a field after an addition: parts are added to, what is said anew holds."""
    if isinstance(before, Mapping) and isinstance(said, Mapping) and name != "closest":
        return {**before, **said}
    if name in ("own_units", "other_units") and isinstance(before, list):
        return [*before, *said] if isinstance(said, list) else before
    if name == "phases" and isinstance(before, list) and isinstance(said, list):
        return [*before, *said]
    return said


_COMPARED = (
    "when",
    "where",
    "own_units",
    "other_units",
    "phases",
    "closest",
    "speeds",
    "courses",
    "harm",
    "height",
)


def _accounts(case: CaseFacts) -> tuple[tuple[str, Account], tuple[str, Account]] | None:
    """Return both sides' accounts, the opener's first; None while there is only one."""
    counters = case.steps_of("counter")
    if not counters:
        return None
    other = counters[0].party
    told = case.steps_of("report", "counter", "update")
    first = _account([step for step in told if step.party == case.opener])
    second = _account([step for step in told if step.party == other])
    return (case.opener, first), (other, second)


def _compare(case: CaseFacts) -> list[Difference]:
    both = _accounts(case)
    if both is None:
        return []
    (one, first), (two, second) = both
    sides = (one, two)
    found: list[Difference | None] = [
        compare_time("when", sides, (first.get("when"), second.get("when"))),
        *compare_place("where", sides, (first.get("where"), second.get("where"))),
        compare_measure(
            "closest", sides, (first.get("closest"), second.get("closest")), distance()
        ),
        compare_equal("harm", sides, (first.get("harm"), second.get("harm")), "differ"),
        compare_measure("height", sides, (first.get("height"), second.get("height")), height()),
    ]
    found += _compare_phases(sides, first, second)
    for name, kind in (("speeds", speed()), ("courses", bearing())):
        said = (first.get(name), second.get(name))
        if said[0] is None or said[1] is None:
            found.append(compare_equal(name, sides, said, "differ"))
            continue
        for about in sides:
            pair = (_of_party(said[0], one, about), _of_party(said[1], two, about))
            found.append(compare_measure(f"{name}.{about}", sides, pair, kind))
    found += _compare_units(sides, first, second)
    return [difference for difference in found if difference is not None]


def _of_party(said: Json, author: str, about: str) -> Json:
    return said.get("own" if author == about else "other") if isinstance(said, Mapping) else None


def _compare_phases(
    sides: tuple[str, str], first: Account, second: Account
) -> list[Difference | None]:
    told = [{_code(phase): phase for phase in _rows(one.get("phases"))} for one in (first, second)]
    codes = list(dict.fromkeys([*told[0], *told[1]]))
    return [
        compare_equal(
            f"phases.{code}",
            sides,
            (code if code in told[0] else None, code if code in told[1] else None),
            "differ",
        )
        for code in codes
    ]


def _code(phase: Mapping[str, Json]) -> str:
    return str(phase.get("code", "other"))


def _rows(value: Json) -> list[Mapping[str, Json]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, Mapping)]


def _compare_units(
    sides: tuple[str, str], first: Account, second: Account
) -> list[Difference | None]:
    """Compare what each side says of the units of each party."""
    found: list[Difference | None] = []
    told = [_by_party(sides, 0, first), _by_party(sides, 1, second)]
    for about in dict.fromkeys([*sides, *told[0], *told[1]]):
        units = (told[0].get(about, []), told[1].get(about, []))
        if not units[0] and not units[1]:
            continue
        for name in ("kind", "designation", "purpose"):
            values = ([unit.get(name) for unit in units[0]], [unit.get(name) for unit in units[1]])
            found.append(compare_sets(f"units.{about}.{name}", sides, values, "disputed"))
        counts = (_count(units[0]), _count(units[1]))
        found.append(compare_equal(f"units.{about}.count", sides, counts, "differ"))
    return found


def _by_party(
    sides: tuple[str, str], author: int, account: Account
) -> dict[str, list[Mapping[str, Json]]]:
    """Return the units of an account by the party they belong to."""
    found: dict[str, list[Mapping[str, Json]]] = {}
    for name, owner in (("own_units", sides[author]), ("other_units", sides[1 - author])):
        for unit in _rows(account.get(name)):
            found.setdefault(str(unit.get("party", owner)), []).append(unit)
    return found


def _count(units: list[Mapping[str, Json]]) -> Json:
    """Return how many units are counted exactly; None where any is not."""
    latest = {
        (str(unit.get("kind")), str(unit.get("designation", unit.get("name")))): unit
        for unit in units
    }
    counts = [unit.get("count") for unit in latest.values()]
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if known and len(known) == len(counts) else None


def _row(case: CaseFacts) -> dict[str, Json]:
    both = case.steps_of("counter")
    paired = case.state in ("paired", "closed by one", "closed") and bool(both)
    clock = case.clock("incident.report")
    alone = case.state == "no report" or (
        case.state == "reported" and clock is not None and clock.state.startswith("lapsed")
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
        "differ": sum(one.status in ("differ", "disputed") for one in _compare(case)),
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
                put("own_units", 34, _UNITS, "our units", "我方单位", required=True),
                put("other_units", 35, _UNITS, "other units", "对方单位", required=True),
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
                put("own_units", 34, _UNITS, "our units", "我方单位", required=True),
                put("other_units", 35, _UNITS, "other units", "对方单位", required=True),
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
            words=words("say that no report will be given", "声明不作通报"),
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
    ),
    row=_row,
    compare=_compare,
)
