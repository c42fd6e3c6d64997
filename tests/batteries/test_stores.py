"""Every store keeps the same promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from parley.core import keys
from parley.core.cosignature import WitnessKey, cosign
from parley.core.ids import ChannelId, Hash, Incarnation, LogId
from parley.core.instants import Instant
from parley.errors import StoredOtherwiseError, StoreError
from parley.store.interface import Batch, EntryRow, IndexRow, LogRow, NodeRow, StatementRow, Store
from parley.store.memory import MemoryStore, packed_runs
from parley.store.registry import open_store
from parley.store.sqlite import SqliteStore
from parley.store.verify import rebuild_index
from support.postgres_server import needs_postgres, server
from support.records import START, Record, index_of, rows_of, seed

SIGNER = keys.Ed25519Signer(seed("witness"))
WITNESS = WitnessKey("witness.example/w1", SIGNER.public_key)
Maker = Callable[[], Store]


@pytest.fixture(scope="module")
def database() -> Iterator[Callable[[], str]]:
    """Yield what gives the address of an empty record in PostgreSQL."""
    with server() as running:
        name = running.new()
        open_store(running.address(name)).close()
        yield lambda: running.emptied(name)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=needs_postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        opened: Store = MemoryStore()
    elif request.param == "sqlite":
        opened = SqliteStore(tmp_path / "station.sqlite")
    else:
        opened = open_store(request.getfixturevalue("database")())
    yield opened
    opened.close()


@pytest.fixture
def record() -> Record:
    record = Record()
    record.meet()
    alfa, bravo = record.parties
    record.now += 60
    asked = record.say(alfa, "Who is at the pier?")
    record.sign(alfa)
    record.now += 5
    record.say(bravo, "Nobody of ours.", f1=[0, asked])
    record.sign(bravo)
    return record


def known(record: Record) -> Batch:
    """Return the batch that makes charter and logs known, without any entry."""
    whole = record.batch()
    return Batch(charters=whole.charters, logs=whole.logs)


def everything(store: Store) -> object:
    """Return all that a store can be asked."""
    logs = [row.log for row in store.logs()]
    return (
        list(store.charters()),
        list(store.logs()),
        [list(store.entries(log, 0, 1_000)) for log in logs],
        [list(store.leaves(log)) for log in logs],
        [list(store.nodes(log)) for log in logs],
        [list(store.statements(log, 0, 1_000)) for log in logs],
        [list(store.index_rows(log.channel)) for log in logs],
        list(store.papers("peers")),
        list(store.said(0, 1_000)),
        store.sequence(),
    )


def test_an_empty_store_holds_nothing_and_says_so(store: Store) -> None:
    log = LogId(ChannelId(bytes(16)), Record().parties[0].id, Incarnation(bytes(8)))

    assert everything(store) == ([], [], [], [], [], [], [], [], [], 0)
    assert store.entry(log, 0) is None
    assert store.entries(log, 0, 10) == []
    assert list(store.leaves(log)) == []
    assert store.nodes(log) == []
    assert store.last_statement(log) is None
    assert store.statements(log, 0, 10) == []
    assert store.case_entries(log, 0) == []
    assert store.paper("peers", "x") is None


def test_what_was_committed_is_read_back_unchanged(store: Store, record: Record) -> None:
    batch = record.batch()

    store.commit(batch)

    assert list(store.charters()) == batch.charters
    assert list(store.logs()) == batch.logs
    for log in record.all:
        assert list(store.entries(log.id, 0, 1_000)) == rows_of(log)
        assert list(store.leaves(log.id)) == [(i, e[2]) for i, e in enumerate(log.entries)]
        assert [row.signed for row in store.statements(log.id, 0, 99)] == log.statements
        newest = store.last_statement(log.id)
        assert newest is not None
        assert newest.signed == log.statements[-1]


def test_every_entry_and_statement_takes_one_number(store: Store, record: Record) -> None:
    batch = record.batch()

    after = store.commit(batch)

    assert after == len(batch.entries) + len(batch.statements)
    assert store.sequence() == after


def test_committing_the_same_batch_again_changes_nothing(store: Store, record: Record) -> None:
    batch = record.batch()
    batch.nodes.append(NodeRow(log=record.all[0].id, level=3, pos=9, hash=Hash(bytes(range(32)))))
    batch.papers.append(("peers", "bravo", b"{}"))
    store.commit(batch)
    before = everything(store)

    store.commit(batch)

    assert everything(store) == before


def test_a_batch_that_doubles_its_own_rows_stores_them_once(store: Store, record: Record) -> None:
    batch = record.batch()
    doubled = replace(batch, entries=batch.entries * 2, statements=batch.statements * 2)

    after = store.commit(doubled)

    assert after == len(batch.entries) + len(batch.statements)


@pytest.mark.parametrize("bad", ["entry", "leaf", "statement", "root", "node", "ordinal"])
def test_a_second_history_is_refused_and_nothing_of_its_batch_is_stored(
    store: Store, record: Record, bad: str
) -> None:
    alfa = record.parties[0]
    whole = record.batch()
    log = record.logs[alfa.id]
    whole.nodes.append(NodeRow(log=log.id, level=2, pos=5, hash=Hash(bytes(32))))
    store.commit(whole)
    before = everything(store)
    record.say(alfa, "A further entry.")
    batch = Batch(entries=rows_of(log, len(log.entries) - 1), index=index_of(log)[-1:])
    batch.papers.append(("peers", "bravo", b"new"))
    first = rows_of(log)[0]
    last = log.statements[-1]
    if bad == "entry":
        batch.entries.insert(0, replace(first, raw=first.raw + b"\0"))
    elif bad == "leaf":
        batch.entries.insert(0, replace(first, leaf=Hash(bytes(32))))
    elif bad == "statement":
        other = replace(last.statement, time=Instant(last.statement.time + 1))
        signed = replace(last, statement=other)
        batch.statements.append(StatementRow(signed=signed, received=Instant(START)))
    elif bad == "root":
        other = replace(last.statement, root=Hash(bytes(32)), no=last.statement.no + 1)
        signed = replace(last, statement=other)
        batch.statements.append(StatementRow(signed=signed, received=Instant(START)))
    elif bad == "node":
        batch.nodes.append(NodeRow(log=log.id, level=2, pos=5, hash=Hash(b"\1" * 32)))
    else:
        twin = LogId(log.id.channel, log.id.party, Incarnation(b"\7" * 8))
        batch.logs.append(LogRow(log=twin, ordinal=1))

    with pytest.raises(StoredOtherwiseError):
        store.commit(batch)

    assert everything(store) == before


@pytest.mark.parametrize("bad", ["log", "entry", "statement", "index", "case"])
def test_a_row_that_refers_to_nothing_stored_is_refused_whole(
    store: Store, record: Record, bad: str
) -> None:
    log = record.all[0]
    foreign = Record(code="OTHER").all[0]
    if bad != "log":
        store.commit(known(record))
    before = everything(store)
    batch = Batch(papers=[("peers", "bravo", b"new")])
    if bad == "log":
        batch.logs.append(LogRow(log=log.id, ordinal=1))
    elif bad == "entry":
        batch.entries += rows_of(foreign)
    elif bad == "statement":
        strange = replace(log.statements[0].statement, inc=Incarnation(b"\7" * 8))
        signed = replace(log.statements[0], statement=strange)
        batch.statements.append(StatementRow(signed=signed, received=Instant(START)))
    elif bad == "index":
        batch.index += index_of(log)[:1]
    else:
        batch.entries += rows_of(log)[:1]
        batch.index.append(replace(index_of(log)[0], case_log=foreign.id))

    with pytest.raises(StoreError):
        store.commit(batch)

    assert everything(store)[:10] == before  # type: ignore[index]


def test_entries_come_ascending_from_a_place_up_to_a_limit(store: Store, record: Record) -> None:
    alfa = record.parties[0]
    for number in range(20):
        record.say(alfa, f"Line {number}")
    store.commit(record.batch())
    log = record.logs[alfa.id].id

    rows = store.entries(log, 7, 5)

    assert [row.index for row in rows] == [7, 8, 9, 10, 11]
    assert [row.index for row in store.entries(log, len(record.logs[alfa.id].entries) - 1, 5)] == [
        len(record.logs[alfa.id].entries) - 1
    ]
    assert store.entries(log, 1_000, 5) == []
    assert store.entries(log, 0, 0) == []


def test_an_entry_beyond_a_gap_is_held_and_the_gap_is_not(store: Store, record: Record) -> None:
    alfa = record.parties[0]
    for number in range(9):
        record.say(alfa, f"Line {number}")
    log = record.logs[alfa.id]
    store.commit(known(record))
    gap = {3, 4, 7}
    present = [row for row in rows_of(log) if row.index not in gap]

    store.commit(Batch(entries=present))

    assert [row.index for row in store.entries(log.id, 0, 99)] == [row.index for row in present]
    assert store.entry(log.id, 3) is None
    assert [index for index, _ in store.leaves(log.id)] == [row.index for row in present]

    store.commit(Batch(entries=rows_of(log, 3, 5)))

    assert [row.index for row in store.entries(log.id, 2, 4)] == [2, 3, 4, 5]


def test_nodes_are_kept_by_level_and_place(store: Store, record: Record) -> None:
    log = record.all[0].id
    store.commit(known(record))
    rows = [
        NodeRow(log=log, level=level, pos=pos, hash=Hash(bytes([level, pos] * 16)))
        for level, pos in [(3, 2), (0, 40), (0, 7)]
    ]

    store.commit(Batch(nodes=rows))

    assert store.nodes(log) == [rows[2], rows[1], rows[0]]


def test_statements_come_by_number_and_the_highest_is_the_last(
    store: Store, record: Record
) -> None:
    alfa = record.parties[0]
    for _ in range(6):
        record.now += 60
        record.sign(alfa)
    log = record.logs[alfa.id]
    store.commit(known(record))
    rows = [StatementRow(signed=signed, received=Instant(START)) for signed in log.statements]
    store.commit(Batch(statements=rows[4:]))

    store.commit(Batch(statements=rows[:4]))

    assert list(store.statements(log.id, 0, 99)) == rows
    assert list(store.statements(log.id, 2, 3)) == rows[2:5]
    assert store.last_statement(log.id) == rows[-1]


def test_further_signature_lines_join_those_of_a_stored_statement(
    store: Store, record: Record
) -> None:
    log = record.all[0]
    store.commit(record.batch())
    row = StatementRow(signed=log.statements[0], received=Instant(START), lines=("— seal one",))
    store.commit(Batch(statements=[row]))
    before = store.sequence()

    store.commit(Batch(statements=[replace(row, lines=("— cosigned two", "— seal one"))]))

    found = store.statements(log.id, log.statements[0].statement.no, 1)[0]
    assert found.lines == ("— seal one", "— cosigned two")
    assert store.sequence() == before


def test_a_statement_keeps_one_line_of_each_key_the_first(store: Store, record: Record) -> None:
    log = record.all[0]
    signed = log.statements[0]
    store.commit(record.batch())
    text = signed.statement.text()
    early, late = (cosign(text, witness=WITNESS, signer=SIGNER, time=at) for at in (5, 9))
    row = StatementRow(signed=signed, received=Instant(START), lines=(early,))

    store.commit(Batch(statements=[row, replace(row, lines=(late,))]))
    store.commit(Batch(statements=[replace(row, lines=(late,))]))

    assert store.statements(log.id, signed.statement.no, 1)[0].lines == (early,)


def test_cosigned_statements_are_found_from_a_number_on(store: Store, record: Record) -> None:
    log = record.all[0]
    store.commit(record.batch())
    assert store.cosigned(log.id, 0, 10) == []
    for signed in log.statements[::2]:
        line = cosign(signed.statement.text(), witness=WITNESS, signer=SIGNER, time=5)
        row = StatementRow(signed=signed, received=Instant(START), lines=(line,))
        store.commit(Batch(statements=[row]))
    numbers = [signed.statement.no for signed in log.statements[::2]]

    found = [row.signed.statement.no for row in store.cosigned(log.id, 0, 10)]

    assert found == numbers
    assert [r.signed.statement.no for r in store.cosigned(log.id, 1, 10)] == [
        no for no in numbers if no >= 1
    ]
    assert len(store.cosigned(log.id, 0, 1)) == 1
    assert store.cosigned(log.id._replace(inc=Incarnation(bytes(8))), 0, 10) == []


def test_papers_are_replaced_deleted_and_listed_by_key(store: Store) -> None:
    store.commit(Batch(papers=[("peers", "b", b"1"), ("peers", "a", b"2"), ("drafts", "a", b"3")]))

    store.commit(Batch(papers=[("peers", "b", b"4"), ("drafts", "a", None), ("drafts", "z", None)]))

    assert list(store.papers("peers")) == [("a", b"2"), ("b", b"4")]
    assert store.paper("peers", "b") == b"4"
    assert store.paper("drafts", "a") is None
    assert list(store.papers("drafts")) == []


def test_a_case_lists_its_entries_in_stored_order(store: Store, record: Record) -> None:
    alfa, bravo = (record.logs[party.id] for party in record.parties)
    store.commit(known(record))
    rows = {log.id: rows_of(log) for log in (alfa, bravo)}
    opening = (alfa.id, 2)

    def commit(log: LogId, index: int) -> None:
        row = IndexRow(
            log=log,
            index=index,
            kind=1,
            flags=3,
            time=Instant(START),
            case_log=opening[0],
            case_index=opening[1],
        )
        store.commit(Batch(entries=[rows[log][index]], index=[row]))

    commit(bravo.id, 2)
    commit(alfa.id, 2)
    commit(bravo.id, 1)

    found = store.case_entries(*opening)
    assert [(row.log, row.index) for row in found] == [(bravo.id, 2), (alfa.id, 2), (bravo.id, 1)]
    assert store.case_entries(alfa.id, 1) == []


def test_a_case_may_belong_to_a_log_that_is_not_known_here(store: Store, record: Record) -> None:
    log = record.all[0]
    elsewhere = LogId(log.id.channel, record.parties[1].id, Incarnation(b"\7" * 8))
    store.commit(known(record))
    row = replace(index_of(log)[0], case_log=elsewhere, case_index=41)

    store.commit(Batch(entries=rows_of(log)[:1], index=[row]))

    assert list(store.case_entries(elsewhere, 41)) == [row]
    assert elsewhere not in [known.log for known in store.logs()]


def test_a_rebuilt_index_is_identical_whatever_the_order_of_the_rows(
    store: Store, record: Record
) -> None:
    batch = record.batch()
    store.commit(batch)
    before = everything(store)

    store.rebuild_index(reversed(batch.index))

    assert everything(store) == before


def test_statements_are_told_in_the_order_in_which_they_were_stored(
    store: Store, record: Record
) -> None:
    batch = record.batch()
    late = batch.statements.pop(0)
    store.commit(batch)
    store.commit(Batch(statements=[late]))

    rows = store.said(0, 1_000)

    assert [row for _, row in rows] == [*batch.statements, late]
    assert store.said(rows[-1][0], 10) == [rows[-1]]
    assert store.said(rows[-1][0] + 1, 10) == []
    assert store.said(0, 2) == rows[:2]


def test_an_index_that_went_wrong_is_rebuilt_from_the_logs(store: Store, record: Record) -> None:
    store.commit(record.batch())
    rebuild_index(store)
    right = list(store.index_rows(record.charter.channel_id))
    wrong = [replace(row, kind=row.kind + 1) for row in right[:2]]
    store.rebuild_index([*wrong, *right[3:]])

    assert rebuild_index(store) == (len(right), 3)

    assert list(store.index_rows(record.charter.channel_id)) == right
    assert rebuild_index(store) == (len(right), 0)


def test_a_rebuild_that_fails_leaves_the_old_index(store: Store, record: Record) -> None:
    batch = record.batch()
    store.commit(batch)
    before = everything(store)
    stray = replace(batch.index[0], index=9_999)

    with pytest.raises(StoreError):
        store.rebuild_index([batch.index[1], stray])

    assert everything(store) == before


def test_index_rows_are_those_of_one_channel(store: Store, record: Record) -> None:
    other = Record(code="OTHER")
    store.commit(record.batch())
    store.commit(other.batch())

    rows = list(store.index_rows(other.charter.channel_id))

    assert rows == other.batch().index


def test_two_stores_filled_alike_answer_alike(tmp_path: Path, record: Record) -> None:
    memory, sqlite = MemoryStore(), SqliteStore(tmp_path / "station.sqlite")
    batch = record.batch()

    for store in (memory, sqlite):
        store.commit(Batch(charters=batch.charters, logs=batch.logs))
        for entry, index in zip(batch.entries, batch.index, strict=True):
            store.commit(Batch(entries=[entry], index=[index]))
        store.commit(Batch(statements=batch.statements))

    assert everything(memory) == everything(sqlite)
    sqlite.close()


def test_rows_survive_large_and_odd_values(store: Store, record: Record) -> None:
    log = record.all[0]
    store.commit(known(record))
    row = EntryRow(
        log=log.id, index=2**53 - 2, raw=bytes(65_536), leaf=Hash(b"\xff" * 32), received=Instant(0)
    )

    store.commit(Batch(entries=[row], papers=[("päpers", "文'; drop table x;--", bytes(300_000))]))

    assert store.entry(log.id, 2**53 - 2) == row
    assert list(store.papers("päpers")) == [("文'; drop table x;--", bytes(300_000))]


def test_places_come_in_stored_order_and_back(store: Store, record: Record) -> None:
    batch = record.batch()
    store.commit(batch)

    places = list(store.places(0, 10_000))

    assert [(place.log, place.index) for place in places] == [
        (row.log, row.index) for row in batch.entries
    ]
    assert [place.number for place in places] == sorted(place.number for place in places)
    assert list(store.places(store.sequence(), 10_000, back=True)) == places[::-1]
    assert list(store.places(places[1].number, 2)) == places[1:3]
    assert all(store.number_of(place.log, place.index) == place.number for place in places)
    assert store.number_of(places[0].log, 9_999) is None
    held = [(place.number, store.entry(place.log, place.index)) for place in places]
    assert list(store.stored(0, 10_000)) == held
    assert list(store.stored(places[1].number, 2)) == held[1:3]
    assert list(store.stored(store.sequence() + 1, 2)) == []


def test_leaves_come_packed_in_runs_of_neighbours(store: Store, record: Record) -> None:
    batch = record.batch()
    store.commit(batch)
    for row in store.logs():
        unpacked = [
            (first + at // 32, leaves[at : at + 32])
            for first, leaves in store.leaf_runs(row.log)
            for at in range(0, len(leaves), 32)
        ]
        assert unpacked == list(store.leaves(row.log))
        sizes = [one.signed.statement.size for one in store.statements(row.log, 0, 10_000)]
        assert list(store.statement_sizes(row.log)) == sizes
        marked = [
            one
            for one in store.index_rows(row.log.channel)
            if one.flags or (one.kind < 16 and one.kind != 1)
        ]
        assert list(store.marked_rows(row.log.channel)) == marked


def test_holes_part_the_runs_of_leaves() -> None:
    leaves = [(index, bytes([index]) * 32) for index in (0, 1, 2, 5, 7, 8)]
    assert list(packed_runs(leaves)) == [
        (0, b"".join(leaf for _, leaf in leaves[:3])),
        (5, leaves[3][1]),
        (7, leaves[4][1] + leaves[5][1]),
    ]
    assert list(packed_runs([])) == []
