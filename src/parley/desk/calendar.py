"""Everything that is due, in one list: clocks, dates named in cases, dates of every year, endings.

Nothing is stored: the list follows from the record, the profiles and the moment, so it is the same
after a restart, a suspension of the machine or a jump of its clock. What a clock owes stays in it
until it is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from parley.core.charter import Charter
from parley.core.ids import ChannelId
from parley.desk.case import Case
from parley.desk.case_book import NEAR_TENTH
from parley.desk.catalogue import fields_of
from parley.desk.channel_rows import RENEWAL_S, expiry_of
from parley.desk.deadlines import LAPSED, Clock
from parley.desk.derived import CaseNow, Channel
from parley.desk.fields import Json
from parley.desk.fold import MARKS, Fold
from parley.desk.problems import Words
from parley.desk.profiles.met import Met
from parley.desk.record import Place
from parley.desk.registers import Registers, subject_of
from parley.desk.times import DAY, pairs_of, span_of, start_of
from parley.desk.yearly import Stand, year_days

KINDS: Final = ("clock", "date", "yearly", "ending", "card")
FIXED_WARNINGS: Final = (14 * DAY, 3 * DAY)
"""Seconds before a fixed date or the end of a card at which it is warned of (P29)."""
DATE_WARNINGS: Final = (DAY,)
ENDING_WARNINGS: Final = (RENEWAL_S, *FIXED_WARNINGS)
"""Before the end of a channel there has to be time to renew it."""
_FINAL: Final = ("ended", "closed", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that is due.

    Attributes:
        uid: names it alike at every station and after every change of its time.
        kind: `clock`, `date` (named in a case), `yearly`, `ending` (of a channel) or `card`.
        what: what it is, per language. subject: of its case.
        at: when; the beginning where it lasts. until: its end, None where it has none.
        is_day: a whole day of UTC is meant, and no second of it.
        channel, case: where it stands; empty where it stands in none.
        owed_by: code of the party that has to act; None where that is nobody or everybody.
        owed: a rule sets it; else it is only asked for or announced.
        warnings: seconds before `at` at which it is warned of, the first warning first.
        source: what sets it. sure: how sure that is, as profiles say it; empty for the record.
        stands: how each party stands towards a day of every year; empty where no rule says so.
        rule: what meets such a day.
    """

    uid: str
    kind: str
    what: Words
    at: int
    until: int | None = None
    is_day: bool = False
    subject: Json = None
    channel: str = ""
    mark: str = "LIVE"
    case: str = ""
    procedure: str = ""
    owed_by: str | None = None
    owed: bool = False
    warnings: tuple[int, ...] = ()
    source: str = ""
    sure: str = ""
    stands: tuple[Stand, ...] = ()
    rule: Met | None = None

    def owes(self, code: str) -> bool:
        """Say whether this party has to act."""
        return self.owed_by == code or any(
            stand.is_open and stand.party == code for stand in self.stands
        )

    def state(self, moment: int) -> str:
        """Return `met`, `overdue`, `now`, `near`, `soon` or `ahead`."""
        if self.stands:
            if not any(stand.is_open for stand in self.stands):
                return "met"
            if self.until is not None and moment >= self.until:
                return "overdue"
        if moment >= self.at:
            return "overdue" if self.kind == "clock" else "now"
        passed = [before for before in self.warnings if moment >= self.at - before]
        if not passed:
            return "ahead"
        return "near" if passed[-1] == self.warnings[-1] else "soon"


def uid_of(*parts: object) -> str:
    """Return a name made of what never changes of a thing that is due."""
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


@dataclass(slots=True)
class _Dates:
    """The times that the open cases of one channel name, as far as they were worked out."""

    fold: Fold
    touched: set[Place]
    named: dict[Place, list[Due]]


class Calendar:
    """Makes the list; what it worked out of a case is kept until an entry comes to that case."""

    def __init__(self) -> None:
        self._kept: dict[ChannelId, _Dates] = {}

    def all(self, registers: Registers, *, until: int, cases: bool = True) -> list[Due]:
        """Return what is due up to a moment, the first first; what is overdue is in it.

        Args:
            registers: the registers of now.
            until: seconds; what comes later is left out.
            cases: clocks and dates of cases too; they cost most.
        """
        moment, found = int(registers.moment), list[Due]()
        for channel in registers.channels:
            if cases:
                found += _clocks(channel)
                found += self._dates(channel)
            found += _yearly(channel, moment, until)
            found += _ending(channel)
        return sorted(
            (
                due
                for due in found
                if due.at <= until
                and (due.kind == "clock" or due.stands or (due.until or due.at) > moment)
            ),
            key=lambda due: (due.at, due.uid),
        )

    def _dates(self, channel: Channel) -> Iterator[Due]:
        kept = self._kept.get(channel.view.id)
        if kept is None or kept.fold is not channel.fold:
            touched = channel.fold.index.watch()
            kept = _Dates(channel.fold, touched, {})
            kept.touched.update(channel.fold.cases)
            self._kept[channel.view.id] = kept
        while kept.touched:
            place = kept.touched.pop()
            kept.named.pop(place, None)
            case = channel.fold.cases.get(place)
            if case is not None and not _is_over(case):
                named = list(_named(channel.case(place), channel))
                if named:
                    kept.named[place] = named
        for dues in kept.named.values():
            yield from dues


def _is_over(case: Case) -> bool:
    state = case.procedure.state(case.state)
    return state is not None and state.final


def _clocks(channel: Channel) -> Iterator[Due]:
    for place in channel.book.open:
        case = channel.case(place)
        words = {rule.name: rule.words for rule in case.case.procedure.clocks}
        for clock in case.clocks:
            if clock.due is not None and (clock.is_running or clock.state in LAPSED):
                yield _clock(case, clock, words[clock.name], channel)


def _clock(case: CaseNow, clock: Clock, what: Words, channel: Channel) -> Due:
    assert clock.due is not None
    length = clock.period_s
    if length is None and clock.starts is not None:
        length = clock.due - clock.starts
    place = clock.place
    where = (place.channel.hex(), place.party, place.inc.hex(), place.index)
    return Due(
        uid=uid_of("clock", *where, clock.name, clock.owes),
        kind="clock",
        what=what,
        at=clock.due,
        subject=subject_of(case),
        channel=channel.view.label,
        mark=MARKS[clock.marking],
        case=case.number,
        procedure=case.procedure,
        owed_by=clock.owes,
        owed=clock.owed,
        warnings=() if length is None or length <= 0 else (length // NEAR_TENTH,),
        source=clock.source,
    )


def _named(case: CaseNow, channel: Channel) -> Iterator[Due]:
    """Yield the times that a case names, each field as it was said last."""
    said: dict[str, tuple[Words, list[tuple[int, int | None, bool]]]] = {}
    for step in case.case.steps:
        if step.read is None:
            continue
        declared = fields_of(step.read.move)
        for name, value in step.read.values.items():
            kind = declared[name].type.kind
            if kind == "windows":
                pairs = pairs_of(value) or []
                said[name] = (declared[name].words, [(a, b, False) for a, b in pairs])
            elif kind == "instant" and (start := start_of(value)) is not None:
                span = span_of(value)
                is_day = span is not None and span[1] - span[0] >= DAY
                end = span[1] if span is not None and is_day else None
                said[name] = (declared[name].words, [(start, end, is_day)])
    place = case.case.place
    where = (place.channel.hex(), place.party, place.inc.hex(), place.index)
    for name, (words, spans) in said.items():
        for count, (start, end, is_day) in enumerate(spans):
            yield Due(
                uid=uid_of("date", *where, name, count),
                kind="date",
                what=words,
                at=start,
                until=end,
                is_day=is_day,
                subject=subject_of(case),
                channel=channel.view.label,
                mark=MARKS[case.case.marking],
                case=case.number,
                procedure=case.procedure,
                warnings=DATE_WARNINGS,
                source="entry",
            )


def _yearly(channel: Channel, moment: int, until: int) -> Iterator[Due]:
    """Yield the days of every year that the channel's profile names."""
    profile = channel.view.profile
    for one in year_days(channel, moment, until):
        datum = one.datum
        still = [stand.party for stand in one.stands if stand.is_open]
        yield Due(
            uid=uid_of("yearly", channel.view.id.hex(), datum.item, one.month, one.day, one.year),
            kind="yearly",
            what=datum.words,
            at=one.at,
            until=one.at + (datum.met.after if datum.met else DAY),
            is_day=True,
            subject=dict(profile.title),
            channel=channel.view.label,
            owed_by=still[0] if len(still) == 1 else None,
            owed=profile.owed,
            warnings=FIXED_WARNINGS,
            source=f"profile {profile.code}",
            sure=datum.sure,
            stands=one.stands,
            rule=datum.met,
        )


def _ending(channel: Channel) -> Iterator[Due]:
    charter: Charter = channel.view.charter
    for marking in channel.markings():
        facts = channel.facts(marking)
        expiry = expiry_of(facts)
        if expiry is None or all(held.state in _FINAL for held in facts.standings):
            continue
        yield Due(
            uid=uid_of("ending", charter.channel_id.hex(), marking),
            kind="ending",
            what={"en": "the channel ends unless renewed", "zh": "渠道期满（可续期）"},
            at=expiry,
            subject=charter.purpose or None,
            channel=channel.view.label,
            mark=MARKS[marking],
            warnings=ENDING_WARNINGS,
            source="charter",
        )


def card_ends(code: str, party: str, at: int) -> Due:
    """Return that the card of a party ends at a moment."""
    return Due(
        uid=uid_of("card", party),
        kind="card",
        what={"en": f"the card of {code} ends", "zh": f"{code} 的名片期满"},
        at=at,
        owed_by=code,
        warnings=FIXED_WARNINGS,
        source="card",
    )
