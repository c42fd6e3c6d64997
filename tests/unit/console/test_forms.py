"""Forms drawn from declarations, and what was typed in them."""

from __future__ import annotations

from types import SimpleNamespace as Shape

import pytest
from starlette.datastructures import FormData

from parley.console.forms import fields_for, read_fields, read_texts, typed_value, widget
from parley.desk.catalogue import PROCEDURES
from parley.errors import InvalidFieldsError
from parley.station.forms import procedure_view


def field(name, kind, *, required=False):
    return Shape(name=name, type=kind, required=required)


def test_each_kind_of_field_has_its_widget():
    kinds = {
        kind: widget(field("x", kind))
        for kind in ("choice", "boolean", "windows", "list", "struct", "instant", "text")
    }

    assert kinds == {
        "choice": "choice",
        "boolean": "tick",
        "windows": "windows",
        "list": "lines",
        "struct": "structure",
        "instant": "line",
        "text": "line",
    }
    assert widget(field("body", "text")) == "area"


def test_empty_fields_are_left_out_and_lines_become_lists():
    form = FormData(
        [
            ("f.a", "  "),
            ("f.b", "one\r\n\r\n two "),
            ("f.c", "240512Z NOV 26 / 240700Z NOV 26"),
            ("f.d", "yes"),
        ]
    )

    values = read_fields(
        form,
        [
            field("a", "text"),
            field("b", "list"),
            field("c", "windows"),
            field("d", "boolean"),
            field("e", "boolean"),
        ],
    )

    assert values == {
        "b": ["one", "two"],
        "c": [["240512Z NOV 26", "240700Z NOV 26"]],
        "d": True,
        "e": False,
    }


def test_a_broken_structure_is_refused_by_name():
    with pytest.raises(InvalidFieldsError) as refusal:
        read_fields(FormData([("f.where", '{"lat": 1')]), [field("where", "place")])

    assert refusal.value.problems[0][0] == "where"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        ["one", "two"],
        {"lat": "1.0", "lon": "2.0"},
        {"at_least": 13},
        {"named": "X"},
        [{"a": "b"}],
    ],
)
def test_a_stored_value_comes_back_from_the_form_as_it_was(value):
    kind = "list" if isinstance(value, list) else "struct" if isinstance(value, dict) else "text"
    form = FormData([("f.x", typed_value(value))])

    assert read_fields(form, [field("x", kind)]) == {"x": value}


def test_texts_keep_language_status_and_order():
    form = FormData(
        [
            ("lang.0", "en"),
            ("status.0", "authentic"),
            ("text.0", "One."),
            ("text.1", " "),
            ("lang.2", "zh-Hans"),
            ("status.2", "courtesy"),
            ("text.2", "一。"),
        ]
    )

    assert read_texts(form) == [("en", "authentic", "One."), ("zh-Hans", "courtesy", "一。")]


def test_words_are_given_in_the_language_of_the_first_text():
    form = FormData([("lang.0", "zh-Hans"), ("f.subject", "通话")])

    values = read_fields(form, [field("subject", "words")])

    assert values == {"subject": {"zh-Hans": "通话"}}
    assert typed_value(values["subject"], "words") == "通话"


def test_an_opening_act_may_name_its_subject_and_a_coded_reason_may_be_told_in_words():
    opening = Shape(opens=True, fields=[field("level", "choice"), field("text", "texts")])
    declining = Shape(opens=False, fields=[field("reason", "choice")])

    assert [f.name for f in fields_for(opening)] == ["subject", "level", "basis"]
    assert [f.name for f in fields_for(declining)] == ["reason", "reason_text"]


def test_a_real_form_begins_with_what_is_needed_and_ends_with_what_is_seldom_given():
    moves = {
        (procedure.name, move.move): move
        for procedure in map(procedure_view, PROCEDURES.values())
        for move in procedure.moves
    }

    ask = [f.name for f in fields_for(moves["request", "open"])]
    decline = [f.name for f in fields_for(moves["request", "decline"])]

    assert ask[:4] == ["subject", "topics", "form", "level"]
    assert ask[-2:] == ["basis", "release"]
    assert "reason_text" not in ask
    assert decline.index("reason") < decline.index("reason_text")
