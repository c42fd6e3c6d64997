"""Messages and notes: sent, acknowledged, answered or not; asked for and owed told apart."""

from __future__ import annotations

import pytest

from parley.desk.profiles import Profile
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

HOUR, DAY = 3600, 86_400
MESSAGE = {"subject": {"zh": "浮标移位", "en": "Buoy adrift"}, "text": {"zh": "三号浮标移位。"}}
NOTE = {"number": "17", "text": {"en": "The lights go off at 22:00."}}
ASKING = {"answer_wanted": "reply", "reply_by": "PT2H"}
KINDS = [("message", "messages", MESSAGE, "reply"), ("note", "notes", NOTE, "answer")]


def sent(procedure, fields, profile=None, **more):
    talk, line = two(profile)
    case = talk.say(line, "ALFA/OPS", START, f"{procedure}.send", fields, to=["BRAVO/OPS"], **more)
    return talk, line, case


@pytest.mark.parametrize(("procedure", "register", "fields", "answer"), KINDS)
def test_silence_lapses_only_where_an_answer_was_asked_for(procedure, register, fields, answer):
    quiet = sent(procedure, fields)
    asking = sent(procedure, {**fields, **ASKING})
    for _, line, _ in (quiet, asking):
        line.sign(START + 3 * HOUR)
    states = [
        talk.registers(START + 3 * HOUR).row(register, case)["state"]
        for talk, _, case in (quiet, asking)
    ]
    assert states == ["sent", "lapsed"]


@pytest.mark.parametrize(("procedure", "register", "fields", "answer"), KINDS)
def test_a_late_answer_keeps_the_lapse_and_an_answer_in_time_has_none(
    procedure, register, fields, answer
):
    for at, first in ((START + HOUR, False), (START + 5 * HOUR, True)):
        talk, line, case = sent(procedure, {**fields, **ASKING})
        if first:
            line.sign(START + 3 * HOUR)
        text = {"text": {"en": "Seen to."}}
        talk.say(line, "BRAVO/OPS", at, f"{procedure}.{answer}", text, case=case)
        row = talk.registers(START + DAY).row(register, case)
        assert (row["state"], row["lapsed_first"]) == ("answered", first)


@pytest.mark.parametrize(("procedure", "register", "fields", "answer"), KINDS)
def test_a_wish_is_asked_for_and_a_clock_of_the_instrument_is_owed(
    procedure, register, fields, answer
):
    clocks = {f"{procedure}.reply_by": 4 * HOUR}
    owing = Profile.make("pier", owed=True, clocks=clocks)
    for profile, owed in ((None, False), (owing, True)):
        talk, _, case = sent(procedure, {**fields, **ASKING}, profile)
        assert talk.registers(START + HOUR).row(register, case)["owed"] is owed


@pytest.mark.parametrize(("procedure", "register", "fields", "answer"), KINDS)
def test_dark_is_told_from_silent_and_undelivered_from_both(procedure, register, fields, answer):
    talk, _, dark = sent(procedure, {**fields, **ASKING})
    assert talk.registers(START + DAY).row(register, dark)["lapse"] == "dark"

    talk, line = two()
    line.cut.add((0, 1))
    case = talk.say(line, "ALFA/OPS", START, f"{procedure}.send", {**fields, **ASKING})
    line.sign(START + DAY)
    row = talk.registers(START + 30 * DAY).row(register, case)
    assert (row["state"], row["rung"], row["delivered_at"], row["lapse"]) == ("sent", 0, None, None)


@pytest.mark.parametrize(("procedure", "register", "fields", "answer"), KINDS)
def test_the_sender_closes_and_the_other_side_does_not(procedure, register, fields, answer):
    talk, line, case = sent(procedure, fields)
    with pytest.raises(MoveNotPermittedError, match="opened the case"):
        talk.say(line, "BRAVO/OPS", START + 1, f"{procedure}.close", {}, case=case)
    talk.say(line, "ALFA/OPS", START + 1, f"{procedure}.close", {}, case=case)
    with pytest.raises(MoveNotPermittedError, match="not permitted"):
        text = {"text": {"en": "Too late"}}
        talk.say(line, "BRAVO/OPS", START + 2, f"{procedure}.{answer}", text, case=case)


@pytest.mark.parametrize(
    ("procedure", "fields", "missing"),
    [
        ("message", {"text": {"en": "No subject"}}, "subject"),
        ("message", {"subject": {"en": "x" * 161}}, "subject"),
        ("message", {**MESSAGE, "answer_wanted": "perhaps"}, "answer_wanted"),
        ("message", {**MESSAGE, "text": {"en": "x" * 16_001}}, "text"),
        ("note", {"number": "17"}, "text"),
        ("note", {"text": {"en": "No number"}}, "number"),
        ("note", {**NOTE, "number": "x" * 41}, "number"),
    ],
)
def test_what_is_missing_or_too_long_is_named(procedure, fields, missing):
    with pytest.raises(InvalidFieldsError) as refused:
        sent(procedure, fields)
    assert missing in refused.value.problems[0][0]


def test_a_message_shows_who_took_it_when_and_in_which_language():
    talk, line, case = sent("message", MESSAGE, precedence="Z")
    ack = {"rung": 2, "text": {"en": "Received."}}
    talk.say(line, "BRAVO/OPS", START + 40, "ack.give", ack, case=case, precedence="Z")

    row = talk.registers(START + HOUR).row("messages", case)

    assert (row["precedence"], row["rung"], row["ack_in"]) == ("Z", 2, ["en"])
    assert row["acknowledged_at"] == "2026-03-01T00:00:40Z"
    assert row["languages"] == ["zh"]


def test_a_reply_without_words_is_refused_in_the_record_as_well():
    talk, line, case = sent("message", MESSAGE)
    line.raw(1, START + 60, kind=201, fields={4: [0, case.index]})

    registers = talk.registers(START + HOUR)

    assert registers.row("messages", case)["state"] == "sent"
    assert [one.code for one in registers.irregular] == ["missing"]


def test_a_plain_say_of_the_core_is_a_message_without_a_subject():
    talk, line = two()
    place = line.raw(0, START, kind=1, fields={2: "Barge late", 3: "en"})

    registers = talk.registers(START + 1)

    assert registers.irregular == ()
    assert registers.row("messages", place)["languages"] == ["en"]
