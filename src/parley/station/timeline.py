"""The timeline of a channel: both sides' entries by when they came, and where nothing was signed.

Every party signs a statement at least once in each heartbeat, whether it has something to say or
not. Where none was received for longer, that is a fact with two dates, and it is shown as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from parley.core.ids import LogId, PartyId
from parley.core.instants import Instant
from parley.desk.catalogue import KINDS
from parley.errors import UsageError
from parley.station.entry_pages import EntryPages
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.tool_views import LaneView, SilenceView, TimelineView
from parley.station.trust import Trust
from parley.station.views import EntryRow
from parley.store.interface import StoredPlace

ENTRIES_MAX: Final = 300
"""Entries of one timeline, the newest of its time."""
SCAN: Final = 500
HEARTBEATS_MISSED: Final = 3
HEARTBEAT_UNSAID_S: Final = 300
"""Taken for a channel whose charter names no heartbeat: five times what a fast path needs."""
PARTS: Final = 400
"""A silence shorter than this part of the time shown is not looked for."""
SPAN_MAX_S: Final = 20 * 366 * 86_400


class Timeline:
    """Reads what came when."""

    def __init__(
        self, station: Station, trust: Trust, record: RecordBook, entries: EntryPages
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._entries = entries

    def page(self, name: str, start: Instant, end: Instant) -> TimelineView:
        """Return a channel's timeline from `start` to before `end`.

        Raises:
            NotFoundError: there is no such channel.
            UsageError: the time is empty or longer than 20 years.
        """
        if not 0 < end - start <= SPAN_MAX_S:
            raise UsageError("a timeline has an end after its start, at most 20 years later")
        channel = self._record.channel(name)
        heartbeat = channel.charter.heartbeat or HEARTBEAT_UNSAID_S
        shortest = max(HEARTBEATS_MISSED * heartbeat, (end - start) // PARTS)
        until = Instant(min(end, self._station.now()))
        found = list(self._rows(channel, start, end))
        return TimelineView(
            channel=self._record.called(channel),
            from_at=start,
            to_at=end,
            known_to=until,
            shortest_s=shortest,
            lanes=[
                self._lane(channel, party, start, until, shortest)
                for party in channel.charter.parties
            ],
            entries=list(reversed(found[:ENTRIES_MAX])),
            is_cut=len(found) > ENTRIES_MAX,
        )

    # --- entries ---

    def _rows(self, channel: ChannelSummary, start: Instant, end: Instant) -> Iterator[EntryRow]:
        """Yield what was said in the time, newest first, one more than is shown."""
        reader, shown = self._station.reader, 0
        at = self._newest_before(end)
        while at > 0:
            places = reader.places(at, SCAN, back=True)
            for place in places:
                if place.log.channel != channel.charter.channel_id:
                    continue
                row = self._record.row(place.log, place.index)
                if row.received < start:
                    return
                if self._record.decode(row).kind in KINDS:
                    shown += 1
                    yield self._entries.row(place.log, place.index)
                if shown > ENTRIES_MAX:
                    return
            # Entries of other channels are not read one by one, but they end the search too.
            if len(places) < SCAN or self._came(places[-1]) < start:
                return
            at = places[-1].number - 1

    def _newest_before(self, end: Instant) -> int:
        """Return the running number of the newest entry stored before a time, by halving."""
        reader = self._station.reader

        def is_before(number: int) -> bool:
            places = reader.places(number, 1)
            return bool(places) and self._came(places[0]) < end

        return last_before(reader.sequence(), is_before)

    def _came(self, place: StoredPlace) -> Instant:
        return self._record.row(place.log, place.index).received

    # --- silence ---

    def _lane(
        self,
        channel: ChannelSummary,
        party: PartyId,
        start: Instant,
        until: Instant,
        shortest: int,
    ) -> LaneView:
        heard: list[Instant] = []
        logs = self._record.logs_of(channel, party)
        for log in logs:
            heard += self._heard(log, start, until, shortest)
        opened = max(start, Instant(channel.charter.proposed_at))
        if min(heard, default=opened) >= opened:
            heard.insert(0, opened)
        silences = [
            SilenceView(from_at=one, to_at=other, is_open=False)
            for one, other in pairwise(sorted(heard))
            if other - one > shortest and other > start
        ]
        last = max(heard)
        if until - last > shortest:
            is_open = until >= self._station.now()
            silences.append(SilenceView(from_at=last, to_at=until, is_open=is_open))
        return LaneView(
            party=self._trust.code_of(party),
            own=party == self._station.party,
            has_log=bool(logs),
            silences=silences,
        )

    def _heard(self, log: LogId, start: Instant, until: Instant, shortest: int) -> list[Instant]:
        """Return when statements of a log came, close enough to show every longer silence.

        The last one before `start` is among them. Halving leaves out what lies between two that
        are nearer to each other than `shortest`.
        """
        last = self._station.reader.last_statement(log)
        if last is None:
            return []
        newest = last.signed.statement.no

        def came(number: int) -> tuple[int, Instant]:
            (row,) = self._station.reader.statements(log, number, 1)
            return row.signed.statement.no, row.received

        first = last_before(newest, lambda n: came(n)[1] < start)
        final = last_before(newest, lambda n: came(n)[1] < until)
        low, high = came(first), came(final)
        found = {low, high}
        spans = [(low, high)]
        while spans:
            one, other = spans.pop()
            if other[0] - one[0] < 2 or other[1] - one[1] <= shortest:
                continue
            middle = came((one[0] + other[0]) // 2)
            if middle in (one, other):
                middle = came(one[0] + 1)
            if middle == other:
                continue
            found.add(middle)
            spans += [(one, middle), (middle, other)]
        return sorted(at for _, at in found if at < until)


def last_before(newest: int, is_before: Callable[[int], bool]) -> int:
    """Return the greatest number from 0 to `newest` for which it holds, 0 where for none."""
    low, high = 0, newest
    while low < high:
        middle = (low + high + 1) // 2
        if is_before(middle):
            low = middle
        else:
            high = middle - 1
    return low
