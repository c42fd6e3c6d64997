"""The map as GeoJSON: whose each place is, and nothing that tears at 180 degrees or at a pole."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace

import pytest

from parley.api.geojson import geo_map
from parley.api.resources.places import places
from parley.errors import NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.map_views import MapView
from parley.station.views import to_json
from support.fake_places import APARTS, SHAPES, apart, placed


def drawn(*shapes, aparts=()):
    return to_json(geo_map(MapView(shapes=shapes, aparts=aparts)))["features"]


def geometry(*shapes, **more):
    [feature] = drawn(*shapes, **more)
    return feature["geometry"]


def area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def rings(found):
    parts = [found["coordinates"]] if found["type"] == "Polygon" else found["coordinates"]
    return [ring for part in parts for ring in part]


def test_each_kind_of_place_has_its_geometry_and_says_whose_it_is():
    features = drawn(*SHAPES, aparts=APARTS)
    assert [each["geometry"] and each["geometry"]["type"] for each in features] == [
        "Point", "Point", "LineString", "Polygon", "Polygon", "Polygon", None, "LineString",
    ]  # fmt: skip
    first, *_, named, between = features
    assert first["geometry"]["coordinates"] == [114.33, 18.7016667]
    assert first["properties"] == {
        "kind": "point",
        "field": "where.position",
        "label": {"en": "place", "zh": "地点"},
        "name": "",
        "party": "ALFA",
        "case": "INC-ALFA-7",
        "procedure": "incident",
        "move": "report",
        "entry": "OPS/ALFA/33",
        "at": "2026-11-23T21:06:40Z",
        "written": ["18-42.10N 114-19.80E"],
        "metres": None,
    }
    assert named["properties"]["name"] == "Sector North"
    assert between["properties"]["kind"] == "apart"
    assert between["properties"]["metres"] == APARTS[0].metres


def test_rings_are_closed_and_counterclockwise():
    for feature in drawn(*SHAPES[3:6]):
        for ring in rings(feature["geometry"]):
            assert ring[0] == ring[-1]
            assert area(ring) > 0


def test_a_track_across_180_degrees_is_cut_there():
    found = geometry(placed("ALFA", "track", "10-00.00N 179-00.00E", "10-00.00N 179-00.00W"))
    assert found["type"] == "MultiLineString"
    one, other = found["coordinates"]
    assert (one[0], one[-1][0]) == ([179.0, 10.0], 180.0)
    assert (other[0][0], other[-1]) == (-180.0, [-179.0, 10.0])
    assert one[-1][1] == other[0][1]


@pytest.mark.parametrize("first", ["180-00.00E", "180-00.00W"])
def test_a_track_that_begins_at_180_degrees_is_one_line(first):
    found = geometry(placed("ALFA", "track", f"10-00.00N {first}", "10-00.00N 179-00.00E"))
    assert found["type"] == "LineString"
    assert abs(found["coordinates"][0][0]) == 180.0


def test_an_area_across_180_degrees_is_two_with_the_same_extent_together():
    corners = ["12-00.00N {}", "12-00.00N {}", "10-00.00N {}", "10-00.00N {}"]

    def at(west, east):
        lons = [west, east, east, west]
        return geometry(
            placed(
                "ALFA", "polygon", *(c.format(lon) for c, lon in zip(corners, lons, strict=True))
            )
        )

    found = at("179-00.00E", "178-00.00W")
    assert found["type"] == "MultiPolygon"
    pieces = rings(found)
    assert all(abs(lon) <= 180 for ring in pieces for lon, _ in ring)
    assert all(abs(a[0] - b[0]) < 180 for ring in pieces for a, b in pairwise(ring))
    [whole] = rings(at("010-00.00E", "013-00.00E"))
    assert sum(map(area, pieces)) == pytest.approx(area(whole), rel=1e-6)


def test_a_hollow_area_that_crosses_180_degrees_twice_has_no_edge_along_it_between():
    corners = (
        "10-00.00N 179-00.00E", "10-00.00N 178-00.00W", "11-00.00N 178-00.00W", "11-00.00N 179-30.00E",
        "12-00.00N 179-30.00E", "12-00.00N 178-00.00W", "13-00.00N 178-00.00W", "13-00.00N 179-00.00E",
    )  # fmt: skip
    pieces = rings(geometry(placed("ALFA", "polygon", *corners)))
    assert len(pieces) == 3
    assert sum(map(area, pieces)) == pytest.approx(3 * 3 - 2.5 * 1, rel=1e-3)  # edges are geodesics


def test_an_area_around_a_pole_reaches_to_it():
    found = geometry(placed("ALFA", "circle", "89-00.00N 010-00.00E", metres=400_000.0))
    pieces = rings(found)
    assert max(lat for ring in pieces for _, lat in ring) == 90.0
    assert {180.0, -180.0} <= {lon for ring in pieces for lon, _ in ring}
    assert all(area(ring) > 0 and ring[0] == ring[-1] for ring in pieces)


def test_two_accounts_across_180_degrees_are_tied_the_short_way():
    far = apart("INC-1", "where", ALFA="10-00.00N 179-50.00E", BRAVO="10-00.00N 179-50.00W")
    assert geometry(aparts=[far])["type"] == "MultiLineString"


class Gateway:
    """Gives one case on one channel, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def channel_code(self, channel):
        return channel.upper()

    def case(self, number):
        return SimpleNamespace(channel="OPS")

    def map(self, *, sees, **asked):
        self.asked.append(asked | {"sees": [code for code in ("OPS", "MIL") if sees(code)]})
        return MapView(shapes=SHAPES[:1], cases=1, is_cut=True)

    def map_of_case(self, number, *, as_of):
        self.asked.append({"case": number, "as_of": as_of})
        return MapView(shapes=SHAPES[:2], cases=1)


def ask(gateway, *, channels=(), **given):
    machine = Actor(
        officer="token:t",
        roles=frozenset(),
        via="token",
        scopes=frozenset({"cases:read"}),
        channels=frozenset(channels),
    )
    return asyncio.run(places(gateway=gateway, actor=machine, **given))


def test_a_token_confined_to_channels_sees_places_of_these_alone():
    gateway = Gateway()
    answer = ask(gateway, channels=["OPS"], procedure="incident", as_of="2026-11-23T21:06:40Z")
    assert answer.media_type == "application/geo+json"
    assert b'"is_cut":true' in answer.body
    assert gateway.asked == [
        {
            "procedure": "incident",
            "channel": None,
            "is_open": None,
            "as_of": 1_795_468_000,
            "sees": ["OPS"],
        }
    ]
    assert b"Point" in ask(gateway, channels=["OPS"], case="INC~7").body
    for given in ({"case": "INC~7"}, {"channel": "ops"}):
        with pytest.raises(NotFoundError):
            ask(Gateway(), channels=["MIL"], **given)


def test_a_case_takes_nothing_beside_it():
    with pytest.raises(UsageError, match="one channel"):
        ask(Gateway(), case="INC~7", channel="OPS")
