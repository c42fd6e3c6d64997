"""Objects of symbols at a receiver: how many are kept, how long, and when one is read again."""

import itertools
import random

import pytest

from parley.core import limits, symbols
from parley.errors import MalformedError
from parley.station.gathering import FORGET_SECONDS, Gathering, PieceGathering

PAUSE = 5.0


def matter(number, size=600):
    return random.Random(number).randbytes(size)


def symbols_of(obj, size=64):
    return list(itertools.islice(symbols.encode(obj, size), 40))


def give(gathering, obj, esi, *, now=0.0, size=64):
    data = symbols_of(obj, size)[esi][1]
    return gathering.take(symbols.ident(obj), len(obj), esi, data, now=now, pause=PAUSE)


def test_an_object_is_read_when_enough_of_its_symbols_came():
    gathering, obj = Gathering(), matter(1)

    answers = [give(gathering, obj, esi) for esi in range(10)]

    assert answers == [None] * 9 + [obj]
    assert len(gathering) == 0


def test_what_follows_in_the_same_round_changes_nothing_and_what_comes_later_reads_it_again():
    gathering, obj = Gathering(), matter(1)
    for esi in range(10):
        give(gathering, obj, esi)

    assert give(gathering, obj, 11, now=PAUSE - 1) is None
    assert give(gathering, obj, 12, now=PAUSE + 1) == obj
    assert give(gathering, obj, 13, now=PAUSE + 2) is None
    assert give(gathering, obj, 14, now=2 * PAUSE + 2) == obj


def test_the_object_left_longest_makes_room_for_a_ninth():
    gathering = Gathering()
    objs = [matter(number) for number in range(limits.OPEN_OBJECTS_PER_LINK_MAX + 1)]
    for obj in objs[:-1]:
        give(gathering, obj, 0)
    give(gathering, objs[0], 1)

    give(gathering, objs[-1], 0)

    assert len(gathering) == limits.OPEN_OBJECTS_PER_LINK_MAX
    assert gathering.pushed_out == 1
    # The first one was touched again, so the second one went, and is begun anew.
    rest = [give(gathering, objs[0], esi) for esi in range(2, 10)]
    assert rest[-1] == objs[0]
    anew = [give(gathering, objs[1], esi) for esi in range(1, 11)]
    assert anew[-2:] == [None, objs[1]]


def test_what_nobody_goes_on_with_is_forgotten():
    gathering, obj, other = Gathering(), matter(1), matter(2)
    for esi in range(9):
        give(gathering, obj, esi)

    give(gathering, other, 0, now=FORGET_SECONDS)

    assert len(gathering) == 1
    assert gathering.pushed_out == 0
    assert give(gathering, obj, 9, now=FORGET_SECONDS) is None


def test_symbols_of_another_length_are_of_another_object():
    gathering, obj = Gathering(), matter(1)
    for esi in range(9):
        give(gathering, obj, esi)

    give(gathering, obj, 0, size=128)

    assert give(gathering, obj, 9) == obj


def test_symbols_that_contradict_each_other_are_refused_and_the_object_begins_anew():
    gathering, obj = Gathering(), matter(1)
    wrong = symbols.ident(matter(2))
    for esi, data in symbols_of(obj)[:9]:
        gathering.take(wrong, len(obj), esi, data, now=0.0, pause=PAUSE)

    esi, data = symbols_of(obj)[9]
    with pytest.raises(MalformedError):
        gathering.take(wrong, len(obj), esi, data, now=0.0, pause=PAUSE)

    assert len(gathering) == 0


def test_two_key_exchanges_are_gathered_at_once_and_one_that_came_is_not_read_again():
    gathering = PieceGathering()
    old, new = matter(1, 1_280), matter(2, 1_280)

    def piece(obj, esi):
        data = next(itertools.islice(symbols.encode(obj, 48), esi, None))[1]
        return gathering.take(symbols.ident(obj)[:2], len(obj), esi, data)

    for esi in range(20):
        assert piece(old, esi) is None
        assert piece(new, esi) is None
    found = [piece(new, esi) for esi in range(20, 27)]

    assert found == [None] * 6 + [new]
    assert piece(new, 27) is None
