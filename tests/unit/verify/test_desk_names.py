"""The verifier page names kinds and fields as the desk's declarations do, and shares no code with them."""

from __future__ import annotations

import json
import re
import subprocess
from shutil import which

import pytest

import desk_names as tool
import verifier_page

MADE = verifier_page.SOURCE / "desk_names.js"


def test_the_names_on_the_page_are_those_of_the_declarations() -> None:
    assert MADE.read_text(encoding="utf-8") == tool.module(), "make docs writes it anew"


def test_the_page_shows_them_beside_the_numbers_that_are_proved() -> None:
    screen = (verifier_page.SOURCE / "screen.js").read_text(encoding="utf-8")

    assert "named(row.kind, nameOfKind(row.kind, language))" in screen
    assert "named(field, nameOfField(row.kind, field, language))" in screen


@pytest.mark.skipif(which("node") is None, reason="Node runs the page's modules, and is not here")
def test_a_kind_and_its_fields_are_named_in_both_languages_and_what_is_unknown_is_not() -> None:
    asked = [
        ["nameOfKind", 100, "zh"],
        ["nameOfKind", 100, "en"],
        ["nameOfKind", 0, "zh"],
        ["nameOfKind", 64999, "zh"],
        ["nameOfField", 100, 33, "zh"],
        ["nameOfField", 100, 25, "zh"],
        ["nameOfField", 100, 99, "zh"],
        ["nameOfField", 4, 16, "zh"],
    ]
    module = re.sub(r"^export ", "", MADE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    calls = ", ".join(f"{name}({json.dumps(args)[1:-1]})" for name, *args in asked)
    said = subprocess.run(
        ["node", "-e", f"{module}\nconsole.log(JSON.stringify([{calls}]))"],
        capture_output=True,
        check=True,
        timeout=30,
    ).stdout

    assert json.loads(said) == [
        "检查线路",
        "check the line",
        "开启日志",
        "",
        "下次检查",
        "主题",
        "",
        "",
    ]
