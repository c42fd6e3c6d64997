"""Whole histories through the command, as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PARLEY = str(Path(sys.executable).with_name("parley"))
SHARED = Path(__file__).parents[3] / "shared" / "scenarios"


def run(*words):
    ended = subprocess.run(
        [PARLEY, "scenario", "run", *words, "--json"], capture_output=True, check=False, timeout=900
    )
    return ended.returncode, json.loads(ended.stdout)


def test_the_day_at_the_pier_and_all_its_variants_hold():
    code, said = run("demo-pier", "--variant", "all")

    assert code == 0, [item for item in said["data"]["items"] if item["status"] != "holds"]
    assert {item["variant"] for item in said["data"]["items"]} == {
        "", "late-answer", "dark", "shuffled",
    }  # fmt: skip
    assert said["data"]["holds"] > 140


def test_another_order_of_arrival_changes_nothing():
    assert run("demo-pier", "--seed", "11")[0] == 0


def test_the_years_before_and_after_the_line_went_silent_leave_what_history_left():
    file = SHARED / "beijing-2023.yaml"
    if not file.exists():
        pytest.skip("the designers' scenario files do not lie beside this copy")

    code, said = run(str(file))

    assert code == 14, [item for item in said["data"]["items"] if item["status"] == "fails"]
    assert said["data"]["fails"] == 0
    assert said["data"]["holds"] > 150
    assert said["data"]["not_played"]


def test_a_file_that_is_not_there_or_no_scenario_is_told_so(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("- a\n- b\n")

    assert run(str(tmp_path / "none.yaml"))[0] == 5
    assert run(str(other))[0] == 2
