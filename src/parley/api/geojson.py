"""A map as GeoJSON, for programs that draw maps: one feature for each place that a party stated.

Source: RFC 7946: longitude before latitude, rings closed and counterclockwise, what crosses 180
degrees cut there (3.1.9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from parley.desk.published.drawing import Line, cut_line, cut_ring, unroll
from parley.station.map_views import ApartView, MapView, ShapeView, Spot
from parley.station.view_values import to_json

MEDIA_TYPE: Final = "application/geo+json"

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
    line = _unrolled(spots)
    whole = [piece for piece in cut_line(line) if len(set(piece)) > 1] or [line]
    pieces = [_told(piece) for piece in whole]
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
    pieces = [[_told(piece)] for piece in cut_ring(ring) or [[*ring, ring[0]]]]
    if len(pieces) == 1:
        return GeoGeometry(type="Polygon", coordinates=pieces[0])
    return GeoGeometry(type="MultiPolygon", coordinates=pieces)


def _unrolled(spots: Sequence[Spot]) -> Line:
    return unroll((lon, lat) for lat, lon in spots)


def _told(line: Line) -> list[list[float]]:
    return [[round(lon, _DIGITS), round(lat, _DIGITS)] for lon, lat in line]
