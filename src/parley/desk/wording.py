"""What the readers of a wording are made of: patterns, and what a match of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a text says.

    Attributes:
        kind: `date`, `time`, `distance`, `number` and so on.
        value: normal form, the same whatever the language.
        written: as it stands in the text.
        at: where, in characters from its beginning.
    """

    kind: str
    value: str
    written: str
    at: int


Values: TypeAlias = "Sequence[tuple[str, str]]"
"""(kind, value) pairs that one match says; a range of dates says two."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One pattern and what a match of it means; nothing where it means nothing after all."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Values]


Readers: TypeAlias = "tuple[Reader, ...]"


def reader(pattern: str, read: Callable[[re.Match[str]], Values], flags: int = 0) -> Reader:
    """Return a reader of that pattern.

    White space between its parts is at most four signs, and a list in it has at most twenty-one
    parts: a text of blanks, or of one word a thousand times, must not keep a station busy.
    """
    bounded = pattern.replace(r"\s*", r"\s{0,4}").replace(r"\s+", r"\s{1,4}")
    return Reader(re.compile(bounded, flags), read)


def skip(match: re.Match[str]) -> Values:
    """Close the match without a meaning: a word that only looks like a number."""
    del match
    return (("", ""),)
