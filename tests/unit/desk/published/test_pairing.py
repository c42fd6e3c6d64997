"""Two languages of one notice: paired by place and time, compared in metres, seconds and counts."""

from __future__ import annotations

import pytest

from parley.desk.published.pairing import differences, pair_lists
from parley.desk.published.reading import read_notice

CHINESE = read_notice(
    "浙航警0456/23 2023年8月4日12时至7日12时，在25-15.26N 120-29.20E、24-50.30N 120-05.45E、"
    "25-04.32N 119-51.22E三点连线范围内实弹射击。"
)
AREA = "IN AREA BOUND BY 24-50.30N 120-05.45E, 25-04.32N 119-51.22E, {}."


def english(first: str = "25-15.26N 120-29.20E", end: str = "070400Z", more: str = ""):
    return read_notice(
        f"NAVAREA XI 0234/23\nLIVE FIRING 040400Z TO {end} AUG {AREA.format(first)}{more}"
    )


def found(first, second) -> list[tuple[str, int | None, str]]:
    return [(each.what, each.amount, each.note) for each in differences(first, second)]


def test_the_same_notice_in_two_languages_does_not_differ_though_its_corners_begin_elsewhere() -> (
    None
):
    assert found(CHINESE, english()) == []


def test_decimals_of_a_minute_taken_for_seconds_are_metres_and_the_slip_is_named() -> None:
    told = differences(CHINESE, english("25-15-26N 120-29-20E"))

    assert [(each.what, each.unit, each.note) for each in told] == [
        ("corner", "metres", "minutes-as-seconds")
    ]
    assert told[0].amount == 391


def test_times_differ_by_seconds_and_counts_by_how_many() -> None:
    more = "\nB. IN AREA WITHIN 5 MILES OF 26-00N 121-00E."

    assert found(CHINESE, english(end="070500Z")) == [("end", 3600, "")]
    assert found(CHINESE, english(more=more)) == [("shapes", 1, "")]


@pytest.mark.parametrize(("one", "other", "told"), [
    ("WITHIN 5 MILES OF 26-00N 121-00E", "WITHIN 5 KM OF 26-00N 121-00E", [("radius", 4260, "")]),
    ("WITHIN 5 MILES OF 26-00N 121-00E", "BUOY IN 26-00N 121-00E", [("kind", None, "")]),
    ("ALONG TRACKLINE JOINING 26-00N 121-00E, 26-10N 121-00E",
     "ALONG TRACKLINE JOINING 26-10N 121-00E, 26-00N 121-00E", []),
    ("AREA BOUND BY 10-00N 179-59E, 10-00N 179-00W, 11-00N 179-00W",
     "AREA BOUND BY 10-00N 180-00E, 10-00N 179-00W, 11-00N 179-00W", [("corner", 1827, "")]),
])  # fmt: skip
def test_places_are_compared_by_kind(
    one: str, other: str, told: list[tuple[str, int | None, str]]
) -> None:
    assert found(read_notice(one), read_notice(other)) == told


def test_notices_of_two_lists_find_each_other_by_place_and_time_and_a_stranger_stays_alone() -> (
    None
):
    elsewhere = read_notice(
        "FIRING IN AREA BOUND BY 40-00N 010-00E, 41-00N 010-00E, 41-00N 011-00E"
    )
    later = read_notice(english().text.replace("040400Z TO 070400Z AUG", "040400Z TO 070400Z SEP"))

    pairs = pair_lists([elsewhere, CHINESE], [later, english()])

    assert [(p.first is None, p.second is None, p.differences) for p in pairs] == [
        (False, True, ()),
        (False, False, ()),
        (True, False, ()),
    ]
    assert pairs[1].second == english()
