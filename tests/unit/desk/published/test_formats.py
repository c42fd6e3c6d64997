"""GeoJSON, CAP, iCalendar and CSV: what is written is read again, and what is hostile is refused."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from parley.desk.published.cap import write_cap
from parley.desk.published.exchange import FILE_MAX, spot_of
from parley.desk.published.files import read_file, texts_of
from parley.desk.published.geojson import write_geojson
from parley.desk.published.ical import write_ical
from parley.desk.published.model import Notice, Shape
from parley.desk.published.reading import read_notice
from parley.desk.published.sheet import write_csv
from parley.desk.published.years import Anchor
from parley.errors import UsageError

TEXT = """NAVAREA XI 0234/23
1. LIVE FIRING 171500Z TO 171700Z OCT AND 181500Z TO 181700Z OCT:
   A. IN AREA BOUND BY 25-15.26N 120-29.20E, 24-50.30N 120-05.45E, 25-04.32N 119-51.22E.
   B. IN AREA WITHIN 5 MILES OF 25-00.00N 121-00.00E.
   C. WITHIN 200M OF TRACKLINE JOINING 26-00N 121-00E, 26-10N 121-10E.
   D. BUOY IN 27-00N 121-00E.
2. CANCEL NAVAREA XI 0230/23.
3. CANCEL THIS MSG 181800Z OCT 23."""
NOTICE = read_notice(TEXT)
FIJI = read_notice(
    "FIRING IN AREA BOUND BY 17-00S 179-00E, 17-00S 179-00W, 18-00S 179-00W, 18-00S 179-00E."
)


def geometry(
    notices: tuple[Notice, ...] | list[Notice],
) -> list[tuple[str, list[tuple[int, int]], int | None]]:
    return [
        (s.kind, [(c.point.latitude, c.point.longitude) for c in s.corners], s.metres)
        for notice in notices
        for s in notice.shapes
    ]


def times(notice: Notice) -> list[tuple[int | None, int | None]]:
    return [(each.start, each.end) for each in notice.windows]


@pytest.mark.parametrize("form", ["geojson", "cap", "ical", "csv"])
@pytest.mark.parametrize("notice", [NOTICE, FIJI], ids=["four kinds", "across 180"])
def test_reading_what_was_written_gives_the_same_places_times_and_references(
    form: str, notice: Notice
) -> None:
    written = {
        "geojson": lambda: write_geojson([notice]),
        "cap": lambda: write_cap(notice, sent=1_700_000_000),
        "ical": lambda: write_ical([notice], stamp=1_700_000_000),
        "csv": lambda: write_csv([notice]),
    }[form]()

    found = read_file(written.encode())

    assert found.format == form
    (again,) = found.notices
    assert geometry([again]) == geometry([notice])
    assert times(again) == times(notice)
    assert [(r.act, r.number, r.at) for r in again.references] == [
        (r.act, r.number, r.at) for r in notice.references
    ]
    assert again.text == notice.text


def test_an_area_is_drawn_closed_against_the_clock_and_cut_at_180_degrees() -> None:
    drawn = json.loads(write_geojson([NOTICE, FIJI]))

    ring = drawn["features"][0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) > 0
    cut = drawn["features"][-1]["geometry"]
    assert cut["type"] == "MultiPolygon"
    assert sorted({abs(lon) for polygon in cut["coordinates"] for lon, _ in polygon[0]}) == [
        179.0,
        180.0,
    ]


def test_where_somebody_moved_what_is_drawn_the_drawing_is_read_and_not_what_stands_beside() -> (
    None
):
    document = json.loads(write_geojson([replace(NOTICE, shapes=NOTICE.shapes[:1])]))
    for point in document["features"][0]["geometry"]["coordinates"][0]:
        point[0] += 1.0

    (found,) = read_file(json.dumps(document).encode()).notices

    assert min(east for _, east in geometry([found])[0][1]) > 1_208_000_000


def test_what_is_drawn_is_understood_without_what_stands_beside() -> None:
    document = json.loads(write_geojson([NOTICE]))
    del document["parley"]

    kinds = [each.shapes[0].kind for each in read_file(json.dumps(document).encode()).notices]

    assert kinds == ["polygon", "polygon", "line", "point"]


def test_an_alert_is_a_draft_and_writes_utc_as_cap_wants_it() -> None:
    alert = write_cap(NOTICE, sent=1_700_000_000, sender="hydro.example")

    assert "<status>Draft</status>" in alert
    assert "<sent>2023-11-14T22:13:20-00:00</sent>" in alert
    assert "<references>hydro.example,NAVAREA-XI-0230/23," in alert
    assert alert.count("<info>") == 2
    with pytest.raises(UsageError, match="sender"):
        write_cap(NOTICE, sent=0, sender="a b")


def test_an_alert_of_another_program_is_read() -> None:
    alert = """<?xml version="1.0"?><cap:alert xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">
    <cap:identifier>X1</cap:identifier><cap:sender>s</cap:sender><cap:sent>2023-08-01T00:00:00+08:00</cap:sent>
    <cap:msgType>Alert</cap:msgType><cap:info><cap:onset>2023-08-02T00:00:00+05:30</cap:onset>
    <cap:description>Feuer &amp; Rauch</cap:description><cap:area><cap:areaDesc>a</cap:areaDesc>
    <cap:polygon>1.0,2.0 1.0,3.0 2.0,3.0 1.0,2.0</cap:polygon><cap:circle>5.5,6.5 2.5</cap:circle>
    </cap:area></cap:info></cap:alert>"""

    (found,) = read_file(alert.encode()).notices

    assert (found.number, found.text) == ("X1", "Feuer & Rauch")
    assert [(s.kind, len(s.corners), s.metres) for s in found.shapes] == [
        ("polygon", 3, None),
        ("circle", 1, 2500),
    ]
    assert times(found) == [(1_690_914_600, None)]


def test_calendar_lines_are_folded_at_75_octets_and_never_within_a_character() -> None:
    text = "辽航警0123/23 自2023年8月5日8时至18时实弹射击" + "，请注意避让" * 30

    lines = write_ical([read_notice(text)], stamp=0).split("\r\n")

    assert max(len(line.encode()) for line in lines) <= 75
    assert read_file("\r\n".join(lines).encode()).notices[0].text == text


def test_a_calendar_time_in_a_named_zone_is_told_and_not_guessed() -> None:
    calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=Asia/Shanghai:20230805T080000\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR"

    (found,) = read_file(calendar.encode()).notices

    assert found.windows == ()
    assert [each.why for each in found.unread] == ["a rule of repetition", "no zone"]


def test_no_cell_of_a_sheet_is_a_formula() -> None:
    notice = read_notice("=HYPERLINK(1) FIRING IN 10-00S 010-00W")

    sheet = write_csv([notice])

    assert "'=HYPERLINK" in sheet
    assert "'-10.0000000 -10.0000000" in sheet
    assert read_file(sheet.encode()).notices[0].text == notice.text


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><alert>&b;</alert>'


@pytest.mark.parametrize(
    "raw",
    [
        BOMB.encode(),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><alert/>',
        b"<alert>" + b"<a>" * 5_000,
        b"<alert><info><area><polygon>1,2 3,4</polygon></area></info></alert>",
        b"<alert><info><area><circle>95,2 1</circle></area></info></alert>",
        b"<alert><info><area><circle>5,2 nan</circle></area></info></alert>",
        b"<alert><info><onset>soon</onset></info></alert>",
        b"<html/>",
        b"{" + b'"a":{' * 50_000,
        b'{"type":"Point","coordinates":[NaN,1]}',
        b'{"type":"Feature","geometry":null,"properties":{"number":"\\ud800"}}',
        b'{"type":"Point","coordinates":[1e999,1]}',
        b'{"type":"Point","coordinates":[181,1]}',
        b'{"type":"Point","coordinates":[10,91]}',
        b'{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}',
        b'{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[1,0],[0,0]]]}',
        b'{"type":"LineString","coordinates":[[0,0]' + b",[1,1]" * 9_000 + b"]}",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20231399T000000Z\nEND:VEVENT",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nGEO:north;1\nEND:VEVENT",
        b"notice,row,number,label,kind,corners,metres,from,until,written\n1,place,,,point,here,,,,\n",
        b"notice,row,number,label,kind,corners,metres,from,until,written\n1,bomb,,,,,,,,\n",
        b"\xff\xfe",
        b"A" * (FILE_MAX + 1),
    ],
)
def test_what_is_hostile_or_broken_is_refused_in_the_one_way(raw: bytes) -> None:
    with pytest.raises(UsageError):
        read_file(raw)


def test_a_file_of_several_messages_is_cut_where_a_new_one_begins() -> None:
    text = "021530Z AUG 22\nHYDROPAC 2345/22(97).\nA\n\n031530Z AUG 22\nHYDROPAC 2346/22(97).\nB\nNNNN\n沪航警12/23 C\n"

    assert [part.strip()[-1] for part in texts_of(text)] == ["A", "B", "C"]
    assert [each.number for each in read_file(text.encode(), Anchor()).notices] == [
        "HYDROPAC 2345/22", "HYDROPAC 2346/22", "沪航警12/23",
    ]  # fmt: skip


def test_a_line_that_holds_no_text_is_counted() -> None:
    found = read_file(b'{"raw": "CANCEL HYDROLANT 1/22"}\n{"other": 1}\n')

    assert (found.format, len(found.notices), found.broken) == ("json-lines", 1, 1)


def test_a_sliver_half_around_the_earth_is_kept_though_its_drawing_crosses_itself() -> None:
    corners = ((155_949, 1_799_999_999), (12_000, -991), (-61, -1_809))
    sliver = Shape(kind="polygon", corners=tuple(spot_of(*each) for each in corners))

    (again,) = read_file(
        write_cap(Notice(kind="text", text="", shapes=(sliver,)), sent=0).encode()
    ).notices

    assert geometry([again]) == [("polygon", list(corners), None)]
