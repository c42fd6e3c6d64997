"""How a command reaches its station: over the socket of the one that runs, or in its directory.

A station that was started a moment ago takes a while to open its keys; commands wait for it, so
that a script can start a station and go on in the next line.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

from parley.cli.command import Run
from parley.errors import LockedError, StationUnreachableError, StoreError, UsageError
from parley.station.directory import (
    LOCK_NAME,
    SERVING,
    SOCKET_NAME,
    find_station,
    is_running,
    read_limited,
)

START_PATIENCE_S: Final = 20.0
"""Seconds for which a command waits for a station of which nothing is seen yet.

On a loaded machine of two cores ten were not enough for a script that starts its stations itself.
"""

OPENING_PATIENCE_S: Final = 60.0
"""Seconds for which it waits while `parley serve` holds the directory and does not answer yet."""

_LOOK_EVERY_S: Final = 0.1
_AWAY_S: Final = 0.1
_LOCK_BYTES_MAX: Final = 4_096
_TOKEN_BYTES_MAX: Final = 1_024


class Door(Protocol):
    """The station's API, wherever it is; errors are those of `parley.errors`."""

    def get(self, path: str, **params: Any) -> Any:
        """Read."""

    def post(
        self, path: str, body: Any = None, *, key: str | None = None, etag: str | None = None
    ) -> Any:
        """Do."""

    def put(
        self, path: str, body: Any = None, *, key: str | None = None, etag: str | None = None
    ) -> Any:
        """Replace."""

    def delete(self, path: str) -> Any:
        """Remove."""

    def get_bytes(self, path: str, **params: Any) -> bytes:
        """Read bytes."""

    def put_file(self, path: str, content: bytes, *, kind: str, key: str, **params: Any) -> Any:
        """Send a file."""

    def post_bytes(self, path: str, body: Any = None) -> bytes:
        """Ask for a file."""

    def events(
        self, topics: tuple[str, ...] = (), after: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Follow what happens."""


@contextmanager
def reach(run: Run, *, offline: bool = False, at_once: bool = False) -> Iterator[Door]:
    """Hand out the station that is meant.

    Args:
        run: the call; it says which station and which officer.
        offline: the command also works on the directory of a station that does not run.
        at_once: do not wait for a station that does not answer.

    Raises:
        NoStationError: there is none at the place named.
        StationUnreachableError: it does not run, and the command needs it to.
        LockedError: another process holds the directory.
    """
    from parley.api.client import Client  # noqa: PLC0415 - httpx is a third of the start-up time

    if run.station is not None and "://" in run.station:
        with Client(base_url=run.station, token=_token()) as client:
            yield client
        return
    directory = find_station(run.station, start=Path.cwd())
    if _answers(directory, run, offline=offline, at_once=at_once):
        with Client(socket=directory / SOCKET_NAME, officer=run.officer) as client:
            yield client
        return
    from parley.cli.closed import open_closed  # noqa: PLC0415 - brings the whole station

    with ExitStack() as opened:
        try:
            door: Client = opened.enter_context(open_closed(directory, officer=run.officer))
        except LockedError:
            # `parley serve` was starting when we looked, and took the directory before us.
            if at_once or not _serving(directory):
                raise
            _answers(directory, run, offline=False, at_once=False)
            there = Client(socket=directory / SOCKET_NAME, officer=run.officer)
            door = opened.enter_context(there)
        yield door


def _answers(directory: Path, run: Run, *, offline: bool, at_once: bool) -> bool:
    """Say whether a running station answers; wait for one that opens.

    Raises:
        StationUnreachableError: none does, and `offline` is false.
    """
    began = time.monotonic()
    is_told = False
    while not is_running(directory):
        waited = time.monotonic() - began
        is_opening = _serving(directory)
        if at_once or waited > OPENING_PATIENCE_S:
            patience = 0.0
        elif is_opening:
            patience = OPENING_PATIENCE_S
        else:
            patience = 0.0 if offline else START_PATIENCE_S
        if waited >= patience:
            if offline and not is_opening:
                return False
            raise StationUnreachableError(
                f"the station at {directory} is not running",
                next_step=f"start it: parley serve --station {run.station or directory}",
            )
        if waited > 1 and not is_told:
            run.out.tell(f"waiting for the station at {directory} to answer ...")
            is_told = True
        time.sleep(_LOOK_EVERY_S)
    return True


def _serving(directory: Path) -> bool:
    """Say whether a living process holds the directory to serve it.

    The note in the lock file is read, the lock itself is not touched: a start must never fail
    because somebody looked.
    """
    try:
        note = json.loads(read_limited(directory / LOCK_NAME, _LOCK_BYTES_MAX))
        pid, purpose = int(note["pid"]), str(note["purpose"])
        os.kill(pid, 0)
    except (UsageError, ValueError, KeyError, TypeError, ProcessLookupError):
        return False
    except PermissionError:
        return purpose == SERVING
    return purpose == SERVING


def follow_events(
    run: Run, door: Door, topics: tuple[str, ...], act: Callable[[Mapping[str, Any]], None]
) -> NoReturn:
    """Call `act` with every event until stopped; begin with a `reset`, and after each absence.

    After a `reset` the caller reads what it follows afresh: something may have been missed. A
    station that goes away, also while `act` asks it something, is waited for; so is one whose disk
    is full, since it goes on by itself when there is room.
    """
    is_away = False
    while True:
        try:
            act({"type": "reset", "what": "begin"})
            for event in door.events(topics=topics):
                is_away = False
                act(event)
        except (StationUnreachableError, StoreError) as problem:
            if not is_away:
                run.out.tell(f"look: {problem}; waiting for the station ...")
            is_away = True
        time.sleep(_AWAY_S)


def _token() -> str | None:
    """Return the API token from the file that PARLEY_TOKEN_FILE names.

    Raises:
        UsageError: the file cannot be read.
    """
    named = os.environ.get("PARLEY_TOKEN_FILE")
    if not named:
        return None
    return read_limited(Path(named), _TOKEN_BYTES_MAX).decode("ascii", "replace").strip()


def entry_path(name: str) -> str:
    """Return the API path of an entry named `OPS/ALFA/31` or `OPS/ALFA/2.31`.

    Raises:
        UsageError: it is no entry's name.
    """
    parts = name.split("/")
    with suppress(ValueError):
        channel, party, index = parts
        if channel and party and index.replace(".", "", 1).isdigit():
            return f"/entries/{segment(channel)}/{segment(party)}/{index}"
    raise UsageError(
        f"{name!r} is no entry's name", next_step="Entries are named CHANNEL/PARTY/INDEX."
    )


def segment(text: str) -> str:
    """Return text as one segment of an API path; `/` becomes `~`, as the API reads it."""
    from urllib.parse import quote  # noqa: PLC0415 - only commands that ask a station need it

    if not text or text in (".", ".."):
        raise UsageError(f"{text!r} is no name")
    return quote(text.replace("/", "~"), safe="~")
