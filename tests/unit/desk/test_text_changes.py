"""What changed between two wordings: by word, by character, and never a letter lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.desk.text_changes import changes
from unit.desk.test_joint_text import ONE, Text


def marked(old, new):
    signs = {"same": "{}", "out": "[-{}-]", "in": "[+{}+]"}
    return "".join(signs[run.kind].format(run.text) for run in changes(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (
            "Ships keep at least 500 yards apart.",
            "Ships and aircraft keep at least 1,000 metres apart.",
            "Ships [+and aircraft +]keep at least [-500 yards-][+1,000 metres+] apart.",
        ),
        ("双方舰船应保持500码。", "双方舰船和飞机应保持1,000米。", None),
        ("", "new", "[+new+]"),
        ("old", "", "[-old-]"),
        ("same", "same", "same"),
    ],
)
def test_words_change_in_english_and_characters_in_chinese(old, new, shown):
    wanted = shown or "双方舰船[+和飞机+]应保持[-500码-][+1,000米+]。"
    assert marked(old, new) == wanted


@given(*[st.text("ab 一二三1.,-\n", max_size=24)] * 2)
def test_what_stayed_with_what_went_or_came_is_the_old_or_the_new_text(old, new):
    runs = changes(old, new)
    assert "".join(run.text for run in runs if run.kind != "in") == old
    assert "".join(run.text for run in runs if run.kind != "out") == new


def test_long_texts_that_have_nothing_in_common_are_shown_whole_and_not_compared_for_ever():
    runs = changes("的" * 12_000, "地" * 12_000)
    assert [(run.kind, len(run.text)) for run in runs] == [("out", 12_000), ("in", 12_000)]


def test_an_article_keeps_the_wording_before_its_last_and_who_changed_it_in_which_draft():
    text = Text()
    text.do("BRAVO", "redraft", articles=[{"no": "1", "text": {**ONE, "en": "Ships keep away."}}])
    text.do("BRAVO", "redraft", articles=[{"no": "1", "text": {**ONE, "en": "Ships keep away."}}])
    text.do("ALFA", "strike", no="2")
    title, first, second = text.registers(text.at).passages(text.case, "ALFA")
    assert (title.before, title.by) == (None, "ALFA")
    assert (first.before, first.version, first.by) == (ONE, 2, "BRAVO")
    assert first.said == {**ONE, "en": "Ships keep away."}
    assert (second.texts, second.version, second.by) == ({}, 4, "ALFA")
    assert second.before["en"].startswith("Each side answers")
