"""A register as a table: one heading for all rows, and nothing that a spreadsheet carries out."""

from __future__ import annotations

import csv
import io

from parley.api.register_table import COLUMNS, register_table


def row(number: str, **more) -> dict:
    made = dict.fromkeys(COLUMNS) | {"number": number, "addressees": ["BRAVO/OPS", "CHARLIE/OPS"]}
    opened = {"at": "2026-11-28T04:00:00Z", "entry": "OPS/ALFA/3"}
    return made | {"subject": {}, "values": {}, "opened": opened} | more


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_column_that_one_row_has_stands_in_all():
    first = row("REQ-ALFA-3", subject={"en": "Talk"}, proved=True, values={"lead_s": 86_400})
    second = row("REQ-ALFA-9", subject={"zh": "会谈"}, values={"parts": [{"by": "ALFA"}]})
    one, other = read(register_table([first, second]))
    assert (one["subject_en"], one["subject_zh"], one["proved"]) == ("Talk", "", "true")
    assert (one["values.lead_s"], one["values.parts"]) == ("86400", "")
    assert (other["subject_zh"], other["values.parts"]) == ("会谈", '[{"by": "ALFA"}]')
    assert one["addressees"] == "BRAVO/OPS CHARLIE/OPS"
    assert (one["opened_at"], one["entry"]) == ("2026-11-28T04:00:00Z", "OPS/ALFA/3")


def test_words_of_a_peer_are_no_formula():
    (one,) = read(register_table([row("1", subject={"en": '=HYPERLINK("x")\n'}, reason="@sum")]))
    assert (one["subject_en"], one["reason"]) == ('\'=HYPERLINK("x")\n', "'@sum")


def test_a_register_without_a_row_has_its_heading():
    assert register_table([]).startswith("number,channel,mark")
