"""Channels: each party declares for itself; dates end what they were set for; use is observed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.instants import Instant, rfc3339
from parley.desk.desk import registers
from parley.desk.profiles import Profile
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Line, Talk, two

HOUR, DAY = 3600, 86_400
CAUSE = {"cause": {"en": "Storm damage"}}
SUSPEND = {**CAUSE, "until": "open", "what_stays": []}


def say(talk, line, office, at, move, fields):  # noqa: PLR0917 - reads as it is said
    return talk.say(line, office, at, f"channel.{move}", fields)


def held(talk, at, party="BRAVO"):
    return talk.registers(at).row("channels", "OPS", party).values


def used(talk, line, at):
    call = {"medium": "voice", "began": rfc3339(at - 600), "ended": rfc3339(at)}
    return talk.say(line, "ALFA/OPS", at, "call.close", call, to=["BRAVO/OPS"])


def test_a_channel_about_which_nothing_was_said_is_open_on_both_sides():
    talk, _ = two()
    for party in ("ALFA", "BRAVO"):
        found = held(talk, START + DAY, party)
        assert (found["declared"], found["declared_at"]) == ("open", None)


def test_one_side_may_hold_it_suspended_while_the_other_holds_it_open():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", SUSPEND)

    assert held(talk, START + DAY)["declared"] == "suspended"
    assert held(talk, START + DAY, "ALFA")["declared"] == "open"


def test_two_suspensions_that_cross_are_both_declared():
    talk, line = two()
    line.cut |= {(0, 1), (1, 0)}
    say(talk, line, "ALFA/OPS", START + HOUR, "suspend", SUSPEND)
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", SUSPEND)
    line.cut.clear()
    line.exchange(START + 2 * HOUR)

    assert {held(talk, START + DAY, p)["declared"] for p in ("ALFA", "BRAVO")} == {"suspended"}
    assert not talk.registers(START + DAY).irregular


def test_a_suspension_until_a_date_ends_with_that_date_in_utc():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", {**SUSPEND, "until": "2026-03-05"})

    assert held(talk, START + 4 * DAY - 1)["declared"] == "suspended"
    assert held(talk, START + 4 * DAY)["declared"] == "open"


def test_a_suspension_until_an_event_ends_with_no_date():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", {**SUSPEND, "until": "the inquiry ends"})
    assert held(talk, START + 900 * DAY)["declared"] == "suspended"


@pytest.mark.parametrize("until", ["2026-03-05T10:00", "2026-03-05T10:00:00", "2026-02-30"])
def test_until_without_a_zone_or_on_no_day_is_refused_and_not_taken_for_an_event(until):
    talk, line = two()
    with pytest.raises(InvalidFieldsError, match="until"):
        say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", {**SUSPEND, "until": until})


def test_a_part_can_be_suspended_and_resumed_without_the_rest():
    talk, line = two()
    for place, part in enumerate(("article 1", "article 3")):
        act = {**SUSPEND, "scope": [part], "what_stays": ["rescue"]}
        say(talk, line, "BRAVO/OPS", START + HOUR + place, "suspend", act)
    assert held(talk, START + DAY)["scope"] == ["article 1", "article 3"]

    say(talk, line, "BRAVO/OPS", START + 2 * HOUR, "resume", {"scope": ["article 1"]})
    found = held(talk, START + DAY)
    assert (found["declared"], found["scope"]) == ("suspended", ["article 3"])

    say(talk, line, "BRAVO/OPS", START + 3 * HOUR, "resume", {"scope": ["article 3"]})
    assert held(talk, START + DAY)["declared"] == "open"


def test_parts_end_each_with_their_own_date():
    talk, line = two()
    for part, until in (("article 1", "2026-03-03"), ("article 3", "2026-03-09")):
        act = {**SUSPEND, "scope": [part], "until": until}
        say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", act)

    assert held(talk, START + 4 * DAY)["scope"] == ["article 3"]
    assert held(talk, START + 9 * DAY)["declared"] == "open"


def test_resuming_without_a_part_resumes_the_whole():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", {**SUSPEND, "scope": ["article 1"]})
    say(talk, line, "BRAVO/OPS", START + 2 * HOUR, "resume", {})
    assert held(talk, START + DAY)["declared"] == "open"


def test_what_is_open_cannot_be_resumed():
    talk, line = two()
    with pytest.raises(MoveNotPermittedError, match="open"):
        say(talk, line, "BRAVO/OPS", START + HOUR, "resume", {})


def test_suspending_says_what_stays_even_if_that_is_nothing():
    talk, line = two()
    with pytest.raises(InvalidFieldsError, match="what_stays"):
        say(talk, line, "BRAVO/OPS", START, "suspend", {**CAUSE, "until": "open"})


def test_a_cancelled_session_leaves_the_channel_open_and_a_cancelled_series_is_its_own_state():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + 1, "cancel_session", {**CAUSE, "scope": "talks of May"})
    assert held(talk, START + DAY)["declared"] == "open"

    say(talk, line, "BRAVO/OPS", START + 2, "cancel_session", {**CAUSE, "scope": "series"})
    assert held(talk, START + DAY)["declared"] == "cancelled"


def test_cancelling_a_session_does_not_undo_a_suspension():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", SUSPEND)
    for scope in ("talks of May", "series"):
        with pytest.raises(MoveNotPermittedError):
            cancelled = {**CAUSE, "scope": scope}
            say(talk, line, "BRAVO/OPS", START + 2 * HOUR, "cancel_session", cancelled)
    assert held(talk, START + DAY)["declared"] == "suspended"


def test_notice_to_end_runs_from_its_delivery():
    talk, line = two()
    line.cut.add((1, 0))
    say(talk, line, "BRAVO/OPS", START + HOUR, "terminate", {**CAUSE, "notice": "P10D"})
    assert held(talk, START + 30 * DAY)["declared"] == "ending"

    line.cut.clear()
    line.exchange(START + 30 * DAY)
    line.sign(START + 30 * DAY)
    assert held(talk, START + 40 * DAY - 1)["declared"] == "ending"
    assert held(talk, START + 40 * DAY)["declared"] == "ended"
    assert held(talk, START + 40 * DAY)["until"] == rfc3339(START + 40 * DAY)


def test_the_profiles_notice_wins_over_a_shorter_one():
    talk, line = two(Profile.make("old", owed=True, clocks={"channel.notice": 183 * DAY}))
    say(talk, line, "BRAVO/OPS", START, "terminate", {**CAUSE, "notice": "P10D"})

    assert held(talk, START + 100 * DAY)["declared"] == "ending"
    assert held(talk, START + 183 * DAY)["declared"] == "ended"


def test_notice_taken_back_before_its_end_leaves_it_open():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START, "terminate", {**CAUSE, "notice": "P10D"})
    say(talk, line, "BRAVO/OPS", START + DAY, "resume", {})
    assert held(talk, START + 90 * DAY)["declared"] == "open"


def ending(at):
    line = Line("ALFA", "BRAVO")
    line.charter = replace(line.charter, ends_at=at)
    line.statements = [replace(s, channel=line.charter.channel_id) for s in line.statements]
    return Talk(line), line


def test_a_channel_expires_at_its_second_in_utc_whatever_was_declared():
    talk, line = ending(START + 10 * DAY)
    assert held(talk, START + 10 * DAY - 1)["declared"] == "open"
    assert held(talk, START + 10 * DAY)["declared"] == "expired"
    say(talk, line, "BRAVO/OPS", START + DAY, "suspend", SUSPEND)
    assert held(talk, START + 10 * DAY)["declared"] == "expired"


@pytest.mark.parametrize("second", ["2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"])
def test_only_both_sides_with_one_date_renew_it(second):
    talk, line = ending(START + 10 * DAY)
    first = {"expiry": "2026-09-01T00:00:00Z"}
    case = talk.say(line, "ALFA/OPS", START + DAY, "channel.renew", first)
    assert held(talk, START + 11 * DAY)["declared"] == "expired"

    talk.say(line, "BRAVO/OPS", START + 2 * DAY, "channel.renew", {"expiry": second}, case=case)

    agreed = second == first["expiry"]
    assert held(talk, START + 11 * DAY)["declared"] == ("open" if agreed else "expired")


def test_what_is_observed_never_changes_what_is_declared():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START + HOUR, "suspend", SUSPEND)
    used(talk, line, START + DAY)

    found = held(talk, START + 2 * DAY)
    assert (found["declared"], found["last_use"]) == ("suspended", "2026-03-02")


@pytest.mark.parametrize(
    ("acts", "observed"),
    [
        ((), "never used"),
        (("use",), "in use"),
        (("use", "suspend"), "idle"),
        (("use", "suspend", "resume"), "resumed, unused"),
        (("use", "suspend", "resume", "use"), "in use"),
        (("use", "ask"), "silent though open"),
    ],
)
def test_what_the_record_shows_of_its_use(acts, observed):
    talk, line = two(Profile.make("pier", owed=True, clocks={"request.reply_by": HOUR}))
    for place, act in enumerate(acts, 1):
        at = START + place * DAY
        if act == "use":
            used(talk, line, at)
        elif act == "ask":
            ask = {"form": "call", "level": "directors", "topics": ["Nets"]}
            talk.say(line, "ALFA/OPS", at, "request.open", ask, to=["BRAVO/OPS"])
            line.sign(at + 2 * HOUR)
        else:
            say(talk, line, "BRAVO/OPS", at, act, SUSPEND if act == "suspend" else {})

    assert held(talk, START + 20 * DAY)["observed"] == observed


def test_the_days_between_acts_and_uses():
    talk, line = two()
    used(talk, line, START + 2 * DAY)
    used(talk, line, START + 9 * DAY)
    say(talk, line, "BRAVO/OPS", START + 12 * DAY, "suspend", SUSPEND)
    say(talk, line, "BRAVO/OPS", START + 40 * DAY, "resume", {})
    used(talk, line, START + 45 * DAY)

    found = held(talk, START + 50 * DAY)

    assert found["longest_gap_days"] == 36
    assert found["days_use_to_suspension"] == 3
    assert found["days_resume_to_use"] == 5
    assert found["days_ended_to_use"] is None
    assert found["first_use_since"] == "2026-04-15"
    assert found["days"] == 5


def test_a_use_after_the_notice_ran_out_is_counted_from_the_end():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START, "terminate", {**CAUSE, "notice": "P10D"})
    used(talk, line, START + 17 * DAY)
    assert held(talk, START + 20 * DAY)["days_ended_to_use"] == 7


def test_a_new_channel_that_succeeds_another_is_not_merged_with_it():
    old, new = Line("ALFA", "BRAVO", code="OLD"), Line("ALFA", "BRAVO", code="NEW")
    talk = Talk(old, new)
    plan = {"name": "NEW", "scope": ["all"], "succeeds": "OLD"}
    case = talk.say(old, "ALFA/OPS", START + 1, "channel.propose", plan, to=["BRAVO/OPS"])
    talk.say(old, "BRAVO/OPS", START + 2, "channel.accept", {}, case=case)
    used(talk, old, START + DAY)

    found = talk.registers(START + 2 * DAY)

    assert found.row("channels", "NEW", "ALFA")["succeeds"] == "OLD"
    assert found.row("channels", "OLD", "ALFA")["succeeds"] is None
    assert found.row("channels", "NEW", "ALFA")["last_use"] is None


def test_the_proposer_does_not_accept_its_own_channel():
    talk, line = two()
    case = say(talk, line, "ALFA/OPS", START, "propose", {"name": "Pier", "scope": ["all"]})
    with pytest.raises(MoveNotPermittedError, match="addressed"):
        talk.say(line, "ALFA/OPS", START + 1, "channel.accept", {}, case=case)
    with pytest.raises(InvalidFieldsError, match="reason"):
        talk.say(line, "BRAVO/OPS", START + 1, "channel.decline", {}, case=case)


def test_a_closed_channel_takes_no_further_act():
    talk, line = two()
    say(talk, line, "BRAVO/OPS", START, "close", {})
    with pytest.raises(MoveNotPermittedError):
        say(talk, line, "BRAVO/OPS", START + 1, "suspend", SUSPEND)
    assert held(talk, START + DAY)["declared"] == "closed"


def test_an_act_of_an_exercise_never_moves_the_live_state():
    talk, line = two()
    talk.say(line, "BRAVO/OPS", START, "channel.suspend", SUSPEND, marking="EXERCISE")
    found = registers([line.view], Instant(START + DAY))
    rows = {(r.marking, r.party): r["declared"] for r in found.rows("channels")}
    assert rows["EXERCISE", "BRAVO"] == "suspended"
    assert rows.get(("LIVE", "BRAVO"), "open") == "open"
