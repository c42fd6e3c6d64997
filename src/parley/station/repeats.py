"""Statements that say nothing which was not said before: how many of them are kept.

None is refused, for whoever is not heard is deaf, and what is dropped is missing from proofs. A run
of statements over one size that hold nothing new says no more than its first (who held what, and
when at the latest) and its last (that nothing was added until then). Those between are kept while
there are few. Beyond, one a minute is, and the newest waits in memory until something new is said:
then it is kept as the last of its run (decision 0113, specification: `limits.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from parley.core.ids import ChannelId, Incarnation, LogId, PartyId, Ranges
from parley.core.replica import Replica
from parley.core.statement import Holding, SignedStatement, Statement
from parley.station.quotas import DAY_SECONDS, Window

A_DAY: Final = 4_096
"""Of a party and channel; twice as many as its heartbeats are, where those are more."""
APART_SECONDS: Final = 60.0

Neighbours: TypeAlias = Callable[
    [Replica, int], tuple[SignedStatement | None, SignedStatement | None, SignedStatement | None]
]
_Held: TypeAlias = dict[tuple[PartyId, Incarnation], tuple[int, Ranges]]


@dataclass(slots=True)
class _Log:
    """What one log's statements have said.

    Attributes:
        held: the most that each other log was ever held, with what was missing throughout.
        kept_at: when one that says nothing new was kept last, in steady seconds.
        waiting: the newest such one, where it is not kept.
    """

    held: _Held = field(default_factory=dict)
    kept_at: float = float("-inf")
    waiting: SignedStatement | None = None


class Repeats:
    """Knows of each party's statements which say nothing new."""

    def __init__(self, neighbours: Neighbours) -> None:
        """Judge by `neighbours`, which returns the statements of a log around a number."""
        self._neighbours = neighbours
        self._logs: dict[LogId, _Log] = {}
        self._counts: dict[tuple[ChannelId, PartyId], Window] = {}

    def keep(
        self, replica: Replica, signed: SignedStatement, heartbeat: int, steady: float
    ) -> tuple[SignedStatement | None, SignedStatement | None]:
        """Return what is to be stored now: one that waited, and the statement itself, or None.

        Args:
            replica: its log, before it takes the statement.
            signed: a verified statement that may be kept among those of its log.
            heartbeat: seconds between the statements of an honest signer.
            steady: the time, in steady seconds.
        """
        said, last = signed.statement, replica.last
        is_newest = last is None or said.no > last.statement.no
        log = self._logs.get(replica.log)
        if log is None:
            log = self._logs[replica.log] = _Log()
            if last is not None:
                _add(log.held, last.statement)
        if not _add(log.held, said) and self._is_repeat(replica, signed, is_newest=is_newest):
            if self._has_room(replica.log, log, heartbeat, steady):
                log.waiting = None if is_newest else log.waiting
                return None, signed
            log.waiting = signed if is_newest else log.waiting
            return None, None
        if not is_newest or log.waiting is None:
            return None, signed
        waiting, log.waiting = log.waiting, None
        return waiting, signed

    def _is_repeat(self, replica: Replica, signed: SignedStatement, *, is_newest: bool) -> bool:
        """Say whether a statement beside one covers as many entries, and it holds none first.

        One that comes late holds more than the one below it, and less than the one above.
        """
        beside: Sequence[SignedStatement | None]
        if is_newest:  # nearly always; the store need not be asked
            beside = (replica.last,)
        else:
            below, _, above = self._neighbours(replica, signed.statement.no)
            beside = (below, above)
            if _holds_less(below, signed) and _holds_less(signed, above):
                return False
        size = signed.statement.size
        return any(one is not None and one.statement.size == size for one in beside)

    def _has_room(self, name: LogId, log: _Log, heartbeat: int, steady: float) -> bool:
        """Say whether one more of those that say nothing new is kept; if so it is counted."""
        count = self._counts.setdefault((name.channel, name.party), Window(DAY_SECONDS, 24))
        most = max(A_DAY, 2 * int(DAY_SECONDS) // max(heartbeat, 1))
        if count.sum(steady) >= most and steady < log.kept_at + APART_SECONDS:
            return False
        count.add(steady, 1)
        log.kept_at = steady
        return True


def _add(held: _Held, said: Statement) -> bool:
    """Add what a statement holds; say whether it held an entry that none before it did."""
    is_new = False
    for one in said.holds:
        key = (one.party, one.inc)
        size, missing = held.get(key, (-1, ()))
        if (one.size, one.missing) == (size, missing):
            continue
        end = max(size, one.size)
        both = _both([*missing, (max(size, 0), end)], [*one.missing, (one.size, end)])
        if (end, both) != (size, missing):
            is_new = True
            held[key] = (end, both)
    return is_new


def _holds_less(one: SignedStatement | None, other: SignedStatement | None) -> bool:
    """Say whether a statement holds no entry more than another one, and fewer of some log."""
    if one is None or other is None:
        return False
    pairs = [(held, other.statement.holding(held.party)) for held in one.statement.holds]
    if any(after is None or after.inc != held.inc for held, after in pairs):
        return False
    counts = [(_count(held), _count(after)) for held, after in pairs if after is not None]
    is_more = len(one.statement.holds) < len(other.statement.holds)
    return all(a <= b for a, b in counts) and (is_more or any(a < b for a, b in counts))


def _count(held: Holding) -> int:
    return held.size - sum(end - first for first, end in held.missing)


def _both(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> Ranges:
    """Return what two ascending sequences of ranges have in common."""
    found: list[tuple[int, int]] = []
    at = to = 0
    while at < len(first) and to < len(second):
        begin, end = max(first[at][0], second[to][0]), min(first[at][1], second[to][1])
        if begin < end:
            found.append((begin, end))
        if first[at][1] <= second[to][1]:
            at += 1
        else:
            to += 1
    return tuple(found)


__all__ = ["APART_SECONDS", "A_DAY", "Repeats"]
