"""Airspace, inspections, data, protests, non-papers, digests, step for step."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile, load
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
CROSSING = {
    "aircraft": {"type": "helicopter", "number": 1},
    "purpose": "medical",
    "route": ["10-00N 100-00E", "10-10N 100-00E"],
    "window": [[rfc3339(START + HOUR), rfc3339(START + 3 * HOUR)]],
    "height": "300 m AGL",
}


def test_a_crossing_is_cleared_or_refused_by_who_was_asked():
    pair = Pair()
    case = pair.say("ALFA/OPS", START, "airspace.ask", CROSSING)
    with pytest.raises(MoveNotPermittedError):
        pair.say("ALFA/OPS", START, "airspace.clear", case=case)
    pair.say("BRAVO/OPS", START + 60, "airspace.refuse", {"reason": "safety"}, case=case)
    assert pair.row("airspaces", case, START + HOUR)["reason"] == "safety"


def test_a_violation_is_looked_into_and_the_result_given_by_a_clock_if_there_is_one():
    quick = Profile.make("quick", owed=True, clocks={"airspace.inquiry": DAY})
    pair = Pair(quick)
    fields = {"aircraft": "jet", "entered": rfc3339(START - HOUR), "zone": "adiz"}
    case = pair.say("ALFA/OPS", START, "airspace.report", fields)
    pair.say("BRAVO/OPS", START + HOUR, "airspace.open_inquiry", case=case)
    assert pair.row("airspaces", case, START + 2 * HOUR)["state"] == "inquiry open"
    pair.say(
        "BRAVO/OPS", START + 2 * HOUR, "airspace.result", {"finding": {"en": "Lost"}}, case=case
    )
    found = pair.row("airspaces", case, START + 2 * DAY)
    assert (found["state"], found["zone"]) == ("result given", "adiz")
    assert found["result"] == {"en": "Lost"}


def test_inspections_count_by_receiver_and_year_and_lapse_by_the_profile():
    pair = Pair(load("vd2011"))
    window = {"window": [[rfc3339(START + 8 * DAY), rfc3339(START + 10 * DAY)]]}
    fields = {"kind": "evaluation", "team": 4, "unit": "Pier guard", **window}
    cases = [pair.say("ALFA/OPS", START + n, "inspection.ask", fields) for n in range(3)]
    for case in cases[:2]:
        pair.say("BRAVO/OPS", START + HOUR, "inspection.accept", case=case)
    assert pair.row("inspections", cases[0], START + HOUR)["received_this_year"] == 2
    assert pair.row("inspections", cases[0], START + HOUR)["timely"] is True
    pair.line.sign(START + 2 * DAY)
    late = pair.row("inspections", cases[2], START + 2 * DAY)
    assert (late["state"], late["lapse"], late["owed"]) == ("lapsed", "silent", True)


def test_data_is_given_by_each_side_late_or_not_at_all():
    pair = Pair(load("newstart"))
    fields = {"series": "half-year", "period": [[rfc3339(START - DAY), rfc3339(START)]]}
    case = pair.say("ALFA/OPS", START, "exchange.open", fields)
    pair.say("ALFA/OPS", START + DAY, "exchange.give", {"lines": []}, case=case)
    found = pair.row("exchanges", case, START + 31 * DAY)
    assert found["standing"] == {"ALFA": "given", "BRAVO": "not given"}
    assert (found["state"], found["due"]) == ("not given", rfc3339(START + 30 * DAY))
    lines = {"lines": [{"category": "tugs", "count": 0}]}
    pair.say("BRAVO/OPS", START + 32 * DAY, "exchange.give", lines, case=case)
    assert pair.row("exchanges", case, START + 33 * DAY, "BRAVO")["standing"] == "late"
    assert pair.row("exchanges", case, START + 33 * DAY, "ALFA")["lines"] == 0
    pair.say("ALFA/OPS", START + 33 * DAY, "exchange.ask", {"question": {"en": "None?"}}, case=case)
    with pytest.raises(MoveNotPermittedError):
        pair.say("ALFA/OPS", START + 34 * DAY, "exchange.clarify", {"text": {"en": "x"}}, case=case)
    pair.say("BRAVO/OPS", START + 34 * DAY, "exchange.clarify", {"text": {"en": "None"}}, case=case)
    assert pair.row("exchanges", case, START + 35 * DAY)["state"] == "clarified"


def test_a_protest_that_is_not_accepted_was_delivered_all_the_same():
    pair = Pair()
    fields = {"act": {"en": "Nets cut"}, "answer_wanted": "reply", "reply_by": "P2D"}
    case = pair.say("ALFA/OPS", START, "protest.deliver", fields)
    pair.say("BRAVO/OPS", START + HOUR, "protest.not_accepted", case=case)
    found = pair.row("protests", case, START + DAY)
    assert (found["state"], found["not_accepted"]) == ("not accepted", True)
    assert found["delivered_at"] == rfc3339(START)
    pair.say("BRAVO/OPS", START + DAY, "protest.answer", {"answer": "reject"}, case=case)
    assert pair.row("protests", case, START + 2 * DAY)["answer"] == "reject"


def test_a_protest_that_asks_nothing_does_not_lapse():
    pair = Pair()
    case = pair.say("ALFA/OPS", START, "protest.deliver", {"act": {"en": "Nets cut"}})
    pair.line.sign(START + 300 * DAY)
    assert pair.row("protests", case, START + 300 * DAY)["state"] == "delivered"


def test_a_non_paper_is_an_entry_that_nobody_can_show():
    pair = Pair()
    fields = {"shelf_life": "P7D", "text": {"en": "What if both moved ten metres?"}}
    case = pair.say("ALFA/OPS", START, "non_paper.sound", fields)
    entry = next(p.entry for p in pair.line.entries if p.index == case.index and p.party == 0)
    assert not entry.is_attributable
    assert pair.row("non_papers", case, START + 8 * DAY)["state"] == "expired"
    pair.say("BRAVO/OPS", START + HOUR, "non_paper.reply", {"text": {"en": "Perhaps"}}, case=case)
    for office in ("ALFA/OPS", "BRAVO/OPS"):
        assert pair.row("non_papers", case, START + DAY)["may_be_mentioned"] is False
        pair.say(office, START + 2 * HOUR, "non_paper.may_mention", case=case)
    assert pair.row("non_papers", case, START + DAY)["may_be_mentioned"] is True


def test_a_non_paper_that_is_attributable_is_irregular_and_three_parties_have_none():
    pair = Pair()
    texts = pair.say(
        "ALFA/OPS", START, "non_paper.sound", {"shelf_life": "P7D", "text": {"en": "x"}}
    )
    fields = next(
        p.entry.fields for p in pair.line.entries if p.index == texts.index and p.party == 0
    )
    pair.line.raw(1, START, kind=3400, fields=dict(fields))
    assert [one.code for one in pair.registers(START).irregular] == ["evidence_private"]
    three = Pair(None, "ALFA", "BRAVO", "CHARLIE")
    with pytest.raises(InvalidFieldsError, match="between two parties"):
        three.say("ALFA/OPS", START, "non_paper.sound", {"shelf_life": "P7D", "text": {"en": "x"}})


def test_a_digest_repeated_is_counted_and_its_range_is_in_order():
    pair = Pair()
    fields = {"from_serial": 118, "to_serial": 146, "head": "ab" * 32}
    case = pair.say("ALFA/OPS", START, "digest.send", fields)
    pair.say("ALFA/OPS", START + HOUR, "digest.send", fields)
    found = pair.row("digests", case, START + DAY)
    assert (found["sent_times"], found["heard_times"]) == (2, 2)
    with pytest.raises(InvalidFieldsError, match="not after"):
        pair.say("ALFA/OPS", START, "digest.send", {**fields, "to_serial": 117})


def pair_of_steps(**more):
    pair = Pair()
    fields = {"ours": {"en": "Lights on"}, "theirs": {"en": "Nets in"}, **more}
    case = pair.say("ALFA/OPS", START, "step_for_step.propose", fields)
    pair.say("BRAVO/OPS", START + 60, "step_for_step.agree", case=case)
    for office in ("ALFA/OPS", "BRAVO/OPS"):
        pair.say(office, START + 120, "step_for_step.arm", case=case)
    return pair, case


def test_without_a_date_each_step_falls_due_on_the_others_evidence():
    pair, case = pair_of_steps()
    assert pair.row("steps_for_steps", case, START + DAY)["falls_due_for"] == []
    done = {"evidence": "photograph 1"}
    pair.say("ALFA/OPS", START + DAY, "step_for_step.done", done, case=case)
    found = pair.row("steps_for_steps", case, START + DAY)
    assert (found["state"], found["falls_due_for"]) == ("one done", ["BRAVO"])
    pair.say("BRAVO/OPS", START + 2 * DAY, "step_for_step.done", done, case=case)
    assert pair.row("steps_for_steps", case, START + 3 * DAY)["state"] == "both done"


def test_with_a_date_both_fall_due_together_and_one_alone_is_one_sided():
    pair, case = pair_of_steps(due=rfc3339(START + DAY))
    assert pair.row("steps_for_steps", case, START + DAY - 1)["falls_due_for"] == []
    assert pair.row("steps_for_steps", case, START + DAY)["falls_due_for"] == ["ALFA", "BRAVO"]
    pair.say("BRAVO/OPS", START + DAY, "step_for_step.done", case=case)
    found = pair.row("steps_for_steps", case, START + 2 * DAY)
    assert (found["one_sided"], found["falls_due_for"]) == (True, ["ALFA"])
