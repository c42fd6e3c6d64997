"""The form of a scenario file: which parts there are and how each is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from parley.core.instants import YEAR_2100, Instant, parse_instant
from parley.errors import UsageError
from parley.sim.scenario.shapes import (
    Finding,
    Shape,
    anything,
    either,
    flag,
    list_of,
    map_of,
    number,
    one_of,
    record,
    whole,
    words,
)
from parley.sim.scenario.strict_yaml import Path

MARKS: Final = ("SIMULATION", "EXERCISE")
PRECISIONS: Final = ("exact", "hour", "day", "week", "month", "unknown")
EVENTS_MAX: Final = 20_000

_YEARS: Final = (Instant(63_072_000), YEAR_2100)  # of what an entry can say: 1972 on


def moment_of(text: str) -> Instant:
    """Return the instant of a time, or of the beginning of a day, UTC.

    Raises:
        UsageError: the calendar does not have it, or it is not of these centuries.
    """
    moment = parse_instant(text if "T" in text else f"{text}T00:00:00Z")
    if not _YEARS[0] <= moment < _YEARS[1]:
        raise UsageError(f"{text} is not between 1972 and 2100")
    return moment


_SECOND = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})"
_SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"

slug = words(_SLUG, "small letters, digits and single hyphens, such as pier-4", most=64)
channel_code = words(_SLUG, "small letters, digits and single hyphens, such as ops", most=24)
code = words(r"[A-Z][A-Z0-9-]{1,15}", "2 to 16 capitals, digits and hyphens, such as BRAVO")
event_id = words(r"[A-Z][A-Za-z0-9-]{0,15}", "an event's name, such as E12 (at most 16 characters)")
office = words(r"[A-Z][A-Z0-9-]{1,15}/[A-Z][A-Z0-9-]{0,15}", "a desk of a party, such as BRAVO/OPS")


def _time(form: Shape) -> Shape:
    """Return the shape of a time that the calendar has."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        yield from (found := list(form(value, path)))
        if not found:
            try:
                moment_of(value)
            except UsageError as problem:
                yield Finding(path=path, text=f"is no time: {problem}")

    return shape


instant = _time(words(_SECOND, "a time with a zone, such as 2026-03-02T07:00:00Z"))
when = _time(
    words(rf"{_SECOND}|\d{{4}}-\d{{2}}-\d{{2}}", "a time with a zone, or a day, 2026-03-02")
)
duration = words(
    r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?|-?\d+(ms|s|min|h|d)",
    "a length of time, such as PT4H, 11min or -30s",
    most=40,
)
language = words(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language code, such as en", most=35)
text = map_of(language, words(".+", "words", most=4_000), least=1, what="language")

_name = words(".+", "words", most=200)
_desk_name = words(r"[A-Z][A-Z0-9-]{0,15}", "capitals, digits and hyphens, such as OPS")
_holder = record({"name": _name, "from": when, "until": when}, needed=["name"])
_desk = record({"office": text, "holders": list_of(_holder)})
_party = record(
    {
        "name": text,
        "languages": list_of(language, least=1),
        "zone": _name,
        "desks": map_of(_desk_name, _desk, least=1, what="desk"),
    },
    needed=["desks"],
)
_channel = record(
    {
        "parties": list_of(code, least=2, most=8, unique=True),
        "purpose": text,
        "basis": _name,
        "procedures": either(
            "`all`, or a list of procedures", one_of("all"), list_of(_name, least=1)
        ),
        "profile": _name,
        "expiry": instant,
        "proposed_only": flag,
    },
    needed=["parties", "purpose"],
)
_channels = map_of(channel_code, _channel, what="channel")
_clock = either("a length of time, a number, or yes or no", duration, number(-1e12, 1e12), flag)


def _profile(value: Any, path: Path) -> Iterator[Finding]:
    yield from map_of(_name, anything, least=1, what="clock")(value, path)
    for name, each in value.items() if isinstance(value, dict) else ():
        shape = {"owed": flag, "like": _name}.get(name, _clock)
        yield from shape(each, (*path, name))


def _fault(value: Any, path: Path) -> Iterator[Finding]:
    yield from _fault_members(value, path)
    if not isinstance(value, dict):
        return
    if ("between" in value) == ("party" in value):
        yield Finding(path=path, text="a fault has either `between: [A, B]` or `party: A`")
    does = {"state", "clock_offset", "direction", "delay", "loss", "rate_bps"} & set(value)
    if not does:
        text = "it says nothing that fails: `state: down`, `direction`, `clock_offset`, `delay`, "
        yield Finding(path=path, text=f"{text}`loss` or `rate_bps`")
    for name in ("clock_offset", "direction"):
        if name in value and "between" in value:
            yield Finding(path=(*path, name), text=f"`{name}` is of a `party`, not of a path")
    if "clock_offset" in value and "channel" in value:
        yield Finding(path=(*path, "channel"), text="a clock is not of one channel")
    if "channel" in value and does - {"state"}:
        yield Finding(path=(*path, "channel"), text="of one channel only `state: down` can be said")


_profiles = map_of(slug, _profile, what="profile")
_fault_members = record(
    {
        "between": list_of(code, least=2, most=2, unique=True),
        "party": code,
        "channel": slug,
        "from": instant,
        "until": instant,
        "state": one_of("down", "up"),
        "direction": one_of("in", "out"),
        "delay": duration,
        "loss": number(0, 1),
        "rate_bps": whole(1),
        "clock_offset": duration,
    }
)
_link = list_of(_fault, most=1_000)
_EVENT_MEMBERS: Final[dict[str, Shape]] = {
    "at": instant,
    "precision": one_of(*PRECISIONS),
    "within": list_of(when, least=2, most=2),
    "by": either(
        "a desk such as ALFA/OPS, several of them in a list, or observer",
        office,
        one_of("observer"),
        list_of(office, least=2, most=16, unique=True),
    ),
    "to": list_of(office, least=1, most=40, unique=True),
    "info": list_of(office, most=40, unique=True),
    "channel": slug,
    "case": event_id,
    "do": words(r"context|[a-z_]+\.[a-z_]+", "a move, such as request.open, or context", most=80),
    "with": map_of(_name, anything, what="field"),
    "precedence": one_of("Z", "O", "P", "R"),
    "authentic": list_of(language, least=2, most=8, unique=True),
    "sure": words("[ABCS](/[ABCS])*", "A, B, C or S, or several with a slash", most=7),
    "note": _name,
    "out_of_order": words(".{3,}", "the reason, in words", most=400),
    "expect_refusal": words("[a-z_-]+", "a code, such as not-permitted", most=60),
}
EVENT_MEMBERS: Final = ("id", *_EVENT_MEMBERS)
_event = record({"id": event_id, **_EVENT_MEMBERS}, needed=["id", "at", "by", "do"])
_change = record(_EVENT_MEMBERS, least=1)
_DIFFERENCES: Final = ("agree", "differ", "only_one_side", "not_comparable", "disputed")
_CLAIM_MEMBERS: Final[dict[str, Shape]] = {
    "at": either("a time with a zone, or the name of a cutoff", instant, slug),
    "station": code,
    "register": words("[a-z_]+", "the name of a register, such as requests", most=40),
    "case": _name,
    "party": code,
    "shows": map_of(_name, anything, least=1, what="column"),
    "count": map_of(_name, anything, what="column"),
    "equals": whole(0),
    "at_least": whole(0),
    "difference": record(
        {
            "case": event_id,
            "field": _name,
            "status": one_of(*_DIFFERENCES),
            "side": code,
            "by": map_of(_name, anything),
        },
        needed=["case", "field", "status"],
    ),
    "cycle": list_of(event_id, least=1, unique=True),
    "no_cycle": flag,
    "proof": event_id,
    "identical": one_of("registers", "order"),
    "absent": map_of(_name, anything, least=1, what="column"),
    "note": words(".*", "words", most=400),
}
_KINDS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "shows": (frozenset({"register", "case"}), frozenset({"party"})),
    "count": (frozenset({"register"}), frozenset({"equals", "at_least"})),
    "difference": (frozenset(), frozenset()),
    "cycle": (frozenset(), frozenset()),
    "no_cycle": (frozenset(), frozenset()),
    "proof": (frozenset(), frozenset()),
    "identical": (frozenset(), frozenset()),
    "absent": (frozenset(), frozenset()),
}
_ANY_CLAIM: Final = frozenset({"at", "station", "note"})


def _claim(value: Any, path: Path) -> Iterator[Finding]:
    """Yield what is wrong with a claim: exactly one thing is said, with what belongs to it."""
    yield from record(_CLAIM_MEMBERS)(value, path)
    if not isinstance(value, dict):
        return
    kinds = [kind for kind in _KINDS if kind in value]
    if len(kinds) != 1:
        found = " and ".join(kinds) if kinds else "nothing"
        text = f"a claim says one thing, this one {found}: {', '.join(_KINDS)}"
        yield Finding(path=path, text=text)
        return
    needed, allowed = _KINDS[kinds[0]]
    for name in sorted(needed - set(value)):
        yield Finding(path=path, text=f"{name} is missing for `{kinds[0]}`")
    for name in value:
        if name not in needed | allowed | _ANY_CLAIM | {kinds[0]} and name in _CLAIM_MEMBERS:
            text = f"`{name}` says nothing beside `{kinds[0]}`"
            yield Finding(path=(*path, name), text=text)
    if kinds[0] == "count" and ("equals" in value) == ("at_least" in value):
        yield Finding(path=path, text="a count has either `equals` or `at_least`")
    if kinds[0] == "no_cycle" and value["no_cycle"] is False:
        yield Finding(path=(*path, "no_cycle"), text="says nothing; it must be true")
    if kinds[0] == "absent" and isinstance(value["absent"], dict):
        register = value["absent"].get("register")
        if not isinstance(register, str):
            yield Finding(path=(*path, "absent"), text="names no register")


_expect = list_of(
    _claim,
    least=1,
    hint="a list of claims; a scenario that claims nothing proves nothing",
)
_variant = record(
    {
        "title": text,
        "change": map_of(event_id, _change, what="event"),
        "drop": list_of(event_id, unique=True),
        "add": list_of(_event, most=EVENTS_MAX),
        "channels": _channels,
        "profiles": _profiles,
        "link": _link,
        "witnesses": list_of(code, unique=True),
        "seed": whole(0),
        "expect": _expect,
    },
    needed=["expect"],
)
_file = record(
    {
        "scenario": slug,
        "version": whole(1),
        "mark": one_of(*MARKS),
        "title": text,
        "about": text,
        "continues": slug,
        "clock": record({"start": instant, "cutoff": instant}, needed=["start", "cutoff"]),
        "cutoffs": map_of(slug, instant, what="name"),
        "parties": map_of(code, _party, least=1, what="party"),
        "witnesses": list_of(code, unique=True),
        "channels": _channels,
        "profiles": _profiles,
        "link": _link,
        "events": list_of(_event, least=1, most=EVENTS_MAX),
        "variants": map_of(slug, _variant, what="variant"),
        "expect": _expect,
    },
    needed=["scenario", "version", "mark", "title", "clock", "events", "expect"],
)


def form_of(raw: Any) -> Iterator[Finding]:
    """Yield what is wrong with the form of a file, part by part."""
    yield from _file(raw, ())
    if isinstance(raw, dict) and "continues" not in raw:
        for name in ("parties", "channels"):
            if name not in raw:
                yield Finding(path=(), text=f"{name} is missing")
            elif raw[name] == {}:
                yield Finding(path=(name,), text="is empty")
