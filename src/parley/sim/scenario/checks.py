"""What a file refers to must be there: parties, desks, channels, events, columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from parley.core.instants import Instant
from parley.desk.catalogue import MOVES, REGISTERS, fields_of
from parley.desk.fields import Ref
from parley.desk.structures import ListOf
from parley.sim.scenario.form import moment_of
from parley.sim.scenario.names import (
    ASKED_OF_ALL,
    KNOWN_COLUMNS,
    KNOWN_MOVES,
    KNOWN_PROCEDURES,
)
from parley.sim.scenario.shapes import Finding, shown, unknown
from parley.sim.scenario.strict_yaml import Path
from parley.sim.scenario.zones import mistaken_zone

BOUNDS: Final = ("at_least", "at_most", "between", "about", "within", "any_of", "includes")
_NO_BOUNDS: Final = frozenset({"equal", "equals", "min", "max", "is", "not"})
_EVENT_ID: Final = re.compile(r"[A-Z][A-Za-z0-9-]{0,15}")
_SHARED_CASES: Final = frozenset({"channel.resume"})
"""Moves that open a case of their own and may yet name another that they are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An event as the file gives it, and where that is.

    Attributes:
        changed: where the variant changes it, None if it does not.
    """

    raw: Mapping[str, Any]
    path: Path
    changed: Path | None = None

    def at(self, *names: str | int) -> Path:
        """Return where a member of it stands: in the change, if that names it."""
        if self.changed is not None and names and names[0] in self.where_changed:
            return (*self.changed, *names)
        return (*self.path, *names)

    where_changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What events and claims of a file may refer to.

    Attributes:
        parties, channels, profiles: as the files give them, what went before included.
        earlier: events of the scenario that is continued, by id.
        span: from when to when claims may ask.
        start, cutoff: of this file.
    """

    parties: Mapping[str, Any]
    channels: Mapping[str, Any]
    profiles: Mapping[str, Any]
    witnesses: Sequence[str]
    cutoffs: Mapping[str, str]
    start: Instant
    cutoff: Instant
    first: Instant
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def desks(self) -> frozenset[str]:
        """Return every office."""
        return frozenset(
            f"{party}/{desk}" for party, about in self.parties.items() for desk in about["desks"]
        )


def check_ground(
    ground: Ground, link: Sequence[Mapping[str, Any]], path: Path
) -> Iterator[Finding]:
    """Yield what parties, channels, witnesses and faults name that is not there."""
    for code, party in ground.parties.items():
        if text := mistaken_zone(party.get("zone", "")) if "zone" in party else "":
            yield Finding(path=("parties", code, "zone"), text=text)
    for code, channel in ground.channels.items():
        where = (*path, "channels", code)
        for party in channel["parties"]:
            if party not in ground.parties:
                yield unknown((*where, "parties"), party, tuple(ground.parties), "party")
        procedures = channel.get("procedures", "all")
        for name in procedures if isinstance(procedures, list) else ():
            if name not in KNOWN_PROCEDURES:
                yield unknown((*where, "procedures"), name, tuple(KNOWN_PROCEDURES), "procedure")
    for party in ground.witnesses:
        if party in ground.parties:
            yield Finding(path=(*path, "witnesses"), text=f"{party} is a party of the file too")
    for number, fault in enumerate(link):
        where = (*path, "link", number)
        named = [*fault.get("between", []), *([fault["party"]] if "party" in fault else [])]
        for party in named:
            if party not in ground.parties and party not in ground.witnesses:
                yield unknown(where, party, tuple(ground.parties), "party")
        if "channel" in fault and fault["channel"] not in ground.channels:
            channels = tuple(ground.channels)
            yield unknown((*where, "channel"), fault["channel"], channels, "channel")
        begins, ends = fault.get("from"), fault.get("until")
        if begins and ends and moment_of(begins) >= moment_of(ends):
            yield Finding(path=(*where, "until"), text=f"{ends} is not after {begins}")


def check_order(events: Sequence[Placed]) -> Iterator[Finding]:
    """Yield events of a file that stand before an earlier one without saying why."""
    last: tuple[Instant, str] | None = None
    for event in events:
        moment = moment_of(event.raw["at"])
        if last is not None and moment < last[0] and "out_of_order" not in event.raw:
            text = f"is earlier than {last[1]}, which stands before it"
            yield Finding(
                path=event.at("at"), text=text, next_step="Move it, or say why: out_of_order."
            )
        if last is None or moment > last[0]:
            last = (moment, event.raw["id"])


def check_events(ground: Ground, events: Sequence[Placed]) -> Iterator[Finding]:
    """Yield what is wrong with events in the order in which they happen."""
    known: dict[str, Mapping[str, Any]] = dict(ground.earlier)
    every = {event.raw["id"] for event in events}
    for event in events:
        name = event.raw["id"]
        if name in known:
            yield Finding(path=event.at("id"), text=f"event {name} stands twice")
        yield from _check_time(ground, event)
        yield from _check_case(event, known, every)
        yield from _check_place(ground, event, known)
        yield from _check_move(event, known, every)
        known[name] = event.raw


def _check_time(ground: Ground, event: Placed) -> Iterator[Finding]:
    text, moment = event.raw["at"], moment_of(event.raw["at"])
    if not ground.start <= moment <= ground.cutoff:
        yield Finding(path=event.at("at"), text=f"{text} is not between clock.start and cutoff")
    if "within" in event.raw:
        first, last = event.raw["within"]
        end = moment_of(last) + (86_399 if "T" not in last else 0)
        if not moment_of(first) <= end:
            yield Finding(path=event.at("within"), text=f"{last} is before {first}")
        elif not moment_of(first) <= moment <= end:
            yield Finding(
                path=event.at("within"), text=f"at ({text}) is not within {first} to {last}"
            )


def _check_case(
    event: Placed, known: Mapping[str, Mapping[str, Any]], every: Collection[str]
) -> Iterator[Finding]:
    case, where = event.raw.get("case"), event.at("case")
    if case is None:
        return
    if case in known:
        opening = opening_of(case, known)
        if opening is not None and opening["id"] != case:
            text = f"{case} did not open a case; the case is {opening['id']}"
            yield Finding(path=where, text=text)
        elif known[case]["do"] == "context":
            yield Finding(path=where, text=f"{case} is context and opens no case")
    elif case == event.raw["id"] or case in every:
        yield Finding(path=where, text=f"case {case} is no event before this one")
    else:
        yield unknown(where, case, tuple(known), "event")


def opening_of(case: str, known: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the event that opened the case of an event."""
    event = known.get(case)
    seen: set[str] = set()
    while event is not None and is_act(event) and event["id"] not in seen:
        seen.add(event["id"])
        event = known.get(event["case"])
    return event


def is_act(event: Mapping[str, Any]) -> bool:
    """Say whether an event belongs to the case of another."""
    return "case" in event and event["do"] not in _SHARED_CASES


def _check_place(
    ground: Ground, event: Placed, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield what is wrong with who says something to whom, and on which channel."""
    raw = event.raw
    is_context = raw["do"] == "context"
    by = raw["by"] if isinstance(raw["by"], list) else [raw["by"]]
    if is_context != (raw["by"] == "observer"):
        text = "what an observer says is context, and only that: `by: observer`, `do: context`"
        yield Finding(path=event.at("by"), text=text)
        return
    if is_context:
        return
    opening = known.get(raw.get("case", ""))
    channel = raw.get("channel", None if opening is None else opening.get("channel"))
    if channel is not None and channel not in ground.channels:
        yield unknown(event.at("channel"), channel, tuple(ground.channels), "channel")
        return
    if channel is None and "case" not in raw:
        yield Finding(path=event.at(), text="it names neither a channel nor a case")
    members = [] if channel is None else ground.channels[channel]["parties"]
    for name in ("by", "to", "info"):
        for office in by if name == "by" else raw.get(name, []):
            if office not in ground.desks:
                yield unknown(event.at(name), office, tuple(ground.desks), "desk")
            elif members and office.partition("/")[0] not in members:
                yield Finding(path=event.at(name), text=f"{office} is not on channel {channel}")
    if set(by) & set(raw.get("to", [])):
        yield Finding(path=event.at("to"), text="it is addressed to the desk that sends it")
    if "case" not in raw and "to" not in raw and len(by) < 2 and "expect_refusal" not in raw:
        yield Finding(path=event.at(), text="it opens a case and is addressed to nobody: to")


def _check_move(
    event: Placed, known: Mapping[str, Mapping[str, Any]], every: Collection[str]
) -> Iterator[Finding]:
    name = event.raw["do"]
    if name == "context":
        return
    if name not in MOVES and name not in KNOWN_MOVES:
        if "expect_refusal" not in event.raw:
            procedure = name.partition(".")[0]
            moves = sorted({*MOVES, *KNOWN_MOVES})
            same = [each for each in moves if each.partition(".")[0] == procedure]
            yield unknown(event.at("do"), name, same or moves, "move")
        return
    if name not in MOVES:
        return
    for field_name, found in fields_of(MOVES[name]).items():
        kind = found.type.item if isinstance(found.type, ListOf) else found.type
        given = event.raw.get("with", {}).get(field_name)
        for value in given if isinstance(given, list) else [given]:
            if not isinstance(kind, Ref) or not isinstance(value, str):
                continue
            if _EVENT_ID.fullmatch(value) and value not in known:
                where = event.at("with", field_name)
                if value in every:
                    yield Finding(path=where, text=f"{value} is no event before this one")
                else:
                    yield unknown(where, value, tuple(known), "event")


# --- claims ---


def check_claims(
    ground: Ground, claims: Sequence[tuple[Mapping[str, Any], Path]], events: Sequence[Placed]
) -> Iterator[Finding]:
    """Yield what claims ask about that is not there."""
    known = {**ground.earlier, **{event.raw["id"]: event.raw for event in events}}
    for claim, path in claims:
        yield from _check_moment(ground, claim, path)
        yield from _check_columns(claim, path)
        for name in ("party", "station"):
            if name in claim and claim[name] not in ground.parties:
                yield unknown((*path, name), claim[name], tuple(ground.parties), "party")
        if claim.get("register") == "channels":
            if "case" in claim and claim["case"] not in ground.channels:
                channels = tuple(ground.channels)
                yield unknown((*path, "case"), claim["case"], channels, "channel")
        else:
            yield from _check_names(claim, path, known)


def _check_names(
    claim: Mapping[str, Any], path: Path, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    named = [((*path, name), claim[name]) for name in ("case", "proof") if name in claim]
    if "difference" in claim:
        named.append(((*path, "difference", "case"), claim["difference"]["case"]))
    named += [((*path, "cycle"), each) for each in claim.get("cycle", [])]
    for where, name in named:
        if name not in known:
            yield unknown(where, name, tuple(known), "event")
        elif known[name]["do"] == "context":
            yield Finding(path=where, text=f"{name} is context and opens no case")


def _check_moment(ground: Ground, claim: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    at = claim.get("at")
    if at is None or at in ground.cutoffs:
        return
    where = (*path, "at")
    if not at[:4].isdigit() or "T" not in at:
        yield unknown(where, at, tuple(ground.cutoffs), "cutoff")
    elif not ground.first <= moment_of(at) <= ground.cutoff:
        yield Finding(path=where, text=f"{at} is not between clock.start and cutoff")


def _check_columns(claim: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    absent = claim.get("absent")
    register = claim.get("register") or (absent or {}).get("register")
    if register is None:
        return
    registers = tuple({*KNOWN_COLUMNS, *REGISTERS})
    if register not in registers:
        where = (*path, *(("absent", "register") if absent else ("register",)))
        yield unknown(where, register, registers, "register")
        return
    columns = set(KNOWN_COLUMNS.get(register, ()))
    if register in REGISTERS:
        columns |= {column.name for column in REGISTERS[register].columns}
    for name in ("shows", "count", "absent"):
        known = columns if name == "shows" else columns | ASKED_OF_ALL
        for column, value in claim.get(name, {}).items():
            if name == "absent" and column == "register":
                continue
            where = (*path, name, column)
            if column not in known:
                yield unknown(where, column, tuple(known), "column")
            yield from _check_bound(value, where)


def _check_bound(value: Any, path: Path) -> Iterator[Finding]:
    """Yield what is wrong with `{at_least: 3}` and the like."""
    if not isinstance(value, Mapping):
        return
    for name in value:
        near = get_close_matches(name, BOUNDS, 1, 0.8)
        if name not in BOUNDS and (near or name in _NO_BOUNDS):
            yield unknown((*path, name), name, BOUNDS, "comparison")
    if not set(value) & set(BOUNDS):
        return
    if not set(value) <= set(BOUNDS):
        yield Finding(path=path, text="compares and names a member at the same time")
    if "within" in value and "about" not in value:
        yield Finding(path=path, text="`within` says how far from `about`, which is missing")
    for name in ("any_of", "includes"):
        if name in value and not isinstance(value[name], list):
            text = f"is {shown(value[name])}; it must be a list"
            yield Finding(path=(*path, name), text=text)
    if "between" in value and not (
        isinstance(value["between"], list) and len(value["between"]) == 2
    ):
        yield Finding(path=(*path, "between"), text="must be a list of two: from and to")
