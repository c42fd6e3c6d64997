"""What must never happen on a screen, tried on the fake gateway and read in the console's own files.

The page `docs/understand/never.md` lists every such promise with the test that holds it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace as Shape

import pytest

import parley.console
from parley.console.language import read_sentences
from parley.console.pages.overview import NEEDS_SHOWN_MAX
from parley.console.words import FAMILIES
from support.fake_gateway import both, text
from unit.console.test_pages import ORIGIN, desk, run

CONSOLE = Path(parley.console.__file__).parent
TEMPLATES = {path.name: path.read_text() for path in sorted((CONSOLE / "templates").glob("*.html"))}
STYLES = "\n".join(path.read_text() for path in sorted((CONSOLE / "static").glob("*.css")))
SCRIPTS = {path.name: path.read_text() for path in sorted((CONSOLE / "static/js").glob("*.js"))}
SENTENCES = read_sentences("zh")


def page_of(
    path, *, view="en.day.100.keys", before=lambda gateway: None, officer="ALFA-W2", **facts
):
    async def work():
        async with desk(**facts) as at:
            before(at.gateway)
            await at.sign_in(officer, view)
            return (await at.client.get(path)).text

    return run(work)


def main_of(page):
    return page.partition("<main")[2].partition("</main>")[0]


def test_nothing_asks_for_a_password():
    hidden = {name: page.count('type="password"') for name, page in TEMPLATES.items()}
    # Two codes of two holders, each good for once: nobody has a word that lets them in.
    assert {name: count for name, count in hidden.items() if count} == {"break_glass.html": 2}
    assert not [said for said in SENTENCES if "password" in said.lower()]


def test_where_nothing_is_open_the_time_of_the_look_stands_beside_it():
    def calm(gateway):
        gateway._needs.clear()
        gateway._drafts.clear()
        for alarm in gateway.alarms():
            alarm.open = False

    assert re.search(r"Nothing needs us\. Checked \d{6}Z\.", page_of("/", before=calm))
    assert re.search(r"No alarm is open\. Checked \d{6}Z\.", page_of("/alarms", before=calm))
    # Each sentence that says that there is nothing to do says when that was so.
    calming = [
        said
        for said in SENTENCES
        if re.match(r"Nothing (needs|is asked|is open)|No alarm is", said)
    ]
    assert len(calming) >= 4
    assert all("Checked {time}" in said for said in calming)


def test_an_alarm_unclaimed_stands_on_the_overview_however_much_is_more_pressing():
    def crowd(gateway):
        pattern = vars(gateway._needs[0])
        alarm = Shape(
            **{
                **pattern,
                "id": "alarm-LAST",
                "kind": "alarm",
                "precedence": "O",
                "entry": None,
                "claimed_by": None,
            }
        )
        mine = Shape(**{**vars(alarm), "id": "alarm-CLAIMED", "claimed_by": "ALFA-W1"})
        gateway._needs[:] = [
            Shape(**{**pattern, "id": f"answer-{n}", "kind": "answer"})
            for n in range(NEEDS_SHOWN_MAX + 5)
        ] + [mine, alarm]

    page = page_of("/", before=crowd)
    assert 'id="need-alarm-LAST"' in page
    assert 'id="need-alarm-CLAIMED"' not in page
    assert page.count('id="need-answer-') == NEEDS_SHOWN_MAX
    assert re.search(r"and \d+ more in the inbox", page)


def test_one_flash_hides_no_other_and_none_goes_by_itself():
    def two(gateway):
        for number in (60, 61):
            gateway.raise_flash(
                f"OPS/BRAVO/{number}", both(f"Stop {number}", "停"), [text("en", f"Now {number}.")]
            )
        gateway.time += 30 * 86_400

    page = page_of("/search", before=two)
    assert page.count('class="alarm"') >= 2
    for number in (60, 61):
        assert f"Now {number}." in page
        assert f'action="/alarms/A-{number}/claim"' in page
    # Nothing in the browser takes an alarm away but a page of the station that has it no more.
    assert not re.search(r"alarms-up[^;\n]*\.remove\(", "".join(SCRIPTS.values()))


@pytest.mark.parametrize("path", ["/", "/inbox", "/alarms", "/entries/OPS/BRAVO/60", "/search"])
def test_who_cannot_claim_is_told_of_a_flash_and_offered_nothing_that_would_be_refused(path):
    def one(gateway):
        gateway.raise_flash("OPS/BRAVO/60", both("Stop", "停"), [text("en", "Now 60.")])

    page = page_of(path, before=one, officer="ALFA-R1")
    layer = page.partition('id="alarms-up"')
    assert layer[0].endswith('<div class="alarm-layer told" ')
    assert "Now 60." in layer[2]
    assert "An officer of the watch claims it" in layer[2]
    assert "/claim" not in page
    assert 'action="/alarms/A-60/claim"' in page_of(path, before=one)


def test_to_whom_the_watch_is_offered_every_page_says_so():
    def offered(gateway):
        gateway.watch_state = replace(gateway.watch_state, offered_to="ALFA-W2", offered_at=1)

    link = page_of("/search", before=offered).partition('id="watch-state"')[2].partition("</a>")[0]
    assert link.endswith(">Take the watch from ALFA-W1")
    other = page_of("/search", before=offered, officer="ALFA-R1")
    assert "data-live>Watch: ALFA-W1</a>" in other


def test_a_live_flash_says_so_on_an_exercise():
    def live(gateway):
        gateway.raise_flash("OPS/BRAVO/60", both("Stop", "停"), [text("en", "Stop.")])
        gateway.entry("OPS/BRAVO/60").mark = "LIVE"

    layer = page_of("/search", before=live, mark="EXERCISE").partition('id="alarms-up"')[2]
    assert re.search(
        r'FLASH from BRAVO</strong>.*?<span class="badge">LIVE</span>', layer, re.DOTALL
    )


def test_a_claim_sends_nothing_and_acknowledges_nothing():
    async def work():
        async with desk() as at:
            at.gateway.raise_flash("OPS/BRAVO/60", both("Stop", "停"), [text("en", "Stop.")])
            await at.sign_in()
            before = len(at.gateway._entries)
            await at.post("/alarms/A-60/claim")
            claimed = next(each for each in at.gateway.alarms() if each.id == "A-60")
            return before, len(at.gateway._entries), claimed.claimed_by, at.gateway.acknowledged

    before, after, officer, acknowledged = run(work)
    assert (officer, acknowledged) == ("ALFA-W2", [])
    assert after == before


def test_the_inbox_offers_no_act_on_many_and_nothing_that_looks_like_reading():
    page = main_of(page_of("/inbox"))
    assert "<form" not in page
    assert 'type="checkbox"' not in page
    assert not [
        said
        for said in SENTENCES
        if re.search(r"mark(ed)? (it |all )?as (read|seen)", said, re.IGNORECASE)
    ]


def test_words_of_a_peer_become_no_link_no_picture_and_no_markup():
    hostile = 'See https://evil.example/a www.evil.example mailto:a@evil.example <img src="https://evil.example/b.png"><a href="javascript:1">x</a> ![p](https://evil.example/c)'

    def write(gateway):
        gateway.add_entry(
            "OPS/BRAVO/62",
            "BRAVO",
            "message",
            "send",
            "R",
            both(hostile, hostile),
            [text("en", hostile)],
            0,
        )

    page = main_of(page_of("/entries/OPS/BRAVO/62", before=write))
    assert "evil.example" in page
    assert not re.search(
        r"""(href|src|srcset|action|style)=["'][^"']*(evil\.example|javascript)""", page
    )
    assert "<img" not in page


def test_a_note_of_the_watch_log_has_no_way_to_be_changed():
    async def work():
        async with desk() as at:
            await at.sign_in()
            await at.post("/watch/note", text="Fog over the pier")
            tries = [
                await at.post(path, text="No fog")
                for path in ("/watch/note/1", "/watch/edit", "/watch/note/1/delete")
            ]
            return [each.status_code for each in tries], (await at.client.get("/watch")).text

    statuses, page = run(work)
    assert set(statuses) <= {404, 405}
    assert "Fog over the pier" in page
    assert not re.findall(r'action="/watch/(?!note"|take"|offer"|leave")[^"]*"', page)


def test_a_new_draft_is_to_nobody_until_a_channel_is_chosen():
    page = main_of(page_of("/drafts/new?procedure=request&move=open"))
    assert 'id="draft"' not in page
    for channel in ("OPS", "SAR"):
        assert channel in page


def test_no_key_releases_anything():
    for name in ("release.html", "release_queue.html", "release_channel.html"):
        assert not re.search(r"data-key|data-review|accesskey|autofocus", TEMPLATES[name]), name
    assert "release" not in SCRIPTS["keys.js"]
    # Ctrl+Enter presses what stands in the form of a draft, and that takes it to review.
    reviewed = re.findall(r"<button[^>]*data-review[^>]*>", "".join(TEMPLATES.values()))
    assert reviewed == ['<button class="button main" name="do" value="review" data-review>']


def test_nothing_offers_to_call_back_what_was_released_or_to_send_all_the_same():
    bad = re.compile(
        r"\brecall\b|send anyway|release anyway|override|undo (the )?release", re.IGNORECASE
    )
    found = [said for said in SENTENCES if bad.search(said)]
    assert all("cannot be recalled" in said for said in found), found
    for name, template in TEMPLATES.items():
        assert not re.search(r'action="[^"]*(recall|anyway|override)', template), name


def test_a_draft_is_on_one_channel():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = (await at.client.get("/drafts/new?channel=OPS&procedure=message&move=send")).text
            form = page.partition('id="draft"')[2].partition("</form>")[0]
            return re.findall(r'<input type="hidden" name="channel" value="([^"]*)"', form), form

    channels, page = run(work)
    assert channels == ["OPS"]
    assert not re.search(r'<select[^>]*name="channel"', page)


def test_what_has_no_receipt_is_never_said_to_be_sent():
    for code, said in FAMILIES["delivery"].items():
        assert "sent" not in said.split(), code
    assert not {"sent", "Sent", "Delivered", "done"} & set(FAMILIES["delivery"].values())


def test_nothing_turns_and_nothing_moves_but_the_edge_of_a_flash():
    assert set(re.findall(r"@keyframes ([\w-]+)", STYLES)) == {"pulse"}
    assert re.search(
        r"@media \(prefers-reduced-motion: reduce\) \{ \.alarm \{ animation: none; \} \}", STYLES
    )


FORBIDDEN = re.compile(
    r"\b(ignored|hostile|violation|proven lie|lied|liar|Pending|Failed|a moment ago|just now(?!, \{time\})|oops|sorry|please)\b"
    r"|!|[\U0001F1E6-\U0001F1FF\U0001F300-\U0001FAFF\u2600-\u27BF]",
)


def test_no_sentence_judges_jokes_or_shouts():
    assert [said for said in SENTENCES if FORBIDDEN.search(said)] == []
    chinese = re.compile(
        r"敌对|敌方|撒谎|谎言|违规行为|！|[\U0001F1E6-\U0001F1FF\U0001F300-\U0001FAFF]"
    )
    assert [said for said in SENTENCES.values() if chinese.search(str(said))] == []


def test_a_button_says_what_it_does():
    plain = re.findall(
        r"<button[^>]*>\{\{ _\('([^']+)'\) \}\}</button>", "".join(TEMPLATES.values())
    )
    assert len(plain) > 40
    assert not {"OK", "Ok", "Submit", "Yes", "No", "Send", "Continue", "Cancel"} & set(plain)


def test_no_column_says_that_it_is_the_fact():
    heads = re.findall(r"<th[^>]*>\{\{ _\('([^']+)'\) \}\}", "".join(TEMPLATES.values()))
    assert len(heads) > 60
    assert not [
        head
        for head in heads
        if re.search(r"\b(fact|facts|truth|verdict|right)\b", head, re.IGNORECASE)
    ]


def test_text_is_never_smaller_than_fourteen_and_chinese_never_slants_or_spreads():
    sizes = [float(size) for size in re.findall(r"font-size:\s*([\d.]+)px", STYLES)]
    sizes += [float(size) for size in re.findall(r"--(?:s|m|l|xl|xxl):\s*([\d.]+)px", STYLES)]
    assert sizes
    assert min(sizes) >= 14
    assert "italic" not in STYLES
    # The clock's figures alone stand closer: they are Latin in every language.
    assert (
        re.findall(r"[^{}]*\{[^{}]*letter-spacing[^{}]*\}", STYLES)[0]
        .strip()
        .startswith(".top .clock")
    )
    assert STYLES.count("letter-spacing") == 1


def test_a_new_version_reloads_no_page_by_itself():
    assert "button.onclick = () => location.reload();" in SCRIPTS["live.js"]
    others = {
        name: code.count("location.reload")
        for name, code in SCRIPTS.items()
        if "location.reload" in code
    }
    # The offer's button and the way back into a page that the browser had kept; an ended session; the
    # form of a new draft in which words of one that the station has stood again, and none since.
    assert others == {"live.js": 2, "ended.js": 1, "draft.js": 1}
    assert "if (isSame(sent, typedIn(form))) {\n          location.reload();" in SCRIPTS["draft.js"]


def test_esc_closes_and_empties_nothing():
    escape = SCRIPTS["keys.js"].partition('event.key === "Escape"')[2].partition("return;")[0]
    assert "open.open = false" in escape
    assert not re.search(r"value|reset|location|remove|submit|back", escape)


def test_an_officer_can_be_suspended_and_not_deleted():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            tries = [
                await at.post("/station/officers/ALFA-W2/delete"),
                await at.client.request(
                    "DELETE", "/station/officers/ALFA-W2", headers={"origin": ORIGIN}
                ),
            ]
            return [each.status_code for each in tries]

    assert set(run(work)) <= {403, 404, 405}


def test_words_that_were_searched_for_are_in_no_log(capsys, caplog):
    async def work():
        async with desk() as at:
            await at.sign_in()
            answer = await at.client.get("/search?q=nightingale")
            refused = await at.post("/search?q=nightingale")
            audit = (await at.client.get("/station/audit")).text
            return answer.status_code, refused.status_code, audit

    status, refused, audit = run(work)
    assert (status, refused) == (200, 405)
    printed = capsys.readouterr()
    assert "nightingale" not in printed.out + printed.err + caplog.text + audit


@pytest.mark.parametrize("word", ["as_of=never", "to=never"])
def test_a_time_without_a_zone_is_refused_in_words(word):
    name, _, _ = word.partition("=")
    path = {"as_of": "/requests", "to": "/timeline?channel=OPS"}[name]
    mark = "&" if "?" in path else "?"
    page = page_of(f"{path}{mark}{name}=240512+NOV+26")
    assert "zone" in page


def test_who_reads_an_entry_is_told_where_its_languages_differ():
    def planted(gateway):
        entry = next(each for each in gateway._entries.values() if not each.own)
        entry.texts = [text("en", "Tow from 1500Z."), text("zh-Hans", "1600Z起拖带。", "courtesy")]
        return entry.name

    names = []
    html = page_of("/inbox", before=lambda gateway: names.append(planted(gateway)))
    assert "differ. en" not in html
    shown = page_of(f"/entries/{names[0]}", before=planted)
    assert "the languages differ. en: 1500Z; zh-Hans: 1600Z" in shown
    chinese = page_of(f"/entries/{names[0]}", before=planted, view="zh.day.100.keys")
    assert "各语言文本不一致。en：1500Z；zh-Hans：1600Z" in chinese


@pytest.mark.parametrize(
    ("view", "after"), [("zh.day.100.keys", "前"), ("en.day.100.keys", " ago")]
)
def test_the_age_of_a_flash_is_followed_by_its_word_as_the_language_has_it(view, after):
    html = page_of("/", view=view)
    assert re.search(rf"</time>{after}\)", html)
    assert "&lt;time" not in html
