"""Keeps one outgoing path up: dial, hand the path over, and when it ends dial again.

Waits grow from 0.2 s to 30 s and are jittered, so that many stations that lost the same line do
not all come back in the same instant. A path that held for 10 s starts the waits anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from parley.carriers.address import Address
from parley.carriers.interface import Carrier, Path
from parley.errors import CarrierError, PathClosedError

BACK_OFF_S_MIN = 0.2
BACK_OFF_S_MAX = 30.0
BACK_OFF_FACTOR = 2.0
STEADY_AFTER_S = 10.0
"""A path that stayed up this long was a good one; the next wait is the shortest again."""


def back_off_s(failures: int, *, random: Callable[[], float]) -> float:
    """Return the wait before the next try, after `failures` (1 or more) in a row.

    Half of the wait is fixed and half drawn, so that it is never shorter than 0.1 s and never
    longer than 30 s.

    Args:
        failures: tries that failed since the path last held.
        random: draws from 0 up to 1.
    """
    # Beyond 2**8 the wait is at its longest; larger powers would only overflow in the end.
    full_s = min(BACK_OFF_S_MAX, BACK_OFF_S_MIN * BACK_OFF_FACTOR ** min(failures - 1, 8))
    return full_s * (0.5 + 0.5 * random())


async def keep_dialing(
    carrier: Carrier,
    address: Address,
    *,
    on_path: Callable[[Path], Awaitable[None]],
    random: Callable[[], float],
    poke: asyncio.Event,
    on_failure: Callable[[CarrierError, float], None] | None = None,
) -> None:
    """Keep a path to `address` up until cancelled.

    Args:
        carrier: opens the path.
        address: where to.
        on_path: runs while the path is in use and returns when it is done; the path is closed
            after it in any case. A `CarrierError` from it ends the path; others rise.
        random: draws from 0 up to 1, for the jitter.
        poke: set it to end a wait at once (the network is back, an officer asks); the wait
            clears it.
        on_failure: told each failed try or broken path, and the seconds until the next try.

    Raises:
        UsageError: the address can never be dialled.
    """
    clock = asyncio.get_running_loop().time
    failures = 0
    while True:
        up_since: float | None = None
        failure: CarrierError
        try:
            path = await carrier.dial(address)
            up_since = clock()
            failure = await _use_path(path, on_path)
        except CarrierError as error:
            failure = error
        is_steady = up_since is not None and clock() - up_since >= STEADY_AFTER_S
        failures = 1 if is_steady else failures + 1
        wait_s = back_off_s(failures, random=random)
        if on_failure is not None:
            on_failure(failure, wait_s)
        await _wait_or_poke(poke, wait_s)


async def _use_path(path: Path, on_path: Callable[[Path], Awaitable[None]]) -> CarrierError:
    """Run `on_path`, close the path whatever happened, and return why it is over."""
    try:
        await on_path(path)
    except CarrierError as error:
        return error
    finally:
        await path.close("the station is done with this path")
    return PathClosedError(path.closed_reason or "the station is done with this path")


async def _wait_or_poke(poke: asyncio.Event, wait_s: float) -> None:
    try:
        await asyncio.wait_for(poke.wait(), wait_s)
    except TimeoutError:
        return
    poke.clear()
