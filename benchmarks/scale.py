"""A station on records of growing size: its start, first answers, search, proof and memory.

For each size a record is written (`benchmarks/record.py`), and a station is opened on it in a
process of its own. Times are processor time, which a busy machine does not lengthen much. Each is
told beside a raw floor measured in the same process: to read every entry of the file once, or a
page of 100 entries by key, with `sqlite3` and nothing else.

`python -m benchmarks.scale [ENTRIES ...]` prints the table.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.record import NEEDLE, NEEDLE_ZH, PASSPHRASE, make
from benchmarks.stations import memory_kb
from parley.core.instants import Instant
from parley.station.case_lists import CaseQuery
from parley.station.gateway import Gateway
from parley.station.wiring import open_station

SIZES = (100_000, 1_000_000)
_PAGE = 100
_PAGES = 50
_LATER_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measure at one size.

    Attributes:
        raw: seconds of the floor; 0 for memory, which has none.
        value: seconds, or kilobytes.
    """

    name: str
    raw: float
    value: float

    @property
    def shown(self) -> str:
        """Return the value, and its ratio to the floor."""
        if not self.raw:
            return f"{self.value / 1024:.0f} MB"
        amount = f"{self.value:.1f} s" if self.value >= 1 else f"{self.value * 1e3:.1f} ms"
        return f"{amount} ({self.value / self.raw:.1f} ×)"


def measure(entries: int) -> list[Row]:
    """Make a record of so many entries and measure a station on it, each in its own process."""
    with tempfile.TemporaryDirectory(prefix="parley-scale-") as place:
        directory = Path(place) / "alfa"
        end = _apart(_make, directory, entries)
        rows: list[Row] = _apart(_open, directory, end)
        return rows


def _apart(work: Callable[..., None], *arguments: object) -> Any:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def _make(answer: Connection, directory: Path, entries: int) -> None:
    made = make(directory, entries)
    made.store.close()
    answer.send(made.now)


def _open(answer: Connection, directory: Path, end: int) -> None:
    answer.send(asyncio.run(_measured(directory, end)))


async def _measured(directory: Path, end: int) -> list[Row]:
    whole = _seconds(lambda: _read_all(directory))
    page = _seconds(lambda: _read_pages(directory)) / _PAGES
    rows: list[Row] = []

    def took(name: str, raw: float, act: Callable[[], object]) -> None:
        rows.append(Row(name=name, raw=raw, value=_seconds(act)))

    began = time.process_time()
    async with open_station(
        directory,
        passphrase=PASSPHRASE,
        listen=["tls://127.0.0.1:0"],
        now=lambda: Instant(end + _LATER_S),
        log=lambda *_args, **_details: None,
    ) as running:
        gateway = running.gateway
        rows.append(Row(name="start, links open", raw=whole, value=time.process_time() - began))
        rows.append(Row(name="memory then", raw=0, value=memory_kb()))
        began = time.process_time()
        while any(row.check == "desk" for row in gateway.health()):
            await asyncio.sleep(0.05)
        rows.append(Row(name="desk has read all", raw=whole, value=time.process_time() - began))
        requests = CaseQuery(procedure="request")
        owed = CaseQuery(procedure="request", owed_by="us", order="due")
        took("overview, first answer", page, gateway.overview)
        took("inbox, first answer", page, gateway.inbox)
        took("requests, first answer", page, lambda: gateway.register(requests))
        took("requests, again", page, lambda: gateway.register(requests))
        took("what we owe, by due time", page, lambda: gateway.register(owed))
        took("record, newest 100", page, lambda: gateway.entries(newest_first=True))
        for name, words in (
            ("an English word said once, long ago", NEEDLE),
            ("one Chinese character said once, long ago", NEEDLE_ZH),
            ("an English word said often", "survey"),
            ("one Chinese character said often", "艇"),
            ("a word never said", "zeppelin"),
        ):
            took(f"search: {name}", whole, _search(gateway, words))
        took("proof of an entry", page, lambda: gateway.proof("OPS/BRAVO/100"))
        rows.append(Row(name="memory, desk and search", raw=0, value=memory_kb()))
        began = time.process_time()
        await running.service.rebuild_index()
        rows.append(Row(name="case index anew", raw=whole, value=time.process_time() - began))
    return rows


def _search(gateway: Gateway, words: str) -> Callable[[], object]:
    return lambda: gateway.search(words, limit=50)


def _seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _read_all(directory: Path) -> int:
    with sqlite3.connect(directory / "station.sqlite") as driver:
        rows = driver.execute("SELECT seq, origin, idx, received, leaf, raw FROM entries")
        return sum(len(row[5]) for row in rows)


def _read_pages(directory: Path) -> None:
    asked = "SELECT raw FROM entries WHERE origin = 1 AND idx >= ? LIMIT ?"
    with sqlite3.connect(directory / "station.sqlite") as driver:
        for number in range(_PAGES):
            driver.execute(asked, (number * _PAGE, _PAGE)).fetchall()


def table(sizes: Sequence[int]) -> list[tuple[str, ...]]:
    """Return a heading and one row for each measure, a column for each size."""
    found = [measure(size) for size in sizes]
    rows = [("measure", *(f"{size:,} entries" for size in sizes))]
    lines = zip(*found, strict=True)
    return rows + [(line[0].name, *(row.shown for row in line)) for line in lines]


def main() -> int:
    """Print the table."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    for row in table(sizes):
        print(f"{row[0]:52}", *(f"{cell:>22}" for cell in row[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
