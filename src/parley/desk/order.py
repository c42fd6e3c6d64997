"""One order for all: the same at every station that holds the same entries.

Repeatedly take, among the entries whose predecessors have all been taken, the one of the party with
the lowest number. Predecessors are the author's earlier entries and what the author had seen of the
others. An entry that is not held counts as taken; claimed times never sort.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from parley.core.entry import Entry, Kind
from parley.core.ids import EntryRef, Incarnation
from parley.desk.record import ChannelView, Place, Placed

_F_PARTY, _F_INC, _F_PREVIOUS = 16, 17, 18
_END = 2**62

Strand = tuple[int, Incarnation]
"""One log: party number and incarnation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """One entry in the common order.

    Attributes:
        place: where it stands.
        means: for each other party, the incarnation that the author's references mean.
        seen: for each other party, how many of that incarnation the author had seen.
        forced: its `seen` cannot be true together with others'; it was taken out of turn.
    """

    place: Place
    entry: Entry
    means: Mapping[int, Incarnation]
    seen: Mapping[int, int]
    forced: bool = False

    def has_seen(self, other: Place) -> bool:
        """Say whether its author wrote it after the entry at `other`."""
        if other.party == self.place.party:
            return other.inc != self.place.inc or other.index < self.place.index
        known = self.means.get(other.party)
        return known == other.inc and self.seen.get(other.party, 0) > other.index

    def resolve(self, ref: EntryRef) -> Place | None:
        """Return the place that a reference of this entry means, None if it means none."""
        inc = ref.inc or (
            self.place.inc if ref.party == self.place.party else self.means.get(ref.party)
        )
        if inc is None:
            return None
        return Place(channel=self.place.channel, party=ref.party, inc=inc, index=ref.index)


@dataclass(slots=True)
class _Log:
    """One log while the order is being made."""

    entries: list[Placed]
    needs: list[tuple[tuple[Strand, int], ...]] = field(default_factory=list)
    means: list[dict[int, Incarnation]] = field(default_factory=list)
    seen: list[dict[int, int]] = field(default_factory=list)
    at: int = 0

    @property
    def next_index(self) -> int:
        """Return the index of the next entry to take; beyond all when none is left."""
        return self.entries[self.at].index if self.at < len(self.entries) else _END


def incarnations(view: ChannelView) -> dict[int, list[Incarnation]]:
    """Return each party's incarnations, each after the one it follows, ties by their bytes."""
    previous: dict[Strand, Incarnation | None] = {}
    for placed in view.entries:
        strand = (placed.party, placed.inc)
        before = _previous(placed.entry) if placed.index == 0 else None
        previous[strand] = before[0] if before else previous.get(strand)
    found: dict[int, list[Incarnation]] = {number: [] for number in range(len(view.codes))}
    ranked = sorted(previous, key=lambda strand: (_depth(strand, previous), strand[1]))
    for party, inc in ranked:
        found.setdefault(party, []).append(inc)
    return found


def _depth(strand: Strand, previous: Mapping[Strand, Incarnation | None]) -> int:
    """Return how many incarnations lie before this one; a circle ends the count."""
    passed: set[Strand] = set()
    while strand in previous and strand not in passed:
        passed.add(strand)
        before = previous[strand]
        if before is None:
            break
        strand = (strand[0], before)
    return len(passed)


def _previous(entry: Entry) -> tuple[Incarnation, int] | None:
    """Return the incarnation an opening entry goes on from, and how much of it."""
    value = entry.fields.get(_F_PREVIOUS)
    if entry.kind != Kind.OPEN or not isinstance(value, list | tuple) or len(value) < 2:
        return None
    inc, size = value[0], value[1]
    if not isinstance(inc, bytes) or type(size) is not int:
        return None
    return Incarnation(inc), size


def common_order(view: ChannelView) -> list[Ordered]:
    """Return every entry of the view in the common order."""
    incs = incarnations(view)
    logs: dict[Strand, _Log] = {}
    unique = {(p.party, p.inc, p.index): p for p in view.entries}
    for key in sorted(unique):
        logs.setdefault((key[0], key[1]), _Log([])).entries.append(unique[key])
    for strand, log in logs.items():
        _read_log(strand, log, incs, len(view.codes))
    by_party = [
        [logs[(party, inc)] for inc in incs[party] if (party, inc) in logs]
        for party in sorted(incs)
    ]
    order: list[Ordered] = []
    for _ in range(len(unique)):
        found = _next(by_party, logs)
        log = found or next(log for row in by_party for log in row if log.next_index < _END)
        order.append(_take(log, view, forced=found is None))
    return order


def _next(by_party: list[list[_Log]], logs: Mapping[Strand, _Log]) -> _Log | None:
    for row in by_party:
        for log in row:
            if log.at < len(log.entries) and all(
                strand not in logs or logs[strand].next_index >= count
                for strand, count in log.needs[log.at]
            ):
                return log
    return None


def _take(log: _Log, view: ChannelView, *, forced: bool) -> Ordered:
    at, log.at = log.at, log.at + 1
    placed = log.entries[at]
    return Ordered(
        place=placed.place(view.id),
        entry=placed.entry,
        means=log.means[at],
        seen=log.seen[at],
        forced=forced,
    )


def _read_log(
    strand: Strand, log: _Log, incs: Mapping[int, list[Incarnation]], parties: int
) -> None:
    """Work out what every entry of a log had seen. What has been seen is never unseen."""
    party, _ = strand
    others = [number for number in range(parties) if number != party]
    means = {number: incs[number][0] for number in others if incs.get(number)}
    most: dict[Strand, int] = {}
    for placed in log.entries:
        if turned := _turn(placed.entry, others):
            means = {**means, turned[0]: turned[1]}
        needs: list[tuple[Strand, int]] = []
        seen: dict[int, int] = {}
        for number, count in zip(others, placed.entry.seen, strict=False):
            if number not in means:
                continue
            other = (number, means[number])
            most[other] = seen[number] = max(count, most.get(other, 0))
            needs.append((other, most[other]))
        if placed.index == 0 and (before := _previous(placed.entry)):
            needs.append(((party, before[0]), before[1]))
        log.needs.append(tuple(needs))
        log.means.append(means)
        log.seen.append(seen)


def _turn(entry: Entry, others: list[int]) -> tuple[int, Incarnation] | None:
    """Return the party and incarnation that a `turn` entry names."""
    if entry.kind != Kind.TURN:
        return None
    party, inc = entry.fields.get(_F_PARTY), entry.fields.get(_F_INC)
    if type(party) is not int or party not in others or not isinstance(inc, bytes):
        return None
    return party, Incarnation(inc)
