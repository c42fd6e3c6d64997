"""What the documents say exists, exists."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import click
import pytest
import typer

ROOT = Path(__file__).parents[2]
OWN_PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "spec").rglob("*.md"),
    ]
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
COMMAND = re.compile(r"\bparley(?: [a-z][a-z0-9-]*)+")

# Packages that the product needs without importing them itself, and who asks for them.
NOT_IMPORTED = {
    "python-multipart": "fastapi and starlette read forms through it",
    "editables": "hatchling",
}
MODULE_OF = {"pyyaml": "yaml"}


def code_lines(text: str) -> list[str]:
    """Command lines of a page: those in fenced blocks and those in `backticks`."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    outside = re.sub(r"^```[a-z]*\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = [
        line.split("  #")[0].removeprefix("$ ") for each in blocks for line in each.splitlines()
    ]
    return lines + re.findall(r"`([^`\n]+)`", outside)


def words_on_no_path(words: list[str], root: click.Command) -> str | None:
    """Follow words of a command line through the tree; return the first that is no command."""
    here = root
    for word in words:
        if not isinstance(here, click.Group):
            return None
        if word not in here.commands:
            return word
        here = here.commands[word]
    return None


@pytest.fixture(scope="module")
def command_tree() -> click.Command:
    from parley.cli.main import app  # noqa: PLC0415  # other tests run where it does not import

    return typer.main.get_command(app)


@pytest.mark.parametrize("page", OWN_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_a_page_names_exists(page: Path, command_tree: click.Command) -> None:
    unknown = [
        line
        for line in code_lines(page.read_text())
        for match in COMMAND.finditer(line)
        # `parley channel propose BRAVO`: capitals end the command; paths and packages are not it.
        if not line[match.end() :].startswith(("/", ".", "_", "="))
        and not re.search(r"[./_\w-]$", line[: match.start()])
        and words_on_no_path(match[0].split()[1:], command_tree) is not None
    ]

    assert unknown == []


@pytest.mark.parametrize("page", OWN_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        match[1]
        for line in code_lines(page.read_text())
        for match in re.finditer(r"(?:^|&& )make ([a-z]+)", line)
    }

    assert named <= targets


@pytest.mark.parametrize("page", OWN_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())

    lost = [
        link
        for link in links
        if not re.match(r"[a-z]+:", link) and not (page.parent / link).exists()
    ]

    assert lost == []


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = code_lines((ROOT / "README.md").read_text())

    assert "make demo" in lines
    assert "make test" in lines


def dependency_names() -> set[str]:
    everything = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["dev"],
        *PROJECT["build-system"]["requires"],
        *(
            line
            for line in (ROOT / "requirements/build.in").read_text().splitlines()
            if not line.startswith("#")
        ),
    ]
    return {re.split(r"[<>=!~\[; ]", each)[0].lower() for each in everything}


def test_every_dependency_stands_in_the_docs_with_its_reason_and_no_other_does() -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \|", page, re.MULTILINE)
    named = {name for name, reason in rows if name != "package" and set(name) != {"-"}}

    assert named == dependency_names()
    assert all(len(reason) > 10 for name, reason in rows if name in named)


def test_every_dependency_of_the_product_is_used_by_it() -> None:
    imported = {
        name.split(".")[0]
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    asked_for = {re.split(r"[<>=]", each)[0] for each in PROJECT["project"]["dependencies"]}

    unused = {
        name
        for name in asked_for - NOT_IMPORTED.keys()
        if MODULE_OF.get(name, name) not in imported
    }

    assert unused == set(), "take it out of pyproject.toml and the locks, or use it"


def test_the_specification_stays_within_thirty_pages() -> None:
    # What holds no letter and no digit, such as the rules of a table, is no word.
    words = [
        word
        for page in sorted((ROOT / "spec").glob("*.md"))
        for word in page.read_text(encoding="utf-8").split()
        if any(map(str.isalnum, word))
    ]

    assert len(words) < 30 * 500
