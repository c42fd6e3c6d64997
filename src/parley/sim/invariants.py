"""What must hold in every simulated world, at every moment and at the end.

They look at the disks and at what was told and confirmed, never at the engine's own opinion.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parley.core import canon
from parley.core.charter import Charter, decode_charter
from parley.core.entry import Kind
from parley.core.ids import Hash, LogId, PartyId
from parley.core.items import Run
from parley.core.merkle import Tree
from parley.core.statement import Statement
from parley.sim.station import SimStation
from parley.sim.wiretap import Heard
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


@dataclass(slots=True)
class _Unsent:
    """What one station has never sent to one peer of its own logs, by precedence.

    Attributes:
        next_number: where the station's record was last looked at.
        by_class: places of durable entries of its present logs that were never on the line.
        sent: places that were.
    """

    next_number: int = 0
    sent: set[tuple[LogId, int]] = field(default_factory=set)
    by_class: tuple[set[tuple[LogId, int]], ...] = field(
        default_factory=lambda: (set(), set(), set(), set())
    )


class Invariants:
    """Watches a world.

    Attributes:
        checks: how often it looked.
        lies: some of what peers say of themselves is not true.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, LogId], _Seen] = {}
        self._sequence: dict[str, int] = {}
        self._roots: dict[tuple[LogId, int], Hash] = {}
        self._over: set[LogId] = set()
        self._facts: dict[str, int] = {}
        self._told: dict[str, set[tuple[LogId, int]]] = {}
        self._unsent: dict[tuple[str, str], _Unsent] = {}
        self._had: set[tuple[str, LogId, int]] = set()
        self._charters: dict[bytes, Charter] = {}
        self.checks = 0
        self.lies = False

    def look(self) -> None:
        """Check every station whose disk has changed.

        Raises:
            InvariantBroken: something is wrong; says what, where and when.
        """
        self.checks += 1
        for code, station in self._world.stations.items():
            sequence = station.disk.store.sequence()
            before = self._sequence.get(code, 0)
            if sequence < before:
                self._fail(f"the record of {code} shrank from {before} to {sequence}")
            if sequence > before:
                self._sequence[code] = sequence
                self._look_at(code, station)
            self._facts_of(code, station)

    def forget(self, code: str) -> None:
        """Take note that a station's disk was replaced by an older copy of itself.

        What it lost it may be told again; nothing that others hold may change by it.
        """
        station = self._world.stations[code]
        party = station.party
        # What was on the platter when it died and was never confirmed has left it nowhere.
        for log, size in list(self._roots):
            if log.party == party and size > station.marks.get(log, (0, -1))[0]:
                del self._roots[log, size]
        # What it signed before comes back from peers; what that held is perhaps not here.
        self._over |= {log for log, _ in self._roots if log.party == party}
        for place in [place for place in self._seen if place[0] == code]:
            # Its peers cannot know yet that it lost these.
            self._had |= {(code, place[1], index) for index in self._seen[place].leaves}
            del self._seen[place]
        for pair in [pair for pair in self._unsent if pair[0] == code]:
            self._unsent[pair] = _Unsent(sent=self._unsent[pair].sent)
        self._told.pop(code, None)
        self._sequence.pop(code, None)

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
            if seen.leaves and not store.entries(row.log, max(seen.leaves), 1):
                self._fail(f"{code} lost the end of {row.log.origin}")
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
            is_whole = own and log not in self._over
            if is_whole and said.size > seen.tree.size:
                self._fail(f"{code} signed {said.size} entries and stored {seen.tree.size}")
            if said.size <= seen.tree.size and seen.tree.root_at(said.size) != said.root:
                self._fail(f"{code} stores another history than {log.origin} signed")
            if is_whole:
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

    # --- precedence ---

    def overhear(self, sender: SimStation, receiver: SimStation, heard: Heard) -> None:
        """Check that nothing less urgent goes out while something more urgent was never sent.

        Raises:
            InvariantBroken: a frame carries entries of a class below one that waits.
        """
        runs = [item for item in heard.found if isinstance(item, Run)]
        if not runs or sender.engine is None:
            return
        waiting = self._waiting(sender, receiver.party)
        lowest = 3
        for run in runs:
            log = self._log_of(sender, receiver.party, run)
            if log is None:
                continue
            for index in range(run.first, run.first + len(run.entries)):
                waiting.sent.add((log, index))
                for places in waiting.by_class:
                    places.discard((log, index))
            # What follows the first one of a run rides along in its wake.
            lowest = min(lowest, _class(run.entries[0]))
        for precedence in range(lowest + 1, 4):
            left = [
                place for place in waiting.by_class[precedence] if self._may_go(place, receiver)
            ]
            if left:
                log, index = min(left, key=lambda place: place[1])
                self._fail(
                    f"{sender.code} sent entries of class {lowest} to {receiver.code} while entry "
                    f"{index} of {log.origin}, of class {precedence}, was never sent"
                )

    def _waiting(self, sender: SimStation, peer: PartyId) -> _Unsent:
        """Return what was never sent to a peer, brought up to the sender's disk."""
        unsent = self._unsent.setdefault((sender.code, peer.hex()), _Unsent())
        store = sender.disk.store
        while places := store.places(unsent.next_number, 1_000):
            for place in places:
                charter = self._charter(sender, place.log)
                if place.log.party == sender.party and peer in charter.parties:
                    row = store.entry(place.log, place.index)
                    assert row is not None
                    if (place.log, place.index) not in unsent.sent:
                        precedence = _class(canon.decode(row.raw))
                        unsent.by_class[precedence].add((place.log, place.index))
            unsent.next_number = places[-1].number + 1
        return unsent

    def _charter(self, station: SimStation, log: LogId) -> Charter:
        if log.channel not in self._charters:
            for raw in station.disk.store.charters():
                charter = decode_charter(raw)
                self._charters[charter.channel_id] = charter
        return self._charters[log.channel]

    def _log_of(self, sender: SimStation, peer: PartyId, run: Run) -> LogId | None:
        """Return the sender's log that a run is of: its newest on the channel of that number.

        None for a run of somebody else's log, which is given back to whoever asked for it.
        """
        found: LogId | None = None
        for row in sender.disk.store.logs():
            charter = self._charter(sender, row.log)
            is_meant = charter.number == run.channel and peer in charter.parties
            is_meant = is_meant and charter.party_number(sender.party) == run.party
            if is_meant and row.log.party == sender.party:
                found = row.log
        return found

    def _may_go(self, place: tuple[LogId, int], receiver: SimStation) -> bool:
        """Say whether an entry could have gone: its log goes on, and the peer opened one.

        What the peer had through somebody else need not go.
        """
        log = place[0]
        if receiver.disk.store.entry(*place) is not None or (receiver.code, *place) in self._had:
            return False
        sender = next(
            station for station in self._world.stations.values() if station.party == log.party
        )
        state = None if sender.engine is None else sender.engine.ledger.channels.get(log.channel)
        if state is None or state.stopped is not None:
            return False  # its author does not know that the log is its own
        if self.lies and sender.engine is not None:
            outbox = sender.engine.links[receiver.party].outboxes.get(log.channel)
            if outbox is None or not outbox.met:
                return False  # it said that it does not know the channel
        logs = [row.log for row in sender.disk.store.logs() if row.log.channel == log.channel]
        theirs = [one for one in logs if one.party == receiver.party]
        return sender.own_log(log.channel) == log and bool(theirs)


def _class(value: object) -> int:
    """Return the class of an entry on the line; an opening or a `turn` goes before all."""
    assert isinstance(value, list)
    return 3 if value[0] in (Kind.OPEN, Kind.TURN) else value[2] & 3
