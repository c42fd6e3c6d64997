"""What PostgreSQL adds: one node at a time, and nothing written by a node that was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from parley.errors import StoreError, UsageError
from parley.store.registry import open_store
from parley.store.tables import metadata
from support.postgres_server import Server, needs_postgres, server
from support.records import Record, index_of, rows_of

pytestmark = needs_postgres


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as made:
        yield made


@pytest.fixture(scope="module")
def name(running: Server) -> str:
    made = running.new()
    open_store(running.address(made)).close()
    return made


@pytest.fixture
def address(running: Server, name: str) -> str:
    return running.emptied(name)


@pytest.fixture
def record() -> Record:
    record = Record()
    record.meet()
    return record


def end_sessions(running: Server, name: str) -> None:
    """End every session of a database, as a server does that fails or that lost a node."""
    running.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def test_the_steps_lead_to_the_tables_that_the_program_uses(address: str) -> None:
    store = open_store(address)
    assert compare_metadata(MigrationContext.configure(store._writer), metadata) == []
    store.close()


def test_one_node_has_the_record_and_the_next_goes_on_from_what_it_left(
    address: str, record: Record
) -> None:
    first = open_store(address)
    after = first.commit(record.batch())

    with pytest.raises(StoreError, match="another node has the record") as refused:
        open_store(address)
    assert "Stop the other node" in str(refused.value.next_step)
    looking = open_store(address, read_only=True)
    assert looking.sequence() == after
    looking.close()

    first.close()
    second = open_store(address)
    assert second.sequence() == after
    assert list(second.entries(record.all[0].id, 0, 99)) == rows_of(record.all[0])
    assert second.commit(record.batch()) == after
    second.close()


def test_a_node_that_was_cut_off_writes_nothing_beside_the_one_that_followed(
    running: Server, name: str, address: str, record: Record
) -> None:
    before, alfa = record.batch(), record.parties[0]
    first = open_store(address)
    after = first.commit(before)
    end_sessions(running, name)
    second = open_store(address)
    record.say(alfa, "said by a node that does not know it was followed")
    late = record.batch()

    for _ in range(2):
        with pytest.raises(StoreError):
            first.commit(late)

    assert second.sequence() == after
    assert len(second.entries(record.all[0].id, 0, 99)) == len(
        [row for row in before.entries if row.log == record.all[0].id]
    )
    assert second.commit(late) == after + 1
    first.close()
    second.close()


def test_a_commit_that_the_server_did_not_answer_is_stored_whole_or_not_at_all(
    running: Server, name: str, address: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(address)
    whole = store._finish
    monkeypatch.setattr(
        store, "_finish", lambda writer: (end_sessions(running, name), whole(writer))
    )

    with pytest.raises(StoreError) as told:
        store.commit(record.batch())

    assert "start it again" in str(told.value.next_step)
    again = open_store(address)
    assert again.sequence() == 0
    assert not again.charters()
    store.close()
    again.close()


def test_numbers_beyond_32_bits_are_kept(address: str, record: Record) -> None:
    store = open_store(address)
    store.commit(record.batch())
    (row, *_) = index_of(record.all[0])
    wide = replace(row, kind=2**40, flags=2**35)
    store.rebuild_index([wide])
    assert list(store.index_rows(row.log.channel)) == [wide]
    store.close()


def test_a_server_that_could_lose_what_was_confirmed_is_refused(
    running: Server, address: str
) -> None:
    running.ask("ALTER SYSTEM SET fsync = off")
    running.ask("SELECT pg_reload_conf()")
    try:
        with pytest.raises(StoreError, match="fsync = off") as refused:
            until_refused(address)
        assert "fsync = on" in str(refused.value.next_step)
    finally:
        running.ask("ALTER SYSTEM RESET fsync")
        running.ask("SELECT pg_reload_conf()")


def until_refused(address: str) -> None:
    """Open the record until the server has taken up its new setting."""
    for _ in range(200):
        open_store(address).close()


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://parley:secret@/record",
        "postgresql:///record?password=secret",
        "postgresql:///record?nobody_knows=this",
    ],
)
def test_an_address_with_a_password_or_an_unknown_part_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_store(wrong)
    assert "secret" not in str(refused.value)


def test_a_server_out_of_reach_is_told_with_its_address(running: Server) -> None:
    with pytest.raises(StoreError, match="nobody_made_this"):
        open_store(running.address("nobody_made_this"))
