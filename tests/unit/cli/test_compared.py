"""How `parley case show` prints two accounts, or two languages, side by side."""

from __future__ import annotations

from parley.cli.cases import compared_lines, passage_lines
from parley.station.case_views import compared_text


def row(field, status, values, by=None):
    return {"field": field, "status": status, "by": by, "side": None, "values": values}


def test_what_agrees_is_one_line_and_what_differs_shows_each_side():
    rows = [
        row("1.dates", "agree", {}),
        row("1.distances", "differ", {"en": [{"written": "500 yards"}], "zh": []}),
        row("2.times", "agree", {}),
        row("closest", "differ", {"ALFA": 100, "BRAVO": {"metres": 160}}, {"metres": 60}),
        row("1.order of names", "not_comparable", {"en": [{"written": "A"}, {"written": "B"}]}),
    ]
    assert compared_lines(rows) == [
        "agree      1.dates, 2.times",
        "DIFFER     1.distances",
        "    en: 500 yards",
        "    zh: -",
        'DIFFER     closest  by {"metres": 60}',
        "    ALFA: 100",
        '    BRAVO: {"metres": 160}',
        "LOOK       1.order of names",
        "    en: A, B",
    ]


def test_a_peers_hidden_signs_are_printed_as_escapes():
    (_, line) = compared_lines([row("x", "differ", {"en": "a\u202eb"})])
    assert line == "    en: a\\u202eb"


def test_nothing_compared_prints_nothing():
    assert compared_lines([]) == []
    assert compared_text(None) == "-"


def test_a_text_is_printed_in_every_language_with_its_brackets():
    bracket = {
        "id": "b1", "by": "BRAVO", "words": {"en": "500"},
        "alternatives": [{"by": "ALFA", "words": {"en": "400"}}],
    }  # fmt: skip
    passages = [
        {"number": "title", "status": "", "texts": {"en": "On nets"}, "brackets": []},
        {"number": "1", "status": "bracketed", "texts": {"en": "Keep 500."}, "brackets": [bracket]},
        {"number": "2", "status": "deleted", "texts": {}, "brackets": []},
    ]
    assert passage_lines(passages) == [
        "text       title",
        "    en: On nets",
        "text       1  bracketed",
        "    en: Keep 500.",
        "    bracket b1 of BRAVO",
        "        en: 500",
        "        alternative 1, by ALFA",
        "            en: 400",
        "text       2  deleted",
        "    struck",
    ]
