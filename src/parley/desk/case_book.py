"""Where every case of a channel stands, kept from one question to the next.

What registers say of clocks follows from entries, statements and the moment. The book works a case
out again only when one of the three can have changed it: an entry came to it, a party signed that a
clock of it waits for, or a time came at which a clock turns. So a list of cases, a count of who
owes whom or the alarm of a lapse costs what has changed, and not what the record holds.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from parley.core.ids import ChannelId
from parley.desk.deadlines import LAPSED, RUNNING, Clock
from parley.desk.record import Place

if TYPE_CHECKING:
    from parley.desk.deliveries import Deliveries
    from parley.desk.derived import CaseNow, Channel
    from parley.desk.fold import Fold

NEAR_TENTH: Final = 10
_NEVER: Final = 2**53
REFUSED: Final = frozenset({"declined", "not under"})
"""States of a request that was turned down."""
_WAITING: Final = RUNNING | {"undelivered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What counts of a case; many cases share one.

    Attributes:
        opener: code of the party that opened it. asked: codes of the others in it.
        clock: state of the clock that is shown of it, empty where none was started.
        owes: code of the party whose turn that clock is. owed: a rule sets it.
        lapsed: one of its clocks has lapsed, be it another than the one that is shown.
    """

    procedure: str
    marking: int
    opener: str
    asked: tuple[str, ...]
    clock: str = ""
    owes: str = ""
    owed: bool = False
    lapsed: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether somebody has still to act, in time or past it."""
        return self.clock in _WAITING or self.clock in LAPSED

    @property
    def debtor(self) -> str | None:
        """Return who has an answer to give, None where nobody has."""
        return self.owes if self.clock == "running" or self.clock in LAPSED else None


class Running(NamedTuple):
    """The times between which an answer is waited for; None where that is not known yet."""

    starts: int | None
    due: int | None

    @property
    def near_at(self) -> int | None:
        """Return from when on a tenth of the time, or less, is left; None if that is not known."""
        if self.starts is None or self.due is None:
            return None
        return self.due - (self.due - self.starts) // NEAR_TENTH

    def is_near(self, moment: int) -> bool:
        """Say whether a tenth of the time, or less, is left."""
        return self.near_at is not None and moment >= self.near_at


def shown_clock(case: CaseNow) -> Clock | None:
    """Return the clock that stands for a case: one that runs, else one that has lapsed.

    Where neither is, it is the clock of what opened the case.
    """
    clocks = case.clocks
    for wanted in (
        [clock for clock in clocks if clock.is_running],
        [clock for clock in clocks if clock.state in LAPSED],
        [clock for clock in clocks if clock.place == case.case.place],
    ):
        if wanted:
            return wanted[-1]
    return clocks[-1] if clocks else None


class CaseBook:
    """The cases of one channel in brief.

    Attributes:
        channel: its id, once something was taken in.
        briefs: every case by its opening.
        open: the cases in which somebody has still to act: since when, and by when.
        counts: how many cases there are of each brief.
        unmet: the requests that were refused, or of which a clock lapsed.
    """

    def __init__(self) -> None:
        self.channel: ChannelId | None = None
        self.briefs: dict[Place, Brief] = {}
        self.open: dict[Place, Running] = {}
        self.counts: Counter[Brief] = Counter()
        self.unmet: dict[Place, None] = {}
        self._ages: dict[Brief, list[tuple[int, Place]]] = {}
        self._watchers: list[set[Place]] = []
        self._shared: dict[Brief, Brief] = {}
        self._fold: Fold | None = None
        self._touched: set[Place] = set()
        self._deliveries: Deliveries | None = None
        self._reordered = 0
        self._signed: dict[int, int] = {}
        self._moment = 0
        self._turns: list[tuple[int, Place]] = []
        self._past_due: dict[int, list[tuple[int, Place]]] = {}
        self._any: dict[int, set[Place]] = {}

    def update(self, channel: Channel) -> None:
        """Bring the book to what the channel holds at its moment."""
        self.channel = channel.view.id
        for place in self._stale(channel):
            case = channel.fold.cases.get(place)
            self._forget(place)
            if case is not None:
                self._take(channel.case(place), channel)
            for changed in self._watchers:
                changed.add(place)

    def watch(self, *, only_open: bool) -> set[Place]:
        """Return a set of all cases, or the open ones; it takes each that changes from now on.

        It is the watcher's: whoever has dealt with a place takes it out.
        """
        changed = set(self.open if only_open else self.briefs)
        self._watchers.append(changed)
        return changed

    def _stale(self, channel: Channel) -> set[Place]:
        """Return the cases that have to be worked out again."""
        deliveries, moment = channel.deliveries, channel.moment
        is_new = self._fold is not channel.fold or self._deliveries is not deliveries
        if is_new or self._reordered != deliveries.reordered or moment < self._moment:
            stale = self._begin(channel)
        else:
            stale = set(self._touched)
            self._touched.clear()
            stale |= _due(self._turns, moment)
            for party, (count, newest) in deliveries.signed().items():
                if self._signed.get(party) != count:
                    stale |= self._any.get(party, set())
                    stale |= _due(self._past_due.get(party, []), newest)
        self._signed = {party: count for party, (count, _) in deliveries.signed().items()}
        self._moment = moment
        return stale

    def _begin(self, channel: Channel) -> set[Place]:
        if self._fold is not channel.fold:
            self._fold, self._touched = channel.fold, channel.fold.index.watch()
        self._touched.clear()
        self._deliveries, self._reordered = channel.deliveries, channel.deliveries.reordered
        self._turns, self._past_due, self._any = [], {}, {}
        return {*self.briefs, *channel.fold.cases}

    def _forget(self, place: Place) -> None:
        brief = self.briefs.pop(place, None)
        if brief is None:
            return
        self.counts[brief] -= 1
        if not self.counts[brief]:
            del self.counts[brief]
        self.open.pop(place, None)
        self.unmet.pop(place, None)
        for waiting in self._any.values():
            waiting.discard(place)

    def _take(self, case: CaseNow, channel: Channel) -> None:
        place = case.case.place
        for clock in case.clocks:
            self._wait(place, clock, channel.view.codes.index(clock.owes))
        shown = shown_clock(case)
        brief = Brief(
            procedure=case.procedure,
            marking=case.case.marking,
            opener=case.opener,
            asked=case.parties[1:],
            clock=shown.state if shown else "",
            owes=shown.owes if shown else "",
            owed=shown.owed if shown else False,
            lapsed=any(clock.state in LAPSED for clock in case.clocks),
        )
        brief = self._shared.setdefault(brief, brief)
        self.briefs[place] = brief
        self.counts[brief] += 1
        if brief.procedure == "request" and (brief.lapsed or case.state in REFUSED):
            self.unmet[place] = None
        if brief.is_open:
            opened = int(case.case.opening.ordered.entry.time)
            heapq.heappush(self._ages.setdefault(brief, []), (opened, place))
            times = Running(shown.starts, shown.due) if shown else Running(None, None)
            self.open[place] = times
            near_at = times.near_at
            if near_at is not None and near_at > channel.moment:
                heapq.heappush(self._turns, (near_at, place))

    def oldest(self, brief: Brief) -> int | None:
        """Return when the oldest open case of a brief was opened, by its author's clock."""
        ages = self._ages.get(brief, [])
        while ages and self.briefs.get(ages[0][1]) is not brief:
            heapq.heappop(ages)
        return ages[0][0] if ages else None

    def turn_of(self, count: int) -> int:
        """Return by when at most so many clocks have turned, as far as is known now."""
        first = heapq.nsmallest(count, self._turns)
        return first[-1][0] if len(first) == count else _NEVER

    def _wait(self, place: Place, clock: Clock, debtor: int) -> None:
        """Note what can change a clock, other than an entry of its case."""
        if clock.turns_at is not None:
            heapq.heappush(self._turns, (clock.turns_at, place))
        for party in clock.waits_for:
            self._any.setdefault(party, set()).add(place)
        if clock.waits_past_due and clock.due is not None:
            heapq.heappush(self._past_due.setdefault(debtor, []), (clock.due, place))


class BookWatch:
    """Which cases stand otherwise than when one reader looked last, of any number of books."""

    def __init__(self, *, only_open: bool = False) -> None:
        """Begin with nothing seen; `only_open` is for a reader who keeps open cases alone."""
        self._only_open = only_open
        self._kept: dict[ChannelId | None, tuple[CaseBook, set[Place]]] = {}

    def changed(self, book: CaseBook) -> list[Place]:
        """Return the cases of a book that changed since the last call; at first all, or all open.

        Where another book took a channel over, those of the old one are among them.
        """
        kept = self._kept.get(book.channel)
        if kept is None or kept[0] is not book:
            now = book.watch(only_open=self._only_open)
            if kept is not None:
                now |= kept[1] | kept[0].briefs.keys()
            kept = self._kept[book.channel] = (book, now)
        changed = kept[1]
        found = list(changed)
        changed.clear()
        return found


def _due(heap: list[tuple[int, Place]], moment: int) -> set[Place]:
    """Take out of a heap what is due at a moment."""
    found: set[Place] = set()
    while heap and heap[0][0] <= moment:
        found.add(heapq.heappop(heap)[1])
    return found


def total(books: Iterable[CaseBook]) -> Counter[Brief]:
    """Return how many cases there are of each brief on several channels."""
    counts: Counter[Brief] = Counter()
    for book in books:
        counts.update(book.counts)
    return counts
