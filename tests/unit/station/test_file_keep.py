"""Files that wait to leave: kill -9, a full disk, a stopped channel, and the same press twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace

import pytest

from parley.core.attachment import join, read_part
from parley.core.entry import decode_entry
from parley.errors import (
    ConflictError,
    IdempotencyError,
    InvalidFieldsError,
    NotAllowedError,
    NotFoundError,
    StorageFullError,
    UsageError,
)
from parley.station import file_keep
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.drafting import make_body
from parley.station.file_keep import FileKeep
from parley.station.part_index import PartIndex
from parley.station.record_book import RecordBook
from parley.store.interface import Batch
from parley.store.memory import MemoryStore
from support.records import Record, index_of, rows_of, seed

PDF = "application/pdf"
CONTENT = b"%PDF-1.7\n" + b"chart " * 60_000
OFFICER = Actor(officer="ALFA-1", roles=frozenset({"desk", "releaser"}), via="socket")
MACHINE = Actor(officer="token", roles=frozenset(), via="token", scopes=frozenset({"entries:read"}))


class Desk:
    """ALFA's station: a record, papers, and what goes wrong when it writes."""

    def __init__(self) -> None:
        self.record = Record()
        self.record.meet()
        self.alfa = self.record.parties[0]
        self.store = MemoryStore()
        self.store.commit(self.record.batch())
        self.writes = 0
        self.fails_at: int | None = None
        self.error: Exception = StorageFullError("no room")
        self.entries_of_a_write: list[int] = []
        self.serial = 0
        self.open_again()

    def open_again(self) -> None:
        """Begin anew with what is on disk, as after kill -9."""
        codes = {one.id: one.card.code for one in self.record.parties}
        trust = SimpleNamespace(codes=lambda: codes, code_of=codes.get)
        channel = SimpleNamespace(charter=self.record.charter)
        station = SimpleNamespace(
            reader=self.store,
            channels=lambda: [channel],
            now=lambda: self.record.now,
            party=self.alfa.id,
            append=self.append,
            store_papers=self.store_papers,
        )
        index = PartIndex(station, RecordBook(station, trust))
        self.keep = FileKeep(station, Cabinet(station), index, random=self.random)

    def random(self, count: int) -> bytes:
        self.serial += 1
        return seed(f"salt {self.serial}")[:count]

    async def store_papers(self, papers) -> None:
        self._fail()
        self.store.commit(Batch(papers=list(papers)))

    async def append(self, channel, entries, *, papers=()):
        self._fail()
        if channel != self.record.charter.channel_id:
            raise ConflictError("this channel is over")
        log = self.record.logs[self.alfa.id]
        first = len(log.entries)
        for one in entries:
            self.record.append(self.alfa, one.kind, one.fields, flags=one.flags)
        self.entries_of_a_write.append(len(entries))
        rows, index = rows_of(log, first), index_of(log)[first:]
        self.store.commit(Batch(entries=rows, index=index, papers=list(papers)))
        return [(log.id, row.index) for row in rows]

    def _fail(self) -> None:
        self.writes += 1
        if self.fails_at is not None and self.writes >= self.fails_at:
            raise self.error

    def put(self, content: bytes = CONTENT, *, actor=OFFICER, **more):
        given = {"name": "chart.pdf", "kind": PDF} | more
        return asyncio.run(self.keep.put(actor, content=content, **given))

    def body(self, file, *, flags: int = 0, channel: bytes | None = None):
        named = {0: file.name, 1: file.type, 2: file.bytes, 3: file.digest}
        fields = {16: [["en", 0, "Words."]], 26: [named]}
        return make_body(channel or self.record.charter.channel_id, 100, flags, fields)

    def release(self, file, **more) -> None:
        self.store.commit(Batch(papers=self.keep.leaving([self.body(file, **more)])))

    def write(self) -> None:
        asyncio.run(self.keep.write_parts())

    def parts(self):
        entries = [entry for entry, _, _ in self.record.logs[self.alfa.id].entries]
        return [(read_part(entry), entry) for entry in entries if entry.kind == 9]

    def left(self) -> int:
        return len(self.store.papers("file-parts")) + len(self.store.papers("files"))


def test_a_released_file_leaves_part_by_part_and_nothing_of_it_stays_behind():
    desk = Desk()
    file = desk.put()
    desk.keep.check(desk.body(file))
    assert desk.keep.content(file.digest)[1] == CONTENT
    desk.write()
    assert desk.parts() == []  # not before somebody released it

    desk.release(file, flags=3 | 1 << 2)  # a FLASH of an exercise
    desk.write()

    parts = [part for part, _ in desk.parts()]
    assert [part.number for part in parts] == list(range(len(parts)))
    octets = {part.number: part.octets for part in parts}
    assert join(bytes.fromhex(file.digest), len(CONTENT), octets) == CONTENT
    # Its parts are ROUTINE and marked as it is, and never many in one transaction.
    assert {entry.flags for _, entry in desk.parts()} == {1 << 2}
    assert max(desk.entries_of_a_write) <= file_keep.AT_ONCE
    assert desk.left() == 0


def test_parts_of_an_off_record_entry_are_off_the_record():
    desk = Desk()
    file = desk.put()
    desk.release(file, flags=16)
    desk.write()
    assert {entry.flags for _, entry in desk.parts()} == {16}
    assert desk.left() == 0


@pytest.mark.parametrize("fails_at", range(1, 5))
def test_kill_9_or_a_full_disk_between_any_two_parts_neither_loses_nor_doubles_one(fails_at):
    desk = Desk()
    file = desk.put()
    desk.release(file)
    desk.writes, desk.fails_at = 0, fails_at

    desk.write()  # what fails is tried again later, and no word of it is lost
    desk.open_again()
    desk.fails_at = None
    desk.write()

    parts = [part for part, _ in desk.parts()]
    assert sorted(part.number for part in parts) == list(range(parts[0].count))
    octets = {part.number: part.octets for part in parts}
    assert join(bytes.fromhex(file.digest), len(CONTENT), octets) == CONTENT
    assert desk.left() == 0


def test_a_full_disk_keeps_no_half_of_a_new_file():
    desk = Desk()
    desk.fails_at = desk.writes + 1
    with pytest.raises(StorageFullError):
        desk.put()
    assert desk.left() == 0


def test_a_channel_that_takes_nothing_holds_up_no_file_of_another():
    desk = Desk()
    stuck, file = desk.put(b"%PDF-1"), desk.put(b"%PDF-2")
    desk.release(stuck, channel=seed("no channel")[:16])
    desk.release(file)

    desk.write()

    assert {part.whole.hex() for part, _ in desk.parts()} == {file.digest}
    assert [key for key, _ in desk.store.papers("files")] == [stuck.digest]


def test_the_same_file_is_kept_once_until_it_leaves_and_has_a_salt_of_its_own_afterwards():
    desk = Desk()
    first = desk.put()
    assert desk.put() == first
    desk.release(first)
    second = desk.put()
    assert second.digest != first.digest
    desk.write()
    assert desk.put() == second


def test_with_a_key_the_same_upload_finds_its_answer_also_after_it_left():
    desk = Desk()
    first = desk.put(key="k")
    desk.release(first)
    desk.write()

    assert desk.put(key="k") == first
    with pytest.raises(IdempotencyError):
        desk.put(b"%PDF-other", key="k")
    assert desk.put(key="other") != first


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"content": b""}, UsageError),
        ({"content": b"%PDF-" + bytes(10 * 1024 * 1024)}, UsageError),
        ({"content": b"MZ\x90 a program"}, InvalidFieldsError),
        ({"name": "chart.txt", "kind": "text/plain", "content": b"\xff\xfe"}, InvalidFieldsError),
        ({"name": "../chart.pdf"}, InvalidFieldsError),
        ({"name": ""}, InvalidFieldsError),
        ({"kind": "text/html", "content": b"<script>"}, InvalidFieldsError),
        ({"kind": ""}, InvalidFieldsError),
        ({"actor": MACHINE}, NotAllowedError),
    ],
)
def test_what_is_not_taken_is_not_kept(given, error):
    desk = Desk()
    with pytest.raises(error):
        desk.put(**given)
    assert desk.left() == 0


def test_a_draft_names_only_files_that_are_kept_and_leaves_with_one_channel():
    desk = Desk()
    file = desk.put()
    other = seed("another channel")[:16]
    with pytest.raises(InvalidFieldsError, match="not kept here"):
        desk.keep.check(desk.body(SimpleNamespace(**{**_dict(file), "digest": "00" * 32})))
    with pytest.raises(InvalidFieldsError):
        desk.keep.check(desk.body(SimpleNamespace(**{**_dict(file), "name": "map.pdf"})))
    desk.release(file)
    with pytest.raises(InvalidFieldsError):
        desk.keep.check(desk.body(file, channel=other))
    with pytest.raises(ConflictError):
        desk.release(file, channel=other)
    desk.write()
    desk.keep.check(desk.body(file))  # it is in our log on this channel already
    with pytest.raises(InvalidFieldsError):
        desk.keep.check(desk.body(file, flags=16))
    with pytest.raises(NotFoundError):
        desk.keep.content(file.digest)


def _dict(file):
    return {name: getattr(file, name) for name in ("name", "type", "bytes", "digest")}


def test_what_no_draft_names_is_erased_after_a_day_and_no_more_is_kept_than_fits(monkeypatch):
    desk = Desk()
    named, old = desk.put(b"%PDF-named"), desk.put(b"%PDF-old")
    desk.keep.named = lambda: {named.digest}
    desk.record.now += file_keep.KEPT_S + 1
    new = desk.put(b"%PDF-new")

    kept = {key for key, _ in desk.store.papers("files")}
    assert kept == {named.digest, new.digest}
    assert old.digest not in kept
    monkeypatch.setattr(file_keep, "KEPT_MAX", 2)
    with pytest.raises(ConflictError, match="too many"):
        desk.put(b"%PDF-more")
    monkeypatch.setattr(file_keep, "KEPT_MAX", 9)
    monkeypatch.setattr(file_keep, "KEPT_BYTES_MAX", 25)
    with pytest.raises(ConflictError, match="too many"):
        desk.put(b"%PDF-more")


def test_every_file_taken_in_stands_in_the_audit():
    desk = Desk()
    file = desk.put()
    rows = [raw.decode() for _, raw in desk.store.papers("audit")]
    assert len(rows) == 1
    assert "add file" in rows[0]
    assert file.digest in rows[0]
    assert sha256(CONTENT).hexdigest() not in rows[0]


@pytest.mark.parametrize("turns", range(6))
def test_it_stops_however_soon_after_its_start(turns):
    desk = Desk()

    async def start_and_stop() -> None:
        desk.keep.start()
        for _ in range(turns):
            await asyncio.sleep(0)
        task = desk.keep._task
        stopping = asyncio.create_task(desk.keep.stop())
        for _ in range(20):
            await asyncio.sleep(0)
        assert task.done(), "it goes on though it was stopped"
        await stopping

    asyncio.run(start_and_stop())


def ended_log(desk, *, held, came_back=()):
    """Let ALFA go on in a new log after all parts stood in the old one, and BRAVO held so many.

    Args:
        desk: ALFA.
        held: how many of the parts BRAVO receipted.
        came_back: numbers of parts that a peer gave back.
    """
    record, bravo = desk.record, desk.record.parties[1]
    desk.release(desk.put())
    desk.write()
    old = record.logs[desk.alfa.id]
    first = next(at for at, (entry, _, _) in enumerate(old.entries) if entry.kind == 9)
    record.sign(desk.alfa)
    record.sign(bravo, holds={desk.alfa.id: first + held})
    record.now += 10
    record.open(desk.alfa, incarnation=2)
    record.turn(bravo, desk.alfa)
    record.sign(desk.alfa)
    record.sign(bravo)
    batch = record.batch()
    given = {first + number for number in came_back}
    batch.entries = [
        replace(row, received=decode_entry(row.raw, others=1).time)
        if row.log.party == desk.alfa.id and not (row.log == old.id and row.index in given)
        else row
        for row in batch.entries
    ]
    papers = [(name, *one) for name in ("files", "file-parts") for one in desk.store.papers(name)]
    desk.store = MemoryStore()
    batch.papers += papers
    desk.store.commit(batch)
    desk.open_again()


def test_parts_on_their_way_when_a_log_ended_are_written_once_more_into_the_next():
    desk = Desk()
    ended_log(desk, held=4)

    desk.write()
    desk.write()
    desk.open_again()
    desk.write()

    numbers = [part.number for part, _ in desk.parts()]
    assert numbers == list(range(4, 11))
    assert max(desk.entries_of_a_write) <= file_keep.AT_ONCE


def test_what_every_member_holds_or_one_of_them_gave_back_is_not_written_again():
    desk = Desk()
    ended_log(desk, held=4, came_back=range(4, 9))
    desk.write()
    assert [part.number for part, _ in desk.parts()] == [9, 10]

    whole = Desk()
    ended_log(whole, held=11)
    whole.write()
    assert whole.parts() == []


def test_where_the_channel_takes_nothing_parts_wait_and_go_later():
    desk = Desk()
    ended_log(desk, held=9)
    desk.fails_at, desk.error, desk.writes = 1, ConflictError("our log is stopped"), 0
    desk.write()
    assert desk.parts() == []

    desk.fails_at = None
    desk.write()
    assert [part.number for part, _ in desk.parts()] == [9, 10]


def test_what_was_delivered_stays_delivered_when_its_author_begins_a_new_log():
    desk = Desk()
    ended_log(desk, held=4)
    old, bravo = desk.record.all[0].id, desk.record.parties[1].id
    book = desk.keep._index._record
    first = next(
        at for at, (entry, _, _) in enumerate(desk.record.all[0].entries) if entry.kind == 9
    )

    delivered = [book.delivery_to(old, first + at, bravo).delivered_at for at in range(5)]

    assert [when is not None for when in delivered] == [True] * 4 + [False]
    assert book.delivery_to(old, 0, bravo).delivered_at is not None
