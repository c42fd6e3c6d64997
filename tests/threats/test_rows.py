"""Every row of the list of threats is held by a test that is there, or says what is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from support.threat_rows import ROWS, Row

TESTS = Path(__file__).parents[1]
LIST = TESTS.parents[1] / "shared" / "design" / "threats.md"
MISSING_MAX = 0
"""How many rows may still lack something; it only ever gets smaller."""


def names_in(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_there_are_seventy_rows_in_order() -> None:
    assert list(ROWS) == list(range(1, 71))


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"row {at:02}: {row.threat}") for at, row in ROWS.items()]
)
def test_a_threat_is_held_by_tests_that_are_there(row: Row) -> None:
    assert row.tests or row.missing
    for named in row.tests:
        file, _, name = named.partition("::")
        assert f"test_{name}" in names_in(file), named


@pytest.mark.parametrize(
    ("page", "least"),
    [("SECURITY.md", 18), ("docs/understand/keys.md", 10), ("docs/understand/never.md", 110)],
    ids=str,
)
def test_every_promise_names_a_test_that_is_there(page: str, least: int) -> None:
    named = re.findall(
        r"^\| .* \| `tests/(\S+)::(test_\w+)` \|$",
        (TESTS.parent / page).read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(named) >= least
    for file, name in named:
        assert name in names_in(file), name


def test_what_is_missing_is_short() -> None:
    missing = [at for at, row in ROWS.items() if row.missing]
    assert len(missing) <= MISSING_MAX, missing


@pytest.mark.skipif(not LIST.is_file(), reason="the design lies beside the working tree only")
def test_the_list_of_the_design_has_these_rows_and_no_others() -> None:
    found = re.findall(r"^\| (\d+) \|", LIST.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in found] == list(ROWS)
