"""Padded paths: what is filled up, when frames leave, and what dummies say of life."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.carriers.address import parse_address
from parley.carriers.loopback import loopback_pair
from parley.core import frame, items, padding
from parley.core.ids import PartyId
from parley.core.item_reading import decode_items
from parley.station.paths import Paths
from parley.station.traits import Traits
from support.hand_peer import HandPeer, RealStation
from virtual_time import run_in_virtual_time

PADDED = Traits(rate_bps=4_096, frame_bytes_max=512, padded=True)


@given(st.integers(8, 500).map(lambda n: 8 * n), st.data())
def test_any_items_are_filled_to_the_very_length_and_read_back(size: int, data) -> None:
    traits = Traits(rate_bps=size * 8, frame_bytes_max=size, padded=True)
    used = data.draw(st.integers(0, traits.room))
    plain = items.padding(used) if used >= 3 else b""

    filled = traits.filled(plain)

    assert len(filled) + 22 == size
    assert filled.startswith(plain)
    found, faults = decode_items(filled)
    assert not found  # PAD says nothing
    assert not faults


@given(st.floats(0.1, 60), st.lists(st.floats(0, 200), max_size=50))
def test_turns_stay_on_their_grid_and_none_is_made_up_for(every: float, waits: list[float]) -> None:
    turns = padding.Turns(every, now=5.0)
    now, taken = 5.0, 0
    for wait in waits:
        now += wait
        taken += turns.take(now)
        assert now < turns.next <= now + every * 1.000001
        assert not turns.take(now)
        assert abs((turns.next - 5.0) / every - round((turns.next - 5.0) / every)) < 1e-6
    assert taken <= (now - 5.0) / every + 1.000001


@pytest.mark.parametrize(
    ("size", "rate", "problem"),
    [
        (56, 2_400, "64 to 32768 bytes"),
        (32_776, 10**6, "64 to 32768 bytes"),
        (100, 2_400, "a multiple of 8, not 100"),
        (512, 68, "every 60.2 s; .* from 69 to 40960 bit/s"),
        (512, 40_961, "every 0.1 s; .* from 69 to 40960 bit/s"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_bounds(size: int, rate: int, problem: str) -> None:
    with pytest.raises(padding.UsageError, match=problem):
        padding.check(size, rate)
    padding.check(512, 69)
    padding.check(512, 40_960)


def test_a_slow_turn_makes_a_path_narrow_however_long_its_frames() -> None:
    slow = Traits(rate_bps=26_214, frame_bytes_max=32_768, padded=True)

    assert slow.narrow
    assert not Traits(rate_bps=26_214).narrow
    assert slow.airtime(1) == slow.airtime(32_768) == slow.turn_seconds


class Talker:
    """What a station hands to one padded path: a frame at each turn, some late in the making."""

    def __init__(self, every: float) -> None:
        self.turns = padding.Turns(every, now=0.0)
        self.made = 0

    def path_up(self, number: int, traits: Traits, peer: PartyId | None, address: str) -> None:
        """Take no note."""

    def path_down(self, number: int) -> None:
        """Take no note."""

    def frames_received(self, number: int, frames: list[bytes]) -> None:
        """Take no note."""

    def next_frames(self, number: int, *, limit: int = 8) -> list[bytes]:
        if not self.turns.take(asyncio.get_running_loop().time()):
            return []
        self.made += 1
        return [bytes(512)]

    def next_turn(self, number: int) -> float | None:
        return self.turns.next


def test_a_padded_path_sends_at_its_turns_and_at_no_other_time() -> None:
    async def watch() -> list[float]:
        clock = asyncio.get_running_loop().time
        ours, theirs = loopback_pair()
        user = Talker(1.0)
        paths = Paths(user, certificate=None, log=lambda *_args, **_details: None)
        address = "loopback:b?rate=4096&pad=512"
        using = asyncio.create_task(paths._use(ours, None, address, parse_address(address)))
        times: list[float] = []
        while len(times) < 10:
            for raw in await theirs.receive():
                assert len(raw) == 512
                times.append(clock())
            paths.wake()  # something waits: that changes nothing
            await asyncio.sleep(0.1)
            paths.wake()
        using.cancel()
        await asyncio.gather(using, return_exceptions=True)
        return times

    times = run_in_virtual_time(watch())

    assert times == pytest.approx([number + 0.02 for number in range(10)])


def test_dummies_are_no_life_and_say_whether_the_peer_pads() -> None:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect(PADDED)
    link = station.engine.links[peer.party]
    path = link.paths[1]
    told = len(station.sim.facts)

    for _ in range(100):
        station.steady += 1
        peer.send_raw(PADDED.filled(b""))

    assert not link.alive
    assert link.heard is None
    assert len(station.sim.facts) == told
    assert path.peer_pads is False  # its key exchange came whole
    path.heard_bytes, path.heard_varies = 0, False
    peer.send_raw(PADDED.filled(b""))
    assert path.peer_pads is True


def test_a_padded_path_goes_before_a_cheaper_one() -> None:
    station = RealStation()
    peer = HandPeer(station)
    station.engine.path_up(1, Traits(), station.now, peer=peer.party)
    station.engine.path_up(2, Traits(cost=0), station.now, peer=peer.party)
    dear = Traits(rate_bps=4_096, frame_bytes_max=512, padded=True, cost=90)
    station.engine.path_up(3, dear, station.now, peer=peer.party)

    best = station.engine.links[peer.party].best_path()

    assert best is not None
    assert best.number == 3


def test_a_second_padded_path_is_never_silent_either() -> None:
    station = RealStation()
    peer = HandPeer(station)
    for number, cost in ((1, 0), (2, 5)):
        traits = Traits(rate_bps=4_096, frame_bytes_max=512, padded=True, cost=cost)
        station.engine.path_up(number, traits, station.now, peer=peer.party)

    for _ in range(30):
        for number in (1, 2):
            (raw,) = station.engine.next_frames(number, station.now)
            assert len(raw) == 512
            assert frame.read_header(raw).kind in (frame.DATA, frame.PIECE)
            assert station.engine.next_frames(number, station.now) == []
        station.steady += 1.0
