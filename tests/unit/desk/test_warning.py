"""Warnings: in force by the clock, the same areas in two languages, changed, cancelled, read back."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

HOUR, DAY = 3600, 86_400
ZH_NOTATION = [
    "25°15′26″N 120°29′20″E",
    "24°50′30″N 120°05′45″E",
    "25°04′32″N 119°51′22″E",
    "25°28′12″N 120°14′30″E",
]
EN_NOTATION = [
    "25-15.26N 120-29.20E",
    "24-50.30N 120-05.45E",
    "25-04.32N 119-51.22E",
    "25-28.12N 120-14.30E",
]
SECOND = ["26-07.00N 121-57.00E", "25-30.00N 121-57.00E", "25-30.00N 121-28.00E"]
SECOND_ZH = ["26°07′00″N 121°57′00″E", "25°30′00″N 121°57′00″E", "25°30′00″N 121°28′00″E"]


def warning(begins, ends, **more):
    return {
        "serial": "SIM-1",
        "hazard": "live-fire",
        "restriction": "keep-out",
        "windows": [[rfc3339(begins), rfc3339(ends)]],
        "area": [{"name": "1", "corners": EN_NOTATION}, {"name": "2", "corners": SECOND}],
        **more,
    }


def issued(begins=START + DAY, ends=START + 2 * DAY, **more):
    talk, line = two()
    fields = warning(begins, ends, **more)
    case = talk.say(line, "ALFA/OPS", START, "warning.issue", fields, to=["BRAVO/OPS"])
    return talk, line, case


def row(talk, case, at):
    return talk.registers(at).row("warnings", case).values


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (START + HOUR, "issued"),
        (START + DAY, "in force"),
        (START + 2 * DAY - 1, "in force"),
        (START + 2 * DAY, "expired"),
    ],
)
def test_a_warning_is_in_force_between_its_first_and_its_last_window(at, state):
    talk, _, case = issued()
    assert row(talk, case, at)["state"] == state


def test_areas_and_corners_are_counted_and_one_language_alone_differs_from_nothing():
    talk, _, case = issued()
    found = row(talk, case, START + HOUR)
    assert (found["areas"], found["corners"]) == (2, 7)
    assert (found["divergent_areas"], found["divergence_m"]) == ([], [])


def test_decimal_minutes_taken_for_seconds_are_found_by_area_and_in_metres():
    areas = [{"name": "1", "corners": ZH_NOTATION}, {"name": "2", "corners": SECOND_ZH}]
    talk, _, case = issued(area_in={"zh": areas})
    found = row(talk, case, START + HOUR)
    assert found["divergent_areas"] == ["1"]
    assert found["divergence_m"] == pytest.approx([391, 626, 465, 366], abs=2)


def test_an_area_that_only_one_language_has_differs_without_metres():
    talk, _, case = issued(area_in={"zh": [{"name": "1", "corners": EN_NOTATION}]})
    found = row(talk, case, START + HOUR)
    assert (found["divergent_areas"], found["divergence_m"]) == (["2"], [])


def test_changed_times_hold_and_the_lead_is_counted_anew_from_the_change():
    talk, line, case = issued()
    later = [[rfc3339(START + 3 * DAY), rfc3339(START + 4 * DAY)]]
    talk.say(line, "ALFA/OPS", START + HOUR, "warning.extend", {"windows": later}, case=case)
    found = row(talk, case, START + 2 * DAY)
    assert (found["state"], found["from"]) == ("issued", rfc3339(START + 3 * DAY))
    assert found["lead"] == "PT71H"
    assert row(talk, case, START + 3 * DAY)["state"] == "in force"


def test_a_warning_is_cancelled_before_its_end_by_its_author_and_not_after():
    talk, line, case = issued()
    with pytest.raises(MoveNotPermittedError):
        talk.say(line, "BRAVO/OPS", START + HOUR, "warning.cancel", case=case)
    with pytest.raises(InvalidFieldsError, match="already passed"):
        talk.say(line, "ALFA/OPS", START + 2 * DAY, "warning.cancel", case=case)
    talk.say(line, "ALFA/OPS", START + HOUR, "warning.cancel", case=case)
    assert row(talk, case, START + DAY)["state"] == "cancelled"


@pytest.mark.parametrize(("again", "word"), [("25-15.26N 120-29.20E", "agrees"), ("25-15.36N 120-29.20E", "differs")])  # fmt: skip
def test_a_position_read_back_is_compared(again, word):
    talk, line, case = issued()
    values = {"rung": 30, "values": [f"area[0].corners[0]={again}"], "of": f"OPS/ALFA/{case.index}"}
    talk.say(line, "BRAVO/OPS", START + HOUR, "ack.give", values, case=case)
    assert row(talk, case, START + 2 * HOUR)["read_back"] == word
    assert row(talk, case, START + HOUR - 1)["read_back"] in (None, word)


def test_the_row_of_a_recipient_shows_its_own_rung():
    talk, line, case = issued()
    talk.say(line, "BRAVO/OPS", START + HOUR, "ack.give", {"rung": 2}, case=case)
    whole = talk.registers(START + DAY)
    assert whole.row("warnings", case, "BRAVO").values["rung"] == 2
    assert whole.row("warnings", case, "BRAVO").party == "BRAVO"
