"""A scenario in memory: parties, channels, faults, events and claims, ready to be played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.core.instants import Instant, parse_instant
from parley.desk.catalogue import MOVES
from parley.desk.profiles import Profile
from parley.errors import UsageError


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
        file, line: where it stands.
        by: offices, in the order in which they move.
        values: fields of the move, as the file gives them.
        refusal: code of the refusal that is its point; None where it is to succeed.
    """

    id: str
    file: str
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
    """A time in which a path, a party or a clock is not as it should be.

    Attributes:
        parties: the two ends of a path, or the one party.
        begins, ends: from the first moment on, up to the second, which is no part of it.
        channel: only this channel is cut; None for all.
        is_down: nothing passes; None where the fault says nothing about that.
        direction: `in` or `out`: only what comes to the party, or goes from it, is lost.
        delay_s, loss, rate_bps: how the path treats what passes.
    """

    parties: tuple[str, ...]
    begins: Instant
    ends: Instant
    channel: str | None = None
    is_down: bool | None = None
    direction: str = ""
    clock_offset_s: int = 0
    delay_s: int = 0
    loss: float = 0.0
    rate_bps: int | None = None

    def holds(self, moment: int) -> bool:
        """Say whether it is there at a moment."""
        return self.begins <= moment < self.ends

    def is_between(self, ends: Sequence[str]) -> bool:
        """Say whether it is a fault of the path between two parties."""
        return set(self.parties) <= set(ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioChannel:
    """One channel of the file.

    Attributes:
        purpose: in words, one language.
        procedures: what may be done on it; None for everything.
        expiry: when it ends, None for never.
        proposed_only: not open at the start; a `channel.propose` opens it.
    """

    code: str
    parties: tuple[str, ...]
    purpose: str
    profile: Profile
    basis: str = "none"
    procedures: frozenset[str] | None = None
    expiry: Instant | None = None
    proposed_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One history, in one of its variants, ready to be played.

    Attributes:
        variant: its name; empty for the history as it stands.
        start: the beginning of all, also of what it continues.
        names: what each party is called.
        languages: of each party, its first one first.
        zones: in which each party writes its times, where the file says so.
        events: in the order in which they happen.
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
    names: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None

    def channel(self, code: str) -> ScenarioChannel:
        """Return the channel of that code; KeyError if there is none."""
        for channel in self.channels:
            if channel.code == code:
                return channel
        raise KeyError(code)

    def is_down(self, ends: Sequence[str], moment: int, channel: str | None = None) -> bool:
        """Say whether nothing passes between two parties at a moment; the last word counts."""
        down = False
        for fault in self.faults:
            fits = fault.channel in (None, channel) and fault.is_between(ends)
            if fits and fault.is_down is not None and fault.holds(moment):
                down = fault.is_down
        return down

    def is_cut(self, channel: ScenarioChannel, moment: int) -> bool:
        """Say whether a fault keeps parties of a channel from hearing each other at a moment."""
        for number, one in enumerate(channel.parties):
            for two in channel.parties[number + 1 :]:
                lost = any(
                    (fault.direction or fault.loss >= 1)
                    and fault.holds(moment)
                    and fault.is_between((one, two))
                    for fault in self.faults
                )
                if lost or self.is_down((one, two), moment, channel.code):
                    return True
        return False

    def asked_at(self, claim: Mapping[str, Any]) -> Instant:
        """Return the moment that a claim is about: its own, a named one, or the end."""
        at = claim.get("at")
        if at is None:
            return self.cutoff
        named = self.cutoffs.get(str(at))
        return parse_instant(str(at)) if named is None else named

    @property
    def edges(self) -> set[Instant]:
        """Return the moments at which a fault begins or ends."""
        return {at for fault in self.faults for at in (fault.begins, fault.ends)}
