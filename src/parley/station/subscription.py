"""Following what happens: every reader gets every fact in order, or is told that it missed some."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from parley.station.facts import Fact, Reset

_QUEUED_MAX = 10_000


class Subscription:
    """One reader's queue; iterate over it, and close it when done."""

    def __init__(self, owner: Subscriptions) -> None:
        self._owner = owner
        self._queue: deque[tuple[int, Fact]] = deque()
        self._wake = asyncio.Event()
        self._closed = False

    def put(self, number: int, fact: Fact) -> None:
        """Queue a fact; a reader that is too slow loses all and is told so."""
        if len(self._queue) >= _QUEUED_MAX:
            self._queue.clear()
            fact = Reset()
        self._queue.append((number, fact))
        self._wake.set()

    def close(self) -> None:
        """End it; the iteration stops after what is queued."""
        self._closed = True
        self._owner.forget(self)
        self._wake.set()

    async def _facts(self) -> AsyncIterator[tuple[int, Fact]]:
        while True:
            while self._queue:
                yield self._queue.popleft()
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()

    def __aiter__(self) -> AsyncIterator[tuple[int, Fact]]:
        return self._facts()


class Subscriptions:
    """Every reader of one station."""

    def __init__(self) -> None:
        self._readers: set[Subscription] = set()
        self._number = 0

    def open(self) -> Subscription:
        """Return a new reader, which sees what happens from now on."""
        reader = Subscription(self)
        self._readers.add(reader)
        return reader

    def publish(self, fact: Fact) -> None:
        """Hand a fact to every reader."""
        self._number += 1
        for reader in list(self._readers):
            reader.put(self._number, fact)

    def forget(self, reader: Subscription) -> None:
        """Drop a reader."""
        self._readers.discard(reader)

    def close(self) -> None:
        """End every reader."""
        for reader in list(self._readers):
            reader.close()
