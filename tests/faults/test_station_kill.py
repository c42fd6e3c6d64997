"""Either station is killed at random moments under load; nothing is lost, nothing comes twice."""

from __future__ import annotations

import random
import signal
import time

import pytest

from support.load import Follower, Sender, answers, check_record, until
from support.station_pair import Pair

pytestmark = pytest.mark.faults

KILLS = 100
SEED = 20_261_127


def test_a_hundred_kills_lose_nothing_and_repeat_nothing(pair: Pair) -> None:
    sender, follower = Sender(pair, "alfa", seed=SEED), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"], "nothing was delivered before the first kill")

    kill_at_random(pair, KILLS)
    sender.finish()

    check_record(pair, sender, follower)


def kill_at_random(pair: Pair, kills: int) -> list[float]:
    """Kill so often, starting what was killed at once; return how long each took to answer."""
    chance = random.Random(SEED)
    restarts: list[float] = []
    done = 0
    while done < kills:
        victims = ["alfa", "bravo"] if chance.random() < 0.3 else [chance.choice(("alfa", "bravo"))]
        victims = victims[: kills - done]
        done += len(victims)
        began = time.monotonic()
        for victim in victims:
            pair.stop(victim, number=signal.SIGKILL)
        for victim in victims:
            pair.serve(victim)
        if chance.random() < 0.15:
            # While it still opens its record: a start must survive this too.
            time.sleep(chance.random())
            continue
        for victim in victims:
            until(lambda victim=victim: answers(pair, victim), f"{victim} did not come back")
        restarts.append(time.monotonic() - began)
        time.sleep(chance.random() * 0.4)
    return restarts
