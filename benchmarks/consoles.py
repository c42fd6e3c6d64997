"""A FLASH on fifty consoles, and the silence after one claims it.

ALFA and BRAVO run in this process, fifty readers of ALFA's live stream in another. BRAVO sends a
FLASH; measured is from the answer that it is durable there until the last of the fifty streams has
the alarm, then from the press of *Claim* until the last stream knows it. Beside it the floor: a
bare server that writes about as many bytes to fifty sockets. A browser adds its drawing and sound.

`python -m benchmarks.consoles [FLASHES]` prints the table.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.served import served
from parley.api.client import Client
from parley.station.identity import create_station

CONSOLES: Final = 50
FLASHES: Final = 20
BUDGET_S: Final = 1.0
_PASSPHRASE: Final = b"for measuring alone"
_WAIT_S: Final = 120.0
_FLOOR_LINES: Final = b'event: alarm\ndata: {"what":"raised","alarm":"%d"}' + b" " * 200 + b"\n\n"


# --- the readers, in a process of their own ---


def read_streams(port: int, host: str, cookie: str, found: Connection) -> None:
    """Hold fifty streams open; send (what, alarm, when) for each alarm that each of them brings."""
    asyncio.run(_read_all(port, host, cookie, found))


async def _read_all(port: int, host: str, cookie: str, found: Connection) -> None:
    await asyncio.gather(*(_read(port, host, cookie, found) for _ in range(CONSOLES)))


async def _read(port: int, host: str, cookie: str, found: Connection) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET /live HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin"
    writer.write(asked.encode() + b"\r\n\r\n")
    is_open, kind = False, ""
    while line := await reader.readline():
        now, text = time.monotonic(), line.decode().rstrip()
        if not is_open and text.startswith("retry:"):
            is_open = True
            found.send(("open", "", now))
        elif text.startswith("event: "):
            kind = text.removeprefix("event: ")
        elif text.startswith("data: ") and kind == "alarm":
            data = json.loads(text.removeprefix("data: "))
            found.send((data["what"], data["alarm"], now))


class Readers:
    """Fifty readers of one server's stream, and what they found."""

    def __init__(self, port: int, host: str, cookie: str = "none=0") -> None:
        self._found, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(
            target=read_streams, args=(port, host, cookie, theirs), daemon=True
        )
        self._process.start()
        self.all("open", "")

    def all(self, what: str, alarm: str) -> float:
        """Wait until every reader has this; return when the last one had it."""
        times: list[float] = []
        while len(times) < CONSOLES:
            if not self._found.poll(_WAIT_S):
                raise SystemExit(f"{len(times)} of {CONSOLES} streams had {what!r}")
            heard, which, when = self._found.recv()
            if (heard, which) == (what, alarm):
                times.append(when)
        return max(times)

    def stop(self) -> None:
        """End them."""
        self._process.terminate()
        self._process.join()


# --- two stations ---


def create(directory: Path, code: str) -> None:
    """Make a station."""
    create_station(
        directory,
        code=code,
        name=code.title(),
        passphrase=_PASSPHRASE,
        now=int(time.time()),
        random=os.urandom,
        kdf_kib=1024,
        release="one-person",
        listen=("tls://127.0.0.1:0",),
    )


def join(alfa: Client, bravo: Client, address: str, back: str) -> None:
    """Let both know each other and open the channel OPS."""
    for one, other, at in ((alfa, bravo, address), (bravo, alfa, back)):
        card = other.get("/card")
        code = one.post("/peers", {"card": card["armour"], "addresses": [at]})["code"]
        words = {"words": card["words"]["en"], "method": "paper"}
        one.post(f"/peers/{code}/verify", words)
    alfa.post("/channels", {"code": "OPS", "peers": ["BRAVO"], "purpose": "to measure"})
    until(lambda: bravo.get("/channels")["items"])
    bravo.post("/channels/OPS/accept")
    for client in (alfa, bravo):
        until(partial(_is_open, client))


def until(found: Callable[[], Any]) -> Any:
    """Return what `found` gives, once it gives something."""
    last = time.monotonic() + _WAIT_S
    while not (value := found()):
        if time.monotonic() > last:
            raise SystemExit("the stations did not come together")
        time.sleep(0.05)
    return value


def _is_open(client: Client) -> bool:
    return str(client.get("/channels/OPS")["state"]) == "open"


def _new_alarms(client: Client, known: set[str]) -> set[str]:
    return {alarm["id"] for alarm in client.get("/alarms")["items"]} - known


def sign_in(origin: str, client: Client) -> str:
    """Sign an officer in to the console; return the cookie."""
    officer = client.get("/me")["officer"]
    path = client.post("/sign-in-links", {"officer": officer})["path"]
    host, port = origin.removeprefix("http://").split(":")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
        headers = {"Host": f"{host}:{port}", "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        form = browser.get(path, headers=headers).text
        given = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        answer = browser.post("/sign-in/link", data=given, headers=headers)
    return answer.headers["set-cookie"].split(";")[0]


def flashes(
    alfa: Client, bravo: Client, readers: Readers, count: int
) -> Iterator[tuple[float, float]]:
    """Yield for each FLASH how long until all streams had it, and until all knew the claim."""
    for number in range(count):
        text = [{"lang": "en", "text": f"Collision danger, number {number}."}]
        draft = {"channel": "OPS", "texts": text, "fields": {"subject": "FLASH"}, "precedence": "Z"}
        before = _new_alarms(alfa, set())
        bravo.post("/submissions", draft)
        sent = time.monotonic()
        (alarm,) = until(partial(_new_alarms, alfa, before))
        raised = readers.all("raised", alarm)
        pressed = time.monotonic()
        alfa.post(f"/alarms/{alarm}/claim")
        yield raised - sent, readers.all("claimed", alarm) - pressed


# --- the floor ---


def floor(count: int) -> list[float]:
    """Return how long a bare server needs to bring an alarm to fifty sockets, in seconds."""
    loop, writers = asyncio.new_event_loop(), list[asyncio.StreamWriter]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writers.append(writer)
        writer.write(b"retry: 500\n\n")

    async def tell(number: int) -> None:
        for writer in writers:
            writer.write(_FLOOR_LINES % number)

    server = loop.run_until_complete(asyncio.start_server(take, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    readers = Readers(server.sockets[0].getsockname()[1], "localhost")
    times: list[float] = []
    for number in range(count):
        began = time.monotonic()
        asyncio.run_coroutine_threadsafe(tell(number), loop)
        times.append(readers.all("raised", str(number)) - began)
    readers.stop()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    return times


def main() -> int:
    """Measure and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FLASHES
    raw = statistics.median(floor(count))
    with tempfile.TemporaryDirectory(prefix="parley-consoles-") as folder, ExitStack() as stack:
        root = Path(folder)
        for code in ("ALFA", "BRAVO"):
            create(root / code.lower(), code)
        here, origin = stack.enter_context(served(root / "alfa", "ALFA", passphrase=_PASSPHRASE))
        there, _ = stack.enter_context(served(root / "bravo", "BRAVO", passphrase=_PASSPHRASE))
        alfa = stack.enter_context(Client(root / "alfa" / "control.sock"))
        bravo = stack.enter_context(Client(root / "bravo" / "control.sock"))
        join(alfa, bravo, there.link_addresses[0], here.link_addresses[0])
        readers = Readers(
            int(origin.rsplit(":", 1)[1]), origin.removeprefix("http://"), sign_in(origin, alfa)
        )
        stack.callback(readers.stop)
        took = list(flashes(alfa, bravo, readers, count))
    print(
        f"| to the last of {CONSOLES} streams | median | longest | ratio to bare sockets | budget |"
    )
    print("| --- | --- | --- | --- | --- |")
    print(f"| bare sockets | {raw * 1e3:.1f} ms | | 1 × | |")
    _print("FLASH, from the peer's durable append", [each[0] for each in took], raw)
    _print("claim, from the press", [each[1] for each in took], raw)
    return 0


def _print(name: str, times: Sequence[float], raw: float) -> None:
    median, longest = statistics.median(times), max(times)
    said = "within" if longest <= BUDGET_S else f"over: {BUDGET_S:.0f} s"
    figures = [f"{median * 1e3:.0f} ms", f"{longest * 1e3:.0f} ms", f"{median / raw:.0f} ×", said]
    print(f"| {' | '.join([name, *figures])} |")


if __name__ == "__main__":
    raise SystemExit(main())
