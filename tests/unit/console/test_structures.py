"""Structures as people type them, against the schemas of the desk's own declarations."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from parley.console.forms import read_fields, typed_value
from parley.console.structures import (
    StructureError,
    members_of,
    read_structure,
    schemas_of,
    write_structure,
)
from parley.desk.catalogue import MOVES, fields_of
from parley.station.forms import field_view

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
