"""Every claim of a history, made wrong in one value, must fail and say what was found."""

from __future__ import annotations

import pytest

from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import read_scenario
from parley.sim.scenario.player import play
from support.scenario_command import FILES


@pytest.fixture(scope="module")
def played():
    return play(read_scenario((FILES / "empty-chair.yaml").read_text("utf-8"), "x").scenario(""))


def wrong(value):
    """Return values of the same kind that are not the one given."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, {"at_least": value + 1}, {"at_most": value - 1}]
    if value == "none":
        return ["2026-06-01", 0, "event"]
    if isinstance(value, list):
        return [value[:-1], [*value, "NOBODY"], {"includes": ["NOBODY"]}]
    if isinstance(value, dict):
        return _wrong_map(value)
    if value == "event":
        return ["2026-06-10", "none-known", {"between": ["2026-06-01", "2026-06-30"]}]
    return [f"{value}x", "none", {"any_of": ["no", "never"]}]


def _wrong_map(value):
    name, one = next(iter(value.items()))
    if name == "includes":
        return [{"includes": ["NOBODY"]}]
    if name == "at_least":
        return [{"at_most": one}, {"at_least": "P300D"}]
    return [{**value, name: each} for each in wrong(one)[:1]]


def mutants(claims):
    for claim in claims:
        for column, value in claim.get("shows", {}).items():
            for other in wrong(value):
                yield {**claim, "shows": {**claim["shows"], column: other}}
        if "equals" in claim:
            yield {**claim, "equals": claim["equals"] + 1}
            more = {name: part for name, part in claim.items() if name != "equals"}
            yield {**more, "at_least": claim["equals"] + 1}
        if "no_cycle" in claim:
            yield {"cycle": ["L0"]}
        if "absent" in claim:
            yield {"absent": {**claim["absent"], "to": "DELTA"}}


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
