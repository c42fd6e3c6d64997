"""Clocks: when they start, what stops or answers them, and what proves which silence."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile
from support.desk_talk import REQUEST, START, Line, Talk, two

HOUR, DAY = 3600, 86_400
OWED = Profile.make("pier", owed=True, clocks={"request.reply_by": 4 * HOUR})


def opened(profile=OWED, at=START, **fields):
    talk, line = two(profile)
    case = talk.say(line, "ALFA/OPS", at, "request.open", REQUEST | fields, to=["BRAVO/OPS"])
    return talk, line, case


def clock(talk, at, name="request.reply_by"):
    (found,) = [one for one in talk.registers(at).clocks if one.name == name]
    return found


def test_a_clock_starts_at_delivery_and_not_at_sending():
    talk, line = two(OWED)
    line.cut.add((0, 1))
    talk.say(line, "ALFA/OPS", START, "request.open", REQUEST, to=["BRAVO/OPS"])
    assert clock(talk, START + DAY).state == "not started"

    line.cut.clear()
    line.exchange(START + DAY)
    line.sign(START + DAY)
    found = clock(talk, START + DAY)
    assert (found.state, found.starts, found.due) == (
        "running",
        START + DAY,
        START + DAY + 4 * HOUR,
    )


def test_a_signature_at_the_very_due_second_proves_the_silence_and_one_before_it_does_not():
    talk, line, _ = opened()
    line.sign(START + 4 * HOUR - 1)
    assert clock(talk, START + 4 * HOUR - 1).state == "running"
    line.sign(START + 4 * HOUR)
    assert clock(talk, START + 4 * HOUR).state == "lapsed silent"


def test_a_proof_names_the_entry_who_is_held_to_it_and_the_statements_needed():
    talk, line, case = opened()
    line.sign(START + 5 * HOUR)
    proof = clock(talk, START + 5 * HOUR).proof
    assert (proof.claim, proof.entry, proof.by) == ("lapsed", case, 1)
    assert [number for number, _, _ in proof.statements] == [0, 1, 1]
    assert set(proof.sentence) == {"en", "zh"}


def test_dark_is_no_proof_of_silence():
    talk, _, _ = opened()
    assert clock(talk, START + 5 * HOUR).proof.claim == "dark"


def test_a_statement_of_the_asker_proves_nothing_of_the_other():
    talk, line, _ = opened()
    line.sign(START + 5 * HOUR, 0)
    assert clock(talk, START + 5 * HOUR).state == "lapsed dark"


def test_an_acknowledgement_by_a_person_is_no_answer():
    talk, line, case = opened()
    talk.say(line, "BRAVO/OPS", START + HOUR, "ack.give", {"rung": 3}, case=case)
    line.sign(START + 5 * HOUR)
    assert clock(talk, START + 5 * HOUR).state == "lapsed silent"


def test_what_cannot_be_processed_is_an_answer():
    talk, line, case = opened()
    cannot = {"rung": 10, "code": "language"}
    talk.say(line, "BRAVO/OPS", START + HOUR, "ack.give", cannot, case=case)
    line.sign(START + 5 * HOUR)
    assert clock(talk, START + 5 * HOUR).state == "answered"


def test_an_entry_on_another_case_is_no_answer():
    talk, line, _ = opened()
    note = {"subject": {"en": "Fog"}, "text": {"en": "Fog here."}}
    talk.say(line, "BRAVO/OPS", START + HOUR, "message.send", note, to=["ALFA/OPS"])
    line.sign(START + 5 * HOUR)
    assert clock(talk, START + 5 * HOUR).state == "lapsed silent"


def test_an_answer_signed_in_time_but_claimed_later_is_late_only_by_its_authors_word():
    talk, line, case = opened()
    talk.say(
        line, "BRAVO/OPS", START + 5 * HOUR, "request.decline", {"reason": "no-reason"}, case=case
    )
    found = clock(talk, START + 6 * HOUR)
    assert (found.state, found.lapse) == ("answered late", "dark")


def test_a_withdrawal_before_the_due_time_stops_the_clock_and_one_after_the_lapse_does_not():
    for at, state in ((HOUR, "stopped"), (6 * HOUR, "lapsed silent")):
        talk, line, case = opened()
        if at > 4 * HOUR:
            line.sign(START + 5 * HOUR)
        talk.say(line, "ALFA/OPS", START + at, "request.withdraw", {}, case=case)
        line.sign(START + 9 * HOUR)
        assert clock(talk, START + 9 * HOUR).state == state


def test_a_time_that_was_asked_for_runs_to_that_second_whenever_it_arrives():
    talk, line, _ = opened(profile=None, reply_by=rfc3339(START + 3 * HOUR))
    found = clock(talk, START + HOUR)
    assert (found.due, found.owed, found.source) == (START + 3 * HOUR, False, "asked")
    line.sign(START + 3 * HOUR)
    assert clock(talk, START + 3 * HOUR).state == "lapsed silent"


def test_a_time_asked_for_that_was_over_at_delivery_starts_no_clock():
    talk, line = two()
    line.cut.add((0, 1))
    talk.say(line, "ALFA/OPS", START, "request.open", REQUEST | {"reply_by": rfc3339(START + HOUR)})
    line.cut.clear()
    line.exchange(START + DAY)
    line.sign(START + DAY)
    assert talk.registers(START + 2 * DAY).clocks == ()


@pytest.mark.parametrize(("wish", "hours", "owed"), [("PT2H", 4, True), ("PT8H", 8, True)])
def test_the_instruments_clock_wins_over_a_shorter_wish_and_a_longer_one_gives_more_time(
    wish, hours, owed
):
    talk, _, _ = opened(reply_by=wish)
    found = clock(talk, START + HOUR)
    assert (found.due, found.owed) == (START + hours * HOUR, owed)


def test_each_of_several_parties_owes_its_own_answer():
    line = Line("ALFA", "BRAVO", "CHARLIE", profile=OWED)
    talk = Talk(line)
    both = ["BRAVO/OPS", "CHARLIE/OPS"]
    case = talk.say(line, "ALFA/OPS", START, "request.open", REQUEST, to=both)
    talk.say(line, "BRAVO/OPS", START + HOUR, "request.decline", {"reason": "safety"}, case=case)
    line.sign(START + 5 * HOUR)

    states = {one.owes: one.state for one in talk.registers(START + 5 * HOUR).clocks}

    assert states == {"BRAVO": "answered", "CHARLIE": "lapsed silent"}


def test_a_party_that_was_not_asked_owes_nothing():
    line = Line("ALFA", "BRAVO", "CHARLIE", profile=OWED)
    talk = Talk(line)
    talk.say(line, "ALFA/OPS", START, "request.open", REQUEST, to=["BRAVO/OPS"])
    assert [one.owes for one in talk.registers(START + HOUR).clocks] == ["BRAVO"]


def test_balances_tell_owed_from_asked_for_and_proved_from_not():
    talk, line, _ = opened()
    talk.say(
        line, "ALFA/OPS", START + 60, "call.request", {"level": "directors", "medium": "voice"}
    )
    line.sign(START + 5 * HOUR)
    (balance,) = talk.registers(START + 5 * HOUR).balances()
    assert (balance.debtor, balance.creditor) == ("BRAVO", "ALFA")
    assert (balance.lapsed, balance.asked_lapsed, balance.proved) == (1, 1, 2)


def test_what_a_proof_says_names_both_entries_and_not_their_places_alone():
    talk, line = two()
    ask = {"subject": {"en": "Buoy"}, "answer_wanted": "reply", "reply_by": "P2D", "text": "Where?"}
    case = talk.say(line, "ALFA/OPS", START, "message.send", ask, to=["BRAVO/OPS"])
    reply = {"text": "At the pier"}
    answer = talk.say(line, "BRAVO/OPS", START + 60, "message.reply", reply, case=case)

    said = clock(talk, START + HOUR, "message.reply_by").proof.sentence
    names = [talk.registers(START + HOUR).name_of(place) for place in (case, answer)]
    assert said["en"] == f"BRAVO answered {names[0]} with {names[1]}."
    assert said["zh"] == f"BRAVO 以 {names[1]} 答复了 {names[0]}。"
    assert {name.split("/")[1] for name in names} == {"ALFA", "BRAVO"}
