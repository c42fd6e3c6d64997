"""Entries that claim to have seen what their author cannot have seen: told alike on every side."""

from support.desk_talk import START, two


def said(talk, line):
    return [place.index for place in talk.registers(START + 99).inconsistent]


def test_an_honest_talk_holds_none():
    talk, line = two()
    for number in range(4):
        line.raw(number % 2, START + number)
    assert said(talk, line) == []


def test_what_was_seen_and_is_taken_back_is_told():
    talk, line = two()
    line.raw(0, START + 1)
    line.raw(1, START + 2)
    place = line.raw(1, START + 3, seen=(1,))
    assert talk.registers(START + 99).inconsistent == (place,)


def test_more_than_the_authors_own_signature_holds_is_told_once_it_is_signed():
    talk, line = two()
    line.cut = {(0, 1)}
    line.raw(0, START + 1)
    before = len(line.statements)
    place = line.raw(1, START + 2, seen=(2,))
    assert talk.registers(START + 99).inconsistent == (place,)

    # An unsigned entry claims nothing yet; nor is it said of one that its author came to hold.
    del line.statements[before:]
    assert said(talk, line) == []
    line.cut = set()
    line.exchange(START + 3)
    line.sign(START + 3)
    assert said(talk, line) == []


def test_it_stands_in_the_bytes_that_both_sides_compare():
    talk, line = two()
    line.raw(0, START + 1)
    line.raw(1, START + 2)
    honest = talk.registers(START + 99).encode()
    line.raw(1, START + 3, seen=(1,))
    told = talk.registers(START + 99).encode()
    assert b"inconsistent_claim" in told
    assert b"inconsistent_claim" not in honest
    line.entries.reverse()
    line.statements.reverse()
    assert talk.registers(START + 99).encode() == told
