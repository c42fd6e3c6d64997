"""The pictures of the documents, taken from two real stations.

`PARLEY_PICTURES=docs/pictures pytest tests/browser/test_console_pictures.py` takes them anew.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.console_day import flash

PICTURE_BYTES_MAX = 200_000
SOON_MS = 30_000
DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ("console.png", "console-case.png", "console-flash-zh.png")


@pytest.fixture
def folder(tmp_path):
    wanted = os.environ.get("PARLEY_PICTURES")
    return Path(wanted) if wanted else tmp_path


def size_of(picture):
    """Return width and height of a PNG, from its header (PNG 1.2, section 4.1.1)."""
    raw = picture.read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", raw[16:24])


def test_the_pictures_show_a_living_line_a_flash_and_a_request(a_day, visit, folder):
    alfa, bravo = a_day
    size = {"width": 1280, "height": 800}
    page = visit(alfa, viewport=size)
    row = page.locator("#lines tbody tr").filter(has_text="BRAVO")
    expect(row).to_contain_text("alive", timeout=SOON_MS)
    number = next(
        row["number"]
        for row in alfa.client.get("/registers/request")["items"]
        if row["clock"] == "lapsed-silent"
    )
    page.goto(f"{alfa.origin}/cases/{number}")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    page.screenshot(path=folder / "console-case.png")

    chinese = visit(alfa, view="zh.day.100.keys", viewport=size)
    chinese.goto(alfa.origin + "/record")
    entry = flash(bravo)
    expect(chinese.get_by_role("alert", name="BRAVO")).to_be_visible(timeout=SOON_MS)
    chinese.screenshot(path=folder / "console-flash-zh.png")

    chinese.locator("[data-key=claim]").click()
    chinese.wait_for_url(f"{alfa.origin}/entries/{entry}")
    page.goto(alfa.origin + "/")
    expect(page.locator("#needs")).to_contain_text("claimed by ALFA-1", timeout=SOON_MS)
    expect(page.locator("#needs")).to_contain_text("we owe an answer in")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    page.screenshot(path=folder / "console.png")

    for name in NAMES:
        assert size_of(folder / name) == (1280, 800)
        assert (folder / name).stat().st_size < PICTURE_BYTES_MAX


def test_the_pictures_in_the_documents_are_there_and_small():
    for name in NAMES:
        picture = DOCS / "pictures" / name
        assert size_of(picture)[0] <= 1280
        assert picture.stat().st_size < PICTURE_BYTES_MAX
