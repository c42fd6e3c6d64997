"""An exercise begins, brings what its script says, and ends; live alarms sound as ever."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from parley.core.entry import Precedence
from parley.errors import ConflictError, NotAllowedError, NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.exercise_views import ExerciseRequest, InjectRequest, read_script
from parley.station.exercises import Exercises
from unit.station.test_sounding import DESK, ONE, Floor

CONTROL = Actor(officer="ALFA-3", roles=frozenset({"releaser"}), via="console")
SCRIPT = read_script("# two\n10m: A tug calls.\n\nPT0S: The watch begins.\n")


def do(work):
    return asyncio.run(work)


@pytest.fixture
def here():
    floor = Floor()
    floor.marks = {}
    exercises = Exercises(
        floor.cabinet,
        floor.alarms,
        now=floor.station.now,
        codes=lambda: ["OPS", "LAW"],
        mark_of=lambda entry: floor.marks.get(entry, "LIVE"),
    )
    floor.sounding._own_alarms, floor.sounding._own_ends = exercises.due, exercises.over
    return floor, exercises


def asked(**more):
    facts = {"name": "Autumn", "channels": ["OPS"], "injects": SCRIPT, "speed": 2} | more
    return ExerciseRequest(**facts)


def flash(floor, number):
    floor.alarms._urgent[f"OPS~BRAVO~{number}"] = (
        SimpleNamespace(party=b"BRAVO"),
        number,
        Precedence.FLASH,
    )


def states(view):
    return [(row.number, row.state) for row in view.reactions if row.what == "inject"]


def test_injects_come_by_the_script_and_the_report_says_who_took_them_up(here):
    floor, exercises = here
    view = do(exercises.start(CONTROL, asked()))
    assert states(view) == [(1, "ahead"), (2, "ahead")]
    floor.look()
    (first,) = floor.alarms.all(open_only=True)
    assert (first.kind, first.text) == ("inject", "EXERCISE The watch begins. EXERCISE")
    floor.station.time += 30
    do(floor.alarms.claim(ONE, first.id))
    floor.look(later=269)
    assert len(floor.alarms.all(open_only=True)) == 1
    floor.look(later=1)
    second = floor.alarms.all(open_only=True)[1]
    assert second.text == "EXERCISE A tug calls. EXERCISE"
    do(floor.alarms.handle(ONE, first.id, reason="BRAVO was told"))
    rows = exercises.get(view.number).reactions
    assert [(r.state, r.claimed_by, r.claimed_after_s, r.handled_after_s) for r in rows] == [
        ("handled", "ALFA-1", 30, 300),
        ("open", None, None, None),
    ]


def test_an_inject_comes_once_also_where_it_was_handled_and_the_station_starts_again(here):
    floor, exercises = here
    do(exercises.start(CONTROL, asked()))
    floor.look()
    (alarm,) = floor.alarms.all(open_only=True)
    do(floor.alarms.handle(ONE, alarm.id, reason="Done."))
    exercises._raised.clear()
    floor.look(later=5)
    assert floor.alarms.all(open_only=True) == []


def test_what_was_not_written_in_the_script_happens_from_now(here):
    floor, exercises = here
    number = do(exercises.start(CONTROL, asked(injects=()))).number
    floor.station.time += 100
    do(exercises.inject(CONTROL, number, InjectRequest(after_s=60, text="Fog.")))
    floor.look(later=59)
    assert floor.alarms.all(open_only=True) == []
    floor.look(later=1)
    assert floor.alarms.all(open_only=True)[0].text == "EXERCISE Fog. EXERCISE"


def test_a_stop_closes_what_is_open_of_it_and_nothing_live(here):
    floor, exercises = here
    flash(floor, 7)
    number = do(exercises.start(CONTROL, asked())).number
    floor.look()
    assert len(floor.alarms.all(open_only=True)) == 2
    do(exercises.stop(CONTROL, number))
    floor.look()
    (left,) = floor.alarms.all(open_only=True)
    assert (left.kind, left.sounds) == ("flash", True)
    assert states(exercises.get(number)) == [(1, "handled"), (2, "not-raised")]
    for act in (exercises.stop(CONTROL, number), exercises.inject(CONTROL, number, SCRIPT[0])):
        with pytest.raises(ConflictError):
            do(act)


def test_the_report_holds_what_peers_marked_exercise_and_nothing_live(here):
    floor, exercises = here
    floor.marks["OPS/BRAVO/8"] = "EXERCISE"
    number = do(exercises.start(CONTROL, asked(injects=()))).number
    flash(floor, 7)
    flash(floor, 8)
    assert [row.entry for row in exercises.get(number).reactions] == ["OPS/BRAVO/8"]


def test_only_one_runs_and_it_covers_its_channels_only_while_it_runs(here):
    _, exercises = here
    number = do(exercises.start(CONTROL, asked())).number
    assert [exercises.covers(code) for code in ("OPS", "LAW")] == [True, False]
    with pytest.raises(ConflictError):
        do(exercises.start(CONTROL, asked(channels=["LAW"])))
    do(exercises.stop(CONTROL, number))
    assert not exercises.covers("OPS")
    assert do(exercises.start(CONTROL, asked())).number == "EX-0002"


@pytest.mark.parametrize("who", [ONE, DESK])
def test_neither_watch_nor_desk_runs_an_exercise(here, who):
    _, exercises = here
    with pytest.raises(NotAllowedError):
        do(exercises.start(who, asked()))
    number = do(exercises.start(CONTROL, asked())).number
    for act in (exercises.stop(who, number), exercises.inject(who, number, SCRIPT[0])):
        with pytest.raises(NotAllowedError):
            do(act)
    with pytest.raises(NotFoundError):
        exercises.get("EX-0009")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": " "}, "a name has"),
        ({"name": "a\u202eb"}, "misleads"),
        ({"channels": []}, "name the channels"),
        ({"channels": ["XXX"]}, "XXX is not open"),
        ({"speed": 101}, "1 to 100"),
        ({"injects": [InjectRequest(after_s=0, text="x")] * 201}, "at most 200"),
        ({"injects": [InjectRequest(after_s=-1, text="x")]}, "30 days"),
        ({"injects": [InjectRequest(after_s=0, text="")]}, "1 to 400"),
    ],
)
def test_what_is_no_exercise_is_refused_and_none_runs(here, change, why):
    _, exercises = here
    with pytest.raises(UsageError, match=why):
        do(exercises.start(CONTROL, asked(**change)))
    assert exercises.running() is None


@pytest.mark.parametrize("text", ["A tug calls.", "soon: A tug calls.", "10m:", "10m"])
def test_a_line_that_is_no_inject_is_named(text):
    with pytest.raises(UsageError, match="line 2|not a duration"):
        read_script(f"5m: One.\n{text}")


def test_a_script_is_read_with_either_colon():
    assert read_script("5m：拖船呼叫。") == [InjectRequest(after_s=300, text="拖船呼叫。")]
