"""NOTAM: the items Q, A, B, C, D, E, F and G of ICAO Annex 15, as they are really sent."""

from __future__ import annotations

import re
from typing import Final

from parley.desk.published.heights import find_limits, height_of
from parley.desk.published.letters import blank, tidy
from parley.desk.published.model import (
    Amount,
    Height,
    Notice,
    Reference,
    Span,
    Unread,
    Window,
)
from parley.desk.published.positions import find_lost, find_positions
from parley.desk.published.schedules import read_schedule, ten_digits
from parley.desk.published.shapes import find_amounts, find_shapes
from parley.desk.published.words import hazards_of, restriction_of

HEAD: Final = re.compile(
    r"([A-Z][0-9]{4}/[0-9]{2})\s+NOTAM(?:([NRC])(?:\s+([A-Z][0-9]{4}/[0-9]{2}))?)?\b"
)
_ITEM: Final = re.compile(r"(?:^|(?<=[\s)]))([QABCDEFG])\)\s*")
_ORDER: Final = "QABCDEFG"
_TIME: Final = re.compile(r"([0-9]{10})\s*(EST)?|PERM")
_TIMES_IN_TEXT: Final = re.compile(r"[0-9]{4}\s?UTC|[0-9]{6}Z|\bUTC\b.{0,9}[0-9]{4}")
_SCHEDULE_MAX: Final = 2_000


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
    spots, lost = find_positions(text, body)
    shapes, no_shapes, used = find_shapes(text, body, spots)
    heights, bad = _heights(text, plain, items)
    rest = blank(body, [each.span for each in spots] + [each.span for each in lost] + used)
    limits, at = find_limits(text, rest)
    rest = blank(rest, at)
    amounts: list[Amount] = find_amounts(text, rest)
    rest = blank(rest, [each.span for each in amounts])
    notes = ["times in item E"] if _TIMES_IN_TEXT.search(rest) else []
    return Notice(
        kind="notam",
        text=text,
        number=head.group(1) if head else "",
        shapes=tuple(shapes),
        windows=tuple(windows),
        heights=tuple(heights or limits),
        references=_references(head),
        amounts=tuple(amounts),
        hazards=hazards_of(body),
        restriction=restriction_of(body),
        unread=(*unread, *lost, *find_lost(text, rest), *no_shapes, *bad),
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


def _references(head: re.Match[str] | None) -> tuple[Reference, ...]:
    if head is None or not head.group(3):
        return ()
    act = "cancels" if head.group(2) == "C" else "replaces"
    return (Reference(act=act, number=head.group(3), span=head.span(3)),)


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
