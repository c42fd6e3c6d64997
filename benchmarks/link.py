"""Latency, rate, catch-up and memory of two real stations."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.raw import WINDOW
from benchmarks.stations import WAIT_SECONDS, Pair, pair
from parley.core.entry import Precedence

FILLING = 1_000
"""Entries written by one call while a record is filled up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a pair of stations did.

    Attributes:
        latency_s: median from handing over one FLASH to its verified, durable receipt.
        per_second: entries a second, signed, durable on both sides and receipted, window of 256.
        cpu_s: processor time of both stations an entry in that stream.
        catch_up_s: from the peer's start to the receipt of everything written meanwhile.
        memory_kb: resident memory of the receiving station, idle and with `entries` in its record.
    """

    latency_s: float
    per_second: float
    cpu_s: float
    catch_up_entries: int
    catch_up_s: float
    idle_memory_kb: int
    memory_kb: int
    entries: int


def text_of(number: int, chars: int = 140) -> str:
    """Return an English text of exactly so many characters, another one for each number."""
    words = f"Report {number}: vessel {number * 7919 % 10007} on course {number * 31 % 360}, speed "
    words += f"{number % 30} knots, request your intentions and safe distance on channel one six. "
    return (words * (chars // len(words) + 1))[:chars]


def measure(*, single: int, stream: int, catch_up: int, entries: int) -> Link:
    """Run all measurements on one pair, in this order."""
    with tempfile.TemporaryDirectory(prefix="parley-link-") as directory:
        return asyncio.run(_measure(Path(directory), single, stream, catch_up, entries))


async def _measure(place: Path, single: int, stream: int, catch_up: int, entries: int) -> Link:
    async with pair(place) as stations:
        idle = await stations.order("memory")
        latency = statistics.median([await _one(stations, number) for number in range(single)])
        before = time.process_time() + await stations.order("cpu")
        per_second = stream / await _stream(stations, stream)
        cpu_s = (time.process_time() + await stations.order("cpu") - before) / stream
        catch_up_s = await _catch_up(stations, catch_up)
        written = single + stream + catch_up
        while written < entries:
            texts = [text_of(written + number) for number in range(FILLING)]
            async with asyncio.timeout(WAIT_SECONDS):
                last = await stations.append(texts)
                await stations.wait_receipted(last)
            written += FILLING
        memory = await stations.order("memory")
    return Link(
        latency_s=latency,
        per_second=per_second,
        cpu_s=cpu_s,
        catch_up_entries=catch_up,
        catch_up_s=catch_up_s,
        idle_memory_kb=idle,
        memory_kb=memory,
        entries=written,
    )


async def _one(stations: Pair, number: int) -> float:
    began = time.perf_counter()
    async with asyncio.timeout(WAIT_SECONDS):
        index = await stations.append([text_of(number)], precedence=Precedence.FLASH)
        await stations.wait_receipted(index)
    return time.perf_counter() - began


async def _stream(stations: Pair, count: int) -> float:
    """Hand over entries one by one; 256 hands have one each that is not yet receipted."""
    numbers = iter(range(count))

    async def hand() -> None:
        for number in numbers:
            index = await stations.append([text_of(number)])
            await stations.wait_receipted(index)

    began = time.perf_counter()
    async with asyncio.timeout(WAIT_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(WINDOW):
            group.create_task(hand())
    return time.perf_counter() - began


async def _catch_up(stations: Pair, count: int) -> float:
    await stations.order("stop")
    last = 0
    for start in range(0, count, FILLING):
        texts = [text_of(start + number) for number in range(min(FILLING, count - start))]
        last = await stations.append(texts)
    began = time.perf_counter()
    async with asyncio.timeout(WAIT_SECONDS):
        await stations.meet()
        await stations.wait_receipted(last)
    return time.perf_counter() - began
