"""Notices as fields of a warning: every field is one that the form takes, the rest is told."""

from __future__ import annotations

import pytest

from parley.desk.catalogue import fields_of, move_named
from parley.desk.naming import RAW
from parley.desk.published.drafted import AREAS_MAX, drafted
from parley.desk.published.model import Height, Reference, Window
from parley.desk.published.reading import read_notice

CHINESE = "琼航警 12/26 南海，6月1日0800时至1600时，在10-00N 110-00E、10-30N 110-00E、10-30N 111-00E诸点连线范围内实弹射击，禁止驶入。"
CIRCLE = "NAVAREA XI 100/26. GUNNERY WITHIN 5 MILES OF 10-00N 110-00E. DANGER."


def fits(fields):
    declared = fields_of(move_named("warning.issue"))
    for name, value in fields.items():
        declared[name].type.read(value, name, RAW)


@pytest.mark.parametrize("text", [CHINESE, CIRCLE, "", "NO PLACES AT ALL", "10-00N 110-00E"])
def test_what_is_put_into_the_form_is_what_the_form_takes_and_the_text_is_kept(text):
    made = drafted(read_notice(text))
    fits(made.fields)
    assert made.text == text
    assert all(set(said) == {"en", "zh"} for said in made.left)


def test_a_circle_keeps_its_radius_and_a_bare_point_is_left_to_a_person():
    area = drafted(read_notice(CIRCLE)).fields["area"]
    assert area == [{"centre": "10-00N 110-00E", "radius": "9260 m"}]
    made = drafted(read_notice("NAVAREA XI 100/26. WRECK IN 10-00N 110-00E. CAUTION."))
    assert made.fields["area"] == [{"named": "10-00N 110-00E"}]
    assert any("no extent" in said["en"] for said in made.left)


def test_heights_cancellations_and_open_times():
    notice = read_notice(CIRCLE)
    height = {"datum": "FL", "written": "FL350", "span": (0, 5)}
    notice = type(notice)(
        kind="notam", text="x", windows=(Window(start=None, end=5),),
        heights=(Height(edge="high", metres=10_668, **height),),
        references=(Reference(act="cancels", number="A1/26"), Reference(act="cancels", number="A2/26")),
    )  # fmt: skip
    made = drafted(notice)
    fits(made.fields)
    assert made.fields["height"] == {"high": "350 FL pressure"}
    assert made.fields["cancels"] == "A1/26"
    assert "windows" not in made.fields
    told = " ".join(said["en"] for said in made.left)
    assert "no beginning or no end" in told
    assert "2 cancelled notices" in told


def test_more_areas_than_the_form_takes_are_told():
    notice = read_notice(CIRCLE)
    many = type(notice)(kind="text", text="x", shapes=notice.shapes * (AREAS_MAX + 1))
    made = drafted(many)
    assert len(made.fields["area"]) == AREAS_MAX
    fits(made.fields)
    assert any("21 areas" in said["en"] for said in made.left)


def test_a_text_that_hides_characters_is_kept_and_told():
    made = drafted(read_notice("WARNING \u202e 10-00N 110-00E"))
    assert "\u202e" in made.text
    assert any("mislead" in said["en"] for said in made.left)
