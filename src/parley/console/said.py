"""Peers' words on our screen: never markup, every misleading character shown by its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from parley.core.texts import is_hidden

SHOWN_MAX: Final = 20_000
"""Characters of one text shown on a page; what is left is said in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of plain letters, or one hidden character given by its number."""

    text: str
    is_chip: bool = False


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


def left_over(text: str, limit: int = SHOWN_MAX) -> int:
    """Return how many characters of the text `pieces` does not show."""
    return max(0, len(text) - limit)
