"""Places are found by the types of fields, and drawn on the ellipsoid."""

from __future__ import annotations

import math

import pytest

from parley.desk.catalogue import MOVES, PROCEDURES, fields_of
from parley.desk.geometry import outline
from parley.desk.naming import RAW
from parley.desk.places import parse_position
from parley.desk.shapes import Shape, holds_places, shapes_of


def shapes(move, **values):
    fields = fields_of(MOVES[move])
    shown = {
        name: fields[name].type.show(fields[name].type.read(value, name, RAW), RAW)
        for name, value in values.items()
    }
    return shapes_of(fields, shown)


def metres(one, other):
    return parse_written(one).metres_to(parse_written(other))


def parse_written(spot):
    lat, lon = spot
    return parse_position(
        f"{abs(lat):.7f}{'NS'[lat < 0]} {abs((lon + 180) % 360 - 180):.7f}{'EW'[(lon + 180) % 360 < 180]}"
    )


def test_procedures_with_places_are_found_without_being_named():
    placed = {
        name
        for name, procedure in PROCEDURES.items()
        if any(holds_places(f.type) for move in procedure.moves for f in fields_of(move).values())
    }

    assert {"incident", "exercise", "humanitarian", "warning", "launch"} <= placed
    assert not placed & {"message", "request", "commitment", "joint_text"}


def test_a_place_with_a_track_is_a_point_and_a_line():
    found = shapes(
        "incident.report",
        where={
            "position": "10-00.00N 100-00.00E",
            "track": [
                {"at": "2026-03-01T09:00:00Z", "position": "10-00.00N 100-00.00E"},
                {"at": "2026-03-01T09:10:00Z", "position": "10-05.00N 100-05.00E"},
            ],
        },
    )

    assert [(one.kind, one.field, len(one.points)) for one in found] == [
        ("point", "where.position", 1),
        ("track", "where.track", 2),
    ]
    assert found[0].written == ("10-00.00N 100-00.00E",)
    assert found[0].label["zh"] == "地点"


@pytest.mark.parametrize(
    ("area", "kind", "closed"),
    [
        ({"centre": "10-00.00N 100-00.00E", "radius": "20 km"}, "circle", True),
        (
            {"centre": "10-00.00N 100-00.00E", "radius": "20 km", "from": "350 °", "to": "10 °"},
            "arc",
            True,
        ),
        (
            {"line": ["10-00.00N 100-00.00E", "11-00.00N 100-00.00E"], "width": "5 nmi"},
            "corridor",
            True,
        ),
        ({"named": "Sector North"}, "named", False),
    ],
)
def test_each_form_of_an_area_has_its_outline(area, kind, closed):
    (found,) = shapes("exercise.notify", area=[area])
    line, is_closed = outline(found)

    assert found.kind == kind
    assert is_closed is closed
    assert bool(line) is (kind != "named")


def test_a_circle_is_true_on_the_ellipsoid_also_round_a_pole_and_across_180_degrees():
    for centre in ("89.5N 20E", "10N 179.95E", "60S 179.9W"):
        point = parse_position(centre)
        line, _ = outline(
            Shape(kind="circle", field="", label={}, points=(point,), metres=100_000.0)
        )
        assert all(abs(point.metres_to(parse_written(spot)) - 100_000) <= 1 for spot in line)


def test_a_corridor_keeps_its_width_along_its_middle_line():
    line = tuple(parse_position(each) for each in ("10N 100E", "11N 100E", "11N 101E"))
    edge, _ = outline(Shape(kind="corridor", field="", label={}, points=line, metres=2000.0))
    half = len(edge) // 2

    first, last = edge[0], edge[-1]
    assert metres(first, last) == pytest.approx(2000, abs=2)
    # At the right angle the two edges meet: sqrt(2) times as far from each other.
    widest = max(metres(edge[n], edge[-1 - n]) for n in range(half))
    assert widest == pytest.approx(2000 * math.sqrt(2), rel=0.01)


def test_long_sides_follow_the_shortest_way():
    line, _ = outline(
        Shape(
            kind="track",
            field="",
            label={},
            points=(parse_position("50N 170E"), parse_position("50N 170W")),
        )
    )

    assert max(lat for lat, _ in line) > 50.2
