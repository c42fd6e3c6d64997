"""A statement that is told again does not take the whole of a slow line."""

from parley.core.entry import Precedence
from parley.core.frame import read_header
from parley.core.item_reading import decode_items
from parley.core.items import Run, Stmt
from parley.station.effects import NewEntry
from parley.station.traits import Traits
from support.hand_peer import HandPeer, RealStation

LINE = Traits(rate_bps=75)
"""A frame of it carries a statement or an entry."""


def in_next_frames(station, peer):
    """Return what goes out now, before the line is free again."""
    frames = station.engine.next_frames(peer.path, station.now)
    station.settle()
    return [
        one for raw in frames for one in decode_items(peer.secrets.open(raw, read_header(raw)))[0]
    ]


def test_who_calls_for_the_same_receipt_in_every_frame_still_gets_what_it_lacks():
    station = RealStation()
    peer = HandPeer(station)
    peer.connect(LINE)
    charter = peer.propose()
    log = peer.open_log(charter)
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    peer.received()
    word = NewEntry(kind=1, flags=int(Precedence.ROUTINE), fields={2: "x"})
    station.sim.append(charter.channel_id, [word], station.steady)
    station.settle()

    came = []
    for _ in range(12):
        peer.send(peer.run(log))  # what it lacks to read our receipt for this waits at our side
        came += map(type, in_next_frames(station, peer))

    assert came.count(Stmt) >= 6
    assert Run in came
