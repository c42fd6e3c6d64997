"""What `parley doctor` looks at, each check in a state that is well and in one that is not."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from parley.core.instants import Instant
from parley.station import health
from parley.station.at_rest import Copied, close_to_others, last_copied, note_copied
from parley.station.identity import create_station
from parley.station.wiring import open_offline
from support.live_stations import introduce, live, open_channel, until

DAY, BORN = 86_400, 1_800_000_000


@pytest.fixture
def alfa(tmp_path: Path) -> Path:
    made(tmp_path / "alfa")
    return tmp_path / "alfa"


def made(directory: Path, **more) -> None:
    create_station(
        directory, code="ALFA", name="Alfa", passphrase=b"a long passphrase", now=BORN,
        random=os.urandom, kdf_kib=1024, **more,
    )  # fmt: skip


def checks(directory: Path, days: int = 1) -> dict[str, tuple[str, str, str]]:
    """Return level, detail and remedy of each check of a closed station, by name."""

    async def look():
        now = Instant(BORN + days * DAY)
        async with open_offline(directory, now=lambda: now) as gateway:
            return {one.check: (one.level, one.detail, one.remedy) for one in gateway.health()}

    return asyncio.run(look())


def levels(directory: Path, days: int = 1) -> dict[str, str]:
    return {name: level for name, (level, _, _) in checks(directory, days).items()}


def test_a_new_station_is_well_but_for_what_its_people_have_to_do(alfa):
    found = checks(alfa)

    looked = {name for name, (level, _, _) in found.items() if level != "ok"}
    assert looked == {"root-key", "release", "backup"}
    assert all(remedy for level, _, remedy in found.values() if level != "ok")
    assert found["release"][2] == "parley officer add CODE --role releaser"


@pytest.mark.parametrize(
    ("days", "card", "key"),
    [(1, "ok", "ok"), (370, "ok", "look"), (800, "ok", "fix"), (1_800, "look", "fix"),
     (1_900, "fix", "fix")],
)  # fmt: skip
def test_card_and_key_are_told_of_before_they_end(alfa, days, card, key):
    found = levels(alfa, days)

    assert (found["card"], found["key"]) == (card, key)


def test_files_that_others_may_open_are_found_and_closed(alfa):
    (alfa / "keys" / "station.key").chmod(0o644)
    alfa.chmod(0o755)

    assert checks(alfa)["files"][:2] == ("fix", "other accounts may open ., keys/station.key")
    assert close_to_others(alfa) == [alfa, alfa / "keys" / "station.key"]
    assert levels(alfa)["files"] == "ok"
    (alfa / "keys" / "root.key").unlink()
    assert "root-key" not in levels(alfa)


def test_a_copy_of_the_keys_counts_for_a_year_and_for_its_card(alfa):
    note_copied(alfa, Copied(at=BORN, card=1))
    assert levels(alfa)["backup"] == "ok"
    assert levels(alfa, 400)["backup"] == "look"
    note_copied(alfa, Copied(at=BORN, card=0))
    assert "card 1 was not" in checks(alfa)["backup"][1]
    (alfa / "keys" / "copied.json").write_text("{}")
    assert last_copied(alfa) is None


def test_a_full_disk_is_told_of_before_it_is_full(alfa, monkeypatch):
    monkeypatch.setattr(health, "DISK_FREE_LOOK", 10**18)
    assert levels(alfa)["disk"] == "look"
    monkeypatch.setattr(health, "DISK_FREE_MIN", 10**18)
    assert levels(alfa)["disk"] == "fix"


def test_settings_from_outside_the_file_are_named(alfa, monkeypatch):
    monkeypatch.setenv("PARLEY_LOG__LEVEL", "debug")

    level, detail, _ = checks(alfa)["settings"]

    assert (level, detail) == ("look", "set from outside parley.toml: log.level")


def test_a_running_station_tells_of_paths_receipts_certificate_and_consoles(tmp_path):
    console = {"console_listen": "127.0.0.1:0", "console_origin": "http://alfa.localhost:1"}
    with (
        live(tmp_path / "alfa", "ALFA", **console) as alfa,
        live(tmp_path / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        introduce(a, bravo.serving.link_addresses[0], b)
        introduce(b, alfa.serving.link_addresses[0], a)
        open_channel(a, b)

        def found():
            return {one["check"]: one for one in a.get("/health")["items"]}

        until(lambda: found()["receipt BRAVO"]["level"] == "ok")
        until(lambda: found()["path BRAVO"]["level"] == "ok")
        assert found()["certificate"]["level"] == "ok"
        assert found()["console"]["level"] == "look"
        assert "alfa.localhost" in found()["console"]["remedy"]

        async def watched():
            gateway = alfa.serving.running.gateway
            events = gateway.events(console="night watch")
            await anext(events)
            told = []
            for can in (False, True):
                gateway.can_sound("night watch", can=can)
                told += [one for one in gateway.health() if one.check == "console"]
            await events.aclose()
            return [(one.level, one.detail) for one in told]

        seen = asyncio.run_coroutine_threadsafe(watched(), alfa._loop).result(30)
        assert seen == [
            ("look", "1 console listening, and none can sound"),
            ("ok", "1 console listening"),
        ]
        assert found()["console"]["level"] == "look"
        bravo.stop()
        until(lambda: found()["path BRAVO"]["level"] == "look")
    level, detail, _ = checks(tmp_path / "alfa", days=-3_000)["clock"]
    assert level == "fix"
    assert "before what is stored already" in detail
