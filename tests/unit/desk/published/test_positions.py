"""Positions as notices write them: what stands between two numbers decides, not what is likely."""

from __future__ import annotations

import pytest

from parley.desk.published.letters import number_of, plain_letters
from parley.desk.published.positions import find_positions, unwrapped


def found(text: str) -> list[tuple[float, float, str]]:
    spots, _ = find_positions(text, unwrapped(plain_letters(text)))
    return [
        (
            round(each.point.latitude / 1e7, 5),
            round(each.point.longitude / 1e7, 5),
            each.point.notation,
        )
        for each in spots
    ]


@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "notation"),
    [
        ("N332704E1102154", 33.45111, 110.36500, "seconds"),
        ("121500N1091200E", 12.25, 109.2, "seconds"),
        ("191800N 1225900E -", 19.3, 122.98333, "seconds"),
        ("N3534E09829", 35.56667, 98.48333, "decimal minutes"),
        ("S15 38 E153 40", -15.63333, 153.66667, "decimal minutes"),
        ("1600S15253E", -16.0, 152.88333, "decimal minutes"),
        ("24-11.30N 085-45.80W", 24.18833, -85.76333, "decimal minutes"),
        ("25-15.26N 120-29.20E", 25.25433, 120.48667, "decimal minutes"),
        ("25-15-26N 120-29-20E", 25.25722, 120.48889, "seconds"),
        ("2515.26N 12029.20E", 25.25433, 120.48667, "decimal minutes"),
        ("25°15′26″N 120°29′20″E", 25.25722, 120.48889, "seconds"),
        ("25.2543N, 120.4867E", 25.2543, 120.4867, "degrees"),
        ("A.38-05.00N120-30.50E", 38.08333, 120.50833, "decimal minutes"),
        ("３８－０５．００Ｎ／１２０－３０．５０Ｅ", 38.08333, 120.50833, "decimal minutes"),
        ("北纬25度15.26分、东经120度29.2分", 25.25433, 120.48667, "decimal minutes"),
        ("北緯25度15分26秒，東經120度29分20秒", 25.25722, 120.48889, "seconds"),
        ("东经120度30分，北纬38度05分", 38.08333, 120.5, "decimal minutes"),
        (
            "北纬二十五度十五点二六分，东经一百二十度二十九分",
            25.25433,
            120.48333,
            "decimal minutes",
        ),
        ("38°30′.5N，118°20′.3E", 38.50833, 118.33833, "decimal minutes"),
        ("1. 北纬25°15′ 东经120°29′ 2. 北纬", 25.25, 120.48333, "decimal minutes"),
        ("1. S15 38 E153 40 2. S", -15.63333, 153.66667, "decimal minutes"),
        ("N25°15′E120°29′ 30", 25.25, 120.48333, "decimal minutes"),
        ("30N 120-30E", 30.0, 120.5, "decimal minutes"),
    ],
)
def test_a_position_is_read_in_its_notation(
    text: str, latitude: float, longitude: float, notation: str
) -> None:
    assert found(text) == [(latitude, longitude, notation)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("25-65.0N 120-10.0E", "sixty or more minutes or seconds"),
        ("95-10.0N 120-10.0E", "not on the Earth"),
        ("25-10.0N 190-10.0E", "not on the Earth"),
        ("25.5N 120-10.0E", "two notations in one position"),
        ("25-15-26N 120-29E", "two notations in one position"),
    ],
)
def test_an_impossible_position_is_told_and_not_mended(text: str, why: str) -> None:
    spots, unread = find_positions(text, unwrapped(plain_letters(text)))

    assert spots == []
    assert [(each.written, each.why) for each in unread] == [(text, why)]


def test_a_number_cut_by_the_end_of_a_telex_line_is_joined_and_another_is_not() -> None:
    cut = "N081518E1092824-N081824E1092310-N092249E1092941-N091832E1101313-N0814\n58E1100640"

    assert found(cut)[-1] == (8.24944, 110.11111, "seconds")
    assert found("12\n1600S15253E") == [(-16.0, 152.88333, "decimal minutes")]


def test_where_a_position_stands_is_where_it_was_written() -> None:
    text = "实弹射击：３８－０５．００Ｎ、１２０－３０．５０Ｅ。"

    (spot,), _ = find_positions(text, unwrapped(plain_letters(text)))

    assert text[slice(*spot.span)] == "３８－０５．００Ｎ、１２０－３０．５０Ｅ"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("二〇二三", 2023),
        ("十五", 15),
        ("一百二十", 120),
        ("三千六百", 3600),
        ("一万二千", 12000),
        ("一点五", 1.5),
        ("12.5", 12.5),
        ("FIVE", 5),
        ("十五米", None),
        ("", None),
    ],
)
def test_numerals_are_numbers(written: str, number: float | None) -> None:
    assert number_of(written) == number
