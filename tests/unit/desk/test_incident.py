"""Incidents: two accounts, paired by both, put side by side and never averaged."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, two

HOUR, DAY = 3600, 86_400
REPORT = {
    "when": "2026-03-01T09:15:00Z",
    "where": {"position": "09-58.00N 100-02.00E"},
    "own_units": [{"kind": "tug", "count": 1}],
    "other_units": [{"kind": "patrol boat", "count": 1}],
}
COUNTER = {
    "own_units": [{"kind": "patrol boat", "count": 1}],
    "other_units": [{"kind": "tug", "count": 1}],
}
AT = START + 12 * HOUR


def reported(**more):
    talk, line = two()
    case = talk.say(line, "ALFA/OPS", AT, "incident.report", {**REPORT, **more}, to=["BRAVO/OPS"])
    return talk, line, case


def countered(first=None, second=None):
    talk, line, case = reported(**(first or {}))
    talk.say(
        line, "BRAVO/OPS", AT + HOUR, "incident.counter", {**COUNTER, **(second or {})}, case=case
    )
    return talk, line, case


def do(talk, line, case, office, move, at=AT + 2 * HOUR, **fields):  # noqa: PLR0917 - reads as it is said
    return talk.say(line, office, at, f"incident.{move}", fields, case=case)


def row(talk, case, at=AT + 3 * HOUR):
    return talk.registers(at).row("incidents", case).values


def compared(talk, case):
    return {one.field: one for one in talk.registers(AT + 3 * HOUR).comparison(case)}


def test_a_report_alone_is_one_side_and_nothing_is_compared():
    talk, _, case = reported()
    assert (row(talk, case)["state"], row(talk, case)["sides"]) == ("reported", 1)
    assert compared(talk, case) == {}


def test_a_counter_report_makes_two_sides_that_are_not_yet_paired():
    talk, _, case = countered()
    assert (row(talk, case)["sides"], row(talk, case)["paired"]) == (2, False)


def test_it_is_paired_when_both_have_confirmed_and_not_before():
    talk, line, case = countered()
    do(talk, line, case, "ALFA/OPS", "confirm_pair")
    assert (row(talk, case)["state"], row(talk, case)["paired"]) == ("pair proposed", False)
    with pytest.raises(MoveNotPermittedError, match="already"):
        do(talk, line, case, "ALFA/OPS", "confirm_pair")

    do(talk, line, case, "BRAVO/OPS", "confirm_pair")
    assert (row(talk, case)["state"], row(talk, case)["paired"]) == ("paired", True)


def test_closing_two_accounts_that_nobody_paired_pairs_nothing():
    talk, line, case = countered()
    do(talk, line, case, "ALFA/OPS", "close")
    do(talk, line, case, "BRAVO/OPS", "close")
    assert (row(talk, case)["state"], row(talk, case)["paired"]) == ("closed", False)


def test_one_side_may_say_that_it_is_another_incident_and_why():
    talk, line, case = countered()
    with pytest.raises(InvalidFieldsError, match="reason_text"):
        do(talk, line, case, "BRAVO/OPS", "deny_pair")
    do(talk, line, case, "BRAVO/OPS", "deny_pair", reason_text={"en": "Another boat"})
    assert row(talk, case)["state"] == "separate"


def test_closing_needs_both():
    talk, line, case = countered()
    do(talk, line, case, "ALFA/OPS", "close")
    assert row(talk, case)["state"] == "closed by one"


def test_no_report_will_be_given_is_said_and_differs_from_silence():
    talk, line, case = reported()
    do(talk, line, case, "BRAVO/OPS", "no_report")
    found = row(talk, case)
    assert (found["single_sided"], found["lapse"]) == (True, None)


def test_after_72_hours_without_report_it_is_single_sided_and_a_late_one_keeps_that():
    talk, line, case = reported()
    line.sign(AT + 72 * HOUR - 1)
    assert row(talk, case, AT + 72 * HOUR - 1)["single_sided"] is False
    line.sign(AT + 72 * HOUR)
    assert row(talk, case, AT + 72 * HOUR)["state"] == "single-sided"

    do(talk, line, case, "BRAVO/OPS", "counter", at=AT + 80 * HOUR, **COUNTER)
    late = row(talk, case, AT + 81 * HOUR)
    assert (late["state"], late["lapsed_first"], late["lapse"]) == (
        "reported by both", True, "silent",
    )  # fmt: skip


def test_the_reporter_does_not_counter_its_own_report():
    talk, line, case = reported()
    with pytest.raises(MoveNotPermittedError, match="addressed"):
        do(talk, line, case, "ALFA/OPS", "counter", **COUNTER)


@pytest.mark.parametrize("missing", sorted(REPORT))
def test_a_report_needs_when_where_and_who(missing):
    talk, line = two()
    fields = {name: value for name, value in REPORT.items() if name != missing}
    with pytest.raises(InvalidFieldsError, match=missing):
        talk.say(line, "ALFA/OPS", AT, "incident.report", fields)


def test_the_other_side_may_be_unknown_and_is_then_not_compared():
    talk, _, case = countered({"other_units": "unknown"})
    found = compared(talk, case)
    assert found["units.BRAVO.kind"].status == "only_one_side"
    assert found["units.BRAVO.kind"].side == "BRAVO"


CASES = [
    ("closest", {"metres": 120, "error": 20}, {"metres": 160, "error": 20}, "agree", {"metres": 40}),
    ("closest", {"metres": 120, "error": 20}, {"metres": 161, "error": 20}, "differ", {"metres": 41}),
    ("closest", "20 ft", {"metres": 6.096}, "agree", None),
    ("closest", "150 yd", "150 m", "differ", {"metres": 12.84}),
    ("closest", {"words": "close"}, "150 m", "not_comparable", None),
    ("closest", "150 m", None, "only_one_side", None),
    ("height", "1000 ft AMSL", "1000 ft AGL", "not_comparable", None),
    ("height", "1000 ft AMSL", "1000 ft AMSL", "agree", None),
    ("harm", {"killed": 0, "hurt": 0}, {"killed": 0, "hurt": 0}, "agree", None),
    ("harm", {"killed": 0, "hurt": 2}, {"killed": 0, "hurt": 5}, "differ", {"hurt": 3}),
    ("harm", {"hurt": {"at_least": 13}}, {"hurt": 15}, "agree", None),
    ("harm", {"hurt": {"at_least": 13}}, {"hurt": 9}, "differ", {"hurt": 4}),
    ("harm", {"hurt": 0}, {"killed": 0}, "not_comparable", None),
    ("harm", {"hurt": "unknown"}, {"hurt": 3}, "not_comparable", None),
    ("signals", [{"medium": "VHF 16", "content": "Keep clear"}], None, "only_one_side", None),
    ("signals", [{"medium": "VHF 16"}], [{"medium": "light"}], "differ", None),
    ("signals", [{"medium": "VHF 16"}], [{"medium": "vhf 16"}], "agree", None),
    ("rules", {"instrument": "CUES", "rule": "2.1"}, ["CUES 2.1"], "agree", None),
    ("manoeuvre", {"en": "Slowed"}, {"en": "Turned"}, "not_comparable", None),
    ("manoeuvre", {"en": "Slowed"}, None, "only_one_side", None),
]  # fmt: skip


@pytest.mark.parametrize(("field", "ours", "theirs", "status", "by"), CASES)
def test_a_field_is_compared_within_what_each_side_claims(field, ours, theirs, status, by):
    talk, _, case = countered({field: ours}, {field: theirs} if theirs is not None else {})
    found = compared(talk, case)[field]
    assert (found.status, found.by) == (status, by)


TIMES = [
    ("2026-03-01T09:15:00Z", "agree", None),
    ("2026-03-01T09:16:00Z", "differ", {"seconds": 60}),
    ("2026-03-01T10:15:00+01:00", "agree", None),
    ("2026-03-01", "agree", None),
    ("2026-03-02", "differ", {"seconds": 53_100}),
    ({"at": "2026-03-01T09:40:00Z", "precision": "hour"}, "agree", None),
    ({"at": "2026-03-01T09:15:00Z", "precision": "unknown"}, "not_comparable", None),
]


@pytest.mark.parametrize(("theirs", "status", "by"), TIMES)
def test_a_time_known_only_to_the_day_agrees_with_any_moment_of_it(theirs, status, by):
    talk, _, case = countered(None, {"when": theirs})
    found = compared(talk, case)["when"]
    assert (found.status, found.by) == (status, by)


def test_kinds_of_units_are_disputed_and_never_picked():
    talk, _, case = countered(None, {"own_units": [{"kind": "research vessel", "count": 1}]})
    found = compared(talk, case)["units.BRAVO.kind"]
    assert (found.status, dict(found.values)) == (
        "disputed", {"ALFA": "patrol boat", "BRAVO": "research vessel"},
    )  # fmt: skip


def test_opinions_are_not_compared():
    talk, _, case = countered({"assessment": "unsafe"}, {"assessment": "lawful"})
    assert not [field for field in compared(talk, case) if "assessment" in field]


def test_no_comparison_ever_shows_a_value_that_neither_side_gave():
    talk, _, case = countered({"closest": "120 m"}, {"closest": "180 m"})
    found = compared(talk, case)["closest"]
    assert {value["metres"] for value in found.values.values()} == {120, 180}


def test_an_addition_counts_for_the_side_that_made_it():
    talk, line, case = countered()
    do(talk, line, case, "BRAVO/OPS", "update", closest="180 m")
    found = compared(talk, case)["closest"]
    assert (found.status, found.side) == ("only_one_side", "BRAVO")


@pytest.mark.parametrize(
    ("shift", "where", "near"),
    [
        (HOUR, REPORT["where"], True),
        (6 * HOUR, {"position": "10-20.00N 100-02.00E"}, True),
        (6 * HOUR + 1, REPORT["where"], False),
        (HOUR, {"position": "10-58.00N 100-02.00E"}, False),
        (HOUR, {"area": "Pier"}, False),
    ],
)
def test_reports_of_both_sides_near_in_time_and_place_are_proposed_as_one(shift, where, near):
    talk, line, case = reported()
    theirs = {**REPORT, "when": rfc3339(START + 9 * HOUR + 900 + shift), "where": where}
    other = talk.say(line, "BRAVO/OPS", AT + DAY, "incident.report", theirs, to=["ALFA/OPS"])

    number = talk.registers(AT + DAY).row("incidents", other).case
    assert row(talk, case, AT + DAY)["could_be"] == ([number] if near else [])


def test_two_reports_of_one_side_are_never_proposed_as_one():
    talk, line, case = reported()
    talk.say(line, "ALFA/OPS", AT + HOUR, "incident.report", REPORT, to=["BRAVO/OPS"])
    assert row(talk, case)["could_be"] == []


PHASE_CASES = [
    ("range", "150 m", {"metres": 400, "error": 50}, "differ", {"metres": 250}),
    ("range", "150 m", None, "only_one_side", None),
    ("bearing", 90, 100, "differ", {"degrees": 10}),
    ("time", "2026-03-01T09:15:00Z", "2026-03-01T09:16:00Z", "differ", {"seconds": 60}),
]


@pytest.mark.parametrize(("part", "ours", "theirs", "status", "by"), PHASE_CASES)
def test_a_phase_that_each_side_tells_once_is_compared_in_its_parts(part, ours, theirs, status, by):
    told = [{"code": "crossing", **({} if one is None else {part: one})} for one in (ours, theirs)]
    talk, _, case = countered({"phases": [told[0]]}, {"phases": [told[1]]})

    found = compared(talk, case)[f"phases.crossing.{part}"]

    assert (found.status, found.by) == (status, by)


def test_of_a_phase_told_twice_nobody_knows_which_is_which():
    twice = [{"code": "crossing", "range": "150 yd"}, {"code": "crossing", "range": "2000 yd"}]
    talk, _, case = countered(
        {"phases": twice}, {"phases": [{"code": "crossing", "range": "90 m"}]}
    )

    assert "phases.crossing.range" not in compared(talk, case)
