"""iCalendar (RFC 5545): one event a window; a notice without a beginning is a journal entry."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from parley.desk.published.drawing import e7
from parley.desk.published.exchange import (
    NOTICES_MAX,
    checked,
    made_window,
    notice_of,
    plain_notice,
    refused,
    spot_of,
)
from parley.desk.published.geojson import read_json
from parley.desk.published.ical_lines import escaped, folded, written
from parley.desk.published.model import TEXT_MAX, Notice, Shape, Unread, Window
from parley.errors import UsageError

_BESIDE: Final = "X-PARLEY-NOTICE"
_UTC: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_LINE: Final = re.compile(
    r"([A-Za-z0-9-]{1,60})((?:;[^:\"]{0,200}(?:\"[^\"]{0,200}\")?){0,20}):(.*)", re.DOTALL
)
_LINES_MAX: Final = 200_000


def write_ical(notices: Sequence[Notice], *, stamp: int) -> str:
    """Return a calendar.

    Args:
        notices: the notices.
        stamp: DTSTAMP, when this file was made, seconds of UTC.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Parley//Published notices//EN"]
    seen: dict[str, int] = {}
    for notice in notices:
        name = _name(notice)
        seen[name] = seen.get(name, 0) + 1
        lines += _components(notice, name if seen[name] == 1 else f"{name}-{seen[name]}", stamp)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _name(notice: Notice) -> str:
    """Return what names a notice among all, whatever file it is in and when that is made."""
    return sha256(f"{notice.number}\n{notice.text}".encode("utf-8", "replace")).hexdigest()[:32]


def _components(notice: Notice, name: str, stamp: int) -> list[str]:
    windows: list[Window | None] = [*notice.windows] or [None]
    lines: list[str] = []
    for count, window in enumerate(windows):
        is_event = window is not None and window.start is not None
        kind = "VEVENT" if is_event else "VJOURNAL"
        lines += [f"BEGIN:{kind}", f"UID:{name}-{count}@notice.parley"]
        lines.append(f"DTSTAMP:{written(stamp)}")
        if window is not None and window.start is not None:
            lines.append(f"DTSTART:{written(window.start)}")
            if window.end is not None:
                lines.append(f"DTEND:{written(window.end)}")
        lines.append(f"SUMMARY:{escaped(notice.number or 'Notice')}")
        if count == 0:
            lines.append(f"DESCRIPTION:{escaped(notice.text)}")
            lines.append(f"{_BESIDE}:{escaped(json.dumps(plain_notice(notice)))}")
        if is_event and len(notice.shapes) == 1 and notice.shapes[0].kind == "point":
            point = notice.shapes[0].corners[0].point
            lines.append(f"GEO:{point.latitude / 1e7:.7f};{point.longitude / 1e7:.7f}")
        lines.append(f"END:{kind}")
    return lines


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], text)


def read_ical(text: str) -> list[Notice]:
    """Return the notices of a calendar: one an event, ours with all their windows.

    Times in named zones, floating times and rules of repetition are told and not read.

    Raises:
        UsageError: it is no calendar, or out of bounds.
    """
    # Lines end with a line feed alone: a text may hold what else Python takes for an end of one.
    lines = re.sub(r"\r?\n[ \t]", "", text).replace("\r\n", "\n").split("\n")
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR" or len(lines) > _LINES_MAX:
        raise refused("this is no iCalendar: it does not begin with BEGIN:VCALENDAR")
    found: list[Notice] = []
    kept: list[Notice] = []
    properties: list[tuple[str, str, str]] | None = None
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN" and value.upper() in ("VEVENT", "VJOURNAL"):
            properties = []
        elif name == "END" and value.upper() in ("VEVENT", "VJOURNAL") and properties is not None:
            found.append(_notice(properties))
            kept += _beside(properties)
            properties = None
            if len(found) > NOTICES_MAX:
                raise refused(f"a calendar has at most {NOTICES_MAX} events")
        elif properties is not None:
            properties.append((name, match[2], value))
    return kept if kept and _windows_of(kept) == _windows_of(found) else found


def _windows_of(notices: Sequence[Notice]) -> list[tuple[int, int | None]]:
    return [(w.start, w.end) for notice in notices for w in notice.windows if w.start is not None]


def _beside(properties: list[tuple[str, str, str]]) -> list[Notice]:
    for name, _, value in properties:
        if name == _BESIDE:
            try:
                return [notice_of(read_json(_unescaped(value)), "ical")]
            except UsageError:
                return []
    return []


def _notice(properties: list[tuple[str, str, str]]) -> Notice:
    said: dict[str, tuple[str, str]] = {}
    for name, parameters, value in properties:
        said.setdefault(name, (parameters, value))
    unread = [
        Unread(what="time", why="a rule of repetition", written=said[name][1][:80], span=(0, 0))
        for name in ("RRULE", "RDATE", "EXDATE", "DURATION")
        if name in said
    ]
    start, end = (_at(said.get(name), unread) for name in ("DTSTART", "DTEND"))
    windows = () if start is None and end is None else (made_window(start, end),)
    return Notice(
        kind="ical",
        number=_unescaped(said.get("SUMMARY", ("", ""))[1])[:80],
        text=_unescaped(said.get("DESCRIPTION", ("", ""))[1])[:TEXT_MAX],
        shapes=_geo(said),
        windows=windows,
        unread=tuple(unread),
    )


def _at(property_: tuple[str, str] | None, unread: list[Unread]) -> int | None:
    """Return the second of a time in UTC; any other is told."""
    if property_ is None:
        return None
    match = _UTC.fullmatch(property_[1].strip().upper())
    if match is not None and "TZID" not in property_[0].upper():
        try:
            return int(datetime(*(int(part) for part in match.groups()), tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]
        except ValueError:
            raise refused("iCalendar: no such time") from None
    unread.append(Unread(what="time", why="no zone", written=property_[1][:80], span=(0, 0)))
    return None


def _geo(said: dict[str, tuple[str, str]]) -> tuple[Shape, ...]:
    if "GEO" not in said:
        return ()
    try:
        latitude, longitude = (float(part) for part in said["GEO"][1].split(";"))
        spot = spot_of(e7(latitude), e7(longitude))
    except (ValueError, OverflowError):
        raise refused("iCalendar: GEO is no pair of degrees") from None
    return (checked(Shape(kind="point", corners=(spot,))),)
