"""The station directory: where it is, who holds it, and whether its station is running."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from parley.errors import LockedError, NoStationError, UsageError
from parley.station.config import CONFIG_NAME

LOCK_NAME: Final = "lock"
SOCKET_NAME: Final = "control.sock"
CARD_NAME: Final = "own.card"
ROOT_KEY_NAME: Final = "keys/root.key"
SERVING: Final = "parley serve"
"""For what a running station holds its directory; only it can be told to wait for another."""
SYSTEM_STATION: Final = Path("/var/lib/parley")
SOCKET_PATH_BYTES_MAX: Final = 107
"""A Unix socket's path has at most 108 bytes with its end mark (unix(7))."""


def find_station(named: str | None, *, start: Path) -> Path:
    """Return the station directory that is meant.

    Args:
        named: a path, or None to look above `start` and then at the system's place.
        start: where to look from, usually the current directory.

    Raises:
        NoStationError: there is none.
    """
    if named is not None:
        directory = (start / named).resolve()
        if not (directory / CONFIG_NAME).is_file():
            raise NoStationError(
                f"there is no station at {directory}",
                next_step=f"Make one with `parley init {named} --code CODE`, or name another.",
            )
        return directory
    for directory in (start.resolve(), *start.resolve().parents):
        if (directory / CONFIG_NAME).is_file():
            return directory
    if (SYSTEM_STATION / CONFIG_NAME).is_file():
        return SYSTEM_STATION
    raise NoStationError(
        f"there is no station at {start.resolve()} nor above it",
        next_step="Make one with `parley init DIR --code CODE`, or name one with --station.",
    )


def is_running(directory: Path) -> bool:
    """Say whether a station process answers on the directory's control socket."""
    path = directory / SOCKET_NAME
    if not path.exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            connect_address(probe, path)
        except OSError:
            return False
    return True


def connect_address(probe: socket.socket, path: Path) -> None:
    """Connect to a Unix socket, also where its path is longer than the system takes.

    Raises:
        OSError: nobody listens there.
    """
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX:
        probe.connect(str(path))
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        probe.connect(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)


@contextmanager
def hold(directory: Path, *, purpose: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the station directory against every other process.

    Args:
        directory: the station directory.
        purpose: what for; shown to whoever is refused.
        wait_s: seconds to wait for another holder to let go.

    Raises:
        NoStationError: there is no such directory.
        LockedError: another process holds it; the message says which.
    """
    if not directory.is_dir():
        raise NoStationError(f"there is no station at {directory}")
    descriptor = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, directory, wait_s, serves=purpose == SERVING)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "purpose": purpose}).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, directory: Path, wait_s: float, *, serves: bool) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                then = "Stop that process, or wait for it with --wait-lock 30s."
                raise LockedError(
                    f"{directory} is held by {_holder(descriptor)}",
                    next_step=then if serves else "Stop that process, then do this again.",
                ) from None
            time.sleep(0.05)
        else:
            return


def _holder(descriptor: int) -> str:
    try:
        note = json.loads(os.pread(descriptor, 4_096, 0))
        return f"process {int(note['pid'])} ({str(note['purpose'])[:60]})"
    except (ValueError, KeyError, TypeError):
        return "another process"


def read_limited(path: Path, bytes_max: int) -> bytes:
    """Return a file's content.

    Raises:
        UsageError: it is missing, unreadable or longer than `bytes_max`.
    """
    try:
        with path.open("rb") as source:
            raw = source.read(bytes_max + 1)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from None
    if len(raw) > bytes_max:
        raise UsageError(f"{path} has more than {bytes_max} bytes")
    return raw
