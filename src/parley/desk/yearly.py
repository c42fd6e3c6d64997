"""Days of every year that an agreement names, and whether each party has met them.

What meets a day stands in the profile beside the day (`Met`). How a party stands follows from the
record alone, so it is the same at every station that holds the same and has the same profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from parley.desk.case import Taken
from parley.desk.derived import CaseNow, Channel
from parley.desk.problems import Words
from parley.desk.profiles import Datum
from parley.desk.profiles.met import Met
from parley.desk.record import Place
from parley.desk.times import DAY

LIVE: Final = 0
KEPT_S: Final = 31 * DAY
"""How long a day that all have met is still listed."""
STANDS: Final[Mapping[str, Words]] = {
    "due": {"en": "not yet", "zh": "尚未办理"},
    "met": {"en": "met", "zh": "已按期办理"},
    "late": {"en": "met late", "zh": "逾期办理"},
    "unmet": {"en": "not met", "zh": "未办理"},
    "unheard": {"en": "not heard of since", "zh": "此后未再收到其任何内容"},
}
"""How a party can stand, in words."""
_TAKEN_BACK: Final = ("correction.cancel", "correction.withdraw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How one party stands towards one day.

    Attributes:
        party: its code.
        state: `due` while it can still be met in time; `met`; `late`; `unmet`: the party signed
            past the day without it; `unheard`: past the day nothing of the party was heard.
        at: the author's time of the entry that met it, None where none did.
        entry: name of that entry, empty where there is none.
    """

    party: str
    state: str
    at: int | None = None
    entry: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether the party has not met the day."""
        return self.state not in ("met", "late")


def said_of(stands: Sequence[Stand]) -> Words:
    """Return how all stand in one line per language: `ALFA met, BRAVO not yet`."""
    told = [(stand.party, STANDS[stand.state]) for stand in stands]
    return {
        "en": ", ".join(f"{party} {words['en']}" for party, words in told),
        "zh": "，".join(f"{party} {words['zh']}" for party, words in told),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class YearDay:
    """One day of one year.

    Attributes:
        at: its beginning, seconds of UTC.
        next_at: the beginning of the next day that the same datum names.
        stands: how each party stands, in charter order; empty where no rule says what meets it.
    """

    datum: Datum
    month: int
    day: int
    year: int
    at: int
    next_at: int
    stands: tuple[Stand, ...] = ()


def year_days(channel: Channel, moment: int, until: int) -> Iterator[YearDay]:
    """Yield the days of the channel's profile that are near, ahead, or not met by all.

    Of the days past only the last of each datum is told, until entries begin to count for the next.

    Args:
        channel: the channel at that moment.
        moment: now, seconds.
        until: the last day begins by then.
    """
    profile = channel.view.profile
    if not any(datum.yearly for datum in profile.data) or _has_ended(channel):
        return
    begins, ends = channel.view.charter.proposed_at, channel.view.charter.ends_at
    for datum in profile.data:
        for one in _occurrences(datum, moment, until):
            over = one.at + (datum.met.after if datum.met else DAY)
            if over <= begins or (ends is not None and one.at >= ends):
                continue
            if datum.met is None:
                if over > moment:
                    yield one
                continue
            bound = one.next_at - datum.met.before
            if moment >= max(bound, over):
                continue
            told = _with_stands(channel, one, datum.met, moment)
            if over + KEPT_S > moment or any(stand.is_open for stand in told.stands):
                yield told


def _has_ended(channel: Channel) -> bool:
    standings = channel.facts(LIVE).standings
    return bool(standings) and all(
        held.state in ("ended", "closed", "expired") for held in standings
    )


def _occurrences(datum: Datum, moment: int, until: int) -> list[YearDay]:
    if not datum.yearly:
        return []
    first = datetime.fromtimestamp(moment, UTC).year - 1
    last = datetime.fromtimestamp(until, UTC).year + 1
    every = sorted(
        (_second(date(year, month, day)), year, month, day)
        for year in range(max(first, 1), min(last, 9999) + 1)
        for month, day in datum.yearly
    )
    return [
        YearDay(datum=datum, month=month, day=day, year=year, at=at, next_at=after[0])
        for (at, year, month, day), after in pairwise(every)
        if at <= until
    ]


def _second(day: date) -> int:
    return (day - date(1970, 1, 1)) // timedelta(seconds=1)


def _with_stands(channel: Channel, one: YearDay, rule: Met, moment: int) -> YearDay:
    given = _given(channel, rule, one.at - rule.before, one.next_at - rule.before)
    codes = channel.view.codes
    if rule.who == "any" and given:
        first = min(given.values(), key=lambda taken: taken.ordered.entry.time)
        given = dict.fromkeys(range(len(codes)), first)
    over = one.at + rule.after
    stands = tuple(
        _stand(channel, party, given.get(party), over, moment) for party in range(len(codes))
    )
    return replace(one, stands=stands)


def _given(channel: Channel, rule: Met, since: int, before: int) -> dict[int, Taken]:
    """Return each party's first entry that counts, by party number."""
    found: dict[int, Taken] = {}
    for procedure in rule.procedures:
        for opening in channel.fold.index.of(procedure, LIVE):
            case = channel.fold.cases[opening]
            counting = [
                taken for taken in case.steps if _counts(taken, rule) and _in(taken, since, before)
            ]
            if not counting:
                continue
            now = channel.case(opening)
            if any(str(now.opening.json(name)) != value for name, value in rule.named.items()):
                continue
            for taken in counting:
                held = found.get(taken.place.party)
                earlier = held is None or taken.ordered.entry.time < held.ordered.entry.time
                if earlier and _stands_good(channel, now, taken, rule):
                    found[taken.place.party] = taken
    return found


def _counts(taken: Taken, rule: Met) -> bool:
    return taken.read is not None and taken.read.move.full_name in rule.by


def _in(taken: Taken, since: int, before: int) -> bool:
    return since <= taken.ordered.entry.time < before


def _stands_good(channel: Channel, now: CaseNow, taken: Taken, rule: Met) -> bool:
    """Say whether an entry was neither taken back nor is one that the rule leaves out."""
    if any(note.move in _TAKEN_BACK for note in now.notes_about(channel.step(taken))):
        return False
    if not rule.without:
        return True
    code = channel.view.codes[taken.place.party]
    own = {**channel.world.row_of(now), **channel.world.parts_of(now).get(code, {})}
    return not any(own.get(column) for column in rule.without)


def _stand(channel: Channel, party: int, taken: Taken | None, over: int, moment: int) -> Stand:
    code = channel.view.codes[party]
    if taken is not None:
        at = int(taken.ordered.entry.time)
        is_late = at >= over or _signed_without(channel, taken.place, over)
        return Stand(
            party=code,
            state="late" if is_late else "met",
            at=at,
            entry=channel.directory.entry_name(taken.place),
        )
    if moment < over:
        return Stand(party=code, state="due")
    last = channel.deliveries.newest(party)
    heard = last is not None and int(last.time) >= over
    return Stand(party=code, state="unmet" if heard else "unheard")


def _signed_without(channel: Channel, place: Place, over: int) -> bool:
    """Say whether the author signed past the day that its log did not hold the entry yet."""
    covering = channel.deliveries.first_covering(place)
    return covering is not None and channel.deliveries.signed_between(
        place.party, over, before=covering
    )
