"""GeoJSON (RFC 7946): one feature a place; what it cannot hold stands beside, in `parley`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from parley.desk.fields import Json
from parley.desk.published.drawing import Line, e7, lines, rings, without_last
from parley.desk.published.exchange import (
    NOTICES_MAX,
    SHAPES_MAX,
    checked,
    notice_of,
    plain_notice,
    plain_window,
    refused,
    spot_of,
)
from parley.desk.published.model import CORNERS_MAX, TEXT_MAX, Notice, Shape, Unread
from parley.errors import UsageError

_HALF: Final = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
"""What writes half a character in JSON; two such halves are one character."""


def write_geojson(notices: Sequence[Notice]) -> str:
    """Return a FeatureCollection of all places of some notices.

    A circle is drawn with 64 corners, a corridor as its middle line; areas across 180 degrees are
    cut there. An area around a pole, and a notice without a place, have no geometry.
    """
    return json.dumps(_collection(notices), ensure_ascii=False, indent=1) + "\n"


def _collection(notices: Sequence[Notice]) -> dict[str, Any]:
    features = [feature for notice in notices for feature in _features(notice)]
    return {
        "type": "FeatureCollection",
        "features": features,
        "parley": {"version": 1, "notices": [plain_notice(each) for each in notices]},
    }


def _features(notice: Notice) -> list[dict[str, Any]]:
    told: dict[str, Any] = {
        "number": notice.number,
        "windows": [plain_window(each) for each in notice.windows],
        "cancels": [r.number for r in notice.references if r.act in ("cancels", "replaces")],
    }
    if not notice.shapes:
        return [{"type": "Feature", "geometry": None, "properties": told}]
    return [
        {
            "type": "Feature",
            "geometry": _geometry(shape),
            "properties": {
                **told,
                "label": shape.label,
                "shape": shape.kind,
                "metres": shape.metres,
            },
        }
        for shape in notice.shapes
    ]


def _geometry(shape: Shape) -> dict[str, Any] | None:
    if shape.kind in ("polygon", "circle"):
        found = rings(shape)
        if found is None:
            return None
        return _one_or_more("Polygon", [[_points(ring)] for ring in found])
    if shape.kind in ("line", "corridor"):
        return _one_or_more("LineString", [_points(line) for line in lines(shape)])
    point = shape.corners[0].point
    return {"type": "Point", "coordinates": [point.longitude / 1e7, point.latitude / 1e7]}


def _one_or_more(kind: str, parts: list[Any]) -> dict[str, Any] | None:
    if not parts:
        return None
    if len(parts) == 1:
        return {"type": kind, "coordinates": parts[0]}
    return {"type": f"Multi{kind}", "coordinates": parts}


def _points(line: Line) -> list[list[float]]:
    return [[lon, lat] for lon, lat in line]


def read_json(text: str) -> Json:
    """Return the values of a JSON text without NaN or infinity.

    Raises:
        UsageError: it is none, or nested too deeply.
    """
    try:
        found: Json = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise refused(f"this is no JSON: {str(problem)[:80]}") from None
    if _HALF.search(text):
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise refused("this JSON holds half a character, such as \\ud800 alone") from None
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def read_geojson(document: Json) -> list[Notice]:
    """Return the notices of a FeatureCollection, Feature or geometry.

    What our exporter put beside it is taken only where it still draws the same.

    Raises:
        UsageError: it is no GeoJSON, or has more than the limits allow.
    """
    if not isinstance(document, Mapping):
        raise refused("this is no GeoJSON: it is no object")
    kept = _kept(document)
    if kept is not None:
        return kept
    features: Json = document.get("features")
    if document.get("type") == "Feature":
        features = [document]
    elif document.get("type") != "FeatureCollection":
        features = [{"type": "Feature", "geometry": document, "properties": {}}]
    if not isinstance(features, list) or len(features) > NOTICES_MAX:
        raise refused(f"GeoJSON has a list of at most {NOTICES_MAX} features")
    return [_of_feature(feature) for feature in features]


def _kept(document: Mapping[Any, Json]) -> list[Notice] | None:
    """Return the notices that stand beside the features, None unless they draw the same."""
    beside = document.get("parley")
    notices = beside.get("notices") if isinstance(beside, Mapping) else None
    if not isinstance(notices, list) or len(notices) > NOTICES_MAX:
        return None
    try:
        found = [notice_of(each, "geojson") for each in notices]
    except UsageError:
        return None
    same = json.loads(json.dumps(_collection(found)))["features"] == document.get("features")
    return found if same else None


def _of_feature(feature: Json) -> Notice:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise refused("GeoJSON: a feature is none")
    properties = feature.get("properties")
    told = json.dumps(properties, ensure_ascii=False)[:TEXT_MAX] if properties else ""
    number = properties.get("number", "") if isinstance(properties, Mapping) else ""
    shapes: list[Shape] = []
    unread: list[Unread] = []
    _read_geometry(feature.get("geometry"), shapes, unread, 0)
    return Notice(
        kind="geojson",
        text=told,
        number=number if isinstance(number, str) and len(number) <= 80 else "",
        shapes=tuple(shapes),
        unread=tuple(unread),
    )


def _read_geometry(geometry: Json, shapes: list[Shape], unread: list[Unread], depth: int) -> None:
    if geometry is None:
        return
    if not isinstance(geometry, Mapping) or depth > 4:
        raise refused("GeoJSON: a geometry is none, or nested too deeply")
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        for part in parts if isinstance(parts, list) else ():
            _read_geometry(part, shapes, unread, depth + 1)
        return
    values = geometry.get("coordinates")
    if kind in ("Point", "MultiPoint"):
        for each in [values] if kind == "Point" else _list(values):
            _add(shapes, "point", [each])
    elif kind in ("LineString", "MultiLineString"):
        for line in [values] if kind == "LineString" else _list(values):
            _add(shapes, "line", _list(line))
    elif kind in ("Polygon", "MultiPolygon"):
        for polygon in [values] if kind == "Polygon" else _list(values):
            outer, *holes = _list(polygon) or [[]]
            _add(shapes, "polygon", _list(outer))
            if holes:
                hole = Unread(what="area", why="a hole", written=f"{len(holes)}", span=(0, 0))
                unread.append(hole)
    else:
        raise refused(f"GeoJSON: {str(kind)[:40]!r} is no geometry")


def _list(values: Json) -> list[Json]:
    if not isinstance(values, list) or len(values) > SHAPES_MAX:
        raise refused("GeoJSON: coordinates are no list, or too many")
    return values


def _add(shapes: list[Shape], kind: str, positions: list[Json]) -> None:
    if len(shapes) >= SHAPES_MAX or len(positions) > CORNERS_MAX + 1:
        raise refused("GeoJSON: too many places or corners")
    points = [_position(each) for each in positions]
    if kind == "polygon":
        points = without_last(points)
    spots = tuple(spot_of(e7(lat), e7(lon)) for lon, lat in points)
    shapes.append(checked(Shape(kind=kind, corners=spots)))


def _position(values: Json) -> tuple[float, float]:
    """Return longitude and latitude; a height behind them is left."""
    if isinstance(values, list) and 2 <= len(values) <= 4:
        lon, lat = values[0], values[1]
        numbers = [v for v in (lon, lat) if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) == 2 and all(abs(n) <= 180 and math.isfinite(n) for n in numbers):
            return float(numbers[0]), float(numbers[1])
    raise refused("GeoJSON: a position is no pair of degrees")
