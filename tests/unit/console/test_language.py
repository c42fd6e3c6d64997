"""Words of the console: complete in Chinese, none outside the catalogues, patterns that fit."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from parley.console.language import language, read_sentences
from parley.console.words import alarm_text
from support.console_sentences import templates, used_sentences

_PLACE = re.compile(r"\{(\w+)\}")
# Names of languages in themselves, a unit, a hash's name.
_FREE = {"English", "中文", "ms", "sha"}


def test_every_sentence_on_a_screen_has_a_chinese_one():
    missing = sorted(set(used_sentences()) - set(read_sentences("zh")))

    assert missing == []


def test_the_chinese_catalogue_holds_nothing_that_no_screen_says():
    unused = sorted(set(read_sentences("zh")) - set(used_sentences()))

    assert unused == []


def test_a_translation_names_the_same_facts_as_its_sentence():
    wrong = [
        (sentence, chinese)
        for sentence, chinese in read_sentences("zh").items()
        if set(_PLACE.findall(sentence)) != set(_PLACE.findall(chinese))
    ]

    assert wrong == []


@pytest.mark.parametrize("name", templates())
def test_a_template_says_nothing_outside_the_catalogues(name):
    text = templates()[name]
    for pattern in (
        r"\{#.*?#\}",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
        r"<(code|pre|kbd)\b.*?</\1>",
        r"<[^>]*>",
    ):
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    words = set(re.findall(r"[^\W\d_]{2,}", text)) - _FREE

    assert words == set()


def test_a_fact_with_braces_is_shown_and_never_taken_as_a_pattern():
    said = language("zh").say("{peer} says", peer="{x}{0.__class__}")

    assert said == "{x}{0.__class__} 自称"


def test_counts_have_a_singular_in_english_and_one_form_in_chinese():
    english, chinese = language("en"), language("zh")

    assert english.say_count("{n} alarm", "{n} alarms", 1) == "1 alarm"
    assert english.say_count("{n} alarm", "{n} alarms", 2) == "2 alarms"
    assert chinese.say_count("{n} alarm", "{n} alarms", 2) == "2 项告警"


def test_words_of_declarations_fall_back_to_english_and_never_fail():
    chinese = language("zh")

    assert chinese.pick({"en": "call", "zh": "通话"}) == "通话"
    assert chinese.pick({"en": "call"}) == "call"
    assert chinese.pick({}) == ""
    assert chinese.pick(None) == ""


def test_an_alarm_says_in_chinese_what_it_is_about_and_one_without_words_says_it_in_english():
    def said(code, kind, text, **facts):
        alarm = SimpleNamespace(kind=kind, text=text, **{"peer": None, "case": None} | facts)
        return alarm_text(language(code), alarm)

    text = "the line to BRAVO is silent since 240512Z NOV 26"
    assert said("en", "line-silent", text, peer="BRAVO") == text
    assert said("zh", "line-silent", text, peer="BRAVO") == "与BRAVO的线路静默。"
    assert (
        said("zh", "clock-lapsed", "over", case="REQ-ALFA-40") == "我方答复REQ-ALFA-40的期限已过。"
    )
    assert said("zh", "conflict", "a fork of the log") == "a fork of the log"
    assert said("zh", "no-console", "ALFA-2 has the watch").endswith("(ALFA-2 has the watch)")
