from __future__ import annotations

from parley.core.items import Held
from parley.core.outbox import Outbox

FLASH, ROUTINE = 3, 0


def outbox_of(*flags: int) -> Outbox:
    return Outbox(bytearray(flags), Held(0), durable=len(flags))


def test_what_was_sent_together_is_overdue_together() -> None:
    outbox = outbox_of(*[ROUTINE] * 5)
    outbox.sent(0, 5, 10.0, 2.0)

    assert outbox.next_due() == 12.0
    assert outbox.overdue(11.9) == 0
    assert outbox.overdue(12.0) == 5
    assert outbox.peek(ROUTINE) == 0
    assert outbox.next_due() is None


def test_the_rest_of_a_run_stays_due_when_some_of_it_is_receipted() -> None:
    outbox = outbox_of(*[ROUTINE] * 5)
    outbox.sent(0, 5, 10.0, 2.0)

    assert outbox.covered(Held(5, ((1, 2), (4, 5)))) == [10.0, 10.0, 10.0]

    assert outbox.next_due() == 12.0
    assert outbox.overdue(20.0) == 2
    assert outbox.peek(ROUTINE) == 1


def test_each_try_of_one_entry_waits_longer_and_the_others_do_not() -> None:
    outbox = outbox_of(*[ROUTINE] * 3)
    outbox.sent(0, 2, 0.0, 2.0)
    assert outbox.overdue(2.0) == 2

    outbox.sent(0, 3, 2.0, 2.0)

    assert outbox.overdue(4.0) == 1  # the third went for the first time
    assert outbox.next_due() == 5.0  # 2 + 2 * 1.5
    assert outbox.overdue(5.0) == 2


def test_a_path_that_ends_counts_as_a_try() -> None:
    outbox = outbox_of(FLASH)
    outbox.sent(0, 1, 0.0, 10.0)
    outbox.restart(told=-1, durable=1)
    assert outbox.peek(FLASH) == 0

    outbox.sent(0, 1, 1.0, 10.0)

    assert outbox.next_due() == 13.0  # 1 + 10 * 1.2


def test_what_a_peer_says_of_places_beyond_our_own_is_not_sent_again() -> None:
    # While a log is brought back its peer's word reaches beyond what is here.
    outbox = outbox_of(*[ROUTINE] * 3)
    outbox.covered(Held(8, ((1, 2), (6, 7))))

    outbox.restart(told=-1, durable=3)

    assert outbox.peek(ROUTINE) == 1
    assert outbox.count(ROUTINE) == 1
