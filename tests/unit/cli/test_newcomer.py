"""What somebody meets who types a command for the first time, on a station that does not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.station.directory import hold
from support.cli_run import run


def made(code: str, *more: str) -> None:
    ended = run("init", f"./{code.lower()}", "--code", code, "--no-input", *more)
    assert ended.code == 0, ended.err


def test_an_exercise_is_made_by_its_name(folder: Path) -> None:
    made("ALFA", "--exercise")
    shown = run("config", "show", "--station", "./alfa", "--json").json["data"]["items"]

    assert {row["key"]: row["value"] for row in shown}["station.mark"] == "EXERCISE"
    both = run("init", "./other", "--code", "OTHER", "--exercise", "--mark", "TEST", "--no-input")
    assert both.code == 2
    assert "--exercise" in both.err


def test_the_inbox_can_be_asked_for_what_is_new(alfa: Path, folder: Path) -> None:
    made("BRAVO")
    card = str(folder / "bravo" / "own.card")
    assert run("peer", "add", card, "--station", str(alfa), "--no-input").code == 0
    inbox = ("inbox", "--station", str(alfa), "--json", "--fail-if-any")

    hour, future = run(*inbox, "--since", "1h"), run(*inbox, "--since", "2100-01-01T00:00:00Z")

    assert [row["kind"] for row in hour.json["data"]["items"]] == ["compare"]
    assert (hour.code, future.code) == (20, 0)
    assert future.json["data"]["items"] == []
    assert run(*inbox, "--since", "yesterday").code == 2


@pytest.mark.parametrize(
    ("command", "code", "then"),
    [
        (("draft", "show", "D-0001"), 5, "parley draft list"),
        (("case", "show", "REQ-ALFA-9"), 5, "parley case list"),
        (("peer", "verify", "ALFA", "--method", "smoke", "--words", "x"), 2, "in-person"),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else None,
)
def test_what_is_not_there_is_told_with_what_to_do(
    alfa: Path, command: tuple[str, ...], code: int, then: str
) -> None:
    ended = run(*command, "--station", str(alfa), "--json")

    assert ended.code == code, ended.out
    assert then in ended.json["error"]["next"]


def test_who_finds_a_station_held_is_told_only_of_options_that_there_are(alfa: Path) -> None:
    keys = ("keys", "recover", "copy", "--station", str(alfa), "--json")
    Path("copy").write_text("x")
    with hold(alfa, purpose="parley serve"):
        held = run(*keys).json["error"]
        serving = run("serve", "--station", str(alfa), "--wait-lock", "0s", "--json")

    assert (held["exit"], held["next"]) == (11, "Stop that process, then do this again.")
    assert serving.code == 11
    assert "--wait-lock" in serving.json["error"]["next"]
