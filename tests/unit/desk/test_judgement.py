"""Before release: on time or short by how much, thresholds, distances to a line, who owes what."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic

from parley.desk.catalogue import PROCEDURES, fields_of, move_named
from parley.desk.judgement import Told, duties, duty_words, judge
from parley.desk.lines import Figure, metres_to_line
from parley.desk.naming import RAW
from parley.desk.profile_names import check_names
from parley.desk.profiles import load, names, of_basis, read, read_own
from parley.errors import UsageError
from support.desk_talk import START

DAY = 86_400
EXERCISE = {
    "designation": "Dry run",
    "purpose": {"en": "training"},
    "type": "land",
    "windows": [["2026-04-20T00:00:00Z", "2026-04-25T00:00:00Z"]],
    "area": [{"centre": "10-00N 020-00E", "radius": "1 km"}],
}


def told(name, given, writer="ALFA", others=("BRAVO",)):
    move = move_named(name)
    declared = fields_of(move)
    wire = {declared[n].number: declared[n].type.read(v, n, RAW) for n, v in given.items()}
    values = {n: declared[n].type.show(wire[declared[n].number], RAW) for n in given}
    return Told(
        procedure=PROCEDURES[move.procedure], move=move, wire=wire, values=values, writer=writer,
        others=others,
    )  # fmt: skip


def findings(name, given, profile, at=START):
    return [(one.level, one.words["en"]) for one in judge(told(name, given), profile, at)]


def test_a_notice_is_on_time_or_short_by_days_and_says_what_it_rests_on():
    vienna = load("vd2011")
    begins = START + 50 * DAY  # 20 April

    (found,) = findings("exercise.notify", EXERCISE, vienna)
    assert found == (
        "ok",
        "On time: 50 d before it begins, 42 d are needed (profile vd2011, chapter V, certainty B).",
    )
    (found,) = findings("exercise.notify", EXERCISE, vienna, begins - 40 * DAY)
    assert found[0] == "look"
    assert found[1].startswith("SHORT BY 2 d: 40 d before it begins, and 42 d are needed")
    (found,) = findings("exercise.notify", EXERCISE, vienna, begins + 1)
    assert found == ("look", "It has begun already.")


def test_an_unknown_lead_stays_unknown():
    (found,) = findings("exercise.notify", EXERCISE, load("uscn2014"))
    assert found[0] == "look"
    assert "no lead time is known (profile uscn2014" in found[1]


@pytest.mark.parametrize(
    ("men", "level", "word"),
    [(8_999, "ok", "Below"), (9_000, "look", "REACHED"), ({"at_most": 9_500}, "look", "may reach")],
)
def test_a_threshold_is_reached_or_not_and_an_open_number_may_reach_it(men, level, word):
    given = EXERCISE | {"strength": {"men": men}}
    found = [
        f
        for f in findings("exercise.notify", given, load("vd2011"))
        if "from 9000" in f[1] or "reach 9000" in f[1]
    ]
    assert [one[0] for one in found] == [level]
    assert word in found[0][1]


def test_every_finding_has_its_chinese():
    given = EXERCISE | {"strength": {"men": 9_000, "tanks": 10}}
    for one in judge(told("exercise.notify", given), load("vd2011"), START):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in one.words["zh"])


def own(**more):
    datum = {
        "item": "no exercise near it", "kind": "geometry", "value": "5 km", "sure": "A",
        "source": "article 1",
        "limits": [{"for": "exercise", "field": "area", "metres": 5000, "line": "border"}],
    }  # fmt: skip
    return read("own", {"data": [datum], **more})


@pytest.mark.parametrize(
    ("centre", "radius", "level", "metres"),
    [
        ("00-00N 000-06E", "1 km", "ok", 10_132),
        ("00-00N 000-03E", "1 km", "look", 4_566),
        ("00-00N 000-00E", "1 km", "look", 0),
    ],
)
def test_an_area_is_measured_from_the_line_that_the_profile_gives(centre, radius, level, metres):
    profile = own(lines={"border": {"course": [[-1, 0], [1, 0]], "sure": "A", "source": "annex"}})
    given = EXERCISE | {"area": [{"centre": centre, "radius": radius}]}
    found = findings("exercise.notify", given, profile)[-1]
    assert found[0] == level
    assert (
        f"lies {metres} m from border (on the ellipsoid; its course: annex, certainty A)"
        in found[1]
    )


def test_without_a_course_no_distance_is_made_up():
    found = findings("exercise.notify", EXERCISE, own())[-1]
    assert found[0] == "look"
    assert "no distance to it is computed" in found[1]


def test_a_distance_that_the_writer_gives_is_taken_as_written():
    found = findings("airspace.ask", {"closest": "3 km"}, load("inpk1991a"))
    assert any("lies 3000 m from border (as written)" in text for _, text in found)


@pytest.mark.parametrize("code", names())
def test_limits_of_the_profiles_name_fields_that_there_are(code):
    for datum in load(code).data:
        for limit in datum.limits:
            moves = PROCEDURES[limit.procedure].moves
            fields = [m.field(limit.field.partition(".")[0]) for m in moves]
            assert any(fields), limit


# --- duties ---


def test_who_owes_what_until_when_is_told_before_release():
    vienna = load("vd2011")
    (duty,) = duties(told("query.ask", {}), vienna)[:1]
    assert (duty.owed_by, duty.after, duty.owed, duty.source) == (
        "BRAVO", 2 * DAY, True, "profile vd2011",
    )  # fmt: skip
    assert "BRAVO owes" in duty_words(duty)["en"]
    assert "2 d of delivery (profile vd2011)" in duty_words(duty)["en"]


def test_a_wish_alone_is_asked_for_and_a_longer_rule_wins_where_it_is_owed():
    (duty,) = duties(told("request.open", {"reply_by": "PT3H"}), load("default"))
    assert (duty.after, duty.owed, duty.source) == (3 * 3600, False, "asked")
    (duty,) = duties(told("request.open", {"reply_by": "2026-03-02T00:00:00Z"}), load("default"))
    assert (duty.after, duty.at) == (None, START + DAY)
    assert duty_words(duty)["zh"].startswith("BRAVO 被请求：")


# --- distances ---


def test_the_distance_is_that_of_the_ellipsoid_from_the_nearest_place_of_a_side():
    line = [(50.0, 10.0), (50.0, 12.0)]
    side = Geodesic.WGS84.InverseLine(50.0, 10.0, 50.0, 12.0)
    least = min(
        Geodesic.WGS84.Inverse(
            50.5, 11.3, (p := side.Position(side.s13 * n / 20_000))["lat2"], p["lon2"]
        )["s12"]
        for n in range(9_000, 17_000, 4)
    )
    assert abs(metres_to_line(Figure(corners=((50.5, 11.3),)), line) - least) <= 2


def test_an_area_that_crosses_or_holds_a_line_is_at_no_distance_also_at_the_antimeridian():
    square = ((-1.0, 179.0), (-1.0, -179.0), (1.0, -179.0), (1.0, 179.0))
    area = Figure(corners=square, is_closed=True)
    assert metres_to_line(area, [(-5.0, 180.0), (5.0, 180.0)]) == 0
    assert metres_to_line(area, [(0.0, 179.9), (0.1, -179.9)]) == 0
    assert metres_to_line(area, [(0.0, -178.0), (0.1, -178.0)]) == 111_319


def test_what_lies_in_an_agreed_area_is_at_no_distance_from_it():
    area = [(-1.0, 179.0), (-1.0, -179.0), (1.0, -179.0), (1.0, 179.0)]
    inside, outside = Figure(corners=((0.0, 180.0),)), Figure(corners=((0.0, -178.0),))
    assert metres_to_line(inside, area, is_area=True) == 0
    assert metres_to_line(inside, area) > 100_000
    assert metres_to_line(outside, area, is_area=True) == 111_319


# --- own profiles ---


def test_a_file_gives_a_profile_that_comes_with_the_desk_its_line_and_nothing_else():
    raw = b"lines: {border: {course: [[30.0, 74.0], [31.0, 74.0]], sure: B, source: a map}}\n"
    own = read_own({"inpk2005": raw})["inpk2005"]
    assert own.lines["border"].course == ((30.0, 74.0), (31.0, 74.0))
    assert (own.data, dict(own.clocks)) == (load("inpk2005").data, dict(load("inpk2005").clocks))
    assert of_basis("inpk2005 article 5", {"inpk2005": own}) is own
    with pytest.raises(UsageError, match="no limit measures from"):
        check_names(read_own({"inpk2005": raw.replace(b"border", b"river")})["inpk2005"])


def test_every_line_that_a_profile_measures_from_says_why_its_course_is_unknown():
    for code in names():
        profile = load(code)
        for limit in (limit for datum in profile.data for limit in datum.limits):
            assert limit.metres is None or profile.lines[limit.line].source


def test_own_profiles_are_read_and_what_is_none_is_refused():
    good = b"data:\n- {item: men, kind: threshold, value: 5, sure: A, source: x,\n   limits: [{for: exercise, field: strength.men, reaches: 5}]}\n"
    assert read_own({"pier": good})["pier"].data[0].limits[0].reaches == 5
    for files in (
        {"vd2011": good},
        {"../x": good},
        {"pier": b"\xff"},
        {"pier": b"data: [}"},
        {"pier": b"data: 5"},
        {"pier": good.replace(b"reaches", b"metrs")},
        {"vd2011": good + b"lines: {}\n"},
        {"pier": good + b"lines: {border: [[1, 2], [3, 4]]}\n"},
        {"pier": good + b"lines: {border: {course: [[1, 2]], sure: A, source: x}}\n"},
        {"pier": good + b"lines: {border: {area: [[1, 2], [2, 3]], sure: A, source: x}}\n"},
        {"pier": good + b"lines: {border: {course: [[91, 2], [1, 2]], sure: A, source: x}}\n"},
        {"pier": good + b"lines: {border: {course: [[.nan, 2], [1, 2]], sure: A, source: x}}\n"},
        {"pier": good + b"lines: {border: {course: null, sure: A, source: ''}}\n"},
        {"pier": good + b"lines: {border: {course: null, source: x}}\n"},
        {"pier": good.replace(b"source: x", b"source: x, clock: tea.time")},
    ):
        with pytest.raises(UsageError):
            read_own(files)
