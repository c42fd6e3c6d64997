"""Stations as processes of their own, started and watched by one command (`parley demo`)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parley.errors import StationUnreachableError
from parley.station.directory import SOCKET_NAME, is_running

READY_S: Final = 30.0
STOP_S: Final = 15.0
_LOOK_EVERY_S: Final = 0.05
_LOG_TAIL_BYTES: Final = 2_000


@dataclass(slots=True)
class Child:
    """One station and the process that runs it.

    Attributes:
        code: the party's code.
        directory: its station directory.
        log: what the process says.
    """

    code: str
    directory: Path
    passphrase_file: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Return the file that holds what the process said."""
        return self.directory.with_suffix(".log")

    @property
    def socket(self) -> Path:
        """Return its control socket."""
        return self.directory / SOCKET_NAME

    @property
    def command(self) -> list[str]:
        """Return the command that a person would type to run it."""
        passphrase = ["--passphrase-file", str(self.passphrase_file)]
        return ["parley", "serve", "--station", str(self.directory), *passphrase]

    def start(self) -> None:
        """Start the process; it does not listen yet."""
        # A session of its own: Ctrl-C reaches the command, which then stops its stations in order.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                [str(Path(sys.executable).with_name("parley")), *self.command[1:], "--no-input"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until its control socket answers.

        Raises:
            StationUnreachableError: it ended, or took too long.
        """
        began = time.monotonic()
        while not is_running(self.directory):
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() - began > READY_S:
                said = self.log.read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace").strip()
                raise StationUnreachableError(
                    f"the station {self.code} did not start: {said}",
                    next_step="Report it together with what the station said.",
                )
            time.sleep(_LOOK_EVERY_S)

    @property
    def has_ended(self) -> bool:
        """Say whether the process is gone."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """Ask the process to end, and see that it does."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(children: Sequence[Child]) -> Iterator[None]:
    """Run stations side by side until the block ends.

    Raises:
        StationUnreachableError: one of them did not start.
    """
    try:
        for child in children:
            child.start()
        for child in children:
            child.wait_ready()
        yield
    finally:
        for child in reversed(children):
            child.stop()


def free_ports(count: int) -> list[int]:
    """Return that many TCP ports of loopback that nobody listens at."""
    import socket  # noqa: PLC0415 - only the demonstration looks for ports

    held = []
    try:
        for _ in range(count):
            each = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.append(each)
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
    finally:
        for each in held:
            each.close()


def write_secret(path: Path, secret: bytes) -> None:
    """Write a file that only its owner can read."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(secret)
