"""Preconditions: declared edges, cycles with one name everywhere, who could open them alone."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import MoveNotPermittedError
from support.desk_talk import REQUEST, START, Line, Talk, two

HOUR, DAY = 3600, 86_400


def declare(talk, line, office, at, edge, **more):
    node, waits_for, owner = edge
    fields = {"node": node, "waits_for": waits_for, "owner_of_act": owner, "kind": "blocks", **more}
    other = "BRAVO/OPS" if office.startswith("ALFA") else "ALFA/OPS"
    return talk.say(line, office, at, "linkage.declare", fields, to=[other])


def ring(talk, line, **more):
    first = declare(talk, line, "BRAVO/OPS", START, ("talks", "sanctions", "ALFA"))
    second = declare(talk, line, "ALFA/OPS", START + 60, ("sanctions", "talks", "BRAVO"), **more)
    return first, second


def cycles(talk, at=START + HOUR):
    return talk.registers(at).cycles


def test_two_linkages_that_wait_for_each_other_are_a_cycle_and_each_party_could_open_it():
    talk, line = two()
    first, second = ring(talk, line)
    (cycle,) = cycles(talk)
    names = {talk.registers(START).name_of(one) for one in (first, second)}
    assert set(cycle.entries) == names
    assert cycle.owners == {"ALFA": (cycle.numbers[0],), "BRAVO": (cycle.numbers[1],)}
    assert cycle.unlocks == ("ALFA", "BRAVO")
    row = talk.registers(START + HOUR).row("linkages", first).values
    assert (row["cycle"], row["could_open"]) == (cycle.name, ["ALFA", "BRAVO"])
    alone = declare(talk, line, "ALFA/OPS", START + 120, ("visit", "flags", "BRAVO"))
    assert talk.registers(START + HOUR).row("linkages", alone).values["could_open"] == []


def test_the_name_of_a_cycle_does_not_depend_on_who_looks_or_in_which_order():
    names = set()
    for order in (1, -1):
        line = Line("ALFA", "BRAVO")
        talk = Talk(line)
        ring(talk, line)
        line.entries = line.entries[::order]
        names.add(tuple(cycle.name for cycle in cycles(talk)))
    assert len(names) == 1


@pytest.mark.parametrize("kind", ["eases"])
def test_what_only_eases_makes_no_edge(kind):
    talk, line = two()
    ring(talk, line, kind=kind)
    assert cycles(talk) == ()


def test_a_topic_is_the_same_however_it_is_written_and_an_entry_is_its_case():
    talk, line = two()
    asked = talk.say(line, "ALFA/CHIEF", START, "request.open", REQUEST, to=["BRAVO/CHIEF"])
    answer = talk.say(line, "BRAVO/CHIEF", START, "request.defer", {"until": "later"}, case=asked)
    names = talk.registers(START).name_of
    declare(talk, line, "BRAVO/OPS", START, (names(asked), "Lifting  of Sanctions", "ALFA"))
    declare(talk, line, "ALFA/OPS", START, ("lifting of sanctions", names(answer), "BRAVO"))
    assert len(cycles(talk)) == 1


@pytest.mark.parametrize(
    ("office", "move", "fields", "left"),
    [
        ("ALFA/OPS", "linkage.set_aside", {}, 0),
        ("ALFA/OPS", "linkage.withdraw", {}, 0),
        ("ALFA/OPS", "linkage.met", {}, 0),
        ("BRAVO/OPS", "linkage.claim_met", {}, 1),
        ("BRAVO/OPS", "linkage.overtaken", {"event": "the matter is gone"}, 0),
    ],
)
def test_only_its_owner_opens_a_cycle_and_a_claim_that_it_is_met_does_not(
    office, move, fields, left
):
    talk, line = two()
    _, second = ring(talk, line)
    talk.say(line, office, START + 120, move, fields, case=second)
    assert len(cycles(talk)) == left


def test_the_other_side_cannot_set_it_aside_and_a_claim_can_be_denied():
    talk, line = two()
    first, _ = ring(talk, line)
    for move in ("linkage.set_aside", "linkage.met", "linkage.withdraw"):
        with pytest.raises(MoveNotPermittedError):
            talk.say(line, "ALFA/OPS", START + 120, move, case=first)
    talk.say(line, "ALFA/OPS", START + 120, "linkage.claim_met", case=first)
    assert talk.registers(START + HOUR).row("linkages", first).values["state"] == "claimed"
    reason = {"reason_text": {"en": "Not yet"}}
    talk.say(line, "BRAVO/OPS", START + 180, "linkage.not_met", reason, case=first)
    found = talk.registers(START + HOUR).row("linkages", first).values
    assert (found["state"], found["claimed_met"]) == ("declared", True)


def test_an_edge_that_expires_is_none_any_more_and_a_self_loop_is_named():
    talk, line = two()
    ring(talk, line, expires=rfc3339(START + DAY))
    assert len(cycles(talk, START + DAY - 1)) == 1
    assert cycles(talk, START + DAY) == ()
    declare(talk, line, "ALFA/OPS", START + DAY, ("pier", "pier", "ALFA"))
    (loop,) = cycles(talk, START + DAY)
    assert loop.unlocks == ("ALFA",)


def test_a_third_edge_keeps_a_cycle_that_one_party_cannot_open():
    talk, line = two()
    declare(talk, line, "BRAVO/OPS", START, ("a", "b", "BRAVO"))
    declare(talk, line, "BRAVO/OPS", START, ("b", "a", "BRAVO"))
    declare(talk, line, "ALFA/OPS", START, ("a", "b", "ALFA"))
    (cycle,) = cycles(talk)
    assert cycle.unlocks == ("BRAVO",)
    assert len(cycle.numbers) == 3


def test_markings_do_not_mix():
    talk, line = two()
    declare(talk, line, "BRAVO/OPS", START, ("talks", "sanctions", "ALFA"))
    fields = {"node": "sanctions", "waits_for": "talks", "owner_of_act": "BRAVO", "kind": "blocks"}
    talk.say(
        line, "ALFA/OPS", START, "linkage.declare", fields, to=["BRAVO/OPS"], marking="EXERCISE"
    )
    assert cycles(talk) == ()
