"""Either station is killed at random moments under load; nothing is lost, nothing comes twice."""

from __future__ import annotations

import random
import signal
import time

import pytest

from support.load import Follower, Sender, answers, texts_of, until
from support.station_pair import Pair

pytestmark = pytest.mark.faults

KILLS = 10
SEED = 20_261_127


def test_a_hundred_kills_lose_nothing_and_repeat_nothing(
    pair: Pair, record_property: pytest.RecordProperty
) -> None:
    sender, follower = Sender(pair, "alfa", seed=SEED), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"], "nothing was delivered before the first kill")
    restarts = kill_at_random(pair, KILLS)
    sender.finish()
    until(lambda: len(follower.entries) >= len(sender.written), "the reader misses some")

    once = dict.fromkeys(sender.written, 1)
    assert sender.process.returncode == 0, sender.process.stderr.read()
    assert sender.failed == []
    assert not +sender.twice
    assert set(sender.told["stored"]) == set(sender.told["delivered"]) == set(sender.written)
    assert texts_of(pair, "alfa", "ALFA") == once
    assert texts_of(pair, "bravo", "ALFA") == once
    assert follower.process.poll() is None, follower.process.stderr.read()
    assert sorted(follower.entries) == sorted(sender.entries.values())
    for station in ("alfa", "bravo"):
        checked = pair.run(station, "log", "check", "--json")
        assert checked.code == 0, checked.out
        assert "Traceback" not in (pair.folder / f"{station}.log").read_text()
    record_property("messages", len(sender.written))
    record_property("longest delay, s", round(sender.longest(), 1))
    record_property("longest restart, s", round(max(restarts), 1))


def kill_at_random(pair: Pair, kills: int) -> list[float]:
    """Kill so often, starting what was killed at once; return how long each took to answer."""
    chance = random.Random(SEED)
    restarts: list[float] = []
    done = 0
    while done < kills:
        victims = ["alfa", "bravo"] if chance.random() < 0.3 else [chance.choice(("alfa", "bravo"))]
        for victim in victims[: kills - done]:
            pair.stop(victim, number=signal.SIGKILL)
            done += 1
        began = time.monotonic()
        for victim in victims:
            if victim not in pair.running:
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
