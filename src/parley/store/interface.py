"""What the station asks of a store. Synchronous on purpose.

The service gives the store one worker thread, the simulator calls it straight. Everything that
belongs together goes into one `Batch` and is committed in one transaction, fsynced before
`commit` returns: nothing is receipted or confirmed before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from parley.core.ids import ChannelId, Hash, LogId, PartyId, Ranges
from parley.core.instants import Instant
from parley.core.statement import SignedStatement
from parley.core.values import named_value


@named_value
class EntryRow:
    """One stored entry.

    Attributes:
        raw: the entry's bytes.
        leaf: 32-byte leaf hash.
        received: when this station stored it, by its own clock.
    """

    log: LogId
    index: int
    raw: bytes
    leaf: Hash
    received: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """A subtree hash of a log beyond the part whose leaves are stored."""

    log: LogId
    level: int
    pos: int
    hash: Hash


@named_value
class StatementRow:
    """One verified statement, own or of a peer.

    Attributes:
        received: when this station stored it.
        lines: further signature lines, one for each key: seals and cosignatures.
    """

    signed: SignedStatement
    received: Instant
    lines: tuple[str, ...] = ()


@named_value
class IndexRow:
    """Where an entry stands in the desk's order of things; a pure function of the logs.

    Attributes:
        kind: the entry's kind.
        case_log, case_index: the opening entry of its case; its own place when it opens one.
        flags: the entry's flags (precedence, marking).
    """

    log: LogId
    index: int
    kind: int
    flags: int
    time: Instant
    case_log: LogId
    case_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A log known here and how its incarnations follow each other.

    Attributes:
        ordinal: 1 for the party's first incarnation known here, and so on.
    """

    log: LogId
    ordinal: int


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """Where an entry stands, and the record's running number under which it was stored."""

    number: int
    log: LogId
    index: int


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one transaction carries. Empty parts cost nothing.

    Attributes:
        charters: (raw charter) of channels that are new here.
        logs: logs that are new here.
        entries: entries, ascending by index within a log.
        nodes: subtree hashes beyond missing entries.
        statements: verified statements.
        index: case index rows for `entries`.
        papers: (collection, key, value or None to delete): the station's own papers.
        repaired: entries that the disk no longer held as they were stored: bytes and leaf of
            each are written anew where it stands.
    """

    charters: list[bytes] = field(default_factory=list)
    logs: list[LogRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    nodes: list[NodeRow] = field(default_factory=list)
    statements: list[StatementRow] = field(default_factory=list)
    index: list[IndexRow] = field(default_factory=list)
    papers: list[tuple[str, str, bytes | None]] = field(default_factory=list)
    repaired: list[EntryRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.charters
            or self.logs
            or self.entries
            or self.nodes
            or self.statements
            or self.index
            or self.papers
            or self.repaired
        )


class Reader(Protocol):
    """Reads of what has been committed."""

    def charters(self) -> Sequence[bytes]:
        """Return every charter, in the order in which they came."""

    def logs(self) -> Sequence[LogRow]:
        """Return every log known, in the order in which they came."""

    def entry(self, log: LogId, index: int) -> EntryRow | None:
        """Return one entry, None where it is not held."""

    def entries(self, log: LogId, first: int, limit: int) -> Sequence[EntryRow]:
        """Return up to `limit` held entries from index `first` on, ascending."""

    def leaves(self, log: LogId) -> Iterator[tuple[int, Hash]]:
        """Yield (index, leaf hash) of every held entry, ascending."""

    def leaf_runs(self, log: LogId) -> Iterator[tuple[int, bytes]]:
        """Yield the same packed: the first index of a run, and 32 bytes for each leaf of it."""

    def nodes(self, log: LogId) -> Sequence[NodeRow]:
        """Return the loose nodes of a log."""

    def last_statement(self, log: LogId) -> StatementRow | None:
        """Return the statement with the highest `no` of a log."""

    def statements(self, log: LogId, first_no: int, limit: int) -> Sequence[StatementRow]:
        """Return up to `limit` statements from number `first_no` on, ascending."""

    def statement_sizes(self, log: LogId) -> Sequence[int]:
        """Return how many entries each statement of a log covers, by number."""

    def cosigned(self, log: LogId, first_no: int, limit: int) -> Sequence[StatementRow]:
        """Return up to `limit` statements that have further lines, from number `first_no` on."""

    def case_entries(self, log: LogId, index: int) -> Sequence[IndexRow]:
        """Return the index rows of the case opened at this place, in stored order."""

    def index_rows(self, channel: ChannelId) -> Iterator[IndexRow]:
        """Yield every index row of a channel in stored order."""

    def marked_rows(self, channel: ChannelId) -> Iterator[IndexRow]:
        """Yield those of them that have flags, or are of a core kind other than SAY."""

    def paper(self, collection: str, key: str) -> bytes | None:
        """Return one paper."""

    def papers(self, collection: str) -> Sequence[tuple[str, bytes]]:
        """Return every paper of a collection, by key."""

    def sequence(self) -> int:
        """Return the number of the last stored fact; every entry and statement takes one."""

    def places(self, start: int, limit: int, *, back: bool = False) -> Sequence[StoredPlace]:
        """Return up to `limit` places of entries in stored order, from number `start` on.

        With `back` they come newest first, from number `start` down.
        """

    def stored(self, start: int, limit: int) -> Sequence[tuple[int, EntryRow]]:
        """Return up to `limit` entries in stored order, from running number `start` on."""

    def said(self, start: int, limit: int) -> Sequence[tuple[int, StatementRow]]:
        """Return up to `limit` statements in stored order, from running number `start` on."""

    def number_of(self, log: LogId, index: int) -> int | None:
        """Return the number under which an entry was stored, None where it is not held."""


class Store(Reader, Protocol):
    """A store one station owns."""

    def commit(self, batch: Batch) -> int:
        """Store the batch whole and durably; return the record sequence after it.

        An entry, node or statement that is there already, byte for byte, is passed over; of a
        statement's further lines those of keys that have none yet are added.

        Raises:
            StorageFullError: no room; nothing of the batch is stored.
            StoreError: it failed; nothing of the batch is stored. The store must be reopened.
        """

    def rebuild_index(self, rows: Iterable[IndexRow]) -> None:
        """Replace the whole case index in one transaction."""

    def close(self) -> None:
        """Let go of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HighWater:
    """The newest own size known to have been committed, kept in a second place.

    Attributes:
        no: number of the newest own statement: an idle log signs on without growing.
    """

    log: LogId
    size: int
    no: int = -1


__all__ = [
    "Batch",
    "ChannelId",
    "EntryRow",
    "HighWater",
    "IndexRow",
    "LogRow",
    "NodeRow",
    "PartyId",
    "Ranges",
    "Reader",
    "StatementRow",
    "Store",
    "StoredPlace",
]
