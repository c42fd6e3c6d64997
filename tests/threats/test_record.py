"""What a peer, a member or a reader can do with entries, leaves and extracts."""

from __future__ import annotations

import itertools
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core import canon
from parley.core.bundle import decode_bundle
from parley.core.entry import (
    Entry,
    commitment,
    decode_entry,
    encode_entry,
    entry_value,
    leaf_hash,
)
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.replica import Replica
from parley.core.statement import Statement, sign_statement
from parley.sim.people import make_identity
from parley.sim.station import Last
from parley.station.export import Exporter
from parley.station.mend import MendReport
from support.hand_peer import HandPeer, RealStation

OFF_RECORD = 0x10
HIDE = bytes(range(32))
LOG = LogId(ChannelId(bytes(16)), make_identity("ALFA").card.party, Incarnation(b"\1" * 8))


def entry(body: str, *, flags: int = 0, kind: int = 1) -> Entry:
    fields: dict[int, canon.Value] = {2: body} if kind else {0: HIDE, 16: bytes(32), 17: LOG.inc}
    return Entry(kind=kind, time=Instant(1_800_000_000), flags=flags, seen=(0,), fields=fields)


def test_row_41_a_leaf_belongs_to_one_log_and_one_place() -> None:
    said = entry("move to the north")
    leaves = {
        leaf_hash(said, hide=hide, index=index, inc=LOG.inc)
        for hide in (HIDE, bytes(32))
        for index in (1, 2)
    }

    assert len(leaves) == 4
    other = PartyId(bytes(16))
    assert LogId(LOG.channel, other, LOG.inc).origin != LOG.origin


def test_row_42_entries_given_back_that_are_not_ours_are_not_taken() -> None:
    """A peer that is asked for our lost log gives other entries than our key signed."""
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    charter = peer.propose()
    own = station.engine.ledger.channels[charter.channel_id].record.own
    assert own is not None
    short = len(station.sim.disk.journal)
    for number in range(3):
        station.sim.append(charter.channel_id, [new_text(f"ours {number}")], station.steady)
        station.settle()
    rows = station.store.entries(own.log, 0, 99)
    newest = station.store.last_statement(own.log)
    assert newest is not None
    station.sim.crash(Last.LOST)
    station.sim.disk.restore(short)
    station.sim.start(station.steady)
    station.settle()
    peer.connect()
    thief = HandPeer(station)
    thief.identity = station.sim.identity

    peer.send(thief.note(newest.signed))
    token = station.sim.token()
    station.engine.restore(token, charter.channel_id, [peer.party], 5.0, station.now)
    forged = [canon.decode(rows[0].raw), *[entry_value(entry(f"theirs {n}")) for n in range(3)]]
    peer.send(thief.note(newest.signed))
    first = len(station.store.entries(own.log, 0, 99))
    run = peer.run(peer.open_log(charter), party=1)
    given_back = type(run)(
        channel=run.channel, party=1, first=first, entries=forged[1 : 1 + len(rows) - first]
    )
    peer.send(given_back, thief.note(newest.signed))
    station.settle()

    report: MendReport = station.engine.traffic.newest.mending.reports[charter.channel_id]
    assert report.brought == 0
    assert report.differing == (peer.party,)
    held = [row.raw for row in station.store.entries(own.log, 0, 99)]
    assert held == [row.raw for row in rows[: len(held)]]


def new_text(text: str):
    from parley.station.effects import NewEntry  # noqa: PLC0415 - only here

    return NewEntry(kind=1, fields={2: text})


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_row_45_whoever_received_it_could_have_made_the_very_same_record(said, invented) -> None:
    """Leaf, root, statement and signature are those of any other body of the same header."""
    alfa = make_identity("ALFA")
    records: list[tuple[object, ...]] = []
    opening = entry("", kind=0)
    root = None
    signed = None
    for body in (said, invented):
        off = entry(body, flags=OFF_RECORD)
        replica = Replica(LOG)
        assert replica.arrive(0, opening, encode_entry(opening))
        assert replica.arrive(1, off, encode_entry(off))
        root = replica.tree.root_at(2)
        assert root is not None
        if signed is None:
            statement = Statement(
                channel=LOG.channel,
                party=LOG.party,
                inc=LOG.inc,
                size=2,
                root=root,
                no=0,
                time=Instant(1_800_000_000),
                holds=(),
            )
            signed = sign_statement(statement, key_number=alfa.key_number, signer=alfa.signer)
        taken = replica.accept(signed)
        records.append((root, signed, [one.leaf for one in taken], replica.holding()))

    assert records[0] == records[1]


def test_row_45_nothing_that_is_exported_holds_it() -> None:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    log = peer.open_log(peer.propose())
    peer.say(log, "for the record")
    peer.write(log, 1, {2: "between us"}, flags=OFF_RECORD)
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    peer.received()
    cards = {one.party: [one] for one in (peer.identity.card, station.sim.identity.card)}

    raw = Exporter(station.store, cards).record(log.id.channel)

    assert station.store.entries(log.id, 0, 9)[2].raw.count(b"between us") == 1
    assert b"for the record" in raw
    assert b"between us" not in raw
    statements = [row.signed.statement.text() for row in station.store.statements(log.id, 0, 9)]
    assert not any("between us" in text for text in statements)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["yes", "no", "0", "1"]), st.binary(min_size=32, max_size=32))
def test_row_46_what_is_withheld_cannot_be_tried_out(secret, hide) -> None:
    """Trying likely values needs the salt; neither other salts nor another log's hide give it."""
    shown = commitment(hide, 4, 2, secret)
    for guess, other in itertools.product(["yes", "no", "0", "1"], (HIDE, bytes(32))):
        if other != hide:
            assert commitment(other, 4, 2, guess) != shown
    assert commitment(hide, 5, 2, secret) != shown
    assert commitment(hide, 4, 3, secret) != shown


def test_row_46_an_entry_off_the_record_that_is_not_shown_cannot_be_guessed() -> None:
    """An extract of its neighbour gives its leaf: with what stands in its header nobody finds it."""
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    log = peer.open_log(peer.propose())
    hidden = peer.write(log, 1, {2: "between us"}, flags=OFF_RECORD)
    place = peer.write(log, 1, {2: "for the record"})
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    peer.received()
    cards = {one.party: [one] for one in (peer.identity.card, station.sim.identity.card)}

    bundle = decode_bundle(Exporter(station.store, cards).extract([(log.id, place)]))

    (part,) = [part for part in bundle.parts if place in part.leaves]
    raw = station.store.entries(log.id, hidden, hidden + 1)[0].raw
    entry = decode_entry(raw, others=1)
    header = [entry.kind, entry.time, entry.flags, *entry.seen]
    guesses = [None, {}, b"", bytes(16), {2: bytes(32)}]
    tried = {sha256(b"\0" + canon.encode([*header, guess])).digest() for guess in guesses}
    assert hidden not in part.leaves
    assert part.nodes[0, hidden] == station.store.entries(log.id, hidden, hidden + 1)[0].leaf
    assert part.nodes[0, hidden] not in tried
    without = leaf_hash(entry, hide=bytes(32), index=hidden, inc=log.id.inc)
    assert part.nodes[0, hidden] != without  # the log's secret is what it takes


def test_row_46_two_extracts_of_one_entry_say_the_same_of_what_both_withhold() -> None:
    """What one shows and the other keeps back is under one commitment in both."""
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    log = peer.open_log(peer.propose())
    place = peer.write(log, 16, {16: [["en", 0, "Call us."]], 5: 3600, 25: "subject"})
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    peer.received()
    cards = {one.party: [one] for one in (peer.identity.card, station.sim.identity.card)}
    exporter = Exporter(station.store, cards)

    seen: dict[int, set[bytes]] = {}
    for withheld in itertools.chain.from_iterable(
        itertools.combinations((5, 16, 25), count) for count in range(4)
    ):
        bundle = decode_bundle(exporter.extract([(log.id, place)], withhold=withheld))
        (view,) = [part.leaves[place] for part in bundle.parts if place in part.leaves]
        assert set(view.commitments or {}) == {5, 16, 25}
        assert set(view.opened) == {5, 16, 25} - set(withheld)
        for number, value in (view.commitments or {}).items():
            seen.setdefault(number, set()).add(bytes(value))
    assert [len(values) for values in seen.values()] == [1, 1, 1]
