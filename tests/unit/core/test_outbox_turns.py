"""Whose turn it is among the waiting entries of one class."""

from parley.core.items import Held
from parley.core.outbox import Outbox


def fail(outbox, index, now):
    outbox.sent(index, index + 1, now, 2.0)
    outbox.overdue(now + 1_000)


def test_the_oldest_goes_first_also_when_it_was_lost_once():
    outbox = Outbox(bytearray(4), Held(0), durable=4)
    assert outbox.peek(0) == 0

    fail(outbox, 0, 0.0)

    assert outbox.peek(0) == 0
    assert outbox.has_new(0)


def test_what_failed_often_lets_the_others_go_first():
    outbox = Outbox(bytearray(4), Held(0), durable=4)
    now = 0.0
    turns = []
    for _ in range(12):
        index = outbox.peek(0)
        turns.append(index)
        fail(outbox, index, now)
        now += 2_000.0

    assert set(turns[:8]) == {0, 1, 2, 3}
    assert not outbox.has_new(0)
