"""The calendar as it is shown: rows for people, and the file that calendar programs read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from parley.core.ids import PartyId
from parley.core.instants import Instant
from parley.desk.calendar import FIXED_WARNINGS, Calendar, Due, card_ends
from parley.desk.profiles.met import Met
from parley.desk.published.agenda import write_agenda
from parley.desk.times import DAY, LAST
from parley.desk.yearly import STANDS, Stand
from parley.errors import UsageError
from parley.station.case_rows import words_of
from parley.station.day_views import DueRule, StandRow
from parley.station.desk_book import DeskBook
from parley.station.interface import Station
from parley.station.tool_views import DueRow
from parley.station.trust import Trust
from parley.station.views import Page

DAYS: Final = 366
DAYS_MAX: Final = 3_660
PAGE_MAX: Final = 500
FEED_MAX: Final = 2_000
"""Events in a feed at most, the first due first."""


class CalendarPage:
    """Builds what is shown of what is due."""

    def __init__(self, station: Station, trust: Trust, desk: DeskBook) -> None:
        self._station = station
        self._trust = trust
        self._desk = desk
        self._calendar = Calendar()

    def dues(self, days: int = DAYS, *, cases: bool = True) -> list[Due]:
        """Return everything that is due within so many days, and all that is overdue."""
        registers = self._desk.registers()
        now = int(registers.moment)
        until = min(now + days * DAY, LAST)
        own = self._station.own_card
        cards = [(own.code, own.party, int(own.not_after))]
        for party in self._trust.codes():
            card = self._trust.card_of(party)
            if card is not None and party != self._station.party:
                cards.append((card.code, PartyId(party), int(card.not_after)))
        ends = [card_ends(code, party.hex(), at) for code, party, at in cards]
        found = [*self._calendar.all(registers, until=until, cases=cases)]
        found += [due for due in ends if due.at <= until]
        return sorted(found, key=lambda due: (due.at, due.uid))

    def yearly(self) -> list[Due]:
        """Return the days of every year that come within two weeks or that somebody has not met."""
        registers = self._desk.registers()
        until = min(int(registers.moment) + max(FIXED_WARNINGS), LAST)
        found = self._calendar.all(registers, until=until, cases=False)
        return [due for due in found if due.kind == "yearly"]

    def page(
        self,
        *,
        days: int,
        channel: str | None,
        kind: str | None,
        limit: int,
        cursor: str | None,
        sees: Callable[[str], bool],
    ) -> Page[DueRow]:
        """Return one page of what is due, the first due first.

        Args:
            days: how far ahead, 1 to 3660.
            channel: only of this channel's code.
            kind: only of this kind.
            limit: 1 to 500 rows.
            cursor: from the page before.
            sees: says of a channel's code whether the asker may read it.

        Raises:
            UsageError: the days, the limit or the cursor is none.
        """
        if not 1 <= days <= DAYS_MAX:
            raise UsageError(f"a calendar looks 1 to {DAYS_MAX} days ahead, not {days}")
        if not 1 <= limit <= PAGE_MAX:
            raise UsageError(f"a page has 1 to {PAGE_MAX} rows, not {limit}")
        after = None if cursor is None else _place(cursor)
        fitting = [
            due
            for due in self.dues(days)
            if (not due.channel or sees(due.channel))
            and channel in (None, due.channel)
            and kind in (None, due.kind)
            and (after is None or (due.at, due.uid) > after)
        ]
        shown = fitting[:limit]
        more = len(fitting) > limit
        last = f"{shown[-1].at}.{shown[-1].uid}" if more else None
        return Page(items=self._rows(shown), next_cursor=last)

    def _rows(self, dues: Sequence[Due]) -> list[DueRow]:
        now, own = int(self._desk.registers().moment), self._station.own_card.code
        return [
            DueRow(
                uid=due.uid,
                kind=due.kind,
                what=due.what,
                subject=words_of(due.subject),
                at=Instant(due.at),
                until=None if due.until is None else Instant(due.until),
                is_day=due.is_day,
                state=due.state(now),
                warned_from=Instant(due.at - due.warnings[0]) if due.warnings else None,
                left_s=due.at - now,
                channel=due.channel or None,
                mark=due.mark,
                case=due.case or None,
                procedure=due.procedure or None,
                owed_by=due.owed_by,
                us_owe=due.owes(own),
                owed=due.owed,
                source=due.source,
                sure=due.sure or None,
                resource=f"/api/v1/cases/{due.channel}~{due.case}" if due.case else None,
                standing=[_stand(stand) for stand in due.stands],
                rule=None if due.rule is None else _rule(due, due.rule),
            )
            for due in dues
        ]

    def feed(self, language: str) -> str:
        """Return the iCalendar file of everything that is due within a year."""
        code, now = self._station.own_card.code, int(self._desk.registers().moment)
        dues = self.dues()[:FEED_MAX]
        return write_agenda(dues, code=code, moment=now, language=language)


def _stand(stand: Stand) -> StandRow:
    return StandRow(
        party=stand.party,
        state=stand.state,
        words=STANDS[stand.state],
        at=None if stand.at is None else Instant(stand.at),
        entry=stand.entry or None,
    )


def _rule(due: Due, rule: Met) -> DueRule:
    return DueRule(
        moves=rule.by,
        who=rule.who,
        since=Instant(due.at - rule.before),
        until=Instant(due.at + rule.after),
        named=rule.named,
        source=rule.source,
        sure=rule.sure,
    )


def _place(cursor: str) -> tuple[int, str]:
    at, dot, uid = cursor.partition(".")
    if not dot or not at.isascii() or not at.isdecimal() or len(at) > 15 or len(uid) > 32:
        raise UsageError(
            f"{cursor!r} is no cursor of this list",
            next_step="Take `next_cursor` of the page before, or leave it out.",
        )
    return int(at), uid
