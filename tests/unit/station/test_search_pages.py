"""Search page by page, over entries as the gateway lists them."""

from __future__ import annotations

from types import SimpleNamespace

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


def entries(*, before_sequence, limit, **_):
    end = len(ROWS) if before_sequence is None else before_sequence - 1
    rows = list(reversed(ROWS[:end]))[:limit]
    more = rows and rows[-1].sequence > 1
    return Page(items=rows, next_cursor=str(rows[-1].sequence) if more else None)


def found(query, limit):
    before, numbers = None, []
    for _ in range(1000):
        page = find_entries(entries, query, limit=limit, before=before)
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


def test_a_long_search_stops_and_can_be_gone_on_with(monkeypatch):
    monkeypatch.setattr(search, "PAGES_MAX", 1)

    pages = found("buoy", 500)

    assert len(pages) > 1
    assert [number for page in pages for number in page] == list(range(900, 0, -5))


def test_words_are_what_is_no_term():
    assert words_of("from:ALFA Ｌine http://x lang:zh") == ["line", "http://x"]
