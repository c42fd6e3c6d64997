"""Stations that `serve` runs in threads of this process, reached through their control sockets."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parley.api.client import Client
from parley.api.serving import Serving, serve
from parley.station.identity import create_station

PASSPHRASE = b"correct horse battery"
KDF_KIB = 1024  # what a passphrase costs is tested where key files are


def make_station(directory: Path, code: str, **more: Any) -> None:
    settings = {"release": "one-person", "listen": ("tls://127.0.0.1:0",), "heartbeat_s": 5} | more
    create_station(
        directory,
        code=code,
        name=code.title(),
        passphrase=PASSPHRASE,
        now=int(time.time()),
        random=os.urandom,
        kdf_kib=KDF_KIB,
        **settings,
    )


class LiveStation:
    """One station in a thread; `log` holds what it logged."""

    def __init__(self, directory: Path, **more: Any) -> None:
        self.directory, self._more = directory, more
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.error: BaseException | None = None
        self._ready = threading.Event()

    def start(self) -> Serving:
        self._thread = threading.Thread(target=self._run, name=self.directory.name, daemon=True)
        self._thread.start()
        assert self._ready.wait(30), "the station did not open its doors"
        if self.error is not None:
            raise self.error
        return self.serving

    def stop_soon(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        if self._thread.is_alive():
            self.stop_soon()
        self._thread.join(30)
        assert not self._thread.is_alive(), "the station did not stop"
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()

        def ready(serving: Serving) -> None:
            self.serving = serving
            self._ready.set()

        await serve(
            self.directory,
            passphrase=PASSPHRASE,
            ready=ready,
            stop=self._stop,
            log=lambda event, **details: self.log.append((event, details)),
            **self._more,
        )

    def client(self, **more: Any) -> Client:
        return Client(self.directory / "control.sock", **more)


@contextmanager
def live(directory: Path, code: str, **more: Any) -> Iterator[LiveStation]:
    """Make a station and run it while the block lasts."""
    make_station(directory, code, **more)
    station = LiveStation(directory)
    station.start()
    try:
        yield station
    finally:
        station.stop()


def until(found: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return what `found` gives, once it gives something."""
    last = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < last, "it did not come to pass"
        time.sleep(0.02)
    return value


def introduce(one: Client, address: str, other: Client, *, compared: bool = True) -> None:
    """Let `one` know `other`, dial it at `address`, and, if `compared`, have its words compared."""
    card = other.get("/card")
    code = one.post("/peers", {"card": card["armour"], "addresses": [address]})["code"]
    if not compared:
        return
    words = card["words"]["en"]
    assert one.post(f"/peers/{code}/verify", {"words": words, "method": "paper"})["match"]


def open_channel(
    one: Client, other: Client, code: str = "OPS", second: Client | None = None
) -> None:
    """Open a channel from one station to another; `second` confirms where two are needed."""
    peer = other.get("/station")["code"]
    made = one.post("/channels", {"code": code, "peers": [peer], "purpose": "Operations line"})
    if second is not None:
        second.post(f"/channel-acts/{code}/confirm", {"digest": made["digest"]})
    until(lambda: [c for c in other.get("/channels")["items"] if c["code"] == code])
    other.post(f"/channels/{code}/accept")
    until(lambda: one.get(f"/channels/{code}")["state"] == "open")
    until(lambda: other.get(f"/channels/{code}")["state"] == "open")


@contextmanager
def live_pair(root: Path) -> Iterator[tuple[LiveStation, LiveStation, Client, Client]]:
    """Run ALFA and BRAVO, who know each other and have the channel OPS open, with a client each."""
    with (
        live(root / "alfa", "ALFA") as alfa,
        live(root / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        introduce(a, bravo.serving.link_addresses[0], b)
        introduce(b, alfa.serving.link_addresses[0], a)
        open_channel(a, b)
        yield alfa, bravo, a, b
