"""Times in English warnings: date-time groups, days, daily hours, lists of days, until when.

A text is cut into phrases of words that speak of time; each phrase is read as one of a few forms,
or not at all.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from parley.desk.published.letters import tidy
from parley.desk.published.model import WINDOWS_MAX, Span, Unread, Window
from parley.desk.published.years import (
    LOCAL,
    MONTH,
    ZONE,
    Anchor,
    full_year,
    month_of,
    second,
    zone_minutes,
)
from parley.desk.times import DAY

_HOURS: Final = r"(?:\s?(?:HOURS|HRS?)\b\.?)?"
_TOKEN: Final = re.compile(
    rf"(?P<further>UNTIL\s+FURTHER\s+NOTICE|\bUFN\b)"
    rf"|(?P<daily>\b(?:DAILY|DLY|EACH\s+DAY|EVERY\s+DAY)\b)"
    rf"|(?P<to>\b(?:TO|UNTIL|THRU|THROUGH|TILL|UP\s+TO)\b|-)"
    rf"|(?P<and>\b(?:AND|ALTERNATE|ALTERNATIVELY)\b|,|&|/)"
    rf"|(?P<since>\b(?:FROM|FM|BEGINNING|COMMENCING|STARTING|NOT\s+BEFORE)\b)"
    rf"|(?P<from>\b(?:ON|BETWEEN)\b)"
    rf"|(?P<at>\bAT\b)"
    rf"|(?P<group>(?<![0-9.])(?P<gd>[0-9]{{2}})(?P<gh>[0-9]{{2}})(?P<gm>[0-9]{{2}})(?![0-9]){_HOURS}"
    rf"(?P<gz>{ZONE})?)"
    rf"|(?P<hour>(?<![0-9.])(?P<hh>[01][0-9]|2[0-4]):?(?P<hm>[0-5][0-9])(?![0-9]){_HOURS}(?P<hz>{ZONE})?)"
    rf"|(?P<month>\b(?P<mn>{MONTH})\b\.?(?:\s?,?\s?(?P<my>20[0-9]{{2}}|[0-9]{{2}}(?![0-9])))?)"
    rf"|(?P<day>(?<![0-9.])(?P<dd>[0-9]{{1,2}})(?:ST|ND|RD|TH)?(?![0-9A-Z]|\.[0-9]))"
)
_MONTH_FIRST: Final = re.compile(
    rf"{MONTH}\.?\s?(?P<day>[0-9]{{1,2}})(?:ST|ND|RD|TH)?(?![0-9])(?:\s?,?\s?(?P<year>20[0-9]{{2}})(?![0-9]))?"
)
_GAP: Final = re.compile(r"(?:[\s.:;()]|\bTIME\b|\bOF\b|(?<=[0-9])H\b){0,12}+")
_SENTENCE: Final = re.compile(r"\.(?=\s)|;")
_EXCEPT: Final = re.compile(
    r"\b(?:EXCEPT(?:ING)?(?:\s+FOR)?|EXCL?(?:UDING|\.)?|NO\s+(?:FIRINGS?|GUNNERY|OPERATIONS?|EXERCISES?)|BUT\s+NOT)\s*(?:ON\s*)?$"
)
_POSTPONED: Final = re.compile(
    r"\b(?:POSTPONED|DELAYED|RESCHEDULED|DEFERRED)\s*(?:FROM|TO|UNTIL)?\s*$"
)
_KINDS: Final = (
    "further",
    "daily",
    "to",
    "and",
    "since",
    "from",
    "at",
    "group",
    "hour",
    "month",
    "day",
)
_SOLID: Final = ("group", "hour", "month", "day", "further")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    span: Span
    numbers: tuple[int, ...] = ()
    zone: str = ""
    month: int = 0
    year: int = 0


def find_windows(
    text: str, rest: str, anchor: Anchor
) -> tuple[list[Window], list[Unread], list[Span]]:
    """Return windows, what speaks of time and was not understood, and the spans used.

    Args:
        text: the text as written.
        rest: the same in plain letters, what was read already blanked.
        anchor: what helps to find year and zone.
    """
    windows: list[Window] = []
    unread: list[Unread] = []
    used: list[Span] = []
    lost: list[Span] = []
    for phrase in _phrases(rest):
        span = phrase[0].span[0], phrase[-1].span[1]
        before = rest[max(0, span[0] - 40) : span[0]]
        try:
            if _POSTPONED.search(before):
                raise ValueError("a correction")  # noqa: TRY301 - told with the others below
            found = _read(_dated(phrase), anchor, span)
            if _EXCEPT.search(before):
                windows, found = _taken_out(windows, found), []
        except ValueError as problem:
            written = tidy(text, span)
            unread.append(Unread(what="time", why=str(problem), written=written, span=span))
            lost.append(span)
        else:
            # Two zones for one time, `0900 TO 1700 KST (0000 TO 0800 UTC)`, are one window.
            known = {(each.start, each.end) for each in windows}
            for each in found:
                if (each.start, each.end) not in known:
                    windows.append(each)
                    known.add((each.start, each.end))
        used.append(span)
    windows = _without_days(windows, rest, lost)
    if len(windows) > WINDOWS_MAX:
        span = windows[0].span
        unread.append(
            Unread(what="time", why="too many windows", written=tidy(text, span), span=span)
        )
    return windows[:WINDOWS_MAX], unread, used


def _taken_out(windows: list[Window], days: list[Window]) -> list[Window]:
    """Return the windows but for those of days that a text excepts; ValueError if it cannot be."""
    gone = [_ends(each) for each in days if each.rule == "days"]
    kept = [(each, *_ends(each)) for each in windows]
    if not windows or len(gone) < len(days) or any(end - start > DAY for _, start, end in kept):
        raise ValueError("a form that is not known")
    return [each for each, start, _ in kept if not any(begin <= start < end for begin, end in gone)]


def _ends(window: Window) -> tuple[int, int]:
    if window.start is None or window.end is None:
        raise ValueError("a form that is not known")
    return window.start, window.end


def _without_days(windows: list[Window], rest: str, lost: list[Span]) -> list[Window]:
    """Return the windows but for whole days said in one sentence with what was not understood.

    `0000Z TO 0800Z DAILY EXCEPT SUNDAYS 01 THRU 14 MAY`: whole days are more than this says.
    """
    ends = [match.start() for match in _SENTENCE.finditer(rest)]
    places = {bisect(ends, span[0]) for span in lost}
    return [
        each for each in windows if each.rule != "days" or bisect(ends, each.span[0]) not in places
    ]


def _token(match: re.Match[str]) -> _Token:
    kind = next(name for name in _KINDS if match[name] is not None)
    if kind == "group":
        numbers = int(match["gd"]), int(match["gh"]), int(match["gm"])
        return _Token(kind, match.span(), numbers, match["gz"] or "")
    if kind == "hour":
        return _Token(kind, match.span(), (int(match["hh"]), int(match["hm"])), match["hz"] or "")
    if kind == "month":
        year = full_year(match["my"]) if match["my"] else 0
        return _Token(kind, match.span(), (), "", month_of(match["mn"]), year)
    if kind == "day":
        return _Token(kind, match.span(), (int(match["dd"]),))
    return _Token(kind, match.span())


def _phrases(rest: str) -> list[list[_Token]]:
    """Return runs of words of time that hold a time; single months and numbers are none."""
    phrases: list[list[_Token]] = []
    run: list[_Token] = []
    place = 0
    while match := _TOKEN.search(rest, place):
        token = _month_first(rest, _token(match), run)
        place = max(token.span[1], place + 1)
        if run and not _GAP.fullmatch(rest[run[-1].span[1] : token.span[0]]):
            phrases += _if_time(run)
            run = []
        run.append(token)
    return phrases + _if_time(run)


def _month_first(rest: str, token: _Token, run: list[_Token]) -> _Token:
    """Return `AUG 05` and `AUGUST 4, 2022` as a day, where no day stands before the month."""
    before = run[-1] if run else None
    if token.kind != "month" or (before is not None and before.kind in ("day", "group")):
        return token
    match = _MONTH_FIRST.match(rest, token.span[0])
    if match is None:
        return token
    year = int(match["year"]) if match["year"] else 0
    return _Token("day", match.span(), (int(match["day"]),), "", token.month, year)


def _if_time(run: list[_Token]) -> list[list[_Token]]:
    """Return the run without joining words at its ends, if it speaks of a time at all."""
    first, end = 0, len(run)
    while end and run[end - 1].kind not in (*_SOLID, "daily"):
        end -= 1
    while first + 1 < end and run[first].kind == "and":
        first += 1
    run = run[first:end]
    kinds = [token.kind for token in run]
    zoned = any(token.zone for token in run if token.kind in ("group", "hour"))
    dated = any({one, other} == {"day", "month"} for one, other in pairwise(kinds))
    dated = dated or any(token.kind == "day" and token.month for token in run)
    groups = "group" in kinds and ("month" in kinds or "to" in kinds)
    if zoned or dated or groups or "further" in kinds:
        return [run]
    return []


def _dated(phrase: list[_Token]) -> list[_Token]:
    """Return the phrase with month and year given to each day and group that lacks them.

    A month said once at the end of a list holds for all of it: `01, 03 AND 05 MAY`.
    """
    dated: list[_Token] = []
    month = year = 0
    zone = ""
    tokens = phrase
    for place in range(len(tokens) - 1, -1, -1):
        token = tokens[place]
        if token.kind == "month":
            first = place == 0 or tokens[place - 1].kind not in ("day", "group", "hour")
            after = tokens[place + 1 : place + 2]
            if first and after and after[0].kind == "day":
                # `FEB 02-05`: the month stands before its days.
                dated = _prefixed(dated, token)
                continue
            month, year = token.month, token.year or (year if token.month <= month else 0)
            continue
        if token.kind in ("group", "hour"):
            zone = token.zone or zone
            token = replace(token, zone=zone)
        if token.kind in ("group", "day"):
            if token.month:
                year = token.year or (year if token.month <= month else 0)
                month = token.month
            token = replace(token, month=month, year=year)
        dated.insert(0, token)
    return _carried(dated)


def _prefixed(dated: list[_Token], month: _Token) -> list[_Token]:
    found: list[_Token] = []
    for token in dated:
        if token.kind == "day" and not token.month:
            found.append(replace(token, month=month.month, year=month.year))
        else:
            found.append(token)
    return found


def _carried(dated: list[_Token]) -> list[_Token]:
    """Return the tokens; a group without month takes that of the one before it."""
    found: list[_Token] = []
    month = year = 0
    zone = ""
    for token in dated:
        if token.kind in ("group", "day"):
            month, year = token.month or month, token.year or year
        if token.kind in ("group", "hour"):
            zone = token.zone or zone
        if token.kind == "hour":
            found.append(replace(token, zone=zone))
        elif token.kind in ("group", "day"):
            own = zone if token.kind == "group" else ""
            found.append(replace(token, zone=own, month=month, year=year))
        else:
            found.append(token)
    return found


def _read(phrase: list[_Token], anchor: Anchor, span: Span) -> list[Window]:
    """Return the windows of one phrase; ValueError says why it is none that is known."""
    tokens = [each for each in _merged(phrase) if each.kind not in ("from", "and")]
    reader = _Reader(anchor, span)
    if [token.kind for token in tokens] in (["since", "group"], ["since", "day"]):
        return [reader.window(reader.at(tokens[1]), None, rule="from")]
    tokens = [each for each in tokens if each.kind != "since"]
    kinds = [token.kind for token in tokens]
    if "further" in kinds:
        begins = [token for token in tokens if token.kind in ("group", "day")]
        start = reader.at(begins[0]) if begins else None
        return [reader.window(start, None, rule="until further notice")]
    if "hour" in kinds and ("day" in kinds or "group" in kinds):
        return reader.daily(tokens)
    if "group" in kinds:
        return reader.groups(tokens)
    if "hour" in kinds:
        raise ValueError("hours without a day")
    return reader.days(tokens)


def _merged(phrase: list[_Token]) -> list[_Token]:
    """Return the phrase with `0400 UTC 4 AUG TO 0400 UTC 7 AUG` made into groups."""
    kinds = "".join({"hour": "h", "day": "d", "to": "t"}.get(token.kind, "") for token in phrase)
    if not re.fullmatch(r"(?:hdthd|dhtdh)+", kinds):
        return phrase
    merged: list[_Token] = []
    held: _Token | None = None
    for token in phrase:
        if token.kind not in ("hour", "day"):
            merged.append(token)
        elif held is None:
            held = token
        else:
            day, hour = (token, held) if token.kind == "day" else (held, token)
            span = held.span[0], token.span[1]
            numbers = (*day.numbers, *hour.numbers)
            merged.append(_Token("group", span, numbers, hour.zone, day.month, day.year))
            held = None
    return merged


@dataclass(frozen=True, slots=True)
class _Reader:
    anchor: Anchor
    span: Span

    def window(
        self, start: int | None, end: int | None, *, rule: str = "once", **more: str
    ) -> Window:
        if start is not None and end is not None and end <= start:
            raise ValueError("the end is not after the beginning")
        return Window(start=start, end=end, rule=rule, span=self.span, **more)  # type: ignore[arg-type]

    def zone(self, token: _Token) -> int:
        if token.zone and not (token.zone.strip(" (\n") in LOCAL and self.anchor.zone is not None):
            return zone_minutes(token.zone)
        if self.anchor.zone is None:
            raise ValueError("no zone")
        return self.anchor.zone

    def at(self, token: _Token) -> int:
        """Return the second of a group, or the first second of a day."""
        day, hour, minute = (*token.numbers, 0, 0)[:3]
        if token.month:
            year, month = token.year or self.anchor.year_of(token.month, day), token.month
        elif token.kind == "group":
            year, month = self.anchor.month_of(day)
        else:
            raise ValueError("no month")
        zone = self.zone(token) if token.kind == "group" else 0
        return second(year, month, day, hour, minute, zone)

    def groups(self, tokens: list[_Token]) -> list[Window]:
        """Return `171500Z TO 171700Z OCT` and lists of such; a single group is no window."""
        found: list[Window] = []
        place = 0
        kinds = [token.kind for token in tokens]
        if "daily" in kinds:
            raise ValueError("daily without hours")
        while place < len(tokens):
            token = tokens[place]
            if token.kind == "group" and kinds[place + 1 : place + 3] == ["to", "group"]:
                found.append(self._pair(token, tokens[place + 2]))
                place += 3
            elif token.kind == "to" and kinds[place + 1 : place + 2] == ["group"]:
                found.append(self.window(None, self.at(tokens[place + 1])))
                place += 2
            elif token.kind in ("group", "at"):
                # A moment at which something was seen or said; it bounds nothing.
                if token.kind == "group":
                    self.at(token)
                place += 1
            else:
                raise ValueError("a form that is not known")
        return found

    def _pair(self, first: _Token, last: _Token) -> Window:
        start, end = self.at(first), self.at(last)
        if end <= start and not last.year and last.month < first.month:
            year = self.anchor.year_of(first.month, first.numbers[0])
            end = self.at(replace(last, year=year + 1))
        zone = self.zone(first)
        came = "written" if first.zone else self.anchor.zone_from
        return replace(self.window(start, end), zone=zone, zone_from=came)

    def spans_of_days(self, tokens: list[_Token]) -> list[tuple[_Token, _Token]]:
        """Return first and last day of each part of a list such as `04 THRU 06, 13 AND 27 FEB`."""
        found: list[tuple[_Token, _Token]] = []
        place = 0
        while place < len(tokens):
            kinds = [token.kind for token in tokens[place : place + 3]]
            if kinds == ["day", "to", "day"]:
                found.append((tokens[place], tokens[place + 2]))
                place += 3
            elif kinds[:1] == ["day"]:
                found.append((tokens[place], tokens[place]))
                place += 1
            else:
                raise ValueError("a form that is not known")
        return found

    def days(self, tokens: list[_Token]) -> list[Window]:
        """Return whole UTC days, or until when."""
        if [token.kind for token in tokens] == ["to", "day"]:
            return [self.window(None, self.at(tokens[1]) + DAY, precision="day")]
        if [token.kind for token in tokens] == ["at", "day"]:
            return []
        return [
            self.window(self.at(first), self.at(last) + DAY, rule="days", precision="day")
            for first, last in self.spans_of_days(tokens)
        ]

    def daily(self, tokens: list[_Token]) -> list[Window]:
        """Return one window for each day and each pair of hours, group by group.

        `0530Z TO 2030Z DAILY 28 THRU 31 MAR AND 0530Z TO 1530Z DAILY 01 APR` are two groups.
        """
        found: list[Window] = []
        hours: list[tuple[_Token, _Token]] = []
        days: list[_Token] = []
        hours_first = next(t.kind for t in tokens if t.kind in ("hour", "day", "group")) == "hour"
        place = 0
        while place < len(tokens):
            kinds = [token.kind for token in tokens[place : place + 3]]
            if kinds == ["group", "to", "group"] and not hours and not days:
                found.append(self._pair(tokens[place], tokens[place + 2]))
                hours_first = "hour" in [each.kind for each in tokens[place + 3 : place + 4]]
                place += 3
            elif kinds == ["hour", "to", "hour"]:
                if days and hours_first:
                    found += self._each_day(hours, days)
                    hours, days = [], []
                hours.append((tokens[place], tokens[place + 2]))
                place += 3
            elif kinds[:1] == ["daily"]:
                place += 1
            elif kinds[:1] in (["day"], ["to"]):
                if hours and not hours_first and kinds[0] == "day":
                    found += self._each_day(hours, days)
                    hours, days = [], []
                days.append(tokens[place])
                place += 1
            else:
                raise ValueError("a form that is not known")
        return found + self._each_day(hours, days)

    def _each_day(self, hours: list[tuple[_Token, _Token]], days: list[_Token]) -> list[Window]:
        if not hours or not days:
            raise ValueError("a form that is not known")
        found: list[Window] = []
        for first, last in self.spans_of_days(days):
            start, end = self.at(first), self.at(last)
            if end < start:
                raise ValueError("the end is not after the beginning")
            for day in range(start, min(end, start + WINDOWS_MAX * DAY) + 1, DAY):
                found += [self._hours(day, one, two) for one, two in hours]
        return found

    def _hours(self, day: int, first: _Token, last: _Token) -> Window:
        zone = self.zone(first)
        bounds = []
        for token in (first, last):
            hour, minute = token.numbers
            if minute > 59 or hour > 24 or (hour == 24 and minute):
                raise ValueError("no such time")
            bounds.append(day + hour * 3600 + minute * 60)
        start, end = bounds[0] - zone * 60, bounds[1] - self.zone(last) * 60
        if end <= start:
            end += DAY
        came = "written" if first.zone else self.anchor.zone_from
        made = self.window(start, end, rule="daily")
        return replace(made, zone=zone, zone_from=came)
