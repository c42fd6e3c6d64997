"""Histories written from the design's words alone: they hold, and each wrong value of them fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import read_scenario
from parley.sim.scenario.player import play
from support.wrong_claims import mutants, wrong_differences

FOLDER = Path(__file__).with_name("histories")


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("belarus-query", 35),
        ("dgmo-lists", 120),
        ("fishing-line", 75),
        ("conditional-dues", 60),
        ("new-year-lists", 55),
        ("two-midnights", 40),
        ("joint-statement", 10),
    ],
)
def test_it_holds_and_each_value_made_wrong_fails(name, least):
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    played = play(read_scenario(text, name).scenario(""))
    found = check(played, lambda *_: True, [c for c in played.scenario.claims if "proof" not in c])
    assert [verdict.line() for verdict in found if verdict.status != "holds"] == []

    tried = [*mutants(played.scenario.claims), *wrong_differences(played.scenario.claims)]

    assert len(tried) >= least
    found = check(played, lambda *_: True, tried)
    for claim in tried:
        assert "fails" in {each.status for each in found if each.claim is claim}, claim
