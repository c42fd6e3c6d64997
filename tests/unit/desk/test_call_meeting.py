"""Calls and meetings: each side signs its own times, and what holds is where they overlap."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

MINUTE, HOUR, DAY = 60, 3600, 86_400
CALL = {"level": {"ours": "ALFA/OPS", "theirs": "BRAVO/OPS"}, "medium": "voice"}


def asked(**more):
    talk, line = two()
    fields = {**CALL, "reply_by": "PT1H", **more}
    return talk, line, talk.say(line, "ALFA/OPS", START, "call.request", fields, to=["BRAVO/OPS"])


def do(talk, line, case, office, at, move, **fields):  # noqa: PLR0917 - reads as it is said
    return talk.say(line, office, START + at, move, fields, case=case)


def call_row(talk, case, at=2 * DAY):
    return talk.registers(START + at).row("calls", case).values


def closed(first, second=None):
    """Both sides note a call, each in its own words."""
    talk, line = two()
    note = {"medium": "voice"}
    case = talk.say(line, "ALFA/OPS", START + DAY, "call.close", note | first, to=["BRAVO/OPS"])
    if second is not None:
        do(talk, line, case, "BRAVO/OPS", DAY + 1, "call.close", **(note | second))
    return call_row(talk, case)


def span(begin, end):
    return {"began": rfc3339(START + begin), "ended": rfc3339(START + end)}


def test_the_length_is_where_both_accounts_overlap():
    row = closed(span(HOUR, 2 * HOUR), span(HOUR + 5 * MINUTE, 2 * HOUR + 9 * MINUTE))
    assert (row["length"], row["both"], row["state"]) == ("PT55M", True, "closed")


def test_accounts_that_do_not_overlap_have_no_length():
    assert closed(span(HOUR, 2 * HOUR), span(3 * HOUR, 4 * HOUR))["length"] is None


def test_one_account_alone_is_shown_as_one_sided():
    row = closed({"began": rfc3339(START), "duration": "PT45M"})
    assert (row["length"], row["both"]) == ("PT45M", False)


def test_a_call_known_only_to_the_day_has_no_length():
    assert closed({"began": "2026-03-01", "ended": "2026-03-01"})["length"] is None


def test_one_call_on_two_local_dates_is_one_call():
    row = closed(
        {"began": "2026-03-01T21:00:00-05:00", "duration": "PT45M"},
        {"began": "2026-03-02T10:00:00+08:00", "duration": "PT45M"},
    )
    assert (row["local_dates"], row["length"]) == (["2026-03-01", "2026-03-02"], "PT45M")


def test_what_ended_before_it_began_is_refused():
    with pytest.raises(InvalidFieldsError, match="not after"):
        closed(span(2 * HOUR, HOUR))


def test_rings_are_attempts_and_no_further_requests():
    talk, line, case = asked()
    for attempt in (1, 2, 3):
        do(talk, line, case, "ALFA/OPS", attempt * MINUTE, "call.ring", attempt=attempt)

    assert call_row(talk, case)["attempts"] == 3
    assert len(talk.registers(START + DAY).rows("calls")) == 1


def test_a_call_nobody_answered_and_one_answered_late():
    talk, line, case = asked()
    line.sign(START + HOUR)
    assert call_row(talk, case, HOUR)["state"] == "unanswered"

    do(talk, line, case, "BRAVO/OPS", 3 * HOUR, "call.accept")
    late = call_row(talk, case, 4 * HOUR)
    assert (late["state"], late["lapsed_first"], late["lapse"]) == ("agreed", True, "silent")


def test_a_connection_of_which_nobody_noted_the_end_was_interrupted():
    talk, line, case = asked()
    do(talk, line, case, "ALFA/OPS", MINUTE, "call.connect", began=rfc3339(START + MINUTE))

    assert call_row(talk, case, 4 * HOUR)["state"] == "connected"
    assert call_row(talk, case, 4 * HOUR + MINUTE)["state"] == "interrupted"

    do(talk, line, case, "BRAVO/OPS", 5 * HOUR, "call.close", medium="voice")
    assert call_row(talk, case, 6 * HOUR)["state"] == "closed"


@pytest.mark.parametrize("when", ["now", [["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]]])
def test_a_call_is_asked_for_now_or_at_times_offered(when):
    talk, _, case = asked(when=when)
    assert talk.registers(START).case(case).steps[0].fields["when"] == when


def test_a_declined_call_says_why():
    talk, line, case = asked()
    with pytest.raises(InvalidFieldsError, match="reason"):
        do(talk, line, case, "BRAVO/OPS", 1, "call.decline")
    do(talk, line, case, "BRAVO/OPS", 1, "call.decline", reason="counterpart")
    assert call_row(talk, case)["state"] == "declined"


def test_a_counter_is_accepted_by_the_other_side_only():
    talk, line, case = asked()
    other = [["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]]
    do(talk, line, case, "BRAVO/OPS", 1, "call.counter", when=other)
    with pytest.raises(MoveNotPermittedError, match="last step"):
        do(talk, line, case, "BRAVO/OPS", 2, "call.accept")
    do(talk, line, case, "ALFA/OPS", 2, "call.accept")
    assert call_row(talk, case)["state"] == "agreed"


@pytest.mark.parametrize(("field", "value"), [("duration", "PT4M"), ("duration", "PT241M")])
def test_a_call_is_asked_for_between_five_minutes_and_four_hours(field, value):
    with pytest.raises(InvalidFieldsError, match=field):
        asked(**{field: value})


PLAN = {
    "title": {"en": "Directors"},
    "venue": "Pier 4",
    "windows": [["2026-03-02T10:00:00Z", "2026-03-02T12:00:00Z"]],
}


def fixed(second=None):
    talk, line = two()
    case = talk.say(line, "ALFA/CHIEF", START, "meeting.fix", PLAN, to=["BRAVO/CHIEF"])
    do(talk, line, case, "BRAVO/CHIEF", HOUR, "meeting.fix", **(PLAN | (second or {})))
    return talk, line, case


def row(talk, case, at):
    return talk.registers(START + at).row("meetings", case).values


def test_a_meeting_is_fixed_when_both_fixed_the_same():
    talk, _, case = fixed()
    assert row(talk, case, 2 * HOUR)["state"] == "fixed"


@pytest.mark.parametrize(
    "other",
    [{"venue": "Pier 5"}, {"windows": [["2026-03-03T10:00:00Z", "2026-03-03T12:00:00Z"]]}],
)
def test_two_sides_that_name_other_terms_have_fixed_nothing(other):
    with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="differs"):
        fixed(other)


def test_after_a_postponement_new_terms_are_fixed_by_both():
    talk, line, case = fixed()
    later = PLAN | {"windows": [["2026-03-09T10:00:00Z", "2026-03-09T12:00:00Z"]]}
    do(talk, line, case, "ALFA/CHIEF", 2 * HOUR, "meeting.postpone", cause={"en": "Fog"})
    do(talk, line, case, "BRAVO/CHIEF", 3 * HOUR, "meeting.fix", **later)
    assert row(talk, case, 4 * HOUR)["state"] == "fixed by one"
    with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="differs"):
        do(talk, line, case, "ALFA/CHIEF", 4 * HOUR, "meeting.fix", **PLAN)
    do(talk, line, case, "ALFA/CHIEF", 4 * HOUR, "meeting.fix", **later)
    assert row(talk, case, 5 * HOUR)["state"] == "fixed"


def test_a_fixed_meeting_nobody_says_was_held_was_not_held_after_the_grace():
    talk, _, case = fixed()
    end = DAY + 12 * HOUR
    assert row(talk, case, end + 48 * HOUR - 1)["state"] == "fixed"
    assert row(talk, case, end + 48 * HOUR)["state"] == "not held"


def test_it_is_held_when_both_say_so_for_as_long_as_both_agree():
    talk, line, case = fixed()
    do(
        talk,
        line,
        case,
        "ALFA/CHIEF",
        2 * DAY,
        "meeting.hold",
        **span(DAY + 10 * HOUR, DAY + 12 * HOUR),
    )
    one = row(talk, case, 2 * DAY)
    theirs = span(DAY + 10 * HOUR + 10 * MINUTE, DAY + 13 * HOUR)
    do(talk, line, case, "BRAVO/CHIEF", 2 * DAY + 1, "meeting.hold", **theirs)

    assert (one["state"], one["both"], one["attended"]) == ("held by one", False, False)
    found = row(talk, case, 9 * DAY)
    assert (found["state"], found["both"], found["length"]) == ("held", True, "PT1H50M")


def test_parts_are_kept_and_the_meal_stays_a_meal():
    talk, line = two()
    parts = [
        {"form": "talks", "began": "2026-03-01T06:30:00Z", "ended": "2026-03-01T12:00:00Z"},
        {"form": "meal", "began": "2026-03-01T12:00:00Z", "ended": "2026-03-01T14:00:00Z"},
    ]
    held = {"began": parts[0]["began"], "ended": parts[1]["ended"], "parts": parts}
    case = talk.say(line, "ALFA/CHIEF", START + DAY, "meeting.hold", held, to=["BRAVO/CHIEF"])
    found = row(talk, case, 2 * DAY)
    assert (found["length"], found["parts"]) == ("PT7H30M", parts)


def test_a_meeting_over_midnight_is_one_meeting():
    talk, line = two()
    held = {"began": "2026-03-01T23:30:00+08:00", "ended": "2026-03-02T00:30:00+08:00"}
    case = talk.say(line, "ALFA/CHIEF", START + DAY, "meeting.hold", held, to=["BRAVO/CHIEF"])
    assert row(talk, case, 2 * DAY)["length"] == "PT1H"


def test_not_attended_and_cancelled_end_it():
    for move, state, fields in (
        ("not_attended", "not attended", {}),
        ("cancel", "cancelled", {"cause": {"en": "Fog"}}),
    ):
        talk, line, case = fixed()
        do(talk, line, case, "ALFA/CHIEF", 2 * DAY, f"meeting.{move}", **fields)
        assert row(talk, case, 9 * DAY)["state"] == state
        with pytest.raises(MoveNotPermittedError, match="not permitted"):
            do(talk, line, case, "BRAVO/CHIEF", 3 * DAY, "meeting.hold", **span(DAY, DAY + HOUR))


def test_postponing_and_cancelling_name_the_cause():
    talk, line, case = fixed()
    for move in ("postpone", "cancel"):
        with pytest.raises(InvalidFieldsError, match="cause"):
            do(talk, line, case, "ALFA/CHIEF", DAY, f"meeting.{move}")


def test_it_was_announced_that_long_before_it_began():
    talk, line, case = fixed({"announced_at": "2026-03-02T09:00:00Z"})
    do(
        talk,
        line,
        case,
        "ALFA/CHIEF",
        2 * DAY,
        "meeting.hold",
        **span(DAY + 10 * HOUR, DAY + 12 * HOUR),
    )
    assert row(talk, case, 3 * DAY)["announced_before"] == "PT1H"
