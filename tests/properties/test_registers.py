"""Registers hang on what is held and never on how it came; nothing a stranger writes stops them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.core.entry import Entry, decode_entry, encode_entry
from parley.core.instants import Instant
from parley.desk.catalogue import KINDS, fields_of
from parley.desk.desk import Desk, registers
from parley.desk.record import ChannelView
from parley.desk.rules import MoveDraft, check_move, permitted_moves
from support.desk_values import ALL_MOVES, fields_for, history

SEEDS = st.integers(0, 99)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def line_of(seed: int, parties: int = 2):
    return history(seed, codes=("ALFA", "BRAVO", "CHARLIE")[:parties])


def view_of(line, entries=None, statements=None) -> ChannelView:
    return replace(
        line.view,
        entries=list(line.entries if entries is None else entries),
        statements=list(line.statements if statements is None else statements),
    )


def moment_of(line) -> Instant:
    return Instant(max(placed.entry.time for placed in line.entries) + 3600)


def shuffled(chance: Random, items):
    items = list(items)
    chance.shuffle(items)
    return items


@FEW
@given(SEEDS, st.sampled_from([2, 3]), st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_bytes(seed, parties, order):
    line, chance = line_of(seed, parties), Random(order)
    now = moment_of(line)

    one = registers([view_of(line)], now)
    other = registers(
        [view_of(line, shuffled(chance, line.entries), shuffled(chance, line.statements))], now
    )

    assert other.encode() == one.encode()
    assert other.digest() == one.digest()


@FEW
@given(SEEDS, st.integers(0, 2**32))
def test_a_desk_that_learned_it_in_any_portions_has_the_same_bytes(seed, order):
    line, chance = line_of(seed), Random(order)
    now, desk = moment_of(line), Desk()
    entries, statements = shuffled(chance, line.entries), shuffled(chance, line.statements)
    held = ([], [])

    while entries or statements:
        for come, kept in ((entries, held[0]), (statements, held[1])):
            portion = chance.randint(0, 4)
            kept.extend(come[:portion])
            del come[:portion]
        desk.registers([view_of(line, *held)], now).encode()

    told = desk.registers([view_of(line, *held)], now).encode()
    assert told == registers([view_of(line)], now).encode()


@FEW
@given(SEEDS, st.integers(0, 2**32))
def test_two_stations_agree_at_every_moment_once_they_hold_the_same(seed, order):
    line, chance = line_of(seed), Random(order)
    alfa, bravo = Desk(), Desk()
    first, last = line.entries[0].entry.time, moment_of(line) + 40 * 86_400

    for _ in range(3):
        moment = Instant(chance.randint(first, last))
        theirs = view_of(line, shuffled(chance, line.entries), shuffled(chance, line.statements))
        assert (
            alfa.registers([view_of(line)], moment).encode()
            == bravo.registers([theirs], moment).encode()
        )


@FEW
@given(SEEDS)
def test_what_the_rules_build_is_an_entry_and_a_regular_one(seed):
    line = line_of(seed)

    found = registers([view_of(line)], moment_of(line))

    for placed in line.entries:
        again = decode_entry(encode_entry(placed.entry), others=1)
        assert again.fields == placed.entry.fields
    assert {one.code for one in found.irregular} <= {
        # Crossed: built by a side that could not have seen what had happened meanwhile.
        "not_permitted", "wrong_party", "already_done", "unknown_case", "terms_differ",
    }  # fmt: skip


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**53)
    | st.binary(max_size=20)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(0, 60), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NUMBERS = st.integers(1, 60)


@st.composite
def strange_entries(draw):
    """An entry of a known or unknown kind, its fields junk, or those of a real one spoilt."""
    kind = draw(st.sampled_from(sorted(KINDS)) | st.integers(16, 65_535))
    fields = draw(st.dictionaries(NUMBERS, JUNK, max_size=5))
    if kind in KINDS:
        own = [field.number for field in fields_of(KINDS[kind]).values()]
        fields |= draw(st.dictionaries(st.sampled_from(own), JUNK, max_size=4))
    if draw(st.booleans()):
        fields[4] = draw(st.just([1, 0]) | st.lists(st.integers(0, 30), max_size=3) | JUNK)
    if draw(st.booleans()):
        fields[1] = draw(st.lists(st.integers(0, 30), max_size=3) | JUNK)
    flags = draw(st.integers(0, 3)) | draw(st.sampled_from([0, 0, 4, 8, 12]))
    return Entry(
        kind=kind, time=Instant(draw(st.integers(0, 2**53 - 1))), flags=flags, fields=fields
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS, st.lists(strange_entries(), min_size=1, max_size=6), st.integers(0, 2**32))
def test_strange_entries_raise_nothing_say_why_and_look_alike_on_both_sides(seed, strange, order):
    line, chance = line_of(seed), Random(order)
    entries, size = list(line.entries), list(line.sizes)
    for entry in strange:
        party = chance.randrange(2)
        other = size[1 - party]
        last = next(p for p in reversed(entries) if p.party == party)
        seen = chance.randint(last.entry.seen[0], other) if last.entry.seen else other
        entries.append(replace(last, index=size[party], entry=replace(entry, seen=(seen,))))
        size[party] += 1
    now = moment_of(line)

    here = registers([view_of(line, entries)], now)
    there = registers([view_of(line, shuffled(chance, entries))], now)

    assert here.encode() == there.encode()
    for one in here.irregular:
        assert one.code
        assert set(one.sentence) == {"en", "zh"}
        assert all(one.sentence.values())
    for case in here.cases:
        here.comparison(case.place)
        assert all(step.code for step in case.steps if step.status == "irregular")


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.integers(0, 2**32), JUNK)
def test_one_spoilt_field_of_a_real_entry_makes_it_irregular_or_nothing_worse(seed, order, junk):
    line, chance = line_of(seed), Random(order)
    entries = list(line.entries)
    at = chance.randrange(1, len(entries))
    entry = entries[at].entry
    if not entry.fields:
        return
    spoilt = {**entry.fields, chance.choice(sorted(entry.fields)): junk}
    entries[at] = replace(entries[at], entry=replace(entry, fields=spoilt))

    found = registers([view_of(line, entries)], moment_of(line))

    assert (
        found.encode()
        == registers([view_of(line, shuffled(chance, entries))], found.moment).encode()
    )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_move_of_a_later_version_is_kept_apart_whatever_it_is(kind):
    line = history(1, length=2)
    line.raw(0, line.entries[-1].entry.time + 60, kind=kind, fields={17: 9})

    irregular = registers([view_of(line)], moment_of(line)).irregular

    assert irregular[-1].code == "newer_version"


@FEW
@given(SEEDS, st.integers(0, 2**32))
def test_what_is_offered_can_be_done_and_what_is_not_offered_cannot(seed, chosen):
    line, chance = line_of(seed), Random(chosen)
    now = moment_of(line)
    found = registers([view_of(line)], now)
    case = chance.choice([None, *[one.place for one in found.cases]])
    party = chance.randrange(2)
    offered = {one.move.full_name for one in permitted_moves(found, case, party, line.view.id)}
    move = chance.choice(ALL_MOVES)
    draft = MoveDraft(
        move=move.full_name,
        party=party,
        desk="OPS",
        case=case,
        fields=fields_for(move, chance, ["OPS/ALFA/0"]),
        moment=now,
    )

    problems = check_move(found, line.view, draft)
    codes = {one.code for one in problems if not one.field}

    by_state = {
        "not_permitted", "wrong_party", "already_done", "case_needed", "case_not_allowed",
        "other_procedure", "mark_mismatch",
    }  # fmt: skip
    if move.full_name in offered:
        # Parts of a channel and series of sessions are told by their fields.
        assert move.standing or not codes & by_state
    elif not _again(found, case, move, party):
        assert problems


def _again(found, case, move, party):
    """An opener's own first move once more: never offered, a note when it comes (a reminder)."""
    held = next((one for one in found.cases if one.place == case), None)
    return held is not None and held.steps[0].move == move.full_name and held.opener == party
