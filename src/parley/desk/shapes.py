"""Places that an entry states, found by the types of its fields: what a map can draw.

No procedure is named here: a field is drawn because its type holds a position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import InvalidOperation

from parley.desk.areas import SPOT, Area, Spot
from parley.desk.fields import FieldType, Json
from parley.desk.places import WHERE, Point, Position, Where, parse_position
from parley.desk.problems import Words
from parley.desk.procedure import Field
from parley.desk.structures import ByLanguage, ListOf, Member, Struct


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One place as it was stated.

    Attributes:
        kind: point, track, polygon, circle, arc, corridor, or named (a name and no position).
        field: where it stands in the entry, such as `where.position`.
        label: words of that field.
        name: name that the entry gives it; empty where it gives none.
        points: positions in the order stated; the centre alone for a circle or an arc.
        written: each of them as it was written.
        metres: radius of a circle or arc, width of a corridor.
        bearings: from where to where an arc runs, clockwise, in degrees true.
    """

    kind: str
    field: str
    label: Words
    name: str = ""
    points: tuple[Point, ...] = ()
    written: tuple[str, ...] = ()
    metres: float | None = None
    bearings: tuple[float, float] | None = None


def shapes_of(fields: Mapping[str, Field], values: Mapping[str, Json]) -> list[Shape]:
    """Return every place among the fields of a move, in the order of its declaration.

    Args:
        fields: of the move, by name.
        values: what the entry says, in JSON form, by name.
    """
    return [
        replace(shape, label=field.words)
        for name, field in fields.items()
        if name in values
        for shape in _found(field.type, values[name], name)
    ]


def holds_places(kind: FieldType) -> bool:
    """Say whether a value of a type can hold a position."""
    if isinstance(kind, Position | Where | Area | Spot):
        return True
    if isinstance(kind, Struct):
        return any(holds_places(member.type) for member in kind.members)
    return isinstance(kind, ListOf | ByLanguage) and holds_places(kind.item)


def point_of(value: Json) -> Point | None:
    """Return the position that a JSON value is, written or shown; None where it is none."""
    written = value.get("written") if isinstance(value, Mapping) else value
    try:
        return parse_position(" ".join(written.split())) if isinstance(written, str) else None
    except (ValueError, InvalidOperation):
        return None


def _found(kind: FieldType, value: Json, where: str) -> Iterator[Shape]:
    if isinstance(kind, Position):
        yield from _placed("point", where, [value])
    elif isinstance(kind, Area):
        yield from _area(value, where)
    elif isinstance(kind, Where | Spot):
        yield from _found(WHERE if isinstance(kind, Where) else SPOT, value, where)
    elif isinstance(kind, Struct) and isinstance(value, Mapping):
        for member in kind.members:
            if member.name in value:
                yield from _found(member.type, value[member.name], f"{where}.{member.name}")
    elif isinstance(kind, ByLanguage) and isinstance(value, Mapping):
        for language, said in value.items():
            yield from _found(kind.item, said, f"{where}.{language}")
    elif isinstance(kind, ListOf) and isinstance(value, list):
        yield from _listed(kind.item, value, where)


def _listed(item: FieldType, values: list[Json], where: str) -> Iterator[Shape]:
    """Yield a way where each of a list is a position with what belongs to it, else each alone."""
    held = _position_of(item)
    if held is not None:
        legs = [each.get(held.name) for each in values if isinstance(each, Mapping)]
        yield from _placed("track", where, legs)
    elif isinstance(item, Position):
        yield from _placed("track", where, values)
    else:
        for place, each in enumerate(values):
            yield from _found(item, each, f"{where}[{place}]")


def _position_of(item: FieldType) -> Member | None:
    """Return the one member of a leg that holds a place, where that is a position."""
    members = item.members if isinstance(item, Struct) else ()
    holding = [member for member in members if holds_places(member.type)]
    return holding[0] if len(holding) == 1 and isinstance(holding[0].type, Position) else None


def _placed(kind: str, where: str, values: list[Json]) -> Iterator[Shape]:
    points = [point for value in values if (point := point_of(value)) is not None]
    if points:
        yield Shape(
            kind=kind if len(points) > 1 else "point",
            field=where,
            label={},
            points=tuple(points),
            written=tuple(_written(value) for value in values if point_of(value) is not None),
        )


def _written(value: Json) -> str:
    return str(value.get("written", "")) if isinstance(value, Mapping) else str(value)


def _area(value: Json, where: str) -> Iterator[Shape]:
    if not isinstance(value, Mapping):
        return
    name = str(value.get("name") or value.get("named") or "")
    for member, kind in (("corners", "polygon"), ("line", "corridor"), ("centre", "circle")):
        stated = value.get(member)
        for shape in _placed(kind, where, stated if isinstance(stated, list) else [stated]):
            bearings = (_number(value.get("from")), _number(value.get("to")))
            is_arc = member == "centre" and None not in bearings
            yield replace(
                shape,
                kind="arc" if is_arc else kind,
                name=name,
                metres=_number(value.get("radius", value.get("width"))),
                bearings=(bearings[0] or 0.0, bearings[1] or 0.0) if is_arc else None,
            )
            return
    if value.get("named"):
        yield Shape(kind="named", field=where, label={}, name=name)


def _number(value: Json) -> float | None:
    """Return a measure in its normal unit; None where only words are given."""
    amount = value.get("metres", value.get("degrees")) if isinstance(value, Mapping) else None
    return float(amount) if isinstance(amount, int | float) else None
