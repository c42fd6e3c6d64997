"""The record in a PostgreSQL database, which several nodes of a station can reach.

One node has the record at a time: it holds a lock of the database session with which it writes.
Whoever loses that session has lost the lock, and what it writes afterwards fails. So a node that
was cut off can never write beside the one that followed it; two databases that went apart (a copy
made first among them) are found like any old copy, by marks and by peers (threats 4, 5, 39).

Needs the extra `postgres`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

import psycopg
from psycopg import errors as sqlstates
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from parley.errors import StorageFullError, StoredOtherwiseError, StoreError, UsageError
from parley.store.prepared import Driver
from parley.store.queries import DAMAGED
from parley.store.tabled import REOPEN, TableStore

_LOCK: Final = 0x7061726C65790001
"""Number of the lock: `parley` in ASCII, and 1 for the record; locks are of one database."""
_CONNECT_S: Final = 10
_NEEDED: Final = {"fsync": "on", "full_page_writes": "on"}
"""Without these a crash of the server loses or tears what was confirmed."""
_FREE: Final = "Free space on the volume of the database; nothing was lost."
_TAKEN: Final = (
    "Stop the other node, or wait: when it ends, or its connection does, this one can start."
)
_CREDENTIAL: Final = re.compile(r"//[^/@]*:[^/@]*@|[?&](?:ssl)?password=")


class PostgresStore(TableStore):
    """A station's record in a database of its own.

    Attributes:
        address: `postgresql://[USER@]HOST[:PORT]/DATABASE`, without a password.
    """

    _begin = "BEGIN"
    driver_faults: ClassVar[tuple[type[Exception], ...]] = (psycopg.Error,)

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        """Open the database, which must exist, and bring it to the schema of this program.

        Args:
            address: see the attribute; libpq finds a password in its own file (`~/.pgpass`).
            read_only: for looking at a record that another node may own.

        Raises:
            UsageError: the address is none, or a password stands in it.
            StoreError: another node has the record, the server cannot be reached or does not
                keep what it confirms, or a newer program wrote the record.
        """
        if _CREDENTIAL.search(address):
            raise UsageError(
                "a password does not belong in the address of a record: settings are shown",
                next_step="Put it into ~/.pgpass of the station's user, or name passfile=.",
            )
        try:
            conninfo_to_dict(address)
        except psycopg.Error as problem:
            raise UsageError(f"{address!r} is not an address of a database: {problem}") from None
        self.address = self.shown = address
        self._connect = partial(_connect, address, read_only=read_only)
        engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            poolclass=NullPool,
            pool_reset_on_return=None,  # every transaction here is ended by hand
            isolation_level="AUTOCOMMIT",
        )
        super().__init__(engine, read_only=read_only)

    def faults(self) -> list[str]:
        """Return nothing: the server checks its pages by itself, and every leaf is checked here.

        Pages have checksums where the cluster was made with them.
        """
        return []

    def _driver(self, connection: Connection) -> Driver:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        return _Plain(driver)

    def _asking(self, connection: Connection) -> Driver:
        driver = self._driver(connection)
        assert isinstance(driver, _Plain)
        return _Asking(driver.connection, self._connect)

    def _let_go(self) -> None:
        asks = getattr(self, "_asks", None)
        if isinstance(asks, _Plain):
            asks.connection.close()
        super()._let_go()

    def _hold(self) -> None:
        for name, needed in _NEEDED.items():
            found = self._writer.exec_driver_sql(f"SHOW {name}").scalar()
            if found != needed:
                raise StoreError(
                    f"the server at {self.address} has {name} = {found}: "
                    "it could lose what was confirmed",
                    next_step=f"Set {name} = {needed} in its postgresql.conf.",
                )
        taken = self._writer.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar()
        if not taken:
            raise StoreError(f"another node has the record at {self.address}", next_step=_TAKEN)

    def _roll_back(self) -> bool:
        plain = self._writes
        assert isinstance(plain, _Plain)
        connection = plain.connection
        try:
            if connection.closed or connection.broken:
                return False
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            return False
        return True

    def as_promised(self, problem: Exception) -> StoreError:
        """Return what is raised for what the driver raised, by itself or through SQLAlchemy."""
        fault = problem.orig if isinstance(problem, DBAPIError) else problem
        said = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
        if isinstance(fault, psycopg.IntegrityError):
            return StoredOtherwiseError(f"the record refused a row that contradicts it: {said}")
        if isinstance(fault, sqlstates.DiskFull):
            told = f"no room left for the record at {self.address}"
            return StorageFullError(told, next_step=_FREE)
        if isinstance(fault, (sqlstates.DataCorrupted, sqlstates.IndexCorrupted)):
            told = f"the record at {self.address} is damaged: {said}"
            return StoreError(told, next_step=DAMAGED)
        return StoreError(f"the record at {self.address} failed: {said}", next_step=REOPEN)


class _Plain:
    """A connection that takes its statements as plain text, as SQLite's does."""

    __slots__ = ("connection",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, sql: str, parameters: Any = None, /) -> Any:
        """Run one statement of `prepared`; none is made of what others sent."""
        return self.connection.execute(sql.encode(), parameters or None)


class _Asking(_Plain):
    """The same for questions: after a session that ended, the next is asked in a new one."""

    __slots__ = ("_connect",)

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        connect: Callable[[], psycopg.Connection[Any]],
    ) -> None:
        super().__init__(connection)
        self._connect = connect

    def execute(self, sql: str, parameters: Any = None, /) -> Any:
        """Run one question."""
        try:
            return super().execute(sql, parameters)
        except psycopg.OperationalError:
            if not self.connection.closed:
                raise
            self.connection = self._connect()
            return super().execute(sql, parameters)


def _connect(address: str, *, read_only: bool) -> psycopg.Connection[Any]:
    # A commit is confirmed when it is on disk, whatever the server was set to.
    options = "-c synchronous_commit=on -c client_min_messages=warning -c TimeZone=UTC"
    if read_only:
        options += " -c default_transaction_read_only=on"
    return psycopg.connect(
        address,
        autocommit=True,
        connect_timeout=_CONNECT_S,
        application_name="parley",
        client_encoding="UTF8",
        options=options,
        keepalives_idle=_CONNECT_S,
        keepalives_interval=_CONNECT_S,
        keepalives_count=3,
    )


__all__ = ["PostgresStore"]
