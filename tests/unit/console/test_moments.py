"""Times and lengths as officers read them."""

from __future__ import annotations

import pytest

from parley.console.language import language
from parley.console.moments import age, at, full, hm, length, span

NOW = 1_795_469_047  # 23 NOV 26 21:24:07Z
EN, ZH = language("en"), language("zh")


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (NOW, "212407Z"),
        (NOW - 86_400, "22 NOV 2124Z"),
        (NOW - 400 * 86_400, "19 OCT 25 2124Z"),
        (None, ""),
        (2**60, f"{2**60}s"),
    ],
)
def test_a_time_is_as_short_as_it_is_plain(instant, shown):
    assert at(instant, NOW) == shown


def test_minutes_are_enough_for_a_glance():
    assert hm(NOW, NOW) == "2124Z"
    assert hm(NOW - 86_400, NOW) == "22 NOV 2124Z"


def test_a_full_time_adds_the_written_date_in_chinese():
    assert full(NOW, EN) == "23 NOV 26 21:24:07Z"
    assert full(NOW, ZH) == "23 NOV 26 21:24:07Z（2026年11月23日 21:24，协调世界时）"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1100, "0:18:20"),
        (0, "0:00:00"),
        (86_399, "23:59:59"),
        (41 * 86_400 + 14_400, "41 d 04 h"),
        (-60, "0:01:00"),
    ],
)
def test_a_running_length_counts_seconds_under_a_day(seconds, shown):
    assert length(seconds, EN) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (3, "3 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3600, "1 h 00 min"),
        (90_000, "1 d 01 h"),
        (-5, "0 s"),
    ],
)
def test_an_age_is_coarse(seconds, shown):
    assert age(seconds, EN) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(600, "10 min"), (10_800, "3 h"), (864_000, "10 d"), (9000, "2 h 30 min")],
)
def test_a_length_set_by_a_rule_is_written_as_people_write_it(seconds, shown):
    assert span(seconds, EN) == shown
