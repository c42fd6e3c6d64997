"""Two real stations on this machine, made and started by the commands anyone would type."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHANNEL = "OPS"
START_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Station:
    """One station: its directory, its address and, while it runs, its process."""

    code: str
    directory: Path
    address: str
    process: subprocess.Popen[bytes] | None = None

    def memory_kb(self) -> int:
        """Return resident memory of the running process."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(resident.split()[1])


@dataclass(slots=True, kw_only=True)
class Pair:
    """Two stations that trust each other, with one channel open between them."""

    place: Path
    alfa: Station
    bravo: Station
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> dict[str, Any]:
        """Run `parley` and return `data` of its JSON answer."""
        command = [sys.executable, "-m", "parley", *words, "--json"]
        done = subprocess.run(
            command, cwd=self.place, env=self.environment, capture_output=True, check=False
        )
        if done.returncode != 0:
            said = done.stdout.decode() + done.stderr.decode()
            raise RuntimeError(f"parley {' '.join(words)} ended with {done.returncode}:\n{said}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer["data"]

    def start(self, station: Station) -> None:
        """Start the station's process and wait until it answers."""
        log = (self.place / f"{station.code}.log").open("ab")
        station.process = subprocess.Popen(
            [sys.executable, "-m", "parley", "serve", "--station", str(station.directory)],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if station.process.poll() is not None:
                break
            with contextlib.suppress(RuntimeError):
                self.run("status", "--station", str(station.directory))
                return
            time.sleep(0.2)
        said = (self.place / f"{station.code}.log").read_text()[-2_000:]
        raise RuntimeError(f"{station.code} did not start:\n{said}")

    def stop(self, station: Station, *, how: signal.Signals = signal.SIGTERM) -> None:
        """End the station's process, by default as an operator would."""
        if station.process is None:
            return
        station.process.send_signal(how)
        station.process.wait(30)
        station.process = None


@contextlib.contextmanager
def pair(*, options: str = "") -> Iterator[Pair]:
    """Two running stations with an open channel; gone with the block.

    Args:
        options: of the addresses at which they reach each other, such as `?rate=2400`.
    """
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as directory:
        place = Path(directory)
        passphrase = place / "pw"
        passphrase.write_text("correct horse for a benchmark\n")
        passphrase.chmod(0o600)
        environment = {**os.environ, "PARLEY_PASSPHRASE_FILE": str(passphrase)}
        made = Pair(
            place=place,
            alfa=_station(place, "ALFA"),
            bravo=_station(place, "BRAVO"),
            environment=environment,
        )
        try:
            _introduce(made, options)
            made.start(made.alfa)
            made.start(made.bravo)
            _open_channel(made)
            yield made
        finally:
            for station in (made.alfa, made.bravo):
                made.stop(station)


def _station(place: Path, code: str) -> Station:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return Station(code=code, directory=place / code.lower(), address=f"127.0.0.1:{port}")


def _introduce(made: Pair, options: str) -> None:
    stations = (made.alfa, made.bravo)
    words = {}
    for each in stations:
        made.run(
            *("init", str(each.directory), "--code", each.code, "--name", each.code),
            *("--listen", each.address + options, "--release", "one-person", "--no-input"),
        )
        card = str(made.place / f"{each.code}.card")
        made.run("card", "export", "--station", str(each.directory), "--out", card)
        shown = made.run("card", "show", "--station", str(each.directory))
        words[each.code] = " ".join(shown["words"]["en"])
    for each, other in (stations, stations[::-1]):
        here = ("--station", str(each.directory))
        card = str(made.place / f"{other.code}.card")
        made.run("peer", "add", card, *here, "--address", other.address + options, "--no-input")
        made.run(
            *("peer", "verify", other.code, *here),
            *("--method", "paper", "--words", words[other.code]),
        )


def _open_channel(made: Pair) -> None:
    made.run(
        *("channel", "propose", "BRAVO", "--code", CHANNEL, "--purpose", "Benchmark"),
        *("--station", str(made.alfa.directory), "--yes"),
    )
    until = time.monotonic() + START_SECONDS
    while not _is_accepted(made, last_try=time.monotonic() > until):
        time.sleep(0.2)


def _is_accepted(made: Pair, *, last_try: bool) -> bool:
    accept = ("channel", "accept", CHANNEL, "--station", str(made.bravo.directory), "--yes")
    with contextlib.nullcontext() if last_try else contextlib.suppress(RuntimeError):
        made.run(*accept)
        return True
    # The proposal is still under way.
    return False
