"""A station is told to stop in the middle of its work, and nobody else can take its place."""

from __future__ import annotations

import signal
import socket

import pytest

from support.load import Follower, Sender, answers, check_record, until
from support.station_pair import Pair

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_station_told_to_stop_under_load_loses_nothing(pair: Pair, number: int) -> None:
    sender, follower = Sender(pair, "alfa", seed=9), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"])

    for station in ("alfa", "bravo"):
        assert pair.stop(station, number=number) == 0
        assert not (pair.folder / station / "control.sock").exists()
        # The port is free at once, also for a program that asks for it plainly.
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", pair.ports[station]))
        pair.serve(station)
        delivered = len(sender.told["delivered"])
        until(lambda d=delivered: len(sender.told["delivered"]) > d)
    sender.finish()

    check_record(pair, sender, follower)


def test_a_second_station_in_the_same_directory_is_refused(pair: Pair) -> None:
    refused = pair.run("alfa", "serve", "--wait-lock", "0s", "--json")

    assert refused.code == 11
    assert str(pair.pid("alfa")) in refused.json["error"]["detail"]
    assert answers(pair, "alfa")
    said = pair.run("alfa", "send", "OPS", "Still here.", "--wait", "delivered", "--timeout", "60s")
    assert said.code == 0, said.err
