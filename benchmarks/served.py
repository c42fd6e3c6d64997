"""A station and its console, served from a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from parley.api.serving import Serving, serve
from parley.console.app import console_app
from parley.station.config import load

WAIT_S: Final = 1_800.0
"""A record of a million entries is read meanwhile, on a busy machine too."""


@contextmanager
def served(directory: Path, code: str, *, passphrase: bytes) -> Iterator[tuple[Serving, str]]:
    """Serve a station that was made; yield what it serves and its console's origin."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin = f"http://{code.lower()}.localhost:{port}"
    environ = {"PARLEY_CONSOLE__LISTEN": f"127.0.0.1:{port}", "PARLEY_CONSOLE__ORIGIN": origin}
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    serving: list[Serving] = []

    def is_ready(each: Serving) -> None:
        serving.append(each)
        ready.set()

    work = serve(
        directory,
        passphrase=passphrase,
        ready=is_ready,
        stop=stop,
        consoles=[console_app],
        config=load(directory, environ=environ),
        log=lambda *_, **__: None,
    )
    thread = threading.Thread(target=loop.run_until_complete, args=(work,))
    thread.start()
    try:
        if not ready.wait(WAIT_S):
            raise SystemExit(f"{code} did not start")
        yield serving[0], origin
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
