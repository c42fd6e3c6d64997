"""How far places lie from a line that parties agreed on, on the ellipsoid.

What lies nearest is found in a plane that keeps distances from one point (azimuthal equidistant),
and the distance itself is then measured on the ellipsoid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from geographiclib.geodesic import Geodesic

Degrees: TypeAlias = tuple[float, float]
"""Latitude and longitude, WGS 84."""

CORNERS_MAX: Final = 1_000
_NEAR: Final = 1.02
"""Sides that seem this much farther than the nearest one are measured too."""
_NEAR_METRES: Final = 200.0
_STEPS: Final = 60
_Flat: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What lies somewhere: a point, an open line or a closed area, with a margin all round.

    Attributes:
        corners: in order; a closed area ends where it began without saying so.
        margin: metres: the radius of a circle, half the width of a corridor.
    """

    corners: tuple[Degrees, ...]
    is_closed: bool = False
    margin: int = 0

    @property
    def sides(self) -> list[tuple[int, int]]:
        """Return its sides as pairs of corners; a point is one side with no length."""
        count = len(self.corners)
        if count == 1:
            return [(0, 0)]
        sides = [(at, at + 1) for at in range(count - 1)]
        return [*sides, (count - 1, 0)] if self.is_closed and count > 2 else sides


def metres_to_line(figure: Figure, line: Sequence[Degrees], *, is_area: bool = False) -> int:
    """Return how many metres a figure lies from a line, 0 where it touches or crosses it.

    Args:
        figure: what lies somewhere.
        line: corners of the line, two at least.
        is_area: the corners go round an area; what lies in it is at no distance.
    """
    other = Figure(corners=tuple(line), is_closed=is_area)
    middle = figure.corners[0]
    ours = [_flat(middle, corner) for corner in figure.corners]
    theirs = [_flat(middle, corner) for corner in other.corners]
    if _cross(figure, ours, other, theirs):
        return 0
    found = _nearest(figure, ours, other, theirs)
    return max(0, round(found) - figure.margin)


def _flat(middle: Degrees, point: Degrees) -> _Flat:
    said = Geodesic.WGS84.Inverse(*middle, *point, Geodesic.DISTANCE | Geodesic.AZIMUTH)
    turned = math.radians(said["azi1"])
    return said["s12"] * math.sin(turned), said["s12"] * math.cos(turned)


def _cross(figure: Figure, ours: Sequence[_Flat], other: Figure, theirs: Sequence[_Flat]) -> bool:
    for a, b in figure.sides:
        for c, d in other.sides:
            if _meet(ours[a], ours[b], theirs[c], theirs[d]):
                return True
    if other.is_closed and _holds(theirs, ours[0]):
        return True
    return figure.is_closed and len(ours) > 2 and _holds(ours, theirs[0])


def _meet(a: _Flat, b: _Flat, c: _Flat, d: _Flat) -> bool:
    def turn(one: _Flat, two: _Flat, three: _Flat) -> float:
        return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def _holds(corners: Sequence[_Flat], point: _Flat) -> bool:
    """Say whether a closed area holds a point (even-odd rule)."""
    is_in = False
    for at, (x, y) in enumerate(corners):
        before_x, before_y = corners[at - 1]
        if (y > point[1]) != (before_y > point[1]):
            crossing = (before_x - x) * (point[1] - y) / (before_y - y) + x
            is_in ^= point[0] < crossing
    return is_in


def _nearest(
    figure: Figure, ours: Sequence[_Flat], other: Figure, theirs: Sequence[_Flat]
) -> float:
    """Return the least distance of a corner of one from a side of the other."""
    pairs = [
        (
            _apart(ours[at], theirs[a], theirs[b]),
            figure.corners[at],
            other.corners[a],
            other.corners[b],
        )
        for at in range(len(ours))
        for a, b in other.sides
    ]
    pairs += [
        (
            _apart(theirs[at], ours[a], ours[b]),
            other.corners[at],
            figure.corners[a],
            figure.corners[b],
        )
        for at in range(len(theirs))
        for a, b in figure.sides
    ]
    least = min(pair[0] for pair in pairs)
    close = sorted(pair for pair in pairs if pair[0] <= least * _NEAR + _NEAR_METRES)[:20]
    return min(_measured(point, begin, end) for _, point, begin, end in close)


def _apart(point: _Flat, begin: _Flat, end: _Flat) -> float:
    along = (end[0] - begin[0], end[1] - begin[1])
    length = along[0] ** 2 + along[1] ** 2
    part = 0.0
    if length:
        ahead = (point[0] - begin[0]) * along[0] + (point[1] - begin[1]) * along[1]
        part = min(1.0, max(0.0, ahead / length))
    return math.hypot(point[0] - begin[0] - part * along[0], point[1] - begin[1] - part * along[1])


def _measured(point: Degrees, begin: Degrees, end: Degrees) -> float:
    """Return the distance of a point from a geodesic, by halving where it falls and rises."""
    side = Geodesic.WGS84.InverseLine(*begin, *end)

    def away(at: float) -> float:
        there = side.Position(at, Geodesic.LATITUDE | Geodesic.LONGITUDE)
        said = Geodesic.WGS84.Inverse(*point, there["lat2"], there["lon2"], Geodesic.DISTANCE)
        return float(said["s12"])

    low, high = 0.0, float(side.s13)
    for _ in range(_STEPS):
        if high - low < 0.1:
            break
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if away(first) <= away(second):
            high = second
        else:
            low = first
    return min(away(low), away(high), away((low + high) / 2))
