"""Times put together from what a notice says, and the year where it says none.

A notice names days without a year. Which one it is follows from when it was issued, from when it
ends, or from the year in its number, in this order; where nothing tells, the time stays unread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from parley.desk.times import DAY

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTH: Final = (
    r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?"
    r"|SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)"
)
ZONE: Final = (
    r"[\s(]{0,2}(?:UTC|GMT)\s?[+-][0-9]{1,2}(?::?[0-9]{2})?(?![0-9]|\s?(?:UTC|GMT|Z)\b)|[\s(]{0,2}(?:UTC|GMT|LT|LOCAL)\b"
    r"|[\s(]{0,2}(?:BJT|HKT|JST|KST|NPT|PKT|SGT|PHT|MSK|WIB|ICT|AEST|AEDT|ACST|ACDT|AWST|NZST|NZDT|CET|CEST|EET|EEST)\b"
    r"|[\s(]{0,2}(?:IST|CST|CDT|EST|EDT|MST|MDT|PST|PDT|AST|BST|GST|SST|AMT|ECT)\b"
    r"|[\s(]{0,2}(?:BEIJING|PEKING|HONG\s?KONG)\s+(?:STANDARD\s+)?TIME\b|[A-Z]\*?(?![A-Z0-9])"
)
_NAMED: Final = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "BJT": 480,
    "HKT": 480,
    "JST": 540,
    "KST": 540,
    "NPT": 345,
    "PKT": 300,
    "SGT": 480,
    "PHT": 480,
    "MSK": 180,
    "WIB": 420,
    "ICT": 420,
    "AEST": 600,
    "AEDT": 660,
    "ACST": 570,
    "ACDT": 630,
    "AWST": 480,
    "NZST": 720,
    "NZDT": 780,
    "CET": 60,
    "CEST": 120,
    "EET": 120,
    "EEST": 180,
}
"""Zones whose name has one meaning; `CST`, `IST` and `EST` have several and stay unread."""
LOCAL: Final = ("LT", "LOCAL")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s?([+-])\s?([0-9]{1,2}):?([0-9]{2})?")
ROC_BEGAN: Final = 1911
ROC_YEARS: Final = range(100, 150)
"""Years that Taiwan counts from 1912: `114年` is 2025. No other year has three digits."""
_BEFORE_ISSUE: Final = 62 * DAY
_YEARS: Final = (1990, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What helps to place a time.

    Attributes:
        issued: when the notice was issued, seconds of UTC.
        ends: when it ends itself.
        year: the year of its number, or one that the caller names.
        zone: minutes east of UTC for times that name no zone; None leaves them unread.
        zone_from: `caller` or `issuer`, where `zone` stands in.
    """

    issued: int | None = None
    ends: int | None = None
    year: int | None = None
    zone: int | None = None
    zone_from: str = "caller"

    def year_of(self, month: int, day: int) -> int:
        """Return the year of a day without one; ValueError where nothing tells it."""
        near = self.issued if self.issued is not None else self.ends
        if near is None:
            if self.year is None:
                raise ValueError("no year")
            return self.year
        least = near - (_BEFORE_ISSUE if self.issued is not None else 330 * DAY)
        first = datetime.fromtimestamp(least, UTC).year
        for year in (first, first + 1, first + 2):
            try:
                found = second(year, month, day, 23, 59, 0)
            except ValueError:
                continue
            if found >= least:
                return year
        raise ValueError("no such time")

    def month_of(self, day: int) -> tuple[int, int]:
        """Return year and month of a day that names neither; ValueError unless there is one.

        It must be the only day of that number between a week before the notice was issued and
        the end that the notice sets itself.
        """
        if self.issued is None or self.ends is None or self.ends - self.issued > 60 * DAY:
            raise ValueError("no month")
        days = range(self.issued // DAY - 7, self.ends // DAY + 1)
        whens = [datetime.fromtimestamp(each * DAY, UTC) for each in days]
        found = [(when.year, when.month) for when in whens if when.day == day]
        if len(found) != 1:
            raise ValueError("no month")
        return found[0]


def second(  # noqa: PLR0917 - the parts of a time in their order
    year: int, month: int, day: int, hour: int, minute: int, zone: int
) -> int:
    """Return seconds of UTC; 24:00 is the end of the day.

    Raises:
        ValueError: no such day or time.
    """
    if not _YEARS[0] <= year <= _YEARS[1] or minute > 59 or hour > 24 or (hour == 24 and minute):
        raise ValueError("no such time")
    try:
        start = int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        raise ValueError("no such time") from None
    return start + hour * 3600 + minute * 60 - zone * 60


def month_of(written: str) -> int:
    """Return the number of a month's name."""
    return MONTHS.index(written[:3]) + 1


def full_year(written: str) -> int:
    """Return the year of two or four digits."""
    return int(written) + (2000 if len(written) == 2 else 0)


def zone_minutes(written: str) -> int:
    """Return minutes east of UTC of a zone: a letter, `UTC`, `UTC+5:30`, `E*` (half an hour more).

    Raises:
        ValueError: local time, or no zone.
    """
    written = written.strip(" (\n")
    if match := _OFFSET.fullmatch(written):
        sign, hours, minutes = match.groups()
        found = int(hours) * 60 + int(minutes or 0)
        if found > 14 * 60 or int(minutes or 0) > 59:
            raise ValueError("no such zone")
        return found if sign == "+" else -found
    if written in _NAMED:
        return _NAMED[written]
    if re.match(r"BEIJING|PEKING|HONG\s?KONG", written):
        return 480
    if written.endswith(("ST", "DT", "MT", "CT")):
        raise ValueError("a zone of several meanings")
    letter = written[:1]
    if written.rstrip("*") == letter and letter.isalpha() and letter not in "JZ":
        half = 30 if written.endswith("*") else 0
        if letter >= "N":
            return -60 * (ord(letter) - ord("N") + 1) - half
        return 60 * (ord(letter) - ord("A") + (1 if letter < "J" else 0)) + half
    raise ValueError("no zone")
