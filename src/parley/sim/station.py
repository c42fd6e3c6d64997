"""A simulated station: the real engine over a disk that can crash, fill up and forget."""

from __future__ import annotations

import random as random_module
from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Disk:
    """What survives a crash, and what is still on its way to the platter.

    A transaction is there whole or not at all (SQLite with a write-ahead log and full
    synchronisation): a torn write is a lost transaction.

    Attributes:
        store: what a reader sees.
        fsync_seconds: how long a commit takes.
        full: no commit succeeds.
        lies: a fault put in on purpose: commits are confirmed before they are durable.
    """

    store: MemoryStore = field(default_factory=MemoryStore)
    fsync_seconds: float = 0.004
    full: bool = False
    lies: bool = False
    unsynced: list[Batch] = field(default_factory=list)


class SimStation:
    """One station of a simulated world.

    Attributes:
        engine: None while it is down.
        wall_offset: its clock minus the world's, in seconds.
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
        self._sequence = 0

    def now(self, steady: float) -> Now:
        """Return this station's reading of the world's time."""
        return Now(Instant(self._wall_start + int(steady) + self.wall_offset), steady)

    def start(self, steady: float) -> None:
        """Bring the station up from what its disk holds."""
        engine = Engine(self.identity, self.disk.store, random=self._random.randbytes)
        now = self.now(steady)
        engine.start(now)
        for card in self.peers.values():
            engine.set_peer(card, trusted=True, now=now)
        engine.set_witnesses(self.witnesses, now)
        self.engine = engine
        self.pending = None
        for number, (traits, peer) in self.paths.items():
            engine.path_up(number, traits, now, peer=peer)

    def crash(self, *, keep_unsynced: bool) -> None:
        """Stop at once. What was not synced is lost, unless it just made it."""
        if self.engine is None:
            return
        if self.pending is not None and keep_unsynced and not self.disk.full:
            self.disk.store.commit(self.pending)
        if self.disk.lies:
            self.disk.unsynced.clear()
        self.engine = None
        self.pending = None
        self.to_submit.clear()
        self.replies.clear()

    def finish_commit(self, steady: float) -> None:
        """Let the pending transaction reach the disk."""
        engine, batch = self.engine, self.pending
        if engine is None or batch is None:
            return
        self.pending = None
        try:
            if self.disk.full:
                raise StorageFullError("the simulated disk is full")
            sequence = self._write(batch)
        except ParleyError as error:
            engine.commit_failed(error, self.now(steady))
            return
        engine.committed(sequence, self.now(steady))

    def _write(self, batch: Batch) -> int:
        if not self.disk.lies:
            return self.disk.store.commit(batch)
        # The broken disk confirms and writes only one transaction later.
        self.disk.unsynced.append(batch)
        if len(self.disk.unsynced) > 1:
            self._sequence = self.disk.store.commit(self.disk.unsynced.pop(0))
        return self._sequence

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
