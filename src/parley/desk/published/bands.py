"""Areas between two parallels and two meridians: `BETWEEN 20-00N 20-30N AND 120-00E 121-00E`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parley.desk.places import E7
from parley.desk.published.letters import tidy
from parley.desk.published.model import Shape, Span, Spot, Unread
from parley.desk.published.positions import LATITUDE, LONGITUDE, point_of

_AND: Final = r"\s{0,3}(?:,|-|AND\b|TO\b|至|到|和|与)?\s{0,3}"
_LAT: Final = r"(?:LAT(?:ITUDE)?S?\.?:?\s{1,3})?"
_LON: Final = r"(?:LONG?(?:ITUDE)?S?\.?:?\s{1,3})?"
_BETWEEN: Final = r"[\s,;/]{0,6}(?:AND\s{1,3})?(?:BETWEEN\s{1,3})?"
_BAND: Final = re.compile(
    rf"(?<![0-9A-Z])(?<![0-9]\.){LATITUDE}\s?([NS]){_AND}{_LAT}{LATITUDE}\s?([NS]){_BETWEEN}"
    rf"{_LON}{LONGITUDE}\s?([EW]){_AND}{_LON}{LONGITUDE}\s?([EW])(?![A-Z0-9])"
)
_CHINESE: Final = re.compile(
    rf"(北纬|南纬)\s?{LATITUDE}{_AND}(北纬|南纬)?\s?{LATITUDE}[\s,;/及和与]{{0,6}}"
    rf"(东经|西经)\s?{LONGITUDE}{_AND}(东经|西经)?\s?{LONGITUDE}"
)
_LON_FIRST: Final = re.compile(
    rf"(?<![0-9A-Z])(?<![0-9]\.){LONGITUDE}\s?([EW]){_AND}{_LON}{LONGITUDE}\s?([EW]){_BETWEEN}"
    rf"{_LAT}{LATITUDE}\s?([NS]){_AND}{_LAT}{LATITUDE}\s?([NS])(?![A-Z0-9])"
)
_CHINESE_LON_FIRST: Final = re.compile(
    rf"(东经|西经)\s?{LONGITUDE}{_AND}(东经|西经)?\s?{LONGITUDE}[\s,;/及和与]{{0,6}}"
    rf"(北纬|南纬)\s?{LATITUDE}{_AND}(北纬|南纬)?\s?{LATITUDE}"
)
_SIDE: Final = re.compile(
    rf"\b(NORTH|SOUTH)(?:WARD)?S?\s+OF\s+(?:LAT(?:ITUDE)?\.?\s+)?{LATITUDE}\s?([NS])(?![A-Z0-9])"
    rf"|\b(EAST|WEST)(?:WARD)?S?\s+OF\s+(?:LONG?(?:ITUDE)?\.?\s+)?{LONGITUDE}\s?([EW])(?![A-Z0-9])"
)
_CHINESE_SIDE: Final = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)(?:{LATITUDE}\s?([NS])\s?以([南北])|(北纬|南纬)\s?{LATITUDE}\s?以([南北])"
    rf"|{LONGITUDE}\s?([EW])\s?以([东西])|(东经|西经)\s?{LONGITUDE}\s?以([东西]))"
)
_SIDES_GAP: Final = re.compile(r"[\s,;和及与]{0,4}(?:AND\s{1,3})?")
_ROUND: Final = ("NORTH", "SOUTH", "EAST", "WEST")
_NAMES: Final = dict(zip("北南东西", _ROUND, strict=True))
_BEFORE: Final = ("北纬", "南纬", "东经", "西经")
_HALF_ROUND: Final = 180 * E7


def find_bands(text: str, plain: str) -> tuple[list[Shape], list[Unread], list[Span]]:
    """Return areas between parallels and meridians, those that cannot be, and the spans used."""
    shapes: list[Shape] = []
    unread: list[Unread] = []
    used: list[Span] = []
    places = [
        (match.span(), *_parts_of(match))
        for pattern in (_BAND, _CHINESE, _LON_FIRST, _CHINESE_LON_FIRST)
        for match in pattern.finditer(plain)
    ]
    for span, parts, ends in [*places, *_four_sides(plain)]:
        if not any(span[0] < end and begin < span[1] for begin, end in used):
            used.append(span)
            try:
                corners = _corners(parts, ends, text, span)
            except ValueError as problem:
                written = tidy(text, span)
                unread.append(Unread(what="area", why=str(problem), written=written, span=span))
            else:
                shapes.append(Shape(kind="polygon", corners=corners, span=span))
    return shapes, unread, used


_Parts = list[str]
_Ends = list[Span]


def _parts_of(match: re.Match[str]) -> tuple[_Parts, _Ends]:
    """Return angle and hemisphere of two latitudes and two longitudes, and where these stand."""
    parts = list(match.groups())
    ends = [match.span(group) for group in range(1, 9)]
    if parts[0] in _BEFORE:
        # The hemisphere stands before its angle, and once for both where it is left out.
        parts = [parts[n] or parts[n - 2] for n in range(8)]
        parts = [parts[n ^ 1] for n in range(8)]
        ends = [ends[n | 1] for n in range(8)]
    if parts[1] in ("E", "W", "东经", "西经"):
        parts, ends = parts[4:] + parts[:4], ends[4:] + ends[:4]
    return parts, ends


def _four_sides(plain: str) -> Iterator[tuple[Span, _Parts, _Ends]]:
    """Yield areas north of one parallel, south of another, east and west of two meridians."""
    run: list[tuple[str, str, str, Span, Span]] = []
    for pattern, read in ((_SIDE, _side), (_CHINESE_SIDE, _chinese_side)):
        for match in pattern.finditer(plain):
            if run and not _SIDES_GAP.fullmatch(plain, run[-1][4][1], match.start()):
                run = []
            run.append(read(match))
            named = {each[0]: each for each in run}
            if len(run) == len(named) == len(_ROUND):
                sides = [named[side] for side in _ROUND]
                parts = [part for each in sides for part in each[1:3]]
                ends = [each[3] for each in sides for _ in range(2)]
                yield (run[0][4][0], match.end()), parts, ends
                run = []
        run = []


def _side(match: re.Match[str]) -> tuple[str, str, str, Span, Span]:
    """Return side, angle and hemisphere, where the angle stands, and the whole."""
    at = 1 if match[1] else 4
    return match[at], match[at + 1], match[at + 2], match.span(at + 1), match.span()


def _chinese_side(match: re.Match[str]) -> tuple[str, str, str, Span, Span]:
    """Return the same of `24°30′N以北` and of `北纬24度30分以北`."""
    at = next(group for group in (1, 4, 7, 10) if match[group])
    angle, hemisphere = (at, at + 1) if at in (1, 7) else (at + 1, at)
    return _NAMES[match[at + 2]], match[angle], match[hemisphere], match.span(angle), match.span()


def _corners(parts: _Parts, ends: _Ends, text: str, span: Span) -> tuple[Spot, ...]:
    """Return the four corners in their order round; ValueError where there is no such area."""
    south, north = (parts[0], parts[1]), (parts[2], parts[3])
    west, east = (parts[4], parts[5]), (parts[6], parts[7])
    names = [tidy(text, ends[n]) + _sign(parts[n + 1]) for n in (0, 2, 4, 6)]
    round_it = ((south, west, 0, 2), (south, east, 0, 3), (north, east, 1, 3), (north, west, 1, 2))
    corners = []
    for latitude, longitude, one, two in round_it:
        point, step = point_of(latitude, longitude)
        written = f"{names[one]} {names[two]}"
        corners.append(Spot(point=point, step=step, written=written, span=span))
    apart = abs(corners[0].point.longitude - corners[1].point.longitude)
    if not apart or apart == _HALF_ROUND or corners[0].point.latitude == corners[2].point.latitude:
        raise ValueError("fewer than three corners")
    return tuple(corners)


def _sign(hemisphere: str) -> str:
    return {"北纬": "N", "南纬": "S", "东经": "E", "西经": "W"}.get(hemisphere, hemisphere)
