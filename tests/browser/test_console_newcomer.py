"""What somebody meets who has never seen a console: a lost station, a small screen, an old link."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

SOON_MS = 30_000
LATER_MS = 90_000
"""A station that was killed takes a while to open its keys on a busy machine."""


def begin(page, station):
    page.goto(f"{station.origin}/drafts/new?channel=OPS&procedure=message&move=send")


def test_words_typed_while_the_station_is_dead_survive_a_page_that_is_loaded_again(stations, visit):
    alfa, _ = stations
    page = visit(alfa)
    begin(page, alfa)
    page.get_by_label("Subject").fill("In mid sentence")
    page.locator("#text-0").fill("We are in the middle of")
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=SOON_MS)
    address = page.url
    alfa.kill()
    page.locator("#text-0").press_sequentially(" a sentence")
    expect(page.locator("#saved")).to_contain_text("Not saved", timeout=SOON_MS)
    page.goto("about:blank")

    alfa.start()
    page.goto(address)

    expect(page.locator("#text-0")).to_have_value(
        "We are in the middle of a sentence", timeout=LATER_MS
    )
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=SOON_MS)
    again = page.context.new_page()
    again.goto(address)
    expect(again.locator("#text-0")).to_have_value("We are in the middle of a sentence")


def test_words_that_were_never_saved_come_back_on_a_new_draft(stations, visit):
    alfa, _ = stations
    page = visit(alfa)
    begin(page, alfa)
    alfa.kill()
    page.locator("#text-0").press_sequentially("Nobody has seen this yet")
    expect(page.locator("#saved")).to_contain_text("Not saved", timeout=SOON_MS)
    address = page.url
    page.goto("about:blank")

    alfa.start()
    page.goto(address)

    expect(page.locator("#text-0")).to_have_value("Nobody has seen this yet", timeout=LATER_MS)
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=SOON_MS)


def test_what_was_submitted_is_not_put_over_what_somebody_else_wrote_after_it(stations, visit):
    alfa, _ = stations
    page = visit(alfa)
    begin(page, alfa)
    page.get_by_label("Subject").fill("One")
    page.locator("#text-0").fill("Mine")
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/drafts/D-*")
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    other.locator("#text-0").fill("Theirs")
    other.get_by_role("button", name="Save the draft").click()
    expect(other.locator("#text-0")).to_have_value("Theirs")

    page.goto(address)

    expect(page.locator("#text-0")).to_have_value("Theirs")


def test_a_draft_that_is_not_complete_opens_without_an_alarm(stations, visit):
    alfa, _ = stations
    page = visit(alfa)
    begin(page, alfa)
    page.locator("#text-0").fill("No subject yet")
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=SOON_MS)

    answer = page.goto(page.url)

    assert answer.status == 200
    expect(page.locator("#missing")).to_contain_text("Before it can go to review")
    expect(page.locator("main [role=alert]:visible")).to_have_count(0)
    page.get_by_role("button", name="Take to review").click()
    expect(page.locator("main [role=alert]:visible")).to_contain_text("Not ready for review")


@pytest.mark.parametrize("view", ["en.day.100.keys", "zh.dark.100.keys"])
def test_on_a_phone_no_page_of_a_real_day_is_too_wide_and_no_step_lies_over_its_time(
    a_day, visit, view
):
    alfa, _ = a_day
    page = visit(alfa, view=view, viewport={"width": 320, "height": 800})
    page.goto(alfa.origin + "/requests")
    cases = page.locator("tbody a[href^='/cases/']").evaluate_all("all => all.map(a => a.href)")
    addresses = ["/", "/inbox", "/requests", "/channels", "/channels/OPS", "/outbox", "/station"]
    faults = {}
    for address in [*(alfa.origin + each for each in addresses), *cases]:
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        cut = page.evaluate(
            """() => [...document.querySelectorAll(".needs > li > *, .steps > li > *")].filter(
                (each) => each.getBoundingClientRect().right > innerWidth).length"""
        )
        over = page.evaluate(
            """() => [...document.querySelectorAll(".steps > li")].filter((row) => {
                const [a, b] = [row.children[1], row.children[2]].map((e) => {
                    const range = document.createRange();
                    range.selectNodeContents(e);
                    return range.getBoundingClientRect();
                });
                return b.width && a.right > b.left && a.left < b.right
                    && a.bottom > b.top + 1 && a.top + 1 < b.bottom;
            }).length"""
        )
        if width > 320 or cut or over:
            faults[address] = (width, cut, over)

    assert cases
    assert faults == {}


def test_an_old_link_says_what_it_is_and_how_to_get_a_new_one(stations, chromium):
    alfa, _ = stations
    address = alfa.sign_in_link("ALFA-1")
    for _ in range(2):
        context = chromium.new_context()
        page = context.new_page()
        page.goto(address)
        page.locator("form[action='/sign-in/link'] button").click()
        page.wait_for_load_state()

    expect(page.get_by_role("alert")).to_contain_text("This link was used already")
    expect(page.locator("main")).to_contain_text("parley officer link")
