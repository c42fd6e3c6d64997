"""The independent reading shares no code with what it checks."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
READING = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))


@pytest.mark.parametrize("path", READING, ids=lambda path: path.name)
def test_the_reading_imports_only_itself_and_libraries_of_others(path: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add((node.module or "").partition(".")[0])

    assert found <= set(sys.stdlib_module_names) | {"cryptography", "independent"}


def test_the_reading_is_there() -> None:
    assert len(READING) >= 8
