from __future__ import annotations

import asyncio

from parley.station.alarm_clock import AlarmClock
from virtual_time import run_in_virtual_time


def test_it_is_asked_seldom_and_rings_when_something_is_due() -> None:
    asked: list[float] = []
    rung: list[tuple[float, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def due() -> float:
            asked.append(loop.time())
            return 5.0

        clock = AlarmClock(due, lambda late: rung.append((loop.time(), late)))
        for _ in range(1_000):
            clock.look()
        await asyncio.sleep(4)
        assert len(asked) == 1
        assert rung == []
        await asyncio.sleep(4)
        clock.stop()

    run_in_virtual_time(main())

    assert [(round(at, 3), round(late, 3)) for at, late in rung] == [(5.0, 0.0)]


def test_a_nearer_moment_is_noticed_and_a_stopped_clock_is_silent() -> None:
    moments = [60.0]
    rung: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = AlarmClock(lambda: moments[0], lambda _late: rung.append(loop.time()))
        clock.look()
        await asyncio.sleep(1)
        moments[0] = 2.0
        clock.look()
        await asyncio.sleep(2)
        assert [round(at, 3) for at in rung] == [2.0]
        clock.look()
        clock.stop()
        await asyncio.sleep(100)

    run_in_virtual_time(main())

    assert len(rung) == 1


def test_what_is_never_due_rings_never() -> None:
    async def main() -> None:
        clock = AlarmClock(lambda: None, lambda _late: None)
        clock.look()
        await asyncio.sleep(1_000)

    run_in_virtual_time(main())
