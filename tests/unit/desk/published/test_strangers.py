"""Notices as a stranger writes them, with what they say beside them; and two languages of one.

The files beside this one hold a notice a line: words are ours, facts invented, notations those of
the offices. Expectations were written before the program read them; in some nine it was right and
the expectation was not, and the file holds what it read. What was read of the second file was
compared with its text by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parley.core.instants import Instant, rfc3339
from parley.desk.published.others import in_known_words
from parley.desk.published.pairing import differences, pair_lists
from parley.desk.published.reading import read_notice

FILES = [Path(__file__).with_name(f"strangers_notices{more}.jsonl") for more in ("", "_more")]
NOTICES = [json.loads(line) for file in FILES for line in file.read_text("utf-8").splitlines()]


def minute(at):
    return "-" if at is None else rfc3339(Instant(at))[:16]


def degrees(shape):
    point = shape.corners[0].point
    return [round(point.latitude / 1e7, 5), round(point.longitude / 1e7, 5)]


@pytest.mark.parametrize("said", NOTICES, ids=[each["name"] for each in NOTICES])
def test_a_notice_says_what_a_reader_finds_in_it(said):
    read = read_notice(said["text"])
    shapes = [
        f"{each.kind} {len(each.corners)}{f' {each.metres}' if each.metres else ''}"
        for each in read.shapes
    ]
    references = [[each.act, each.number or minute(each.at)] for each in read.references]
    assert (read.share, shapes) == (said["share"], said["shapes"])
    assert [degrees(each) for each in read.shapes] == said["first"]
    assert [f"{minute(w.start)}/{minute(w.end)}" for w in read.windows] == said["windows"]
    assert [each.why for each in read.unread] == said["unread"]
    assert references == said["references"]


def test_what_is_read_in_part_says_which_part_was_not():
    parts = [each for each in NOTICES if each["share"] == "part"]
    assert len(parts) > 20
    for each in parts:
        read = read_notice(each["text"])
        assert read.unread
        assert all(one.written and one.span[1] > one.span[0] for one in read.unread), each["name"]


ZH = (
    "粤航警0412/25，南海，2025年7月8日0600时至7月9日1800时，在以下各点连线海域内实弹射击：21-00.0N/114-00.0E、"
    "21-00.0N/114-30.0E、20-40.0N/114-30.0E、20-40.0N/114-00.0E。禁止驶入。"
)
EN = (
    "GUANGDONG NAVIGATION WARNING 0412/25. SOUTH CHINA SEA. FROM 2200 UTC 07 JUL TO 1000 UTC 09 JUL "
    "2025 LIVE FIRING IN AREA BOUNDED BY 21-00.0N 114-00.0E, 21-00.0N 114-30.0E, "
    "20-40.0N 114-30.0E AND 20-40.0N 114-00.0E. ENTRY PROHIBITED."
)
ROUND_ZH = (
    "琼航警0222/25 2025年8月9日0600时至2200时，以19-30.0N 108-30.0E为圆心，30海里为半径的海域军事演习，"
    "高度6000米以下。取消琼航警0220/25。"
)
ROUND_EN = (
    "HAINAN MSA. FROM 082200Z TO 091400Z AUG 2025. MILITARY EXERCISE WITHIN 30 NAUTICAL MILES OF "
    "19-30.0N 108-30.0E. BELOW 6000 METERS. CANCEL HAINAN NAVIGATION WARNING 0220/25."
)


def told(one, other):
    first, second = read_notice(one), read_notice(other)
    (pair,) = pair_lists([first], [second])
    assert pair.first is not None
    assert pair.second is not None
    return [each.what for each in differences(first, second)]


@pytest.mark.parametrize(
    ("was", "becomes", "what"),
    [
        ("2025 LIVE", "2025 LIVE", []),
        ("20-40.0N 114-30.0E", "20-41.0N 114-30.0E", ["corner"]),
        ("09 JUL", "10 JUL", ["end"]),
        ("2200 UTC 07", "2100 UTC 07", ["start"]),
        ("2200 UTC", "2200 KST", ["start"]),
        ("20-40.0N 114-30.0E AND ", "", ["corners", "corner"]),
        ("LIVE FIRING", "SALVAGE OPERATIONS", ["hazard"]),
        ("PROHIBITED.", "PROHIBITED. CANCEL GUANGDONG NAVIGATION WARNING 0400/25.", ["cancelled"]),
    ],
)
def test_each_difference_that_was_planted_is_named_and_none_is_invented(was, becomes, what):
    assert was in EN
    assert told(ZH, EN.replace(was, becomes)) == what


@pytest.mark.parametrize(
    ("was", "becomes", "what"),
    [
        ("30 NAUTICAL", "30 NAUTICAL", []),
        ("30 NAUTICAL", "20 NAUTICAL", ["radius"]),
        ("19-30.0N", "19-31.0N", ["corner"]),
        ("6000 METERS", "5000 METERS", ["height"]),
        (" CANCEL HAINAN NAVIGATION WARNING 0220/25.", "", ["cancelled"]),
        ("0220/25", "0221/25", []),  # another series: its numbers cannot be compared
    ],
)
def test_the_same_for_a_circle_with_a_height_and_a_cancellation(was, becomes, what):
    assert was in ROUND_EN
    assert told(ROUND_ZH, ROUND_EN.replace(was, becomes)) == what


def test_in_one_series_another_number_is_cancelled_and_another_end_is_another_end():
    own = " CANCEL NAVAREA XI 25-0300. CANCEL THIS MSG 091100Z JUL 25."
    one = "NAVAREA XI 25-0412. " + EN.partition(". ")[2] + own
    assert told(one, one) == []
    assert told(one, one.replace("25-0300", "25-0301")) == ["cancelled"]
    assert told(one, one.replace("091100Z", "091300Z")) == ["ends"]


OTHERS = {
    "ja": (
        (
            "管区航行警報 26-0568 射撃訓練 5月4日、5日及び7日 毎日0900から1500まで "
            "35-05.0N 139-30.0Eを中心とする半径3海里の円内"
        ),
        (
            "NAVAREA XI 26-0700. GUNNERY. 0000Z TO 0600Z DAILY 04, 05 AND 07 MAY. "
            "WITHIN 3 MILES OF 35-05.0N 139-30.0E."
        ),
        [],
    ),
    "ko": (
        (
            "항행경보 제26-332호 2026년 5월 4일부터 5월 6일까지 매일 09:00부터 18:00까지 "
            "36-20.5N 125-40.0E 를 중심으로 반경 3해리 사격훈련"
        ),
        (
            "NAVAREA XI 26-0701. FIRING. 0000Z TO 0900Z DAILY 04 TO 06 MAY. "
            "WITHIN 4 MILES OF 36-20.5N 125-40.0E."
        ),
        ["radius"],
    ),
    "ru": (
        (
            "ПРИП МУРМАНСК 46/26. СТРЕЛЬБЫ 10 ИЮЛЯ С 0400 ДО 1600 UTC В РАЙОНЕ: "
            "69-40.0С 033-00.0В, 69-50.0С 033-00.0В, 69-50.0С 033-40.0В."
        ),
        (
            "COASTAL WARNING MURMANSK 46/26. FIRING 100400 TO 101600 UTC JUL 26 IN AREA BOUNDED BY "
            "69-40.0N 033-00.0E, 69-50.0N 033-00.0E, 69-50.0N 033-41.0E."
        ),
        ["corner"],
    ),
    "fr": (
        (
            "AVURNAV BREST 303/26 TIRS LES 4, 5 ET 6 MAI 2026 DE 0600 UTC A 1600 UTC DANS LA ZONE "
            "LIMITEE PAR 47-50.0N 004-10.0W, 47-50.0N 004-00.0W, 47-40.0N 004-00.0W."
        ),
        (
            "NAVAREA II 099/26. FIRING 0600 UTC TO 1500 UTC DAILY 04 TO 06 MAY 26 IN AREA BOUNDED BY "
            "47-50.0N 004-10.0W, 47-50.0N 004-00.0W, 47-40.0N 004-00.0W."
        ),
        ["end", "end", "end"],
    ),
}


@pytest.mark.parametrize(("own", "english", "what"), OTHERS.values(), ids=OTHERS)
def test_a_notice_in_another_language_finds_its_english_one_and_what_differs(own, english, what):
    assert told(own, english) == what


def test_a_language_is_told_by_its_letters():
    said = {code: read_notice(own).languages for code, (own, _, _) in OTHERS.items()}
    assert said["ja"] == ("ja",)
    assert said["ko"] == ("ko",)
    assert "ru" in said["ru"]
    assert "zh" not in said["ja"]


def test_words_of_other_languages_keep_the_length_of_the_text():
    for own, _, _ in OTHERS.values():
        assert len(in_known_words(own.upper())) == len(own)
    assert in_known_words("ZONE A 0400 UTC") == "ZONE A 0400 UTC"
