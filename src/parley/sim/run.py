"""One world from one seed: traffic, faults, healing, and a verdict."""

from __future__ import annotations

import random as random_module
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from parley.core.canon import Value
from parley.core.cosignature import verified_lines
from parley.core.ids import ChannelId
from parley.sim.faults import Faults
from parley.sim.files import FileTraffic
from parley.sim.hostility import Hostility
from parley.sim.invariants import InvariantBroken, Invariants
from parley.sim.network import SimPath, Weather
from parley.sim.plan import NO_OPTIONS, Options, Plan, make_plan
from parley.sim.verdict import (
    check_brought_back,
    check_confirmed,
    check_records,
    check_registers,
    has_arrived,
)
from parley.sim.world import World
from parley.station.effects import NewEntry

_FAULT_SECONDS: Final = 120.0
_SLOW_FAULT_SECONDS: Final = 4 * 3_600.0
_FAULT_LASTS: Final = 0.2
_HEAL_SECONDS: Final = 1_800.0
_SLOW_HEAL_SECONDS: Final = 3 * 86_400.0
_OPENING_SECONDS: Final = 600.0
_SLOW_OPENING_SECONDS: Final = 86_400.0
_WITNESS: Final = "WITNESS"
_ANSWERS_LOST: Final = 0.2
_COSIGNED_SECONDS: Final = 900.0
_KINDS: Final = (1, 1, 1, 1, 2, 201, 500, 500, 501, 503, 60_000)
"""Plain texts, acknowledgements, moves of the desk (most of them out of place), and a kind that
nobody knows: what a register makes of them must be the same everywhere, sense or nonsense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimReport:
    """What became of one seed.

    Attributes:
        world: its topology and the kinds of its paths.
        events, entries, frames: how much happened.
        faults: what was done to the world, by name.
        broken: the invariant that was broken, None if all held.
    """

    seed: int
    world: str
    events: int
    entries: int
    frames: int
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
            f"seed {self.seed}: {self.world}; {self.entries} entries, {self.frames} frames; "
            f"{faults or 'no faults'}; {verdict}"
        )


class _Campaign:
    """Traffic and faults on one world."""

    def __init__(self, seed: int, options: Options, trace: Callable[[str], None] | None) -> None:
        self.random = random_module.Random(f"campaign {seed}")
        self.world_seed = seed
        self.options = options
        self.plan: Plan = make_plan(self.random, options)
        # Every fourth world has a witness, who would see a log with two histories.
        self.witnesses = (_WITNESS,) if seed % 4 == 0 else ()
        self.world = World(seed, self.plan.codes, witnesses=self.witnesses)
        for witness in self.world.witnesses.values():
            witness.loss = _ANSWERS_LOST
        self.world.trace = trace
        self.invariants = Invariants(self.world)
        self.world.watch = self.invariants.look
        self.world.overhear = self.invariants.overhear
        self.said: dict[tuple[str, int], str] = {}
        self.paths: list[SimPath] = []
        self.channels: list[tuple[ChannelId, tuple[str, ...]]] = []
        self.faults: Faults | None = None
        self.hostility: Hostility | None = None
        self.files: FileTraffic | None = None
        self.hostile = random_module.Random(f"hostile {seed}")

    def harm(self) -> dict[str, int]:
        """Return what was done to the world, by name."""
        done = {} if self.faults is None else dict(self.faults.done)
        if self.files is not None:
            done["file"] = self.files.sent
        return done if self.hostility is None else done | self.hostility.done

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
        self._set_up()
        faults = self._storm()
        faults.heal()
        if self.hostility is not None:
            self.hostility.heal()
            faults.restored |= self.hostility.robbed
        for witness in self.world.witnesses.values():
            witness.loss = 0.0
        patience = _SLOW_HEAL_SECONDS if self.plan.slow else _HEAL_SECONDS
        if not self.world.run_until(lambda: self._arrived(faults), within=patience):
            raise InvariantBroken(f"not everything arrived {patience:.0f} s after healing")
        self.world.run(self.world.steady + 5)
        check_confirmed(self.world, self.said, faults.restored)
        check_brought_back(self.world, faults.restored)
        if self.files is not None:
            self.files.check(faults.restored)
        check_records(self.world)
        if self.hostility is not None:
            self.hostility.check()
        for channel, codes in self.channels:
            same = check_registers(self.world, channel, codes)
            if not same and not faults.restored:
                raise InvariantBroken("all is receipted, and the entries held are not the same")
        self._compare_with_witnesses()

    def _set_up(self) -> None:
        world, plan = self.world, self.plan
        for station in world.stations.values():
            station.wall_offset = self.random.choice([0, 0, 0, -40, 3, 100, 1_000])
        for path in plan.paths:
            laid = world.connect(
                *path.ends,
                traits=path.traits,
                half_duplex=path.half_duplex,
                cell_bytes=path.cell_bytes,
            )
            self.paths.append(laid)
        within = _SLOW_OPENING_SECONDS if plan.slow else _OPENING_SECONDS
        for number, (code, parties) in enumerate(plan.channels):
            channel = world.open_channel(
                code, parties, number=number + 1, within=within, witnesses=self.witnesses
            )
            self.channels.append((channel, parties))
        world.run(world.steady + 1)

    def _storm(self) -> Faults:
        """Let people talk while things go wrong."""
        world, chance = self.world, self.random.random
        begin = world.steady
        seconds = _SLOW_FAULT_SECONDS if self.plan.slow else _FAULT_SECONDS
        if self.options.hours is not None:
            seconds = self.options.hours * 3_600.0
        lasts = seconds * _FAULT_LASTS
        self.faults = Faults(world, self.paths, self.invariants, self.random, seconds=lasts)
        for path in self.paths:
            path.weather = self._weather(path)
        for _ in range(self.random.randint(20, 60)):
            world.at(begin + chance() * seconds, self._say)
        for _ in range(self.random.randint(2, 10)):
            world.at(begin + chance() * seconds, self.faults.strike)
        for _ in range(3):
            world.at(begin + chance() * seconds, self._compare)
        for _ in range(10):
            world.at(begin + chance() * seconds, self.faults.mend)
        if self.options.hostile:
            self._hostile(begin, seconds)
        if self.options.files:
            self._send_files(begin, seconds)
        world.run(begin + seconds)
        return self.faults

    def _hostile(self, begin: float, seconds: float) -> None:
        """Let some mean harm meanwhile; by dice of their own, so that the rest stays as it is."""
        lasts = seconds * _FAULT_LASTS
        self.invariants.lies = True
        self.hostility = Hostility(self.world, self.channels, self.hostile, seconds=lasts)
        for _ in range(self.hostile.randint(4, 12)):
            self.world.at(begin + self.hostile.random() * seconds, self.hostility.strike)

    def _send_files(self, begin: float, seconds: float) -> None:
        """Let files go as well, large ones where every line is fast."""
        dice, lies = random_module.Random(f"files {self.world_seed}"), self.options.hostile
        is_small = any(path.kind != "fast" for path in self.plan.paths)
        self.files = FileTraffic(self.world, self.channels, dice, small=is_small, lies=lies)
        for _ in range(dice.randint(3, 10)):
            self.world.at(begin + dice.random() * seconds, self.files.send)

    def _weather(self, path: SimPath) -> Weather:
        bad = self.random.random() < 0.6
        chance = self.random.random
        loss = self.options.loss
        # On a line that cuts frames into pieces each piece is lost for itself.
        drawn = (0.3 if path.cell_bytes is None else 0.01) * chance() if bad else 0.0
        return Weather(
            delay_seconds=0.3 * chance(),
            jitter_seconds=0.5 * chance() if bad else 0.01,
            loss=drawn if loss is None else loss,
            duplication=0.2 * chance() if bad else 0.0,
            corruption=0.05 * chance() if bad else 0.0,
            ordered=not bad,
        )

    def _say(self) -> None:
        world = self.world
        channel, codes = self.random.choice(self.channels)
        code = self.random.choice(codes)
        station = world.stations[code]
        if station.engine is None or station.engine.halted is not None:
            return
        text = f"{code} {len(self.said)}"
        kind = self.random.choice(_KINDS)
        flags = self.random.choice([0, 0, 0, 1, 2, 3]) | self.random.choice([0, 0, 0, 4])
        fields: dict[int, Value] = {25: text, 16: [["en", 0, "words " * self.random.randint(1, 9)]]}
        if kind != 1 or self.random.random() < 0.3:
            party = self.random.randrange(len(codes))
            fields[self.random.choice([1, 4])] = [party, self.random.randrange(12)]
        if self.random.random() < 0.2:
            fields[5] = 60
        entry = NewEntry(kind=kind, flags=flags, fields=fields)
        token = station.append(channel, [entry], world.steady)
        self.said[code, token] = text

    def _compare(self) -> None:
        for channel, codes in self.channels:
            check_registers(self.world, channel, codes)

    def _arrived(self, faults: Faults) -> bool:
        faults.mend()
        for path in self.paths:
            if not path.up:
                faults.redial(path)
        return all(has_arrived(self.world, channel, codes) for channel, codes in self.channels)

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
        for channel, codes in self.channels:
            members = [self.world.stations[code] for code in codes]
            logs = [station.own_log(channel) for station in members]
            for station in members:
                if not all(log and station.disk.store.cosigned(log, 0, 1) for log in logs):
                    return False
        return True


def simulate(
    seed: int,
    *,
    options: Options = NO_OPTIONS,
    trace: Callable[[str], None] | None = None,
) -> SimReport:
    """Play one seed.

    Args:
        seed: any whole number; with the same options the same one gives the same world.
        options: what is not left to the seed.
        trace: called with a line for everything that happens.
    """
    campaign = _Campaign(seed, options, trace)
    broken = campaign.play()
    plan = campaign.plan
    kinds = sorted({path.kind for path in plan.paths})
    return SimReport(
        seed=seed,
        world=f"{plan.topology} of {len(plan.channels)} channels, {'/'.join(kinds)}",
        events=campaign.world.events,
        entries=len(campaign.said),
        frames=campaign.world.frames,
        faults=campaign.harm(),
        broken=broken,
    )
