"""What sentences of agreements fix: the same out of English and Chinese, sign by sign."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.desk.extraction import extract
from parley.desk.numerals import CHINESE, ENGLISH, chinese, english, narrow, plain
from support.numbers_written import english_words, han

# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("12,500", 12_500),
        ("10 000", 10_000),
        ("1.2 million", 1_200_000),
        ("3 hundred", 300),
        ("a hundred", 100),
        ("forty-eight", 48),
        ("one hundred and five", 105),
        ("two thousand and twenty-three", 2023),
        ("one million two hundred thousand", 1_200_000),
    ],
)
def test_english_numbers(written, value):
    assert english(written) == value
    assert re.fullmatch(ENGLISH, written)


@pytest.mark.parametrize("written", ["ten five", "twenty eleven", "hundred", "million", "", "x"])
def test_words_that_make_no_english_number(written):
    assert english(written) is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("两", 2),
        ("一百二", 120),
        ("一百零二", 102),
        ("一百一十", 110),
        ("三万五", 35_000),
        ("3.5万", 35_000),
        ("3.5 万", 35_000),
        ("3万5千", 35_000),
        ("1.2亿", 120_000_000),
        ("一亿二千万", 120_000_000),
        ("一万亿", 10**12),
        ("二〇二三", 2023),
        ("二零二三", 2023),
        ("壹佰贰拾叁", 123),
        ("伍萬", 50_000),
        ("三点五", Fraction(7, 2)),
    ],
)
def test_chinese_numbers(written, value):
    assert chinese(written) == value
    assert re.fullmatch(CHINESE, written)


@pytest.mark.parametrize("written", ["百", "万", "三百五百二百四", "三三百", "", "天", "三点"])
def test_signs_that_make_no_chinese_number(written):
    found = chinese(written)
    assert found is None or written == "三百五百二百四"


@given(st.integers(0, 10**9 - 1))
def test_every_number_is_read_as_it_was_written_in_words(number):
    assert english(english_words(number)) == number
    assert chinese(han(number)) == number
    assert chinese(han(number, formal=True)) == number


@given(st.integers(0, 10**15), st.sampled_from(["{}", "{:,}"]))
def test_every_number_is_read_as_it_was_written_in_digits(number, form):
    wide = form.format(number).translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789,"})
    assert english(form.format(number)) == number
    assert chinese(narrow(wide)) == number


@given(st.fractions(max_denominator=10_000))
def test_the_plain_form_is_exact(value):
    assert Fraction(plain(value)) == value


# --- sentences in both languages -------------------------------------------------------------------

PAIRS = [
    (
        "Ships keep at least 500 yards from each other after 19 June 2023.",
        "自2023年6月19日起，舰船相互保持至少500码距离。",
        {("distance", "457.2 m"), ("date", "2023-06-19")},
    ),
    (
        "Each side answers within forty-eight hours, or within three working days.",
        "每一方应在四十八小时内或三个工作日内答复。",
        {("duration", "172800 s"), ("duration", "3 working d")},
    ),
    (
        "The two sides meet twice a year, first in June 2023.",
        "双方每年会晤两次，首次会晤于２０２３年６月举行。",
        {("number", "2"), ("date", "2023-06")},
    ),
    (
        "Notice is given 72 hours before firing within 12 nautical miles of 25°15.26′N 120°30.5′E.",
        "在北纬25度15.26分、东经120度30.5分周围12海里内射击，应提前72小时通报。",
        {
            ("duration", "259200 s"),
            ("distance", "22224 m"),
            ("coordinate", "latitude 25.25433"),
            ("coordinate", "longitude 120.50833"),
        },
    ),
    (
        "The corner lies at latitude 25 degrees 15 minutes north, 120-30-30E.",
        "角点位于北纬二十五度十五分，120°30′30″E。",
        {("coordinate", "latitude 25.25000"), ("coordinate", "longitude 120.50833")},
    ),
    (
        "The corner lies at S 2515, or 2515S 12030W.",
        "角点位于南纬2515处，或2515S 12030W。",
        {
            ("coordinate", "latitude -25.25000"),
            ("coordinate", "longitude -120.50000"),
            ("number", "2515"),
        },
    ),
    (
        "Not more than 35,000 persons and 1.2 million rounds.",
        "人员不超过3.5万名，弹药不超过一百二十万发。",
        {("number", "35000"), ("number", "1200000")},
    ),
    (
        "Articles 3 to 5 and Annex II apply; see paragraph 2 of Article IV.",
        "第三至第五条和附件二适用；见第四条第二款。",
        {
            ("reference", "article 3"),
            ("reference", "article 5"),
            ("reference", "annex 2"),
            ("reference", "paragraph 2"),
            ("reference", "article 4"),
        },
    ),
    (
        "Two-thirds, or 12.5 per cent, are paid by 31 December 2024 at 15:35 Beijing time.",
        "费用的三分之二，即百分之十二点五，应于二〇二四年十二月三十一日北京时间下午3时35分前支付。",
        {
            ("fraction", "2/3"),
            ("percentage", "12.5%"),
            ("date", "2024-12-31"),
            ("time", "15:35"),
            ("zone", "+08:00"),
        },
    ),
    (
        "From 5 to 9 April 2023 between 0800 and 1600 hours.",
        "2023年4月5日至9日8时至16时。",
        {("date", "2023-04-05"), ("date", "2023-04-09"), ("time", "08:00"), ("time", "16:00")},
    ),
    (
        "Done in duplicate on the nineteenth day of June two thousand and twenty-three.",
        "二〇二三年六月十九日订立，一式两份。",
        {("date", "2023-06-19"), ("number", "2")},
    ),
    (
        "On Sunday, June 18, 2023, the third session used VHF channel 16.",
        "2023年6月18日星期日，第三次会议使用甚高频16频道。",
        {("weekday", "7"), ("date", "2023-06-18"), ("ordinal", "3"), ("number", "16")},
    ),
    (
        "Aircraft fly below flight level 350 at no more than 300 knots.",
        "航空器在高度层350以下飞行，速度不超过300节。",
        {("flight level", "350"), ("speed", "463/3 m/s")},
    ),
    (
        "In force for five years; either Party may end it with six months' notice.",
        "有效期五年；任何一方可提前六个月通知终止。",
        {("duration", "60 month"), ("duration", "6 month")},
    ),
    (
        "10,000 tonnes over 300 square kilometres at 60 kilometres per hour.",
        "一万吨，三百平方公里，每小时60公里。",
        {("mass", "10000000 kg"), ("area", "300000000 m²"), ("speed", "50/3 m/s")},
    ),
    (
        "Three F-16 and two hundred soldiers at 3 p.m. UTC on 2023-06-19.",
        "三架F-16和二百名士兵，2023-06-19，协调世界时下午三点。",
        {
            ("number", "3"),
            ("designation", "F-16"),
            ("number", "200"),
            ("time", "15:00"),
            ("zone", "UTC"),
            ("date", "2023-06-19"),
        },
    ),
    (
        "The signal of 311535Z DEC 22 counts.",
        "以311535Z DEC 22电文为准。",
        {("date", "2022-12-31"), ("time", "15:35"), ("zone", "UTC")},
    ),
    (
        "The list is due every half year, or within two and a half hours, under Article 2(1).",
        "依照第二条第一款，清单每半年或在两个半小时内提交。",
        {
            ("duration", "6 month"),
            ("duration", "9000 s"),
            ("reference", "article 2"),
            ("reference", "paragraph 1"),
        },
    ),
    (
        "In the first half of 2024, both texts being equally authentic.",
        "2024年上半年，两种文本同等作准。",
        {("number", "2024")},
    ),
    (
        "From 0600 to 1800, by the fifteenth of each month, the two coast guards use No. 7.",
        "06:00至18:00，每月十五日前，两国海警使用第7号。",
        {("time", "06:00"), ("time", "18:00"), ("ordinal", "15"), ("ordinal", "7")},
    ),
    (
        "Instalments of 30, 30 and 40 per cent, or 3 to 5 per cent.",
        "分三十%、30%和40%，或3至5%。",
        {("percentage", f"{n}%") for n in (30, 40, 3, 5)},
    ),
    (
        "(a) the pier; (b) 1/4 of the nets.",
        "（一）码头；（二）四分之一的渔网。",
        {("item", "marked"), ("fraction", "0.25")},
    ),
]


@pytest.mark.parametrize(("first", "second", "values"), PAIRS, ids=[one[0][:40] for one in PAIRS])
def test_a_sentence_says_the_same_in_both_languages(first, second, values):
    said = [
        [(one.kind, one.value) for one in extract(text, language)]
        for text, language in ((first, "en"), (second, "zh-Hans"))
    ]
    assert sorted(said[0]) == sorted(said[1])
    assert set(said[0]) == values


def test_words_that_only_look_like_numbers_are_none():
    english_text = "No one of the two sides, one another, first of all, at one table."
    assert extract(english_text, "en") == ()
    chinese_text = "双方一致认为，两国在四川十分重视，万一出事，再三联系，一方可第一时间联络。"
    assert extract(chinese_text, "zh") == ()


def test_hours_and_days_stay_apart_and_so_do_miles():
    assert extract("48 hours", "en")[0].value != extract("two days", "en")[0].value
    assert extract("3 miles", "en")[0].value != extract("3海里", "zh")[0].value
    assert extract("3 miles", "en")[0].value == extract("3英里", "zh")[0].value


def test_what_was_found_says_where_and_how_it_was_written():
    text = "距离不少于５００码。"
    found = extract(text, "zh")[0]
    assert (found.at, found.written) == (5, "５００码")
    assert text[found.at :].startswith(found.written)


def test_a_language_that_is_not_read_says_nothing():
    assert extract("Не менее 500 ярдов.", "ru") == ()


TEXTS = st.text(
    st.sampled_from(
        "0123456789.,:-/%°′″()（）年月日时分秒点第条款百千万亿零一二三两壹贰拾北纬东经至 NSEWZ"
    )
    | st.characters(),
    max_size=200,
) | st.lists(
    st.sampled_from(
        [
            "one",
            "two",
            "twenty",
            "hundred",
            "thousand",
            "and",
            "million",
            "of",
            "June",
            "May",
            "19",
            "2023",
            "per",
            "cent",
            "Article",
            "IV",
            "to",
            "degrees",
            "minutes",
            "north",
            "third",
            "half",
            "hours",
            "五",
            "百分之",
            "分之",
            "附件",
            "下午",
            "3时",
            "°",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(TEXTS, st.sampled_from(["en", "zh", "zh-Hant", "ru"]))
def test_extraction_never_raises_and_finds_within_the_text(text, language):
    for one in extract(text, language):
        assert text[one.at :].lstrip().startswith(one.written)
        assert one.kind


def test_a_number_of_ten_thousand_digits_is_passed_over():
    assert extract("9" * 10_000, "en") == ()
    assert all(len(one.written) <= 41 for one in extract("九" * 10_000, "zh"))


@pytest.mark.parametrize(
    "part",
    ["one ", "hundred and ", "三", "三万", "1, ", "1 and ", "1,111,", "Article 1, ", "1 000 ",
     "第三、", "三至", "三分之", "1°", " "],
)  # fmt: skip
def test_one_part_a_thousand_times_over_does_not_keep_a_station_busy(part):
    """Two ways to read a list double the work with each part: that would never end here."""
    for language in ("en", "zh"):
        assert len(extract("1" + part * 1000 + "x", language)) <= 2001
