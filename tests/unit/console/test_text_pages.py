"""A joint text at the console: what changed, by word and in every language."""

from __future__ import annotations

import re

from support import fake_gateway
from unit.console.test_pages import desk, run

CASE = "/cases/REQ-ALFA-40"


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<(?!/?(?:ins|del)\b)[^>]*>", "", html))


def test_the_case_shows_by_word_what_changed_last_in_every_language(monkeypatch):
    hostile = fake_gateway.passage(
        "3", "open", {"en": "<b>new", "zh": "新"}, before={"en": "<i>old", "zh": "旧"}, version=1
    )
    monkeypatch.setattr(fake_gateway, "PASSAGES", [*fake_gateway.PASSAGES, hostile])

    async def work():
        async with desk() as at:
            await at.sign_in()
            return (await at.client.get(CASE)).text

    page = plain(run(work))
    assert "Changed by BRAVO in draft 2" in page
    assert "Keep <del>taken out: 300</del><ins>put in: 500</ins> yards." in page
    assert "保持<del>taken out: 300</del><ins>put in: 500</ins>码。" in page
    assert "&lt;<del>taken out: i</del><ins>put in: b</ins>&gt;" in page
