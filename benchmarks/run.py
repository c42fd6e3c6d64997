"""Measure this machine: `python -m benchmarks.run [--quick] [--write docs/speed.md]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from pathlib import Path

from benchmarks import link, narrow, raw

MESSAGE_CHARS = 140


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--write", type=Path, help="also write the page to this file")
    chosen = parser.parse_args()
    page = measure(quick=chosen.quick)
    print(page)
    if chosen.write is not None:
        chosen.write.write_text(page + "\n")
    return 0


def measure(*, quick: bool) -> str:
    """Measure everything and return the page."""
    share = 10 if quick else 1
    catch_up = 10_000 // share
    floor = raw.measure(message_bytes=MESSAGE_CHARS, stream=20_000 // share)
    pair = link.measure(
        single=200 // share, stream=20_000 // share, catch_up=catch_up, entries=100_000 // share
    )
    # A busy moment of the machine must not flatter us: of two floors the better one counts.
    after = raw.measure(message_bytes=MESSAGE_CHARS, stream=20_000 // share)
    latency_s = min(floor.latency_s, after.latency_s)
    per_second = max(floor.per_second, after.per_second)
    flash = narrow.sizes()
    thin = narrow.rows(worlds=max(40 // share, 4))
    catch_up_floor_s = catch_up / per_second
    rows: list[tuple[str, ...]] = [
        (
            f"one {MESSAGE_CHARS}-character FLASH to its durable receipt, median",
            f"{latency_s * 1e3:.2f} ms",
            f"{pair.latency_s * 1e3:.2f} ms",
            f"{pair.latency_s / latency_s:.1f} ×",
            "≤ 2 ×",
        ),
        (
            "entries a second, signed, durable on both sides and receipted, window 256",
            f"{per_second:,.0f}",
            f"{pair.per_second:,.0f}",
            f"{pair.per_second / per_second:.3f} ×",
            "≥ 0.3 ×",
        ),
        (
            f"{pair.catch_up_entries:,} entries after an outage, all receipted",
            f"{catch_up_floor_s:.2f} s",
            f"{pair.catch_up_s:.2f} s",
            f"{pair.catch_up_s / catch_up_floor_s:.1f} ×",
            "≤ 2.5 ×",
        ),
    ]
    plain: list[tuple[str, ...]] = [
        ("FLASH with its statement, frame bytes", f"{flash.out}", "≤ 214"),
        ("its receipt, frame bytes", f"{flash.back}", "≤ 108"),
        ("idle heartbeat, frame bytes", f"{flash.heartbeat}", "≤ 108"),
        *thin,
        ("memory of a station, idle", f"{pair.idle_memory_kb / 1024:.0f} MB", "≤ 90 MB"),
        (
            f"memory of a station, {pair.entries:,} entries",
            f"{pair.memory_kb / 1024:.0f} MB",
            "≤ 150 MB at 1,000,000",
        ),
    ]
    return _page(rows, plain)


def _page(rows: list[tuple[str, ...]], plain: list[tuple[str, ...]]) -> str:
    lines = [
        "# Speed and size",
        "",
        "Written by `make bench`; not edited by hand. Times on a shared machine mean little, so",
        "each is told as a ratio to a raw floor measured in the same run: append, flush, TCP,",
        "append, flush, acknowledge, in a few lines of Python, without security or proof",
        "(`benchmarks/raw.py`). The targets were set before the first line was written; where one",
        "is missed, it is missed.",
        "",
        (
            f"Measured {time.strftime('%Y-%m-%d', time.gmtime())} on {os.cpu_count()} cores, "
            f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; "
            f"load average {os.getloadavg()[0]:.1f}."
        ),
        "The floor is measured before and after; the better of both counts.",
        "",
        "## Two stations, two processes, TLS on loopback, SQLite with every commit flushed",
        "",
        "| measure | raw | Parley | ratio | target |",
        "| --- | --- | --- | --- | --- |",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        "The sender shares its process with the program that hands the entries over one by one.",
        "",
        "## Sizes, thin lines and memory",
        "",
        "Frame bytes are what a path carries, header and tag included, without IP. The thin line",
        "is simulated, with the station's own engine at both ends; its seconds do not depend on",
        "the machine. The routine traffic is text that compression does not shorten. A path that",
        "comes up has exchanged its keys before: that is 1,286 bytes, sent in idle time.",
        "",
        "| measure | Parley | target |",
        "| --- | --- | --- |",
        *("| " + " | ".join(row) + " |" for row in plain),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
