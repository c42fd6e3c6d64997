"""Notices as they are really worded, where a wrong value would be worse than none."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.published.reading import read_notice
from parley.desk.published.years import Anchor

AUGUST_2024 = Anchor(issued=1_722_470_400)
THREE = "20-50.0N 108-40.0E、20-50.0N 109-00.0E、20-35.0N 109-00.0E"


def read(text):
    return read_notice(text, AUGUST_2024)


def shapes(text):
    return [(each.kind, len(each.corners), each.metres) for each in read(text).shapes]


def windows(text):
    return [(rfc3339(each.start)[5:16], rfc3339(each.end)[5:16]) for each in read(text).windows]


def why(text):
    return [each.why for each in read(text).unread]


@pytest.mark.parametrize(
    "text",
    [
        (
            "NAVAREA IV 300/24. GUNNERY 201200Z TO 202000Z AUG IN AREA WITHIN 12 MILES EAST OF"
            " LINE JOINING 30-00N 075-00W, 29-00N 075-00W."
        ),
        "HYDROPAC 12/24. GUNNERY 010000Z TO 020000Z SEP WITHIN 10 MILES EAST OF 15-00S 150-00E.",
        "苏航警20/24，黄海，9月3日8时至17时，在33-20.0N/121-10.0E、33-00.0N/121-10.0E连线以东5海里范围内训练。",
    ],
)
def test_what_lies_on_one_side_is_no_circle_and_no_bare_line(text):
    assert shapes(text) == []
    assert why(text) == ["an area on one side"]
    assert read(text).share == "part"


@pytest.mark.parametrize(
    "text",
    [
        "苏航警19/24，黄海，9月3日8时至17时，以33-20.0N/121-10.0E为圆心、半径3海里的半圆（东侧）内爆破。",
        (
            "HYDROPAC 11/24. GUNNERY 010000Z TO 020000Z SEP IN SECTOR 090 TO 180 DEGREES WITHIN"
            " 10 MILES OF 15-00S 150-00E."
        ),
    ],
)
def test_a_part_of_a_circle_is_not_the_whole_of_it(text):
    assert shapes(text) == []
    assert why(text) == ["part of a circle"]


def test_a_whole_circle_is_still_read_and_so_is_a_course_along_a_line():
    circle = (
        "辽航警0345/24，9月15日0900时至1200时，以40-05.5N/121-10.2E为圆心，半径5海里范围内射击。"
    )
    tow = f"闽航警55/24，台湾海峡，8月2日0600时至3日1800时，拖轮沿{THREE}连线航行，拖带总长800米。"
    cable = f"浙航警60/24，9月3日8时至5日17时，沿{THREE}连线敷设海底电缆，施工区域两侧各1海里。"

    assert shapes(circle) == [("circle", 1, 9260)]
    assert shapes(tow) == [("line", 3, None)]
    assert shapes(cable) == [("corridor", 3, 3704)]


def test_positions_that_are_enclosed_or_carry_letters_with_the_word_for_point_are_an_area():
    enclosed = (
        "鲁航警60/24，8月20日06:00至21日18:00，35°30′.5N、120°40′.2E，35°30′.5N、121°00′.0E，"
        "35°10′.0N、121°00′.0E所围海域实弹射击。"
    )
    named = (
        "琼航警0300/24 8月12日18时至13日7时，在A点18-30.00N、109-30.00E，B点18-30.00N、109-40.00E，"
        "C点18-20.00N、109-40.00E，D点18-20.00N、109-30.00E四点连线海域内演习。"
    )

    assert shapes(enclosed) == [("polygon", 3, None)]
    assert shapes(named) == [("polygon", 4, None)]


def test_the_next_day_counts_from_the_day_before_it_and_a_next_year_is_not_guessed():
    daily = f"桂航警0077/24 6月10日至11日每日2000时至次日0600时，在{THREE}三点连线内射击。"
    longer = f"桂航警0078/24 8月5日0600时至次日0800时，在{THREE}三点连线内射击。"
    year = f"沪航警0900/23，12月30日0800时至次年1月2日1800时，在{THREE}三点连线内射击。"

    assert windows(daily) == [
        ("06-10T12:00", "06-10T22:00"),
        ("06-11T12:00", "06-11T22:00"),
    ]
    assert windows(longer) == [("08-04T22:00", "08-06T00:00")]
    assert windows(year) == []
    assert why(year) == ["a form that is not known"]


def test_a_notice_that_only_cancels_has_no_number_of_its_own():
    notice = read("撤销琼航警0120/24。")

    assert notice.number == ""
    assert [(each.act, each.number) for each in notice.references] == [("cancels", "琼航警0120/24")]


def test_both_ends_of_a_time_with_a_colon_and_the_word_for_hour_are_read():
    text = f"粤航警0401/24 2024年8月5日00:00时至2024年8月7日24:00时，在{THREE}连线水域内训练。"

    assert windows(text) == [("08-04T16:00", "08-07T16:00")]


def test_hours_joined_by_a_hyphen_belong_to_each_of_the_days_before_them():
    text = f"浙航警0402/24，8月5、7日，每日0830-1630时，在{THREE}三点连线内演练。"

    assert windows(text) == [("08-05T00:30", "08-05T08:30"), ("08-07T00:30", "08-07T08:30")]


def test_a_day_that_is_excepted_is_no_window_and_days_without_their_hours_are_none_either():
    text = f"津航警0403/24，8月5日至10日（8月7日除外）每日8时至17时，在{THREE}三点连线内射击。"

    assert windows(text) == []
    assert why(text) == ["a form that is not known", "hours without a day"]
