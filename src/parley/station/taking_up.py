"""A long record is read for the desk beside everything else that a station does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from parley.station.collector import settle
from parley.station.desk_book import DeskBook

_PIECES_PER_SWEEP: Final = 32


class TakingUp:
    """Has the desk read the record in pieces, other work of the event loop between them."""

    def __init__(self, desk: DeskBook) -> None:
        """Read for `desk`; nothing is read yet."""
        self._desk = desk
        self._pieces = desk.take_up()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin where the record is long; what is short is read by whoever asks first."""
        if self._desk.is_far_behind:
            next(self._pieces)
            self._task = asyncio.create_task(_read(self._pieces))

    def again(self) -> None:
        """Read everything anew: the disk had changed an entry, and it is back."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._pieces.close()
        self._desk.forget()
        self._pieces = self._desk.take_up()
        self.start()

    async def stop(self) -> None:
        """Leave the rest unread."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._pieces.close()


async def _read(pieces: Iterator[None]) -> None:
    for number, _ in enumerate(pieces):
        if number % _PIECES_PER_SWEEP == 0:
            settle()
        await asyncio.sleep(0)
    settle()
