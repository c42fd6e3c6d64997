"""The last 30 days of a channel: who was heard on which day, read with few looks at the record."""

from __future__ import annotations

from types import SimpleNamespace as Shape

from parley.station import channel_days
from parley.station.channel_days import ChannelStrip

CHANNEL, US, THEM = b"c" * 16, b"a" * 16, b"b" * 16
CODES = {US: "ALFA", THEM: "BRAVO"}
DAY = 86_400
NOW = 100 * DAY + 3_600


class Station:
    """Statements of two logs by the time at which they came."""

    party = US

    def __init__(self, ours, theirs, proposed_at=0):
        self.said, self.reads, self.time = {US: ours, THEM: theirs}, 0, NOW
        self.reader = self
        charter = Shape(channel_id=CHANNEL, code="OPS", parties=[US, THEM], proposed_at=proposed_at)
        self.summary = Shape(charter=charter)

    def now(self):
        return self.time

    def channel(self, _):
        return self.summary

    def logs_of(self, _, party):
        return [party]

    def registers(self):
        return self

    def last_statement(self, log):
        return self._row(log, len(self.said[log]) - 1) if self.said[log] else None

    def statements(self, log, first, _):
        self.reads += 1
        return [self._row(log, first)]

    def _row(self, log, number):
        return Shape(signed=Shape(statement=Shape(no=number)), received=self.said[log][number])


def strip(station, monkeypatch, states=()):
    said = dict.fromkeys(CODES.values(), "open") | dict(states)
    monkeypatch.setattr(channel_days, "states_at", lambda _c, _m, moments: [said] * len(moments))
    return ChannelStrip(station, Shape(code_of=CODES.get), station, station, mark="LIVE")


def heard(side):
    return [place for place, day in enumerate(side.days) if day.heard]


def test_a_day_is_heard_where_something_signed_came_between_its_two_midnights(monkeypatch):
    theirs = [80 * DAY, 81 * DAY - 1, 83 * DAY - 1, 83 * DAY, 100 * DAY]
    view = strip(Station([0, NOW], theirs), monkeypatch).page("OPS")

    assert view.days == [day * DAY for day in range(71, 101)]
    ours, other = view.parties
    assert (ours.own, other.own) == (True, False)
    assert heard(ours) == [29]
    assert [view.days[place] // DAY for place in heard(other)] == [80, 82, 83, 100]


def test_before_a_party_opened_its_log_nothing_of_it_is_declared(monkeypatch):
    station = Station([90 * DAY], [], proposed_at=89 * DAY)
    ours, other = strip(station, monkeypatch, {"BRAVO": "suspended"}).page("OPS").parties

    assert [day.declared for day in ours.days] == ["none"] * 18 + ["proposed"] + ["open"] * 11
    assert {day.declared for day in other.days} == {"none", "proposed"}
    assert heard(other) == []


def test_a_month_of_heartbeats_is_read_by_halving_and_days_that_are_over_once(monkeypatch):
    beats = [69 * DAY + 60 * number for number in range(31 * 1440)]
    station = Station(beats, beats)
    days = strip(station, monkeypatch)

    first = days.page("OPS")
    assert station.reads < 2 * 30 * 20
    station.reads = 0
    again = days.page("OPS")

    assert station.reads < 2 * 20
    assert again == first
    assert heard(again.parties[0]) == [*range(29)]


def test_a_day_that_was_not_over_is_looked_at_again(monkeypatch):
    station = Station([NOW], [50 * DAY])
    days = strip(station, monkeypatch)
    assert heard(days.page("OPS").parties[1]) == []

    station.said[THEM] = [50 * DAY, NOW + 60]
    station.time = NOW + DAY

    assert heard(days.page("OPS").parties[1]) == [28]
