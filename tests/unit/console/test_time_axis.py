"""What each side says of when: on one scale, a day as long as a day, nothing in between."""

from __future__ import annotations

from types import SimpleNamespace as Shape

from parley.console.language import language
from parley.console.time_axis import WIDTH, time_axis
from unit.console.test_pages import desk, run

DAY = 1_795_392_000  # 23 NOV 26 0000Z


def case(*rows):
    told = [Shape(field=field, values=values) for field, values in rows]
    return Shape(procedure="incident", comparison=told)


def axis(*rows, code="en"):
    return time_axis(case(*rows), language(code))


def test_the_earliest_thing_stands_first_and_both_sides_on_one_scale():
    shown = axis(
        ("when", {"ALFA": "2026-11-23T21:03:00Z", "BRAVO": "2026-11-23T21:06:00Z"}),
        ("phases.approach.time", {"BRAVO": "2026-11-23T20:50:00Z"}),
        ("closest", {"ALFA": 100, "BRAVO": 160}),
        code="zh",
    )
    assert shown.parties == ["ALFA", "BRAVO"]
    assert [row.what for row in shown.rows][-1] == "时间"
    (_, when) = shown.rows
    alfa, bravo, early = when.marks["ALFA"][0], when.marks["BRAVO"][0], shown.rows[0].marks
    assert 0 < early["BRAVO"][0] < alfa < bravo < WIDTH
    assert "ALFA" not in early
    assert shown.ticks[0] < when.starts["ALFA"] < shown.ticks[-1]


def test_a_day_is_as_long_as_a_day_and_no_midnight():
    shown = axis(("when", {"ALFA": "2026-11-23", "BRAVO": "2026-11-23T21:06:00Z"}))
    (row,) = shown.rows
    (start, long), (at, short) = row.marks["ALFA"], row.marks["BRAVO"]
    assert start < at < start + long
    assert long > 100 * short
    assert row.starts["ALFA"] == DAY


def test_one_time_or_none_makes_no_axis():
    assert axis(("when", {"ALFA": "2026-11-23T21:03:00Z"})) is None
    assert axis(("when", {"ALFA": "unknown", "BRAVO": None})) is None
    assert axis() is None


def test_two_sides_that_agree_to_the_second_still_have_a_scale():
    same = "2026-11-23T21:03:00Z"
    (row,) = axis(("when", {"ALFA": same, "BRAVO": same})).rows
    assert row.marks["ALFA"] == row.marks["BRAVO"]
    assert 400 < row.marks["ALFA"][0] < 600


def test_a_case_shows_the_axis_and_how_it_stood():
    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.night.100.keys")
            asked = []
            case_of = at.gateway.case
            at.gateway.case = lambda number, as_of=None: (asked.append(as_of), case_of(number))[1]
            place = "/cases/REQ-ALFA-40"
            now = (await at.client.get(place)).text
            past = (await at.client.get(place + "?as_of=240512Z+NOV+26")).text
            wrong = (await at.client.get(place + "?as_of=yesterday")).text
            return asked, now, past, wrong

    asked, now, past, wrong = run(work)
    assert [None if each is None else int(each) for each in asked] == [None, 1_795_497_120, None]
    for page in (now, past):
        assert 'id="by-time"' in page
    assert "/drafts/new" in now
    assert "/drafts/new" not in past
    assert 'id="as-of-wrong"' in wrong
