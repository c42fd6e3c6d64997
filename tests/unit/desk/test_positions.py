"""Positions, demands and offices: who may say what, and what is derived beside it."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
POSITION = {"topics": ["nets"], "statement": {"en": "Nets stay"}, "firmness": "principle"}


END = START + 30 * DAY


def test_a_position_is_amended_superseded_and_withdrawn_by_its_holder():
    pair = Pair()
    first = pair.say("ALFA/OPS", START, "position.state", POSITION)
    assert pair.row("positions", first, END)["topic"] == "nets"
    softer = {"statement": {"en": "Nets may move"}, "firmness": "preference"}
    with pytest.raises(MoveNotPermittedError):
        pair.say("BRAVO/OPS", START + 60, "position.amend", softer, case=first)
    pair.say("ALFA/OPS", START + 60, "position.amend", softer, case=first)
    found = pair.row("positions", first, END)
    assert (found["state"], found["firmness"], found["amended"]) == ("amended", "preference", 1)
    again = {**POSITION, "supersedes": pair.name(first)}
    second = pair.say("ALFA/OPS", START + 120, "position.state", again)
    assert pair.row("positions", first, END)["state"] == "superseded"
    pair.say("ALFA/OPS", START + 180, "position.withdraw", case=second)
    assert pair.row("positions", second, END)["state"] == "withdrawn"


def test_only_who_demanded_says_that_a_demand_is_met():
    pair = Pair()
    demand = {"act": {"en": "Take the nets in"}, "by_when": rfc3339(START + DAY)}
    case = pair.say("ALFA/OPS", START, "demand.open", demand)
    with pytest.raises(MoveNotPermittedError):
        pair.say("BRAVO/OPS", START + 60, "demand.met", case=case)
    pair.say("BRAVO/OPS", START + 60, "demand.claim_met", case=case)
    assert pair.row("demands", case, END)["state"] == "claimed met"
    assert pair.row("demands", case, START + DAY - 1)["past_its_date"] is False
    assert pair.row("demands", case, START + DAY)["past_its_date"] is True
    pair.say("ALFA/OPS", START + 120, "demand.met", case=case)
    assert pair.row("demands", case, END)["past_its_date"] is False


def test_a_demand_is_refused_with_a_reason_and_what_waits_for_it_is_shown():
    pair = Pair()
    case = pair.say("ALFA/OPS", START, "demand.open", {"act": {"en": "Lights off"}})
    assert pair.row("demands", case, END)["linked"] is None
    pair.say("BRAVO/OPS", START + 60, "demand.refuse", {"reason": "safety"}, case=case)
    assert pair.row("demands", case, END)["reason"] == "safety"
    name = pair.name(case)
    fields = {"node": "talks", "waits_for": name, "owner_of_act": "BRAVO", "kind": "blocks"}
    linked = pair.say("ALFA/OPS", START + 120, "linkage.declare", fields)
    assert pair.row("demands", case, END)["linked"] == pair.name(linked)


def test_an_office_that_falls_vacant_and_is_filled_again_shows_each_as_it_stands():
    pair = Pair()
    fill = {"office": "BRAVO/MND", "holder": "First", "from": "2026-03-02"}
    first = pair.say("BRAVO/OPS", START, "office.fill", fill)
    gone = {"office": "BRAVO/MND", "from": rfc3339(START + 5 * DAY)}
    empty = pair.say("BRAVO/OPS", START + 6 * DAY, "office.vacate", gone)
    assert pair.row("offices", empty, END)["state"] == "vacant"
    assert pair.row("offices", empty, END)["vacant_since"] == rfc3339(START + 5 * DAY)
    found = pair.row("offices", first, END)
    assert (found["state"], found["holder"]) == ("superseded", "First")
    assert found["vacant_since"] == rfc3339(START + 5 * DAY)
    new = {"office": "BRAVO/MND", "holder": "Second", "from": rfc3339(START + 9 * DAY)}
    second = pair.say("BRAVO/OPS", START + 10 * DAY, "office.fill", new)
    assert pair.row("offices", second, END)["state"] == "filled"
    assert pair.row("offices", empty, END)["succeeded_by"] == "Second"
    states = [one.values["state"] for one in pair.registers(START + 20 * DAY).rows("offices")]
    assert (states.count("vacant"), states.count("filled")) == (0, 1)


def test_a_request_to_an_office_stays_when_the_office_falls_vacant():
    pair = Pair()
    fields = {
        "form": "call",
        "level": {"ours": "ALFA/CHIEF", "theirs": "BRAVO/MND"},
        "topics": [{"en": "Nets"}],
    }
    asked = pair.say("ALFA/CHIEF", START, "request.open", fields, to=["BRAVO/MND"])
    pair.say("BRAVO/OPS", START + 60, "office.vacate", {"office": "BRAVO/MND"})
    assert pair.row("requests", asked, START + DAY)["state"] == "pending"


def test_a_new_key_is_in_force_only_after_the_other_side_checked_it_by_another_way():
    pair = Pair()
    key = {"office": "BRAVO/OPS", "key": "ab" * 32}
    case = pair.say("BRAVO/OPS", START, "office.new_key", key)
    assert pair.row("offices", case, END)["state"] == "key announced"
    with pytest.raises(MoveNotPermittedError):
        pair.say("BRAVO/OPS", START + 60, "office.confirm", {"how": "call"}, case=case)
    pair.say("ALFA/OPS", START + 60, "office.confirm", {"how": "call"}, case=case)
    assert pair.row("offices", case, END)["state"] == "key in force"
    reason = {"reason_text": {"en": "Worn out"}}
    pair.say("BRAVO/OPS", START + DAY, "office.revoke", reason, case=case)
    assert pair.row("offices", case, END)["state"] == "revoked"
