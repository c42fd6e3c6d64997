"""A station that does not run: its record can be read and its papers changed, nothing can be said.

The caller holds the directory's lock, so that no running station is behind its back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NoReturn

from parley.core.card import Card
from parley.core.charter import Charter, decode_charter
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.merkle import Tree
from parley.core.statement import Holding
from parley.errors import StationUnreachableError
from parley.station.channel_state import ChannelState
from parley.station.effects import NewEntry
from parley.station.engine import Engine
from parley.station.facts import Fact
from parley.station.mend import MendReport
from parley.station.papers import PaperChange
from parley.station.summary import ChannelSummary, LinkSummary, LogState
from parley.store.interface import Batch, LogRow, Reader, Store
from parley.store.verify import rebuild_index


class ClosedStation:
    """Stands for the service while no process runs it.

    Attributes:
        own_card: the station's card.
        party: its party id.
        now: reads the wall clock.
    """

    def __init__(self, card: Card, store: Store, *, now: Callable[[], Instant]) -> None:
        self.own_card = card
        self.party: PartyId = card.party
        self.now = now
        self._store = store
        # Nobody else writes while the lock is held, and entries cannot be written here.
        self._channels: list[ChannelSummary] | None = None

    @property
    def reader(self) -> Reader:
        """Return the reads of the record."""
        return self._store

    @property
    def addresses(self) -> list[str]:
        """Return no address: nobody listens."""
        return []

    async def store_papers(self, papers: Sequence[PaperChange]) -> None:
        """Store papers durably."""
        self._store.commit(Batch(papers=list(papers)))

    async def ask(
        self,
        act: Callable[[Engine, int], None],  # noqa: ARG002 - as the station's
    ) -> list[tuple[LogId, int]]:
        """Refuse: no engine is at work."""
        _refuse("no file is made or taken in")

    async def rebuild_index(self) -> tuple[int, int]:
        """Write the case index anew from the logs; return how many rows, how many differed."""
        return rebuild_index(self._store)

    async def append(
        self, channel: ChannelId, entries: Sequence[NewEntry], *, papers: Sequence[PaperChange] = ()
    ) -> list[tuple[LogId, int]]:
        """Refuse: only a running station signs."""
        _refuse(f"nothing was written on {channel.hex()} ({len(entries)}, {len(papers)})")

    async def propose_channel(self, charter: Charter) -> None:
        """Refuse: only a running station signs."""
        _refuse(f"channel {charter.code} was not proposed")

    async def accept_channel(self, channel: ChannelId) -> None:
        """Refuse: only a running station signs."""
        _refuse(f"channel {channel.hex()} was not accepted")

    async def restore_log(
        self, channel: ChannelId, peers: Sequence[PartyId], seconds: float
    ) -> MendReport:
        """Refuse: only a running station asks its peers."""
        _refuse(f"nothing was brought back on {channel.hex()} ({len(peers)}, {seconds:.0f} s)")

    async def set_peer(self, card: Card, *, trusted: bool, paths: Sequence[str]) -> None:
        """Change nothing: the papers are all there is, and the next start reads them."""

    async def remove_peer(self, party: PartyId) -> None:
        """Change nothing: the papers are all there is."""

    def channels(self) -> Sequence[ChannelSummary]:
        """Return every channel of the record."""
        if self._channels is None:
            charters = [decode_charter(raw) for raw in self._store.charters()]
            rows = self._store.logs()
            self._channels = [
                self._summary(one, [row for row in rows if row.log.channel == one.channel_id])
                for one in charters
            ]
        return self._channels

    def _summary(self, charter: Charter, rows: Sequence[LogRow]) -> ChannelSummary:
        state = ChannelState(charter, self.party)
        for row in rows:
            state.load(self._store, row)
        newest = {row.log.party: row for row in sorted(rows, key=lambda row: row.ordinal)}
        last = {
            party: said.signed.statement
            for party, row in newest.items()
            if (said := self._store.last_statement(row.log)) is not None
        }
        own = newest.get(self.party)
        why = self._store.paper("stopped", charter.channel_id.hex())
        receipts: dict[PartyId, Holding | None] = {}
        for party in charter.others(self.party):
            held = last[party].holding(self.party) if party in last else None
            is_present = own is not None and held is not None and held.inc == own.log.inc
            receipts[party] = held if is_present else None
        logs = {
            party: LogState(
                log=row.log,
                size=state.record.all[row.log].signed,
                signed_size=last[party].size if party in last else 0,
                missing=state.record.all[row.log].missing,
                frozen=state.record.all[row.log].frozen,
                ordinal=row.ordinal,
            )
            for party, row in newest.items()
        }
        return ChannelSummary(
            charter=charter,
            opened=own is not None,
            logs=logs,
            receipts=receipts,
            last_statement_time={party: said.time for party, said in last.items()},
            stopped=None if why is None else why.decode("ascii"),
        )

    def tree(self, log: LogId) -> Tree | None:  # noqa: ARG002 - as the station's
        """Return none: nothing is kept in memory."""
        return None

    def links(self) -> Sequence[LinkSummary]:
        """Return no link: nothing is sent."""
        return []

    def subscribe(self) -> ClosedReader:
        """Return a reader to which nothing happens."""
        return ClosedReader()


class ClosedReader:
    """Waits for facts of a station that does not run; there are none."""

    def __init__(self) -> None:
        self._closed = asyncio.Event()

    async def _facts(self) -> AsyncIterator[tuple[int, Fact]]:
        await self._closed.wait()
        facts: tuple[tuple[int, Fact], ...] = ()
        for fact in facts:
            yield fact

    def __aiter__(self) -> AsyncIterator[tuple[int, Fact]]:
        return self._facts()

    def close(self) -> None:
        """End the waiting."""
        self._closed.set()


def _refuse(what: str) -> NoReturn:
    raise StationUnreachableError(
        f"the station is not running: {what}",
        next_step="Start it with `parley serve`, then try again.",
    )
