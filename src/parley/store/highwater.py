"""High-water marks: how long our own logs were, kept in a second place.

A store restored from a backup looks sound to itself. A mark that lies elsewhere and says more
than the store holds shows that it is not the newest copy; the station then opens a new
incarnation instead of writing a second history (specification: record, incarnation).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.errors import StorageFullError, StoreError
from parley.store.interface import HighWater

_NAME = "marks"
_HEAD = "parley marks 1"
_LINE = re.compile(
    r"parley1/([0-9a-f]{32})/([0-9a-f]{32})/([0-9a-f]{16}) "
    r"(0|[1-9][0-9]{0,15}) (-1|0|[1-9][0-9]{0,15})"
)
_NO_ROOM = (28, 122)  # ENOSPC, EDQUOT


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkProblem:
    """Why an own log cannot be proved to be the newest copy.

    Attributes:
        log: which; None when the marks as a whole are gone or unreadable.
        kind: `missing`: no mark; `ahead`: the mark says more than the store holds.
        marked: what the mark says, of entries or of statements; 0 without one.
        stored: what the store holds.
    """

    log: LogId | None
    kind: Literal["missing", "ahead"]
    marked: int
    stored: int
    text: str


class Marks:
    """The marks file of a station.

    Attributes:
        path: the file; best on another volume than the store.
    """

    def __init__(self, directory: Path) -> None:
        """Keep marks in this directory; it must exist."""
        self.path = directory / _NAME

    def write(self, marks: Iterable[HighWater]) -> None:
        """Replace every mark durably: written beside, fsynced, renamed, directory fsynced.

        Call it after the commit that made the sizes true, with the marks of all own logs.

        Raises:
            StorageFullError, StoreError: the old marks stand.
        """
        lines = sorted(f"{mark.log.origin} {mark.size} {mark.no}" for mark in marks)
        body = "\n".join([_HEAD, *lines, ""])
        digest = sha256(body.encode("ascii")).hexdigest()
        beside = self.path.with_name(_NAME + ".new")
        try:
            descriptor = os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600
            )
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{body}{digest}\n".encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            _sync_directory(self.path.parent)
        except OSError as problem:
            kind = StorageFullError if problem.errno in _NO_ROOM else StoreError
            raise kind(
                f"cannot write the high-water marks at {self.path}: {problem.strerror}",
                next_step="Make room or put the directory right; the old marks still stand.",
            ) from problem

    def read(self) -> Mapping[LogId, HighWater] | None:
        """Return the mark of each own log; None when there are no readable marks."""
        try:
            text = self.path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None
        body, _, digest = text.rstrip("\n").rpartition("\n")
        body += "\n"
        if sha256(body.encode("ascii")).hexdigest() != digest:
            return None
        lines = body.splitlines()
        if lines[0] != _HEAD:
            return None
        marks: dict[LogId, HighWater] = {}
        for line in lines[1:]:
            match = _LINE.fullmatch(line)
            if match is None:
                return None
            channel, party, inc, size, no = match.groups()
            log = LogId(
                ChannelId(bytes.fromhex(channel)),
                PartyId(bytes.fromhex(party)),
                Incarnation(bytes.fromhex(inc)),
            )
            marks[log] = HighWater(log=log, size=int(size), no=int(no))
        return marks

    def check(
        self, stored: Mapping[LogId, int], numbers: Mapping[LogId, int] | None = None
    ) -> Sequence[MarkProblem]:
        """Return what stands against going on with our own newest logs, empty when nothing does.

        Args:
            stored: size in the store of the newest incarnation of each own log.
            numbers: number of its newest statement there.

        A station that has no own log yet needs no marks.
        """
        marks = self.read()
        if marks is None:
            if not stored:
                return []
            why = "there are no" if not self.path.exists() else "nobody can read the"
            text = f"{why} high-water marks at {self.path}"
            return [MarkProblem(log=None, kind="missing", marked=0, stored=0, text=text)]
        problems: list[MarkProblem] = []
        for log, size in stored.items():
            marked = marks.get(log)
            if marked is None:
                text = f"no high-water mark of {log.origin}; the store holds {size} entries"
                problems.append(
                    MarkProblem(log=log, kind="missing", marked=0, stored=size, text=text)
                )
            elif marked.size > size:
                text = f"{log.origin} had {marked.size} entries; the store holds {size}"
                problems.append(
                    MarkProblem(log=log, kind="ahead", marked=marked.size, stored=size, text=text)
                )
            elif numbers is not None and marked.no > (number := numbers.get(log, -1)):
                text = f"{log.origin} had signed up to number {marked.no}; the store to {number}"
                problems.append(
                    MarkProblem(log=log, kind="ahead", marked=marked.no, stored=number, text=text)
                )
        known = {(log.channel, log.party) for log in stored}
        for log, mark in marks.items():
            if (log.channel, log.party) not in known:
                text = f"{log.origin} had {mark.size} entries; the store does not know it"
                problems.append(
                    MarkProblem(log=log, kind="ahead", marked=mark.size, stored=0, text=text)
                )
        return problems


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
