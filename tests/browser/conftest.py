"""A real browser: Debian's Chromium through Playwright; skipped with the reason where absent."""

from __future__ import annotations

import shutil

import pytest

from support.console_server import serve_console
from support.fake_gateway import FakeGateway

CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in str(item.path.parent):
            item.add_marker(pytest.mark.browser)


# For each module anew: Playwright keeps a loop running in this thread, and other tests want theirs.
@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


@pytest.fixture
def fake():
    """A console on the fake gateway, without the FLASH that is there for pictures."""
    gateway = FakeGateway()
    for alarm in gateway.alarms():
        alarm.open = False
    with serve_console(gateway) as running:
        yield running


@pytest.fixture
def sign_in(chromium):
    """Return a function that opens a signed-in browser context at a console."""
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
