"""Every claim of a history, made wrong in one value, must fail and say what was found."""

from __future__ import annotations

import pytest

from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import read_scenario
from parley.sim.scenario.player import play
from support.scenario_command import FILES
from support.wrong_claims import mutants


@pytest.fixture(scope="module")
def played():
    return play(read_scenario((FILES / "empty-chair.yaml").read_text("utf-8"), "x").scenario(""))


def test_the_history_holds_and_each_value_of_it_made_wrong_fails(played):
    claims = played.scenario.claims
    asked = [claim for claim in claims if "proof" not in claim]
    assert [v.line() for v in check(played, lambda *_: True, asked) if v.status != "holds"] == []

    tried = list(mutants(claims))

    assert len(tried) > 150
    found = check(played, lambda *_: True, tried)
    for claim in tried:
        answers = [verdict for verdict in found if verdict.claim is claim]
        assert "fails" in {each.status for each in answers}, claim
        assert all(each.why for each in answers if each.status == "fails"), claim


def test_a_wrong_difference_and_a_proof_that_a_verifier_takes_either_way_fail(played):
    never = {"difference": {"case": "K1", "field": "began", "status": "agree"}}
    (proof,) = [claim for claim in played.scenario.claims if "proof" in claim]

    for claim, verify in ((never, True), (proof, True), (proof, False)):
        found = [v for v in check(played, lambda *_, v=verify: v, [claim]) if v.claim is claim]
        assert {each.status for each in found} == {"fails"}
        assert all(each.why for each in found)


def test_what_is_counted_is_asked_where_it_can_be_known_and_a_wrong_number_fails_there(played):
    right = {"register": "requests", "count": {"by": "ALFA"}, "equals": 2}
    none = {"register": "requests", "count": {"by": "ECHO"}, "equals": 1}

    found = check(played, lambda *_: True, [right, none])

    assert [(v.station, v.status) for v in found if v.claim is right] == [
        ("ALFA", "holds"),
        ("BRAVO", "holds"),
    ]
    assert {v.status for v in found if v.claim is none} == {"fails"}
