"""What the protocol promises, searched to the end by the model checker Spin (Debian: `spin`).

Each model is searched as the rules are, where nothing may be found, and once with each rule switched
off, where the search must find what the rule is for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SEARCH_S = 900

pytestmark = pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="Spin or gcc is not installed (Debian: apt install spin gcc)",
)


@dataclass(frozen=True, slots=True)
class Search:
    """What to search a model for.

    Attributes:
        model: name of the file, without `.pml`.
        claim: the property; empty for "no deadlock".
        fair: only runs in which every process that could go on does so.
    """

    model: str
    claim: str = ""
    fair: bool = False


RESTORED = Search("restore", "p1")
STORED = Search("receipts", "never_more_than_stored")
ONE_STATEMENT = Search("receipts", "one_content_for_a_number")
ONE_ENTRY = Search("writers", "one_entry_at_a_place")
ARRIVES = Search("delivery", "everything_arrives", fair=True)
NO_DEADLOCK = Search("delivery")
FLASH_FIRST = Search("delivery", "a_flash_waits_for_one_frame")
FOUND = Search("gossip", "found_or_one_history", fair=True)
NOT_FRAMED = Search("gossip", "nobody_is_framed")


def errors_of(folder: Path, search: Search, *named: str) -> tuple[int, int]:
    """Search one variant; return how many errors there are, and how many states were seen."""
    model = f"{search.model}.pml"
    shutil.copy(HERE / model, folder)
    claimed = ["-DNFAIR=3", "-DCOLLAPSE"] if search.claim else ["-DNOCLAIM", "-DSAFETY"]
    for command in (
        ["spin", "-a", *(f"-D{name}" for name in named), model],
        ["gcc", "-O1", *claimed, "-o", "pan", "pan.c"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    asked = ["-a", *(["-f"] if search.fair else []), "-N", search.claim] if search.claim else []
    done = subprocess.run(
        ["./pan", "-m4000000", *asked],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=SEARCH_S,
    )
    errors = re.search(r"errors: (\d+)", done.stdout)
    states = re.search(r"(\d+) states, stored", done.stdout)
    assert errors is not None, done.stdout + done.stderr
    assert states is not None, done.stdout + done.stderr
    assert "max search depth too small" not in done.stdout
    return int(errors[1]), int(states[1])


@pytest.mark.parametrize(
    ("search", "named"),
    [
        pytest.param(RESTORED, ["MODE=2", "FAULTS=1"], id="a new incarnation does not fork"),
        pytest.param(
            Search("restore", "p2"), ["MODE=2", "FAULTS=1"], id="receipts after a restore"
        ),
        pytest.param(STORED, [], id="no receipt for what is not stored, none of a gap"),
        pytest.param(ONE_STATEMENT, [], id="a statement's number has one content"),
        pytest.param(ONE_ENTRY, [], id="two writers put one entry at a place"),
        pytest.param(ARRIVES, [], id="everything arrives over a fair path"),
        pytest.param(NO_DEADLOCK, [], id="nobody waits for ever"),
        pytest.param(FLASH_FIRST, [], id="a FLASH waits for one frame"),
        pytest.param(FOUND, [], id="two histories are found out"),
        pytest.param(NOT_FRAMED, ["HONEST=1"], id="nobody with one history is framed"),
    ],
)
def test_nothing_is_found_where_the_rules_hold(
    tmp_path: Path, search: Search, named: list[str]
) -> None:
    errors, states = errors_of(tmp_path, search, *named)

    assert errors == 0
    assert states > 20


@pytest.mark.parametrize(
    ("search", "named"),
    [
        pytest.param(RESTORED, ["MODE=0", "FAULTS=1"], id="goes on after a restore"),
        pytest.param(RESTORED, ["MODE=1", "FAULTS=1"], id="adopts the peer's copy and goes on"),
        pytest.param(RESTORED, ["MODE=2", "FSYNC=0", "FAULTS=1"], id="leaves before it is on disk"),
        pytest.param(STORED, ["DURABLE=0"], id="receipts from memory"),
        pytest.param(STORED, ["GAPS=0"], id="a receipt's size alone is read"),
        pytest.param(ONE_STATEMENT, ["DURABLE=0"], id="a statement leaves before it is on disk"),
        pytest.param(ONE_ENTRY, ["LOCKED=0"], id="two writers without a lock"),
        pytest.param(ONE_ENTRY, ["SENDS_EARLY=1"], id="an entry leaves before its commit"),
        pytest.param(ARRIVES, ["RESEND=0"], id="what was lost is not sent again"),
        pytest.param(NO_DEADLOCK, ["BLOCKING=1"], id="who cannot send does not listen"),
        pytest.param(FLASH_FIRST, ["PRECEDENCE=0"], id="in the order of writing"),
        pytest.param(FOUND, ["GOSSIP=0"], id="members do not tell what they were shown"),
        pytest.param(NOT_FRAMED, [], id="who keeps two histories is proved to"),
    ],
)
def test_what_a_rule_is_for_is_found_where_it_is_off(
    tmp_path: Path, search: Search, named: list[str]
) -> None:
    errors, _ = errors_of(tmp_path, search, *named)

    assert errors == 1


@pytest.mark.skipif(
    not os.environ.get("PARLEY_WHOLE_MODELS"),
    reason="the whole search takes two minutes and 700 MB; set PARLEY_WHOLE_MODELS=1",
)
@pytest.mark.parametrize("claim", ["p1", "p2"], ids=["no fork", "receipts after storage"])
def test_a_new_incarnation_never_forks_in_any_order_of_events(tmp_path: Path, claim: str) -> None:
    errors, states = errors_of(tmp_path, Search("restore", claim), "MODE=2")

    assert errors == 0
    assert states > 6_000_000
