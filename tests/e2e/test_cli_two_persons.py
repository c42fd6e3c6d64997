"""Where two persons are needed: nothing is trusted and nothing leaves by one alone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from support.station_pair import Pair, Said

QUOTAS = ("--entries-per-day", "2000", "--flash-per-hour", "20")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """ALFA and BRAVO under two-person release; each has a second officer on the same account."""
    made = Pair(tmp_path_factory.mktemp("pair"), release="two-person")
    made.make()
    try:
        for station in ("alfa", "bravo"):
            prepare(made, station)
        made.serve("alfa")
        made.serve("bravo")
        for station, command in (
            ("alfa", ("channel", "propose", "BRAVO", "--code", "OPS", *QUOTAS, "--yes")),
            ("bravo", ("channel", "accept", "OPS", "--yes")),
        ):
            open_by_two(made, station, *command)
        yield made
    finally:
        made.close()


def as_officer(pair: Pair, station: str, number: int, *command: str) -> Said:
    return pair.run(station, *command, "--officer", f"{station.upper()}-{number}", "--json")


def open_by_two(pair: Pair, station: str, *command: str) -> None:
    """Let one person prepare a channel act, and another one confirm it; one alone gets nowhere."""
    held = as_officer(pair, station, 1, *command)
    assert held.code == 13, held.err
    assert (held.data["by"], held.data["needs"]) == (f"{station.upper()}-1", ["second person"])
    listed = as_officer(pair, station, 1, "channel", "list").data["items"]
    assert [row["opened"] for row in listed] == [False] * len(listed)
    kinds = [
        (row["kind"], row["title"]) for row in as_officer(pair, station, 2, "inbox").data["items"]
    ]
    assert ("draft", "waits for a second person") in kinds
    digest = held.data["digest"]
    confirm = ("channel", "confirm", "OPS", "--digest")
    own = as_officer(pair, station, 1, *confirm, digest)
    assert (own.code, own.json["error"]["code"]) == (4, "not_allowed")
    other = as_officer(pair, station, 2, *confirm, "0" * 64)
    assert other.code == 6, other.err
    done = as_officer(pair, station, 2, *confirm, digest[:12])
    assert done.code == 0, done.err
    assert done.data["opened"]
    for said in (held, done):
        # What the first person proposed, the other party reads too before it accepts.
        bounds = ("entries_per_day", "bytes_per_day", "flash_per_hour")
        assert [said.data[name] for name in bounds] == [2000, None, 20]


def prepare(pair: Pair, station: str) -> None:
    """Add a second officer and let both compare the other side's words, the station closed."""
    code = station.upper()
    added = pair.run(
        station,
        "officer",
        "add",
        f"{code}-2",
        "--role",
        "releaser",
        "--role",
        "administrator",
        "--account",
        str(os.getuid()),
    )
    assert added.code == 0, added.err
    other = "bravo" if station == "alfa" else "alfa"
    words = pair.words_of(other)
    first = compare(pair, station, other, words, f"{code}-1")
    assert first.code == 13, first.err
    assert first.data["peer"]["trusted"] is False
    second = compare(pair, station, other, words, f"{code}-2")
    assert second.code == 0, second.err


def compare(pair: Pair, station: str, other: str, words: str, officer: str) -> Said:
    return pair.run(
        station,
        "peer",
        "verify",
        other.upper(),
        "--method",
        "voice",
        "--words",
        words,
        "--officer",
        officer,
        "--json",
    )


def held(pair: Pair, text: str) -> str:
    """Send a text as the first officer; it is held. Return the draft's number."""
    said = pair.run("alfa", "send", "OPS", text, "--officer", "ALFA-1", "--json")
    assert said.code == 13, said.err
    assert said.data["entry"] is None
    assert said.data["needs"] == ["releaser"]
    return str(said.data["draft"])


def test_with_several_officers_on_an_account_one_must_be_named(pair: Pair) -> None:
    said = pair.run("alfa", "send", "OPS", "Who am I?", "--json")

    assert said.code == 4
    assert "--officer" in said.json["error"]["next"]


def test_the_writer_cannot_release_and_the_second_person_can(pair: Pair) -> None:
    draft = held(pair, "Needs two.")
    shown = pair.run("alfa", "draft", "show", draft, "--officer", "ALFA-2", "--json")
    digest = shown.data["digest"]

    alone = pair.run("alfa", "release", draft, "--digest", digest, "--officer", "ALFA-1", "--json")
    released = pair.run(
        "alfa", "release", draft, "--digest", digest, "--officer", "ALFA-2", "--json"
    )

    assert alone.code == 4
    assert alone.json["error"]["code"] == "own_draft"
    assert released.code == 0, released.err
    assert released.data["entry"].startswith("OPS/ALFA/")


def test_a_release_of_another_text_than_the_one_read_sends_nothing(pair: Pair) -> None:
    draft = held(pair, "First wording.")
    read = pair.run("alfa", "draft", "show", draft, "--officer", "ALFA-2", "--json").data["digest"]
    edited = pair.run(
        "alfa",
        "draft",
        "edit",
        draft,
        "--text",
        "Second wording.",
        "--review",
        "--officer",
        "ALFA-1",
        "--json",
    )
    assert edited.code == 0, edited.err

    said = pair.run("alfa", "release", draft, "--digest", read, "--officer", "ALFA-2", "--json")

    assert said.code == 6
    assert said.json["error"]["code"] == "draft_changed"
    assert (
        pair.run("alfa", "draft", "show", draft, "--officer", "ALFA-1", "--json").data["state"]
        == "held"
    )


def test_no_yes_releases_where_nobody_can_be_asked(pair: Pair) -> None:
    draft = held(pair, "Ask somebody.")

    said = pair.run("alfa", "release", draft, "--officer", "ALFA-2", "--json")

    assert said.code == 2
    assert "--digest" in said.json["error"]["next"]


def test_a_refused_draft_returns_to_its_writer_and_can_be_dropped(pair: Pair) -> None:
    draft = held(pair, "Wrong position.")

    refused = pair.run(
        "alfa", "refuse", draft, "--reason", "wrong position", "--officer", "ALFA-2", "--json"
    )
    dropped = pair.run("alfa", "draft", "drop", draft, "--yes", "--officer", "ALFA-1", "--json")

    assert refused.data["state"] == "returned"
    assert refused.data["reason"] == "wrong position"
    assert dropped.data["state"] == "dropped"


def test_who_waits_for_a_held_draft_waits_for_its_release_too(pair: Pair) -> None:
    waiting = pair.start(
        "alfa",
        "send",
        "OPS",
        "Wait through release.",
        "--wait",
        "delivered",
        "--timeout",
        "60s",
        "--officer",
        "ALFA-1",
    )
    line = waiting.stderr.readline()
    draft = line.split()[1]
    digest = pair.run("alfa", "draft", "show", draft, "--officer", "ALFA-2", "--json").data[
        "digest"
    ]

    pair.run("alfa", "release", draft, "--digest", digest, "--officer", "ALFA-2")
    out, err = waiting.communicate(timeout=60)

    assert waiting.returncode == 0, err
    assert out.strip().startswith("OPS/ALFA/")
    assert "delivered" in err


def test_an_acknowledgement_needs_no_second_person(pair: Pair) -> None:
    draft = held(pair, "Acknowledge me.")
    digest = pair.run("alfa", "draft", "show", draft, "--officer", "ALFA-2", "--json").data[
        "digest"
    ]
    entry = pair.run(
        "alfa", "release", draft, "--digest", digest, "--officer", "ALFA-2", "--json"
    ).data["entry"]
    assert pair.run("alfa", "wait", entry, "--timeout", "60s", "--officer", "ALFA-1").code == 0

    said = pair.run("bravo", "ack", entry, "--officer", "BRAVO-1", "--json")

    assert said.code == 0, said.err
    assert said.data["entry"].startswith("OPS/BRAVO/")


def test_what_one_prepared_can_be_given_up_and_nothing_was_sent(pair: Pair) -> None:
    propose = ("channel", "propose", "BRAVO", "--code", "LAW", "--yes")
    held = as_officer(pair, "alfa", 1, *propose)
    assert held.code == 13, held.err
    assert as_officer(pair, "alfa", 1, *propose).data["digest"] == held.data["digest"]
    assert as_officer(pair, "alfa", 1, *propose, "--purpose", "Other").code == 6
    dropped = as_officer(pair, "alfa", 2, "channel", "drop", "LAW", "--reason", "too early")
    assert dropped.code == 0, dropped.err
    gone = as_officer(pair, "alfa", 2, "channel", "confirm", "LAW", "--digest", "0" * 64)
    assert gone.code == 5, gone.err
    listed = as_officer(pair, "bravo", 1, "channel", "list").data["items"]
    assert [row["code"] for row in listed] == ["OPS"]


def test_an_emergency_leaves_by_one_officer_of_the_watch_and_another_countersigns(
    pair: Pair,
) -> None:
    watch = ("--role", "watch", "--account", str(os.getuid()))
    assert as_officer(pair, "alfa", 2, "officer", "add", "ALFA-3", *watch).code == 0
    routine = as_officer(pair, "alfa", 3, "send", "OPS", "A routine matter.")
    assert (routine.code, routine.json["error"]["code"]) == (4, "not_allowed")
    flash = as_officer(pair, "alfa", 3, "send", "OPS", "Stop at once.", "-p", "Z")
    assert (flash.code, flash.data["needs"]) == (13, ["releaser"])

    told = ("what=drifting ship", "where=10-02.00N 114-31.00E", "since=2026-11-23T21:00:00Z")
    told += ("who=a tug", "we_do=we stand by", "we_ask=keep clear", "contact_now=telephone 1")
    fields = [part for each in told for part in ("--field", each)]
    opening = ("case", "new", "emergency", "--channel", "OPS", "--move", "raise", "-p", "Z")
    sent = as_officer(pair, "alfa", 3, *opening, "A ship drifts to the pier.", *fields)
    assert sent.code == 0, sent.err
    draft = sent.data["draft"]
    own = as_officer(pair, "alfa", 3, "draft", "countersign", draft)
    assert (own.code, own.json["error"]["code"]) == (4, "own_draft")
    signed = as_officer(pair, "alfa", 2, "draft", "countersign", draft)
    assert (signed.data["released_by"], signed.data["by"]) == ("ALFA-3", "ALFA-2")
