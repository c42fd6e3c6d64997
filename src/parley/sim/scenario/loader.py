"""Reading a scenario file: strict YAML, every mistake with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from parley.core.instants import Instant, parse_duration, parse_instant
from parley.desk.catalogue import MOVES
from parley.desk.profiles import Profile, load
from parley.errors import ParleyError, UsageError
from parley.sim.scenario.names import EVENT, FAULT, KNOWN_PROCEDURES, NEEDED, TOP, VARIANT
from parley.sim.scenario.strict_yaml import FactsError, read_facts

FILE_CHARACTERS_MAX: Final = 2_000_000
EVENTS_MAX: Final = 20_000
MARKS: Final = ("SIMULATION", "EXERCISE")


class ScenarioError(UsageError):
    """A scenario file that cannot be read or played; says where and what would be right."""

    def __init__(self, file: str, line: int | None, text: str, *, next_step: str = "") -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(
            f"{place}: {text}", next_step=next_step or "Mend the file and run it again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a desk does, or that somebody outside says.

    Attributes:
        line: where it stands in the file; None in a variant.
        by: offices, in the order in which they move.
        values: fields of the move, as the file gives them.
    """

    id: str
    line: int | None
    at: Instant
    by: tuple[str, ...]
    do: str
    to: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    channel: str | None = None
    case: str | None = None
    precedence: str = "R"
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None

    @property
    def is_context(self) -> bool:
        """Say whether it was said outside the channels."""
        return self.do == "context"

    @property
    def is_declared(self) -> bool:
        """Say whether the desk has this move."""
        return self.do in MOVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A time in which a link is down, or by how much a party's clock is off.

    Attributes:
        parties: the two ends, or the one party.
        channel: only this channel is cut; None for all.
    """

    parties: tuple[str, ...]
    begins: Instant
    ends: Instant
    clock_offset_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioChannel:
    """One channel of the file."""

    code: str
    parties: tuple[str, ...]
    purpose: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One history, in one of its variants, ready to be played.

    Attributes:
        variant: its name; empty for the history as it stands.
        claims: what must hold at the end, as the file words it.
    """

    name: str
    file: str
    variant: str
    mark: str
    start: Instant
    cutoff: Instant
    parties: tuple[str, ...]
    witnesses: tuple[str, ...]
    channels: tuple[ScenarioChannel, ...]
    events: tuple[Event, ...]
    faults: tuple[Fault, ...]
    claims: tuple[Mapping[str, Any], ...]
    cutoffs: Mapping[str, Instant]
    seed: int = 1


def read_scenario(text: str, file: str) -> ScenarioFile:
    """Return a scenario file, checked as far as it can be before it is played.

    Raises:
        ScenarioError: it is no scenario; says which line and what would be right.
    """
    if len(text) > FILE_CHARACTERS_MAX:
        raise ScenarioError(file, None, f"longer than {FILE_CHARACTERS_MAX:,} characters")
    try:
        raw, lines = read_facts(text)
    except FactsError as problem:
        raise ScenarioError(file, problem.line, str(problem)) from None
    if not isinstance(raw, dict):
        raise ScenarioError(file, 1, "a scenario is a map of names to values")
    return ScenarioFile(raw=raw, file=file, lines=lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFile:
    """A file as it was read; `scenario` builds the history or one of its variants."""

    raw: Mapping[str, Any]
    file: str
    lines: Mapping[str, int]

    @property
    def variants(self) -> tuple[str, ...]:
        """Return the names of its variants."""
        return tuple(self._map(self.raw.get("variants", {}), "variants"))

    def scenario(self, variant: str = "") -> Scenario:
        """Return the history, or the variant of it with this name.

        Raises:
            ScenarioError: something in it is wrong.
        """
        raw = self.raw
        self._only(raw, TOP, "the file")
        for name in NEEDED:
            if name not in raw:
                raise self._wrong(f"{name} is missing")
        if "continues" in raw:
            raise self._wrong(
                "`continues` is not played yet", next_step="Put both parts into one file."
            )
        if raw["mark"] not in MARKS:
            raise self._wrong(f"mark is {raw['mark']!r}; it must be one of {', '.join(MARKS)}")
        change = self._variant(variant)
        clock = self._map(raw["clock"], "clock")
        start = self._time(clock.get("start"), "clock.start")
        cutoff = self._time(clock.get("cutoff"), "clock.cutoff")
        if cutoff <= start:
            raise self._wrong("clock.cutoff is not after clock.start")
        parties = tuple(self._map(raw["parties"], "parties"))
        profiles = {**self._part(raw, "profiles"), **self._part(change, "profiles")}
        channels = {**self._part(raw, "channels"), **self._part(change, "channels")}
        events = self._events(change, parties, channels)
        faults = [*self._list(raw, "link"), *self._list(change, "link")]
        return Scenario(
            name=str(raw["scenario"]),
            file=self.file,
            variant=variant,
            mark=str(raw["mark"]),
            start=start,
            cutoff=cutoff,
            parties=parties,
            witnesses=tuple(str(each) for each in self._list(raw, "witnesses")),
            channels=tuple(
                self._channel(code, channel, parties, profiles)
                for code, channel in channels.items()
            ),
            events=tuple(events),
            faults=tuple(self._fault(each, parties, start, cutoff) for each in faults),
            claims=tuple(self._claims(change)),
            cutoffs={
                name: self._time(at, f"cutoffs.{name}")
                for name, at in self._part(raw, "cutoffs").items()
            },
            seed=self._seed(change),
        )

    def _variant(self, name: str) -> Mapping[str, Any]:
        if not name:
            return {}
        if name not in self.variants:
            known = ", ".join(self.variants) or "none"
            raise self._wrong(f"there is no variant {name!r}", next_step=f"Variants: {known}.")
        change = self._map(self.raw["variants"][name], f"variants.{name}")
        self._only(change, VARIANT, f"variants.{name}")
        return change

    def _seed(self, change: Mapping[str, Any]) -> int:
        seed = change.get("seed", 1)
        if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
            raise self._wrong(f"seed is {seed!r}; it must be a whole number from 0 on")
        return seed

    def _channel(
        self, code: str, raw: Any, parties: Sequence[str], profiles: Mapping[str, Any]
    ) -> ScenarioChannel:
        channel = self._map(raw, f"channels.{code}")
        members = tuple(str(each) for each in self._list(channel, "parties"))
        if len(members) < 2 or set(members) - set(parties):
            raise self._wrong(f"channels.{code}.parties names no two known parties")
        purpose = channel.get("purpose", code)
        words = purpose if isinstance(purpose, str) else next(iter(purpose.values()), code)
        name = str(channel.get("profile", "default"))
        return ScenarioChannel(
            code=code,
            parties=members,
            purpose=str(words),
            profile=self._profile(name, profiles.get(name)),
        )

    def _profile(self, name: str, raw: Any) -> Profile:
        try:
            if raw is None:
                return load(name)
            values = self._map(raw, f"profiles.{name}")
            clocks = {
                key: parse_duration(str(value)) for key, value in values.items() if key != "owed"
            }
            return Profile.make(name, owed=bool(values.get("owed", False)), clocks=clocks)
        except (ParleyError, ValueError, KeyError, OSError) as problem:
            raise self._wrong(f"profile {name}: {problem}") from None

    def _events(
        self, change: Mapping[str, Any], parties: Sequence[str], channels: Mapping[str, Any]
    ) -> list[Event]:
        dropped = {str(each) for each in self._list(change, "drop")}
        changes = self._part(change, "change")
        base = [self._map(each, "events") for each in self._list(self.raw, "events")]
        added = [self._map(each, "add") for each in self._list(change, "add")]
        if len(base) + len(added) > EVENTS_MAX:
            raise self._wrong(f"more than {EVENTS_MAX:,} events")
        unknown = (set(changes) | dropped) - {str(each.get("id")) for each in base}
        if unknown:
            raise self._wrong(f"the variant changes {min(unknown)}, which is no event")
        found: list[Event] = []
        seen: set[str] = set()
        for raw in base:
            if raw.get("id") not in dropped:
                name = str(raw.get("id"))
                found.append(self._event(merged(raw, changes.get(name, {})), parties, channels))
        found += [self._event(raw, parties, channels) for raw in added]
        for one in found:
            if one.id in seen:
                raise self._wrong(f"event {one.id} stands twice", one.id)
            seen.add(one.id)
        for one in found:
            if one.case is not None and one.case not in seen | dropped:
                raise self._wrong(f"event {one.id}: case {one.case} is no event", one.id)
        return sorted(found, key=lambda one: one.at)

    def _event(
        self, raw: Mapping[str, Any], parties: Sequence[str], channels: Mapping[str, Any]
    ) -> Event:
        name = str(raw.get("id", ""))
        self._only(raw, EVENT, f"event {name}", name)
        for needed in ("id", "at", "by", "do"):
            if needed not in raw:
                raise self._wrong(f"event {name}: {needed} is missing", name)
        do = str(raw["do"])
        procedure, _, move = do.partition(".")
        if do != "context":
            if not move or procedure not in KNOWN_PROCEDURES:
                raise self._wrong(f"event {name}: there is no move {do!r}", name)
            declared = sorted(each for each in MOVES if each.startswith(f"{procedure}."))
            if declared and do not in MOVES:
                known = f"Moves of {procedure}: {', '.join(declared)}."
                raise self._wrong(f"event {name}: there is no move {do!r}", name, next_step=known)
        by = raw["by"] if isinstance(raw["by"], list) else [raw["by"]]
        for office in by:
            if do != "context" and str(office).partition("/")[0] not in parties:
                raise self._wrong(f"event {name}: by {office!r} is no party", name)
        channel = raw.get("channel")
        if channel is not None and channel not in channels:
            raise self._wrong(f"event {name}: there is no channel {channel!r}", name)
        values = dict(self._map(raw.get("with", {}), f"event {name}: with"))
        for each in ("precision", "authentic"):
            if each in raw and do != "context":
                values[each] = raw[each]
        within = raw.get("within")
        if within is not None and do != "context":
            span = [self._time(each, f"event {name}: within") for each in within]
            if len(span) == 2 and span[0] < span[1]:
                values["within"] = [list(within)]
        return Event(
            id=name,
            line=self.lines.get(name),
            at=self._time(raw["at"], f"event {name}: at", name),
            by=tuple(str(each) for each in by),
            do=do,
            to=tuple(str(each) for each in self._list(raw, "to")),
            info=tuple(str(each) for each in self._list(raw, "info")),
            channel=channel,
            case=None if raw.get("case") is None else str(raw["case"]),
            precedence=str(raw.get("precedence", "R")),
            values=values,
            refusal=raw.get("expect_refusal"),
        )

    def _fault(self, raw: Any, parties: Sequence[str], start: Instant, cutoff: Instant) -> Fault:
        each = self._map(raw, "link")
        self._only(each, FAULT, "link")
        names = self._list(each, "between") or [each.get("party")]
        if not set(names) <= set(parties) or len(names) not in (1, 2):
            raise self._wrong(f"link: {names} are no parties of this file")
        offset = 0
        if "clock_offset" in each:
            offset = self._offset(str(each["clock_offset"]))
        elif each.get("state") != "down":
            raise self._wrong("link: a fault has `state: down` or a `clock_offset`")
        return Fault(
            parties=tuple(str(name) for name in names),
            begins=self._time(each["from"], "link.from") if "from" in each else start,
            ends=self._time(each["until"], "link.until") if "until" in each else cutoff,
            clock_offset_s=offset,
        )

    def _offset(self, text: str) -> int:
        units = {"min": 60, "s": 1, "h": 3600}
        for unit, seconds in units.items():
            number = text.removesuffix(unit).removeprefix("-")
            if text.endswith(unit) and number.isdigit() and len(number) < 8:
                return int(number) * seconds * (-1 if text.startswith("-") else 1)
        raise self._wrong(f"clock_offset {text!r} is not as in 11min, -30s or 2h")

    def _claims(self, change: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        own = [self._map(each, "expect") for each in self._list(change, "expect")]
        base = [self._map(each, "expect") for each in self._list(self.raw, "expect")]
        if not base:
            raise self._wrong("expect is empty: a scenario that claims nothing proves nothing")
        replaced = {subject(each) for each in own}
        yield from own
        for claim in base:
            named = [claim.get("case"), claim.get("proof")]
            if isinstance(claim.get("difference"), dict):
                named.append(claim["difference"].get("case"))
            dropped = {str(each) for each in self._list(change, "drop")}
            if subject(claim) not in replaced and not dropped & {str(each) for each in named}:
                yield claim

    # --- small parts ---

    def _wrong(self, text: str, event: str = "", *, next_step: str = "") -> ScenarioError:
        return ScenarioError(self.file, self.lines.get(event), text, next_step=next_step)

    def _map(self, value: Any, what: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(f"{what} is not a map of names to values")
        return value

    def _part(self, raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        return self._map(raw.get(name, {}), name)

    def _list(self, raw: Mapping[str, Any], name: str) -> list[Any]:
        value = raw.get(name, [])
        if not isinstance(value, list):
            raise self._wrong(f"{name} is not a list")
        return value

    def _only(
        self, raw: Mapping[str, Any], known: frozenset[str], what: str, event: str = ""
    ) -> None:
        for name in raw:
            if name not in known:
                names = ", ".join(sorted(known))
                raise self._wrong(f"{what}: there is no {name!r} here; names are: {names}", event)

    def _time(self, value: Any, what: str, event: str = "") -> Instant:
        text = str(value)
        # A day is written alone where it bounds a span; it means the beginning of it, UTC.
        is_day = not what.endswith("at") and len(text) == len("2026-03-02")
        try:
            return parse_instant(f"{text}T00:00:00Z" if is_day else text)
        except (ParleyError, ValueError):
            example = "such as 2026-03-02T07:00:00Z"
            problem = f"{what}: {text!r} is no time with a zone, {example}"
            raise self._wrong(problem, event) from None


def merged(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map with changes laid over it; maps inside are merged in turn."""
    found = dict(raw)
    for name, value in changes.items():
        inner = found.get(name)
        both = isinstance(value, Mapping) and isinstance(inner, Mapping)
        found[name] = merged(inner, value) if both else value  # type: ignore[arg-type]
    return found


def subject(claim: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a claim is about; a variant's claim replaces the file's about the same."""
    about = ("register", "case", "party", "at", "count", "proof", "identical", "absent")
    rest = claim.get("difference")
    compared = (str(rest.get("case")), str(rest.get("field"))) if isinstance(rest, dict) else ()
    cycle = ("cycle",) if {"cycle", "no_cycle"} & set(claim) else ()
    return (*(str(claim.get(name)) for name in about), *compared, *cycle)
