"""The page for whoever brings vectors runs as it is written."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/known-answers.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    script = tmp_path / "example.py"
    script.write_text(block[1], encoding="utf-8")

    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "all as written\n"), done.stderr


def test_every_function_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(parley(?:_verify)?(?:\.\w+)+)\.(\w+)\(", PAGE)

    assert len(named) >= 6
    for module, name in named:
        assert callable(getattr(import_module(module), name)), (module, name)
