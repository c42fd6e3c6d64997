"""`parley send --batch` as a program uses it: lines in, and for each one what became of it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from benchmarks.stations import CHANNEL, Pair, Station

WAIT_SECONDS = 300.0


@dataclass(slots=True, kw_only=True)
class Fate:
    """When a message was handed over, durable here, and receipted; seconds of one clock."""

    sent: float
    stored: float | None = None
    delivered: float | None = None


class Batch:
    """One running `send --batch`; a context manager."""

    def __init__(self, pair: Pair, station: Station) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "parley", "send", "--batch", "--wait", "delivered"),
                *("--station", str(station.directory), "--json"),
            ],
            cwd=pair.place,
            env=pair.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._changed = threading.Condition()
        self._is_ready = False
        self._is_over = False
        self._delivered = 0
        self.fates: dict[str, Fate] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        self._wait(lambda: self._is_ready)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        if kind is not None:
            self._process.kill()
        code = self._process.wait(60)
        self._reader.join(5)
        if kind is None and code != 0:
            raise RuntimeError(f"send --batch ended with {code}")

    def send(self, text: str, *, precedence: str = "R") -> str:
        """Hand one message over; return its id."""
        name = f"m{len(self.fates)}"
        message = {"id": name, "channel": CHANNEL, "precedence": precedence, "text": text}
        self.fates[name] = Fate(sent=time.perf_counter())
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**message, "subject": "Bench"}).encode() + b"\n")
        self._process.stdin.flush()
        return name

    def wait_delivered(self, count: int) -> None:
        """Wait until so many messages have been receipted in all."""
        self._wait(lambda: self._delivered >= count)

    def wait_stored(self, name: str) -> None:
        """Wait until one message is durable here."""
        self._wait(lambda: self.fates[name].stored is not None)

    @property
    def under_way(self) -> int:
        """Messages handed over and not receipted yet."""
        return len(self.fates) - self._delivered

    def _wait(self, done: Any) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: done() or self._is_over, WAIT_SECONDS):
                raise TimeoutError(f"send --batch: nothing for {WAIT_SECONDS} s")
            if not done():
                raise RuntimeError("send --batch ended early")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            now = time.perf_counter()
            said = json.loads(line)
            with self._changed:
                self._note(said, now)
                self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _note(self, said: dict[str, Any], now: float) -> None:
        match said.get("event"):
            case "ready":
                self._is_ready = True
            case "stored":
                self.fates[said["id"]].stored = now
            case "delivered":
                self.fates[said["id"]].delivered = now
                self._delivered += 1
