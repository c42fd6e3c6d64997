"""What a charter lets each party write, counted where it is received (specification: `limits.md`).

Counted in memory, in pieces of an hour and of a minute: after a restart the count begins anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from parley.core.charter import Charter, quotas
from parley.core.entry import Entry, Kind, Precedence

DAY_SECONDS, HOUR_SECONDS = 86_400.0, 3_600.0
_DAY_PARTS, _HOUR_PARTS = 24, 60
_APART = frozenset({Kind.TURN, Kind.CARD, Kind.CLOSE})
"""Without these what follows is not read, or it must be possible to end a log: they have room of
their own, more than any honest station needs. Openings are bounded by the logs of a party."""
APART_ENTRIES_A_DAY, APART_BYTES_A_DAY = 256, 1_048_576


@dataclass(slots=True)
class Window:
    """A sum over the last `seconds`, forgotten in `parts` steps."""

    seconds: float
    parts: int
    total: int = 0
    _steps: deque[list[float]] = field(default_factory=deque)

    def sum(self, now: float) -> int:
        """Return the sum over the seconds that end now."""
        while self._steps and self._steps[0][0] <= now - self.seconds:
            self.total -= int(self._steps.popleft()[1])
        return self.total

    def add(self, now: float, count: int) -> None:
        """Add to it."""
        self.total += count
        if self._steps and now < self._steps[-1][0] + self.seconds / self.parts:
            self._steps[-1][1] += count
        else:
            self._steps.append([now, count])


class Quota:
    """What one party wrote on one channel lately."""

    __slots__ = ("_apart", "_apart_bytes", "_bytes", "_entries", "_flash", "_limits")

    def __init__(self, charter: Charter) -> None:
        self._limits = quotas(charter)
        self._entries = Window(DAY_SECONDS, _DAY_PARTS)
        self._bytes = Window(DAY_SECONDS, _DAY_PARTS)
        self._flash = Window(HOUR_SECONDS, _HOUR_PARTS)
        self._apart = Window(DAY_SECONDS, _DAY_PARTS)
        self._apart_bytes = Window(DAY_SECONDS, _DAY_PARTS)

    def admits(self, entry: Entry, size: int, now: float) -> bool:
        """Say whether an entry of this many bytes is within what was agreed.

        FLASH counts against its own quota alone: whoever used up the day can still call.
        """
        entries, octets, flashes = self._limits
        if entry.kind == Kind.OPEN or self._is_apart(entry, size, now):
            return True
        if entry.precedence == Precedence.FLASH:
            return not flashes or self._flash.sum(now) < flashes
        within = not entries or self._entries.sum(now) < entries
        return within and (not octets or self._bytes.sum(now) + size <= octets)

    def count(self, entry: Entry, size: int, now: float) -> None:
        """Count an entry that was taken."""
        if entry.kind == Kind.OPEN:
            return
        if self._is_apart(entry, size, now):
            self._apart.add(now, 1)
            self._apart_bytes.add(now, size)
        elif entry.precedence == Precedence.FLASH:
            self._flash.add(now, 1)
        else:
            self._entries.add(now, 1)
            self._bytes.add(now, size)

    def _is_apart(self, entry: Entry, size: int, now: float) -> bool:
        """Say whether an entry goes into the room of turns, cards and closings."""
        return (
            entry.kind in _APART
            and self._apart.sum(now) < APART_ENTRIES_A_DAY
            and self._apart_bytes.sum(now) + size <= APART_BYTES_A_DAY
        )


__all__ = ["DAY_SECONDS", "HOUR_SECONDS", "Quota", "Window"]
