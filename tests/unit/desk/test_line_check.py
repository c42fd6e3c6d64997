"""Officers' line checks: answered, missed, waived; a machine never fills a person's place."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

MINUTE, HOUR, DAY = 60, 3600, 86_400
TEN = Profile.make("pier", owed=True, clocks={"line_check.grace": 10 * MINUTE})


def check(talk, line, at, **fields):
    return talk.say(line, "ALFA/OPS", at, "line_check.check", {"kind": "officer", **fields})


def answer(talk, line, case, at, **fields):
    return talk.say(
        line, "BRAVO/OPS", at, "line_check.answer", {"kind": "officer", **fields}, case=case
    )


def row(talk, case, at):
    return talk.registers(at).row("line_checks", case).values


def test_an_answer_within_the_grace_is_no_miss_and_shows_how_long_it_took():
    talk, line = two(TEN)
    case = check(talk, line, START)
    answer(talk, line, case, START + 2 * MINUTE)

    found = row(talk, case, START + HOUR)

    assert (found["state"], found["response"], found["miss_run"]) == ("answered", "PT2M", 0)
    assert found["lapse"] is None


def test_a_check_without_answer_is_missed_only_when_the_grace_is_over():
    talk, line = two(TEN)
    case = check(talk, line, START)
    line.sign(START + 10 * MINUTE - 1)
    before = row(talk, case, START + 10 * MINUTE - 1)["state"]
    line.sign(START + 10 * MINUTE)

    assert before == "asked"
    found = row(talk, case, START + 11 * MINUTE)
    assert (found["state"], found["lapse"], found["owed"]) == ("missed", "silent", True)


def test_misses_in_a_row_are_counted_and_a_check_still_running_does_not_end_the_run():
    talk, line = two(TEN)
    for day in range(3):
        last = check(talk, line, START + day * DAY)
        line.sign(START + day * DAY + HOUR)
    running = check(talk, line, START + 3 * DAY)

    now = START + 3 * DAY + MINUTE
    assert row(talk, last, now)["miss_run"] == 3
    assert row(talk, running, now)["miss_run"] == 3


def test_an_answer_in_time_ends_the_run():
    talk, line = two(TEN)
    check(talk, line, START)
    line.sign(START + HOUR)
    again = check(talk, line, START + DAY)
    answer(talk, line, again, START + DAY + MINUTE)

    assert row(talk, again, START + 2 * DAY)["miss_run"] == 0


def test_a_late_answer_keeps_the_miss_beside_it():
    talk, line = two(TEN)
    case = check(talk, line, START)
    line.sign(START + HOUR)
    answer(talk, line, case, START + 2 * HOUR)

    found = row(talk, case, START + 3 * HOUR)

    assert (found["state"], found["lapsed_first"], found["miss_run"]) == ("answered", True, 1)


def test_a_check_that_never_arrived_is_not_missed_by_the_other_side():
    talk, line = two(TEN)
    line.cut.add((0, 1))
    case = check(talk, line, START)

    assert row(talk, case, START + DAY)["state"] == "asked"
    assert row(talk, case, START + DAY)["miss_run"] == 0


@pytest.mark.parametrize(
    ("after", "made", "expected"),
    [
        (HOUR, None, "scheduled"),
        (13 * HOUR, None, "missed"),
        (13 * HOUR, 12 * HOUR + 5 * MINUTE, "made"),
        (13 * HOUR, 12 * HOUR - 5 * MINUTE, "made"),
        (13 * HOUR, HOUR, "missed"),
        (13 * HOUR, 12 * HOUR + 11 * MINUTE, "missed"),
    ],
)
def test_what_became_of_the_check_announced_as_next(after, made, expected):
    talk, line = two(TEN)
    case = check(talk, line, START, next=rfc3339(START + 12 * HOUR))
    if made is not None:
        check(talk, line, START + made)

    assert row(talk, case, START + after)["next_state"] == expected


def test_a_next_check_waived_in_advance_is_not_missed():
    talk, line = two(TEN)
    case = check(talk, line, START, next=rfc3339(START + 12 * HOUR))
    waiver = {"text": {"en": "No check tonight: storm."}}
    talk.say(line, "BRAVO/OPS", START + HOUR, "line_check.waive", waiver, case=case)

    found = row(talk, case, START + DAY)

    assert found["next_state"] == "waived"
    assert found["state"] == "missed", "waiving the next check answers nothing"


def test_a_check_announced_without_a_next_one_has_none():
    talk, line = two(TEN)
    assert row(talk, check(talk, line, START), START + DAY)["next_state"] is None


def test_a_machine_makes_no_check_and_answers_none():
    talk, line = two(TEN)
    with pytest.raises(InvalidFieldsError, match="heartbeat"):
        check(talk, line, START, kind="machine")
    case = check(talk, line, START)
    with pytest.raises(InvalidFieldsError, match="heartbeat"):
        answer(talk, line, case, START + MINUTE, kind="machine")


def test_an_entry_that_claims_a_machine_answered_stays_in_the_record_and_acts_on_nothing():
    talk, line = two(TEN)
    case = check(talk, line, START)
    line.raw(1, START + MINUTE, kind=101, fields={4: [0, case.index], 32: 1})

    registers = talk.registers(START + 2 * MINUTE)

    assert registers.row("line_checks", case)["state"] == "asked"
    assert registers.irregular[0].code == "machine_check"


def test_test_text_is_at_most_five_hundred_characters():
    talk, line = two(TEN)
    check(talk, line, START, text={"zh": "雾" * 500})
    with pytest.raises(InvalidFieldsError, match="501 characters"):
        check(talk, line, START, text={"zh": "雾" * 501})


def test_only_the_other_side_answers():
    talk, line = two(TEN)
    case = check(talk, line, START)
    with pytest.raises(MoveNotPermittedError, match="addressed"):
        talk.say(line, "ALFA/OPS", START + 1, "line_check.answer", {}, case=case)


def test_checks_of_the_two_sides_have_runs_of_their_own():
    talk, line = two(TEN)
    check(talk, line, START)
    line.sign(START + HOUR)
    theirs = talk.say(line, "BRAVO/OPS", START + 2 * HOUR, "line_check.check", {"kind": "officer"})
    line.sign(START + 3 * HOUR)

    assert row(talk, theirs, START + 4 * HOUR)["miss_run"] == 1
