"""A wire between two stations that a test can cut, silence and spoil: a TCP proxy in a thread."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from typing import TypeAlias

Spoil: TypeAlias = Callable[[bytes], bytes]

_READ_BYTES = 65_536


class Wire:
    """Listens at a port of its own and hands bytes on to `target`, both ways.

    Attributes:
        port: where to dial instead of `target`.
        connections: taken since the start.
        spoil: what becomes of each piece of bytes; None hands it on unchanged.
    """

    def __init__(self, target: int, *, port: int = 0) -> None:
        """Begin to listen, at any free port or at this one."""
        self.port = port
        self.connections = 0
        self.spoil: Spoil | None = None
        self._target = target
        self._is_cut = self._is_silent = False
        self._is_held = False
        self._open: set[asyncio.Transport] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    def cut(self) -> None:
        """Break every connection, and take none until it heals."""
        self._call(self._cut)

    def silence(self) -> None:
        """Swallow every byte from now on, without a word to either side; new ones go unanswered.

        Connections of before stay dead also when it heals, as behind a router that forgot them.
        """
        self._call(self._silence)

    def hold(self) -> None:
        """Stop reading, so that whoever sends must wait."""
        self._call(lambda: setattr(self, "_is_held", True))

    def heal(self) -> None:
        """Take connections again and hand their bytes on."""
        self._call(self._heal)

    def close(self) -> None:
        """End."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)

    def _call(self, act: Callable[[], object]) -> None:
        done = threading.Event()

        def run() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(20)

    def _cut(self) -> None:
        self._is_cut = True
        for pump in self._pumps:
            pump.cancel()

    def _silence(self) -> None:
        self._is_silent = True
        self._deaf = set(self._pumps)

    def _heal(self) -> None:
        self._is_cut = self._is_silent = self._is_held = False

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._deaf: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _take(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pumps.add(task)
        self.connections += 1
        writers = [back]
        try:
            if self._is_cut:
                return
            if self._is_silent:
                self._deaf.add(task)
            far, forth = await asyncio.open_connection("127.0.0.1", self._target)
            writers.append(forth)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(task, near, forth))
                group.create_task(self._pump(task, far, back))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass
        finally:
            for writer in writers:
                writer.transport.abort()
            self._pumps.discard(task)
            self._deaf.discard(task)

    async def _pump(
        self, owner: asyncio.Task[None], source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        while raw := await source.read(_READ_BYTES):
            while self._is_held:
                await asyncio.sleep(0.02)
            if owner in self._deaf:
                continue
            if self.spoil is not None:
                raw = self.spoil(raw)
            sink.write(raw)
            await sink.drain()
        raise ConnectionError("one side closed")


def spoiler(seed: int, share: float) -> Spoil:
    """Return what flips a bit of, cuts short, doubles or drops that share of all pieces."""
    chance = random.Random(seed)

    def spoil(raw: bytes) -> bytes:
        if chance.random() >= share:
            return raw
        place = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                return (
                    raw[:place] + bytes((raw[place] ^ 1 << chance.randrange(8),)) + raw[place + 1 :]
                )
            case 1:
                return raw[:place]
            case 2:
                return raw + raw
            case _:
                return b""

    return spoil
