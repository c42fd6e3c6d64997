"""Simulated paths: rate, delay, loss, duplication, reordering, corruption, cuts."""

from __future__ import annotations

import random as random_module
from dataclasses import dataclass, field

from parley.station.link_state import Traits

_LISTEN_SECONDS = 0.2


@dataclass(slots=True, kw_only=True)
class Weather:
    """How a path treats frames; probabilities for each frame, or each cell of one.

    Attributes:
        delay_seconds, jitter_seconds: one way.
        cut_off: noise that looks like an early end of a frame: what came before it and what comes
            after it reach the receiver as two frames, and the sender does not know.
        ordered: frames of one direction never overtake each other.
    """

    delay_seconds: float = 0.02
    jitter_seconds: float = 0.01
    loss: float = 0.0
    duplication: float = 0.0
    corruption: float = 0.0
    cut_off: float = 0.0
    ordered: bool = True


@dataclass(slots=True, kw_only=True)
class SimPath:
    """One path between two stations, both directions.

    Attributes:
        ends: the codes of its two stations; the first one dialled, and speaks on a one-way path.
        half_duplex: both directions share one medium.
        cell_bytes: the medium carries pieces of this size, None for whole frames; a frame
            arrives if all of its cells do.
        up: both ends were told that it is up.
        cut: frames vanish, and nobody is told.
        mute: stations whose frames vanish, and nobody is told.
        free_at: when each direction's medium can take the next frame.
        last_arrival: arrival time of the newest frame of each direction.
        spoke: who used the medium last.
        waiting: ends that will look again when the medium is free.
        turns: when each end of a padded path will look again.
    """

    number: int
    ends: tuple[str, str]
    traits: Traits
    weather: Weather
    half_duplex: bool = False
    cell_bytes: int | None = None
    up: bool = False
    cut: bool = False
    mute: set[str] = field(default_factory=set)
    free_at: dict[str, float] = field(default_factory=dict)
    last_arrival: dict[str, float] = field(default_factory=dict)
    spoke: str = ""
    waiting: set[str] = field(default_factory=set)
    turns: dict[str, float] = field(default_factory=dict)

    def other(self, code: str) -> str:
        """Return the other end."""
        return self.ends[1] if code == self.ends[0] else self.ends[0]

    def free(self, sender: str) -> float:
        """Return when a sender's medium can take the next frame.

        Whoever spoke last on a shared medium listens for a moment, so that the other end gets a
        word in.
        """
        free = self.free_at.get(self._medium(sender), 0.0)
        return free + _LISTEN_SECONDS if self.half_duplex and self.spoke == sender else free

    def _medium(self, sender: str) -> str:
        return "" if self.half_duplex else sender

    def deliveries(
        self, sender: str, raw: bytes, now: float, random: random_module.Random
    ) -> list[tuple[float, bytes]]:
        """Return when and as what a frame arrives: never, once or more often.

        Call it in the order of sending: it keeps account of the medium.
        """
        cells = 1 if self.cell_bytes is None else -(-len(raw) // self.cell_bytes)
        size = len(raw) if self.cell_bytes is None else cells * self.cell_bytes
        # The rate of a padded path is its sender's, not the medium's.
        takes = 0.0 if self.traits.padded else self.traits.airtime(size)
        end = max(now, self.free(sender)) + takes
        self.free_at[self._medium(sender)] = end
        self.spoke = sender
        arrives = random.random() < (1.0 - self.weather.loss) ** cells
        speaks = sender == self.ends[0] or not self.traits.one_way
        if self.cut or sender in self.mute or not speaks or not arrives:
            return []
        copies = 2 if random.random() < self.weather.duplication else 1
        arrivals: list[tuple[float, bytes]] = []
        for _ in range(copies):
            at = end + self.weather.delay_seconds + random.random() * self.weather.jitter_seconds
            if self.weather.ordered:
                at = max(at, self.last_arrival.get(sender, at))
                self.last_arrival[sender] = at
            body = raw
            if random.random() < self.weather.corruption:
                place = random.randrange(len(raw))
                flipped = raw[place] ^ 1 << random.randrange(8)
                body = raw[:place] + bytes((flipped,)) + raw[place + 1 :]
            arrivals += [(at, part) for part in self._as_cut(body, random)]
        return arrivals

    def _as_cut(self, body: bytes, random: random_module.Random) -> tuple[bytes, ...]:
        """Return a frame as the receiver sees it: whole, or as the two that noise made of it."""
        # Nothing is drawn where nothing is cut: worlds of a known seed stay as they were.
        if not self.weather.cut_off or random.random() >= self.weather.cut_off or len(body) < 2:
            return (body,)
        place = random.randrange(1, len(body))
        return body[:place], body[place:]
