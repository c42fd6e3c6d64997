"""The pictures of the documents, taken from two real stations.

`PARLEY_PICTURES=docs/pictures pytest tests/browser/test_console_pictures.py` takes them anew.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.console_day import flash, say, words
from support.live_stations import until

PICTURE_BYTES_MAX = 200_000
SOON_MS = 30_000
DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ("console.png", "console-case.png", "console-flash-zh.png")
TOUR = tuple(f"first-hour-{step}.png" for step in range(1, 6))


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


def two_reports(alfa, bravo):
    """Let both sides tell one encounter, and return its number."""
    told = {
        "phases": [{"code": "crossing"}],
        "harm": {"killed": 0, "hurt": 0},
        "own_units": [{"kind": "tug", "count": 1}],
        "other_units": [{"kind": "patrol boat", "count": 1}],
    }
    ours = {
        "when": "2026-03-02T09:15:00Z",
        "where": {"position": "09-58.00N 100-02.00E"},
        "closest": {"metres": 120, "error": 20, "method": "radar"},
    }
    theirs = {
        "when": "2026-03-02T09:16:00Z",
        "where": {"position": "09-58.02N 100-02.05E"},
        "closest": {"metres": 180, "error": 20, "method": "visual"},
    }
    said = words("Their boat crossed our bow.", "对方船只从我船首前方通过。")
    say(alfa.client, procedure="incident", move="report", fields=told | ours, **said)
    rows = until(lambda: bravo.client.get("/registers/incident")["items"])
    number = rows[0]["number"]
    said = words("Our boat slowed and gave way.", "我艇已减速让路。")
    say(
        bravo.client,
        procedure="incident",
        move="counter",
        case=number,
        fields=told | theirs,
        **said,
    )
    until(lambda: alfa.client.get("/registers/incident")["items"][0]["state"] == "reported by both")
    return number


def test_the_tour_leads_through_the_first_hour_in_both_languages_and_is_ended_for_good(
    a_day, visit, folder
):
    alfa, bravo = a_day
    size = {"width": 1280, "height": 800}
    number = two_reports(alfa, bravo)
    bravo.client.post("/line-checks", {"peer": "ALFA"})
    page = visit(alfa, viewport=size)
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Take the tour").press("Enter")
    tour = page.locator("#tour")
    lapsed = next(
        row["number"]
        for row in alfa.client.get("/registers/request")["items"]
        if row["clock"] == "lapsed-silent"
    )
    places = {3: f"/cases/{lapsed}", 4: f"/cases/{number}"}
    for step, picture in enumerate(TOUR, start=1):
        expect(tour).to_contain_text(f"Tour, step {step} of 5")
        tour.get_by_role("link").click()
        page.wait_for_url(lambda url: url != alfa.origin + "/")
        expect(tour).to_contain_text(f"Tour, step {step} of 5")
        if step in places:
            page.goto(alfa.origin + places[step])
        if step == 1:
            expect(page.locator("main")).to_contain_text("line check", timeout=SOON_MS)
        if step == 2:
            entry = flash(bravo)
            expect(page.get_by_role("alert", name="BRAVO")).to_be_visible(timeout=SOON_MS)
            page.locator("[data-key=claim]").click()
            page.wait_for_url(f"{alfa.origin}/entries/{entry}")
        if step == 4:
            page.locator("#side-by-side h2").scroll_into_view_if_needed()
            expect(page.locator("#side-by-side")).to_contain_text("BRAVO")
        expect(page.locator("#screen-state")).to_contain_text("Screen live")
        page.screenshot(path=folder / picture)
        assert size_of(folder / picture) == (1280, 800)
        assert (folder / picture).stat().st_size < PICTURE_BYTES_MAX
        if step < len(TOUR):
            tour.get_by_role("button", name="Next step").press("Enter")
            expect(tour).to_contain_text(f"Tour, step {step + 1} of 5")

    chinese = visit(alfa, view="zh.night.100.keys", java_script_enabled=False)
    expect(chinese.locator("#tour")).to_contain_text("导览，第 5 步，共 5 步")
    chinese.locator("#tour").get_by_role("button", name="结束导览").press("Enter")
    expect(chinese.locator("#tour")).to_have_count(0)
    page.goto(alfa.origin + "/inbox")
    expect(page.locator("#tour")).to_have_count(0)


def test_the_pictures_in_the_documents_are_there_and_small():
    for name in (*NAMES, *TOUR):
        picture = DOCS / "pictures" / name
        assert size_of(picture)[0] <= 1280
        assert picture.stat().st_size < PICTURE_BYTES_MAX
