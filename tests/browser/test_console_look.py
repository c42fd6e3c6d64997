"""What every screen keeps to in a real browser: policy, width, keys, focus, languages, print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.fake_gateway import text
from unit.console.test_text_form import article, case_of, move_of

PATHS = (
    "/",
    "/inbox",
    "/entries/OPS/BRAVO/33",
    "/drafts/new?channel=OPS&procedure=request&move=open",
    "/release/D-0412",
    "/requests",
    "/cases/REQ-ALFA-40",
    "/channels",
    "/peers/DELTA",
    "/record",
    "/search?q=line",
    "/evidence",
    "/courier?made=3",
    "/timeline",
    "/map",
    "/preconditions",
    "/watch",
    "/station/glossary",
    "/station/exercise",
    "/station/exercise/EX-0001",
    "/templates",
    "/templates/night-exercise",
    "/station/audit",
    "/station/webhooks",
    "/channels/OPS/restore",
    "/station",
    "/alarms",
)


OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
VIEWS = ("en.day.100.keys", "zh.dark.100.keys", "en.night.200.keys")


@pytest.mark.parametrize("view", VIEWS)
def test_no_screen_breaks_the_policy_asks_elsewhere_grows_too_wide_or_shuts_anybody_out(
    fake, sign_in, violations, view
):
    page = sign_in(fake, view=view).new_page()
    said, asked = [], []
    page.on(
        "console",
        lambda message: said.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on("request", lambda request: asked.append(request.url))
    wide, shut = {}, {}
    for number, path in enumerate(PATHS):
        page.goto(fake.origin + path)
        expect(page.locator("#screen-state")).not_to_be_empty()
        # The narrowest screen is looked at on the same pages, where letters have their usual size.
        for width in (1366, 320) if view == VIEWS[0] else (1366,):
            page.set_viewport_size({"width": width, "height": 768})
            if page.evaluate(OVER) > 0:
                wide[path] = width
        # Contrast is computed for every theme elsewhere: axe looks at each screen in one view.
        if number % len(VIEWS) == VIEWS.index(view) and (found := violations(page)):
            shut[path] = found

    assert said == []
    assert [url for url in asked if not url.startswith(fake.origin)] == []
    assert wide == {}
    assert shut == {}


def test_what_shuts_people_out_is_found(fake, sign_in, violations):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/search")
    page.evaluate(
        """() => { document.getElementById('q').removeAttribute('id');
        document.querySelector('main').append(document.createElement('img')); }"""
    )

    assert {"image-alt", "label"} <= {name for name, _ in violations(page)}


@pytest.mark.parametrize("width", [1280, 320])
def test_a_long_address_hides_neither_the_state_of_a_key_nor_what_is_to_be_done(
    fake, sign_in, width
):
    (*_, peer) = fake.gateway.peers()
    peer.addresses, peer.trusted, peer.key_state = (
        ["tls://[::1]:1?pin=" + "0a" * 32],
        False,
        "unverified",
    )
    fake.gateway.peers = lambda: [peer]
    page = sign_in(fake).new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(fake.origin + "/peers")
    row = page.locator(f"#peer-{peer.code}")
    for part in (row.locator(".lampline"), row.get_by_role("link", name="Compare words")):
        expect(part).to_be_in_viewport(ratio=1)


def test_the_menu_of_a_narrow_screen_needs_no_script_and_no_mouse(fake, sign_in):
    page = sign_in(fake, java_script_enabled=False).new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(fake.origin + "/inbox")
    links = page.locator("#menu-items a")
    expect(links.first).not_to_be_visible()
    page.locator("#menu summary").focus()
    page.keyboard.press("Enter")
    expect(links.last).to_be_visible()
    for _ in range(links.count()):
        page.keyboard.press("Tab")
    expect(links.last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(fake.origin + "/station")
    page.set_viewport_size({"width": 1280, "height": 800})

    expect(page.locator("#menu summary")).not_to_be_visible()
    expect(links.first).to_be_visible()


def test_the_overview_fits_one_screen_of_a_small_laptop(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/")

    bottom = page.locator("#day").bounding_box()

    assert bottom["y"] + bottom["height"] <= 768


def test_the_words_of_an_alarm_are_never_cut_by_what_can_be_done_about_it(fake, sign_in):
    words = "the line to BRAVO is silent since 23 2103Z, and nobody knows why"
    now = fake.gateway.now()
    kept = next(iter(fake.gateway.alarms(open_only=False)))
    facts = {"id": "A-9", "kind": "station", "precedence": None, "entry": None, "text": words}
    facts |= {"open": True, "sounds": False, "claimed_by": "ALFA-W2", "claimed_at": now}
    facts |= {"again_at": now + 3600, "snoozed_until": now + 3600, "reason": "a mast " * 20}
    fake.gateway._alarms["A-9"] = type(kept)(**(vars(kept) | facts))
    page = sign_in(fake).new_page()
    for width in (1280, 1366, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(fake.origin + "/alarms")
        page.locator("#row-A-9 details").evaluate_all("all => all.forEach(d => d.open = true)")
        said = page.locator("#row-A-9 .what > *")
        assert said.evaluate("e => e.clientWidth >= e.scrollWidth && e.clientWidth > 180"), width
        assert page.evaluate(OVER) <= 0, width


def test_keys_lead_to_screens_and_rows_and_are_off_while_typing(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(fake.origin + "/requests")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("REQ-")
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).not_to_be_visible()
    page.goto(fake.origin + "/search")
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("g d ?")

    assert page.url == fake.origin + "/search"
    expect(page.locator("#q")).to_have_value("g d ?")


def test_the_map_moves_by_keys_and_by_dragging_and_its_buttons_need_neither(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/map")
    label = page.locator(".gridlabel").first
    before = label.text_content()
    page.locator("[data-way=north]").focus()
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile(r"[?]at="))
    expect(label).not_to_have_text(before)
    expect(page.locator("[data-way=north]")).to_be_focused()
    at = page.url
    box = page.locator(".mapsheet").bounding_box()
    page.mouse.move(box["x"] + 400, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"right=0[.]"))
    assert page.url != at

    plain = sign_in(fake, java_script_enabled=False).new_page()
    plain.goto(fake.origin + "/map")
    plain.locator("[data-way=wider]").click()
    expect(plain.locator("[data-way=fit]")).to_be_visible()


def test_focus_and_typing_stay_when_the_page_freshens(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/alarms")
    page.goto(fake.origin + "/channels")
    link = page.locator("#channels a").nth(1)
    link.focus()
    fake.call(fake.gateway._publish, "link")
    page.wait_for_timeout(800)

    expect(link).to_be_focused()


def test_the_language_switch_keeps_the_screen(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/requests?show=they")
    page.get_by_role("button", name="中文").click()

    expect(page).to_have_url(fake.origin + "/requests?show=they")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("#nav")).to_contain_text("总览")


def test_hostile_words_stay_words(fake, sign_in):
    hostile = '<img src=x onerror="document.title=1"><b hx-get="/x">{{7*7}}'
    fake.call(
        fake.gateway.add_entry,
        "OPS/BRAVO/70",
        "BRAVO",
        "message",
        "send",
        "R",
        hostile,
        [text("en", hostile + "\u202eabc")],
        fake.gateway.now(),
    )
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/entries/OPS/BRAVO/70")

    expect(page.locator("#words .said").last).to_contain_text("<img src=x onerror=")
    expect(page.locator("#words .chip")).to_have_text("U+202E")
    assert page.locator("#words img, #words b").count() == 0


def test_at_twice_the_size_every_need_still_says_what_it_is_about(fake, sign_in):
    for size in ("150", "200"):
        page = sign_in(fake, view=f"en.day.{size}.keys").new_page()
        page.goto(fake.origin + "/")
        widths = page.locator(".needs .what").evaluate_all("all => all.map(one => one.clientWidth)")
        assert len(widths) >= 3
        assert min(widths) > 300


def test_a_printed_page_carries_marking_time_and_officer(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/cases/REQ-ALFA-40")
    page.emulate_media(media="print")

    expect(page.locator(".print-only").first).to_contain_text("LIVE · ALFA")
    expect(page.locator(".print-only").first).to_contain_text("printed by ALFA-W2")
    expect(page.locator("#nav")).not_to_be_visible()
    # Several pages, each with head and foot of its own, and nothing of the text under either.
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True))
    assert len(pages) > 1
    head, foot = page.locator(".print-only").evaluate_all(
        "nodes => nodes.map(node => [getComputedStyle(node).display, getComputedStyle(node).breakInside])"
    )
    assert head == ["table-header-group", "avoid"]
    assert foot == ["table-footer-group", "avoid"]
    page.goto(fake.origin + "/entries/OPS/BRAVO/33")
    expect(page.locator(".print-code svg")).to_be_visible()
    expect(page.locator("#act-on")).not_to_be_visible()


def test_the_wall_is_large_fits_every_screen_and_says_when_it_is_not_live(
    fake, sign_in, violations
):
    page = sign_in(fake, view="en.night.100.keys").new_page()
    page.clock.install()
    page.goto(fake.origin + "/wall")
    wide = []
    for width in (1920, 320):
        page.set_viewport_size({"width": width, "height": 1080})
        if page.evaluate(OVER) > 0:
            wide.append(width)
    page.set_viewport_size({"width": 1920, "height": 1080})

    assert wide == []
    assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 40
    assert violations(page) == []
    expect(page.locator("#stale")).to_be_hidden()
    page.route("**/wall", lambda route: route.abort())
    page.clock.run_for(12_000)
    expect(page.locator("#stale")).to_be_visible()
    page.unroute("**/wall")
    page.clock.run_for(4_000)
    expect(page.locator("#stale")).to_be_hidden()


def test_a_file_is_chosen_by_words_of_the_page_and_its_name_is_told(fake, sign_in):
    page = sign_in(fake, view="zh.day.100.keys").new_page()
    page.goto(fake.origin + "/history")

    told = page.locator(".pick > span")
    expect(page.locator(".pick > label")).to_have_text("选择文件")
    expect(told).to_have_text("未选文件")
    page.locator("#file").set_input_files(
        {"name": "old register.csv", "mimeType": "text/csv", "buffer": b"number\n"}
    )
    expect(told).to_have_text("old register.csv")


def test_a_joint_text_is_walked_and_bracketed_by_keyboard(fake, sign_in, monkeypatch):
    passages = [article("1", {"en": "Keep 500 yards.", "zh": "保持500码。"}), article("2")]
    shown = fake.gateway.case("REQ-ALFA-40")
    shown.__dict__.update(vars(case_of(*passages)) | {"procedure": "joint_text"})
    shown.moves = [move_of("redraft"), move_of("bracket")]
    monkeypatch.setattr(fake.gateway, "case", lambda number, **_: shown)
    page = sign_in(fake).new_page()
    link = "/drafts/new?channel=OPS&procedure=joint_text&case=REQ-ALFA-40&move="

    page.goto(f"{fake.origin}{link}redraft")
    page.locator('[name="r.articles.0.en.0"]').focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator('[name="r.articles.1.en.0"]')).to_be_focused()
    page.keyboard.press("Alt+KeyL")
    expect(page.locator('[name="r.articles.1.zh.0"]')).to_be_focused()

    page.goto(f"{fake.origin}{link}bracket&no=1")
    words = page.locator("#mark-en")
    words.evaluate("each => each.setSelectionRange(5, 8)")
    words.focus()
    page.keyboard.press("Alt+KeyB")
    expect(page.locator('[name="w.words.en"]')).to_have_value("500")
    page.locator("#mark-zh").evaluate("each => each.setSelectionRange(2, 5)")
    page.locator("[data-mark=zh]").click()
    expect(page.locator('[name="w.words.zh"]')).to_have_value("500")
    expect(page.locator("#saved")).to_contain_text("Saved")
