"""Structures as people type them, against the schemas of the desk's own declarations."""

from __future__ import annotations

from random import Random

import pytest
from starlette.datastructures import FormData

from parley.console.forms import PREFIX, fields_for, read_fields, typed_value
from parley.console.structures import (
    StructureError,
    members_of,
    names_of,
    read_line,
    read_structure,
    schemas_of,
    write_structure,
)
from parley.desk.catalogue import MOVES, fields_of
from parley.desk.fields import Names
from parley.desk.procedures.list_exchange import Changed
from parley.station.forms import field_view, move_view
from support.desk_values import value_for

REPORT = schemas_of("incident", "report")


def read_by_desk(move, name, value):
    return fields_of(MOVES[move])[name].type.read(value, name, None)


def test_a_list_of_structures_is_typed_one_on_each_line():
    value = read_structure("kind: patrol vessel; name: 3301\nkind: tug", REPORT["own_units"])

    assert value == [{"kind": "patrol vessel", "name": "3301"}, {"kind": "tug"}]
    assert read_by_desk("incident.report", "own_units", value)
    assert read_structure(write_structure(value), REPORT["own_units"]) == value


def test_a_structure_is_typed_with_semicolons_or_on_lines_and_numbers_are_numbers():
    schema = REPORT["harm"]
    name = next(iter(members_of(schema)))

    assert read_structure(f"{name}: 2", schema) == {name: 2}
    assert read_by_desk("incident.report", "harm", {name: 2})


def test_a_text_without_members_stays_a_text_for_the_desk_to_judge():
    assert read_structure("watch", schemas_of("request", "open")["level"]) == "watch"
    assert read_structure("10-02.00N 114-31.00E", REPORT["where"]) == "10-02.00N 114-31.00E"
    assert read_structure("one\ntwo", schemas_of("request", "open")["topics"]) == ["one", "two"]


@pytest.mark.parametrize("raw", ["kind: tug; speed: 4", "{not json", "kind: tug; 3301"])
def test_what_cannot_be_read_is_told_with_what_may_stand_there(raw):
    with pytest.raises(StructureError, match="kind|structure"):
        read_structure(raw, REPORT["own_units"])


def test_words_in_two_languages_come_back_as_they_went():
    field = field_view(fields_of(MOVES["message.send"])["subject"])
    words = {"en": "Line checks; daily", "zh": "线路检查"}
    typed = typed_value(words, "words")

    values = read_fields(FormData([("f.subject", typed), ("lang.0", "en")]), [field])

    assert values == {"subject": words}
    once = read_fields(FormData([("f.subject", "to: all"), ("lang.0", "en")]), [field])
    assert once == {"subject": {"en": "to: all"}}


def test_a_move_that_is_not_declared_has_no_schemas():
    assert schemas_of("no", "such") == {}


class OneName(Names):
    """Every name means the same entry."""

    def ref_value(self, name, where):
        assert name == "OPS/ALFA/1", where
        return [0, 1]

    def ref_name(self, value):
        return "OPS/ALFA/1"


@pytest.mark.parametrize(
    "move", [m for m in MOVES.values() if m.procedure != "ack"], ids=lambda move: move.full_name
)
def test_what_is_typed_in_the_form_of_any_move_is_what_the_desk_takes(move):
    schemas = schemas_of(move.procedure, move.name)
    for shown in fields_for(move_view(move, permitted=True, opens=True)):
        declared = fields_of(move)[shown.name].type
        if isinstance(declared, Changed):
            continue  # a person types rows; that a number stands for them is for histories
        for seed in range(3):
            given = value_for(declared, Random(seed), ["OPS/ALFA/1"])
            typed = typed_value(given, shown.type, schemas.get(shown.name))
            form = FormData({PREFIX + shown.name: typed, "lang.0": "en"})
            again = read_fields(form, [shown], schemas).get(shown.name)
            if again is False and not given:
                continue
            wire, read = (declared.read(v, shown.name, OneName()) for v in (given, again))
            if shown.type == "words":
                wire, read = ([text for _, text in pairs] for pairs in (wire, read))
            assert read == wire, (shown.name, typed)


def test_numbers_in_a_line_are_numbers_where_one_is_taken_and_text_where_not():
    count = schemas_of("launch", "notify")
    assert read_line("3", count["count"]) == 3
    assert read_line('{"at_least": 3}', count["count"]) == {"at_least": 3}
    assert read_line("3", count["generic_type"]) == "3"
    closest = REPORT["closest"]
    assert read_line("metres: 120.5; error: 20", closest) == {"metres": 120.5, "error": 20}
    assert read_line("120 m", closest) == "120 m"


def test_an_article_is_typed_in_two_languages_and_the_form_says_how():
    articles = schemas_of("joint_text", "table")["articles"]
    typed = "no: 1; text.en: Boats keep 100 m: always.; text.zh-Hans: 船艇须距码头100米。"

    read = read_structure(typed, articles)

    assert read == [
        {"no": "1", "text": {"en": "Boats keep 100 m: always.", "zh-Hans": "船艇须距码头100米。"}}
    ]
    assert write_structure(read) == typed
    assert names_of(members_of(articles)) == ["no", "text.en", "text.zh-Hans", "missing"]


@pytest.mark.parametrize(
    "typed", ["no: 1; text: a; text.en: b", "no: 1; text.en: a; text.en: b", "no.en: 1"]
)
def test_a_language_that_is_written_twice_or_where_none_stands_is_refused(typed):
    with pytest.raises(StructureError):
        read_structure(typed, schemas_of("joint_text", "table")["articles"])
