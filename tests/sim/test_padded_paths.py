"""Row 40: what is seen of a padded path does not depend on what is said on it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from parley.core import frame
from parley.core.ids import ChannelId
from parley.sim.network import SimPath, Weather
from parley.sim.station import Last, SimStation
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored
from parley.station.traits import Traits

NARROW = Traits(rate_bps=2_400, frame_bytes_max=512, padded=True)
FAST = Traits(rate_bps=20_480, frame_bytes_max=2_048, padded=True)
TINY = Traits(rate_bps=600, frame_bytes_max=64, padded=True)
BEGIN, END = 100.0, 700.0
Seen = tuple[float, str, int, int, int, int]
Act = Callable[[World, SimPath], None]


def silence(world: World, channel: ChannelId) -> None:
    """Say nothing."""


def a_flash(world: World, channel: ChannelId) -> None:
    world.at(BEGIN + 33.3, lambda: talk(world, "ALFA", channel, ["Stand clear"], flags=3))


def much(world: World, channel: ChannelId) -> None:
    texts = [f"entry {number} {'x' * number}" for number in range(100)]
    for code in ("ALFA", "BRAVO"):
        world.at(BEGIN + 1, partial(talk, world, code, channel, texts))
    world.at(BEGIN + 1.05, lambda: talk(world, "BRAVO", channel, ["Stand clear"], flags=3))


def talk(world: World, code: str, channel: ChannelId, texts: list[str], *, flags: int = 0) -> None:
    station = world.stations[code]
    if station.engine is not None:
        entries = [NewEntry(kind=1, flags=flags, fields={2: text}) for text in texts]
        station.append(channel, entries, world.steady)


def nothing_happens(world: World, path: SimPath) -> None:
    """Let it go on."""


def a_restart(world: World, path: SimPath) -> None:
    world.at(BEGIN + 50, lambda: world.crash("BRAVO", Last.LOST))
    world.at(BEGIN + 90, lambda: world.restart("BRAVO"))
    # Of a fast path both ends know that it broke; a slow one stays.
    world.at(BEGIN + 91, lambda: world.pick_up(path))


def a_death(world: World, path: SimPath) -> None:
    world.at(BEGIN + 50, lambda: world.crash("BRAVO", Last.LOST))
    world.at(BEGIN + 60, lambda: world.pick_up(path))


def a_cut(world: World, path: SimPath) -> None:
    world.at(BEGIN + 20, lambda: setattr(path, "cut", True))
    world.at(BEGIN + 300, lambda: setattr(path, "cut", False))


def a_key_turn(world: World, path: SimPath) -> None:
    def turn() -> None:
        for station in world.stations.values():
            assert station.engine is not None
            for link in station.engine.links.values():
                link.keyed_at = -1e9  # its epoch has lasted long enough

    world.at(BEGIN + 40, turn)


def play(
    say: Callable[[World, ChannelId], None], happens: Act = nothing_happens, traits: Traits = NARROW
) -> tuple[list[Seen], World]:
    """Return what somebody on the line sees, and the world after it.

    Of each frame: when it left, whose it is, its length, what of its header is in the clear (form,
    how often the hint had changed, counter or number of the piece).
    """
    world = World(7, ("ALFA", "BRAVO"), tapped=False)
    seen: list[Seen] = []
    hints: dict[str, list[bytes]] = {"ALFA": [], "BRAVO": []}

    def keep(path: SimPath, station: SimStation, raw: bytes) -> None:
        header = frame.read_header(raw)
        known = hints[station.code]
        if not known or known[-1] != header.hint:
            known.append(header.hint)
        form = header.kind << 4 | header.generation
        seen.append((world.steady, station.code, len(raw), form, len(known), header.counter))

    world.keep = keep
    path = world.connect("ALFA", "BRAVO", traits=traits, weather=Weather(jitter_seconds=0))
    channel = world.open_channel("ALFA", ("ALFA", "BRAVO"), within=BEGIN)
    world.run(BEGIN)
    happens(world, path)
    say(world, channel)
    world.run(END)
    # Which of two that leave at once is listed first says nothing.
    return sorted(seen, key=lambda each: each[:2]), world


def arrived(world: World, code: str) -> list[str]:
    return [
        str(fact.entry.fields[2])
        for fact in world.stations[code].facts
        if isinstance(fact, EntryStored) and not fact.own and fact.entry.kind == 1
    ]


@pytest.mark.parametrize(
    ("happens", "traits"),
    [
        (nothing_happens, NARROW),
        (nothing_happens, FAST),
        (nothing_happens, TINY),
        (a_restart, NARROW),
        (a_restart, FAST),
        (a_death, NARROW),
        (a_death, FAST),
        (a_cut, NARROW),
        (a_key_turn, NARROW),
        (a_key_turn, FAST),
        (a_key_turn, TINY),
    ],
)
def test_row_40_the_trace_of_a_padded_path_does_not_depend_on_what_is_said(
    happens: Act, traits: Traits
) -> None:
    still, _ = play(silence, happens, traits)

    for say in (a_flash, much) if traits is NARROW else (much,):
        seen, world = play(say, happens, traits)
        assert seen == still
        assert "Stand clear" in arrived(world, "BRAVO") + arrived(world, "ALFA")
    assert {length for _, _, length, *_ in still} == {traits.frame_bytes_max}


def test_row_40_without_padding_the_trace_shows_that_something_was_said() -> None:
    bare = replace(NARROW, padded=False)
    still, _ = play(silence, traits=bare)

    for say in (a_flash, much):
        seen, _ = play(say, traits=bare)
        assert [each[:3] for each in seen] != [each[:3] for each in still]


@pytest.mark.parametrize("traits", [NARROW, FAST, TINY])
def test_one_frame_leaves_at_each_turn_and_what_waits_goes_by_precedence(traits: Traits) -> None:
    seen, world = play(much, traits=traits)

    for code in ("ALFA", "BRAVO"):
        times = [at for at, sender, *_ in seen if sender == code]
        gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
        assert gaps == pytest.approx([traits.turn_seconds] * len(gaps))
    heard = arrived(world, "ALFA")
    # Said last, it overtook what had not left: most of it.
    assert heard.index("Stand clear") < 30
    if traits is not TINY:
        assert len(heard) == 101
        assert len(arrived(world, "BRAVO")) == 100


def test_a_key_turn_and_a_restart_show_themselves_and_no_more() -> None:
    """What is told in `docs/understand/traffic.md`: form and hint of frames change with the key."""
    plain, _ = play(silence)
    turned, _ = play(silence, a_key_turn)

    assert [each[:3] for each in turned] == [each[:3] for each in plain]
    forms = {form >> 4 for at, _, _, form, *_ in turned if at > BEGIN + 40}
    assert forms == {frame.DATA, frame.PIECE}
    assert {form >> 4 for at, _, _, form, *_ in plain if at > BEGIN} == {frame.DATA}


def test_dummies_leave_no_trace_in_the_record_and_are_no_life() -> None:
    _, world = play(silence)
    alfa, bravo = (world.stations[code] for code in ("ALFA", "BRAVO"))
    written = [len(station.disk.journal) for station in (alfa, bravo)]
    told = [len(station.facts) for station in (alfa, bravo)]
    frames = world.frames

    world.run(END + 500)  # no heartbeat falls due

    assert world.frames - frames > 500
    assert [len(station.disk.journal) for station in (alfa, bravo)] == written
    assert [len(station.facts) for station in (alfa, bravo)] == told


def test_row_40_the_hint_changes_with_each_epoch_and_names_nobody() -> None:
    """Two epochs of one pair share no hint, nor do two worlds: it is drawn with each key."""
    hints: list[list[bytes]] = []
    for seed in (1, 2):
        world = World(seed, ("ALFA", "BRAVO"), tapped=False)
        found: list[bytes] = []

        def keep(path: SimPath, station: SimStation, raw: bytes, to: list[bytes] = found) -> None:
            header = frame.read_header(raw)
            if header.kind == frame.DATA and station.code == "ALFA" and header.hint not in to:
                to.append(header.hint)

        world.keep = keep
        path = world.connect("ALFA", "BRAVO", traits=NARROW, weather=Weather(jitter_seconds=0))
        a_key_turn(world, path)
        world.run(BEGIN + 100)
        hints.append(found)

    assert [len(each) for each in hints] >= [2, 2]
    assert not set(hints[0]) & set(hints[1])
