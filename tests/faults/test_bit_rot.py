"""Row 37 with real stations: bits change in the file of one that is stopped, and it mends itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from support.live_stations import LiveStation, introduce, live, open_channel, until

TEXT = "the bridge at km 12 is closed, " + "use the ferry at Lissa instead, " * 3


def spoil(record: Path) -> bytes:
    """Flip a bit of the newest entry as the disk would: SQLite has no checksum to notice it."""
    with closing(sqlite3.connect(record)) as base, base:
        seq, raw = base.execute("SELECT seq, raw FROM entries ORDER BY length(raw) DESC").fetchone()
        changed = raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:]
        base.execute("UPDATE entries SET raw = ? WHERE seq = ?", (changed, seq))
        return raw


def stored(record: Path) -> list[bytes]:
    with closing(sqlite3.connect(record)) as base:
        return [raw for (raw,) in base.execute("SELECT raw FROM entries")]


def texts(client) -> str:
    return str(client.get("/entries", channel="OPS"))


def damage(client) -> list[str]:
    return [one["detail"] for one in client.get("/health")["items"] if one["check"] == "damage"]


def test_a_changed_bit_is_told_and_comes_back_from_its_author(tmp_path: Path) -> None:
    with live(tmp_path / "alfa", "ALFA") as alfa, live(tmp_path / "bravo", "BRAVO") as bravo:
        with alfa.client() as a, bravo.client() as b:
            introduce(a, bravo.serving.link_addresses[0], b)
            introduce(b, alfa.serving.link_addresses[0], a)
            open_channel(a, b)
            draft = a.post("/drafts", {"channel": "OPS", "fields": {"subject": "Road"},
                                       "texts": [{"lang": "en", "text": TEXT}]})  # fmt: skip
            held = a.post(f"/drafts/{draft['id']}/review", etag=draft["etag"])
            a.post(f"/drafts/{draft['id']}/release", {"digest": held["digest"]}, etag=held["etag"])
            until(lambda: TEXT in texts(b))
        bravo.stop()
        record = tmp_path / "bravo" / "station.sqlite"
        raw = spoil(record)
        assert raw not in stored(record)
        again = LiveStation(tmp_path / "bravo")
        again.start()
        with closing(again.client()) as b:
            until(lambda: "put back byte for byte: 1" in str(damage(b)))
            until(lambda: TEXT in texts(b))
            assert raw in stored(record)
            assert "from ALFA" in damage(b)[0]
            assert [one["ok"] for one in [b.get("/logs/OPS/ALFA/check")]] == [True]
            told = [one for one in b.get("/alarms")["items"] if "damaged on our disk" in str(one)]
            assert len(told) == 1
        again.stop()
