from __future__ import annotations

import base64
import random
from dataclasses import replace
from hashlib import sha256

import pytest

from parley.core import keys
from parley.core.bundle import decode_bundle
from parley.core.ids import Hash
from parley.core.instants import Instant
from parley.core.statement import sign_statement
from parley.errors import ConflictError, MalformedError, NotFoundError, ParleyError, UsageError
from parley.station.export import Exporter
from parley.store.interface import StatementRow
from parley.store.memory import MemoryStore
from parley.store.verify import derived_index
from support.records import Party, Record, make_party, seed
from support.verifying import check, word

WITNESS = "witness.example/w1"
WITNESS_KEY = keys.Ed25519Signer(seed("witness"))


def vkey() -> str:
    packed = b"\x04" + WITNESS_KEY.public_key
    ident = sha256(WITNESS.encode() + b"\n" + packed).digest()[:4]
    return f"{WITNESS}+{ident.hex()}+{base64.b64encode(packed).decode()}"


def cosign(text: str, time: int) -> str:
    ident = bytes.fromhex(vkey().split("+")[1])
    signature = WITNESS_KEY.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    packed = ident + time.to_bytes(8, "big") + signature
    return f"\u2014 {WITNESS} {base64.b64encode(packed).decode()}"


class Tale:
    """ALFA asks BRAVO with a clock of an hour; BRAVO receipts it."""

    def __init__(self, *, due: object = 3600, witness: bool = False) -> None:
        self.record = Record(witnesses=[(WITNESS, vkey())] if witness else [])
        self.record.meet()
        self.alfa, self.bravo = self.record.parties
        self.record.now += 60
        self.asked = self.record.append(self.alfa, 16, {16: "Call us.", 5: due})
        self.record.sign(self.alfa)
        self.record.now += 5
        self.lines: dict[tuple[Party, int], tuple[str, ...]] = {}
        self.record.say(self.bravo, "Other matter.", f1=[0, 1])
        self.record.sign(self.bravo)

    def pass_time(self, seconds: int = 4000) -> None:
        self.record.now += seconds
        self.record.sign(self.bravo)

    def exporter(self) -> Exporter:
        batch = self.record.batch()
        batch.index = []
        for at, row in enumerate(batch.statements):
            said = row.signed.statement
            for (party, no), lines in self.lines.items():
                if (party.id, no) == (said.party, said.no):
                    batch.statements[at] = replace(row, lines=lines)
        store = MemoryStore()
        store.commit(batch)
        store.rebuild_index(derived_index(store))
        return Exporter(store, {party.id: [party.card] for party in self.record.parties})

    @property
    def place(self) -> tuple:
        return self.record.logs[self.alfa.id].id, self.asked

    @property
    def trust(self) -> list[str]:
        return [party.card.fingerprint.hex() for party in self.record.parties]


def test_a_receipt_is_delivery_proved() -> None:
    tale = Tale()

    raw = tale.exporter().receipt(*tale.place)

    report = check(raw, tale.trust)
    assert (word(report), report.code) == ("delivered", 0)


def test_a_receipt_carries_the_first_cosigned_statement_that_holds_it() -> None:
    tale = Tale(witness=True)
    tale.pass_time(60)
    later = tale.record.logs[tale.bravo.id].statements[-1].statement
    tale.lines[tale.bravo, later.no] = (cosign(later.text(), tale.record.now + 3),)

    raw = tale.exporter().receipt(*tale.place)

    report = check(raw, [*tale.trust, vkey()])
    assert (word(report), report.code, report.unchecked) == ("delivered", 0, [])
    assert any("by a witness" in text for text in report.verdicts[0].shown)
    assert "on your trust list" in report.summary.witnesses[0]


def test_a_whole_record_carries_the_newest_cosigned_statement_of_each_log() -> None:
    tale = Tale(witness=True)
    for party in (tale.alfa, tale.bravo):
        said = tale.record.logs[party.id].statements[-1].statement
        tale.lines[party, said.no] = (cosign(said.text(), tale.record.now + 3),)
    tale.pass_time(60)
    tale.record.say(tale.alfa, "Later.")
    tale.record.sign(tale.alfa)

    raw = tale.exporter().record(tale.record.charter.channel_id)

    report = check(raw, [*tale.trust, vkey()])
    assert report.code == 0, report
    assert "signed 2 of 4 statements" in report.summary.witnesses[0]
    without = check(raw, tale.trust)
    assert without.code == 14
    assert [text for text in without.unchecked if "NOT checked" in text]


def test_a_lapse_by_the_other_partys_own_clock_is_proved() -> None:
    tale = Tale()
    tale.pass_time()

    raw = tale.exporter().lapse(*tale.place)

    report = check(raw, tale.trust)
    assert (word(report), report.code) == ("lapsed (proved), time class T1", 0)


def test_a_lapse_by_an_instant_is_proved() -> None:
    tale = Tale(due=[Record().now + 3000])
    tale.pass_time()

    assert word(check(tale.exporter().lapse(*tale.place), tale.trust)).startswith("lapsed (proved)")


def test_a_lapse_by_a_witness_is_proved_against_a_clock_that_stands_still() -> None:
    tale = Tale(witness=True)
    record = tale.record
    theirs = record.logs[tale.bravo.id]
    first = theirs.statements[-1]
    tale.lines[tale.bravo, first.statement.no] = (cosign(first.statement.text(), record.now + 5),)
    record.now += 5000
    own = record.logs[tale.alfa.id].statements[-1]
    token = own.note(tale.alfa.station.public_key, [cosign(own.statement.text(), record.now)])
    record.append(tale.alfa, 6, {16: 3, 17: token})
    record.sign(tale.alfa)
    record.sign(tale.bravo, time=first.statement.time + 1)
    late = theirs.statements[-1]
    tale.lines[tale.bravo, late.statement.no] = (cosign(late.statement.text(), record.now + 9),)

    report = check(tale.exporter().lapse(*tale.place), [*tale.trust, vkey()])

    assert (word(report), report.code) == ("lapsed (proved), time class T2", 0)
    assert any("T3" in text for text in report.verdicts[0].shown)


def test_an_answer_in_time_is_proved_and_no_lapse_is_made_of_it() -> None:
    tale = Tale()
    tale.record.append(tale.bravo, 17, {1: [0, tale.asked], 16: "Yes."})
    tale.pass_time(30)
    tale.pass_time()

    report = check(tale.exporter().answer(*tale.place), tale.trust)

    assert (word(report), report.code) == ("answered", 0)
    with pytest.raises(ConflictError, match="answered"):
        tale.exporter().lapse(*tale.place)


def test_an_answer_after_the_time_leaves_the_lapse_proved() -> None:
    tale = Tale()
    tale.pass_time()
    tale.record.append(tale.bravo, 17, {4: [0, tale.asked], 16: "Sorry."})
    tale.pass_time(30)

    report = check(tale.exporter().lapse(*tale.place), tale.trust)

    assert (word(report), report.code) == ("lapsed (proved), time class T1", 0)


def test_a_refusal_to_process_answers() -> None:
    tale = Tale()
    tale.record.append(tale.bravo, 2, {1: [0, tale.asked], 32: 10})
    tale.pass_time()

    assert word(check(tale.exporter().answer(*tale.place), tale.trust)) == (
        "answered: cannot process"
    )


def test_an_acknowledgement_does_not_answer() -> None:
    tale = Tale()
    tale.record.append(tale.bravo, 2, {1: [0, tale.asked], 32: 2})
    tale.pass_time()

    assert word(check(tale.exporter().lapse(*tale.place), tale.trust)).startswith("lapsed (proved)")


@pytest.mark.parametrize("how", ["withdrawn", "closed here", "closed there", "no clock", "early"])
def test_no_lapse_is_made_where_there_is_none(how: str) -> None:
    tale = Tale(due=30 if how == "no clock" else 3600)
    if how == "withdrawn":
        tale.record.append(tale.alfa, 18, {1: [0, tale.asked]})
    elif how.startswith("closed"):
        tale.record.append(tale.alfa if "here" in how else tale.bravo, 5, {16: "done"})
    tale.record.sign(tale.alfa)
    tale.pass_time(60 if how == "early" else 4000)

    with pytest.raises(ParleyError):
        tale.exporter().lapse(*tale.place)


def test_a_reminder_does_not_spoil_a_lapse() -> None:
    tale = Tale()
    tale.record.append(tale.alfa, 16, {4: [0, tale.asked], 5: 60})
    tale.record.sign(tale.alfa)
    tale.pass_time()

    assert word(check(tale.exporter().lapse(*tale.place), tale.trust)).startswith("lapsed (proved)")


def test_what_nobody_receipted_has_no_receipt() -> None:
    tale = Tale()
    index = tale.record.say(tale.alfa, "Not yet held.")
    tale.record.sign(tale.alfa)

    with pytest.raises(NotFoundError):
        tale.exporter().receipt(tale.place[0], index)


@pytest.mark.parametrize("withheld", [(), (5,), (16,), (5, 16)])
def test_an_extract_shows_the_entry_without_what_is_withheld(withheld: tuple[int, ...]) -> None:
    tale = Tale()

    raw = tale.exporter().extract([tale.place], withhold=withheld)

    report = check(raw, tale.trust)
    assert (word(report), report.code) == ("in the log", 0)
    assert (b"Call us." in raw) is (16 not in withheld)
    hide = tale.record.logs[tale.alfa.id].hide
    assert hide not in raw


def test_the_whole_record_is_shown_whole() -> None:
    tale = Tale()
    tale.pass_time()

    report = check(tale.exporter().record(tale.record.charter.channel_id), tale.trust)

    assert report.refused is None
    assert len(report.verdicts) == 2
    assert report.code == 0


def test_a_case_is_exported_with_its_receipt() -> None:
    tale = Tale()
    tale.record.append(tale.bravo, 17, {4: [0, tale.asked], 16: "Yes."})
    tale.pass_time()

    report = check(tale.exporter().case(*tale.place), tale.trust)

    assert report.refused is None
    assert sorted(verdict.word for verdict in report.verdicts) == [
        "delivered",
        "in the log",
        "in the log",
    ]


def test_several_cases_of_one_channel_are_one_bundle_and_each_has_its_receipt() -> None:
    tale = Tale()
    second = tale.record.append(tale.alfa, 16, {16: "And once more.", 5: 3600})
    other = tale.record.append(tale.alfa, 16, {16: "Not asked for."})
    tale.record.sign(tale.alfa)
    tale.record.say(tale.bravo, "Both seen.", f1=[0, second])
    tale.pass_time()
    log, first = tale.place

    raw = tale.exporter().cases([(log, first), (log, second), (log, first)], withhold=[])

    report = check(raw, tale.trust)
    assert (report.refused, report.code) == (None, 0)
    assert [verdict.word for verdict in report.verdicts].count("delivered") == 2
    assert b"Call us." in raw
    assert b"And once more." in raw
    assert b"Not asked for." not in raw
    assert other not in (first, second)
    with pytest.raises(NotFoundError):
        tale.exporter().cases([(log, first), (log, 99)])
    with pytest.raises(UsageError, match="one channel"):
        tale.exporter().cases([])


def forked(tale: Tale, *, larger: bool) -> tuple[StatementRow, StatementRow]:
    """Return a false statement of BRAVO and a true one, of the same or of a larger size."""
    one = tale.record.logs[tale.bravo.id].statements[-1].statement
    false = replace(one, root=Hash(bytes(32)), no=one.no + 7)
    signed = sign_statement(false, key_number=0, signer=tale.bravo.station)
    if larger:
        tale.record.say(tale.bravo, "More.")
        tale.record.sign(tale.bravo)
    true = tale.record.logs[tale.bravo.id].statements[-1]
    now = Instant(tale.record.now)
    return StatementRow(signed=signed, received=now), StatementRow(signed=true, received=now)


@pytest.mark.parametrize("larger", [False, True])
def test_two_histories_are_proved(larger: bool) -> None:
    tale = Tale()
    one, two = forked(tale, larger=larger)

    report = check(tale.exporter().fork(one, two), tale.trust)

    assert word(report).startswith("two histories")
    assert report.code == 0


def test_statements_that_agree_are_no_fork() -> None:
    tale = Tale()
    tale.pass_time()
    rows = [
        StatementRow(signed=signed, received=Instant(0))
        for signed in tale.record.logs[tale.bravo.id].statements[-2:]
    ]

    with pytest.raises(ConflictError):
        tale.exporter().fork(*rows)


def test_a_log_that_shrank_is_proved() -> None:
    tale = Tale()
    longer = tale.record.logs[tale.bravo.id].statements[-1]
    tale.record.now += 60
    shorter = tale.record.sign(tale.bravo, size=longer.statement.size - 1)
    rows = [StatementRow(signed=signed, received=Instant(0)) for signed in (longer, shorter)]

    report = check(Exporter(_store(tale), _cards(tale)).rollback(*rows), tale.trust)

    assert word(report).startswith("rollback")


def _cards(tale: Tale) -> dict:
    return {party.id: [party.card] for party in tale.record.parties}


def _store(tale: Tale) -> MemoryStore:
    store = MemoryStore()
    batch = tale.record.batch()
    store.commit(replace(batch, index=[]))
    return store


def test_a_third_party_must_be_named_where_there_are_several() -> None:
    record = Record("ALFA", "BRAVO", "CHARLIE")
    record.meet()
    index = record.say(record.parties[0], "To all.")
    for party in record.parties:
        record.sign(party)
    store = MemoryStore()
    store.commit(record.batch())
    exporter = Exporter(store, {party.id: [party.card] for party in record.parties})
    place = record.logs[record.parties[0].id].id, index

    with pytest.raises(UsageError):
        exporter.receipt(*place)
    raw = exporter.receipt(*place, by=make_party("CHARLIE").id)

    trust = [party.card.fingerprint.hex() for party in record.parties]
    assert word(check(raw, trust)) == "delivered"


@pytest.mark.parametrize("make", ["receipt", "lapse", "extract", "record"])
def test_a_bundle_reads_back_and_one_flipped_bit_is_refused(make: str) -> None:
    tale = Tale()
    tale.pass_time()
    exporter = tale.exporter()
    raw = {
        "receipt": lambda: exporter.receipt(*tale.place),
        "lapse": lambda: exporter.lapse(*tale.place),
        "extract": lambda: exporter.extract([tale.place], withhold=(5,)),
        "record": lambda: exporter.record(tale.record.charter.channel_id),
    }[make]()
    chance = random.Random(make)
    before = [verdict.word for verdict in check(raw, tale.trust).verdicts]

    assert decode_bundle(raw).encode() == raw
    for _ in range(150):
        place, bit = chance.randrange(len(raw)), 1 << chance.randrange(8)
        changed = bytearray(raw)
        changed[place] ^= bit
        report = check(bytes(changed), tale.trust)
        assert report.code != 0, (place, bit, before)


def test_a_bundle_in_another_order_is_refused() -> None:
    tale = Tale()
    raw = tale.exporter().receipt(*tale.place)
    for changed in (raw + b"\0", raw[:-1], raw.replace(b"parley1 bundle", b"parley2 bundle")):
        with pytest.raises(MalformedError):
            decode_bundle(changed)
