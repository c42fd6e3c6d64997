"""What a relay can do with frames: send them twice, late, back, or to somebody else."""

from __future__ import annotations

from parley.core import frame, items, keying
from parley.core.link_secrets import LinkSecrets
from parley.sim.network import Weather
from parley.sim.people import make_identity
from parley.sim.world import World
from parley.store.verify import verify_rows
from support.hand_peer import HandPeer, RealStation


def spoken(duplication: float) -> tuple[dict[str, list[bytes]], list[str]]:
    """Let two stations talk; return what each holds, and the kinds of their alarms."""
    world = World(3, ("ALFA", "BRAVO"))
    world.connect("ALFA", "BRAVO", weather=Weather(duplication=duplication))
    channel = world.open_channel("OPS", ("ALFA", "BRAVO"))
    for number in range(10):
        world.say("ALFA", channel, f"ALFA {number}", flags=number % 4)
        world.say("BRAVO", channel, f"BRAVO {number}")
        world.run(world.steady + 1)
    world.run(world.steady + 60)
    held: dict[str, list[bytes]] = {}
    alarms: list[str] = []
    for code, station in world.stations.items():
        store = station.disk.store
        assert verify_rows(store).wrong is None
        rows = [row for log in store.logs() for row in store.entries(log.log, 0, 999)]
        held[code] = sorted(row.raw for row in rows)
        alarms += [alarm.kind for alarm in station.alarms()]
    return held, alarms


def test_row_07_every_frame_twice_changes_nothing() -> None:
    once, _ = spoken(0.0)
    twice, alarms = spoken(1.0)

    assert alarms == []
    assert [len(rows) for rows in twice.values()] == [len(rows) for rows in once.values()]
    assert twice["ALFA"] == twice["BRAVO"]
    assert len(set(twice["ALFA"])) == len(twice["ALFA"])


def test_row_08_the_whole_history_replayed_after_a_restart_changes_nothing() -> None:
    station = RealStation()
    peer = HandPeer(station)
    heard: list[bytes] = []
    deliver = peer.deliver

    def tapped(*frames: bytes) -> None:
        heard.extend(frames)
        deliver(*frames)

    peer.deliver = tapped  # type: ignore[method-assign]
    peer.connect()
    log = peer.open_log(peer.propose())
    peer.say(log, "one")
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    station.restart()
    station.pass_time(4)
    before = station.store.sequence()

    station.engine.path_up(9, peer_traits(), station.now, peer=None)
    station.engine.frames_received(9, heard, station.now)
    station.settle()

    assert station.store.sequence() == before
    assert not station.engine.links[peer.party].alive


def peer_traits():
    from parley.station.link_state import Traits  # noqa: PLC0415 - only here

    return Traits()


def test_row_09_our_own_frames_come_back_to_nothing() -> None:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    peer.propose()
    ours: list[bytes] = []
    while frames := station.engine.next_frames(peer.path, station.now):
        ours += frames
    before = station.store.sequence()

    station.engine.frames_received(peer.path, ours, station.now)
    station.settle()

    assert len(ours) >= 2
    assert station.store.sequence() == before
    assert station.alarms("malformed") == []


def test_row_10_a_key_sealed_to_one_station_opens_at_no_other() -> None:
    alfa, bravo, charlie = map(make_identity, ("ALFA", "BRAVO", "CHARLIE"))
    to_bravo = LinkSecrets(alfa, bravo.card)
    raw = to_bravo.start_epoch(1_800_000_000, lambda size: bytes(range(size)))
    assert raw is not None
    offered = keying.decode_keying(raw[frame.HEADER_BYTES :])

    assert LinkSecrets(bravo, alfa.card).accept(offered, 1_800_000_000)
    assert not LinkSecrets(charlie, alfa.card).accept(offered, 1_800_000_000)
    assert not LinkSecrets(bravo, charlie.card).accept(offered, 1_800_000_000)


def test_row_12_another_version_is_refused_inside_the_seal() -> None:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    peer.received()

    peer.send(items.Hello(least=2, most=3))

    refused = [item for item in peer.received() if isinstance(item, items.Refuse)]
    assert [item.code for item in refused] == [items.REFUSE_VERSION]
