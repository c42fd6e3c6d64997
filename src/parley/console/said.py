"""Peers' words on our screen: never markup, every misleading character shown by its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from parley.core.texts import is_hidden
from parley.station.haystack import fold

SHOWN_MAX: Final = 20_000
"""Characters of one text shown on a page; what is left is said in words."""

SNIPPET_MAX: Final = 200
BEFORE_FOUND: Final = 40
"""Letters shown before what was found, where that stands far in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of plain letters, or one hidden character given by its number.

    Attributes:
        is_found: it is what was searched for.
    """

    text: str
    is_chip: bool = False
    is_found: bool = False


def pieces(text: str, limit: int = SHOWN_MAX) -> list[Piece]:
    """Return the text cut at every character that could mislead a reader."""
    found: list[Piece] = []
    run: list[str] = []
    for letter in text[:limit]:
        if is_hidden(letter):
            if run:
                found.append(Piece(text="".join(run)))
                run = []
            found.append(Piece(text=f"U+{ord(letter):04X}", is_chip=True))
        else:
            run.append(letter)
    if run:
        found.append(Piece(text="".join(run)))
    return found


def snippet(text: str, words: Sequence[str], limit: int = SNIPPET_MAX) -> list[Piece]:
    """Return the part of a text where the first of some words stands, each of them marked.

    Args:
        text: of an entry, in its own language.
        words: folded as the search folds them; empty marks nothing.
        limit: most letters; what is left out is shown by an ellipsis.
    """
    folded, places = _folded(text)
    spans = [
        (places[match.start()], places[match.end() - 1] + 1)
        for word in words
        if word
        for match in re.finditer(re.escape(word), folded)
    ]
    first = min((start for start, _ in spans), default=0)
    begin = max(0, first - BEFORE_FOUND) if first > limit // 2 else 0
    end = min(len(text), begin + limit)
    found = [Piece(text="…")] if begin else []
    at = begin
    for start, stop in sorted(spans):
        if start < at or start >= end:
            continue
        found += pieces(text[at:start], limit)
        found += [replace(each, is_found=True) for each in pieces(text[start:stop], limit)]
        at = stop
    found += pieces(text[at:end], limit)
    return [*found, Piece(text="…")] if end < len(text) else found


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text as the search reads it, and for each of its letters where that stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for each in fold(letter):
            letters.append(each)
            places.append(place)
    return "".join(letters), places


def left_over(text: str, limit: int = SHOWN_MAX) -> int:
    """Return how many characters of the text `pieces` does not show."""
    return max(0, len(text) - limit)
