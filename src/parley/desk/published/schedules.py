"""Item D of a NOTAM: the hours within items B and C, day by day.

Source of the forms: ICAO Doc 8126 and Annex 15, and what states really send.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from parley.desk.published.model import WINDOWS_MAX, Span, Window
from parley.desk.published.years import MONTH, month_of, second
from parley.desk.times import DAY

_TOKEN: Final = re.compile(
    rf"(?P<full>[0-9]{{10}}\s*(?:TO|-)\s*[0-9]{{10}})"
    rf"|(?P<hours>(?<![0-9])[0-9]{{4}}\s*(?:-|/|TO)\s*[0-9]{{4}}(?![0-9]))"
    rf"|(?P<days>(?<![0-9])[0-9]{{2}}\s*-\s*(?:{MONTH}\s*)?[0-9]{{2}}(?![0-9]))"
    rf"|(?P<day>(?<![0-9])[0-9]{{2}}(?![0-9]))"
    rf"|(?P<month>\b{MONTH}\b)"
    rf"|(?P<weekdays>\b(?:MON|TUE|WED|THU|FRI|SAT|SUN)\b(?:\s*-\s*\b(?:MON|TUE|WED|THU|FRI|SAT|SUN)\b)?)"
    rf"|(?P<whole>\bH24\b)|(?P<on>\bON\b)|(?P<skip>\bDAILY\b|\bDLY\b|\bAND\b|\bUTC\b|[\s,;.]+)"
)
_EXCEPT: Final = re.compile(r"\bEXC(?:EPT|L)?\b\.?")
_WEEK: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
Hours = tuple[int, int]


def read_schedule(written: str, start: int, end: int, span: Span) -> list[Window]:
    """Return the windows of an item D.

    Args:
        written: its plain letters.
        start: item B; windows are kept within B and C.
        end: item C.
        span: where it stands.

    Raises:
        ValueError: a form that is not known, such as sunrise or an exception.
    """
    written, _, excepted = _EXCEPT.sub("\x00", written, count=1).partition("\x00")
    tokens = _tokens(written)
    if not tokens:
        raise ValueError("an empty schedule")
    without = _excepted(excepted, start, end)
    pairs: set[tuple[int, int]] = set()
    for days, hours in _groups(tokens, start, end):
        for day in days:
            for first, last in hours if day not in without else ():
                begins, ends = day + first, day + last + (DAY if last <= first else 0)
                pairs.add((begins, ends))
                if len(pairs) > WINDOWS_MAX * 2:
                    raise ValueError("too many windows")
    pairs |= _full(tokens)
    kept = sorted((max(a, start), min(b, end)) for a, b in pairs if a < end and b > start)
    if not kept or len(kept) > WINDOWS_MAX:
        raise ValueError("no window within items B and C" if not kept else "too many windows")
    return [Window(start=a, end=b, rule="item D", span=span) for a, b in kept]


def _excepted(written: str, start: int, end: int) -> set[int]:
    """Return the days behind `EXC`; ValueError where anything but days stands there."""
    tokens = _tokens(written)
    if any(kind not in ("day", "days", "weekdays", "month") for kind, _ in tokens):
        raise ValueError("a form that is not known")
    calendar = _Calendar(start, end)
    found: set[int] = set()
    for kind, word in tokens:
        if kind == "month":
            calendar.month = month_of(word)
        else:
            found.update(calendar.days_of(kind, word))
    return found


def _tokens(written: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(written):
        match = _TOKEN.match(written, place)
        if match is None:
            raise ValueError("a form that is not known")
        if match.lastgroup != "skip":
            tokens.append((str(match.lastgroup), match.group()))
        place = match.end()
    return tokens


def _full(tokens: list[tuple[str, str]]) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for kind, word in tokens:
        if kind == "full":
            first, last = (ten_digits(part) for part in re.findall(r"[0-9]{10}", word))
            if last <= first:
                raise ValueError("the end is not after the beginning")
            found.add((first, last))
    return found


def ten_digits(written: str) -> int:
    """Return the second of `2212090647`, which is UTC; ValueError if there is none."""
    year, month, day, hour, minute = (int(written[at : at + 2]) for at in range(0, 10, 2))
    return second(2000 + year, month, day, hour, minute, 0)


def _groups(
    tokens: list[tuple[str, str]], start: int, end: int
) -> Iterable[tuple[list[int], list[Hours]]]:
    """Yield the days and the hours that belong together."""
    calendar = _Calendar(start, end)
    kinds = [kind for kind, _ in tokens]
    is_after = "on" in kinds
    days: list[int] = []
    hours: list[Hours] = []
    was = ""
    for kind, word in tokens:
        if kind in ("hours", "whole"):
            if is_after and was == "days":
                yield days, hours
                days, hours = [], []
            hours.append(_hours_of(word) if kind == "hours" else (0, DAY))
            was = "hours"
        elif kind in ("day", "days", "weekdays"):
            if not is_after and was == "hours":
                yield days or calendar.all_days(hours), hours
                days, hours = [], []
            days += calendar.days_of(kind, word)
            was = "days"
        elif kind == "month":
            calendar.month = month_of(word)
    if days and not hours:
        raise ValueError("days without hours")
    if hours:
        yield days or calendar.all_days(hours), hours


def _hours_of(word: str) -> Hours:
    found = []
    for part in re.findall(r"[0-9]{4}", word):
        hour, minute = int(part[:2]), int(part[2:])
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            raise ValueError("no such time")
        found.append(hour * 3600 + minute * 60)
    return found[0], found[1]


class _Calendar:
    """The days from item B to item C, and the month that a schedule is speaking of."""

    def __init__(self, start: int, end: int) -> None:
        self.first, self.last = start // DAY * DAY, end // DAY * DAY
        self.month = 0

    def all_days(self, hours: list[Hours]) -> list[int]:
        """Return every day from B to C; and the one before, for hours over midnight."""
        begin = self.first - (DAY if any(last <= first for first, last in hours) else 0)
        if self.last - begin > WINDOWS_MAX * DAY:
            raise ValueError("too many windows")
        return list(range(begin, self.last + 1, DAY))

    def days_of(self, kind: str, word: str) -> list[int]:
        """Return the days that a day, a range or weekdays mean."""
        if kind == "weekdays":
            names = re.findall("|".join(_WEEK), word)
            first, last = _WEEK.index(names[0]), _WEEK.index(names[-1])
            count = (last - first) % 7 + 1
            # 1 January 1970 was a Thursday.
            return [d for d in self.all_days([]) if ((d // DAY + 3) % 7 - first) % 7 < count]
        numbers = [int(part) for part in re.findall(r"[0-9]{2}", word)]
        first_day = self._day(numbers[0])
        if kind == "day":
            return [first_day]
        if month := re.search(MONTH, word):
            self.month = month_of(month.group())
        last_day = self._day(numbers[1])
        if last_day < first_day:
            raise ValueError("the end is not after the beginning")
        return list(range(first_day, min(last_day, first_day + WINDOWS_MAX * DAY) + 1, DAY))

    def _day(self, number: int) -> int:
        """Return the first second of a day of the month, within items B and C."""
        for day in range(self.first, min(self.last, self.first + WINDOWS_MAX * DAY) + 1, DAY):
            when = datetime.fromtimestamp(day, UTC)
            if when.day == number and self.month in (0, when.month):
                return day
        raise ValueError("a day outside of items B and C")
