"""Two machines with one key, and a peer that meets both while paths come, go and lose frames.

Once both have written in one place, each way in which one of them may learn of it is a frame that
may be lost: a question, an answer, the proof. No state may be left in which nobody says any more.
"""

from __future__ import annotations

import random

import pytest

from parley.sim.station import Last

from .test_restores import Deaf, clone, put_back, stopped, talk

# What each seed left open before own logs were asked after until somebody answers, on the path on
# which the question came.
ALONE, TWO = (18, 26, 29, 31, 41, 43), (7, 13, 15, 24, 25, 149)


def lose(world, dice):
    """Lose a third of all frames, and bring some twice, until it is undone."""
    carry = world._carry

    def harmed(station, path, raw):
        chance = dice.random()
        for _ in range(0 if chance < 0.3 else 2 if chance > 0.85 else 1):
            carry(station, path, raw)

    world._carry = harmed

    def undo():
        world._carry = carry

    return undo


def come_and_go(world, dice, paths, *, lossy):
    """Let paths come up and go down in any order; in the end all of them are up and well."""
    undo = lose(world, dice) if lossy else None
    end, pause = world.steady + dice.random() * 15, dice.choice([0.05, 0.3, 3])
    while world.steady < end:
        path = dice.choice(paths)
        (world.hang_up if path.up and dice.random() < 0.5 else world.pick_up)(path)
        world.run(world.steady + dice.random() * pause)
    for path in paths:
        world.pick_up(path)
    if undo is not None:
        undo()


def speak(world, dice, code, channel):
    for number in range(dice.randint(1, 3)):
        if not stopped(world, code, channel):
            world.say(code, channel, f"{code} {number}")
        world.run(world.steady + dice.random() * 2)


@pytest.mark.parametrize("lossy", [False, True], ids=["well", "lossy"])
@pytest.mark.parametrize("seed", ALONE)
def test_a_copy_that_wrote_alone_is_stopped_whatever_frames_are_lost(seed, lossy):
    dice = random.Random(seed)
    world, channel, _ = talk("ALFA", "BRAVO")
    world._tap = Deaf()  # two machines that seal under one name are no honest stations
    world.connect("BRAVO", "ALFA")
    world.run(world.steady + 1)
    copied = len(world.stations["ALFA"].disk.journal)
    speak(world, dice, "ALFA", channel)
    world.run(world.steady + 5)
    paths = list(world.paths.values())
    for path in paths:
        world.hang_up(path)
    if seed % 3:
        world.crash("BRAVO", Last.KEPT)
    put_back(world, "ALFA", copied, marks=True)
    world.restart("ALFA")
    world.run(world.steady + 4)
    speak(world, dice, "ALFA", channel)
    if seed % 3:
        world.restart("BRAVO")

    come_and_go(world, dice, paths, lossy=lossy)
    world.run(world.steady + 120)

    assert stopped(world, "ALFA", channel) in ("copy", "behind")


@pytest.mark.parametrize("lossy", [False, True], ids=["well", "lossy"])
@pytest.mark.parametrize("seed", TWO)
def test_of_two_that_run_both_are_stopped_once_one_peer_has_heard_both(seed, lossy):
    dice = random.Random(seed)
    world, channel, _ = talk("ALFA", "BRAVO")
    copy = clone(world, "ALFA", "COPY")
    world.run(world.steady + 1)
    paths = list(world.paths.values())
    for path in paths:
        world.hang_up(path)
    copy.start(world.steady)
    world.crash("ALFA", Last.LOST)
    world.restart("ALFA")
    world.run(world.steady + 4)
    for code in ("ALFA", "COPY"):
        speak(world, dice, code, channel)
    for _ in range(2):
        paths.append(world.connect("COPY", "BRAVO"))
        world.hang_up(paths[-1])

    come_and_go(world, dice, paths, lossy=lossy)
    world.run(world.steady + 180)

    found = [stopped(world, code, channel) for code in ("ALFA", "COPY")]
    engine = world.stations["BRAVO"].engine
    assert engine is not None
    # Where only one of them was heard, the other has learned it before it could say anything.
    assert all(found) if engine.ledger.conflicts else any(found)
