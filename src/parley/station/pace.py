"""How often somebody may ask: a bucket for each, which fills again as time goes by."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from parley.errors import TooManyError

KEYS_MAX: Final = 10_000
"""Most callers remembered; who comes after that stands in for whoever asked longest ago."""


class Pace:
    """Lets each caller through `most` times at once, and then once in so many seconds."""

    def __init__(self, *, most: int, every_s: float, now: Callable[[], float]) -> None:
        """Take the bounds.

        Args:
            most: times at once, at least 1.
            every_s: seconds after which one more is let through.
            now: a clock in seconds; one that goes back lets nobody wait longer than it says.
        """
        self.most = most
        self._every_s = every_s
        self._now = now
        self._used: dict[str, tuple[float, float]] = {}

    def wait_s(self, key: str) -> float:
        """Return after how many seconds a caller is let through, 0 for now; counts nothing."""
        return max(0.0, (self._level(key) - self.most + 1) * self._every_s)

    def left(self, key: str) -> int:
        """Return how many times a caller could still be let through now."""
        return max(0, math.floor(self.most - self._level(key)))

    def take(self, key: str, said: str) -> None:
        """Count one, or refuse.

        Args:
            key: who asks.
            said: what is refused, for a reader.

        Raises:
            TooManyError: it was too often; it says how long to wait.
        """
        wait = self.wait_s(key)
        if wait > 0:
            raise TooManyError(said, wait_s=math.ceil(wait))
        self.count(key)

    def count(self, key: str) -> None:
        """Count one without asking."""
        level = self._level(key)
        self._used.pop(key, None)
        while len(self._used) >= KEYS_MAX:
            del self._used[next(iter(self._used))]
        self._used[key] = (level + 1, self._now())

    def _level(self, key: str) -> float:
        """Return how full a caller's bucket is."""
        level, at = self._used.get(key, (0.0, 0.0))
        return max(0.0, level - max(0.0, self._now() - at) / self._every_s)


class PaceAMinute(Pace):
    """Lets each caller through so many times a minute, and at once; the number may change."""

    def __init__(self, a_minute: Callable[[], int], *, now: Callable[[], float]) -> None:
        super().__init__(most=a_minute(), every_s=60 / a_minute(), now=now)
        self._a_minute = a_minute

    def take(self, key: str, said: str) -> None:
        """Count one, or refuse; see `Pace.take`."""
        self.most = self._a_minute()
        self._every_s = 60 / self.most
        super().take(key, said)
