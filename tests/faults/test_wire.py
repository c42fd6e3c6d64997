"""Between two real stations the line is spoiled, cut, silenced and held up."""

from __future__ import annotations

import signal
import time
from itertools import count
from pathlib import Path

import pytest

from support.load import Follower, Sender, check_record, is_alive, until
from support.station_pair import Pair
from support.wire import Wire, spoiler

pytestmark = pytest.mark.faults

Wired = tuple[Pair, list[Wire]]


def test_spoiled_bytes_break_the_path_and_nothing_else(wired: Wired) -> None:
    pair, wires = wired
    sender, follower = Sender(pair, "alfa", seed=1), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"])
    taken = sum(wire.connections for wire in wires)
    for number, wire in enumerate(wires):
        wire.spoil = spoiler(number, 0.05)

    until(lambda: sum(wire.connections for wire in wires) > taken + 12, "nothing was dialled again")
    for wire in wires:
        wire.spoil = None
    sender.finish()

    check_record(pair, sender, follower)


@pytest.mark.parametrize("how", ["cut", "silence"])
def test_a_line_that_comes_and_goes_delivers_everything(wired: Wired, how: str) -> None:
    pair, wires = wired
    sender, follower = Sender(pair, "alfa", seed=2, window=10_000), Follower(pair, "bravo")
    until(lambda: is_alive(pair, "alfa", "BRAVO"))
    for _ in range(3):
        for wire in wires:
            getattr(wire, how)()
        sender.write(20)
        time.sleep(2)
        for wire in wires:
            wire.heal()
        sender.write(20)
        time.sleep(1)

    # Still flapping, until the last one has come: each window is used as soon as it opens.
    for turn in count():
        assert turn < 100, "it was not delivered while the line came and went"
        if not sender.under_way:
            break
        for wire in wires:
            getattr(wire, how)()
        time.sleep(0.5)
        for wire in wires:
            wire.heal()
        time.sleep(5)
    sender.finish()

    check_record(pair, sender, follower)


def test_a_frozen_peer_is_noticed_and_taken_up_again(pair: Pair) -> None:
    until(lambda: is_alive(pair, "alfa", "BRAVO"))
    pair.send_signal("bravo", signal.SIGSTOP)
    sender, follower = Sender(pair, "alfa", seed=3), Follower(pair, "bravo")
    sender.write(30)
    until(lambda: len(sender.told["stored"]) == 30)
    until(lambda: not is_alive(pair, "alfa", "BRAVO"), "a frozen peer passes for alive")
    until(lambda: "nothing was answered" in pair.log("alfa"), "a dead path is kept")
    assert not sender.told["delivered"]

    pair.send_signal("bravo", signal.SIGCONT)
    sender.finish()

    check_record(pair, sender, follower)


def test_a_peer_that_does_not_read_holds_up_its_own_entries_alone(wired: Wired) -> None:
    pair, wires = wired
    until(lambda: is_alive(pair, "alfa", "BRAVO"))
    follower = Follower(pair, "bravo")
    for wire in wires:
        wire.hold()
    before = resident_bytes(pair.pid("alfa"))
    sender = Sender(pair, "alfa", seed=4, window=10_000)
    for _ in range(40):
        sender.write(10, words=3_000)
    until(lambda: len(sender.told["stored"]) == 400)

    # 3 MB wait in the record; what waits in memory is bounded by the path's buffers.
    assert pair.run("alfa", "status", "--json").code == 0
    assert resident_bytes(pair.pid("alfa")) - before < 48 * 1024 * 1024
    assert not sender.told["delivered"]
    for wire in wires:
        wire.heal()
    sender.finish()

    check_record(pair, sender, follower)


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the process is gone")
