"""What a notice says of other notices and of its own end, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parley.desk.published.letters import INTEGER, blank, whole_of
from parley.desk.published.model import Reference, Span
from parley.desk.published.years import MONTH, Anchor, full_year, month_of, second, zone_minutes

_SERIES: Final = (
    r"(?:HYDRO(?:LANT|PAC|ARC)|NAVAREA\s+[IVX]{1,5}|[A-Z]{1,14}\s?HANG\s?JING|\bWZ|\bAVURNAV(?:\s+[A-Z]{3,20})?"
    r"|(?:ПРИП|НАВИП)(?:\s+[А-Я]{3,20})?|(?:[A-Z]{2,12}\s)?"
    r"(?:COASTAL|LOCAL|NAV|AUSCOAST)[A-Z ]{0,24}?WARNING"
    r"(?:\s+N[RO]\.?)?(?:\s+[A-Z]{1,4}(?=\s?[0-9]))?)"
)
_ANY: Final = r"(?:[0-9]{1,5}/[0-9]{2,4}|[0-9]{2}-[0-9]{3,4}(?![0-9]|\.[0-9]))"
_RANGE: Final = rf"{_ANY}(?:\s+(?:THRU|THROUGH)\s+{_ANY})?"
_NUMBER: Final = rf"{_RANGE}(?:\s?\([0-9A-Z,; ]{{1,40}}\))?"
_NAMED: Final = re.compile(
    rf"({_SERIES})\s*((?:NR\.?\s*)?{_NUMBER}(?:\s?(?:,|AND|&)\s*{_NUMBER}){{0,60}})"
)
_VERB: Final = r"(?:CANCEL(?:S|LED)?|\bCNL)"
_BARE: Final = re.compile(rf"{_VERB}\s+({_NUMBER}(?:\s?(?:,|AND|&)\s*{_NUMBER}){{0,60}})")
_CANCEL: Final = re.compile(r"(?:CANCEL(?:S|LED|LING)?|\bCNL)[\s:A-Z0-9/(),;&.-]{0,400}$")
_SPAN: Final = re.compile(
    rf"(?P<one>(?P<first>[0-9]{{1,5}})/(?P<year>[0-9]{{2,4}})|{_ANY})"
    rf"(?:\s+(?:THRU|THROUGH)\s+(?P<end>(?P<last>[0-9]{{1,5}})/(?P<of>[0-9]{{2,4}})|{_ANY}))?"
)
_FEW: Final = 60
_ITSELF: Final = re.compile(
    rf"(?:{_VERB}\s+(?:[A-Z0-9/(),& \n]{{1,300}}?\s)??THIS\s+(?:MSG|MESSAGE|WARNING|NOTICE)"
    rf"|\bSELF[\s-]?CANCEL(?:L?ING|LED|S)?)"
    rf"(?:\s+(?:AT\s+|ON\s+)?(?:(?P<day>[0-9]{{2}})(?:(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})\s?(?P<zone>UTC|GMT|[A-Z]))?\s+"
    rf"(?P<month>{MONTH})\b\.?"
    rf"(?:\s+(?P<year>[0-9]{{4}}|[0-9]{{2}})\b)?))?"
)
_NOTAM: Final = r"[A-Z][0-9]{4}/[0-9]{2}"
_CHINESE: Final = (
    r"[一-鿿]{1,8}?(?:航警|航行警告|航通告|警告|航行警報)"
    r"(?:\s?(?:字)?\(?(?:第)?\s?[0-9]{1,4}\s?(?:/|-)\s?[0-9]{2,4}\s?\)?号?"
    r"|\s?[(〔\[]?20[0-9]{2}[)〕\]]\s?第?[0-9]{1,4}号)"
)
_VOID: Final = r"(?:已|现|同时|即行|予以|自行)?(?:取消|撤销|撤消|废止|注销|失效|作废)"
_CHINESE_CANCEL: Final = re.compile(
    rf"(?:取消|撤销|撤消|废止|注销)\s?((?:{_CHINESE}[,和及\s]{{0,3}}){{1,20}})|((?:{_CHINESE}[,和及\s]{{0,3}}){{1,20}}){_VOID}(?!\s?{_CHINESE})"
    rf"|({_CHINESE})[^.;\n0-9]{{1,24}}?{_VOID}(?=\s*(?:[.;,\n]|$))"
)
_CHINESE_ONE: Final = re.compile(_CHINESE)
_CHINESE_HEAD: Final = re.compile(
    rf"^\s*(?!取消|撤销|撤消|废止|注销)({_CHINESE})(?!\s?{_VOID}(?!\s?{_CHINESE}))"
)
"""A number at the head that is said to be void is not that of the notice itself."""
_CHINESE_END: Final = re.compile(
    r"本(?:航行)?(?:航警|警告|通告|通知)[^.\n]{0,30}?(?:取消|失效|撤销|作废)"
)
_CHINESE_MOMENT: Final = re.compile(
    rf"(?:({INTEGER})年)?({INTEGER})月({INTEGER})[日号]\s?"
    rf"(?:([0-9]{{2}})([0-9]{{2}})(?=时)|({INTEGER})[时点:]([0-9]{{2}})?)?"
)
"""A day, and the hour in the forms `1800时`, `18时` and `18:00`."""


def own_end(plain: str, anchor: Anchor) -> tuple[int | None, Span] | None:
    """Return when a notice says that it ends itself, and where; the time None where none is said.

    A day without hours is taken at its first second. A time that is none is left to be told.
    """
    match = _ITSELF.search(plain)
    if match is None:
        return None
    if not match["day"]:
        return None, match.span()
    try:
        zone = zone_minutes(match["zone"]) if match["zone"] else 0
        hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
        month, day = month_of(match["month"]), int(match["day"])
        year = full_year(match["year"]) if match["year"] else anchor.year_of(month, day)
        at = second(year, month, day, hour, minute, zone)
    except ValueError:
        return None
    return at, match.span()


def _each(written: str) -> Iterator[str]:
    """Yield each number of a list; of `881/26 THRU 884/26` those between too, if they are few."""
    for match in _SPAN.finditer(written):
        first, year, last = match["first"], match["year"], match["last"]
        yield match["one"]
        if last and match["of"] == year and 0 < int(last) - int(first) <= _FEW:
            for number in range(int(first) + 1, int(last)):
                yield f"{number:0{len(first)}d}/{year}"
        if match["end"]:
            yield match["end"]


def find_references(plain: str) -> tuple[list[Reference], list[Span]]:
    """Return the notices that a text cancels or names, and the spans used."""
    found: dict[tuple[str, str], Reference] = {}
    used: list[Span] = []
    for match in _NAMED.finditer(plain):
        before = plain[max(0, match.start() - 400) : match.start()]
        act = "cancels" if _CANCEL.search(before.rpartition("\n\n")[2]) else "names"
        series = " ".join(match.group(1).split())
        for number in _each(match.group(2)):
            _add(found, Reference(act=act, number=f"{series} {number}", span=match.span()))
        used.append(match.span())
    for match in _BARE.finditer(plain):
        for number in _each(match.group(1)):
            _add(found, Reference(act="cancels", number=number, span=match.span()))
        used.append(match.span())
    for match in _CHINESE_CANCEL.finditer(plain):
        for number in _CHINESE_ONE.findall(next(filter(None, match.groups()))):
            name = re.sub(r"^.*(?:取消|撤销|撤消|废止|同时|现|和|及|原|前发)", "", number)
            _add(found, Reference(act="cancels", number=_tight(name), span=match.span()))
        used.append(match.span())
    if head := _CHINESE_HEAD.search(plain):
        used.append(head.span(1))
    for match in _CHINESE_ONE.finditer(blank(plain, used)):
        name = _tight(
            re.sub(r"^.*(?:更正|修改|同|与|和|及|见|将|对|由|原|前发)", "", match.group())
        )
        _add(found, Reference(act="names", number=name, span=match.span()))
        used.append(match.span())
    return list(found.values()), used


def _add(found: dict[tuple[str, str], Reference], new: Reference) -> None:
    found.setdefault((new.act, new.number), new)


def _tight(number: str) -> str:
    return re.sub(r"\s", "", number)


def chinese_number(plain: str) -> tuple[str, Span] | None:
    """Return the number at the head of a Chinese warning, such as `辽航警0123/23`, and where."""
    match = _CHINESE_HEAD.search(plain)
    return (_tight(match.group(1)), match.span(1)) if match else None


def chinese_end(plain: str) -> Span | None:
    """Return where a Chinese warning speaks of its own end."""
    match = _CHINESE_END.search(plain)
    return match.span() if match else None


def chinese_end_at(plain: str, span: Span, anchor: Anchor) -> int | None:
    """Return the moment that a Chinese warning names for its own end, None where it names none."""
    match = _CHINESE_MOMENT.search(plain, *span)
    if match is None or anchor.zone is None:
        return None
    year, month, day, *clock = (whole_of(part) if part else None for part in match.groups())
    hour, minute = (clock[0], clock[1]) if clock[0] is not None else (clock[2], clock[3])
    if month is None or day is None:
        return None
    try:
        full = year or anchor.year_of(month, day)
        return second(full, month, day, hour or 0, minute or 0, anchor.zone)
    except ValueError:
        return None


def year_of_number(number: str) -> int | None:
    """Return the year in a number such as `3304/22`, None where it has none."""
    if told := re.search(r"[(〔\[](20[0-9]{2})[)〕\]]", number):
        return int(told[1])
    match = re.search(r" ([0-9]{2})-[0-9]{3,4}$| OF ([0-9]{4}|[0-9]{2})$", number)
    match = match or re.search(r"[0-9]{1,5}[/-]([0-9]{4}|[0-9]{2})(?![0-9])", number)
    return full_year(next(filter(None, match.groups()))) if match else None


def known_anchor(anchor: Anchor, number: str, ends: int | None) -> Anchor:
    """Return the anchor with what number and end add to it."""
    year = anchor.year if anchor.year is not None else year_of_number(number)
    return Anchor(
        issued=anchor.issued,
        ends=ends if ends is not None else anchor.ends,
        year=year,
        zone=anchor.zone,
        zone_from=anchor.zone_from,
    )
