"""Registers and the inbox page by page: nothing missed, nothing twice, nothing built in vain."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.record import Made

from parley.core.texts import pack_text
from parley.errors import NotFoundError, UsageError
from parley.station import case_rows
from parley.station.case_lists import CaseQuery

CASES = 40


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("pages") / "alfa")
    made.grow(CASES)
    made.served = asyncio.run(made.gateway())
    yield made
    made.store.close()


def pages(gateway, **query):
    cursor, found = None, []
    while True:
        page = gateway.register(CaseQuery(procedure="request", cursor=cursor, **query))
        found.append([row.number for row in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return found


def all_of(gateway, **query):
    return [number for page in pages(gateway, **query) for number in page]


def test_pages_are_the_whole_register_newest_first(made):
    (whole,) = pages(made.served, limit=500)
    assert len(whole) == CASES
    found = pages(made.served, limit=7)
    assert [len(page) for page in found] == [7, 7, 7, 7, 7, 5]
    assert [number for page in found for number in page] == whole
    opened = [
        row.opened.at
        for row in made.served.register(CaseQuery(procedure="request", limit=500)).items
    ]
    assert opened == sorted(opened, reverse=True)


def test_a_case_that_comes_while_pages_are_turned_neither_shifts_nor_doubles_one(made):
    (whole,) = pages(made.served, limit=500)
    first = made.served.register(CaseQuery(procedure="request", limit=10))
    made.grow(1)
    rest = made.served.register(CaseQuery(procedure="request", limit=500, cursor=first.next_cursor))
    assert [row.number for row in [*first.items, *rest.items]] == whole


def test_open_cases_stand_by_their_due_time_and_only_whose_turn_it_is(made):
    rows = made.served.register(
        CaseQuery(procedure="request", owed_by="us", order="due", limit=500)
    ).items
    assert rows
    assert all(row.us_owe and row.owed_by == "ALFA" for row in rows)
    assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
    assert all_of(made.served, owed_by="us", order="due", limit=3) == [row.number for row in rows]


def test_conditions_split_the_register_without_remainder(made):
    (whole,) = pages(made.served, limit=500)
    for one, other in [
        ({"is_open": True}, {"is_open": False}),
        ({"lapsed": True}, {"lapsed": False}),
        ({"proved": True}, {"proved": False}),
        ({"owed_by": "us"}, {"owed_by": "them"}),
    ]:
        parts = [all_of(made.served, limit=500, **each) for each in (one, other)]
        assert not set(parts[0]) & set(parts[1])
        if "owed_by" not in one:
            assert set(parts[0]) | set(parts[1]) == set(whole)


def test_words_for_state_and_clock_find_what_the_rows_show(made):
    rows = made.served.register(CaseQuery(procedure="request", limit=500)).items
    for word in ("accepted", "running", "open", "lapsed", "pending"):
        wanted = [row.number for row in rows if word in case_rows.row_groups(row)]
        assert all_of(made.served, state=(word,), limit=500) == wanted
    both = all_of(made.served, state=("accepted,running",), limit=500)
    assert both == [
        row.number for row in rows if {"accepted", "running"} & case_rows.row_groups(row)
    ]


def test_a_page_builds_the_rows_it_shows_and_no_other(made, monkeypatch):
    built = []
    row = case_rows.CaseRows.row
    monkeypatch.setattr(
        case_rows.CaseRows,
        "row",
        lambda self, registers, case: (built.append(case.number), row(self, registers, case))[1],
    )
    made.served.register(CaseQuery(procedure="request", limit=5))
    assert len(built) == 5
    built.clear()
    made.served.overview()
    # Needs are built up to what the overview shows, whatever the inbox holds.
    assert len(built) <= 20


def test_who_may_read_one_channel_sees_no_row_and_no_page_of_another(made):
    page = made.served.register(CaseQuery(procedure="request", sees=lambda code: code != "OPS"))
    assert (page.items, page.next_cursor) == ([], None)


@pytest.mark.parametrize("cursor", ["x", "-1", "1.2", "", "9" * 40])
def test_a_cursor_of_another_list_is_refused(made, cursor):
    with pytest.raises(UsageError, match="cursor"):
        made.served.register(CaseQuery(procedure="request", cursor=cursor))


def test_what_is_no_register_order_or_limit_is_refused(made):
    with pytest.raises(NotFoundError):
        made.served.register(CaseQuery(procedure="nothing"))
    with pytest.raises(UsageError, match="order"):
        made.served.register(CaseQuery(procedure="request", order="age"))
    with pytest.raises(UsageError, match="page"):
        made.served.register(CaseQuery(procedure="request", limit=0))


def test_the_past_is_paged_like_the_present(made):
    moment = made.charter.proposed_at + 10 + CASES // 2
    (whole,) = pages(made.served, limit=500, as_of=moment)
    assert 0 < len(whole) < CASES
    assert all_of(made.served, limit=6, as_of=moment) == whole


def test_the_inbox_is_paged_in_its_order(made):
    whole = made.served.inbox(limit=500).items
    assert made.served.inbox_count() == len(whole) > 20
    found, cursor = [], None
    while True:
        page = made.served.inbox(limit=9, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [row.id for row in found] == [row.id for row in whole]
    assert [row.kind for row in whole][:1] == ["answer"]
    with pytest.raises(UsageError, match="cursor"):
        made.served.inbox(cursor="1:2")


def test_what_we_acknowledge_leaves_the_inbox_and_what_comes_enters_it(made):
    before = made.served.inbox_count()
    made.write(1, 1, {2: pack_text("One more.")})
    made.flush()
    assert made.served.inbox_count() == before + 1


def test_balances_and_counts_are_what_the_rows_add_up_to(made):
    rows = made.served.register(CaseQuery(procedure="request", limit=500)).items
    (balance,) = made.served.balances()
    ours = [row for row in rows if row.owed_by == "ALFA"]
    theirs = [row for row in rows if row.owed_by == "BRAVO"]
    for side, owed in ((balance.we_owe, ours), (balance.they_owe, theirs)):
        assert side.owed + side.asked == sum(row.clock in ("running", "near") for row in owed)
        assert side.lapsed == sum(row.clock.startswith("lapsed") for row in owed)
        assert side.oldest_at == min((row.opened.at for row in owed), default=None)
    counts = made.served.asked_counts("request")
    assert [(one.asker, one.asked) for one in counts] == [("ALFA", "BRAVO"), ("BRAVO", "ALFA")]
    assert sum(one.n for one in counts) == len(rows)
    assert sum(one.answered for one in counts) == sum("answered" in row.clock for row in rows)
