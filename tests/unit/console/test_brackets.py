"""Brackets stand where their words first occur; what overlaps is not cut twice."""

from __future__ import annotations

from types import SimpleNamespace as Shape

from parley.console.brackets import in_place, open_brackets


def bracket(by, **words):
    return {"id": "b1", "by": by, "words": words, "alternatives": []}


def told(runs):
    return [(run.text, run.bracket["by"] if run.bracket else None) for run in runs]


def test_a_bracket_is_shown_in_every_language_where_it_stands():
    one = bracket("BRAVO", en="500 yards", zh="500码")

    assert told(in_place("Keep 500 yards, not 500 yards.", [one], "en")) == [
        ("Keep ", None),
        ("500 yards", "BRAVO"),
        (", not 500 yards.", None),
    ]
    assert told(in_place("保持500码。", [one], "zh")) == [
        ("保持", None),
        ("500码", "BRAVO"),
        ("。", None),
    ]


def test_words_that_are_not_there_and_overlaps_leave_the_text_whole():
    text = "Keep 500 yards."
    brackets = [bracket("ALFA", en="500 yards"), bracket("BRAVO", en="yards"), bracket("X", fr="y")]
    runs = in_place(text, brackets, "en")

    assert "".join(run.text for run in runs) == text
    assert [by for _, by in told(runs) if by] == ["ALFA"]
    assert told(in_place(text, [], "en")) == [(text, None)]


def test_open_brackets_are_counted_by_party():
    passages = [
        Shape(brackets=[bracket("BRAVO"), bracket("ALFA")]),
        Shape(brackets=[bracket("BRAVO")]),
    ]

    assert open_brackets(passages) == [("ALFA", 1), ("BRAVO", 2)]
