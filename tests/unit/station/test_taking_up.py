"""A long record is read in pieces, with other work between them, and comes to the same end."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.record import Made

from parley.core.instants import Instant
from parley.desk.case_book import BookWatch
from parley.errors import StationUnreachableError
from parley.sim.people import WORLD_START
from parley.station import desk_book
from parley.station import parts as parts_module
from parley.station.case_lists import CaseQuery
from parley.station.desk_book import DeskBook
from parley.station.taking_up import TakingUp
from parley.store.verify import verify_rows

CASES = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("taking") / "alfa")
    made.grow(CASES)
    made.now = WORLD_START + 30 * 86_400
    yield made
    made.store.close()


@pytest.fixture
def parts(made, monkeypatch):
    monkeypatch.setattr(desk_book, "_SLICE", 16)
    monkeypatch.setattr(desk_book, "_AT_ONCE", 64)
    return asyncio.run(made.gateway())._parts


def test_a_made_record_is_one_that_a_station_could_have_written(made):
    found = verify_rows(made.store, [made.identity.card, made.peer.card])
    assert found.wrong is None
    assert found.unsigned == 0
    assert found.entries == sum(log.size for log in made.logs)
    assert found.statements == 2 * made.logs[0].statements


def what_is_shown(desk: DeskBook) -> list[object]:
    registers, index = desk.registers(), desk.index()
    rows = [registers.row_of_case(registers.case_now(place)) for _, place in newest(index)]
    return [*rows, *(book.counts for book in registers.books()), newest(index)]


def newest(index):
    return list(index.newest("request", below=None, only_open=False))


def test_in_pieces_the_desk_says_what_it_says_of_the_whole(parts):
    pieces, whole = (DeskBook(parts.station, parts.trust, parts.record) for _ in range(2))
    read = sum(1 for _ in pieces.take_up())
    assert read > CASES // 2
    assert pieces.behind == 0
    assert what_is_shown(pieces) == what_is_shown(whole)
    assert len(newest(whole.index())) == CASES


def test_what_asks_meanwhile_is_told_how_far_it_is_and_later_answered(parts):
    desk = parts.desk
    pieces = desk.take_up()
    next(pieces)
    with pytest.raises(StationUnreachableError, match="still reading the record: 16 of"):
        desk.registers()
    assert [row.level for row in parts.health() if row.check == "desk"] == ["look"]
    for _ in pieces:
        pass
    assert desk.registers().moment == parts.station.now()
    assert not [row for row in parts.health() if row.check == "desk"]


def read_at_the_start(made, parts):
    pieces = parts.desk.take_up()
    next(pieces)
    with pytest.raises(StationUnreachableError):
        parts.hub._clocks(parts.station.now())
    for _ in pieces:
        pass
    made.now += 1
    return parts.hub._clocks(parts.station.now())


def test_of_what_lapsed_before_the_start_only_what_we_owe_is_told_and_if_much_in_one(made, parts):
    found = read_at_the_start(made, parts)

    turned = list(parts.cases.turned(BookWatch()))
    ours = [place for place, _, is_ours in turned if is_ours]
    assert 5 < len(ours) < len(turned)
    assert [(one["own"], one["case"], one["count"]) for one in found] == [(True, None, len(ours))]


def test_a_few_that_lapsed_before_the_start_raise_an_alarm_each_and_only_once(
    made, parts, monkeypatch
):
    monkeypatch.setattr(parts_module, "_FEW", 50)
    found = read_at_the_start(made, parts)
    assert len(found) > 5
    assert {(one["own"], one["what"]) for one in found} == {(True, "lapsed")}

    for one in found[:3]:
        asyncio.run(parts.hub._our_clock(one))
    again = asyncio.run(made.gateway())._parts
    told = read_at_the_start(made, again)

    assert [one["case"] for one in told] == [one["case"] for one in found[3:]]
    texts = [alarm.text for alarm in again.alarms.all(open_only=True)]
    assert f"the time for our answer to {found[0]['case']} is over" in texts


def test_what_was_stored_meanwhile_is_read_too(made, parts):
    desk = parts.desk
    pieces = desk.take_up()
    next(pieces)
    made.grow(2)
    for _ in pieces:
        pass
    assert desk.behind == 0
    assert len(newest(desk.index())) == CASES + 2


async def test_other_work_goes_on_while_a_record_is_read(made, parts):
    turns, taking = 0, TakingUp(parts.desk)
    taking.start()
    while parts.desk.is_taking_up:
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10
    await taking.stop()
    page = parts.cases.page(CaseQuery(procedure="request"))
    assert len(page.items) >= CASES
    assert parts.desk.registers().moment == Instant(made.now)


async def test_a_station_that_stops_leaves_the_rest_unread(parts):
    taking = TakingUp(parts.desk)
    taking.start()
    await taking.stop()
    assert not parts.desk.is_taking_up
    assert parts.desk.behind > 0
