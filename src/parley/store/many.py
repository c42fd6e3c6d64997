"""Many rows of one table in few statements.

Every statement that SQLite runs lets go of the interpreter's lock, and while the event loop is
busy the writing thread waits up to five milliseconds to get it back. 256 rows written one by one
took 100 ms beside a busy loop, 0.5 ms in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert

_ROWS_MOST = 256
"""Rows of one statement: 256 of nine columns are far below SQLite's 32,766 parameters."""


class ManyRows:
    """Writes rows of one table, given as tuples in the order of its columns."""

    def __init__(self, table: Table, adapt: Callable[[Insert], Insert] | None = None) -> None:
        """Take the table, and what the statement says beside it, such as ON CONFLICT."""
        self._table = table
        self._adapt = adapt or (lambda statement: statement)
        self._sql = cache(self._compiled)

    def write(self, writer: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows in their order.

        Powers of two, the largest first: nine statements serve any number of rows, and SQLite
        keeps them prepared.
        """
        at = 0
        while at < len(rows):
            count = min(_ROWS_MOST, 1 << (len(rows) - at).bit_length() - 1)
            values = tuple(chain.from_iterable(rows[at : at + count]))
            writer.exec_driver_sql(self._sql(count), values)
            at += count

    def _compiled(self, count: int) -> str:
        names = [column.name for column in self._table.columns]
        statement = self._adapt(insert(self._table).values([dict.fromkeys(names)] * count))
        compiled = statement.compile(dialect=sqlite.dialect())
        wanted = [f"{name}_m{row}" for row in range(count) for name in names]
        assert compiled.positiontup == wanted
        return str(compiled)
