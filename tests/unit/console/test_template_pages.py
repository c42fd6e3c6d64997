"""Templates on the screens: begun with one press, kept from a draft, reviewed by another."""

from __future__ import annotations

import re

from parley.station.actors import Actor
from parley.station.countersigning import CountersignView
from unit.console.test_pages import desk, run

FORM = "/drafts/new?channel=OPS&procedure=message&move=send"


def as_officer(at, code, *roles):
    at.gateway._officers[code] = Actor(officer=code, roles=frozenset(roles), via="console")
    return at.sign_in(code)


def test_a_template_becomes_a_draft_by_one_press_and_by_two_the_same():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = (await at.client.get("/drafts")).text
            press = re.search(r'night-exercise/use.*?name="press" value="(\w+)"', page)[1]
            facts = {"channel": "OPS", "press": press}
            first = await at.post("/templates/night-exercise/use", **facts)
            again = await at.post("/templates/night-exercise/use", **facts)
            draft = (await at.client.get(first.headers["location"])).text
            return page, first, again, draft

    page, first, again, draft = run(work)
    assert "closing-track/use" not in page
    assert first.headers["location"] == again.headers["location"]
    assert "An exercise is held at night in area A." in draft
    assert 'href="/templates/night-exercise"' in draft


def test_a_draft_is_kept_as_a_template_which_another_reviews():
    async def work():
        async with desk() as at:
            await at.sign_in()
            form = (await at.client.get("/drafts/D-0412")).text
            facts = {"name_en": "Overflight", "name_zh": "飞越"}
            kept = await at.post("/drafts/D-0412/template", code="overflight", **facts)
            taken = await at.post("/drafts/D-0412/template", code="night-exercise", **facts)
            mine = (await at.client.get("/templates/overflight")).text
            await at.sign_in("ALFA-R1", view="zh.night.100.keys")
            theirs = (await at.client.get("/templates/overflight")).text
            version = re.search(r'name="version" value="(\d+)"', theirs)[1]
            await at.post("/templates/overflight/review", version=version)
            return form, kept, taken, mine, theirs, at.gateway.template("overflight")

    form, kept, taken, mine, theirs, view = run(work)
    assert 'id="keep-template"' in form
    assert kept.headers["location"] == "/templates/overflight"
    assert taken.status_code == 409
    assert "/review" not in mine
    assert "A releaser who did not write it reviews it." in mine
    assert "准予使用第1版" in theirs
    assert (view.procedure, view.channel, view.reviewed_by) == ("request", "OPS", "ALFA-R1")


def test_an_officer_of_the_watch_sees_what_the_watch_may_write():
    async def work():
        async with desk() as at:
            await as_officer(at, "ALFA-W4", "watch")
            kinds = (await at.client.get("/drafts/new")).text
            form = (await at.client.get(FORM)).text
            begun = await at.post("/templates/night-exercise/use", channel="OPS", press="ab")
            draft = (await at.client.get(begun.headers["location"])).text
            return kinds, form, draft

    kinds, form, draft = run(work)
    letters = re.compile(r'name="precedence" value="(\w)" (checked)?')
    assert "A desk officer writes everything else." in kinds
    assert "night-exercise/use" in kinds
    assert letters.findall(form) == [("O", "checked"), ("Z", "")]
    assert "night-exercise/use" in form
    assert [letter for letter, _ in letters.findall(draft)] == ["R", "P", "O", "Z"]
    assert 'id="keep-template"' not in draft


def test_who_cannot_write_is_offered_no_way_to_it():
    async def work():
        async with desk() as at:
            await as_officer(at, "ALFA-U1", "auditor")
            paths = ("/drafts", "/cases/REQ-BRAVO-32", "/channels/OPS", "/templates/night-exercise")
            return [(await at.client.get(path)).text for path in paths], await at.client.get(FORM)

    pages, form = run(work)
    for page in pages:
        assert "/drafts/new" not in page
        assert "/use" not in page
    assert form.status_code == 403


def test_an_emergency_that_was_released_alone_stands_on_every_page_until_a_second_stands_for_it():
    async def work():
        async with desk() as at:
            now = at.gateway.now()
            at.gateway.alone = [
                CountersignView(
                    draft="D-0409",
                    released_by="ALFA-W4",
                    released_at=now - 60,
                    due_at=now + 3_540,
                    by=None,
                    at=None,
                )
            ]
            await as_officer(at, "ALFA-W4", "watch")
            own = (await at.client.get("/search")).text
            await at.sign_in(view="zh.dark.100.keys")
            other = (await at.client.get("/search")).text
            await at.post("/release/D-0409/countersign")
            return own, other, (await at.client.get("/search")).text

    own, other, after = run(work)
    assert "RELEASED ALONE" in own
    assert "/countersign" not in own
    assert "补签 D-0409" in other
    assert "/countersign" not in after


def test_an_officer_of_the_watch_releases_their_own_emergency_and_nothing_else_of_theirs():
    async def work():
        async with desk() as at:
            await as_officer(at, "ALFA-W4", "watch")
            draft = at.gateway.draft("D-0409")
            draft.author, draft.edited_by = "ALFA-W4", ["ALFA-W4"]
            refused = (await at.client.get("/release/D-0409")).text
            draft.procedure, draft.move = "emergency", "raise"
            return refused, (await at.client.get("/release/D-0409")).text

    refused, alone = run(work)
    assert 'id="release-button"' not in refused
    assert 'id="release-button"' in alone
    assert "A second officer countersigns it within the hour." in alone
    assert "/refuse" not in alone
