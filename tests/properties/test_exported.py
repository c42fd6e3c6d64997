"""What our exporters write holds to the rules of its format, whatever stands in it."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from parley.desk.areas import crosses_itself
from parley.desk.calendar import Due
from parley.desk.places import Point
from parley.desk.published.agenda import write_agenda
from parley.desk.published.cap import write_cap
from parley.desk.published.exchange import spot_of
from parley.desk.published.files import read_file
from parley.desk.published.geojson import write_geojson
from parley.desk.published.ical import write_ical
from parley.desk.published.markup import Element, read_xml
from parley.desk.published.model import Height, Notice, Reference, Shape, Window
from parley.desk.published.sheet import write_csv
from parley.station.table_cells import inert

SMALL = settings(max_examples=40, deadline=None)
E7 = 10_000_000


@st.composite
def areas(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Draw corners (east, north) of a simple area, often across 180 degrees, often hollow."""
    east = draw(st.sampled_from([-180.0, -179.9, 0.0, 120.0, 179.5, 180.0]))
    north = draw(st.integers(-60, 60))
    count = draw(st.integers(3, 12))
    radii = [draw(st.integers(1, 200)) / 10 for _ in range(count)]
    turn = draw(st.sampled_from([1, -1]))
    return [
        (
            round(east + r * math.cos(turn * 2 * math.pi * n / count), 5),
            round(north + r * math.sin(turn * 2 * math.pi * n / count), 5),
        )
        for n, r in enumerate(radii)
    ]


def polygon(corners: list[tuple[float, float]]) -> Shape:
    def turned(east: float) -> float:
        return (east + 180.0) % 360.0 - 180.0

    spots = tuple(spot_of(round(n * E7), round(turned(e) * E7)) for e, n in corners)
    return Shape(kind="polygon", corners=spots)


def double_area(ring: list[tuple[float, float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


COMB = [(178.0, 0.0), (182.0, 0.0), (182.0, 1.0), (179.0, 1.0), (179.0, 2.0), (182.0, 2.0),
        (182.0, 3.0), (178.0, 3.0)]  # fmt: skip
"""Two teeth across 180 degrees: three parts, and no bridge between the teeth."""


@SMALL
@given(areas())
@example(COMB)
@example([(180.0, 0.0), (181.0, 1.0), (180.0, 2.0), (179.0, 1.0)])
@example([(180.0, 0.0), (183.85714, -13.4099), (174.8886, -3.35038), (172.21885, 5.29007),
          (180.30344, 2.47275)])  # fmt: skip
@example([(180.0, 0.0), (181.0, 0.0), (181.0, 1.0), (180.0, 1.0)])
def test_an_area_is_cut_at_180_degrees_into_rings_that_hold_to_rfc_7946(
    corners: list[tuple[float, float]],
) -> None:
    document = json.loads(write_geojson([Notice(kind="text", text="", shapes=(polygon(corners),))]))
    geometry = document["features"][0]["geometry"]
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    total = 0.0
    for (ring,) in parts:
        assert ring[0] == ring[-1]
        assert len(ring) >= 4
        assert all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in ring)
        # No side goes round the Earth, and none lies on another: the part is simple.
        assert all(abs(a[0] - b[0]) <= 180 for a, b in pairwise(ring))
        points = [
            Point(latitude=round(lat * E7), longitude=round(lon * E7), notation="degrees")
            for lon, lat in ring[:-1]
        ]
        flat = double_area([(lon, lat) for lon, lat in ring[:-1]])
        assert flat > 0, "the outer ring goes against the clock (right-hand rule)"
        assert flat < 1e-4 or not crosses_itself(points)
        total += flat
    assert math.isclose(total, abs(double_area(corners)), rel_tol=1e-4, abs_tol=1e-4)
    del document["parley"]
    (read,) = read_file(json.dumps(document).encode()).notices
    assert [len(shape.corners) for shape in read.shapes] == [len(ring) - 1 for (ring,) in parts]


def test_teeth_of_a_comb_are_parts_of_their_own() -> None:
    document = json.loads(write_geojson([Notice(kind="text", text="", shapes=(polygon(COMB),))]))
    assert len(document["features"][0]["geometry"]["coordinates"]) == 3


# --- CAP 1.2 ---

ALERT = "identifier sender sent status msgType source? scope restriction? addresses? code* note? references? incidents? info*"
INFO = "language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset? expires? senderName? headline? description? instruction? web? contact? parameter* resource* area*"
AREA = "areaDesc polygon* circle* geocode* altitude? ceiling?"
PARAMETER = "valueName value"
WORDS = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
PAIR = r"-?\d{1,2}(?:\.\d+)?,-?\d{1,3}(?:\.\d+)?"


def in_order(element: Element, order: str) -> None:
    """Hold the children to the sequence of the schema, each as often as it says."""
    names = " ".join(child.name for child in element.children) + " "
    pattern = "".join(
        f"(?:{part.rstrip('?*+')} ){part[-1] if part[-1] in '?*+' else ''}"
        for part in order.split()
    )
    assert re.fullmatch(pattern, names), names


def hold_to_cap(text: str) -> Element:
    alert = read_xml(text)
    assert 'xmlns="urn:oasis:names:tc:emergency:cap:1.2"' in text
    in_order(alert, ALERT)
    assert not re.search(r"[\s,<&]", alert.said("identifier") + alert.said("sender"))
    assert alert.said("identifier")
    assert TIME.fullmatch(alert.said("sent"))
    if alert.said("msgType") in ("Update", "Cancel"):
        assert alert.said("references")
    for told in alert.said("references").split():
        sender, identifier, sent = told.split(",")
        assert sender
        assert identifier
        assert TIME.fullmatch(sent)
    for info in alert.all("info"):
        in_order(info, INFO)
        assert info.said("event")
        for name in ("onset", "expires"):
            assert not info.said(name) or TIME.fullmatch(info.said(name))
        for parameter in info.all("parameter"):
            in_order(parameter, PARAMETER)
        for area in info.all("area"):
            in_order(area, AREA)
            assert area.said("areaDesc")
            for ring in area.all("polygon"):
                pairs = ring.text.split()
                assert len(pairs) >= 4
                assert pairs[0] == pairs[-1]
                assert all(re.fullmatch(PAIR, pair) for pair in pairs)
            for circle in area.all("circle"):
                assert re.fullmatch(PAIR + r" \d+(?:\.\d+)?", circle.text)
    for element in [alert, *alert.all("info")]:
        for child in element.children:
            assert child.name not in WORDS or child.text in WORDS[child.name].split()
    return alert


ANY = st.text(st.characters(codec="utf-8"), max_size=40)


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    """Draw a notice with hostile words, an area, times, heights and what it cancels."""
    start = draw(st.integers(0, 4_000_000_000))
    cancelled = draw(st.lists(ANY, max_size=2))
    return Notice(
        kind="text",
        text=draw(ANY),
        number=draw(ANY),
        issued=draw(st.one_of(st.none(), st.integers(0, 4_000_000_000))),
        shapes=tuple(
            replace(polygon(corners), label=draw(ANY))
            for corners in draw(st.lists(areas(), max_size=2))
        ),
        windows=(Window(start=start, end=start + 3600),) if draw(st.booleans()) else (),
        heights=(Height(edge="low", metres=100, datum="AMSL", written="x", span=(0, 0)),),
        references=tuple(
            Reference(act="cancels", number=number, at=draw(st.sampled_from([None, start])))
            for number in cancelled
        ),
    )


@SMALL
@given(notices())
@example(Notice(kind="text", text="\x00\ufffe", number="\x01\t ,<&\u2028"))
@example(Notice(kind="text", text="", references=(Reference(act="cancels", number="", at=5),)))
def test_an_alert_holds_to_the_schema_of_cap(notice: Notice) -> None:
    alert = hold_to_cap(write_cap(notice, sent=1_700_000_000))
    times = {told.split(",")[2] for told in alert.said("references").split()}
    if notice.references and all(each.at is not None for each in notice.references):
        assert "2023-11-14T22:13:20-00:00" not in times, "it names when the other was sent"


# --- iCalendar ---


def components(text: str) -> list[dict[str, str]]:
    """Read a calendar as RFC 5545 says, with none of our own reader."""
    assert text.endswith("\r\n")
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in lines)
    unfolded = re.sub("\r\n[ \t]", "", text).removesuffix("\r\n").split("\r\n")
    found: list[dict[str, str]] = []
    open_: list[str] = []
    for line in unfolded:
        name, colon, value = line.partition(":")
        assert colon, line
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
        if name == "BEGIN":
            open_.append(value)
            if value in ("VEVENT", "VJOURNAL"):
                found.append({})
        elif name == "END":
            assert open_.pop() == value
        elif found and open_[-1:] != ["VALARM"]:
            found[-1][name.partition(";")[0]] = value
            if name in ("SUMMARY", "DESCRIPTION"):
                assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), "escaped"
    assert not open_
    return found


def unescaped(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)


@SMALL
@given(st.lists(notices(), min_size=1, max_size=3), ANY)
def test_a_calendar_holds_to_rfc_5545_and_each_event_keeps_its_name(
    given_notices: list[Notice], other: str
) -> None:
    found = components(write_ical(given_notices, stamp=0))
    uids = [one["UID"] for one in found]
    assert len(set(uids)) == len(uids)
    assert all({"UID", "DTSTAMP"} <= set(one) for one in found)
    for notice in given_notices:
        said = [unescaped(one.get("DESCRIPTION", "\x00")) for one in found]
        plain = "".join(
            sign for sign in re.sub("\r\n?", "\n", notice.text)
            if (sign >= " " and sign != "\x7f") or sign in "\n\t"
        )  # fmt: skip
        assert plain in said
    # Among others, and at another time, an event has the same name.
    before = Notice(kind="text", text=f"another {other}", number="another")
    again = [one["UID"] for one in components(write_ical([before, *given_notices], stamp=9))]
    assert again[1:] == uids
    read = read_file(write_ical(given_notices, stamp=0).encode()).notices
    assert [each.text for each in read] == [each.text for each in given_notices]


@SMALL
@given(ANY, ANY, st.integers(0, 4_000_000_000), st.booleans())
def test_what_is_due_holds_to_rfc_5545(what: str, place: str, at: int, is_day: bool) -> None:
    due = Due(
        uid="a" * 32, kind="date", what={"en": what, "zh": what}, at=at, channel=place,
        is_day=is_day, until=at + 86_400 if is_day else None, warnings=(60,), source=place,
    )  # fmt: skip
    for language in ("en", "zh"):
        (event,) = components(write_agenda([due], code="ALFA", moment=at, language=language))
        assert event["UID"] == f"{'a' * 32}@due.parley"


# --- CSV ---


@SMALL
@given(st.lists(notices(), min_size=1, max_size=2), st.sampled_from(list("=+-@\t\r'＝＋－＠\n")))
def test_no_cell_is_a_formula_and_the_sheet_is_read_back(
    given_notices: list[Notice], sign: str
) -> None:
    given_notices = [replace(each, text=sign + each.text) for each in given_notices]
    text = write_csv(given_notices)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for row in rows for cell in row)
    read = read_file(text.encode()).notices
    assert [(each.text, each.number) for each in read] == [
        (each.text, each.number) for each in given_notices
    ]


@SMALL
@given(st.sampled_from(list("=+-@\t\r＝＋－＠\n ")), ANY)
def test_a_cell_of_a_register_is_no_formula(sign: str, text: str) -> None:
    assert not inert(sign + text).startswith(tuple("=+-@\t\r\n＝＋－＠"))
