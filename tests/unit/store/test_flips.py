"""Row 37: flip any byte of any page of a record: it is found, or it changes nothing of it."""

import random
import shutil
from pathlib import Path

import pytest
from tests.support.records import Record

from parley.errors import MalformedError, StoreError
from parley.store.sqlite import SqliteStore
from parley.store.verify import verify_rows

_PAGE = 4096


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """Return a closed record of some pages, its cards, and what can be read of it."""
    path = tmp_path_factory.mktemp("flips") / "station.sqlite"
    record = Record("A", "B")
    record.meet()
    for number in range(30):
        record.say(record.parties[number % 2], f"text number {number} " + "x" * 60)
    for party in record.parties:
        record.sign(party)
    store = SqliteStore(path)
    store.commit(record.batch())
    cards = [party.card for party in record.parties]
    read = everything(store)
    assert verify_rows(store, cards).wrong is None
    store.close()
    return path, cards, read


def everything(store):
    """Return all of the record that a proof may rest on."""
    logs = [row.log for row in store.logs()]
    return (
        list(store.charters()),
        [(row.log, row.ordinal) for row in store.logs()],
        [
            (row.log, row.index, row.raw, row.leaf)
            for log in logs
            for row in store.entries(log, 0, 9_999)
        ],
        [(row.signed, row.lines) for log in logs for row in store.statements(log, 0, 9_999)],
        [node for log in logs for node in store.nodes(log)],
        [row for channel in {log.channel for log in logs} for row in store.index_rows(channel)],
    )


def outcome(path, cards, read):
    """Say what a station and its checks make of the file."""
    try:
        store = SqliteStore(path)
    except (StoreError, MalformedError):
        return "refused"
    try:
        is_found = verify_rows(store, cards).wrong is not None or store.faults()
        is_same = everything(store) == read
    except (StoreError, MalformedError):
        return "refused"
    finally:
        store.close()
    return "harmless" if is_same else "found" if is_found else "unseen"


def test_a_flipped_byte_of_any_page_is_found_or_harmless(tmp_path: Path, spoilt) -> None:
    path, cards, read = spoilt
    data = path.read_bytes()
    dice, seen = random.Random(37), {"refused": 0, "harmless": 0, "found": 0}
    target = tmp_path / "station.sqlite"
    for page in range(len(data) // _PAGE):
        for _ in range(6):
            at = page * _PAGE + dice.randrange(_PAGE)
            shutil.copy(path, target)
            with target.open("r+b") as file:
                file.seek(at)
                file.write(bytes([data[at] ^ 1 << dice.randrange(8)]))
            seen[outcome(target, cards, read)] += 1  # "unseen" is no key
    assert min(seen.values()) > 5, seen
