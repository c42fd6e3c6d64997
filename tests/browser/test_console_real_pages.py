"""Every page and every form of the console on a real station: links, policy, widths, keys, words."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from support.console_day import say
from support.live_stations import until

FOLLOWED_MAX = 160
FILES = ("/raw", "/bundle", "/card.svg", "/audit/lines", "/table", "/evidence/cards/", "save=1")
"""What a link hands out as a file."""
AGAIN = ("/timeline?", "/map?", "?at=", "/search?", "/calendar?", "/station/audit?")
"""The same page of another time or with other words: followed without end, and nothing new on it."""
OF_ONE_KIND_MAX = 4
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary"
LOOKS = """element => { const style = getComputedStyle(element);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    || style.boxShadow !== 'none'; }"""
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")


def links_of(page, origin):
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [link.partition("#")[0].removeprefix(origin) for link in found if origin in link]


def opened(page, origin):
    """Yield the pages that can be reached by links, some of each kind, as the browser shows them."""
    seen, kinds, waiting = set(), Counter(), ["/"]
    while waiting and kinds.total() < FOLLOWED_MAX:
        path = waiting.pop(0)
        if path in seen or any(part in path for part in (*FILES, *AGAIN)):
            continue
        seen.add(path)
        kind = re.sub(r"[0-9]+|ALFA|BRAVO|CHARLIE", "*", path)
        if kinds[kind] == OF_ONE_KIND_MAX:
            continue
        kinds[kind] += 1
        yield path, page.goto(origin + path)
        waiting += links_of(page, origin)


def over(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def spoken(page):
    """Return the words of a page that people read: not what is set as code."""
    return page.evaluate(
        """() => { const copy = document.querySelector('main').cloneNode(true);
        copy.querySelectorAll('.mono, pre, code, kbd, .said, bdi, option').forEach(n => n.remove());
        return copy.textContent; }"""
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_opens_keeps_the_policy_and_fits_wide_and_narrow(a_day, visit, language):
    alfa, _ = a_day
    page = visit(alfa, view=f"{language}.day.100.keys", viewport={"width": 1280, "height": 800})
    said, asked, wide, codes, paths = [], [], [], {}, []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on("request", lambda request: asked.append(request.url))

    for path, answer in opened(page, alfa.origin):
        paths.append(path)
        assert answer.status == 200, path
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "default-src 'none'" in policy, path
        if found := CODE.findall(spoken(page)):
            codes[path] = found
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            if over(page) > 0:
                wide.append((path, width))

    assert len(paths) > 60
    assert said == []
    assert [url for url in asked if not url.startswith(alfa.origin + "/")] == []
    assert wide == []
    assert codes == {}


def test_every_form_can_be_saved_empty_or_says_what_it_needs(a_day, visit):
    alfa, _ = a_day
    page = visit(alfa, java_script_enabled=False)
    page.goto(alfa.origin + "/drafts/new")
    forms = [path for path in links_of(page, alfa.origin) if path.startswith("/drafts/new?")]
    assert len(forms) > 12

    for path in forms:
        page.goto(alfa.origin + path)
        with page.expect_response(lambda got: got.request.is_navigation_request()) as posted:
            page.get_by_role("button", name="Take to review").click()
        assert posted.value.status in (303, 422), path
        if posted.value.status == 422:
            expect(page.get_by_role("alert")).to_contain_text("Not ready for review")


def test_an_incident_is_reported_through_its_form_and_read_at_the_other_side(a_day, visit):
    alfa, bravo = a_day
    page = visit(alfa)
    page.goto(alfa.origin + "/drafts/new?channel=OPS&procedure=incident&move=report")
    page.locator("[id='f-subject']").fill("Close approach")
    page.locator("[id='f-when']").fill("2026-11-20T06:10:00Z")
    page.locator("[id='f-where']").fill("10-02.00N 114-31.00E")
    page.locator("[id='f-own_units']").fill("kind: patrol vessel; name: 2502")
    page.locator("[id='f-other_units']").fill("kind: patrol vessel; name: 3301")
    page.locator("[id='f-closest']").fill("120 m")
    page.locator("#text-0").fill("Your vessel 3301 crossed our bow.")
    page.get_by_role("button", name="Take to review").click()
    page.locator("#release-button").click()
    page.wait_for_url(re.compile(r"/entries/OPS/ALFA/[0-9]+[?]done=released$"))
    entry = re.search(r"/entries/([^?]+)", page.url)[1]

    alfa.client.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")
    other = visit(bravo)
    other.goto(f"{bravo.origin}/entries/{entry}")

    expect(other.locator("#words")).to_contain_text("crossed our bow")
    expect(other.locator("main")).to_contain_text("120 m")
    other.goto(f"{bravo.origin}/registers/incident")
    expect(other.locator("#rows")).to_contain_text("Close approach")


@pytest.mark.parametrize(
    "path",
    ["/", "/inbox", "/drafts/new?channel=OPS&procedure=message&move=send", "/peers/CHARLIE"],
)
def test_every_act_is_reached_by_the_tab_key_and_shows_where_it_is(a_day, visit, path):
    alfa, _ = a_day
    # Without scripts, so that nothing freshens the page under the count.
    page = visit(alfa, view="en.day.100.nokeys", java_script_enabled=False)
    page.goto(alfa.origin + path)
    wanted = page.eval_on_selector_all(
        f"main :is({FOCUSABLE})",
        """all => { let n = 0; for (const each of all) {
          if (each.checkVisibility() && each.type !== 'radio') each.dataset.wanted = n++; }
          return n; }""",
    )
    assert wanted > 0

    reached, unseen = set(), []
    for _ in range(wanted + 60):
        page.keyboard.press("Tab")
        at = page.locator(":focus")
        if at.count() == 0:
            continue
        number = at.get_attribute("data-wanted")
        if number is not None:
            reached.add(int(number))
            if not at.evaluate(LOOKS):
                unseen.append(at.evaluate("e => e.outerHTML.slice(0, 80)"))
        if len(reached) == wanted:
            break

    assert reached == set(range(wanted))
    assert unseen == []


def test_a_refused_text_goes_back_to_its_writer_with_the_reason(a_day, visit):
    alfa, _ = a_day
    page = visit(alfa)
    page.goto(alfa.origin + "/drafts/new?channel=OPS&procedure=message&move=send")
    page.get_by_label("Subject").fill("To be refused")
    page.locator("#text-0").fill("Not like this.")
    page.get_by_role("button", name="Take to review").click()
    page.get_by_text("Refuse, with a reason").click()
    page.get_by_label("Reason").fill("wrong addressee")
    page.get_by_role("button", name="Give it back").click()
    page.goto(alfa.origin + "/drafts")
    page.get_by_role("link", name=re.compile("^D-")).first.click()

    expect(page.get_by_text("Returned by the releaser: wrong addressee")).to_be_visible()
    page.get_by_role("button", name="Drop draft").click()
    expect(page).to_have_url(re.compile("/drafts"))


def test_words_that_differ_are_told_and_the_peer_stays_untrusted(a_day, visit):
    alfa, _ = a_day
    page = visit(alfa)
    page.goto(alfa.origin + "/peers/CHARLIE")
    page.locator("textarea").fill(" ".join(["river"] * 12))
    page.get_by_role("button", name="Compare with the card of CHARLIE").click()

    expect(page.get_by_role("alert")).to_contain_text(re.compile("word", re.IGNORECASE))
    assert not alfa.client.get("/peers/CHARLIE")["trusted"]


def test_a_channel_is_proposed_at_one_console_and_opened_at_the_other(a_day, visit):
    alfa, bravo = a_day
    page = visit(alfa)
    page.goto(alfa.origin + "/channels/new")
    page.get_by_label("BRAVO").check()
    page.locator("[name=code]").fill("SAR")
    page.locator("[name=purpose]").fill("Search and rescue")
    page.locator("main form button").last.click()
    expect(page).to_have_url(alfa.origin + "/channels/SAR")

    other = visit(bravo)
    row = other.locator("#needs li").filter(has_text="SAR")
    expect(row).to_be_visible(timeout=30_000)
    row.get_by_role("link", name="Open").click()
    other.get_by_role("button", name="Open SAR with ALFA").click()

    expect(page.locator("#declared")).to_contain_text("BRAVO open", timeout=30_000)


def test_a_peer_s_hostile_words_stay_words_on_a_real_line(a_day, visit):
    alfa, bravo = a_day
    hostile = '<img src=x onerror="document.title=1"><b>{{7*7}}'
    entry = say(
        bravo.client,
        action=["ALFA"],
        fields={"subject": {"en": hostile}},
        texts=[{"lang": "en", "text": hostile}],
    )
    bravo.client.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")
    page = visit(alfa)
    page.goto(f"{alfa.origin}/entries/{entry}")

    expect(page.locator("#words .said").last).to_contain_text("<img src=x onerror=")
    assert page.locator("#words img, #words b").count() == 0


def test_words_of_the_last_second_reach_the_station_though_the_page_is_left(a_day, visit):
    alfa, _ = a_day
    page = visit(alfa)

    def kept():
        drafts = alfa.client.get("/drafts")["items"]
        return [(draft["id"], draft["texts"][0]["text"]) for draft in drafts if draft["texts"]]

    before = kept()
    page.goto(alfa.origin + "/drafts/new?channel=OPS&procedure=message&move=send")
    page.locator("#text-0").fill("Left at once.")
    page.goto(alfa.origin + "/")
    until(lambda: [words for _, words in kept() if words == "Left at once."])
    page.go_back()
    page.wait_for_url(re.compile("/drafts/D-[0-9]+$"))
    page.locator("#text-0").fill("Closed at once.")
    page.close()

    until(lambda: [words for _, words in kept() if words == "Closed at once."])
    assert len(kept()) == len(before) + 1


def test_what_was_released_does_not_come_back_into_the_next_form(a_day, visit):
    alfa, _ = a_day
    page = visit(alfa)
    new = alfa.origin + "/drafts/new?channel=OPS&procedure=message&move=send"

    page.goto(new)
    page.get_by_label("Subject").fill("Taken to review at once")
    page.locator("#text-0").fill("The station has these words.")
    page.get_by_role("button", name="Take to review").click()
    page.wait_for_url(re.compile("/release/D-[0-9]+$"))
    page.goto(new)
    expect(page.locator("#text-0")).to_have_value("")

    page.get_by_label("Subject").fill("Left, and gone on with elsewhere")
    page.locator("#text-0").fill("Left for another page.")
    page.goto(alfa.origin + "/drafts")

    def left():
        drafts = alfa.client.get("/drafts")["items"]
        return [draft["id"] for draft in drafts if "Left for another" in str(draft["texts"])]

    page.goto(f"{alfa.origin}/drafts/{until(left)[0]}")
    page.get_by_role("button", name="Take to review").click()
    page.wait_for_url(re.compile("/release/D-[0-9]+$"))
    page.goto(new)
    expect(page.locator("#text-0")).to_have_value("")
    expect(page).to_have_url(new)


def test_officers_and_links_are_read_at_320_px_without_moving_sideways(a_day, visit):
    alfa, _ = a_day
    page = visit(alfa, viewport={"width": 320, "height": 800})
    for path, table in (("/station", "table.cards"), ("/channels", "#links table")):
        page.goto(alfa.origin + path)
        scrolls = page.locator(table).evaluate_all(
            "tables => tables.map(t => t.parentElement.scrollWidth - t.parentElement.clientWidth)"
        )
        assert scrolls
        assert max(scrolls) <= 1, path
