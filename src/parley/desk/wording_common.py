"""Readers that English and Chinese share: coordinates in signs, dates in digits, units."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from parley.desk.numerals import plain
from parley.desk.wording import Reader, Values, reader

Number = Callable[[str], Fraction | None]

SECOND: Final = "duration", "s", Fraction(1)
UNITS: Final[dict[str, tuple[str, str, Fraction]]] = {
    "second": SECOND,
    "minute": ("duration", "s", Fraction(60)),
    "hour": ("duration", "s", Fraction(3600)),
    # 48 hours and two days are not the same in a text of law; days, months, hours stay apart.
    "day": ("duration", "d", Fraction(1)),
    "working day": ("duration", "working d", Fraction(1)),
    "week": ("duration", "d", Fraction(7)),
    "month": ("duration", "month", Fraction(1)),
    "year": ("duration", "month", Fraction(12)),
    "mm": ("distance", "m", Fraction(1, 1000)),
    "cm": ("distance", "m", Fraction(1, 100)),
    "m": ("distance", "m", Fraction(1)),
    "km": ("distance", "m", Fraction(1000)),
    "nmi": ("distance", "m", Fraction(1852)),
    "mile": ("distance", "m", Fraction(1609344, 1000)),
    "yard": ("distance", "m", Fraction(9144, 10_000)),
    "foot": ("distance", "m", Fraction(3048, 10_000)),
    "fathom": ("distance", "m", Fraction(18288, 10_000)),
    "li": ("distance", "m", Fraction(500)),
    "m2": ("area", "m²", Fraction(1)),
    "km2": ("area", "m²", Fraction(1_000_000)),
    "nmi2": ("area", "m²", Fraction(1852 * 1852)),
    "knot": ("speed", "m/s", Fraction(1852, 3600)),
    "km/h": ("speed", "m/s", Fraction(1000, 3600)),
    "m/s": ("speed", "m/s", Fraction(1)),
    "kg": ("mass", "kg", Fraction(1)),
    "t": ("mass", "kg", Fraction(1000)),
    "degree": ("angle", "°", Fraction(1)),
    "hz": ("frequency", "Hz", Fraction(1)),
    "khz": ("frequency", "Hz", Fraction(1000)),
    "mhz": ("frequency", "Hz", Fraction(1_000_000)),
}
"""Kind, unit of the normal form and factor of every unit that is read."""


def quantity(number: Fraction | None, unit: str) -> Values:
    """Return a quantity in its normal unit."""
    if number is None:
        return ()
    kind, normal, factor = UNITS[unit]
    return ((kind, f"{plain(number * factor)} {normal}"),)


def day(year: Fraction | None, month: int | None, days: Fraction | None) -> Values:
    """Return `2023-06-19`, `2023-06`, `--06-19` or `--06`; nothing for a day that cannot be."""
    if month is None or not 1 <= month <= 12 or not _fits(days, 1, 31) or not _fits(year, 1, 9999):
        return ()
    start = "--" if year is None else f"{int(year):04d}-"
    return (("date", f"{start}{month:02d}" + ("" if days is None else f"-{int(days):02d}")),)


def _fits(value: Fraction | None, least: int, most: int) -> bool:
    """Say whether a value is absent, or whole and within bounds."""
    return value is None or (value.denominator == 1 and least <= value <= most)


def clock(hour: Fraction | None, minute: Fraction | None, *, late: bool = False) -> Values:
    """Return `15:35`; nothing for a time that cannot be. `late` is after noon."""
    if hour is None or minute is None or not _fits(hour, 0, 24) or not _fits(minute, 0, 59):
        return ()
    hours = int(hour) + 12 if late and hour < 12 else int(hour)
    return (("time", f"{hours:02d}:{int(minute):02d}"),)


def angle(
    degrees: Fraction | None, minutes: Fraction | None, seconds: Fraction | None, side: str
) -> Values:
    """Return a coordinate in decimal degrees, 5 places; `side` is N, S, E or W."""
    if degrees is None or degrees > (90 if side in "NS" else 180):
        return ()
    if any(part is not None and part >= 60 for part in (minutes, seconds)):
        return ()
    value = degrees + (minutes or 0) / Fraction(60) + (seconds or 0) / Fraction(3600)
    value = round(value, 5) * (-1 if side in "SW" else 1)
    axis = "latitude" if side in "NS" else "longitude"
    return (("coordinate", f"{axis} {float(value):.5f}"),)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


_NUM = r"\d{1,3}(?:\.\d+)?"
_TWO = r"\d{1,2}(?:\.\d+)?"
_BODY = (
    rf"(?P<d>{_NUM})\s*(?:[°º˚]\s*(?:(?P<m>{_TWO})\s*['′’]\s*(?:(?P<s>{_TWO})\s*(?:[\"″”]|''|′′)?\s*)?"
    rf"|(?P<m1>{_TWO})?\s*))"
)


def _body(match: re.Match[str]) -> Values:
    side = (match["after"] or match["before"]).upper()
    minutes = match["m"] or match["m1"]
    return angle(_fraction(match["d"]), _fraction(minutes), _fraction(match["s"]), side)


def _dashed(match: re.Match[str]) -> Values:
    return angle(_fraction(match["d"]), _fraction(match["m"]), _fraction(match["s"]), match["side"])


def _packed(match: re.Match[str]) -> Values:
    digits, side = match["digits"], match["side"]
    wide = 2 if side in "NS" else 3
    rest = digits[wide:]
    if len(digits) - wide not in (2, 4):
        return ()
    seconds = Fraction(rest[2:]) if rest[2:] else None
    return angle(Fraction(digits[:wide]), Fraction(rest[:2]), seconds, side)


def _iso(match: re.Match[str]) -> Values:
    return day(Fraction(match["y"]), int(match["m"]), Fraction(match["d"]))


_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
MONTHS: Final = tuple(_MONTH_NAMES.split())


def month_of(text: str) -> int | None:
    """Return the number of a month by its English name or first three letters."""
    low = text.lower().rstrip(".")
    for number, name in enumerate(MONTHS, start=1):
        if name == low or (len(low) >= 3 and name.startswith(low)):
            return number
    return None


def _dtg(match: re.Match[str]) -> Values:
    year = Fraction(2000 + int(match["y"]))
    when = day(year, month_of(match["mon"]), Fraction(match["d"]))
    time = clock(Fraction(match["h"]), Fraction(match["min"]))
    zone = (("zone", "UTC"),) if match["z"] == "Z" else ()
    return (*when, *time, *zone) if when and time else ()


COORDINATES: Final[tuple[Reader, ...]] = (
    reader(rf"(?P<before>)(?:{_BODY})(?P<after>[NSEW])(?![A-Za-z])", _body),
    reader(rf"(?<![A-Za-z])(?P<before>[NSEW])\s*(?:{_BODY})(?P<after>)", _body),
    reader(
        rf"(?<!\d)(?P<d>\d{{2,3}})-(?P<m>{_TWO})(?:-(?P<s>{_TWO}))?\s?(?P<side>[NSEW])(?![A-Za-z])",
        _dashed,
    ),
    reader(r"(?<![\dA-Za-z.])(?P<digits>\d{4,7})(?P<side>[NSEW])(?![A-Za-z])", _packed),
)
DAYS: Final[tuple[Reader, ...]] = (
    reader(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)", _iso),
    reader(
        r"(?<!\d)(?P<d>\d{2})(?P<h>\d{2})(?P<min>\d{2})(?P<z>[A-IK-Z])\s?"
        r"(?P<mon>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\s?(?P<y>\d{2})(?!\d)",
        _dtg,
    ),
)


def _hours(match: re.Match[str]) -> Values:
    return clock(Fraction(match["h"]), Fraction(match["min"]))


def _zone_offset(match: re.Match[str]) -> Values:
    hours = int(match["h"])
    return (("zone", f"{match['sign'].replace('−', '-')}{hours:02d}:{match['min'] or '00'}"),)


TIME: Final = reader(r"(?<![\d:])(?P<h>\d{1,2}):(?P<min>\d{2})(?::\d{2})?(?![\d:])", _hours)
ZONE_OFFSET: Final = reader(
    r"(?:UTC|GMT)\s?(?P<sign>[+\-−])(?P<h>\d{1,2})(?::?(?P<min>\d{2}))?(?!\d)", _zone_offset
)


def _designation(match: re.Match[str]) -> Values:
    return (("designation", match[0].upper()),)


DESIGNATION: Final = reader(
    r"(?<![A-Za-z])(?:[A-Z][A-Za-z]{0,3}-\d+[A-Za-z]?|[A-Z][A-Za-z]*\d+[A-Z\d]*)(?![A-Za-z\d])",
    _designation,
)
"""Names such as F-16 or MH370: their digits are no numbers of the text."""
