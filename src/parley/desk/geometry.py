"""Outlines of stated places on the ellipsoid: sides are shortest ways, circles are true circles.

Source: Karney, Algorithms for geodesics (2013), as geographiclib has them; WGS 84.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from geographiclib.geodesic import Geodesic

from parley.desk.places import E7, Point
from parley.desk.shapes import Shape

Spot = tuple[float, float]
"""Latitude and longitude in degrees."""

_WGS84: Final = Geodesic.WGS84
_PIECE_M: Final = 100_000
_PIECES_MAX: Final = 64
_ROUND: Final = 72
_MITRE_MAX: Final = 2.0


def outline(shape: Shape) -> tuple[list[Spot], bool]:
    """Return the line that draws a shape and whether it is closed; empty for a name alone."""
    spots = [spot_of(point) for point in shape.points]
    reach = shape.metres or 0.0
    if shape.kind == "polygon":
        return _way([*spots, spots[0]])[:-1], True
    if shape.kind == "circle" and reach:
        return _arc(spots[0], reach, 0.0, 360.0)[:-1], True
    if shape.kind == "arc" and reach and shape.bearings:
        first, last = shape.bearings
        return [spots[0], *_arc(spots[0], reach, first, (last - first) % 360 or 360.0)], True
    if shape.kind == "corridor" and reach:
        return _corridor(_way(spots), reach / 2), True
    return _way(spots), False


def way(one: Point, other: Point) -> list[Spot]:
    """Return the shortest way between two positions."""
    return _way([spot_of(one), spot_of(other)])


def spot_of(point: Point) -> Spot:
    """Return a position in degrees."""
    return point.latitude / E7, point.longitude / E7


def metres_across(middle: Spot, degrees: float) -> float:
    """Return how many metres a number of degrees of longitude measures there."""
    return float(_WGS84.Inverse(*middle, middle[0], middle[1] + degrees, Geodesic.DISTANCE)["s12"])


def _way(spots: Sequence[Spot]) -> list[Spot]:
    found = list(spots[:1])
    for here, there in pairwise(spots):
        line = _WGS84.InverseLine(*here, *there)
        pieces = max(1, min(_PIECES_MAX, math.ceil(line.s13 / _PIECE_M)))
        found += [_at(line.Position(line.s13 * n / pieces)) for n in range(1, pieces)]
        found.append(there)
    return found


def _at(position: dict[str, float]) -> Spot:
    return position["lat2"], position["lon2"]


def _arc(centre: Spot, metres: float, first: float, turn: float) -> list[Spot]:
    """Return the points at a distance from a centre, clockwise from a bearing."""
    steps = max(2, math.ceil(_ROUND * turn / 360))
    return [_at(_WGS84.Direct(*centre, first + turn * n / steps, metres)) for n in range(steps + 1)]


def _corridor(line: Sequence[Spot], half: float) -> list[Spot]:
    """Return the edge of a corridor: its left side there, its right side back."""
    left, right = [], []
    for spot, bearing, bent in _bearings(line):
        # At a bend the edge lies further out, as two parallel edges meet there.
        reach = half / max(math.cos(math.radians(bent / 2)), 1 / _MITRE_MAX)
        left.append(_at(_WGS84.Direct(*spot, bearing - 90, reach)))
        right.append(_at(_WGS84.Direct(*spot, bearing + 90, reach)))
    return [*left, *reversed(right)]


def _bearings(line: Sequence[Spot]) -> Iterator[tuple[Spot, float, float]]:
    """Yield each point of a line with the way on from there, halved at bends, and the bend."""
    sides = [_WGS84.Inverse(*here, *there) for here, there in pairwise(line)]
    for place, spot in enumerate(line):
        into = sides[place - 1]["azi2"] if place else sides[0]["azi1"]
        out = sides[place]["azi1"] if place < len(sides) else into
        bend = (out - into + 180) % 360 - 180
        yield spot, into + bend / 2, bend
