"""A real browser: Debian's Chromium through Playwright.

Where it is not installed the tests are skipped with the reason; with `PARLEY_PROGRAMS=required` they
fail instead.
"""

from __future__ import annotations

import os
import shutil

import pytest

from support import console_day
from support.console_server import serve_console
from support.console_stations import two_stations
from support.fake_gateway import FakeGateway

CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in str(item.path.parent):
            item.add_marker(pytest.mark.browser)


def absent(what):
    if os.environ.get("PARLEY_PROGRAMS") == "required":
        pytest.fail(f"PARLEY_PROGRAMS=required, but {what}")
    pytest.skip(what)


# For each module anew: Playwright keeps a loop running in this thread, and other tests want theirs.
@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        absent("Chromium is not installed: apt-get install chromium")
    try:
        from playwright import sync_api  # noqa: PLC0415 - absent where no browser is wanted
    except ImportError:
        absent("Playwright is not installed: make setup")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def violations():
    """Return a function that says what axe finds on a page (WCAG 2.2, levels A and AA)."""
    try:
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as above
    except ImportError:
        absent("axe is not installed: make setup")
    axe = Axe()
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

    def find(page):
        found = axe.run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        return [
            (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
            for each in found.response["violations"]
        ]

    return find


@pytest.fixture
def fake():
    """A console on the fake gateway, without the FLASH that is there for pictures."""
    gateway = FakeGateway()
    for alarm in gateway.alarms():
        alarm.open = False
    with serve_console(gateway) as running:
        yield running


@pytest.fixture(scope="module")
def pair(chromium, tmp_path_factory):
    """ALFA and BRAVO, each `parley serve` in a process of its own, with the channel OPS open."""
    with two_stations(tmp_path_factory.mktemp("pair"), languages=("en", "zh")) as made:
        yield made


@pytest.fixture
def stations(pair):
    """The pair, both running whatever the test before did to them."""
    for station in pair:
        if not station.runs:
            station.start()
    return pair


@pytest.fixture
def earlier(chromium, tmp_path):
    """The same on an exercise whose clocks are two hours behind, until `later` sets them right."""
    with two_stations(tmp_path, **console_day.earlier(7200)) as pair:
        yield pair


@pytest.fixture(scope="module")
def a_day(chromium, tmp_path_factory):
    """ALFA and BRAVO on a day with messages, requests, a lapse and a held draft."""
    with console_day.day(tmp_path_factory.mktemp("day")) as pair:
        yield pair


@pytest.fixture
def visit(chromium):
    """Return a function that signs an officer in at a real console by a one-time link."""
    contexts = []

    def open_at(station, officer=None, view="en.day.100.keys", **options):
        size = {"width": 1366, "height": 768}
        context = chromium.new_context(**({"viewport": size} | options))
        context.add_cookies([{"name": "parley-view", "value": view, "url": station.origin}])
        contexts.append(context)
        page = context.new_page()
        page.goto(station.sign_in_link(officer or f"{station.code}-1"))
        page.locator("form[action='/sign-in/link'] button").click()
        page.wait_for_url(station.origin + "/")
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(chromium):
    """Return a function that opens a signed-in browser context at a console on the fake gateway."""
    contexts = []

    def open_at(running, officer="ALFA-W2", view="en.day.100.keys", **options):
        secret = running.open_session(officer)
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, **options)
        context.add_cookies(
            [
                {
                    "name": "parley-session",
                    "value": secret,
                    "url": running.origin,
                    "httpOnly": True,
                    "sameSite": "Strict",
                },
                {"name": "parley-view", "value": view, "url": running.origin},
            ]
        )
        contexts.append(context)
        return context

    yield open_at
    for context in contexts:
        context.close()
