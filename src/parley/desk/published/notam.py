"""NOTAM: the items Q, A, B, C, D, E, F and G of ICAO Annex 15, as they are really sent."""

from __future__ import annotations

import re
from typing import Final

from parley.desk.published.heights import find_limits, height_of
from parley.desk.published.lengths import find_amounts
from parley.desk.published.letters import blank, tidy
from parley.desk.published.model import (
    Amount,
    Height,
    Notice,
    Reference,
    Shape,
    Span,
    Unread,
    Window,
)
from parley.desk.published.placing import find_places
from parley.desk.published.positions import find_lost, point_of
from parley.desk.published.schedules import read_schedule, ten_digits
from parley.desk.published.words import hazards_of, restriction_of

HEAD: Final = re.compile(
    r"([A-Z][0-9]{4}/[0-9]{2})\s+NOTAM(?:([NRC])(?:\s+([A-Z][0-9]{4}/[0-9]{2}))?)?\b"
)
_ITEM: Final = re.compile(r"(?:^|(?<=[\s)]))([QABCDEFG])\)\s*")
_ORDER: Final = "QABCDEFG"
_TIME: Final = re.compile(r"([0-9]{10})\s*(EST)?|PERM")
_TIMES_IN_TEXT: Final = re.compile(r"[0-9]{4}\s?UTC|[0-9]{6}Z|\bUTC\b.{0,9}[0-9]{4}")
_CIRCLE: Final = re.compile(r"/\s*([0-9]{4})([NS])([0-9]{5})([EW])([0-9]{3})\s*$")
_NAMED: Final = re.compile(
    r"(?P<before>(?:CNL|CANCEL(?:S|LED|ED)?)\s+(?:NOTAM\s+)?)?(?<![A-Z0-9])(?P<number>[A-Z][0-9]{4}/[0-9]{2})(?![0-9])"
    r"(?P<after>\s+(?:IS\s+|HAS\s+BEEN\s+)?(?:CNL|CANCELLED|CANCELED)\b)?"
)
_PART_GONE: Final = re.compile(
    r"\b(?:AREAS?|PART|SECTOR|ITEM|PARA)\s+[A-Z0-9]{1,3}\s+(?:IS\s+|ARE\s+)?(?:CNL|CANCELL?ED|DELETED|WITHDRAWN)\b"
    r"|[A-Z0-9一二三四五]区(?:域)?(?:已)?取消"
)
_SCHEDULE_MAX: Final = 2_000
_PART_OF: Final = re.compile(r"\bPART\s+[0-9]{1,2}\s+(?:OF|/)\s+(?!1\b)[0-9]{1,2}\b")


def read_notam(text: str, plain: str) -> Notice | None:
    """Return the notice, None where the text has no head or items of a NOTAM.

    Times are UTC by the rule of the format.
    """
    items = _items(plain)
    head = HEAD.search(plain)
    if "B" not in items or "E" not in items or (head is None and "A" not in items):
        return None
    windows, unread = _times(text, plain, items)
    where = items["E"]
    body = blank(plain, [(0, where[0]), (where[1], len(plain))])
    shapes, lost, rest = find_places(text, body)
    heights, bad = _heights(text, plain, items)
    limits, at = find_limits(text, rest)
    rest = blank(rest, at)
    amounts: list[Amount] = find_amounts(text, rest)
    rest = blank(rest, [each.span for each in amounts])
    references, at = _references(plain, head, where)
    rest = blank(rest, at)
    notes = ["times in item E"] if _TIMES_IN_TEXT.search(rest) else []
    if "Q" in items and _is_elsewhere(plain[slice(*items["Q"])], shapes):
        notes.append("Q line elsewhere")
    return Notice(
        kind="notam",
        text=text,
        number=head.group(1) if head else "",
        shapes=tuple(shapes),
        windows=tuple(windows),
        heights=tuple(heights or limits),
        references=references,
        amounts=tuple(amounts),
        hazards=hazards_of(body),
        restriction=restriction_of(body),
        unread=(
            *unread,
            *_parts(text, plain),
            *_changes(text, rest),
            *lost,
            *find_lost(text, rest),
            *bad,
        ),
        notes=tuple(notes),
        figures=len(re.findall(r"[0-9]+", rest)),
    )


def _items(plain: str) -> dict[str, Span]:
    """Return where the content of each item stands; items come in their order."""
    starts: list[tuple[str, int, int]] = []
    for match in _ITEM.finditer(plain):
        letter = match.group(1)
        if not starts or _ORDER.index(letter) > _ORDER.index(starts[-1][0]):
            if letter in "FG" and "E" not in [each[0] for each in starts]:
                continue
            starts.append((letter, match.start(), match.end()))
    ends = [*[start for _, start, _ in starts], len(plain)][1:]
    return {letter: (begin, end) for (letter, _, begin), end in zip(starts, ends, strict=True)}


def _references(
    plain: str, head: re.Match[str] | None, where: Span
) -> tuple[tuple[Reference, ...], list[Span]]:
    """Return the notices named in the head and in item E, and the spans of the latter."""
    found: dict[str, Reference] = {}
    if head is not None and head.group(3):
        act = "cancels" if head.group(2) == "C" else "replaces"
        found[head.group(3)] = Reference(act=act, number=head.group(3), span=head.span(3))
    used: list[Span] = []
    for match in _NAMED.finditer(plain, *where):
        used.append(match.span())
        number = match["number"]
        if head is None or number != head.group(1):
            act = "cancels" if match["before"] or match["after"] else "names"
            found.setdefault(number, Reference(act=act, number=number, span=match.span("number")))
    return tuple(found.values()), used


def _changes(text: str, rest: str) -> list[Unread]:
    """Return where item E takes back a part of another notice, which is for a person to do."""
    return [
        _unread(text, "area", "a correction", match.span()) for match in _PART_GONE.finditer(rest)
    ]


def _parts(text: str, plain: str) -> list[Unread]:
    """Return where a notice says that it is one part of several: the others are not here."""
    match = _PART_OF.search(plain)
    return [_unread(text, "text", "one part of several", match.span())] if match else []


def _is_elsewhere(written: str, shapes: list[Shape]) -> bool:
    """Say whether every place lies well outside of the circle that a Q line draws."""
    match = _CIRCLE.search(written)
    corners = [spot.point for shape in shapes for spot in shape.corners]
    if match is None or not corners:
        return False
    latitude, north, longitude, east, radius = match.groups()
    try:
        centre, _ = point_of((latitude, north), (longitude, east))
    except ValueError:
        return False
    near = min(centre.metres_to(corner) for corner in corners)
    return near > (int(radius) * 1.5 + 60) * 1852


def _times(text: str, plain: str, items: dict[str, Span]) -> tuple[list[Window], list[Unread]]:
    """Return the windows of items B, C and D."""
    span = items["B"][0], items.get("C", items["B"])[1]
    try:
        start = _bound(plain, items["B"])
        end = _bound(plain, items["C"]) if "C" in items else None
        if start is None:
            raise ValueError("no beginning")  # noqa: TRY301 - told with the others below
        if end is not None and end <= start:
            raise ValueError("the end is not after the beginning")  # noqa: TRY301
    except ValueError as problem:
        return [], [_unread(text, "time", str(problem), span)]
    whole = Window(start=start, end=end, rule="items B and C", span=span)
    if "D" not in items:
        return [whole], []
    where = items["D"]
    try:
        if end is None or where[1] - where[0] > _SCHEDULE_MAX:
            raise ValueError("a form that is not known")  # noqa: TRY301
        return read_schedule(plain[slice(*where)], start, end, where), []
    except ValueError as problem:
        return [whole], [_unread(text, "schedule", str(problem), where)]


def _bound(plain: str, where: Span) -> int | None:
    """Return the second of item B or C, None for a permanent one; ValueError if it is neither."""
    match = _TIME.match(plain[slice(*where)].strip())
    if match is None:
        raise ValueError("no such time")
    return ten_digits(match.group(1)) if match.group(1) else None


def _heights(text: str, plain: str, items: dict[str, Span]) -> tuple[list[Height], list[Unread]]:
    found: list[Height] = []
    bad: list[Unread] = []
    for item, edge in (("F", "low"), ("G", "high")):
        if item not in items:
            continue
        where = items[item]
        height = height_of(plain[slice(*where)], edge, text, where)
        if height is None:
            bad.append(_unread(text, "height", "a form that is not known", where))
        else:
            found.append(height)
    return found, bad


def _unread(text: str, what: str, why: str, span: Span) -> Unread:
    return Unread(what=what, why=why, written=tidy(text, span), span=span)
