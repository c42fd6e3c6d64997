"""A witness made, served, and named in a charter, all on the command line, as docs/operate.md says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from parley.core.card import read_card_file
from parley.core.cosignature import witness_of
from parley.core.witness import submission
from parley.station.directory import is_running
from support.live_stations import PASSPHRASE
from support.station_pair import READY_S, Pair, free_port


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, int]]:
    pair = Pair(tmp_path_factory.mktemp("three"))
    port = free_port()
    try:
        pair.make()
        made = pair.plain(
            "init", "./charlie", "--code", "CHARLIE", "--witness-only", "--release", "one-person",
            "--listen", f"127.0.0.1:{port}", "--no-input",
        )  # fmt: skip
        assert made.code == 0, made.err
        exported = pair.run("charlie", "card", "export", "--out", "charlie.card")
        assert exported.code == 0, exported.err
        for party in ("alfa", "bravo"):
            assert pair.run("charlie", "peer", "add", f"{party}/own.card").code == 0
            assert pair.run(party, "peer", "add", "charlie.card").code == 0
        for party in ("alfa", "bravo"):
            words = ("--method", "paper", "--words", pair.words_of("charlie"))
            assert pair.run(party, "peer", "verify", "CHARLIE", *words).code == 0
        for party in ("alfa", "bravo", "charlie"):
            pair.serve(party)
        for party in ("alfa", "bravo", "charlie"):
            eventually(lambda party=party: is_running(pair.folder / party))
        yield pair, port
    finally:
        pair.close()


def eventually(found):
    last = time.monotonic() + READY_S
    while not (value := found()):
        assert time.monotonic() < last, "it did not come to pass"
        time.sleep(0.2)
    return value


def test_a_channel_with_a_witness_from_proposal_to_a_strangers_check(three):
    pair, _ = three
    proposed = pair.run(
        "alfa", "channel", "propose", "BRAVO", "--code", "OPS", "--witness", "CHARLIE", "--yes"
    )
    assert proposed.code == 0, proposed.err
    accepted = pair.run("bravo", "channel", "accept", "OPS", "--yes", "-v")
    assert "CHARLIE: sees party ids, sizes, roots and times, no text" in accepted.err
    sent = pair.run(
        "alfa", "send", "OPS", "First words.", "--subject", "First", "--wait", "delivered", "--json"
    )
    entry = sent.data["entry"]

    for party in ("alfa", "bravo"):
        eventually(
            lambda party=party: pair.run(party, "show", entry, "--json").data["times"][
                "witnessed_at"
            ]
        )
    shown = pair.run("bravo", "show", entry, "--proof")
    assert "by CHARLIE" in shown.out
    assert "cosigned   CHARLIE over ALFA's statement" in shown.out
    kept = pair.run("charlie", "witness", "--json").data
    assert {log["party"] for log in kept["logs"]} == {"ALFA", "BRAVO"}
    assert kept["two_histories"] == []
    exported = pair.run("bravo", "log", "export", "--channel", "OPS", "--out", "ops.parley")
    assert exported.code == 0, exported.err
    trust = [word for each in ("alfa", "bravo") for word in ("--trust", f"{each}/own.card")]
    partly = pair.plain("verify", "ops.parley", *trust)
    assert partly.code == 14
    assert "card not given, so this was NOT checked" in partly.out
    whole = pair.plain("verify", "ops.parley", *trust, "--trust", "charlie.card")
    assert whole.code == 0, whole.out
    by_key = pair.plain("verify", "ops.parley", *trust, "--trust", kept["key"])
    assert by_key.code == 0, by_key.out


def test_who_has_a_witness_sees_how_far_it_cosigned_and_misses_no_line_to_it(three):
    pair, _ = three
    row = eventually(
        lambda: next(
            (
                line
                for line in pair.run("alfa", "status", "--json").data["lines"]
                if line["peer"] == "CHARLIE" and line["witness"]["size"] == line["witness"]["of"]
            ),
            None,
        )
    )
    assert row["line"] == "witness"
    assert row["witness"]["of"] > 0
    told = pair.run("alfa", "status").out
    assert f"witness    CHARLIE  cosigned {row['witness']['of']} of" in told
    checks = {one["check"]: one for one in pair.run("alfa", "doctor", "--json").data["items"]}
    assert checks["line CHARLIE"]["level"] == "ok", checks["line CHARLIE"]


def test_the_card_of_a_witness_says_where_and_under_which_key(three):
    pair, port = three
    card = pair.run("charlie", "card", "show", "--json").data

    assert card["paths"] == [f"http://127.0.0.1:{port}"]
    known = witness_of(read_card_file((pair.folder / "charlie.card").read_bytes()))
    assert known is not None
    assert card["witness_key"] == known.vkey
    assert pair.run("alfa", "card", "show", "--json").data["witness_key"] is None
    eventually(lambda: httpx.get(f"{card['paths'][0]}/key").text.strip() == known.vkey)


def test_a_witness_without_an_address_and_a_party_with_a_witnesss_are_refused(three):
    pair, _ = three
    for given, said in (
        (("--witness-only",), "--listen"),
        (("--witness-only", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"), "--listen"),
        (("--url", "https://x.example"), "--witness-only"),
        (("--witness-only", "--listen", "127.0.0.1:1", "--url", "ftp://x"), "http"),
        (("--witness-only", "--listen", "127.0.0.1:1", "--console", "127.0.0.1:2"), "console"),
    ):
        refused = pair.plain("init", "./none", "--code", "NONE", "--no-input", *given)
        assert refused.code == 2, (given, refused.err)
        assert said in refused.err
        assert not (pair.folder / "none" / "parley.toml").exists()


def test_a_partys_station_has_nothing_to_show_as_a_witness(three):
    pair, _ = three

    refused = pair.run("alfa", "witness")

    assert refused.code == 5
    assert "no witness" in refused.err


def test_two_histories_shown_to_the_witness_are_printed_with_both_notes(three):
    pair, port = three
    from parley.core.statement import parse_text, sign_statement, split_note  # noqa: PLC0415
    from parley.station.identity import identity_of, read_own_card  # noqa: PLC0415
    from parley.station.keystore import read_station_keys  # noqa: PLC0415

    keys = read_station_keys(pair.folder / "alfa" / "keys" / "station.key", passphrase=PASSPHRASE)
    identity = identity_of(read_own_card(pair.folder / "alfa"), keys)
    entry = json.loads(pair.run("alfa", "log", "show", "--channel", "OPS", "--json").out)
    name = next(each["name"] for each in entry["data"]["items"] if each["party"] == "ALFA")
    note = pair.run("alfa", "show", name, "--proof", "--json").data["proof"]["cosignature"]["note"]
    said = parse_text(split_note(note)[0])
    state = next(
        log
        for log in pair.run("charlie", "witness", "--json").data["logs"]
        if log["party"] == "ALFA"
    )
    forged = sign_statement(
        type(said)(
            channel=said.channel, party=said.party, inc=said.inc, size=state["size"],
            root=b"\x05" * 32, no=said.no, time=said.time, holds=said.holds,
        ),
        key_number=identity.key_number, signer=identity.signer,
    ).note(identity.signer.public_key)  # fmt: skip

    answer = httpx.post(
        f"http://127.0.0.1:{port}/add-checkpoint", content=submission(state["size"], (), forged)
    )

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "text/x.tlog.size"
    found = pair.run("charlie", "witness")
    assert found.code == 14
    assert "TWO HISTORIES signed with ALFA's key" in found.out
