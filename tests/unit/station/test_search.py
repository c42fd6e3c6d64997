"""Search finds what was said however long ago, in any language, and shows only what really fits."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.record import NEEDLE, NEEDLE_ZH, Made

from parley.core.entry import Kind
from parley.core.texts import pack_text
from parley.errors import UsageError
from parley.station import gateway_reads, haystack, search
from parley.station.haystack import Haystack


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("search") / "alfa")
    made.grow(40)
    made.served = asyncio.run(made.gateway())
    yield made
    made.store.close()


def found(made, words, limit=500):
    return [row.name for row in made.served.search(words, limit=limit).items]


def test_the_oldest_entry_is_found_by_one_word_or_one_character(made, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_AT_MAX", 5)
    for needle in (NEEDLE, NEEDLE_ZH):
        (name,) = found(made, needle)
        texts = [text.text for text in made.served.entry(name).texts]
        assert needle in texts[0]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("ittiwak", 1),
        ("KITTIWAKE pier", 1),
        ("kittiwake boat", 0),
        ("一头鲸", 1),
        ("kittiwake 鲸", 0),
        ("Nets near the pier, 7 ", 1),
        ("req-alfa-2", 2),
        ("kittiwake from:BRAVO", 1),
        ("kittiwake from:ALFA", 0),
        ("ｋｉｔｔｉｗａｋｅ", 1),
    ],
)
def test_words_are_parts_of_texts_names_and_cases(made, words, number):
    assert len(found(made, words)) >= number
    assert bool(found(made, words)) == bool(number)


def test_newest_come_first_and_no_more_than_wanted(made):
    every = found(made, "survey")
    assert len(every) > 10
    assert found(made, "survey", limit=3) == every[:3]
    sequences = [row.sequence for row in made.served.search("survey", limit=500).items]
    assert sequences == sorted(sequences, reverse=True)


def test_pages_by_cursor_are_the_whole_search(made):
    every, turned, cursor = found(made, "survey"), [], None
    while True:
        page = made.served.search("survey", limit=3, before_sequence=cursor)
        turned += [row.name for row in page.items]
        if page.next_cursor is None:
            break
        cursor = int(page.next_cursor)
    assert turned == every


def test_a_search_that_would_look_at_too_much_says_from_where_it_goes_on(made, monkeypatch):
    monkeypatch.setattr(gateway_reads, "_CANDIDATES_MAX", 5)
    (name,) = found(made, NEEDLE)
    words, cursor, pages = f"ops from:{name.split('/')[1]} {NEEDLE[:4]}", None, 0
    while True:
        page = made.served.search(words, limit=50, before_sequence=cursor)
        pages += 1
        if page.items or page.next_cursor is None:
            break
        cursor = int(page.next_cursor)
    assert [row.name for row in page.items] == [name]
    both = made.served.search("ops from:ALFA", limit=50)
    assert len(both.items) < 5
    assert both.next_cursor is not None


def test_what_comes_later_is_found_at_once(made):
    assert found(made, "semaphore") == []
    made.now += 1
    index = made.write(1, Kind.SAY, {2: pack_text("Semaphore seen\nat the pier")})
    made.flush()
    assert found(made, "semaphore at") == [f"OPS/BRAVO/{index}"]


def test_a_station_that_cannot_be_asked_in_words_says_so(made):
    with pytest.raises(UsageError, match="nothing to search for"):
        made.served.search("  ", limit=5)


def test_blocks_and_what_is_not_a_block_yet_are_both_searched(monkeypatch):
    monkeypatch.setattr(haystack, "_BLOCK", 4)
    stack = Haystack()
    for number in range(11):
        stack.add(10 * number, f"Line {number}\nof " + ("ODD" if number % 2 else "even") + " 行")
    assert list(stack.holding(["odd"])) == [90, 70, 50, 30, 10]
    assert list(stack.holding(["line", "even"])) == [100, 80, 60, 40, 20, 0]
    assert list(stack.holding(["行"])) == list(range(100, -1, -10))
    assert list(stack.holding(["10", "odd"])) == []
    for below in range(0, 120, 5):
        numbers = [number for number in range(100, -1, -10) if number < below]
        assert list(stack.holding(["行"], below)) == numbers


@pytest.mark.parametrize("day", ["2026-11-24", "240000Z-NOV-26", "2026-11-24T00:00:00Z"])
def test_a_day_and_a_date_time_group_are_taken_as_a_time(day):
    assert search._moment(day) == 1_795_478_400


def test_what_is_no_time_is_refused_with_a_way_to_write_one_that_is_taken(made):
    with pytest.raises(UsageError) as refused:
        found(made, "after:yesterday")
    offered = [word for word in refused.value.next_step.rstrip(".").split() if "after:" in word]
    assert len(offered) == 3
    for term in offered:
        found(made, term.rstrip(","))
