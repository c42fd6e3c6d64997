"""What may and may not stand in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE_LINES_MAX = 500
TEXT_SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".html", ".css", ".js", ".txt"}

# Registries as their hosts are called; put together so that this file passes its own test.
REGISTRY_HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".", "deb.debian" + ".org"]


def tracked(*places: str) -> list[Path]:
    """Files of these places; with git what will be committed, without it what lies there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for place in places for path in (ROOT / place).rglob("*")]
    return sorted(path for path in found if path.is_file())


def texts(*places: str) -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in tracked(*places)
        if path.suffix in TEXT_SUFFIXES or path.suffix == ""
    }


def test_the_tree_is_seen_at_all() -> None:
    assert "src/parley/errors.py" in texts("src")


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {
        name: len(text.splitlines())
        for name, text in texts("src").items()
        if name.endswith(".py") and len(text.splitlines()) > MODULE_LINES_MAX
    }

    assert long == {}, f"above {MODULE_LINES_MAX} lines, look for the second story in it"


def test_every_module_says_what_it_is() -> None:
    silent = [
        name
        for name, text in texts("src").items()
        if name.endswith(".py") and not ast.get_docstring(ast.parse(text))
    ]

    assert silent == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\.\./shared|\bshared/(design|data|scenarios|conventions)", "the project stands alone"),
        (r"/work/(main|shared)|/root/|/home/\w+/", "no machine's own paths"),
        (r"\b(TODO|FIXME|XXX)\b", "finished, or told in an issue"),
        (r"-----BEGIN (EC |RSA |ENCRYPTED )?PRIVATE KEY-----\n\S", "no secrets"),
    ],
)
def test_what_the_product_must_not_hold(pattern: str, why: str) -> None:
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}: {match[0]}"
        for name, text in texts("src", "docs", "spec", "README.md", "deploy", "examples").items()
        for match in re.finditer(pattern, text)
    ]

    assert found == [], why


def test_no_browser_test_waits_by_what_the_pages_policy_forbids() -> None:
    """Playwright's waiting for a function evaluates anew from its second look on, in the page."""
    call = "wait_for_" + "function("

    assert [name for name, text in texts("tests", "demo").items() if call in text] == []


def test_no_registry_is_named_anywhere() -> None:
    found = [
        f"{name}: {host}"
        for name, text in texts(".").items()
        for host in REGISTRY_HOSTS
        if host in text
    ]

    assert found == []


RUNNERS = ("run", "Popen", "call", "check_call", "check_output")
SHELLS = ("getoutput", "getstatusoutput", "system", "popen")


def test_nothing_runs_strings_as_code_or_a_shell() -> None:
    forbidden = {"eval", "exec", "compile", "__import__"}
    found = []
    for name, text in texts("src").items():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id in forbidden:
                    found.append(f"{name}:{node.lineno}: {node.func.id}")
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in SHELLS:
                    found.append(f"{name}:{node.lineno}: {called}")
                if called in RUNNERS and any(
                    keyword.arg == "shell" and getattr(keyword.value, "value", None) is not False
                    for keyword in node.keywords
                ):
                    found.append(f"{name}:{node.lineno}: shell")
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "")}
                if names & {"pickle", "marshal", "shelve"}:
                    found.append(f"{name}:{node.lineno}: {names}")

    assert found == []


def test_the_pure_rooms_own_no_clock_and_no_dice() -> None:
    pure = ("src/parley/core/", "src/parley/desk/", "src/parley/station/engine", "src/parley/sim/")
    own = re.compile(
        r"^(import|from) (time|random|secrets|uuid)\b"
        r"|datetime\.now\(|datetime\.utcnow\(|date\.today\(|os\.urandom\(",
        re.MULTILINE,
    )

    found = [
        f"{name}: {match[0]}"
        for name, text in texts("src").items()
        if name.startswith(pure)
        for match in own.finditer(text)
        # The simulator draws everything from one seeded generator.
        if not (name.startswith("src/parley/sim/") and match[0].endswith("random"))
    ]

    assert found == []
