"""Two programs fill the same registers from the same part of the record, or a case is named."""

from __future__ import annotations

from dataclasses import replace

from parley.core.instants import Instant
from parley.desk.agreement import Share, compare, part_of, share_of, tell
from parley.desk.catalogue import PROCEDURES
from support.desk_talk import REQUEST, START, Line, Talk, two

HOUR = 3600


def talked(cases=3):
    talk, line = two()
    for number in range(cases):
        talk.say(
            line, "ALFA/OPS", START + number, "request.open", REQUEST | {"reply_by": "2h"},
            to=["BRAVO/OPS"],
        )  # fmt: skip
    line.sign(START + 3 * HOUR)
    return talk, line


def incs(line):
    return Talk(line).registers(START).channel(line.charter.channel_id).fold.incs


def told_by(line, at):
    shares = share_of(line.view, incs(line), (0, 1))
    assert shares is not None
    return shares, tell(part_of(line.view, incs(line), shares), shares, Instant(at))


def test_the_other_station_finds_the_same_though_it_holds_more():
    talk, line = talked()
    shares, told = told_by(line, START + 3 * HOUR)

    talk.say(line, "BRAVO/OPS", START + 4 * HOUR, "request.open", REQUEST, to=["ALFA/OPS"])
    line.sign(START + 5 * HOUR)

    part = part_of(line.view, incs(line), shares)
    assert compare(part, told).verdict == "same"


def test_entries_in_another_order_of_arrival_change_nothing():
    _, line = talked()
    shares, told = told_by(line, START + 3 * HOUR)
    line.entries = sorted(line.entries, key=lambda placed: (-placed.party, placed.index))
    line.statements.reverse()
    assert compare(part_of(line.view, incs(line), shares), told).verdict == "same"


def test_a_program_that_reads_a_case_otherwise_is_noticed_and_the_case_named(monkeypatch):
    _, line = talked(cases=5)
    shares, told = told_by(line, START + 3 * HOUR)
    request = PROCEDURES["request"]
    fill = request.row

    def otherwise(case):
        row = fill(case)
        return row | {"fate": "met"} if case.number == "REQ-ALFA-3" else row

    monkeypatch.setattr(type(request), "row", property(lambda self: otherwise), raising=False)
    found = compare(part_of(line.view, incs(line), shares), told)
    assert (found.verdict, found.what) == ("differs", "REQ-ALFA-3")


def test_many_cases_are_told_in_sixteen_groups_and_one_of_them_is_named():
    _, line = talked(cases=40)
    shares, told = told_by(line, START + 3 * HOUR)
    assert len(told.parts) == 16 * 8
    wrong = replace(told, digest="0" * 64, parts=told.parts[:8] + "0" * 8 + told.parts[16:])
    found = compare(part_of(line.view, incs(line), shares), wrong)
    assert (found.verdict, found.what) == ("differs", "REQ-ALFA-4 to REQ-ALFA-6")


def test_what_the_other_does_not_hold_alike_is_not_compared():
    _, line = talked()
    shares, _ = told_by(line, START + 3 * HOUR)
    more = (replace(shares[0], size=shares[0].size + 1), shares[1])
    assert part_of(line.view, incs(line), more) is None
    others = (shares[0], replace(shares[1], newest=shares[1].newest + 1))
    assert part_of(line.view, incs(line), others) is None
    assert part_of(line.view, incs(line), shares[:1]) is None
    # A statement that only the teller never got leaves a gap in its count.
    del line.statements[1]
    assert part_of(line.view, incs(line), shares) is None


def test_a_record_with_a_gap_is_told_by_nobody():
    _, line = talked()
    del line.entries[2]
    assert share_of(line.view, incs(line), (0, 1)) is None


def test_statements_of_third_parties_are_left_out():
    line = Line("ALFA", "BRAVO", "CHARLIE")
    line.sign(START + 1)
    shares = share_of(line.view, incs(line), (0, 1))
    assert shares[2] == Share(size=1, statements=0, newest=0)
    part = part_of(line.view, incs(line), shares)
    assert {said.party for said in part.statements} == set(line.charter.parties[:2])
