"""The live stage: a scenario over real stations in this process, by TLS on loopback and SQLite.

Each party runs the station's own service: real sockets, a real database, a clock that jumps from
event to event. The event loop runs only while the player waits for something.
"""

from __future__ import annotations

import asyncio
import os
import random as random_module
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from parley.carriers.certificate import make_certificate
from parley.cli.scenario_homes import Home
from parley.cli.witness_live import LiveWitnesses
from parley.core.card import Card
from parley.core.charter import Charter
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.desk.record import Place
from parley.errors import StationUnreachableError, UsageError
from parley.sim.scenario.links import faults_between, is_settled, muted, part_channels
from parley.sim.scenario.model import Scenario
from parley.sim.scenario.stage import Stage
from parley.station.effects import NewEntry
from parley.station.engine import Engine
from parley.station.service import Service
from parley.store.interface import Reader
from parley.store.registry import open_store

_T = TypeVar("_T")
PATIENCE_S: Final = 60.0
_SHORT_PATIENCE_S: Final = 5.0
"""How long to wait for what a lossy path may never bring."""
_NUDGE_S: Final = 0.3
_LOOK_EVERY_S: Final = 0.002
_DAY_S: Final = 86_400
_ROUGH_LOSS: Final = 0.08
_ROUGH_REPEAT: Final = 0.1


class _Station(Service):
    """A service whose frames can get lost on the way, as a scenario's faults want.

    Attributes:
        is_deaf, is_mute: all that comes is lost; all that goes is lost.
        loss: how much of what comes from a party is lost, 0 to 1.
        shuffle: chance that reorders and repeats what comes; None where it comes in order.
    """

    is_deaf = False
    is_mute = False
    shuffle: random_module.Random | None = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.loss: dict[PartyId, float] = {}

    @property
    def engine(self) -> Engine:
        """Return the engine; the record is open as long as the stage is."""
        assert self._engine is not None
        return self._engine

    def frames_received(self, number: int, frames: Sequence[bytes]) -> None:
        """Take the frames that come through."""
        if self.is_deaf:
            return
        kept = list(frames)
        if self.shuffle is not None:
            chance = self.shuffle
            loss = max(_ROUGH_LOSS, self._loss_of(number))
            kept = [each for each in kept if chance.random() >= loss]
            kept += [each for each in kept if chance.random() < _ROUGH_REPEAT]
            chance.shuffle(kept)
        if kept:
            super().frames_received(number, kept)

    def _loss_of(self, number: int) -> float:
        for link in self.engine.links.values():
            if number in link.paths:
                return self.loss.get(link.party, 0.0)
        return max(self.loss.values(), default=0.0)

    def next_frames(self, number: int, *, limit: int = 8) -> list[bytes]:
        """Return what goes out; nothing where all of it is lost."""
        frames = super().next_frames(number, limit=limit)
        return [] if self.is_mute else frames

    def sign_now(self) -> None:
        """Sign a statement on every channel: the hour of the next heartbeat has come."""
        for state in self.engine.ledger.channels.values():
            state.signed_at = None
        self._tick()

    def part(self, peer: Card, cut: dict[ChannelId, bool]) -> None:
        """Cut the channels with a peer that a fault names, and join the others."""
        part_channels(self.engine, peer, cut, self._time())
        self._pump()


class LiveStage(Stage):
    """Real stations, one to a party.

    Args:
        scenario: the history.
        place: an empty folder for the databases.
        seed: shuffles what arrives, drops and repeats it; None for a path as it is.
        homes: stations that were made for it and stay; None plays on some that nobody keeps.
    """

    def __init__(
        self,
        scenario: Scenario,
        place: Path,
        *,
        seed: int | None = None,
        homes: Mapping[str, Home] | None = None,
    ) -> None:
        super().__init__(scenario)
        if any(fault.delay_s or fault.rate_bps for fault in scenario.faults):
            raise UsageError(
                "a path with `delay` or `rate_bps` takes time, and these clocks jump",
                next_step="Run it without --through tls: the simulated world has such paths.",
            )
        self._moment = self.begins
        self.is_rough = seed is not None or any(fault.loss for fault in scenario.faults)
        self._chance = random_module.Random(seed or 1)  # noqa: S311 - a seed plays it again
        self._unopened: list[tuple[str, ChannelId]] = []
        self._runner = asyncio.Runner()
        self._cards: dict[str, Card] = {}
        self._stations: dict[str, _Station] = {}
        self._dialled: dict[tuple[str, str], bool] = {}
        self._witnesses = LiveWitnesses()
        self._reached: dict[tuple[str, str], bool] = {}
        try:
            homes = self._passing_homes(place) if homes is None else homes
            for code, home in homes.items():
                self._cards[code] = home.identity.card
                if code in scenario.parties:
                    self._stations[code] = self._station(home)
            self._do(self._start())
            for code in scenario.witnesses:
                self._do(self._open_witness(homes[code]))
            self.open_channels()
            self._check_open()
            self.advance(scenario.start)
        except BaseException:
            self.close()
            raise

    def _passing_homes(self, place: Path) -> dict[str, Home]:
        """Return what the stations of a scenario run with where nobody keeps them."""
        now = int(time.time())
        homes: dict[str, Home] = {}
        for code, identity in self.identities().items():
            marks = place / f"{code.lower()}.marks"
            marks.mkdir()
            homes[code] = Home(
                code=code,
                directory=place,
                identity=identity,
                store=f"sqlite:///{place / code.lower()}.sqlite",
                marks=marks,
                certificate=make_certificate(
                    common_name=f"parley {code}",
                    not_before=now - _DAY_S,
                    not_after=now + _DAY_S,
                    serial=int.from_bytes(os.urandom(15), "big") + 1,
                ),
                listen="127.0.0.1:0",
            )
        return homes

    def _station(self, home: Home) -> _Station:
        return _Station(
            identity=home.identity,
            open_store=lambda: open_store(home.store),
            marks=home.marks,
            certificate=home.certificate,
            listen=(f"tls://{home.listen}",),
            now=lambda: self.wall(home.code),
        )

    async def _start(self) -> None:
        for station in self._stations.values():
            await station.start()
            if self.is_rough:
                seed = self._chance.random()
                station.shuffle = random_module.Random(seed)  # noqa: S311 - as above

    async def _open_witness(self, home: Home) -> None:
        await self._witnesses.open(
            home.identity,
            cards={card.party: card for card in self._cards.values()},
            store=open_store(home.store),
            now=lambda: self.wall(home.code),
        )

    async def _reach_witnesses(self) -> None:
        """Give each station its way to every witness, or take it away where a fault has it so."""
        for name in self.scenario.witnesses:
            for code, station in self._stations.items():
                is_up = not self.scenario.is_down((code, name), self._moment)
                if self._reached.get((code, name)) is is_up:
                    continue
                self._reached[code, name] = is_up
                card = self._cards[name]
                address = self._witnesses.address(card.party)
                await station.set_peer(card, trusted=is_up, paths=[address])

    def pause(self, seconds: float) -> None:
        """Let the machine's time pass; the links live on."""
        self._do(asyncio.sleep(seconds))

    def close(self) -> None:
        """Stop every station and witness."""
        with suppress(Exception):
            self._do(self._witnesses.close())
        for station in self._stations.values():
            with suppress(Exception):
                self._do(station.stop())
        self._stations.clear()
        self._runner.close()

    # --- waiting ---

    def _do(self, act: Coroutine[Any, Any, _T]) -> _T:
        """Let the stations run until something is done."""
        return self._runner.run(act)

    def _wait_until(self, reached: Callable[[], bool], *, within: float = PATIENCE_S) -> bool:
        return self._do(_comes_true(reached, within))

    def _await(self, reached: Callable[[], bool], what: str) -> None:
        if not self._wait_until(reached):
            raise StationUnreachableError(
                f"{what}: it did not happen within {PATIENCE_S:.0f} s",
                next_step="Run it again; if it stays so, report it with the file.",
            )

    def _pairs(self) -> list[tuple[str, str]]:
        codes = self.scenario.parties
        return [(one, two) for at, one in enumerate(codes) for two in codes[at + 1 :]]

    # --- time ---

    @property
    def now(self) -> Instant:
        """Return the moment that is played."""
        return self._moment

    def wall(self, code: str) -> Instant:
        """Return what a party's clock shows."""
        return Instant(self._moment + self.offset(code, self._moment))

    def advance(self, moment: Instant) -> None:
        """Let every clock jump to a moment; the links as the scenario's faults have them then."""
        if moment > self._moment or moment == self.scenario.start:
            self._moment = max(self._moment, moment)
            self._set_faults()
            self._do(self._sign())
        self.settle()

    async def _sign(self) -> None:
        for station in self._stations.values():
            station.sign_now()

    def _set_faults(self) -> None:
        lost = [(pair, muted(self.scenario, *pair, self._moment)) for pair in self._pairs()]
        for code, station in self._stations.items():
            mine = [(pair, which) for pair, which in lost if code in pair]
            station.is_mute = bool(mine) and all(code in which for _, which in mine)
            station.is_deaf = bool(mine) and all(which - {code} for _, which in mine)
            station.loss = {}
            for pair, _ in mine:
                other = pair[0] if pair[1] == code else pair[1]
                losses = [one.loss for one in faults_between(self.scenario, *pair, self._moment)]
                station.loss[self._cards[other].party] = max(losses, default=0.0)
        self._do(self._reach_witnesses())
        for pair in self._pairs():
            self._do(self._set_path(*pair))
            self._part(*pair)
        self._await(lambda: all(self._path_is_set(*pair) for pair in self._pairs()), "links")

    async def _set_path(self, one: str, two: str) -> None:
        """Let the first of two parties dial the other, or hang up."""
        is_up = not self.scenario.is_down((one, two), self._moment)
        if self._dialled.get((one, two)) is is_up:
            return
        self._dialled[one, two] = is_up
        addresses = self._stations[two].addresses if is_up else []
        await self._stations[one].set_peer(self._cards[two], trusted=True, paths=addresses)
        await self._stations[two].set_peer(self._cards[one], trusted=True, paths=())

    def _path_is_set(self, one: str, two: str) -> bool:
        links = [
            self._stations[code].engine.links[self._cards[other].party]
            for code, other in ((one, two), (two, one))
        ]
        if not self._dialled[one, two]:
            return not any(link.paths for link in links)
        return self._is_lost(one, two) or self.is_rough or all(link.paths for link in links)

    def _is_lost(self, one: str, two: str) -> bool:
        faults = faults_between(self.scenario, one, two, self._moment)
        is_mute = bool(muted(self.scenario, one, two, self._moment))
        return is_mute or any(fault.loss >= 1 for fault in faults)

    def _part(self, one: str, two: str) -> None:
        named = {fault.channel for fault in self.scenario.faults if fault.channel is not None}
        cut: dict[ChannelId, bool] = {}
        for code in named:
            identity = self.channel_id(code)
            if identity is not None:
                cut[identity] = self.scenario.is_down((one, two), self._moment, code)
        if cut:
            self._do(self._cut(one, two, cut))

    async def _cut(self, one: str, two: str, cut: dict[ChannelId, bool]) -> None:
        self._stations[one].part(self._cards[two], cut)
        self._stations[two].part(self._cards[one], cut)

    def settle(self) -> None:
        """Let what was just written arrive where it can."""
        if not self.is_rough:
            self._await(self._is_settled, "the stations hear each other")
            return
        end = time.monotonic() + PATIENCE_S
        while not self._wait_until(self._is_settled, within=_NUDGE_S):
            if time.monotonic() > end:
                return  # a path may lose all that is ever said on it
            # A statement that was lost is not said again; the next one says it all.
            self._do(self._sign())

    def _is_settled(self) -> bool:
        self._accept()
        return all(
            is_settled(self._stations[one].engine, self._stations[two].engine)
            for one, two in self._pairs()
            if self._dialled.get((one, two)) and not self._is_lost(one, two)
        )

    def wait_for(self, code: str, place: Place) -> None:
        """Let time pass until a party holds an entry, where it can come to hold it soon."""
        within = _SHORT_PATIENCE_S * 4 if self.is_rough else _SHORT_PATIENCE_S
        self._wait_until(lambda: self.holds(self.reader(code), place), within=within)

    # --- channels and entries ---

    def propose(self, charter: Charter, parties: Sequence[str]) -> None:
        """Let the first of these parties propose a channel; the others accept when they know."""
        if not self._dialled:
            self._set_faults_open()
        self._do(self._stations[parties[0]].propose_channel(charter))
        waiting = [(party, charter.channel_id) for party in parties[1:]]
        self._unopened += waiting
        self._wait_until(lambda: self._have_opened(waiting), within=_SHORT_PATIENCE_S)

    def _set_faults_open(self) -> None:
        """Lay every path before the history begins: no fault is there yet."""
        self._do(self._reach_witnesses())
        for pair in self._pairs():
            self._do(self._set_path(*pair))
        self._await(lambda: all(self._path_is_set(*pair) for pair in self._pairs()), "links")

    def _have_opened(self, waiting: Sequence[tuple[str, ChannelId]]) -> bool:
        self._accept()
        return not any(each in self._unopened for each in waiting)

    def _check_open(self) -> None:
        self._await(lambda: self._have_opened(list(self._unopened)), "channels")

    def _accept(self) -> None:
        """Let parties open their logs on the charters that have arrived."""
        for code, channel in list(self._unopened):
            if channel in self._stations[code].engine.ledger.channels:
                self._unopened.remove((code, channel))
                self._task = asyncio.ensure_future(self._stations[code].accept_channel(channel))

    def reader(self, code: str) -> Reader:
        """Return what a party's station has stored."""
        return self._stations[code].reader

    def cards(self) -> dict[str, Card]:
        """Return the cards of all parties and witnesses, by code."""
        return self._cards

    def append(self, code: str, channel: ChannelId, entry: NewEntry) -> tuple[LogId, int]:
        """Let a station write an entry; return where it stands, once it is on disk.

        Raises:
            ParleyError: the station refuses it.
        """
        return self._do(self._stations[code].append(channel, [entry]))[0]


async def _comes_true(reached: Callable[[], bool], within: float) -> bool:
    loop = asyncio.get_running_loop()
    last = loop.time() + within
    while not reached():
        if loop.time() > last:
            return False
        await asyncio.sleep(_LOOK_EVERY_S)
    return True
