"""A backup of a station that runs: whole, without keys in the open, checked, and put back safely."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from parley.api.client import Client
from parley.errors import ConflictError, EvidenceError, ParleyError, StoreError, UsageError
from parley.station.backing_up import back_up, check, put_back
from parley.station.config import load
from support.live_stations import LiveStation, live_pair, make_station, until

NOW = 1_800_000_000


def say(client: Client, words: str) -> str:
    body = {"channel": "OPS", "texts": [{"lang": "en", "text": words}]}
    entry = client.post("/submissions", body | {"fields": {"subject": "Backup"}})["entry"]
    assert client.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")["reached"]
    return str(entry)


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """Two stations that talked, and a backup of ALFA that was made while both ran."""
    home = tmp_path_factory.mktemp("backup")
    with live_pair(home) as (alfa, _, a, b):
        say(a, "Before the backup.")
        made = back_up(load(home / "alfa"), home / "copy", now=NOW)
        later = say(a, "After the backup.")
        alfa.stop()
        yield home, made, later, b


def test_it_holds_what_was_committed_and_no_key_in_the_open(copied):
    home, made, _, _ = copied

    assert (made.code, made.unsigned) == ("ALFA", 0)
    assert sorted(path.name for path in (home / "copy").iterdir()) == [
        "backup.json", "own.card", "parley.toml", "prekeys.key", "record.sqlite", "station.key",
    ]  # fmt: skip
    assert all(not path.stat().st_mode & 0o077 for path in (home / "copy").iterdir())
    assert check(home / "copy") == made
    assert made.entries >= 4
    sealed = json.loads((home / "copy/station.key").read_text())
    assert sealed["kdf"]["name"] == "argon2id"


def test_put_back_it_writes_nothing_until_the_peer_gave_what_came_after(copied):
    home, _, later, b = copied
    put_back(home / "copy", home / "again")
    with pytest.raises(ConflictError, match="not empty"):
        put_back(home / "copy", home / "again")
    station = LiveStation(home / "again")
    station.start()
    try:
        with station.client() as a:
            assert a.get("/channels/OPS")["stopped"] == "marks"
            with pytest.raises(ParleyError):
                say(a, "Too early.")
            brought = until(lambda: restored(a))
            assert brought["brought"] >= 1
            until(lambda: a.get(f"/entries/{later}")["texts"][0]["text"] == "After the backup.")
            until(lambda: says(a, "On in a new log."))
            texts = [
                b.get(f"/entries/{row['name']}")["texts"]
                for row in b.get("/entries", channel="OPS", party="ALFA")["items"]
            ]
            assert "On in a new log." in [one[0]["text"] for one in texts if one]
    finally:
        station.stop()


def restored(a: Client) -> dict | None:
    try:
        return dict(a.post("/channels/OPS/restore", {"peers": ["BRAVO"], "timeout_s": 10}))
    except ParleyError:
        return None


def says(a: Client, words: str) -> bool:
    try:
        return bool(say(a, words))
    except ParleyError:
        return False


@pytest.fixture
def harmed(copied, tmp_path: Path) -> Path:
    shutil.copytree(copied[0] / "copy", tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("name", ["parley.toml", "own.card", "station.key", "record.sqlite"])
def test_a_file_that_was_changed_is_named(harmed, name):
    raw = bytearray((harmed / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (harmed / name).write_bytes(bytes(raw))

    with pytest.raises(EvidenceError, match="not what was copied"):
        check(harmed)


def test_a_record_with_one_entry_changed_does_not_hold_whatever_the_list_says(harmed, tmp_path):
    from hashlib import sha256  # noqa: PLC0415 - for this forger alone

    with sqlite3.connect(harmed / "record.sqlite") as record:
        tables = [row[0] for row in record.execute("SELECT name FROM sqlite_master")]
        assert "entries" in tables
        record.execute("UPDATE entries SET leaf = zeroblob(32) WHERE idx = 1")
    record.close()
    listed = json.loads((harmed / "backup.json").read_text())
    listed["record"] = sha256((harmed / "record.sqlite").read_bytes()).hexdigest()
    (harmed / "backup.json").write_text(json.dumps(listed))

    with pytest.raises(EvidenceError, match="does not hold"):
        put_back(harmed, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_is_no_whole_backup_is_refused(harmed, tmp_path):
    (harmed / "backup.json").unlink()

    with pytest.raises(UsageError, match="no whole backup"):
        check(harmed)
    with pytest.raises(UsageError, match="no whole backup"):
        check(tmp_path / "nothing")


def test_a_station_that_never_ran_has_nothing_to_copy_and_is_told_so(tmp_path):
    make_station(tmp_path / "new", "NEW")

    with pytest.raises(StoreError, match="no record") as told:
        back_up(load(tmp_path / "new"), tmp_path / "copy", now=NOW)
    assert "parley serve" in told.value.next_step


def test_a_record_in_a_database_is_refused_with_what_to_take_before_anything_is_made(tmp_path):
    make_station(tmp_path / "alfa", "ALFA", store_url="postgresql://parley@db.internal/parley")

    with pytest.raises(UsageError, match="does not copy") as refused:
        back_up(load(tmp_path / "alfa"), tmp_path / "copy", now=NOW)

    assert "pg_dump -Fc" in str(refused.value.next_step)
    assert "parley keys backup" in str(refused.value.next_step)
    assert not (tmp_path / "copy").exists()
