"""Keying frames at a station: what is kept of them, and what work a stranger can cause."""

from dataclasses import replace

from parley.core import frame, items, keying, limits
from parley.core.link_secrets import LinkSecrets
from parley.station.link_state import Traits
from support.hand_peer import HandPeer, RealStation


def count_checks(monkeypatch):
    seen = []
    original = LinkSecrets.verifies

    def counted(self, offered, now):
        seen.append(offered.epoch)
        return original(self, offered, now)

    monkeypatch.setattr(LinkSecrets, "verifies", counted)
    return seen


def forged(raw, epoch, *, prekey=None):
    offered = keying.decode_keying(raw[frame.HEADER_BYTES :])
    prekey = offered.prekey if prekey is None else prekey
    return frame.keying_frame(replace(offered, epoch=epoch, prekey=prekey).encode())


def epoch_of(raw):
    return keying.decode_keying(raw[frame.HEADER_BYTES :]).epoch


def test_accepted_epochs_are_kept_for_each_node_over_a_restart():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    peer.time += 500
    of_node_1 = peer.new_epoch(node=1)
    peer.deliver(of_node_1)
    peer.time += 500
    of_node_0 = peer.new_epoch(node=0)
    peer.deliver(of_node_0)

    station.restart()

    link = station.engine.links[peer.party]
    assert link.secrets.accepted == {0: epoch_of(of_node_0), 1: epoch_of(of_node_1)}
    assert link.secrets.is_stale(keying.decode_keying(of_node_1[frame.HEADER_BYTES :]))


def test_forged_keying_frames_cause_twenty_checks_a_second_and_no_more(monkeypatch):
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    raw = peer.new_epoch()
    checks = count_checks(monkeypatch)
    station.steady += 1

    for number in range(30):
        peer.deliver(forged(raw, peer.time + 100 + number))
    within_a_second = len(checks)
    station.steady += 1
    peer.deliver(forged(raw, peer.time + 200))

    assert within_a_second == limits.KEYING_CHECKS_PER_SECOND
    assert len(checks) == within_a_second + 1


def test_stale_epochs_and_dead_prekeys_do_not_use_up_what_honest_frames_need(monkeypatch):
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    raw = peer.new_epoch()
    checks = count_checks(monkeypatch)

    for number in range(30):
        peer.deliver(forged(raw, 1 + number), forged(raw, peer.time + number, prekey=99))
    assert len(checks) == 1  # a stale epoch may be an honest restart: looked at once in a while

    peer.time += 10
    peer.deliver(peer.new_epoch())
    peer.send(items.Ping(7))
    assert items.Pong(7) in peer.received()


def test_replays_of_a_keying_frame_on_a_new_path_are_looked_at_once_in_a_while(monkeypatch):
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    replay = peer.new_epoch()
    peer.deliver(replay)
    checks = count_checks(monkeypatch)
    station.engine.path_up(
        2, station.engine.links[peer.party].paths[1].traits, station.now, peer=None
    )

    for number in range(30):
        station.engine.frames_received(2, [forged(replay, 1 + number)], station.now)
        station.settle()

    assert len(checks) == 1


def test_a_peer_restarted_with_its_clock_behind_is_answered_under_a_key_it_can_open():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect(Traits(rate_bps=2_400, frame_bytes_max=2_048))
    peer.received()
    station.steady += 100

    restarted = HandPeer(station)
    restarted.time -= 3_600
    restarted.deliver(restarted.new_epoch())
    answers = restarted.received()

    refusals = [item for item in answers if isinstance(item, items.Refuse)]
    assert [(refusal.code, refusal.about) for refusal in refusals] == [
        (items.REFUSE_NO_KEY, peer.time)
    ]
    restarted.secrets.ask_above(refusals[0].about)
    restarted.deliver(restarted.new_epoch())
    restarted.send(items.Ping(9))
    assert items.Pong(9) in restarted.received()


def test_our_own_epochs_go_on_over_restarts_however_far_ahead_of_the_clock():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    link = station.engine.links[peer.party]
    for _ in range(8):
        link.secrets.start_epoch(station.now.wall, bytes)
    ahead = link.secrets.last_sent
    station.pass_time(1)

    station.restart()
    station.restart()

    link = station.engine.links[peer.party]
    raw = link.secrets.start_epoch(station.now.wall, bytes)
    assert ahead > station.now.wall + 20_000
    assert epoch_of(raw) > ahead


def test_keys_lost_both_ways_go_out_again_soon_and_ever_more_seldom():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect(Traits(rate_bps=2_400))
    peer.received()
    peer.new_epoch()  # lost on the way, as ours may have been: nobody answers it
    sent = []

    for tens in range(1, 181):
        station.pass_time(10)
        before = len(peer.keyings)
        peer.send(items.Ping(tens))
        peer.received()
        sent += [10 * tens] * (len(peer.keyings) - before)

    assert sent[0] <= 60
    assert 4 <= len(sent) <= 9
    assert sent[-1] - sent[-2] >= 300, "who cannot answer is not asked all day long"


def test_an_answered_key_is_not_sent_again_for_what_nobody_can_open():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    station.pass_time(6)
    pings = [item for item in peer.received() if isinstance(item, items.Ping)]
    peer.send(*[items.Pong(ping.number) for ping in pings])
    before = len(peer.keyings)
    peer.new_epoch()

    for number in range(4):
        station.steady += 1.5
        peer.send(items.Ping(number))
        peer.received()

    assert len(peer.keyings) == before
