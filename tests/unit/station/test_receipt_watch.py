"""A peer that answers and receipts nothing is told of, once, and again when it goes on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parley.station.receipt_watch import LOOK_S, STALLED_S, STALLED_SLOW_S, ReceiptWatch


class Line:
    """One channel with BRAVO, on a line whose state the test sets."""

    def __init__(self, rate_bps=None):
        self.alive, self.own, self.theirs, self.signed, self.time = True, 9, 4, 1_000, 1_000
        self.path = SimpleNamespace(up=True, rate_bps=rate_bps)
        self.watch = ReceiptWatch(self.links, self.rows, lambda: self.time)

    def links(self):
        link = {"peer": "BRAVO", "alive": self.alive, "trusted": True, "paths": [self.path]}
        return [SimpleNamespace(**link)]

    def rows(self):
        row = {"channel": "OPS", "peer": "BRAVO", "own_size": self.own}
        row |= {"their_receipt_size": self.theirs, "statement_at": self.signed}
        return [SimpleNamespace(**row)]

    def told(self, seconds):
        """Look every two seconds, as the station does; return what was told meanwhile."""
        found = []
        for _ in range(0, seconds, 2):
            self.time += 2
            found += self.watch.stalled()
        return found


@pytest.mark.parametrize(("rate", "limit"), [(None, STALLED_S), (2_400, STALLED_SLOW_S)])
def test_a_peer_that_answers_and_receipts_nothing_is_told_of_once(rate, limit):
    line = Line(rate)

    assert line.told(limit - LOOK_S) == []
    (alarm,) = line.told(limit)

    assert (alarm["kind"], alarm["peer"], alarm["channel"]) == ("unreceipted", "BRAVO", "OPS")
    assert "for " + str(limit // 60) + " minutes: 5 waiting" in alarm["text"]
    assert line.told(2 * limit) == []


def test_who_receipts_a_little_is_slow_and_does_not_stall():
    line = Line()
    for _ in range(12):
        assert line.told(STALLED_S // 2) == []
        line.theirs += 1
        line.own += 1


def test_a_line_that_is_silent_counts_no_time_and_cutting_it_gains_none():
    line = Line()
    line.alive = False
    assert line.told(2 * STALLED_S) == []

    found = []
    for _ in range(4):
        line.alive = True
        found += line.told(STALLED_S // 3)
        line.alive = False
        found += line.told(60)
    assert len(found) == 1


def test_who_never_signed_there_or_holds_everything_is_not_told_of():
    line = Line()
    line.signed = None
    assert line.told(2 * STALLED_S) == []
    line.signed, line.theirs = 1_000, line.own
    assert line.told(2 * STALLED_S) == []


def test_the_alarm_is_over_when_the_peer_goes_on():
    line = Line()
    assert len(line.told(2 * STALLED_S)) == 1
    assert list(line.watch.receipted()) == []

    line.theirs += 1
    assert line.told(LOOK_S) == []
    assert [one["fact"] for one in line.watch.receipted()] == ["unreceipted OPS"]
    assert list(line.watch.receipted()) == []
    assert len(line.told(2 * STALLED_S)) == 1


def test_a_clock_that_leaps_counts_as_one_look():
    line = Line()
    line.told(LOOK_S)
    line.time += 10 * STALLED_S
    assert list(line.watch.stalled()) == []
    line.time -= 20 * STALLED_S
    assert line.told(STALLED_S - 3 * LOOK_S) == []
