"""What a restored owner may do, searched to the end by the model checker Spin (Debian: `spin`).

Going on with the restored log forks; so does adopting the peer's copy and going on; a new
incarnation with a fresh id does not, where an entry is on disk before it leaves.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("restore.pml")
GOES_ON, ADOPTS, BEGINS_ANEW = 0, 1, 2
WHOLE_SEARCH_S = 900
"""The whole search takes two minutes and 700 MB; it runs when PARLEY_WHOLE_MODELS is set."""

pytestmark = pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="Spin or gcc is not installed (Debian: apt install spin gcc)",
)


def search(folder: Path, mode: int, *, durable: bool, claim: str) -> tuple[int, int]:
    """Search one variant; return how many errors and how many states there are."""
    shutil.copy(MODEL, folder)
    named = [f"-DMODE={mode}", f"-DFSYNC={int(durable)}"]
    for command in (
        ["spin", "-a", *named, MODEL.name],
        ["gcc", "-O2", "-DCOLLAPSE", "-o", "pan", "pan.c"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    done = subprocess.run(
        ["./pan", "-a", "-m4000000", "-N", claim],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=WHOLE_SEARCH_S,
    )
    errors = re.search(r"errors: (\d+)", done.stdout)
    states = re.search(r"(\d+) states, stored", done.stdout)
    assert errors is not None, done.stdout + done.stderr
    assert states is not None, done.stdout + done.stderr
    return int(errors[1]), int(states[1])


@pytest.mark.parametrize(
    ("mode", "durable"),
    [(GOES_ON, True), (ADOPTS, True), (BEGINS_ANEW, False)],
    ids=["goes on", "adopts the peer's copy and goes on", "leaves before it is on disk"],
)
def test_what_must_not_be_done_is_found_to_fork(tmp_path: Path, mode: int, durable: bool) -> None:
    errors, _ = search(tmp_path, mode, durable=durable, claim="p1")

    assert errors == 1


@pytest.mark.skipif(
    not os.environ.get("PARLEY_WHOLE_MODELS"), reason="two minutes; set PARLEY_WHOLE_MODELS=1"
)
@pytest.mark.parametrize("claim", ["p1", "p2"], ids=["no fork", "receipts after storage"])
def test_a_new_incarnation_never_forks_in_any_order_of_events(tmp_path: Path, claim: str) -> None:
    errors, states = search(tmp_path, BEGINS_ANEW, durable=True, claim=claim)

    assert errors == 0
    assert states > 6_000_000
