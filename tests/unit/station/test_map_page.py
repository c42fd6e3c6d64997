"""Places of cases: both accounts of an incident, what was read back, what is too much."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parley.errors import NotFoundError
from parley.station import map_page
from parley.station.map_page import PLACED, MapPage
from support.desk_talk import START, two

AT = START + 43_200
UNITS = {
    "own_units": [{"kind": "tug", "count": 1}],
    "other_units": [{"kind": "patrol", "count": 1}],
}
REPORT = {"when": "2026-03-01T09:15:00Z", "where": "09-58.00N 100-02.00E", **UNITS}


def page_of(talk):
    registers = talk.registers(AT + 86_400)
    places = [case.place for case in registers.cases]

    def newest(procedure, *, below, only_open):
        assert below is None
        return (
            (number, place)
            for number, place in reversed(list(enumerate(places)))
            if registers.case(place).procedure == procedure
        )

    return MapPage(
        SimpleNamespace(
            registers=lambda _: registers,
            index=lambda _: SimpleNamespace(newest=newest),
            name=registers.name_of,
        ),
        "ALFA",
    ), registers


@pytest.fixture
def talked():
    talk, line = two()
    case = talk.say(line, "ALFA/OPS", AT, "incident.report", REPORT, to=["BRAVO/OPS"])
    counter = {**REPORT, "where": "09-58.00N 100-03.00E"}
    talk.say(line, "BRAVO/OPS", AT + 60, "incident.counter", counter, case=case)
    return talk, line, case


def whole(page, **query):
    asked = {"procedure": None, "channel": None, "is_open": None, "as_of": None}
    return page.page(**{**asked, "sees": lambda _: True, **query})


def test_both_accounts_are_shown_with_the_metres_between_them(talked):
    page, registers = page_of(talked[0])
    view = page.case(registers.cases[0].number, as_of=None)

    assert [(one.party, one.move, one.written) for one in view.shapes] == [
        ("ALFA", "report", ["09-58.00N 100-02.00E"]),
        ("BRAVO", "counter", ["09-58.00N 100-03.00E"]),
    ]
    (apart,) = view.aparts
    assert apart.metres == 1828
    assert list(apart.spots) == ["ALFA", "BRAVO"]
    assert apart.read_by == ""


def test_what_was_read_back_is_measured_against_what_was_said(talked):
    talk, line, case = talked
    ack = {"rung": 30, "values": ["where.position=09-58.26N 100-02.00E"]}
    talk.say(line, "BRAVO/OPS", AT + 120, "ack.give", ack, case=case)
    page, registers = page_of(talk)
    read = [one for one in page.case(registers.cases[0].number, as_of=None).aparts if one.read_by]

    assert [(one.read_by, one.metres) for one in read] == [("BRAVO/OPS", 479)]
    assert read[0].label["en"] == "where"


def test_the_whole_map_is_narrowed_and_says_when_there_is_more(talked, monkeypatch):
    talk, line, _ = talked
    talk.say(line, "BRAVO/OPS", AT + 300, "incident.report", REPORT, to=["ALFA/OPS"])
    page, _ = page_of(talk)

    assert "incident" in PLACED
    assert whole(page).cases == 2
    assert not whole(page).is_cut
    assert whole(page, procedure="exercise").shapes == []
    assert whole(page, channel="ELSE").cases == 0
    assert whole(page, sees=lambda _: False).cases == 0
    with pytest.raises(NotFoundError):
        whole(page, procedure="nothing")
    newest = max(whole(page).shapes, key=lambda one: one.at)
    monkeypatch.setattr(map_page, "CASES_MAX", 1)
    cut = whole(page)
    assert (cut.cases, cut.is_cut) == (1, True)
    assert {one.case for one in cut.shapes} == {newest.case}
