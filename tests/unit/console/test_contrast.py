"""Contrast of every pair of colours in use (WCAG 2.2: text 4.5:1, shapes 3:1)."""

from __future__ import annotations

import re

import pytest

from support.console_sentences import CONSOLE

THEMES = ("day", "dark", "night")
GROUNDS = ("ground", "surface", "raised")
TEXT = ("ink", "ink-2", "flash-ink", "caution-ink", "integrity-ink")
ON = (
    ("on-flash", "flash"),
    ("on-caution", "caution"),
    ("on-integrity", "integrity"),
    ("on-exercise", "exercise"),
)
SHAPES = ("control", "focus", "flash-ink", "caution-ink", "integrity-ink", "party-a", "party-b")


def tokens(theme):
    css = (CONSOLE / "static" / "tokens.css").read_text()
    block = re.search(rf'\[data-theme="{theme}"\] \{{(.*?)\}}', css, re.DOTALL)[1]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", block))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_knows_black_on_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out_from_every_ground(theme):
    have = tokens(theme)
    poor = {
        (t, g): contrast(have[t], have[g])
        for t in TEXT
        for g in GROUNDS
        if contrast(have[t], have[g]) < 4.5
    }

    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_a_filled_badge_can_be_read(theme):
    have = tokens(theme)
    poor = {
        (ink, fill): contrast(have[ink], have[fill])
        for ink, fill in ON
        if contrast(have[ink], have[fill]) < 4.5
    }

    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
def test_edges_and_shapes_stand_out_from_every_ground(theme):
    have = tokens(theme)
    poor = {
        (s, g): contrast(have[s], have[g])
        for s in SHAPES
        for g in GROUNDS
        if contrast(have[s], have[g]) < 3
    }

    assert poor == {}
