"""What the pages of the first door tell to type works as typed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.station_pair import READY_S, clean_environment, free_port

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "docs/start"
PAGES = {
    "two-stations.md": [
        "match: BRAVO is trusted",
        "match: ALFA is trusted",
        "receipt BRAVO size",
        "message\tsend\tFirst",
        "VALID",
    ],
    "verify.md": ["verdict    lapsed (proved)", "INCOMPLETE", "DOES NOT HOLD", "where      byte"],
}
"""Each page that is a script, and what its output must show."""

ELSEWHERE = {
    "make demo": "test_cli_demo runs it; it goes on until somebody ends it",
    "make demo ARGS=--once": "the CI runs it first of all, from nothing",
}
"""Lines of the other pages, with who runs them."""

EXPECTED = re.compile(r"^(?P<line>.+?) +# exit (?P<code>\d+)$", re.MULTILINE)


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def script_of(page: Path) -> str:
    """The page's blocks as one script; `# exit N` after a line is what it must end with."""
    text = "set -e\n" + "".join(blocks(page))
    ports: set[int] = set()
    while len(ports) < 2:
        ports.add(free_port())
    for told, free in zip(("7001", "7002"), sorted(ports), strict=True):
        text = text.replace(f"127.0.0.1:{told}", f"127.0.0.1:{free}")
    return EXPECTED.sub(r'{ \g<line>; ended=$?; } || ended=$?; test "$ended" = \g<code>', text)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_line_of_the_page_works_as_typed(name: str, tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as output:
        running = subprocess.Popen(
            ["bash", "-c", script_of(DOOR / name)],
            cwd=ROOT,
            env=clean_environment(TMPDIR=str(tmp_path)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            running.wait(2 * READY_S)
        finally:
            # Where the script fell it left its stations behind, in its session.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
            running.wait(READY_S)

    text = said.read_text()
    assert running.returncode == 0, text
    assert [each for each in PAGES[name] if each not in text] == []


def test_a_line_that_ends_with_another_code_than_the_page_says_is_found() -> None:
    told = EXPECTED.sub(
        r'{ \g<line>; ended=$?; } || ended=$?; test "$ended" = \g<code>', "false   # exit 7"
    )

    assert subprocess.run(["bash", "-ec", told], check=False).returncode == 1
    assert subprocess.run(["bash", "-ec", told.replace("= 7", "= 1")], check=False).returncode == 0


def test_every_block_of_the_first_door_is_run_somewhere() -> None:
    others = [page for page in DOOR.glob("*.md") if page.name not in PAGES]
    lines = [line for page in others for each in blocks(page) for line in each.splitlines()]

    assert [line for line in lines if line not in ELSEWHERE] == []
    assert "make demo ARGS=--once\n" in (ROOT / ".ci/run").read_text()
