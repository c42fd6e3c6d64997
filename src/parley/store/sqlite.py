"""The record in one SQLite file: write-ahead log, every commit fsynced."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from parley.errors import StorageFullError, StoredOtherwiseError, StoreError
from parley.store.prepared import Driver
from parley.store.queries import DAMAGED
from parley.store.tabled import REOPEN, TableStore

_DAMAGED_CODES: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FREE: Final = "Free space on the volume of the station's directory; nothing was lost."


class SqliteStore(TableStore):
    """A station's record in one file.

    Attributes:
        path: the database file; `-wal` and `-shm` lie beside it while it is open.
    """

    _begin = "BEGIN IMMEDIATE"
    driver_faults: ClassVar[tuple[type[Exception], ...]] = (sqlite3.Error, UnicodeDecodeError)

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, make it if need be, and bring it to the schema of this program.

        Args:
            path: the database file; its directory must exist.
            read_only: for looking at a record that another process may own.

        Raises:
            StoreError: it is no record, it was written by a newer program, or the disk failed.
        """
        self.path, self.shown = path, str(path)
        if not read_only:
            _make_private(path)
        elif not path.is_file():
            raise StoreError(f"there is no record at {path}")
        super().__init__(_engine(path, read_only=read_only), read_only=read_only)

    def faults(self) -> list[str]:
        """Return what SQLite's own check of the whole file finds wrong; it reads everything."""
        with self._ask() as ask:
            found = [str(row[0]) for row in ask.execute("PRAGMA integrity_check(20)")]
            strays = ask.execute("PRAGMA foreign_key_check").fetchall()
        faults = [line for line in found if line != "ok"]
        return faults + [f"row {row[1]} of {row[0]} refers to nothing" for row in strays[:20]]

    def _driver(self, connection: Connection) -> Driver:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def _hold(self) -> None:
        """Leave it to the lock of the station's directory, in which the file lies."""

    def _roll_back(self) -> bool:
        driver = self._writes
        assert isinstance(driver, sqlite3.Connection)
        try:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
        except sqlite3.Error:
            return False
        return True

    def as_promised(self, problem: Exception) -> StoreError:
        """Return what is raised for what the driver raised, by itself or through SQLAlchemy."""
        fault = problem.orig if isinstance(problem, DBAPIError) else problem
        if isinstance(fault, sqlite3.IntegrityError):
            return StoredOtherwiseError(f"the record refused a row that contradicts it: {fault}")
        if _code(fault) == sqlite3.SQLITE_FULL:
            return StorageFullError(f"no room left for the record at {self.path}", next_step=_FREE)
        if isinstance(fault, UnicodeDecodeError) or _code(fault) in _DAMAGED_CODES:
            told = f"the record at {self.path} is damaged: {fault}"
            return StoreError(told, next_step=DAMAGED)
        name = getattr(fault, "sqlite_errorname", "unknown")
        return StoreError(f"the record at {self.path} failed: {fault} ({name})", next_step=REOPEN)


def _code(fault: object) -> int:
    code: int = getattr(fault, "sqlite_errorcode", 0)
    return code & 0xFF


def _make_private(path: Path) -> None:
    """Make the file with access for its owner alone, unless it is there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as problem:
        raise StoreError(f"cannot open the record at {path}: {problem.strerror}") from problem


def _engine(path: Path, *, read_only: bool) -> Engine:
    mode = "ro" if read_only else "rw"
    address = f"file:{_quoted(path)}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # The driver's own transactions are off: BEGIN and COMMIT stand where we write them.
        return sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=10
        )

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:  # the driver's connection
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA trusted_schema=OFF")
        cursor.close()

    return engine


def _quoted(path: Path) -> str:
    """Return the path for a `file:` address."""
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
