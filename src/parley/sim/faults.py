"""What goes wrong in a world: crashes, cuts, wrong clocks, full disks, old backups."""

from __future__ import annotations

import random as random_module
from collections.abc import Callable
from typing import Final

from parley.sim.invariants import Invariants
from parley.sim.network import SimPath, Weather
from parley.sim.station import Last
from parley.sim.world import World

_CLOCK_JUMPS: Final = (-86_400, -3_600, -300, -5, 5, 90, 300, 7_200)


class Faults:
    """Does harm by chance, and undoes it.

    Attributes:
        done: how often each was done, by name.
        restored: codes of stations whose disk was replaced by an older copy.
    """

    def __init__(
        self,
        world: World,
        paths: list[SimPath],
        invariants: Invariants,
        random: random_module.Random,
        *,
        seconds: float,
    ) -> None:
        """Take a world; each fault lasts up to `seconds`."""
        self._world = world
        self._paths = paths
        self._invariants = invariants
        self._random = random
        self._seconds = seconds
        # A backup from before the channels were open would need officers to open them again.
        self._floors = {code: len(station.disk.journal) for code, station in world.stations.items()}
        self.done: dict[str, int] = {}
        self.restored: set[str] = set()
        self._faults: dict[str, Callable[[], None]] = {
            "crash": self._crash,
            "crash at commit": self._crash_at_commit,
            "cut": self._cut,
            "partition": self._partition,
            "hang up": self._hang_up,
            "clock jump": self._clock_jump,
            "disk full": self._disk_full,
            "old backup": self._old_backup,
        }

    def strike(self) -> None:
        """Do one fault."""
        name = self._random.choice(sorted(self._faults))
        if name == "old backup" and self._random.random() < 0.7:
            name = "cut"
        self.done[name] = self.done.get(name, 0) + 1
        self._faults[name]()

    def mend(self) -> None:
        """Let officers see to every log that is stopped."""
        for code in self._world.stations:
            self._world.mend(code)

    def _later(self, act: Callable[[], None]) -> None:
        self._world.after(self._random.random() * self._seconds, act)

    def _any_station(self) -> str:
        return self._random.choice(list(self._world.stations))

    def _last(self) -> Last:
        return self._random.choice(list(Last))

    def _crash(self) -> None:
        code = self._any_station()
        self._world.crash(code, self._last())
        self._later(lambda: self.revive(code))

    def _crash_at_commit(self) -> None:
        code = self._any_station()
        self._world.stations[code].crash_at_commit = self._last()
        self._later(lambda: self.revive(code))

    def revive(self, code: str) -> None:
        """Start a station that is down, and dial its paths again."""
        self._world.restart(code)
        for path in self._paths:
            if code in path.ends:
                self.redial(path)

    def redial(self, path: SimPath) -> None:
        """Pick a path up if both its ends run."""
        if all(self._world.stations[end].engine is not None for end in path.ends):
            self._world.pick_up(path)

    def _cut(self) -> None:
        path = self._random.choice(self._paths)
        path.cut = True
        self._later(lambda: setattr(path, "cut", False))

    def _partition(self) -> None:
        """Cut one station off from all others; nobody is told."""
        code = self._any_station()
        paths = [path for path in self._paths if code in path.ends]
        for path in paths:
            path.cut = True

        def heal() -> None:
            for path in paths:
                path.cut = False

        self._later(heal)

    def _hang_up(self) -> None:
        path = self._random.choice(self._paths)
        self._world.hang_up(path)
        self._later(lambda: self.redial(path))

    def _clock_jump(self) -> None:
        self._world.stations[self._any_station()].wall_offset += self._random.choice(_CLOCK_JUMPS)

    def _disk_full(self) -> None:
        code = self._any_station()
        station = self._world.stations[code]
        station.disk.full = True

        def room_again() -> None:
            station.disk.full = False
            if station.engine is not None and station.engine.halted is not None:
                self._world.crash(code, Last.LOST)
            self.revive(code)

        self._later(room_again)

    def _old_backup(self) -> None:
        """Put an older copy of a disk back; the high-water marks, kept elsewhere, tell of it."""
        code = self._any_station()
        station = self._world.stations[code]
        self._world.crash(code, Last.LOST)
        lost = self._random.randint(1, 10)
        kept = len(station.disk.journal) - lost
        if kept < self._floors[code]:
            self._later(lambda: self.revive(code))
            return
        station.disk.restore(kept)
        self._invariants.forget(code)
        self.restored.add(code)
        self._later(lambda: self.revive(code))

    def heal(self) -> None:
        """Undo everything: the weather is fair, every station runs, every path is up."""
        for path in self._paths:
            path.cut = False
            path.weather = Weather()
        for code, station in self._world.stations.items():
            station.disk.full = False
            station.crash_at_commit = None
            if station.engine is not None and station.engine.halted is not None:
                self._world.crash(code, Last.LOST)
        for code in self._world.stations:
            self._world.restart(code)
        for path in self._paths:
            # A connection broken by a peer's refusal is dialled again.
            self._world.hang_up(path)
            self._world.pick_up(path)
