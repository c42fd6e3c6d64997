"""Times and durations as officers read them: `212407Z`, `23 NOV 1905Z`, `0:18:20`, `41 d 04 h`.

`static/js/clocks.js` writes running clocks by the same rules.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from parley.console.language import Language
from parley.core.instants import rfc3339

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def _utc(instant: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(instant, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def at(instant: int | None, now: int) -> str:
    """Return a time as short as it is plain: `212407Z` today, `23 NOV 1905Z`, `23 NOV 25 1905Z`."""
    if instant is None:
        return ""
    when, today = _utc(instant), _utc(now)
    if when is None or today is None:
        return f"{instant}s"
    if when.date() == today.date():
        return f"{when:%H%M%S}Z"
    day = f"{when:%d} {_MONTHS[when.month - 1]}"
    if abs(instant - now) > 180 * DAY_S:
        day = f"{day} {when:%y}"
    return f"{day} {when:%H%M}Z"


def read_iso(text: str) -> int | None:
    """Return the seconds of a moment such as `2026-03-02T09:14:00Z`; None for other texts."""
    if not _ISO.fullmatch(text):
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None


def hm(instant: int | None, now: int) -> str:
    """Return a time to the minute: `2124Z` today, else as `at`."""
    text = at(instant, now)
    return text[:4] + "Z" if len(text) == 7 else text


def stamp(instant: int | None) -> str:
    """Return `23 NOV 26 21:24:07Z` in every language."""
    if instant is None:
        return ""
    when = _utc(instant)
    if when is None:
        return f"{instant}s"
    return f"{when:%d} {_MONTHS[when.month - 1]} {when:%y %H:%M:%S}Z"


def full(instant: int | None, language: Language) -> str:
    """Return `23 NOV 26 21:24:07Z`; in Chinese the written date too."""
    text = stamp(instant)
    when = None if instant is None else _utc(instant)
    if when is not None and language.code == "zh":
        text += f"（{when.year}年{when.month}月{when.day}日 {when:%H:%M}，协调世界时）"
    return text


def date(instant: int) -> str:
    """Return `23 NOV 26`."""
    when = _utc(instant)
    return "" if when is None else f"{when:%d} {_MONTHS[when.month - 1]} {when:%y}"


def clock(instant: int) -> str:
    """Return `21:24:07Z`."""
    when = _utc(instant)
    return "" if when is None else f"{when:%H:%M:%S}Z"


def iso(instant: int | None) -> str:
    """Return RFC 3339 for machines."""
    return "" if instant is None else rfc3339(instant)


def length(seconds: int | None, language: Language) -> str:
    """Return a running length: `0:18:20` under a day, `41 d 04 h` above."""
    if seconds is None:
        return ""
    seconds = abs(seconds)
    days, rest = divmod(seconds, DAY_S)
    hours, rest = divmod(rest, HOUR_S)
    if days:
        return language.say("{days} d {hours} h", days=days, hours=f"{hours:02}")
    minutes, left = divmod(rest, MINUTE_S)
    return f"{hours}:{minutes:02}:{left:02}"


def age(seconds: int | None, language: Language) -> str:
    """Return how long ago, coarsely: `3 s`, `12 min`, `3 h 04 min`, `41 d 04 h`."""
    if seconds is None:
        return ""
    seconds = max(0, seconds)
    if seconds < MINUTE_S:
        return language.say("{n} s", n=seconds)
    if seconds < HOUR_S:
        return language.say("{n} min", n=seconds // MINUTE_S)
    if seconds < DAY_S:
        hours, rest = divmod(seconds, HOUR_S)
        return language.say("{hours} h {minutes} min", hours=hours, minutes=f"{rest // 60:02}")
    return length(seconds, language)


def whole_length(seconds: int, language: Language) -> str:
    """Return a length that somebody wrote, nothing of it left out: `1 d 2 h 30 min`."""
    days, rest = divmod(seconds, DAY_S)
    hours, rest = divmod(rest, HOUR_S)
    minutes, left = divmod(rest, MINUTE_S)
    said = [
        language.say("{n} d", n=days) if days else "",
        language.say("{n} h", n=hours) if hours else "",
        language.say("{n} min", n=minutes) if minutes else "",
        language.say("{n} s", n=left) if left or not seconds else "",
    ]
    return " ".join(one for one in said if one)


def span(seconds: int | None, language: Language) -> str:
    """Return a length set by a rule: `45 min`, `3 h`, `10 d`, `2 h 30 min`."""
    if seconds is None:
        return ""
    if seconds >= DAY_S and seconds % DAY_S == 0:
        return language.say("{n} d", n=seconds // DAY_S)
    if seconds >= HOUR_S and seconds % HOUR_S == 0:
        return language.say("{n} h", n=seconds // HOUR_S)
    return age(seconds, language)
