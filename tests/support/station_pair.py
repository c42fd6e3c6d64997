"""Two stations that the command line serves and asks, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.live_stations import PASSPHRASE, introduce, live, open_channel

BIN = Path(sys.executable).parent
READY_S = 120
"""Seconds after which a command that hangs is given up; never how long one takes."""


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without `PARLEY_` variables, with our commands on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    kept["PATH"] = f"{BIN}:{kept.get('PATH', '')}"
    return kept | more


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        assert self.code in (0, 3, 7, 13, 14, 20), self.err or self.out
        return self.json["data"]

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Pair:
    """ALFA and BRAVO in a folder, each with one officer, under one passphrase file."""

    def __init__(self, folder: Path, *, release: str = "one-person") -> None:
        self.folder = folder
        self.release = release
        self.environment = clean_environment(PARLEY_PASSPHRASE_FILE="./pw")
        self.ports = {"alfa": free_port(), "bravo": free_port(), "api": free_port()}
        self.reach = {name: port for name, port in self.ports.items() if name != "api"}
        self.inside: dict[str, Callable[..., list[str]]] = {}
        """How to run a command where a station's directory is seen, if not here."""
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: list[subprocess.Popen[str]] = []
        self._readers: list[threading.Thread] = []
        (folder / "pw").write_bytes(PASSPHRASE + b"\n")

    def copy(self, folder: Path) -> Pair:
        """Return a pair with the same stations in another folder; neither pair may run now."""
        assert not self._running
        made = Pair(folder, release=self.release)
        made.ports, made.reach = dict(self.ports), dict(self.reach)
        made.environment = dict(self.environment)
        for station in ("alfa", "bravo"):
            shutil.copytree(self.folder / station, folder / station)
        return made

    def run(self, station: str, *arguments: str, given: str = "") -> Said:
        """Run a command at a station."""
        return self._run(self._at(station, *arguments), given, {})

    def plain(self, *arguments: str, given: str = "", **more: str) -> Said:
        """Run a command that needs no station; `more` are variables of its environment."""
        return self._run([str(BIN / "parley"), *arguments], given, more)

    def _at(self, station: str, *arguments: str) -> list[str]:
        command = [str(BIN / "parley"), *arguments, "--station", f"./{station}"]
        return self.inside[station](*command) if station in self.inside else command

    def _run(self, command: list[str], given: str, more: dict[str, str]) -> Said:
        done = subprocess.run(
            command,
            cwd=self.folder,
            input=given,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=READY_S,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, station: str, *arguments: str, given: Any = subprocess.DEVNULL) -> Any:
        """Start a command that goes on; the caller ends it."""
        process = subprocess.Popen(
            self._at(station, *arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def read(self, process: Any, take: Callable[[str], None]) -> threading.Thread:
        """Hand each line that a command prints to `take`, in a thread that ends with it."""

        def run() -> None:
            for line in process.stdout:
                take(line)

        reading = threading.Thread(target=run, daemon=True)
        self._readers.append(reading)
        reading.start()
        return reading

    def make(self, *, channel: str | None = None) -> None:
        """Make both stations and let them trust each other; under two persons, know each other.

        In threads of this process, for what `init`, `peer` and `channel` do has tests of its own.
        With `channel` they open one. Neither runs afterwards.
        """
        with ExitStack() as stack:
            clients = {}
            for name in ("alfa", "bravo"):
                made = live(
                    self.folder / name,
                    name.upper(),
                    listen=(f"tls://127.0.0.1:{self.ports[name]}",),
                    release=self.release,
                    heartbeat_s=None,
                    **({"api_listen": f"127.0.0.1:{self.ports['api']}"} if name == "alfa" else {}),
                )
                clients[name] = stack.enter_context(stack.enter_context(made).client())
            for here, there in (("alfa", "bravo"), ("bravo", "alfa")):
                address = f"tls://127.0.0.1:{self.reach[there]}"
                one_person = self.release == "one-person"
                introduce(clients[here], address, clients[there], compared=one_person)
            if channel is not None:
                open_channel(clients["alfa"], clients["bravo"], channel)

    def words_of(self, station: str) -> str:
        """Return the words that a station's officer reads out."""
        return " ".join(self.run(station, "card", "show", "--json").data["words"]["en"])

    def send_signal(self, station: str, number: int) -> None:
        """Send a signal to a running station and do not wait for what it does."""
        self._running[station].send_signal(number)

    def pid(self, station: str) -> int:
        """Return the process id of a running station."""
        return self._running[station].pid

    def log(self, station: str) -> str:
        """Return what a station has logged so far."""
        return (self.folder / f"{station}.log").read_text()

    @property
    def running(self) -> set[str]:
        """Return the stations that were started and not stopped."""
        return set(self._running)

    def serve(self, station: str) -> None:
        """Start a station; commands wait until it answers."""
        log = (self.folder / f"{station}.log").open("ab")
        self._running[station] = subprocess.Popen(
            self._at(station, "serve"),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()

    def stop(self, station: str, *, number: int = signal.SIGTERM) -> int:
        """Stop a station and return what it ended with."""
        process = self._running.pop(station)
        process.send_signal(number)
        return process.wait(READY_S)

    def open_channel(self, code: str = "OPS") -> None:
        """Propose and accept a channel."""
        proposed = self.run("alfa", "channel", "propose", "BRAVO", "--code", code, "--yes")
        assert proposed.code == 0, proposed.err
        accepted = self.run("bravo", "channel", "accept", code, "--yes")
        assert accepted.code == 0, accepted.err

    def close(self) -> None:
        """Stop whatever still runs."""
        for process in self._started:
            process.kill()
            process.wait(READY_S)
        for reading in self._readers:
            reading.join(READY_S)
        for process in self._started:
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
        for station in list(self._running):
            self.stop(station, number=signal.SIGKILL)
