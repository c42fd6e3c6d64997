"""Two real stations, two real consoles: FLASH, a killed peer, a lapse with its proof, signing in."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from support.console_day import delivered, later, say
from support.live_stations import until
from support.verifying import check, word

SOON_MS = 30_000
"""Long enough for a busy machine; how fast it is, is measured in benchmarks."""


def write(page, station, *, precedence, subject, text):
    """Write a message in the console and release it."""
    page.goto(f"{station.origin}/drafts/new?channel=OPS&procedure=message&move=send")
    page.locator(f"input[name=precedence][value={precedence}]").check()
    page.get_by_label("Subject").fill(subject)
    page.locator("#text-0").fill(text)
    page.get_by_role("button", name="Take to review").click()
    page.locator("#release-button").click()
    page.wait_for_url(re.compile(r"/entries/OPS/[A-Z]+/[0-9]+[?]done=released$"))
    return re.search(r"/entries/([^?]+)", page.url)[1]


def row_of(page, peer):
    return page.locator("#lines tbody tr").filter(has_text=peer)


def test_a_flash_rings_at_the_other_side_and_its_acknowledgement_comes_back(stations, visit):
    alfa, bravo = stations
    at_bravo = visit(bravo)
    at_bravo.goto(bravo.origin + "/record")
    expect(at_bravo.locator("#screen-state")).to_contain_text("Screen live")
    at_alfa = visit(alfa)

    entry = write(at_alfa, alfa, precedence="Z", subject="Turn at once", text="Turn south now.")

    # Its window told the station that it would be heard.
    until(lambda: b"\nparley_consoles_sounding 1\n" in bravo.client.get_bytes("/metrics"))
    alert = at_bravo.get_by_role("alert", name="FLASH from ALFA")
    expect(alert).to_be_visible(timeout=SOON_MS)
    expect(alert).to_contain_text("Turn south now.")
    alert.get_by_role("button", name="Claim this FLASH").click()
    expect(at_bravo).to_have_url(f"{bravo.origin}/entries/{entry}")
    at_bravo.get_by_role("button", name="Acknowledge to ALFA: understood").click()
    expect(at_bravo.locator("#acknowledgements")).to_contain_text("understood")

    expect(at_alfa.locator("#acknowledgements")).to_contain_text("understood", timeout=SOON_MS)
    expect(at_alfa.locator("#acknowledgements")).to_contain_text("BRAVO/OPS")
    at_alfa.locator("#acknowledgements a").first.click()
    expect(at_alfa.locator("h1")).to_contain_text("OPS/BRAVO/")
    expect(at_alfa.locator("#evidence")).to_contain_text("The signature is valid.")


def test_a_killed_peer_shows_as_silent_and_nothing_is_lost_when_it_is_back(stations, visit):
    alfa, bravo = stations
    page = visit(alfa)
    expect(row_of(page, "BRAVO")).to_contain_text("alive", timeout=SOON_MS)

    bravo.kill()

    expect(row_of(page, "BRAVO")).to_contain_text("SILENT", timeout=SOON_MS)
    expect(row_of(page, "BRAVO").locator("time[data-clock=age]")).to_be_visible()
    writer = page.context.new_page()
    entry = write(writer, alfa, precedence="R", subject="While away", text="Kept for you.")
    expect(writer.locator("#delivery")).to_contain_text("no receipt of BRAVO", timeout=SOON_MS)

    bravo.start()

    expect(row_of(page, "BRAVO")).to_contain_text("alive", timeout=SOON_MS)
    expect(writer.locator("#delivery")).to_contain_text("delivered", timeout=SOON_MS)
    expect(writer.locator("#delivery")).not_to_contain_text("no receipt")
    at_bravo = visit(bravo)
    at_bravo.goto(f"{bravo.origin}/entries/{entry}")
    expect(at_bravo.locator("#words")).to_contain_text("Kept for you.")
    held = bravo.client.get("/entries", own="false")["items"]
    assert [row["name"] for row in held].count(entry) == 1


def test_a_killed_station_says_so_on_its_own_screens_and_the_session_lasts(stations, visit):
    alfa, _ = stations
    page = visit(alfa)
    expect(page.locator("#screen-state")).to_contain_text("Screen live")

    alfa.kill()
    expect(page.locator("#veil")).to_contain_text("NOT LIVE since", timeout=SOON_MS)
    alfa.start()

    expect(page.locator("#veil")).to_have_count(0, timeout=SOON_MS)
    expect(page.locator("#screen-state")).to_contain_text("Screen live")


@pytest.mark.parametrize("after_s", [0.0, 0.02], ids=["at once", "a moment later"])
def test_kill_9_keeps_what_was_typed_and_a_release_is_one_entry_or_none(stations, visit, after_s):
    alfa, _ = stations
    said = f"Killed {after_s} s after the press."
    page = visit(alfa)
    page.goto(f"{alfa.origin}/drafts/new?channel=OPS&procedure=message&move=send")
    page.get_by_label("Subject").fill(said)
    page.locator("#text-0").fill("Words that outlive the machine.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page).to_have_url(re.compile(r"/drafts/D-\d+$"))
    place = page.url
    alfa.kill()
    page.close()

    alfa.start()
    page = visit(alfa)
    page.goto(place)
    expect(page.get_by_label("Subject")).to_have_value(said)
    expect(page.locator("#text-0")).to_have_value("Words that outlive the machine.")
    page.get_by_role("button", name="Take to review").click()
    with page.expect_request(lambda sent: "/release/" in sent.url) as press:
        page.locator("#release-button").click(no_wait_after=True)
    assert "/release/" in press.value.url
    time.sleep(after_s)
    alfa.kill()

    alfa.start()
    page.goto(f"{alfa.origin}/release/{place.rpartition('/')[2]}")
    if (again := page.locator("#release-button")).count():
        again.click()
        page.wait_for_url(re.compile(r"/entries/OPS/ALFA/[0-9]+[?]done=released$"))
    entries = alfa.client.get("/entries", own="true", procedure="message")["items"]
    assert [row["subject"] for row in entries].count({"en": said}) == 1


def test_a_request_lapses_on_the_open_page_and_strangers_can_check_it(earlier, visit):
    alfa, bravo = earlier
    entry = say(
        alfa.client,
        procedure="request",
        precedence="P",
        action=["BRAVO"],
        fields={
            "subject": {"en": "A call"},
            "level": "desk",
            "form": "call",
            "topics": ["Fishing"],
            "reply_by": "PT1H",
        },
        texts=[{"lang": "en", "text": "We ask for a call."}],
    )
    delivered(alfa.client, entry)
    case = "REQ-ALFA-" + entry.rpartition("/")[2]
    page = visit(alfa)
    page.goto(f"{alfa.origin}/cases/{case}")
    expect(page.locator("#clock-state")).to_contain_text("running")
    expect(page.locator("#case")).not_to_contain_text("no answer is in its log")

    later(alfa, bravo)

    expect(page.locator("#clock-state")).to_contain_text("lapsed, silent (proved)", timeout=SOON_MS)
    expect(page.locator("#case")).to_contain_text("no answer is in its log")
    other = visit(bravo)
    other.goto(f"{bravo.origin}/cases/{case}")
    expect(other.locator(".proofbox")).to_contain_text(
        "ALFA can prove that we have not answered", timeout=SOON_MS
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Export proof").click()
    bundle = download.value.path().read_bytes()
    assert word(check(bundle)).startswith("lapsed (proved)")
    broken = bytearray(bundle)
    broken[len(broken) // 2] ^= 1
    assert check(bytes(broken)).refused is not None


def test_a_one_time_link_lets_in_once(stations, chromium):
    alfa, _ = stations
    link = alfa.sign_in_link("ALFA-1")
    first, second = chromium.new_context(), chromium.new_context()
    try:
        page = first.new_page()
        page.goto(link)
        page.reload()
        page.get_by_role("button", name="Sign in to ALFA").click()
        expect(page.locator(".person summary")).to_have_text("ALFA-1")

        again = second.new_page()
        again.goto(link)
        again.get_by_role("button", name="Sign in to ALFA").click()

        expect(again.get_by_role("alert")).to_be_visible()
        expect(again.locator(".person summary")).to_have_count(0)
    finally:
        first.close()
        second.close()


def test_an_officer_without_the_role_is_refused_and_told_why(stations, visit):
    alfa, _ = stations
    watcher = alfa.officer("ALFA-2", ("watch",))
    page = visit(alfa, watcher)

    answer = page.goto(alfa.origin + "/station/audit")

    assert answer.status == 403
    expect(page.locator("main")).to_contain_text("ALFA-2")


# The last one: from then on ALFA-1 confirms with a passkey.
def test_a_passkey_signs_in_and_confirms_a_release_at_a_real_station(stations, visit):
    alfa, _ = stations
    page = visit(alfa)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(alfa.origin + "/station")
    page.get_by_label("Name of the passkey").fill("desk key")
    page.get_by_role("button", name="Enrol a passkey").click()
    expect(page.locator("#passkeys")).to_contain_text("desk key")

    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out ALFA-1").click()
    page.get_by_role("button", name="Sign in to ALFA with a passkey").click()
    expect(page.locator(".person summary")).to_have_text("ALFA-1")
    entry = write(page, alfa, precedence="R", subject="Signed", text="Confirmed by a passkey.")
    assert entry.startswith("OPS/ALFA/")

    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": key["authenticatorId"]})
    page.goto(f"{alfa.origin}/drafts/new?channel=OPS&procedure=message&move=send")
    page.get_by_label("Subject").fill("Not signed")
    page.locator("#text-0").fill("Never confirmed.")
    page.get_by_role("button", name="Take to review").click()
    page.locator("#release-button").click()
    expect(page.get_by_role("alert").filter(has_text="passkey")).to_be_visible(timeout=SOON_MS)
    assert entry == alfa.client.get("/outbox")["items"][0]["name"]
