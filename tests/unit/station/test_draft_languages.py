"""What the languages of a draft say otherwise is told before it is released."""

from __future__ import annotations

import pytest

from parley.core.instants import Instant
from parley.desk.catalogue import PROCEDURES
from parley.desk.judgement import Told, differences
from parley.desk.record import Place
from parley.desk.rules import MoveDraft, build_move
from parley.station.desk_views import DraftText
from parley.station.draft_languages import difference_checks, language_checks
from support.desk_talk import START, Pair

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


DISTANCES = {"en": "Ships keep 500 m apart.", "zh": "船舶保持400米距离。"}
HOURS = {"en": "The answer comes within 48 hours.", "zh": "应在48小时内答复。"}
TABLED = {"title": {"en": "Signals", "zh": "信号"}, "languages": ["en", "zh"]}


def draft_of(move: str, pair: Pair, case: Place | None = None, **fields: object) -> list[str]:
    """Return what is told before release of ALFA's move on a joint text."""
    registers = pair.registers(START + 60)
    built = build_move(
        registers,
        pair.line.view,
        MoveDraft(
            move=f"joint_text.{move}", party=0, desk="OPS", action=["BRAVO/OPS"], case=case,
            fields=fields, moment=Instant(START + 60),
        ),
    )  # fmt: skip
    told = Told(
        procedure=PROCEDURES["joint_text"], move=built.move, wire=built.fields, values={},
        writer="ALFA", others=("BRAVO",),
    )  # fmt: skip
    before = None if case is None else registers.case_now(case)
    return [line.words["en"] for line in difference_checks(differences(told, before))]


def test_the_languages_of_a_text_are_compared_before_it_is_tabled() -> None:
    articles = [{"no": "1", "text": HOURS}, {"no": "2", "text": DISTANCES}]
    (line,) = draft_of("table", Pair(), **TABLED, articles=articles)

    assert line.startswith("2.distances: the languages differ.")
    assert "500 m" in line
    assert "400米" in line


def test_a_change_is_compared_as_the_text_would_stand_and_only_where_it_changes_it() -> None:
    pair = Pair()
    articles = [{"no": "1", "text": HOURS}, {"no": "2", "text": DISTANCES}]
    case = pair.say("ALFA/OPS", START, "joint_text.table", {**TABLED, "articles": articles})
    other = {**HOURS, "zh": "应在24小时内答复。"}

    (line,) = draft_of("redraft", pair, case, articles=[{"no": "1", "text": other}])
    assert line.startswith("1.durations: ")
    words = {"en": "500 m", "zh": "400米"}
    taken = draft_of("bracket", pair, case, no="2", id="b1", words=words)
    assert [one.partition(":")[0] for one in taken] == ["2.distances"]
    now = {row["no"]: row["digest"] for row in pair.row("texts", case, START + 60)["articles"]}
    assert draft_of("agree", pair, case, articles=[{"no": "1", "digest": now["1"]}]) == []
    (agreed,) = draft_of("agree", pair, case, articles=[{"no": "2", "digest": now["2"]}])
    assert agreed.startswith("2.distances: ")


def test_what_does_not_touch_the_words_is_not_compared_again() -> None:
    pair = Pair()
    case = pair.say(
        "ALFA/OPS", START, "joint_text.table",
        {**TABLED, "articles": [{"no": "2", "text": DISTANCES}]},
    )  # fmt: skip
    assert draft_of("strike", pair, case, no="2") == []
