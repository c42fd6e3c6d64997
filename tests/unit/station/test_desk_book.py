"""What the desk is given of the record."""

from types import SimpleNamespace

from parley.station.desk_book import DeskBook
from parley.station.record_book import RecordBook
from parley.store.interface import Batch
from parley.store.memory import MemoryStore
from support.records import Record


def test_a_statement_that_comes_after_a_newer_one_is_not_passed_over():
    record = Record()
    record.meet()
    store, batch = MemoryStore(), record.batch()
    late = batch.statements.pop(0)
    store.commit(batch)
    codes = {party.id: party.card.code for party in record.parties}
    trust = SimpleNamespace(codes=lambda: codes, code_of=codes.get)
    station = SimpleNamespace(
        reader=store,
        channels=lambda: [SimpleNamespace(charter=record.charter)],
        now=lambda: record.now,
    )
    book = DeskBook(station, trust, RecordBook(station, trust))
    before = len(book.views()[0].statements)

    store.commit(Batch(statements=[late]))

    after = book.views()[0].statements
    assert len(after) == before + 1
    assert late.signed.statement in after
