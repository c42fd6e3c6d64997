"""Values of fields as officers read them."""

from __future__ import annotations

import pytest

from parley.station.forms import shown_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ({"en": "boat", "zh": "艇"}, "boat / 艇"),
        (["a", "b"], "a; b"),
        ([{"und": "north berth"}], "north berth"),
        ({"kind": "patrol boat", "count": 1}, "kind patrol boat, count 1"),
        ([{"kind": "tug", "count": 1}, {"kind": "barge", "count": 2}],
         "kind tug, count 1; kind barge, count 2"),
        ({"position": {"lat": "9.96", "lon": "100.03", "written": "09-58.02N 100-02.05E"}},
         "position (09-58.02N 100-02.05E)"),
        ({"metres": 180, "as_written": "180 m", "error": 20, "method": "visual"},
         "180 m, error 20, method visual"),
        ({"metres": 180}, "metres 180"),
        ({"by": "BRAVO"}, "by BRAVO"),
        (True, "yes"),
        (None, "-"),
        ([], "none"),
        ({}, "none"),
        (b"\x01\xff", "01ff"),
    ],
)  # fmt: skip
def test_a_value_reads_as_words_and_never_as_the_data_of_a_program(
    value: object, text: str
) -> None:
    assert shown_value(value) == text
