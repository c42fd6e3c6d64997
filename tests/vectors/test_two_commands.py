"""`parley verify` and `parley-verify` give the same lines and exit codes on every vector."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from parley_verify.__main__ import main
from support.cli_run import run

CASES = json.loads(
    (Path(__file__).parents[2] / "spec/vectors/bundle.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_both_commands_say_the_same(
    case: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.parley"
    path.write_bytes(base64.b64decode(case["bundle"]))
    arguments = [str(path), *(word for each in case["trust"] for word in ("--trust", each))]

    code = main(arguments)
    alone = capsys.readouterr()
    through = run("verify", *arguments)

    assert code == through.code == case["exit"]
    assert alone.out == through.out
    assert alone.err == through.err == ""
