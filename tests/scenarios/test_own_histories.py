"""The histories that come with Parley, in every variant, in another order, and over TLS."""

from __future__ import annotations

import pytest

from support.scenario_command import FILES, not_holding, run


@pytest.mark.parametrize(
    ("name", "variants", "least"),
    [
        ("black-sea-1988", {"", "no-counter", "shuffled"}, 120),
        ("unanswered-line", {"", "cut", "answered-again", "shuffled"}, 90),
        ("convoy-day", {"", "far-off", "shuffled"}, 100),
        ("empty-chair", {"", "echo-hears", "nobody-says"}, 150),
    ],
)
def test_our_own_histories_hold_in_every_variant_and_in_another_order(name, variants, least):
    shuffled = () if name == "empty-chair" else ("--seed", "21")  # four stations, twelve days
    code, said = run(name, "--variant", "all", *shuffled)

    assert code == 0, not_holding(said)
    assert {item["variant"] for item in said["data"]["items"]} == variants
    assert said["data"]["holds"] >= least
    assert said["data"]["not_played"] == []


@pytest.mark.parametrize("name", ["black-sea-1988", "unanswered-line", "convoy-day"])
def test_our_own_histories_hold_over_tls(name):
    code, said = run(name, "--through", "tls")

    assert code == 0, not_holding(said)


WRONG = {
    "convoy-day": [
        ("plotted_m: 37", "plotted_m: 38"),
        ("objections: [LAND]", "objections: [AIR]"),
        ("state: in force, until", "state: expired, until"),
    ],
    "unanswered-line": [("miss_run: 7", "miss_run: 6")],
    "black-sea-1988": [
        ("by: {seconds: 120}", "by: {seconds: 60}"),
        ("answer: reject}}", "answer: explain}}"),
    ],
}


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_expectation_of_our_own_histories_fails(tmp_path, name):
    text = (FILES / f"{name}.yaml").read_text("utf-8")
    before, claims = text[: text.rindex("\nexpect:")], text[text.rindex("\nexpect:") :]
    for was, becomes in WRONG[name]:
        assert was in claims
        claims = claims.replace(was, becomes, 1)
    file = tmp_path / f"{name}.yaml"
    file.write_text(before + claims, "utf-8")

    code, said = run(str(file))

    assert code == 7
    assert len({str(item["claim"]) for item in not_holding(said)}) == len(WRONG[name])
