"""Values in words, in both languages."""

from __future__ import annotations

import pytest

from parley.desk.plain import plain


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (None, "none", "无"),
        (True, "yes", "是"),
        (False, "no", "否"),
        ([], "none", "无"),
        ({}, "none", "无"),
        (["a", 2], "a, 2", "a, 2"),
        ({"en": "Nets", "zh": "渔网"}, "Nets", "渔网"),
        ({"fr": "Filets"}, "Filets", "Filets"),
        ({"metres": 60}, "metres: 60", "metres: 60"),
        ({"ALFA": None, "BRAVO": 12}, "ALFA: none; BRAVO: 12", "ALFA: 无; BRAVO: 12"),
        ([{"kind": "said", "by": "ALFA"}], "kind: said; by: ALFA", "kind: said; by: ALFA"),
    ],
)
def test_what_the_desk_has_worked_out_reads_as_words(value, en, zh):
    assert plain(value) == plain(value, "no") == en
    assert plain(value, "zh") == zh
