"""Wakes the engine when something is due, and seldom asks when that is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_REST_SECONDS = 0.01
"""Under load the engine is moved thousands of times a second. What is due is looked for once in
this time; nothing that waits for a clock is as exact as that."""


class AlarmClock:
    """One timer of the event loop."""

    def __init__(self, due: Callable[[], float | None], ring: Callable[[float], None]) -> None:
        """Take whom to ask and whom to wake.

        Args:
            due: returns the loop's time at which to ring, None for never.
            ring: told how many seconds late it is, which is more than a little after a stall.
        """
        self._due = due
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._is_looking = False

    def look(self) -> None:
        """Take note that what is due may have changed."""
        if not self._is_looking:
            self._is_looking = True
            self._set(asyncio.get_running_loop().time() + _REST_SECONDS, self._look)

    def stop(self) -> None:
        """Ring no more until somebody says `look`."""
        self._is_looking = False
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, at: float, act: Callable[[float], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, act, at)

    def _look(self, wanted: float) -> None:
        self._is_looking = False
        due = self._due()
        if due is None:
            return
        if due <= asyncio.get_running_loop().time():
            self._wake(wanted)
        else:
            self._set(due, self._wake)

    def _wake(self, wanted: float) -> None:
        self._ring(asyncio.get_running_loop().time() - wanted)
