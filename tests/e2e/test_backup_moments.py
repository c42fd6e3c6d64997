"""A backup taken at the worst moment: a sealed exchange half done, a file half here, keys turned."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from parley.api.client import Client
from parley.errors import ParleyError
from parley.station import backing_up
from parley.station.backing_up import back_up, check, put_back
from parley.station.config import load
from parley.station.identity import identity_of, read_own_card
from parley.station.key_rotation import rotate
from parley.station.keystore import read_root_keys, read_station_keys
from support.live_stations import KDF_KIB, PASSPHRASE, LiveStation, live_pair, make_station, until

COMMIT = {"channel": "OPS", "procedure": "sealed_offer", "move": "commit"}
FILE = b"%PDF-1.7\n" + os.urandom(1_000_000)
NOW = 1_800_000_000


@dataclass
class Story:
    """Where it led: the folder, BRAVO's client, and what it is about."""

    home: Path
    bravo: Client
    draft: dict
    entry: str
    filed: str


def delivered(client: Client, entry: str) -> str:
    assert client.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")["reached"]
    return entry


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Iterator[Story]:
    """ALFA is copied with a sealed offer held for release, then after that, a file half here."""
    home = tmp_path_factory.mktemp("moments")
    with live_pair(home) as (alfa, _, a, b):
        offer = {"offer": {"en": "Both sides ten metres"}, "due": "2099-01-01T00:00:00Z"}
        made = a.post("/drafts", {**COMMIT, "fields": {**offer, "series": "works"}})
        held = a.post(f"/drafts/{made['id']}/review", etag=made["etag"])
        back_up(load(home / "alfa"), home / "before", now=NOW)

        done = a.post(
            f"/drafts/{held['id']}/release", {"digest": held["digest"]}, etag=held["etag"]
        )
        delivered(a, done["entry"])
        digest = sha256(FILE).hexdigest()
        file = b.put_file(
            f"/attachments/{digest}", FILE, kind="application/pdf", key="k", name="f.pdf"
        )
        fields = {"subject": "File", "attach": [file]}
        words = {"channel": "OPS", "texts": [{"lang": "en", "text": "A file."}], "fields": fields}
        filed = delivered(b, b.post("/submissions", words)["entry"])
        back_up(load(home / "alfa"), home / "after", now=NOW)
        alfa.stop()
        yield Story(home, b, held, done["entry"], filed)


def restored(a: Client) -> bool:
    try:
        a.post("/channels/OPS/restore", {"peers": ["BRAVO"], "timeout_s": 10})
    except ParleyError:
        return False
    return True


def test_what_was_released_after_it_is_not_released_again_and_is_opened_as_it_was(story):
    put_back(story.home / "before", story.home / "first")
    station = LiveStation(story.home / "first")
    station.start()
    try:
        with station.client() as a:
            assert a.get(f"/drafts/{story.draft['id']}")["state"] == "held"
            until(lambda: restored(a))

            found = a.get(f"/drafts/{story.draft['id']}")
            assert (found["state"], found["entry"]) == ("released", story.entry)
            assert a.get("/drafts")["items"] == []
            again = a.post(
                f"/drafts/{found['id']}/release", {"digest": found["digest"]}, etag=found["etag"]
            )
            assert again["entry"] == story.entry

            case = story.bravo.get(f"/entries/{story.entry}")["case"]
            theirs = {**COMMIT, "case": case, "fields": {"offer": {"en": "Five"}}}
            delivered(story.bravo, story.bravo.post("/submissions", theirs)["entry"])
            opening = {**COMMIT, "move": "reveal", "case": case, "fields": {}}
            opened = until(lambda: tried(a, opening))
            delivered(a, opened)
            assert "ten metres" in str(story.bravo.get(f"/entries/{opened}"))
            alarms = story.bravo.get("/alarms")["items"]
            assert not [one for one in alarms if one["kind"] in ("fork", "rollback", "breach")]
    finally:
        station.stop()


def tried(a: Client, body: dict) -> str | None:
    try:
        return str(a.post("/submissions", body)["entry"])
    except ParleyError:
        return None


def test_a_file_that_was_half_here_comes_whole(story):
    """Also put back a second time, on another machine, after the first one is gone."""
    put_back(story.home / "after", story.home / "second")
    station = LiveStation(story.home / "second")
    station.start()
    try:
        with station.client() as a:
            until(lambda: restored(a))
            until(lambda: a.get(f"/entries/{story.filed}")["attachments"][0]["state"] == "here")
            (file,) = a.get(f"/entries/{story.filed}")["attachments"]
            got = a.get_bytes(f"/attachments/{file['digest']}", entry=story.filed)
            assert got == FILE
    finally:
        station.stop()


def test_keys_turned_while_the_record_is_copied_go_together(tmp_path, monkeypatch):
    """The station was stopped, its key turned and the station begun again under a long copy."""
    home = tmp_path / "alfa"
    make_station(home, "ALFA")
    station = LiveStation(home)
    station.start()
    station.stop()
    copy = backing_up.copy_record

    def copy_and_turn(source: Path, target: Path) -> int:
        copied = copy(source, target)
        rotate(
            home, home / "keys/station.key", passphrase=PASSPHRASE, now=int(time.time()),
            root=read_root_keys(home / "keys/root.key", passphrase=PASSPHRASE),
            random=os.urandom, revoke=True, kdf_kib=KDF_KIB,
        )  # fmt: skip
        return copied

    monkeypatch.setattr(backing_up, "copy_record", copy_and_turn)
    back_up(load(home), tmp_path / "copy", now=NOW)
    monkeypatch.undo()

    assert check(tmp_path / "copy").card == 2
    put_back(tmp_path / "copy", tmp_path / "again")
    card = read_own_card(tmp_path / "again")
    keys = read_station_keys(tmp_path / "again/keys/station.key", passphrase=PASSPHRASE)
    assert identity_of(card, keys).key_number == 1
