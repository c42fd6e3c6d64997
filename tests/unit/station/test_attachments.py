"""What the record holds of files: a fold over the logs, whatever a peer puts into them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parley.core import limits
from parley.core.attachment import attachment_digest, cut, part_fields
from parley.errors import ConflictError, NotFoundError
from parley.station.attachments import MISSING, Attachments
from parley.station.desk_book import DeskBook
from parley.station.part_index import PartIndex
from parley.station.record_book import RecordBook
from parley.store.memory import MemoryStore
from support.records import Record, seed

SALT = seed("salt")
CONTENT = b"%PDF-1.7\n" + b"chart " * 15_000
DIGEST = attachment_digest(SALT, CONTENT)
PARTS = list(cut(SALT, CONTENT))
TEXTS = [["en", 0, "The chart."]]


class Tale:
    """ALFA names a file; BRAVO is the station that looks."""

    def __init__(self, *files: dict[int, object], kind: int = 1, flags: int = 0) -> None:
        self.record = Record()
        self.record.meet()
        self.alfa, self.bravo = self.record.parties
        named = files or (self.file(),)
        fields: dict[int, object] = {16: TEXTS, 25: [["en", "Chart"]], 26: list(named)}
        self.index = self.record.append(self.alfa, kind, fields, flags=flags)

    @staticmethod
    def file(**changed: object) -> dict[int, object]:
        named = {
            "name": "chart.pdf",
            "type": "application/pdf",
            "bytes": len(CONTENT),
            "digest": DIGEST.hex(),
        }
        return dict(enumerate((named | changed).values()))

    def part(self, number: int, **more: object) -> int:
        fields = part_fields(PARTS[number]) | more.pop("fields", {})  # type: ignore[operator]
        party = more.pop("party", self.alfa)
        return self.record.append(party, 9, fields, **more)  # type: ignore[arg-type]

    def look(self, party: object = None, missing: tuple[tuple[int, int], ...] = ()) -> Attachments:
        self.record.now += 5
        for one in self.record.parties:
            self.record.sign(one, missing=missing if one is self.bravo else ())
        store = MemoryStore()
        store.commit(self.record.batch())
        codes = {one.id: one.card.code for one in self.record.parties}
        trust = SimpleNamespace(
            codes=lambda: codes, code_of=codes.get, party_of={v: k for k, v in codes.items()}.get
        )
        logs = {
            key: SimpleNamespace(log=log.id, ordinal=1) for key, log in self.record.logs.items()
        }
        channel = SimpleNamespace(charter=self.record.charter, logs=logs, opened=True)
        station = SimpleNamespace(
            reader=store,
            channels=lambda: [channel],
            now=lambda: self.record.now,
            party=(party or self.bravo).id,  # type: ignore[attr-defined]
        )
        record = RecordBook(station, trust)
        desk = DeskBook(station, trust, record)
        return Attachments(station, trust, record, desk, PartIndex(station, record))

    @property
    def place(self) -> tuple[object, int]:
        return self.record.logs[self.alfa.id].id, self.index


def test_a_file_is_missing_until_its_last_part_is_here():
    tale = Tale()
    for number in range(len(PARTS) - 1):
        tale.part(number)
    held = tale.look()
    (view,) = held.of(*tale.place)

    assert (view.state, view.parts_here, view.parts) == ("missing", len(PARTS) - 1, len(PARTS))
    assert held.cannot_process([view]) == MISSING
    with pytest.raises(NotFoundError, match=f"{len(PARTS) - 1} of {len(PARTS)} parts"):
        held.content(*tale.place, DIGEST.hex())

    tale.part(len(PARTS) - 1)
    held = tale.look()
    (view,) = held.of(*tale.place)
    assert (view.state, view.parts_here) == ("here", len(PARTS))
    assert held.cannot_process([view]) == ""
    found = held.content(*tale.place, DIGEST.hex())
    assert (found.content, found.name, found.is_of_type) == (CONTENT, "chart.pdf", True)


def test_the_author_knows_from_the_statement_what_the_other_side_holds():
    tale = Tale()
    places = [tale.part(number) for number in range(len(PARTS))]

    (view,) = tale.look(tale.alfa, missing=((places[1], places[2]),)).of(*tale.place)

    assert view.state == "here"
    assert view.per_peer == {"BRAVO": len(PARTS) - 1}


def test_parts_may_come_in_any_order_and_before_their_entry():
    tale = Tale()
    log = tale.record.logs[tale.alfa.id]
    for number in reversed(range(len(PARTS))):
        tale.part(number)
    tale.index = tale.record.append(
        tale.alfa, 1, {16: TEXTS, 25: [["en", "Again"]], 26: [tale.file()]}
    )

    assert tale.look().content(log.id, tale.index, DIGEST.hex()).content == CONTENT


def test_of_two_parts_with_one_number_the_first_stands():
    tale = Tale()
    for number in range(len(PARTS)):
        tale.part(number)
    tale.part(1, fields={19: bytes(len(PARTS[1].octets))})

    assert tale.look().content(*tale.place, DIGEST.hex()).content == CONTENT


@pytest.mark.parametrize("changed", [{18: 321}, {19: PARTS[1].octets + b"?"}, {18: 2}])
def test_a_part_of_another_count_or_length_stands_in_the_way_of_none(changed):
    last = len(PARTS) - 1
    octets = bytes(limits.PART_BYTES)
    tale = Tale()
    tale.part(last, fields={19: octets} | changed if 18 in changed else changed)
    for number in range(len(PARTS)):
        tale.part(number)

    assert tale.look().content(*tale.place, DIGEST.hex()).content == CONTENT


def test_parts_that_give_another_digest_are_damage_and_no_content():
    tale = Tale()
    tale.part(1, fields={19: bytes(len(PARTS[1].octets))})
    for number in range(len(PARTS)):
        tale.part(number)
    held = tale.look()
    (view,) = held.of(*tale.place)

    assert view.state == "damaged"
    assert held.cannot_process([view]) == MISSING
    with pytest.raises(ConflictError, match="another digest"):
        held.content(*tale.place, DIGEST.hex())


@pytest.mark.parametrize(
    "more",
    [
        {"fields": {18: 4}},  # claims another number of parts
        {"fields": {18: 321}},
        {"fields": {19: b"short"}},
        {"fields": {17: 0}},
        {"fields": {16: seed("another file")}},
        {"fields": {32: 1}},
        {"flags": 16},  # off the record, where the entry is on it
    ],
)
def test_a_part_that_does_not_fit_is_part_of_nothing(more):
    tale = Tale()
    for number in range(len(PARTS) - 1):
        tale.part(number)
    last = len(PARTS) - 1
    tale.part(last, **more)

    (view,) = tale.look().of(*tale.place)
    assert (view.state, view.parts_here) == ("missing", last)


def test_nobody_else_can_complete_or_spoil_a_file():
    tale = Tale()
    tale.part(0)
    for number in range(len(PARTS)):
        tale.part(number, party=tale.bravo)

    (view,) = tale.look().of(*tale.place)
    assert view.parts_here == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "../../etc/passwd"},
        {"name": "/etc/passwd"},
        {"name": "C:\\boot.ini"},
        {"name": ".profile"},
        {"name": "map\u202efdp.exe"},
        {"name": "a\nb.pdf"},
        {"name": "n" * 121 + ".pdf"},
        {"type": "application/x-msdownload"},
        {"type": "text/html"},
        {"bytes": 10 * 1024 * 1024 + 1},
        {"bytes": 2**52},
        {"bytes": -1},
        {"digest": "00"},
        {"digest": DIGEST},
    ],
)
def test_an_entry_that_names_a_file_in_another_form_names_none(changed):
    tale = Tale(Tale.file(**changed))
    for number in range(len(PARTS)):
        tale.part(number)
    held = tale.look()

    assert held.of(*tale.place) == []
    with pytest.raises(NotFoundError, match="names no file"):
        held.content(*tale.place, DIGEST.hex())


def test_files_of_more_than_an_entry_may_have_and_one_named_twice_are_another_form():
    big = [Tale.file(bytes=10 * 1024 * 1024, digest=seed(f"{n}").hex()) for n in range(6)]
    assert len(Tale(*big[:5]).look().of(*Tale(*big[:5]).place)) == 5
    assert Tale(*big).look().of(*Tale(*big).place) == []
    twice = Tale(Tale.file(), Tale.file(name="other.pdf"))
    assert twice.look().of(*twice.place) == []


def test_a_file_that_is_not_what_its_type_says_is_told_as_such():
    tale = Tale(Tale.file(type="image/png", name="chart.png"))
    for number in range(len(PARTS)):
        tale.part(number)
    held = tale.look()

    assert held.of(*tale.place)[0].state == "type"
    assert not held.content(*tale.place, DIGEST.hex()).is_of_type


def test_the_desk_keeps_no_file_in_memory():
    tale = Tale()
    for number in range(len(PARTS)):
        tale.part(number)
    held = tale.look()
    held.of(*tale.place)

    kept = [one.entry for view in held._desk.views() for one in view.entries]
    assert [entry.fields for entry in kept if entry.kind == 9] == [{}] * len(PARTS)
