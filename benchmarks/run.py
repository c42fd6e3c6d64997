"""Measure this machine: `python -m benchmarks.run [--quick] [--only PART] [--write FILE]`.

A part that is left out stands in the written page as it stood there before.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import link, narrow, raw

MESSAGE_CHARS = 140
_BEGINS = "<!-- measured: {part} -->"
_ENDS = "<!-- end of {part} -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", choices=sorted(PARTS), help="this part alone")
    parser.add_argument("--write", type=Path, help="write the measured parts into this page")
    chosen = parser.parse_args()
    for part in [chosen.only] if chosen.only else list(PARTS):
        lines = PARTS[part](10 if chosen.quick else 1)
        print("\n".join(lines), flush=True)
        if chosen.write is not None:
            _put(chosen.write, part, [_when(), "", *lines])
    return 0


def _put(page: Path, part: str, lines: Sequence[str]) -> None:
    """Write a part between its marks; each as soon as it is measured."""
    text = page.read_text()
    begin, end = _BEGINS.format(part=part), _ENDS.format(part=part)
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page} has no place for the part {part}")
    page.write_text("\n".join([head + begin, *lines, end]) + tail)


def _when() -> str:
    return (
        f"Measured {time.strftime('%Y-%m-%d', time.gmtime())} on {os.cpu_count()} cores, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; "
        f"load average {os.getloadavg()[0]:.1f}."
    )


def _link(share: int) -> list[str]:
    """Measure two stations in two processes."""
    catch_up = 10_000 // share
    floor = raw.measure(message_bytes=MESSAGE_CHARS, stream=20_000 // share)
    pair = link.measure(
        single=200 // share, stream=20_000 // share, catch_up=catch_up, entries=100_000 // share
    )
    # A busy moment of the machine must not flatter us: of two floors the better one counts.
    after = raw.measure(message_bytes=MESSAGE_CHARS, stream=20_000 // share)
    latency_s = min(floor.latency_s, after.latency_s)
    per_second = max(floor.per_second, after.per_second)
    catch_up_floor_s = catch_up / per_second
    timed = [
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
            "processor time an entry in that stream, both stations together",
            "–",
            f"{1e6 * pair.cpu_s:.0f} µs",
            "–",
            "–",
        ),
        (
            f"{pair.catch_up_entries:,} entries after an outage, all receipted",
            f"{catch_up_floor_s:.2f} s",
            f"{pair.catch_up_s:.2f} s",
            f"{pair.catch_up_s / catch_up_floor_s:.1f} ×",
            "≤ 2.5 ×",
        ),
    ]
    memory = [
        (
            "memory of a station without a desk, idle",
            f"{pair.idle_memory_kb / 1024:.0f} MB",
            "≤ 90 MB",
        ),
        (
            f"the same, {pair.entries:,} entries",
            f"{pair.memory_kb / 1024:.0f} MB",
            "≤ 150 MB at 1,000,000",
        ),
    ]
    return [
        *_table(("measure", "raw", "Parley", "ratio", "target"), timed),
        "",
        *_table(("measure", "Parley", "target"), memory),
    ]


def _narrow(share: int) -> list[str]:
    """Measure sizes, and thin lines in the simulator."""
    flash = narrow.sizes()
    rows = [
        ("FLASH with its statement, frame bytes", f"{flash.out}", "≤ 214"),
        ("its receipt, frame bytes", f"{flash.back}", "≤ 108"),
        ("idle heartbeat, frame bytes", f"{flash.heartbeat}", "≤ 108"),
        *narrow.rows(worlds=max(40 // share, 4)),
    ]
    return _table(("measure", "Parley", "target"), rows)


def _scale(share: int) -> list[str]:
    """Measure a station on long records."""
    # Every process that is started loads this module; the memory measured is to be a station's.
    from benchmarks import scale  # noqa: PLC0415

    heading, *rows = scale.table([size // share for size in scale.SIZES])
    return _table(heading, rows)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(heading) + " |",
        "| " + " | ".join("---" for _ in heading) + " |",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


PARTS: dict[str, Callable[[int], list[str]]] = {"link": _link, "narrow": _narrow, "scale": _scale}


if __name__ == "__main__":
    sys.exit(main())
