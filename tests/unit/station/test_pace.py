"""A bucket lets so many through at once, then one in a while, and never forgets to fill again."""

from __future__ import annotations

import pytest

from parley.errors import TooManyError
from parley.station import pace
from parley.station.pace import Pace


class Clock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time


def test_it_lets_through_at_once_and_then_one_by_one():
    clock = Clock()
    made = Pace(most=3, every_s=10, now=clock)
    for left in (2, 1, 0):
        made.take("a", "too often")
        assert made.left("a") == left
    with pytest.raises(TooManyError, match="too often") as refused:
        made.take("a", "too often")
    assert refused.value.wait_s == 10
    made.take("b", "too often")
    clock.time += 9.5
    with pytest.raises(TooManyError) as refused:
        made.take("a", "too often")
    assert refused.value.wait_s == 1
    clock.time += 0.5
    made.take("a", "too often")
    clock.time += 1_000
    assert made.left("a") == 3


def test_a_clock_that_goes_back_frees_nobody_and_locks_nobody_out_for_longer():
    clock = Clock()
    made = Pace(most=1, every_s=10, now=clock)
    made.take("a", "too often")
    clock.time -= 50
    assert made.wait_s("a") == 10


def test_it_remembers_so_many_and_forgets_the_oldest(monkeypatch):
    monkeypatch.setattr(pace, "KEYS_MAX", 2)
    made = Pace(most=1, every_s=10, now=Clock())
    for key in "abc":
        made.take(key, "too often")
    assert [made.left(key) for key in "abc"] == [1, 0, 0]
