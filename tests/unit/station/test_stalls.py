"""Peers that begin and do not end, take and do not give: what they hold up is theirs alone."""

import random

import pytest

from parley.core import symbols
from parley.core.entry import Precedence
from parley.core.frame import read_header
from parley.core.items import CardItem, Nodes, Ping, Pong, Symbol
from parley.sim.people import make_identity
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored
from parley.station.link_state import CONTROL_MAX, Traits
from parley.station.traffic import INCOMING_MAX, STRANGERS_MAX
from support.hand_peer import CHANNEL_NUMBER, HandPeer, RealStation

FAST = Traits()


def come_in(station, *numbers):
    """Open paths on which nobody has said anything yet."""
    for number in numbers:
        station.engine.path_up(number, FAST, station.now, peer=None)
        station.settle()


def closed(station):
    """Return the numbers of the paths that the station closed, and let them be gone."""
    numbers = [number for number, _ in station.sim.to_close]
    station.sim.to_close.clear()
    for number in numbers:
        station.engine.path_down(number, station.now)
    return numbers


def honest(station, path=1):
    """Return CHARLIE with a channel of its own and a log, all told."""
    peer = HandPeer(station, "CHARLIE", path=path)
    peer.connect()
    charter = peer.propose(code="SAFE")
    log = peer.open_log(charter)
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    peer.received()
    return peer, charter, log


def flash_both_ways(station, peer, charter, log):
    """Let a FLASH go each way; it must be there after one exchange of frames, at one moment."""
    before = len(station.sim.facts)
    at = peer.write(log, 1, {2: "help"}, flags=int(Precedence.FLASH))
    peer.send(peer.run(log, at), peer.stmt(peer.statement(log)))
    stored = [fact for fact in station.sim.facts[before:] if isinstance(fact, EntryStored)]
    assert [fact.entry.precedence for fact in stored] == [Precedence.FLASH]
    flash = NewEntry(kind=1, flags=int(Precedence.FLASH), fields={2: "coming"})
    station.sim.append(charter.channel_id, [flash], station.steady)
    station.settle()
    (frame, *_) = station.engine.next_frames(peer.path, station.now)
    found = peer.secrets.open(frame, read_header(frame))
    assert b"coming" in found


def test_strangers_who_come_in_and_say_nothing_give_way_to_those_who_come_after():
    station = RealStation(peers=("ALFA", "CHARLIE"))
    peer, charter, log = honest(station)

    come_in(station, *range(100, 100 + STRANGERS_MAX + 10))

    assert closed(station) == list(range(100, 110))
    flash_both_ways(station, peer, charter, log)
    # Whoever comes in meanwhile and shows its key stays.
    late = HandPeer(station, "ALFA", path=500)
    come_in(station, 500)
    late.deliver(late.new_epoch())
    come_in(station, *range(600, 600 + 2 * STRANGERS_MAX))
    assert 500 not in closed(station)
    late.send(Ping(4))
    assert Pong(4) in late.received()


def test_a_peer_that_opens_path_after_path_keeps_the_newest_ones():
    station = RealStation(peers=("ALFA", "CHARLIE"))
    peer, charter, log = honest(station)
    hostile = HandPeer(station, "ALFA")
    for number in range(100, 100 + INCOMING_MAX + 5):
        come_in(station, number)
        hostile.path, hostile.time = number, hostile.time + 1
        hostile.deliver(hostile.new_epoch())

    assert closed(station) == list(range(100, 105))
    flash_both_ways(station, peer, charter, log)


def who_asks_and_does_not_listen(hostile):
    for number in range(2_000):
        hostile.send(Ping(number))


def who_shows_the_first_half_of_every_object(hostile):
    for number in range(60):
        obj = random.Random(number).randbytes(60_000)
        name, made = symbols.ident(obj), symbols.encode(obj, 8_192)
        for esi, data in list(zip(range(4), (data for _, data in made), strict=False)):
            hostile.send(Symbol(ident=name, size=len(obj), esi=esi, data=data))


def who_sends_frames_of_the_largest_size_that_say_nothing(hostile):
    for _ in range(30):
        hostile.send_raw(b"\x82\x00\x59\xfe\x00" + bytes(0xFE00))


def who_gives_nodes_one_by_one(hostile):
    for first in range(1, 500):
        node = Nodes(channel=CHANNEL_NUMBER, party=0, first=first, hashes=(bytes(32),))
        hostile.send(node)


def who_begins_key_exchanges(hostile):
    for _ in range(50):
        hostile.time += 1
        hostile.deliver(hostile.new_epoch())


def who_shows_cards(hostile):
    for _ in range(100):
        hostile.send(CardItem(make_identity("CHARLIE").card.raw))


@pytest.mark.parametrize(
    "act",
    [
        who_asks_and_does_not_listen,
        who_shows_the_first_half_of_every_object,
        who_sends_frames_of_the_largest_size_that_say_nothing,
        who_gives_nodes_one_by_one,
        who_begins_key_exchanges,
        who_shows_cards,
    ],
)
def test_another_peers_flash_does_not_wait_for(act):
    station = RealStation(peers=("ALFA", "CHARLIE"))
    peer, charter, log = honest(station, path=2)
    hostile = HandPeer(station, "ALFA")
    hostile.connect()

    act(hostile)

    flash_both_ways(station, peer, charter, log)
    assert len(station.engine.links[hostile.party].control) <= CONTROL_MAX
