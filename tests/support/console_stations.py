"""Two real stations with consoles, each `parley serve` in a process of its own, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from parley.api.client import Client
from parley.errors import ParleyError
from parley.station.identity import create_station
from support.live_stations import KDF_KIB, PASSPHRASE, introduce, open_channel, until

READY_S = 60.0
PARLEY = Path(sys.executable).with_name("parley")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ConsoleStation:
    """One station; `origin` is where officers find its console."""

    def __init__(self, folder: Path, code: str, **settings: Any) -> None:
        self.code, self.directory = code, folder / code.lower()
        self.address = f"tls://127.0.0.1:{free_port()}"
        port = free_port()
        self.origin = f"http://{code.lower()}.localhost:{port}"
        self._log = folder / f"{code.lower()}.log"
        self._passphrase = folder / "passphrase"
        self._passphrase.write_bytes(PASSPHRASE)
        self._process: subprocess.Popen[bytes] | None = None
        given: dict[str, Any] = {
            "name": code.title(),
            "passphrase": PASSPHRASE,
            "now": int(time.time()),
            "random": os.urandom,
            "kdf_kib": KDF_KIB,
            "release": "one-person",
            "heartbeat_s": 5,
            "listen": (self.address,),
            "console_listen": f"127.0.0.1:{port}",
            "console_origin": self.origin,
        }
        create_station(self.directory, code=code, **(given | settings))
        self.client = Client(self.directory / "control.sock")

    def start(self) -> None:
        """Run it, and wait until its doors are open."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Run it."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [PARLEY, "serve", "--station", self.directory],
                env=kept | {"PARLEY_PASSPHRASE_FILE": str(self._passphrase)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Wait until its doors are open."""
        until(self._answers, READY_S)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        # Each time anew: a client that has reached a station once holds on to its socket.
        with Client(self.directory / "control.sock") as knocking, suppress(ParleyError):
            return bool(knocking.get("/station"))
        return False

    @property
    def runs(self) -> bool:
        """Say whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End its process as a power cut would: kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(30)
        self._process = None

    def log(self) -> str:
        """Return what the station logged."""
        return self._log.read_text(errors="replace")

    def officer(self, code: str, roles: tuple[str, ...]) -> str:
        """Add an officer who has no account of the machine, only a console."""
        self.client.post("/officers", {"code": code, "roles": list(roles), "name": ""})
        return code

    def sign_in_link(self, officer: str) -> str:
        """Return the address that lets an officer in once."""
        made = self.client.post("/sign-in-links", {"officer": officer})
        return f"{self.origin}/sign-in/link/{made['secret']}"


@contextmanager
def two_stations(folder: Path, **settings: Any) -> Iterator[tuple[ConsoleStation, ConsoleStation]]:
    """Run ALFA and BRAVO, who compared their words and opened the channel OPS."""
    alfa, bravo = (ConsoleStation(folder, code, **settings) for code in ("ALFA", "BRAVO"))
    try:
        for station in (alfa, bravo):
            station.launch()
        for station in (alfa, bravo):
            station.wait()
        introduce(alfa.client, bravo.address, bravo.client)
        introduce(bravo.client, alfa.address, alfa.client)
        open_channel(alfa.client, bravo.client)
        yield alfa, bravo
    finally:
        for station in (alfa, bravo):
            station.client.close()
            station.stop()
