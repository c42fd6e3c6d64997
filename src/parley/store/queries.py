"""Questions asked of the tables, each in a function named after it.

Every function takes the connection to ask on; the caller owns locks and transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeAlias

from sqlalchemy import and_, bindparam, func, or_, select

from parley.core.entry import Kind
from parley.errors import StoreError
from parley.store import tables
from parley.store.prepared import Driver, Prepared

Asking: TypeAlias = Callable[[], AbstractContextManager[Driver]]
"""Opens the read connection for one question."""

DAMAGED: Final = (
    "Stop the station. Put the last backup back (parley restore FILE); "
    "`parley restore --from-peer CODE` then brings what peers hold since."
)
"""What to do where the database itself is damaged, and not the bytes of an entry alone."""
_PAGE = 5_000

_charters = Prepared(select(tables.charters.c.raw).order_by(tables.charters.c.number))
_origins = Prepared(
    select(
        tables.origins.c.id, tables.origins.c.channel, tables.origins.c.party, tables.origins.c.inc
    )
)
_logs = Prepared(select(tables.logs.c.origin, tables.logs.c.ordinal).order_by(tables.logs.c.number))
_entry_columns = (
    tables.entries.c.idx,
    tables.entries.c.raw,
    tables.entries.c.leaf,
    tables.entries.c.received,
)
_entries = Prepared(
    select(*_entry_columns)
    .where(
        tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx >= bindparam("first")
    )
    .order_by(tables.entries.c.idx)
    .limit(bindparam("most"))
)
_entry = Prepared(
    select(*_entry_columns).where(
        tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx == bindparam("idx")
    )
)
_place_columns = (tables.entries.c.seq, tables.entries.c.origin, tables.entries.c.idx)
_places = Prepared(
    select(*_place_columns)
    .where(tables.entries.c.seq >= bindparam("start"))
    .order_by(tables.entries.c.seq)
    .limit(bindparam("most"))
)
_stored = Prepared(
    select(tables.entries.c.seq, tables.entries.c.origin, *_entry_columns)
    .where(tables.entries.c.seq >= bindparam("start"))
    .order_by(tables.entries.c.seq)
    .limit(bindparam("most"))
)
_places_back = Prepared(
    select(*_place_columns)
    .where(tables.entries.c.seq <= bindparam("start"))
    .order_by(tables.entries.c.seq.desc())
    .limit(bindparam("most"))
)
_number = Prepared(
    select(tables.entries.c.seq).where(
        tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx == bindparam("idx")
    )
)
_leaves = Prepared(
    select(tables.entries.c.idx, tables.entries.c.leaf)
    .where(
        tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx >= bindparam("first")
    )
    .order_by(tables.entries.c.idx)
    .limit(_PAGE)
)
_held = Prepared(
    select(
        tables.entries.c.idx, tables.entries.c.leaf, tables.entries.c.raw, tables.entries.c.seq
    ).where(
        tables.entries.c.origin == bindparam("origin"),
        tables.entries.c.idx >= bindparam("first"),
        tables.entries.c.idx < bindparam("end"),
    )
)
_nodes = Prepared(
    select(tables.nodes.c.level, tables.nodes.c.pos, tables.nodes.c.hash)
    .where(tables.nodes.c.origin == bindparam("origin"))
    .order_by(tables.nodes.c.level, tables.nodes.c.pos)
)
_node = Prepared(
    select(tables.nodes.c.hash).where(
        tables.nodes.c.origin == bindparam("origin"),
        tables.nodes.c.level == bindparam("level"),
        tables.nodes.c.pos == bindparam("pos"),
    )
)
_root = Prepared(
    select(tables.roots.c.root).where(
        tables.roots.c.origin == bindparam("origin"), tables.roots.c.size == bindparam("size")
    )
)
_statement_columns = (
    tables.statements.c.no,
    tables.statements.c.text,
    tables.statements.c.key_number,
    tables.statements.c.signature,
    tables.statements.c.received,
    tables.statements.c.lines,
)
_some_statements = (
    select(*_statement_columns)
    .where(
        tables.statements.c.origin == bindparam("origin"),
        tables.statements.c.no >= bindparam("first"),
    )
    .order_by(tables.statements.c.no)
    .limit(bindparam("most"))
)
_statements = Prepared(_some_statements)
_sizes = Prepared(
    select(tables.statements.c.size)
    .where(tables.statements.c.origin == bindparam("origin"))
    .order_by(tables.statements.c.no)
)
_with_lines = Prepared(_some_statements.where(tables.statements.c.lines != "[]"))
_said = Prepared(
    select(tables.statements.c.seq, *_statement_columns)
    .where(tables.statements.c.seq >= bindparam("start"))
    .order_by(tables.statements.c.seq)
    .limit(bindparam("most"))
)
_last_statement = Prepared(
    select(*_statement_columns)
    .where(tables.statements.c.origin == bindparam("origin"))
    .order_by(tables.statements.c.no.desc())
    .limit(1)
)
_index_columns = (
    tables.case_index.c.seq,
    tables.case_index.c.origin,
    tables.case_index.c.idx,
    tables.case_index.c.kind,
    tables.case_index.c.flags,
    tables.case_index.c.time,
    tables.case_index.c.case_origin,
    tables.case_index.c.case_idx,
)
_case = Prepared(
    select(*_index_columns)
    .where(
        tables.case_index.c.case_origin == bindparam("origin"),
        tables.case_index.c.case_idx == bindparam("idx"),
    )
    .order_by(tables.case_index.c.seq)
)
_some_index = (
    select(*_index_columns)
    .where(
        tables.case_index.c.channel == bindparam("channel"),
        tables.case_index.c.seq > bindparam("after"),
    )
    .order_by(tables.case_index.c.seq)
    .limit(_PAGE)
)
_index = Prepared(_some_index)
_marked = Prepared(
    _some_index.where(
        or_(
            tables.case_index.c.flags != 0,
            and_(
                tables.case_index.c.kind <= int(Kind.PART),
                tables.case_index.c.kind != int(Kind.SAY),
            ),
        )
    )
)
_paper = Prepared(
    select(tables.papers.c.value).where(
        tables.papers.c.collection == bindparam("collection"),
        tables.papers.c.key == bindparam("key"),
    )
)
_papers = Prepared(
    select(tables.papers.c.key, tables.papers.c.value)
    .where(tables.papers.c.collection == bindparam("collection"))
    .order_by(tables.papers.c.key)
)
_last_entry = Prepared(select(func.max(tables.entries.c.seq)))
_last_statement_seq = Prepared(select(func.max(tables.statements.c.seq)))


def _forward(rows: list[Any], start: int) -> list[Any]:
    """Return rows that were asked for in order from a number on.

    On a damaged page they may go backwards, and whoever reads page by page would never end.
    """
    if rows and (rows[-1][0] < start or rows[-1][0] < rows[0][0]):
        raise StoreError(
            "the record is damaged: its rows stand out of their order", next_step=DAMAGED
        )
    return rows


def every_charter(ask: Driver) -> list[bytes]:
    """Return raw charters in the order in which they came."""
    return [raw for (raw,) in _charters.run(ask)]


def every_origin(ask: Driver) -> Sequence[tuple[int, bytes, bytes, bytes]]:
    """Return (id, channel, party, incarnation) of every log ever named."""
    return _origins.all(ask)


def every_log(ask: Driver) -> Sequence[tuple[int, int]]:
    """Return (origin, ordinal) of every log known, in the order in which they came."""
    return _logs.all(ask)


def one_entry(ask: Driver, origin: int, index: int) -> tuple[int, bytes, bytes, int] | None:
    """Return (index, raw, leaf, received) of one entry."""
    row: tuple[int, bytes, bytes, int] | None = _entry.first(ask, origin=origin, idx=index)
    return row


def entries_from(
    ask: Driver, origin: int, first: int, most: int
) -> Sequence[tuple[int, bytes, bytes, int]]:
    """Return (index, raw, leaf, received) of up to `most` entries from `first` on."""
    return _forward(_entries.all(ask, origin=origin, first=first, most=most), first)


def entries_since(
    ask: Driver, start: int, most: int
) -> list[tuple[int, int, int, bytes, bytes, int]]:
    """Return (number, origin, index, raw, leaf, received) in stored order from a number on."""
    return _forward(_stored.all(ask, start=start, most=most), start)


def held_among(
    ask: Driver, origin: int, indexes: Iterable[int]
) -> Mapping[int, tuple[bytes, bytes, int]]:
    """Return leaf, raw bytes and running number of those of `indexes` that are held."""
    found: dict[int, tuple[bytes, bytes, int]] = {}
    for first, end in runs(indexes):
        rows = _held.run(ask, origin=origin, first=first, end=end)
        found.update((idx, (leaf, raw, seq)) for idx, leaf, raw, seq in rows)
    return found


def runs(indexes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the half-open runs of consecutive numbers among `indexes`."""
    first = end = -1
    for index in sorted(set(indexes)):
        if index != end:
            if end > first:
                yield first, end
            first = index
        end = index + 1
    if end > first:
        yield first, end


def every_leaf(asking: Asking, origin: int) -> Iterator[tuple[int, bytes]]:
    """Yield (index, leaf) of a log ascending, a page at a time and no lock between pages."""
    for page in leaf_pages(asking, origin):
        yield from page


def leaf_pages(asking: Asking, origin: int) -> Iterator[list[tuple[int, bytes]]]:
    """Yield pages of the same."""
    first = 0
    while True:
        with asking() as ask:
            page: list[tuple[int, bytes]] = _leaves.all(ask, origin=origin, first=first)
            _forward(page, first)
        if page:
            yield page
        if len(page) < _PAGE:
            return
        first = page[-1][0] + 1


def loose_nodes(ask: Driver, origin: int) -> Sequence[tuple[int, int, bytes]]:
    """Return (level, pos, hash) of a log's loose nodes."""
    return _nodes.all(ask, origin=origin)


def one_node(ask: Driver, origin: int, level: int, pos: int) -> bytes | None:
    """Return the hash of one loose node."""
    value: bytes | None = _node.one(ask, origin=origin, level=level, pos=pos)
    return value


def signed_root(ask: Driver, origin: int, size: int) -> bytes | None:
    """Return the root that a stored statement gives this size."""
    root: bytes | None = _root.one(ask, origin=origin, size=size)
    return root


def statements_from(
    ask: Driver, origin: int, first: int, most: int
) -> Sequence[tuple[int, str, int, bytes, int, str]]:
    """Return (no, text, key number, signature, received, lines) from number `first` on."""
    return _forward(_statements.all(ask, origin=origin, first=first, most=most), first)


def sizes_signed(ask: Driver, origin: int) -> list[int]:
    """Return the size that each statement of a log covers, by number."""
    return [size for (size,) in _sizes.run(ask, origin=origin)]


def statements_with_lines(
    ask: Driver, origin: int, first: int, most: int
) -> Sequence[tuple[int, str, int, bytes, int, str]]:
    """Return the same columns of those statements that have further signature lines."""
    return _forward(_with_lines.all(ask, origin=origin, first=first, most=most), first)


def statements_since(
    ask: Driver, start: int, most: int
) -> list[tuple[int, tuple[int, str, int, bytes, int, str]]]:
    """Return (running number, the columns of a statement) in stored order from a number on."""
    rows = _forward(_said.all(ask, start=start, most=most), start)
    return [(row[0], (row[1], row[2], row[3], row[4], row[5], row[6])) for row in rows]


def newest_statement(ask: Driver, origin: int) -> tuple[int, str, int, bytes, int, str] | None:
    """Return the columns of the statement with the highest number."""
    row: tuple[int, str, int, bytes, int, str] | None = _last_statement.first(ask, origin=origin)
    return row


def case_rows(
    ask: Driver, origin: int, index: int
) -> Sequence[tuple[int, int, int, int, int, int, int, int]]:
    """Return the index rows of one case in stored order."""
    return _case.all(ask, origin=origin, idx=index)


def every_index_row(
    asking: Asking, channel: bytes, asked: Prepared = _index
) -> Iterator[tuple[int, int, int, int, int, int, int, int]]:
    """Yield a channel's index rows in stored order, a page at a time."""
    after = 0
    while True:
        with asking() as ask:
            page = _forward(asked.all(ask, channel=channel, after=after), after + 1)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def every_marked_row(
    asking: Asking, channel: bytes
) -> Iterator[tuple[int, int, int, int, int, int, int, int]]:
    """Yield those with flags, or of a core kind other than SAY."""
    return every_index_row(asking, channel, _marked)


def one_paper(ask: Driver, collection: str, key: str) -> bytes | None:
    """Return one paper."""
    value: bytes | None = _paper.one(ask, collection=collection, key=key)
    return value


def papers_of(ask: Driver, collection: str) -> list[tuple[str, bytes]]:
    """Return (key, value) of a collection, by key."""
    return [(key, value) for key, value in _papers.run(ask, collection=collection)]


def last_number(ask: Driver) -> int:
    """Return the record's running number."""
    entry = _last_entry.one(ask) or 0
    return max(entry, _last_statement_seq.one(ask) or 0)


def places_from(ask: Driver, start: int, most: int, *, back: bool) -> list[tuple[int, int, int]]:
    """Return (number, origin, index) of entries in stored order from a number on, or down."""
    asked = _places_back if back else _places
    return asked.all(ask, start=start, most=most)


def number_of_entry(ask: Driver, origin: int, index: int) -> int | None:
    """Return the number under which an entry was stored."""
    number: int | None = _number.one(ask, origin=origin, idx=index)
    return number
