"""One transaction's writing: what is there already is passed over, what differs is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from parley.core.ids import LogId
from parley.errors import StoredOtherwiseError, StoreError
from parley.store import queries, tables
from parley.store.interface import Batch, EntryRow, IndexRow, NodeRow, StatementRow
from parley.store.memory import charter_channel, joined_lines
from parley.store.prepared import Driver, ManyRows, Prepared

_charter_of = Prepared(
    select(tables.charters.c.raw).where(tables.charters.c.channel == bindparam("channel"))
)
_new_charter = Prepared(insert(tables.charters), columns=("channel", "raw"))
_ordinal_of = Prepared(
    select(tables.logs.c.ordinal).where(tables.logs.c.origin == bindparam("origin"))
)
_ordinals = Prepared(
    select(tables.origins.c.id)
    .join(tables.logs, tables.logs.c.origin == tables.origins.c.id)
    .where(
        tables.origins.c.channel == bindparam("channel"),
        tables.origins.c.party == bindparam("party"),
        tables.logs.c.ordinal == bindparam("ordinal"),
    )
)
_new_log = Prepared(insert(tables.logs), columns=("origin", "ordinal"))
_new_origin = Prepared(
    insert(tables.origins).returning(tables.origins.c.id), columns=("channel", "party", "inc")
)
_new_node = Prepared(insert(tables.nodes))
_new_root = Prepared(insert(tables.roots).on_conflict_do_nothing())
_new_statement = Prepared(
    insert(tables.statements).on_conflict_do_nothing(index_elements=["origin", "no"])
)
_set_lines = Prepared(
    update(tables.statements)
    .where(
        tables.statements.c.origin == bindparam("of_origin"),
        tables.statements.c.no == bindparam("of_no"),
    )
    .values(lines=bindparam("new_lines"))
)
_put_right = Prepared(
    update(tables.entries)
    .where(
        tables.entries.c.origin == bindparam("of_origin"), tables.entries.c.idx == bindparam("at")
    )
    .values(leaf=bindparam("new_leaf"), raw=bindparam("new_raw"))
)
_drop_paper = Prepared(
    delete(tables.papers).where(
        tables.papers.c.collection == bindparam("of"), tables.papers.c.key == bindparam("at")
    )
)
_put_papers = ManyRows(
    tables.papers,
    lambda rows: rows.on_conflict_do_update(
        index_elements=["collection", "key"], set_={"value": rows.excluded.value}
    ),
    columns=("collection", "key", "value"),
)
_drop_index = Prepared(delete(tables.case_index))
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

    def __init__(self, writer: Driver, ids: Mapping[LogId, int], sequence: int) -> None:
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
        for repaired in batch.repaired:
            self._put_right(repaired)
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
        _drop_index.run(self._writer)
        page: list[IndexRow] = []
        for row in rows:
            page.append(row)
            if len(page) == 2_000:
                self._index(page)
                page.clear()
        self._index(page)

    def _charter(self, raw: bytes) -> None:
        channel = charter_channel(raw)
        if _charter_of.one(self._writer, channel=channel) is None:
            _new_charter.run(self._writer, channel=channel, raw=raw)

    def _log(self, log: LogId, ordinal: int) -> None:
        origin = self._origin(log)
        known = _ordinal_of.one(self._writer, origin=origin)
        if known == ordinal:
            return
        if known is not None:
            raise StoredOtherwiseError(f"log {log.origin} has another ordinal already")
        taken = _ordinals.first(self._writer, channel=log.channel, party=log.party, ordinal=ordinal)
        if taken is not None:
            raise StoredOtherwiseError(f"ordinal {ordinal} of {log.origin} is taken")
        _new_log.run(self._writer, origin=origin, ordinal=ordinal)

    def _origin(self, log: LogId) -> int:
        """Return the number of a log, a new one if nobody named it before."""
        number = self._ids.get(log) or self.new_ids.get(log)
        if number is None:
            if _charter_of.one(self._writer, channel=log.channel) is None:
                raise StoreError(f"log {log.origin} is on a channel not known here")
            made: int = _new_origin.one(
                self._writer, channel=log.channel, party=log.party, inc=log.inc
            )
            number = self.new_ids[log] = made
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

    def _put_right(self, row: EntryRow) -> None:
        origin = self._known(row.log)
        done = _put_right.run(
            self._writer, of_origin=origin, at=row.index, new_leaf=row.leaf, new_raw=row.raw
        )
        if done.rowcount != 1:
            raise StoreError(f"entry {row.index} of {row.log.origin} is not held")

    def _nodes(self, rows: Sequence[NodeRow]) -> None:
        for row in rows:
            origin = self._known(row.log)
            there = queries.one_node(self._writer, origin, row.level, row.pos)
            if there is None:
                _new_node.run(
                    self._writer, origin=origin, level=row.level, pos=row.pos, hash=row.hash
                )
            elif there != row.hash:
                raise StoredOtherwiseError(
                    f"another node is stored at {row.level}, {row.pos} of {row.log.origin}"
                )

    def _statement(self, row: StatementRow) -> None:
        """Write a statement and the root that it signs; mostly both are new."""
        said = row.signed.statement
        origin = self._known(said.log)
        made = _new_root.run(self._writer, origin=origin, size=said.size, root=said.root)
        if not made.rowcount and queries.signed_root(self._writer, origin, said.size) != said.root:
            raise StoredOtherwiseError(
                f"another root is signed for size {said.size} of {said.log.origin}"
            )
        text = said.text()
        made = _new_statement.run(
            self._writer,
            seq=self.sequence + 1,
            origin=origin,
            no=said.no,
            size=said.size,
            received=row.received,
            key_number=row.signed.key_number,
            signature=row.signed.signature,
            text=text,
            lines=_packed(row.lines),
        )
        if made.rowcount:
            self.sequence += 1
            return
        there = queries.statements_from(self._writer, origin, said.no, 1)[0]
        if there[1] != text:
            raise StoredOtherwiseError(
                f"another statement has number {said.no} of {said.log.origin}"
            )
        self._add_lines(origin, said.no, json.loads(there[5]), row.lines)

    def _add_lines(self, origin: int, no: int, old: list[str], new: Sequence[str]) -> None:
        lines = list(joined_lines(old, new))
        if lines != old:
            _set_lines.run(self._writer, of_origin=origin, of_no=no, new_lines=_packed(lines))

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
        """Write papers; of several changes to one the last counts."""
        newest = {(collection, key): value for collection, key, value in papers}
        put = [(*place, value) for place, value in newest.items() if value is not None]
        _put_papers.write(self._writer, put)
        for (collection, key), value in newest.items():
            if value is None:
                _drop_paper.run(self._writer, of=collection, at=key)


def _packed(lines: Sequence[str]) -> str:
    return json.dumps(list(lines), ensure_ascii=False) if lines else "[]"


def _by_log(rows: Sequence[_OfLog]) -> dict[LogId, list[_OfLog]]:
    groups: dict[LogId, list[_OfLog]] = {}
    for row in rows:
        groups.setdefault(row.log, []).append(row)
    return groups


__all__ = ["Writing"]
