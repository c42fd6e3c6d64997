"""Reading a scenario file: strict YAML, every mistake with its line, variants and continuations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from parley.core.instants import Instant, parse_duration
from parley.desk.catalogue import PROCEDURES
from parley.desk.profiles import Profile, load
from parley.errors import ParleyError
from parley.sim.scenario import checks
from parley.sim.scenario.checks import Ground, Placed
from parley.sim.scenario.form import form_of, moment_of
from parley.sim.scenario.model import Event, Fault, Scenario, ScenarioChannel, ScenarioError
from parley.sim.scenario.names import KNOWN_PROCEDURES, clock_named, register_named
from parley.sim.scenario.shapes import Finding
from parley.sim.scenario.strict_yaml import FactsError, Path, read_facts

__all__ = ["ScenarioError", "ScenarioFile", "merged", "read_scenario", "subject"]

FILE_CHARACTERS_MAX: Final = 1_000_000
CONTINUED_MAX: Final = 8
SPAN_YEARS_MAX: Final = 40
_YEAR_S: Final = 366 * 86_400
_FOREVER: Final = Instant(2**40)
_REGISTER_OF: Final = {name: each.register for name, each in PROCEDURES.items()}

Find = Callable[[str], "ScenarioFile"]
"""Returns the scenario of a name; raises NotFoundError where there is none."""


def _nowhere(name: str) -> ScenarioFile:
    raise ParleyError(f"{name} is not beside this file")


def read_scenario(text: str, file: str, find: Find = _nowhere) -> ScenarioFile:
    """Return a scenario file, its form checked.

    Args:
        text: the file.
        file: its name, for messages.
        find: finds the scenario that it continues.

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
    found = ScenarioFile(raw=raw, file=file, lines=lines, find=find)
    found.refuse(form_of(raw))
    for part in (raw, *raw.get("variants", {}).values()):
        for claim in part["expect"]:
            for asked in (claim, claim.get("absent", {})):
                if "register" in asked:
                    asked["register"] = register_named(asked["register"], _REGISTER_OF)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFile:
    """A file as it was read; `scenario` builds the history or one of its variants."""

    raw: Mapping[str, Any]
    file: str
    lines: Mapping[Path, int]
    find: Find = field(compare=False)

    @property
    def variants(self) -> tuple[str, ...]:
        """Return the names of its variants."""
        return tuple(self.raw.get("variants", {}))

    def scenario(self, variant: str = "") -> Scenario:
        """Return the history, or the variant of it with this name.

        Raises:
            ScenarioError: something in it is wrong.
        """
        change: Mapping[str, Any] = {}
        path: Path = ()
        if variant:
            if variant not in self.variants:
                known = ", ".join(self.variants) or "none"
                text = f"there is no variant {variant!r}"
                raise ScenarioError(self.file, None, text, next_step=f"Variants: {known}.")
            change, path = self.raw["variants"][variant], ("variants", variant)
        built = self.build(variant, change, path, ())
        # A fault that ends with the history or later is not mended within it.
        faults = [
            replace(fault, ends=_FOREVER) if fault.ends >= built.cutoff else fault
            for fault in built.faults
        ]
        return replace(built, faults=tuple(faults))

    def refuse(self, findings: Iterator[Finding]) -> None:
        """Raise the first of these findings as an error; say how many more there are.

        Raises:
            ScenarioError: there is one.
        """
        found = list(findings)
        if not found:
            return
        found.sort(key=lambda one: self.line(one.path) or 0)
        first = found[0]
        where = self._words(first.path)
        step = first.next_step or "Mend the file and run it again."
        if len(found) > 1:
            lines = sorted({line for one in found[1:] if (line := self.line(one.path))})
            listed = ", ".join(str(line) for line in lines[:5]) + (" ..." if len(lines) > 5 else "")
            more = "1 more mistake" if len(found) == 2 else f"{len(found) - 1} more mistakes"
            step = f"{step} {more} in this file, see line {listed}."
        text = f"{where}: {first.text}" if where else first.text
        raise ScenarioError(self.file, self.line(first.path), text, next_step=step)

    def line(self, path: Path) -> int | None:
        """Return the line of what stands at a place, or of what holds it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def _words(self, path: Path) -> str:
        """Return a place in words: `event E2, with.reason`."""
        parts: list[str] = []
        if path[:1] == ("variants",) and len(path) > 1:
            parts.append(f"variant {path[1]}")
        rest: list[str] = []
        here: Any = self.raw
        for place, step in enumerate(path):
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                here = None
            if parts and place < 2 and path[0] == "variants":
                continue
            if isinstance(step, str):
                rest.append(step)
            elif rest[-1:] in (["events"], ["add"]):
                rest.pop()
                name = here.get("id") if isinstance(here, dict) else None
                parts.append(f"event {name if isinstance(name, str) else step + 1}")
            else:
                held = rest.pop() if rest else "member"
                rest.append(f"{held}[{step + 1}]")
        return ", ".join([*parts, *([".".join(rest)] if rest else [])])

    # --- the history or one of its variants ---

    def build(
        self, variant: str, change: Mapping[str, Any], path: Path, passed: tuple[str, ...]
    ) -> Scenario:
        """Return the history, or a variant of it; `passed` are the files that continue it.

        Raises:
            ScenarioError: something in it is wrong.
        """
        before = self.continued(passed)
        ground = self.ground(change, before)
        base = [
            Placed(raw=raw, path=("events", number))
            for number, raw in enumerate(self.raw["events"])
        ]
        self.refuse(checks.check_ground(ground, self.raw.get("link", []), ()))
        self.refuse(checks.check_ground(ground, change.get("link", []), path))
        self.refuse(checks.check_order(base))
        events = self._changed(base, change, path)
        self.refuse(checks.check_events(ground, events))
        claims = self._claims(change, path, {event.raw["id"] for event in events})
        self.refuse(checks.check_claims(ground, claims, events))
        old = before.scenario if before is not None else None
        faults = [*self.raw.get("link", []), *change.get("link", [])]
        return Scenario(
            name=self.raw["scenario"],
            file=self.file,
            variant=variant,
            mark=self.raw["mark"],
            start=ground.first,
            cutoff=ground.cutoff,
            parties=tuple(ground.parties),
            witnesses=tuple(ground.witnesses),
            channels=tuple(
                self._channel(code, raw, ground.profiles) for code, raw in ground.channels.items()
            ),
            events=(
                *(old.events if old else ()),
                *(self._event(each) for each in events),
            ),
            faults=(
                *(old.faults if old else ()),
                *(_fault(each, ground.start) for each in faults),
            ),
            claims=tuple(claim for claim, _ in claims),
            cutoffs={name: moment_of(at) for name, at in ground.cutoffs.items()},
            names={code: _first(raw.get("name"), code) for code, raw in ground.parties.items()},
            zones={code: str(raw["zone"]) for code, raw in ground.parties.items() if "zone" in raw},
            languages={
                code: tuple(raw.get("languages", ["en"])) for code, raw in ground.parties.items()
            },
            seed=change.get("seed"),
        )

    def ground(self, change: Mapping[str, Any], before: _Before | None) -> Ground:
        """Return what this file and its variant lay down, over what went before.

        Raises:
            ScenarioError: they do not fit together.
        """
        raw, clock = self.raw, self.raw["clock"]
        start, cutoff = moment_of(clock["start"]), moment_of(clock["cutoff"])
        first = start if before is None else min(start, before.scenario.start)
        if cutoff <= start:
            self._refuse_one(("clock", "cutoff"), "is not after clock.start")
        if cutoff - first > SPAN_YEARS_MAX * _YEAR_S:
            text = f"is more than {SPAN_YEARS_MAX} years after the beginning"
            self._refuse_one(("clock", "cutoff"), text)
        parties: Mapping[str, Any] = raw.get("parties", {})
        channels: Mapping[str, Any] = {**raw.get("channels", {}), **change.get("channels", {})}
        profiles: Mapping[str, Any] = {**raw.get("profiles", {}), **change.get("profiles", {})}
        witnesses = [*raw.get("witnesses", []), *change.get("witnesses", [])]
        if before is not None:
            old = before.ground
            for code, channel in old.channels.items():
                given = channels.get(code, channel)
                if given.get("parties", channel["parties"]) != channel["parties"]:
                    text = f"is open already, between {', '.join(channel['parties'])}"
                    self._refuse_one(("channels", code), text)
            parties = merged(old.parties, parties)
            channels = merged(old.channels, channels)
            profiles = merged(old.profiles, profiles)
            witnesses = [*old.witnesses, *witnesses]
            if before.scenario.mark != raw["mark"]:
                text = f"is {raw['mark']}, but what it continues is {before.scenario.mark}"
                self._refuse_one(("mark",), text)
        if len(parties) < 2:
            self._refuse_one(("parties",), "names one party; two are needed to talk")
        return Ground(
            parties=parties,
            channels=channels,
            profiles=profiles,
            witnesses=tuple(dict.fromkeys(witnesses)),
            cutoffs=raw.get("cutoffs", {}),
            start=start,
            cutoff=cutoff,
            first=first,
            earlier={} if before is None else before.events,
        )

    def continued(self, passed: tuple[str, ...]) -> _Before | None:
        """Return what this file continues, None where it begins by itself.

        Raises:
            ScenarioError: there is none of that name, or it goes in a circle.
        """
        name = self.raw.get("continues")
        if name is None:
            return None
        if name in (*passed, self.raw["scenario"]) or len(passed) >= CONTINUED_MAX:
            chain = " continues ".join((*passed, self.raw["scenario"], name))
            self._refuse_one(("continues",), f"goes in a circle, or too far: {chain}")
        try:
            file = self.find(name)
        except ScenarioError:
            raise
        except ParleyError as problem:
            text = f"there is no scenario {name}: {problem}"
            step = f"Put {name}.yaml beside this file."
            self.refuse(iter([Finding(path=("continues",), text=text, next_step=step)]))
            raise
        scenario = file.build("", {}, (), (*passed, self.raw["scenario"]))
        further = file.continued((*passed, self.raw["scenario"]))
        events = {} if further is None else dict(further.events)
        events |= {raw["id"]: raw for raw in file.raw["events"]}
        return _Before(scenario=scenario, ground=file.ground({}, further), events=events)

    def _changed(
        self, base: Sequence[Placed], change: Mapping[str, Any], path: Path
    ) -> list[Placed]:
        """Return the events with the variant's changes, in the order in which they happen."""
        changes, dropped = change.get("change", {}), set(change.get("drop", []))
        known = {event.raw["id"] for event in base}
        for name, part in (
            *((each, "change") for each in changes),
            *((e, "drop") for e in dropped),
        ):
            if name not in known:
                text = f"the variant speaks of {name}, which is no event of this file"
                self._refuse_one((*path, part, name), text)
        events = [
            Placed(
                raw=merged(event.raw, changes.get(event.raw["id"], {})),
                path=event.path,
                changed=(*path, "change", event.raw["id"]) if event.raw["id"] in changes else None,
                where_changed=frozenset(changes.get(event.raw["id"], {})),
            )
            for event in base
            if event.raw["id"] not in dropped
        ]
        events += [
            Placed(raw=raw, path=(*path, "add", number))
            for number, raw in enumerate(change.get("add", []))
        ]
        return sorted(events, key=lambda event: moment_of(event.raw["at"]))

    def _refuse_one(self, path: Path, text: str) -> None:
        self.refuse(iter([Finding(path=path, text=text)]))

    def _channel(
        self, code: str, raw: Mapping[str, Any], profiles: Mapping[str, Any]
    ) -> ScenarioChannel:
        name = raw.get("profile", "default")
        procedures = raw.get("procedures", "all")
        return ScenarioChannel(
            code=code,
            parties=tuple(raw["parties"]),
            purpose=_first(raw["purpose"], code),
            profile=self._profile(name, profiles, code, ()),
            basis=raw.get("basis", "none"),
            procedures=None if procedures == "all" else frozenset(procedures),
            expiry=moment_of(raw["expiry"]) if "expiry" in raw else None,
            proposed_only=raw.get("proposed_only", False),
        )

    def _profile(
        self, name: str, profiles: Mapping[str, Any], code: str, passed: tuple[str, ...]
    ) -> Profile:
        """Return a profile of the file, or one that comes with the desk."""
        path: Path = ("profiles", name) if name in profiles else ("channels", code, "profile")
        raw = profiles.get(name)
        try:
            if raw is None:
                return load(name)
            if name in passed:
                self._refuse_one((*path, "like"), f"goes in a circle: {' like '.join(passed)}")
            like = raw.get("like")
            base = self._profile(like, profiles, code, (*passed, name)) if like else None
            clocks = dict(base.clocks) if base else {}
            for key, value in raw.items():
                if key not in ("owed", "like") and self._is_clock(key, (*path, key)):
                    clocks[clock_named(key, load("default").clocks)] = _seconds(value)
            given = {key: seconds for key, seconds in clocks.items() if seconds is not None}
            owed = raw.get("owed", base.owed if base else False)
            return Profile.make(name, owed=owed, clocks=given)
        except ScenarioError:
            raise
        except ParleyError as problem:
            step = problem.next_step
            text = f"profile {name}: {problem}"
            self.refuse(iter([Finding(path=path, text=text, next_step=step)]))
            raise

    def _is_clock(self, key: str, path: Path) -> bool:
        """Say whether the desk runs this clock; one of a procedure it has not runs nowhere."""
        procedure = key.partition(".")[0]
        if procedure in PROCEDURES or key in load("default").clocks:
            return True
        if procedure not in KNOWN_PROCEDURES:
            self._refuse_one(path, "is a clock of no procedure")
        return False

    def _event(self, event: Placed) -> Event:
        raw = event.raw
        do = raw["do"]
        values = dict(raw.get("with", {}))
        if do != "context":
            values |= {name: raw[name] for name in ("precision", "authentic") if name in raw}
            if "within" in raw and moment_of(raw["within"][0]) < moment_of(raw["within"][1]):
                values["within"] = [list(raw["within"])]
        return Event(
            id=raw["id"],
            file=self.file,
            line=self.line(event.at()),
            at=moment_of(raw["at"]),
            by=tuple(raw["by"] if isinstance(raw["by"], list) else [raw["by"]]),
            do=do,
            to=tuple(raw.get("to", [])),
            info=tuple(raw.get("info", [])),
            channel=raw.get("channel"),
            case=raw.get("case"),
            precedence=raw.get("precedence", "R"),
            values=values,
            refusal=raw.get("expect_refusal"),
        )

    def _claims(
        self, change: Mapping[str, Any], path: Path, events: set[str]
    ) -> list[tuple[Mapping[str, Any], Path]]:
        """Return the variant's claims, and those of the file that it neither replaces nor drops."""
        own = [
            (claim, (*path, "expect", number))
            for number, claim in enumerate(change.get("expect", []))
        ]
        replaced = {subject(claim) for claim, _ in own}
        dropped = set(change.get("drop", [])) - events
        kept = [
            (claim, ("expect", number))
            for number, claim in enumerate(self.raw["expect"])
            if subject(claim) not in replaced and not dropped & set(_named(claim))
        ]
        return [*own, *kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What a file continues: its history, what it laid down, and its events."""

    scenario: Scenario
    ground: Ground
    events: Mapping[str, Mapping[str, Any]]


def _first(text: Mapping[str, str] | None, otherwise: str) -> str:
    return next(iter(text.values())) if text else otherwise


def _seconds(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    return int(value) if isinstance(value, int | float) else parse_duration(value)


def _fault(raw: Mapping[str, Any], start: Instant) -> Fault:
    state = raw.get("state")
    direction = raw.get("direction", "")
    return Fault(
        parties=tuple(raw.get("between", [])) or (raw["party"],),
        begins=moment_of(raw["from"]) if "from" in raw else start,
        ends=moment_of(raw["until"]) if "until" in raw else _FOREVER,
        channel=raw.get("channel"),
        is_down=None if state is None or direction else state == "down",
        direction="" if state == "up" else direction,
        clock_offset_s=parse_duration(raw.get("clock_offset", "0s")),
        delay_s=max(0, parse_duration(raw.get("delay", "0s"))),
        loss=float(raw.get("loss", 0.0)),
        rate_bps=raw.get("rate_bps"),
    )


def _named(claim: Mapping[str, Any]) -> Iterator[str]:
    """Yield the events that a claim is about."""
    yield from (str(claim[name]) for name in ("case", "proof") if name in claim)
    yield from (str(each) for each in claim.get("cycle", []))
    if "difference" in claim:
        yield str(claim["difference"]["case"])
    for name in ("count", "absent"):
        yield from (each for each in claim.get(name, {}).values() if isinstance(each, str))


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
    about = ("register", "case", "party", "at", "proof", "identical")
    counted = (json.dumps(claim.get(name), sort_keys=True) for name in ("count", "absent"))
    rest = claim.get("difference")
    compared = (str(rest.get("case")), str(rest.get("field"))) if isinstance(rest, dict) else ()
    cycle = ("cycle",) if {"cycle", "no_cycle"} & set(claim) else ()
    named = (str(claim.get(name)) for name in about)
    return (*named, *counted, *compared, *cycle)
