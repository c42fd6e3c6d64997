"""What the languages of a draft say otherwise is told before it is released."""

from __future__ import annotations

import pytest

from parley.station.desk_views import DraftText
from parley.station.draft_languages import language_checks

CHINESE = "码头灯将于3月5日修理，需时6小时，费用1200元。"
ENGLISH = "The pier lights will be repaired on 5 March; it takes {hours} hours and costs 1200 yuan."


def checks(**texts):
    return language_checks([DraftText(lang=lang, text=text) for lang, text in texts.items()])


def test_a_figure_that_differs_is_quoted_from_both_languages_to_look_at() -> None:
    (line,) = checks(zh=CHINESE, en=ENGLISH.format(hours=8))

    assert line.level == "look"
    for said in (line.text, line.words["en"], line.words["zh"]):
        assert "6小时" in said
        assert "8 hours" in said
        assert "1200" not in said


def test_what_one_language_leaves_out_is_told_as_nothing() -> None:
    (line,) = checks(zh="浮标移位。", en="Buoy adrift since 5 March.")

    assert line.level == "look"
    assert "zh: nothing" in line.words["en"]
    assert "zh：无" in line.words["zh"]


@pytest.mark.parametrize(
    ("chinese", "english"), [(CHINESE, ENGLISH.format(hours=6)), ("收到。", "Noted.")]
)
def test_languages_that_agree_are_good_and_one_alone_is_not_spoken_of(
    chinese: str, english: str
) -> None:
    (line,) = checks(zh=chinese, en=english)

    assert line.level == "ok"
    assert checks(en=english) == []


def test_a_language_that_is_not_read_here_is_left_to_a_person() -> None:
    (line,) = checks(en="6 hours", xx="8")

    assert line.level == "look"
    assert line.words["en"].startswith("xx: not compared")
    assert line.words["zh"].startswith("xx：")
