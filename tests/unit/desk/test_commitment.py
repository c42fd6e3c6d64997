"""Commitments and translations: terms by date or event, kept in which form, who accepts what."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400


def made(due, **more):
    pair = Pair()
    fields = {"what": {"en": "Move the nets"}, "owner": "ALFA", "due": due, **more}
    return pair, pair.say("ALFA/OPS", START, "commitment.make", fields)


def row(pair, case, at):
    return pair.row("commitments", case, at)


def test_a_bare_day_is_meant_in_whole_and_days_are_counted_down():
    pair, case = made("2026-03-11")
    found = row(pair, case, START)
    assert (found["due"], found["due_in_days"], found["state"]) == ("2026-03-11", 10, "made")
    assert row(pair, case, START + 11 * DAY - 1)["overdue"] is False
    late = row(pair, case, START + 11 * DAY)
    assert (late["overdue"], late["state"]) == (True, "late")


@pytest.mark.parametrize("due", ["event", "none", "once a counterpart is named"])
def test_what_waits_for_an_event_has_no_date_and_is_never_overdue(due):
    pair, case = made(due, due_event="a counterpart is named")
    found = row(pair, case, START + 300 * DAY)
    assert (found["due"], found["due_in_days"], found["overdue"]) == (None, None, False)


def test_a_length_of_time_after_an_event_becomes_a_date_when_the_event_comes():
    pair, case = made("P30D", due_event="a counterpart is named")
    assert row(pair, case, START + DAY)["due"] is None
    event = {"event": "named on 5 March"}
    pair.say("BRAVO/OPS", START + 4 * DAY, "commitment.event_came", event, case=case)
    found = row(pair, case, START + 5 * DAY)
    assert (found["due"], found["due_in_days"]) == ("2026-04-04", 29)
    assert row(pair, case, START + 35 * DAY)["overdue"] is True


def test_a_length_of_time_after_an_entry_counts_from_that_entry():
    pair = Pair()
    fill = pair.say("BRAVO/OPS", START, "office.fill", {"office": "BRAVO/MND", "holder": "One"})
    fields = {"what": {"en": "Call"}, "owner": "both", "due": "P2D", "due_event": pair.name(fill)}
    case = pair.say("ALFA/OPS", START + HOUR, "commitment.make", fields)
    found = row(pair, case, START + DAY)
    assert (found["due_in_days"], found["by"]) == (1, "both")


@pytest.mark.parametrize(
    ("due", "shown"),
    [("PT24H", "2026-03-02T00:00:00Z"), ("24h", "2026-03-02T00:00:00Z"), ("P1D", "2026-03-02")],
)
def test_hours_after_an_event_are_hours_and_days_are_whole_days(due, shown):
    pair = Pair()
    fill = pair.say("BRAVO/OPS", START, "office.fill", {"office": "BRAVO/MND", "holder": "One"})
    fields = {"what": {"en": "Call"}, "owner": "both", "due": due, "due_event": "a filled office"}
    case = pair.say("ALFA/OPS", START + HOUR, "commitment.make", fields)
    came = {"event": pair.name(fill)}
    pair.say("BRAVO/OPS", START + 5 * HOUR, "commitment.event_came", came, case=case)
    # It came when that entry was written, and not when somebody noted that it had.
    assert row(pair, case, START + 6 * HOUR)["due"] == shown
    assert row(pair, case, START + 24 * HOUR)["overdue"] is (shown != "2026-03-02")


def waiting(**more):
    pair = Pair()
    pair.line.cut = {(1, 0)}
    note = pair.say("BRAVO/OPS", START, "note.send", {"number": "1", "text": {"en": "Ten"}})
    pair.line.cut = set()
    pair.line.exchange(START + 3 * HOUR)
    pair.line.sign(START + 3 * HOUR, 0)
    fields = {
        "what": {"en": "Comment"},
        "owner": "ALFA",
        "due": "PT24H",
        "due_event": pair.name(note),
    }
    return pair, pair.say("ALFA/OPS", START + 4 * HOUR, "commitment.make", {**fields, **more})


def test_a_term_counts_from_when_its_owner_had_the_entry():
    pair, case = waiting(due_from="receipt")
    assert row(pair, case, START + 5 * HOUR)["due"] == rfc3339(START + 27 * HOUR)
    pair, case = waiting(due_from="event")
    assert row(pair, case, START + 5 * HOUR)["due"] == rfc3339(START + 24 * HOUR)


def test_a_term_waits_for_what_it_must_not_come_before():
    pair, case = waiting(not_before="the other's list")
    assert row(pair, case, START + 90 * HOUR)["due"] is None
    assert row(pair, case, START + 90 * HOUR)["overdue"] is False
    came = {"event": "the list is here"}
    pair.say("BRAVO/OPS", START + 90 * HOUR, "commitment.event_came", came, case=case)
    found = row(pair, case, START + 91 * HOUR)
    assert (found["due"], found["overdue"]) == (rfc3339(START + 90 * HOUR), True)
    pair, case = waiting(not_before=rfc3339(START + 2 * HOUR))
    assert row(pair, case, START + 5 * HOUR)["due"] == rfc3339(START + 24 * HOUR)


def test_the_owner_says_done_and_the_other_accepts_or_disputes():
    pair, case = made("2026-03-11")
    done = {"evidence": "photograph 3", "form": "call"}
    pair.say("ALFA/OPS", START + 5 * DAY, "commitment.done", done, case=case)
    with pytest.raises(MoveNotPermittedError):
        pair.say("ALFA/OPS", START + 5 * DAY, "commitment.accept_done", case=case)
    why = {"reason_text": {"en": "The nets are there"}}
    pair.say("BRAVO/OPS", START + 6 * DAY, "commitment.dispute", why, case=case)
    assert row(pair, case, START + 7 * DAY)["state"] == "disputed"
    pair.say("ALFA/OPS", START + 8 * DAY, "commitment.done", case=case)
    pair.say("BRAVO/OPS", START + 9 * DAY, "commitment.accept_done", case=case)
    found = row(pair, case, START + 30 * DAY)
    assert (found["state"], found["days"], found["overdue"]) == ("accepted done", 8, False)


def test_how_it_was_kept_is_shown_and_late_is_late():
    pair, case = made("2026-03-02")
    pair.say("ALFA/OPS", START + 5 * DAY, "commitment.done", {"form": "call"}, case=case)
    found = row(pair, case, START + 6 * DAY)
    assert (found["kept_as"], found["kept_late"]) == ("call", True)


def test_a_term_is_changed_by_both_or_not_at_all_and_only_the_other_releases():
    pair, case = made("2026-03-11")
    pair.say("ALFA/OPS", START + DAY, "commitment.change", {"due": "2026-04-01"}, case=case)
    assert row(pair, case, START + DAY)["due"] == "2026-03-11"
    pair.say("BRAVO/OPS", START + 2 * DAY, "commitment.change", {"due": "2026-04-01"}, case=case)
    assert row(pair, case, START + 2 * DAY)["due"] == "2026-04-01"
    with pytest.raises(MoveNotPermittedError):
        pair.say("ALFA/OPS", START + 3 * DAY, "commitment.release", case=case)
    pair.say("BRAVO/OPS", START + 3 * DAY, "commitment.release", case=case)
    assert row(pair, case, START + 90 * DAY)["overdue"] is False


def offered(**more):
    pair = Pair()
    note = {"number": "17", "text": {"zh": "码头灯光"}}
    entry = pair.say("BRAVO/OPS", START, "note.send", note)
    fields = {"of": pair.name(entry), "lang": "en", "status": "courtesy", **more}
    return pair, pair.say("ALFA/OPS", START + HOUR, "translation.offer", fields)


def test_a_translation_is_accepted_or_disputed_by_the_other_and_replaced_by_its_author():
    pair, case = offered()
    with pytest.raises(MoveNotPermittedError):
        pair.say("ALFA/OPS", START + 2 * HOUR, "translation.accept", case=case)
    points = {"points": ["lights, not lamps"]}
    pair.say("BRAVO/OPS", START + 2 * HOUR, "translation.dispute", points, case=case)
    found = pair.row("translations", case, START + 3 * HOUR)
    assert (found["state"], found["points"]) == ("disputed", ["lights, not lamps"])
    new = {"status": "working", "text": {"en": "The lights of the pier"}}
    pair.say("ALFA/OPS", START + 3 * HOUR, "translation.replace", new, case=case)
    pair.say("BRAVO/OPS", START + 4 * HOUR, "translation.accept", case=case)
    found = pair.row("translations", case, START + 5 * HOUR)
    assert (found["state"], found["status"], found["versions"]) == ("accepted", "working", 2)


def test_no_translation_is_authentic_and_a_machine_names_itself():
    with pytest.raises(InvalidFieldsError, match="not one of"):
        offered(status="authentic")
    with pytest.raises(InvalidFieldsError, match="engine"):
        offered(status="machine")
    pair, case = offered(status="machine", engine="none shipped")
    assert pair.row("translations", case, START + DAY)["engine"] == "none shipped"


def test_times_without_a_zone_are_refused_as_a_term():
    with pytest.raises(InvalidFieldsError, match="due"):
        made("2026-03-11T12:00:00")
    pair, case = made(rfc3339(START + DAY + HOUR))
    assert row(pair, case, START)["due"] == rfc3339(START + DAY + HOUR)
