"""The common order: the same however the entries came, and cheap to keep while they come."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from parley.core.entry import Entry, Kind
from parley.core.ids import Incarnation
from parley.core.instants import Instant
from parley.desk.desk import Desk, registers
from parley.desk.fold import Fold
from parley.desk.order import CommonOrder, common_order
from parley.desk.record import ChannelView, Placed
from support.desk_talk import REQUEST, START, Line, inc_of, two

CODES = ("ALFA", "BRAVO", "CHARLIE")


def chatter(seed: int, *, parties: int = 3, length: int = 60) -> list[Placed]:
    """Entries of several parties in the order in which they were written, each having seen some."""
    chance = random.Random(seed)
    inc = {number: inc_of(CODES[number]) for number in range(parties)}
    size = dict.fromkeys(range(parties), 0)
    known = {a: dict.fromkeys(range(parties), 0) for a in range(parties)}
    found: list[Placed] = []
    for _ in range(length):
        author = chance.randrange(parties)
        if chance.random() < 0.02:
            previous = [inc[author], size[author], bytes(32)]
            inc[author] = Incarnation(chance.randbytes(8))
            size[author] = 0
            fields = {18: previous}
        else:
            fields = {}
        for other in range(parties):
            if other != author and chance.random() < 0.6:
                known[author][other] = chance.randint(
                    min(known[author][other], size[other]), size[other]
                )
        seen = tuple(known[author][other] for other in range(parties) if other != author)
        kind = Kind.OPEN if size[author] == 0 else Kind.SAY
        entry = Entry(kind=kind, time=START, flags=0, seen=seen, fields=fields)
        found.append(Placed(party=author, inc=inc[author], index=size[author], entry=entry))
        size[author] += 1
    return found


def view_of(entries: list[Placed], parties: int = 3) -> ChannelView:
    charter = Line(*CODES[:parties]).charter
    return ChannelView(charter=charter, codes=CODES[:parties], entries=entries, statements=[])


@pytest.mark.parametrize("seed", range(60))
def test_an_order_kept_while_entries_come_is_the_order_made_from_nothing(seed: int) -> None:
    chance = random.Random(seed)
    parties = chance.choice((2, 3))
    entries = chatter(seed, parties=parties)
    if seed % 3 == 0:
        chance.shuffle(entries)
    if seed % 5 == 0:
        entries = [one for one in entries if one.index == 0 or chance.random() < 0.9]
    held: list[Placed] = []
    view = view_of(held, parties)
    kept = CommonOrder()
    steps = 0
    for placed in entries:
        held.append(placed)
        if kept.add(view, placed) is None:
            kept.start(view)
        else:
            steps += 1
        assert kept.order == common_order(view)
    assert steps or seed % 3 == 0 or seed % 5 == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_fold_that_grew_is_the_fold_of_everything(seed: int) -> None:
    entries = chatter(seed)
    held: list[Placed] = []
    grown = Fold()
    for start in range(0, len(entries), 7):
        held += entries[start : start + 7]
        grown.update(view_of(held))
    whole = Fold()
    whole.update(view_of(entries))

    assert grown.order == whole.order
    assert [one and one.place for one in grown.log] == [one and one.place for one in whole.log]


def test_a_long_log_is_not_ordered_again_for_each_entry() -> None:
    entries = [
        Placed(
            party=0,
            inc=inc_of("ALFA"),
            index=index,
            entry=Entry(
                kind=Kind.OPEN if index == 0 else Kind.SAY,
                time=START,
                flags=0,
                seen=(0, 0),
                fields={},
            ),
        )
        for index in range(50)
    ]
    view = view_of(entries)
    kept = CommonOrder()
    kept.start(view_of(entries[:1]))

    assert [kept.add(view, placed) for placed in entries[1:]] == list(range(1, 50))


def test_statements_that_come_in_any_order_prove_the_same() -> None:
    talk, line = two()
    talk.say(line, "ALFA/OPS", START + 60, "request.open", REQUEST)
    for hour in range(1, 5):
        line.sign(START + 3_600 * hour)
    at = Instant(START + 40 * 86_400)
    expected = registers([line.view], at).encode()
    desk, grown = Desk(), []
    for statement in reversed(line.statements):
        grown.append(statement)
        desk.registers([replace(line.view, statements=grown)], at)

    assert desk.registers([replace(line.view, statements=grown)], at).encode() == expected


@pytest.mark.parametrize("seed", range(5))
def test_claimed_times_are_no_part_of_the_order(seed: int) -> None:
    chance = random.Random(seed)
    entries = chatter(seed)
    claimed = [
        replace(
            one, entry=replace(one.entry, time=Instant(START + chance.randint(-(10**6), 10**6)))
        )
        for one in entries
    ]
    places = [[(one.place) for one in common_order(view_of(each))] for each in (entries, claimed)]
    assert places[0] == places[1]
