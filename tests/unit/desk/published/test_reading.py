"""Whole notices: places, times, heights, and what is told instead of guessed."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.published.model import TEXT_MAX, Notice
from parley.desk.published.reading import read_notice
from parley.desk.published.years import Anchor, zone_minutes
from parley.errors import UsageError

AREA = "IN AREA BOUND BY\n 47-46.40N 005-00.00W, 47-48.30N 005-38.10W, 47-34.60N 006-00.00W."
ISSUED_OCTOBER_2022 = Anchor(issued=1_664_582_400)


def windows(notice: Notice) -> list[tuple[str | None, str | None]]:
    return [
        (
            None if each.start is None else rfc3339(each.start)[:16],
            None if each.end is None else rfc3339(each.end)[:16],
        )
        for each in notice.windows
    ]


def shapes(notice: Notice) -> list[tuple[str, int, int | None]]:
    return [(each.kind, len(each.corners), each.metres) for each in notice.shapes]


def why(notice: Notice) -> list[tuple[str, str]]:
    return [(each.what, each.why) for each in notice.unread]


def notam(
    schedule: str, begin: str = "2302010000", end: str = "2302052359", more: str = ""
) -> Notice:
    item = f"D) {schedule}\n" if schedule else ""
    return read_notice(
        f"A0001/23 NOTAMN\nQ) ZSHA/QRDCA/IV/BO/W/000/999/3730N12258E016\nA) ZSHA B) {begin} C) {end}\n"
        f"{item}E) A TEMPORARY DANGER AREA ESTABLISHED BOUNDED BY:\n"
        f"N371800E1231036-N373031E1223917-N374246E1224721-N372908E1231800.{more}\nF) SFC G) 30000FT AMSL"
    )


def test_a_notam_is_read_item_by_item() -> None:
    notice = notam("")

    assert (notice.kind, notice.number, notice.share) == ("notam", "A0001/23", "whole")
    assert shapes(notice) == [("polygon", 4, None)]
    assert windows(notice) == [("2023-02-01T00:00", "2023-02-05T23:59")]
    assert [(each.edge, each.metres, each.datum) for each in notice.heights] == [
        ("low", 0, "SFC"),
        ("high", 9144, "AMSL"),
    ]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0100-0200", [f"0{day}T01:00" for day in range(1, 6)]),
        (
            "DAILY 2200/0400",
            ["01T00:00", "01T22:00", "02T22:00", "03T22:00", "04T22:00", "05T22:00"],
        ),
        ("03 0100-0400 \n04 05 0000-0500", ["03T01:00", "04T00:00", "05T00:00"]),
        ("FEB 02-04 0200-0800", ["02T02:00", "03T02:00", "04T02:00"]),
        ("0253-0403 AND 0729-0839 ON 04,0613-0723 ON 05", ["04T02:53", "04T07:29", "05T06:13"]),
        ("0449-0639 ON FEB 02,0450-0812 ON FEB 04", ["02T04:49", "04T04:50"]),
        ("2302010647 TO 2302010800\n 2302020400 TO 2302021000", ["01T06:47", "02T04:00"]),
        ("FRI-SAT H24", ["03T00:00", "04T00:00"]),
    ],
)
def test_item_d_is_made_into_windows_within_b_and_c(schedule: str, expected: list[str]) -> None:
    notice = notam(schedule)

    assert why(notice) == []
    assert [start[8:] for start, _ in windows(notice) if start] == expected


@pytest.mark.parametrize(
    "schedule", ["SR-SS", "DAILY 0100-0200 EXC HOL", "07 0100-0200", "0100-2560"]
)
def test_a_schedule_that_is_not_known_leaves_b_to_c_and_is_told(schedule: str) -> None:
    notice = notam(schedule)

    assert notice.share == "part"
    assert [what for what, _ in why(notice)] == ["schedule"]
    assert windows(notice) == [("2023-02-01T00:00", "2023-02-05T23:59")]


def test_a_notam_that_ends_before_it_begins_has_no_window() -> None:
    notice = notam("", "2302050000", "2302010000")

    assert notice.windows == ()
    assert why(notice) == [("time", "the end is not after the beginning")]


def test_a_cancelling_notam_names_what_it_cancels() -> None:
    notice = read_notice(
        "A0147/22 NOTAMC A0146/22\nQ) VYYF/QWMXX/IV/NBO/W/000/999/\nA) VYYF B) 2206271539\nE) CANCELLED"
    )

    assert [(each.act, each.number) for each in notice.references] == [("cancels", "A0146/22")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("171500Z TO 171700Z OCT", [("2022-10-17T15:00", "2022-10-17T17:00")]),
        (
            "050700Z TO 050900Z AND\n 051300Z TO 051500Z OCT",
            [("2022-10-05T07:00", "2022-10-05T09:00"), ("2022-10-05T13:00", "2022-10-05T15:00")],
        ),
        ("312000Z DEC TO 010400Z JAN", [("2022-12-31T20:00", "2023-01-01T04:00")]),
        (
            "0600Z TO 2100Z DAILY\n 04 THRU 05, 13 AND 27 OCT",
            [(f"2022-10-{day}T06:00", f"2022-10-{day}T21:00") for day in ("04", "05", "13", "27")],
        ),
        (
            "0530Z TO 2030Z DAILY 28 THRU 29 OCT AND 0530Z TO 1530Z DAILY 01 NOV",
            [
                ("2022-10-28T05:30", "2022-10-28T20:30"),
                ("2022-10-29T05:30", "2022-10-29T20:30"),
                ("2022-11-01T05:30", "2022-11-01T15:30"),
            ],
        ),
        ("01 THRU 08 OCT", [("2022-10-01T00:00", "2022-10-09T00:00")]),
        ("UNTIL 25 OCT", [(None, "2022-10-26T00:00")]),
        ("UNTIL FURTHER NOTICE", [(None, None)]),
        ("FROM 0400 UTC 4 OCT TO 0400 UTC 7 OCT", [("2022-10-04T04:00", "2022-10-07T04:00")]),
        ("050330E* TO 051130E* OCT", [("2022-10-04T22:00", "2022-10-05T06:00")]),
        ("050330Q TO 051130Q OCT", [("2022-10-05T07:30", "2022-10-05T15:30")]),
        ("0830 TO 1730 UTC+5:30 DAILY 03 OCT", [("2022-10-03T03:00", "2022-10-03T12:00")]),
        ("SEEN AT 171500Z OCT", []),
        ("FROM 171500Z OCT", [("2022-10-17T15:00", None)]),
        ("OCT 05 TO OCT 09", [("2022-10-05T00:00", "2022-10-10T00:00")]),
        ("0600Z TO 0800Z OCTOBER 4, 2022", [("2022-10-04T06:00", "2022-10-04T08:00")]),
        (
            "15, 16 OCT 0300Z-0600Z AND 0800Z-1000Z",
            [
                (f"2022-10-{day}T{a}:00", f"2022-10-{day}T{b}:00")
                for day in (15, 16)
                for a, b in (("03", "06"), ("08", "10"))
            ],
        ),
    ],
)
def test_times_of_a_warning(said: str, expected: list[tuple[str | None, str | None]]) -> None:
    notice = read_notice(f"GUNNERY EXERCISES {said} {AREA}", ISSUED_OCTOBER_2022)

    assert why(notice) == []
    assert windows(notice) == expected
    assert shapes(notice) == [("polygon", 3, None)]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("171500J TO 171700J OCT", "no zone"),
        ("171500 TO 171700 OCT", "no zone"),
        ("291200Z TO 192100Z OCT", "the end is not after the beginning"),
        ("321200Z TO 331200Z OCT", "no such time"),
        ("171500Z TO 171700Z", "no month"),
        ("0530Z TO 0730Z", "hours without a day"),
    ],
)
def test_a_time_that_is_not_understood_is_told_and_never_guessed(said: str, reason: str) -> None:
    notice = read_notice(f"GUNNERY EXERCISES {said} {AREA}", ISSUED_OCTOBER_2022)

    assert notice.share == "part"
    assert why(notice) == [("time", reason)]
    assert notice.windows == ()


def test_without_any_year_a_day_stays_unread_and_the_notices_own_end_gives_one() -> None:
    said = f"GUNNERY EXERCISES 171500Z TO 171700Z OCT {AREA}"

    assert why(read_notice(said)) == [("time", "no year")]
    assert windows(read_notice(f"{said}\n2. CANCEL THIS MSG 171800Z OCT 21.")) == [
        ("2021-10-17T15:00", "2021-10-17T17:00")
    ]


def test_a_month_that_is_left_out_follows_from_issue_and_own_end_only() -> None:
    said = f"GUNNERY EXERCISES 130800Z TO 131000Z {AREA}\n2. CANCEL THIS MSG 131100Z OCT 22."

    assert windows(read_notice(said, ISSUED_OCTOBER_2022)) == [
        ("2022-10-13T08:00", "2022-10-13T10:00")
    ]
    assert why(read_notice(said)) == [("time", "no month")]


def test_a_window_after_the_notices_own_end_is_remarked() -> None:
    notice = read_notice(
        f"FIRING 171500Z TO 171700Z OCT {AREA}\n2. CANCEL THIS MSG 161800Z OCT 22."
    )

    assert notice.notes == ("window after its own end",)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("WITHIN FIVE MILES OF 51-27.30N 001-48.00E", [("circle", 1, 9260)]),
        ("5NM RADIUS CENTRED ON 512730N0014800E", [("circle", 1, 9260)]),
        (
            "WITHIN ONE MILE OF:\n A. 51-27.30N 001-48.00E.\n B. 51-28.30N 001-48.00E.",
            [("circle", 1, 1852)] * 2,
        ),
        (
            "WITHIN 200M OF TRACKLINE JOINING 46-24.00N 030-54.00E, 46-20.50N 030-43.20E",
            [("corridor", 2, 400)],
        ),
        (
            "2 NM EITHER SIDE OF LINE JOINING 46-24.00N 030-54.00E AND 46-20.50N 030-43.20E",
            [("corridor", 2, 7408)],
        ),
        ("ALONG TRACKLINE JOINING 46-24N 030-54E, 46-20N 030-43E", [("line", 2, None)]),
        (
            (
                "A. BOUND BY 47-14N 003-08W, 47-09N 003-26W, 47-08N 002-57W.\n"
                "B. WITHIN 15 MILES OF TRACKLINE JOINING 46-56N 003-10W, 47-02N 003-30W"
            ),
            [("polygon", 3, None), ("corridor", 2, 55560)],
        ),
        (
            (
                "BETWEEN THE HOLDING AREA AND THE CORRIDOR THROUGH THE AREA BOUNDED BY "
                "46-24N 030-54E, 46-19N 031-05E, 46-12N 031-07E"
            ),
            [("polygon", 3, None)],
        ),
        (
            "BUOY IN 46-24N 030-54E. DIVING WITHIN 5 MILES OF 47-24N 031-54E",
            [("point", 1, None), ("circle", 1, 9260)],
        ),
        (
            "以30-10N/122-50E为圆心半径5海里和以31-10N/122-50E为圆心半径3海里的圆形",
            [("circle", 1, 9260), ("circle", 1, 5556)],
        ),
        (
            "30-10N 122-50E、31-10N 122-50E连线两侧各2海里",
            [("corridor", 2, 7408)],
        ),
        (
            "ORDNANCE IN:\n A. 54-52.04N 001-42.22E.\n B. 54-53.72N 001-51.61E.",
            [("point", 1, None)] * 2,
        ),
        (
            "AREA: 10-00N 179-00E, 10-00N 179-00W, 12-00N 179-00W, 10-00N 179-00E",
            [("polygon", 3, None)],
        ),
    ],
)
def test_words_decide_what_positions_make(
    said: str, expected: list[tuple[str, int, int | None]]
) -> None:
    assert shapes(read_notice(f"OPERATIONS IN PROGRESS {said}.")) == expected


def test_an_area_whose_sides_cross_is_told_and_not_drawn() -> None:
    notice = read_notice(
        "EXERCISES IN AREA BOUND BY 22-50S 014-20E, 22-40S 014-30E, 22-50S 014-30E, 22-40S 014-20E."
    )

    assert why(notice) == [("area", "sides cross")]
    assert notice.shapes == ()


def test_a_message_that_cancels_others_and_itself() -> None:
    notice = read_notice("DNC 20.\nCANCEL HYDROLANT 827/22(25), 828/22 AND THIS MSG.")

    assert notice.share == "whole"
    assert [(each.act, each.number) for each in notice.references] == [
        ("cancels", "HYDROLANT 827/22"),
        ("cancels", "HYDROLANT 828/22"),
        ("ends", ""),
    ]


CHINESE_AREA = "38-50.00N 121-10.00E、38-50.00N 121-20.00E、38-40.00N 121-20.00E三点连线范围内实弹射击，禁止驶入。"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("8月5日0800时至8月9日1800时", [("2023-08-05T00:00", "2023-08-09T10:00")]),
        ("8月5日12时至7日12时", [("2023-08-05T04:00", "2023-08-07T04:00")]),
        (
            "8月5日至6日，每天上午8时至下午5时30分",
            [("2023-08-05T00:00", "2023-08-05T09:30"), ("2023-08-06T00:00", "2023-08-06T09:30")],
        ),
        (
            "8月5日、7日每日0800时至1200时",
            [("2023-08-05T00:00", "2023-08-05T04:00"), ("2023-08-07T00:00", "2023-08-07T04:00")],
        ),
        (
            "8月5日8时至18时、8月6日8时至12时",
            [("2023-08-05T00:00", "2023-08-05T10:00"), ("2023-08-06T00:00", "2023-08-06T04:00")],
        ),
        (
            "8月5、6日每日08时至16时",
            [("2023-08-05T00:00", "2023-08-05T08:00"), ("2023-08-06T00:00", "2023-08-06T08:00")],
        ),
        ("八月五日八时至十八时", [("2023-08-05T00:00", "2023-08-05T10:00")]),
        ("８月５日８：００至１８：００", [("2023-08-05T00:00", "2023-08-05T10:00")]),
        ("8月5日至8月6日", [("2023-08-04T16:00", "2023-08-06T16:00")]),
        ("世界时8月5日8时至18时", [("2023-08-05T08:00", "2023-08-05T18:00")]),
        ("即日起至另行通知", [(None, None)]),
    ],
)
def test_times_of_a_chinese_warning(
    said: str, expected: list[tuple[str | None, str | None]]
) -> None:
    notice = read_notice(f"辽航警0123/23 渤海海峡 自{said}，在下列各点{CHINESE_AREA}")

    assert (notice.number, notice.share) == ("辽航警0123/23", "whole")
    assert windows(notice) == expected
    assert shapes(notice) == [("polygon", 3, None)]
    assert (notice.restriction, notice.hazards) == ("keep-out", ("live-fire",))


def test_the_legal_time_of_the_issuer_stands_in_and_is_said_while_a_stranger_s_stays_unread() -> (
    None
):
    said = f"自2023年8月5日8时至18时，在{CHINESE_AREA}"

    assert read_notice(f"辽航警0123/23 {said}").windows[0].zone_from == "issuer"
    assert read_notice(f"（北京时间）{said}").windows[0].zone_from == "written"
    assert why(read_notice(said)) == [("time", "no zone")]
    assert windows(read_notice(said, Anchor(zone=480))) == [
        ("2023-08-05T00:00", "2023-08-05T10:00")
    ]


def test_a_chinese_circle_and_what_it_cancels() -> None:
    notice = read_notice(
        "浙航警0456/23 8月14日8时至17时，在以30-10.0N/122-50.0E为圆心，半径5海里范围内训练。取消浙航警0450/23。"
    )

    assert shapes(notice) == [("circle", 1, 9260)]
    assert [(each.act, each.number) for each in notice.references] == [("cancels", "浙航警0450/23")]


def test_half_a_position_is_told() -> None:
    assert why(read_notice("MARKED BY A BUOY IN 25-15.26N AND 25-16.00N 120-10.00E")) == [
        ("position", "half or without hemisphere")
    ]


def test_a_text_that_is_no_notice_is_read_not_at_all() -> None:
    assert read_notice("Dear colleague, the meeting is moved.").share == "none"


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="characters"):
        read_notice("A" * (TEXT_MAX + 1))


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("Z", 0),
        ("A", 60),
        ("I", 540),
        ("K", 600),
        ("M", 720),
        ("N", -60),
        ("Y", -720),
        ("E*", 330),
        ("P*", -210),
        ("UTC+5:45", 345),
        ("GMT-3", -180),
    ],
)
def test_zones(zone: str, minutes: int) -> None:
    assert zone_minutes(zone) == minutes


def test_a_second_window_without_an_end_is_told_and_not_dropped() -> None:
    notice = read_notice(
        "沪航警45/23 8月5日9时至10时、8月6日10时起约2小时，在31-10.0N 122-30.0E试验。"
    )

    assert why(notice) == [("time", "a beginning without an end")]


def test_the_own_end_without_a_year_takes_that_of_the_number() -> None:
    notice = read_notice(
        "NAVAREA XI 22-0456 BUOY ADRIFT IN 24-14N 122-40E. CANCEL THIS MSG 071000Z AUG."
    )

    assert notice.number == "NAVAREA XI 22-0456"
    assert [(each.act, each.at and rfc3339(each.at)) for each in notice.references] == [
        ("ends", "2022-08-07T10:00:00Z")
    ]


def test_lettered_corners_joined_by_lines_are_one_area() -> None:
    notice = read_notice(
        "在A（38°30′.5N，118°20′.3E）、B（38°30′.5N，118°30′.3E）、C（38°20′.5N，118°30′.3E）三点连线内"
    )

    assert shapes(notice) == [("polygon", 3, None)]
    assert notice.shapes[0].corners[0].point.latitude == 385_083_333


@pytest.mark.parametrize(
    "said",
    [
        "WITHIN 5 MILES OF 51-27N 001-48E AND 52-00N 002-00E",
        "WITHIN 5 MILES OF AREA BOUND BY 51-27N 001-48E, 52-00N 002-00E, 52-10N 001-00E",
    ],
)
def test_a_distance_around_several_positions_is_told_and_not_dropped(said: str) -> None:
    assert why(read_notice(f"EXERCISES {said}.")) == [
        ("area", "a distance around several positions")
    ]
