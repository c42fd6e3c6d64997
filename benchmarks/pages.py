"""The console's pages on a large record, as a real browser meets them.

A record is written (`benchmarks/record.py`), a station serves its console on it, and Chromium opens
each page: how long the server took (from the request to the first byte, beside the same for a file
of 155 bytes), how much came for a first view, how many nodes the page has.

`python -m benchmarks.pages [ENTRIES]` prints the table; it needs Debian's Chromium.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.record import NEEDLE, PASSPHRASE, make
from benchmarks.served import WAIT_S, served
from parley.api.client import Client
from parley.errors import ParleyError

ENTRIES: Final = 100_000
VISITS: Final = 9
BYTES_MAX: Final = 200_000
MAP_BYTES_MAX: Final = 273_000
"""The map may bring its script, 46 kB, and its land, 27 kB, beside."""
NODES_MAX: Final = 1_500
SERVER_MS: Final = 200
PAGES: Final = (
    ("overview", "/", 100),
    ("inbox", "/inbox", SERVER_MS),
    ("requests", "/requests", SERVER_MS),
    ("a register", "/registers/message", SERVER_MS),
    ("record", "/record", SERVER_MS),
    ("search", f"/search?q={NEEDLE}", SERVER_MS),
    ("timeline", "/timeline", SERVER_MS),
    ("map", "/map", SERVER_MS),
    ("links", "/channels", SERVER_MS),
    ("station", "/station", SERVER_MS),
    ("outbox", "/outbox", SERVER_MS),
)
_CHROMIUM: Final = "/usr/bin/chromium"
_MEASURE: Final = """() => {
  const page = performance.getEntriesByType('navigation')[0]
  const parts = performance.getEntriesByType('resource')
  return {server: page.responseStart - page.requestStart,
          bytes: [page, ...parts].reduce((sum, part) => sum + part.encodedBodySize, 0),
          nodes: document.querySelectorAll('*').length}
}"""


@contextmanager
def console(directory: Path) -> Iterator[tuple[str, str]]:
    """Serve a station's console from a thread; yield its origin and a path that signs in."""
    with served(directory, "ALFA", passphrase=PASSPHRASE) as (_, origin):
        yield origin, _link(directory)


def _link(directory: Path) -> str:
    """Return a path that signs an officer in, once the desk has read the record."""
    with Client(directory / "control.sock") as client:
        officer = client.get("/me")["officer"]
        until = time.monotonic() + WAIT_S
        while True:
            try:
                client.get("/balances")
                break
            except ParleyError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        return str(client.post("/sign-in-links", {"officer": officer})["path"])


def visit(page: Page, address: str) -> dict[str, Any]:
    """Open a page and return what it cost."""
    page.goto(address, wait_until="load")
    return dict(page.evaluate(_MEASURE))


def measure(origin: str, link: str) -> list[list[str]]:
    """Return one row of the table for each page."""
    rows = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=_CHROMIUM)
        context = browser.new_context()
        page = context.new_page()
        page.goto(origin + link)
        page.locator("form[action='/sign-in/link'] button").click()
        page.wait_for_url(origin + "/")
        icon = str(page.locator("link[rel=icon]").get_attribute("href"))
        raw = statistics.median(_uncached(browser, origin + icon) for _ in range(VISITS))
        cookies = context.cookies()
        for name, path, most in PAGES:
            # A first view: nothing is kept from the pages before.
            fresh = browser.new_context()
            fresh.add_cookies([{**cookie} for cookie in cookies])  # type: ignore[typeddict-item]
            found = [visit(fresh.new_page(), origin + path)]
            again = fresh.new_page()
            found += [visit(again, origin + path) for _ in range(VISITS - 1)]
            fresh.close()
            rows.append(_row(name, raw, [each["server"] for each in found], found[0], most))
        browser.close()
    return rows


def _uncached(browser: Browser, address: str) -> float:
    context = browser.new_context()
    try:
        return float(visit(context.new_page(), address)["server"])
    finally:
        context.close()


def _row(name: str, raw: float, times: list[float], first: dict[str, Any], most: int) -> list[str]:
    took = statistics.median(times)
    size = MAP_BYTES_MAX if name == "map" else BYTES_MAX
    over = [
        what
        for what, is_over in (
            (f"server {most} ms", took > most),
            (f"{size // 1000} kB", first["bytes"] > size),
            (f"{NODES_MAX} nodes", first["nodes"] > NODES_MAX),
        )
        if is_over
    ]
    return [
        name,
        f"{took:.0f} ms",
        f"{took / raw:.0f} ×",
        f"{first['bytes'] / 1000:.0f} kB",
        str(first["nodes"]),
        "over: " + ", ".join(over) if over else "within",
    ]


def main() -> int:
    """Make a record, open the pages, print the table."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory(prefix="parley-pages-") as folder:
        directory = Path(folder) / "station"
        make(directory, entries)
        with console(directory) as (origin, link):
            rows = measure(origin, link)
    print("| page | server, median | ratio to a small file | first view | nodes | budget |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
