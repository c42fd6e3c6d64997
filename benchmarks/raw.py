"""The floor: append, flush, TCP, append, flush, acknowledge. No security, no proof.

The sender appends a message to its file and flushes it, sends it over TCP, and counts it once the
receiver, in a process of its own, has appended and flushed it too and said so. Nagle is off. The
window bounds the messages under way; whatever is waiting is flushed together. Each message is
written and sent by itself, as by a program that is handed one after the other.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LENGTH_BYTES = 4
WINDOW = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """What this machine does at best today.

    Attributes:
        latency_s: median from handing over one message to its acknowledgement, one at a time.
        per_second: messages a second with a window of 256.
    """

    latency_s: float
    per_second: float


def measure(*, message_bytes: int, single: int = 300, stream: int = 20_000) -> Raw:
    """Measure both in one go.

    Args:
        message_bytes: size of one message.
        single: messages sent one at a time.
        stream: messages sent with a window.
    """
    message = os.urandom(message_bytes)
    with (
        tempfile.TemporaryDirectory(prefix="parley-raw-") as directory,
        _receiver(Path(directory, "receiver")) as connection,
        Path(directory, "sender").open("ab", buffering=0) as log,
    ):
        latencies = [_send_one(connection, log.fileno(), message) for _ in range(single)]
        per_second = stream / _send_stream(connection, log.fileno(), message, stream)
    return Raw(latency_s=statistics.median(latencies), per_second=per_second)


def _send_one(connection: socket.socket, log: int, message: bytes) -> float:
    began = time.perf_counter()
    framed = len(message).to_bytes(LENGTH_BYTES, "big") + message
    os.write(log, framed)
    os.fdatasync(log)
    connection.sendall(framed)
    _acknowledged(connection, at_least=1)
    return time.perf_counter() - began


def _send_stream(connection: socket.socket, log: int, message: bytes, count: int) -> float:
    framed = len(message).to_bytes(LENGTH_BYTES, "big") + message
    began = time.perf_counter()
    sent = done = 0
    while done < count:
        batch = min(WINDOW - (sent - done), count - sent)
        if batch:
            for _ in range(batch):
                os.write(log, framed)
            os.fdatasync(log)
            for _ in range(batch):
                connection.sendall(framed)
            sent += batch
        done += _acknowledged(connection, at_least=1)
    return time.perf_counter() - began


def _acknowledged(connection: socket.socket, *, at_least: int) -> int:
    """Read acknowledgements, one byte a message, and count them."""
    count = 0
    while count < at_least:
        came = connection.recv(65_536)
        if not came:
            raise ConnectionError("the receiver is gone")
        count += len(came)
    return count


@contextlib.contextmanager
def _receiver(log: Path) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        # Spawned, not forked: a benchmark before this one may have left threads behind.
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_receive, args=(server.getsockname(), log), daemon=True)
        process.start()
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            yield connection
        process.join(5)


def _receive(place: tuple[str, int], path: Path) -> None:
    with socket.create_connection(place) as connection, path.open("ab", buffering=0) as log:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = bytearray()
        while came := connection.recv(1 << 18):
            rest += came
            count = 0
            while len(rest) >= LENGTH_BYTES:
                end = LENGTH_BYTES + int.from_bytes(rest[:LENGTH_BYTES], "big")
                if end > len(rest):
                    break
                os.write(log.fileno(), rest[:end])
                del rest[:end]
                count += 1
            if count:
                os.fdatasync(log.fileno())
                connection.sendall(b"." * count)
