"""Keys through their life: rotated, revoked, backed up and put back, with two real stations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import jsonschema
import pytest

from parley.cli.schemas import schema_of
from parley.station.key_rotation import recover
from support.load import answers, until
from support.station_pair import BIN, PASSPHRASE, Pair, Said


@pytest.fixture
def pair(tmp_path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    made.make(channel="OPS")
    try:
        made.serve("alfa")
        made.serve("bravo")
        yield made
    finally:
        made.close()


def send(pair: Pair, station: str, text: str) -> str:
    said = pair.run(
        station, "send", "OPS", text, "--wait", "delivered", "--timeout", "60s", "--json"
    )
    assert said.code == 0, said.err
    return str(said.data["entry"])


def checked(said: Said) -> Said:
    assert said.code == 0, said.err
    jsonschema.validate(said.json, schema_of(said.json["schema"].split(".")[1].split("/")[0]))
    return said


def export_and_verify(pair: Pair, station: str, name: str) -> str:
    assert pair.run(station, "log", "export", "--channel", "OPS", "--out", name).code == 0
    verified = pair._run(
        [
            str(BIN / "parley-verify"),
            name,
            "--trust",
            "alfa/own.card",
            "--trust",
            "bravo/own.card",
        ],
        "",
        {},
    )
    assert verified.code == 0, verified.out + verified.err
    return verified.out


def test_a_rotated_key_is_taken_by_the_peer_and_by_a_stranger_and_words_stay(pair: Pair) -> None:
    send(pair, "bravo", "Under the first key.")
    words = pair.words_of("bravo")
    pair.stop("bravo")
    before = (pair.folder / "bravo/own.card").read_bytes()

    tried = checked(pair.run("bravo", "keys", "rotate", "--dry-run", "--json"))
    assert (tried.data["number"], tried.data["written"]) == (1, False)
    assert (pair.folder / "bravo/own.card").read_bytes() == before

    done = checked(pair.run("bravo", "keys", "rotate", "--json"))
    assert (done.data["number"], done.data["before"], done.data["card"]) == (1, 0, 2)
    listed = checked(pair.run("bravo", "keys", "list", "--json"))
    assert [(key["number"], key["in_use"]) for key in listed.data["items"]] == [
        (0, False),
        (1, True),
    ]

    pair.serve("bravo")
    send(pair, "alfa", "To the second key.")
    send(pair, "bravo", "Under the second key.")
    shown = pair.run("alfa", "peer", "show", "BRAVO", "--json").data
    assert shown["key_state"] == "verified"
    assert shown["card"]["sequence"] == 2
    assert pair.words_of("bravo") == words
    assert "VALID" in export_and_verify(pair, "alfa", "seen-by-alfa.parley")
    assert "VALID" in export_and_verify(pair, "bravo", "seen-by-bravo.parley")

    pair.stop("alfa")
    pair.serve("alfa")  # the card that came over the link is kept
    send(pair, "alfa", "After a restart.")


def test_both_rotate_twice_while_the_other_is_away(pair: Pair) -> None:
    send(pair, "alfa", "Before.")
    pair.stop("alfa")
    pair.stop("bravo")
    for station in ("alfa", "bravo", "alfa", "bravo"):
        checked(pair.run(station, "keys", "rotate", "--json"))

    pair.serve("alfa")
    pair.serve("bravo")
    send(pair, "alfa", "After, from ALFA.")
    send(pair, "bravo", "After, from BRAVO.")

    assert "VALID" in export_and_verify(pair, "alfa", "both.parley")


def test_after_a_revocation_the_stolen_key_opens_no_line_and_the_owner_goes_on(pair: Pair) -> None:
    send(pair, "bravo", "Before the theft.")
    pair.stop("bravo")
    shutil.copytree(pair.folder / "bravo", pair.folder / "stolen")
    done = checked(pair.run("bravo", "keys", "rotate", "--revoke", "--json"))
    assert done.data["revoked"] is True

    pair.serve("bravo")
    send(pair, "bravo", "After the revocation.")
    send(pair, "alfa", "We have your new card.")
    verified = export_and_verify(pair, "alfa", "after.parley")
    assert "VALID" in verified
    pair.stop("bravo")

    # The thief runs the stolen directory at the same address: nobody talks to it.
    stolen = pair.start("stolen", "serve")
    sent = pair.run("alfa", "send", "OPS", "Is it you?", "--wait", "delivered", "--timeout", "6s")
    stolen.terminate()
    stolen.wait()
    assert sent.code == 3, sent.err


def test_keys_are_backed_up_and_put_back_and_a_wrong_file_changes_nothing(pair: Pair) -> None:
    pair.stop("bravo")
    checked(pair.run("bravo", "keys", "backup", "bravo.keys", "--json"))
    key_file = pair.folder / "bravo/keys/station.key"
    kept = key_file.read_bytes()

    # Nothing else is left of a station whose disk is lost.
    nothing = pair.folder / "nothing"
    card = recover(
        nothing, nothing / "keys/station.key", pair.folder / "bravo.keys", passphrase=PASSPHRASE
    )
    assert card.code == "BRAVO"
    assert (nothing / "keys/station.key").read_bytes() == kept

    key_file.unlink()
    refused = pair.run("bravo", "keys", "recover", "pw")
    assert refused.code == 2
    assert "no backup of keys" in refused.err
    assert not key_file.exists()
    checked(pair.run("bravo", "keys", "recover", "bravo.keys", "--json"))
    assert key_file.read_bytes() == kept

    checked(pair.run("bravo", "keys", "rotate", "--json"))
    older = pair.run("bravo", "keys", "recover", "bravo.keys")
    assert older.code == 6
    assert "newer" in older.err
    pair.serve("bravo")
    send(pair, "bravo", "Still here.")


def test_rotation_needs_the_root_and_a_station_that_is_stopped(pair: Pair) -> None:
    until(lambda: answers(pair, "bravo"))
    running = pair.run("bravo", "keys", "rotate")
    assert running.code == 11, running.err
    pair.stop("bravo")
    foreign = pair.run("bravo", "keys", "rotate", "--root-key", "alfa/keys/root.key")
    assert foreign.code == 12
    assert "root key" in foreign.err
    (pair.folder / "bravo/keys/root.key").rename(pair.folder / "safe.key")
    missing = pair.run("bravo", "keys", "rotate")
    assert missing.code != 0
    checked(pair.run("bravo", "keys", "rotate", "--root-key", "safe.key", "--json"))
