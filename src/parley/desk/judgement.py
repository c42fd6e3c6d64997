"""What the desk works out of a draft before it is released: time, thresholds, distances, duties.

It tells and refuses nothing: whether to release is for people. Each finding names what it rests on
and how sure that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parley.core.canon import Value
from parley.core.entry import F_DUE
from parley.core.instants import rfc3339
from parley.desk.catalogue import fields_of
from parley.desk.comparison import range_of
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.lines import Figure, metres_to_line
from parley.desk.notices import short_by
from parley.desk.places import E7, parse_position
from parley.desk.problems import Words
from parley.desk.procedure import ClockRule, Difference, Move, Procedure, words
from parley.desk.profiles import Datum, Limit, Profile
from parley.desk.times import DAY, pairs_of, start_of, until_instant

_LEAD: Final = ".lead"
_FIGURES_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing worked out: `ok`, or `look` where a person should."""

    level: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What somebody owes, or is asked for, once the entry is delivered.

    Attributes:
        owed_by: code. what: per language.
        after: seconds after delivery; None where the time itself is set.
        at: when, where the entry sets the time itself.
        owed: a rule sets it; else it is asked for. source: what sets it.
    """

    owed_by: str
    what: Words
    after: int | None
    at: int | None
    owed: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A draft as it would be told: `wire` by number and `values` as JSON by name."""

    procedure: Procedure
    move: Move
    wire: Mapping[int, Value]
    values: Mapping[str, Json]
    writer: str
    others: tuple[str, ...]


def judge(told: Told, profile: Profile, moment: int) -> list[Finding]:
    """Return what the profile's figures say of a draft, were it delivered at `moment`."""
    found = [*_lead(told, profile, moment), *_launch_window(told, profile)]
    for datum in profile.data:
        for limit in datum.limits:
            if limit.procedure == told.procedure.name:
                found += _limit(told, profile, datum, limit)
    return found


def _length(seconds: int) -> Words:
    days, rest = divmod(abs(seconds), DAY)
    hours, rest = divmod(rest, 3600)
    parts = [(days, "d", "天"), (hours, "h", "小时"), (rest // 60, "min", "分钟")]
    shown = [part for part in parts if part[0]][:2] or [(0, "min", "分钟")]
    return {
        "en": " ".join(f"{n} {unit}" for n, unit, _ in shown),
        "zh": "".join(f"{n}{unit}" for n, _, unit in shown),
    }


def _from(profile: Profile, datum: Datum | None) -> Words:
    if datum is None:
        return words(f"profile {profile.code}", f"依据 {profile.code}")
    source = f", {datum.source}" if datum.source else ""
    return words(
        f"profile {profile.code}{source}, certainty {datum.sure}",
        f"依据 {profile.code}{source}，确定程度 {datum.sure}",
    )


def _finding(level: str, english: str, chinese: str, **facts: Words) -> Finding:
    return Finding(
        level=level,
        words={
            "en": english.format(**{name: said["en"] for name, said in facts.items()}),
            "zh": chinese.format(**{name: said["zh"] for name, said in facts.items()}),
        },
    )


def _same(text: object) -> Words:
    return {"en": str(text), "zh": str(text)}


def _begins(told: Told) -> int | None:
    """Return when what is announced begins: the first window of its own."""
    for field in told.move.fields:
        if field.type.kind == "windows":
            pairs = pairs_of(told.wire.get(field.number))
            if pairs:
                return min(pair[0] for pair in pairs)
    return None


def _lead(told: Told, profile: Profile, moment: int) -> Iterator[Finding]:
    """Say whether it comes in time before what it announces begins."""
    clock = next((name for name in told.procedure.settings if name.endswith(_LEAD)), None)
    begins = _begins(told)
    if clock is None or begins is None or told.values.get("alert") is True:
        return
    needed, source = profile.clock(clock), _from(profile, profile.datum(clock))
    if begins <= moment:
        yield _finding("look", "It has begun already.", "已经开始。")
        return
    lead = _length(begins - moment)
    lacking = short_by(needed, begins, moment)
    if needed is None or lacking is None:
        yield _finding(
            "look",
            "{lead} before it begins; no lead time is known ({source}).",
            "距开始 {lead}；不知应提前多久（{source}）。",
            lead=lead,
            source=source,
        )
    elif lacking:
        yield _finding(
            "look",
            "SHORT BY {short}: {lead} before it begins, and {needed} are needed ({source}).",
            "提前不足，差 {short}：距开始 {lead}，须提前 {needed}（{source}）。",
            short=_length(lacking),
            lead=lead,
            needed=_length(needed),
            source=source,
        )
    else:
        yield _finding(
            "ok",
            "On time: {lead} before it begins, {needed} are needed ({source}).",
            "按时：距开始 {lead}，须提前 {needed}（{source}）。",
            lead=lead,
            needed=_length(needed),
            source=source,
        )


def _launch_window(told: Told, profile: Profile) -> Iterator[Finding]:
    """Say whether each window is as long as the instrument has it."""
    clock = f"{told.procedure.name}.window"
    wanted = profile.clock(clock) if clock in told.procedure.settings else None
    field = told.move.field("window")
    if wanted is None or field is None:
        return
    for first, end in pairs_of(told.wire.get(field.number)) or ():
        if end - first != wanted:
            yield _finding(
                "look",
                "The window is {found} long, and {wanted} are set ({source}).",
                "窗口长 {found}，规定为 {wanted}（{source}）。",
                found=_length(end - first),
                wanted=_length(wanted),
                source=_from(profile, profile.datum(clock)),
            )


def _limit(told: Told, profile: Profile, datum: Datum, limit: Limit) -> Iterator[Finding]:
    value: Json = told.values
    for part in limit.field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return
    facts = {"item": datum.words, "source": _from(profile, datum), "field": _field(told, limit)}
    if limit.reaches is not None:
        yield from _threshold(value, limit.reaches, facts)
    elif limit.metres is not None:
        yield from _distance(value, profile, limit, facts)


def _field(told: Told, limit: Limit) -> Words:
    name, _, part = limit.field.partition(".")
    field = told.move.field(name)
    if field is None:
        return _same(limit.field)
    members = getattr(field.type, "members", ())
    inner = next((member.words for member in members if member.name == part), None)
    return dict(inner or field.words)


def _threshold(value: Json, reaches: int, facts: Mapping[str, Words]) -> Iterator[Finding]:
    span = range_of(value)
    if span is None:
        return
    said = dict(facts) | {"found": _same(span[0]), "limit": _same(reaches)}
    if span[0] >= reaches:
        yield _finding(
            "look",
            "REACHED: {field} {found}, from {limit}: {item} ({source}).",
            "已达到：{field} {found}，起点 {limit}：{item}（{source}）。",
            **said,
        )
    elif span[1] >= reaches:
        yield _finding(
            "look",
            "{field}: the number is open, and may reach {limit}: {item} ({source}).",
            "{field}：数目未定，可能达到 {limit}：{item}（{source}）。",
            **said,
        )
    else:
        yield _finding(
            "ok",
            "Below: {field} {found}, from {limit}: {item} ({source}).",
            "未达到：{field} {found}，起点 {limit}：{item}（{source}）。",
            **said,
        )


def _distance(
    value: Json, profile: Profile, limit: Limit, facts: Mapping[str, Words]
) -> Iterator[Finding]:
    assert limit.metres is not None
    said = dict(facts) | {"line": _same(limit.line), "limit": _same(f"{limit.metres} m")}
    written = value.get("metres") if isinstance(value, Mapping) else None
    figures, line = list(figures_of(value))[:_FIGURES_MAX], profile.lines.get(limit.line)
    if type(written) in (int, float):
        metres, how = int(written), words("as written", "据所写")  # type: ignore[arg-type]
    elif figures and line is not None and line.course:
        metres = min(metres_to_line(one, line.course, is_area=line.is_area) for one in figures)
        how = words(
            f"on the ellipsoid; its course: {line.source}, certainty {line.sure}",
            f"按椭球面计算；走向依据：{line.source}，确定程度 {line.sure}",
        )
    else:
        why = "" if line is None else f" ({line.source})"
        yield _finding(
            "look",
            "{field}: the course of {line} is not in the profile{why}, so no distance to it is "
            "computed; {limit} are set: {item} ({source}).",
            "{field}：该依据未载 {line} 的走向{why}，故未计算距离；"
            "规定 {limit}：{item}（{source}）。",
            **said,
            why=_same(why),
        )
        return
    said |= {"found": _same(f"{metres} m"), "how": how}
    if metres < limit.metres:
        yield _finding(
            "look",
            "WITHIN: {field} lies {found} from {line} ({how}), and {limit} are set: {item} "
            "({source}).",
            "在范围之内：{field} 距 {line} {found}（{how}），规定 {limit}：{item}（{source}）。",
            **said,
        )
    else:
        yield _finding(
            "ok",
            "{field} lies {found} from {line} ({how}); {limit} are set: {item} ({source}).",
            "{field} 距 {line} {found}（{how}）；规定 {limit}：{item}（{source}）。",
            **said,
        )


def figures_of(value: Json) -> Iterator[Figure]:
    """Yield what lies somewhere in the JSON form of areas, spots and positions."""
    if isinstance(value, list | tuple):
        for member in value:
            yield from figures_of(member)
        return
    if not isinstance(value, Mapping):
        return
    corners, line, centre = value.get("corners"), value.get("line"), value.get("centre")
    if corners is not None:
        yield Figure(corners=_points(corners), is_closed=True)
    elif line is not None:
        yield Figure(corners=_points(line), margin=_metres(value.get("width")) // 2)
    elif centre is not None:
        yield Figure(corners=_points([centre]), margin=_metres(value.get("radius")))
    elif "written" in value and "lat" in value:
        yield Figure(corners=_points([value]))
    else:
        for member in value.values():
            yield from figures_of(member)


def _points(value: Json) -> tuple[tuple[float, float], ...]:
    members: Sequence[Json] = value if isinstance(value, list | tuple) else []
    points = [
        parse_position(str(member["written"])) for member in members if isinstance(member, Mapping)
    ]
    return tuple((point.latitude / E7, point.longitude / E7) for point in points)


def _metres(value: Json) -> int:
    amount = value.get("metres") if isinstance(value, Mapping) else None
    return int(amount) if isinstance(amount, int | float) else 0


class ToldStep(StepFacts):
    """A draft as a declaration looks at a step; it has no entry and so no name."""

    languages = ()
    precision = "exact"

    def __init__(self, told: Told) -> None:
        self._told = told
        self.party, self.office, self.name = told.writer, told.writer, ""
        self.move, self.claimed = told.move.full_name, 0

    def wire(self, field: str) -> Value:
        """Return the wire value of a field."""
        declared = fields_of(self._told.move).get(field)
        return None if declared is None else self._told.wire.get(declared.number)

    def json(self, field: str) -> Json:
        """Return the JSON form of a field."""
        return self._told.values.get(field)

    def fields(self) -> dict[str, Json]:
        """Return every field."""
        return dict(self._told.values)


def differences(told: Told, case: CaseFacts | None) -> Sequence[Difference]:
    """Return how what a draft is about compares, as it would stand with the draft.

    Args:
        told: the draft.
        case: its case before it, None where it opens one.
    """
    compare = told.procedure.compare_draft
    return () if compare is None else compare(case, ToldStep(told))


# --- duties --------------------------------------------------------------------------------------


def duties(told: Told, profile: Profile) -> list[Duty]:
    """Return what is owed or asked for once the entry is delivered, by whom, until when."""
    found: list[Duty] = []
    for rule in told.procedure.clocks:
        applies = rule.applies is None or rule.applies(ToldStep(told))
        if told.move.name in rule.starts and applies:
            found += _duties(told, profile, rule)
    return found


def _duties(told: Told, profile: Profile, rule: ClockRule) -> Iterator[Duty]:
    at, after, owed, source = _term(told, profile, rule)
    if at is None and after is None:
        return
    for code in [told.writer] if rule.writer_owes else told.others:
        yield Duty(owed_by=code, what=rule.words, after=after, at=at, owed=owed, source=source)


def _term(
    told: Told, profile: Profile, rule: ClockRule
) -> tuple[int | None, int | None, bool, str]:
    """Return when, or how long after delivery, whether a rule sets it, and which."""
    set_by = f"profile {profile.code}"
    if rule.due_field:
        field = told.move.field(rule.due_field)
        wire = None if field is None else told.wire.get(field.number)
        at = until_instant(wire) if isinstance(wire, str) else start_of(wire)
        if at is None or not rule.then:
            return at, None, True, "entry"
        period = profile.clock(rule.then)
        return (None, None, False, "") if period is None else (
            at + period, None, profile.owes(rule.then), set_by
        )  # fmt: skip
    wish = told.wire.get(F_DUE)
    if isinstance(wish, list | tuple) and len(wish) == 1 and type(wish[0]) is int:
        return wish[0], None, False, "asked"
    rule_s, owed = profile.clock(rule.name), profile.owes(rule.name)
    asked = wish if type(wish) is int else None
    if rule_s is not None and (asked is None or (owed and rule_s >= asked)):
        return None, rule_s, owed, set_by
    return None, asked, owed and rule_s is not None, "asked"


def duty_words(duty: Duty) -> Words:
    """Return a duty as a sentence."""
    when = (
        words(f"by {rfc3339(duty.at)}", f"至 {rfc3339(duty.at)}")
        if duty.at is not None
        else {
            "en": f"within {_length(duty.after or 0)['en']} of delivery",
            "zh": f"送达后 {_length(duty.after or 0)['zh']}内",
        }
    )
    verbs = words("owes", "应办") if duty.owed else words("is asked for", "被请求")
    return {
        "en": f"{duty.owed_by} {verbs['en']}: {duty.what['en']}, {when['en']} ({duty.source})",
        "zh": f"{duty.owed_by} {verbs['zh']}：{duty.what['zh']}，{when['zh']}（{duty.source}）",
    }
