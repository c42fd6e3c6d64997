"""A deterministic world of stations, paths and faults on one clock of its own.

It runs the station's own engine. Everything random comes from one seed, so that any run can be
played again, and time is a number that jumps from event to event.
"""

from __future__ import annotations

import heapq
import random as random_module
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256

from parley.core.canon import Value
from parley.core.charter import Charter
from parley.core.ids import ChannelId
from parley.core.link_secrets import Identity
from parley.sim.network import SimPath, Weather
from parley.sim.people import WORLD_START, make_identity
from parley.sim.station import Last, SimStation
from parley.sim.wiretap import Heard, Wiretap
from parley.sim.witness import WAY_SECONDS, SimWitness
from parley.station.effects import NewEntry, Submit
from parley.station.engine import Engine
from parley.station.link_state import Traits

MEND_SECONDS = 3_600.0
"""An officer of the simulator waits so long for what peers hold, then asks once more."""


class World:
    """Stations, the paths between them, and one clock.

    Attributes:
        steady: the time, in seconds from the start of the world.
        stations: by code.
        witnesses: by code.
        random: the world's one source of chance.
        watch: called after every event; the invariants hang here.
        overhear: called with sender, receiver and what each frame carries, as it leaves.
        keep: called with path, sender and bytes of each frame as it leaves.
        trace: called with a line for everything that happens, where somebody reads along. Both need
            a world whose lines are tapped from its beginning.
        events, frames: how much has happened.
    """

    def __init__(
        self,
        seed: int,
        codes: Sequence[str],
        *,
        start: int = WORLD_START,
        identities: Mapping[str, Identity] | None = None,
        witnesses: Sequence[str] = (),
        tapped: bool = True,
    ) -> None:
        self.steady = 0.0
        self.start = start
        self.random = random_module.Random(seed)
        self.stations = {
            code: SimStation(
                make_identity(code) if identities is None else identities[code],
                seed=seed,
                wall_start=start,
            )
            for code in codes
        }
        cards = {each.party: each.identity.card for each in self.stations.values()}
        self.witnesses = {
            code: SimWitness(
                make_identity(code) if identities is None else identities[code],
                cards,
                seed=seed,
                wall_start=start,
            )
            for code in witnesses
        }
        self.paths: dict[int, SimPath] = {}
        self.watch: Callable[[], None] | None = None
        self.overhear: Callable[[SimStation, SimStation, Heard], None] | None = None
        self.keep: Callable[[SimPath, SimStation, bytes], None] | None = None
        self.trace: Callable[[str], None] | None = None
        self.events = 0
        self.frames = 0
        self._queue: list[tuple[float, int, Callable[[], None], str | None]] = []
        self._touched: set[str] = set()
        self._count = 0
        self._wakes: dict[str, float] = {}
        keys = frozenset(witness.key.key for witness in self.witnesses.values())
        self._tap = Wiretap() if tapped else None
        for station in self.stations.values():
            station.witnesses = keys
            for other in self.stations.values():
                if other is not station:
                    station.peers[other.party] = other.identity.card
            station.start(0.0)

    # --- time ---

    def at(self, when: float, act: Callable[[], None], *, about: str | None = None) -> None:
        """Let something happen at a time, in the order of asking.

        Args:
            when: seconds of the world's steady clock; a time gone by is now.
            act: what happens.
            about: code of the one station that it touches; any of them where it is None.
        """
        self._count += 1
        heapq.heappush(self._queue, (max(when, self.steady), self._count, act, about))

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Let something happen some seconds from now."""
        self.at(self.steady + seconds, act)

    def run(self, until: float) -> None:
        """Let the world go on up to a time."""
        self._settle_all()
        while self._queue and self._queue[0][0] <= until:
            when, _, act, about = heapq.heappop(self._queue)
            self.steady = when
            self.events += 1
            act()
            if about is None:
                self._settle_all()
            else:
                self._settle_touched(about)
            if self.watch is not None:
                self.watch()
        self.steady = max(self.steady, until)

    def run_until(self, done: Callable[[], bool], *, within: float) -> bool:
        """Let the world go on until something holds; False if it does not in time."""
        end = self.steady + within
        self._settle_all()
        while not done():
            if not self._queue or self._queue[0][0] > end:
                self.run(end)
                return done()
            self.run(self._queue[0][0])
        return True

    def jump(self, until: float) -> None:
        """Go on to a time in one step, as where every path is down and nothing can arrive.

        What was due on the way happens at its end: a statement a station owes is signed then.
        """
        self._queue = [(max(each[0], until), *each[1:]) for each in self._queue]
        heapq.heapify(self._queue)
        self.steady = max(self.steady, until)
        self.run(self.steady)

    def _settle_all(self) -> None:
        for station in self.stations.values():
            self._settle(station)
        self._settle_touched()

    def _settle_touched(self, *codes: str) -> None:
        """Settle stations that something happened to, and those which that touched in turn."""
        self._touched.update(codes)
        while self._touched:
            code = min(self._touched)
            self._touched.remove(code)
            self._settle(self.stations[code])

    def _settle(self, station: SimStation) -> None:
        """Perform a station's effects, hand out its frames, and set its alarm clock."""
        engine = station.engine
        if engine is None:
            return
        if station.take_effects():
            took = station.disk.fsync_seconds * (0.5 + self.random.random())
            pending = station.pending
            done = self.steady + took
            self.at(done, lambda: self._commit_done(station, pending), about=station.code)
        for number in list(station.paths):
            self._send(station, self.paths[number])
        while station.to_close:
            number, reason = station.to_close.pop()
            self.note(f"{station.code} closes path {number}: {reason}")
            self.hang_up(self.paths[number])
        while station.to_submit:
            self._submit(station, engine, station.to_submit.pop(0))
        if engine.halted is not None:
            return
        wake = engine.wake_at(station.now(self.steady))
        known = self._wakes.get(station.code)
        if known is None or wake < known:
            self._wakes[station.code] = wake
            self.at(wake, lambda: self._wake(station, wake), about=station.code)

    def _submit(self, station: SimStation, engine: Engine, asked: Submit) -> None:
        """Carry a submission to its witness, and the answer back to the engine that asked."""
        witness = next(each for each in self.witnesses.values() if each.key.key == asked.key)

        def back(status: int, body: str) -> None:
            if station.engine is engine:
                now = station.now(self.steady)
                engine.witness_answered(asked.token, status, body, now)

        def arrive() -> None:
            if not witness.is_reached_by(station.code):
                back(0, "")
                return
            status, body = witness.add_checkpoint(asked.body, self.steady)
            self.note(f"{station.code} -> witness {witness.key.shown}: {status}")
            self.at(self.steady + WAY_SECONDS, lambda: back(status, body), about=station.code)

        self.at(self.steady + WAY_SECONDS, arrive, about=station.code)

    def _commit_done(self, station: SimStation, pending: object) -> None:
        if station.pending is not pending or pending is None:
            return
        if station.crash_at_commit is not None:
            self.crash(station.code, station.crash_at_commit)
            return
        if self.trace is not None:
            self.note(f"{station.code} has stored a transaction")
        station.finish_commit(self.steady)

    def _wake(self, station: SimStation, wake: float) -> None:
        if self._wakes.get(station.code) != wake:
            return  # an earlier alarm took its place
        del self._wakes[station.code]
        if station.engine is not None:
            station.engine.tick(station.now(self.steady))

    # --- paths ---

    def connect(
        self,
        first: str,
        second: str,
        *,
        traits: Traits | None = None,
        weather: Weather | None = None,
        half_duplex: bool = False,
        cell_bytes: int | None = None,
    ) -> SimPath:
        """Lay a path and tell both ends that it is up."""
        path = SimPath(
            number=len(self.paths) + 1,
            ends=(first, second),
            traits=traits or Traits(),
            weather=weather or Weather(),
            half_duplex=half_duplex,
            cell_bytes=cell_bytes,
        )
        self.paths[path.number] = path
        self.pick_up(path)
        return path

    def pick_up(self, path: SimPath) -> None:
        """Tell both ends that the path is up; both know who is at the other end."""
        if path.up:
            return
        path.up = True
        path.free_at.clear()
        path.waiting.clear()
        for code in path.ends:
            station = self.stations[code]
            peer = self.stations[path.other(code)].party
            station.paths[path.number] = (path.traits, peer)
            self._touched.add(code)
            if station.engine is not None:
                station.engine.path_up(
                    path.number, path.traits, station.now(self.steady), peer=peer
                )

    def hang_up(self, path: SimPath) -> None:
        """Tell both ends that the path is down; what is under way is lost."""
        if not path.up:
            return
        path.up = False
        for code in path.ends:
            station = self.stations[code]
            station.paths.pop(path.number, None)
            self._touched.add(code)
            if station.engine is not None:
                station.engine.path_down(path.number, station.now(self.steady))

    def _send(self, station: SimStation, path: SimPath) -> None:
        if station.engine is None:
            return
        if path.free(station.code) > self.steady:
            if path.half_duplex and station.code not in path.waiting:
                # The other end has the medium: listen until it is free.
                self._wait_for(path, station)
            return
        for _ in range(64):
            frames = station.engine.next_frames(path.number, station.now(self.steady), limit=1)
            if not frames:
                self._await_turn(station, station.engine, path)
                return
            for raw in frames:
                self._carry(station, path, raw)
            if path.free(station.code) > self.steady:
                # The medium is busy: come back when it can take more.
                self._wait_for(path, station)
                return

    def _await_turn(self, station: SimStation, engine: Engine, path: SimPath) -> None:
        """Come back when a padded path wants its next frame."""
        turn = engine.next_turn(path.number)
        if turn is not None and path.turns.get(station.code) != turn:
            path.turns[station.code] = turn
            self.at(turn, lambda: None, about=station.code)

    def _wait_for(self, path: SimPath, station: SimStation) -> None:
        path.waiting.add(station.code)
        free = path.free(station.code)
        self.at(free, lambda: path.waiting.discard(station.code), about=station.code)

    def _carry(self, station: SimStation, path: SimPath, raw: bytes) -> None:
        receiver = self.stations[path.other(station.code)]
        self.frames += 1
        if self.keep is not None:
            self.keep(path, station, raw)
        arrivals = path.deliveries(station.code, raw, self.steady, self.random)
        if self._tap is not None:
            heard = self._tap.hear(station.identity, receiver.identity, raw)
            if self.trace is not None:
                self.note(
                    f"{station.code} -> {receiver.code} path {path.number} {len(raw)} bytes "
                    f"{sha256(raw).hexdigest()[:16]} {heard.line()}; {_fate(raw, arrivals)}"
                )
            if self.overhear is not None:
                self.overhear(station, receiver, heard)
        for at, body in arrivals:
            self.at(at, partial(self._arrive, receiver, path, body), about=receiver.code)

    def arrive(self, code: str, path: SimPath, raw: bytes) -> None:
        """Let a frame come out of a path at a station, whoever put it in."""
        self._arrive(self.stations[code], path, raw)

    def _arrive(self, receiver: SimStation, path: SimPath, raw: bytes) -> None:
        if path.up and receiver.engine is not None:
            receiver.engine.frames_received(path.number, [raw], receiver.now(self.steady))

    # --- stations ---

    def crash(self, code: str, last: Last) -> None:
        """Kill a station where it stands; its paths break."""
        station = self.stations[code]
        if station.engine is None:
            return
        self.note(f"{code} crashes, last write {last.value}")
        station.crash(last)
        for path in self.paths.values():
            if path.up and code in path.ends and not path.traits.narrow:
                self.hang_up(path)

    def restart(self, code: str) -> None:
        """Bring a station up again."""
        station = self.stations[code]
        if station.engine is None:
            self.note(f"{code} starts")
            station.start(self.steady)

    def note(self, line: str) -> None:
        """Write a line of the trace."""
        if self.trace is not None:
            self.trace(f"{self.steady:12.4f}  {line}")

    def mend(self, code: str) -> None:
        """Let an officer have every stopped log of a station mended, by all of its peers."""
        station = self.stations[code]
        engine = station.engine
        if engine is None or engine.halted is not None:
            return
        for channel, state in engine.ledger.channels.items():
            if state.stopped is not None and channel not in engine.traffic.newest.mending.mends:
                self.note(f"{code} mends its log: {state.stopped}")
                asked = state.record.others
                now = station.now(self.steady)
                engine.restore(station.token(), channel, asked, MEND_SECONDS, now)

    # --- channels ---

    def open_channel(
        self,
        code: str,
        parties: Sequence[str],
        *,
        number: int = 1,
        within: float = 600.0,
        heartbeat: int | None = None,
        witnesses: Sequence[str] = (),
        terms: Mapping[int, Value] | None = None,
    ) -> ChannelId:
        """Let the first party propose a channel and all others accept it; return its id."""
        charter = Charter(
            parties=tuple(self.stations[party].party for party in parties),
            number=number,
            purpose="simulation",
            basis="none",
            proposed_at=self.start,
            nonce=self.random.randbytes(16),
            code=code,
            heartbeat=heartbeat,
            terms=dict(terms or {}),
            witnesses=tuple(
                (each.key.name, each.key.vkey)
                for each in map(self.witnesses.__getitem__, witnesses)
            ),
        )
        first = self.stations[parties[0]]
        assert first.engine is not None
        first.engine.propose(first.token(), charter, first.now(self.steady))
        channel = charter.channel_id
        for party in parties[1:]:
            station = self.stations[party]
            known = self.run_until(lambda s=station: _knows(s, channel), within=within)  # type: ignore[misc]
            assert known, "the charter did not arrive"
            assert station.engine is not None
            station.engine.accept_charter(station.token(), channel, station.now(self.steady))
        return channel

    def say(self, code: str, channel: ChannelId, text: str, *, flags: int = 0) -> int:
        """Let a station write a plain text entry; return the token of the reply."""
        station = self.stations[code]
        entry = NewEntry(kind=1, flags=flags, fields={2: text})
        return station.append(channel, [entry], self.steady)


def _fate(raw: bytes, arrivals: Sequence[tuple[float, bytes]]) -> str:
    """Return in words when and how a frame arrives, if it does."""
    told = ", ".join(f"{at:.4f}{'' if body == raw else ' corrupted'}" for at, body in arrivals)
    return f"arrives {told}" if told else "lost"


def _knows(station: SimStation, channel: ChannelId) -> bool:
    return station.engine is not None and channel in station.engine.ledger.channels
