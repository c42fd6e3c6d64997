"""Whole histories through the command, as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.scenario_command import PARLEY, claims, not_holding, run

SHARED = Path(__file__).parents[3] / "shared" / "scenarios"
VARIANTS = {"", "late-answer", "dark", "shuffled"}


def test_the_day_at_the_pier_and_all_its_variants_hold_in_another_order_of_arrival():
    code, said = run("demo-pier", "--variant", "all", "--seed", "11")

    assert code == 0, not_holding(said)
    assert {item["variant"] for item in said["data"]["items"]} == VARIANTS
    assert said["data"]["holds"] > 140


def test_a_stranger_can_check_what_a_replay_leaves_simulated_and_over_tls(tmp_path):
    held = []
    for through in ("sim", "tls"):
        code, said = run("demo-pier", "--through", through, "--export", str(tmp_path / through))
        assert code == 0, not_holding(said)
        held.append(claims(said))
        found_out(tmp_path / through)
    assert held[0] == held[1]

    code, said = run("demo-pier", "--export", str(tmp_path / "sim"))
    assert code == 2
    assert "--force" in said["error"]["next"]


def found_out(folder):
    """Check a bundle as a stranger does: it holds, and with one bit changed it does not."""
    cards = sorted(folder.glob("*.card"))
    assert [each.name for each in cards] == ["ALFA.card", "BRAVO.card", "CHARLIE.card"]
    bundle = folder / "ops.parley"
    trust = [word for card in cards for word in ("--trust", str(card))]
    command = [sys.executable, "-I", "-m", "parley_verify", str(bundle), *trust]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    raw = bytearray(bundle.read_bytes())
    raw[len(raw) // 3] ^= 1
    bundle.write_bytes(raw)
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_each_claim_says_what_was_expected_and_what_was_found(tmp_path):
    text = (Path(__file__).parents[2] / "src/parley/sim/scenario/files/demo-pier.yaml").read_text(
        "utf-8"
    )
    file = tmp_path / "demo-pier.yaml"
    file.write_text(text.replace("shows: {state: over,", "shows: {state: begun,"), "utf-8")

    code, said = run(str(file))

    assert code == 7
    (wrong,) = {str(item["expected"]) for item in not_holding(said)}
    assert "begun" in wrong
    assert {item["found"]["state"] for item in not_holding(said)} == {"over"}
    assert said["data"]["fails"] == 2


def test_the_years_before_and_after_the_line_went_silent_leave_what_history_left():
    file = SHARED / "beijing-2023.yaml"
    if not file.exists():
        pytest.skip("the designers' scenario files do not lie beside this copy")

    code, said = run(str(file))

    assert code == 0, not_holding(said)
    assert said["data"]["holds"] >= 225
    assert said["data"]["not_played"] == []


def test_a_scenario_can_be_the_demonstration():
    ended = subprocess.run(
        [PARLEY, "demo", "--once", "--scenario", "demo-pier", "--json"],
        capture_output=True,
        check=False,
        timeout=900,
    )
    said = json.loads(ended.stdout)

    assert ended.returncode == 0, said
    assert said["data"]["holds"]
    assert len(said["data"]["items"]) == 38


def test_a_file_that_is_not_there_or_no_scenario_is_told_so(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("- a\n- b\n")

    assert run(str(tmp_path / "none.yaml"))[0] == 5
    assert run(str(other))[0] == 2
    assert run("demo-pier", "--through", "pigeon")[0] == 2
    assert run("demo-pier", "--variant", "none")[0] == 2
    ended = subprocess.run(
        [PARLEY, "scenario", "run", str(other)], capture_output=True, check=False
    )
    assert ended.stderr.startswith(b"other.yaml:1: ")
