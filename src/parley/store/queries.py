"""Questions asked of the tables, each in a function named after it.

Every function takes the connection to ask on; the caller owns locks and transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

from sqlalchemy import Connection, Row, bindparam, func, select

from parley.store import tables

Asking: TypeAlias = Callable[[], AbstractContextManager[Connection]]
"""Opens the read connection for one question."""

_PAGE = 5_000

_charters = select(tables.charters.c.raw).order_by(tables.charters.c.number)
_origins = select(
    tables.origins.c.id, tables.origins.c.channel, tables.origins.c.party, tables.origins.c.inc
)
_logs = select(tables.logs.c.origin, tables.logs.c.ordinal).order_by(tables.logs.c.number)
_entry_columns = (
    tables.entries.c.idx,
    tables.entries.c.raw,
    tables.entries.c.leaf,
    tables.entries.c.received,
)
_entries = (
    select(*_entry_columns)
    .where(
        tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx >= bindparam("first")
    )
    .order_by(tables.entries.c.idx)
    .limit(bindparam("most"))
)
_entry = select(*_entry_columns).where(
    tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx == bindparam("idx")
)
_place_columns = (tables.entries.c.seq, tables.entries.c.origin, tables.entries.c.idx)
_places = (
    select(*_place_columns)
    .where(tables.entries.c.seq >= bindparam("start"))
    .order_by(tables.entries.c.seq)
    .limit(bindparam("most"))
)
_places_back = (
    select(*_place_columns)
    .where(tables.entries.c.seq <= bindparam("start"))
    .order_by(tables.entries.c.seq.desc())
    .limit(bindparam("most"))
)
_number = select(tables.entries.c.seq).where(
    tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx == bindparam("idx")
)
_leaves = (
    select(tables.entries.c.idx, tables.entries.c.leaf)
    .where(
        tables.entries.c.origin == bindparam("origin"), tables.entries.c.idx >= bindparam("first")
    )
    .order_by(tables.entries.c.idx)
    .limit(_PAGE)
)
_held = select(
    tables.entries.c.idx, tables.entries.c.leaf, tables.entries.c.raw, tables.entries.c.seq
).where(
    tables.entries.c.origin == bindparam("origin"),
    tables.entries.c.idx >= bindparam("first"),
    tables.entries.c.idx < bindparam("end"),
)
_nodes = (
    select(tables.nodes.c.level, tables.nodes.c.pos, tables.nodes.c.hash)
    .where(tables.nodes.c.origin == bindparam("origin"))
    .order_by(tables.nodes.c.level, tables.nodes.c.pos)
)
_node = select(tables.nodes.c.hash).where(
    tables.nodes.c.origin == bindparam("origin"),
    tables.nodes.c.level == bindparam("level"),
    tables.nodes.c.pos == bindparam("pos"),
)
_root = select(tables.roots.c.root).where(
    tables.roots.c.origin == bindparam("origin"), tables.roots.c.size == bindparam("size")
)
_statement_columns = (
    tables.statements.c.no,
    tables.statements.c.text,
    tables.statements.c.key_number,
    tables.statements.c.signature,
    tables.statements.c.received,
    tables.statements.c.lines,
)
_statements = (
    select(*_statement_columns)
    .where(
        tables.statements.c.origin == bindparam("origin"),
        tables.statements.c.no >= bindparam("first"),
    )
    .order_by(tables.statements.c.no)
    .limit(bindparam("most"))
)
_with_lines = _statements.where(tables.statements.c.lines != "[]")
_said = (
    select(tables.statements.c.seq, *_statement_columns)
    .where(tables.statements.c.seq >= bindparam("start"))
    .order_by(tables.statements.c.seq)
    .limit(bindparam("most"))
)
_last_statement = (
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
_case = (
    select(*_index_columns)
    .where(
        tables.case_index.c.case_origin == bindparam("origin"),
        tables.case_index.c.case_idx == bindparam("idx"),
    )
    .order_by(tables.case_index.c.seq)
)
_index = (
    select(*_index_columns)
    .where(
        tables.case_index.c.channel == bindparam("channel"),
        tables.case_index.c.seq > bindparam("after"),
    )
    .order_by(tables.case_index.c.seq)
    .limit(_PAGE)
)
_paper = select(tables.papers.c.value).where(
    tables.papers.c.collection == bindparam("collection"), tables.papers.c.key == bindparam("key")
)
_papers = (
    select(tables.papers.c.key, tables.papers.c.value)
    .where(tables.papers.c.collection == bindparam("collection"))
    .order_by(tables.papers.c.key)
)
_last_entry = select(func.max(tables.entries.c.seq))
_last_statement_seq = select(func.max(tables.statements.c.seq))


def every_charter(ask: Connection) -> list[bytes]:
    """Return raw charters in the order in which they came."""
    return list(ask.execute(_charters).scalars())


def every_origin(ask: Connection) -> Sequence[Row[int, bytes, bytes, bytes]]:
    """Return (id, channel, party, incarnation) of every log ever named."""
    return ask.execute(_origins).all()


def every_log(ask: Connection) -> Sequence[Row[int, int]]:
    """Return (origin, ordinal) of every log known, in the order in which they came."""
    return ask.execute(_logs).all()


def one_entry(ask: Connection, origin: int, index: int) -> Row[int, bytes, bytes, int] | None:
    """Return (index, raw, leaf, received) of one entry."""
    return ask.execute(_entry, {"origin": origin, "idx": index}).first()


def entries_from(
    ask: Connection, origin: int, first: int, most: int
) -> Sequence[Row[int, bytes, bytes, int]]:
    """Return (index, raw, leaf, received) of up to `most` entries from `first` on."""
    return ask.execute(_entries, {"origin": origin, "first": first, "most": most}).all()


def held_among(
    ask: Connection, origin: int, indexes: Iterable[int]
) -> Mapping[int, tuple[bytes, bytes, int]]:
    """Return leaf, raw bytes and running number of those of `indexes` that are held."""
    found: dict[int, tuple[bytes, bytes, int]] = {}
    for first, end in runs(indexes):
        rows = ask.execute(_held, {"origin": origin, "first": first, "end": end})
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
    first = 0
    while True:
        with asking() as ask:
            page = ask.execute(_leaves, {"origin": origin, "first": first}).all()
        for row in page:
            yield row[0], row[1]
        if len(page) < _PAGE:
            return
        first = page[-1][0] + 1


def loose_nodes(ask: Connection, origin: int) -> Sequence[Row[int, int, bytes]]:
    """Return (level, pos, hash) of a log's loose nodes."""
    return ask.execute(_nodes, {"origin": origin}).all()


def one_node(ask: Connection, origin: int, level: int, pos: int) -> bytes | None:
    """Return the hash of one loose node."""
    return ask.execute(_node, {"origin": origin, "level": level, "pos": pos}).scalar()


def signed_root(ask: Connection, origin: int, size: int) -> bytes | None:
    """Return the root that a stored statement gives this size."""
    return ask.execute(_root, {"origin": origin, "size": size}).scalar()


def statements_from(
    ask: Connection, origin: int, first: int, most: int
) -> Sequence[Row[int, str, int, bytes, int, str]]:
    """Return (no, text, key number, signature, received, lines) from number `first` on."""
    return ask.execute(_statements, {"origin": origin, "first": first, "most": most}).all()


def statements_with_lines(
    ask: Connection, origin: int, first: int, most: int
) -> Sequence[Row[int, str, int, bytes, int, str]]:
    """Return the same columns of those statements that have further signature lines."""
    return ask.execute(_with_lines, {"origin": origin, "first": first, "most": most}).all()


def statements_since(
    ask: Connection, start: int, most: int
) -> list[tuple[int, tuple[int, str, int, bytes, int, str]]]:
    """Return (running number, the columns of a statement) in stored order from a number on."""
    rows = ask.execute(_said, {"start": start, "most": most}).all()
    return [(row[0], (row[1], row[2], row[3], row[4], row[5], row[6])) for row in rows]


def newest_statement(ask: Connection, origin: int) -> Row[int, str, int, bytes, int, str] | None:
    """Return the columns of the statement with the highest number."""
    return ask.execute(_last_statement, {"origin": origin}).first()


def case_rows(
    ask: Connection, origin: int, index: int
) -> Sequence[Row[int, int, int, int, int, int, int, int]]:
    """Return the index rows of one case in stored order."""
    return ask.execute(_case, {"origin": origin, "idx": index}).all()


def every_index_row(
    asking: Asking, channel: bytes
) -> Iterator[Row[int, int, int, int, int, int, int, int]]:
    """Yield a channel's index rows in stored order, a page at a time."""
    after = 0
    while True:
        with asking() as ask:
            page = ask.execute(_index, {"channel": channel, "after": after}).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def one_paper(ask: Connection, collection: str, key: str) -> bytes | None:
    """Return one paper."""
    return ask.execute(_paper, {"collection": collection, "key": key}).scalar()


def papers_of(ask: Connection, collection: str) -> list[tuple[str, bytes]]:
    """Return (key, value) of a collection, by key."""
    return [(key, value) for key, value in ask.execute(_papers, {"collection": collection})]


def last_number(ask: Connection) -> int:
    """Return the record's running number."""
    entry = ask.execute(_last_entry).scalar() or 0
    return max(entry, ask.execute(_last_statement_seq).scalar() or 0)


def places_from(
    ask: Connection, start: int, most: int, *, back: bool
) -> list[tuple[int, int, int]]:
    """Return (number, origin, index) of entries in stored order from a number on, or down."""
    rows = ask.execute(_places_back if back else _places, {"start": start, "most": most})
    return [(row.seq, row.origin, row.idx) for row in rows]


def number_of_entry(ask: Connection, origin: int, index: int) -> int | None:
    """Return the number under which an entry was stored."""
    number: int | None = ask.execute(_number, {"origin": origin, "idx": index}).scalar()
    return number
