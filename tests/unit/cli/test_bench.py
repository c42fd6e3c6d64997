"""`parley bench` measures what it says, on real stations."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from parley.cli.schemas import schema_of
from support.cli_run import run


@pytest.mark.parametrize("suite", ["store", "link", "verify"])
def test_a_suite_tells_its_figures_and_leaves_nothing_behind(tmp_path: Path, suite: str) -> None:
    ended = run("bench", suite, "--entries", "10", "--directory", str(tmp_path), "--json")

    assert ended.code == 0, ended.err
    result = json.loads(ended.out.splitlines()[-1])
    jsonschema.validate(result, schema_of("bench"))
    assert result["data"]["items"]
    assert all(item["suite"] == suite and item["value"] > 0 for item in result["data"]["items"])
    assert list(tmp_path.iterdir()) == []


def test_a_later_run_is_set_beside_an_earlier_one(tmp_path: Path) -> None:
    earlier = {"suite": "store", "measure": "one at a time", "value": 2.0}
    (tmp_path / "old.json").write_text(json.dumps({"data": {"items": [earlier]}}))

    ended = run(
        "bench", "store", "--entries", "10", "--compare", str(tmp_path / "old.json"), "--json"
    )

    items = json.loads(ended.out.splitlines()[-1])["data"]["items"]
    [same] = [item for item in items if item["measure"] == "one at a time"]
    assert same["earlier"] == 2.0
    assert same["ratio"] == pytest.approx(same["value"] / 2.0, abs=0.001)


def test_a_suite_that_is_none_and_a_file_without_figures_are_usage_errors(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")

    assert run("bench", "nonsense").code == 2
    assert run("bench", "--compare", str(tmp_path / "x")).code == 2
