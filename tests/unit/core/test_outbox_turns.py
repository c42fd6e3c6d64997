"""Whose turn it is among the waiting entries of one class."""

from parley.core.items import Held
from parley.core.outbox import SENT_LAST, Outbox


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


def turns_of(outbox):
    """Send everything once and return it in order, the most urgent class first."""
    order = []
    for precedence in (3, 2, 1, 0):
        while (index := outbox.peek(precedence)) is not None:
            order.append(index)
            outbox.sent(index, index + 1, 0.0, 2.0)
    return order


def test_parts_of_files_go_behind_everything_else_whatever_they_claim_to_be():
    part = SENT_LAST
    outbox = Outbox(bytearray([part, part | 3, 0, part, 3, 0, 1]), Held(0), durable=7)
    assert turns_of(outbox) == [4, 6, 2, 5, 0, 1, 3]


def test_words_go_before_a_file_until_they_came_to_nothing_often():
    # Their receipts may hang on the part that waits behind them: no root over both is rebuilt.
    outbox = Outbox(bytearray([0, SENT_LAST, 0]), Held(0), durable=3)
    turns = []
    for now in range(40):
        index = outbox.peek(0)
        turns.append(index)
        fail(outbox, index, now * 2_000.0)

    assert set(turns[:18]) == {0, 2}
    assert turns[18:22] == [0, 1, 1, 2]
