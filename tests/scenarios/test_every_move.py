"""Histories that make every move of the designers' list, written from that list alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import read_scenario
from parley.sim.scenario.names import KNOWN_MOVES
from parley.sim.scenario.player import play

HERE = Path(__file__).with_name("histories")
NAMES = ("every-move-1", "every-move-2")


@pytest.fixture(scope="module", params=NAMES)
def played(request):
    scenario = read_scenario((HERE / f"{request.param}.yaml").read_text("utf-8"), "f").scenario()
    return play(scenario)


def wrong(value):
    """Return a value that differs from a claimed one in kind or amount."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {name: wrong(each) for name, each in value.items()}
    if isinstance(value, list):
        return [*value, "wrong"]
    return "quite another word"


def test_every_claim_holds_at_every_party(played):
    found = check(played, lambda *_: True)

    assert [each.line() for each in found if each.status != "holds"] == []
    assert played.not_played == []


def test_every_single_column_claimed_wrong_fails(played):
    changed = [
        {**claim, "shows": {column: wrong(value)}}
        for claim in played.scenario.claims
        for column, value in claim.get("shows", {}).items()
    ]
    found = [one for one in check(played, lambda *_: True, changed) if one.claim in changed]

    assert [one.line() for one in found if one.status != "fails"] == []
    assert len(found) > 40


def test_together_they_make_every_move_of_the_list():
    made = set()
    for name in NAMES:
        scenario = read_scenario((HERE / f"{name}.yaml").read_text("utf-8"), "f").scenario()
        made |= {event.do for event in scenario.events}

    assert sorted(KNOWN_MOVES - made) == []
