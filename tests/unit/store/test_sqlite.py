from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from parley.core.ids import Hash
from parley.core.instants import Instant
from parley.errors import StorageFullError, StoreError, UsageError
from parley.store.interface import Batch, EntryRow
from parley.store.memory import MemoryStore
from parley.store.migrations.steps import HEAD, configuration
from parley.store.registry import open_store
from parley.store.sqlite import SqliteStore
from parley.store.tables import metadata
from support.records import START, Record, rows_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.sqlite"


@pytest.fixture
def record() -> Record:
    record = Record()
    record.meet()
    return record


def known(record: Record) -> Batch:
    whole = record.batch()
    return Batch(charters=whole.charters, logs=whole.logs)


def row(record: Record, index: int, size: int = 100) -> EntryRow:
    leaf = Hash(index.to_bytes(32, "big"))
    return EntryRow(
        log=record.all[0].id, index=index, raw=bytes(size), leaf=leaf, received=Instant(START)
    )


def test_a_reopened_record_holds_what_was_committed(path: Path, record: Record) -> None:
    batch = record.batch()
    first = SqliteStore(path)
    after = first.commit(batch)
    first.close()

    second = SqliteStore(path)

    assert second.sequence() == after
    assert list(second.logs()) == batch.logs
    assert list(second.entries(record.all[0].id, 0, 99)) == rows_of(record.all[0])
    assert second.commit(batch) == after
    second.close()


def test_every_commit_is_written_ahead_and_fsynced(path: Path) -> None:
    store = SqliteStore(path)

    modes = [
        store._writer.exec_driver_sql(f"PRAGMA {name}").scalar()
        for name in ("journal_mode", "synchronous", "foreign_keys")
    ]

    assert modes == ["wal", 2, 1]
    store.close()


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    SqliteStore(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_steps_lead_to_the_tables_that_the_program_uses(path: Path) -> None:
    store = SqliteStore(path)

    context = MigrationContext.configure(store._writer)

    assert compare_metadata(context, metadata) == []
    assert context.get_current_heads() == (HEAD,)
    assert ScriptDirectory.from_config(configuration(store._writer)).get_heads() == [HEAD]
    store.close()


def test_a_record_of_a_newer_program_is_refused_unchanged(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match="9999") as refused:
        SqliteStore(path)

    assert refused.value.next_step
    assert path.read_bytes() == before


def test_a_file_that_is_no_record_is_refused_unchanged(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)

    with pytest.raises(StoreError, match="not a database"):
        SqliteStore(path)

    assert path.read_bytes().startswith(b"not a database")


def test_a_directory_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        SqliteStore(tmp_path / "nowhere" / "station.sqlite")


def test_a_large_batch_takes_few_statements(path: Path, record: Record) -> None:
    """Each one lets go of the interpreter's lock, and waits for it while the loop is busy."""
    store = SqliteStore(path)
    store.commit(known(record))
    asked: list[str] = []
    driver = store._writer.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(asked.append)

    store.commit(Batch(entries=[row(record, index) for index in range(1_023)]))

    assert len(asked) < 20
    log = record.all[0].id
    assert [held.index for held in store.entries(log, 0, 2_000)] == list(range(1_023))
    assert [place.index for place in store.places(0, 2_000)] == list(range(1_023))


def test_a_reader_sees_committed_data_while_a_commit_is_under_way(
    path: Path, record: Record
) -> None:
    store = SqliteStore(path)
    store.commit(record.batch())
    log = record.all[0].id
    inside, go_on = threading.Event(), threading.Event()
    finish = store._finish

    def pausing(writer: object) -> None:
        inside.set()
        assert go_on.wait(20)
        finish(writer)  # type: ignore[arg-type]

    store._finish = pausing  # type: ignore[method-assign]
    worker = threading.Thread(target=store.commit, args=[Batch(entries=[row(record, 500)])])
    worker.start()
    assert inside.wait(20)

    during = store.entry(log, 500)
    go_on.set()
    worker.join()

    assert during is None
    assert store.entry(log, 500) is not None
    store.close()


def test_many_threads_may_read_while_one_writes(path: Path, record: Record) -> None:
    store = SqliteStore(path)
    store.commit(known(record))
    log = record.all[0].id
    problems: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                indexes = [index for index, _ in store.leaves(log)]
                assert indexes == list(range(len(indexes)))
                store.last_statement(log)
        except Exception as problem:  # noqa: BLE001 - handed to the test
            problems.append(problem)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for index in range(60):
        store.commit(Batch(entries=[row(record, index)]))
    done.set()
    for reader in readers:
        reader.join()

    assert problems == []
    assert len(list(store.leaves(log))) == 60
    store.close()


def test_leaves_come_whole_over_several_pages(path: Path, record: Record) -> None:
    store = SqliteStore(path)
    store.commit(known(record))
    store.commit(Batch(entries=[row(record, index, 10) for index in range(0, 22_000, 2)]))

    leaves = list(store.leaves(record.all[0].id))

    assert leaves == [(index, Hash(index.to_bytes(32, "big"))) for index in range(0, 22_000, 2)]
    store.close()


def test_a_full_record_refuses_a_batch_whole_and_goes_on_when_there_is_room(
    path: Path, record: Record
) -> None:
    store = SqliteStore(path)
    store.commit(record.batch())
    before = store.sequence()
    pages = store._writer.exec_driver_sql("PRAGMA page_count").scalar()
    store._writer.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    batch = Batch(
        entries=[row(record, 600 + at, 30_000) for at in range(9)], papers=[("peers", "a", b"1")]
    )

    with pytest.raises(StorageFullError) as refused:
        store.commit(batch)

    assert refused.value.next_step
    assert store.sequence() == before
    assert store.entry(record.all[0].id, 600) is None
    assert store.paper("peers", "a") is None

    store._writer.exec_driver_sql("PRAGMA max_page_count=1000000")

    assert store.commit(batch) == before + 9
    assert store.faults() == []
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small volume")
def test_a_full_volume_refuses_a_batch_whole_and_goes_on_when_there_is_room(
    tmp_path: Path, record: Record
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(volume)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a small volume")
    try:
        ballast = volume / "ballast"
        ballast.write_bytes(bytes(300_000))
        store = SqliteStore(volume / "station.sqlite")
        after = store.commit(record.batch())
        index = 1_000
        with pytest.raises(StorageFullError):
            for index in range(1_000, 1_200):
                after = store.commit(Batch(entries=[row(record, index, 8_000)]))
        held = [at for at, _ in store.leaves(record.all[0].id) if at >= 1_000]
        assert held == list(range(1_000, index))
        assert store.sequence() == after

        ballast.unlink()
        assert store.commit(Batch(entries=[row(record, index, 8_000)])) == after + 1
        assert store.faults() == []
        store.close()
        assert SqliteStore(volume / "station.sqlite").sequence() == after + 1
    finally:
        subprocess.run(["umount", "-l", str(volume)], check=False)


_LIMITED = """
import resource, sys
from pathlib import Path
from support.records import Record
from parley.errors import StoreError
from parley.store.interface import Batch
from parley.store.sqlite import SqliteStore
record = Record(); record.meet()
store = SqliteStore(Path(sys.argv[1]))
after = store.commit(record.batch())
size = max(p.stat().st_size for p in Path(sys.argv[1]).parent.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, size + 1000))
for attempt in range(2):
    try:
        store.commit(Batch(papers=[("peers", "big", bytes(200_000))]))
        print("stored")
    except StoreError as problem:
        print(type(problem).__name__, store.sequence() == after, bool(problem.next_step))
"""


def test_a_write_that_fails_stops_the_store_until_it_is_reopened(tmp_path: Path) -> None:
    path = tmp_path / "station.sqlite"
    tests = Path(__file__).parents[2]

    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tests)},
        timeout=60,
    )

    assert ended.stdout.split("\n")[:2] == ["StoreError True True"] * 2
    store = SqliteStore(path)
    assert store.paper("peers", "big") is None
    assert store.sequence() > 0
    assert store.faults() == []
    store.close()


def test_a_torn_tail_of_the_write_ahead_log_loses_nothing_committed(
    path: Path, tmp_path: Path, record: Record
) -> None:
    store = SqliteStore(path)
    store.commit(record.batch())
    committed = Path(f"{path}-wal").stat().st_size
    store.commit(Batch(papers=[("peers", "late", bytes(50_000))]))
    for torn in (committed, committed + 1, committed + 5_000, committed + 30_000):
        copy = tmp_path / f"copy-{torn}"
        copy.mkdir()
        (copy / "station.sqlite").write_bytes(path.read_bytes())
        wal = Path(f"{path}-wal").read_bytes()
        (copy / "station.sqlite-wal").write_bytes(wal[:torn] + b"\xff" * 700)

        reopened = SqliteStore(copy / "station.sqlite")

        assert list(reopened.entries(record.all[0].id, 0, 99)) == rows_of(record.all[0])
        assert reopened.paper("peers", "late") is None
        assert reopened.faults() == []
        reopened.close()
    store.close()


def test_a_damaged_page_is_found_by_the_check_of_the_file(path: Path, record: Record) -> None:
    store = SqliteStore(path)
    store.commit(record.batch())
    store.commit(Batch(entries=[row(record, 500 + at, 3_000) for at in range(50)]))
    store.close()
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2 // 4096 * 4096
    raw[middle : middle + 60] = b"\xa5" * 60
    path.write_bytes(raw)

    try:
        found = SqliteStore(path).faults()
    except StoreError as problem:
        found = [str(problem)]

    assert found


def test_a_record_opened_for_reading_takes_no_commit(path: Path, record: Record) -> None:
    owner = SqliteStore(path)
    owner.commit(record.batch())

    reader = SqliteStore(path, read_only=True)

    assert list(reader.logs()) == record.batch().logs
    with pytest.raises(StoreError, match="reading only"):
        reader.commit(Batch(papers=[("peers", "a", b"1")]))
    reader.close()
    owner.close()


def test_a_log_named_by_another_process_is_read_as_well(path: Path, record: Record) -> None:
    owner = SqliteStore(path)
    reader = SqliteStore(path, read_only=True)

    owner.commit(record.batch())

    assert list(reader.logs()) == record.batch().logs
    assert list(reader.index_rows(record.charter.channel_id)) == record.batch().index
    reader.close()
    owner.close()


def test_an_address_names_its_store(tmp_path: Path) -> None:
    path = tmp_path / "a b%3f?.sqlite"

    first = open_store(f"sqlite:///{path}")
    first.commit(Batch(papers=[("peers", "a", b"1")]))
    first.close()
    second = open_store(path)

    assert second.paper("peers", "a") == b"1"
    assert isinstance(open_store("memory:"), MemoryStore)
    second.close()
    for wrong in ("", "mysql://somewhere/parley"):
        with pytest.raises(UsageError):
            open_store(wrong)


def test_looking_at_a_record_that_is_not_there_makes_none(path: Path) -> None:
    with pytest.raises(StoreError, match="no record"):
        open_store(path, read_only=True)

    assert not path.exists()
