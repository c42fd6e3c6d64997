"""Fates of a request: every way it can end, and every lapse kept by what comes after."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.procedures.request import REQUEST as DECLARED
from parley.desk.profiles import Profile
from parley.desk.reasons import REASONS
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import REQUEST, START, two

HOUR, DAY = 3600, 86_400
OWED = Profile.make("pier", owed=True, clocks={"request.reply_by": 4 * HOUR})


def opened(**fields):
    talk, line = two(OWED)
    case = talk.say(line, "ALFA/CHIEF", START, "request.open", REQUEST | fields, to=["BRAVO/CHIEF"])
    return talk, line, case


def do(talk, line, case, office, at, move, /, **fields):  # noqa: PLR0917 - reads as it is said
    return talk.say(line, f"{office}/CHIEF", START + at, f"request.{move}", fields, case=case)


def row(talk, case, at=40 * DAY):
    return talk.registers(START + at).row("requests", case).values


def test_an_answer_put_off_is_pending_again_from_its_date_with_a_clock_of_its_own():
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "defer", until=rfc3339(START + 10 * DAY))

    assert row(talk, case, 9 * DAY)["state"] == "deferred"
    again = row(talk, case, 10 * DAY)
    assert (again["state"], again["due"]) == ("pending", rfc3339(START + 10 * DAY + 4 * HOUR))

    line.sign(START + 10 * DAY + 4 * HOUR)
    late = row(talk, case, 11 * DAY)
    assert (late["state"], late["fate"], late["lapse"]) == ("lapsed", "lapsed", "silent")
    assert late["owed"] is True


def test_an_answer_in_time_after_being_put_off_is_no_lapse_and_a_later_one_keeps_it():
    for at, first in ((10 * DAY + HOUR, False), (11 * DAY, True)):
        talk, line, case = opened()
        do(talk, line, case, "BRAVO", HOUR, "defer", until=rfc3339(START + 10 * DAY))
        if first:
            line.sign(START + 10 * DAY + 5 * HOUR)
        do(talk, line, case, "BRAVO", at, "decline", reason="no-reason")
        assert row(talk, case)["lapsed_first"] is first


def test_put_off_until_an_event_runs_no_clock_before_the_asker_says_that_it_came():
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "defer", until="a new minister is named")
    line.sign(START + 20 * DAY)
    assert (row(talk, case, 20 * DAY)["state"], row(talk, case, 20 * DAY)["lapse"]) == (
        "deferred",
        None,
    )

    with pytest.raises(MoveNotPermittedError, match="opened the case"):
        do(talk, line, case, "BRAVO", 20 * DAY, "event_came")
    do(talk, line, case, "ALFA", 20 * DAY, "event_came")
    assert row(talk, case, 20 * DAY)["state"] == "pending"
    line.sign(START + 20 * DAY + 4 * HOUR)
    found = row(talk, case, 21 * DAY)
    assert (found["state"], found["lapse"]) == ("lapsed", "silent")


@pytest.mark.parametrize("until", ["2026-02-28", "2026-03-05T10:00", "2026-02-30"])
def test_an_answer_is_not_put_off_into_the_past_or_to_no_time_at_all(until):
    talk, line, case = opened()
    with pytest.raises(InvalidFieldsError, match="until"):
        do(talk, line, case, "BRAVO", HOUR, "defer", until=until)


def test_a_lapse_answered_by_a_counter_is_kept_when_the_counter_is_accepted():
    talk, line, case = opened()
    line.sign(START + 5 * HOUR)
    do(talk, line, case, "BRAVO", 6 * HOUR, "counter", form="letters")
    do(talk, line, case, "ALFA", 7 * HOUR, "accept")

    found = row(talk, case, 8 * HOUR)

    assert (found["state"], found["lapsed_first"], found["lapse"]) == ("accepted", True, "silent")


def test_a_counter_left_without_answer_lapses_against_the_asker():
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "counter", form="letters")
    line.sign(START + 9 * HOUR)

    assert row(talk, case, 9 * HOUR)["state"] == "lapsed"
    assert talk.registers(START + 9 * HOUR).balances()[0].debtor == "ALFA"


def test_dark_turns_into_silent_when_a_later_signature_proves_it():
    talk, line, case = opened()
    assert row(talk, case, 5 * HOUR)["lapse"] == "dark"
    line.sign(START + 6 * HOUR, 1)
    assert row(talk, case, 6 * HOUR)["lapse"] == "silent"


def test_in_principle_needs_a_date_for_the_details_at_most_ninety_days_ahead():
    talk, line, case = opened()
    for ahead in (-DAY, 91 * DAY):
        with pytest.raises(InvalidFieldsError, match="to_be_set_by"):
            set_by = rfc3339(START + ahead)
            do(talk, line, case, "BRAVO", HOUR, "accept_in_principle", to_be_set_by=set_by)
    do(
        talk,
        line,
        case,
        "BRAVO",
        HOUR,
        "accept_in_principle",
        to_be_set_by=rfc3339(START + 9 * DAY),
    )

    line.sign(START + 9 * DAY)
    assert row(talk, case, 10 * DAY)["state"] == "lapsed after principle"
    do(talk, line, case, "BRAVO", 11 * DAY, "accept", time=rfc3339(START + 20 * DAY))
    found = row(talk, case, 12 * DAY)
    assert (found["state"], found["lapsed_first"]) == ("accepted", True)


@pytest.mark.parametrize(
    ("move", "fields", "state", "fate"),
    [
        ("decline", {"reason": "counterpart", "office": "BRAVO/OPS"}, "declined", "declined"),
        ("refer", {"office": "BRAVO/OPS"}, "referred", "referred"),
        ("refer", {"channel": "MINISTERS"}, "referred", "referred"),
        ("not_under", {"mechanism": "none"}, "not under", "declined"),
    ],
)
def test_an_answer_that_ends_it_is_final(move, fields, state, fate):
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, move, **fields)
    assert (row(talk, case)["state"], row(talk, case)["fate"]) == (state, fate)
    for party, later in (("BRAVO", "accept"), ("ALFA", "withdraw")):
        with pytest.raises(MoveNotPermittedError, match="not permitted"):
            do(talk, line, case, party, 2 * HOUR, later)


@pytest.mark.parametrize(
    ("move", "fields", "missing"),
    [
        ("refer", {}, "office, channel"),
        ("not_under", {}, "mechanism"),
        ("decline", {}, "reason"),
        ("accept_in_principle", {}, "to_be_set_by"),
        ("defer", {}, "until"),
        ("overtaken", {}, "event"),
    ],
)
def test_an_answer_says_what_it_must(move, fields, missing):
    talk, line, case = opened()
    with pytest.raises(InvalidFieldsError, match=missing):
        do(talk, line, case, "BRAVO", HOUR, move, **fields)


@pytest.mark.parametrize("reason", REASONS.codes)
def test_every_coded_reason_can_be_given_and_is_shown(reason):
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "decline", reason=reason)
    assert row(talk, case)["reason"] == reason


def test_a_reason_carries_what_belongs_to_it():
    name = "OPS/ALFA/1"
    for fields in (
        {"reason": "authority", "until": "2026-09-01"},
        {"reason": "not-this-mechanism", "mechanism": "mmca1998"},
        {"reason": "other-channel", "channel": "MINISTERS"},
        {"reason": "duplicate", "duplicate_of": name},
        {"reason": "linkage", "act": {"en": "The visit"}, "date": "2026-02-02"},
    ):
        talk, line, case = opened()
        do(talk, line, case, "BRAVO", HOUR, "decline", **fields)
        assert not talk.registers(START + DAY).irregular


def test_only_before_it_is_accepted_can_it_be_withdrawn():
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "accept", time=rfc3339(START + DAY))
    with pytest.raises(MoveNotPermittedError, match="not permitted"):
        do(talk, line, case, "ALFA", 2 * HOUR, "withdraw")


def test_withdrawn_is_no_lapse():
    talk, line, case = opened()
    do(talk, line, case, "ALFA", HOUR, "withdraw")
    line.sign(START + 9 * HOUR)
    found = row(talk, case)
    assert (found["fate"], found["lapse"], found["lapsed_first"]) == ("withdrawn", None, False)


def test_a_counter_put_forward_by_the_other_side_is_not_put_off_by_the_asker():
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "counter", form="letters")
    with pytest.raises(MoveNotPermittedError):
        do(talk, line, case, "ALFA", 2 * HOUR, "defer", until="2026-05-01")


@pytest.mark.parametrize("time", [rfc3339(START + 2 * DAY), "2026-03-03"])
def test_agreed_and_not_held_two_days_after_its_time(time):
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "accept", time=time)
    end = 3 * DAY - 1 if time == "2026-03-03" else 2 * DAY
    assert row(talk, case, end + 2 * DAY - 1)["state"] == "accepted"
    assert row(talk, case, end + 2 * DAY)["state"] == "not held"


def test_a_day_that_is_accepted_is_never_taken_for_its_midnight():
    offered = [["2026-03-03T10:00:00Z", "2026-03-03T12:00:00Z"]]
    talk, line, case = opened(windows=offered)
    do(talk, line, case, "BRAVO", HOUR, "accept", time="2026-03-03")
    assert row(talk, case, DAY)["state"] == "accepted"


@pytest.mark.parametrize("answer", [None, ("counter", {"form": "letters"})])
def test_a_meeting_that_both_held_meets_it_even_if_nobody_accepted(answer):
    talk, line, case = opened()
    if answer:
        do(talk, line, case, "BRAVO", HOUR, answer[0], **answer[1])
    name = talk.registers(START + HOUR).name_of(case)
    held = {
        "began": rfc3339(START + DAY), "ended": rfc3339(START + DAY + HOUR), "request": name,
    }  # fmt: skip
    meeting = talk.say(
        line, "ALFA/CHIEF", START + 2 * DAY, "meeting.hold", held, to=["BRAVO/CHIEF"]
    )
    assert row(talk, case, 2 * DAY)["state"] == "held by one"
    talk.say(line, "BRAVO/CHIEF", START + 2 * DAY, "meeting.hold", held, case=meeting)
    assert (row(talk, case)["state"], row(talk, case)["fate"]) == ("held", "met")


def test_a_request_referred_elsewhere_is_linked_to_the_one_that_follows():
    talk, line, case = opened()
    do(talk, line, case, "BRAVO", HOUR, "refer", office="BRAVO/OPS")
    name = talk.registers(START + HOUR).name_of(case)
    again = talk.say(line, "ALFA/CHIEF", START + DAY, "request.open",
                     REQUEST | {"referred_from": name}, to=["BRAVO/OPS"])  # fmt: skip
    found = talk.registers(START + DAY)
    assert row(talk, case, DAY)["followed_by"] == found.name_of(again)


def test_overtaken_cites_the_entry_that_shows_it():
    talk, line, case = opened()
    note = {"number": "3", "text": {"en": "The office is vacant"}}
    told = talk.say(line, "BRAVO/OPS", START + 60, "note.send", note, to=["ALFA/OPS"])
    name = talk.registers(START + HOUR).name_of(told)
    do(talk, line, case, "BRAVO", HOUR, "overtaken", event=name)
    assert row(talk, case)["fate"] == "overtaken"


def test_times_offered_are_not_over_already():
    with pytest.raises(InvalidFieldsError, match="already passed"):
        opened(windows=[["2026-02-01T10:00:00Z", "2026-02-01T12:00:00Z"]])
    opened(windows=["2026-03-01"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("topics", []),
        ("topics", [{"en": "x" * 201}]),
        ("topics", [{"en": "x"}] * 21),
        ("form", "duel"),
        ("windows", [["2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z"]] * 11),
        ("place", "x" * 121),
        ("reply_by", "P400D"),
        ("reply_by", "2026-03-05T10:00:00"),
        ("may_publish", "all"),
        ("level", {}),
    ],
)
def test_a_request_out_of_bounds_names_the_field(field, value):
    with pytest.raises(InvalidFieldsError, match=field):
        opened(**{field: value})


def test_each_side_says_for_itself_what_may_be_made_public():
    talk, line, case = opened(may_publish="fact")
    do(talk, line, case, "BRAVO", HOUR, "decline", reason="no-reason", may_publish="none")
    said = [step.fields["may_publish"] for step in talk.registers(START + DAY).case(case).steps]
    assert said == ["fact", "none"]


def test_every_final_state_has_a_fate_and_every_open_one_is_open():
    finals = {state.name for state in DECLARED.states if state.final}
    assert finals == {"declined", "referred", "not under", "withdrawn", "overtaken"}


def test_an_exercise_request_never_reaches_the_live_balance():
    talk, line = two(OWED)
    talk.say(
        line, "ALFA/CHIEF", START, "request.open", REQUEST, to=["BRAVO/CHIEF"], marking="EXERCISE"
    )
    line.sign(START + 5 * HOUR)
    assert talk.registers(START + 5 * HOUR).balances(marking="LIVE") == ()
