"""A map as GeoJSON, for programs that draw maps: one feature for each place that a party stated.

Source: RFC 7946: longitude before latitude, rings closed and counterclockwise, what crosses 180
degrees cut there (3.1.9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from parley.station.map_views import ApartView, MapView, ShapeView, Spot
from parley.station.view_values import to_json

MEDIA_TYPE: Final = "application/geo+json"

Position = tuple[float, float]
"""Longitude and latitude in degrees."""

_DIGITS: Final = 7
_SHAPE_FACTS: Final = (
    *("kind", "field", "label", "name", "party", "case", "procedure", "move"),
    *("entry", "at", "written", "metres"),
)
_APART_FACTS: Final = ("case", "field", "label", "read_by", "written", "metres")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoGeometry:
    """Where something is: a geometry of GeoJSON."""

    type: Literal["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoFeature:
    """One place, with who states it and where; a name without a position has no geometry."""

    type: Literal["Feature"]
    geometry: GeoGeometry | None
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoMap:
    """A map: its features, of how many cases they are, and whether there were more."""

    type: Literal["FeatureCollection"]
    features: list[GeoFeature]
    cases: int
    is_cut: bool


def geo_map(view: MapView) -> GeoMap:
    """Return a map as a FeatureCollection.

    How far two accounts of one position lie apart is a line of kind `apart` between them.
    """
    features = [_feature(_shape(each), _facts(each, _SHAPE_FACTS)) for each in view.shapes]
    features += [
        _feature(_line(each.way), {"kind": "apart"} | _facts(each, _APART_FACTS))
        for each in view.aparts
    ]
    return GeoMap(type="FeatureCollection", features=features, cases=view.cases, is_cut=view.is_cut)


def _facts(view: ShapeView | ApartView, names: Sequence[str]) -> dict[str, Any]:
    told = to_json(view)
    return {name: told[name] for name in names}


def _feature(geometry: GeoGeometry | None, properties: dict[str, Any]) -> GeoFeature:
    return GeoFeature(type="Feature", geometry=geometry, properties=properties)


def _shape(shape: ShapeView) -> GeoGeometry | None:
    if not shape.spots:
        return None
    if shape.is_closed and len(shape.outline) > 2:
        return _area(shape.outline)
    if len(shape.outline) > 1:
        return _line(shape.outline)
    lat, lon = shape.spots[0]
    return GeoGeometry(type="Point", coordinates=_told([(lon, lat)])[0])


def _line(spots: Sequence[Spot]) -> GeoGeometry:
    pieces = [_told(piece) for piece in _cut_line(_unrolled(spots))]
    if len(pieces) == 1:
        return GeoGeometry(type="LineString", coordinates=pieces[0])
    return GeoGeometry(type="MultiLineString", coordinates=pieces)


def _area(spots: Sequence[Spot]) -> GeoGeometry:
    ring = _unrolled([*spots, spots[0]])
    if round((ring[-1][0] - ring[0][0]) / 360):
        # It goes once around a pole: on the plane it is closed along the pole's edge.
        pole = math.copysign(90.0, sum(lat for _, lat in ring))
        ring += [(ring[-1][0], pole), (ring[0][0], pole)]
    else:
        ring.pop()
    pieces = [[_told(_counterclockwise(piece))] for piece in _cut_ring(ring)]
    if len(pieces) == 1:
        return GeoGeometry(type="Polygon", coordinates=pieces[0])
    return GeoGeometry(type="MultiPolygon", coordinates=pieces)


def _told(line: Sequence[Position]) -> list[list[float]]:
    return [[round(lon, _DIGITS), round(lat, _DIGITS)] for lon, lat in line]


def _unrolled(spots: Sequence[Spot]) -> list[Position]:
    """Return a line with no jump at 180 degrees: its longitudes go on beyond."""
    found = [(spots[0][1], spots[0][0])]
    for lat, lon in spots[1:]:
        last = found[-1][0]
        found.append((last + (lon - last + 180) % 360 - 180, lat))
    return found


def _turn(lon: float) -> int:
    """Return by how many whole turns a longitude lies beyond -180 to 180 degrees."""
    return math.floor((lon + 180) / 360)


def _crossing(here: Position, there: Position, lon: float) -> Position:
    part = (lon - here[0]) / (there[0] - here[0])
    return lon, here[1] + part * (there[1] - here[1])


def _cut_line(line: Sequence[Position]) -> list[list[Position]]:
    """Return the pieces of a line on either side of 180 degrees."""
    pieces = [[line[0]]]
    for here, there in pairwise(line):
        if _turn(here[0]) != _turn(there[0]):
            cut = _crossing(here, there, 360.0 * max(_turn(here[0]), _turn(there[0])) - 180)
            pieces[-1].append(cut)
            pieces.append([cut])
        pieces[-1].append(there)
    whole = [piece for piece in pieces if len(set(piece)) > 1] or [list(line)]
    return [_moved(piece, _turn(sum(lon for lon, _ in piece) / len(piece))) for piece in whole]


def _cut_ring(ring: Sequence[Position]) -> list[list[Position]]:
    """Return the pieces of an area on either side of 180 degrees."""
    lons = [lon for lon, _ in ring]
    pieces = []
    for turn in range(_turn(min(lons)), _turn(max(lons)) + 1):
        west = 360.0 * turn - 180
        piece = _kept(_kept(ring, west, side=1), west + 360, side=-1)
        if len(set(piece)) > 2 and _twice_area(piece):
            pieces.append(_moved(piece, turn))
    return pieces or [list(ring)]


def _kept(ring: Sequence[Position], lon: float, *, side: int) -> list[Position]:
    """Return what of an area lies east (1) or west (-1) of a meridian (Sutherland, Hodgman)."""
    found: list[Position] = []
    for place, there in enumerate(ring):
        here = ring[place - 1]
        was, is_in = ((each[0] - lon) * side >= 0 for each in (here, there))
        if was != is_in:
            found.append(_crossing(here, there, lon))
        if is_in:
            found.append(there)
    return found


def _moved(line: Sequence[Position], turn: int) -> list[Position]:
    return [(lon - 360 * turn, lat) for lon, lat in line]


def _twice_area(ring: Sequence[Position]) -> float:
    """Return twice the area of a ring on the plane; negative where it runs clockwise."""
    return sum(ring[n - 1][0] * y - x * ring[n - 1][1] for n, (x, y) in enumerate(ring))


def _counterclockwise(ring: Sequence[Position]) -> list[Position]:
    turned = list(ring) if _twice_area(ring) >= 0 else list(reversed(ring))
    return [*turned, turned[0]]
