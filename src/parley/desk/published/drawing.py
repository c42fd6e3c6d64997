"""Shapes as rings and lines of plain degrees, cut where they cross 180 degrees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from geographiclib.geodesic import Geodesic

from parley.desk.places import E7
from parley.desk.published.model import Shape

Line: TypeAlias = list[tuple[float, float]]
"""Longitude and latitude in degrees, as GeoJSON has them."""
CIRCLE_CORNERS: Final = 64
_FULL: Final = 360.0


def unrolled(shape: Shape) -> Line:
    """Return the corners with longitudes that go on past 180, the shorter way each time."""
    points = [spot.point for spot in shape.corners]
    return unroll((point.longitude / E7, point.latitude / E7) for point in points)


def unroll(points: Iterable[tuple[float, float]]) -> Line:
    """Return longitudes and latitudes with no jump at 180, the shorter way each time."""
    flat: Line = []
    for east, north in points:
        turns = round((flat[-1][0] - east) / _FULL) if flat else 0
        flat.append((round(east + turns * _FULL, 7), north))
    return flat


def circle(shape: Shape) -> Line | None:
    """Return a ring of 64 points around a circle's centre, None where it holds a pole.

    Source: Karney, Algorithms for geodesics (2013), as geographiclib has them.
    """
    point = shape.corners[0].point
    north, east, metres = point.latitude / E7, point.longitude / E7, float(shape.metres or 0)
    to_pole = Geodesic.WGS84.Inverse(north, east, 90.0 if north > 0 else -90.0, east)["s12"]
    if metres == 0 or metres >= to_pole:
        return None
    ring: Line = []
    for step in range(CIRCLE_CORNERS):
        # Against the clock, as RFC 7946 wants the outer ring.
        found = Geodesic.WGS84.Direct(north, east, -_FULL * step / CIRCLE_CORNERS, metres)
        lon = found["lon2"]
        lon += round((east - lon) / _FULL) * _FULL
        ring.append((round(lon, 7), round(found["lat2"], 7)))
    return ring


def rings(shape: Shape) -> list[Line] | None:
    """Return closed rings, against the clock, of a polygon or circle; None if it holds a pole."""
    flat = circle(shape) if shape.kind == "circle" else unrolled(shape)
    if flat is None or abs(flat[0][0] - flat[-1][0]) > _FULL / 2:
        return None
    return cut_ring(flat) or None


def cut_ring(flat: Line) -> list[Line]:
    """Return the parts of an unrolled ring within -180 to 180, closed and against the clock."""
    if _twice_area(flat) < 0:
        flat = [flat[0], *reversed(flat[1:])]
    found: list[Line] = []
    for turn in range(-3, 4):
        part = [(round(lon - turn * _FULL, 7), lat) for lon, lat in flat]
        for east in _cut(part, 180.0, 1):
            found += [
                [*piece, piece[0]]
                for piece in _cut(east, -180.0, -1)
                if len(piece) >= 3 and abs(_twice_area(piece)) > 0
            ]
    return found


def _twice_area(ring: Line) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def _cut(ring: Line, edge: float, sign: int) -> list[Line]:
    """Return the parts of a ring on the inner side of a meridian, each a ring of its own.

    A hollow area may cross the meridian several times. What leaves it comes back where the area
    ends on the meridian: going against the clock, northward on an eastern edge.
    """
    # A corner on the meridian lies outside: a part that touches it there is two.
    inside = [(edge - each[0]) * sign > 0 for each in ring]
    if all(inside):
        return [ring]
    chains = _chains(ring, inside, edge)
    begins = sorted(range(len(chains)), key=lambda at: chains[at][0][1] * sign)
    following: dict[int, int] = {}
    for at in sorted(range(len(chains)), key=lambda at: chains[at][-1][1] * sign):
        leaves = chains[at][-1][1] * sign
        after = [one for one in begins if chains[one][0][1] * sign >= leaves] or begins
        following[at] = after[0]
        begins.remove(after[0])
    found: list[Line] = []
    while following:
        at, part = next(iter(following)), Line()
        while at in following:
            part += chains[at]
            at = following.pop(at)
        found.append(_without_repeats(part))
    return found


def _chains(ring: Line, inside: list[bool], edge: float) -> list[Line]:
    """Return what lies inside, each run from where it comes in to where it goes out."""
    count, chains = len(ring), list[Line]()
    for at in range(count):
        if inside[at] or not inside[(at + 1) % count]:
            continue
        here, there = ring[at], ring[(at + 1) % count]
        chain: Line = [(edge, _latitude_at(here, there, edge))]
        step = at + 1
        while inside[step % count]:
            chain.append(ring[step % count])
            step += 1
        last, beyond = ring[(step - 1) % count], ring[step % count]
        chain.append((edge, _latitude_at(last, beyond, edge)))
        chains.append(chain)
    return chains


def _without_repeats(ring: Line) -> Line:
    return [each for n, each in enumerate(ring) if each != ring[n - 1]]


def _latitude_at(here: tuple[float, float], there: tuple[float, float], edge: float) -> float:
    share = (edge - here[0]) / (there[0] - here[0])
    return round(here[1] + share * (there[1] - here[1]), 7)


def lines(shape: Shape) -> list[Line]:
    """Return a line as one or more, cut at 180 degrees."""
    return cut_line(unrolled(shape))


def cut_line(flat: Line) -> list[Line]:
    """Return the parts of an unrolled line within -180 to 180."""
    found: list[Line] = [[flat[0]]]
    turn = 0
    for here, there in pairwise(flat):
        while abs(there[0] - turn * _FULL) > 180.0:
            step = 1 if there[0] > turn * _FULL else -1
            edge = turn * _FULL + step * 180.0
            lat = _latitude_at(here, there, edge)
            found[-1].append((step * 180.0, lat))
            found.append([(-step * 180.0, lat)])
            turn += step
        found[-1].append((round(there[0] - turn * _FULL, 7), there[1]))
    return [each for each in found if len(each) > 1]


def e7(degrees: float) -> int:
    """Return degrees as 1e-7 degree."""
    return round(degrees * E7)


def without_last(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a closed ring without its last point, which is its first."""
    return list(ring[:-1]) if len(ring) > 1 and ring[0] == ring[-1] else list(ring)
