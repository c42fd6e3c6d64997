"""Types of fields at their edges: times, windows, places, amounts, counts, texts."""

from __future__ import annotations

from random import Random

import pytest

from parley.core.canon import encode
from parley.desk.areas import areas
from parley.desk.catalogue import MOVES, fields_of
from parley.desk.envelope import Texts
from parley.desk.fields import Boolean, Count, Duration, Integer, Names, Text, WordsType
from parley.desk.naming import RAW
from parley.desk.places import Position, bearing, distance, height, parse_position, speed
from parley.desk.problems import problem_of
from parley.desk.procedures.exercise import OBSERVERS
from parley.desk.reading import check_value
from parley.desk.structures import ListOf, TextOfParts
from parley.desk.times import Due, InstantType, Until, When, Windows, local_day, span_of
from parley.errors import FieldFaultError
from support.desk_values import value_for

DAY = 86_400


class Refs(Names):
    """References named by their index."""

    def ref_value(self, name, where):
        return [0, int(name)]

    def ref_name(self, value):
        return str(value[1])


NAMES = Refs()


def again(kind, json):
    """What comes back after a value was written and read."""
    return kind.show(kind.read(json, "f", NAMES), NAMES)


def refused(kind, json):
    with pytest.raises(FieldFaultError) as caught:
        kind.read(json, "f", NAMES)
    found = problem_of(caught.value)
    assert all(found.sentence.values())
    return found.code


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-03-02T07:00:00Z", "2026-03-02T07:00:00Z"),
        ("2026-03-02T07:00Z", "2026-03-02T07:00:00Z"),
        ("2026-03-02T07:00:00+00:00", "2026-03-02T07:00:00Z"),
        ("2026-03-02T12:45:00+05:45", "2026-03-02T12:45:00+05:45"),
        ("2026-03-02T03:30:00-03:30", "2026-03-02T03:30:00-03:30"),
        ("311535Z DEC 22", "2022-12-31T15:35:00Z"),
        ("311535E DEC 22", "2022-12-31T15:35:00+05:00"),
        ("311535R DEC 2022", "2022-12-31T15:35:00-05:00"),
        ("290000Z FEB 28", "2028-02-29T00:00:00Z"),
        ("2026-03-02", "2026-03-02"),
        (1_772_434_800, "2026-03-02T07:00:00Z"),
        ({"at": "2026-03-02T07:00:00Z", "precision": "exact"}, "2026-03-02T07:00:00Z"),
        ({"at": "2026-03-02", "precision": "day"}, "2026-03-02"),
        ({"at": "2026-03-02", "precision": "exact"}, "2026-03-02T00:00:00Z"),
    ],
)
def test_a_time_is_kept_with_the_zone_it_was_written_in(written, shown):
    assert again(InstantType(), written) == shown


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2026-03-02T07:00:00", "no_zone"),
        ("2026-03-02 07:00", "no_zone"),
        ("020700J MAR 26", "wrong_form"),
        ("020700 MAR 26", "wrong_form"),
        ("2026-02-29", "wrong_form"),
        ("2026-02-29T00:00:00Z", "wrong_form"),
        ("2026-03-02T24:01:00Z", "wrong_form"),
        ("310000Z APR 26", "wrong_form"),
        ("1969-12-31", "out_of_range"),
        ("0001-01-01", "out_of_range"),
        ("tomorrow", "wrong_form"),
        (-1, "out_of_range"),
        (True, "wrong_form"),
        (1.5, "wrong_form"),
        (None, "wrong_form"),
        ({"at": "2026-03-02"}, "wrong_form"),
        ({"at": "2026-03-02", "precision": "century"}, "wrong_form"),
    ],
)
def test_a_time_that_is_none_says_why(written, code):
    assert refused(InstantType(), written) == code


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-03-02T07:00:00Z", 1),
        ("2026-03-02", DAY),
        ({"at": "2026-03-02T07:59:00Z", "precision": "hour"}, 3600),
        ({"at": "2026-03-02", "precision": "week"}, 7 * DAY),
        ({"at": "2028-02-10", "precision": "month"}, 29 * DAY),
        ({"at": "2026-12-31", "precision": "month"}, 31 * DAY),
    ],
)
def test_a_coarse_time_is_an_interval_that_holds_its_start(written, seconds):
    value = InstantType().read(written, "f", NAMES)
    first, end = span_of(value)
    start = value if isinstance(value, int) else value[0]
    assert first <= start < end
    assert end - first == seconds


def test_a_week_begins_on_a_monday():
    value = InstantType().read({"at": "2026-03-01", "precision": "week"}, "f", NAMES)
    assert InstantType().show([span_of(value)[0], 2], NAMES) == "2026-02-23"


def test_the_local_day_is_the_day_where_it_was_written():
    def day(text):
        return local_day(InstantType().read(text, "f", NAMES))

    assert day("2024-09-10T01:00:00+08:00") == "2024-09-10"
    assert day("2024-09-09T17:00:00Z") == "2024-09-09"


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ([["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]], 3600),
        ([["2026-03-02", "2026-03-02"]], DAY),
        ([["2026-03-02", "2026-03-03"]], 2 * DAY),
        (["2026-03-02"], DAY),
        ("2026-03-02", DAY),
        ("2026-03-02/2026-03-03", 2 * DAY),
        ("2026-03-02T10:00Z/2026-03-02T11:00Z", 3600),
        ("020600Z MAR 26 / 020900Z MAR 26", 3 * 3600),
        (["2026-03-02T10:00Z/2026-03-02T11:00Z"], 3600),
        ([["2026-03-02"]], DAY),
        ([["2026-03-02T00:00:00+05:45", "2026-03-02T01:00:00+05:45"]], 3600),
    ],
)
def test_a_window_is_closed_and_open_and_a_day_counts_in_whole(written, length):
    ((first, end),) = Windows().read(written, "f", NAMES)
    assert end - first == length


@pytest.mark.parametrize(
    "written",
    [
        [],
        "2026-03-02T10:00Z",
        "2026-03-02T10:00Z/",
        "2026-03-02/2026-03-03/2026-03-04",
        [["2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"]],
        [["2026-03-03", "2026-03-02"]],
        [["2026-03-02T10:00:00", "2026-03-02T11:00:00Z"]],
        [["2026-03-02T10:00:00Z"]],
        [["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"]],
        ["2026-03-02T10:00:00Z"],
        [["9999-12-31", "9999-12-31"]],
        [{"from": 1, "until": 2}],
        [[1, 2]] * 41,
    ],
)
def test_a_window_that_is_none_is_refused(written):
    assert refused(Windows(), written)


def test_a_call_may_be_asked_for_now_and_a_meeting_may_not():
    assert again(When(), "now") == "now"
    assert refused(Windows(), "now") == "wrong_form"


@pytest.mark.parametrize("written", ["open", "2026-03-02", "2026-03-02T07:00:00Z", "两国会谈结束"])
def test_until_is_a_date_a_time_or_an_event(written):
    assert again(Until(), written) == written


@pytest.mark.parametrize(
    "written", ["", " ", "2026-02-29", "2026-03-02T07:00", 7, "x" * 81, "a\u202eb"]
)
def test_until_is_nothing_else(written):
    assert refused(Until(), written)


@pytest.mark.parametrize(
    ("kind", "written", "shown"),
    [
        (Due(), "PT4H", "PT4H"),
        (Due(), 60, "PT1M"),
        (Due(), "2026-03-02T07:00:00Z", "2026-03-02T07:00:00Z"),
        (Due(), "020700Z MAR 26", "2026-03-02T07:00:00Z"),
        (Duration(), "90s", "PT1M30S"),
        (Duration(), "P1W", "PT168H"),
        (Duration(), "P366D", "PT8784H"),
    ],
)
def test_a_length_of_time_is_shown_in_hours_minutes_and_seconds(kind, written, shown):
    assert again(kind, written) == shown


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Due(), 59),
        (Due(), "P367D"),
        (Due(), "2026-03-02T07:00:00"),
        (Due(), "soon"),
        (Due(), True),
        (Duration(), 0),
        (Duration(), "-5s"),
        (Duration(), "P"),
        (Duration(), "PT"),
        (Duration(), 1.0),
    ],
)
def test_a_length_out_of_bounds_is_refused(kind, written):
    assert refused(kind, written)


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "lat", "notation"),
    [
        ("25-15.26N 120-29.20E", "25.25433", "decimal minutes"),
        ("25°15′26″N 120°29′20″E", "25.25722", "seconds"),
        ("25-15-26N 120-29-20E", "25.25722", "seconds"),
        ("25.15260N 120.29200E", "25.15260", "degrees"),
        ("25-15.26S 120-29.20W", "-25.25433", "decimal minutes"),
        ("90-00.00N 180-00.00W", "90.00000", "decimal minutes"),
        ("25-15N 120-29E", "25.25000", "decimal minutes"),
        ("25 15.26N 120 29.20E", "25.25433", "decimal minutes"),
        ("25 15 26 N, 120 29 20 E", "25.25722", "seconds"),
    ],
)
def test_the_notation_of_a_position_is_kept_beside_its_degrees(written, lat, notation):
    shown = again(Position(), written)
    assert (shown["written"], shown["lat"], shown["notation"]) == (written, lat, notation)


def test_decimal_minutes_taken_for_seconds_are_nearly_four_hundred_metres_off():
    minutes, seconds = (
        parse_position(text) for text in ("25-15.26N 120-29.20E", "25°15′26″N 120°29′20″E")
    )
    assert 380 < minutes.metres_to(seconds) < 400


@pytest.mark.parametrize(
    "written",
    [
        "90-00.01N 000-00.00E",
        "10-00.00N 180-00.01E",
        "10-60.00N 100-00.00E",
        "10-00-60N 100-00-00E",
        "100-00.00E 10-00.00N",
        "10-00.00N 100-00-00E",
        "10-00.00 100-00.00",
        "10-00.00N",
        "",
        "10-00.00000N 100-00.00E",
        {"lat": 91, "lon": 0},
        {"lat": "10", "lon": "east"},
        {"lat": 10},
        7,
        None,
    ],
)
def test_a_position_that_is_none_is_refused(written):
    assert refused(Position(), written)


SQUARE = ["10-00.00N 100-00.00E", "10-00.00N 100-05.00E", "09-56.00N 100-05.00E", "09-56.00N 100-00.00E"]  # fmt: skip
ACROSS = ["10-00.00N 179-50.00E", "10-00.00N 179-50.00W", "09-00.00N 179-50.00W", "09-00.00N 179-50.00E"]  # fmt: skip


@pytest.mark.parametrize("corners", [SQUARE, SQUARE[:3], ACROSS, list(reversed(ACROSS))])
def test_an_area_keeps_the_order_of_its_corners_also_across_180_degrees(corners):
    (area,) = again(areas(), {"corners": corners})
    assert [corner["written"] for corner in area["corners"]] == corners


@pytest.mark.parametrize(
    "area",
    [
        {"centre": SQUARE[0], "radius": "5 nmi"},
        {"centre": SQUARE[0], "radius": "5 nmi", "from": "350 °", "to": "10 °"},
        {"line": SQUARE[:2], "width": "2 km"},
        {"named": "Pier 4", "name": "A"},
    ],
)
def test_circle_arc_corridor_and_named_area_are_areas(area):
    assert set(again(areas(), area)[0]) == set(area)


@pytest.mark.parametrize(
    ("area", "code"),
    [
        ({"corners": SQUARE[:2]}, "too_few"),
        ({"corners": [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]}, "crosses_itself"),
        ({"corners": [ACROSS[0], ACROSS[2], ACROSS[1], ACROSS[3]]}, "crosses_itself"),
        ({"corners": [*SQUARE, SQUARE[0]]}, "crosses_itself"),
        ({"centre": SQUARE[0]}, "wrong_form"),
        ({"radius": "5 nmi"}, "wrong_form"),
        ({"line": SQUARE[:2]}, "wrong_form"),
        ({"centre": SQUARE[0], "radius": "5 nmi", "from": "10 °"}, "wrong_form"),
        ({"name": "A"}, "wrong_form"),
        ({"shape": "round"}, "unknown"),
        ([], "too_few"),
    ],
)
def test_an_area_that_is_none_says_why(area, code):
    assert refused(areas(), area) == code


# --- amounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "written", "normal", "amount"),
    [
        (distance(), "1 nmi", "metres", 1852),
        (distance(), "150 yd", "metres", 137.16),
        (distance(), "20 ft", "metres", 6.096),
        (distance(), "0 m", "metres", 0),
        (height(), "58000 ft AMSL", "metres", 17678.4),
        (height(), "350 FL pressure", "metres", 10668),
        (height(), "SFC", "metres", 0),
        (height(), "GND", "metres", 0),
        (height(), "-5 m AMSL", "metres", -5),
        (speed(), "11 kn", "metres_per_second", 5.658884),
        (speed(), "36 km/h", "metres_per_second", 10.000008),
        (bearing(), "0 °", "degrees", 0),
        (bearing(), "359.9 °", "degrees", 359.9),
        (bearing(), "272 ° MAG", "degrees", 272),
    ],
)
def test_an_amount_is_kept_as_written_beside_its_normal_unit(kind, written, normal, amount):
    shown = again(kind, written)
    assert (shown["as_written"], shown[normal]) == (written, amount)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (distance(), "120"),
        (distance(), "120 cubits"),
        (distance(), "-1 m"),
        (distance(), "120 m AMSL"),
        (distance(), "50000 km"),
        (distance(), {"metres": 120, "as_written": "150 yd"}),
        (distance(), {"metres": True}),
        (distance(), {"error": 5}),
        (distance(), {"metres": 5, "colour": "red"}),
        (height(), "350 FL"),
        (height(), "350 FL AMSL"),
        (height(), "1000 ft QNH"),
        (speed(), "4 mph"),
        (bearing(), "360 °"),
        (bearing(), "-1 °"),
        (bearing(), "270 ° AMSL"),
    ],
)
def test_an_amount_in_no_known_unit_or_out_of_bounds_is_refused(kind, written):
    assert refused(kind, written)


def test_people_round_and_a_slip_of_the_unit_is_beyond_that():
    assert again(distance(), {"metres": 137.2, "as_written": "150 yd"})["metres"] == 137.16


@pytest.mark.parametrize(
    "written", [0, 13, {"at_least": 13}, {"at_most": 2}, {"about": 40}, "unknown"]
)
def test_a_count_says_how_it_is_meant(written):
    assert again(Count(), written) == written


@pytest.mark.parametrize(
    "written",
    [
        -1,
        1.5,
        True,
        "1.5",
        "13 or so",
        "at least -1",
        {"more_than": 12},
        {},
        None,
        {"exact": 3},
        10_000_001,
    ],
)
def test_a_count_is_nothing_else(written):
    assert refused(Count(), written)


@pytest.mark.parametrize(
    "written", [None, "", "   ", 5, "a\u200bb", "a\u202eb", "a\x00b", "x" * 201, "\ud800"]
)
def test_a_text_hides_nothing_and_is_not_empty(written):
    assert refused(Text(), written)


def test_a_character_of_a_later_unicode_is_judged_alike_by_every_python():
    assert again(Text(), "a\u0378") == "a\u0378"


@pytest.mark.parametrize(
    "written", [{}, {"english": "x"}, {"en": ""}, {"e": "x"}, 5, [], {"en": "x" * 201}]
)
def test_words_name_their_language(written):
    assert refused(WordsType(), written)


def test_words_without_a_language_are_of_none_and_not_english():
    assert again(WordsType(), "Nets") == {"und": "Nets"}


@pytest.mark.parametrize(
    "written",
    [
        [],
        "Nets",
        [{"lang": "en", "text": ""}],
        [{"lang": "en", "text": "x", "status": "true"}],
        [{"text": "x"}] * 9,
        [{"lang": "en", "text": "x" * 16_001}],
        [["en", "x"]],
    ],
)
def test_a_text_has_a_language_and_a_status(written):
    assert refused(Texts(), written)


@pytest.mark.parametrize(
    "kind", [Boolean(), Integer(0, 5), ListOf(item=Integer(0, 5), least=1, most=2)]
)
@pytest.mark.parametrize("written", ["maybe", "6", 6, [], [1, 2, 3], {"a": 1}, None])
def test_plain_types_take_nothing_but_their_own(kind, written):
    assert refused(kind, written)


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        (Boolean(), "yes", True),
        (Boolean(), "True", True),
        (Boolean(), "是", True),
        (Boolean(), "no", False),
        (Boolean(), "false", False),
        (Boolean(), "否", False),
        (Integer(0, 5), "5", 5),
        (Count(), "13", 13),
        (Count(), "at least 13", {"at_least": 13}),
        (Count(), "about 40", {"about": 40}),
    ],
)
def test_what_is_typed_as_words_is_taken_for_what_it_says(kind, typed, meant):
    assert again(kind, typed) == meant


@pytest.mark.parametrize(
    "written", ["not-required", "not required", "Not required", "无须邀请", "NOT_REQUIRED"]
)
def test_a_choice_is_taken_by_its_code_or_as_it_reads_on_screen(written):
    assert OBSERVERS.show(OBSERVERS.read(written, "observers", NAMES), NAMES) == "not-required"


@pytest.mark.parametrize("written", ["not", "required", "", "invited?", None, 1])
def test_what_is_no_choice_however_spelled_is_refused(written):
    assert refused(OBSERVERS, written)


def test_a_text_may_come_in_its_named_parts_and_in_no_others():
    kind = TextOfParts(12, ("instrument", "rule"))
    assert kind.read({"rule": 2.1, "instrument": "CUES"}, "rules", NAMES) == "CUES 2.1"
    for wrong in ({"rule": "x" * 13}, {"article": "2"}, {}, ["CUES"]):
        assert refused(kind, wrong)


# --- all of them ---------------------------------------------------------------------------------

SEEDS = 15
FIELDS = [
    pytest.param(field, id=f"{move.full_name}.{field.name}")
    for move in MOVES.values()
    for field in fields_of(move).values()
]


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_accepted_comes_back_as_it_was_written_and_passes_as_a_peers(field):
    # Seeds, and no strategy: thousands of fields are more than hypothesis's settings can be nested.
    for seed in range(SEEDS):
        value = field.type.read(value_for(field.type, Random(seed), ["3"]), field.name, NAMES)

        shown = field.type.show(value, NAMES)

        assert encode(field.type.read(shown, field.name, NAMES)) == encode(value), seed
        check_value(field, value)
        assert field.type.show(value, RAW) is not None, seed


def test_a_height_without_a_limit_has_no_metres_and_no_other_amount_may_be_unlimited():
    read = height().read("UNL", "height", NAMES)
    assert height().show(read, NAMES) == {"as_written": "UNL"}
    for kind, given in ((speed(), "UNL"), (height(), {"as_written": "UNL", "metres": 3})):
        with pytest.raises(FieldFaultError):
            kind.read(given, "height", NAMES)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("none", 0), (0, 0), (30, 30 * DAY), (366, 366 * DAY), ("P6M", 180 * DAY), (7200, 7200)],
)
def test_the_notice_before_an_end_is_days_where_it_is_a_bare_number(given, seconds):
    kind = fields_of(MOVES["channel.terminate"])["notice"].type
    assert kind.read(given, "notice", NAMES) == seconds


@pytest.mark.parametrize(
    "row",
    [
        {"name": "A", "position": "10-00.00N 020-00.00E"},
        {"name": "A", "coordinates": "10-00.00N 020-00.00E"},
        {"name": "A", "lat": "10-00.00N", "long": "020-00.00E"},
        {"name": "A", "coordinates": {"lat": "10-00.00N", "lon": "020-00.00E"}},
    ],
)
def test_a_row_of_a_list_names_its_place_as_the_columns_of_real_lists_do(row):
    kind = fields_of(MOVES["list_exchange.commit"])["rows"].type
    (shown,) = kind.show(kind.read([row], "rows", NAMES), NAMES)
    assert shown["position"]["written"] == "10-00.00N 020-00.00E"


def test_half_of_a_position_is_no_position():
    kind = fields_of(MOVES["list_exchange.commit"])["rows"].type
    with pytest.raises(FieldFaultError):
        kind.read([{"name": "A", "lat": "10-00.00N"}], "rows", NAMES)


def test_a_class_of_launch_is_taken_by_the_word_of_the_catalogue():
    kind = fields_of(MOVES["launch.notify"])["launch_class"].type
    assert kind.show(kind.read("other ballistic", "class", NAMES), NAMES) == "ballistic"
