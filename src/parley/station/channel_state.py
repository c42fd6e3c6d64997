"""What the engine keeps of one channel beside its record; rebuilt from the store at start."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from itertools import takewhile
from typing import Final

from parley.core.charter import Charter
from parley.core.entry import Kind
from parley.core.ids import LogId, PartyId
from parley.core.merkle import HASH_BYTES, Tree
from parley.core.outbox import SENT_FIRST, SENT_LAST
from parley.core.record import ChannelRecord, Claim
from parley.core.replica import Replica
from parley.core.statement import SignedStatement, Statement
from parley.station.conflicts import FREEZING, stored_conflicts
from parley.station.soundness import entry_of, hide_of
from parley.store.interface import EntryRow, LogRow, Reader

_CACHED_ENTRIES = 4_096
_CACHED_STATEMENTS = 1_024
WAITING_CLAIMS_MAX = 64

STOPPED: Final = {
    "behind": "a peer holds more of our log than this store does: an older copy was put back",
    "copy": "our key signed what this store does not know: another copy of this station wrote",
    "lost": "a peer holds a log of ours on this channel, and this store holds nothing of it",
    "marks": "the high-water marks do not show that this store is the newest copy of our log",
    "witness": "a witness cosigned more of our log than this store holds",
}
"""Why nothing is written into our log, by code."""


class ChannelState:
    """One channel of this station.

    Attributes:
        record: every log as held here.
        newest: our newest statement, perhaps not yet durable.
        durable_size, durable_no: what has been committed of our own log and statements.
        boundaries: own sizes after an urgent entry: a statement of exactly this size is signed.
        unsigned_bytes: bytes of our entries behind the newest of these.
        dirty: our log or what we hold has grown since `newest`.
        urgent: what has grown holds something FLASH or IMMEDIATE.
        waiting: statements of peers that cannot be recomputed yet, by log and number.
        said: newest statement of each peer that is durable here.
        stopped: code of why nothing more is written into our log, None while it is; an officer
            ends it.
        unsure: nothing is signed yet: peers are being asked whether they hold more of our log.
        unfit: logs of the channel whose opening, turns or leaves the disk changed; until they are
            put back nothing is signed and nothing is taken.
        marked: size that the high-water mark gives our log, 0 where it says nothing.
        signed_at: when we last signed, in steady seconds; None since the start.
        heartbeat: at most this many seconds between own statements.
        ordinals: which incarnation of its party each stored log is, from 1.
    """

    def __init__(self, charter: Charter, me: PartyId) -> None:
        self.record = ChannelRecord(charter, me)
        self.newest: SignedStatement | None = None
        self.durable_size = 0
        self.durable_no = -1
        self.boundaries: set[int] = set()
        self.unsigned_bytes = 0
        self.dirty = False
        self.urgent = False
        self.said: dict[PartyId, Statement] = {}
        self.waiting: dict[LogId, dict[int, Claim]] = {}
        self.stopped: str | None = None
        self.unsure = False
        self.unfit: set[LogId] = set()
        self.marked = 0
        self.heartbeat = charter.heartbeat or 60
        self.signed_at: float | None = None
        self.ordinals: dict[LogId, int] = {}
        self._sizes = array("Q")
        self._raws: OrderedDict[int, bytes] = OrderedDict()
        self._statements: OrderedDict[int, SignedStatement] = OrderedDict()

    @property
    def opened(self) -> bool:
        """Say whether we have opened our log on the channel."""
        return self.record.own is not None

    @property
    def may_sign(self) -> bool:
        """Say whether we know of nothing that speaks against going on with our log."""
        return self.stopped is None and not self.unsure and not self.unfit

    def load(self, reader: Reader, row: LogRow) -> None:
        """Take a stored log into memory: leaf hashes, gaps, turns, newest statement."""
        replica = self.record.add(row.log)
        self.ordinals[row.log] = row.ordinal
        replica.frozen = any(
            conflict.log == row.log and conflict.kind in FREEZING
            for conflict in stored_conflicts(reader)
        )
        own = row.log.party == self.record.me
        last = reader.last_statement(row.log)
        replica.tree, held = stored_tree(reader, row.log)
        first = reader.entry(row.log, 0)
        if first is not None:
            replica.hide = hide_of(entry_of(first, others=len(self.record.others)))
        replica.last = None if last is None else last.signed
        signed = 0 if last is None else last.signed.statement.size
        # Of a log of ours that was brought back from a peer some entries may be lost for good.
        replica.signed = max(signed, sum(end - at for at, end in held)) if own else signed
        replica.missing = _missing(held, replica.signed)
        if own:
            self._load_own(reader, replica)
        elif last is not None:
            self.said[row.log.party] = last.signed.statement

    def ordinal(self, log: LogId) -> int:
        """Return which incarnation of its party a log is: the next one where it is not stored yet.

        A log that was only spoken of, and of which nothing is proved, uses none up.
        """
        known = [ordinal for of, ordinal in self.ordinals.items() if of.party == log.party]
        return self.ordinals.get(log, max(known, default=0) + 1)

    def wait(self, log: LogId, claim: Claim) -> None:
        """Keep a statement that cannot be recomputed yet; of too many some are forgotten.

        All of them are looked at with each item that comes. So a party has no more of them by
        writing many logs: what waits of its older ones makes room.
        """
        waiting = self.waiting.setdefault(log, {})
        waiting[claim.no] = claim
        if len(waiting) > WAITING_CLAIMS_MAX:
            # The first to go is neither the oldest, which is nearest to being provable, nor the
            # newest, which says most.
            del waiting[sorted(waiting)[1]]
        room = WAITING_CLAIMS_MAX - len(waiting)
        others = [one for one in self.waiting if one.party == log.party and one != log]
        for one in reversed(others):
            if len(self.waiting[one]) > room:
                del self.waiting[one]
            else:
                room -= len(self.waiting[one])

    def _load_own(self, reader: Reader, replica: Replica) -> None:
        self._sizes = array("Q", reader.statement_sizes(replica.log))
        self.newest = replica.last
        no = -1 if self.newest is None else self.newest.statement.no
        self.durable_size, self.durable_no = replica.signed, no
        replica.flags = bytearray(replica.signed)

    def note_index(self, log: LogId, index: int, kind: int, flags: int) -> None:
        """Take an index row at start: the flags of our own entries."""
        own = self.record.own
        if own is not None and own.log == log and index < len(own.flags):
            own.flags[index] = flags_byte(kind, flags)

    def cache_raw(self, index: int, raw: bytes) -> None:
        """Keep the bytes of an own entry that will be sent soon."""
        self._raws[index] = raw
        if len(self._raws) > _CACHED_ENTRIES:
            self._raws.popitem(last=False)

    def raws(
        self,
        reader: Reader,
        first: int,
        count: int,
        is_sound: Callable[[ChannelState, EntryRow], bool],
    ) -> list[bytes]:
        """Return the bytes of own entries `first` up to `first + count`.

        Fewer at the end, and before one that the disk no longer holds as it was stored.
        """
        own = self.record.own
        assert own is not None
        found: list[bytes] = []
        for index in range(first, min(first + count, self.durable_size)):
            raw = self._raws.get(index)
            if raw is None:
                break
            found.append(raw)
        if not found and first < self.durable_size:
            rows = reader.entries(own.log, first, count)
            found = [row.raw for row in takewhile(lambda row: is_sound(self, row), rows)]
        return found

    def note_statement(self, signed: SignedStatement) -> None:
        """Take an own statement that was signed just now."""
        self.newest = signed
        self._sizes.append(signed.statement.size)
        self._statements[signed.statement.no] = signed
        if len(self._statements) > _CACHED_STATEMENTS:
            self._statements.popitem(last=False)

    def note_adopted(self, signed: SignedStatement) -> None:
        """Take an own statement that a peer gave back: the newest known of a log that is over."""
        self.newest = signed

    def durable_statement(self, reader: Reader, size: int | None = None) -> SignedStatement | None:
        """Return our newest durable statement, of exactly this own size if one is named."""
        if self.durable_no < 0:
            return None
        no = self.durable_no
        if size is not None:
            no = min(bisect_right(self._sizes, size) - 1, self.durable_no)
            if no < 0 or self._sizes[no] != size:
                return None
        found = self._statements.get(no)
        if found is None:
            own = self.record.own
            assert own is not None
            rows = reader.statements(own.log, no, 1)
            found = rows[0].signed if rows else None
        return found

    def statement_end(self, end: int) -> int:
        """Return the largest own size up to `end` that a durable statement covers; 0 for none."""
        no = bisect_right(self._sizes, end, hi=self.durable_no + 1) - 1
        return 0 if no < 0 else self._sizes[no]

    def forget_own(self) -> None:
        """Begin a new incarnation: nothing of the old log is cached or counted."""
        self._sizes = array("Q")
        self._raws.clear()
        self._statements.clear()
        self.newest = None
        self.durable_size, self.durable_no = 0, -1
        self.boundaries.clear()


GO_FIRST = frozenset({int(Kind.OPEN), int(Kind.TURN)})


def flags_byte(kind: int, flags: int) -> int:
    """Return the byte kept for an own entry: its flags, and whether it goes first or last."""
    place = SENT_FIRST if kind in GO_FIRST else SENT_LAST if kind == Kind.PART else 0
    return (flags & 0x1F) | place


def stored_tree(reader: Reader, log: LogId) -> tuple[Tree, list[tuple[int, int]]]:
    """Return the tree of a log as it is stored, and the ranges of entries held, ascending."""
    tree, held = Tree(), [(0, 0)]
    for first, leaves in reader.leaf_runs(log):
        end = first + len(leaves) // HASH_BYTES
        held[-1:] = [(held[-1][0], end)] if held[-1][1] == first else [held[-1], (first, end)]
        if first == tree.size:
            tree.append_packed(leaves)
            continue
        for index in range(first, end):
            at = (index - first) * HASH_BYTES
            tree.learn(0, index, leaves[at : at + HASH_BYTES])
    for node in reader.nodes(log):
        tree.learn(node.level, node.pos, node.hash)
    tree.absorb()
    return tree, held


def _missing(held: list[tuple[int, int]], size: int) -> tuple[tuple[int, int], ...]:
    gaps: list[tuple[int, int]] = []
    at = 0
    for first, end in held:
        if first > at:
            gaps.append((at, first))
        at = end
    if at < size:
        gaps.append((at, size))
    return tuple(gaps)
