"""Programs that send and receive through the command line, while stations are killed under them."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator

import pytest

from support.station_pair import READY_S, Pair

pytestmark = pytest.mark.faults


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    made = Pair(tmp_path_factory.mktemp("pair"))
    made.make(channel="OPS")
    try:
        made.serve("alfa")
        made.serve("bravo")
        yield made
    finally:
        made.close()


def line(number: int) -> str:
    return json.dumps({"id": f"m{number}", "channel": "OPS", "text": f"message {number}"}) + "\n"


def texts_at(pair: Pair, station: str) -> list[str]:
    said = pair.run(station, "log", "show", "--channel", "OPS", "--party", "ALFA", "--json")
    return [item["texts"][0]["text"] for item in said.data["items"]]


def test_a_batch_outlives_both_stations_and_sends_each_message_once(pair: Pair) -> None:
    batch = pair.start(
        "alfa", "send", "--batch", "--wait", "delivered", "--json", given=subprocess.PIPE
    )
    assert json.loads(batch.stdout.readline())["event"] == "ready"
    pair.stop("bravo", number=signal.SIGKILL)
    write(batch, range(20))
    read_events(batch, "stored", 20)
    pair.stop("alfa", number=signal.SIGKILL)
    write(batch, range(10, 30))
    pair.serve("alfa")
    pair.serve("bravo")

    out, _ = batch.communicate(timeout=READY_S)

    assert batch.returncode == 0, out
    expected = [f"message {number}" for number in range(30)]
    assert sorted(texts_at(pair, "bravo")) == sorted(expected)
    assert sorted(texts_at(pair, "alfa")) == sorted(expected)


def test_a_reader_goes_on_when_its_station_comes_back(pair: Pair) -> None:
    reading = pair.start("bravo", "inbox", "--follow", "--consumer", "desk", "--json")
    first = pair.run("alfa", "send", "OPS", "one", "--wait", "delivered", "--json").data["entry"]
    assert json.loads(reading.stdout.readline())["entry"] == first
    pair.stop("bravo", number=signal.SIGKILL)
    second = pair.run("alfa", "send", "OPS", "two", "--json").data["entry"]
    pair.serve("bravo")

    event = json.loads(reading.stdout.readline())

    assert event["entry"] == second


def write(batch: subprocess.Popen[str], numbers: range) -> None:
    assert batch.stdin is not None
    batch.stdin.write("".join(line(number) for number in numbers))
    batch.stdin.flush()


def read_events(batch: subprocess.Popen[str], event: str, count: int) -> None:
    assert batch.stdout is not None
    found = 0
    while found < count:
        found += json.loads(batch.stdout.readline()).get("event") == event
