"""What the gateway asks of a running station; `service.Service` and the closed station are such."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from parley.core.card import Card
from parley.core.charter import Charter
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.merkle import Tree
from parley.station.effects import NewEntry
from parley.station.engine import Engine
from parley.station.facts import Fact
from parley.station.mend import MendReport
from parley.station.papers import PaperChange
from parley.station.summary import ChannelSummary, LinkSummary
from parley.store.interface import Reader


class FactReader(Protocol):
    """Follows what happens, in order."""

    def __aiter__(self) -> AsyncIterator[tuple[int, Fact]]:
        """Yield the process's fact number and the fact."""

    def close(self) -> None:
        """End the iteration."""


class Station(Protocol):
    """One station as the gateway sees it."""

    own_card: Card
    party: PartyId
    now: Callable[[], Instant]

    @property
    def reader(self) -> Reader:
        """Return the reads of committed data."""

    @property
    def addresses(self) -> list[str]:
        """Return the addresses at which peers can dial us."""

    async def append(
        self, channel: ChannelId, entries: Sequence[NewEntry], *, papers: Sequence[PaperChange] = ()
    ) -> list[tuple[LogId, int]]:
        """Write entries and papers in one transaction; return their places once durable."""

    async def store_papers(self, papers: Sequence[PaperChange]) -> None:
        """Store papers durably."""

    async def ask(self, act: Callable[[Engine, int], None]) -> list[tuple[LogId, int]]:
        """Let the engine do an act under a token; return what its `Reply` names."""

    async def rebuild_index(self) -> tuple[int, int]:
        """Write the case index anew from the logs; return how many rows, how many differed."""

    async def propose_channel(self, charter: Charter) -> None:
        """Store a charter, open our log on it and offer it."""

    async def accept_channel(self, channel: ChannelId) -> None:
        """Open our log on a proposed charter."""

    async def restore_log(
        self, channel: ChannelId, peers: Sequence[PartyId], seconds: float
    ) -> MendReport:
        """Fetch what peers hold of our stopped log, begin a new one, and tell what came."""

    async def set_peer(self, card: Card, *, trusted: bool, paths: Sequence[str]) -> None:
        """Learn a peer; nothing is sent to it unless it is trusted."""

    async def remove_peer(self, party: PartyId) -> None:
        """Forget a peer."""

    def channels(self) -> Sequence[ChannelSummary]:
        """Return every channel known here."""

    def tree(self, log: LogId) -> Tree | None:
        """Return the tree of a log where it is in memory; the caller only reads it."""

    def links(self) -> Sequence[LinkSummary]:
        """Return the link to every peer."""

    def subscribe(self) -> FactReader:
        """Return a reader of what happens from now on."""
