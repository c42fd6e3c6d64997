"""One word for one thing: the catalogue and the declarations keep to the table of terms."""

from __future__ import annotations

import re

import pytest

from parley.console.terms import terms
from support.chinese_pairs import SOURCE, pairs

TERMS = {term.en: term for term in terms()}
# Facts put in, and terms of a search such as `from:`, are no words of the sentence.
_NO_WORDS = re.compile(r"\{\w*\}|\b[a-z]+:(?= |$)")


def keeps(term, english, chinese):
    """Say whether a sentence that has the term in English has it in Chinese."""
    for phrase in term.other:
        english = re.sub(re.escape(phrase), " ", english, flags=re.IGNORECASE)
    said = re.search(
        rf"\b{re.escape(term.en)}(s|es)?\b", _NO_WORDS.sub(" ", english), re.IGNORECASE
    )
    return not (said and term.said) or any(form in chinese for form in term.said)


def test_the_table_is_in_order_and_never_forbids_what_it_prescribes():
    names = [term.en for term in terms()]
    both = [
        (term.en, word)
        for term in terms()
        for word in term.avoided
        for each in terms()
        if word == each.zh or any(word in form for form in term.said)
    ]

    assert names == sorted(set(names), key=str.casefold)
    assert both == []
    assert [term.en for term in terms() if not term.means["en"] or not term.means["zh"]] == []


def test_one_chinese_word_stands_for_one_thing():
    words = [term.zh for term in terms()]

    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("name", TERMS)
def test_no_chinese_text_says_another_word_for_a_term(name):
    term = TERMS[name]
    said = [
        (word, english, chinese, where)
        for english, chinese, where in pairs()
        for word in term.avoided
        if word in chinese
    ]

    assert said == []


@pytest.mark.parametrize("name", [term.en for term in terms() if term.said])
def test_a_sentence_with_the_term_has_its_chinese_word(name):
    term = TERMS[name]

    assert [pair for pair in pairs() if not keeps(term, pair[0], pair[1])] == []


def test_the_verifier_page_says_no_other_word_for_a_term():
    place = SOURCE.parent / "parley_verify" / "page"
    page = (place / "screen_words.js").read_text() + (place / "words_zh.js").read_text()

    assert [word for term in terms() for word in term.avoided if word in page] == []


def test_a_wrong_word_would_be_found():
    assert not keeps(TERMS["channel"], "Open the channel", "开通通道")
    assert keeps(TERMS["channel"], "Open {channel} with {peer}", "与 {peer} 开通 {channel}")
    assert keeps(TERMS["entry"], "point of entry", "入境点")
    assert len(pairs()) > 1500
