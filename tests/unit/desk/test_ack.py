"""Acknowledgements: one ladder for each desk, who may give which rung, and what none of them says."""

from __future__ import annotations

import pytest

from parley.desk.procedures.ack import ACK
from parley.desk.reasons import CANNOT_PROCESS, INTENTIONS, RUNGS, ladder_rung
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Line, Talk, two

MESSAGE = {"subject": {"en": "Barge late"}, "answer_wanted": "ack"}
UNIT = {"unit": "Patrol boats"}


def sent(to=("BRAVO/OPS",), info=()):
    talk, line = two()
    case = talk.say(line, "ALFA/OPS", START, "message.send", MESSAGE, to=to, info=info)
    return talk, line, case


def give(talk, line, case, rung, office="BRAVO/OPS", at=START + 60, **fields):  # noqa: PLR0917 - reads as it is said
    return talk.say(line, office, at, "ack.give", {"rung": rung, **fields}, case=case)


def row(talk, case):
    return talk.registers(START + 3600).row("messages", case).values


def test_rung_one_comes_from_the_station_alone_and_no_person_may_claim_it():
    talk, line, case = sent()

    assert row(talk, case)["rung"] == 1
    assert row(talk, case)["acknowledged_at"] is None
    for rung in (0, 1):
        with pytest.raises(InvalidFieldsError, match="is not one of"):
            give(talk, line, case, rung)


def test_every_rung_of_a_person_can_be_given_in_turn():
    talk, line, case = sent()
    parts = {4: UNIT, 40: UNIT, 30: {"values": ["subject.en=Barge late"]}}
    for step, rung in enumerate((2, 3, 30, 4, 40, 5, 6)):
        give(talk, line, case, rung, at=START + 60 + step, **parts.get(rung, {}))

    assert row(talk, case)["rung"] == 6
    assert not talk.registers(START + 3600).irregular


def test_a_rung_does_not_fall():
    talk, line, case = sent()
    give(talk, line, case, 4, **UNIT)
    for lower in (2, 3):
        with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="never taken back"):
            give(talk, line, case, lower, at=START + 90)


def test_will_comply_may_be_followed_by_cannot_comply_and_both_stay():
    talk, line, case = sent()
    give(talk, line, case, 5, code="will-comply")
    give(talk, line, case, 5, code="cannot-comply", at=START + 90)

    said = [s.fields.get("code") for s in talk.registers(START + 99).case(case).steps[1:]]
    assert said == ["will-comply", "cannot-comply"]


def test_what_is_done_is_not_again_under_consideration():
    talk, line, case = sent()
    give(talk, line, case, 6)
    with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="never taken back"):
        give(talk, line, case, 5, at=START + 90)


def test_each_desk_has_a_ladder_of_its_own():
    talk, line, case = sent(to=("BRAVO/OPS", "BRAVO/CHIEF"))
    give(talk, line, case, 4, **UNIT)
    give(talk, line, case, 2, office="BRAVO/CHIEF", at=START + 90)

    assert row(talk, case)["rungs"] == {"BRAVO/OPS": 4, "BRAVO/CHIEF": 2}


def test_a_desk_that_is_only_told_may_say_read_and_understood_and_no_more():
    talk, line, case = sent(info=("BRAVO/CHIEF",))
    give(talk, line, case, 2, office="BRAVO/CHIEF")
    give(talk, line, case, 3, office="BRAVO/CHIEF", at=START + 61)
    for rung in (4, 5, 6, 40):
        with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="not asked to act"):
            give(talk, line, case, rung, office="BRAVO/CHIEF", at=START + 62, **UNIT)


def test_a_party_that_was_not_asked_commits_to_nothing():
    line = Line("ALFA", "BRAVO", "CHARLIE")
    talk = Talk(line)
    case = talk.say(line, "ALFA/OPS", START, "message.send", MESSAGE, to=["BRAVO/OPS"])

    give(talk, line, case, 2, office="CHARLIE/OPS")
    with pytest.raises((InvalidFieldsError, MoveNotPermittedError), match="not asked to act"):
        give(talk, line, case, 5, office="CHARLIE/OPS", at=START + 90)


def test_nobody_acknowledges_its_own_entry():
    talk, line, case = sent()
    with pytest.raises(MoveNotPermittedError, match="own entry"):
        name = talk.registers(START).name_of(case)
        give(talk, line, case, 2, office="ALFA/OPS", of=name)


@pytest.mark.parametrize("code", sorted(CANNOT_PROCESS))
def test_what_cannot_be_processed_says_why_with_a_known_code(code):
    talk, line, case = sent()
    give(talk, line, case, 10, code=code)

    found = row(talk, case)
    assert (found["rung"], found["acknowledged_at"]) == (1, None), "no person's lamp"


@pytest.mark.parametrize("fields", [{}, {"code": "not-now"}, {"code": "will-comply"}])
def test_cannot_be_processed_without_such_a_code_is_refused(fields):
    talk, line, case = sent()
    with pytest.raises(InvalidFieldsError, match="code"):
        give(talk, line, case, 10, **fields)


@pytest.mark.parametrize("code", sorted(INTENTIONS))
def test_an_intention_belongs_to_rung_five_alone(code):
    talk, line, case = sent()
    with pytest.raises(InvalidFieldsError, match="does not belong to rung 3"):
        give(talk, line, case, 3, code=code)
    give(talk, line, case, 5, code=code)


def test_passed_on_names_the_unit_and_a_read_back_holds_values():
    talk, line, case = sent()
    for rung, field in ((4, "unit"), (40, "unit"), (30, "values")):
        with pytest.raises(InvalidFieldsError) as refused:
            give(talk, line, case, rung)
        assert [name for name, _ in refused.value.problems] == [field]


def test_points_not_understood_are_no_understanding():
    talk, line, case = sent()
    give(talk, line, case, 3, points=["text"])
    assert row(talk, case)["rung"] == 2

    give(talk, line, case, 3, at=START + 90)
    assert row(talk, case)["rung"] == 3


def test_points_belong_to_rung_three():
    talk, line, case = sent()
    with pytest.raises(InvalidFieldsError, match="points"):
        give(talk, line, case, 2, points=["text"])


def test_a_rung_that_fell_in_the_record_is_kept_irregular_and_lowers_nothing():
    talk, line, case = sent()
    give(talk, line, case, 4, **UNIT)
    line.raw(1, START + 90, kind=2, fields={1: [0, case.index], 32: 2, 18: "OPS"})

    registers = talk.registers(START + 3600)

    assert row(talk, case)["rung"] == 4
    assert [one.code for one in registers.irregular] == ["rung_falls"]


@pytest.mark.parametrize("rung", sorted(RUNGS))
def test_a_rung_is_on_the_ladder_or_lifts_nothing(rung):
    assert 0 <= ladder_rung({"rung": rung}) <= 6


def test_an_acknowledgement_opens_no_case_and_needs_one():
    assert ACK.register == ""
    talk, line = two()
    with pytest.raises(MoveNotPermittedError, match="needs the case"):
        talk.say(line, "BRAVO/OPS", START, "ack.give", {"rung": 2})
