"""How `parley case show` prints two accounts, or two languages, side by side."""

from __future__ import annotations

from parley.cli import short_forms
from parley.cli.cases import passage_lines
from parley.cli.compared import compared_lines
from parley.cli.writing import SHORT


def row(field, status, values, by=None):
    return {"field": field, "status": status, "by": by, "side": None, "values": values}


def test_what_agrees_is_one_line_and_what_differs_shows_each_side():
    rows = [
        row("when", "agree", {"ALFA": "2026-11-26T05:10:00Z", "BRAVO": "2026-11-26T05:10:00Z"}),
        row(
            "closest",
            "differ",
            {"ALFA": {"metres": 137.16, "as_written": "150 yd"}, "BRAVO": {"metres": 400}},
            {"metres": 262.84},
        ),
        row("units.BRAVO.count", "only_one_side", {"ALFA": 1}),
        row("manoeuvre", "not_comparable", {"ALFA": {"en": "slowed"}, "BRAVO": {"zh": "未减速"}}),
    ]
    assert compared_lines("incident", rows) == [
        "agree       when",
        "DIFFER      closest  by 262.8 m",
        "    ALFA: 150 yd",
        "    BRAVO: metres: 400",
        "only ALFA   units · BRAVO · how many",
        "    ALFA: 1",
        "    BRAVO: not stated",
        "a person must look  manoeuvre",
        "    ALFA: slowed",
        "    BRAVO: 未减速",
        "This compares what was said. It does not say which account is right.",
    ]


def test_a_comparison_is_told_in_chinese_too():
    values = {"ALFA": "2026-11-26T05:10:00Z", "BRAVO": "2026-11-26T13:12:00+08:00"}
    rows = [
        row("when", "differ", values, {"seconds": 120}),
        row("height", "only_one_side", {"BRAVO": {"metres": 9, "as_written": "9 m AMSL"}}),
    ]
    lines = compared_lines("incident", rows, "zh")
    assert lines[0] == "不一致         时间  相差2 分"
    assert lines[3:6] == ["仅BRAVO      高度", "    ALFA: 未述", "    BRAVO: 9 m AMSL"]


def test_languages_of_a_text_are_compared_by_paragraph():
    rows = [
        row("1.dates", "agree", {}),
        row("1.distances", "differ", {"en": [{"written": "500 yards"}], "zh": []}),
    ]
    assert compared_lines("joint_text", rows) == [
        "agree       1 dates",
        "DIFFER      1 distances",
        "    en: 500 yards",
        "    zh: -",
    ]


def test_a_peers_hidden_signs_are_printed_as_escapes():
    (_, line, _) = compared_lines("incident", [row("x", "differ", {"en": "a\u202eb"})])
    assert line == "    en: a\\u202eb"


def test_nothing_compared_prints_nothing():
    assert compared_lines("incident", []) == []


def test_where_one_account_is_missing_the_next_step_says_whose():
    case = {"number": "INC-ALFA-3", "procedure": "incident", "moves": []}
    ours = case | {"moves": [{"move": "counter", "permitted": True}]}
    assert "counter --form FILE gives ours" in short_forms._still_to_come(ours)
    assert "the other side has given none" in short_forms._still_to_come(case)
    readout = case | {"procedure": "readout"}
    assert "parley readout publish gives ours" in short_forms._still_to_come(readout)


def test_a_move_takes_its_fields_from_a_form_as_an_opening_does():
    assert "form" in SHORT


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


def test_items_of_readouts_are_told_in_words_and_a_contradiction_is_disputed():
    ours = {"kind": "agreed", "by": "BRAVO", "about": "nets", "count": 5}
    rows = [
        row("claims.agreed.BRAVO.nets", "disputed", {"ALFA": ours, "BRAVO": ours | {"not": True}}),
        row("marked.gear.nets", "only_one_side", {"ALFA": "same"}),
    ]
    assert compared_lines("readout", rows) == [
        "DISPUTED    what was said, agreed, asked, refused · agreed · BRAVO · nets",
        "    ALFA: BRAVO agreed: nets; how many: 5",
        "    BRAVO: not so: BRAVO agreed: nets; how many: 5",
        "only ALFA   one matter or two · gear · nets",
        "    ALFA: about the same",
        "    BRAVO: not stated",
        "This compares what was said. It does not say which account is right.",
    ]
    assert (
        compared_lines("readout", rows, "zh")[2] == "    BRAVO: 并非如此：BRAVO 同意：nets；数量：5"
    )
