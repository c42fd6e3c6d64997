"""The transcript at 75 bit/s, read by the station's own core, and the registers it leads to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parley.core import canon, frame, keying, pieces
from parley.core.card import Card, decode_card
from parley.core.charter import decode_charter
from parley.core.entry import Kind, decode_entry, entry_from_value
from parley.core.frame import ReceiveEpoch
from parley.core.ids import Incarnation, LogId
from parley.core.instants import Instant
from parley.core.item_reading import decode_items
from parley.core.items import CharterItem, Item, Run, Stmt, Symbol
from parley.core.keys import verify_ed25519
from parley.core.record import F_OPEN_INC, ChannelRecord, Claim, Unknown
from parley.core.statement import Statement
from parley.desk.desk import registers
from parley.desk.record import ChannelView, Placed
from parley.desk.registers import row_value
from parley.errors import SignatureError
from parley.station.gathering import Gathering, PieceGathering

TOLD = json.loads((Path(__file__).parents[2] / "spec/vectors/transcript.json").read_text())
CARDS = {one["code"]: decode_card(bytes.fromhex(one["card"])) for one in TOLD["stations"]}


class Ear:
    """What one station heard of the other."""

    def __init__(self, sender: Card, receiver: Card) -> None:
        self.fps = {"sender_fp": sender.fingerprint, "receiver_fp": receiver.fingerprint}
        self.sender = sender
        self.pieces, self.symbols = PieceGathering(), Gathering()
        self.epoch: ReceiveEpoch | None = None

    def hear(self, raw: bytes) -> list[Item]:
        header = frame.read_header(raw)
        if header.kind == frame.PIECE:
            piece = pieces.open_piece(raw, **self.fps)
            assert piece is not None
            body = self.pieces.take(piece.ident, piece.size, piece.esi, piece.data)
            if body is not None:
                self.begin(body)
            return []
        assert self.epoch is not None
        plain = self.epoch.open(raw, header)
        assert plain is not None
        found, faults = decode_items(plain)
        assert not faults
        return [whole for one in found for whole in self.whole(one)]

    def begin(self, body: bytes) -> None:
        offered = keying.decode_keying(body)
        key = self.sender.key(offered.key_number)
        assert key is not None
        verify_ed25519(key.ed, offered.signature, offered.signed_bytes())
        told = next(one for one in TOLD["keyings"] if one["body"] == body.hex())
        info = keying.keying_info(
            self.fps["sender_fp"],
            self.fps["receiver_fp"],
            offered.node,
            offered.epoch,
            offered.prekey,
        )
        chain = keying.first_chain_key(bytes.fromhex(told["secret"]), info)
        self.epoch = ReceiveEpoch(chain, epoch=offered.epoch, node=offered.node)

    def whole(self, item: Item) -> list[Item]:
        if not isinstance(item, Symbol):
            return [item]
        raw = self.symbols.take(
            item.ident, item.size, item.esi, item.data, now=0.0, pause=float("inf")
        )
        return [] if raw is None else decode_items(raw)[0]


class Reading:
    """Both logs and every statement that the frames bring."""

    def __init__(self) -> None:
        alfa, bravo = CARDS["ALFA"], CARDS["BRAVO"]
        self.ears = {"ALFA": Ear(alfa, bravo), "BRAVO": Ear(bravo, alfa)}
        self.record: ChannelRecord | None = None
        self.claims: list[tuple[str, Claim]] = []
        self.said: dict[bytes, Statement] = {}
        for told in TOLD["frames"]:
            for item in self.ears[told["from"]].hear(bytes.fromhex(told["hex"])):
                self.take(told["from"], item)
        assert self.record is not None

    def take(self, code: str, item: Item) -> None:
        if isinstance(item, CharterItem):
            charter = decode_charter(item.raw)
            if self.record is None:
                self.record = ChannelRecord(charter, CARDS["ALFA"].party)
            assert charter.channel_id.hex() == TOLD["channel"]
        elif isinstance(item, Run):
            self.run(code, item)
        elif isinstance(item, Stmt):
            claim = Claim(
                party=item.party,
                key_number=item.key_number,
                no=item.no,
                time=item.time,
                size=item.size,
                held=item.held,
                signature=item.signature,
            )
            self.claims.append((code, claim))
        self.settle()

    def run(self, code: str, item: Run) -> None:
        record = self.record
        assert record is not None
        party = CARDS[code].party
        for at, value in enumerate(item.entries):
            entry, index = entry_from_value(value, others=1), item.first + at
            if entry.kind == Kind.OPEN:
                inc = entry.fields[F_OPEN_INC]
                assert isinstance(inc, bytes)
                log = LogId(record.channel, party, Incarnation(inc))
                if log not in record.all:
                    record.add(log)
            replica = record.logs[party]
            if replica.arrive(index, entry, canon.encode(value)):
                record.note_turn(replica, index, entry)
        if item.tail is not None:
            last = item.entries[-1]
            assert isinstance(last, list)
            assert isinstance(last[1], int)
            claim = Claim(
                party=item.party,
                key_number=item.tail.key_number,
                no=item.tail.no,
                time=last[1] + item.tail.delay,
                size=item.first + len(item.entries),
                held=item.tail.held,
                signature=item.tail.signature,
            )
            self.claims.append((code, claim))

    def settle(self) -> None:
        """Verify every statement whose roots are known by now."""
        for code, claim in [*self.claims]:
            record = self.record
            replica = None if record is None else record.logs.get(CARDS[code].party)
            if record is None or replica is None:
                continue
            try:
                said = record.statement_of(replica, claim)
            except Unknown:
                continue
            key = CARDS[code].key(claim.key_number)
            assert key is not None
            verify_ed25519(key.ed, claim.signature, said.text().encode())
            self.claims.remove((code, claim))
            self.said[claim.signature] = said


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Reading()


def test_every_statement_on_the_line_verifies_and_the_newest_are_those_told(
    reading: Reading,
) -> None:
    assert reading.claims == []
    for log in TOLD["logs"]:
        assert reading.said[bytes.fromhex(log["signature"])].text() == log["statement"]
    held = {log["held_by"] for log in TOLD["logs"]}
    assert held == {"ALFA", "BRAVO"}


def test_a_statement_of_the_transcript_with_one_bit_changed_verifies_nowhere(
    reading: Reading,
) -> None:
    log = TOLD["logs"][0]
    key = CARDS["ALFA"].key(log["key_number"])
    assert key is not None
    signature = bytearray(bytes.fromhex(log["signature"]))
    signature[0] ^= 1

    with pytest.raises(SignatureError):
        verify_ed25519(key.ed, bytes(signature), log["statement"].encode())


def test_the_registers_follow_byte_for_byte(reading: Reading) -> None:
    record = reading.record
    assert record is not None
    entries = [
        Placed(
            party=record.charter.party_number(log.party),
            inc=log.inc,
            index=index,
            entry=decode_entry(bytes.fromhex(raw), others=1),
        )
        for log in record.all
        for index, raw in enumerate(
            next(one["entries"] for one in TOLD["logs"] if one["origin"] == log.origin)
        )
    ]
    view = ChannelView(
        charter=record.charter,
        codes=("ALFA", "BRAVO"),
        entries=entries,
        statements=list(reading.said.values()),
    )
    told = TOLD["register"]

    found = registers([view], Instant(told["moment"]))

    rows = canon.encode([row_value(row) for row in found.rows("messages")])
    assert found.irregular == ()
    assert rows.hex() == told["messages"]
