"""One log as far as this station knows it: proved entries, proved gaps, and what still waits.

Entries arrive before the signature that covers them, and out of order. They are kept in memory
until a verified statement, or a subtree that one covers, binds them to their place; only then
may they be stored, shown as signed, and receipted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parley.core import limits, merkle
from parley.core.entry import Entry, leaf_hash
from parley.core.ids import Hash, Incarnation, LogId, Ranges
from parley.core.items import Held
from parley.core.statement import SignedStatement
from parley.core.values import named_value

_NOTHING = Held(0)
_STRANGE_HASHES_MAX = 4 * limits.UNSIGNED_ENTRIES_MAX
"""Hashes of a log laid down by its author and covered by no statement."""


@named_value
class Arrival:
    """An entry with its place, bytes and leaf."""

    index: int
    entry: Entry
    raw: bytes
    leaf: Hash


@dataclass(frozen=True, slots=True)
class Turn:
    """A `turn` entry: from `index` on its author means incarnation `inc` of party `party`."""

    index: int
    party: int
    inc: Incarnation


class Replica:
    """One log as known here.

    Attributes:
        log: which.
        tree: every leaf hash and subtree hash known, proved or not.
        hide: the log's 32-byte secret, None until entry 0 came.
        signed: size of the newest verified statement of its author; for our own log its length.
        missing: ranges below `signed` whose entries are not held.
        pending: entries that nothing verified binds to their place yet.
        turns: the author's `turn` entries known here, ascending.
        last: newest verified statement.
        flags: one byte an entry, for our own log only.
        pending_bytes: bytes of these.
        frozen: its author signed two histories; nothing more is accepted.
    """

    __slots__ = (
        "_strange",
        "flags",
        "frozen",
        "hide",
        "last",
        "log",
        "missing",
        "pending",
        "pending_bytes",
        "signed",
        "tree",
        "turns",
    )

    def __init__(self, log: LogId) -> None:
        self.log = log
        self.tree = merkle.Tree()
        self.hide: bytes | None = None
        self.signed = 0
        self.missing: Ranges = ()
        self.pending: dict[int, Arrival] = {}
        self.pending_bytes = 0
        self._strange = 0
        self.turns: list[Turn] = []
        self.last: SignedStatement | None = None
        self.flags = bytearray()
        self.frozen = False

    def held(self, index: int) -> bool:
        """Say whether the entry is proved and held."""
        if index >= self.signed:
            return False
        return not self.missing or not any(a <= index < b for a, b in self.missing)

    def lacks_below(self, size: int) -> bool:
        """Say whether an entry below a size has not come, or was not kept."""
        if any(first < size for first, _ in self.missing):
            return True
        # Of what is not signed few wait: the first that does not ends this.
        return any(index not in self.pending for index in range(self.signed, size))

    def holding(self, told: Held = _NOTHING) -> Held:
        """Return the most that a statement of ours may say of this log.

        With more than 64 gaps it is a smaller size (specification: statement), but never one
        below what we told before: then it is less of what came since.

        Args:
            told: what our last statement said of it.
        """
        if len(self.missing) <= limits.GAPS_MAX:
            return Held(self.signed, self.missing)
        size = self.missing[limits.GAPS_MAX][0]
        if size >= told.size:
            return Held(size, self.missing[: limits.GAPS_MAX])
        left: list[tuple[int, int]] = []
        for first, end in told.missing:
            inside = [gap for gap in self.missing if first <= gap[0] < end]
            if inside:
                left.append((inside[0][0], inside[-1][1]))
        return Held(told.size, tuple(left))

    def arrive(
        self, index: int, entry: Entry, raw: bytes, *, room: int = limits.UNSIGNED_BYTES_MAX
    ) -> bool:
        """Keep an entry until something binds it; False when it is held already or too far ahead.

        The caller has checked the entry's form; entry 0 must come first, since every leaf needs
        its hide key. Of too many, the ones furthest ahead are forgotten: their author sends them
        again, while the nearest may be what all others wait for.

        Args:
            index: its place.
            entry: the entry.
            raw: its bytes.
            room: how many bytes may wait in this log.
        """
        if self.held(index) or index in self.pending:
            return False
        if not self._make_room(index, len(raw), room):
            return False
        if index == 0:
            hide = entry.fields.get(0)
            self.hide = hide if isinstance(hide, bytes) else b""
        if self.hide is None:
            return False
        leaf = leaf_hash(entry, hide=self.hide, index=index, inc=self.log.inc, raw=raw)
        self.pending[index] = Arrival(index=index, entry=entry, raw=raw, leaf=leaf)
        self.pending_bytes += len(raw)
        self._lay_leaf(index, leaf)
        return True

    def _make_room(self, index: int, size: int, room: int) -> bool:
        if len(self.pending) < limits.UNSIGNED_ENTRIES_MAX and self.pending_bytes + size <= room:
            return True
        ahead = sorted(at for at in self.pending if at > index and at >= self.signed)
        while ahead and (
            len(self.pending) >= limits.UNSIGNED_ENTRIES_MAX or self.pending_bytes + size > room
        ):
            last = ahead.pop()
            self._take(last)
            self.tree.forget_leaf(last)
            if last < self.tree.size:
                self.tree.truncate(last)
        return len(self.pending) < limits.UNSIGNED_ENTRIES_MAX and self.pending_bytes + size <= room

    def _take(self, index: int) -> Arrival:
        arrival = self.pending.pop(index)
        self.pending_bytes -= len(arrival.raw)
        return arrival

    def _lay_leaf(self, index: int, leaf: Hash) -> None:
        if index < self.signed:
            return
        if index == self.tree.size:
            self.tree.append(leaf)
            self.tree.absorb()
        else:
            self.tree.learn(0, index, leaf)

    def pass_over(self, index: int, entry: Entry, raw: bytes) -> None:
        """Take note of the place of an entry that is not taken: by its hash alone.

        A statement can then be verified, and what it covers is receipted with this place missing.
        """
        if self.hide is None or index < self.signed or index in self.pending:
            return
        leaf = leaf_hash(entry, hide=self.hide, index=index, inc=self.log.inc, raw=raw)
        self._count_strange(1)
        self._lay_leaf(index, leaf)

    def _count_strange(self, hashes: int) -> None:
        """Forget all that nothing signed covers, when there is too much of it."""
        self._strange += hashes
        if self._strange > _STRANGE_HASHES_MAX:
            self.drop_unsigned()

    def learn_nodes(
        self, first: int, end: int, hashes: Sequence[Hash], *, is_ours: bool = False
    ) -> bool:
        """Lay subtree hashes over the places `first` up to `end`; a statement must prove them.

        False when their number is not that of the canonical cover.

        Args:
            first: the first place covered.
            end: the place after the last one.
            hashes: the canonical cover.
            is_ours: a subtree may reach below `signed`: of our own log we need no proof that what
                we signed first is the beginning of what we signed later.
        """
        nodes = list(merkle.cover(first, end))
        if len(nodes) != len(hashes):
            return False
        self._count_strange(len(hashes))
        for (level, pos), value in zip(nodes, hashes, strict=True):
            is_beyond = pos << level >= self.signed or (
                is_ours and (pos + 1) << level > self.signed
            )
            if is_beyond and self.tree.node(level, pos) is None:
                self.tree.learn(level, pos, value)
        return True

    def proved_gaps(self) -> list[Arrival]:
        """Return waiting entries below `signed` whose subtree has come whole and fits; once each.

        Those of a subtree that does not fit are dropped: the peer must send them again.
        """
        waiting = sorted(index for index in self.pending if index < self.signed)
        found: list[Arrival] = []
        done = 0
        for index in waiting:
            node = self.tree.binding(index, self.signed) if index >= done else None
            if node is not None:
                done = (node[1] + 1) << node[0]
                found += self._proved_below(*node)
        if found:
            self.missing = _without(self.missing, [arrival.index for arrival in found])
            self.tree.absorb()
        return found

    def _proved_below(self, level: int, pos: int) -> list[Arrival]:
        """Return waiting entries below a signed node if all of its leaves have come and fit."""
        first, end = pos << level, (pos + 1) << level
        leaves: list[Hash] = []
        for index in range(first, end):
            waits = self.pending.get(index)
            leaf = self.tree.leaf(index) if waits is None else waits.leaf
            if leaf is None:
                return []
            leaves.append(leaf)
        arrivals = [self._take(index) for index in range(first, end) if index in self.pending]
        if _subtree(leaves) != self.tree.node(level, pos):
            self.turns = [turn for turn in self.turns if not first <= turn.index < end]
            return []
        for arrival in arrivals:
            self.tree.learn(0, arrival.index, arrival.leaf)
        return arrivals

    def gap_nodes(self, beyond: int) -> Iterator[tuple[int, int, Hash]]:
        """Yield `(level, pos, hash)` of what binds the places still missing beyond a size."""
        for first, end in self.missing:
            at = first
            while beyond < end and at < end:
                node = self.tree.binding(at, self.signed)
                value = None if node is None else self.tree.node(*node)
                if node is None or value is None:
                    at += 1
                    continue
                level, pos = node
                at = (pos + 1) << level
                if at > beyond:
                    yield level, pos, value

    def accept(self, signed: SignedStatement) -> list[Arrival]:
        """Take a verified statement; return the entries that it binds, ascending."""
        if self.last is None or signed.statement.no > self.last.statement.no:
            self.last = signed
        size = signed.statement.size
        if size <= self.signed:
            return []
        waiting = sorted(index for index in self.pending if self.signed <= index < size)
        ranges = self.tree.bound_leaves(size)
        bound = [index for index in waiting if any(a <= index < b for a, b in ranges)]
        # Where only a subtree is signed for, entries wait until the whole of that has come.
        self.tree.forget_below(size, beyond=self.signed)
        found = [self._take(index) for index in bound]
        self._strange = 0
        self.missing = _normal([*self.missing, *_gaps(self.signed, size, bound)])
        self.signed = size
        return found

    def drop_unsigned(self) -> None:
        """Forget what no verified statement covers (it led to a root that nobody signed)."""
        for index in [index for index in self.pending if index >= self.signed]:
            self._take(index)
        self._strange = 0
        self.tree.forget_beyond(self.signed)
        self.turns = [turn for turn in self.turns if turn.index < self.signed]
        if self.signed == 0:
            self.hide = None

    def drop_waiting(self) -> None:
        """Forget all that nothing binds yet, in places known by hash as well."""
        self.drop_unsigned()
        for index in list(self.pending):
            self._take(index)

    def incarnation_of(self, party: int, below: int, *, proved: bool = False) -> Incarnation | None:
        """Return the incarnation of `party` that the author means below index `below`.

        With `proved` only `turn` entries count that are held for good: what is written down
        must not rest on one that may turn out to be another.
        """
        for turn in reversed(self.turns):
            if turn.index < below and turn.party == party:
                if proved and not self.held(turn.index):
                    continue
                return turn.inc
        return None


def _subtree(leaves: list[Hash]) -> Hash:
    level: list[Hash] = leaves
    while len(level) > 1:
        level = [merkle.node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def _gaps(first: int, end: int, present: list[int]) -> list[tuple[int, int]]:
    """Return the ranges of `first` up to `end` without the ascending `present`."""
    gaps: list[tuple[int, int]] = []
    at = first
    for index in present:
        if index > at:
            gaps.append((at, index))
        at = index + 1
    if at < end:
        gaps.append((at, end))
    return gaps


def _normal(ranges: list[tuple[int, int]]) -> Ranges:
    """Return ascending ranges with touching ones joined."""
    joined: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return tuple(joined)


def _without(ranges: Ranges, filled: list[int]) -> Ranges:
    present = sorted(filled)
    left: list[tuple[int, int]] = []
    for first, end in ranges:
        left += _gaps(first, end, [index for index in present if first <= index < end])
    return tuple(left)
