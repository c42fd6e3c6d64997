"""The timeline: what came when, and every time in which nothing signed came."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import UsageError
from parley.station import timeline
from parley.station.timeline import Timeline

CHANNEL, OTHER, US, THEM = b"c" * 16, b"d" * 16, b"a" * 16, b"b" * 16
CODES = {US: "ALFA", THEM: "BRAVO"}
TALK, CORE = 1, 3


def statement(number, received):
    said = SimpleNamespace(statement=SimpleNamespace(no=number))
    return SimpleNamespace(signed=said, received=received)


class Station:
    """Statements of two logs by number and time, entries by running number and time."""

    party = US

    def __init__(self, *, now, ours=(), theirs=(), entries=(), heartbeat=10):
        self._now = now
        self.reads = 0
        self._said = {
            party: [statement(no, at) for no, at in rows]
            for party, rows in ((US, ours), (THEM, theirs))
        }
        self.stored = list(entries)
        self.reader = self
        charter = SimpleNamespace(
            channel_id=CHANNEL, code="OPS", parties=[US, THEM], heartbeat=heartbeat, proposed_at=0
        )
        self.summary = SimpleNamespace(charter=charter)

    def now(self):
        return self._now

    def last_statement(self, log):
        return self._said[log][-1] if self._said[log] else None

    def statements(self, log, first, limit):
        self.reads += 1
        return [row for row in self._said[log] if row.signed.statement.no >= first][:limit]

    def sequence(self):
        return len(self.stored)

    def places(self, start, limit, *, back=False):
        numbers = range(start, 0, -1) if back else range(max(start, 1), len(self.stored) + 1)
        return [
            SimpleNamespace(
                number=number,
                log=SimpleNamespace(
                    channel=OTHER if self.stored[number - 1][1] is None else CHANNEL
                ),
                index=number,
            )
            for number in [*numbers][:limit]
        ]

    # what the record book and the pages of entries would say
    def channel(self, _):
        return self.summary

    def called(self, channel):
        return channel.charter.code

    def logs_of(self, _, party):
        return [party] if self._said[party] else []

    def row(self, _, index):
        self.reads += 1
        at, kind = self.stored[index - 1]
        return SimpleNamespace(received=at, kind=kind)

    def decode(self, row):
        return row


def page(station, start, end):
    trust = SimpleNamespace(code_of=CODES.get)
    rows = SimpleNamespace(row=lambda _, index: index)
    return Timeline(station, trust, station, rows).page("OPS", start, end)


def silences(lane):
    return [(each.from_at, each.to_at, each.is_open) for each in lane.silences]


def beats(*spans):
    times = [at for first, last in spans for at in range(first, last + 1, 10)]
    return list(enumerate(times, 1))


def test_a_gap_between_statements_is_a_silence_with_two_dates():
    station = Station(now=1000, ours=beats((0, 1000)), theirs=beats((0, 300), (500, 1000)))

    ours, theirs = page(station, 0, 1000).lanes

    assert silences(ours) == []
    assert silences(theirs) == [(300, 500, False)]


def test_a_silence_that_goes_on_is_open_and_one_that_began_before_keeps_its_beginning():
    station = Station(now=1000, ours=beats((0, 1000)), theirs=beats((0, 300), (500, 700)))

    assert silences(page(station, 400, 1000).lanes[1]) == [(300, 500, False), (700, 1000, True)]
    assert silences(page(station, 800, 1000).lanes[1]) == [(700, 1000, True)]
    assert silences(page(station, 310, 420).lanes[1]) == [(300, 420, False)]


def test_who_was_never_heard_is_silent_from_the_beginning():
    station = Station(now=1000, ours=beats((0, 1000)))
    lane = page(station, 200, 900).lanes[1]

    assert not lane.has_log
    assert silences(lane) == [(200, 900, False)]


def test_a_long_time_is_not_read_statement_by_statement():
    many = 200_000
    station = Station(now=many * 10, theirs=[(no, no * 10) for no in range(1, many)])
    station.statements = lambda _log, first, _limit: [statement(max(first, 1), max(first, 1) * 10)]
    counted = []
    reading = station.statements
    station.statements = lambda *facts: counted.append(1) or reading(*facts)

    view = page(station, 0, many * 10)

    assert silences(view.lanes[1]) == []
    assert len(counted) < 5 * timeline.PARTS


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=60),
    st.sets(st.integers(0, 59), max_size=20),
    st.integers(0, 4000),
    st.integers(1, 9000),
)
def test_every_longer_gap_is_found_whatever_numbers_are_not_held(steps, lost, start, length):
    times, at = [], 0
    for step in steps:
        at += step
        times.append(at)
    held = [(no, at) for no, at in enumerate(times) if no not in lost or no == len(times) - 1]
    end = start + length
    station = Station(now=10**6, ours=beats((0, 10)), theirs=held)

    view = page(station, start, end)

    known = [at for _, at in held if at < end]
    before = [at for at in known if at < start]
    edges = [before[-1] if before else start, *[at for at in known if at >= start], end]
    wanted = [
        (one, other, False)
        for one, other in itertools.pairwise(edges)
        if other - one > view.shortest_s and other > start
    ]
    assert silences(view.lanes[1]) == wanted


def test_entries_of_the_time_come_oldest_first_without_those_of_the_core():
    entries = [(at, CORE if at % 50 == 0 else TALK) for at in range(10, 1010, 10)]
    station = Station(now=2000, entries=entries)

    view = page(station, 200, 400)

    assert view.entries == [at // 10 for at, kind in entries if 200 <= at < 400 and kind == TALK]
    assert not view.is_cut
    assert page(station, 1500, 1600).entries == []


def test_of_too_many_entries_the_newest_are_shown_and_that_is_said(monkeypatch):
    monkeypatch.setattr(timeline, "ENTRIES_MAX", 5)
    monkeypatch.setattr(timeline, "SCAN", 3)
    station = Station(now=2000, entries=[(at, TALK) for at in range(10, 1010, 10)])

    view = page(station, 0, 1000)

    assert view.entries == [95, 96, 97, 98, 99]
    assert view.is_cut


def test_a_quiet_channel_is_not_searched_back_to_its_first_entry(monkeypatch):
    monkeypatch.setattr(timeline, "SCAN", 10)
    talk = [(1, TALK), *((at, None) for at in range(2, 3000))]
    station = Station(now=5000, entries=talk)
    asked = []
    places = station.places
    station.places = lambda *facts, **more: asked.append(1) or places(*facts, **more)

    assert page(station, 2900, 3000).entries == []
    assert len(asked) < 40
    assert page(station, 0, 3000).entries == [1]


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (0, 10**9)])
def test_a_time_without_length_or_too_long_is_refused(start, end):
    with pytest.raises(UsageError, match="end after its start"):
        page(Station(now=10), start, end)
