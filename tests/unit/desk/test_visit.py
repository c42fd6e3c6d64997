"""Visits: invited office and person, open dates, postponements, successors, meetings of a visit."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile
from parley.errors import MoveNotPermittedError
from support.desk_talk import START, two

HOUR, DAY = 3600, 86_400
INVITE = {"invitee": "BRAVO/MFA", "place": "Pier 4"}


def invited(profile=None, **more):
    talk, line = two(profile)
    fields = {**INVITE, **more}
    case = talk.say(line, "ALFA/OPS", START, "visit.invite", fields, to=["BRAVO/MFA"])
    return talk, line, case


def row(talk, case, at):
    return talk.registers(at).row("visits", case).values


def make(talk, line, case, at, *offices, **more):
    for office in offices or ("BRAVO/MFA", "ALFA/OPS"):
        fields = {"began": rfc3339(at), "ended": rfc3339(at + DAY), **more}
        talk.say(line, office, at + DAY, "visit.make", fields, case=case)


def test_accepted_without_a_date_is_open_until_one_is_fixed():
    talk, line, case = invited()
    talk.say(line, "BRAVO/MFA", START + HOUR, "visit.accept", case=case)
    found = row(talk, case, START + DAY)
    assert (found["state"], found["date_open"], found["accepted_by"]) == (
        "accepted",
        True,
        "BRAVO/MFA",
    )
    window = [[rfc3339(START + 5 * DAY), rfc3339(START + 6 * DAY)]]
    talk.say(line, "ALFA/OPS", START + DAY, "visit.fix", {"windows": window}, case=case)
    assert row(talk, case, START + DAY)["date_open"] is False
    assert row(talk, case, START + 7 * DAY)["state"] == "fixed"
    assert row(talk, case, START + 8 * DAY)["state"] == "not made"


def test_days_count_from_invitation_and_from_the_last_postponement():
    talk, line, case = invited()
    talk.say(line, "BRAVO/MFA", START + HOUR, "visit.accept", case=case)
    for day in (10, 20):
        cause = {"cause": {"en": "Storm"}}
        talk.say(line, "ALFA/OPS", START + day * DAY, "visit.postpone", cause, case=case)
        window = [[rfc3339(START + 30 * DAY), rfc3339(START + 31 * DAY)]]
        talk.say(line, "BRAVO/MFA", START + day * DAY, "visit.fix", {"windows": window}, case=case)
    make(talk, line, case, START + 30 * DAY)
    found = row(talk, case, START + 40 * DAY)
    assert (found["days_from_invitation"], found["days_from_postponement"]) == (30, 10)
    assert (found["postponed"], found["state"], found["both"]) == (2, "made", True)


@pytest.mark.parametrize(("came", "successor"), [("First", False), ("Second", True)])
def test_an_invitation_used_by_another_person_is_used_by_a_successor(came, successor):
    talk, line, case = invited(person="First")
    talk.say(line, "BRAVO/MFA", START + HOUR, "visit.accept", case=case)
    make(talk, line, case, START + 3 * DAY, person=came)
    assert row(talk, case, START + 9 * DAY)["used_by_successor"] is successor


def test_without_persons_the_change_of_the_invited_office_decides():
    talk, line, case = invited()
    talk.say(line, "BRAVO/MFA", START + HOUR, "visit.accept", case=case)
    fill = {"office": "BRAVO/MFA", "holder": "Second", "from": rfc3339(START + DAY)}
    talk.say(line, "BRAVO/MFA", START + DAY, "office.fill", fill, to=["ALFA/OPS"])
    make(talk, line, case, START + 3 * DAY)
    assert row(talk, case, START + 9 * DAY)["used_by_successor"] is True


def test_meetings_of_a_visit_are_counted_and_their_time_added():
    talk, line, case = invited()
    talk.say(line, "BRAVO/MFA", START + HOUR, "visit.accept", case=case)
    for hours in (2, 3):
        fields = {
            "began": rfc3339(START + DAY),
            "ended": rfc3339(START + DAY + hours * HOUR),
            "visit": f"OPS/ALFA/{case.index}",
        }
        talk.say(line, "ALFA/OPS", START + 2 * DAY, "meeting.hold", fields, to=["BRAVO/MFA"])
    found = row(talk, case, START + 3 * DAY)
    assert (found["meetings"], found["meeting_time"]) == (2, "PT5H")


def test_an_invitation_lapses_only_by_its_clock_and_a_visit_not_accepted_is_not_made():
    quick = Profile.make("quick", owed=True, clocks={"visit.reply_by": DAY})
    talk, line, case = invited(quick)
    line.sign(START + 2 * DAY)
    found = row(talk, case, START + 2 * DAY)
    assert (found["state"], found["lapse"], found["owed"]) == ("lapsed", "silent", True)
    with pytest.raises(MoveNotPermittedError):
        make(talk, line, case, START + 3 * DAY)
