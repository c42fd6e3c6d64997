"""Corrections: only one's own, never of a correction, never after a cancellation; clocks stay."""

from __future__ import annotations

import pytest

from parley.errors import InvalidFieldsError, ParleyError
from support.desk_talk import REQUEST, START, two

HOUR = 3600


def asked():
    talk, line = two()
    fields = {**REQUEST, "reply_by": "PT4H"}
    case = talk.say(line, "ALFA/CHIEF", START, "request.open", fields, to=["BRAVO/CHIEF"])
    return talk, line, case, talk.registers(START).name_of(case)


def correct(talk, line, office, name, move="correct", *, at=START + HOUR, **more):
    changes = {"changes": ["topics"]} if move in ("correct", "supersede") else {}
    fields = {"target": name, **changes, **more}
    return talk.say(line, office, at, f"correction.{move}", fields)


def test_a_correction_needs_no_case_named_and_is_a_note_on_the_case_of_its_entry():
    talk, line, case, name = asked()
    place = correct(talk, line, "ALFA/CHIEF", name, values=["topics[0].en=Nets and lights"])
    (_, note) = talk.registers(START + HOUR).case(case).steps
    assert (note.place, note.status, note.move) == (place, "note", "correction.correct")


def test_the_clock_of_what_was_asked_runs_on():
    talk, line, case, name = asked()
    correct(talk, line, "ALFA/CHIEF", name)
    line.sign(START + 5 * HOUR)
    found = talk.registers(START + 5 * HOUR).row("requests", case).values
    assert (found["state"], found["lapse"]) == ("lapsed", "silent")


def test_a_correction_of_ones_own_answers_nothing():
    talk, line, case, _ = asked()
    given = talk.say(line, "BRAVO/CHIEF", START + 60, "ack.give", {"rung": 2}, case=case)
    correct(talk, line, "BRAVO/CHIEF", talk.registers(START + 60).name_of(given))
    line.sign(START + 5 * HOUR)
    assert talk.registers(START + 5 * HOUR).row("requests", case).values["state"] == "lapsed"


@pytest.mark.parametrize("end", ["cancel", "withdraw"])
@pytest.mark.parametrize("then", ["correct", "supersede", "cancel", "withdraw"])
def test_what_was_cancelled_is_not_corrected_again(end, then):
    talk, line, _, name = asked()
    correct(talk, line, "ALFA/CHIEF", name, end)
    with pytest.raises(InvalidFieldsError, match="already cancelled"):
        correct(talk, line, "ALFA/CHIEF", name, then, at=START + 2 * HOUR)


def test_a_correction_is_not_corrected_and_the_first_entry_may_be_corrected_again():
    talk, line, _, name = asked()
    place = correct(talk, line, "ALFA/CHIEF", name)
    with pytest.raises(InvalidFieldsError, match="correct the first entry"):
        correct(talk, line, "ALFA/CHIEF", talk.registers(START + HOUR).name_of(place))
    correct(talk, line, "ALFA/CHIEF", name, "supersede", at=START + 2 * HOUR)


def test_only_its_author_corrects_an_entry_and_it_must_be_there():
    talk, line, _, name = asked()
    with pytest.raises(InvalidFieldsError, match="another party"):
        correct(talk, line, "BRAVO/CHIEF", name)
    with pytest.raises(ParleyError, match="no entry held here"):
        correct(talk, line, "ALFA/CHIEF", "OPS/ALFA/99")


def test_a_correction_that_a_peer_writes_of_anothers_entry_is_irregular_and_changes_nothing():
    talk, line, case, _ = asked()
    target = [0, case.index]
    line.raw(1, START + HOUR, kind=2902, fields={31: target, 32: target})
    registers = talk.registers(START + HOUR)
    assert [one.code for one in registers.irregular] == ["not_own_entry"]
    assert registers.row("requests", case).values["state"] == "pending"
