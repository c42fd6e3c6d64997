"""A store that forgets when the process ends: for the simulator, for tests and for trying out.

It keeps the promises of the interface, atomicity included: a batch is checked whole before any
of it is taken in.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice

from parley.core.cosignature import read_line
from parley.core.entry import Kind
from parley.core.ids import ChannelId, Hash, LogId
from parley.errors import MalformedError, StoredOtherwiseError, StoreError
from parley.store.interface import (
    Batch,
    EntryRow,
    IndexRow,
    LogRow,
    NodeRow,
    StatementRow,
    StoredPlace,
)


def charter_channel(raw: bytes) -> ChannelId:
    """Return the channel id of a raw charter (specification: channel)."""
    return ChannelId(sha256(b"parley1 charter\0" + raw).digest()[:16])


def packed_runs(leaves: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield the first index of each run of neighbours, and their leaves one behind the other."""
    at = 0
    while at < len(leaves):
        first, end = leaves[at][0], len(leaves)
        if leaves[-1][0] - first != end - at - 1:  # a hole: look where
            end = at + 1
            while end < len(leaves) and leaves[end][0] == first + end - at:
                end += 1
        yield first, b"".join([leaf for _, leaf in leaves[at:end]])
        at = end


def joined_lines(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Return the signature lines of both, one for each key, the older ones first.

    A note with two lines of one key is no note: a witness may cosign a statement twice, and the
    line that came first, which gives the earlier bound, stays.
    """
    kept: dict[object, str] = {}
    for line in [*old, *new]:
        kept.setdefault(_key_of(line), line)
    return tuple(kept.values())


def _key_of(line: str) -> object:
    """Return the name and key id in a signature line."""
    try:
        name, packed = read_line(line)
    except MalformedError:
        return line
    return name, packed[:4]


@dataclass(slots=True)
class _Log:
    """What is kept of one log."""

    row: LogRow
    entries: dict[int, EntryRow] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    nodes: dict[tuple[int, int], NodeRow] = field(default_factory=dict)
    statements: dict[int, StatementRow] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    roots: dict[int, Hash] = field(default_factory=dict)


class MemoryStore:
    """Everything in dictionaries, under one lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._charters: dict[ChannelId, bytes] = {}
        self._logs: dict[LogId, _Log] = {}
        self._places: dict[tuple[LogId, int], int] = {}
        self._index: dict[int, IndexRow] = {}
        self._said: list[tuple[int, LogId, int]] = []
        self._papers: dict[tuple[str, str], bytes] = {}
        self._sequence = 0

    def charters(self) -> Sequence[bytes]:
        """Return every charter, in the order in which they came."""
        with self._lock:
            return list(self._charters.values())

    def logs(self) -> Sequence[LogRow]:
        """Return every log known, in the order in which they came."""
        with self._lock:
            return [log.row for log in self._logs.values()]

    def entry(self, log: LogId, index: int) -> EntryRow | None:
        """Return one entry, None where it is not held."""
        with self._lock:
            kept = self._logs.get(log)
            return None if kept is None else kept.entries.get(index)

    def entries(self, log: LogId, first: int, limit: int) -> Sequence[EntryRow]:
        """Return up to `limit` held entries from index `first` on, ascending."""
        with self._lock:
            kept = self._logs.get(log)
            if kept is None:
                return []
            at = bisect_left(kept.order, first)
            return [kept.entries[index] for index in kept.order[at : at + limit]]

    def leaves(self, log: LogId) -> Iterator[tuple[int, Hash]]:
        """Yield (index, leaf hash) of every held entry, ascending."""
        with self._lock:
            kept = self._logs.get(log)
            found = [] if kept is None else [(at, kept.entries[at].leaf) for at in kept.order]
        yield from found

    def leaf_runs(self, log: LogId) -> Iterator[tuple[int, bytes]]:
        """Yield the same packed: the first index of a run, and 32 bytes for each leaf of it."""
        yield from packed_runs(list(self.leaves(log)))

    def nodes(self, log: LogId) -> Sequence[NodeRow]:
        """Return the loose nodes of a log, by level and place."""
        with self._lock:
            kept = self._logs.get(log)
            return [] if kept is None else [kept.nodes[key] for key in sorted(kept.nodes)]

    def last_statement(self, log: LogId) -> StatementRow | None:
        """Return the statement with the highest `no` of a log."""
        with self._lock:
            kept = self._logs.get(log)
            if kept is None or not kept.numbers:
                return None
            return kept.statements[kept.numbers[-1]]

    def statements(self, log: LogId, first_no: int, limit: int) -> Sequence[StatementRow]:
        """Return up to `limit` statements from number `first_no` on, ascending."""
        with self._lock:
            kept = self._logs.get(log)
            if kept is None:
                return []
            at = bisect_left(kept.numbers, first_no)
            return [kept.statements[no] for no in kept.numbers[at : at + limit]]

    def statement_sizes(self, log: LogId) -> Sequence[int]:
        """Return how many entries each statement of a log covers, by number."""
        return [row.signed.statement.size for row in self.statements(log, 0, 2**63)]

    def cosigned(self, log: LogId, first_no: int, limit: int) -> Sequence[StatementRow]:
        """Return up to `limit` statements with further lines from number `first_no` on."""
        with self._lock:
            kept = self._logs.get(log)
            if kept is None:
                return []
            numbers = kept.numbers[bisect_left(kept.numbers, first_no) :]
            rows = (kept.statements[no] for no in numbers)
            return list(islice((row for row in rows if row.lines), limit))

    def case_entries(self, log: LogId, index: int) -> Sequence[IndexRow]:
        """Return the index rows of the case opened at this place, in stored order."""
        with self._lock:
            return [
                self._index[seq]
                for seq in sorted(self._index)
                if self._index[seq].case_log == log and self._index[seq].case_index == index
            ]

    def index_rows(self, channel: ChannelId) -> Iterator[IndexRow]:
        """Yield every index row of a channel in stored order."""
        with self._lock:
            rows = [self._index[seq] for seq in sorted(self._index)]
        yield from (row for row in rows if row.log.channel == channel)

    def marked_rows(self, channel: ChannelId) -> Iterator[IndexRow]:
        """Yield those of them that have flags, or are of a core kind other than SAY."""
        for row in self.index_rows(channel):
            if row.flags or (row.kind <= Kind.PART and row.kind != Kind.SAY):
                yield row

    def paper(self, collection: str, key: str) -> bytes | None:
        """Return one paper."""
        with self._lock:
            return self._papers.get((collection, key))

    def papers(self, collection: str) -> Sequence[tuple[str, bytes]]:
        """Return every paper of a collection, by key."""
        with self._lock:
            found = [(key, value) for (of, key), value in self._papers.items() if of == collection]
        return sorted(found)

    def sequence(self) -> int:
        """Return the number of the last stored fact; every entry and statement takes one."""
        with self._lock:
            return self._sequence

    def places(self, start: int, limit: int, *, back: bool = False) -> Sequence[StoredPlace]:
        """Return up to `limit` places in stored order from number `start` on, or down."""
        with self._lock:
            found = [
                StoredPlace(number, log, index)
                for (log, index), number in self._places.items()
                if (number <= start if back else number >= start)
            ]
        return sorted(found, key=lambda place: place.number, reverse=back)[:limit]

    def stored(self, start: int, limit: int) -> Sequence[tuple[int, EntryRow]]:
        """Return up to `limit` entries in stored order, from running number `start` on."""
        found: list[tuple[int, EntryRow]] = []
        for place in self.places(start, limit):
            row = self.entry(place.log, place.index)
            assert row is not None
            found.append((place.number, row))
        return found

    def said(self, start: int, limit: int) -> Sequence[tuple[int, StatementRow]]:
        """Return up to `limit` statements in stored order, from running number `start` on."""
        with self._lock:
            at = bisect_left(self._said, start, key=lambda row: row[0])
            found = self._said[at : at + limit]
            return [(number, self._logs[log].statements[no]) for number, log, no in found]

    def number_of(self, log: LogId, index: int) -> int | None:
        """Return the number under which an entry was stored, None where it is not held."""
        with self._lock:
            return self._places.get((log, index))

    def commit(self, batch: Batch) -> int:
        """Take the batch in whole, or raise and take in nothing."""
        with self._lock:
            self._check(batch)
            for raw in batch.charters:
                self._charters.setdefault(charter_channel(raw), raw)
            for row in batch.logs:
                self._logs.setdefault(row.log, _Log(row))
            for entry in batch.entries:
                self._take_entry(entry)
            for entry in batch.repaired:
                self._logs[entry.log].entries[entry.index] = entry
            for node in batch.nodes:
                self._logs[node.log].nodes[node.level, node.pos] = node
            for statement in batch.statements:
                self._take_statement(statement)
            for index in batch.index:
                self._index[self._places[index.log, index.index]] = index
            for collection, key, value in batch.papers:
                if value is None:
                    self._papers.pop((collection, key), None)
                else:
                    self._papers[collection, key] = value
            return self._sequence

    def rebuild_index(self, rows: Iterable[IndexRow]) -> None:
        """Replace the whole case index."""
        fresh = list(rows)
        with self._lock:
            for row in fresh:
                self._check_index_row(row, set(self._places))
            self._index = {self._places[row.log, row.index]: row for row in fresh}

    def close(self) -> None:
        """Nothing is held open."""

    def _take_entry(self, row: EntryRow) -> None:
        kept = self._logs[row.log]
        if row.index in kept.entries:
            return
        self._sequence += 1
        kept.entries[row.index] = row
        insort(kept.order, row.index)
        self._places[row.log, row.index] = self._sequence

    def _take_statement(self, row: StatementRow) -> None:
        statement = row.signed.statement
        kept = self._logs[statement.log]
        there = kept.statements.get(statement.no)
        if there is not None:
            lines = joined_lines(there.lines, row.lines)
            kept.statements[statement.no] = replace(there, lines=lines)
            return
        self._sequence += 1
        kept.statements[statement.no] = row
        insort(kept.numbers, statement.no)
        kept.roots[statement.size] = statement.root
        self._said.append((self._sequence, statement.log, statement.no))

    def _check(self, batch: Batch) -> None:
        """Raise what stands against the batch, before anything of it is taken in."""
        channels = set(self._charters) | {charter_channel(raw) for raw in batch.charters}
        ordinals = (
            {
                (kept.row.log.channel, kept.row.log.party, kept.row.ordinal): kept.row.log
                for kept in self._logs.values()
            }
            if batch.logs
            else {}
        )
        known = {log: kept.row.ordinal for log, kept in self._logs.items()}
        for row in batch.logs:
            if row.log.channel not in channels:
                raise StoreError(f"log {row.log.origin} is on a channel not known here")
            place = (row.log.channel, row.log.party, row.ordinal)
            if known.setdefault(row.log, row.ordinal) != row.ordinal:
                raise StoredOtherwiseError(f"log {row.log.origin} has another ordinal already")
            if ordinals.setdefault(place, row.log) != row.log:
                raise StoredOtherwiseError(f"ordinal {row.ordinal} of {row.log.origin} is taken")
        named = [row.log for row in batch.entries] + [row.log for row in batch.nodes]
        for log in [*named, *(row.signed.statement.log for row in batch.statements)]:
            if log not in known:
                raise StoreError(f"log {log.origin} is not known here")
        for entry in batch.repaired:
            if entry.index not in self._logs[entry.log].entries:
                raise StoreError(f"entry {entry.index} of {entry.log.origin} is not held")
        self._check_places(batch)
        self._check_statements(batch)
        places = {(row.log, row.index) for row in batch.entries}
        for index in batch.index:
            if (index.log, index.index) not in places:
                self._check_index_row(index, self._places)
            if index.case_log.channel not in channels:
                raise StoreError("an index row names a case on a channel not known here")

    def _check_index_row(self, row: IndexRow, places: Iterable[tuple[LogId, int]]) -> None:
        if (row.log, row.index) not in places:
            raise StoreError(f"entry {row.index} of {row.log.origin} is not held; no index row")
        if row.case_log.channel not in self._charters:
            raise StoreError("an index row names a case on a channel not known here")

    def _check_places(self, batch: Batch) -> None:
        entries: dict[tuple[LogId, int], EntryRow] = {}
        for row in batch.entries:
            there = self.entry(row.log, row.index) or entries.setdefault((row.log, row.index), row)
            if (there.raw, there.leaf) != (row.raw, row.leaf):
                raise StoredOtherwiseError(
                    f"another entry is stored at index {row.index} of {row.log.origin}"
                )
        nodes: dict[tuple[LogId, int, int], Hash] = {}
        for node in batch.nodes:
            kept = self._logs.get(node.log)
            held = None if kept is None else kept.nodes.get((node.level, node.pos))
            value = (
                held.hash if held else nodes.setdefault((node.log, node.level, node.pos), node.hash)
            )
            if value != node.hash:
                raise StoredOtherwiseError(
                    f"another node is stored at {node.level}, {node.pos} of {node.log.origin}"
                )

    def _check_statements(self, batch: Batch) -> None:
        texts: dict[tuple[LogId, int], str] = {}
        roots: dict[tuple[LogId, int], Hash] = {}
        for row in batch.statements:
            said = row.signed.statement
            kept = self._logs.get(said.log) or _Log(LogRow(log=said.log, ordinal=1))
            there = kept.statements.get(said.no)
            text = there.signed.statement.text() if there else said.text()
            if texts.setdefault((said.log, said.no), text) != said.text():
                raise StoredOtherwiseError(
                    f"another statement has number {said.no} of {said.log.origin}"
                )
            root = kept.roots.get(said.size, said.root)
            if roots.setdefault((said.log, said.size), root) != said.root:
                raise StoredOtherwiseError(
                    f"another root is signed for size {said.size} of {said.log.origin}"
                )


__all__ = ["MemoryStore", "charter_channel", "joined_lines"]
