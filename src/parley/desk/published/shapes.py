"""Areas, circles, corridors and lines: what the words around positions make of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from parley.desk.areas import crosses_itself
from parley.desk.published.letters import NUMBER, WORD_NUMBER, number_of, tidy
from parley.desk.published.model import (
    CORNERS_MAX,
    Amount,
    Shape,
    Span,
    Spot,
    Unread,
    same_ring,
)

_METRES: Final = {
    "NM": 1852.0, "NMI": 1852.0, "海里": 1852.0, "浬": 1852.0, "NAUTICALMILE": 1852.0,
    "MILE": 1852.0, "KM": 1000.0, "KILOMETER": 1000.0, "KILOMETRE": 1000.0, "公里": 1000.0,
    "千米": 1000.0, "M": 1.0, "METER": 1.0, "METRE": 1.0, "米": 1.0, "MTR": 1.0, "FT": 0.3048,
    "FOOT": 0.3048, "FEET": 0.3048, "YARD": 0.9144, "YD": 0.9144, "CABLE": 185.2,
}  # fmt: skip
"""At sea and in the air a mile is the nautical one, 1 852 m; a cable of length is its tenth."""
_UNIT: Final = (
    r"NAUTICAL\s+MILES?|KILOMET(?:ER|RE)S?|MET(?:ER|RE)S?|MILES?|MTRS?|NMI?|KM|FEET|FOOT|FT"
    r"|YARDS?|YDS?|海里|浬|公里|千米|米|M(?![A-Z/])"
)
LENGTH: Final = rf"(?:{NUMBER}|(?:{WORD_NUMBER})(?=[\s-]))[\s-]{{0,2}}(?:{_UNIT})(?![A-Z])"
_LENGTH: Final = re.compile(
    rf"(?<![0-9A-Z.])({NUMBER}|{WORD_NUMBER})[\s-]{{0,2}}({_UNIT})(?![A-Z])"
)
_SEPARATOR: Final = re.compile(
    r"(?:[\s,;.:/()\-]|TO\b|THEN(?:CE)?\b|AND\b|至|和|及|与|[A-Z]\s?[.()点]|[A-Z]{1,2}\s?:|"
    r"\(?[0-9]{1,2}\s?[.):,]|[①-⑳]|[一二三四五六七八九十]{1,3}[,.]|POINT\s[A-Z0-9]{1,2}\b)*+"
)
"""What may stand between two corners; possessive, so that no text makes it try twice."""
_LABEL: Final = re.compile(
    r"(?:^|[\s,;:.(一-鿿])(?:AREA\s)?([A-Z]{1,2}|[0-9]{1,2})\s?[.):(](?=\s|$)|([①-⑳])"
    r"|(?:^|[\s;:,.(])([一二三四五六七八九十]{1,3})[,.)]"
)
_POLYGON: Final = re.compile(
    r"BOUND(?:ED)?\b|\bAREAS?\b|\bSECTOR\b|\bWI\b|\bWITHIN\b|\bDEFINED\b|\bJOIN\w*\s+(?:THE\s+)?F|LINES\s+JOIN"
    r"|CONNECTION|POLYGON|\bLIMITS?\b|范围|海域|水域|区域|空域|连线|围成"
)
_BOUND: Final = re.compile(r"BOUND(?:ED)?\s+BY")
"""Nearer to the positions than a word for a line it decides: `ON THE ROUTE IN AREA BOUND BY`."""
_ENCLOSED: Final = re.compile(
    r"BOUND(?:ED)?\b|JOINING|CONNECT|\bDEFINED\b|POLYGON|范围|连线|围成|各点"
)
_POLYGON_AFTER: Final = re.compile(
    r"[\s,.;:()\-]*(?:CONNECTION|(?:THEN\s+|AND\s+)?(?:RETURN\s+)?(?:BAC\s?K\s+)?TO\s+(?:THE\s+)?"
    r"(?:START|BEGINNING|POINT\s+OF\s+ORIGIN|ORIGIN|FIRST)|\w{1,8}[- ]POINT\s+CONNECTION"
    r"|等?\s?[0-9一二三四五六七八九十]{0,3}\s?点?\s?(?:的|之间)?(?:顺次|依次)?连线|所围|围成|各?点连线)"
)
_LINE: Final = re.compile(
    r"(?:TRACK)?LINES?\s+(?:JOINING|CONNECTING|BETWEEN)|ALONG\s+(?:A\s+|THE\s+)?(?:TRACK|LINE|ROUTE)|TRACKLINE"
    r"|\bBETWEEN\b|\bROUTE\b|\bCABLE\b\s+(?:FROM|ALONG)|航线|沿线"
)
_ALONG: Final = re.compile(r"沿着?[\s:(]*$")
_SIDE: Final = r"(?:NORTH|SOUTH|EAST|WEST){1,2}(?:WARDS?|ERN|ERLY)?|[NSEW]{1,3}"
_ONE_SIDE: Final = re.compile(
    rf"{LENGTH}\s+(?:TO\s+)?(?:THE\s+)?(?:{_SIDE})\s+(?:SIDE\s+)?(?:OF|FROM)\b"
)
_ONE_SIDE_AFTER: Final = re.compile(
    rf"\s?(?:[0-9一二三四五六七八九十]{{0,3}}点?)?(?:连线)?\s?(?:以|之|的)?[东南西北]{{1,2}}(?:侧|方|面|部)?\s?{LENGTH}"
)
_PART_OF_CIRCLE: Final = re.compile(
    r"半圆|扇形|扇区|SEMI[\s-]?CIRC|HALF[\s-](?:A[\s-])?CIRC|SECTOR\b(?=[^.;]{0,60}(?:DEG|BEARING|[0-9]{3}))"
)
_LINES_JOINING_AREA: Final = re.compile(r"BOUND\w*\s+BY\s+(?:THE\s+)?(?:STRAIGHT\s+)?LINES?")
_AROUND: Final = re.compile(
    rf"({LENGTH})\s+(?:RADIUS|RADII)|RADIUS\s*(?:OF|:|IS|=)?\s*({LENGTH})|WITHIN\s+(?:A\s+)?({LENGTH})"
    rf"|半径\s?(?:为|是|:)?\s?({LENGTH})|({LENGTH})\s?(?:为|的)?\s?半径"
)
_CENTRE_AFTER: Final = re.compile(r"\s?\)?\s?(?:点)?为(?:圆心|中心)")
_NEXT_LABEL: Final = re.compile(r"(?:\s|^)(?:[A-Z]|[0-9]{1,2})[.)](?=\s)")
_AROUND_MANY: Final = re.compile(rf"WITHIN\s+(?:A\s+)?{LENGTH}\s+OF\b[^.;]{{0,60}}$")
_BESIDE: Final = re.compile(
    rf"({LENGTH})\s+(?:ON\s+)?(?:EITHER|EACH|BOTH)\s+SIDES?|(?:两侧|两边)\s?各?\s?({LENGTH})"
    rf"|WITHIN\s+({LENGTH})\s+OF\s+(?:A\s+|THE\s+)?(?:TRACK)?LINE"
)
_WIDE: Final = re.compile(
    rf"({LENGTH})\s+(?:WIDE|IN\s+WIDTH)|(?:宽度?|WIDTH)\s?(?:OF|为|:)?\s?({LENGTH})"
)
_WORDS: Final = re.compile(r"[A-Z]{3}|[一-鿿]{2}")
_LEAD: Final = 400
_TRAIL: Final = 120


@dataclass(slots=True)
class _Run:
    spots: list[Spot]
    label: str
    lead: str
    lead_at: int
    trail: str
    trail_at: int
    is_last: bool = True

    @property
    def span(self) -> Span:
        return self.spots[0].span[0], self.spots[-1].span[1]


def length_of(written: str) -> int | None:
    """Return metres of a written length, None if it is none."""
    match = _LENGTH.search(written)
    number = number_of(match.group(1)) if match else None
    if match is None or number is None:
        return None
    unit = re.sub(r"\s", "", match.group(2))
    metres = _METRES.get(unit) or _METRES.get(unit.removesuffix("S"), 0.0)
    return round(number * metres) if number * metres <= 20_100_000 else None


def find_amounts(text: str, rest: str) -> list[Amount]:
    """Return the lengths in what is left of a text."""
    found: list[Amount] = []
    for match in _LENGTH.finditer(rest):
        metres = length_of(match.group())
        if metres is not None:
            found.append(Amount(metres=metres, written=tidy(text, match.span()), span=match.span()))
    return found


def find_shapes(
    text: str, plain: str, spots: list[Spot]
) -> tuple[list[Shape], list[Unread], list[Span]]:
    """Return the shapes that positions make, what makes none, and the spans used besides.

    Three and more positions in a row are an area only where words call them one.
    """
    shapes: list[Shape] = []
    unread: list[Unread] = []
    used: list[Span] = []
    is_area = is_line = False
    around: int | None = None
    for run in _joined(_runs(plain, spots), plain):
        if _POLYGON.search(run.lead) or _LINE.search(run.lead):
            is_line = _last(_LINE, run.lead) > _last(_BOUND, run.lead)
            is_line = is_line and not _LINES_JOINING_AREA.search(run.lead)
            is_area = not is_line
        elif _WORDS.search(run.lead):
            is_area = is_line = False
        if _WORDS.search(run.lead):
            around = None
        closed = bool(_POLYGON_AFTER.match(run.trail)) or _repeats(run.spots)
        if _ALONG.search(run.lead):
            is_line, is_area, closed = True, False, False
        if (odd := _one_sided(run)) is not None:
            span = odd[1][0], max(odd[1][1], run.span[1])
            unread.append(Unread(what="area", why=odd[0], written=tidy(text, span), span=span))
            continue
        shape = _round_or_long(run, used, is_line=is_line and not closed)
        if shape is not None and shape.kind == "circle":
            around = shape.metres
        elif shape is None and around is not None and len(run.spots) == 1:
            # `WITHIN ONE MILE OF: A. ... B. ...`: said once for all of the list.
            shape = _shape("circle", run, around)
        if shape is None and len(run.spots) > 1 and (lost := _AROUND_MANY.search(run.lead)):
            # Circles, a corridor or a wider area: the text does not say which.
            span = run.lead_at + lost.start(), run.span[1]
            why, written = "a distance around several positions", tidy(text, span)
            unread.append(Unread(what="area", why=why, written=written, span=span))
        made = [shape] if shape else _flat(run, is_area=is_area or closed, is_line=is_line)
        for each in made:
            fault = _fault_of(each)
            if fault:
                written = tidy(text, each.span)
                unread.append(Unread(what="area", why=fault, written=written, span=each.span))
            else:
                shapes.append(each)
    return shapes, unread, used


def _one_sided(run: _Run) -> tuple[str, Span] | None:
    """Return why a run is no whole circle and no bare line, and where the words for it begin.

    What lies on one side of a position or line, or is a part of a circle, is drawn nowhere: a
    circle or a line in its place would be another area.
    """
    near = run.lead[-80:]
    at = run.lead_at + len(run.lead) - len(near)
    sides = list(_ONE_SIDE.finditer(near))
    if sides and not re.search(r"[.;]\s", near[sides[-1].end() :]):
        return "an area on one side", (at + sides[-1].start(), run.span[1])
    if match := _ONE_SIDE_AFTER.match(run.trail):
        return "an area on one side", (run.span[0], run.trail_at + match.end())
    trail = re.split(r"[.;。；]", run.trail[:60])[0]
    around = _AROUND.search(near) or _AROUND.search(trail)
    if len(run.spots) == 1 and around and _PART_OF_CIRCLE.search(f"{near} {trail}"):
        return "part of a circle", run.span
    return None


def _last(pattern: re.Pattern[str], words: str) -> int:
    """Return where a pattern stands last, -1 where it does not."""
    return max((match.start() for match in pattern.finditer(words)), default=-1)


def _runs(plain: str, spots: list[Spot]) -> list[_Run]:
    """Return positions that follow one another, cut where words or labels stand between."""
    runs: list[_Run] = []
    before = 0
    for spot in spots:
        lead = plain[before : spot.span[0]]
        label = _label_of(lead)
        if runs and _SEPARATOR.fullmatch(lead) and (not label or runs[-1].label == ""):
            is_next = not label
        else:
            is_next = False
        if is_next:
            runs[-1].spots.append(spot)
        else:
            at = max(before, spot.span[0] - _LEAD)
            runs.append(_Run([spot], label, plain[at : spot.span[0]], at, "", 0))
        before = spot.span[1]
    for place, run in enumerate(runs):
        after = runs[place + 1] if place + 1 < len(runs) else None
        end = after.spots[0].span[0] if after else len(plain)
        run.is_last = after is None
        run.trail_at = run.span[1]
        run.trail = plain[run.trail_at : min(end, run.trail_at + _TRAIL)]
    return runs


def _label_of(lead: str) -> str:
    found = list(_LABEL.finditer(lead[-12:]))
    return next((part for part in found[-1].groups() if part), "") if found else ""


def _joined(runs: list[_Run], plain: str) -> list[_Run]:
    """Return the runs; single corners that each carry a letter of their own become one run."""
    joined: list[_Run] = []
    place = 0
    while place < len(runs):
        end = place + 1
        while end < len(runs) and _follows(runs[end - 1], runs[end], plain):
            end += 1
        group = runs[place:end]
        if len(group) >= 3 and (
            _ENCLOSED.search(group[0].lead) or _POLYGON_AFTER.match(group[-1].trail)
        ):
            spots = [spot for run in group for spot in run.spots]
            group = [replace(group[0], spots=spots, label="", trail=group[-1].trail)]
            group[0].trail_at = runs[end - 1].trail_at
        joined += group
        place = end
    return joined


def _follows(first: _Run, second: _Run, plain: str) -> bool:
    """Say whether two runs are single corners with labels and nothing but these between them."""
    return (
        len(first.spots) == len(second.spots) == 1
        and bool(first.label and second.label)
        and bool(_SEPARATOR.fullmatch(plain[first.span[1] : second.span[0]]))
    )


def _repeats(spots: list[Spot]) -> bool:
    return len(spots) > 3 and len(same_ring(spots)) < len(spots)


def _round_or_long(run: _Run, used: list[Span], *, is_line: bool) -> Shape | None:
    """Return the circle around one position, or the corridor along several, if words say so."""
    near_lead, at = run.lead[-160:], run.lead_at + max(0, len(run.lead) - 160)
    sources = [(near_lead, at), (_own_trail(run), run.trail_at)]
    if _CENTRE_AFTER.match(run.trail):
        sources.reverse()
    if len(run.spots) == 1:
        for words, start in sources:
            found = _measured(_AROUND, words, start, used)
            if found is not None:
                return _shape("circle", run, found)
        return None
    for pattern, factor in ((_BESIDE, 2), (_WIDE, 1)):
        for words, start in sources:
            found = _measured(pattern, words, start, used) if is_line or "侧" in words else None
            if found is not None:
                return _shape("corridor", run, found * factor)
    return None


def _own_trail(run: _Run) -> str:
    """Return of the words behind positions those that speak of these and not of the next ones."""
    trail = run.trail
    if run.is_last or _CENTRE_AFTER.match(trail):
        return trail
    label = _NEXT_LABEL.search(trail)
    trail = trail[: label.start()] if label else trail
    # Up to the last end of a sentence: what follows it leads to the next position.
    return trail[: max(trail.rfind("."), trail.rfind(";"), 0)]


def _shape(kind: str, run: _Run, metres: int) -> Shape:
    spots = tuple(run.spots)
    return Shape(kind=kind, corners=spots, metres=metres, label=run.label, span=run.span)


def _measured(pattern: re.Pattern[str], words: str, at: int, used: list[Span]) -> int | None:
    """Return metres of the last length of a pattern that nothing has used yet."""
    for match in reversed(list(pattern.finditer(words))):
        span = at + match.start(), at + match.end()
        metres = length_of(match.group())
        if metres and span not in used:
            used.append(span)
            return metres
    return None


def _flat(run: _Run, *, is_area: bool, is_line: bool) -> list[Shape]:
    ring = same_ring(run.spots)
    if len(run.spots) >= 3 and is_area:
        return [Shape(kind="polygon", corners=ring, label=run.label, span=run.span)]
    if len(run.spots) >= 2 and is_line:
        corners = tuple(run.spots)
        return [Shape(kind="line", corners=corners, label=run.label, span=run.span)]
    point = Shape(kind="point", corners=(), label=run.label)
    return [replace(point, corners=(spot,), span=spot.span) for spot in run.spots]


def _fault_of(shape: Shape) -> str:
    """Return why a shape cannot be, empty where it can."""
    if len(shape.corners) > CORNERS_MAX:
        return "too many corners"
    if shape.kind == "polygon" and len(shape.corners) < 3:
        return "fewer than three corners"
    if shape.kind == "polygon" and crosses_itself([spot.point for spot in shape.corners]):
        return "sides cross"
    return ""
