"""Understandings that each side invokes in its own words, and agendas item by item."""

from __future__ import annotations

import pytest

from parley.errors import MoveNotPermittedError
from support.desk_talk import START, two

DAY = 86_400


def understood(talk, line, office, at, items, *, case=None):
    fields = {
        "title": {"en": "Pier understanding"},
        "wording": {"en": "In our words"},
        "items": items,
    }
    to = ["BRAVO/OPS"] if case is None else ()
    return talk.say(line, office, at, "agenda.understanding", fields, case=case, to=to)


def row(talk, case, party=None):
    return talk.registers(START + DAY).row("agendas", case, party).values


def test_both_lists_stand_apart_with_what_they_share_and_what_only_one_has():
    talk, line = two()
    case = understood(talk, line, "ALFA/OPS", START, ["nets", "lights", "buoys"])
    assert row(talk, case)["state"] == "invoked by one"
    assert (row(talk, case)["overlap"], row(talk, case, "ALFA")["only_by"]) == ([], [])
    understood(talk, line, "BRAVO/OPS", START + 60, ["nets", "lights", "fuel"], case=case)
    whole = row(talk, case)
    assert whole["state"] == "invoked by both"
    assert (whole["invoked_by"], whole["overlap"]) == (["ALFA", "BRAVO"], ["lights", "nets"])
    assert (whole["agreed_text"], whole["no_agreed_text"]) == (None, True)
    assert row(talk, case, "ALFA")["only_by"] == ["buoys"]
    assert row(talk, case, "BRAVO")["only_by"] == ["fuel"]


def test_it_is_reaffirmed_when_both_have_done_so():
    talk, line = two()
    case = understood(talk, line, "ALFA/OPS", START, ["nets"])
    understood(talk, line, "BRAVO/OPS", START + 60, ["nets"], case=case)
    talk.say(line, "ALFA/OPS", START + 120, "agenda.reaffirm", case=case)
    assert row(talk, case)["state"] == "reaffirmed by one"
    talk.say(line, "BRAVO/OPS", START + 180, "agenda.reaffirm", case=case)
    assert row(talk, case)["state"] == "reaffirmed"


def test_the_items_of_an_agenda_are_struck_taken_up_and_left_one_by_one():
    talk, line = two()
    fields = {
        "title": {"en": "Talks"},
        "items": ["nets", {"id": "lights", "owner": "ALFA"}, "fuel"],
    }
    case = talk.say(line, "ALFA/OPS", START, "agenda.propose", fields, to=["BRAVO/OPS"])
    with pytest.raises(MoveNotPermittedError):
        talk.say(line, "ALFA/OPS", START + 30, "agenda.understanding", {**fields, "items": ["nets"], "wording": {"en": "x"}}, case=case)  # fmt: skip
    talk.say(line, "BRAVO/OPS", START + 60, "agenda.strike", {"ids": ["fuel"]}, case=case)
    talk.say(line, "BRAVO/OPS", START + 90, "agenda.agree", {"ids": ["nets", "lights"]}, case=case)
    assert row(talk, case)["state"] == "agreed"
    talk.say(line, "ALFA/OPS", START + 120, "agenda.take_up", {"ids": ["nets"]}, case=case)
    talk.say(line, "ALFA/OPS", START + 150, "agenda.leave", {"ids": ["lights"]}, case=case)
    items = {"nets": "taken up", "lights": "left", "fuel": "struck"}
    assert row(talk, case)["items"] == items
