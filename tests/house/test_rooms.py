"""The arrows between the rooms, and that a wrong one is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WRONG_ARROWS = [
    ("src/parley/core/canon.py", "import asyncio", "sans-IO"),
    ("src/parley/core/canon.py", "from parley.desk import clocks", "stacked one way"),
    ("src/parley/store/interface.py", "import parley.carriers.address", "stacked one way"),
    ("src/parley/carriers/framing.py", "import parley.cli", "stacked one way"),
    ("src/parley/console/__init__.py", "import parley.store.interface", "through its gateway"),
    ("src/parley_verify/__init__.py", "import parley.core.canon", "shares no code"),
]


def lint_imports(place: Path) -> subprocess.CompletedProcess[str]:
    """Judge the packages under `place/src`, whatever is installed elsewhere."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            # In front of everything, so that an installed Parley is not judged by mistake.
            (
                "import sys; sys.path.insert(0, 'src');"
                "from importlinter.cli import lint_imports;"
                "sys.exit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
            ),
        ],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy_of_house(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_import_goes_downwards() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(("file", "line", "contract"), WRONG_ARROWS)
def test_an_import_that_goes_upwards_is_found(
    copy_of_house: Path, file: str, line: str, contract: str
) -> None:
    with (copy_of_house / file).open("a") as module:
        module.write(f"\n{line}\n")

    result = lint_imports(copy_of_house)

    assert result.returncode != 0, "a wrong arrow was planted and nobody saw it"
    broken = [each for each in result.stdout.splitlines() if " BROKEN" in each]
    assert any(contract in each for each in broken), result.stdout + result.stderr
