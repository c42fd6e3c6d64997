"""What every iCalendar file is made of: times, escaped texts, folded lines (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_LAST: Final = 253_402_300_799
"""The last second of the year 9999, which has four digits."""

_DELETE: Final = "\x7f"


def written(at: int) -> str:
    """Return a second of UTC as a DATE-TIME, `20261124T051200Z`."""
    return _utc(at).strftime("%Y%m%dT%H%M%SZ").zfill(16)


def day(at: int) -> str:
    """Return the day of UTC that holds a second as a DATE, `20261124`."""
    return _utc(at).strftime("%Y%m%d").zfill(8)


def _utc(at: int) -> datetime:
    """Return the second, or the nearest that a file can hold: a peer may write any number."""
    return datetime.fromtimestamp(min(max(at, 0), _LAST), UTC)


def escaped(text: str) -> str:
    """Return a text as a value of type TEXT; what is no character of a line is left out."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(sign for sign in plain if (sign >= " " and sign != _DELETE) or sign == "\t")


def folded(line: str) -> str:
    """Return a line folded after at most 75 octets, never within a character."""
    parts, size = [], 0
    for sign in line:
        width = len(sign.encode("utf-8", "replace"))
        if size + width > 75:
            parts.append("\r\n ")
            size = 1
        parts.append(sign)
        size += width
    return "".join(parts)
