"""Peers' words: what misleads is shown by its number, in its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.console.said import left_over, pieces, snippet


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


def shown(text, words, limit=200):
    return "".join(
        f"[{piece.text}]" if piece.is_found else piece.text for piece in snippet(text, words, limit)
    )


def test_what_was_found_is_marked_as_it_stands_in_the_text():
    assert shown("The Line, the line", ["line"]) == "The [Line], the [line]"
    assert shown("请在本线路确认", ["线路"]) == "请在本[线路]确认"
    assert shown("ＡＢＣ and abc", ["abc"]) == "[ＡＢＣ] and [abc]"
    assert shown("plain", []) == "plain"


def test_a_long_text_is_cut_around_what_was_found():
    text = "x" * 500 + " buoy " + "y" * 500

    cut = shown(text, ["buoy"], 100)

    assert cut.startswith("…x")
    assert cut.endswith("y…")
    assert "[buoy]" in cut
    assert len(cut) <= 104


def test_a_hidden_character_stays_a_chip_inside_what_was_found():
    found = snippet("bu\u202eoy", ["bu\u202eoy"])

    assert [(piece.text, piece.is_chip, piece.is_found) for piece in found] == [
        ("bu", False, True),
        ("U+202E", True, True),
        ("oy", False, True),
    ]
