"""One text read as the notice it is: a NOTAM, a warning to ships, or any text with such parts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from parley.desk.published import times_chinese, times_english
from parley.desk.published.heights import find_limits
from parley.desk.published.lengths import NO_UNIT, find_amounts
from parley.desk.published.letters import blank, plain_letters, tidy
from parley.desk.published.model import TEXT_MAX, Notice, Reference, Span, Unread, Window
from parley.desk.published.notam import read_notam
from parley.desk.published.others import in_known_words
from parley.desk.published.placing import find_places
from parley.desk.published.positions import find_lost, unwrapped
from parley.desk.published.references import (
    chinese_end,
    chinese_end_at,
    chinese_number,
    find_references,
    known_anchor,
    own_end,
)
from parley.desk.published.schedules import ten_digits
from parley.desk.published.words import hazards_of, languages_of, restriction_of
from parley.desk.published.years import MONTH, Anchor, full_year, month_of, second, zone_minutes
from parley.errors import UsageError

_ISSUED: Final = re.compile(
    rf"^\s*([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})([A-Z])\s+({MONTH})\s+([0-9]{{4}}|[0-9]{{2}})\b"
)
_OWN: Final = re.compile(
    r"^\s*(?:[0-9]{6}[A-Z]\s+[A-Z]{3}\s+[0-9]{2,4}\s+)?"
    r"((?:HYDRO(?:LANT|PAC|ARC)|NAVAREA\s+[IVX]{1,5}|(?:[A-Z]{2,20}\s){1,6}?WARNING|WZ"
    r"|[A-Z]{1,14}\s?HANG\s?JING|(?:[A-Z]{2,20}\s){0,4}?NOTICES?\s+TO\s+MARINERS"
    r"|AVURNAV(?:\s+[A-Z]{3,20})?|(?:ПРИП|НАВИП|НАВАРЕА)(?:\s+[А-ЯIVX]{1,20})?|[一-鿿]{2,6}航行警報)"
    r"(?:\s+(?:NAVIGATIONAL\s+)?WARNING)?(?:\s+N[RO]\.?)?(?:\s+[A-Z]{1,4})?\s+"
    r"(?:[0-9]{1,5}(?:/|\s+OF\s+)[0-9]{2,4}|[0-9]{2}-[0-9]{3,4}\b))"
)
_CHARTS: Final = re.compile(
    r"DNC\s+[0-9]{2}(?:\s?,\s?(?:DNC\s+)?[0-9]{2})*|CHARTS?\s+[A-Z0-9][0-9 ,()INTA-Z]{0,60}"
    r"|海图\s?[0-9,]{1,60}"
)
_CORRECTS: Final = re.compile(
    r"\b(?:CHANGE|AMEND|CORRECT)[A-Z]{0,3}\b[^.;]{0,60}|\b(?:TO|SHOULD|NOW)\s+READ\b[^.;]{0,60}"
    r"|(?:更正|改为|应为|变更)[^.;]{0,60}|(?P<was>\bORIGINALLY\b|\bINSTEAD\s+OF\b)[^.;]{0,60}"
)
_CALLED_OFF: Final = re.compile(
    r"\b(?:FIRINGS?|GUNNERY|EXERCISES?|OPERATIONS?|LAUNCH(?:ING)?|PRACTICES?|TIRS?)\b[^.;/]{0,90}\b(?:CANCELL?ED|CALLED\s+OFF)\b"
    r"|(?:射击|训练|演习|活动|任务|作业|发射|试验)[^.;,/]{0,6}(?:取消|停止|中止)"
)
_LIST_NUMBER: Final = re.compile(r"(?:^|(?<=\n))[ ]{0,20}[0-9]{1,2}\s?[.),]")
_LEGAL_TIME_OF_CHINA: Final = re.compile(
    r"航警|海事局|海事处|海事部门|MSA\s+(?:OF\s+)?CHINA|CHINA\s+MSA"
    r"|(?<![0-9])1[0-4][0-9]年"
)
"""Where the years are those of Taiwan, its one legal time is the same."""
_ROC_YEAR: Final = re.compile(r"(?<![0-9])1[0-4][0-9]年")
_TEN_DIGITS: Final = re.compile(r"(?<![0-9])([0-9]{10})\s?-\s?([0-9]{10})(?:EST)?(?![0-9])")
"""How the United States write items B and C of a NOTAM, which then begins with `!`; in UTC."""
_LEFT_TIME: Final = re.compile(
    r"(?<![0-9])[0-9]{10}\s?-\s?[0-9]{10}(?![0-9])|(?<![0-9A-Z])[0-9]{6}[A-Z](?![A-Z0-9])|(?<![0-9A-Z])[0-9]{4}Z(?![A-Z])"
    r"|(?<![0-9A-Z])(?=[0-9]{0,5}O)[0-9O]{6}Z(?![A-Z0-9])|[0-9]{1,2}(?:月|日|时)[0-9]{1,2}|[0-9]{4}\s?(?:UTC|GMT|LT)\b"
    r"|日出|日落|\bSUN(?:RISE|SET)\b|同一?时段|相同时段|\bSAME\s+(?:HOURS|TIMES?|PERIOD)\b"
    r"|\bFOR\s+(?:A\s+PERIOD\s+OF\s+)?[0-9]{1,3}\s+(?:CONSECUTIVE\s+)?(?:HOURS?|HRS|DAYS?|WEEKS?)\b"
    r"|(?:为期|连续|历时|持续)\s?[0-9一二三四五六七八九十]{1,3}\s?个?(?:小时|天|日|周)"
)
_YEAR: Final = re.compile(r"(?<![0-9])20[0-9]{2}(?=年)|(?<=[A-Z]\s)20[0-9]{2}(?![0-9])")
_LEGAL_TIMES: Final = (
    (_LEGAL_TIME_OF_CHINA, 480),
    (re.compile(r"(?:日本|管区)航行警報|海上保安|水路通報|항행경보|해양경찰|국립해양조사원"), 540),
)
"""Issuers whose country keeps one legal time, minutes east."""


def read_notice(text: str, anchor: Anchor | None = None) -> Notice:
    """Return what one notice says.

    Args:
        text: as it was published, at most `TEXT_MAX` characters.
        anchor: what is known besides: when it was issued, its year, the zone of its times.

    Raises:
        UsageError: the text is too long.
    """
    if len(text) > TEXT_MAX:
        raise UsageError(
            f"one notice has {len(text)} characters, more than {TEXT_MAX}",
            next_step="give one notice at a time.",
        )
    plain = in_known_words(unwrapped(plain_letters(text)))
    notice = read_notam(text, plain)
    if notice is None:
        notice = _read_warning(text, plain, anchor or Anchor())
    return replace(notice, languages=languages_of(text))


def _read_warning(text: str, plain: str, anchor: Anchor) -> Notice:
    number, issued, spans = _head(plain)
    anchor = replace(anchor, issued=issued) if anchor.issued is None else anchor
    ended = own_end(plain, known_anchor(anchor, number, None))
    references, used = find_references(plain)
    own = "".join(number.split())
    references = [each for each in references if not own.endswith("".join(each.number.split()))]
    anchor = known_anchor(_zoned(anchor, plain), number, ended[0] if ended else None)
    if anchor.year is None:
        anchor = replace(anchor, year=_only_year(plain))
    if ended:
        references.append(Reference(act="ends", at=ended[0], span=ended[1]))
        used.append(ended[1])
    used += spans + [match.span() for match in _CHARTS.finditer(plain)]
    rest = blank(plain, used)
    shapes, lost, rest = find_places(text, rest)
    heights, at = find_limits(text, rest)
    rest = blank(rest, at)
    amounts = find_amounts(text, rest)
    rest = blank(rest, [each.span for each in amounts])
    windows, no_times, rest = _windows(text, rest, anchor)
    references += _chinese_end(plain, windows, anchor)
    return Notice(
        kind="maritime" if number or ended or shapes or lost else "text",
        text=text,
        number=number,
        issued=anchor.issued,
        shapes=tuple(shapes),
        windows=tuple(windows),
        heights=tuple(heights),
        references=tuple(references),
        amounts=tuple(amounts),
        hazards=hazards_of(plain),
        restriction=restriction_of(plain),
        unread=(
            *_called_off(text, plain, windows),
            *_corrects(text, plain, references, lost),
            *lost,
            *no_times,
            *_left(text, rest),
        ),
        notes=(
            *_notes(anchor, windows, references, number),
            *(["year of Taiwan"] if _ROC_YEAR.search(plain) else []),
        ),
        figures=len(re.findall(r"[0-9]+", rest)),
    )


def _called_off(text: str, plain: str, windows: list[Window]) -> list[Unread]:
    """Return where a text says that what it gives times for does not take place."""
    match = _CALLED_OFF.search(plain) if windows else None
    if match is None:
        return []
    span = match.span()
    return [Unread(what="text", why="called off", written=tidy(text, span), span=span)]


def _corrects(
    text: str, plain: str, references: list[Reference], lost: list[Unread]
) -> list[Unread]:
    """Return where a text changes what another notice says, if no position tells it already."""
    match = _CORRECTS.search(plain)
    named = any(each.act == "names" for each in references)
    if (
        match is None
        or not (named or match["was"])
        or any(each.why == "a correction" for each in lost)
    ):
        return []
    span = match.span()
    return [Unread(what="text", why="a correction", written=tidy(text, span), span=span)]


def _head(plain: str) -> tuple[str, int | None, list[Span]]:
    """Return number, time of issue and spans of the first lines of a warning."""
    issued: int | None = None
    spans: list[Span] = []
    number = ""
    if match := _ISSUED.search(plain):
        day, hour, minute, zone, month, year = match.groups()
        try:
            issued = second(
                full_year(year), month_of(month), int(day), int(hour), int(minute),
                zone_minutes(zone),
            )  # fmt: skip
            spans.append(match.span())
        except ValueError:
            issued = None
    if own := _OWN.search(plain):
        number = " ".join(own.group(1).split())
        spans.append(own.span(1))
    elif chinese := chinese_number(plain):
        number = chinese[0]
        spans.append(chinese[1])
    return number, issued, spans


def _zoned(anchor: Anchor, plain: str) -> Anchor:
    """Return the anchor with the legal time of the issuer, where the text names no zone.

    China, Japan and Korea keep one legal time each: what an office there writes needs no more.
    """
    for sign, minutes in _LEGAL_TIMES:
        if anchor.zone is None and sign.search(plain):
            return replace(anchor, zone=minutes, zone_from="issuer")
    return anchor


def _only_year(plain: str) -> int | None:
    """Return the year of a text that writes one year only, None elsewhere."""
    years = {match.group() for match in _YEAR.finditer(plain)}
    return int(years.pop()) if len(years) == 1 else None


def _windows(text: str, rest: str, anchor: Anchor) -> tuple[list[Window], list[Unread], str]:
    """Return the windows in Chinese and in English, what is no window, and what is left."""
    windows: list[Window] = []
    unread: list[Unread] = []
    if re.search(r"[日时号点]|另行通知", rest):
        windows, unread, used = times_chinese.find_windows(text, rest, anchor)
        rest = blank(rest, used)
    rest = blank(rest, [match.span() for match in _LIST_NUMBER.finditer(rest)])
    more, no_more, used = times_english.find_windows(text, rest, anchor)
    if rest.lstrip().startswith("!"):
        domestic, spans = _domestic(rest)
        windows, used = windows + domestic, used + spans
    known = {(each.start, each.end) for each in windows}
    windows += [each for each in more if (each.start, each.end) not in known]
    return windows, unread + no_more, blank(rest, used)


def _domestic(rest: str) -> tuple[list[Window], list[Span]]:
    """Return the windows of a NOTAM in the form of the United States; times that are none stay."""
    found: list[Window] = []
    for match in _TEN_DIGITS.finditer(rest):
        try:
            start, end = ten_digits(match[1]), ten_digits(match[2])
        except ValueError:
            continue
        if start < end:
            found.append(Window(start=start, end=end, rule="items B and C", span=match.span()))
    return found, [each.span for each in found]


def _chinese_end(plain: str, windows: list[Window], anchor: Anchor) -> list[Reference]:
    """Return when a Chinese warning ends itself: when it says, else when its last window does."""
    span = chinese_end(plain)
    said = chinese_end_at(plain, span, anchor) if span else None
    if said is not None and span:
        return [Reference(act="ends", at=said, span=span)]
    ends = [each.end for each in windows if each.end is not None]
    return [Reference(act="ends", at=max(ends, default=None), span=span)] if span else []


def _left(text: str, rest: str) -> list[Unread]:
    """Return what is left of a text that looks like a position or a time."""
    found = find_lost(text, rest)
    rest = blank(rest, [each.span for each in found])
    for match in NO_UNIT.finditer(rest):
        written = tidy(text, match.span())
        lost = Unread(what="distance", why="no unit", written=written, span=match.span())
        found.append(lost)
    for match in _LEFT_TIME.finditer(rest):
        written = tidy(text, match.span())
        found.append(
            Unread(what="time", why="a form that is not known", written=written, span=match.span())
        )
    return found


def _notes(
    anchor: Anchor, windows: list[Window], references: list[Reference], number: str
) -> tuple[str, ...]:
    notes = []
    if any(each.zone_from == "issuer" for each in windows):
        notes.append("zone of the issuer")
    if windows and number and anchor.issued is None and anchor.ends is None:
        notes.append("year of the number")
    own = [each.at for each in references if each.act == "ends" and each.at is not None]
    if any(each.end is not None and each.end > end for each in windows for end in own):
        notes.append("window after its own end")
    return tuple(notes)
