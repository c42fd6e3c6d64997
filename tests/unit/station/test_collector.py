"""What a station keeps for good is out of the collector's sight; what is new still is not."""

from __future__ import annotations

import gc
import weakref

import pytest

from parley.station.collector import settle


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _as_before():
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("_as_before")
def test_what_is_there_is_kept_and_what_comes_later_is_still_collected():
    old = Ring()
    settle()
    assert gc.get_freeze_count() > 0
    assert not any(one is old for one in gc.get_objects())
    ring = weakref.ref(Ring())
    gc.collect()
    assert ring() is None
