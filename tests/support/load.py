"""Load as an outside program drives it: `send --batch` at one station, `inbox --follow` at another."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from parley.api.client import Client
from parley.errors import ParleyError
from parley.station.directory import is_running
from support.station_pair import READY_S, Pair


class Sender:
    """`send --batch --wait delivered`, fed at random moments; keeps what it was told.

    Attributes:
        written: when each id was handed in (steady seconds).
        told: for each event, when each id was told of.
        twice: ids that one event was told of more than once.
    """

    def __init__(
        self, pair: Pair, station: str, *, seed: int, channel: str = "OPS", window: int = 40
    ) -> None:
        self.process = pair.start(
            station, "send", "--batch", "--wait", "delivered", "--json", given=subprocess.PIPE
        )
        self.written: dict[str, float] = {}
        self.told: dict[str, dict[str, float]] = {"stored": {}, "delivered": {}}
        self.entries: dict[str, str] = {}
        self.twice: Counter[str] = Counter()
        self.failed: list[Any] = []
        self.result: Any = None
        self._lines: dict[str, str] = {}
        self._channel, self._window = channel, window
        self._chance = random.Random(seed)
        self._ended = threading.Event()
        self._writing = threading.Thread(target=self._write, daemon=True)
        self._ready = threading.Event()
        self._reading = pair.read(self.process, self._take)
        assert self._ready.wait(READY_S), "the batch did not begin"

    def go(self) -> None:
        """Begin to write at random moments, with a bounded number on the way."""
        self._writing.start()

    def write(self, count: int, *, words: int = 30) -> None:
        """Write so many messages of up to so many words at once."""
        assert self.process.stdin is not None
        for _ in range(count):
            name = f"m{len(self.written)}"
            text = f"{name} " + "word " * self._chance.randrange(words)
            message = {"id": name, "channel": self._channel, "text": text}
            message["precedence"] = self._chance.choice("RRRRPPOZ")
            self.written[name] = time.monotonic()
            self._lines[name] = json.dumps(message) + "\n"
            self.process.stdin.write(self._lines[name])
        self.process.stdin.flush()

    def repeat(self, name: str) -> None:
        """Write a message a second time."""
        self.process.stdin.write(self._lines[name])
        self.process.stdin.flush()

    def finish(self, *, code: int = 0) -> None:
        """End the input and wait until the program has ended by itself, with this code."""
        self._ended.set()
        if self._writing.ident is not None:
            self._writing.join(READY_S)
        self.process.stdin.close()
        self.process.wait(READY_S)
        self._reading.join(READY_S)
        told = (self.result, self.failed[-3:], self.process.stderr.read())
        assert self.process.returncode == code, told

    @property
    def under_way(self) -> int:
        """Messages handed in of which no receipt was told."""
        return len(self.written) - len(self.told["delivered"])

    def longest(self) -> float:
        """Return the longest time from handing in to the receipt."""
        arrived = self.told["delivered"]
        return max((arrived[name] - self.written[name] for name in arrived), default=0.0)

    def _write(self) -> None:
        while not self._ended.wait(self._chance.random() * 0.05):
            if self.under_way < self._window:
                self.write(self._chance.randrange(1, 8))

    def _take(self, line: str) -> None:
        event = json.loads(line)
        match event.get("event") or event.get("type") or "result":
            case "ready":
                self._ready.set()
            case "stored" | "delivered" as kind:
                self.twice[event["id"]] += event["id"] in self.told[kind]
                self.told[kind][event["id"]] = time.monotonic()
                self.entries[event["id"]] = event["entry"]
            case "result":
                self.result = event
            case _:
                self.failed.append(event)


class Follower:
    """`inbox --follow --consumer`; keeps the entries it printed, in order."""

    def __init__(self, pair: Pair, station: str, consumer: str = "judge") -> None:
        self.process = pair.start(station, "inbox", "--follow", "--json", "--consumer", consumer)
        self.entries: list[str] = []
        self.other: list[Any] = []
        pair.read(self.process, self._take)

    def _take(self, line: str) -> None:
        event = json.loads(line)
        if event.get("event") == "received":
            self.entries.append(event["entry"])
        else:
            self.other.append(event)


def until(
    found: Callable[[], Any], what: str = "it did not come to pass", seconds: float = READY_S
) -> Any:
    """Return what `found` gives, once it gives something."""
    last = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < last, what
        time.sleep(0.02)
    return value


def answers(pair: Pair, station: str) -> bool:
    """Say whether a station's control socket answers."""
    return is_running(pair.folder / station)


def is_alive(pair: Pair, station: str, peer: str) -> bool:
    """Say whether a station answers and takes its peer for alive."""
    with Client(pair.folder / station / "control.sock") as client, suppress(ParleyError):
        return any(link["peer"] == peer and link["alive"] for link in client.get("/links")["items"])
    return False


def texts_of(pair: Pair, station: str, party: str, channel: str = "OPS") -> Counter[str]:
    """Return how often each message of a sender stands in a station's copy, by its first word."""
    said = pair.run(
        station, "log", "show", "--channel", channel, "--party", party, "--json",
        "--limit", "100000",
    )  # fmt: skip
    return Counter(
        item["texts"][0]["text"].split()[0] for item in said.data["items"] if item["texts"]
    )


def check_record(pair: Pair, sender: Sender, follower: Follower, *, others: int = 0) -> None:
    """Assert that every message stands exactly once on both sides, and that both logs hold.

    The sender has finished; it handed in at ALFA, the follower reads at BRAVO, where besides its
    messages so many `others` came.
    """
    total = len(sender.written) + others
    until(lambda: len(follower.entries) >= total, "the reader misses some")
    once = dict.fromkeys(sender.written, 1)
    assert sender.failed == []
    assert not +sender.twice
    assert set(sender.told["stored"]) == set(sender.told["delivered"]) == set(sender.written)
    for station in ("alfa", "bravo"):
        held = texts_of(pair, station, "ALFA")
        assert {name: held[name] for name in held if name in once} == once
        assert held.total() == total
    assert follower.process.poll() is None, follower.process.stderr.read()
    assert len(follower.entries) == len(set(follower.entries)) == total
    assert set(sender.entries.values()) <= set(follower.entries)
    check_logs(pair)


def check_logs(pair: Pair) -> None:
    """Assert that both records hold and that no fault of ours was logged."""
    for station in ("alfa", "bravo"):
        checked = pair.run(station, "log", "check", "--json")
        assert checked.code == 0, checked.out
        for word in ("Traceback", '"fault"', "task failed"):
            assert word not in pair.log(station), pair.log(station)[-3000:]
