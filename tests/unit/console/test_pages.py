"""Every screen on the fake gateway, without a browser and without JavaScript."""

from __future__ import annotations

import asyncio
import csv
import re
from contextlib import asynccontextmanager
from types import SimpleNamespace as Shape

import httpx
import pytest

from parley.console.app import build_console
from parley.console.moments import stamp
from parley.errors import NotAllowedError, StationUnreachableError, UsageError
from parley.station.actors import Actor
from support import fake_gateway
from support.fake_gateway import FakeGateway, both, text

ORIGIN = "http://alfa.localhost:8101"
PATHS = (
    "/", "/alarms", "/inbox", "/entries/OPS/BRAVO/33", "/entries/OPS/ALFA/41", "/drafts", "/drafts/new",
    "/drafts/new?channel=OPS&procedure=request&move=open", "/drafts/D-0412", "/release", "/release/D-0412", "/release/channels/SAFE", "/outbox",
    "/requests", "/requests?owed_by=us", "/requests?show=closed", "/requests?as_of=240512Z+NOV+26", "/registers/message", "/calendar", "/calendar?days=7", "/notices", "/history",
    "/cases/REQ-ALFA-40", "/cases/REQ-BRAVO-32", "/channels", "/channels/OPS", "/channels/LAW", "/channels/new",
    "/peers", "/peers/BRAVO", "/peers/DELTA", "/record", "/record?channel=OPS", "/record/check/OPS/BRAVO",
    "/search", "/search?q=line", "/search?q=line&by=case", "/evidence", "/courier", "/courier?made=3", "/station", "/station/audit", "/station/audit?check=1",
    "/station/exercise", "/station/exercise/EX-0001", "/templates", "/templates/night-exercise", "/templates/closing-track", "/station/glossary", "/station/glossary?q=channel", "/station/webhooks", "/watch", "/timeline", "/timeline?channel=OPS&span=3600", "/timeline?channel=LAW&to=240512Z+NOV+26", "/channels/OPS/restore",
    "/map", "/map?at=0,180&span=180", "/map?at=85,20&span=60&right=0.2&down=-0.1", "/map?procedure=incident&channel=OPS", "/map?case=REQ-ALFA-40", "/map?at=no&span=nan", "/map?as_of=never", "/preconditions", "/preconditions?as_of=never", "/preconditions?as_of=240512Z+NOV+26",
)  # fmt: skip


class Desk:
    def __init__(self, client, gateway):
        self.client, self.gateway = client, gateway

    async def sign_in(self, officer="ALFA-W2", view="en.day.100.keys"):
        secret = await self.gateway.open_session(officer, how="link")
        self.client.cookies.set("parley-session", secret)
        self.client.cookies.set("parley-view", view)

    async def token(self):
        page = await self.client.get("/search")
        return re.search(r'name="form_token" value="(\w+)"', page.text)[1]

    async def post(self, path, **fields):
        if "form_token" not in fields:
            fields["form_token"] = await self.token()
        return await self.client.post(path, data=fields, headers={"origin": ORIGIN})


@asynccontextmanager
async def desk(**facts):
    gateway = FakeGateway(**facts)
    app = build_console(gateway, origin=ORIGIN)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield Desk(client, gateway)


def run(work):
    return asyncio.run(work())


def test_a_channel_act_is_confirmed_with_the_digest_on_the_sheet():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/release/channels/SAFE")
            answer = await at.post("/release/channels/SAFE", digest="ab" * 32)
            return page, answer, at.gateway.confirmed

    page, answer, confirmed = run(work)
    assert "ab" * 32 in page.text
    assert answer.headers["location"] == "/channels/OPS"
    assert confirmed == [("ALFA-W2", "SAFE", "ab" * 32)]


def test_a_machine_is_offered_where_there_is_one_and_only_for_other_languages():
    async def work():
        async with desk() as at:
            await at.sign_in()
            without = await at.client.get("/entries/OPS/BRAVO/32")
            at.gateway.translation_engine = "Engine 2"
            offered = await at.client.get("/entries/OPS/BRAVO/32")
            both = await at.client.get("/entries/OPS/BRAVO/31")
            made = await at.post("/entries/OPS/BRAVO/32/translate", lang="zh")
            return without.text, offered.text, both.text, made, at.gateway.translated

    without, offered, both, made, translated = run(work)
    assert "by machine" not in without
    assert "into zh by machine (Engine 2)" in offered
    assert "into en by machine" not in offered
    assert "by machine" not in both
    assert made.headers["location"] == "/drafts/D-0412"
    assert translated == [("ALFA-W2", "OPS/BRAVO/32", "zh")]


def test_articles_of_a_joint_text_stand_in_the_text_and_not_once_more_as_codes(monkeypatch):
    said = [{"no": "1", "status": "open", "agreed_by": [], "digest": "e3ec"}]
    fact = Shape(column="articles", label=both("articles", "条文"), value=said)
    monkeypatch.setattr(fake_gateway, "FACTS", [*fake_gateway.FACTS, fact])

    async def work():
        async with desk() as at:
            await at.sign_in()
            return (await at.client.get("/cases/REQ-ALFA-40")).text

    page = run(work)
    assert 'id="text"' in page
    assert "in time" in page.lower()
    assert "agreed_by" not in page


def test_a_joint_text_is_taken_out_as_a_file():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/cases/REQ-ALFA-40")
            links = re.findall(r'href="(/texts/[^"]+)"', page.text)
            answers = [await at.client.get(link) for link in links]
            return answers, (await at.client.get("/texts/exe/OPS/REQ-ALFA-40")).status_code

    (html, pdf), other = run(work)
    assert html.text == "html of OPS/REQ-ALFA-40"
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"] == 'attachment; filename="REQ-ALFA-40.pdf"'
    assert other == 404


def test_pasted_notices_become_drafts_and_what_is_left_is_said():
    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")
            page = await at.post("/notices", channel="OPS", content="WARNING", zone="+08:00")
            return page.text, at.gateway.noticed

    page, noticed = run(work)
    assert noticed == [("ALFA-W2", "OPS", "WARNING", "+08:00")]
    assert 'href="/drafts/D-0412"' in page
    assert "请选择危险类别" in page


def test_a_register_kept_before_is_shown_row_by_row_and_claimed_only_when_that_is_asked():
    head = "number,date,by,to,what_en,what_zh,outcome\n"
    good, bad = (
        head + "7,2021-03-01,ALFA,BRAVO,Call <b>,通话,not answered\n",
        head + "8,31 March,A,B,Call,,\n",
    )

    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")
            pages = [
                await at.post("/history", channel="OPS", content=text)
                for text in (bad, good, "a,b", "")
            ]
            asked = list(at.gateway.claimed)
            done = await at.post(
                "/history", channel="OPS", content=good, name="Register", do="claim"
            )
            return [page.text for page in pages], asked, done.text, at.gateway.claimed

    (problems, look, odd, none), asked, done, claimed = run(work)
    assert "第2行，date" in problems
    assert 'name="do"' not in problems
    assert "Call &lt;b&gt;" in look
    assert 'value="claim"' in look
    assert "第1行：没有名为“a”的列。" in odd
    assert "也未粘贴内容" in none
    assert asked == [("ALFA-W2", "OPS", "register", True)]
    assert claimed[-1] == ("ALFA-W2", "OPS", "Register", False)
    assert 'href="/drafts/D-0412"' in done


def test_the_rows_of_a_register_that_are_understood_can_be_claimed_alone():
    head = "number,date,by,to,what_en,what_zh,outcome\n"
    mixed = head + "7,2021-03-01,ALFA,BRAVO,Call,通话,not answered\n8,31 March,A,B,Call,,\n"

    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")
            look = await at.post("/history", channel="OPS", content=mixed)
            whole = await at.post("/history", channel="OPS", content=mixed, name="R", do="claim")
            done = await at.post(
                "/history", channel="OPS", content=mixed, name="R", do="claim-good"
            )
            return look.text, whole.text, done.text, at.gateway.claimed

    look, whole, done, claimed = run(work)
    assert "只提出可识别的 1 行" in look
    assert 'value="claim-good"' in look
    assert 'id="made"' not in whole
    assert "有问题的 1 行未列入" in done
    asked = [("register", True), ("R", True), ("R", False)]
    assert claimed == [("ALFA-W2", "OPS", name, is_dry) for name, is_dry in asked]


def test_a_calendar_address_is_made_read_without_signing_in_and_ended():
    async def work():
        async with desk() as at:
            await at.sign_in()
            made = await at.post("/calendar/feeds", label="wall")
            address = re.search(r"<pre>(http\S+)</pre>", made.text)[1]
            feed = next(iter(at.gateway.feeds.values()))
            at.client.cookies.clear()
            read = await at.client.get(address)
            await at.sign_in()
            await at.post("/calendar/feeds/revoke", feed=feed.id)
            return read, (await at.client.get(address)).status_code

    read, after = run(work)
    assert read.text.startswith("BEGIN:VCALENDAR")
    assert read.headers["content-type"] == "text/calendar; charset=utf-8"
    assert after == 404


def test_a_channel_is_proposed_to_parties_and_with_witnesses_that_are_no_parties():
    async def work():
        async with desk() as at:
            await at.sign_in()
            form = await at.client.get("/channels/new")
            await at.post(
                "/channels", peer="BRAVO", witness="CHARLIE", code="SEA", purpose="At sea"
            )
            return form.text, at.gateway.proposed

    form, [proposed] = run(work)
    assert 'name="witness" value="CHARLIE"' in form
    assert 'name="peer" value="CHARLIE"' not in form
    assert (proposed.peers, proposed.witnesses) == (("BRAVO",), ("CHARLIE",))


def test_a_channel_is_proposed_with_quotas_and_shown_with_them():
    typed = {"entries_per_day": "2,000", "bytes_per_day": "", "flash_per_hour": "20"}

    async def work():
        async with desk() as at:
            await at.sign_in()
            await at.post("/channels", peer="BRAVO", code="SEA", purpose="At sea", **typed)
            refused = await at.post(
                "/channels", peer="BRAVO", code="AIR", purpose="In air", flash_per_hour="a few"
            )
            return refused, await at.client.get("/channels/OPS"), at.gateway.proposed

    refused, shown, [proposed] = run(work)
    bounds = (proposed.entries_per_day, proposed.bytes_per_day, proposed.flash_per_hour)
    assert bounds == (2_000, None, 20)
    assert "a few" in refused.text
    assert "is not a whole number" in refused.text
    assert "2,000 entries a day" in shown.text
    assert "20 FLASH an hour" in shown.text


@pytest.mark.parametrize("view", ["en.day.100.keys", "zh.night.200.nokeys"])
def test_every_screen_can_be_read_and_carries_the_marking(view):
    async def work():
        async with desk(mark="EXERCISE") as at:
            await at.sign_in(view=view)
            return {path: await at.client.get(path) for path in PATHS}

    word = "EXERCISE" if view.startswith("en") else "演习"
    for path, page in run(work).items():
        assert page.status_code == 200, path
        assert f"<title>{word} ALFA" in page.text, path
        assert 'class="practice-frame"' in page.text, path
        assert page.text.count("<h1") == 1, path


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reads_without_signing_in(path):
    async def work():
        async with desk() as at:
            return await at.client.get(path)

    answer = run(work)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_a_fresh_station_shows_its_first_steps():
    async def work():
        async with desk(empty=True) as at:
            await at.sign_in()
            return await at.client.get("/")

    assert "This station knows nobody yet" in run(work).text


def test_a_link_signs_in_once():
    async def work():
        async with desk() as at:
            secret = await at.gateway.sign_in_link(None, "ALFA-W2")
            looked = await at.client.get(f"/sign-in/link/{secret}")
            first = await at.client.post(
                "/sign-in/link", data={"secret": secret}, headers={"origin": ORIGIN}
            )
            second = await at.client.post(
                "/sign-in/link", data={"secret": secret}, headers={"origin": ORIGIN}
            )
            return looked, first, second

    looked, first, second = run(work)
    assert looked.status_code == 200
    assert first.status_code == 303
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert second.status_code == 403


def test_while_a_long_record_is_read_every_page_says_so_and_none_breaks(monkeypatch):
    def reading(*_args, **_named):
        raise StationUnreachableError("the desk is still reading the record")

    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")
            at.gateway.unread = 82_459
            for name in ("overview", "entry"):
                monkeypatch.setattr(at.gateway, name, reading)
            return await at.client.get("/"), await at.client.get("/peers")

    refused, shown = run(work)
    assert refused.status_code == 503
    assert shown.status_code == 200
    assert "本站现在无法执行此操作" in refused.text
    for page in (refused, shown):
        assert "记录仍在读取中" in page.text
        assert "82459" in re.sub(r"[\s,\u2009\u202f\u00a0]", "", page.text)


def test_a_form_of_another_session_does_nothing():
    async def work():
        async with desk() as at:
            await at.sign_in()
            answer = await at.post("/alarms/A-33/claim", form_token="0" * 64)
            return answer, at.gateway.alarms()[0].claimed_by

    answer, claimed_by = run(work)
    assert answer.status_code == 403
    assert claimed_by is None


def test_a_form_after_the_session_ended_sends_nothing_and_says_so():
    async def work():
        async with desk() as at:
            await at.sign_in()
            token = await at.token()
            at.client.cookies.set("parley-session", "gone")
            answer = await at.post(
                "/entries/OPS/BRAVO/33/acknowledge", form_token=token, level="read", press="1"
            )
            return answer, at.gateway.acknowledged

    answer, acknowledged = run(work)
    assert answer.status_code == 401
    assert "Nothing was sent" in answer.text
    assert acknowledged == []


def test_opening_an_entry_acknowledges_nothing_and_a_press_does_once():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/entries/OPS/BRAVO/33")
            before = list(at.gateway.acknowledged)
            press = re.search(r'name="press" value="(\w+)"', page.text)[1]
            for _ in range(2):
                await at.post("/entries/OPS/BRAVO/33/acknowledge", press=press, level="read")
            return before, at.gateway.acknowledged

    before, after = run(work)
    assert before == []
    assert [level for _, level in after] == ["read"]


@pytest.mark.parametrize(("answered", "offered"), [(None, True), (1_772_000_000, False)])
def test_a_line_check_is_answered_by_one_press_that_names_the_peer(monkeypatch, answered, offered):
    case = Shape(answered_at=answered, moves=[Shape(move="answer", permitted=True)])

    async def work():
        async with desk() as at:
            await at.sign_in()
            asked = at.gateway.entry("OPS/BRAVO/33")
            asked.procedure, asked.move, asked.case, asked.is_read = (
                "line_check",
                "check",
                "LIN-BRAVO-33",
                True,
            )
            monkeypatch.setattr(at.gateway, "entry", lambda name: asked)
            monkeypatch.setattr(at.gateway, "case", lambda number: case)
            page = (await at.client.get("/entries/OPS/BRAVO/33")).text
            await at.post("/peers/BRAVO/line-check", answers="OPS/BRAVO/33", press="one")
            return page, at.gateway.line_checked

    page, checked = run(work)
    assert ("Answer BRAVO: a person is here" in page) is offered
    assert page.count("button main") == 1
    assert checked == ("BRAVO", "OPS/BRAVO/33")


def test_a_flash_covers_every_screen_until_it_is_claimed():
    async def work():
        async with desk() as at:
            await at.sign_in()
            before = await at.client.get("/station")
            await at.post("/alarms/A-33/claim", back="/entries/OPS/BRAVO/33")
            return before.text, (await at.client.get("/station")).text

    before, after = run(work)
    assert 'role="alert" aria-label="FLASH from BRAVO"' in before
    assert "one of yours are closing" in before
    assert 'class="alarm"' not in after
    assert "not acknowledged yet" in after


def test_a_flash_says_whether_the_key_was_verified_and_how_long_handling_may_take():
    async def work():
        async with desk() as at:
            await at.sign_in()
            known = await at.client.get("/station")
            at.gateway._alarms["A-33"].peer = "DELTA"
            changed = await at.client.get("/station")
            at.gateway.time += 600
            return known.text, changed.text, (await at.client.get("/station")).text

    known, changed, late = run(work)
    assert "key verified in person 02 OCT 26" in known
    assert "0:09:19 left" in known
    assert "key verified" not in changed
    assert "KEY CHANGED" in changed
    assert "0:00:41 over" in late


def test_the_writer_cannot_release_their_own_draft():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            page = await at.client.get("/release/D-0409")
            answer = await at.post("/release/D-0409", digest=at.gateway.draft("D-0409").digest)
            return page.text, answer.status_code, at.gateway.released

    page, status, released = run(work)
    assert "release-button" not in page
    assert status == 403
    assert released == {}


def test_a_double_press_makes_one_entry():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            digest = at.gateway.draft("D-0412").digest
            answers = [await at.post("/release/D-0412", digest=digest) for _ in range(2)]
            return [answer.headers["location"] for answer in answers], at.gateway.released

    places, released = run(work)
    assert places[0] == places[1]
    assert list(released) == ["D-0412"]


def test_a_draft_that_changed_since_it_was_shown_is_not_released():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            answer = await at.post("/release/D-0412", digest="0" * 64)
            return answer, at.gateway.released

    answer, released = run(work)
    assert answer.status_code == 409
    assert "Nothing was sent" in answer.text
    assert released == {}


def test_a_draft_is_written_and_taken_to_review_without_a_script():
    async def work():
        async with desk() as at:
            await at.sign_in()
            form = await at.client.get("/drafts/new?channel=OPS&procedure=message&move=send")
            press = re.search(r'name="press" value="(\w+)"', form.text)[1]
            fields = {
                "channel": "OPS",
                "procedure": "message",
                "move": "send",
                "press": press,
                "precedence": "P",
                "to": "BRAVO",
                "f.subject": "Test",
                "lang.0": "en",
                "status.0": "authentic",
                "text.0": "Plain words.",
            }
            saved = await at.post("/drafts", **fields, do="save")
            again = await at.post("/drafts", **fields, do="save")
            name = saved.headers["location"].rpartition("/")[2]
            draft = at.gateway.draft(name)
            reviewed = await at.post(
                f"/drafts/{name}",
                **{
                    **fields,
                    "draft": name,
                    "version": str(draft.version),
                    "text.0": "Plainer words.",
                },
                do="review",
            )
            return saved, again, reviewed, at.gateway.draft(name)

    saved, again, reviewed, draft = run(work)
    assert again.headers["location"] == saved.headers["location"]
    assert reviewed.headers["location"] == f"/release/{draft.id}"
    assert (draft.state, draft.precedence, draft.texts[0].text) == ("held", "P", "Plainer words.")


def test_a_stale_save_keeps_the_other_version_and_says_so():
    async def work():
        async with desk() as at:
            await at.sign_in()
            fields = {
                "channel": "OPS",
                "procedure": "request",
                "move": "open",
                "draft": "D-0412",
                "version": "1",
                "to": "BRAVO",
                "text.0": "Mine",
            }
            return await at.post("/drafts/D-0412/save", **fields), at.gateway.draft(
                "D-0412"
            ).version

    answer, version = run(work)
    assert answer.status_code == 409
    assert "changed elsewhere. What you typed is your own draft" in answer.json()["detail"]
    assert answer.json()["copy"] != "D-0412"
    assert version == 3


def test_markup_of_a_peer_is_shown_as_letters():
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"\'><b hx-get="/x">'

    async def work():
        async with desk() as at:
            at.gateway.add_entry(
                "OPS/BRAVO/34",
                "BRAVO",
                "message",
                "send",
                "R",
                hostile,
                [text("en", hostile + "\u202etxt")],
                at.gateway.now(),
            )
            await at.sign_in()
            return [
                await at.client.get(path)
                for path in ("/entries/OPS/BRAVO/34", "/inbox", "/record", "/search?q=alert")
            ]

    for page in run(work):
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "<b hx-get" not in page.text
        assert "{{7*7}}" in page.text
        assert "49" not in re.findall(r"closing tag|>49<", page.text)
    assert '<span class="chip">U+202E</span>' in run(work)[0].text


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil", "javascript:alert(1)", "/a\r\nb"]
)
def test_a_form_never_leads_to_another_site(back):
    async def work():
        async with desk() as at:
            return await at.client.post(
                "/preferences", data={"language": "zh", "back": back}, headers={"origin": ORIGIN}
            )

    assert run(work).headers["location"] == "/"


def test_language_light_and_size_are_kept_in_this_browser():
    async def work():
        async with desk() as at:
            await at.client.post(
                "/preferences",
                data={"language": "zh", "theme": "night", "size": "150", "whole": "1"},
                headers={"origin": ORIGIN},
            )
            return await at.client.get("/sign-in")

    page = run(work).text
    assert '<html lang="zh-Hans" data-theme="night" data-size="150">' in page
    assert 'data-keys="off"' in page


def test_a_station_that_writes_in_one_language_has_a_place_for_a_bilingual_text():
    async def work():
        async with desk() as at:
            at.gateway.station().languages = ["en"]
            await at.sign_in()
            return (await at.client.get("/drafts/new?channel=OPS&procedure=message&move=send")).text

    page = run(work)
    assert re.findall(r'name="lang\.\d" value="([\w-]+)"', page) == ["en", "zh-Hans"]


def test_a_search_that_cannot_be_understood_shows_searches_that_can():
    async def work():
        async with desk() as at:
            at.gateway.search = refuse
            await at.sign_in(view="zh.day.100.keys")
            return (await at.client.get("/search?q=after:yesterday")).text

    def refuse(*_args, **_more):
        raise UsageError("'yesterday' is no zone", next_step="Write why.")

    page = run(work)
    assert re.search("“yesterday”不是时区。</bdi>.*请写明理由。", page)
    assert "自当日零时（协调世界时）起存入本站的条目" in page
    (term,) = set(re.findall(r'href="\?q=(after:[\d-]+)"', page))
    assert re.fullmatch(r"after:\d{4}-\d{2}-\d{2}", term)


def test_a_changed_key_fills_the_screen_and_offers_no_way_round():
    async def work():
        async with desk() as at:
            await at.sign_in()
            return (await at.client.get("/peers/DELTA")).text

    page = run(work)
    assert "Everything to DELTA is stopped" in page
    assert "Compare with the card of DELTA" in page
    assert "Reject this card of DELTA" in page
    assert "anyway" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["has ended", "REVOKED", "counts now", "counts later", "Nothing new is taken"]),
        ("zh", ["已期满", "已撤销", "有效", "尚未生效", "已撤销密钥的新签名一概不予接收"]),
    ],
)
def test_a_peer_s_station_keys_are_listed_with_their_times_and_a_revoked_one_is_seen(
    language, words
):
    async def work():
        async with desk() as at:
            await at.sign_in(view=f"{language}.day.100.keys")
            card = at.gateway.peer("BRAVO").card
            return card, *[(await at.client.get(f"/peers/{c}")).text for c in ("BRAVO", "ECHO")]

    card, bravo, echo = run(work)
    rows = bravo[bravo.index('id="station-keys"') :]
    for key in card.station_keys:
        times = (key.not_before, key.until, key.revoked)
        assert [stamp(each) in rows for each in times if each is not None].count(False) == 0
    assert [word for word in words if word not in rows] == []
    assert words[1] not in echo
    assert words[4] not in echo


def test_our_card_is_handed_out_to_be_printed_and_only_to_officers():
    async def work():
        async with desk() as at:
            stranger = await at.client.get("/card.svg")
            await at.sign_in()
            return stranger, await at.client.get("/card.svg"), (await at.client.get("/peers")).text

    stranger, page, peers = run(work)
    assert stranger.status_code == 303
    assert page.headers["content-type"].startswith("image/svg+xml")
    assert page.headers["content-disposition"] == 'attachment; filename="ALFA-card.svg"'
    assert page.text.startswith("<svg")
    assert 'href="/card.svg"' in peers


def test_words_that_differ_verify_nobody():
    async def work():
        async with desk() as at:
            await at.sign_in()
            words = "river anvil mint castle wren orbit cedar WRONG lunar pivot quartz saddle"
            answer = await at.post(
                "/peers/DELTA/verify", words=words, method="voice", second="ALFA-R1"
            )
            return answer.headers["location"], (
                await at.client.get(answer.headers["location"])
            ).text

    location, page = run(work)
    assert location == "/peers/DELTA?words=differ-8"
    assert "The words differ at word 8" in page


def test_a_bundle_needs_the_right_to_export():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-W2")
            refused = await at.client.get("/evidence/bundle?case=REQ-ALFA-40")
            await at.sign_in("ALFA-R1")
            given = await at.client.get("/evidence/bundle?case=REQ-ALFA-40")
            return refused, given

    refused, given = run(work)
    assert refused.status_code == 403
    assert given.headers["content-disposition"] == 'attachment; filename="LIVE-REQ-ALFA-40.parley"'


def test_an_unknown_page_and_an_unknown_entry_say_what_to_do():
    async def work():
        async with desk() as at:
            await at.sign_in()
            return await at.client.get("/nowhere"), await at.client.get("/entries/OPS/BRAVO/9999")

    page, entry = run(work)
    assert page.status_code == 404
    assert "There is no such page here" in page.text
    assert entry.status_code == 404
    assert "Reference" in entry.text


def test_the_lapse_says_what_it_proves_and_what_not():
    async def work():
        async with desk() as at:
            await at.sign_in()
            return (await at.client.get("/cases/REQ-ALFA-40")).text

    page = run(work)
    assert "lapsed, silent (proved)" in page
    assert "It does not prove" in page
    assert "statement 9911" in page


def test_an_administrator_makes_a_link_that_another_officer_signs_in_with():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            refused = await at.post("/station/links", officer="ALFA-W2")
            await at.sign_in("ALFA-W2")
            made = await at.post("/station/links", officer="ALFA-R1")
            link = re.search(rf"{ORIGIN}/sign-in/link/(\w+)", made.text)[1]
            entered = await at.client.post(
                "/sign-in/link", data={"secret": link}, headers={"origin": ORIGIN}
            )
            return refused, entered

    refused, entered = run(work)
    assert refused.status_code == 403
    assert entered.status_code == 303


def test_the_clock_on_a_page_is_the_station_s():
    async def work():
        async with desk(now=1_500_000_000) as at:
            await at.sign_in()
            return await at.client.get("/search")

    page = run(work)

    assert 'data-now="1500000000"' in page.text
    assert "02:40:00Z" in page.text


def test_an_administrator_suspends_an_officer_at_the_console_and_nobody_else_does():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            refused = await at.post("/station/officers/ALFA-W2/suspend")
            await at.sign_in("ALFA-W2")
            page = await at.client.get("/station")
            done = await at.post("/station/officers/ALFA-R1/suspend")
            await at.sign_in("ALFA-R1")
            return refused, page, done, await at.client.get("/inbox"), at.gateway

    refused, page, done, after, gateway = run(work)
    assert refused.status_code == 403
    assert "/station/officers/ALFA-R1/suspend" in page.text
    assert "/station/officers/ALFA-W2/suspend" not in page.text
    assert done.headers["location"] == "/station"
    assert after.headers["location"].startswith("/sign-in")
    assert gateway.suspended == ["ALFA-R1"]


def test_a_long_register_is_turned_by_links_that_keep_its_conditions():
    async def work():
        async with desk() as at:
            await at.sign_in()
            first = await at.client.get("/requests?show=us")
            asked = at.gateway.asked[-1]
            following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
            second = await at.client.get(f"/requests{following}")
            back = re.search(r'rel="prev" href="([^"]+)"', second.text)[1].replace("&amp;", "&")
            third = await at.client.get(f"/requests{back}")
            return asked, following, at.gateway.asked, back, third

    asked, following, every, back, third = run(work)
    assert (asked.cursor, asked.owed_by, asked.order) == (None, "us", "due")
    assert "show=us" in following
    assert (every[1].cursor, every[1].owed_by) == ("next-of-first", "us")
    assert "show=us" in back
    assert every[2].cursor is None
    assert 'rel="prev"' not in third.text


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("en.day.100.keys", ("1 distances", "DIFFER", "500 yards", "300码", "Agree in 2 dates.")),
        ("zh.day.100.keys", ("1 距离", "不一致", "500 yards", "一致：2 日期。")),
    ],
)
def test_a_case_shows_its_accounts_or_languages_side_by_side(view, words):
    async def work():
        async with desk() as at:
            await at.sign_in(view=view)
            return (await at.client.get("/cases/REQ-ALFA-40")).text

    page = run(work)
    panel = page.partition('id="side-by-side"')[2].partition("</section>")[0]
    assert [word for word in words if word not in panel] == []


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (
            "en.day.100.keys",
            (
                "On nets",
                "bracketed",
                "保持 [BRAVO: 500 | BRAVO: 400] 码。",
                "struck",
                "deleted",
                "Open brackets: BRAVO 1",
            ),
        ),
        (
            "zh.day.100.keys",
            (
                "关于渔网",
                "有括号",
                "Keep [BRAVO: 500 | BRAVO: 400] yards.",
                "未决括号：BRAVO 1",
                "已删去",
                "我方列于首位",
            ),
        ),
    ],
)
def test_a_case_shows_the_text_that_is_negotiated_with_its_brackets(view, words):
    async def work():
        async with desk() as at:
            await at.sign_in(view=view)
            return (await at.client.get("/cases/REQ-ALFA-40")).text

    panel = run(work).partition('id="text"')[2].partition("</section>")[0]
    panel = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", panel))
    panel = panel.replace("[ ", "[").replace(" ]", "]")
    assert [word for word in words if word not in panel] == []


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("en.day.100.keys", ("What the desk works out", "In time", "no", "level, strength", "agrees &lt;b&gt;", "With BRAVO")),
        ("zh.day.100.keys", ("本站推算结果", "是否及时", "否", "对 BRAVO")),
    ],
)  # fmt: skip
def test_a_case_shows_what_the_desk_works_out(view, words):
    async def work():
        async with desk() as one:
            await one.sign_in(view=view)
            page = await one.client.get("/cases/REQ-ALFA-40")
            for each in words:
                assert each in page.text, each
            assert "<b>" not in page.text

    run(work)


def test_a_stopped_log_says_why_and_how_it_goes_on():
    async def work():
        async with desk() as at:
            await at.sign_in()
            at.gateway.stopped = [("OPS", "behind")]
            strip = await at.client.get("/inbox")
            state = await at.client.get("/channels/OPS/restore")
            await at.sign_in("ALFA-R1")
            other = await at.client.get("/channels/OPS/restore")
            refused = await at.post("/channels/OPS/restore", peer="BRAVO")
            await at.sign_in()
            unticked = await at.post("/channels/OPS/restore")
            done = await at.post("/channels/OPS/restore", peer="BRAVO")
            return strip.text, state.text, other.text, refused, unticked.text, done.text

    strip, state, other, refused, unticked, done = run(work)
    assert 'href="/channels/OPS/restore"' in strip
    assert "an older copy was put back" in state
    assert "parley restore --from-peer BRAVO --channel OPS" in state
    assert "Bring back our log on OPS" in state
    assert "An administrator does this." in other
    assert refused.status_code == 403
    assert "No peer was chosen" in unticked
    assert "2 entries came back" in done
    assert "Lost: entries 41 to 42." in done


def test_the_page_that_checks_a_bundle_keeps_its_own_strict_policy():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/evidence/verifier")
            return page, await at.client.get("/evidence/verifier?save=1")

    page, saved = run(work)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "content-disposition" not in page.headers
    assert saved.headers["content-disposition"] == 'attachment; filename="parley-verify.html"'
    assert saved.content == page.content


def test_a_bundle_is_of_one_thing_and_may_hide_fields():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            one = await at.client.get(
                "/evidence/bundle?case=REQ-ALFA-40&withhold=text&withhold=subject"
            )
            none = await at.client.get("/evidence/bundle")
            two = await at.client.get("/evidence/bundle?case=REQ-ALFA-40&channel=OPS")
            return one, none, two, at.gateway.withheld

    one, none, two, withheld = run(work)
    assert one.status_code == 200
    assert withheld == ["text", "subject"]
    assert (none.status_code, two.status_code) == (400, 400)
    assert "Name one case, channel or conflict" in two.text


def test_a_search_marks_what_it_found_and_groups_it_by_case():
    async def work():
        async with desk() as at:
            await at.sign_in()
            found = await at.client.get("/search?q=theatre&by=case")
            return found.text, (await at.client.get("/search?q=nowhere")).text

    found, nothing = run(work)
    assert '<h2><a href="/cases/REQ-BRAVO-32">' in found
    assert "<mark>theatre</mark>" in found
    assert "Nothing found. Searched subjects and texts in: OPS" in nothing


def test_the_audit_is_for_auditors_and_narrows():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            refused = await at.client.get("/station/audit/lines")
            await at.sign_in()
            lines = await at.client.get("/station/audit/lines")
            return refused, lines, await at.client.get("/station/audit?officer=ALFA-R1")

    refused, lines, narrowed = run(work)
    assert refused.status_code == 403
    assert lines.headers["content-disposition"].endswith('filename="LIVE-ALFA-audit.jsonl"')
    assert "No act fits." in narrowed.text


def test_interpreters_keep_our_own_terms_beside_those_of_joint_texts():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/station/glossary?q=cable")
            refused = await at.post("/station/glossary", code="x", en="x", zh="y")
            await at.sign_in("ALFA-I1")
            wrong = await at.post("/station/glossary", code="buoy", en="buoy", zh="")
            await at.post(
                "/station/glossary", code="buoy", en="buoy", zh="浮标", avoid_zh="浮筒；浮漂"
            )
            kept = await at.client.get("/station/glossary?edit=buoy")
            own = dict(at.gateway.own_terms)
            await at.post("/station/glossary/buoy/drop")
            gone = await at.client.get("/station/glossary?q=zzzz")
            return page.text, refused, wrong, kept.text, own, gone.text

    page, refused, wrong, kept, own, gone = run(work)
    assert "海缆" in page
    assert "initialled" in page
    assert 'id="own"' not in page
    assert refused.status_code == 403
    assert wrong.status_code == 422
    assert "it has words in 2 to 8 languages" in wrong.text
    assert 'value="buoy"' in wrong.text
    assert own["buoy"].avoid == {"zh": ["浮筒", "浮漂"]}
    assert 'value="浮筒; 浮漂"' in kept
    assert "No term here has this word." in gone
    assert "No term of these screens has this word." in gone


def test_the_timeline_puts_both_sides_and_silence_on_one_axis():
    async def work():
        async with desk() as at:
            await at.sign_in()
            at.gateway.silent = True
            day = await at.client.get("/timeline?channel=OPS")
            past = await at.client.get("/timeline?channel=OPS&span=3600&to=231300Z+NOV+26")
            wrong = await at.client.get("/timeline?channel=OPS&to=yesterday")
            for asked, shown in (
                ("4000", 4000),
                ("1", 600),
                ("9" * 9, 366 * 86_400),
                ("x", 86_400),
            ):
                page = (await at.client.get(f"/timeline?channel=OPS&span={asked}")).text
                start, end = (int(re.search(rf'data-{n}="(\d+)"', page)[1]) for n in ("from", "to"))
                assert end - start == shown, asked
            return day.text, past.text, wrong.text

    day, past, wrong = run(work)
    rows = re.search(r'<section class="panel" id="rows".*?</section>', day, re.DOTALL)[0]
    order = [
        "for 3 h 12 min, until 161607Z",
        "/entries/OPS/BRAVO/32",
        "/entries/OPS/ALFA/41",
        "and still nothing is",
        "/entries/OPS/BRAVO/33",
    ]
    places = [rows.index(part) for part in order]
    assert places == sorted(places)
    assert "delivered to BRAVO 4 s later" in rows
    assert day.count('class="blank"') == 2
    assert "as it stood 23 NOV 26 13:00:00Z" in past
    assert "Nothing was said in this time" in past
    assert "is not a time with a zone" in wrong


def test_a_station_without_channels_has_no_timeline_and_says_so():
    async def work():
        async with desk(empty=True) as at:
            await at.sign_in()
            return (await at.client.get("/timeline")).text

    assert "No channel is known here." in run(work)


def test_the_watch_goes_over_with_every_open_item_ticked():
    async def work():
        async with desk() as at:
            await at.sign_in()
            unclaimed = await at.client.get("/watch")
            await at.post("/alarms/A-33/claim", back="/watch")
            form = await at.client.get("/watch")
            items = re.findall(r'name="item" value="([^"]+)"', form.text)
            short = await at.post("/watch/take", item=items[:1], text="ALFA-W1 is ill.")
            taken = await at.post("/watch/take", item=items, text="ALFA-W1 is ill.")
            mine = await at.client.get("/watch")
            return unclaimed.text, form.text, short, taken, mine.text

    unclaimed, form, short, taken, mine = run(work)
    assert "1 alarm is unclaimed. The watch does not change hands over it." in unclaimed
    assert "Take the watch from ALFA-W1" in form
    assert "No watch from 101727Z to 155047Z" in form
    assert short.status_code == 409
    assert "open items were not gone through" in short.text
    assert short.text.count("required checked") == 1
    assert taken.headers["location"] == "/watch"
    assert "Watch: ALFA-W2" in mine
    assert "Offer the watch" in mine


def test_a_note_stands_in_the_watch_log_and_an_empty_one_is_refused():
    async def work():
        async with desk() as at:
            await at.sign_in()
            empty = await at.post("/watch/note", text=" ")
            await at.post("/watch/note", text="<b>Lights out</b> at pier 4.")
            await at.sign_in("ALFA-R1")
            return empty, (await at.client.get("/watch")).text

    empty, log = run(work)
    assert empty.status_code == 409
    assert "There is no text" in empty.text
    assert "&lt;b&gt;Lights out&lt;/b&gt; at pier 4." in log
    assert "A watch officer keeps the watch" in log
    assert 'action="/watch/note"' not in log


def test_who_has_the_watch_leaves_it_with_a_reason_and_the_gap_shows():
    async def work():
        async with desk() as at:
            await at.sign_in()
            await at.post("/watch/leave", text="The mast burns.")
            return (await at.client.get("/watch")).text

    log = run(work)
    assert "No watch since 212407Z" in log
    assert "No watch</a>" in log


def test_the_cards_that_a_check_needs_are_handed_out_as_files():
    async def work():
        async with desk() as at:
            await at.sign_in()
            own = await at.client.get("/evidence/cards/ALFA")
            peer = await at.client.get("/evidence/cards/BRAVO")
            return own, peer, await at.client.get("/evidence/cards/NOBODY")

    own, peer, none = run(work)
    assert own.headers["content-disposition"] == 'attachment; filename="ALFA.card"'
    assert peer.headers["content-disposition"] == 'attachment; filename="BRAVO.card"'
    assert none.status_code == 404


def test_a_register_is_handed_out_as_a_table_in_which_no_cell_is_a_formula():
    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")
            page = await at.client.get("/requests?show=closed")
            rows = at.gateway._case_rows()
            rows[0].subject = {"en": "=HYPERLINK(1)"}
            at.gateway._case_rows = lambda: rows
            whole = await at.client.get("/registers/request/table")
            closed = await at.client.get("/registers/request/table?show=closed")
            return page.text, whole, closed, await at.client.get("/registers/nothing/table")

    page, whole, closed, none = run(work)
    assert 'href="/registers/request/table?show=closed"' in page
    assert whole.headers["content-disposition"] == 'attachment; filename="LIVE-ALFA-request.csv"'
    rows = list(csv.DictReader(whole.content.decode("utf-8-sig").splitlines()))
    assert [row["编号"] for row in rows] == [
        "REQ-ALFA-40",
        "REQ-BRAVO-32",
        "REQ-ALFA-12",
        "REQ-ALFA-38",
    ]
    assert rows[0]["主题"] == "'=HYPERLINK(1)"
    assert rows[0]["计时"] == "届满未答复，可证明"
    assert rows[1]["期限"].endswith("Z")
    assert len(closed.text.splitlines()) < len(whole.text.splitlines())
    assert none.status_code == 404


def test_the_tour_is_remembered_for_each_officer_and_ends_at_the_step_that_is_none():
    async def go():
        async with desk() as at:
            await at.sign_in()
            assert 'id="tour"' not in (await at.client.get("/")).text
            begun = await at.post("/tour", step="1", back="/inbox")
            assert begun.headers["location"] == "/inbox"
            first = (await at.client.get("/")).text
            await at.post("/tour", step="5")
            last = (await at.client.get("/")).text
            await at.sign_in("ALFA-R1")
            other = (await at.client.get("/")).text
            await at.sign_in()
            away = await at.post("/tour", step="end", back="//elsewhere.example/")
            after = (await at.client.get("/")).text
            return first, last, other, away.headers["location"], after

    first, last, other, away, after = asyncio.run(go())

    assert "Tour, step 1 of 5: Answer a line check" in first
    assert "Previous step" not in first
    assert "Tour, step 5 of 5" in last
    assert "Next step" not in last
    assert 'id="tour"' not in other
    assert away == "/"
    assert 'id="tour"' not in after


def test_two_codes_open_the_console_and_every_screen_says_so():
    async def work():
        async with desk() as at:
            page = await at.client.get("/break-glass")
            await at.sign_in()
            made = [
                await at.post("/station/break-glass", holder=who) for who in ("ALFA-2", "ALFA-3")
            ]
            at.client.cookies.clear()
            codes = {"first": "1-7K3QF", "second": "2-9XZTM"}
            opened = await at.client.post("/break-glass", data=codes, headers={"origin": ORIGIN})
            inside = await at.client.get("/")
            denied = await at.post("/station/break-glass", holder="ALFA-4")
            link = await at.post("/station/links", officer="ALFA-R1")
            at.client.cookies.clear()
            await at.sign_in()
            elsewhere = await at.client.get("/inbox")
            ended = await at.post("/station/break-glass/end")
            after = await at.client.get("/inbox")
            return page, made, opened, inside, denied, link, elsewhere, ended, after

    page, made, opened, inside, denied, link, elsewhere, ended, after = run(work)
    assert page.status_code == 200
    assert ["-7K3QF-9XZTM-2HJ8D-VW4PA" in each.text for each in made] == [True, True]
    assert opened.headers["location"] == "/"
    assert "You act in this session" in inside.text
    assert denied.status_code == 403
    assert "/sign-in/link/" in link.text
    assert "ALFA-2 + ALFA-3 opened this station" in elsewhere.text
    assert ended.status_code == 303
    assert "opened this station" not in after.text


def test_wrong_codes_are_told_in_one_sentence_and_then_slowed_down():
    async def work():
        async with desk() as at:
            return [
                await at.client.post(
                    "/break-glass", data={"first": "x"}, headers={"origin": ORIGIN}
                )
                for _ in range(6)
            ]

    answers = run(work)
    assert [each.status_code for each in answers] == [403] * 5 + [429]
    assert len({each.text for each in answers[:5]}) == 1
    assert answers[5].headers["retry-after"] == "60"
    assert "parley-session" not in "".join(str(each.headers) for each in answers)


def test_another_officers_draft_is_read_and_taken_over_with_a_reason():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            draft = at.gateway.draft("D-0412")
            draft.writer = "ALFA-W2"
            seen = await at.client.get("/drafts/D-0412")
            empty = await at.post("/drafts/D-0412/take-over", writer="ALFA-W2", reason=" ")
            taken = await at.post("/drafts/D-0412/take-over", writer="ALFA-W2", reason="Off watch.")
            mine = await at.client.get("/drafts/D-0412")
            await at.sign_in("ALFA-W2")
            theirs = await at.client.get("/drafts/D-0412")
            typed = {
                "channel": "OPS", "procedure": "request", "move": "open", "draft": "D-0412",
                "version": "3", "to": "BRAVO", "lang.0": "en", "text.0": "Still typing",
            }  # fmt: skip
            saves = [await at.post("/drafts/D-0412/save", **typed) for _ in range(2)]
            copy = at.gateway.draft(saves[0].json()["copy"])
            return seen, empty, taken, mine, theirs, saves, copy, at.gateway.draft("D-0412")

    seen, empty, taken, mine, theirs, saves, copy, draft = run(work)
    assert "ALFA-W2 writes this draft" in seen.text
    assert "<textarea" not in seen.text
    assert empty.status_code == 400
    assert taken.headers["location"] == "/drafts/D-0412"
    assert "You took this draft over from ALFA-W2" in mine.text
    assert "<textarea" in mine.text
    assert "ALFA-R1 took this draft over" in theirs.text
    assert "Off watch." in theirs.text
    assert [each.status_code for each in saves] == [409, 409]
    assert "ALFA-R1 writes D-0412 now" in saves[0].json()["detail"]
    assert saves[0].json()["copy"] == saves[1].json()["copy"]
    assert (copy.author, copy.texts[0].text) == ("ALFA-W2", "Still typing")
    assert "Still typing" not in repr(draft.texts)


def test_wrong_tries_are_slowed_down_and_a_right_one_is_let_in_all_the_same():
    async def work():
        async with desk() as at:
            headers = {"origin": ORIGIN}
            wrong = [
                await at.client.post("/sign-in/link", data={"secret": "no"}, headers=headers)
                for _ in range(11)
            ]
            actor = at.gateway.actor_for_officer("ALFA-W2")
            secret = await at.gateway.sign_in_link(actor, "ALFA-W2")
            right = await at.client.post("/sign-in/link", data={"secret": secret}, headers=headers)
            asked = [await at.client.post("/sign-in/options", headers=headers) for _ in range(61)]
            return wrong, right, asked

    wrong, right, asked = run(work)
    assert [each.status_code for each in wrong] == [403] * 10 + [429]
    assert 1 <= int(wrong[10].headers["retry-after"]) <= 6
    assert right.headers["location"] == "/"
    assert [each.status_code for each in asked] == [200] * 60 + [429]
    assert asked[60].headers["retry-after"] == "1"


def test_what_a_courier_brought_is_looked_at_before_it_is_taken_in_and_named_where_it_cannot_be():
    async def work():
        async with desk() as at:
            await at.sign_in()
            whole = await at.post("/courier/in", lines="PARLEY:COURIER:1")
            old = await at.post("/courier/in", lines="PARLEY" * 60)
            none = await at.post("/courier/in", lines="hello")
            nothing = await at.post("/courier/in", lines=" ")
            taken = await at.post("/courier/take", digest="ab" * 32)
            made = await at.post("/courier/out", peer="BRAVO", size="file")
            odd = await at.post("/courier/out", peer="BRAVO", size="huge")
            file = await at.client.get("/courier/3/file")
            return whole, old, none, nothing, taken, made, odd, file

    whole, old, none, nothing, taken, made, odd, file = run(work)
    assert "Take in from BRAVO" in whole.text
    assert "It is older than what came since" in old.text
    assert "/courier/take" not in old.text
    assert (none.status_code, nothing.status_code, odd.status_code) == (422, 422, 400)
    assert ">hello</textarea>" in none.text  # what was typed is not lost
    assert "Taken in from BRAVO" in taken.text
    assert "1 entry of it is not held yet" in taken.text
    assert made.headers["location"] == "/courier?made=3#made"
    assert "-for-BRAVO-3.courier" in file.headers["content-disposition"]


def test_an_interpreter_carries_nothing_and_is_told_who_does():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-I1")
            page = await at.client.get("/courier")
            return page, await at.post("/courier/in", lines="PARLEY:COURIER:1")

    page, refused = run(work)
    assert "Your roles do not carry" in page.text
    assert refused.status_code == 403


def test_a_wall_shows_states_and_no_text_to_a_token_that_can_only_read_and_offers_no_act():
    def token(secret):
        scopes = {"reads": {"status:read"}, "acts": {"status:read", "drafts:write"}}
        if secret not in scopes:
            raise NotAllowedError("this token is not known")
        return Actor(
            officer="token:wall", roles=frozenset(), via="token", scopes=frozenset(scopes[secret])
        )

    async def work():
        async with desk() as at:
            at.gateway.actor_of_token = token
            closed = await at.client.get("/wall")
            head = {"origin": ORIGIN}
            more = await at.client.post("/wall", data={"token": "acts"}, headers=head)
            none = await at.client.post("/wall", data={"token": "x"}, headers=head)
            opened = await at.client.post("/wall", data={"token": "reads"}, headers=head)
            wall = await at.client.get("/wall?theme=night&language=zh")
            other = await at.client.get("/")
            subjects = [need.subject["en"] for need in at.gateway.overview().needs]
            await at.sign_in()
            return closed, more, none, opened, wall, other, subjects, await at.client.get("/wall")

    closed, more, none, opened, wall, other, subjects, signed_in = run(work)
    assert (closed.status_code, more.status_code, none.status_code) == (401, 403, 403)
    assert "and no other" in more.text
    assert "Path=/wall" in opened.headers["set-cookie"]
    assert "HttpOnly" in opened.headers["set-cookie"]
    assert other.headers["location"].startswith("/sign-in")  # it opens this page alone
    assert 'lang="zh-Hans" data-theme="night"' in wall.text
    assert "BRAVO" in wall.text
    assert "Needs us now" in signed_in.text
    for page in (wall, signed_in):
        assert not re.search(r"<(form|button|a|input)\b", page.text)
        assert not [subject for subject in subjects if subject in page.text]


def test_an_administrator_changes_what_may_be_changed_while_the_station_runs():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            denied = await at.post("/station/settings/aims.flash_s", value="120")
            await at.sign_in()
            before = await at.client.get("/station")
            done = await at.post("/station/settings/aims.flash_s", value="120")
            safe = await at.post("/station/settings/release.policy", value="one-person")
            after = await at.client.get("/station")
            at.gateway._passkeys[b"k"] = Shape(officer="ALFA-W2", credential_id=b"k", label="", added_at=None)  # fmt: skip
            unsigned = await at.post("/station/settings/aims.flash_s", value="60")
            return denied, before, done, safe, after, unsigned, at.gateway.aims()["Z"]

    denied, before, done, safe, after, unsigned, flash = run(work)
    assert [denied.status_code, safe.status_code, unsigned.status_code] == [403, 403, 403]
    assert 'action="/station/settings/aims.flash_s"' in before.text
    assert 'action="/station/settings/station.mark"' not in before.text
    assert done.headers["location"] == "/station#settings"
    assert "default: 600" in after.text
    assert "your passkey" in unsigned.text
    assert flash == 120


def test_links_say_which_path_is_padded_and_what_is_not():
    async def look(view):
        async with desk() as at:
            await at.sign_in(view=view)
            links = at.gateway.links()
            padding = {"pad_bytes": 600, "turn_s": 1.0, "bytes_a_day": 51_840_000}
            for link, peer_pads in zip(links, (True, False, None), strict=False):
                for path in link.paths:
                    path.__dict__.update(padding, peer_pads=peer_pads)
            at.gateway.links = lambda: links
            return (await at.client.get("/channels")).text

    views = ("en.day.100.keys", "zh.day.100.keys")
    english, chinese = (run(lambda view=view: look(view)) for view in views)

    assert "padded: 600 bytes every 1.0 s" in english
    assert english.count("what comes back is not padded") == 1
    assert "已填充：每 1.0 秒发 600 字节" in chinese
    assert "对方发来的未填充" in chinese
