"""Real notices: how many are read whole, in part and not at all, and that the share never falls.

The figures stand in docs/notices.md, with the command that gives them again.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parley.core.instants import parse_instant
from parley.desk.published.files import Found, read_file
from parley.desk.published.geojson import write_geojson
from parley.desk.published.positions import find_positions
from parley.desk.published.view import shares

DATA = Path(__file__).parents[5] / "shared" / "data"
NOTAMS = DATA / "notams" / "launch-notams.jsonl"
WARNINGS = DATA / "broadcast-warnings" / "broadcast-warn-2022-excerpt.xml"
ALONG_A_BOUNDARY = "A2932/24"
"""`THENCE ALONG FIR BOUNDARY`: no ring of straight sides, so it is told and not drawn."""
PATHS = DATA / "pla-paths" / "taiwan-paths-excerpt.geojson"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test data is not here")


@pytest.fixture(scope="module")
def notams() -> Found:
    return read_file(NOTAMS.read_bytes())


@pytest.fixture(scope="module")
def warnings() -> Found:
    return read_file(WARNINGS.read_bytes())


def test_every_launch_notam_but_one_along_a_boundary_is_read_whole(notams: Found) -> None:
    assert shares(notams.notices) == {"whole": 199, "part": 1, "none": 0}
    assert [each.number for each in notams.notices if each.unread] == [ALONG_A_BOUNDARY]


def test_of_the_broadcast_warnings_at_most_seven_are_read_in_part_and_none_not_at_all(
    warnings: Found,
) -> None:
    found = shares(warnings.notices)

    assert found["whole"] >= 393
    assert found["none"] == 0


def test_the_positions_of_each_notam_are_those_that_another_program_found(notams: Found) -> None:
    records = [json.loads(line) for line in NOTAMS.read_text().splitlines()]
    for record, notice in zip(records, notams.notices, strict=True):
        if record["code"] == ALONG_A_BOUNDARY:
            continue
        theirs, _ = find_positions(record["coordinates"], record["coordinates"])
        ours = {(c.point.latitude, c.point.longitude) for s in notice.shapes for c in s.corners}
        assert {(t.point.latitude, t.point.longitude) for t in theirs} <= ours, record["code"]


def test_the_windows_of_each_notam_lie_within_the_times_that_another_program_found(
    notams: Found,
) -> None:
    records = [json.loads(line) for line in NOTAMS.read_text().splitlines()]
    for record, notice in zip(records, notams.notices, strict=True):
        begin, end = (
            int(datetime.strptime(part, "%d %b %H:%M %Y").replace(tzinfo=UTC).timestamp())
            for part in record["time"].split(" UNTIL ")
        )
        assert notice.windows[0].start is not None
        assert begin <= notice.windows[0].start, record["code"]
        assert max(w.end for w in notice.windows if w.end is not None) <= end, record["code"]


def test_the_end_a_warning_sets_itself_is_the_one_its_service_keeps(warnings: Found) -> None:
    text = WARNINGS.read_text()
    kept = [
        part.partition("</cancelDate>")[0].rpartition("<cancelDate>")[2]
        if "<cancelDate>" in part
        else ""
        for part in text.split("Entity>")[1::2]
    ]
    compared = 0
    for said, notice in zip(kept, warnings.notices, strict=True):
        ends = [r.at for r in notice.references if r.act == "ends" and r.at is not None]
        cancelled_early = not said or not ends or int(parse_instant(said)) < ends[0]
        if not cancelled_early:
            compared += 1
            # A day without hours is its first second; the service puts a minute to it.
            assert abs(int(parse_instant(said)) - ends[0]) < 86_400, notice.number
    assert compared >= 150


def test_one_published_window_lies_after_the_end_of_its_own_warning(warnings: Found) -> None:
    noted = [each.number for each in warnings.notices if "window after its own end" in each.notes]

    assert len(noted) == 1


def test_observed_tracks_are_read_and_written_without_loss() -> None:
    found = read_file(PATHS.read_bytes())
    again = read_file(write_geojson(found.notices).encode())

    assert len(found.notices) == 234
    assert [n.shapes for n in again.notices] == [n.shapes for n in found.notices]
