"""What may be changed while the station runs is, within its bounds, by an administrator, and told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from parley.errors import ConflictError, NotAllowedError, NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.live_settings import LiveSettings
from parley.station.papers import pack
from parley.station.settings import SETTINGS

ADMIN = Actor(officer="ALFA-1", roles=frozenset({"administrator"}), via="console")
WATCH = Actor(officer="ALFA-2", roles=frozenset({"watch"}), via="console")


class Station:
    """Papers and a clock."""

    def __init__(self):
        self.kept = {}
        self.reader = SimpleNamespace(
            paper=lambda collection, key: self.kept.get((collection, key))
        )

    def now(self):
        return 1_795_469_047

    async def store_papers(self, papers):
        self.kept |= {(collection, key): value for collection, key, value in papers}


class Room:
    def __init__(self, **origins):
        self.station = Station()
        self.cabinet = Cabinet(self.station)
        self.config = SimpleNamespace(
            values={setting.key: setting.default for setting in SETTINGS},
            origins={setting.key: "default" for setting in SETTINGS} | origins,
        )
        self.live = self.again()

    def again(self):
        """Return the settings as they are after a restart."""
        return LiveSettings(self.config, self.cabinet, now=self.station.now)

    def change(self, key, text, actor=ADMIN):
        return asyncio.run(self.live.change(actor, key, text))


def test_a_change_counts_at_once_outlives_a_restart_and_is_audited():
    room = Room()
    assert room.live.claim_s("Z") == 300
    changed = room.change("alarm.claim_flash_s", " 120 ")

    assert (changed.value, changed.default, changed.effect) == (120, 300, "live")
    assert changed.source == "changed by ALFA-1 232124Z NOV 26; before: default"
    assert room.live.claim_s("Z") == room.again().claim_s("Z") == 120
    assert room.again().claim_s("O") == 900
    [row] = room.cabinet.audit(after=0, limit=9).items
    assert (row.act, row.subject, row.detail) == (
        "change setting", "alarm.claim_flash_s", "300 -> 120",
    )  # fmt: skip

    back = room.change("alarm.claim_flash_s", "")
    assert (back.value, back.source) == (300, "default")
    assert room.again().claim_s("Z") == 300


@pytest.mark.parametrize("text", ["59", "1801", "soon", "12.5", "-60"])
def test_a_value_out_of_bounds_is_refused_and_changes_nothing(text):
    room = Room()
    with pytest.raises(UsageError):
        room.change("alarm.claim_flash_s", text)
    assert room.again().claim_s("Z") == 300
    assert room.cabinet.audit(after=0, limit=9).items == []


def test_rules_of_release_and_whatever_is_read_at_start_are_not_changed_here():
    room = Room()
    for setting in SETTINGS:
        if not setting.live:
            with pytest.raises(NotAllowedError, match="while the station runs"):
                room.change(setting.key, "one-person")
    assert not any(setting.live and setting.safety for setting in SETTINGS)
    with pytest.raises(NotFoundError):
        room.change("release.nothing", "x")
    with pytest.raises(NotAllowedError):
        room.change("aims.flash_s", "120", actor=WATCH)


def test_what_the_environment_sets_is_changed_there():
    room = Room()
    room.change("aims.flash_s", "120")
    room.config.origins["aims.flash_s"] = "environment PARLEY_AIMS__FLASH_S"
    with pytest.raises(ConflictError, match="PARLEY_AIMS__FLASH_S"):
        room.change("aims.flash_s", "180")
    assert room.live.aims()["Z"] == 600


def test_a_change_that_no_longer_fits_the_bounds_does_not_count():
    room = Room()
    room.change("aims.flash_s", "120")
    paper = room.cabinet.get("settings", "changed")
    paper["aims.flash_s"]["value"] = 5
    asyncio.run(room.cabinet.store([("settings", "changed", pack(paper))]))
    assert room.again().aims()["Z"] == 600
