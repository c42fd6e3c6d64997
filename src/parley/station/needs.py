"""What needs an act here, in the order in which it presses."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.core.instants import Instant
from parley.station.views import InboxRow

Key = tuple[int, int, int, str]
_CLASS_OF_KIND: Final = {"alarm": 3, "key": 4, "draft": 5, "returned": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that needs an act; its row is built only where it is shown."""

    id: str
    kind: str
    precedence: str | None
    channel: str | None
    since: Instant
    due: int | None = None
    build: Callable[[], InboxRow]
    key: Key = field(init=False)

    def __post_init__(self) -> None:
        """Fix its place in the order; thousands are put in order for every page."""
        object.__setattr__(self, "key", self._ordered())

    def _ordered(self) -> Key:
        """Order: FLASH, clocks by time left, IMMEDIATE, alarms, keys, drafts, the rest by age."""
        if self.precedence == "Z":
            return 0, 0, self.since, self.id
        if self.kind == "answer":
            return 1, self.due or 0, self.since, self.id
        if self.precedence == "O":
            return 2, 0, self.since, self.id
        return _CLASS_OF_KIND.get(self.kind, 6), 0, self.since, self.id


@dataclass(frozen=True, slots=True)
class Needs:
    """Needs in order, and since when the oldest has waited."""

    rows: Sequence[Need] = ()
    oldest: Instant | None = None

    def and_also(self, others: Sequence[Need]) -> Needs:
        """Return these with a few others in their places; these, often thousands, stay in order."""
        rows = list(self.rows)
        for need in others:
            insort(rows, need, key=by_key)
        times = [need.since for need in others]
        if self.oldest is not None:
            times.append(self.oldest)
        return Needs(rows, min(times, default=None))


def in_order(needs: Iterable[Need]) -> Needs:
    """Put needs in order, the most pressing first."""
    rows = sorted(needs, key=by_key)
    return Needs(rows, min((need.since for need in rows), default=None))


def by_key(need: Need) -> Key:
    """Return a need's place in the order."""
    return need.key
