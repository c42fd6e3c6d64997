from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parley.core.ids import Hash
from parley.core.instants import Instant
from parley.store.interface import Batch, NodeRow, StatementRow
from parley.store.memory import MemoryStore
from parley.store.sqlite import SqliteStore
from parley.store.verify import derived_index, verify_rows
from support.records import START, Record, rows_of


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
    record.say(bravo, "Off the record.")
    record.append(bravo, 1, {2: "Off the record."}, flags=0x10)
    record.sign(bravo)
    record.sign(alfa)
    return record


def batch_of(record: Record) -> Batch:
    """Return everything, with the index as the logs give it."""
    batch = record.batch()
    plain = MemoryStore()
    plain.commit(replace(batch, index=[]))
    batch.index = list(derived_index(plain))
    return batch


def test_a_sound_record_verifies_whole(tmp_path: Path, record: Record) -> None:
    store = SqliteStore(tmp_path / "station.sqlite")
    batch = batch_of(record)
    store.commit(batch)

    found = verify_rows(store, [party.card for party in record.parties])

    assert found.wrong is None
    assert (found.entries, found.statements) == (len(batch.entries), len(batch.statements))
    assert found.unsigned == 0
    store.close()


def test_statements_without_a_card_are_counted_as_unchecked(record: Record) -> None:
    store = MemoryStore()
    store.commit(batch_of(record))

    found = verify_rows(store, [record.parties[0].card])

    assert found.wrong is None
    assert found.unsigned == len(record.logs[record.parties[1].id].statements)


@pytest.mark.parametrize(
    "bad", ["raw", "leaf", "body", "signature", "root", "held", "gone", "index"]
)
def test_the_first_wrong_row_is_named(record: Record, bad: str) -> None:
    batch = batch_of(record)
    alfa = record.logs[record.parties[0].id]
    at = next(n for n, row in enumerate(batch.entries) if (row.log, row.index) == (alfa.id, 2))
    row = batch.entries[at]
    said = next(n for n, one in enumerate(batch.statements) if one.signed is alfa.statements[1])
    signed = alfa.statements[1]
    if bad == "raw":
        batch.entries[at] = replace(row, raw=row.raw[:-1] + b"!")
    elif bad == "leaf":
        batch.entries[at] = replace(row, leaf=Hash(bytes(32)))
    elif bad == "body":
        batch.entries[at] = replace(row, raw=b"\x85\x01")
    elif bad == "signature":
        changed = replace(signed, signature=bytes(31) + b"\1" + signed.signature[32:])
        batch.statements[said] = replace(batch.statements[said], signed=changed)
    elif bad == "root":
        statement = replace(signed.statement, root=Hash(bytes(32)))
        changed = replace(signed, statement=statement)
        batch.statements = [
            replace(one, signed=changed) if one.signed is signed else one
            for one in batch.statements
            if one.signed.statement.size != signed.statement.size or one.signed is signed
        ]
    elif bad == "held":
        held = (replace(signed.statement.holds[0], root=Hash(bytes(32))),)
        changed = replace(signed, statement=replace(signed.statement, holds=held))
        batch.statements[said] = replace(batch.statements[said], signed=changed)
    elif bad == "gone":
        del batch.entries[at]
        batch.index = [one for one in batch.index if (one.log, one.index) != (alfa.id, 2)]
    else:
        batch.index[0] = replace(batch.index[0], kind=9)
    store = MemoryStore()
    store.commit(batch)

    wrong = verify_rows(store, [party.card for party in record.parties]).wrong

    assert wrong is not None
    expected = {
        "raw": ("entry", 2),
        "leaf": ("entry", 2),
        "body": ("entry", 2),
        "signature": ("statement", 1),
        "root": ("statement", 1),
        "held": ("statement", 1),
        "gone": ("statement", 1),
        "index": ("index", 0),
    }
    assert (wrong.what, wrong.place) == expected[bad]
    assert wrong.log == alfa.id


def test_a_gap_bridged_by_a_node_verifies_and_a_false_node_does_not(record: Record) -> None:
    bravo = record.logs[record.parties[1].id]
    batch = batch_of(record)
    batch.entries = [row for row in batch.entries if (row.log, row.index) != (bravo.id, 2)]
    batch.index = [row for row in batch.index if (row.log, row.index) != (bravo.id, 2)]
    for value, sound in ((bravo.entries[2][2], True), (Hash(bytes(32)), False)):
        store = MemoryStore()
        store.commit(batch)
        store.commit(Batch(nodes=[NodeRow(log=bravo.id, level=0, pos=2, hash=value)]))

        found = verify_rows(store, [party.card for party in record.parties])

        assert (found.wrong is None) is sound


def test_an_entry_that_nobody_signed_is_found(record: Record) -> None:
    alfa = record.parties[0]
    record.say(alfa, "Written behind the engine's back.")
    store = MemoryStore()
    store.commit(batch_of(record))

    wrong = verify_rows(store).wrong

    assert wrong is not None
    assert (wrong.what, wrong.place) == ("entry", len(record.logs[alfa.id].entries) - 1)


def test_a_statement_that_goes_back_is_found(record: Record) -> None:
    alfa = record.parties[0]
    record.sign(alfa, time=START)
    store = MemoryStore()
    store.commit(batch_of(record))

    wrong = verify_rows(store).wrong

    assert wrong is not None
    assert wrong.what == "statement"
    assert "below" in wrong.problem


def test_the_index_rebuilt_from_the_logs_is_the_stored_one(record: Record) -> None:
    store = MemoryStore()
    store.commit(batch_of(record))
    before = list(store.index_rows(record.charter.channel_id))

    store.rebuild_index(derived_index(store))

    assert list(store.index_rows(record.charter.channel_id)) == before
    answer = next(row for row in before if row.case_log != row.log)
    assert (answer.case_log, answer.case_index) == (record.logs[record.parties[0].id].id, 2)


def test_rows_of_a_statement_stored_twice_count_once(record: Record) -> None:
    store = MemoryStore()
    batch = batch_of(record)
    store.commit(batch)
    again = [StatementRow(signed=one.signed, received=Instant(0)) for one in batch.statements]
    store.commit(Batch(statements=again, entries=rows_of(record.all[0])))

    assert verify_rows(store).statements == len(batch.statements)
