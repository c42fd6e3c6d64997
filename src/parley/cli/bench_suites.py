"""What `parley bench` measures: two real stations in this process, on this disk, over loopback.

Figures are told with what they count; nothing is extrapolated.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parley.carriers.certificate import make_certificate
from parley.core.card import Card, armour
from parley.core.charter import Charter
from parley.core.entry import Precedence, make_flags
from parley.core.ids import ChannelId, PartyId
from parley.core.instants import Instant
from parley.core.texts import pack_text
from parley.errors import EvidenceError, StoreError
from parley.sim.people import WORLD_START, make_identity
from parley.station.effects import NewEntry
from parley.station.export import Exporter
from parley.station.facts import ReceiptStored
from parley.station.service import Service
from parley.store.registry import open_store

SUITES: Final = ("store", "link", "verify")
WINDOW: Final = 256
"""Entries on their way at once, where a rate is measured."""

_TEXT: Final = "Vessel on course 125, speed 12 knots; request your intentions on channel 16."
_OPEN_S: Final = 60.0
_WAIT_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value."""

    suite: str
    measure: str
    value: float
    unit: str
    entries: int


async def measure(suite: str, place: Path, entries: int) -> list[Figure]:
    """Run one suite in an empty directory.

    Args:
        suite: one of `SUITES`.
        place: where the records lie; the disk that is measured.
        entries: how many are written for each figure.

    Raises:
        StoreError: the two stations did not agree in time.
        EvidenceError: what was written does not verify.
    """
    async with _pair(place) as pair:
        if suite == "store":
            return await _store(pair, entries)
        if suite == "link":
            return await _link(pair, entries)
        return await _verify(pair, place, entries)


@dataclass(slots=True, kw_only=True)
class _Pair:
    """Two stations and how far the second has receipted the first's log."""

    alfa: Service
    bravo: Service
    channel: ChannelId
    receipted: int = 0

    async def append(self, count: int, precedence: Precedence = Precedence.ROUTINE) -> int:
        """Write entries durably; return how long the log is then."""
        entry = NewEntry(kind=1, flags=make_flags(precedence), fields={2: pack_text(_TEXT)})
        places = await self.alfa.append(self.channel, [entry] * count)
        return places[-1][1] + 1

    async def follow(self, moved: asyncio.Condition) -> None:
        """Note every receipt of the second station."""
        async for _, fact in self.alfa.subscribe():
            if isinstance(fact, ReceiptStored) and fact.by == self.bravo.party:
                async with moved:
                    self.receipted = max(self.receipted, fact.size)
                    moved.notify_all()


@asynccontextmanager
async def _pair(place: Path) -> AsyncIterator[_Pair]:
    async with AsyncExitStack() as stack:
        stations = []
        for code in ("ALFA", "BRAVO"):
            service = _service(code, place / code.lower())
            stack.push_async_callback(service.stop)
            await service.start()
            stations.append(service)
        alfa, bravo = stations
        await bravo.set_peer(alfa.own_card, trusted=True, paths=())
        await alfa.set_peer(bravo.own_card, trusted=True, paths=bravo.addresses)
        charter = Charter(
            parties=(alfa.party, bravo.party),
            number=1,
            purpose="measuring",
            basis="none",
            proposed_at=WORLD_START,
            nonce=bytes(16),
            code="OPS",
        )
        await alfa.propose_channel(charter)
        async with asyncio.timeout(_OPEN_S):
            await _until(lambda: bool(bravo.channels()))
            await bravo.accept_channel(charter.channel_id)
            await _until(lambda: len(alfa.channels()[0].logs) == len(stations))
        yield _Pair(alfa=alfa, bravo=bravo, channel=charter.channel_id)


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - outside of what is measured
        await asyncio.sleep(0.01)


def _service(code: str, directory: Path) -> Service:
    directory.mkdir(parents=True)
    began = time.monotonic()
    certificate = make_certificate(
        common_name=code, not_before=WORLD_START, not_after=WORLD_START + 10**8, serial=1
    )
    return Service(
        identity=make_identity(code),
        open_store=lambda: open_store(directory / "station.sqlite"),
        marks=directory,
        certificate=certificate,
        listen=["tls://127.0.0.1:0"],
        now=lambda: Instant(WORLD_START + 100 + int(time.monotonic() - began)),
        random=os.urandom,
        log=_silent,
    )


def _silent(event: str, **details: object) -> None:
    del event, details


async def _store(pair: _Pair, entries: int) -> list[Figure]:
    """Write one entry at a time, each signed and durable before the next."""
    took = []
    for _ in range(entries):
        began = time.perf_counter()
        await pair.append(1)
        took.append(time.perf_counter() - began)
    return [
        _figure("store", "one entry durable, median", statistics.median(took) * 1e3, "ms", entries),
        _figure("store", "one entry durable, slowest", max(took) * 1e3, "ms", entries),
        _figure("store", "one at a time", entries / sum(took), "entries/s", entries),
    ]


async def _link(pair: _Pair, entries: int) -> list[Figure]:
    """Write until the peer's signed receipt is durable here: one at a time, then in a window."""
    moved = asyncio.Condition()
    following = asyncio.create_task(pair.follow(moved))

    async def receipted(size: int) -> None:
        async with asyncio.timeout(_WAIT_S), moved:
            await moved.wait_for(lambda: pair.receipted >= size)

    try:
        took = []
        for _ in range(max(entries // 10, 1)):
            began = time.perf_counter()
            await receipted(await pair.append(1, Precedence.FLASH))
            took.append(time.perf_counter() - began)
        window = asyncio.Semaphore(WINDOW)

        async def hand_over() -> None:
            await receipted(await pair.append(1))
            window.release()

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(entries):
                await window.acquire()
                group.create_task(hand_over())
        rate = entries / (time.perf_counter() - began)
    except TimeoutError:
        raise StoreError("no receipt came in time: this machine is too busy to measure") from None
    finally:
        following.cancel()
    return [
        _figure("link", "to receipt, median", statistics.median(took) * 1e3, "ms", len(took)),
        _figure("link", "receipted", rate, "entries/s", entries),
    ]


async def _verify(pair: _Pair, place: Path, entries: int) -> list[Figure]:
    """Export a record and check it as a stranger does."""
    size = await pair.append(entries)
    async with asyncio.timeout(_WAIT_S):
        await _until(lambda: pair.bravo.channels()[0].logs[pair.alfa.party].size >= size)
    both = (pair.alfa, pair.bravo)
    cards: dict[PartyId, list[Card]] = {one.party: [one.own_card] for one in both}
    began = time.perf_counter()
    raw = Exporter(pair.bravo.reader, cards).record(pair.channel)
    exported = time.perf_counter() - began
    bundle = place / "record.parley"
    bundle.write_bytes(raw)
    for one in both:
        (place / f"{one.own_card.code}.card").write_text(armour(one.own_card))
    took = _checked(place, bundle)
    return [
        _figure("verify", "exported", entries / exported, "entries/s", entries),
        _figure("verify", "checked by a stranger", entries / took, "entries/s", entries),
        _figure("verify", "bundle", len(raw) / entries, "bytes/entry", entries),
    ]


def _checked(place: Path, bundle: Path) -> float:
    from parley_verify.__main__ import main as check  # noqa: PLC0415 - only this suite needs it

    trusted = [part for code in ("ALFA", "BRAVO") for part in ("--trust", f"{place}/{code}.card")]
    said = io.StringIO()
    began = time.perf_counter()
    with contextlib.redirect_stdout(said):
        code = check([str(bundle), *trusted])
    took = time.perf_counter() - began
    if code != 0:
        raise EvidenceError(f"the record just written does not verify: {said.getvalue()[-500:]}")
    return took


def _figure(suite: str, what: str, value: float, unit: str, entries: int) -> Figure:
    return Figure(suite=suite, measure=what, value=round(value, 3), unit=unit, entries=entries)
