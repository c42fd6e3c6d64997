"""Two stations and a witness, each with its doors open, and a stranger with a bundle."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.errors import NotFoundError, ParleyError
from support.live_stations import (
    LiveStation,
    introduce,
    live,
    make_station,
    open_channel,
    until,
)
from support.station_pair import free_port
from support.verifying import check


@dataclass
class Three:
    alfa: LiveStation
    bravo: LiveStation
    charlie: LiveStation
    folder: Path

    def trust(self, *codes: str) -> list[str]:
        return [str(self.folder / code / "own.card") for code in codes]


@contextmanager
def three(folder: Path, *, know: tuple[str, ...] = ("alfa", "bravo")) -> Iterator[Three]:
    """ALFA and BRAVO who know each other and CHARLIE; CHARLIE has the cards of `know`."""
    port = free_port()
    with (
        live(folder / "alfa", "ALFA") as alfa,
        live(folder / "bravo", "BRAVO") as bravo,
        live(folder / "charlie", "CHARLIE", listen=(), witness_listen=f"127.0.0.1:{port}") as third,
        alfa.client() as one,
        bravo.client() as two,
        third.client() as witness,
    ):
        introduce(one, bravo.serving.link_addresses[0], two)
        introduce(two, alfa.serving.link_addresses[0], one)
        for client in (one, two):
            meet(client, witness)
        for name, client in (("alfa", one), ("bravo", two)):
            if name in know:
                witness.post("/peers", {"card": client.get("/card")["armour"]})
        yield Three(alfa, bravo, third, folder)


def meet(client: Any, witness: Any) -> None:
    """Let a party take the witness's card, whose address stands on it, and compare its words."""
    card = witness.get("/card")
    client.post("/peers", {"card": card["armour"]})
    words = {"words": card["words"]["en"], "method": "paper"}
    assert client.post("/peers/CHARLIE/verify", words)["match"]


def open_witnessed(one: Any, other: Any) -> None:
    one.post(
        "/channels",
        {"code": "OPS", "peers": ["BRAVO"], "purpose": "Line", "witnesses": ["CHARLIE"]},
    )
    until(lambda: [c for c in other.get("/channels")["items"] if c["code"] == "OPS"])
    other.post("/channels/OPS/accept")
    for client in (one, other):
        until(lambda client=client: client.get("/channels/OPS")["state"] == "open")


def say(client: Any, words: str) -> str:
    body = {
        "channel": "OPS",
        "texts": [{"lang": "en", "text": words}],
        "fields": {"subject": "Test"},
    }
    return str(client.post("/submissions", body)["entry"])


def witnessed(client: Any, entry: str) -> Any:
    try:
        return client.get(f"/entries/{entry}")["times"]["witnessed_at"]
    except NotFoundError:
        return None  # it is still on its way


def bundle(client: Any) -> bytes:
    return bytes(client.post_bytes("/bundles", {"channel": "OPS"}))


def test_both_sides_hold_what_the_witness_saw_and_a_stranger_can_check_it(tmp_path):
    with three(tmp_path) as they, they.alfa.client() as one, they.bravo.client() as two:
        open_witnessed(one, two)
        seen = one.get("/channels/OPS")["witnesses"]
        assert [(each["code"], each["asked"]) for each in seen] == [("CHARLIE", True)]

        ours, theirs = say(one, "Tug at the pier."), say(two, "Seen.")

        for client in (one, two):
            for entry in (ours, theirs):
                until(lambda client=client, entry=entry: witnessed(client, entry))
        view = two.get(f"/entries/{ours}")
        assert view["proof_summary"]["witnessed_by"] == ["CHARLIE"]
        proof = two.get(f"/entries/{ours}/proof")["cosignature"]
        assert proof["by"] == "CHARLIE"
        assert "cosign" not in proof["note"], "the note is the statement and its lines, no words"
        assert proof["note"].count("\u2014 ") == 2
        raw = bundle(two)
    stranger = check(raw, they.trust("alfa", "bravo"))
    assert stranger.code == 14
    assert any("CHARLIE" in text and "NOT checked" in text for text in stranger.unchecked)
    whole = check(raw, they.trust("alfa", "bravo", "charlie"))
    assert (whole.code, whole.unchecked) == (0, [])
    assert {verdict.word for verdict in whole.verdicts} == {"record, whole"}
    assert whole.summary is not None
    assert all("on your trust list" in text for text in whole.summary.witnesses)
    assert any("by a witness" in text for verdict in whole.verdicts for text in verdict.shown)


def test_a_witness_that_is_away_delays_nothing_and_catches_up(tmp_path):
    with three(tmp_path) as they, they.alfa.client() as one, they.bravo.client() as two:
        open_witnessed(one, two)
        first = say(one, "Before.")
        until(lambda: witnessed(one, first))
        they.charlie.stop()

        second = say(one, "While the witness is away.")

        until(lambda: _held(two, second))
        assert witnessed(one, second) is None
        again = LiveStation(they.folder / "charlie")
        again.start()
        try:
            until(lambda: witnessed(one, second), 60)
            until(lambda: witnessed(two, second), 60)
        finally:
            again.stop()


def _held(client: Any, entry: str) -> bool:
    try:
        client.get(f"/entries/{entry}")
    except ParleyError:
        return False
    return True


def test_a_party_whose_card_the_witness_lacks_is_told_and_the_other_side_is_cosigned(tmp_path):
    with (
        three(tmp_path, know=("alfa",)) as they,
        they.alfa.client() as one,
        they.bravo.client() as two,
        they.charlie.client() as witness,
    ):
        open_witnessed(one, two)
        ours, theirs = say(one, "Ours."), say(two, "Theirs.")
        until(lambda: witnessed(two, ours))

        alarm = until(
            lambda: [a for a in two.get("/alarms")["items"] if "CHARLIE refused" in a["text"]]
        )
        assert "404" in alarm[0]["text"]
        assert witnessed(two, theirs) is None
        witness.post("/peers", {"card": two.get("/card")["armour"]})
        until(lambda: witnessed(one, theirs), 60)


def test_a_witness_is_no_party_and_a_party_no_witness(tmp_path):
    with three(tmp_path) as they, they.alfa.client() as one, they.charlie.client() as witness:
        with pytest.raises(ParleyError, match="witness and no party"):
            witness.post("/peers/ALFA/verify", _words(one))
            open_channel(witness, one)
        with pytest.raises(ParleyError, match="BRAVO is no witness"):
            one.post("/channels", {"code": "X", "peers": ["BRAVO"], "witnesses": ["BRAVO"]})
        assert not [link for link in one.get("/links")["items"] if link["peer"] == "CHARLIE"]


def _words(client: Any) -> dict[str, Any]:
    return {"words": client.get("/card")["words"]["en"], "method": "paper"}


def test_the_door_of_a_witness_refuses_what_is_no_submission(tmp_path):
    make_station(tmp_path / "w", "CHARLIE", listen=(), witness_listen="127.0.0.1:0")
    station = LiveStation(tmp_path / "w")
    at = f"http://{station.start().witness_address}"
    try:
        for body in (b"", b"old 0", b"old 0\n\n", b"old -1\n\nx\n", b"\xff", b"old 0\n\n" * 9_999):
            assert httpx.post(f"{at}/add-checkpoint", content=body).status_code == 400, body[:20]
        huge = httpx.post(f"{at}/add-checkpoint", content=b"x" * 140_000)
        assert huge.status_code == 413
        assert httpx.get(f"{at}/add-checkpoint").status_code == 405
        assert httpx.get(f"{at}/elsewhere").status_code == 404
        name, key_id, packed = httpx.get(f"{at}/key").text.strip().split("+", 2)
        assert name.startswith("CHARLIE/")
        assert len(key_id) == 8
        assert base64.b64decode(packed)[0] == 4
    finally:
        station.stop()
