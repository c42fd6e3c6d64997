"""What was signed under keys of before, through a peer's rotations and revocations."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from parley.api.client import Client
from parley.station import card_news
from parley.station.identity import read_own_card
from parley.station.key_rotation import rotate
from parley.station.keystore import read_root_keys
from support.live_stations import KDF_KIB, PASSPHRASE, LiveStation, live_pair, until
from support.verifying import check


def turn_key(station: LiveStation, *, revoke: bool) -> None:
    """Rotate the key of a station that does not run, as `parley keys rotate` does.

    A second later than now: a key counts until the second of its revocation, that one excluded.
    """
    home = station.directory
    rotate(
        home, home / "keys/station.key", passphrase=PASSPHRASE, now=int(time.time()) + 1,
        root=read_root_keys(home / "keys/root.key", passphrase=PASSPHRASE),
        random=os.urandom, revoke=revoke, kdf_kib=KDF_KIB,
    )  # fmt: skip


def say(client, words: str) -> str:
    fields = {"subject": "Keys"}
    body = {"channel": "OPS", "texts": [{"lang": "en", "text": words}], "fields": fields}
    entry = client.post("/submissions", body)["entry"]
    assert client.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")["reached"]
    return entry


def again(station: LiveStation, keys: int) -> LiveStation:
    """Return the station as it runs again, after so many keys in a row were stolen and revoked."""
    station.stop()
    for _ in range(keys):
        turn_key(station, revoke=True)
    back = LiveStation(station.directory)
    back.start()
    return back


@dataclass
class Story:
    """Where it led: the stations that run, a client of each by code, and entries by name."""

    stations: dict[str, LiveStation]
    clients: dict[str, Client]
    entries: dict[str, str]

    @property
    def trust(self) -> list[str]:
        cards = (read_own_card(one.directory) for one in self.stations.values())
        return [card.fingerprint.hex() for card in cards]


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Iterator[Story]:
    """BRAVO speaks under its first key, then eight keys in a row are stolen and revoked."""
    with (
        live_pair(tmp_path_factory.mktemp("keys")) as (alfa, bravo, a, b),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(card_news, "_PAUSE_SECONDS", 0.0)
        entries = {"first": say(b, "Under the first key."), "asked": say(a, "Received under it.")}
        seven = again(bravo, 7)
        with seven.client() as client:
            say(client, "Under the eighth.")
        eight = again(seven, 1)
        with eight.client() as client:
            entries["last"] = say(client, "Under the ninth.")
            until(lambda: a.get("/peers/BRAVO")["card"]["sequence"] == 9)
            yield Story({"ALFA": alfa, "BRAVO": eight}, {"ALFA": a, "BRAVO": client}, entries)
        eight.stop()


@pytest.mark.parametrize("who", ["ALFA", "BRAVO"])
def test_a_key_that_fell_off_the_card_still_proves_what_it_signed(story, who):
    numbers = [key.number for key in read_own_card(story.stations["BRAVO"].directory).station_keys]
    assert 0 not in numbers

    raw = story.clients[who].post_bytes("/bundles", {"case": story.entries["first"]})

    report = check(raw, story.trust)
    assert report.refused is None
    assert [(v.word, v.lacking) for v in report.verdicts] == [("in the log", []), ("delivered", [])]
    assert report.code == 0


@pytest.mark.parametrize("who", ["ALFA", "BRAVO"])
def test_a_receipt_that_it_signed_is_shown_as_verified(story, who):
    proof = story.clients[who].get(f"/entries/{story.entries['asked']}/proof")

    assert [receipt["verified"] for receipt in proof["receipts"]] == [True]


def test_what_a_removed_peer_signed_stays_provable(story):
    """Last in this file: it forgets BRAVO."""
    alfa = story.clients["ALFA"]
    alfa.delete("/peers/BRAVO")

    raw = alfa.post_bytes("/bundles", {"case": story.entries["first"]})

    assert check(raw, story.trust).code == 0
