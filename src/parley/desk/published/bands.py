"""Areas between two parallels and two meridians: `BETWEEN 20-00N 20-30N AND 120-00E 121-00E`."""

from __future__ import annotations

import re
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
_HALF_ROUND: Final = 180 * E7


def find_bands(text: str, plain: str) -> tuple[list[Shape], list[Unread], list[Span]]:
    """Return areas between parallels and meridians, those that cannot be, and the spans used."""
    shapes: list[Shape] = []
    unread: list[Unread] = []
    used: list[Span] = []
    for pattern in (_BAND, _CHINESE):
        for match in pattern.finditer(plain):
            span = match.span()
            used.append(span)
            try:
                corners = _corners(match, text)
            except ValueError as problem:
                written = tidy(text, span)
                unread.append(Unread(what="area", why=str(problem), written=written, span=span))
            else:
                shapes.append(Shape(kind="polygon", corners=corners, span=span))
    return shapes, unread, used


def _corners(match: re.Match[str], text: str) -> tuple[Spot, ...]:
    """Return the four corners in their order round; ValueError where there is no such area."""
    parts = list(match.groups())
    ends = [match.span(group) for group in range(1, 9)]
    if parts[0] in ("北纬", "南纬"):
        # The hemisphere stands before its angle, and once for both where it is left out.
        parts = [parts[n] or parts[n - 2] for n in range(8)]
        parts = [parts[n ^ 1] for n in range(8)]
        ends = [ends[n | 1] for n in range(8)]
    south, north = (parts[0], parts[1]), (parts[2], parts[3])
    west, east = (parts[4], parts[5]), (parts[6], parts[7])
    names = [tidy(text, ends[n]) + _sign(parts[n + 1]) for n in (0, 2, 4, 6)]
    round_it = ((south, west, 0, 2), (south, east, 0, 3), (north, east, 1, 3), (north, west, 1, 2))
    corners = []
    for latitude, longitude, one, two in round_it:
        point, step = point_of(latitude, longitude)
        written = f"{names[one]} {names[two]}"
        corners.append(Spot(point=point, step=step, written=written, span=match.span()))
    apart = abs(corners[0].point.longitude - corners[1].point.longitude)
    if not apart or apart == _HALF_ROUND or corners[0].point.latitude == corners[2].point.latitude:
        raise ValueError("fewer than three corners")
    return tuple(corners)


def _sign(hemisphere: str) -> str:
    return {"北纬": "N", "南纬": "S", "东经": "E", "西经": "W"}.get(hemisphere, hemisphere)
