"""Every field of every move has an example, and the field takes it."""

from __future__ import annotations

import shlex

import pytest

from parley.cli.refusing import typed
from parley.cli.writing import named_fields
from parley.desk.catalogue import MOVES, fields_of
from parley.desk.examples import Around, example_of
from parley.desk.fields import Names
from support.desk_talk import START

AROUND = Around(channel="OPS", ours="ALFA", theirs="BRAVO", moment=START)


class AnyName(Names):
    def ref_value(self, name, where):
        assert isinstance(name, str)
        return [0, 1]

    def ref_name(self, value):
        return "OPS/ALFA/1"


@pytest.mark.parametrize("move", sorted(MOVES))
def test_every_field_takes_its_example_as_it_is_typed(move):
    for name, field in fields_of(MOVES[move]).items():
        value = example_of(MOVES[move], name, AROUND)
        if name == "attach":
            continue  # files are attached by an option of their own
        field.type.read(value, name, AnyName())

        (given,) = shlex.split(typed(name, value))[1:]
        said = named_fields([given])[name]
        field.type.read(said, name, AnyName())


def test_an_office_that_one_announces_is_ones_own():
    assert example_of(MOVES["office.fill"], "office", AROUND) == "ALFA/OPS"
    assert example_of(MOVES["visit.invite"], "invitee", AROUND) == "BRAVO/OPS"
