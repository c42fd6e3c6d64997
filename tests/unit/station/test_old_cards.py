"""A party that was away too long holds a card none of whose keys is left: both ends are told."""

from dataclasses import replace

import pytest

from parley.core.items import CardItem, Ping, Pong
from parley.core.link_secrets import LinkSecrets
from parley.station.link_state import Traits
from parley.station.old_cards import LASTS_NARROW_S, LASTS_S
from support.hand_peer import HandPeer, RealStation
from support.renewed_cards import real_prekey, renewed


def with_unknown_key():
    """ALFA comes back under a key of which the card held at the station knows nothing."""
    station = RealStation()
    peer = HandPeer(station)
    peer.identity = replace(renewed("ALFA", 9, key=7), older=())
    peer.secrets = LinkSecrets(peer.identity, station.sim.identity.card)
    return station, peer


def knock(station, peer, seconds):
    """Let the peer offer a key exchange, time pass, and a path come up anew where it was cut."""
    station.engine.path_up(peer.path, Traits(), station.now, peer=None)
    station.settle()
    peer.time += int(seconds)
    peer.deliver(peer.new_epoch())
    station.pass_time(seconds)
    station.engine.path_down(peer.path, station.now)


def test_the_one_that_was_away_is_told_what_it_lacks_and_the_way_back_works():
    station, peer = with_unknown_key()
    knock(station, peer, LASTS_S / 2)
    assert not station.alarms("old-card")
    for _ in range(3):
        knock(station, peer, LASTS_S / 2)

    (alarm, *_) = station.alarms("old-card")
    assert alarm.peer == peer.party
    assert "station key 7" in alarm.text
    assert "card 1 of it" in alarm.text
    assert "parley peer add" in alarm.text
    # By hand comes what no line brings.
    station.engine.set_peer(peer.identity.card, trusted=True, now=station.now)
    station.settle()
    peer.connect()
    peer.send(Ping(5))
    assert Pong(5) in peer.received()


def test_one_that_is_heard_is_not_told_of_whatever_a_stranger_sends_in_its_name():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    _, stranger = with_unknown_key()
    stranger.station, stranger.path = station, 2
    for _ in range(12):
        for item in peer.received():
            if isinstance(item, Ping):
                peer.send(Pong(item.number))
        knock(station, stranger, LASTS_S / 6)
    assert not station.alarms("old-card")


def test_on_a_slow_line_every_older_key_has_its_turn_before_that_is_an_alarm():
    station, peer = with_unknown_key()
    station.engine.path_up(1, Traits(rate_bps=2_400), station.now, peer=None)
    for minutes in range(0, int(LASTS_NARROW_S), 1_800):
        assert not station.alarms("old-card"), minutes
        peer.time += 1_800
        peer.deliver(peer.new_epoch())
        station.pass_time(1_800)
    peer.deliver(peer.new_epoch())
    assert station.alarms("old-card")


def with_dead_prekey(station, *, knows=True):
    """ALFA seals to a prekey of the station's that is erased."""
    peer = HandPeer(station)
    peer.secrets.fresh = real_prekey("BRAVO", 77)[0]
    if not knows:
        held = station.sim.identity.card
        peer.secrets.peer = replace(held, station_keys=())
    return peer


@pytest.mark.parametrize("knows", [True, False])
def test_the_one_that_went_on_is_told_who_holds_its_old_card_and_shows_the_new_one(knows):
    station = RealStation()
    peer = with_dead_prekey(station, knows=knows)
    shown = []
    for _ in range(4):
        station.engine.path_up(peer.path, Traits(), station.now, peer=None)
        station.settle()
        peer.time += 30
        peer.secrets.answered()
        peer.deliver(peer.new_epoch())
        shown += [one for one in peer.received() if isinstance(one, CardItem)] if knows else []
        station.pass_time(LASTS_S / 2)
        station.engine.path_down(peer.path, station.now)

    (alarm, *_) = station.alarms("old-card")
    assert alarm.peer == peer.party
    assert "old card of ours" in alarm.text
    if knows:  # it reads our card on the very path on which it knocked
        assert shown[0].raw == station.sim.identity.card.raw
    # With what our card names it is heard again.
    peer.secrets = LinkSecrets(peer.identity, station.sim.identity.card)
    peer.connect()
    peer.send(Ping(6))
    assert Pong(6) in peer.received()


def test_a_stranger_that_seals_to_an_erased_prekey_in_anothers_name_brings_nothing_about():
    station = RealStation(peers=("ALFA", "CHARLIE"))
    peer = with_dead_prekey(station)
    for _ in range(4):
        station.engine.path_up(peer.path, Traits(), station.now, peer=None)
        station.settle()
        peer.time += 30
        peer.secrets.answered()
        raw = bytearray(peer.new_epoch())
        raw[-1] ^= 1
        peer.deliver(bytes(raw))
        assert peer.received() == []
        station.pass_time(LASTS_S / 2)
        station.engine.path_down(peer.path, station.now)
    assert not station.alarms("old-card")
