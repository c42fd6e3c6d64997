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


def test_a_notice_that_says_it_is_an_exercise_becomes_one_and_the_words_are_the_reason():
    made = drafted(
        read_notice(
            "鲁航警0451/23，9月3日0800时至9月7日1700时，在36-12.5N 121-05E、36-12.5N 121-20E、"
            "36-00N 121-20E连线内进行军事演习并实弹射击，高度地面至9000米，禁止驶入。"
        )
    )

    assert made.move == "exercise.notify"
    assert "演习" in made.why["zh"]
    assert made.fields["live_fire"] is True
    assert made.fields["nav_refs"] == ["鲁航警0451/23"]
    assert len(made.fields["area"]) == len(made.fields["windows"]) == 1
    told = " ".join(each["en"] for each in made.left)
    assert "does not say: designation, purpose, type" in told
    assert "height: 9000米" in told
    declared = fields_of(move_named(made.move))
    for name, value in made.fields.items():
        declared[name].type.read(value, name, RAW)


def test_a_launch_becomes_one_and_what_it_does_not_say_is_left():
    made = drafted(
        read_notice(
            "NAVAREA XI 24-0502 SATELLITE LAUNCH 210100Z TO 210300Z NOV 24 IN AREA BOUND BY"
            " 19-00N 111-00E, 19-00N 112-00E, 18-00N 112-00E."
        )
    )

    assert made.move == "launch.notify"
    assert made.why["en"] == 'the text says "SATELLITE LAUNCH": a launch notification'
    assert made.fields["launch_class"] == "slv"
    assert len(made.fields["impact_areas"]) == 1
    assert made.fields["window"] == [["2024-11-21T01:00:00Z", "2024-11-21T03:00:00Z"]]
    assert any("how many" in each["en"] for each in made.left)
    declared = fields_of(move_named(made.move))
    for name, value in made.fields.items():
        declared[name].type.read(value, name, RAW)


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("HYDROPAC 1510/24. CANCEL HYDROPAC 1500/24.", "warning.cancel"),
        ("沪航警0130/24\n撤销沪航警0123/24。", "warning.cancel"),
        (
            "A1240/24 NOTAMC A1234/24\nA) ZSHA B) 2407020300\nE) RESTRICTED AREA CANCELLED.",
            "warning.cancel",
        ),
        ("HYDROPAC 1/24. GUNNERY EXERCISE IN 10-00N 110-00E.", "warning.issue"),
        ("HYDROPAC 1/24. WRECK 10-00N 110-00E. EXERCISE CAUTION.", "warning.issue"),
        ("HYDROPAC 1/24. PILOT LAUNCH ADRIFT 10-00N 110-00E.", "warning.issue"),
        ("HYDROPAC 2/24. WRECK 10-00N 110-00E. CANCEL HYDROPAC 1/24.", "warning.issue"),
        ("津航警1/24，在38-50N/118-10E处打捞沉船。", "warning.issue"),
    ],
)
def test_what_a_notice_becomes(text, move):
    assert drafted(read_notice(text)).move == move


def test_words_for_two_leave_the_choice_to_a_person_who_may_make_it_beforehand():
    notice = read_notice("HYDROPAC 1/24. NAVAL EXERCISE WITH MISSILE LAUNCHES IN 10-00N 110-00E.")

    made = drafted(notice)
    assert made.move == "warning.issue"
    assert made.left[0]["en"].startswith("choose:")
    assert drafted(notice, "exercise").move == "exercise.notify"
    assert drafted(notice, "exercise").why["en"] == "chosen"


def test_to_exercise_caution_is_no_exercise_and_a_salvage_is_one():
    assert read_notice("WRECK. MARINERS SHOULD EXERCISE EXTREME CAUTION.").hazards == (
        "obstruction",
    )
    assert "salvage" in read_notice("津航警1/24，打捞沉船。").hazards
