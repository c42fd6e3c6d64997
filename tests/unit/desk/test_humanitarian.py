"""Humanitarian notices and pauses: twice entered, plotted in metres, told per recipient."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.procedures.humanitarian import HUMANITARIAN
from parley.desk.profiles import load
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
SITE = {
    "kind": "static",
    "function": "hospital",
    "position": "15-20.00N 044-12.00E",
    "position_again": "15-20.00N 044-12.00E",
    "contact": "Duty phone 1",
}


def told(codes=("ALFA", "BRAVO", "CHARLIE"), profile=None, **more):
    pair = Pair(profile, *codes)
    valid = [[rfc3339(START + 3 * DAY), rfc3339(START + 33 * DAY)]]
    fields = {**SITE, "valid": valid, **more}
    return pair, pair.say("ALFA/OPS", START, "humanitarian.notify", fields)


def row(pair, case, at, party=None):
    return pair.row("humanitarians", case, at, party)


@pytest.mark.parametrize(
    ("again", "fits"), [("15-20.005N 044-12.00E", True), ("15-20.006N 044-12.00E", False)]
)
def test_two_entries_of_one_position_lie_within_ten_metres(again, fits):
    if fits:
        told(position_again=again)
        return
    with pytest.raises(InvalidFieldsError, match="11 m apart"):
        told(position_again=again)


def test_each_recipient_stands_where_it_stands_and_the_whole_is_the_lowest():
    pair, case = told()
    ack = {"rung": 30, "values": ["position=15-20.02N 044-12.00E"]}
    pair.say("BRAVO/OPS", START + HOUR, "ack.give", ack, case=case)
    pair.say("BRAVO/OPS", START + HOUR, "ack.give", {"rung": 4, "unit": "Air"}, case=case)
    bravo, charlie = (row(pair, case, START + DAY, who) for who in ("BRAVO", "CHARLIE"))
    assert (bravo["plotted_m"], bravo["plot_alarm"], bravo["with_units"]) == (37, False, True)
    assert (charlie["plotted_m"], charlie["with_units"], charlie["rung"]) == (None, False, 1)
    whole = row(pair, case, START + DAY)
    assert (whole["rung"], whole["not_plotted_by"]) == (1, ["CHARLIE"])


def test_a_plot_that_is_too_far_off_is_an_alarm_and_the_last_one_counts():
    pair, case = told()
    for minutes, off in (("15-20.05N", True), ("15-20.00N", False)):
        ack = {"rung": 30, "values": [f"position={minutes} 044-12.00E"]}
        pair.say("BRAVO/OPS", START + HOUR, "ack.give", ack, case=case)
        assert row(pair, case, START + DAY, "BRAVO")["plot_alarm"] is off


def test_an_objection_and_a_delay_are_of_the_recipient_that_said_so_and_approve_nothing():
    pair, case = told()
    why = {"reason_text": {"en": "Fighting near"}}
    pair.say("CHARLIE/OPS", START + HOUR, "humanitarian.object", why, case=case)
    pair.say(
        "CHARLIE/OPS", START + HOUR, "humanitarian.ask_delay", {"until": "2026-03-09"}, case=case
    )
    assert row(pair, case, START + DAY, "CHARLIE")["delay_until"] == "2026-03-09"
    assert row(pair, case, START + DAY)["objections"] == ["CHARLIE"]
    assert row(pair, case, START + DAY, "BRAVO")["objection"] is False


def test_no_word_of_the_form_says_approved_or_safe():
    said = [one.words for one in (*HUMANITARIAN.states, *HUMANITARIAN.moves, *HUMANITARIAN.columns)]
    for move in HUMANITARIAN.moves:
        said += [field.words for field in move.fields]
    for words in said:
        assert not {"approved", "safe", "cleared"} & set(words["en"].split())
        assert not any(word in words["zh"] for word in ("批准", "安全", "放行"))


@pytest.mark.parametrize(
    ("at", "state", "left"),
    [(2, "sent", 31), (3, "in force", 30), (30, "in force", 3), (33, "expired", None)],
)
def test_it_is_in_force_by_the_clock_and_counts_the_days_to_its_end(at, state, left):
    pair, case = told()
    found = row(pair, case, START + at * DAY)
    assert (found["state"], found["expires_in_days"]) == (state, left)


def test_a_renewal_holds_and_half_a_year_is_the_most():
    pair, case = told()
    longer = {"valid": [[rfc3339(START + 33 * DAY), rfc3339(START + 60 * DAY)]]}
    pair.say("ALFA/OPS", START + 30 * DAY, "humanitarian.renew", longer, case=case)
    assert row(pair, case, START + 40 * DAY)["state"] == "in force"
    with pytest.raises(InvalidFieldsError, match="180 days"):
        told(valid=[[rfc3339(START), rfc3339(START + 181 * DAY)]])


def movement(**more):
    route = [
        {"where": "15-20.00N 044-12.00E", "at": rfc3339(START + 3 * DAY)},
        {"where": "15-40.00N 044-12.00E", "at": rfc3339(START + 3 * DAY + 4 * HOUR)},
    ]
    valid = [[rfc3339(START + 3 * DAY), rfc3339(START + 3 * DAY + 6 * HOUR)]]
    return {"kind": "movement", "function": "convoy", "route": route, "valid": valid, **more}


@pytest.mark.parametrize(
    ("emergency", "hours", "timely"),
    [(False, 48, True), (False, 47, False), (True, 24, True), (True, 23, False)],
)
def test_the_lead_of_a_movement_is_that_of_the_profile(emergency, hours, timely):
    begins = START + hours * HOUR
    valid = [[rfc3339(begins), rfc3339(begins + DAY)]]
    fields = movement(valid=valid, emergency=emergency)
    pair, case = told(profile=load("ocha"), **fields)
    assert row(pair, case, START)["timely"] is timely


def test_a_convoy_departs_arrives_or_is_late_and_its_route_has_rising_times():
    pair, case = told(**movement())
    pair.say("ALFA/OPS", START + 3 * DAY, "humanitarian.depart", case=case)
    assert row(pair, case, START + 3 * DAY + 8 * HOUR - 1)["state"] == "moving"
    assert row(pair, case, START + 3 * DAY + 8 * HOUR)["state"] == "late"
    hit = {"incident": "shots near the road"}
    pair.say("BRAVO/OPS", START + 3 * DAY + HOUR, "humanitarian.incident", hit, case=case)
    pair.say("ALFA/OPS", START + 4 * DAY, "humanitarian.arrive", case=case)
    found = row(pair, case, START + 5 * DAY)
    assert (found["state"], found["incidents"]) == ("arrived", ["shots near the road"])
    with pytest.raises(InvalidFieldsError, match="route"):
        told(**movement(route=movement()["route"][::-1]))
    fields = movement()
    del fields["route"]
    with pytest.raises(InvalidFieldsError, match="route"):
        told(**fields)


def test_each_recipient_may_see_what_was_shared_with_it_and_kind_place_and_time_always():
    share = [{"recipient": "BRAVO", "fields": ["contact", "vehicles"]}]
    pair, case = told(share=share)
    assert row(pair, case, START, "BRAVO")["may_see"] == [
        "contact", "kind", "position", "valid", "vehicles",
    ]  # fmt: skip
    assert row(pair, case, START, "CHARLIE")["may_see"] == ["kind", "position", "valid"]


def pause(**more):
    pair = Pair()
    fields = {
        "what_stops": {"en": "All fire"},
        "where": {"named": "Pier district"},
        "window": [[rfc3339(START + HOUR), rfc3339(START + 7 * HOUR)]],
        **more,
    }
    return pair, pair.say("ALFA/OPS", START, "pause.propose", fields)


def test_a_pause_ends_to_the_second_and_only_both_make_and_extend_it():
    pair, case = pause()
    assert pair.row("pauses", case, START + 2 * HOUR)["state"] == "proposed"
    pair.say("BRAVO/OPS", START + 60, "pause.accept", case=case)
    states = [pair.row("pauses", case, START + HOUR * 7 + s)["state"] for s in (-1, 0)]
    assert states == ["in force", "expired"]
    longer = {"window": [[rfc3339(START + HOUR), rfc3339(START + 9 * HOUR)]]}
    pair.say("BRAVO/OPS", START + 2 * HOUR, "pause.extend", longer, case=case)
    with pytest.raises(MoveNotPermittedError):
        pair.say("BRAVO/OPS", START + 2 * HOUR, "pause.agree_extension", case=case)
    assert pair.row("pauses", case, START + 8 * HOUR)["state"] == "expired"
    pair.say("ALFA/OPS", START + 3 * HOUR, "pause.agree_extension", case=case)
    found = pair.row("pauses", case, START + 8 * HOUR)
    assert (found["state"], found["left_s"], found["extended"]) == ("in force", HOUR, 1)


def test_that_it_was_broken_is_what_one_side_says_and_ends_nothing():
    pair, case = pause()
    pair.say("BRAVO/OPS", START + 60, "pause.accept", case=case)
    fields = {"when": rfc3339(START + 2 * HOUR), "what": {"en": "Two shots"}}
    pair.say("BRAVO/OPS", START + 2 * HOUR, "pause.say_broken", fields, case=case)
    found = pair.row("pauses", case, START + 3 * HOUR)
    assert (found["state"], found["said_broken_by"]) == ("in force", ["BRAVO"])
    why = {"reason_text": {"en": "Broken"}}
    pair.say("ALFA/OPS", START + 4 * HOUR, "pause.end", why, case=case)
    assert pair.row("pauses", case, START + 5 * HOUR)["state"] == "ended"


def test_what_is_over_is_not_agreed_to_any_more():
    pair, case = pause()
    with pytest.raises(InvalidFieldsError, match="already passed"):
        pair.say("BRAVO/OPS", START + 7 * HOUR, "pause.accept", case=case)
    with pytest.raises(InvalidFieldsError, match="already passed"):
        pause(window=[[rfc3339(START - 2 * HOUR), rfc3339(START - HOUR)]])
