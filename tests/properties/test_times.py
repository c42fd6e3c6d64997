"""Times that a peer may write: any number at all is shown, in order, and stops nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parley.console import moments
from parley.core.instants import dtg, rfc3339, utc_day
from parley.desk.published.ical_lines import day, written
from parley.desk.times import exact, local_day, precision_of, span_of, start_of
from parley_verify import verdict

# Before 1970, in leap years of each kind, at both ends of four-digit years, and what only fits.
ODD = (-1, 0, 68_169_600, 951_782_400, 4_107_542_399, 253_402_300_799, 253_402_300_800, 2**53 - 1)
ANY = st.one_of(st.sampled_from(ODD), st.integers(-(2**63), 2**64 - 1))


@given(ANY, ANY)
@example(253_402_300_799, 0)
def test_every_number_is_shown_as_a_time_or_as_seconds(instant, now):
    for shown in (rfc3339(instant), dtg(instant), utc_day(instant), moments.at(instant, now)):
        assert shown
    assert verdict.when(instant)
    assert (len(written(instant)), len(day(instant))) == (16, 8)


@given(ANY, st.integers(-3, 9), st.integers(-(2**15), 2**15))
@example(253_402_300_000, 4, 0)
@example(2**53 - 1, 4, 0)
def test_no_instant_on_the_wire_stops_whoever_reads_it(start, level, offset):
    for value in (start, [start, level], [start, level, offset]):
        assert start_of(value) == start
        assert exact(value) in (start, None)
        assert precision_of(value)
        assert local_day(value)
        span = span_of(value)
        assert span is None or span[0] < span[1]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((2024, 2, 29), "290000Z FEB 24"),
        ((2019, 12, 31), "310000Z DEC 19"),
        ((2099, 12, 31), "310000Z DEC 99"),
        ((2100, 3, 1), "010000Z MAR 2100"),
        ((1999, 12, 31), "310000Z DEC 1999"),
    ],
)
def test_a_date_time_group_of_another_century_cannot_be_taken_for_one_of_ours(words, shown):
    assert dtg(int(datetime(*words, tzinfo=UTC).timestamp())) == shown
