"""What is refused is said in Chinese on a Chinese screen: every sentence that is raised."""

from __future__ import annotations

import re

import pytest

from parley.console.labels import Labels
from parley.console.language import language, read_sentences
from parley.console.refusals import Refusals, refusal_text
from parley.desk.problems import problem as desk_problem
from parley.errors import (
    ConflictError,
    InvalidFieldsError,
    MoveNotPermittedError,
    NotFoundError,
)
from parley.station.channel_state import STOPPED
from support.fake_gateway import FakeGateway
from support.refusals_raised import refusals
from unit.console.test_pages import desk, run

_PLACE = re.compile(r"\{(\w+)\}")
ZH = language("zh")
CATALOGUE = read_sentences("refusals_zh", "zh")


def shape(sentence):
    """Return a sentence without the names of its facts: they are not the same in the code."""
    return _PLACE.sub("{}", sentence)


def test_every_sentence_that_is_raised_has_a_chinese_one():
    said = {shape(sentence) for sentence in [*CATALOGUE, *read_sentences("zh")]}
    raised = refusals()

    missing = [(each, raised[each]) for each in raised if shape(each) not in said]
    assert missing == [], "write them into src/parley/console/texts/refusals_zh.po"
    assert len(raised) > 500


def test_the_catalogue_holds_nothing_that_is_raised_nowhere():
    raised = {shape(sentence) for sentence in refusals()}

    assert [each for each in CATALOGUE if shape(each) not in raised] == []


def test_each_names_the_same_facts_and_ends_as_its_english_does():
    facts = [
        each
        for each, said in CATALOGUE.items()
        if sorted(_PLACE.findall(each)) != sorted(_PLACE.findall(said))
    ]
    ends = [
        each for each, said in CATALOGUE.items() if each.endswith(".") and not said.endswith("。")
    ]

    assert facts == []
    assert ends == []


def test_a_sentence_is_known_again_whatever_its_facts_are():
    wrong = []
    for sentence, chinese in CATALOGUE.items():
        facts = dict.fromkeys(_PLACE.findall(sentence), "OPS/ALFA/7")
        if refusal_text(ZH, sentence.format(**facts)) != chinese.format(**facts):
            wrong.append(sentence)

    assert wrong == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("draft D-0412 is held, not held", "草稿D-0412现为“待发布人发布”，并非待发布"),
        (
            "officer ALFA-W2 may not do that: it needs the role desk or releaser",
            "值守员ALFA-W2不得执行此操作：须有职责“经办员或发布人”",
        ),
        ("there is no peer 'X {0}'", "没有对方“X {0}”"),
        ("Levels: read, understood.", "可用层级：已阅、已理解。"),
        (
            "exercise: it runs 1 to 60 times as fast as its script",
            "演习：进行速度须为脚本的1至60倍",
        ),
        (
            f"nothing is written into our log: {STOPPED['copy']}",
            f"本方日志不写入任何内容：{ZH.say(STOPPED['copy'])}",
        ),
        ("nobody wrote this sentence", "nobody wrote this sentence"),
        ("x" * 700, "x" * 700),
    ],
)
def test_facts_that_are_codes_or_sentences_are_said_too(english, chinese):
    assert refusal_text(ZH, english).startswith(chinese)


def test_the_whole_refusal_stands_on_the_page_and_names_fields_and_moves():
    said = Refusals(Labels(FakeGateway().procedures()))
    known = desk_problem("subject", "missing")
    fields = InvalidFieldsError(
        ((known.field, known.sentence["en"]), ("line 3, date", "is missing")),
        told=(known.sentence, {}),
    )
    move = MoveNotPermittedError(
        "x", permitted=("request.open",), said={"en": "x", "zh": "此案已结。"}
    )

    assert said.what(ZH, move).text == "此案已结。"
    assert not re.search("[a-z]", said.next_step(ZH, move).text)
    assert said.what(ZH, fields).text.endswith("第3行，date：缺此项。")
    assert known.sentence["zh"].rstrip("。") in said.what(ZH, fields).text
    assert said.what(ZH, ConflictError("nobody wrote this")).lang == "en"
    assert said.what(language("en"), ConflictError("it is so")).text == "It is so."
    typed = ConflictError("x", next_step="parley case list shows every case.")
    assert said.next_step(language("en"), typed).text == "parley case list shows every case."
    assert said.next_step(ZH, ConflictError("x")).text == ""


def test_a_refusal_is_in_chinese_on_its_page_in_a_form_and_in_the_answer_to_a_script():
    async def work():
        async with desk() as at:
            await at.sign_in(view="zh.day.100.keys")

            def gone(*_, **__):
                raise NotFoundError("there is no peer 'X'", next_step="Name the case.")

            at.gateway.peer = gone
            page = (await at.client.get("/peers/BRAVO")).text
            form = (await at.post("/history", channel="OPS", content="")).text
            search = (await at.client.get("/search?q=from:")).text
            return page, form, search

    page, form, search = run(work)
    assert "没有对方“X”。" in page
    assert "请指明案件。" in page
    assert "未选择文件，也未粘贴内容；未写入任何内容。" in form
    for text in (page, form, search):
        assert 'lang="en"' not in text.partition("<main")[2].partition("</main")[0]
