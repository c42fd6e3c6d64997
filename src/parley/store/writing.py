"""One transaction's writing: what is there already is passed over, what differs is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from parley.core.ids import LogId
from parley.errors import StoredOtherwiseError, StoreError
from parley.store import queries, tables
from parley.store.interface import Batch, EntryRow, IndexRow, NodeRow, StatementRow
from parley.store.many import ManyRows
from parley.store.memory import charter_channel, joined_lines

_charter_of = select(tables.charters.c.raw).where(tables.charters.c.channel == bindparam("channel"))
_ordinal_of = select(tables.logs.c.ordinal).where(tables.logs.c.origin == bindparam("origin"))
_ordinals = (
    select(tables.origins.c.id)
    .join(tables.logs, tables.logs.c.origin == tables.origins.c.id)
    .where(
        tables.origins.c.channel == bindparam("channel"),
        tables.origins.c.party == bindparam("party"),
        tables.logs.c.ordinal == bindparam("ordinal"),
    )
)
_set_lines = (
    update(tables.statements)
    .where(
        tables.statements.c.origin == bindparam("of_origin"),
        tables.statements.c.no == bindparam("of_no"),
    )
    .values(lines=bindparam("new_lines"))
)
_drop_paper = delete(tables.papers).where(
    tables.papers.c.collection == bindparam("of"), tables.papers.c.key == bindparam("at")
)
_put_paper = upsert(tables.papers)
_put_paper = _put_paper.on_conflict_do_update(
    index_elements=["collection", "key"], set_={"value": _put_paper.excluded.value}
)
_new_entries = ManyRows(tables.entries)
_put_index = ManyRows(
    tables.case_index,
    lambda rows: rows.on_conflict_do_update(
        index_elements=["seq"],
        set_={
            name: rows.excluded[name]
            for name in ("kind", "flags", "time", "case_origin", "case_idx")
        },
    ),
)


_OfLog = TypeVar("_OfLog", EntryRow, IndexRow)


class Writing:
    """Writes batches on a connection whose transaction the caller opens and ends.

    Attributes:
        sequence: the record's running number after what was written.
        new_ids: numbers of the logs that were named for the first time.
    """

    def __init__(self, writer: Connection, ids: Mapping[LogId, int], sequence: int) -> None:
        self._writer = writer
        self._ids = ids
        self._places: dict[LogId, dict[int, int]] = {}
        self.sequence = sequence
        self.new_ids: dict[LogId, int] = {}

    def write(self, batch: Batch) -> None:
        """Write every part; raise StoredOtherwiseError or StoreError at the first that cannot."""
        for raw in batch.charters:
            self._charter(raw)
        for row in batch.logs:
            self._log(row.log, row.ordinal)
        if batch.entries:
            self._entries(batch.entries)
        if batch.nodes:
            self._nodes(batch.nodes)
        for statement in batch.statements:
            self._statement(statement)
        if batch.index:
            self._index(batch.index)
        if batch.papers:
            self._papers(batch.papers)

    def replace_index(self, rows: Iterable[IndexRow]) -> None:
        """Write these index rows in place of all."""
        self._writer.execute(delete(tables.case_index))
        page: list[IndexRow] = []
        for row in rows:
            page.append(row)
            if len(page) == 2_000:
                self._index(page)
                page.clear()
        self._index(page)

    def _charter(self, raw: bytes) -> None:
        channel = charter_channel(raw)
        if self._writer.execute(_charter_of, {"channel": channel}).scalar() is None:
            self._writer.execute(insert(tables.charters), {"channel": channel, "raw": raw})

    def _log(self, log: LogId, ordinal: int) -> None:
        origin = self._origin(log)
        known = self._writer.execute(_ordinal_of, {"origin": origin}).scalar()
        if known == ordinal:
            return
        if known is not None:
            raise StoredOtherwiseError(f"log {log.origin} has another ordinal already")
        taken = self._writer.execute(
            _ordinals, {"channel": log.channel, "party": log.party, "ordinal": ordinal}
        ).first()
        if taken is not None:
            raise StoredOtherwiseError(f"ordinal {ordinal} of {log.origin} is taken")
        self._writer.execute(insert(tables.logs), {"origin": origin, "ordinal": ordinal})

    def _origin(self, log: LogId) -> int:
        """Return the number of a log, a new one if nobody named it before."""
        number = self._ids.get(log) or self.new_ids.get(log)
        if number is None:
            if self._writer.execute(_charter_of, {"channel": log.channel}).scalar() is None:
                raise StoreError(f"log {log.origin} is on a channel not known here")
            made = self._writer.execute(
                insert(tables.origins),
                {"channel": log.channel, "party": log.party, "inc": log.inc},
            )
            key = made.inserted_primary_key
            assert key is not None
            number = int(key[0])
            self.new_ids[log] = number
        return number

    def _known(self, log: LogId) -> int:
        """Return the number of a log that must be known."""
        number = self._ids.get(log) or self.new_ids.get(log)
        if number is None:
            raise StoreError(f"log {log.origin} is not known here")
        return number

    def _entries(self, rows: Sequence[EntryRow]) -> None:
        held: dict[LogId, dict[int, tuple[bytes, bytes, int]]] = {}
        for log, group in _by_log(rows).items():
            indexes = [row.index for row in group]
            held[log] = dict(queries.held_among(self._writer, self._known(log), indexes))
        fresh: list[tuple[Any, ...]] = []
        for row in rows:  # in the order in which they came: it is the record's order
            there = held[row.log].get(row.index)
            if there is None:
                self.sequence += 1
                there = held[row.log][row.index] = (row.leaf, row.raw, self.sequence)
                origin = self._known(row.log)
                fresh.append((self.sequence, origin, row.index, row.received, row.leaf, row.raw))
            elif (there[0], there[1]) != (row.leaf, row.raw):
                raise StoredOtherwiseError(
                    f"another entry is stored at index {row.index} of {row.log.origin}"
                )
            self._places.setdefault(row.log, {})[row.index] = there[2]
        _new_entries.write(self._writer, fresh)

    def _nodes(self, rows: Sequence[NodeRow]) -> None:
        for row in rows:
            origin = self._known(row.log)
            there = queries.one_node(self._writer, origin, row.level, row.pos)
            if there is None:
                self._writer.execute(
                    insert(tables.nodes),
                    {"origin": origin, "level": row.level, "pos": row.pos, "hash": row.hash},
                )
            elif there != row.hash:
                raise StoredOtherwiseError(
                    f"another node is stored at {row.level}, {row.pos} of {row.log.origin}"
                )

    def _statement(self, row: StatementRow) -> None:
        said = row.signed.statement
        origin = self._known(said.log)
        text = said.text()
        there = queries.statements_from(self._writer, origin, said.no, 1)
        if there and there[0].no == said.no:
            if there[0].text != text:
                raise StoredOtherwiseError(
                    f"another statement has number {said.no} of {said.log.origin}"
                )
            self._add_lines(origin, said.no, json.loads(there[0].lines), row.lines)
            return
        root = queries.signed_root(self._writer, origin, said.size)
        if root is None:
            self._writer.execute(
                insert(tables.roots), {"origin": origin, "size": said.size, "root": said.root}
            )
        elif root != said.root:
            raise StoredOtherwiseError(
                f"another root is signed for size {said.size} of {said.log.origin}"
            )
        self.sequence += 1
        self._writer.execute(
            insert(tables.statements),
            {
                "seq": self.sequence,
                "origin": origin,
                "no": said.no,
                "size": said.size,
                "received": row.received,
                "key_number": row.signed.key_number,
                "signature": row.signed.signature,
                "text": text,
                "lines": json.dumps(list(row.lines), ensure_ascii=False),
            },
        )

    def _add_lines(self, origin: int, no: int, old: list[str], new: Sequence[str]) -> None:
        lines = list(joined_lines(old, new))
        if lines != old:
            packed = json.dumps(lines, ensure_ascii=False)
            self._writer.execute(
                _set_lines, {"of_origin": origin, "of_no": no, "new_lines": packed}
            )

    def _index(self, rows: Sequence[IndexRow]) -> None:
        for log, group in _by_log(rows).items():
            self._find_places(log, group)
        values = [
            (
                self._places[row.log][row.index],
                row.log.channel,
                self._known(row.log),
                row.index,
                row.kind,
                row.flags,
                row.time,
                self._origin(row.case_log),
                row.case_index,
            )
            for row in rows
        ]
        _put_index.write(self._writer, values)

    def _find_places(self, log: LogId, rows: Sequence[IndexRow]) -> None:
        """Learn the running numbers of entries that were not written just now."""
        places = self._places.setdefault(log, {})
        asked = [row.index for row in rows if row.index not in places]
        held = queries.held_among(self._writer, self._known(log), asked)
        for index in asked:
            if index not in held:
                raise StoreError(f"entry {index} of {log.origin} is not held; no index row")
            places[index] = held[index][2]

    def _papers(self, papers: Sequence[tuple[str, str, bytes | None]]) -> None:
        """Write papers in one go; of several changes to one the last counts."""
        newest = {(collection, key): value for collection, key, value in papers}
        put = [
            {"collection": collection, "key": key, "value": value}
            for (collection, key), value in newest.items()
            if value is not None
        ]
        drop = [
            {"of": collection, "at": key}
            for (collection, key), value in newest.items()
            if value is None
        ]
        if put:
            self._writer.execute(_put_paper, put)
        if drop:
            self._writer.execute(_drop_paper, drop)


def _by_log(rows: Sequence[_OfLog]) -> dict[LogId, list[_OfLog]]:
    groups: dict[LogId, list[_OfLog]] = {}
    for row in rows:
        groups.setdefault(row.log, []).append(row)
    return groups


__all__ = ["Writing"]
