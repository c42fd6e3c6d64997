"""Which store an address means."""

from __future__ import annotations

from pathlib import Path

from parley.errors import UsageError
from parley.store.interface import Store
from parley.store.memory import MemoryStore
from parley.store.sqlite import SqliteStore


def open_store(address: str | Path, *, read_only: bool = False) -> Store:
    """Open the store at a path or address.

    Args:
        address: a path to a file, `sqlite:///` and a path, `postgresql://`, or `memory:`.
        read_only: for looking at a record that another process may own.

    Raises:
        UsageError: an address of another form, or what it needs is not installed.
        StoreError: the record could not be opened.
    """
    if isinstance(address, Path):
        return SqliteStore(address, read_only=read_only)
    if address == "memory:":
        return MemoryStore()
    if address.startswith("sqlite:///"):
        return SqliteStore(Path(address.removeprefix("sqlite:///")), read_only=read_only)
    if address.startswith(("postgresql://", "postgres://")):
        return _postgres(address, read_only=read_only)
    if "://" in address or not address:
        raise UsageError(
            f"{address!r} is not an address of a record",
            next_step="Name a file, or write sqlite:///DIRECTORY/station.sqlite or "
            "postgresql://HOST/DATABASE.",
        )
    return SqliteStore(Path(address), read_only=read_only)


def _postgres(address: str, *, read_only: bool) -> Store:
    try:
        from parley.store.postgres import PostgresStore  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "a record in PostgreSQL needs the extra `postgres`",
            next_step="Install parley-link[postgres], or psycopg[binary] beside it.",
        ) from None
    return PostgresStore(address, read_only=read_only)
