"""Launches: lead and window by the profile, rights to withhold, one notice and its recipients."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile
from parley.errors import InvalidFieldsError, NotFoundError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
LEAD = Profile.make("lead", owed=True, clocks={"launch.lead": 3 * DAY, "launch.window": 5 * DAY})


def launch(begins, ends, **more):
    return {
        "launch_class": "ballistic",
        "count": 1,
        "window": [[rfc3339(begins), rfc3339(ends)]],
        "launch_area": "10-00.00N 100-00.00E",
        "impact_areas": [{"centre": "12-00.00N 101-00.00E", "radius": "20 km"}],
        **more,
    }


def notified(begins=START + 4 * DAY, ends=START + 9 * DAY, profile=LEAD, codes=(), **more):
    pair = Pair(profile, *codes)
    fields = launch(begins, ends, **more)
    case = pair.say("ALFA/OPS", START, "launch.notify", fields)
    return pair, case


@pytest.mark.parametrize(
    ("begins", "notice", "short"),
    [(4, "on time", None), (3, "on time", None), (2, "short", "PT24H"), (0, "short", "PT72H")],
)
def test_the_lead_counts_from_delivery_to_the_window(begins, notice, short):
    pair, case = notified(START + begins * DAY, START + (begins + 5) * DAY)
    found = pair.row("launches", case, START + DAY)
    assert (found["notice"], found["short_by"]) == (notice, short)
    assert found["timely"] is (notice == "on time")
    assert found["window_as_agreed"] is True


def test_without_a_known_lead_nobody_is_late_and_a_longer_window_is_not_as_agreed():
    pair, case = notified(profile=None)
    found = pair.row("launches", case, START + DAY)
    assert (found["notice"], found["timely"]) == ("no lead known", None)
    pair, case = notified(ends=START + 10 * DAY)
    assert pair.row("launches", case, START + DAY)["window_as_agreed"] is False


def test_the_window_opens_and_closes_by_the_clock_and_silence_after_it_is_shown():
    pair, case = notified()
    states = [pair.row("launches", case, START + at * DAY)["state"] for at in (1, 4, 9)]
    assert states == ["notified", "window open", "window closed"]
    assert pair.row("launches", case, START + 10 * DAY - 1)["outcome"] is None
    assert pair.row("launches", case, START + 10 * DAY)["outcome"] == "not declared"
    report = {"launched_at": rfc3339(START + 5 * DAY), "nominal": True}
    pair.say("ALFA/OPS", START + 10 * DAY, "launch.report", report, case=case)
    found = pair.row("launches", case, START + 11 * DAY)
    assert (found["state"], found["launched_at"]) == ("reported", rfc3339(START + 5 * DAY))
    assert found["outcome"] == "declared"


def test_what_is_withheld_under_a_right_is_not_missing():
    pair, case = notified(nav_refs=["NOTAM 1"], confidential=True)
    assert pair.row("launches", case, START)["missing"] == ["generic_type", "azimuth"]
    right = [{"field": "generic_type", "right": "art. 5"}, {"field": "azimuth", "right": "art. 5"}]
    pair, case = notified(nav_refs=["NOTAM 1"], confidential=True, withheld=right)
    found = pair.row("launches", case, START)
    assert (found["complete"], found["withheld"]) == (True, ["generic_type", "azimuth"])


def test_a_postponed_launch_has_a_new_window_with_a_lead_of_its_own():
    pair, case = notified()
    window = {"window": [[rfc3339(START + 6 * DAY), rfc3339(START + 11 * DAY)]]}
    pair.say("ALFA/OPS", START + 5 * DAY, "launch.postpone", window, case=case)
    found = pair.row("launches", case, START + 5 * DAY)
    assert (found["notice"], found["lead_days"], found["versions"]) == ("short", 1, 2)
    with pytest.raises(InvalidFieldsError, match="already passed"):
        pair.say("ALFA/OPS", START + 12 * DAY, "launch.cancel", case=case)


def test_one_notice_stands_differently_with_each_recipient():
    pair = Pair(LEAD, "ALFA", "BRAVO", "CHARLIE", "DELTA")
    pair.line.cut.add((0, 2))
    fields = launch(START + 4 * DAY, START + 9 * DAY)
    to = ["BRAVO/OPS", "CHARLIE/OPS"]
    case = pair.say("ALFA/OPS", START, "launch.notify", fields, to=to)
    pair.say("BRAVO/OPS", START + HOUR, "ack.give", {"rung": 2}, case=case)
    pair.line.sign(START + 2 * HOUR)
    told = pair.registers(START + DAY)
    assert told.row("launches", case, "BRAVO").values["rung"] == 2
    charlie = told.row("launches", case, "CHARLIE").values
    assert (charlie["rung"], charlie["delivered_at"]) == (0, None)
    with pytest.raises(NotFoundError, match="party DELTA"):
        told.row("launches", case, "DELTA")
    assert told.row("launches", case).values["recipients"] == {"BRAVO": 2, "CHARLIE": 0}


@pytest.mark.parametrize(
    "area",
    [
        {"quadrant": "north-west Pacific"},
        {"water_body": "Sea of Okhotsk"},
        "Launch site one",
        {"corners": ["10-00N 100-00E", "10-00N 101-00E", "11-00N 101-00E"]},
    ],
)
def test_a_launch_area_may_be_a_position_an_area_a_name_a_quadrant_or_a_water_body(area):
    pair, case = notified(launch_area=area)
    assert pair.row("launches", case, START)["state"] == "notified"
    assert pair.registers(START).irregular == ()


def test_a_direction_may_be_a_sector_and_shows_both_its_sides():
    pair, case = notified(azimuth=[100, "120 ° MAG"])
    found = pair.registers(START).case(case).steps[0].fields["azimuth"]
    assert (found["from"]["degrees"], found["to"]["as_written"]) == (100, "120 ° MAG")


@pytest.mark.parametrize("wrong", [[100], [100, 120, 130], {"from": 100}, [100, 400], "north"])
def test_a_direction_is_a_bearing_or_two(wrong):
    with pytest.raises(InvalidFieldsError, match="azimuth"):
        notified(azimuth=wrong)


@pytest.mark.parametrize(("days", "outside"), [(5, False), (1, True), (30, True)])
def test_a_launch_outside_the_announced_time_is_said_to_be(days, outside):
    pair, case = notified()
    assert pair.row("launches", case, START)["outside_window"] is None
    report = {"launched_at": rfc3339(START + days * DAY)}
    pair.say("ALFA/OPS", START + 31 * DAY, "launch.report", report, case=case)
    assert pair.row("launches", case, START + 31 * DAY)["outside_window"] is outside
