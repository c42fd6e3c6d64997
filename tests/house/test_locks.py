"""What is installed is exactly what was looked at."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+)( ; .+)?")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of every package of a lock file."""
    found: dict[str, tuple[str, list[str]]] = {}
    for statement in lock.read_text().replace("\\\n", " ").splitlines():
        head, *hashes = re.split(r"\s+--hash=", statement.strip())
        match = PIN.fullmatch(head.strip())
        assert match, f"{lock.name}: not name==version: {head!r}"
        found[match[1].lower()] = (match[2], hashes)
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", each)[0].lower() for each in requirements}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_stands_with_one_version_and_its_hashes(lock: Path) -> None:
    for name, (_, hashes) in pins(lock).items():
        assert hashes, f"{name} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_address_stands_in_a_lock_file(lock: Path) -> None:
    assert not re.search(r"://|--index|--find-links|--extra|@ ", lock.read_text())


def test_everything_the_project_asks_for_is_locked() -> None:
    runtime = names(PROJECT["project"]["dependencies"])
    dev = names(PROJECT["project"]["optional-dependencies"]["dev"])
    build = names(PROJECT["build-system"]["requires"])

    assert runtime <= pins(ROOT / "requirements/runtime.txt").keys()
    assert runtime | dev <= pins(ROOT / "requirements/dev.txt").keys()
    assert build <= pins(ROOT / "requirements/build.txt").keys()


def test_the_three_lock_files_agree_on_every_version() -> None:
    dev = pins(ROOT / "requirements/dev.txt")
    for lock in LOCKS:
        for name, (version, _) in pins(lock).items():
            assert dev.get(name, (version,))[0] == version, f"{name} in {lock.name} and dev.txt"


def test_the_build_tool_is_the_one_the_project_names() -> None:
    version, _ = pins(ROOT / "requirements/build.txt")["hatchling"]

    assert PROJECT["build-system"]["requires"] == [f"hatchling=={version}"]


def test_a_set_up_that_is_current_is_left_alone() -> None:
    environment = Path(sys.prefix)
    if not (environment / ".parley-dev").exists():
        pytest.skip("these tests do not run in an environment made by tools/setup.py")
    before = (environment / ".parley-dev").stat().st_mtime_ns

    result = subprocess.run(
        [sys.executable, "tools/setup.py", "dev"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0
    assert result.stderr == ""
    assert (environment / ".parley-dev").stat().st_mtime_ns == before
