"""The case index is a function of the logs, whatever the order in which they came."""

import random

import pytest

from parley.core import items
from parley.store.verify import derived_index, verify_rows
from support.hand_peer import CHANNEL_NUMBER, HandPeer, RealStation, nothing_held


def index_of(store):
    channels = {row.log.channel for row in store.logs()}
    return {(row.log, row.index): row for channel in channels for row in store.index_rows(channel)}


def rebuilt(store):
    return {(row.log, row.index): row for row in derived_index(store)}


def talking():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    return station, peer, peer.propose()


def holds_of(station, log, size):
    """Return what a statement over `size` entries must say: the incarnation of the last turn."""
    turns = [entry.fields for entry in log.entries[:size] if entry.kind == 3]
    incs = [fields[17] for fields in turns if fields[16] == 1]
    return [nothing_held(station.sim.party, incs[-1])] if incs else []


def test_a_turn_that_comes_after_what_refers_by_it_sets_the_index_right():
    station, peer, charter = talking()
    inc = station.engine.ledger.channels[charter.channel_id].record.own.log.inc
    log = peer.open_log(charter)
    peer.write(log, 3, {16: 1, 17: bytes(8)})
    peer.write(log, 3, {16: 1, 17: inc})
    peer.write(log, 2, {1: [1, 0]})
    peer.send(peer.run(log, 0, 2))
    hashes = tuple(log.tree().nodes_covering(2, 3))
    nodes = items.Nodes(channel=CHANNEL_NUMBER, party=0, first=2, hashes=hashes)
    late = peer.statement(log, holds=holds_of(station, log, 4))

    peer.send(nodes, peer.run(log, 3, 4), peer.note(late))
    before = index_of(station.store)
    peer.send(peer.run(log, 2, 3))

    assert before[log.id, 3].case_log.inc == bytes(8)
    assert index_of(station.store)[log.id, 3].case_log.inc == inc
    assert index_of(station.store) == rebuilt(station.store)


def story(peer, charter, chance):
    """Write a log with turns to several incarnations, and references short and long."""
    log = peer.open_log(charter)
    for _ in range(chance.randint(6, 24)):
        dice = chance.random()
        inc = bytes([chance.randint(1, 3)]) * 8
        if dice < 0.3:
            peer.write(log, 3, {16: chance.choice([1, 1, 1, 7]), 17: inc})
            continue
        fields = {2: "words"}
        if dice < 0.8:
            field = chance.choice([1, 4])
            place = [chance.randint(0, 1), chance.randint(0, 9)]
            fields[field] = [*place, inc] if chance.random() < 0.2 else place
        peer.write(log, 1, fields, flags=chance.choice([0, 3]))
    return log


@pytest.mark.parametrize("seed", range(40))
def test_in_whatever_order_entries_come_the_index_is_the_rebuilt_one(seed):
    chance = random.Random(seed)
    station, peer, charter = talking()
    log = story(peer, charter, chance)
    size = len(log.entries)
    peer.send(peer.run(log, 0, 1))

    # A statement over everything, with what overtook others and hashes for the rest.
    signed = []
    for end in sorted({size, chance.randint(1, size)}):
        signed.append(peer.statement(log, end, holds=holds_of(station, log, end)))
    present = sorted({0, *(at for at in range(1, size) if chance.random() < 0.5)})
    at = 1
    for index in [*present[1:], size]:
        if index < size:
            if index > at:
                hashes = tuple(log.tree().nodes_covering(at, index))
                peer.send(items.Nodes(channel=CHANNEL_NUMBER, party=0, first=at, hashes=hashes))
            peer.send(peer.run(log, index, index + 1))
        at = index + 1
    for note in signed:
        peer.send(peer.note(note))
    missing = [index for index in range(size) if index not in present]
    chance.shuffle(missing)
    for index in missing:
        peer.send(peer.run(log, index, index + 1))
        if chance.random() < 0.2:
            station.restart()
            peer.connect()
        assert index_of(station.store) == rebuilt(station.store)
    for _ in range(3):
        peer.send(peer.run(log), *(peer.note(note) for note in signed))

    assert index_of(station.store) == rebuilt(station.store)
    assert len(station.store.entries(log.id, 0, 100)) == size
    assert verify_rows(station.store).wrong is None
