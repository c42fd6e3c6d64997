"""Bytes on a path without IP, and a FLASH on a thin line, in the simulator's world.

The world runs the station's own engine, so the frames are those of a real path; only the clock,
the line and the disk are made up. Seconds here are the world's, the same on every machine.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.link import text_of
from parley.core.entry import Precedence, make_flags
from parley.core.ids import ChannelId
from parley.core.texts import pack_text
from parley.sim.network import Weather
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.engine import Engine
from parley.station.facts import EntryStored, ReceiptStored
from parley.station.link_state import Traits

SEED = 1
SETTLE_S = 300.0
LETTERS = "".join(chr(code) for code in range(0x21, 0x7F))
ROUTINE_CHARS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Frame bytes, header and tag included.

    Attributes:
        out, back: the FLASH with its statement, and the receipt.
        heartbeat: one statement of an idle channel, one direction.
    """

    out: int
    back: int
    heartbeat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thin:
    """A FLASH behind routine traffic: seconds of the world from handing it over.

    Attributes:
        queued_bytes: letters without order, which no compression makes fewer, waiting before it.
        at_peer_s: durable at the peer.
        receipt_s: receipt verified and durable at the sender.
    """

    rate_bps: int
    queued_bytes: int
    at_peer_s: float
    receipt_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first message on a path that has just come up: seconds of the world, median of many.

    Attributes:
        worlds: how many, each with other luck.
        at_peer_s, receipt_s: as in `Thin`.
        at_peer_worst_s, receipt_worst_s: of nine in ten worlds, the slowest.
    """

    worlds: int
    at_peer_s: float
    receipt_s: float
    at_peer_worst_s: float
    receipt_worst_s: float


class _Traffic:
    """What each station put on the path, by the world's own trace."""

    def __init__(self, world: World) -> None:
        self.bytes_from = {"ALFA": 0, "BRAVO": 0}
        self.frames: list[tuple[str, int]] = []
        world.trace = self._note

    def _note(self, line: str) -> None:
        words = line.split()
        if words[2:3] == ["->"]:
            self.bytes_from[words[1]] += int(words[6])
            self.frames.append((words[1], int(words[6])))

    def clear(self) -> None:
        """Forget what was counted."""
        self.bytes_from = dict.fromkeys(self.bytes_from, 0)
        self.frames.clear()


def rows(*, worlds: int) -> list[tuple[str, ...]]:
    """Measure thin lines; return measure, figure and target of each."""
    found: list[tuple[str, ...]] = []
    behind = thin(rate_bps=2_400, round_trip_s=1.2, queued_bytes=200_000)
    found += [
        (
            (
                f"FLASH behind {behind.queued_bytes // 1000} kB of ROUTINE, "
                f"{behind.rate_bps} bit/s, 1.2 s round trip: at the peer"
            ),
            f"{behind.at_peer_s:.1f} s",
            "≤ 6 s",
        ),
        ("the same: receipt at the sender", f"{behind.receipt_s:.1f} s", "≤ 9 s"),
    ]
    cold = first(rate_bps=300, round_trip_s=2.0, loss=0.2, worlds=worlds)
    known = first(rate_bps=75, round_trip_s=2.0, loss=0.0, worlds=3)
    for title, one, targets in (
        (
            "first FLASH on a path that comes up, 300 bit/s, 20 % loss, 2 s round trip",
            cold,
            ("≤ 15 s", "≤ 30 s"),
        ),
        ("the same at 75 bit/s without loss", known, ("≤ 40 s", "≤ 60 s")),
    ):
        of = f"median of {one.worlds} worlds"
        found += [
            (
                f"{title}: at the peer, {of} (nine in ten)",
                f"{one.at_peer_s:.1f} s ({one.at_peer_worst_s:.1f} s)",
                targets[0],
            ),
            (
                "receipt at the sender (nine in ten)",
                f"{one.receipt_s:.1f} s ({one.receipt_worst_s:.1f} s)",
                targets[1],
            ),
        ]
    for loss in (0.2, 0.35, 0.5):
        ratio = erasure(loss=loss, entry_bytes=16_000, frame_bytes=192, worlds=max(worlds // 4, 2))
        found.append(
            (
                (
                    f"one entry of 16 kB one way, frames of 192 bytes, {loss:.0%} lost: "
                    "bytes sent ÷ bytes that theory needs"
                ),
                f"{ratio:.2f}",
                "≤ 1.3",
            )
        )
    return found


def sizes(*, heartbeat_s: int = 600) -> Sizes:
    """Count bytes of one 140-character FLASH, and of an idle heartbeat, on a narrow path."""
    world, channel = _world(rate_bps=2_400, delay_s=0.1, heartbeat_s=heartbeat_s)
    traffic = _Traffic(world)
    _say(world, channel, [text_of(1)], Precedence.FLASH)
    _until(world, _receipted(world))
    out, back = traffic.bytes_from["ALFA"], traffic.bytes_from["BRAVO"]
    traffic.clear()
    world.run(world.steady + 20 * heartbeat_s)
    # Pings are shorter than anything that carries a signature of 64 bytes.
    beats = [size for _, size in traffic.frames if size >= 86]
    return Sizes(out=out, back=back, heartbeat=max(set(beats), key=beats.count))


def thin(*, rate_bps: int, round_trip_s: float, queued_bytes: int) -> Thin:
    """Queue routine traffic on a thin line, let it flow for a minute, and send a FLASH."""
    world, channel = _world(rate_bps=rate_bps, delay_s=round_trip_s / 2, heartbeat_s=3_600)
    count = queued_bytes // ROUTINE_CHARS
    dice = random.Random(SEED)
    texts = ["".join(dice.choices(LETTERS, k=ROUTINE_CHARS)) for _ in range(count)]
    _say(world, channel, texts, Precedence.ROUTINE)
    world.run(world.steady + 60.0)
    began = world.steady
    _say(world, channel, [text_of(count)], Precedence.FLASH)
    _until(world, lambda: _flash_stored(world, "BRAVO"))
    at_peer = world.steady - began
    _until(world, _receipted(world))
    return Thin(
        rate_bps=rate_bps,
        queued_bytes=count * ROUTINE_CHARS,
        at_peer_s=at_peer,
        receipt_s=world.steady - began,
    )


def first(*, rate_bps: int, round_trip_s: float, loss: float, worlds: int) -> First:
    """Send a FLASH over a path that comes up at that moment; the keys were exchanged before.

    The two have spoken over another path, as stations do that are set up side by side: a key
    exchange takes 1,286 bytes, and goes out in idle time, ahead of need.
    """
    arrived: list[float] = []
    receipted: list[float] = []
    for seed in range(SEED, SEED + worlds):
        world, channel = _acquainted(seed)
        began = world.steady
        weather = Weather(delay_seconds=round_trip_s / 2, jitter_seconds=0.0, loss=loss)
        world.connect("ALFA", "BRAVO", traits=Traits(rate_bps=rate_bps), weather=weather)
        _say(world, channel, [text_of(1)], Precedence.FLASH)
        _until(world, lambda world=world: _flash_stored(world, "BRAVO"))  # type: ignore[misc]
        arrived.append(world.steady - began)
        _until(world, _receipted(world))
        receipted.append(world.steady - began)
    return First(
        worlds=worlds,
        at_peer_s=statistics.median(arrived),
        receipt_s=statistics.median(receipted),
        at_peer_worst_s=_nine_in_ten(arrived),
        receipt_worst_s=_nine_in_ten(receipted),
    )


def erasure(*, loss: float, entry_bytes: int, frame_bytes: int, worlds: int) -> float:
    """Return bytes sent over bytes that theory needs, to bring one entry over a one-way path.

    Theory needs the entry's own bytes, divided by the share of frames that arrive. What is sent
    counts until the entry is durable at the peer: with its signature, frames and tags.
    """
    ratios: list[float] = []
    dice = random.Random(SEED)
    for seed in range(SEED, SEED + worlds):
        world, channel = _acquainted(seed)
        traffic = _Traffic(world)
        traits = Traits(rate_bps=2_400, frame_bytes_max=frame_bytes, one_way=True)
        world.connect("ALFA", "BRAVO", traits=traits, weather=Weather(loss=loss))
        world.run(world.steady + 60.0)
        traffic.clear()
        text = "".join(dice.choices(LETTERS, k=entry_bytes))
        _say(world, channel, [text], Precedence.FLASH)
        _until(world, lambda world=world: _flash_stored(world, "BRAVO"))  # type: ignore[misc]
        ledger = _engine(world, "ALFA").ledger
        index, sound = _flash_index(world), ledger.is_sound
        raw = ledger.channels[channel].raws(ledger.reader, index, 1, sound)[0]
        ratios.append(traffic.bytes_from["ALFA"] * (1.0 - loss) / len(raw))
    return statistics.mean(ratios)


def _acquainted(seed: int) -> tuple[World, ChannelId]:
    """Return two stations that hold each other's keys and log, and no path at present."""
    world = World(seed, ["ALFA", "BRAVO"])
    path = world.connect("ALFA", "BRAVO")
    channel = world.open_channel("ALFA", ["ALFA", "BRAVO"], heartbeat=86_400)
    world.run(world.steady + SETTLE_S)
    world.hang_up(path)
    world.run(world.steady + SETTLE_S)
    return world, channel


def _engine(world: World, code: str) -> Engine:
    engine = world.stations[code].engine
    assert engine is not None
    return engine


def _nine_in_ten(values: list[float]) -> float:
    return sorted(values)[max(0, math.ceil(0.9 * len(values)) - 1)]


def _world(*, rate_bps: int, delay_s: float, heartbeat_s: int) -> tuple[World, ChannelId]:
    world = World(SEED, ["ALFA", "BRAVO"])
    world.connect(
        "ALFA",
        "BRAVO",
        traits=Traits(rate_bps=rate_bps),
        weather=Weather(delay_seconds=delay_s, jitter_seconds=0.0),
    )
    channel = world.open_channel("ALFA", ["ALFA", "BRAVO"], heartbeat=heartbeat_s)
    world.run(world.steady + SETTLE_S)
    return world, channel


def _say(world: World, channel: ChannelId, texts: list[str], precedence: Precedence) -> None:
    flags = make_flags(precedence)
    entries = [NewEntry(kind=1, flags=flags, fields={2: pack_text(text)}) for text in texts]
    world.stations["ALFA"].append(channel, entries, world.steady)


def _until(world: World, done: Callable[[], bool]) -> None:
    if not world.run_until(done, within=7_200):
        raise RuntimeError("it did not happen within two hours of the world")


def _flash_index(world: World) -> int:
    """Return where ALFA's newest FLASH stands; -1 while it is not durable."""
    return max(
        (
            fact.index
            for fact in world.stations["ALFA"].facts
            if isinstance(fact, EntryStored)
            and fact.own
            and fact.entry.flags & 3 == Precedence.FLASH
        ),
        default=-1,
    )


def _flash_stored(world: World, code: str) -> bool:
    index = _flash_index(world)
    return index >= 0 and any(
        isinstance(fact, EntryStored) and not fact.own and fact.index == index
        for fact in world.stations[code].facts
    )


def _receipted(world: World) -> Callable[[], bool]:
    """Say whether BRAVO's receipt for the FLASH is durable at ALFA."""

    def done() -> bool:
        index = _flash_index(world)
        return index >= 0 and any(
            isinstance(fact, ReceiptStored)
            and fact.size > index
            and not any(first <= index < end for first, end in fact.missing)
            for fact in world.stations["ALFA"].facts
        )

    return done
