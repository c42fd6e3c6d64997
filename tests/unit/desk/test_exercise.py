"""Exercises: how long ahead of the beginning the notice was delivered, and what became of it."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile, load
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

HOUR, DAY = 3600, 86_400
WHOLE = {
    "level": "section",
    "strength": {"ships": 2, "men": 30, "tanks": 0},
    "alert": False,
    "live_fire": False,
    "voluntary": True,
    "contact": "BRAVO/OPS",
}


def exercise(begins, ends, **more):
    return {
        "designation": "QUIET ANCHOR",
        "purpose": {"en": "Towing drill"},
        "type": "sea",
        "windows": [[rfc3339(begins), rfc3339(ends)]],
        "area": {"named": "Pier 4"},
        **more,
    }


def notified(begins, ends=None, *, profile=None, at=START, cut=False, **more):
    talk, line = two(profile)
    if cut:
        line.cut.add((0, 1))
    fields = exercise(begins, ends or begins + 2 * HOUR, **more)
    case = talk.say(line, "ALFA/OPS", at, "exercise.notify", fields, to=["BRAVO/OPS"])
    return talk, line, case


def row(talk, case, at):
    return talk.registers(at).row("exercises", case).values


@pytest.mark.parametrize(
    ("sent", "begins", "days", "timely"),
    [
        (START + 23 * HOUR, START + 42 * DAY + HOUR, 42, True),
        (START + 23 * HOUR, START + 41 * DAY + 23 * HOUR, 41, False),
        (START, START + 42 * DAY, 42, True),
        (START, START + 41 * DAY + 86_399, 41, False),
    ],
)
def test_a_lead_in_days_counts_utc_days_from_the_day_of_delivery(sent, begins, days, timely):
    talk, _, case = notified(begins, profile=load("vd2011"), at=sent)
    found = row(talk, case, begins)
    assert (found["lead_days"], found["timely"]) == (days, timely)


@pytest.mark.parametrize(("ahead", "timely"), [(6 * HOUR, True), (6 * HOUR - 1, False)])
def test_a_lead_in_hours_counts_hours(ahead, timely):
    pier = Profile.make("pier", owed=True, clocks={"exercise.lead": 6 * HOUR})
    talk, _, case = notified(START + ahead, profile=pier)
    assert row(talk, case, START + DAY)["timely"] is timely


def test_the_lead_is_counted_from_delivery_and_not_from_sending():
    talk, line, case = notified(START + 42 * DAY, profile=load("vd2011"), cut=True)
    assert row(talk, case, START + DAY)["timely"] is None
    line.cut.clear()
    line.exchange(START + DAY)
    line.sign(START + DAY)
    assert row(talk, case, START + 2 * DAY)["timely"] is False


def test_a_lead_over_the_end_of_february_in_a_leap_year():
    talk, line = two(load("incsea1972"))
    at, begins = 1_835_308_800, 1_835_308_800 + 3 * DAY  # 2028-02-28 to 2028-03-02
    fields = exercise(begins, begins + HOUR)
    case = talk.say(line, "ALFA/OPS", at, "exercise.notify", fields, to=["BRAVO/OPS"])
    assert rfc3339(begins) == "2028-03-02T00:00:00Z"
    assert row(talk, case, begins)["timely"] is True


def test_without_a_known_lead_nobody_is_late():
    talk, _, case = notified(START - DAY)
    found = row(talk, case, START + DAY)
    assert (found["timely"], found["lead_days"]) == (None, -1)


@pytest.mark.parametrize(("begins", "timely"), [(START, True), (START - 60, False)])
def test_what_troops_are_not_told_before_is_notified_when_it_begins(begins, timely):
    talk, _, case = notified(begins, profile=load("vd2011"), **{**WHOLE, "alert": True})
    assert row(talk, case, START + DAY)["timely"] is timely


def test_a_notice_is_complete_when_nothing_is_blank_and_zero_is_not_blank():
    talk, _, case = notified(START + DAY, **WHOLE)
    assert (row(talk, case, START)["complete"], row(talk, case, START)["missing"]) == (True, [])
    talk, _, case = notified(START + DAY)
    assert row(talk, case, START)["missing"] == sorted(
        WHOLE, key=("level", "strength", "alert", "live_fire", "voluntary", "contact").index
    )


def test_live_fire_needs_the_public_warnings():
    talk, _, case = notified(START + DAY, **{**WHOLE, "live_fire": True})
    assert row(talk, case, START)["missing"] == ["nav_refs"]


def test_a_day_after_the_last_window_without_a_word_nothing_was_declared():
    talk, _, case = notified(START + DAY, START + DAY + HOUR)
    assert row(talk, case, START + 2 * DAY + HOUR - 1)["outcome"] is None
    assert row(talk, case, START + 2 * DAY + HOUR)["outcome"] == "not declared"


@pytest.mark.parametrize(
    ("moves", "state"),
    [
        (("begin", "end"), "over"),
        (("end",), "over"),
        (("cancel",), "cancelled"),
        (("not_held",), "not held"),
    ],
)
def test_the_notifier_declares_what_became_of_it(moves, state):
    talk, line, case = notified(START + DAY, START + 2 * DAY)
    for step, move in enumerate(moves):
        talk.say(line, "ALFA/OPS", START + DAY + step, f"exercise.{move}", {}, case=case)
    found = row(talk, case, START + 3 * DAY)
    assert (found["state"], found["outcome"]) == (state, "declared")


def test_the_other_side_declares_nothing_but_may_state_what_it_saw():
    talk, line, case = notified(START + DAY)
    for move in ("begin", "end", "cancel", "not_held"):
        with pytest.raises(MoveNotPermittedError, match="opened the case"):
            talk.say(line, "BRAVO/OPS", START + 1, f"exercise.{move}", {}, case=case)
    seen = {"text": {"en": "Ships still there after the end"}}
    talk.say(line, "BRAVO/OPS", START + 5 * DAY, "exercise.observe", seen, case=case)
    assert row(talk, case, START + 6 * DAY)["state"] == "notified"


def test_what_is_over_cannot_be_cancelled():
    talk, line, case = notified(START + DAY, START + 2 * DAY)
    with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="already passed"):
        talk.say(line, "ALFA/OPS", START + 2 * DAY, "exercise.cancel", {}, case=case)
    talk.say(line, "ALFA/OPS", START + 2 * DAY - 1, "exercise.cancel", {}, case=case)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("designation", "x" * 121),
        ("purpose", {"en": "x" * 1001}),
        ("type", "moon"),
        ("windows", []),
        ("strength", {"men": -1}),
        ("strength", {"soldiers": 30}),
        ("area", {"name": "1"}),
        ("alert", "perhaps"),
    ],
)
def test_a_field_out_of_bounds_is_named(field, value):
    with pytest.raises(InvalidFieldsError, match=field):
        notified(START + DAY, **{field: value})


def test_categories_of_strength_are_never_folded_together():
    talk, _line, case = notified(START + DAY, **WHOLE)
    step = talk.registers(START).case(case).steps[0]
    assert step.fields["strength"] == {"ships": 2, "men": 30, "tanks": 0}


def test_a_change_of_the_times_holds_and_its_lead_is_counted_from_the_change():
    talk, line, case = notified(START + 50 * DAY, profile=load("vd2011"))
    assert row(talk, case, START)["notice"] == "on time"
    later = {"windows": [[rfc3339(START + 60 * DAY), rfc3339(START + 61 * DAY)]]}
    talk.say(line, "ALFA/OPS", START + 20 * DAY, "exercise.postpone", later, case=case)
    found = row(talk, case, START + 20 * DAY)
    assert (found["timely"], found["short_by"], found["versions"]) == (False, "PT48H", 2)
    with pytest.raises(InvalidFieldsError, match="One of these"):
        talk.say(line, "ALFA/OPS", START + 21 * DAY, "exercise.change", {}, case=case)


def test_what_is_over_is_reported_on_afterwards_by_who_notified():
    talk, line, case = notified(START + DAY)
    talk.say(line, "ALFA/OPS", START + 2 * DAY, "exercise.end", case=case)
    report = {"text": {"en": "Over, all home"}}
    with pytest.raises(MoveNotPermittedError):
        talk.say(line, "BRAVO/OPS", START + 3 * DAY, "exercise.report", report, case=case)
    talk.say(line, "ALFA/OPS", START + 3 * DAY, "exercise.report", report, case=case)
    assert row(talk, case, START + 4 * DAY)["state"] == "reported"


@pytest.mark.parametrize(
    ("ended", "outside"),
    [(2 * HOUR, False), (2 * HOUR + 1, True), (DAY, True)],
)
def test_an_exercise_that_goes_on_past_the_announced_time_says_so(ended, outside):
    talk, line, case = notified(START + 3 * DAY)
    assert row(talk, case, START + 3 * DAY)["outside_window"] is None
    said = {"ended": rfc3339(START + 3 * DAY + ended)}
    talk.say(line, "ALFA/OPS", START + 5 * DAY, "exercise.end", said, case=case)
    assert row(talk, case, START + 5 * DAY)["outside_window"] is outside


def test_a_whole_day_is_outside_only_where_all_of_it_is():
    talk, line, case = notified(START + 3 * DAY)
    day = rfc3339(START + 3 * DAY)[:10]
    talk.say(line, "ALFA/OPS", START + 3 * DAY, "exercise.begin", {"began": day}, case=case)
    assert row(talk, case, START + 4 * DAY)["outside_window"] is False
    later = {"ended": rfc3339(START + 4 * DAY)[:10]}
    talk.say(line, "ALFA/OPS", START + 5 * DAY, "exercise.end", later, case=case)
    assert row(talk, case, START + 5 * DAY)["outside_window"] is True
