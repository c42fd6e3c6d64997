"""The map: what part of the Earth it shows, and that nothing tears at 180 degrees or at a pole."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

import pytest

from parley.console.land_shapes import rings
from parley.console.map_drawing import drawn, land_path
from parley.console.map_window import HEIGHT, WIDTH, WORLD, fitted, window
from parley.console.notations import notations
from parley.desk.places import parse_position
from parley.station.map_views import MapView
from support.fake_places import APARTS, SHAPES, placed


def longest_step(path):
    """Return the longest stretch of a drawn line that lies inside the drawing."""
    longest = 0.0
    for piece in path.split("M")[1:]:
        points = [tuple(map(float, each.split())) for each in piece.rstrip("z").split("L")]
        for (x, y), (u, v) in pairwise(points):
            if all(0 < each < WIDTH for each in (x, u)) and all(
                0 < each < HEIGHT for each in (y, v)
            ):
                longest = max(longest, abs(x - u) + abs(y - v))
    return longest


@pytest.mark.parametrize("scale", ["110m", "50m"])
def test_land_has_no_side_that_crosses_the_plane(scale):
    long = [
        (a, b)
        for ring in rings(scale)
        for a, b in pairwise(ring.points)
        if abs(a[0] - b[0]) > 20 and abs(a[1]) < 90
    ]

    assert long == []


@pytest.mark.parametrize(
    "place",
    [WORLD, window(0, 180, 180), window(65, -175, 35), window(85, 10, 60), window(-80, 170, 35)],
)
def test_land_is_whole_wherever_the_map_is_centred(place):
    path = land_path(place, "110m")

    assert path.count("M") > 3
    assert longest_step(path) < 120


def test_land_is_land_and_sea_is_sea():
    def covers(lat, lon):
        count = 0
        for ring in rings("110m"):
            for shift in (-360, 0, 360):
                pairs = pairwise(ring.points)
                count += sum(
                    1
                    for (x, y), (u, v) in pairs
                    if (y > lat) != (v > lat) and lon < shift + x + (lat - y) / (v - y) * (u - x)
                )
        return count % 2 == 1

    assert covers(45, 90)
    assert covers(66, 179.5)
    assert covers(-88, 0)
    assert not covers(0, -150)
    assert not covers(88, 0)


def test_places_on_both_sides_of_180_degrees_are_shown_together():
    found = fitted([(52.0, 179.0), (52.5, -179.0)])

    assert abs(found.lon) == pytest.approx(180, abs=0.01)
    assert found.span <= 4


@pytest.mark.parametrize("spot", [(10.0, 20.0), (-45.5, 179.9), (88.0, -120.0), (-79.0, 15.0)])
def test_a_place_on_the_drawing_is_the_position_it_was_drawn_from(spot):
    found = window(*spot, 7.0).moved(0.1, -0.2)
    lat, lon = found.position(*found.place(*spot))

    assert lat == pytest.approx(spot[0])
    assert lon == pytest.approx(spot[1])


def test_an_area_round_a_pole_is_closed_over_the_pole_where_the_map_is_flat():
    circle = placed("ALFA", "circle", "89.0N 10.0E", metres=500_000.0)
    flat = drawn(MapView(shapes=[circle]), "ALFA", WORLD)
    xs = [float(x) for path in flat.marks[0].paths for x in re.findall(r"[ML](-?[0-9.]+) ", path)]
    ys = [float(y) for path in flat.marks[0].paths for y in re.findall(r" (-?[0-9.]+)", path)]

    assert min(xs) < 10
    assert max(xs) > WIDTH - 10
    assert min(ys) <= 0

    above = drawn(MapView(shapes=[circle]), "ALFA")
    assert above.window.is_polar
    assert len(above.marks[0].paths) == 1


def test_all_places_are_well_inside_what_is_shown_at_first():
    made = drawn(MapView(shapes=SHAPES, aparts=APARTS), "ALFA")

    assert [mark.side for mark in made.marks[:2]] == ["a", "b"]
    for mark in made.marks:
        for x, y in mark.dots:
            assert WIDTH * 0.1 < x < WIDTH * 0.9
            assert HEIGHT * 0.1 < y < HEIGHT * 0.9
    # Two accounts that lie on one another at this height are told apart in the table, and nearer.
    assert made.ties[0].label is None
    assert drawn(MapView(shapes=SHAPES[:2], aparts=APARTS), "ALFA").ties[0].label is not None


def test_both_accounts_are_drawn_by_their_own_symbol_and_neither_is_first_by_chance():
    other = drawn(MapView(shapes=SHAPES, aparts=APARTS), "BRAVO")

    assert dict(other.parties) == {"BRAVO": "a", "ALFA": "b"}


@pytest.mark.parametrize(
    "written", ["00-42.10N 029-19.80W", "89-59.99S 179-59.99E", "25-15.26N 000-00.50W"]
)
def test_every_notation_reads_back_as_the_same_place(written):
    point = parse_position(written)
    for text in notations(point.latitude / 1e7, point.longitude / 1e7):
        assert point.metres_to(parse_position(text)) <= 3


def test_another_archive_is_no_source_of_land(tmp_path):
    spec = spec_from_file_location("land", Path(__file__).parents[3] / "tools" / "land.py")
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    (tmp_path / "other.tgz").write_bytes(b"no land")

    with pytest.raises(SystemExit):
        tool.main(str(tmp_path / "other.tgz"))

    # A ring round the south pole is closed over it, and none jumps at 180 degrees.
    ring = [(-17000, -7000), (0, -7500), (17000, -7000), (-17000, -7000)]
    assert tool.unwound(ring)[-3:] == [(19000, -9000), (-17000, -9000), (-17000, -7000)]
