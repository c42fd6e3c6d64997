"""What every store in tables does alike: questions, and batches in one transaction.

One connection writes, another reads; readers see the newest commit and never wait for a writer.
What a database does in its own way (opening, beginning, what its errors mean) stands in its module.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from types import TracebackType
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from parley.core.ids import ChannelId, Hash, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.statement import SignedStatement, parse_text
from parley.errors import MalformedError, StorageFullError, StoredOtherwiseError, StoreError
from parley.store import queries
from parley.store.interface import (
    Batch,
    EntryRow,
    IndexRow,
    LogRow,
    NodeRow,
    StatementRow,
    StoredPlace,
)
from parley.store.memory import packed_runs
from parley.store.migrations.steps import migrate
from parley.store.prepared import Driver
from parley.store.writing import Writing

REOPEN: Final = "Stop the station and start it again; it goes on from what is durable."
_KEPT_PAPERS_MAX: Final = 64
"""Small collections that are asked for with every entry, such as the peers, stay in memory."""


class TableStore(ABC):
    """A record in the tables of one database."""

    _begin: ClassVar[str]
    """The statement with which a writing transaction begins."""
    shown: str
    """Where the record is, in words for people."""
    driver_faults: ClassVar[tuple[type[Exception], ...]]
    """What the driver raises; SQLAlchemy wraps the same."""

    def __init__(self, engine: Engine, *, read_only: bool) -> None:
        """Open the record and bring it to the schema of this program.

        Args:
            engine: how to connect.
            read_only: for looking at a record that another process may own.

        Raises:
            StoreError: it is no record, it was written by a newer program, or it failed.
        """
        self._engine = engine
        self._read_only = read_only
        self._failed = False
        self._open: list[Connection] = []
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._papers: dict[str, Sequence[tuple[str, bytes]]] = {}
        self._paper_changes = 0
        self._papers_lock = threading.Lock()
        try:
            with self._told():
                self._reader = self._writer = self._connected()
                if not read_only:
                    self._writer = self._connected()
                self._asks, self._writes = self._asking(self._reader), self._driver(self._writer)
                self._lent = _Lent(self, self._asks, self._read_lock)
                if not read_only:
                    self._hold()
                    self._migrate()
                self._ids = {
                    LogId(ChannelId(channel), PartyId(party), Incarnation(inc)): number
                    for number, channel, party, inc in queries.every_origin(self._asks)
                }
                self._origins = {number: log for log, number in self._ids.items()}
                self._sequence = queries.last_number(self._asks)
        except BaseException:
            self._let_go()
            raise

    def _connected(self) -> Connection:
        connection = self._engine.connect()
        self._open.append(connection)
        return connection

    # --- what a database does in its own way ---

    @abstractmethod
    def _driver(self, connection: Connection) -> Driver:
        """Return the driver's own connection."""

    def _asking(self, connection: Connection) -> Driver:
        """Return what questions are asked on."""
        return self._driver(connection)

    @abstractmethod
    def _hold(self) -> None:
        """Make sure that nobody else writes the record while this store is open."""

    @abstractmethod
    def _roll_back(self) -> bool:
        """Roll back if a transaction is open; say whether the writer is known to be outside."""

    @abstractmethod
    def as_promised(self, problem: Exception) -> StoreError:
        """Return what is raised for what the driver raised, by itself or through SQLAlchemy."""

    @abstractmethod
    def faults(self) -> list[str]:
        """Return what the database's own check finds wrong."""

    # --- questions ---

    def charters(self) -> Sequence[bytes]:
        """Return every charter, in the order in which they came."""
        with self._ask() as ask:
            return queries.every_charter(ask)

    def logs(self) -> Sequence[LogRow]:
        """Return every log known, in the order in which they came."""
        with self._ask() as ask:
            rows = queries.every_log(ask)
        return [LogRow(log=self._log(origin), ordinal=ordinal) for origin, ordinal in rows]

    def entry(self, log: LogId, index: int) -> EntryRow | None:
        """Return one entry, None where it is not held."""
        if (origin := self._ids.get(log)) is None:
            return None
        with self._ask() as ask:
            row = queries.one_entry(ask, origin, index)
        return None if row is None else _entry_row(log, row)

    def entries(self, log: LogId, first: int, limit: int) -> Sequence[EntryRow]:
        """Return up to `limit` held entries from index `first` on, ascending."""
        if (origin := self._ids.get(log)) is None:
            return []
        with self._ask() as ask:
            rows = queries.entries_from(ask, origin, first, limit)
        return [_entry_row(log, row) for row in rows]

    def leaves(self, log: LogId) -> Iterator[tuple[int, Hash]]:
        """Yield (index, leaf hash) of every held entry, ascending."""
        if (origin := self._ids.get(log)) is not None:
            for index, leaf in queries.every_leaf(self._ask, origin):
                yield index, Hash(leaf)

    def leaf_runs(self, log: LogId) -> Iterator[tuple[int, bytes]]:
        """Yield the same packed: the first index of a run, and 32 bytes for each leaf of it."""
        if (origin := self._ids.get(log)) is not None:
            for page in queries.leaf_pages(self._ask, origin):
                yield from packed_runs(page)

    def nodes(self, log: LogId) -> Sequence[NodeRow]:
        """Return the loose nodes of a log, by level and place."""
        if (origin := self._ids.get(log)) is None:
            return []
        with self._ask() as ask:
            rows = queries.loose_nodes(ask, origin)
        return [NodeRow(log=log, level=level, pos=pos, hash=Hash(h)) for level, pos, h in rows]

    def last_statement(self, log: LogId) -> StatementRow | None:
        """Return the statement with the highest `no` of a log."""
        if (origin := self._ids.get(log)) is None:
            return None
        with self._ask() as ask:
            row = queries.newest_statement(ask, origin)
        return None if row is None else _statement_row(row)

    def statements(self, log: LogId, first_no: int, limit: int) -> Sequence[StatementRow]:
        """Return up to `limit` statements from number `first_no` on, ascending."""
        if (origin := self._ids.get(log)) is None:
            return []
        with self._ask() as ask:
            rows = queries.statements_from(ask, origin, first_no, limit)
        return [_statement_row(row) for row in rows]

    def statement_sizes(self, log: LogId) -> Sequence[int]:
        """Return how many entries each statement of a log covers, by number."""
        if (origin := self._ids.get(log)) is None:
            return []
        with self._ask() as ask:
            return queries.sizes_signed(ask, origin)

    def cosigned(self, log: LogId, first_no: int, limit: int) -> Sequence[StatementRow]:
        """Return up to `limit` statements with further lines from number `first_no` on."""
        if (origin := self._ids.get(log)) is None:
            return []
        with self._ask() as ask:
            rows = queries.statements_with_lines(ask, origin, first_no, limit)
        return [_statement_row(row) for row in rows]

    def case_entries(self, log: LogId, index: int) -> Sequence[IndexRow]:
        """Return the index rows of the case opened at this place, in stored order."""
        if (origin := self._ids.get(log)) is None:
            return []
        with self._ask() as ask:
            rows = queries.case_rows(ask, origin, index)
        return [self._index_row(row) for row in rows]

    def index_rows(self, channel: ChannelId) -> Iterator[IndexRow]:
        """Yield every index row of a channel in stored order."""
        for row in queries.every_index_row(self._ask, channel):
            yield self._index_row(row)

    def marked_rows(self, channel: ChannelId) -> Iterator[IndexRow]:
        """Yield those of them that have flags, or are of a core kind other than SAY."""
        for row in queries.every_marked_row(self._ask, channel):
            yield self._index_row(row)

    def paper(self, collection: str, key: str) -> bytes | None:
        """Return one paper."""
        kept = self._papers.get(collection)
        if kept is not None:
            return dict(kept).get(key)
        with self._ask() as ask:
            return queries.one_paper(ask, collection, key)

    def papers(self, collection: str) -> Sequence[tuple[str, bytes]]:
        """Return every paper of a collection, by key; the same object until one changes."""
        kept = self._papers.get(collection)
        if kept is None:
            changes = self._paper_changes
            with self._ask() as ask:
                kept = queries.papers_of(ask, collection)
            if len(kept) <= _KEPT_PAPERS_MAX and not self._read_only:
                with self._papers_lock:
                    # What was read while a commit ran may be what stood before it.
                    if changes == self._paper_changes:
                        self._papers[collection] = kept
        return kept

    def sequence(self) -> int:
        """Return the number of the last stored fact; every entry and statement takes one."""
        return self._sequence

    def places(self, start: int, limit: int, *, back: bool = False) -> Sequence[StoredPlace]:
        """Return up to `limit` places in stored order from number `start` on, or down."""
        with self._ask() as ask:
            rows = queries.places_from(ask, start, limit, back=back)
        return [StoredPlace(number, self._log(origin), index) for number, origin, index in rows]

    def stored(self, start: int, limit: int) -> Sequence[tuple[int, EntryRow]]:
        """Return up to `limit` entries in stored order, from running number `start` on."""
        with self._ask() as ask:
            rows = queries.entries_since(ask, start, limit)
        return [(row[0], _entry_row(self._log(row[1]), row[2:])) for row in rows]

    def said(self, start: int, limit: int) -> Sequence[tuple[int, StatementRow]]:
        """Return up to `limit` statements in stored order, from running number `start` on."""
        with self._ask() as ask:
            rows = queries.statements_since(ask, start, limit)
        return [(number, _statement_row(row)) for number, row in rows]

    def number_of(self, log: LogId, index: int) -> int | None:
        """Return the number under which an entry was stored, None where it is not held."""
        if (origin := self._ids.get(log)) is None:
            return None
        with self._ask() as ask:
            return queries.number_of_entry(ask, origin, index)

    def commit(self, batch: Batch) -> int:
        """Store the batch whole and durably; return the record sequence after it.

        Raises:
            StorageFullError: no room; nothing of the batch is stored; it may be tried again.
            StoredOtherwiseError: a place holds something else; nothing of the batch is stored.
            StoreError: it failed; the store must be reopened.
        """
        with self._write_lock, self._transaction() as writer:
            writing = Writing(writer, self._ids, self._sequence)
            writing.write(batch)
            self._finish(writer)
            self._take(writing)
            with self._papers_lock:
                self._paper_changes += len(batch.papers)
                for collection in {changed for changed, _, _ in batch.papers}:
                    self._papers.pop(collection, None)
            return self._sequence

    def rebuild_index(self, rows: Iterable[IndexRow]) -> None:
        """Replace the whole case index in one transaction."""
        with self._write_lock, self._transaction() as writer:
            writing = Writing(writer, self._ids, self._sequence)
            writing.replace_index(rows)
            self._finish(writer)
            self._take(writing)

    def close(self) -> None:
        """Let go of the store; what was committed stays."""
        with self._write_lock, self._read_lock:
            self._let_go()

    def _let_go(self) -> None:
        for connection in self._open:
            # A server that is gone has let go already.
            with suppress(DBAPIError):
                connection.close()
        self._engine.dispose()

    def _take(self, writing: Writing) -> None:
        """Believe in what has just been committed."""
        self._origins.update({number: log for log, number in writing.new_ids.items()})
        self._ids.update(writing.new_ids)
        self._sequence = writing.sequence

    def _finish(self, writer: Driver) -> None:
        """Commit, fsync included."""
        writer.execute("COMMIT")

    def _migrate(self) -> None:
        self._writer.exec_driver_sql(self._begin)
        try:
            migrate(self._writer)
            self._writer.exec_driver_sql("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _ask(self) -> _Lent:
        """Lend the read connection for one question."""
        return self._lent

    @contextmanager
    def _transaction(self) -> Iterator[Driver]:
        """Lend the write connection inside a transaction; on any failure nothing is stored."""
        if self._read_only:
            raise StoreError("this record was opened for reading only")
        if self._failed:
            raise StoreError("the record failed before and was not reopened", next_step=REOPEN)
        try:
            with self._told():
                self._writes.execute(self._begin)
                yield self._writes
        except (StorageFullError, StoredOtherwiseError):
            # Known to be rolled back: an unknown state would show as a failed rollback.
            self._failed = not self._roll_back()
            raise
        except StoreError:
            self._failed = True
            self._roll_back()
            raise
        except BaseException:
            self._failed = not self._roll_back()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the driver raises, by itself or through SQLAlchemy, into what is promised."""
        try:
            yield
        except Exception as problem:
            if isinstance(problem, (DBAPIError, *self.driver_faults)):
                raise self.as_promised(problem) from problem
            raise

    def _log(self, origin: int) -> LogId:
        if (log := self._origins.get(origin)) is None:
            # Another process wrote it after this one had opened the record.
            with self._ask() as ask:
                for number, channel, party, inc in queries.every_origin(ask):
                    named = LogId(ChannelId(channel), PartyId(party), Incarnation(inc))
                    self._origins[number] = named
                    self._ids[named] = number
            if origin not in self._origins:
                told = f"the record at {self.shown} is damaged: a row belongs to no log"
                raise StoreError(told, next_step=queries.DAMAGED)
            log = self._origins[origin]
        return log

    def _index_row(self, row: Any) -> IndexRow:  # a row of `queries`
        _, origin, idx, kind, flags, time, case_origin, case_idx = row
        return IndexRow(
            log=self._log(origin),
            index=idx,
            kind=kind,
            flags=flags,
            time=Instant(time),
            case_log=self._log(case_origin),
            case_index=case_idx,
        )


class _Lent:
    """Lends a connection to one at a time; a class, since this is done for every question."""

    __slots__ = ("_connection", "_lock", "_store")

    def __init__(self, store: TableStore, connection: Driver, lock: threading.Lock) -> None:
        self._store, self._connection, self._lock = store, connection, lock

    def __enter__(self) -> Driver:
        self._lock.acquire()
        return self._connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
        if isinstance(problem, self._store.driver_faults):
            raise self._store.as_promised(problem) from problem


def _entry_row(log: LogId, row: Any) -> EntryRow:  # a row of `queries`
    index, raw, leaf, received = row
    return EntryRow(log=log, index=index, raw=raw, leaf=Hash(leaf), received=Instant(received))


_parsed = lru_cache(maxsize=1_024)(parse_text)
"""Whoever looks for the receipt of one entry after the other meets the same statements again."""


def _statement_row(row: Any) -> StatementRow:  # a row of `queries`
    no, text, key_number, signature, received, lines = row
    try:
        said, further = _parsed(text), tuple(json.loads(lines))
    except (MalformedError, ValueError, TypeError) as fault:
        told = f"a statement in the record is damaged: {fault}"
        raise StoreError(told, next_step=queries.DAMAGED) from None
    if said.no != no:
        told = f"statement {said.no} stands in the place of {no}: the record is damaged"
        raise StoreError(told, next_step=queries.DAMAGED)
    signed = SignedStatement(statement=said, key_number=key_number, signature=signature)
    return StatementRow(signed=signed, received=Instant(received), lines=further)
