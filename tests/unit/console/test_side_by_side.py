"""Accounts side by side: a column each, differences in words, nothing filled in."""

from __future__ import annotations

from types import SimpleNamespace as Shape

from parley.console.language import language
from parley.console.pages.cases import recipients
from parley.console.side_by_side import as_written, tables
from support.desk_talk import START, two

AT = START + 43_200
ACCOUNT = {
    "when": "2026-03-01T09:15:00Z",
    "where": "09-58.00N 100-02.00E",
    "own_units": [{"kind": "tug", "count": 1}],
    "other_units": [{"kind": "patrol boat", "count": 1}],
    "closest": "30 m",
    "phases": [{"code": "crossing"}],
}


def compared(code):
    talk, line = two()
    case = talk.say(line, "ALFA/OPS", AT, "incident.report", ACCOUNT, to=["BRAVO/OPS"])
    counter = {
        **ACCOUNT,
        "when": "2026-03-01T09:18:00Z",
        "where": "09-58.00N 100-03.00E",
        "closest": "150 m",
    }
    del counter["phases"]
    talk.say(line, "BRAVO/OPS", AT + 60, "incident.counter", counter, case=case)
    ack = {"rung": 30, "values": ["closest=33 m"]}
    talk.say(line, "BRAVO/OPS", AT + 120, "ack.give", ack, case=case)
    rows = talk.registers(AT + 600).comparison(case)
    return tables(Shape(procedure="incident", comparison=rows), language(code))


def test_each_side_has_a_column_and_the_difference_is_in_words():
    accounts, read_back = compared("en")

    assert (accounts.kind, accounts.columns) == ("accounts", ["ALFA", "BRAVO"])
    rows = {row.what: row for row in accounts.rows}
    assert rows["when"].cells == {"ALFA": "01 MAR 26 09:15:00Z", "BRAVO": "01 MAR 26 09:18:00Z"}
    assert "3 min" in rows["when"].apart
    assert rows["where"].apart == "1,828 m"
    assert rows["where"].cells["BRAVO"] == "09-58.00N 100-03.00E"
    assert rows["closest approach" if "closest approach" in rows else "closest"].apart == "120 m"
    assert read_back.columns == ["ALFA", "BRAVO/OPS"]
    assert [(row.what, row.apart) for row in read_back.rows] == [("closest", "3 m")]


def test_speeds_that_one_side_gives_stand_with_the_accounts_and_not_with_languages():
    talk, line = two()
    account = {**ACCOUNT, "speeds": {"own": "12 kn"}}
    case = talk.say(line, "ALFA/OPS", AT, "incident.report", account, to=["BRAVO/OPS"])
    talk.say(line, "BRAVO/OPS", AT + 60, "incident.counter", ACCOUNT, case=case)
    rows = talk.registers(AT + 600).comparison(case)
    (table,) = tables(Shape(procedure="incident", comparison=rows), language("en"))
    assert table.kind == "accounts"
    assert next(row for row in table.rows if row.what == "speeds").status == "only_one_side"


def test_how_many_more_one_side_counts_is_said_in_the_readers_language():
    talk, line = two()
    account = {**ACCOUNT, "harm": {"killed": 0, "hurt": 0}}
    case = talk.say(line, "ALFA/OPS", AT, "incident.report", account, to=["BRAVO/OPS"])
    counter = {**ACCOUNT, "harm": {"killed": 0, "hurt": 2}}
    talk.say(line, "BRAVO/OPS", AT + 60, "incident.counter", counter, case=case)
    rows = talk.registers(AT + 600).comparison(case)
    (table,) = tables(Shape(procedure="incident", comparison=rows), language("zh"))
    harm = next(row for row in table.rows if row.what == "伤亡与损失")
    assert (harm.apart, harm.ours) == ("受伤：2", "harm")


def test_what_one_side_does_not_say_stays_empty():
    rows = {row.what: row for row in compared("en")[0].rows}
    phase = rows["phases · crossing"]

    assert phase.cells == {"ALFA": "crossing", "BRAVO": None}
    assert phase.status == "only_one_side"


def test_the_words_are_those_of_the_declaration_in_both_languages():
    whats = [row.what for row in compared("zh")[0].rows]

    assert "时间" in whats
    assert "阶段 · 横越" in whats
    assert not any(word.isascii() and word.islower() for what in whats for word in what.split())


def test_what_a_program_made_of_a_measure_is_left_out():
    place = {"lat": "9.96667", "lon": "100.05", "written": "09-58.00N 100-03.00E"}
    value = {"where": place, "at": "2026-03-01T09:15:00Z", "how": [{"as_written": "30 m", "m": 30}]}

    assert as_written(value) == {
        "where": "09-58.00N 100-03.00E",
        "at": "01 MAR 26 09:15:00Z",
        "how": ["30 m"],
    }


def test_several_recipients_stand_in_one_table_and_one_alone_does_not():
    def fact(column, value):
        return Shape(column=column, label={"en": column}, value=value)

    one = Shape(party="BRAVO", facts=[fact("rung", 20)])
    two_ = Shape(party="DELTA", facts=[fact("read_back", "differs")])

    assert recipients([one]) is None
    assert recipients([one, two_])["rows"] == [("BRAVO", [20, None]), ("DELTA", [None, "differs"])]
