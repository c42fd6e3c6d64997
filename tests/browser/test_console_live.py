"""Live pages in a real browser, on the fake gateway: alarms, lost stations, drafts, passkeys."""

from __future__ import annotations

import re
import shutil

from playwright.sync_api import expect

from support.fake_gateway import both, text
from support.live_stations import until


def flash(running):
    """Raise a FLASH inside the server's own loop, as the station would."""
    gateway = running.gateway
    running.call(
        gateway.raise_flash, "OPS/BRAVO/60", both("Stop", "停"), [text("en", "Stop at once.")]
    )


def test_a_flash_reaches_every_window_and_one_claim_clears_all(fake, sign_in):
    context = sign_in(fake)
    pages = [context.new_page() for _ in range(12)]
    for page in pages:
        page.goto(fake.origin + "/record")
    for page in pages:
        expect(page.locator("#screen-state")).to_contain_text("Screen live")
    other = sign_in(fake, "ALFA-R1").new_page()
    other.goto(fake.origin + "/drafts/new?channel=OPS&procedure=message&move=send")
    expect(other.locator("#screen-state")).to_contain_text("Screen live")
    assert fake.gateway.readers == 2

    flash(fake)
    # Who cannot claim sees it wherever they are on the page, and goes on with what they do.
    expect(other.get_by_role("alert", name="FLASH from BRAVO")).to_be_in_viewport()
    other.get_by_label("Subject").click()
    other.get_by_label("Subject").fill("In the middle of it")

    for page in pages:
        expect(page.get_by_role("alert", name="FLASH from BRAVO")).to_be_visible()
    pages[3].get_by_role("button", name="Claim this FLASH").click()
    expect(pages[3]).to_have_url(re.compile("/entries/OPS/BRAVO/60$"))
    for page in pages[:3] + pages[4:]:
        expect(page.get_by_role("alert", name="FLASH from BRAVO")).to_have_count(0)
        expect(page.locator("#alarm-strip")).to_contain_text("claimed by ALFA-W2")
    expect(other.get_by_role("alert", name="FLASH from BRAVO")).to_have_count(0, timeout=1_500)


def test_a_claimed_flash_is_acknowledged_by_keys_alone(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/search")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    flash(fake)
    expect(page.locator("#alarms-up")).to_be_visible()

    page.keyboard.press("Alt+a")
    expect(page.get_by_role("button", name="Claim this FLASH")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/entries/OPS/BRAVO/60$"))
    page.keyboard.press("a")

    expect(page.locator("#acknowledgements")).to_contain_text("ALFA/OPS")
    assert [level for _, level in fake.gateway.acknowledged] == ["read"]
    expect(page.locator("#alarm-count")).to_have_text("No alarms")


def test_a_stopped_station_shows_as_not_live_and_comes_back(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    writing = page.context.new_page()
    writing.goto(fake.origin + "/drafts/new?channel=OPS&procedure=request&move=open")

    fake.stop()
    expect(page.locator("#veil")).to_contain_text("NOT LIVE since", timeout=6_500)
    expect(writing.locator("#veil")).to_contain_text("NOT LIVE since", timeout=6_500)
    # What is typed stays readable, and never lies over the words that say so.
    over = writing.locator('#draft [name="text.0"]').evaluate("""field => {
        document.querySelector("main").style.paddingBottom = "2000px";
        const told = document.querySelector("#veil p").getBoundingClientRect();
        const x = field.getBoundingClientRect().x + 40, y = told.y + told.height / 2;
        window.scrollBy(0, field.getBoundingClientRect().y + 20 - y);
        const hit = document.elementsFromPoint(Math.max(x, told.x + 20), y);
        return {hit: hit[0].closest("#veil") !== null, field: hit.includes(field)};
    }""")
    assert over == {"hit": True, "field": True}
    fake.start()

    expect(page.locator("#veil")).to_have_count(0, timeout=12_000)
    expect(page.locator("#screen-state")).to_contain_text("Screen live")


def test_a_silent_peer_shows_on_the_overview_without_a_reload(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/")
    row = page.locator("#lines tbody tr").filter(has_text="BRAVO")
    expect(row).to_contain_text("alive")

    def fall_silent():
        fake.gateway.silent = True
        fake.gateway._publish("link", peer="BRAVO")

    fake.call(fall_silent)

    expect(row).to_contain_text("SILENT")


def test_a_request_lapses_before_the_reader_s_eyes_with_what_it_proves(fake, sign_in):
    fake.gateway.lapsed = False
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/cases/REQ-ALFA-40")
    expect(page.locator("#clock-state")).to_contain_text("running")
    expect(page.locator(".proofbox")).to_contain_text("Nothing yet.")

    def lapse():
        fake.gateway.lapsed = True
        fake.gateway._publish("clock", what="lapsed")

    fake.call(lapse)

    expect(page.locator("#clock-state")).to_contain_text("lapsed, silent (proved)")
    expect(page.locator(".proofbox")).to_contain_text("no answer is in it")
    expect(page.locator("#case")).to_contain_text("statement 9911")


def test_a_draft_is_saved_while_it_is_typed_and_survives_signing_out(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/drafts/new?channel=OPS&procedure=message&move=send")
    page.get_by_label("Subject").fill("Saved by itself")
    page.locator("#text-0").fill("Words that must not be lost.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page).to_have_url(re.compile(r"/drafts/D-\d+$"))
    place = page.url

    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out ALFA-W2").click()
    again = sign_in(fake).new_page()
    again.goto(place)

    expect(again.locator("#text-0")).to_have_value("Words that must not be lost.")


def test_a_text_is_kept_while_the_station_does_not_answer(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/drafts/new?channel=OPS&procedure=message&move=send")
    fake.stop()
    page.locator("#text-0").fill("Typed while it was away.")
    expect(page.locator("#saved")).to_contain_text("Not saved")

    fake.start()

    expect(page.locator("#saved")).to_contain_text("Saved", timeout=12_000)
    assert any(
        t.text == "Typed while it was away." for draft in fake.gateway.drafts() for t in draft.texts
    )


def test_two_presses_on_release_make_one_entry(fake, sign_in):
    page = sign_in(fake, "ALFA-R1").new_page()
    page.goto(fake.origin + "/release/D-0412")
    page.get_by_role("button", name="Release to BRAVO").dblclick()

    expect(page).to_have_url(re.compile(r"/entries/OPS/ALFA/\d+\?done=released$"))
    expect(page.get_by_role("status").first).to_contain_text("Stored and signed")
    assert len(fake.gateway.released) == 1


def test_a_passkey_signs_in_and_confirms_a_release(fake, sign_in):
    context = sign_in(fake, "ALFA-R1")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(fake.origin + "/station")
    page.get_by_label("Name of the passkey").fill("desk key")
    page.get_by_role("button", name="Enrol a passkey").click()
    expect(page.locator("#passkeys")).to_contain_text("desk key")

    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out ALFA-R1").click()
    page.get_by_role("button", name="Sign in to ALFA with a passkey").click()
    expect(page.locator(".person summary")).to_have_text("ALFA-R1")
    page.goto(fake.origin + "/release/D-0412")
    page.get_by_role("button", name="Release to BRAVO (passkey)").click()

    expect(page).to_have_url(re.compile(r"/entries/OPS/ALFA/\d+\?done=released$"))
    assert len(fake.gateway.released) == 1


def test_an_act_after_a_long_pause_asks_for_the_passkey_and_keeps_what_was_typed(fake, sign_in):
    context = sign_in(fake)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    key |= {
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.goto(fake.origin + "/station")
    page.get_by_role("button", name="Enrol a passkey").click()
    expect(page.locator("#passkeys .empty")).to_have_count(0)
    page.goto(fake.origin + "/watch")
    fake.gateway.time += 901
    page.get_by_label("Note").fill("Nobody else wrote this.")
    page.get_by_role("button", name="Write into the watch log").click()

    expect(page.get_by_role("heading", name="Who acts?")).to_be_visible()
    assert len(fake.gateway.watch_rows().items) == 3
    page.get_by_role("button", name="Go on as ALFA-W2").click()

    expect(page.locator("#log")).to_contain_text("Nobody else wrote this.")
    page.get_by_label("Note").fill("And this follows at once.")
    page.get_by_role("button", name="Write into the watch log").click()
    expect(page.locator("#log")).to_contain_text("And this follows at once.")


def test_a_release_without_the_passkey_s_answer_is_refused(fake, sign_in):
    context = sign_in(fake, "ALFA-R1", java_script_enabled=False)
    fake.gateway._passkeys[b"k"] = type(
        "Row", (), {"officer": "ALFA-R1", "credential_id": b"k", "public_key": b"", "sign_count": 0}
    )()
    page = context.new_page()
    page.goto(fake.origin + "/release/D-0412")
    page.get_by_role("button", name="Release to BRAVO (passkey)").click()

    expect(page.get_by_text("a release is confirmed with your passkey")).to_be_visible()
    assert fake.gateway.released == {}


def test_reading_and_drafting_work_without_scripts(fake, sign_in):
    page = sign_in(fake, java_script_enabled=False).new_page()
    page.goto(fake.origin + "/")
    expect(page.get_by_text("This screen does not update by itself")).to_be_visible()
    page.goto(fake.origin + "/drafts/new?channel=OPS&procedure=message&move=send")
    page.get_by_label("Subject").fill("Plain")
    page.locator("#text-0").fill("No script was needed.")
    page.get_by_role("button", name="Take to review").click()

    expect(page.get_by_role("heading", name="Release to BRAVO")).to_be_visible()
    expect(page.get_by_text("No script was needed.")).to_be_visible()


TONES = """
window.tones = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };
"""


def test_a_window_that_nobody_pressed_in_keeps_no_other_window_silent(chromium, fake):
    # A browser as people have it: nothing sounds in a window before a press in that window.
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox"]
    )
    context = browser.new_context()
    context.add_init_script(TONES)
    secret = fake.open_session("ALFA-W2")
    context.add_cookies([{"name": "parley-session", "value": secret, "url": fake.origin}])
    unpressed = context.new_page()
    unpressed.goto(fake.origin + "/record")
    expect(unpressed.locator("#sound-slot")).to_have_text("SOUND OFF: turn on")
    pressed = context.new_page()
    pressed.goto(fake.origin + "/search")
    pressed.locator("#sound-slot button").click()
    expect(pressed.locator("#sound-slot")).to_have_text("Sound ready")
    until(lambda: pressed.evaluate("tones"))
    expect(pressed.locator("#screen-state")).to_contain_text("Screen live")

    before = pressed.evaluate("tones")
    flash(fake)

    until(lambda: pressed.evaluate("tones") > before)
    assert unpressed.evaluate("tones") == 0
    until(lambda: list(fake.gateway.sounds.values()) == [True])
    browser.close()


def test_a_browser_that_nobody_pressed_in_tells_the_station_nothing(chromium, fake):
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox"]
    )
    context = browser.new_context()
    secret = fake.open_session("ALFA-W2")
    context.add_cookies([{"name": "parley-session", "value": secret, "url": fake.origin}])
    page = context.new_page()
    page.goto(fake.origin + "/record")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    assert fake.gateway.sounds == {}
    page.locator("#sound-slot button").click()
    until(lambda: list(fake.gateway.sounds.values()) == [True])
    page.goto("about:blank")
    browser.close()


def test_a_clock_that_is_set_back_hides_no_flash_and_no_lost_station(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/search")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    with page.expect_response(page.url):
        fake.call(fake.gateway._publish, "entry")
    page.evaluate("(real => { Date.now = () => real() - 3_600_000; })(Date.now.bind(Date))")

    flash(fake)
    expect(page.get_by_role("alert", name="FLASH from BRAVO")).to_be_visible()
    page.get_by_role("button", name="Claim this FLASH").click()
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    fake.stop()
    page.evaluate("(real => { Date.now = () => real() - 3_600_000; })(Date.now.bind(Date))")

    expect(page.locator("#veil")).to_contain_text("NOT LIVE since", timeout=6_500)


def test_who_is_suspended_loses_the_page_at_once_and_keeps_only_what_they_typed(fake, sign_in):
    context = sign_in(fake)
    entry, log = context.new_page(), context.new_page()
    entry.goto(fake.origin + "/entries/OPS/BRAVO/33")
    log.goto(fake.origin + "/watch")
    log.fill("#note", "Fog over the pier")
    for page in (entry, log):
        expect(page.locator("#screen-state")).to_contain_text("Screen live")
    flash(fake)
    expect(entry.get_by_role("alert", name="FLASH from BRAVO")).to_contain_text("Stop at once.")

    fake.gateway.suspended.append("ALFA-W2")

    for page in (entry, log):
        expect(page.locator("#veil")).to_contain_text("You are signed out", timeout=4_000)
        expect(page.get_by_role("alert", name="FLASH from BRAVO")).to_have_text(
            "Z FLASH FLASH from BRAVO channel OPS"
        )
    expect(entry.locator("main")).to_have_text("Sign in in a new window")
    expect(entry).to_have_title("Signed out")
    expect(log.locator("#note")).to_have_value("Fog over the pier")
    expect(log.locator("main")).not_to_contain_text("What happened")


def test_what_was_typed_goes_out_when_the_same_officer_signs_in_again(fake, sign_in):
    context = sign_in(fake)
    page = context.new_page()
    page.goto(fake.origin + "/watch")
    page.fill("#note", "Fog over the pier")
    expect(page.locator("#screen-state")).to_contain_text("Screen live")
    leaving = context.new_page()
    leaving.goto(fake.origin + "/search")
    leaving.locator(".person summary").click()
    leaving.get_by_role("button", name="Sign out ALFA-W2").click()
    expect(page.locator("#veil")).to_contain_text("You are signed out", timeout=4_000)
    secret = fake.open_session("ALFA-W2")
    context.add_cookies([{"name": "parley-session", "value": secret, "url": fake.origin}])

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#veil")).to_have_count(0)
    page.get_by_role("button", name="Write into the watch log").click()

    expect(page.locator("#log")).to_contain_text("Fog over the pier")


def test_the_timeline_is_one_scale_that_is_dragged_and_moved_by_keys(fake, sign_in):
    page = sign_in(fake).new_page()
    page.goto(fake.origin + "/timeline?channel=OPS")
    lanes = page.locator("#lanes")
    start, end = (int(lanes.get_attribute(f"data-{name}")) for name in ("from", "to"))
    day, half = end - start, (end - start) // 2
    box = page.locator(".lane").first.bounding_box()
    x, y = box["x"] + 100, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 2, y)
    page.mouse.up()
    expect(lanes).to_have_attribute("data-to", re.compile(str((end - half) // 100)))
    # What the server draws of that time stands there, silence too, and its address can be shared.
    expect(page.locator("#lanes .blank")).to_have_count(1)
    assert "channel=OPS" in page.url
    until = int(lanes.get_attribute("data-to"))
    for key, to, length in (
        ("ArrowLeft", until - half, day),
        ("End", end, day),
        ("-", end, 7 * day),
        ("+", end, day),
    ):
        page.keyboard.press(key)
        expect(lanes).to_have_attribute("data-to", str(to))
        expect(lanes).to_have_attribute("data-from", str(to - length))
    page.locator("#scale").focus()
    page.keyboard.press("ArrowLeft")
    expect(lanes).not_to_have_attribute("data-from", str(start))
    expect(lanes).to_have_attribute("data-to", str(end))
