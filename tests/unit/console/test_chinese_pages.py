"""Every page in Chinese: no Latin word stands there that is no code and nobody's own text."""

from __future__ import annotations

import re

import pytest

from parley.console.labels import CORE_MOVES, Labels
from parley.console.language import language
from support.fake_gateway import FakeGateway
from support.latin_words import latin_words
from unit.console.test_pages import PATHS, desk, run

WORDS = frozenset(
    [
        "English",
        "JavaScript",
        "Natural",
        "Earth",
        "Home",
        "End",
        "n",
        "en",
        "zh",
        "zh-Hans",
    ]
)
"""Names, keys of the keyboard, and languages by their tags."""
CODES = frozenset(
    [
        "accept",
        "approach",
        "blocks",
        "closest",
        "counter",
        "decline",
        "declined",
        "delivered",
        "no-reason",
        "notify",
        "pending",
        "phases",
        "Phases",
        "report",
        "traded",
        "When",
        "when",
        "closing-track",
        "night-exercise",
        "parley-verify",
    ]
)
"""Codes of the fake gateway for which no declaration of its has words, and codes of templates."""
OWN = (
    r"(?:Alfa|Bravo|Charlie|Delta|Echo), [\w ]+|(?:\w+ · )?(?:Safety of air and sea encounters"
    r"|Humanitarian sites|Search and rescue|Legal advisers)|Talks at theatre level|Autumn watch"
    r"|Return of the repair ship|Joint exercise in spring|List of notified areas|cable"
    r"|A tug calls: adrift off the pier\.|BRAVO was told|=The telephone fails\.|signed in"
    r"|That a person read it, nor why no answer came\.|BRAVO's first receipt that covers it"
    r"|412 GB free|In what time what is FLASH should be handled\.|written by ALFA-W2"
    r"|BRAVO's key was compared in person .*|numbers differ between en and zh: compare them"
    r"|.* · (?:[a-z]+ ){3}[a-z]+"
)
"""What parties, officers and the fake station itself say in English alone, and digest words."""


def left_in_english(page):
    found = latin_words(page, WORDS | CODES)
    return [text for text in found if not re.fullmatch(OWN, text)]


@pytest.fixture(scope="module")
def pages():
    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")
            return {path: (await at.client.get(path)).text for path in PATHS}

    return run(work)


def test_no_page_is_left_in_english_anywhere(pages):
    left = {path: left_in_english(text) for path, text in pages.items()}

    assert {path: words for path, words in left.items() if words} == {}


def test_an_english_word_on_a_page_is_found_wherever_it_stands():
    page = (
        '<html lang="zh-Hans"><title>收件</title><p>共 3 条 (asked)</p><bdi class="said">Hello</bdi>'
        '<input placeholder="of the case"><code>parley log check</code><p>ALFA-1 OPS/ALFA/3</p>'
        '<p aria-label="close it">关闭</p><p lang="en">told in English</p><p>Z 00-42.10N 5 km</p></html>'
    )

    assert latin_words(page, frozenset()) == ["共 3 条 (asked)", "of the case", "close it"]


def test_what_a_station_writes_by_itself_has_a_name_and_not_that_of_a_move_of_the_desk():
    labels = Labels(FakeGateway().procedures())

    assert language("zh").pick(labels.move("core", "open")) == "开启日志"
    assert language("en").pick(labels.move("core", "turn")) == "turns to another log of a peer"
    assert all(set(words) == {"en", "zh"} for words in CORE_MOVES.values())


def test_words_of_a_digest_are_read_in_the_language_of_the_page_and_in_english(pages):
    async def work():
        async with desk() as at:
            await at.sign_in()
            return (await at.client.get("/release/D-0412")).text

    english, chinese = run(work), pages["/release/D-0412"]
    read = re.search(r"<strong>((?:[a-z]+ ){3}[a-z]+)</strong>", english)[1]
    assert re.search(rf"<strong>. . . . · {read}</strong>", chinese)


def test_what_is_refused_before_the_language_is_known_is_said_in_both():
    async def work():
        async with desk() as at:
            return (await at.client.post("/search", data={"q": "x"})).text

    said = run(work)
    assert "This form did not come from a page of this console." in said
    assert "此表单并非出自本控制台的页面" in said
