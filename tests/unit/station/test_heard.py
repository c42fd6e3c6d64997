"""Which consoles can be heard: what a console said of its sound holds for a short while."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from parley.station.events import SOUND_S, EventHub


@pytest.fixture
def hub():
    """A hub of a station that does nothing, with a clock that a test moves."""
    station = SimpleNamespace(time=1_000, reader=SimpleNamespace(sequence=lambda: 0))
    station.now = lambda: station.time
    rest = dict.fromkeys(("clocks", "agreement", "mended"))
    alarms = SimpleNamespace(all=lambda **_: [])
    made = EventHub(station, None, None, alarms, epoch="e", build="b", **rest)
    made.station = station
    return made


def listening(hub, *consoles):
    """Return streams that are open, for a loop to hold on to."""

    async def begin():
        streams = [hub.events(after=None, topics=(), console=each) for each in consoles]
        for stream in streams:
            await anext(stream)
        return streams

    return begin()


def test_a_console_is_heard_while_it_goes_on_saying_so(hub):
    hub.can_sound("one", can=True)
    assert hub.heard() == 0, "nobody listens there"

    async def go_on():
        streams = await listening(hub, "one", "two", None)
        assert (hub.consoles(), hub.heard()) == (2, 1)
        hub.station.time += SOUND_S - 1
        assert hub.heard() == 1
        hub.station.time += 1
        assert hub.heard() == 0
        hub.can_sound("two", can=True)
        assert hub.heard() == 1
        hub.can_sound("two", can=False)
        assert hub.heard() == 0
        return streams

    assert len(asyncio.run(go_on())) == 3


def test_a_clock_that_is_set_back_makes_no_old_word_hold(hub):
    async def go_on():
        streams = await listening(hub, "one")
        hub.can_sound("one", can=True)
        heard = hub.heard()
        hub.station.time -= 3_600
        return streams, heard, hub.heard()

    assert asyncio.run(go_on())[1:] == (1, 0)
