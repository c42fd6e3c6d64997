"""The verifier page as it is shipped: made by the tool, in two languages, with colours one can read."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

import verifier_page as tool
from parley_verify.__main__ import main
from unit.console.test_contrast import contrast

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "src" / "parley_verify" / "verifier_page.html"
MODULES = {path.stem: path.read_text(encoding="utf-8") for path in tool.SOURCE.glob("*.js")}
LINES_MAX = 500
KEY = re.compile(r'^  "?([a-z0-9-]+)"?: (?:\(|\w+ =>)', re.MULTILINE)
SAID = re.compile(
    r'\b(?:said|shown|notShown|against|addStep|refuse|Refusal)\(\s*(?:verdict, |path, )?"([a-z0-9-]+)"'
)


def test_the_shipped_page_is_the_one_that_the_tool_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == tool.page(), "make docs writes it anew"


def test_every_module_is_in_the_page_and_short_enough_to_read() -> None:
    assert {name for name, _ in tool.in_order(tool.FIRST)} == set(MODULES)
    assert {
        name: len(text.splitlines())
        for name, text in MODULES.items()
        if len(text.splitlines()) > LINES_MAX
    } == {}


def test_the_policy_names_the_one_script_and_the_one_style() -> None:
    text = PAGE.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))

    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(bodies) == 1
        digest = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert re.findall(r"<(?:link|img|iframe|object|embed|form|base)\b", text) == []


def test_no_module_asks_for_anything_or_makes_markup_of_text() -> None:
    words = ("fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "innerHTML",
             "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
             "localStorage", "sessionStorage", "indexedDB", "Date.now", "Math.random")  # fmt: skip

    assert {
        (name, word) for name, text in MODULES.items() for word in words if word in text
    } == set()


def test_every_sentence_is_there_in_both_languages() -> None:
    english, chinese = (set(KEY.findall(MODULES[f"words_{each}"])) for each in ("en", "zh"))
    # A key is in small letters with hyphens; `charters` is where a member stands.
    said = {key for text in MODULES.values() for key in SAID.findall(text)} - {"charters"}

    assert english == chinese
    assert said - english == set()
    assert len(said) > 100


def test_the_screen_says_the_same_in_both_languages() -> None:
    text = MODULES["screen_words"]
    english, chinese = (
        text[text.index("  en: {") : text.index("  zh: {")],
        text[text.index("  zh: {") :],
    )
    key = re.compile(r'^    "?([a-z0-9 -]+)"?:', re.MULTILINE)

    assert key.findall(english) == key.findall(chinese)
    assert len(key.findall(english)) > 50


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(scheme: str) -> None:
    css = MODULES and (tool.SOURCE / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    block = blocks[0 if scheme == "light" else 1]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", block))

    for ink in ("ink", "ink-2", "good-ink", "caution-ink", "bad-ink"):
        for ground in ("ground", "surface", "raised"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for name in ("good", "caution", "bad"):
        assert contrast(colours[f"on-{name}"], colours[name]) >= 4.5, name
    for shape in ("control", "focus"):
        for ground in ("ground", "surface", "raised"):
            assert contrast(colours[shape], colours[ground]) >= 3, (shape, ground)


def test_modules_in_a_circle_or_with_a_missing_name_are_told(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text('import { two } from "./two.js";\nexport const one = two;\n')
    (tmp_path / "two.js").write_text('import { one } from "./one.js";\nexport const two = 2;\n')
    with pytest.raises(tool.PageError, match="circle"):
        tool.in_order("one", tmp_path)

    (tmp_path / "two.js").write_text("export const other = 2;\n")
    with pytest.raises(tool.PageError, match="imports two"):
        tool.in_order("one", tmp_path)


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "check.html"

    assert main(["--page", str(to)]) == 0
    assert to.read_bytes() == PAGE.read_bytes()
    assert hashlib.sha256(to.read_bytes()).hexdigest() in capsys.readouterr().out

    assert main(["--page", str(to), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["data"]["page"]["bytes"] == len(to.read_bytes())


def test_a_place_that_cannot_be_written_and_no_bundle_at_all_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--page", str(tmp_path / "none" / "check.html")]) == 2
    assert "--page" in capsys.readouterr().err
    assert main([]) == 2
    assert "no bundle is named" in capsys.readouterr().err
