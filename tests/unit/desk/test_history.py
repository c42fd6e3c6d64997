"""A register kept before the line was there: read whole or not at all, and a claim ever after."""

from __future__ import annotations

import pytest

from parley.desk.history import PROBLEMS_MAX, ROWS_MAX, read_history
from parley.errors import InvalidFieldsError, UsageError
from parley.station.history import HistoryDesk
from support.desk_talk import START, two

HEAD = "number,date,register,by,to,what_en,what_zh,due,answered,outcome\n"
ROW = (
    "7,2021-03-01,requests,ALFA,BRAVO,Call asked for,请求通话,2021-03-02T00:00:00Z,,not answered\n"
)
YAML = """\
# kept by the ministry
- number: 7
  date: 2021-03-01
  register: requests
  by: ALFA
  to: BRAVO
  what_en: Call asked for
  what_zh: 请求通话
  due: 2021-03-02T00:00:00Z
  answered:
  outcome: not answered
"""
SAID = {
    "number": "7",
    "date": "2021-03-01",
    "register": "requests",
    "by": "ALFA",
    "to": "BRAVO",
    "what": {"en": "Call asked for", "zh": "请求通话"},
    "due": "2021-03-02T00:00:00Z",
    "outcome": "not answered",
}


@pytest.mark.parametrize(
    "text",
    [HEAD + ROW, "\ufeff" + HEAD + ROW, (HEAD + ROW).replace("\n", "\r\n"), HEAD + "\n" + ROW, YAML,
     "---\n" + YAML],
)  # fmt: skip
def test_csv_and_yaml_say_the_same(text):
    assert read_history(text.encode()).rows == [SAID]


def problems(text):
    with pytest.raises(InvalidFieldsError) as caught:
        read_history(text.encode())
    return [where for where, _ in caught.value.problems]


def test_every_problem_is_told_with_its_line_also_after_a_cell_of_two_lines():
    text = (
        HEAD
        + '1,2021-03-01,,,,"Call\nasked for",,,,\n'
        + "1,yesterday,,,,Call,,,,\n"
        + ",2021-03-01T10:00:00,,,,,,,,\n"
        + f"4,2021-03-01,,,,{'x' * 301},,,,\n"
    )
    assert problems(text) == [
        "line 4, date", "line 4, number", "line 5, number", "line 5, date", "line 5, what",
        "line 6, what",
    ]  # fmt: skip


def test_problems_of_yaml_name_the_line_of_their_row():
    assert problems(YAML + "- {number: 8, what_en: Call}\n") == ["line 12, date"]


def test_a_file_full_of_problems_tells_the_first_of_them():
    assert len(problems(HEAD + ",,,,,,,,,x\n" * 1000)) == PROBLEMS_MAX


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no row"),
        (HEAD, "no row"),
        ("number,date,colour\n1,2021-01-01,red\n", "line 1: there is no column 'colour'"),
        ("number,number\n1,1\n", "line 1: the column 'number' stands twice"),
        (HEAD + '1,2021-03-01,"open\n', "no CSV"),
        ("- number: 1\n  number: 2\n", "line 1: the column 'number' stands twice"),
        ("- {number: [1]}\n", "line 1: a cell is one text"),
        ("- just words\n", "line 1: a row is a map"),
        ("---\nnumber: 1\n", "no list"),
        ("- &a {number: 1}\n- *a\n", "line 1: anchors"),
        ("- {number: 1\n", "no YAML"),
        ("- " + "[" * 3000, "YAML"),
        (HEAD + "x,2021-01-01,,,,a,,,,\n" * (ROWS_MAX + 1), f"at most {ROWS_MAX} rows"),
        ("x" * 900_001, "900000 bytes"),
    ],
)
def test_what_is_no_register_is_refused_with_the_line(text, said):
    with pytest.raises(UsageError, match=said.replace("(", "\\(")):
        read_history(text.encode())


def many(bad):
    """Return a register of 300 rows of which some are not well made."""
    rows = [f"{n},2021-03-01,,,,Call,,,,\n" for n in range(1, 301)]
    for n, row in bad.items():
        rows[n - 1] = row
    return (HEAD + "".join(rows)).encode()


BAD = {7: "7,yesterday,,,,Call,,,,\n", 100: "100,2021-03-01\n", 299: "1,2021-03-01,,,,Call,,,,\n"}
WRONG = ["line 8, date", "line 101", "line 300, number"]


def test_three_bad_rows_of_three_hundred_are_all_told_at_once_and_change_nothing():
    with pytest.raises(InvalidFieldsError) as caught:
        read_history(many(BAD))
    assert [where for where, _ in caught.value.problems] == WRONG


def test_good_rows_are_taken_alone_when_asked_for_and_what_is_left_out_is_told():
    found = read_history(many(BAD), good_rows=True)
    assert (len(found.rows), found.left) == (297, 3)
    assert [where for where, _ in found.problems] == WRONG
    assert [row["number"] for row in found.rows[:2]] == ["1", "2"]  # the first of a number stands
    whole = read_history(many({}), good_rows=True)
    assert (len(whole.rows), whole.left, list(whole.problems)) == (300, 0, [])
    with pytest.raises(InvalidFieldsError):
        read_history((HEAD + BAD[7]).encode(), good_rows=True)


def test_rows_after_the_problems_that_are_told_are_still_looked_at():
    bad = {n: f"{n},yesterday,,,,Call,,,,\n" for n in range(1, 101)}
    found = read_history(many(bad), good_rows=True)
    assert (len(found.rows), found.left, len(found.problems)) == (200, 100, PROBLEMS_MAX)


def test_a_claim_of_good_rows_says_how_many_of_how_many_they_are():
    desk = HistoryDesk(None, None, None, None)
    (_, said) = (desk._requests("OPS", "kept", read_history(raw, good_rows=True))[0].fields["what"]
                 for raw in (many({}), many(BAD)))  # fmt: skip
    assert said["en"] == "Register kept before this line, 297 of its 300 rows: kept"
    assert "297" in said["zh"]
    assert "300" in said["zh"]


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(UsageError, match="byte 3"):
        read_history(b"abc\xff")


def test_long_histories_go_in_several_entries_in_order():
    rows = "".join(f"{n},2021-03-01,,,,Call {n},,,,\n" for n in range(250))
    history = read_history((HEAD + rows).encode())
    parts = history.parts()
    assert [row for part in parts for row in part] == list(history.rows)
    assert max(len(part) for part in parts) <= 100
    long = "".join(f"{n},2021-03-01,,,,{'语' * 300},,,,\n" for n in range(100))
    assert len(read_history((HEAD + long).encode()).parts()) > 1


def test_a_history_is_a_claim_and_no_register_counts_its_rows():
    talk, line = two()
    history = read_history((HEAD + ROW).encode())
    case = talk.say(
        line,
        "ALFA/OPS",
        START,
        "claim.history",
        {
            "what": {"en": "Register kept before"},
            "source": "register.csv",
            "digest": history.digest,
            "part": 1,
            "parts": 1,
            "rows": history.rows,
        },
    )
    registers = talk.registers(START + 60)
    row = registers.row("claims", case).values
    assert (row["by"], row["rows_claimed"], row["rows_added"]) == ("ALFA/OPS", 1, 0)
    assert row["history"] == [SAID]
    assert registers.rows("requests") == ()
