"""Notices in forms that no file of ours holds: what they say is read, or told as not understood.

The words are ours and the facts invented; the notations are those that offices use.
"""

from __future__ import annotations

import pytest

from parley.core.instants import Instant, rfc3339
from parley.desk.published.reading import read_notice

A = "21-10.5N/113-40.2E、21-10.5N/114-05.0E、20-50.0N/114-05.0E、20-50.0N/113-40.2E"
FOUR = "15-10N 115-10E, 15-10N 115-50E, 14-40N 115-50E, 14-40N 115-10E"
NOTAM = "A1304/24 NOTAMN\nQ) RJJJ/QRRCA/IV/BO/W/000/240/3500N13900E020\nA) RJJJ B) 2408010000 C) 2408011200\nE) "


def shapes(text):
    return [(each.kind, len(each.corners), each.metres) for each in read_notice(text).shapes]


def windows(text):
    return [
        "/".join("-" if at is None else rfc3339(Instant(at))[:16] for at in (each.start, each.end))
        for each in read_notice(text).windows
    ]


def why(text):
    return [each.why for each in read_notice(text).unread]


def acts(text):
    return [(each.act, each.number) for each in read_notice(text).references]


@pytest.mark.parametrize(
    "text",
    [
        f"粤航警0213/24 南海，8月12日0800时至14日1800时，在{A}诸点连线水域内进行实弹射击。",
        f"粤航警0213/24 南海，8月12日0800时至14日1800时，在{A}四点连成的海域进行实弹射击。",
        f"粤航警0213/24 南海，8月12日0800时至14日1800时，{A}范围内施工。",
        f"粤航警0213/24 南海，8月12日0800时至14日1800时，在{A}水域实弹射击。",
        f"粤航警0213/24 南海，8月12日0800时至14日1800时，在{A}各点依次连线围成的区域训练。",
    ],
)
def test_the_many_words_that_close_a_ring_in_chinese(text):
    assert shapes(text) == [("polygon", 4, None)]
    assert read_notice(text).share == "whole"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "辽航警0007/24，1月9日至1月20日，在38-55.2N/121-50.6E附近1海里范围内打捞。",
            ("circle", 1, 1852),
        ),
        (NOTAM + "R12 ACT. FIRING. WI 5NM OF 2305N12010E.", ("circle", 1, 9260)),
        (NOTAM + "FIRING WI 3NM 1510N11820E.", ("circle", 1, 5556)),
        (
            NOTAM + "UAS 2KM EITHER SIDE OF LINE N390000E1180000-N391500E1182000-N392000E1184500.",
            ("corridor", 3, 4000),
        ),
        (
            (
                "HYDROARC 88/24. ROCKETS 0300Z TO 1900Z DAILY 10 THRU 14 SEP IN AREA BETWEEN"
                " 70-10.0N 71-20.0N AND 035-00.0E 037-00.0E."
            ),
            ("polygon", 4, None),
        ),
        (
            (
                "NAVAREA XI 24-0124 GUNNERY 100000Z TO 101000Z JUN 24. AREA BETWEEN LATITUDES 20-00N"
                " AND 20-30N AND LONGITUDES 120-00E AND 121-00E."
            ),
            ("polygon", 4, None),
        ),
        (
            "粤航警9/24，8月5日8时至18时，在北纬20度至20度30分、东经113度至113度20分海域射击。",
            ("polygon", 4, None),
        ),
        (
            "沪航警9/24，8月5日8时至18时，30-00N/122-10E至30-05N/122-30E两点连线上敷设电缆。",
            ("line", 2, None),
        ),
    ],
)
def test_circles_corridors_and_bands_in_more_words(text, expected):
    assert shapes(text) == [expected]
    assert why(text) == []


def test_the_corners_of_a_band_are_its_parallels_and_meridians():
    notice = read_notice("HYDROPAC 1/24. AREA BETWEEN 20-30.0N 20-00N, 179-00E AND 179-30W.")

    corners = [
        (spot.point.latitude, spot.point.longitude, spot.written)
        for spot in notice.shapes[0].corners
    ]
    assert corners == [
        (205_000_000, 1_790_000_000, "20-30.0N 179-00E"),
        (205_000_000, -1_795_000_000, "20-30.0N 179-30W"),
        (200_000_000, -1_795_000_000, "20-00N 179-30W"),
        (200_000_000, 1_790_000_000, "20-00N 179-00E"),
    ]
    south = read_notice("海事公告：北纬5度至南纬5度，东经120度至125度海域。").shapes[0]
    assert [spot.point.latitude for spot in south.corners] == [50_000_000] * 2 + [-50_000_000] * 2
    assert shapes("HYDROPAC 1/24. AREA BETWEEN 20-00N 20-00N AND 120-00E 121-00E.") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            (
                "NAVAREA XI 24-0600 FIRING IN AREA BOUNDED BY COASTLINE AND LINES JOINING 24-10.0N"
                " 118-05.0E, 24-00.0N 118-20.0E, 23-50.0N 118-00.0E."
            ),
            "a side along a coast, boundary or arc",
        ),
        (
            (
                "HYDROPAC 1902/24 GUNNERY IN AREA BOUND BY 15-10N 115-10E, 15-10N 115-50E, 14-40N"
                " 115-50E, THENCE ALONG THE COAST TO 14-40N 115-10E."
            ),
            "a side along a coast, boundary or arc",
        ),
        (
            NOTAM + "AREA BOUNDED BY 3510N13900E TO 3510N13930E THEN CLOCKWISE ARC OF 10NM RADIUS"
            " CENTERED AT 3500N13930E TO 3450N13930E TO 3450N13900E TO POINT OF ORIGIN",
            "a side along a coast, boundary or arc",
        ),
        (
            NOTAM + "DROP ZONE 1530N 11800E 1545N 11900E THEN ALONG FIR BDRY TO 1445N 11910E"
            " 1430N 11805E",
            "a side along a coast, boundary or arc",
        ),
        (
            (
                "浙航警0222/24，5月1日0800至1600时，在29-10N/122-10E、29-00N/122-10E两点连线以西至"
                "岸线水域进行实弹射击。"
            ),
            "a side along a coast, boundary or arc",
        ),
        (
            "浙航警0222/24，5月1日8时至16时，在29-10N/122-10E、29-00N/122-10E两点连线以西水域射击。",
            "an area on one side",
        ),
        (
            NOTAM + "EXER WI SECTOR 030/060 DEG RADIAL OF GOA VOR 20-45 NM, CENTRE 1523N07348E.",
            "part of a circle",
        ),
        (
            "HYDROPAC 1/24 FIRING 010000Z TO 020000Z AUG BETWEEN 3 NM AND 5 NM OF 15-00N 115-30E.",
            "part of a circle",
        ),
        (
            "NAVAREA XI 24-0800 BUOY UNLIT 2.3 MILES 145 DEGREES FROM 31-20.0N 122-10.0E.",
            "a bearing and distance",
        ),
        (
            "沪航警1/24，以31-20.0N/122-10.0E为基点，方位145度、距离2.3海里处有沉船。",
            "a bearing and distance",
        ),
    ],
)
def test_what_no_shape_here_can_hold_is_told_and_not_drawn(text, reason):
    assert shapes(text) == []
    assert why(text) == [reason]


def test_what_is_taken_out_of_an_area_is_not_drawn_as_another_danger():
    text = f"HYDROPAC 1/24. AREA BOUND BY {FOUR}, EXCLUDING AREA WITHIN 3 NM OF 15-00N 115-30E."

    assert shapes(text) == [("polygon", 4, None)]
    assert why(text) == ["taken out of an area"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            (
                "HYDROPAC 1610/24. CORRECTION TO HYDROPAC 1603/24. PARA 1, FOR 14-40N 115-10E READ"
                " 14-45N 115-10E."
            ),
            "HYDROPAC 1603/24",
        ),
        (
            "沪航警0612/24\n更正：沪航警0611/24中，31-25.0N/121-33.0E应为31-25.6N/121-33.0E。",
            "沪航警0611/24",
        ),
    ],
)
def test_a_correction_names_its_notice_and_draws_neither_the_old_nor_the_new(text, named):
    assert shapes(text) == []
    assert why(text) == ["a correction", "a correction"]
    assert acts(text) == [("names", named)]


def test_several_positions_without_a_word_are_points_and_told_as_such():
    text = f"HONG KONG RADIO NAVIGATIONAL WARNING 45/24 DAYA BAY. FIRING. POSITIONS {FOUR}."

    assert shapes(text) == [("point", 1, None)] * 4
    assert why(text) == ["several positions"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("沪航警0130/24\n撤销沪航警0123/24。", [("cancels", "沪航警0123/24")]),
        ("沪航警0123/24取消。", [("cancels", "沪航警0123/24")]),
        (
            "粤航警0220/24\n取消粤航警0213/24、粤航警0214/24。",
            [("cancels", "粤航警0213/24"), ("cancels", "粤航警0214/24")],
        ),
        (
            "NAVAREA XI 24-0700. CANCEL NAVAREA XI 24-0456 AND 24-0500.",
            [("cancels", "NAVAREA XI 24-0456"), ("cancels", "NAVAREA XI 24-0500")],
        ),
        ("LIAOHANGJING 0014/24 CNL LIAOHANGJING 0012/24", [("cancels", "LIAOHANGJING 0012/24")]),
        (NOTAM + "REF A1300/24, RESTRICTION EXTENDED.", [("names", "A1300/24")]),
        (NOTAM + "A1300/24 CNL. AREA ACT.", [("cancels", "A1300/24")]),
    ],
)
def test_cancellations_as_they_are_written(text, expected):
    assert acts(text) == expected


def test_an_end_in_utc_spelt_out_is_the_end():
    text = "NAVAREA XI 24-0456 FIRING. CANCEL THIS MESSAGE 121300 UTC AUG 24."

    assert [(r.act, rfc3339(Instant(r.at))) for r in read_notice(text).references] == [
        ("ends", "2024-08-12T13:00:00Z")
    ]


def test_a_part_of_another_notam_that_is_taken_back_is_told():
    text = NOTAM + "REF A1300/24, AREA B CNL. WI 3NM RADIUS OF N3012.5E12245.3"

    assert why(text) == ["a correction"]
    assert shapes(text) == [("circle", 1, 5556)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "CHINA MSA NAVIGATIONAL WARNING LN 0123/24 FROM 0800 LOCAL TIME ON 5TH MARCH TO 1800"
                " LOCAL TIME ON 9TH MARCH 2024, MILITARY EXERCISE."
            ),
            ["2024-03-05T00:00/2024-03-09T10:00"],
        ),
        (
            "From 1200 (Beijing time) on August 4 to 1200 on August 7, 2022, exercises.",
            ["2022-08-04T04:00/2022-08-07T04:00"],
        ),
        (
            "NAVAREA XI 24-0802 EXERCISE FROM 0900 TO 1700 KST (0000 TO 0800 UTC) 3 TO 4 JUN 2024.",
            ["2024-06-03T00:00/2024-06-03T08:00", "2024-06-04T00:00/2024-06-04T08:00"],
        ),
        (
            "!CARF 07/123 ZOA AIRSPACE ALT RES SFC-UNL 2407011200-2407012300",
            ["2024-07-01T12:00/2024-07-01T23:00"],
        ),
    ],
)
def test_times_in_the_words_of_more_offices(text, expected):
    assert windows(text) == expected
    assert why(text) == []


@pytest.mark.parametrize(
    "text",
    [
        (
            "LOCAL NOTICE TO MARINERS NO. 14 OF 2024. From 0800 hours on 12 May 2024 until 1800 hours"
            " on 30 June 2024 dredging."
        ),
        "HYDROPAC 1601/24 GUNNERY 0000Z TO 0800Z DAILY EXCEPT SUNDAYS 01 THRU 14 MAY.",
        "X 2407011200-2407012300",
        "沪航警0901/24，沪航警0890/24所述射击推迟至9月5日0800时至1700时进行。",
    ],
)
def test_hours_that_are_not_understood_leave_no_whole_days_behind(text):
    assert windows(text) == []
    assert len(why(text)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NOTAM + "WI 3NM OF N3012E12245. ALT: 900M AND BELOW.", [("high", 900, "not stated")]),
        (NOTAM + "WI 3NM OF N3012E12245. SFC-FL150", [("low", 0, "SFC"), ("high", 4572, "FL")]),
        ("海事公告：30-12N/122-45E，高度6000米以下（含）。", [("high", 6000, "not stated")]),
        (
            "海事公告：30-12N/122-45E，高度地面至12000米。",
            [("low", 0, "SFC"), ("high", 12000, "not stated")],
        ),
        ("HYDROPAC 1/24 ACFT ALT ABOVE FL200 30-12N 122-45E.", [("low", 6096, "FL")]),
    ],
)
def test_heights_in_more_words(text, expected):
    assert [(h.edge, h.metres, h.datum) for h in read_notice(text).heights] == expected


def test_a_q_line_whose_circle_lies_elsewhere_is_noted():
    there = "A1301/24 NOTAMN\nQ) ZGZU/QRTCA/IV/BO/W/000/999/2000N11300E050\nA) ZGZU B) 2408010000 C) 2408031200\nE) "

    assert "Q line elsewhere" in read_notice(there + "WI 3NM OF N3012E12245").notes
    assert "Q line elsewhere" not in read_notice(there + "WI 3NM OF N2012E11245").notes


def test_words_before_positions_are_no_labels_and_letters_of_areas_are():
    text = f"桂航警0066/24 5月8日8时至10时，在下列水域射击：A区：{A}；B区：{A}。"

    assert [each.label for each in read_notice(text).shapes] == ["A", "B"]
    assert read_notice(f"HYDROPAC 1/24 AREA BOUNDED BY: {FOUR}").shapes[0].label == ""
