"""The simulated stage: the station's own engine in a world whose clock jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from parley.core.card import Card
from parley.core.charter import Charter
from parley.core.ids import ChannelId, LogId
from parley.core.instants import Instant
from parley.desk.record import Place
from parley.errors import ConflictError
from parley.sim.network import SimPath, Weather
from parley.sim.scenario.links import (
    faults_between,
    is_settled,
    muted,
    part_channels,
)
from parley.sim.scenario.model import Scenario
from parley.sim.scenario.stage import Stage
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.store.interface import Reader

_SETTLE_S: Final = 1.0
_UP_S: Final = 20
"""In a history of years links stay up at least so long after something has happened."""
_UP_MAX_S: Final = 900
_FLIGHT_S: Final = 5.0
"""What is under way has arrived by then: links that are slower than that never go down at all."""
_PATIENCE_S: Final = 60.0
_ROUGH: Final = Weather(
    delay_seconds=0.05, jitter_seconds=0.4, loss=0.08, duplication=0.1, ordered=False
)
"""What a seed that somebody names does to frames: they overtake each other, vanish and repeat."""


class SimStage(Stage):
    """Stations in a simulated world.

    Args:
        scenario: the history.
        seed: chance; where it is None frames arrive in order, once and soon.
    """

    def __init__(self, scenario: Scenario, *, seed: int | None = None) -> None:
        super().__init__(scenario)
        self.world = World(
            1 if seed is None else seed,
            scenario.parties,
            start=self.begins,
            identities=self.identities(),
            witnesses=scenario.witnesses,
            tapped=False,
        )
        self.is_rough = seed is not None
        self._weather = Weather() if seed is None else _ROUGH
        self._paths = [
            self.world.connect(one, two, weather=replace(self._weather))
            for number, one in enumerate(scenario.parties)
            for two in scenario.parties[number + 1 :]
        ]
        self._unopened: list[tuple[str, ChannelId]] = []
        self._cards = {code: each.identity.card for code, each in self.world.stations.items()}
        self._cards |= {code: each.identity.card for code, each in self.world.witnesses.items()}
        self.open_channels()
        self._run_to(scenario.start)

    # --- time ---

    @property
    def now(self) -> Instant:
        """Return the moment of the world."""
        return Instant(self.begins + int(self.world.steady))

    def wall(self, code: str) -> Instant:
        """Return what a party's clock shows."""
        return self.world.stations[code].now(self.world.steady).wall

    def advance(self, moment: Instant) -> None:
        """Let the world go on to a moment; the links as the scenario's faults have them then."""
        if moment > self.now:
            self._pass_time(moment)
        for code, station in self.world.stations.items():
            station.wall_offset = self.offset(code, moment)
        for name, witness in self.world.witnesses.items():
            witness.wall_offset = self.offset(name, moment)
            witness.cut_from = {
                code for code in self.world.stations if self.scenario.is_down((code, name), moment)
            }
        for path in self._paths:
            self._set_path(path, moment)
        self._sign()
        self._accept()

    def _sign(self) -> None:
        """Let every station sign that it is there, as at the hour of a heartbeat."""
        for station in self.world.stations.values():
            if station.engine is not None:
                for state in station.engine.ledger.channels.values():
                    state.signed_at = None
                station.engine.tick(station.now(self.world.steady))
        self.world.run(self.world.steady)

    def _pass_time(self, moment: Instant) -> None:
        if self.is_short or self._is_slow(self.now):
            self._run_to(moment)
            return
        wait = min(float(moment - self.begins) - self.world.steady, _UP_MAX_S)
        self.world.run(self.world.steady + min(wait, _UP_S))
        if wait > _UP_S:
            self._stay_up(self.world.steady + wait - _UP_S)
        if moment - self.now > _UP_S:
            for path in self._paths:
                self.world.hang_up(path)
            self.world.jump(float(moment - self.begins))
        self._run_to(moment)

    def _stay_up(self, until: float) -> None:
        """Let the world go on until all is settled, or nothing more can come, or it is time.

        A newest statement that was sent and lost is sent again with the next one only: a day
        later. To wait for it with links that say nothing else took most of the time of a history.
        """
        while not self._is_settled() and self.world.steady < until:
            self.world.run_until(self._is_told, within=until - self.world.steady)
            self.world.run(min(until, self.world.steady + _FLIGHT_S))
            if self._is_told():
                return

    def _is_slow(self, moment: Instant) -> bool:
        """Say whether a path is so slow or lossy that it needs the time between events."""
        return any(
            fault.holds(moment) and (fault.delay_s or fault.loss or fault.rate_bps)
            for fault in self.scenario.faults
        )

    def settle(self) -> None:
        """Let what was just written arrive where it can."""
        self.world.run_until(self._is_settled, within=_SETTLE_S)
        self._accept()

    def wait_for(self, code: str, place: Place) -> None:
        """Let time pass until a party holds an entry, a minute at most."""
        store = self.reader(code)
        if not self.holds(store, place):
            self.world.run_until(lambda: self.holds(store, place), within=_PATIENCE_S)

    def _run_to(self, moment: Instant) -> None:
        self.world.run(max(self.world.steady, float(moment - self.begins)))

    # --- links ---

    def _set_path(self, path: SimPath, moment: Instant) -> None:
        faults = faults_between(self.scenario, *path.ends, moment)
        path.mute = muted(self.scenario, *path.ends, moment)
        delay = max((fault.delay_s for fault in faults), default=0)
        loss = max((fault.loss for fault in faults), default=0.0)
        rates = [fault.rate_bps for fault in faults if fault.rate_bps is not None]
        path.weather.delay_seconds = self._weather.delay_seconds + delay
        path.weather.loss = max(self._weather.loss, loss)
        rate = min(rates, default=None)
        if path.traits.rate_bps != rate:
            self.world.hang_up(path)
            path.traits = replace(path.traits, rate_bps=rate)
        if self.scenario.is_down(path.ends, moment):
            self.world.hang_up(path)
        else:
            self.world.pick_up(path)
        self._part(path, moment)

    def _part(self, path: SimPath, moment: Instant) -> None:
        """Cut the channels of a path that a fault names, and join the others."""
        named = {fault.channel for fault in self.scenario.faults if fault.channel is not None}
        cut: dict[ChannelId, bool] = {}
        for code in named:
            identity = self.channel_id(code)
            if identity is not None:
                cut[identity] = self.scenario.is_down(path.ends, moment, code)
        for one, two in (path.ends, path.ends[::-1]):
            station = self.world.stations[one]
            if station.engine is not None:
                now = station.now(self.world.steady)
                part_channels(station.engine, self._cards[two], cut, now)

    def _is_settled(self) -> bool:
        return self._is_over(is_told_enough=False)

    def _is_told(self) -> bool:
        return self._is_over(is_told_enough=True)

    def _is_over(self, *, is_told_enough: bool) -> bool:
        for path in self._paths:
            one, two = (self.world.stations[code].engine for code in path.ends)
            is_open = path.up and not path.mute and one is not None and two is not None
            if is_open and not is_settled(one, two, is_told_enough=is_told_enough):  # type: ignore[arg-type]
                return False
        return True

    # --- channels and entries ---

    def propose(self, charter: Charter, parties: Sequence[str]) -> None:
        """Let the first of these parties propose a channel; the others accept when they know."""
        first = self.world.stations[parties[0]]
        assert first.engine is not None
        first.engine.propose(first.token(), charter, first.now(self.world.steady))
        waiting = [(party, charter.channel_id) for party in parties[1:]]
        self._unopened += waiting
        self.world.run_until(lambda: not self._still(waiting), within=_PATIENCE_S)

    def _still(self, waiting: Sequence[tuple[str, ChannelId]]) -> bool:
        self._accept()
        return any(each in self._unopened for each in waiting)

    def _accept(self) -> None:
        """Let parties open their logs on the charters that have arrived."""
        for code, channel in list(self._unopened):
            station = self.world.stations[code]
            if station.engine is not None and channel in station.engine.ledger.channels:
                self._unopened.remove((code, channel))
                now = station.now(self.world.steady)
                station.engine.accept_charter(station.token(), channel, now)

    def reader(self, code: str) -> Reader:
        """Return what a party's station has stored."""
        return self.world.stations[code].disk.store

    def cards(self) -> dict[str, Card]:
        """Return the cards of all parties and witnesses, by code."""
        return self._cards

    def append(self, code: str, channel: ChannelId, entry: NewEntry) -> tuple[LogId, int]:
        """Let a station write an entry; return where it stands, once it is on disk.

        Raises:
            ParleyError: the station refuses it.
        """
        station = self.world.stations[code]
        token = station.append(channel, [entry], self.world.steady)
        if not self.world.run_until(lambda: token in station.replies, within=_PATIENCE_S):
            raise ConflictError("the station did not confirm the entry")
        reply = station.replies[token]
        if reply.error is not None:
            raise reply.error
        return reply.places[0]
