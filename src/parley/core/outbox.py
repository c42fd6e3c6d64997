"""What one peer still lacks of our log on one channel, most urgent first.

Pure bookkeeping over indexes: no bytes and no clock of its own. An entry is waiting, in flight,
or receipted; nothing else.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from parley.core.entry import Precedence
from parley.core.ids import Incarnation
from parley.core.items import Held
from parley.core.limits import COUNT_MAX

RETRY_FACTOR, RETRY_MAX_SECONDS = 1.5, 300.0
SENT_FIRST = 0x80
"""Bit in a log's flags bytes: an opening or a `turn`, without which nothing behind it is read."""
SENT_LAST = 0x40
"""Bit for a part of a file: behind everything else, whatever precedence it claims."""
FLASH_FACTOR, FLASH_MAX_SECONDS = 1.2, 60.0
_INDEX_BITS, _RANK_MAX = 53, 255
_FILE_RANK = 8
"""Words go before a file until they came to nothing more often than this: then their receipts may
hang on the part that waits behind them, without which no root over both is rebuilt."""
QUOTA_RETRY_SECONDS, QUOTA_LASTS_SECONDS = 900.0, 3_600.0
"""After a peer said that we are over our quota, what it did not take is offered again so often."""
ONE_WAY_DOUBLINGS = 4
"""One way an entry goes out at 0, 1, 3, 7 and 15 airtimes, then every 16."""


@dataclass(slots=True)
class _Flight:
    """When what was sent together is to be sent again, and when it was sent."""

    due: float
    sent: float


class Outbox:
    """What to send to one peer on one channel, and when to send it again.

    Attributes:
        theirs: what the peer's newest word says it holds of our log.
        by: the peer's incarnation whose word that is, None before any.
        told: number of our newest statement handed to the path, -1 for none.
        urgent: the statement owed admits something FLASH or IMMEDIATE, or is told again.
        again: it is urgent only because the peer sends again what we hold.
        owed: entries of the peer's that our statements hold and that it was not told of.
        met: the peer has opened its log on the channel.
        refused_at: when the peer last said that we are over our quota (steady seconds).
        offer_due: when to offer the charter again.
    """

    __slots__ = (
        "_durable",
        "_end",
        "_flags",
        "_flight",
        "_retries",
        "_tries",
        "_waiting",
        "again",
        "by",
        "met",
        "offer_due",
        "offer_tries",
        "owed",
        "refused_at",
        "theirs",
        "told",
        "urgent",
    )

    def __init__(self, flags: bytearray, theirs: Held, *, durable: int) -> None:
        self._flags = flags
        self._waiting: tuple[list[int], ...] = ([], [], [], [])
        self._flight: dict[int, _Flight] = {}
        self._retries: list[tuple[float, int, int]] = []
        self._tries: dict[int, int] = {}
        self._end = 0
        self._durable = durable
        self.theirs = theirs
        self.by: Incarnation | None = None
        self.told = -1
        self.urgent = False
        self.again = False
        self.owed = 0
        self.met = False
        self.refused_at = -1e9
        self.offer_due = 0.0
        self.offer_tries = 0
        self.refill(0)

    def _wait(self, index: int) -> None:
        """Put an entry among the waiting ones: the oldest first, behind them what failed often.

        On a line that is full, the oldest ones would else be sent over and over, and what their
        receipts hang on never.
        """
        heapq.heappush(self._waiting[self._class(index)], self._key(index))

    def _key(self, index: int) -> int:
        rank = min(max(self._tries.get(index, 0) - 1, 0), _RANK_MAX)
        if self._flags[index] & SENT_LAST:
            rank += _FILE_RANK
        return rank << _INDEX_BITS | index

    def refill(self, first: int) -> None:
        """Put every entry from `first` on that the peer lacks among the waiting ones.

        While our log is being brought back a peer may speak of places that we do not hold yet.
        """
        end = self._durable
        lacking = [
            index for a, b in self.theirs.missing for index in range(max(a, first), min(b, end))
        ]
        lacking += range(max(self.theirs.size, first), end)
        for index in lacking:
            if index not in self._flight:
                self._wait(index)

    def _class(self, index: int) -> int:
        flags = self._flags[index]
        if flags & SENT_LAST:
            return Precedence.ROUTINE
        return Precedence.FLASH if flags & SENT_FIRST else flags & 3

    def grow(self, durable: int) -> None:
        """Take our log's new durable size; what is beyond the old one waits from now on."""
        old, self._durable = self._durable, durable
        for index in range(old, durable):
            if not self.has(index):
                self._wait(index)

    def restart(self, *, told: int, durable: int) -> None:
        """Forget what is in flight: the path is gone and with it what was on the way."""
        for index in self._flight:
            self._came_to_nothing(index)
        self._flight.clear()
        self._retries.clear()
        self._waiting = ([], [], [], [])
        self._end = 0
        self._durable = durable
        self.told = told
        self.refill(0)

    def begin_with(self, by: Incarnation) -> None:
        """Believe nothing of what an older incarnation of the peer held: it may have lost it."""
        if self.by is not None and self.by != by:
            self.doubt()
        self.by = by

    def doubt(self) -> None:
        """Begin from nothing: the peer has shown that it may have lost what it held."""
        self.theirs = Held(0)
        self.restart(told=-1, durable=self._durable)

    def has(self, index: int) -> bool:
        """Say whether the peer's word covers this entry."""
        theirs = self.theirs
        if index >= theirs.size:
            return False
        return not theirs.missing or not any(a <= index < b for a, b in theirs.missing)

    def covered(self, held: Held) -> list[float]:
        """Take the peer's word of what it holds; return when what it newly has was sent."""
        if held.size < self.theirs.size:
            return []
        self.theirs = held
        ended = [index for index in self._flight if self.has(index)]
        for index in ended:
            self._tries.pop(index, None)
        return [self._flight.pop(index).sent for index in ended]

    def count(self, precedence: int) -> int:
        """Return how many entries of this precedence are neither receipted nor in flight."""
        return sum(1 for key in self._waiting[precedence] if not self.has(key & COUNT_MAX))

    @property
    def in_flight(self) -> int:
        """Return how many entries are on the way."""
        return len(self._flight)

    @property
    def may_wait(self) -> bool:
        """Say whether an entry may have to be sent; False only where `peek` finds none."""
        return any(self._waiting)

    def peek(self, precedence: int) -> int | None:
        """Return the first entry of this class to send, None if there is none."""
        heap = self._waiting[precedence]
        while heap and (
            (index := heap[0] & COUNT_MAX) in self._flight
            or self.has(index)
            or heap[0] != self._key(index)
        ):
            heapq.heappop(heap)
        return heap[0] & COUNT_MAX if heap else None

    def is_waiting(self, index: int) -> bool:
        """Say whether an entry still has to be sent."""
        return index < self._durable and index not in self._flight and not self.has(index)

    def has_new(self, precedence: int) -> bool:
        """Say whether an entry of this class waits that was never sent."""
        return any(
            index not in self._tries and index not in self._flight and not self.has(index)
            for index in (key & COUNT_MAX for key in self._waiting[precedence])
        )

    @property
    def known_end(self) -> int:
        """Return the first place that neither the peer's word nor anything sent reaches."""
        return max(self.theirs.size, self._end)

    def sent(self, first: int, end: int, now: float, wait: float, *, one_way: bool = False) -> None:
        """Mark a run as on the way; it is sent again `wait` seconds from now or later.

        Args:
            first: its first place.
            end: the place after its last.
            now: steady seconds.
            wait: seconds until an answer could be here; one way, until it may go out once more.
            one_way: nothing comes back: each further time after twice as long, then in a cycle.
        """
        together = _Flight(now + wait, now)
        for index in range(first, end):
            tries = self._tries.get(index)
            if tries is None:
                self._flight[index] = together
                continue
            urgent = self._flags[index] & 3 == Precedence.FLASH
            factor, most = (
                (FLASH_FACTOR, FLASH_MAX_SECONDS) if urgent else (RETRY_FACTOR, RETRY_MAX_SECONDS)
            )
            if one_way:
                due = now + wait * 2 ** min(tries, ONE_WAY_DOUBLINGS)
            else:
                due = now + min(wait * factor ** min(tries, 40), max(most, wait))
            if now < self.refused_at + QUOTA_LASTS_SECONDS:
                due = max(due, now + QUOTA_RETRY_SECONDS)
            self._flight[index] = _Flight(due, now)
            heapq.heappush(self._retries, (due, index, index + 1))
        heapq.heappush(self._retries, (together.due, first, end))
        self._end = max(self._end, end)

    def _came_to_nothing(self, index: int) -> None:
        self._tries[index] = self._tries.get(index, 0) + 1

    def overdue(self, now: float) -> int:
        """Return flights that came to nothing to the waiting ones; how many."""
        count = 0
        while self._retries and self._retries[0][0] <= now:
            _, first, end = heapq.heappop(self._retries)
            for index in range(first, end):
                flight = self._flight.get(index)
                if flight is None or flight.due > now:
                    continue
                del self._flight[index]
                self._came_to_nothing(index)
                count += 1
                if not self.has(index):
                    self._wait(index)
        return count

    def next_due(self) -> float | None:
        """Return when the next flight is overdue."""
        while self._retries:
            due, first, end = self._retries[0]
            for index in range(first, end):
                flight = self._flight.get(index)
                if flight is not None and flight.due == due:
                    # Those in front of it need no second look.
                    heapq.heapreplace(self._retries, (due, index, end))
                    return due
            heapq.heappop(self._retries)
        return None
