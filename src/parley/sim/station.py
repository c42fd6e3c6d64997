"""A simulated station: the real engine over a disk that can crash, fill up and forget."""

from __future__ import annotations

import random as random_module
from collections.abc import Sequence
from enum import Enum

from parley.core.card import Card
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.errors import ParleyError, StorageFullError
from parley.station.effects import ClosePath, Commit, NewEntry, Notify, Now, Reply, Submit
from parley.station.engine import Engine
from parley.station.facts import Alarm, Fact
from parley.station.link_state import Traits
from parley.store.interface import Batch
from parley.store.memory import MemoryStore


class Last(Enum):
    """What a crash makes of the transaction that was being written."""

    KEPT = "kept"
    LOST = "lost"
    TORN = "torn"


class Disk:
    """What survives a crash, and what is still on its way to the platter.

    A transaction is there whole or not at all (SQLite with a write-ahead log and full
    synchronisation): recovery drops one that was torn.

    Attributes:
        store: what a reader sees.
        journal: every transaction written, in order; from it the disk is what it was before.
        fsync_seconds: how long a commit takes.
        full: no commit succeeds.
    """

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.journal: list[Batch] = []
        self.fsync_seconds = 0.004
        self.full = False

    def write(self, batch: Batch) -> int:
        """Write a transaction and wait for the platter; return the record's sequence.

        Raises:
            StorageFullError: there is no room.
        """
        if self.full:
            raise StorageFullError("the simulated disk is full")
        sequence = self.store.commit(batch)
        self.journal.append(batch)
        return sequence

    def recover(self, pending: Batch | None, last: Last) -> None:
        """Come up after a crash, with what became of the transaction under way."""
        if pending is None or self.full:
            return
        if last is Last.KEPT:
            self.write(pending)
        elif last is Last.TORN:
            self.tear(pending)

    def tear(self, batch: Batch) -> None:
        """Find a transaction that was half written: the write-ahead log drops it whole."""

    def restore(self, transactions: int) -> None:
        """Be as it was after so many transactions: somebody put a backup back."""
        self.store = MemoryStore()
        self.journal = self.journal[:transactions]
        for batch in self.journal:
            self.store.commit(batch)


class SimStation:
    """One station of a simulated world.

    Attributes:
        engine: None while it is down.
        wall_offset: its clock minus the world's, in seconds.
        marks: size and newest number of own logs, kept in a second place after each commit.
        crash_at_commit: it dies at its next store boundary, the transaction kept, lost or torn.
        facts: everything it told its officers, in order.
        replies: answers to commands since the last start.
        witnesses: public keys of the witnesses to whom it has a way.
        confirmed: answers that said that something is durable, for good.
    """

    def __init__(self, identity: Identity, *, seed: int, wall_start: int) -> None:
        self.identity = identity
        self.party: PartyId = identity.card.party
        self.code = identity.card.code
        self.disk = Disk()
        self.engine: Engine | None = None
        self.wall_offset = 0
        self.marks: dict[LogId, tuple[int, int]] = {}
        self.crash_at_commit: Last | None = None
        self.facts: list[Fact] = []
        self.replies: dict[int, Reply] = {}
        self.confirmed: dict[int, Reply] = {}
        self.peers: dict[PartyId, Card] = {}
        self.paths: dict[int, tuple[Traits, PartyId | None]] = {}
        self.to_close: list[tuple[int, str]] = []
        self.witnesses: frozenset[bytes] = frozenset()
        self.to_submit: list[Submit] = []
        self.pending: Batch | None = None
        self._random = random_module.Random(f"{seed} {self.code}")
        self._wall_start = wall_start
        self._tokens = 0

    def now(self, steady: float) -> Now:
        """Return this station's reading of the world's time."""
        return Now(Instant(self._wall_start + int(steady) + self.wall_offset), steady)

    def start(self, steady: float) -> None:
        """Bring the station up from what its disk holds, and its marks say of the disk."""
        engine = Engine(self.identity, self.disk.store, random=self._random.randbytes)
        now = self.now(steady)
        newest: dict[ChannelId, LogId] = {
            row.log.channel: row.log
            for row in self.disk.store.logs()
            if row.log.party == self.party
        }
        doubtful = {log: self.marks[log][0] for log in newest.values() if self._is_old(log)}
        engine.start(now, doubtful=doubtful)
        for card in self.peers.values():
            engine.set_peer(card, trusted=True, now=now)
        engine.set_witnesses(self.witnesses, now)
        self.engine = engine
        self.pending = None
        for number, (traits, peer) in self.paths.items():
            engine.path_up(number, traits, now, peer=peer)

    def _is_old(self, log: LogId) -> bool:
        """Say whether the marks are ahead of what the disk holds of an own log."""
        size, no = self.marks.get(log, (0, -1))
        last = self.disk.store.last_statement(log)
        if last is None:
            return no >= 0
        return last.signed.statement.no < no or last.signed.statement.size < size

    def crash(self, last: Last) -> None:
        """Stop at once; what was not synced is kept, lost or torn."""
        if self.engine is None:
            return
        self.disk.recover(self.pending, last)
        self.engine = None
        self.pending = None
        self.to_submit.clear()
        self.crash_at_commit = None
        self.replies.clear()

    def finish_commit(self, steady: float) -> None:
        """Let the pending transaction reach the disk."""
        engine, batch = self.engine, self.pending
        if engine is None or batch is None:
            return
        self.pending = None
        try:
            sequence = self.disk.write(batch)
        except ParleyError as error:
            engine.commit_failed(error, self.now(steady))
            return
        for row in batch.statements:
            said = row.signed.statement
            if said.party == self.party:
                self.marks[said.log] = (said.size, said.no)
        engine.committed(sequence, self.now(steady))

    def take_effects(self) -> bool:
        """Perform what needs no time; True when a commit has begun."""
        if self.engine is None:
            return False
        began = False
        for effect in self.engine.take_effects():
            match effect:
                case Commit():
                    assert self.pending is None
                    self.pending = effect.batch
                    began = True
                case Notify():
                    self.facts.append(effect.fact)
                case Reply():
                    self.replies[effect.token] = effect
                    if effect.error is None:
                        self.confirmed[effect.token] = effect
                case ClosePath():
                    self.to_close.append((effect.path, effect.reason))
                case Submit():
                    self.to_submit.append(effect)
        return began

    def append(self, channel: ChannelId, entries: Sequence[NewEntry], steady: float) -> int:
        """Ask the engine to write entries; return the token of its reply."""
        self._tokens += 1
        assert self.engine is not None
        self.engine.append(self._tokens, channel, entries, self.now(steady))
        return self._tokens

    def token(self) -> int:
        """Return a fresh token for a command."""
        self._tokens += 1
        return self._tokens

    def alarms(self) -> list[Alarm]:
        """Return every alarm it raised."""
        return [fact for fact in self.facts if isinstance(fact, Alarm)]

    def own_log(self, channel: ChannelId) -> LogId | None:
        """Return its log on a channel, None while down or not open."""
        if self.engine is None or channel not in self.engine.ledger.channels:
            return None
        own = self.engine.ledger.channels[channel].record.own
        return None if own is None else own.log
