"""Peers' words: what misleads is shown by its number, in its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.console.said import left_over, pieces


def test_a_bidi_override_becomes_a_chip():
    shown = pieces("stand \u202edown")

    assert [(p.text, p.is_chip) for p in shown] == [
        ("stand ", False),
        ("U+202E", True),
        ("down", False),
    ]


def test_a_line_feed_and_joiners_stay_as_they_are():
    assert [p.text for p in pieces("a\nb\u200dc")] == ["a\nb\u200dc"]


def test_a_long_text_says_how_much_is_left():
    assert left_over("x" * 25, limit=20) == 5
    assert "".join(p.text for p in pieces("x" * 25, limit=20)) == "x" * 20


def unchip(chip):
    return chr(int(chip.removeprefix("U+").lower(), base=16))


@given(st.text(max_size=60))
def test_visible_letters_keep_their_order_and_none_is_lost(text):
    rebuilt = "".join(unchip(p.text) if p.is_chip else p.text for p in pieces(text))

    assert rebuilt == text
