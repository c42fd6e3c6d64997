"""Which paths the engine takes for dead, with a clock that the test moves."""

from __future__ import annotations

from hashlib import sha256

from parley.core.instants import Instant
from parley.sim.people import WORLD_START, make_identity
from parley.station.effects import Commit, Now
from parley.station.engine import Engine
from parley.station.line_times import PING_SECONDS_FAST, STRANGER_SECONDS
from parley.station.link_state import SILENT_SECONDS, Traits
from parley.store.memory import MemoryStore

FAST, NARROW, ONE_WAY = Traits(), Traits(rate_bps=2_400), Traits(one_way=True)


def at(steady: float) -> Now:
    return Now(Instant(WORLD_START + int(steady)), steady)


class Station:
    """An engine whose commits succeed at once."""

    def __init__(self, code: str) -> None:
        self.store = MemoryStore()
        self.identity = make_identity(code)
        drawn = iter(range(10**6))
        self.engine = Engine(
            self.identity,
            self.store,
            random=lambda size: sha256(f"{code} {next(drawn)}".encode()).digest()[:size],
        )
        self.engine.start(at(0))

    def settle(self, steady: float) -> None:
        while effects := self.engine.take_effects():
            for effect in effects:
                if isinstance(effect, Commit):
                    self.engine.committed(self.store.commit(effect.batch), at(steady))

    def dead(self, steady: float) -> list[int]:
        self.engine.tick(at(steady))
        self.settle(steady)
        return self.engine.traffic.dead_paths(at(steady))


def pair() -> tuple[Station, Station]:
    """ALFA and BRAVO, who trust each other."""
    alfa, bravo = Station("ALFA"), Station("BRAVO")
    for one, other in ((alfa, bravo), (bravo, alfa)):
        one.engine.set_peer(other.identity.card, trusted=True, now=at(0))
        one.settle(0)
    return alfa, bravo


def talk(alfa: Station, bravo: Station, number: int, steady: float) -> None:
    """Carry frames between two engines until neither has any."""
    is_moving = True
    while is_moving:
        is_moving = False
        for sender, receiver in ((alfa, bravo), (bravo, alfa)):
            frames = sender.engine.next_frames(number, at(steady))
            if frames:
                is_moving = True
                receiver.engine.frames_received(number, frames, at(steady))
            sender.settle(steady)
            receiver.settle(steady)


def up(alfa: Station, bravo: Station, number: int, steady: float, traits: Traits = FAST) -> None:
    alfa.engine.path_up(number, traits, at(steady), peer=bravo.identity.card.party)
    bravo.engine.path_up(number, traits, at(steady), peer=None)


def test_a_path_that_answers_lives() -> None:
    alfa, bravo = pair()
    up(alfa, bravo, 1, 0)

    for step in range(40):
        steady = step * PING_SECONDS_FAST
        assert alfa.dead(steady) == bravo.dead(steady) == []
        talk(alfa, bravo, 1, steady)


def test_a_path_on_which_nothing_is_answered_dies_and_patience_doubles() -> None:
    alfa, bravo = pair()
    up(alfa, bravo, 1, 0)
    talk(alfa, bravo, 1, 0)

    assert alfa.dead(SILENT_SECONDS - 1) == []
    assert alfa.dead(SILENT_SECONDS) == [1]

    alfa.engine.path_down(1, at(SILENT_SECONDS))
    up(alfa, bravo, 2, 100)
    assert alfa.dead(100 + 2 * SILENT_SECONDS - 1) == []
    assert alfa.dead(100 + 2 * SILENT_SECONDS) == [2]


def test_silence_speaks_against_every_fast_path_at_once() -> None:
    alfa, bravo = pair()
    up(alfa, bravo, 1, 0)
    up(alfa, bravo, 2, 1)
    up(alfa, bravo, 3, 1, NARROW)
    up(alfa, bravo, 4, 10)

    assert alfa.dead(SILENT_SECONDS + 1) == [1, 2]


def test_patience_is_short_again_once_a_path_has_lasted() -> None:
    alfa, bravo = pair()
    up(alfa, bravo, 1, 0)
    assert alfa.dead(SILENT_SECONDS) == [1]
    alfa.engine.path_down(1, at(SILENT_SECONDS))
    up(alfa, bravo, 2, 100)
    for steady in (100.0, 101 + PING_SECONDS_FAST, 102 + 2 * PING_SECONDS_FAST):
        assert alfa.dead(steady) == []
        talk(alfa, bravo, 2, steady)

    last = 102 + 2 * PING_SECONDS_FAST
    assert alfa.dead(last + SILENT_SECONDS - 1) == []
    assert alfa.dead(last + SILENT_SECONDS) == [2]


def test_narrow_and_one_way_paths_may_be_silent() -> None:
    for traits in (NARROW, ONE_WAY):
        alfa, bravo = pair()
        up(alfa, bravo, 1, 0, traits)

        assert alfa.dead(10 * STRANGER_SECONDS) == []
        assert bravo.dead(10 * STRANGER_SECONDS) == []


def test_a_stranger_who_never_says_who_they_are_loses_the_place() -> None:
    alfa, _ = pair()
    alfa.engine.path_up(7, FAST, at(0), peer=None)

    assert alfa.dead(STRANGER_SECONDS - 1) == []
    assert alfa.dead(STRANGER_SECONDS) == [7]
