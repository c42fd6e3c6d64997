"""Cards and prekeys that change while stations talk: what is told, what is taken, what refused."""

import pytest

from parley.core import frame, items, keying
from parley.core.entry import Kind
from parley.sim.people import WORLD_START, make_identity
from parley.station.facts import CardRenewed
from parley.station.link_state import Traits
from support.hand_peer import HandPeer, RealStation
from support.renewed_cards import real_prekey, renewed


def connected():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    peer.received()
    return station, peer


def held_card(station, peer):
    return station.engine.links[peer.party].card


def renewals(station):
    return [fact for fact in station.sim.facts if isinstance(fact, CardRenewed)]


def test_a_newer_card_of_the_same_root_is_taken_and_told():
    station, peer = connected()
    card = renewed("ALFA").card

    peer.send(items.CardItem(card.raw))
    peer.send(items.CardItem(card.raw))

    assert held_card(station, peer) == card
    assert station.engine.ledger.cards[peer.party] == card
    assert [fact.raw for fact in renewals(station)] == [card.raw]


def test_an_older_card_changes_nothing_and_alarms_nobody():
    station, peer = connected()
    peer.send(items.CardItem(renewed("ALFA", 3).card.raw))
    station.pass_time(60)

    peer.send(items.CardItem(renewed("ALFA", 2).card.raw))

    assert held_card(station, peer).sequence == 3
    assert station.alarms("wrong-key") == []


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (renewed("ALFA", root="MALLORY"), "another root"),
        (renewed("ALFA", 1, name="Station ALFA again"), "two different cards"),
        (renewed("ALFA", key=0), "another station key"),
    ],
)
def test_a_card_that_cannot_follow_the_one_held_is_an_alarm_and_is_not_taken(shown, said):
    station, peer = connected()

    peer.send(items.CardItem(shown.card.raw))

    assert held_card(station, peer) == make_identity("ALFA").card
    [alarm] = station.alarms("wrong-key")
    assert said in alarm.text


def test_a_card_that_its_root_did_not_sign_ends_the_path():
    station, peer = connected()
    raw = bytearray(renewed("ALFA").card.raw)
    raw[-1] ^= 1

    peer.send(items.CardItem(bytes(raw)))

    assert held_card(station, peer) == make_identity("ALFA").card
    [alarm] = station.alarms("malformed")
    assert "not signed by its root" in alarm.text


def test_of_one_peer_a_card_is_checked_once_in_half_a_minute():
    station, peer = connected()
    peer.send(items.CardItem(renewed("ALFA", 2).card.raw))

    peer.send(items.CardItem(renewed("ALFA", 3).card.raw))
    at_once = held_card(station, peer).sequence
    station.pass_time(31)
    peer.send(items.CardItem(renewed("ALFA", 3).card.raw))

    assert (at_once, held_card(station, peer).sequence) == (2, 3)


def test_a_statement_under_an_unknown_key_is_answered_by_asking_for_the_card():
    station, peer = connected()
    charter = peer.propose()
    log = peer.open_log(charter)
    peer.received()
    peer.identity = renewed("ALFA")
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    wanted = [item for item in peer.received() if isinstance(item, items.Need)]
    [need] = [item for item in wanted if item.what == items.NEED_CARD]
    assert (need.channel, need.party) == (charter.number, 0)

    peer.send(items.CardItem(peer.identity.card.raw))
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))

    state = station.engine.ledger.channels[charter.channel_id]
    assert state.record.logs[peer.party].signed == 1


def test_who_asks_for_our_card_gets_it_and_our_statement_again():
    station, peer = connected()
    charter = peer.propose()
    peer.received()

    peer.send(
        items.Need(channel=charter.number, party=1, inc=None, ranges=(), what=items.NEED_CARD)
    )

    told = peer.received()
    assert items.CardItem(station.sim.identity.card.raw) in told
    assert any(isinstance(item, items.Run | items.Stmt) for item in told)


def test_a_card_in_the_peers_log_is_taken_too():
    station, peer = connected()
    charter = peer.propose()
    log = peer.open_log(charter)
    card = renewed("ALFA").card
    peer.write(log, Kind.CARD, {16: card.raw})

    peer.send(peer.run(log), peer.stmt(peer.statement(log)))

    assert held_card(station, peer) == card


def test_a_published_prekey_is_used_for_the_next_epoch_and_kept_over_a_restart():
    station, peer = connected()
    prekey, _ = real_prekey("ALFA", 7)

    peer.send(items.PrekeyItem(prekey.value()))
    raw = station.engine.next_frames(peer.path, station.now)[0]

    assert keying.decode_keying(raw[frame.HEADER_BYTES :]).prekey == 7
    station.restart()
    assert station.engine.links[peer.party].secrets.fresh == prekey


def test_a_prekey_that_the_peer_did_not_sign_ends_the_path():
    station, peer = connected()
    prekey, _ = real_prekey("ALFA", 7, signer=1)

    peer.send(items.PrekeyItem(prekey.value()))

    assert station.engine.links[peer.party].secrets.fresh is None
    [alarm] = station.alarms("malformed")
    assert "did not sign" in alarm.text


def test_a_prekey_that_ends_earlier_than_the_one_held_changes_nothing():
    station, peer = connected()
    late, _ = real_prekey("ALFA", 8, expires=WORLD_START + 1_000)
    early, _ = real_prekey("ALFA", 7, expires=WORLD_START + 500)

    peer.send(items.PrekeyItem(late.value()))
    peer.send(items.PrekeyItem(early.value()))

    assert station.engine.links[peer.party].secrets.fresh == late


def test_where_nobody_answers_the_prekey_of_the_card_has_its_turn():
    station, peer = connected()
    prekey, _ = real_prekey("ALFA", 7)
    peer.send(items.PrekeyItem(prekey.value()))
    secrets = station.engine.links[peer.party].secrets

    used = [secrets.live_prekey(WORLD_START)]
    secrets.start_epoch(WORLD_START, bytes)
    used.append(secrets.live_prekey(WORLD_START))

    assert {one.number for one in used} == {1, 7}


def test_a_card_that_revokes_a_key_ends_every_epoch_that_it_may_have_started():
    station, peer = connected()
    assert station.engine.links[peer.party].secrets.can_open

    peer.send(items.CardItem(renewed("ALFA", revoke=True).card.raw))

    secrets = station.engine.links[peer.party].secrets
    assert not secrets.can_open
    stolen = peer.new_epoch()  # under key 0
    assert not secrets.verifies(keying.decode_keying(stolen[frame.HEADER_BYTES :]), peer.time)


def test_a_renewed_station_writes_its_card_under_the_key_before_and_goes_on_under_the_new_one():
    station, peer = connected()
    charter = peer.propose()
    size = station.engine.ledger.channels[charter.channel_id].record.own.signed

    station.sim.identity = renewed("BRAVO")
    station.restart()
    station.pass_time(4)

    own = station.engine.ledger.channels[charter.channel_id].record.own
    assert own.signed == size + 1
    rows = station.store.statements(own.log, 0, 100)
    covering = [row.signed.key_number for row in rows if row.signed.statement.size == size + 1]
    assert covering == [0, 1]
    station.restart()
    station.pass_time(4)
    assert station.engine.ledger.channels[charter.channel_id].record.own.signed == size + 1


def test_a_renewed_station_shows_its_card_first_and_signs_its_keying_under_both_keys():
    station = RealStation()
    station.sim.identity = renewed("BRAVO")
    station.restart()
    peer = HandPeer(station)
    peer.connect()

    told = peer.received()

    assert isinstance(told[0], items.Hello)
    assert items.CardItem(station.sim.identity.card.raw) in told
    offered = [one for one in peer.keyings if one.sender == station.sim.party]
    assert {one.key_number for one in offered} == {0, 1}
    assert len({(one.epoch, one.sealed) for one in offered}) == 1


def test_nothing_of_some_thousand_bytes_is_put_on_a_narrow_path():
    station = RealStation()
    station.sim.identity = renewed("BRAVO")
    station.restart()
    peer = HandPeer(station)
    peer.connect(Traits(rate_bps=300))

    assert not any(isinstance(item, items.CardItem) for item in peer.received())
