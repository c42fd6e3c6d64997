"""When the high-water marks are written, and what they say of the record at start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core.ids import LogId, PartyId
from parley.core.merkle import HASH_BYTES
from parley.station.engine import Engine
from parley.store.highwater import Marks
from parley.store.interface import HighWater, Store

_MARK_SECONDS = 1.0


class MarkKeeper:
    """Keeps the marks of one station's own logs up to date."""

    def __init__(self, marks: Marks, party: PartyId, *, log: Callable[..., None]) -> None:
        self._marks = marks
        self._party = party
        self._log = log
        self._written: dict[LogId, tuple[int, int]] = {}
        self._written_at = 0.0
        self._floor: dict[LogId, HighWater] = {}

    def doubtful(self, store: Store) -> dict[LogId, int]:
        """Return own logs that the marks do not show to be whole, with the sizes marked.

        Those of channels of which the store holds nothing are among them.
        """
        self._floor = dict(self._marks.read() or {})
        newest = {row.log.channel: row.log for row in store.logs() if row.log.party == self._party}
        sizes = {
            log: sum(len(leaves) // HASH_BYTES for _, leaves in store.leaf_runs(log))
            for log in newest.values()
        }
        said = {log: store.last_statement(log) for log in newest.values()}
        numbers = {log: row.signed.statement.no for log, row in said.items() if row is not None}
        found: set[LogId] = set()
        for problem in self._marks.check(sizes, numbers):
            self._log("high-water mark", problem=problem.text)
            found |= set(sizes) if problem.log is None else {problem.log}
        marked = {log: mark.size for log, mark in self._floor.items()}
        channels = {log.channel for log in sizes}
        lost = {log: size for log, size in marked.items() if log.channel not in channels}
        return lost | {log: marked.get(log, 0) for log in sizes if log in found}

    def is_due(self, steady: float, *, has_new_logs: bool) -> bool:
        """Say whether to write: at once for a new log, else about once a second."""
        return has_new_logs or steady - self._written_at >= _MARK_SECONDS

    def to_write(self, engine: Engine, steady: float) -> Sequence[HighWater]:
        """Return the marks as they should be; empty where they are written already."""
        sizes = {
            state.record.own.log: (state.durable_size, state.durable_no)
            for state in engine.ledger.channels.values()
            if state.record.own is not None and state.durable_size
        }
        # A mark never goes down: of a stopped log it goes on saying how much there was.
        for log, mark in self._floor.items():
            if log in sizes:
                size, no = sizes[log]
                sizes[log] = (max(size, mark.size), max(no, mark.no))
        self._written_at = steady
        if sizes == self._written:
            return []
        self._written = sizes
        return [HighWater(log=log, size=size, no=no) for log, (size, no) in sizes.items()]

    def write(self, rows: Sequence[HighWater]) -> None:
        """Write them, fsync included; for the worker thread.

        Raises:
            StoreError: they could not be written; they are due again.
        """
        try:
            self._marks.write(rows)
        except BaseException:
            self._written = {}
            raise
