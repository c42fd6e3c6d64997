"""What must hold in every simulated world, at every moment and at the end.

They look at the disks and at what was told and confirmed, never at the engine's own opinion.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parley.core.ids import Hash, LogId
from parley.core.merkle import Tree
from parley.core.statement import Statement
from parley.sim.station import SimStation
from parley.sim.world import World
from parley.station.facts import EntryStored


class InvariantBroken(Exception):  # noqa: N818 - it is what the simulator looks for
    """A world did what it must never do."""


@dataclass(slots=True)
class _Seen:
    """What one station's disk has shown of one log.

    Attributes:
        tree: every leaf in order, as far as there is no gap.
        signed: root by size, from its author's statements.
        last: newest statement checked.
    """

    tree: Tree = field(default_factory=Tree)
    leaves: dict[int, Hash] = field(default_factory=dict)
    signed: dict[int, Hash] = field(default_factory=dict)
    next_no: int = 0
    last: Statement | None = None


class Invariants:
    """Watches a world.

    Attributes:
        checks: how often it looked.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, LogId], _Seen] = {}
        self._sequence: dict[str, int] = {}
        self._roots: dict[tuple[LogId, int], Hash] = {}
        self._facts: dict[str, int] = {}
        self._told: dict[str, set[tuple[LogId, int]]] = {}
        self.checks = 0

    def look(self) -> None:
        """Check every station whose disk has changed.

        Raises:
            InvariantBroken: something is wrong; says what, where and when.
        """
        self.checks += 1
        for code, station in self._world.stations.items():
            sequence = station.disk.store.sequence()
            if self._sequence.get(code) != sequence:
                self._sequence[code] = sequence
                self._look_at(code, station)
            self._facts_of(code, station)

    def _fail(self, what: str) -> None:
        raise InvariantBroken(f"at {self._world.steady:.3f} s: {what}")

    def _look_at(self, code: str, station: SimStation) -> None:
        store = station.disk.store
        rows = store.logs()
        for row in rows:
            seen = self._seen.setdefault((code, row.log), _Seen())
            for entry in store.entries(row.log, seen.tree.size, 100_000):
                known = seen.leaves.setdefault(entry.index, entry.leaf)
                if known != entry.leaf:
                    self._fail(f"{code} replaced entry {entry.index} of {row.log.origin}")
                if entry.index == seen.tree.size:
                    seen.tree.append(entry.leaf)
            for index in sorted(seen.leaves):
                if index == seen.tree.size:
                    seen.tree.append(seen.leaves[index])
        for row in rows:
            self._statements(code, station, row.log, self._seen[code, row.log])

    def _statements(self, code: str, station: SimStation, log: LogId, seen: _Seen) -> None:
        for row in station.disk.store.statements(log, seen.next_no, 100_000):
            said = row.signed.statement
            seen.next_no = max(seen.next_no, said.no + 1)
            # One size has one root, whoever's disk it stands on: no log forks.
            known = self._roots.setdefault((log, said.size), said.root)
            if known != said.root:
                self._fail(f"two roots of size {said.size} of {log.origin}")
            if seen.last is not None and said.no > seen.last.no:
                self._in_order(code, seen.last, said)
            seen.last = said
            own = log.party == station.party
            if own and said.size > seen.tree.size:
                self._fail(f"{code} signed {said.size} entries and stored {seen.tree.size}")
            if said.size <= seen.tree.size and seen.tree.root_at(said.size) != said.root:
                self._fail(f"{code} stores another history than {log.origin} signed")
            if own:
                self._receipts(code, said)

    def _in_order(self, code: str, last: Statement, said: Statement) -> None:
        if said.size < last.size or said.time < last.time:
            self._fail(f"{code} holds statements of {said.log.origin} that go back")
        for before in last.holds:
            after = said.holding(before.party)
            if after is None or (after.inc == before.inc and after.size < before.size):
                self._fail(f"{said.log.origin} receipts less than before")

    def _receipts(self, code: str, said: Statement) -> None:
        """What a station's durable statement holds must lie on its disk."""
        for held in said.holds:
            log = LogId(said.channel, held.party, held.inc)
            seen = self._seen.get((code, log))
            stored = set() if seen is None else seen.leaves
            for index in range(held.size):
                if held.holds(index) and index not in stored:
                    self._fail(
                        f"{code} receipted entry {index} of {log.origin} and does not store it"
                    )

    def _facts_of(self, code: str, station: SimStation) -> None:
        """Nobody is told of an entry twice, or of one that is not on the disk."""
        told = self._told.setdefault(code, set())
        first = self._facts.get(code, 0)
        for fact in station.facts[first:]:
            if isinstance(fact, EntryStored):
                place = (fact.log, fact.index)
                if place in told:
                    self._fail(f"{code} was told of entry {fact.index} twice")
                told.add(place)
                if station.disk.store.entry(fact.log, fact.index) is None:
                    self._fail(f"{code} was told of entry {fact.index}, which is not on its disk")
        self._facts[code] = len(station.facts)
