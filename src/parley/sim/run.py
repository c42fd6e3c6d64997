"""One world from one seed: traffic, faults, healing, and a verdict."""

from __future__ import annotations

import random as random_module
from collections.abc import Callable
from dataclasses import dataclass

from parley.core.cosignature import verified_lines
from parley.core.entry import decode_entry
from parley.core.ids import ChannelId
from parley.sim.invariants import InvariantBroken, Invariants
from parley.sim.network import SimPath, Weather
from parley.sim.world import World
from parley.station.link_state import Traits

_FAULT_SECONDS = 120.0
_HEAL_SECONDS = 1_800.0
_CODES = ("ALFA", "BRAVO", "CHARLIE")
_WITNESS = "DELTA"
_ANSWERS_LOST = 0.2
_COSIGNED_SECONDS = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimReport:
    """What became of one seed.

    Attributes:
        events, entries, frames: how much happened.
        faults: what was done to the world, by name.
        broken: the invariant that was broken, None if all held.
    """

    seed: int
    events: int
    entries: int
    faults: dict[str, int]
    broken: str | None

    @property
    def ok(self) -> bool:
        """Say whether everything held."""
        return self.broken is None

    def line(self) -> str:
        """Return one line for a person."""
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        verdict = "held" if self.ok else f"BROKEN {self.broken}"
        return (
            f"seed {self.seed}: {self.entries} entries, {self.events} events; {faults}; {verdict}"
        )


class _Campaign:
    """Traffic and faults on one world."""

    def __init__(self, seed: int, trace: Callable[[str], None] | None) -> None:
        self.seed = seed
        self.random = random_module.Random(f"campaign {seed}")
        codes = _CODES[: 2 if self.random.random() < 0.75 else 3]
        # Every fourth world has a witness, who would see a log with two histories.
        self.witnesses = (_WITNESS,) if seed % 4 == 0 else ()
        self.world = World(seed, codes, witnesses=self.witnesses)
        for witness in self.world.witnesses.values():
            witness.loss = _ANSWERS_LOST
        self.world.trace = trace
        self.invariants = Invariants(self.world)
        self.world.watch = self.invariants.look
        self.faults: dict[str, int] = {}
        self.sent: dict[tuple[str, int], str] = {}
        self.paths: list[SimPath] = []
        self.channel: ChannelId | None = None

    def play(self) -> str | None:
        """Run the whole campaign; return what broke, None if all held."""
        try:
            self._play()
        except InvariantBroken as broken:
            return str(broken)
        except Exception as escaped:  # noqa: BLE001 - that none escapes is an invariant itself
            return f"at {self.world.steady:.3f} s: {type(escaped).__name__} escaped: {escaped}"
        return None

    def _play(self) -> None:
        world, codes = self.world, list(self.world.stations)
        for at, first in enumerate(codes):
            for second in codes[at + 1 :]:
                self.paths.append(world.connect(first, second, traits=self._traits()))
        self.channel = world.open_channel("OPS", codes, witnesses=self.witnesses)
        begin = world.steady
        for path in self.paths:
            path.weather = self._weather()
        for _ in range(self.random.randint(20, 60)):
            world.at(begin + self.random.random() * _FAULT_SECONDS, self._say)
        for _ in range(self.random.randint(2, 10)):
            world.at(begin + self.random.random() * _FAULT_SECONDS, self._fault)
        world.run(begin + _FAULT_SECONDS)
        self._heal()
        if not world.run_until(self._all_receipted, within=_HEAL_SECONDS):
            raise InvariantBroken(f"not everything arrived {_HEAL_SECONDS:.0f} s after healing")
        world.run(world.steady + 5)
        self._compare()
        self._compare_with_witnesses()

    def _traits(self) -> Traits:
        if self.random.random() < 0.2:
            return Traits(rate_bps=self.random.choice([1_200, 2_400, 4_800]), frame_bytes_max=2_048)
        return Traits()

    def _weather(self) -> Weather:
        bad = self.random.random() < 0.6
        chance = self.random.random
        return Weather(
            delay_seconds=0.3 * chance(),
            jitter_seconds=0.5 * chance() if bad else 0.01,
            loss=0.3 * chance() if bad else 0.0,
            duplication=0.2 * chance() if bad else 0.0,
            corruption=0.05 * chance() if bad else 0.0,
            ordered=not bad,
        )

    def _say(self) -> None:
        world = self.world
        code = self.random.choice(list(world.stations))
        station = world.stations[code]
        if station.engine is None or station.engine.halted is not None or self.channel is None:
            return
        text = f"{code} {len(self.sent)}"
        flags = self.random.choice([0, 0, 0, 1, 2, 3])
        token = world.say(code, self.channel, text, flags=flags)
        self.sent[code, token] = text

    # --- faults ---

    def _fault(self) -> None:
        faults = {
            "crash": self._crash,
            "cut": self._cut,
            "hang up": self._hang_up,
            "clock jump": self._clock_jump,
            "disk full": self._disk_full,
        }
        name = self.random.choice(sorted(faults))
        self.faults[name] = self.faults.get(name, 0) + 1
        faults[name]()

    def _crash(self) -> None:
        code = self.random.choice(list(self.world.stations))
        self.world.crash(code, keep_unsynced=self.random.random() < 0.5)
        self.world.after(self.random.random() * 20, lambda: self._revive(code))

    def _revive(self, code: str) -> None:
        self.world.restart(code)
        for path in self.paths:
            if code in path.ends:
                self._redial(path)

    def _redial(self, path: SimPath) -> None:
        if all(self.world.stations[end].engine is not None for end in path.ends):
            self.world.pick_up(path)

    def _cut(self) -> None:
        path = self.random.choice(self.paths)
        path.cut = True
        self.world.after(self.random.random() * 30, lambda: setattr(path, "cut", False))

    def _hang_up(self) -> None:
        path = self.random.choice(self.paths)
        self.world.hang_up(path)
        self.world.after(self.random.random() * 20, lambda: self._redial(path))

    def _clock_jump(self) -> None:
        station = self.world.stations[self.random.choice(list(self.world.stations))]
        station.wall_offset += self.random.choice([-3_600, -300, -5, 5, 90, 300])

    def _disk_full(self) -> None:
        code = self.random.choice(list(self.world.stations))
        station = self.world.stations[code]
        station.disk.full = True

        def room_again() -> None:
            station.disk.full = False
            if station.engine is not None and station.engine.halted is not None:
                self.world.crash(code, keep_unsynced=False)
            self._revive(code)

        self.world.after(self.random.random() * 20, room_again)

    def _heal(self) -> None:
        for path in self.paths:
            path.cut = False
            path.weather = Weather()
        for code, station in self.world.stations.items():
            station.disk.full = False
            if station.engine is not None and station.engine.halted is not None:
                self.world.crash(code, keep_unsynced=False)
        for code in self.world.stations:
            self.world.restart(code)
        for path in self.paths:
            # A connection broken by a peer's refusal is dialled again.
            self.world.hang_up(path)
            self.world.pick_up(path)

    # --- the end ---

    def _all_receipted(self) -> bool:
        """Say whether every log stands whole and receipted on every other disk."""
        assert self.channel is not None
        for path in self.paths:
            if not path.up:
                self._redial(path)
        for code, station in self.world.stations.items():
            log = station.own_log(self.channel)
            if log is None:
                return False
            rows = station.disk.store.entries(log, 0, 1_000_000)
            for other_code, other in self.world.stations.items():
                if other_code == code:
                    continue
                held = other.disk.store.entries(log, 0, 1_000_000)
                if [row.raw for row in held] != [row.raw for row in rows]:
                    return False
                theirs = other.own_log(self.channel)
                last = None if theirs is None else station.disk.store.last_statement(theirs)
                holding = None if last is None else last.signed.statement.holding(log.party)
                if holding is None or holding.size < len(rows) or holding.missing:
                    return False
        return True

    def _compare(self) -> None:
        """Every entry confirmed to a person stands exactly once; nothing else was written."""
        for code, station in self.world.stations.items():
            texts: list[str] = []
            for row in station.disk.store.logs():
                if row.log.party == station.party:
                    texts += [
                        fact
                        for entry in station.disk.store.entries(row.log, 0, 1_000_000)
                        if (fact := _text(entry.raw, len(self.world.stations) - 1)) is not None
                    ]
            if len(set(texts)) != len(texts):
                raise InvariantBroken(f"{code} holds an entry of its own twice")
            for (sender, token), text in self.sent.items():
                reply = station.confirmed.get(token)
                if sender == code and reply is not None and text not in texts:
                    raise InvariantBroken(f"{code} confirmed {text!r} and does not hold it")

    def _compare_with_witnesses(self) -> None:
        """No witness saw two histories, and what one cosigned verifies wherever it is kept."""
        for code, witness in self.world.witnesses.items():
            if not self.world.run_until(self._all_cosigned, within=_COSIGNED_SECONDS):
                raise InvariantBroken(f"{code} did not cosign every log after healing")
            if witness.memory.accusations():
                raise InvariantBroken(f"{code} was shown two histories of one log")
            for station in self.world.stations.values():
                store = station.disk.store
                for log in (row.log for row in store.logs()):
                    for row in store.cosigned(log, 0, 1_000_000):
                        text = row.signed.statement.text()
                        found = verified_lines(row.lines, text, [witness.key])
                        if len(found) != len(row.lines):
                            raise InvariantBroken(f"{station.code} keeps a line that is not good")

    def _all_cosigned(self) -> bool:
        """Say whether every station holds a cosigned statement over each present log."""
        assert self.channel is not None
        logs = [station.own_log(self.channel) for station in self.world.stations.values()]
        return all(
            log is not None and bool(station.disk.store.cosigned(log, 0, 1))
            for station in self.world.stations.values()
            for log in logs
        )


def _text(raw: bytes, others: int) -> str | None:
    entry = decode_entry(raw, others=others)
    text = entry.fields.get(2)
    return text if isinstance(text, str) else None


def simulate(seed: int, *, trace: Callable[[str], None] | None = None) -> SimReport:
    """Play one seed.

    Args:
        seed: any whole number; the same one gives the same world.
        trace: called with a line for everything that happens.
    """
    campaign = _Campaign(seed, trace)
    broken = campaign.play()
    return SimReport(
        seed=seed,
        events=campaign.world.events,
        entries=len(campaign.sent),
        faults=campaign.faults,
        broken=broken,
    )
