"""What is due: one list from clocks, cases, profiles and charters; and the file of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from parley.core.instants import Instant, parse_instant
from parley.desk.calendar import ENDING_WARNINGS, FIXED_WARNINGS, Calendar, Due, card_ends
from parley.desk.profiles import Profile, load, of_basis, read
from parley.desk.published.agenda import write_agenda
from parley.desk.published.ical import read_ical
from parley.errors import UsageError
from support.desk_talk import REQUEST, START, Line, Pair, Talk

DAY, HOUR = 86_400, 3_600
YEAR = 366 * DAY


def due(talk, at, *, days=366, calendar=None):
    return (calendar or Calendar()).all(talk.registers(at), until=at + days * DAY)


def only(found, kind):
    return [one for one in found if one.kind == kind]


def test_a_running_clock_is_due_for_whoever_owes_the_answer_and_stays_until_answered():
    pair = Pair(Profile.make("pier", owed=True, clocks={"request.reply_by": 10 * HOUR}))
    case = pair.say("ALFA/OPS", START, "request.open", REQUEST)
    calendar = Calendar()

    (clock,) = due(pair.talk, START + HOUR, calendar=calendar)
    assert (clock.kind, clock.owed_by, clock.owed, clock.at) == (
        "clock", "BRAVO", True, START + 10 * HOUR,
    )  # fmt: skip
    assert (clock.case, clock.source) == (pair.registers(START).case(case).number, "profile pier")
    # The warning comes before the time: a tenth of it is left.
    assert clock.state(START + 9 * HOUR - 1) == "ahead"
    assert clock.state(START + 9 * HOUR) == "near"
    assert clock.state(START + 10 * HOUR) == "overdue"

    (late,) = due(pair.talk, START + 400 * DAY, calendar=calendar)
    assert (late.uid, late.state(START + 400 * DAY)) == (clock.uid, "overdue")

    pair.say("BRAVO/OPS", START + 400 * DAY, "request.decline", {"reason": "no-reason"}, case=case)
    assert not only(due(pair.talk, START + 400 * DAY + 1, calendar=calendar), "clock")


def test_the_list_is_the_same_from_nothing_as_from_what_was_kept():
    pair, calendar = Pair(), Calendar()
    for hour in range(4):
        at = START + hour * HOUR
        offered = [["2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"]]
        case = pair.say("ALFA/OPS", at, "request.open", REQUEST | {"windows": offered})
        assert due(pair.talk, at, calendar=calendar) == due(Talk(pair.line), at)
        pair.say("BRAVO/OPS", at + 60, "request.decline", {"reason": "no-reason"}, case=case)
        assert due(pair.talk, at + 61, calendar=calendar) == due(Talk(pair.line), at + 61)


def test_times_that_an_open_case_names_are_dates_and_those_of_a_closed_one_are_not():
    pair = Pair()
    windows = [["2026-05-01T08:00:00Z", "2026-05-01T10:00:00Z"]]
    case = pair.say("ALFA/OPS", START, "request.open", REQUEST | {"windows": windows})

    (date,) = only(due(pair.talk, START), "date")

    assert date.at == parse_instant("2026-05-01T08:00:00Z")
    assert date.until == parse_instant("2026-05-01T10:00:00Z")
    assert date.what["zh"] == "可行时段"
    assert [date.state(date.at - left) for left in (DAY + 1, DAY, 0)] == ["ahead", "near", "now"]
    assert not only(due(pair.talk, date.until), "date")
    pair.say("BRAVO/OPS", START + 60, "request.decline", {"reason": "no-reason"}, case=case)
    assert not only(due(pair.talk, START + 61), "date")


def test_days_of_every_year_come_from_the_profile_with_warnings_before():
    talk = Talk(Line("ALFA", "BRAVO", profile=load("inpk2008")))

    found = only(due(talk, START, days=731), "yearly")

    assert [one.at for one in found] == [
        parse_instant(f"{day}T00:00:00Z")
        for day in ("2026-07-01", "2027-01-01", "2027-07-01", "2028-01-01")
    ]
    assert len({one.uid for one in found}) == 4
    first = found[0]
    assert (first.is_day, first.owed, first.sure, first.source) == (
        True, True, "A", "profile inpk2008",
    )  # fmt: skip
    states = [first.state(first.at - before) for before in (15 * DAY, *FIXED_WARNINGS, 0)]
    assert states == ["ahead", "soon", "near", "now"]
    assert first.what == {"en": "lists of prisoners", "zh": "在押人员名单"}


def test_a_day_that_no_rule_says_how_to_meet_goes_with_the_day():
    datum = {"item": "list", "kind": "calendar", "value": "x", "sure": "A", "source": "y"}
    own = read("own", {"data": [datum | {"yearly": ["01-01"]}]})
    talk = Talk(Line("ALFA", "BRAVO", profile=own))
    new_year = parse_instant("2027-01-01T00:00:00Z")
    assert only(due(talk, new_year + DAY - 1, days=1), "yearly")
    assert not only(due(talk, new_year + DAY, days=1), "yearly")


def test_a_channel_that_ends_is_warned_of():
    line = Line("ALFA", "BRAVO")
    line.charter = replace(line.charter, ends_at=Instant(START + 30 * DAY))

    (ending,) = due(Talk(line), START)

    assert (ending.kind, ending.at, ending.warnings) == (
        "ending",
        START + 30 * DAY,
        ENDING_WARNINGS,
    )


def test_the_first_word_of_the_basis_names_the_profile():
    assert of_basis("vd2011 chapter V").code == "vd2011"
    assert of_basis("inpk1988").code == "inpk1988"
    for other in ("none", "", "Agreement of 1991", "vd2011x", "../default"):
        assert of_basis(other).code == "default"


@pytest.mark.parametrize("day", ["02-29", "13-01", "1 January", "00-10", 101])
def test_a_day_that_not_every_year_has_is_refused(day):
    datum = {"item": "list", "kind": "calendar", "value": "x", "sure": "A", "source": "y"}
    with pytest.raises(UsageError):
        read("own", {"data": [datum | {"yearly": [day]}]})


def test_only_a_calendar_datum_names_days():
    datum = {"item": "men", "kind": "threshold", "value": "1", "sure": "A", "source": "y"}
    with pytest.raises(UsageError):
        read("own", {"data": [datum | {"yearly": ["01-01"]}]})


# --- the file ---


def events(text):
    unfolded = text.replace("\r\n ", "")
    found = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT\r\n", unfolded, re.DOTALL)
    return [dict(line.split(":", 1) for line in one.splitlines() if ":" in line) for one in found]


def test_the_file_holds_times_and_warnings_and_nothing_that_anybody_wrote():
    pair = Pair(Profile.make("pier", owed=True, clocks={"request.reply_by": 10 * HOUR}))
    secret = "Nets near the pier"
    pair.say("ALFA/OPS", START, "request.open", REQUEST | {"subject": {"en": secret}})
    found = due(pair.talk, START)

    text = write_agenda(found, code="ALFA", moment=START, language="en")

    assert secret not in text.replace("\r\n ", "")
    (event,) = events(text)
    assert event["DTSTART"] == "20260301T100000Z"
    assert "BRAVO owes" in event["SUMMARY"]
    assert event["TRIGGER"] == "-PT3600S"
    assert event["UID"].endswith("@due.parley")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert [notice.windows[0].start for notice in read_ical(text)] == [START + 10 * HOUR]


def test_a_whole_day_is_a_date_and_what_is_overdue_or_no_live_matter_says_so():
    day = Due(
        uid="a", kind="yearly", what={"en": "lists", "zh": "清单"}, at=START, until=START + DAY,
        is_day=True, warnings=FIXED_WARNINGS, mark="EXERCISE",
    )  # fmt: skip
    late = Due(
        uid="b",
        kind="clock",
        what={"en": "answer; now", "zh": "答复"},
        at=START - 1,
        owed_by="BRAVO",
    )
    text = write_agenda([day, late], code="ALFA", moment=START, language="zh")

    first, second = events(text)

    assert (first["DTSTART;VALUE=DATE"], first["DTEND;VALUE=DATE"]) == ("20260301", "20260302")
    assert first["SUMMARY"] == "[EXERCISE] 清单"
    assert second["SUMMARY"].startswith("已逾期 · 请 BRAVO 办理：答复")
    assert text.count("BEGIN:VALARM") == text.count("END:VALARM") == 2


def test_the_end_of_a_card_is_due():
    assert card_ends("BRAVO", "5f" * 16, START).warnings == FIXED_WARNINGS
