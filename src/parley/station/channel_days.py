"""The last 30 days of a channel: what each party declared, beside whether it was heard.

Both are derived from the record. Neither changes the other.
"""

from __future__ import annotations

from typing import Final

from parley.core.ids import LogId, PartyId
from parley.core.instants import Instant
from parley.desk.channel_days import states_at
from parley.desk.fold import MARKS
from parley.desk.times import DAY
from parley.station.desk_book import DeskBook
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.timeline import last_before
from parley.station.tool_views import ChannelDays, PartyDay, PartyDays
from parley.station.trust import Trust

DAYS: Final = 30


class ChannelStrip:
    """Reads the days of a channel.

    Days that are over are kept: nothing can be received on them any more.
    """

    def __init__(
        self, station: Station, trust: Trust, record: RecordBook, desk: DeskBook, *, mark: str
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk = desk
        self._marking = MARKS.index(mark)
        self._over: dict[LogId, dict[int, bool]] = {}

    def page(self, name: str) -> ChannelDays:
        """Return the last 30 days of a channel, today the last.

        Raises:
            NotFoundError: there is no such channel.
        """
        channel = self._record.channel(name)
        charter = channel.charter
        now = int(self._station.now())
        today = now - now % DAY
        days = [today - DAY * back for back in reversed(range(DAYS))]
        moments = [min(day + DAY - 1, now) for day in days]
        folded = self._desk.registers().channel(charter.channel_id)
        stood = states_at(folded, self._marking, moments)

        def party(each: PartyId) -> PartyDays:
            code = self._trust.code_of(each)
            opened, heard = self._heard(channel, each, days)
            return PartyDays(
                party=code,
                own=each == self._station.party,
                days=[
                    PartyDay(
                        declared=_declared(
                            states.get(code, "open"), moment, charter.proposed_at, opened
                        ),
                        heard=day in heard,
                    )
                    for day, moment, states in zip(days, moments, stood, strict=True)
                ],
            )

        return ChannelDays(
            channel=charter.code,
            days=[Instant(day) for day in days],
            parties=[party(each) for each in charter.parties],
        )

    def _heard(
        self, channel: ChannelSummary, party: PartyId, days: list[int]
    ) -> tuple[int | None, set[int]]:
        """Return when a party's first statement came, and on which days any came."""
        first: int | None = None
        heard: set[int] = set()
        for log in self._record.logs_of(channel, party):
            last = self._station.reader.last_statement(log)
            if last is None:
                continue
            came = self._came(log, 0)
            first = came if first is None else min(first, came)
            known = self._over.get(log, {})
            number = last.signed.statement.no
            found: dict[int, bool] = {}
            for day in reversed(days):
                if day in known:
                    found[day] = known[day]
                    continue
                number = self._last_before(log, number, day + DAY)
                found[day] = day <= self._came(log, number) < day + DAY
            heard |= {day for day, was in found.items() if was}
            self._over[log] = {day: was for day, was in found.items() if day != days[-1]}
        return first, heard

    def _last_before(self, log: LogId, newest: int, end: int) -> int:
        return last_before(newest, lambda number: self._came(log, number) < end)

    def _came(self, log: LogId, number: int) -> int:
        (row,) = self._station.reader.statements(log, number, 1)
        return int(row.received)


def _declared(state: str, moment: int, proposed_at: int, opened: int | None) -> str:
    if moment < proposed_at:
        return "none"
    return "proposed" if opened is None or moment < opened else state
