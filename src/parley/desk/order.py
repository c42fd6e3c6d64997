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
        takes_back: its `seen` is less than that of an entry before it in its log.
    """

    place: Place
    entry: Entry
    means: Mapping[int, Incarnation]
    seen: Mapping[int, int]
    forced: bool = False
    takes_back: bool = False

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


Needs = tuple[tuple[Strand, int], ...]
"""How much of which logs comes before an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What a log says up to an entry of it.

    Attributes:
        means, seen: as `Ordered` has them.
        most: how much of each log the author had ever seen.
        needs: what comes before the entry, its own log apart.
        size: length of the log up to the entry.
        is_whole: no entry up to it is missing.
        takes_back: as `Ordered` has it.
    """

    means: Mapping[int, Incarnation]
    most: Mapping[Strand, int] = field(default_factory=dict)
    seen: Mapping[int, int] = field(default_factory=dict)
    needs: Needs = ()
    size: int = 0
    is_whole: bool = True
    takes_back: bool = False


@dataclass(slots=True)
class _Log:
    """One log while the order is being made."""

    entries: list[Placed]
    read: list[_State] = field(default_factory=list)
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


class CommonOrder:
    """The common order of one channel, kept while the channel grows.

    An entry that comes next in its log, and whose author had seen nothing that is not held, takes
    its place among those already ordered without moving any of them: they cannot depend on it,
    and each was the first choice before and after it. Whatever else comes is ordered afresh.

    Attributes:
        order: every entry, in order.
        incs: each party's incarnations, each after the one it follows.
    """

    def __init__(self) -> None:
        self.order: list[Ordered] = []
        self.incs: dict[int, list[Incarnation]] = {}
        self._states: dict[Strand, _State] = {}
        self._is_plain = True

    def start(self, view: ChannelView) -> None:
        """Order everything that the view holds."""
        self.incs = incarnations(view)
        self._states = {}
        self.order = _ordered(view, self.incs, self._states)
        # Only where nothing is missing and nothing was forced is the next step a small one.
        self._is_plain = not any(one.forced for one in self.order) and all(
            state.is_whole and self._holds(state) for state in self._states.values()
        )

    def add(self, view: ChannelView, placed: Placed) -> int | None:
        """Put one more entry into its place and return that; None where all must be done again."""
        strand = (placed.party, placed.inc)
        state = self._states.get(strand)
        if not self._is_plain or state is None or placed.index != state.size:
            return None
        if placed.index == 0 or self.incs[placed.party][-1] != placed.inc:
            return None
        others = [number for number in range(len(view.codes)) if number != placed.party]
        read = _read(placed, state, others)
        if not self._holds(read):
            return None
        self._states[strand] = read
        at = self._place_of(strand, dict(read.needs))
        self.order.insert(at, _told(placed, view, read, forced=False))
        return at

    def _holds(self, state: _State) -> bool:
        """Say whether everything the author had ever seen is held, as far as its log is known."""
        return all(
            strand not in self._states or self._states[strand].size >= count
            for strand, count in state.most.items()
        )

    def _place_of(self, strand: Strand, needs: Mapping[Strand, int]) -> int:
        """Return where the newest entry of a log goes: behind what comes before it, then its turn.

        It is ready right behind the last of its predecessors. From there on it lets pass whatever
        was chosen in its place: lower party numbers, and older logs of its own party.
        """
        party, at = strand[0], len(self.order)
        while at:
            place = self.order[at - 1].place
            other = (place.party, place.inc)
            if other == strand or place.index < needs.get(other, 0):
                break
            at -= 1
        while at < len(self.order) and self.order[at].place.party <= party:
            at += 1
        return at


def common_order(view: ChannelView) -> list[Ordered]:
    """Return every entry of the view in the common order."""
    return _ordered(view, incarnations(view), {})


def _ordered(
    view: ChannelView, incs: Mapping[int, list[Incarnation]], states: dict[Strand, _State]
) -> list[Ordered]:
    """Return the common order; `states` takes how far each log was read."""
    logs: dict[Strand, _Log] = {}
    unique = {(p.party, p.inc, p.index): p for p in view.entries}
    for key in sorted(unique):
        logs.setdefault((key[0], key[1]), _Log([])).entries.append(unique[key])
    for strand, log in logs.items():
        states[strand] = _read_log(strand, log, incs, len(view.codes))
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
                for strand, count in log.read[log.at].needs
            ):
                return log
    return None


def _take(log: _Log, view: ChannelView, *, forced: bool) -> Ordered:
    at, log.at = log.at, log.at + 1
    return _told(log.entries[at], view, log.read[at], forced=forced)


def _told(placed: Placed, view: ChannelView, read: _State, *, forced: bool) -> Ordered:
    return Ordered(
        place=placed.place(view.id),
        entry=placed.entry,
        means=read.means,
        seen=read.seen,
        forced=forced,
        takes_back=read.takes_back,
    )


def _read_log(
    strand: Strand, log: _Log, incs: Mapping[int, list[Incarnation]], parties: int
) -> _State:
    """Work out what every entry of a log had seen; return how far that leads."""
    party, _ = strand
    others = [number for number in range(parties) if number != party]
    means = {number: incs[number][0] for number in others if incs.get(number)}
    state = _State(means=means)
    for placed in log.entries:
        state = _read(placed, state, others)
        log.read.append(state)
    return state


def _read(placed: Placed, before: _State, others: list[int]) -> _State:
    """Return what an entry had seen, from what the one before it in its log had."""
    means = before.means
    if turned := _turn(placed.entry, others):
        means = {**means, turned[0]: turned[1]}
    most = before.most
    needs: list[tuple[Strand, int]] = []
    seen: dict[int, int] = {}
    takes_back = False
    for number, count in zip(others, placed.entry.seen, strict=False):
        if number not in means:
            continue
        other = (number, means[number])
        known = most.get(other, 0)
        # What has been seen is never unseen.
        takes_back = takes_back or count < known
        if count > known or other not in most:
            most = {**most, other: count}
        seen[number] = max(count, known)
        needs.append((other, seen[number]))
    if placed.index == 0 and (previous := _previous(placed.entry)):
        needs.append(((placed.party, previous[0]), previous[1]))
        most = {**most, (placed.party, previous[0]): previous[1]}
    return _State(
        means=means,
        most=most,
        seen=before.seen if seen == before.seen else seen,
        needs=before.needs if tuple(needs) == before.needs else tuple(needs),
        size=placed.index + 1,
        is_whole=before.is_whole and placed.index == before.size,
        takes_back=takes_back,
    )


def _turn(entry: Entry, others: list[int]) -> tuple[int, Incarnation] | None:
    """Return the party and incarnation that a `turn` entry names."""
    if entry.kind != Kind.TURN:
        return None
    party, inc = entry.fields.get(_F_PARTY), entry.fields.get(_F_INC)
    if type(party) is not int or party not in others or not isinstance(inc, bytes):
        return None
    return party, Incarnation(inc)
