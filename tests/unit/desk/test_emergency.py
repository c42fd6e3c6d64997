"""Emergencies: raised, taken by a person, acted on, ended; a false alarm is kept."""

from __future__ import annotations

import pytest

from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

RAISE = {
    "what": "converging",
    "where": "09-58.00N 100-02.00E",
    "since": "2026-03-01T00:00:00Z",
    "who": {"en": "Our tug and your patrol boat"},
    "we_do": {"en": "Tug stops"},
    "we_ask": {"en": "Turn to starboard now"},
    "contact_now": "VHF 16",
}


def raised(**more):
    talk, line = two()
    fields = {**RAISE, **more}
    case = talk.say(
        line, "ALFA/OPS", START, "emergency.raise", fields, to=["BRAVO/OPS"], precedence="Z"
    )
    return talk, line, case


def ack(talk, line, case, at, **fields):
    talk.say(line, "BRAVO/OPS", START + at, "ack.give", fields, case=case, precedence="Z")


def row(talk, case, at):
    return talk.registers(START + at).row("emergencies", case).values


def test_a_receipt_of_the_station_is_no_person():
    talk, line, case = raised()
    line.sign(START + 301)

    found = row(talk, case, 301)

    assert (found["rung"], found["seen_at"]) == (1, None)
    assert (found["lapse"], found["state"]) == ("silent", "raised")


def test_a_person_takes_it_within_five_minutes():
    talk, line, case = raised()
    ack(talk, line, case, 40, rung=2)
    line.sign(START + 900)

    found = row(talk, case, 900)

    assert (found["rung"], found["lapse"], found["seen_at"]) == (2, None, "2026-03-01T00:00:40Z")


def test_a_machine_that_cannot_process_it_is_no_person():
    talk, line, case = raised()
    ack(talk, line, case, 20, rung=10, code="language")
    line.sign(START + 301)

    found = row(talk, case, 301)

    assert (found["rung"], found["seen_at"], found["lapse"]) == (1, None, "silent")


def test_a_person_who_comes_late_does_not_undo_the_wait():
    talk, line, case = raised()
    line.sign(START + 301)
    ack(talk, line, case, 400, rung=2)
    assert row(talk, case, 500)["lapsed_first"] is True


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (None, "acting"),
        ("will-comply", "acting"),
        ("cannot-comply", "raised"),
        ("considering", "raised"),
    ],
)
def test_it_is_acted_on_only_where_the_last_word_says_so(code, state):
    talk, line, case = raised()
    ack(talk, line, case, 60, rung=5, code="will-comply")
    ack(talk, line, case, 90, rung=5, **({"code": code} if code else {}))
    assert row(talk, case, 120)["state"] == state


@pytest.mark.parametrize(("false_alarm", "state"), [(True, "false alarm"), (False, "ended")])
def test_only_the_raiser_ends_it_and_a_false_alarm_stays_one(false_alarm, state):
    talk, line, case = raised()
    fields = {"false_alarm": false_alarm}
    with pytest.raises(MoveNotPermittedError, match="opened the case"):
        talk.say(line, "BRAVO/OPS", START + 60, "emergency.end", fields, case=case)
    talk.say(line, "ALFA/OPS", START + 60, "emergency.end", fields, case=case)

    assert row(talk, case, 90)["state"] == state
    with pytest.raises(MoveNotPermittedError, match="not permitted"):
        talk.say(line, "ALFA/OPS", START + 99, "emergency.end", fields, case=case)


@pytest.mark.parametrize("missing", sorted(RAISE))
def test_every_field_is_needed(missing):
    talk, line = two()
    fields = {name: value for name, value in RAISE.items() if name != missing}
    with pytest.raises(InvalidFieldsError, match=missing):
        talk.say(line, "ALFA/OPS", START, "emergency.raise", fields)


def test_free_text_is_at_most_five_hundred_characters():
    raised(text={"en": "x" * 500})
    with pytest.raises(InvalidFieldsError, match="501 characters"):
        raised(text={"en": "x" * 501})


def test_either_side_may_add_to_it_while_it_lasts():
    talk, line, case = raised()
    more = {"text": {"en": "Two men in the water"}}
    talk.say(line, "BRAVO/OPS", START + 60, "emergency.update", more, case=case)
    assert row(talk, case, 90)["state"] == "raised"
    assert not talk.registers(START + 90).irregular


def test_a_drill_is_never_part_of_a_live_emergency():
    talk, line, case = raised()
    with pytest.raises(MoveNotPermittedError, match="marked LIVE"):
        talk.say(line, "ALFA/OPS", START + 9, "emergency.end", {}, case=case, marking="EXERCISE")
