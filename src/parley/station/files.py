"""Files of the station directory: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from parley.errors import ConflictError, StorageFullError, StoreError

_FULL = frozenset({28, 122})  # ENOSPC and EDQUOT on Linux


def write_whole(path: Path, content: bytes, *, mode: int = 0o600, replace: bool = False) -> None:
    """Write a file beside its place, flush it to the disk, and move it there.

    Raises:
        ConflictError: the file is there already and `replace` is not set.
        StorageFullError: no room; nothing changed.
        StoreError: the directory cannot be written to.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                beside.replace(path)
            else:
                path.hardlink_to(beside)
        finally:
            beside.unlink(missing_ok=True)
        _flush_directory(path.parent)
    except FileExistsError:
        raise ConflictError(
            f"{path} is there already", next_step="Choose another place, or move the file away."
        ) from None
    except OSError as problem:
        kind = StorageFullError if problem.errno in _FULL else StoreError
        raise kind(f"{path} cannot be written: {problem.strerror}") from problem


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
