"""Pages of registers over records of growing size: a page must not grow with the record.

One station's record is written straight into its database: requests, half of them answered, among
messages, with the peer's statements. Then its gateway is asked for pages as console, command line
and API ask it; before every question the clock goes on and one more entry comes in.

`python -m benchmarks.registers [CASES ...]` prints the median of each page in processor time, which
a busy machine does not lengthen, and how it grew.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.record import MESSAGES_PER_CASE, Made
from parley.core.entry import Kind
from parley.core.texts import pack_text
from parley.station.case_lists import CaseQuery
from parley.station.gateway import Gateway

SIZES = (2_500, 10_000)
ROUNDS = 20


def _questions(gateway: Gateway, case: str) -> dict[str, Callable[[], object]]:
    def page(**more: object) -> Callable[[], object]:
        return lambda: gateway.register(CaseQuery(procedure="request", **more))  # type: ignore[arg-type]

    return {
        "register, newest 100": page(),
        "register, what we owe by due time": page(owed_by="us", order="due"),
        "overview": gateway.overview,
        "inbox, first 100": gateway.inbox,
        "who owes whom": gateway.balances,
        "one case": lambda: gateway.case(case),
        "outbox, newest 50": gateway.outbox,
    }


async def measure(cases: int, *, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each page over a record of so many cases."""
    with tempfile.TemporaryDirectory() as place:
        made = Made(Path(place) / "alfa")
        made.grow(cases)
        gateway = await made.gateway()
        case = gateway.register(CaseQuery(procedure="request", limit=1)).items[0].number
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, ask in _questions(gateway, case).items():
                made.now += 1
                made.write(1, Kind.SAY, {2: pack_text("one more")})
                made.sign()
                made.flush()
                began = time.process_time()
                ask()
                times.setdefault(name, []).append(time.process_time() - began)
        made.store.close()
        return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> int:
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    results = [asyncio.run(measure(size)) for size in sizes]
    per_case = MESSAGES_PER_CASE + 1
    print("cases  entries ", *(f"{size:,} / {size * per_case:,}" for size in sizes), sep="  ")
    for name in results[0]:
        found = [result[name] for result in results]
        times = "  ".join(f"{seconds * 1e3:8.1f} ms" for seconds in found)
        print(f"{name:36}  {times}  last / first {found[-1] / found[0]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
