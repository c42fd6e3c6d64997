"""Noise that looks like the early end of a frame: what was cut is nothing, and is sent again."""

from __future__ import annotations

from collections import Counter

import pytest

from parley.core.entry import Kind, Precedence
from parley.core.frame import HEADER_BYTES
from parley.core.ids import ChannelId
from parley.core.items import (
    NEED_NOTE,
    REFUSE_MALFORMED,
    REFUSE_NO_KEY,
    Held,
    Need,
    Nodes,
    Refuse,
)
from parley.core.record import F_TURN_INC, F_TURN_PARTY
from parley.sim.network import SimPath, Weather
from parley.sim.world import World
from parley.station.facts import EntryStored
from parley.station.traits import Traits
from parley.store.verify import verify_rows
from support.hand_peer import CHANNEL_NUMBER, HandPeer, RealStation, nothing_held

ROUTINES = 40


class Line:
    """Two stations that share one slow line, and one that dials again when it is hung up.

    Attributes:
        lengths: of the frames sent, those that begin a key exchange apart.
    """

    def __init__(self, traits: Traits, seed: int = 1) -> None:
        self.world = World(seed, ("ALFA", "BRAVO"))
        self.lengths: list[int] = []
        self.world.keep = lambda path, sender, raw: self._note(raw)
        self.path: SimPath = self.world.connect(
            "ALFA", "BRAVO", traits=traits, weather=Weather(delay_seconds=0.3), half_duplex=True
        )
        parties = ("ALFA", "BRAVO")
        self.channel: ChannelId = self.world.open_channel("ALFA", parties, within=86_400)
        self.pass_time(600)

    def _note(self, raw: bytes) -> None:
        if raw[0] >> 4 & 3 == 0:
            self.lengths.append(len(raw))

    def say(self, text: str, *, flags: int = 0) -> None:
        for code in ("ALFA", "BRAVO"):
            self.world.say(code, self.channel, f"{text} of {code}", flags=flags)

    def pass_time(self, seconds: float) -> None:
        until = self.world.steady + seconds
        while self.world.steady < until:
            self.world.run(min(self.world.steady + 30, until))
            self.world.pick_up(self.path)

    def storm(self, cut_off: float, minutes: int) -> None:
        """Let noise cut frames, with something of FLASH every three minutes."""
        self.path.weather.cut_off = cut_off
        for minute in range(0, minutes, 3):
            self.say(f"FLASH {minute}", flags=Precedence.FLASH)
            self.pass_time(180)
        self.path.weather.cut_off = 0.0

    def heard(self, code: str) -> list[str]:
        return [
            str(fact.entry.fields[2])
            for fact in self.world.stations[code].facts
            if isinstance(fact, EntryStored) and not fact.own and fact.entry.kind == 1
        ]

    def routine(self) -> list[int]:
        return [
            sum(text.startswith("ROUTINE") for text in self.heard(code))
            for code in ("ALFA", "BRAVO")
        ]

    def check(self, said: int) -> None:
        """Check that each heard all of the other's once, and that nobody is blamed."""
        held = []
        for code, station in self.world.stations.items():
            assert len(self.heard(code)) == said
            assert max(Counter(self.heard(code)).values()) == 1
            assert station.alarms() == []
            store = station.disk.store
            assert verify_rows(store).wrong is None
            held.append({row.raw for log in store.logs() for row in store.entries(log.log, 0, 999)})
        assert held[0] == held[1]


def line_with_work(traits: Traits) -> Line:
    line = Line(traits)
    for number in range(ROUTINES):
        line.say(f"ROUTINE {number:03} {number * 7919}")
    return line


def test_row_52_in_a_storm_that_cuts_half_of_all_frames_routine_still_advances() -> None:
    line = line_with_work(Traits(rate_bps=1_200, frame_bytes_max=256))
    line.storm(0.5, 60)

    assert line.routine() == [ROUTINES, ROUTINES]
    line.pass_time(600)
    line.check(ROUTINES + 20)


@pytest.mark.parametrize(
    "traits", [Traits(rate_bps=75, frame_bytes_max=64), Traits(rate_bps=1_200)], ids=str
)
def test_row_52_after_an_hour_in_which_every_frame_was_cut_all_arrives_once(traits: Traits) -> None:
    line = line_with_work(traits)
    before = line.routine()
    line.storm(1.0, 60)

    assert line.routine() == before
    line.pass_time(4 * 3_600)
    line.check(ROUTINES + 20)


def test_row_52_a_flash_waits_for_frames_of_256_bytes_and_not_for_what_stood_before_it() -> None:
    # Nothing is cut short for it: it waits for the frame under way, on a line that both want.
    waits: list[float] = []
    for offset in range(0, 80, 20):
        line = Line(Traits(rate_bps=75))
        for number in range(8):
            line.say(f"ROUTINE {number} " + "".join(map(str, range(700))))
        line.pass_time(300 + offset)
        begun = line.world.steady
        line.world.say("ALFA", line.channel, "now", flags=Precedence.FLASH)
        assert line.world.run_until(lambda here=line: "now" in here.heard("BRAVO"), within=600)
        waits.append(line.world.steady - begun)
        assert max(line.lengths) <= 256
    assert max(waits) < 5 * 256 * 8 / 75  # its own two among them: it goes over a gap


# --- what the rest of a cut frame costs ---


def met() -> tuple[RealStation, HandPeer]:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect(Traits(rate_bps=1_200))
    peer.propose()
    station.pass_time(60)
    peer.received()
    return station, peer


def keys_asked(peer: HandPeer) -> int:
    found = peer.received()
    return sum(isinstance(item, Refuse) and item.code == REFUSE_NO_KEY for item in found)


def strange(hint: int, number: int) -> bytes:
    """Return a frame whose header can be read and whose key nobody has."""
    return b"\x40" + hint.to_bytes(2, "big") + number.to_bytes(3, "big") + bytes(40 - HEADER_BYTES)


def test_row_52_the_rest_of_a_cut_frame_asks_for_no_key_exchange() -> None:
    station, peer = met()
    for number in range(60):
        peer.deliver(strange(0x1000 + number, number))
        station.pass_time(60)

    assert keys_asked(peer) == 0


def test_a_key_that_we_lack_shows_its_hint_again_and_is_asked_for() -> None:
    _, peer = met()
    for number in range(5):
        peer.deliver(strange(0x1000 + number, number))
    peer.deliver(strange(0x1000, 9))

    assert keys_asked(peer) == 1


def test_row_52_what_overtakes_a_turn_that_was_cut_off_is_not_malformed() -> None:
    # A statement that names what it holds of us, before the entry that says which log of ours.
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    charter = peer.propose()
    log = peer.open_log(charter)
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    own = station.engine.ledger.channels[charter.channel_id].record.own
    assert own is not None
    turn = peer.write(log, Kind.TURN, {F_TURN_PARTY: 1, F_TURN_INC: own.log.inc})
    last = peer.say(log, "now")
    signed = peer.statement(log, holds=[nothing_held(station.sim.party, own.log.inc)])
    over = tuple(log.tree(last).nodes_covering(turn, last))
    peer.received()

    peer.send(
        Nodes(channel=CHANNEL_NUMBER, party=0, first=turn, hashes=over),
        peer.run(log, last),
        peer.stmt(signed, held=(Held(0),)),
    )

    asked = peer.received()
    assert not any(isinstance(item, Refuse) for item in asked)
    assert NEED_NOTE in [item.what for item in asked if isinstance(item, Need)]
    assert station.sim.alarms() == []
    peer.send(peer.run(log, turn, last))
    assert len(station.store.entries(log.id, 0, 9)) == last + 1


def test_who_never_named_our_log_and_says_what_it_holds_of_it_is_refused() -> None:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    log = peer.open_log(peer.propose())
    peer.send(peer.run(log), peer.stmt(peer.statement(log), held=(Held(0),)))

    refused = [item.code for item in peer.received() if isinstance(item, Refuse)]
    assert refused == [REFUSE_MALFORMED]
