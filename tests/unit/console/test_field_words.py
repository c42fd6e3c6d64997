"""An entry's fields are said in the reader's language; what a person wrote stays as written."""

from __future__ import annotations

from types import SimpleNamespace as Shape

import pytest

from parley.console.field_words import fact_words, field_words
from parley.console.language import language


@pytest.mark.parametrize(
    ("name", "value", "english", "chinese"),
    [
        ("phases", [{"code": "crossing"}], "phase: crossing", "阶段：横越"),
        ("harm", {"killed": 0, "hurt": 2}, "killed: 0, hurt: 2", "死亡：0，受伤：2"),
        ("own_units", [{"kind": "tug"}], "kind: tug", "类别：tug"),
        ("where", {"position": {"written": "09-58.00N 100-02.00E"}},
         "position: 09-58.00N 100-02.00E", "位置：09-58.00N 100-02.00E"),
    ],
)  # fmt: skip
def test_members_and_codes_are_said_in_both_languages(name, value, english, chinese) -> None:
    field = Shape(name=name, value=value, shown="kept for what has no members")

    assert field_words("incident", "report", field, language("en")) == english
    assert field_words("incident", "report", field, language("zh")) == chinese


@pytest.mark.parametrize("procedure", ["incident", "of-a-newer-version"])
def test_what_has_no_members_is_shown_as_before(procedure) -> None:
    field = Shape(name="unheard", value={"a": 1}, shown="no")

    assert field_words(procedure, "report", field, language("zh")) == "否"


@pytest.mark.parametrize(
    ("procedure", "column", "value", "english", "chinese"),
    [
        ("incident", "where", {"position": {"written": "09-58.00N 100-02.00E", "lat": 9.96667}},
         "position: 09-58.00N 100-02.00E", "位置：09-58.00N 100-02.00E"),
        ("exercise", "lead", "P9DT2H30M", "9 d 2 h 30 min", "9 天 2 小时 30 分"),
        ("call", "length", "PT45S", "45 s", "45 秒"),
        ("launch", "outcome", "launched", "launched", "launched"),
        ("office", "holder", "P3D", "P3D", "P3D"),
        ("incident", "single_sided", True, "yes", "是"),
    ],
)  # fmt: skip
def test_what_the_desk_works_out_is_said_in_words(procedure, column, value, english, chinese):
    fact = Shape(column=column, value=value)

    assert fact_words(procedure, fact, language("en")) == english
    assert fact_words(procedure, fact, language("zh")) == chinese


def test_a_length_in_a_field_is_said_in_words_whatever_way_it_was_written():
    field = Shape(name="reply_by", value="PT4H", shown="PT4H")
    assert field_words("request", "open", field, language("en")) == "4 h"
    until = Shape(name="reply_by", value="2026-03-02T09:14:00Z", shown="2026-03-02T09:14:00Z")
    assert "2 MAR" in field_words("request", "open", until, language("en"))
