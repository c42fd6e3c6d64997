"""A copy of a record while its station runs: what was committed at one moment, whole."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from parley.errors import StorageFullError, StoreError, UsageError

_PREFIX: Final = "sqlite:///"
_PAGES: Final = 4_096
"""Pages of 4 KiB that are copied between two moments in which the station may write."""


def record_file(address: str) -> Path:
    """Return the file of a record.

    Raises:
        UsageError: it lies in no file.
    """
    path = address.removeprefix(_PREFIX)
    if path.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            f"the record at {address} is in a database, which this command does not copy",
            next_step="Take it with `pg_dump -Fc`, and card and keys with `parley keys "
            "backup`; how both are put back stands in docs/operate.md, under PostgreSQL.",
        )
    if "://" in path or path == "memory:" or not path:
        raise UsageError(f"the record at {address} is in no file that could be copied")
    return Path(path)


def copy_record(source: Path, target: Path) -> int:
    """Copy a record into a new file of mode 0600, on disk when this returns; return its bytes.

    Raises:
        StoreError: it cannot be read, or the copy cannot be written.
        StorageFullError: there is no room for it.
    """
    if not source.is_file():
        raise StoreError(
            f"there is no record at {source}",
            next_step="Start the station once with parley serve: it makes the record.",
        )
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written, pages=_PAGES)
            # A file by itself, without a log beside it that a later copy could leave behind.
            written.execute("PRAGMA journal_mode=DELETE")
        with target.open("rb") as file:
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size
    except (OSError, sqlite3.Error) as problem:
        target.unlink(missing_ok=True)
        if getattr(problem, "sqlite_errorname", "") == "SQLITE_FULL":
            raise StorageFullError(f"no room for a copy of the record at {target}") from problem
        raise StoreError(
            f"the record at {source} cannot be copied to {target}: {problem}"
        ) from None


__all__ = ["copy_record", "record_file"]
