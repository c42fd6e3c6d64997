"""Keeps one outgoing path up: dial, hand the path over, and when it ends dial again.

A wait is a tenth of the outage so far, from 0.2 s to 30 s (decision 0018): no try comes later than
a tenth after the line is back, so a line that comes and goes is used whenever it is there, and one
that stays away is tried ever more seldom. Waits are jittered, so that many stations that lost the
same line do not all come back in the same instant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from parley.carriers.address import Address
from parley.carriers.interface import Carrier, Path
from parley.errors import CarrierError, PathClosedError

BACK_OFF_S_MIN = 0.2
BACK_OFF_S_MAX = 30.0
CLOSE_PATIENCE_S = 1.0
"""Time for a path that is over to say goodbye; a dead one would hold up its successor."""

BACK_OFF_SHARE = 0.1
"""Part of an outage that may be lost again before the next try."""

STEADY_AFTER_S = 0.5
"""A path that stayed up this long ends an outage; one that is closed at once does not."""


def back_off_s(outage_s: float, *, random: Callable[[], float]) -> float:
    """Return the wait before the next try.

    Half of the wait is fixed and half drawn, so that it is never shorter than 0.1 s and never
    longer than 30 s.

    Args:
        outage_s: seconds since a path last held, or since the first try.
        random: draws from 0 up to 1.
    """
    full_s = min(BACK_OFF_S_MAX, max(BACK_OFF_S_MIN, BACK_OFF_SHARE * outage_s))
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
    away_since = clock()
    while True:
        up_since: float | None = None
        failure: CarrierError
        try:
            path = await carrier.dial(address)
            up_since = clock()
            failure = await _use_path(path, on_path)
        except CarrierError as error:
            failure = error
        if up_since is not None and clock() - up_since >= STEADY_AFTER_S:
            away_since = clock()
        wait_s = back_off_s(clock() - away_since, random=random)
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
        # Not `wait_for`: in Python 3.11 it loses a cancellation that comes as the wait ends.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_PATIENCE_S):
                await path.close("the station is done with this path")
    return PathClosedError(path.closed_reason or "the station is done with this path")


async def _wait_or_poke(poke: asyncio.Event, wait_s: float) -> None:
    try:
        async with asyncio.timeout(wait_s):
            await poke.wait()
    except TimeoutError:
        return
    poke.clear()
