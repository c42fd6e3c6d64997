"""Statements of SQLAlchemy Core, compiled once and run on the driver's own connection.

Going through SQLAlchemy for each cost five times what SQLite itself took, twenty times for every
entry that was sent.

Every statement that SQLite runs lets go of the interpreter's lock, and while the event loop is
busy the writing thread waits up to five milliseconds to get it back. 256 rows written one by one
took 100 ms beside a busy loop, 0.5 ms in one statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from itertools import chain
from typing import Any, Final, Protocol

from sqlalchemy import ClauseElement, Dialect, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert


class Driver(Protocol):
    """A driver's own connection: SQLite's, or PostgreSQL's with plain text for statements."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement and return its rows."""


_SQLITE: Final = sqlite.dialect(paramstyle="named")
_SQLITE_BY_PLACE: Final = sqlite.dialect(paramstyle="qmark")
# What the statements use of SQL is the same in PostgreSQL; parameters are written otherwise.
_POSTGRES: Final = sqlite.dialect(paramstyle="pyformat")
_POSTGRES_BY_PLACE: Final = sqlite.dialect(paramstyle="format")
_ROWS_MOST = 256
"""Rows of one statement: 256 of nine columns are far below the 32,766 parameters of SQLite."""


class Prepared:
    """One statement, whose parameters have names."""

    def __init__(self, statement: ClauseElement, *, columns: Sequence[str] | None = None) -> None:
        """Compile it; of an INSERT the columns may be named that are given, else it is all."""
        self._statement, self._columns = statement, columns
        self._sql, self._constants = self._compiled(_SQLITE)

    def _compiled(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), constants

    @cached_property
    def _for_postgres(self) -> tuple[str, dict[str, Any]]:
        return self._compiled(_POSTGRES)

    def run(self, driver: Driver, **values: object) -> Any:
        """Run it with these parameters; return what the driver calls a cursor."""
        if isinstance(driver, sqlite3.Connection):
            return driver.execute(self._sql, self._constants | values)
        sql, constants = self._for_postgres
        return driver.execute(sql, constants | values)

    def all(self, driver: Driver, **values: object) -> list[Any]:
        """Return every row."""
        rows: list[Any] = self.run(driver, **values).fetchall()
        return rows

    def first(self, driver: Driver, **values: object) -> Any:
        """Return the first row, None where there is none."""
        return self.run(driver, **values).fetchone()

    def one(self, driver: Driver, **values: object) -> Any:
        """Return the first column of the first row, None where there is none."""
        row = self.run(driver, **values).fetchone()
        return None if row is None else row[0]


class ManyRows:
    """Writes rows of one table, given as tuples in the order of its columns."""

    def __init__(
        self,
        table: Table,
        adapt: Callable[[Insert], Insert] | None = None,
        *,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Write rows of a table.

        Args:
            table: which.
            adapt: adds what the statement says beside it, such as ON CONFLICT.
            columns: those that are given, in the table's order; all where it is left out.
        """
        self._table = table
        self._names = columns or [column.name for column in table.columns]
        self._adapt = adapt or (lambda statement: statement)
        self._sql = cache(self._compiled)

    def write(self, driver: Driver, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows in their order.

        Powers of two, the largest first: nine statements serve any number of rows, and SQLite
        keeps them prepared.
        """
        at = 0
        while at < len(rows):
            count = min(_ROWS_MOST, 1 << (len(rows) - at).bit_length() - 1)
            values = tuple(chain.from_iterable(rows[at : at + count]))
            driver.execute(
                self._sql(count, is_sqlite=isinstance(driver, sqlite3.Connection)), values
            )
            at += count

    def _compiled(self, count: int, *, is_sqlite: bool) -> str:
        """Return the statement for so many rows: that for one, its row repeated.

        SQLAlchemy would take a tenth of a second to compile one of 256 rows.
        """
        dialect = _SQLITE_BY_PLACE if is_sqlite else _POSTGRES_BY_PLACE
        compiled = self._adapt(insert(self._table)).compile(
            dialect=dialect, column_keys=self._names
        )
        assert compiled.positiontup == list(self._names)
        row = "(" + ", ".join(["?" if is_sqlite else "%s"] * len(self._names)) + ")"
        head, found, tail = str(compiled).partition(f"VALUES {row}")
        assert found
        return f"{head}VALUES {', '.join([row] * count)}{tail}"
