"""Instants, durations and the ways people write them.

An instant is whole seconds since 1970-01-01T00:00:00Z. A time without a zone is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NewType

from parley.errors import UsageError

Instant = NewType("Instant", int)
"""Seconds since 1970-01-01T00:00:00Z."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DTG = re.compile(r"(\d{2})(\d{2})(\d{2})([A-IK-Z]) ([A-Z]{3}) (\d{2}|\d{4})")
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2})?(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
_ISO_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_SHORT_DURATION = re.compile(r"(-?\d+)(ms|s|min|m|h|d|w)")
_UNIT_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
YEAR_2020 = Instant(1_577_836_800)
YEAR_2100 = Instant(4_102_444_800)


def _zone_hours(letter: str) -> int:
    """Return the offset in hours of a military zone letter (ACP 121: Z is UTC, J is local)."""
    if letter == "Z":
        return 0
    if letter <= "I":
        return ord(letter) - ord("A") + 1
    if letter <= "M":
        return ord(letter) - ord("A")
    return -(ord(letter) - ord("N") + 1)


def parse_instant(text: str) -> Instant:
    """Read an instant written as RFC 3339 with zone or as a date-time group.

    Raises:
        UsageError: the text is neither, or it names no zone.
    """
    text = text.strip()
    if _RFC3339.fullmatch(text):
        try:
            return Instant(int(datetime.fromisoformat(text.upper()).timestamp()))
        except (ValueError, OverflowError) as problem:
            raise UsageError(f"{text!r} is not a possible time: {problem}") from None
    if match := _DTG.fullmatch(text.upper()):
        day, hour, minute, zone, month, year = match.groups()
        if month in _MONTHS:
            century = 2000 if len(year) == 2 else 0
            try:
                local = datetime(
                    century + int(year),
                    _MONTHS.index(month) + 1,
                    int(day),
                    int(hour),
                    int(minute),
                    tzinfo=timezone(timedelta(hours=_zone_hours(zone))),
                )
            except ValueError as problem:
                raise UsageError(f"{text!r} is not a possible time: {problem}") from None
            return Instant(int(local.timestamp()))
    raise UsageError(
        f"{text!r} is not a time with a zone",
        next_step="Write 2026-11-24T05:12:00Z or 240512Z NOV 26.",
    )


def parse_duration(text: str) -> int:
    """Return seconds for `90s`, `10m`, `6h`, `3d` or ISO 8601 such as `PT4H`, `P10D`.

    Raises:
        UsageError: the text is neither.
    """
    text = text.strip()
    if match := _SHORT_DURATION.fullmatch(text):
        amount, unit = int(match.group(1)), match.group(2)
        return amount // 1000 if unit == "ms" else amount * _UNIT_SECONDS[unit]
    match = _ISO_DURATION.fullmatch(text)
    if match and any(match.groups()):
        years, months, weeks, days, hours, minutes, seconds = (int(g or 0) for g in match.groups())
        total_days = years * 365 + months * 30 + weeks * 7 + days
        return total_days * 86_400 + hours * 3600 + minutes * 60 + seconds
    raise UsageError(f"{text!r} is not a duration", next_step="Write 90s, 10m, 6h, 3d or PT4H.")


def rfc3339(instant: int) -> str:
    """Return the instant as RFC 3339 in UTC; years beyond 9999 are given as seconds."""
    try:
        return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)
    except (ValueError, OverflowError, OSError):
        return f"{instant}s"


def dtg(instant: int) -> str:
    """Return the date-time group in zone Z, such as `240512Z NOV 26`.

    Outside 2000 to 2099 the year has four digits, and beyond 9999 the seconds are given.
    """
    try:
        when = datetime.fromtimestamp(instant, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{instant}s"
    year = f"{when:%y}" if 2000 <= when.year < 2100 else f"{when.year:04}"
    return f"{when:%d%H%M}Z {_MONTHS[when.month - 1]} {year}"


def iso_duration(seconds: int) -> str:
    """Return seconds as ISO 8601 hours, minutes and seconds, such as `PT2H17M`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [
        f"{hours}H" if hours else "",
        f"{minutes}M" if minutes else "",
        f"{left}S" if left else "",
    ]
    return "PT" + ("".join(parts) or "0S")


def utc_day(instant: int) -> str:
    """Return the UTC day as `2026-11-24`."""
    return rfc3339(instant)[:10]
