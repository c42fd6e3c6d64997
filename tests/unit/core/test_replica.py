"""What a statement may say of a log with many gaps."""

from parley.core import limits
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.items import Held
from parley.core.replica import Replica

LOG = LogId(ChannelId(bytes(16)), PartyId(bytes(16)), Incarnation(bytes(8)))


def replica(size, missing):
    made = Replica(LOG)
    made.signed, made.missing = size, tuple(missing)
    return made


def test_up_to_64_gaps_are_all_told():
    gaps = [(10 * at, 10 * at + 5) for at in range(limits.GAPS_MAX)]

    assert replica(1_000, gaps).holding() == Held(1_000, tuple(gaps))


def test_with_more_gaps_a_smaller_size_is_held():
    gaps = [(10 * at, 10 * at + 5) for at in range(limits.GAPS_MAX + 1)]

    assert replica(1_000, gaps).holding() == Held(640, tuple(gaps[:-1]))


def test_a_gap_that_falls_in_two_makes_no_held_size_go_down():
    told = [(10 * at, 10 * at + 5) for at in range(limits.GAPS_MAX)]
    now = [(0, 2), (3, 5), *told[1:]]

    held = replica(1_000, now).holding(Held(1_000, tuple(told)))

    assert held == Held(1_000, tuple(told))


def test_what_was_receipted_before_stays_so_when_gaps_fall_in_two():
    told = [(10 * at, 10 * at + 5) for at in range(limits.GAPS_MAX)]
    now = [(1, 2), (3, 5), *told[1:-1], (632, 633)]

    held = replica(1_200, [*now, (1_100, 1_200)]).holding(Held(1_000, tuple(told)))

    assert held == Held(1_000, ((1, 5), *told[1:-1], (632, 633)))
