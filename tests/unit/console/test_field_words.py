"""An entry's fields are said in the reader's language; what a person wrote stays as written."""

from __future__ import annotations

from types import SimpleNamespace as Shape

import pytest

from parley.console.field_words import field_words
from parley.console.language import language


@pytest.mark.parametrize(
    ("name", "value", "english", "chinese"),
    [
        ("phases", [{"code": "crossing"}], "phase: crossing", "阶段: 横越"),
        ("harm", {"killed": 0, "hurt": 2}, "killed: 0, hurt: 2", "死亡: 0, 受伤: 2"),
        ("own_units", [{"kind": "tug"}], "kind: tug", "类别: tug"),
        ("where", {"position": {"written": "09-58.00N 100-02.00E"}},
         "position: 09-58.00N 100-02.00E", "位置: 09-58.00N 100-02.00E"),
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
