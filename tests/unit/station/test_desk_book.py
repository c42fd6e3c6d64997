"""What the desk is given of the record."""

from types import SimpleNamespace

from parley.station.desk_book import DeskBook
from parley.station.record_book import RecordBook
from parley.store.interface import Batch
from parley.store.memory import MemoryStore
from support.records import Record


def test_a_channel_that_is_heard_of_in_the_very_moment_of_an_answer_is_in_the_next_answer():
    record = Record()
    codes = {party.id: party.card.code for party in record.parties}
    trust = SimpleNamespace(codes=lambda: codes, code_of=codes.get)
    heard = []
    station = SimpleNamespace(
        reader=MemoryStore(), channels=lambda: list(heard), now=lambda: record.now
    )
    book = DeskBook(station, trust, RecordBook(station, trust))
    assert not book.registers().rows("channels")

    heard.append(SimpleNamespace(charter=record.charter))

    assert book.registers().rows_about(record.charter.channel_id)


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
