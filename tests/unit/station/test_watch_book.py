"""The watch: one officer has it, it changes hands with everything seen, and nothing is changed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from parley.errors import ConflictError, NotAllowedError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.papers import change
from parley.station.watch_book import ITEMS_MAX, WatchBook

ONE, TWO, THREE = (
    Actor(officer=f"ALFA-{number}", roles=frozenset({"watch"}), via="console")
    for number in (1, 2, 3)
)
DESK = Actor(officer="ALFA-9", roles=frozenset({"desk"}), via="console")


class Station:
    """Papers and a clock that goes on by a minute with each act."""

    def __init__(self):
        self.kept, self.time = {}, 1_000_000
        self.reader = SimpleNamespace(
            paper=lambda collection, key: self.kept.get((collection, key))
        )

    def now(self):
        return self.time

    async def store_papers(self, papers):
        await asyncio.sleep(0)
        self.kept |= {(collection, key): value for collection, key, value in papers}
        self.time += 60


@pytest.fixture
def made():
    station, needs, alarms = Station(), ["n1", "n2"], []
    cabinet = Cabinet(station)
    officers = [
        SimpleNamespace(code="ALFA-1", roles=["watch"], active=True),
        SimpleNamespace(code="ALFA-2", roles=["watch"], active=True),
        SimpleNamespace(code="ALFA-3", roles=["watch"], active=False),
        SimpleNamespace(code="ALFA-9", roles=["desk"], active=True),
    ]
    book = WatchBook(
        station,
        cabinet,
        SimpleNamespace(all=lambda *, open_only: alarms),
        SimpleNamespace(all=lambda: officers),
        lambda: needs,
    )
    return SimpleNamespace(book=book, station=station, cabinet=cabinet, needs=needs, alarms=alarms)


def do(work):
    return asyncio.run(work)


def kinds(book):
    return [(row.kind, row.officer, row.to) for row in book.rows(before=None, limit=50).items]


def test_the_watch_goes_from_officer_to_officer_by_offer_and_taking(made):
    book = made.book
    do(book.take(ONE, items=["n1", "n2"]))
    do(book.offer(ONE, "ALFA-2", items=["n1", "n2"], text="BRAVO calls at 0300Z."))
    assert book.state().officer == "ALFA-1"
    assert book.state().offered_to == "ALFA-2"
    do(book.take(TWO, items=["n2", "n1"]))

    assert book.state().officer == "ALFA-2"
    assert book.state().offered_to is None
    assert book.state().since == made.station.time - 60
    assert kinds(book) == [
        ("take", "ALFA-2", "ALFA-1"),
        ("offer", "ALFA-1", "ALFA-2"),
        ("take", "ALFA-1", ""),
    ]


def test_it_does_not_change_hands_over_an_unclaimed_alarm(made):
    book = made.book
    do(book.take(ONE, items=made.needs))
    made.alarms.append(SimpleNamespace(id="A-33", sounds=True))

    for act in (
        book.offer(ONE, "ALFA-2", items=made.needs, text=""),
        book.take(TWO, items=made.needs, text="he is ill"),
        book.leave(ONE, text="fire"),
    ):
        with pytest.raises(ConflictError, match="unclaimed alarm"):
            do(act)
    made.alarms[0].sounds = False
    do(book.leave(ONE, text="fire"))


def test_everything_open_is_gone_through_and_what_came_meanwhile_too(made):
    with pytest.raises(ConflictError, match="1 open items"):
        do(made.book.take(ONE, items=["n1", "gone"]))
    made.needs[:] = [f"n{number}" for number in range(ITEMS_MAX + 50)]

    do(made.book.take(ONE, items=made.needs[:ITEMS_MAX]))

    assert made.book.rows(before=None, limit=1).items[0].items == ITEMS_MAX


def test_it_is_taken_without_an_offer_only_with_a_reason(made):
    do(made.book.take(ONE, items=made.needs))
    with pytest.raises(UsageError, match="has not offered it"):
        do(made.book.take(TWO, items=made.needs))

    do(made.book.take(TWO, items=made.needs, text="ALFA-1 is ill."))

    assert kinds(made.book)[0] == ("relieve", "ALFA-2", "ALFA-1")


def test_only_who_has_it_offers_or_leaves_it_and_only_to_who_can_take_it(made):
    with pytest.raises(ConflictError, match="does not have the watch"):
        do(made.book.offer(ONE, "ALFA-2", items=made.needs, text=""))
    with pytest.raises(ConflictError, match="does not have the watch"):
        do(made.book.leave(ONE, text="done"))
    do(made.book.take(ONE, items=made.needs))
    for code in ("ALFA-1", "ALFA-3", "ALFA-9", "NOBODY"):
        with pytest.raises(UsageError, match="cannot go to"):
            do(made.book.offer(ONE, code, items=made.needs, text=""))
    with pytest.raises(ConflictError, match="already"):
        do(made.book.take(ONE, items=made.needs))


def test_nobody_but_a_watch_officer_writes(made):
    book = made.book
    for act in (
        book.note(DESK, "x"),
        book.take(DESK, items=made.needs),
        book.offer(DESK, "ALFA-1", items=made.needs, text=""),
        book.leave(DESK, text="x"),
    ):
        with pytest.raises(NotAllowedError):
            do(act)
    assert kinds(book) == []


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\u202eb"])
def test_a_note_that_is_empty_long_or_misleading_is_refused(made, text):
    with pytest.raises(UsageError):
        do(made.book.note(ONE, text))


def test_two_who_take_it_at_once_do_not_both_have_it(made):
    async def both():
        return await asyncio.gather(
            made.book.take(ONE, items=made.needs),
            made.book.take(TWO, items=made.needs),
            return_exceptions=True,
        )

    first, second = do(both())

    assert first.kind == "take"
    assert isinstance(second, UsageError)
    assert made.book.state().officer == "ALFA-1"


def test_the_audit_carries_the_digest_of_each_record_and_no_word_of_it(made):
    do(made.book.note(ONE, "A word for nobody else."))
    [row] = made.book.rows(before=None, limit=9).items
    [audited] = made.cabinet.audit(after=0, limit=9).items

    assert audited.detail == row.digest
    assert audited.act == "write watch note"
    assert "nobody else" not in f"{audited}"


def test_the_book_is_read_page_by_page(made):
    for number in range(7):
        do(made.book.note(ONE, f"note {number}"))
    before, seen = None, []
    while True:
        page = made.book.rows(before=before, limit=3)
        seen.append([row.number for row in page.items])
        if page.next_cursor is None:
            break
        before = int(page.next_cursor)

    assert seen == [[7, 6, 5], [4, 3, 2], [1]]


def test_what_a_note_tells_is_stored_with_it_or_not_at_all(made):
    stored, keep = [], made.station.store_papers

    async def once(papers):
        stored.append([collection for collection, _, _ in papers])
        await keep(papers)

    made.station.store_papers = once
    done = (
        change("claims", "A-1", {"snoozed_until": 5}),
        Act(actor=ONE, act="snooze alarm", subject="A-1"),
    )
    do(made.book.note(ONE, "A-1 is kept silent.", done=done))

    assert len(stored) == 1
    assert {"claims", "watch", "audit"} <= set(stored[0])
    acts = [row.act for row in made.cabinet.audit(after=0, limit=9).items]
    assert acts == ["snooze alarm", "write watch note"]
