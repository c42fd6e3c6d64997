"""Frames of one size that leave at a constant rate (specification: `link.md`, frames).

Whoever sees such a path sees that it is there, and nothing of what is said on it: at every turn
one frame leaves, and what nobody needs of it is PAD.
"""

from __future__ import annotations

from typing import Final

from parley.core import items
from parley.core.limits import FRAME_OVERHEAD_BYTES
from parley.errors import UsageError

FRAME_BYTES_MIN: Final = 64
"""Shorter ones would be heads for the most part; a key exchange takes 26 of these."""
FRAME_BYTES_MAX: Final = 32_768
FRAME_BYTES_STEP: Final = 8
"""A piece of a key exchange has 16 bytes of head and a multiple of 8: it fills such a frame."""
PAD_BYTES_MIN: Final = 3
"""No PAD item has one or two bytes, so that much of every frame is left for one."""
TURN_SECONDS_MIN: Final = 0.1
"""Closer to each other, a busy machine would show in the times that it is busy."""
TURN_SECONDS_MAX: Final = 60.0
"""A FLASH waits so long at most for its turn."""
_DAY_SECONDS: Final = 86_400


def turn_seconds(frame_bytes: int, rate_bps: int) -> float:
    """Return the seconds from one frame to the next."""
    return frame_bytes * 8 / rate_bps


def bytes_a_day(rate_bps: int) -> int:
    """Return what such a path takes of the line in a day, one way, whatever is said on it."""
    return rate_bps * _DAY_SECONDS // 8


def check(frame_bytes: int, rate_bps: int) -> None:
    """Refuse sizes and rates at which a path cannot be padded.

    Args:
        frame_bytes: length of every frame.
        rate_bps: bits a second, always.

    Raises:
        UsageError: it says which bound is broken, and by what.
    """
    if not FRAME_BYTES_MIN <= frame_bytes <= FRAME_BYTES_MAX or frame_bytes % FRAME_BYTES_STEP:
        raise UsageError(
            f"frames of a padded path have {FRAME_BYTES_MIN} to {FRAME_BYTES_MAX} bytes, a "
            f"multiple of {FRAME_BYTES_STEP}, not {frame_bytes}"
        )
    every = turn_seconds(frame_bytes, rate_bps)
    if not TURN_SECONDS_MIN <= every <= TURN_SECONDS_MAX:
        raise UsageError(
            f"at {rate_bps} bit/s a frame of {frame_bytes} bytes would leave every {every:.3g} s; "
            f"a padded path has its turns every {TURN_SECONDS_MIN:g} to {TURN_SECONDS_MAX:g} s: "
            f"for this size a rate from {-(-frame_bytes * 8 // int(TURN_SECONDS_MAX))} to "
            f"{int(frame_bytes * 8 / TURN_SECONDS_MIN)} bit/s"
        )


def filled(plain: bytes, frame_bytes: int) -> bytes:
    """Return items with so much PAD behind them that their frame has exactly this length."""
    return plain + items.padding(frame_bytes - FRAME_OVERHEAD_BYTES - len(plain))


class Turns:
    """When a frame of a padded path is due; owns no clock.

    A turn that was missed is gone: two frames at once would tell that the station was busy.

    Attributes:
        next: steady seconds of the next turn.
    """

    __slots__ = ("_every", "_start", "next")

    def __init__(self, every: float, *, now: float) -> None:
        """Let the first turn be now.

        Args:
            every: seconds from turn to turn.
            now: steady seconds.
        """
        self._every = every
        self._start = self.next = now

    def take(self, now: float) -> bool:
        """Say whether a frame is due, and then wait for the next turn."""
        if now < self.next:
            return False
        passed = int((now - self._start) / self._every)
        self.next = self._start + (passed + 1) * self._every
        if self.next <= now:  # the division was rounded down
            self.next = self._start + (passed + 2) * self._every
        return True


__all__ = ["Turns", "bytes_a_day", "check", "filled", "turn_seconds"]
