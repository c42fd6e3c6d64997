"""Search page by page, over entries as the gateway lists them."""

from __future__ import annotations

from itertools import islice
from types import SimpleNamespace

import pytest

from parley.station import search
from parley.station.search import find_entries, words_of
from parley.station.views import Page

ROWS = [
    SimpleNamespace(
        sequence=number,
        name=f"OPS/ALFA/{number}",
        case=None,
        subject={"en": "Buoy" if number % 5 == 0 else "Line"},
        texts=[],
        action=["BRAVO"],
        info=[],
        times=SimpleNamespace(received_at=number),
    )
    for number in range(1, 901)
]


def holding(_words, below):
    end = len(ROWS) if below is None else below - 1
    return iter(range(end, 0, -1))


def entries(*, before_sequence, limit, among=None, **_):
    if among is not None:
        rows = [ROWS[number - 1] for number in islice(among, limit)]
        return Page(items=rows, next_cursor=str(rows[-1].sequence) if len(rows) == limit else None)
    end = len(ROWS) if before_sequence is None else before_sequence - 1
    rows = list(reversed(ROWS[:end]))[:limit]
    more = rows and rows[-1].sequence > 1
    return Page(items=rows, next_cursor=str(rows[-1].sequence) if more else None)


def found(query, limit):
    before, numbers = None, []
    for _ in range(1000):
        page = find_entries(
            entries,
            holding,
            query,
            line_of=lambda row: f"{row.name} {row.subject['en']}",
            state_of=lambda row: "in force" if row.sequence % 3 == 0 else "issued",
            limit=limit,
            before=before,
        )
        numbers.append([row.sequence for row in page.items])
        if page.next_cursor is None:
            return numbers
        before = int(page.next_cursor)
    raise AssertionError("the pages have no end")


def test_every_entry_is_found_once_whatever_the_length_of_a_page():
    wanted = list(range(900, 0, -5))

    for limit in (7, 50, 400):
        pages = found("buoy", limit)
        assert [number for page in pages for number in page] == wanted
        assert all(len(page) <= limit for page in pages)


def test_a_state_narrows_and_is_written_with_hyphens():
    assert found("buoy state:in-force", 400)[0] == list(range(900, 0, -15))
    assert found("buoy state:nothing", 400)[0] == []


@pytest.mark.parametrize("query", ["buoy", "after:1970-01-01T00:00:00Z to:BRAVO"])
def test_a_long_search_stops_and_can_be_gone_on_with(query, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_AT_MAX", 100)

    pages = found(query, 500)

    assert len(pages) > 1
    step = -5 if query == "buoy" else -1
    assert [number for page in pages for number in page] == list(range(900, 0, step))


def test_words_are_what_is_no_term():
    assert words_of("from:ALFA Ｌine http://x lang:zh") == ["line", "http://x"]
