"""Brackets of a negotiated text where they stand, and how many each party holds open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of the text; in brackets where a party has put them round it.

    Attributes:
        bracket: its `by`, `id` and `alternatives`; None for words that nobody brackets.
    """

    text: str
    bracket: Mapping[str, Any] | None = None


def in_place(text: str, brackets: Iterable[Mapping[str, Any]], language: str) -> list[Run]:
    """Return a text cut at its brackets.

    A bracket stands where its words first occur, as the desk replaces them. One that overlaps with
    an earlier one is not cut again: both are listed below the text.
    """
    found = []
    for bracket in brackets:
        words = bracket["words"].get(language, "")
        at = text.find(words) if words else -1
        if at >= 0:
            found.append((at, at + len(words), bracket))
    runs: list[Run] = []
    done = 0
    for start, end, bracket in sorted(found, key=lambda each: each[:2]):
        if start < done:
            continue
        if start > done:
            runs.append(Run(text=text[done:start]))
        runs.append(Run(text=text[start:end], bracket=bracket))
        done = end
    if done < len(text):
        runs.append(Run(text=text[done:]))
    return runs


def open_brackets(passages: Iterable[Any]) -> list[tuple[str, int]]:
    """Return how many brackets of each party are open, by its code."""
    counts = Counter(bracket["by"] for passage in passages for bracket in passage.brackets)
    return sorted(counts.items())
