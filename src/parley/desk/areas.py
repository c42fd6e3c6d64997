"""Areas: polygons, circles, corridors, arcs and areas known by their name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation

from parley.core.canon import Value
from parley.desk.fields import FieldType, Json, Names, Text, typed, wrong
from parley.desk.places import E7, Point, Position, bearing, distance, parse_position
from parley.desk.problems import fault
from parley.desk.structures import ListOf, Struct, member

AREA = Struct(
    (
        member("name", 0, Text(40), "name", "名称"),
        member("corners", 1, ListOf(item=Position(), least=3, most=40), "corners", "角点"),
        member("centre", 2, Position(), "centre", "圆心"),
        member("radius", 3, distance(), "radius", "半径"),
        member("named", 4, Text(120), "named area", "区域名"),
        member("line", 5, ListOf(item=Position(), least=2, most=40), "middle line", "中线"),
        member("width", 6, distance(), "width", "宽度"),
        member("from", 7, bearing(), "from bearing", "起始方位"),
        member("to", 8, bearing(), "to bearing", "终止方位"),
    )
)
_SHAPES = {
    frozenset({"corners"}),
    frozenset({"centre", "radius"}),
    frozenset({"line", "width"}),
    frozenset({"centre", "radius", "from", "to"}),
    frozenset({"named"}),
}
"""A polygon, a circle, a corridor, an arc (clockwise), an area known by its name."""


def crosses_itself(corners: Sequence[Point]) -> bool:
    """Say whether the sides of a polygon, closed by us, cross or meet beside their ends."""
    flat: list[tuple[int, int]] = []
    for point in corners:
        east = point.longitude
        if flat:
            # The way round the Earth that is shorter: an area may lie across 180 degrees.
            turns = round((flat[-1][0] - east) / (360 * E7))
            east += turns * 360 * E7
        flat.append((east, point.latitude))
    sides = [(flat[n], flat[(n + 1) % len(flat)]) for n in range(len(flat))]
    for first, one in enumerate(sides):
        for second in range(first + 1, len(sides)):
            near = second == first + 1 or (first == 0 and second == len(sides) - 1)
            if not near and _meet(one, sides[second]):
                return True
    return len(set(flat)) < len(flat)


_Flat = tuple[int, int]


def _turn(a: _Flat, b: _Flat, c: _Flat) -> int:
    found = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (found > 0) - (found < 0)


def _meet(one: tuple[_Flat, _Flat], other: tuple[_Flat, _Flat]) -> bool:
    (a, b), (c, d) = one, other
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns == (0, 0, 0, 0):
        return all(
            max(min(a[axis], b[axis]), min(c[axis], d[axis]))
            <= min(max(a[axis], b[axis]), max(c[axis], d[axis]))
            for axis in (0, 1)
        )
    return turns[0] * turns[1] <= 0 and turns[2] * turns[3] <= 0


@dataclass(frozen=True, slots=True)
class Area(FieldType):
    """One area: polygon, circle, corridor, arc, or a name; the order of corners is kept."""

    kind = "struct"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the parts; a polygon is closed by us and must not cross itself."""
        parts = AREA.read(json, where, names)
        given = {str(name) for name in json} if isinstance(json, Mapping) else set()
        if given - {"name", "named"} not in _SHAPES and given - {"name"} not in _SHAPES:
            wanted = "corners; centre and radius; line and width; or named"
            raise wrong(where, wanted, "角点；圆心与半径；中线与宽度；或区域名")
        corners = parts.get(1) if isinstance(parts, Mapping) else None
        if isinstance(corners, list):
            points = [parse_position(corner) for corner in corners if isinstance(corner, str)]
            if crosses_itself(points):
                raise fault(f"{where}.corners", "crosses_itself")
        return parts

    def show(self, value: Value, names: Names) -> Json:
        """Return the parts by name."""
        return AREA.show(value, names)

    def schema(self) -> dict[str, Json]:
        """Return an object."""
        return AREA.schema()


def corner_distances(first: Json, second: Json) -> list[tuple[str, list[int]]]:
    """Return for each area of two lists how many metres its corners lie apart, by its name.

    An area that only one list has, or that has another number of corners, has no distances.
    """
    told = [_corners(shapes) for shapes in (first, second)]
    found: list[tuple[str, list[int]]] = []
    for name in dict.fromkeys([*told[0], *told[1]]):
        one, other = told[0].get(name, []), told[1].get(name, [])
        same = len(one) == len(other)
        pairs = zip(one, other, strict=True) if same else ()
        found.append((name, [here.metres_to(there) for here, there in pairs]))
    return found


def _corners(shapes: Json) -> dict[str, list[Point]]:
    """Return the corners of each area, by its name or its place in the list."""
    found: dict[str, list[Point]] = {}
    for place, area in enumerate(shapes if isinstance(shapes, list) else (), start=1):
        if isinstance(area, Mapping):
            corners = area.get("corners")
            written = [
                corner["written"]
                for corner in (corners if isinstance(corners, list) else ())
                if isinstance(corner, Mapping)
            ]
            found[str(area.get("name", place))] = [parse_position(str(one)) for one in written]
    return found


SPOT = Struct(
    (
        member("position", 0, Position(), "position", "位置"),
        member("area", 1, Area(), "area", "区域"),
        member("named", 2, Text(120), "by its name", "名称"),
        member("quadrant", 3, Text(80), "quadrant of an ocean", "海洋象限"),
        member("water_body", 4, Text(80), "body of water", "水域"),
    )
)


@dataclass(frozen=True, slots=True)
class Spot(FieldType):
    """Where something starts from: a position, an area, a name, for the sea also a quadrant."""

    kind = "struct"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the parts; a bare text is a position if it reads as one, else a name."""
        if isinstance(json, str):
            json = {"position" if _is_position(json) else "named": json}
        if isinstance(json, Mapping) and {"corners", "centre", "line"} & set(json):
            json = {"area": json}
        return SPOT.read(json, where, names)

    def show(self, value: Value, names: Names) -> Json:
        """Return the parts by name."""
        return SPOT.show(value, names)

    def schema(self) -> dict[str, Json]:
        """Return a text, or an object."""
        text: Json = {"type": "string", "minLength": 1, "maxLength": 120}
        return typed(self.kind, anyOf=[SPOT.schema(), text])


def _is_position(text: str) -> bool:
    try:
        parse_position(" ".join(text.split()))
    except (ValueError, InvalidOperation):
        return False
    return True


def areas(most: int = 20) -> ListOf:
    """Return the type of one or more areas."""
    return ListOf(item=Area(), least=1, most=most, lenient=True, kind="area")
