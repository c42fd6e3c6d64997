from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.carriers.address import Address, parse_address
from parley.carriers.dialer import back_off_s, keep_dialing
from parley.carriers.interface import Listener, Path
from parley.carriers.loopback import LoopbackPath, loopback_pair
from parley.errors import CarrierError, UsageError
from virtual_time import run_in_virtual_time

PLACE = parse_address("loopback:peer")


class ScriptedCarrier:
    """Fails as often as it is told, then opens paths; notes when each try came."""

    def __init__(self, *, failures: int) -> None:
        self.failures_left = failures
        self.tried_at: list[float] = []
        self.opened: list[LoopbackPath] = []

    async def dial(self, address: Address) -> Path:
        self.tried_at.append(asyncio.get_running_loop().time())
        if self.failures_left:
            self.failures_left -= 1
            raise CarrierError("nobody answers")
        path, _ = loopback_pair()
        self.opened.append(path)
        return path

    async def listen(self, address: Address) -> Listener:
        raise AssertionError("a dialler does not listen")


def waits(tried_at: list[float]) -> list[float]:
    return [later - earlier for earlier, later in itertools.pairwise(tried_at)]


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def hold_for_ever(path: Path) -> None:
    await asyncio.Event().wait()


@given(outage_s=st.floats(0, 1e9), drawn=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_between_a_tenth_of_a_second_and_half_a_minute(
    outage_s: float, drawn: float
) -> None:
    assert 0.1 <= back_off_s(outage_s, random=lambda: drawn) <= 30


def test_waits_are_a_tenth_of_the_outage_up_to_half_a_minute() -> None:
    async def test() -> None:
        carrier = ScriptedCarrier(failures=80)
        dialing = asyncio.create_task(
            keep_dialing(
                carrier, PLACE, on_path=hold_for_ever, random=lambda: 1.0, poke=asyncio.Event()
            )
        )
        while not carrier.opened:
            await asyncio.sleep(1)
        await stop(dialing)

        begun = carrier.tried_at[0]
        assert waits(carrier.tried_at) == pytest.approx(
            [min(30, max(0.2, (tried - begun) / 10)) for tried in carrier.tried_at[:-1]]
        )
        assert waits(carrier.tried_at)[-1] == 30

    run_in_virtual_time(test())


def test_two_stations_that_lost_the_same_line_come_back_at_different_moments() -> None:
    assert back_off_s(60, random=lambda: 0.1) != back_off_s(60, random=lambda: 0.9)


@pytest.mark.parametrize(("held_s", "is_anew"), [(0.4, False), (0.6, True)])
def test_only_a_path_that_held_half_a_second_starts_the_waits_anew(
    held_s: float, *, is_anew: bool
) -> None:
    async def test() -> None:
        carrier = ScriptedCarrier(failures=40)

        async def hold(path: Path) -> None:
            await asyncio.sleep(held_s)

        dialing = asyncio.create_task(
            keep_dialing(carrier, PLACE, on_path=hold, random=lambda: 1.0, poke=asyncio.Event())
        )
        while len(carrier.opened) < 2:
            await asyncio.sleep(1)
        await stop(dialing)

        away_s = carrier.tried_at[40] - carrier.tried_at[0] + held_s
        assert away_s > 10
        next_wait_s = 0.2 if is_anew else away_s / 10
        assert waits(carrier.tried_at)[40] == pytest.approx(held_s + next_wait_s)

    run_in_virtual_time(test())


def test_a_poke_ends_the_wait_at_once_and_is_used_up() -> None:
    async def test() -> None:
        carrier, poke = ScriptedCarrier(failures=10), asyncio.Event()
        dialing = asyncio.create_task(
            keep_dialing(carrier, PLACE, on_path=hold_for_ever, random=lambda: 1.0, poke=poke)
        )
        while len(carrier.tried_at) < 9:
            await asyncio.sleep(0.1)
        clock = asyncio.get_running_loop().time
        poked_at = clock()

        poke.set()
        while len(carrier.tried_at) < 10:
            await asyncio.sleep(0.01)

        assert clock() - poked_at < 0.1
        assert not poke.is_set()
        await stop(dialing)

    run_in_virtual_time(test())


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda: None, id="returns"),
        pytest.param(lambda: CarrierError("torn"), id="path fails"),
    ],
)
def test_a_path_is_closed_after_use_and_dialled_again(
    end: Callable[[], CarrierError | None],
) -> None:
    async def test() -> None:
        carrier, told = ScriptedCarrier(failures=0), []

        async def use(path: Path) -> None:
            if (error := end()) is not None:
                raise error

        dialing = asyncio.create_task(
            keep_dialing(
                carrier,
                PLACE,
                on_path=use,
                random=lambda: 1.0,
                poke=asyncio.Event(),
                on_failure=lambda error, wait_s: told.append((error, wait_s)),
            )
        )
        while len(carrier.opened) < 3:
            await asyncio.sleep(0.1)
        await stop(dialing)

        assert all(path.closed_reason is not None for path in carrier.opened[:2])
        assert [wait_s for _, wait_s in told[:2]] == pytest.approx([0.2, 0.2])
        assert all(isinstance(error, CarrierError) for error, _ in told)

    run_in_virtual_time(test())


def test_cancelling_closes_the_path_in_use() -> None:
    async def test() -> None:
        carrier = ScriptedCarrier(failures=0)
        dialing = asyncio.create_task(
            keep_dialing(
                carrier, PLACE, on_path=hold_for_ever, random=lambda: 0.0, poke=asyncio.Event()
            )
        )
        while not carrier.opened:
            await asyncio.sleep(0)

        await stop(dialing)

        assert carrier.opened[0].closed_reason is not None

    run_in_virtual_time(test())


def test_an_error_that_is_not_the_paths_rises_and_the_path_is_closed() -> None:
    async def test() -> None:
        carrier = ScriptedCarrier(failures=0)

        async def misuse(path: Path) -> None:
            raise UsageError("our own mistake")

        with pytest.raises(UsageError, match="our own mistake"):
            await keep_dialing(
                carrier, PLACE, on_path=misuse, random=lambda: 0.0, poke=asyncio.Event()
            )

        assert carrier.opened[0].closed_reason is not None

    run_in_virtual_time(test())


@pytest.mark.parametrize("moment", ["while the path closes", "while it waits"])
def test_a_dialler_cancelled_in_the_moment_in_which_its_wait_ends_does_not_go_on(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stations of a line stop at once: the path ends by itself as the dialler is told to."""

    async def test() -> None:
        carrier = ScriptedCarrier(failures=0)
        poke = asyncio.Event()
        dialing: asyncio.Task[None] | None = None

        def cancel() -> None:
            assert dialing is not None
            dialing.cancel()

        async def close(self: LoopbackPath, reason: str) -> None:
            if moment == "while the path closes":
                asyncio.get_running_loop().call_soon(cancel)
            else:
                asyncio.get_running_loop().call_later(0.01, poke_and_cancel)

        def poke_and_cancel() -> None:
            poke.set()
            asyncio.get_running_loop().call_soon(cancel)

        async def use(path: Path) -> None:
            if len(carrier.opened) > 1:
                await hold_for_ever(path)

        monkeypatch.setattr(LoopbackPath, "close", close)
        dialing = asyncio.create_task(
            keep_dialing(carrier, PLACE, on_path=use, random=lambda: 0.0, poke=poke)
        )

        done, _ = await asyncio.wait([dialing], timeout=60)

        assert done == {dialing}
        assert dialing.cancelled()

    run_in_virtual_time(test())
