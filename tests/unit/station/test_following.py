"""What happens at a station is followed on after a time in which the record could not be read."""

from __future__ import annotations

import pytest
from benchmarks.record import Made

from parley.errors import StoreError
from parley.station import events
from parley.station.facts import Reset


@pytest.fixture
def made(tmp_path):
    made = Made(tmp_path / "alfa")
    yield made
    made.store.close()


async def test_a_record_that_is_being_opened_afresh_loses_no_fact(made, monkeypatch):
    hub = (await made.gateway())._parts.hub
    monkeypatch.setattr(events, "BEAT_SECONDS", 0)
    first, second = Reset(), Reset()
    asked: list[object] = []

    async def take(fact: object) -> None:
        asked.append(fact)
        if len(asked) < 3:
            raise StoreError("the record is not open at present")

    async def facts():
        yield 1, first
        yield 2, second

    monkeypatch.setattr(hub, "_take", take)
    await hub._follow(facts())

    assert asked == [first, first, first, second]
