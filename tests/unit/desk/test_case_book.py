"""The book of cases: each thing that can change a case has it worked out again, and only that."""

from __future__ import annotations

import pytest

from parley.desk.case_book import BookWatch, CaseBook
from parley.desk.profiles import Profile
from parley.errors import NotFoundError
from support.desk_talk import REQUEST, START, two

HOUR = 3600
OWED = Profile.make(
    "pier", owed=True, clocks={"request.reply_by": 4 * HOUR, "undelivered": 24 * HOUR}
)


def asked():
    talk, line = two(OWED)
    case = talk.say(line, "ALFA/OPS", START, "request.open", REQUEST, to=["BRAVO/OPS"])
    return talk, line, case


def clock(talk, at, case):
    (book,) = talk.registers(at).books()
    return book.briefs[case].clock


def test_time_alone_makes_a_running_clock_dark():
    talk, _, case = asked()
    assert clock(talk, START + HOUR, case) == "running"
    assert clock(talk, START + 4 * HOUR, case) == "lapsed dark"


def test_a_signature_past_the_due_time_proves_the_lapse_of_a_case_that_was_looked_at_before():
    talk, line, case = asked()
    assert clock(talk, START + 5 * HOUR, case) == "lapsed dark"
    line.sign(START + 5 * HOUR, 1)
    assert clock(talk, START + 5 * HOUR, case) == "lapsed silent"


def test_the_debtors_clock_may_run_ahead_of_ours():
    talk, line, case = asked()
    assert clock(talk, START + HOUR, case) == "running"
    line.sign(START + 5 * HOUR, 1)
    assert clock(talk, START + 2 * HOUR, case) == "lapsed silent"


def test_a_receipt_starts_the_clock_of_a_case_that_waited_for_it():
    talk, line = two(OWED)
    line.cut.add((0, 1))
    case = talk.say(line, "ALFA/OPS", START, "request.open", REQUEST, to=["BRAVO/OPS"])
    assert clock(talk, START + HOUR, case) == "not started"
    assert clock(talk, START + 25 * HOUR, case) == "undelivered"
    line.cut.clear()
    line.exchange(START + 26 * HOUR)
    line.sign(START + 26 * HOUR, 1)
    assert clock(talk, START + 26 * HOUR, case) == "running"


def test_an_older_statement_that_comes_late_moves_the_start_of_a_clock():
    talk, line, case = asked()
    early = [said for said in line.statements if said.party == line.charter.parties[1]]
    line.statements.remove(early[-1])
    line.sign(START + 2 * HOUR, 1)
    (book,) = talk.registers(START + 3 * HOUR).books()
    assert book.open[case].starts == START + 2 * HOUR

    line.statements.append(early[-1])

    (book,) = talk.registers(START + 3 * HOUR).books()
    assert book.open[case].starts == START


def test_an_answer_closes_the_case_and_its_counts_follow():
    talk, line, case = asked()
    assert clock(talk, START + HOUR, case) == "running"
    talk.say(line, "BRAVO/OPS", START + 2 * HOUR, "request.accept", {}, case=case)
    (book,) = talk.registers(START + 2 * HOUR).books()
    assert case not in book.open
    assert [brief.clock for brief in book.counts] == ["answered"]


def test_what_changed_nothing_is_not_worked_out_again(monkeypatch):
    talk, line, _ = asked()
    for hour in range(1, 4):
        talk.say(line, "ALFA/OPS", START + hour, "request.open", REQUEST, to=["BRAVO/OPS"])
    talk.registers(START + 10).books()
    worked_out = []
    take = CaseBook._take
    monkeypatch.setattr(
        CaseBook, "_take", lambda self, case, at: (worked_out.append(case), take(self, case, at))
    )

    line.sign(START + 20)
    talk.registers(START + 20).books()
    assert worked_out == []

    talk.say(line, "ALFA/OPS", START + 30, "request.open", REQUEST, to=["BRAVO/OPS"])
    talk.registers(START + 30).books()
    assert len(worked_out) == 1


def test_a_reader_is_told_what_changed_since_it_looked_and_no_more():
    talk, line, case = asked()
    (book,) = talk.registers(START + HOUR).books()
    every, still_open = BookWatch(), BookWatch(only_open=True)
    assert every.changed(book) == still_open.changed(book) == [case]
    assert every.changed(book) == []

    talk.say(line, "BRAVO/OPS", START + 2 * HOUR, "request.accept", {}, case=case)
    (book,) = talk.registers(START + 2 * HOUR).books()

    assert every.changed(book) == still_open.changed(book) == [case]
    assert BookWatch().changed(book) == [case]
    assert BookWatch(only_open=True).changed(book) == []


def test_a_reader_is_told_of_both_books_when_one_follows_another():
    talk, _, case = asked()
    (book,) = talk.registers(START + HOUR).books()
    watch = BookWatch(only_open=True)
    watch.changed(book)
    later = CaseBook()
    later.channel = book.channel

    assert watch.changed(later) == [case]
    assert watch.changed(later) == []


def test_a_case_whose_time_is_nearly_over_counts_as_changed():
    talk, _line, case = asked()
    (book,) = talk.registers(START + HOUR).books()
    near_at = book.open[case].near_at
    assert near_at is not None
    watch = BookWatch()
    watch.changed(book)

    (book,) = talk.registers(near_at - 1).books()
    assert watch.changed(book) == []
    assert not book.open[case].is_near(near_at - 1)
    (book,) = talk.registers(near_at).books()
    assert watch.changed(book) == [case]
    assert book.open[case].is_near(near_at)


def test_the_number_of_no_case_leads_to_no_other_one():
    talk, _, case = asked()
    registers = talk.registers(START + HOUR)
    number = registers.case_of(case).number
    entry = registers.name_of(case)
    assert registers.case(number).number == registers.case(entry).number == number
    with pytest.raises(NotFoundError, match=f"belongs to {number}"):
        registers.case("INC" + number[3:])
