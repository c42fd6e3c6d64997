"""Positions as they are written, and how far apart two of them are."""

from __future__ import annotations

import pytest

from parley.desk.comparison import compare_place
from parley.desk.places import parse_position


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        # A degree along the equator and along a meridian of WGS 84: they are not the same length.
        ("0.0N 0.0E", "0.0N 1.0E", 111_319),
        ("0.0N 0.0E", "1.0N 0.0E", 110_574),
        ("89.0N 0.0E", "90.0N 0.0E", 111_694),
        # 25-15.26N is not 25-15-26N.
        ("25-15.26N 120-00.00E", "25-15-26N 120-00-00E", 320),
        ("10.0N 179.9999E", "10.0N 179.9999W", 22),
        ("10.0N 100.0E", "10.0N 100.0E", 0),
    ],
)
def test_the_distance_is_that_of_the_ellipsoid(here: str, there: str, metres: int) -> None:
    found = parse_position(here).metres_to(parse_position(there))

    assert found == metres


def test_the_distance_is_the_same_from_either_side() -> None:
    here, there = parse_position("25-03.10N 121-30.20E"), parse_position("24-59.99N 122-01.00E")

    assert here.metres_to(there) == there.metres_to(here)


def test_two_accounts_of_a_place_differ_by_metres() -> None:
    sides = ("ALFA", "BRAVO")
    said = ({"position": {"written": "0.0N 0.0E"}}, {"position": {"written": "1.0N 0.0E"}})

    (found,) = compare_place("place", sides, said)

    assert found.status == "differ"
    assert found.by == {"metres": 110_574}
