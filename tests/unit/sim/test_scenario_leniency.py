"""What a scenario file may write in several ways, and where it is told that it may not."""

from __future__ import annotations

import pytest

from parley.desk.areas import Area, Spot, areas
from parley.desk.catalogue import MOVES
from parley.desk.fields import Matter, Text
from parley.desk.places import Where, height
from parley.desk.procedures.warning import HEIGHTS
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import InstantType
from parley.errors import UsageError
from parley.sim.scenario import zones
from parley.sim.scenario.as_written import (
    answer_of,
    in_one_text,
    is_left_out,
    rung_of,
    term_of,
    with_what_it_needs,
)
from parley.sim.scenario.compare import agrees, differs_by, is_soon_after
from parley.sim.scenario.loader import ScenarioError, read_scenario
from parley.sim.scenario.names import clock_named, register_named
from parley.sim.scenario.strict_yaml import read_facts

CIRCLE = {"centre": "10N 20E", "radius": "5 km"}
UNIT = Struct((member("name", 0, Text(20), "name", "名称"),))


@pytest.mark.parametrize(
    ("kind", "given", "becomes"),
    [
        (Text(), {"en": "Oslo", "zh": "奥斯陆"}, "Oslo / 奥斯陆"),
        (Text(), {"zh": "奥斯陆", "en": "Oslo"}, "奥斯陆 / Oslo"),
        (Text(), {"en": "VHF 16", "zh": "VHF 16"}, "VHF 16"),
        (Text(), 17, "17"),
        (Text(), False, "no"),
        (Matter(), {"en": "Lifting of measure X"}, "Lifting of measure X"),
        (ListOf(item=Text()), [{"en": "A"}, "B", 3], ["A", "B", "3"]),
        (ListOf(item=Text(), lenient=True), {"en": "A"}, "A"),
        (Text(), {"articles": ["1.3", 2]}, "articles 1.3 2"),
        (ListOf(item=Text()), [{"serial": "A 1/26", "body": "NGA"}], ["serial A 1/26, body NGA"]),
        (Matter(), ["E1"], "E1"),
        (height(), "FL 120", "120 FL pressure"),
        (HEIGHTS, {"from": "SFC", "to": "FL95"}, {"low": "SFC", "high": "95 FL pressure"}),
        (Area(), {"en": "North of the pier"}, {"named": "North of the pier"}),
        (Area(), {"circle": {"center": "10N 20E", "radius_km": 5}}, CIRCLE),
        (Spot(), {"circle": {"centre": "10N 20E", "radius": "5 km"}}, CIRCLE),
        (Area(), {"polygon": ["1", "2", "3"]}, {"corners": ["1", "2", "3"]}),
        (UNIT, {"name": {"en": "Kite"}, "other": {"en": 1}}, {"name": "Kite", "other": {"en": 1}}),
    ],
)
def test_where_there_is_room_for_one_text_other_ways_to_write_it_become_one(kind, given, becomes):
    assert in_one_text(kind, given) == becomes


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (None, {"en": "Oslo"}),
        (Area(), {"spam": "Oslo"}),
        (Text(), {"en": 3}),
        (Text(), {}),
        (Where(), {"area": "Strait"}),
        (areas(), [{"named": "Hill"}]),
    ],
)
def test_what_is_no_text_by_language_stays_as_it_is(kind, given):
    assert in_one_text(kind, given) == given


@pytest.mark.parametrize(
    ("due", "becomes"),
    [
        ({"after": "E1", "within": "PT24H"}, {"due": "PT24H", "due_event": "E1"}),
        ({"event": "E1", "days": 7}, {"due": "P7D", "due_event": "E1"}),
        ({"once": "a word"}, {"due": "event", "due_event": "a word"}),
        (
            {"after": "E1", "hours": 2, "counted_from": "receipt", "not_before": "E2"},
            {"due": "PT2H", "due_event": "E1", "due_from": "receipt", "not_before": "E2"},
        ),
        ({"days": 7}, {"due": {"days": 7}}),
        ({"after": "E1", "spam": "PT24H"}, {"due": {"after": "E1", "spam": "PT24H"}}),
        ("P7D", {"due": "P7D"}),
    ],
)
def test_a_term_may_be_a_map_of_what_it_waits_for_and_how_long(due, becomes):
    assert term_of({"due": due}) == becomes


def test_rungs_answers_and_what_is_left_away_are_read_as_the_catalogue_writes_them():
    assert [rung_of(each) for each in ("3r", "4R", "1x", 2, "7r")] == [30, 40, 10, 2, "7r"]
    assert answer_of({"answer": {"en": "Two"}}) == {"text": {"en": "Two"}}
    assert answer_of({"decline": True, "text": "No"}) == {"kind": "decline", "text": "No"}
    assert answer_of({"answer": "declined"}) == {"kind": "decline"}
    assert answer_of({"decline": {"en": "A court decides"}}) == {
        "kind": "decline",
        "text": {"en": "A court decides"},
    }
    assert answer_of("Two") == "Two"
    lists = (ListOf(item=Text(), least=1), ListOf(item=Text()))
    assert [is_left_out(kind, []) for kind in lists] == [True, False]
    assert [is_left_out(kind, "none") for kind in (InstantType(), Text())] == [True, False]


def test_clocks_and_registers_may_have_the_names_that_people_guess():
    known = {"query.reply_by", "exercise.lead", "line_check.grace"}
    assert clock_named("query.answer_by", known) == "query.reply_by"
    assert clock_named("exercise.notice", known) == "exercise.lead"
    assert clock_named("query.spam", known) == "query.spam"
    registers = {"joint_text": "texts", "step_for_step": "steps_for_steps", "ack": ""}
    assert register_named("joint_texts", registers) == "texts"
    assert register_named("step_for_steps", registers) == "steps_for_steps"
    assert register_named("spam", registers) == "spam"


def test_a_move_that_needs_words_gets_its_own_name_only_where_the_file_has_none():
    note, position = MOVES["note.send"], MOVES["position.state"]
    assert with_what_it_needs(note, {"number": 3})["text"] == note.words
    assert with_what_it_needs(note, {"subject": {"en": "Lights"}})["text"] == {"en": "Lights"}
    assert with_what_it_needs(note, {"text": {"en": "Off"}})["text"] == {"en": "Off"}
    said = with_what_it_needs(position, {"statement": {"zh": "须标示"}})
    assert said["topics"] == [{"zh": "须标示"}]
    assert with_what_it_needs(MOVES["request.withdraw"], {}) == {}


@pytest.mark.parametrize(
    ("found", "wanted", "holds"),
    [
        (["2026-02-21", "2026-02-22"], 2, True),
        (["2026-02-21", "2026-02-22"], 3, False),
        ([391, 626, 465, 366], 4, False),
        ("2026-05-16T08:00:00Z", "2026-05-16", True),
        ("2026-05-16T08:00:00Z", "2026-05-17", False),
        ("2026-05-16", "2026-05-16", True),
        ("2026-05-16 or later", "2026-05-16", False),
        ("2026-05-16T08:00:00Z", {"at_least": "P300D"}, False),
        ("2026-05-16T08:00:00Z", {"at_least": "2026-05-16"}, True),
        ("2026-05-16T08:00:00Z", {"between": ["P1D", "2026-05-17"]}, False),
        ("PT3H", {"about": "2026-05-16T08:00:00Z", "within": "P30000D"}, False),
        ([], "none", True),
        (["ALFA"], "none", False),
        ([{"form": "talks"}, {"form": "meal"}], 2, True),
        ([{"form": "talks"}, {"form": "meal"}], 1, False),
    ],
)
def test_names_in_a_list_may_be_counted_and_a_time_be_told_by_its_day(found, wanted, holds):
    assert agrees(found, wanted) is holds


@pytest.mark.parametrize(
    ("found", "wanted", "holds"),
    [
        ({"seconds": 300}, {"minutes": 5}, True),
        ({"seconds": 300}, {"minutes": 6}, False),
        ({"seconds": 300}, "PT5M", True),
        ({"seconds": 300}, "PT4M", False),
        ({"seconds": 300}, {"seconds": 301}, False),
        ({"seconds": 300}, {"metres": 300}, False),
        ({"metres": 1852}, {"nmi": 1}, True),
        ({"metres": 1850}, {"nmi": 1}, False),
        ({"metres": 60}, {"at_least": 60}, True),
        ({"metres": 60}, {"metres": {"at_most": 59}}, False),
        (None, {"metres": 60}, False),
    ],
)
def test_by_how_much_two_accounts_differ_is_told_in_any_unit(found, wanted, holds):
    assert differs_by(found, wanted) is holds


@pytest.mark.parametrize(("late", "holds"), [(0, True), (7, True), (60, True), (61, False)])
def test_where_frames_are_lost_a_moment_may_come_a_little_later(late, holds):
    found = f"2026-03-01T00:0{late // 60}:{late % 60:02}Z"
    assert is_soon_after(found, "2026-03-01T00:00:00Z") is holds
    assert not is_soon_after("2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z")
    assert not is_soon_after(late, 0)


def test_a_zone_that_no_table_has_is_refused_with_the_one_that_was_meant():
    text = """\
scenario: small
version: 1
mark: SIMULATION
title: {en: Small}
clock: {start: "2026-03-01T00:00:00Z", cutoff: "2026-03-01T06:00:00Z"}
parties: {ALFA: {zone: Asia/Katmandoo, desks: {OPS: {}}}, BRAVO: {desks: {OPS: {}}}}
channels: {ops: {parties: [ALFA, BRAVO], purpose: {en: Line}}}
events: [{id: E1, at: "2026-03-01T01:00:00Z", by: observer, do: context, with: {text: {en: x}}}]
expect: [{identical: registers}]
"""
    with pytest.raises(ScenarioError, match="Asia/Katmandoo") as refused:
        read_scenario(text, "small.yaml").scenario()
    assert "did you mean Asia/Kat" in str(refused.value)


def test_without_tables_a_zone_is_refused_where_a_time_in_it_is_needed(monkeypatch):
    monkeypatch.setattr(zones, "known_zones", frozenset)
    assert zones.mistaken_zone("Nowhere/Atall") == ""
    assert zones.in_zone("2026-03-01T09:00:00+08:00", "Nowhere/Atall").endswith("+08:00")
    with pytest.raises(UsageError, match="Nowhere/Atall"):
        zones.in_zone("2026-03-01T09:00:00Z", "Nowhere/Atall")


def test_a_zone_with_a_quarter_of_an_hour_changes_the_day_and_not_the_moment():
    assert zones.in_zone("2026-02-21T18:30:00Z", "Asia/Kathmandu") == "2026-02-22T00:15:00+05:45"


def test_a_name_that_yaml_takes_for_a_truth_value_is_the_name_that_was_written():
    found, lines = read_facts("title: {no: To samtaler, on: 3}\n")
    assert found == {"title": {"no": "To samtaler", "on": 3}}
    assert lines["title", "no"] == 1
