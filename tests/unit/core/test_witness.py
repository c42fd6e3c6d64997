"""The witness: what it cosigns, what it refuses and with which status, and what it never forgets."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core import merkle
from parley.core.card import StationKey
from parley.core.cosignature import verify_line, witness_of
from parley.core.ids import Hash
from parley.core.instants import Instant
from parley.core.statement import sign_statement
from parley.core.witness import LOGS_PER_PARTY_MAX, REQUEST_BYTES_MAX, Witness, submission
from parley.errors import StorageFullError
from parley.station.witness_memory import ACCUSATIONS_PER_LOG_MAX, StoredMemory, heads_in
from parley.store.memory import MemoryStore
from support.records import START, Party, Record, make_party

NOW = START + 1_000
CHARLIE = make_party("CHARLIE")


class Bench:
    """ALFA's log of eight entries, a witness who has ALFA's card, and its memory."""

    def __init__(self) -> None:
        self.record = Record()
        self.alfa, self.bravo = self.record.parties
        self.record.meet()
        while len(self.log.entries) < 8:
            self.record.say(self.alfa, f"entry {len(self.log.entries)}")
        self.cards = {self.alfa.id: self.alfa.card}
        self.store = MemoryStore()
        self.memory = StoredMemory(self.store)
        self.witness = self.make()

    def make(self, memory: object = None) -> Witness:
        key = witness_of(CHARLIE.card)
        assert key is not None
        return Witness(
            key, signer=CHARLIE.station, cards=self.cards.get, memory=memory or self.memory
        )

    @property
    def log(self):
        return self.record.logs[self.alfa.id]

    def note(self, size: int, *, party: Party | None = None, root: bytes | None = None, **more):
        signer = party or self.alfa
        said = self.record.sign(self.alfa).statement
        said = replace(
            said,
            size=size,
            root=Hash(root or self.log.tree.root_at(size)),
            time=Instant(more.pop("time", said.time)),
            **more,
        )
        signed = sign_statement(said, key_number=0, signer=signer.station)
        return signed.note(signer.station.public_key)

    def ask(self, old: int, size: int, *, now: int = NOW, proof=None, **more):
        path = proof
        if path is None:
            path = self.log.tree.consistency_path(old, size) if 0 < old < size else ()
        body = submission(old, tuple(path), self.note(size, **more))
        return self.witness.add_checkpoint(body, now=now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_first_statement_is_cosigned_over_its_whole_text(bench):
    note = bench.note(3)

    answer = bench.witness.add_checkpoint(submission(0, (), note), now=NOW)

    assert answer.status == 200
    assert answer.body.endswith("\n")
    text = note.partition("\n\n")[0] + "\n"
    found = verify_line(answer.body[:-1], text, [bench.witness.key])
    assert found is not None
    assert found.time == NOW
    assert "holds " in text, "the extension lines are covered too"


def test_every_size_follows_from_every_smaller_one(bench):
    for old in range(1, 9):
        for size in range(old, 9):
            fresh = Bench()
            assert fresh.ask(0, old).status == 200
            assert fresh.ask(old, size).status == 200, (old, size)
            head = fresh.memory.head(fresh.log.id)
            assert head is not None
            assert (head.size, head.root) == (size, fresh.log.tree.root_at(size))


def test_a_wrong_old_size_is_told_the_right_one(bench):
    bench.ask(0, 5)

    answer = bench.ask(3, 7)

    assert (answer.status, answer.body, answer.media_type) == (409, "5\n", "text/x.tlog.size")
    assert bench.ask(0, 7).body == "5\n"
    assert bench.ask(5, 7).status == 200


def test_what_is_behind_the_state_is_never_cosigned(bench):
    bench.ask(0, 7)

    answers = [bench.ask(7, 5), bench.ask(5, 5, proof=()), bench.ask(0, 5)]

    assert [answer.status for answer in answers] == [400, 409, 409]
    assert bench.memory.head(bench.log.id).size == 7


def test_one_size_with_two_roots_is_kept_as_evidence_and_not_cosigned(bench):
    first = bench.note(5)
    bench.witness.add_checkpoint(submission(0, (), first), now=NOW)
    second = bench.note(5, root=b"\x07" * 32)

    for old in (5, 0, 3):
        answer = bench.witness.add_checkpoint(submission(old, (), second), now=NOW)
        assert (answer.status, answer.body) == (409, "5\n")

    assert bench.memory.accusations() == [(bench.log.id, first, second)]
    assert bench.memory.head(bench.log.id).note == first


def test_evidence_against_one_log_cannot_fill_the_disk(bench):
    bench.ask(0, 5)

    for number in range(ACCUSATIONS_PER_LOG_MAX + 5):
        bench.ask(5, 5, root=bytes([number]) * 32)

    assert len(bench.memory.accusations()) == ACCUSATIONS_PER_LOG_MAX


def test_a_proof_that_does_not_lead_there_is_unprocessable(bench):
    bench.ask(0, 3)
    path = bench.log.tree.consistency_path(3, 7)

    for proof in ((), path[:-1], [*path, path[0]], path[::-1], [b"\x01" * 32] * len(path)):
        assert bench.ask(3, 7, proof=tuple(proof)).status == 422
    assert bench.ask(3, 7, proof=path, root=b"\x02" * 32).status == 422
    assert bench.ask(3, 3, proof=tuple(path)).status == 422
    assert bench.memory.head(bench.log.id).size == 3


def test_a_first_statement_with_a_proof_is_unprocessable(bench):
    assert bench.ask(0, 3, proof=(Hash(b"\x01" * 32),)).status == 422


def test_an_old_size_above_the_statement_is_a_bad_request(bench):
    assert bench.ask(4, 3, proof=()).status == 400


def test_a_party_whose_card_is_not_known_is_not_found(bench):
    bench.cards.clear()

    assert bench.ask(0, 3).status == 404
    assert heads_in(bench.store) == []


def test_a_signature_by_another_key_is_forbidden(bench):
    said = bench.record.sign(bench.alfa).statement
    forged = sign_statement(said, key_number=0, signer=bench.bravo.station)
    notes = [
        forged.note(bench.alfa.station.public_key),
        forged.note(bench.bravo.station.public_key),
        sign_statement(said, key_number=3, signer=bench.alfa.station).note(
            bench.alfa.station.public_key
        ),
    ]

    for note in notes:
        answer = bench.witness.add_checkpoint(submission(0, (), note), now=NOW)
        assert answer.status == 403, answer


@pytest.mark.parametrize(
    "change",
    [
        {"revoked": START},
        {"until": START - 10},
        {"not_before": START + 10_000},
    ],
)
def test_a_key_that_does_not_count_is_forbidden(bench, change):
    (key,) = bench.alfa.card.station_keys
    keys: tuple[StationKey, ...] = (replace(key, **change),)
    bench.cards[bench.alfa.id] = replace(bench.alfa.card, station_keys=keys)

    assert bench.ask(0, 3).status == 403


def test_a_statement_dated_ahead_is_cosigned_that_is_what_a_witness_is_for(bench):
    assert bench.ask(0, 3, time=NOW + 100_000).status == 200


def test_a_clock_that_is_not_set_cosigns_nothing(bench):
    assert bench.ask(0, 3, now=0).status == 503
    assert heads_in(bench.store) == []


def test_a_party_cannot_have_logs_without_end(bench, monkeypatch):
    monkeypatch.setattr(StoredMemory, "count", lambda _self, _party: LOGS_PER_PARTY_MAX)

    assert bench.ask(0, 3).status == 507


def test_the_same_statement_again_is_cosigned_again(bench):
    note = bench.note(5)
    first = bench.witness.add_checkpoint(submission(0, (), note), now=NOW)

    again = bench.witness.add_checkpoint(submission(5, (), note), now=NOW + 9)

    assert (first.status, again.status) == (200, 200)
    assert first.body != again.body


def test_nothing_is_cosigned_when_the_state_cannot_be_kept(bench):
    class Full(StoredMemory):
        def advance(self, log, head):
            raise StorageFullError("the disk is full")

    bench.witness = bench.make(Full(MemoryStore()))

    with pytest.raises(StorageFullError):
        bench.ask(0, 3)


def test_a_crash_between_keeping_and_answering_is_healed_by_the_size_it_tells(bench):
    bench.ask(0, 3)
    bench.ask(3, 6)  # the answer is lost with the process
    bench.witness = bench.make()

    told = bench.ask(3, 8)
    assert (told.status, told.body) == (409, "6\n")
    assert bench.ask(6, 8).status == 200


def lines(*parts: str) -> bytes:
    return "\n".join(parts).encode()


@pytest.mark.parametrize(
    "head",
    [
        "",
        "old",
        "old ",
        "old  0",
        "old 00",
        "old -1",
        "old 0 ",
        "Old 0",
        "old 9007199254740992",
        "old 99999999999999999999999",
        "old \u0663",
        "old 0\nAAAA",
        "old 0\n" + "A" * 44,
        "old 0\n ",
        "old 0\n" + "\n".join([base64.b64encode(bytes(32)).decode()] * 64),
        "old 0\r",
    ],
)
def test_a_head_in_any_other_form_is_a_bad_request(bench, head):
    raw = f"{head}\n\n{bench.note(3)}".encode()

    assert bench.witness.add_checkpoint(raw, now=NOW).status == 400


def test_a_note_in_any_other_form_is_a_bad_request(bench):
    note = bench.note(3)
    text, line = note.split("\n\n")
    bad = [
        "",
        text,
        note[:-1],
        note + "\n",
        note + line * 16,
        "\n".join(text.split("\n")[:3]) + "\n\n" + line,
        note.replace("no ", "number "),
        note.replace("parley1/", "parley2/", 1),
        text + "\nextra line\n\n" + line,
        note.replace("\u2014 ", "- "),
    ]
    for each in bad:
        raw = f"old 0\n\n{each}".encode()
        assert bench.witness.add_checkpoint(raw, now=NOW).status == 400, each
    assert heads_in(bench.store) == []


def test_more_than_the_limit_is_too_large(bench):
    raw = b"old 0\n\n" + b"x" * REQUEST_BYTES_MAX

    assert bench.witness.add_checkpoint(raw, now=NOW).status == 413


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_body_makes_it_raise_or_cosign_what_was_not_signed(data):
    bench = Bench()
    raw = bytearray(submission(0, (), bench.note(3)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    untouched = bytes(raw) == submission(0, (), bench.note(3))

    answer = bench.witness.add_checkpoint(bytes(raw), now=NOW)

    assert answer.status in (400, 403, 404, 409, 413, 422) or untouched or _same(bench, raw)


def _same(bench: Bench, raw: bytearray) -> bool:
    """The change may have put back the byte that was there."""
    head = bench.memory.head(bench.log.id)
    return head is not None and head.note.encode() in bytes(raw)


def test_roots_of_the_proof_are_those_of_the_log(bench):
    older, newer = merkle.roots_from_consistency(
        3, 7, bench.log.tree.root_at(3), bench.log.tree.consistency_path(3, 7)
    )

    assert (older, newer) == (bench.log.tree.root_at(3), bench.log.tree.root_at(7))
