"""What a witness must never forget, kept in the station's own record as papers."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from parley.core import statement
from parley.core.ids import LogId, PartyId
from parley.core.statement import Statement
from parley.core.witness import Head
from parley.station.papers import change, unpack
from parley.store.interface import Batch, Reader, Store

ACCUSATIONS_PER_LOG_MAX: Final = 16
"""The first pair of notes proves it; the rest only tells how often."""


class StoredMemory:
    """Keeps heads and contradictions in a store; every write is fsynced before it returns."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def head(self, log: LogId) -> Head | None:
        """Return the newest state kept of a log."""
        raw = self._store.paper("witness-heads", log.origin)
        if raw is None:
            return None
        note = str(unpack(raw)["note"])
        said = statement.parse_text(statement.split_note(note)[0])
        return Head(size=said.size, root=said.root, note=note)

    def count(self, party: PartyId) -> int:
        """Return how many logs of a party are kept."""
        owner = f"/{party.hex()}/"
        return sum(owner in key for key, _ in self._store.papers("witness-heads"))

    def advance(self, log: LogId, head: Head) -> None:
        """Put a newer state in the place of the old one."""
        self._keep(change("witness-heads", log.origin, {"note": head.note}))

    def accuse(self, log: LogId, kept: Head, shown: str) -> None:
        """Keep two notes that give one size two roots, the same pair once."""
        digest = sha256(shown.encode("utf-8")).hexdigest()[:32]
        key = f"{log.origin}/{kept.size}/{digest}"
        held = [name for name, _ in self._store.papers("witness-forks")]
        same = [name for name in held if name.startswith(f"{log.origin}/")]
        if key not in held and len(same) < ACCUSATIONS_PER_LOG_MAX:
            self._keep(change("witness-forks", key, {"kept": kept.note, "shown": shown}))

    def accusations(self) -> list[tuple[LogId, str, str]]:
        """Return log and both notes of every contradiction kept."""
        return accusations_in(self._store)

    def _keep(self, paper: tuple[str, str, bytes | None]) -> None:
        self._store.commit(Batch(papers=[paper]))


def heads_in(reader: Reader) -> list[Statement]:
    """Return the newest statement kept of every log, by log name."""
    found: list[Statement] = []
    for _, raw in reader.papers("witness-heads"):
        found.append(statement.parse_text(statement.split_note(str(unpack(raw)["note"]))[0]))
    return found


def accusations_in(reader: Reader) -> list[tuple[LogId, str, str]]:
    """Return log and both notes of every contradiction kept."""
    found: list[tuple[LogId, str, str]] = []
    for key, raw in reader.papers("witness-forks"):
        paper = unpack(raw)
        log = statement.read_origin(key.rsplit("/", 2)[0])
        found.append((log, str(paper["kept"]), str(paper["shown"])))
    return found
