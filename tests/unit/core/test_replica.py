"""What a statement may say of a log with many gaps."""

import itertools
import random

import pytest

from parley.core import limits
from parley.core.entry import Entry, encode_entry, leaf_hash
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.items import Held
from parley.core.merkle import Tree
from parley.core.replica import Replica
from parley.core.statement import SignedStatement, Statement

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


def log_of(count):
    """Return entries of a log and its tree."""
    entries = [
        Entry(
            kind=0 if index == 0 else 1,
            time=Instant(1_790_000_000),
            fields={0: bytes(32)} if index == 0 else {2: f"words {index}"},
        )
        for index in range(count)
    ]
    tree = Tree()
    for index, entry in enumerate(entries):
        tree.append(leaf_hash(entry, hide=bytes(32), index=index, inc=LOG.inc))
    return entries, tree


def signed_for(tree, size, no):
    said = Statement(
        channel=LOG.channel,
        party=LOG.party,
        inc=LOG.inc,
        size=size,
        root=tree.root_at(size),
        no=no,
        time=Instant(1_790_000_000),
    )
    return SignedStatement(statement=said, key_number=0, signature=bytes(64))


def arrive(made, entries, *indexes):
    for index in indexes:
        assert made.arrive(index, entries[index], encode_entry(entries[index]))


@pytest.mark.parametrize("seed", range(60))
def test_every_gap_closes_in_whatever_order_its_entries_come(seed):
    # Hashes are laid over places of which some entries have come already, and some come after.
    chance = random.Random(seed)
    entries, tree = log_of(chance.randint(6, 40))
    size, made, numbers = len(entries), Replica(LOG), itertools.count()
    arrive(made, entries, 0)
    at = 1
    while at < size:
        end = min(size, at + chance.randint(1, 6))
        if chance.random() < 0.5:
            made.learn_nodes(at, end, tree.nodes_covering(at, end))
        for index in range(at, end):
            if chance.random() < 0.4:
                made.arrive(index, entries[index], encode_entry(entries[index]))
        if chance.random() < 0.5 and made.tree.root_at(end) == tree.root_at(end):
            made.accept(signed_for(tree, end, next(numbers)))
            made.proved_gaps()
        at = end
    made.tree.absorb()
    lacking = [index for index in range(size) if not made.held(index)]
    chance.shuffle(lacking)
    for _ in range(3):
        for index in lacking:
            made.arrive(index, entries[index], encode_entry(entries[index]))
            made.proved_gaps()
        if made.tree.root_at(size) == tree.root_at(size):
            made.accept(signed_for(tree, size, next(numbers)))
            made.proved_gaps()

    assert (made.signed, made.missing, made.pending) == (size, (), {})
    assert made.tree.root_at(size) == tree.root_at(size)


def test_a_place_bound_together_with_one_that_is_held_is_proved_by_itself():
    entries, tree = log_of(6)
    made = Replica(LOG)
    arrive(made, entries, 0, 1, 2)
    made.accept(signed_for(tree, 3, 0))
    # One hash over places 2 and 3: the first of them is held.
    made.learn_nodes(2, 4, tree.nodes_covering(2, 4))
    made.tree.learn(1, 1, tree.node(1, 1))
    arrive(made, entries, 4, 5)
    made.accept(signed_for(tree, 6, 1))
    assert made.missing == ((3, 4),)

    arrive(made, entries, 3)

    assert [arrival.index for arrival in made.proved_gaps()] == [3]
    assert made.missing == ()


def test_what_binds_a_gap_is_what_a_restart_needs():
    entries, tree = log_of(6)
    made = Replica(LOG)
    arrive(made, entries, 0, 1, 2)
    made.accept(signed_for(tree, 3, 0))
    made.tree.learn(1, 1, tree.node(1, 1))
    arrive(made, entries, 4, 5)
    made.accept(signed_for(tree, 6, 1))

    assert list(made.gap_nodes(3)) == [(1, 1, tree.node(1, 1))]


def test_an_entry_that_does_not_fit_its_subtree_is_dropped():
    entries, tree = log_of(6)
    made = Replica(LOG)
    arrive(made, entries, 0, 1, 2)
    made.accept(signed_for(tree, 3, 0))
    made.tree.learn(1, 1, tree.node(1, 1))
    arrive(made, entries, 4, 5)
    made.accept(signed_for(tree, 6, 1))
    made.arrive(3, entries[4], encode_entry(entries[4]))

    assert made.proved_gaps() == []
    assert (made.missing, made.pending) == (((3, 4),), {})


def test_a_hash_that_was_laid_wrong_below_a_signed_subtree_does_not_stand_in_the_way():
    # A peer's hashes were taken for those of other places; its statement binds their subtree whole.
    entries, tree = log_of(12)
    made = Replica(LOG)
    for index in range(4):
        made.arrive(index, entries[index], encode_entry(entries[index]))
    made.accept(signed_for(tree, 4, 0))
    made.tree.learn(0, 4, bytes(32))
    made.tree.learn(2, 1, tree.node(2, 1))
    for index in range(8, 12):
        made.arrive(index, entries[index], encode_entry(entries[index]))
    found = made.accept(signed_for(tree, 12, 1))
    made.tree.absorb()
    assert ([one.index for one in found], made.missing) == ([8, 9, 10, 11], ((4, 8),))

    for index in (5, 6, 7, 4):
        assert made.arrive(index, entries[index], encode_entry(entries[index]))

    assert [one.index for one in made.proved_gaps()] == [4, 5, 6, 7]
    assert made.missing == ()
