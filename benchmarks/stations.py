"""Two real stations in two processes: the service, SQLite on disk, TLS over loopback."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import multiprocessing
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from parley.carriers.certificate import make_certificate
from parley.core.charter import Charter
from parley.core.entry import Precedence, make_flags
from parley.core.ids import ChannelId
from parley.core.instants import Instant
from parley.core.texts import pack_text
from parley.sim.people import WORLD_START, make_identity
from parley.station.collector import settle
from parley.station.effects import NewEntry
from parley.station.facts import ReceiptStored
from parley.station.service import Service
from parley.store.registry import open_store

WAIT_SECONDS = 600.0


def make_service(code: str, directory: Path) -> Service:
    """Make a station; unlike a real one's, its keys come from its code."""
    directory.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    certificate = make_certificate(
        common_name=code, not_before=WORLD_START, not_after=WORLD_START + 10**8, serial=1
    )
    settle()  # as `parley serve` does
    return Service(
        identity=make_identity(code),
        open_store=lambda: open_store(directory / "station.sqlite"),
        marks=directory,
        certificate=certificate,
        listen=["tls://127.0.0.1:0"],
        now=lambda: Instant(WORLD_START + 100 + int(time.monotonic() - began)),
    )


def memory_kb() -> int:
    """Return this process's resident memory."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def run_bravo(directory: Path, orders: Connection) -> None:
    """Be BRAVO: `start`, `stop`, `memory`, `cpu`, `end`, each answered once it is done."""
    asyncio.run(_bravo(directory, orders))


async def _bravo(directory: Path, orders: Connection) -> None:
    service: Service | None = None
    accepting: asyncio.Task[None] | None = None
    while True:
        order = await asyncio.to_thread(orders.recv)
        answer: Any = None
        if order == "start":
            service = make_service("BRAVO", directory)
            await service.start()
            await service.set_peer(make_identity("ALFA").card, trusted=True, paths=())
            accepting = asyncio.create_task(_accept(service))
            answer = service.addresses
        elif order == "memory":
            answer = memory_kb()
        elif order == "cpu":
            answer = time.process_time()
        elif service is not None:
            if accepting is not None:
                accepting.cancel()
            await service.stop()
            service = None
        orders.send(answer)
        if order == "end":
            return


async def _accept(service: Service) -> None:
    while not service.channels():
        await asyncio.sleep(0.01)
    if not service.channels()[0].opened:
        await service.accept_channel(service.channels()[0].charter.channel_id)


@dataclass(slots=True, kw_only=True)
class Pair:
    """ALFA in this process, BRAVO in another one, and an open channel."""

    alfa: Service
    orders: Connection
    channel: ChannelId = field(default_factory=lambda: ChannelId(bytes(16)))
    _receipted: int = 0
    _waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)

    async def order(self, word: str) -> Any:
        """Tell BRAVO to do something, and wait until it is done."""
        self.orders.send(word)
        return await asyncio.to_thread(self.orders.recv)

    async def meet(self) -> None:
        """Start BRAVO and let ALFA dial it."""
        addresses = await self.order("start")
        bravo = make_identity("BRAVO").card
        await self.alfa.set_peer(bravo, trusted=True, paths=addresses)

    async def append(self, texts: list[str], *, precedence: Precedence = Precedence.ROUTINE) -> int:
        """Write entries; return the index of the last one once all are durable here."""
        flags = make_flags(precedence)
        entries = [NewEntry(kind=1, flags=flags, fields={2: pack_text(text)}) for text in texts]
        places = await self.alfa.append(self.channel, entries)
        return places[-1][1]

    async def wait_receipted(self, index: int) -> None:
        """Wait until BRAVO's signed statement holds our log beyond `index`."""
        if self._receipted > index:
            return
        done = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (index, id(done), done))
        await done

    async def follow(self) -> None:
        """Note every receipt; runs beside the measurements."""
        async for _, fact in self.alfa.subscribe():
            if isinstance(fact, ReceiptStored) and not fact.missing:
                self._receipted = max(self._receipted, fact.size)
                while self._waiting and self._waiting[0][0] < self._receipted:
                    heapq.heappop(self._waiting)[2].set_result(None)


@contextlib.asynccontextmanager
async def pair(place: Path) -> AsyncIterator[Pair]:
    """Two stations with an open channel; both end with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run_bravo, args=(place / "bravo", theirs), daemon=True)
    process.start()
    made = Pair(alfa=make_service("ALFA", place / "alfa"), orders=ours)
    await made.alfa.start()
    following = asyncio.create_task(made.follow())
    try:
        await made.meet()
        charter = Charter(
            parties=(made.alfa.party, make_identity("BRAVO").card.party),
            number=1,
            purpose="benchmark",
            basis="none",
            proposed_at=WORLD_START,
            nonce=bytes(16),
            code="OPS",
        )
        await made.alfa.propose_channel(charter)
        made.channel = charter.channel_id
        async with asyncio.timeout(WAIT_SECONDS):
            while len(made.alfa.channels()[0].logs) < 2:
                await asyncio.sleep(0.01)
        yield made
    finally:
        following.cancel()
        await made.order("end")
        await made.alfa.stop()
        process.join(10)
