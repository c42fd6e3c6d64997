"""What was said, folded for searching and kept in memory, so that a search is one look at bytes.

Lines stand in blocks of UTF-8, and a word is looked for in whole blocks first: a million entries
are passed over in a tenth of a second, in any language and down to a single character. Whatever is
found is only a candidate: whoever asks compares it with what is shown.
"""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from parley.desk.case import Taken
from parley.desk.derived import CaseNow, Channel
from parley.desk.fields import Json
from parley.desk.registers import subject_of
from parley.errors import FieldFaultError

_BLOCK: Final = 256


def fold(text: str) -> str:
    """Return a text as it is compared: case and width do not count."""
    return unicodedata.normalize("NFKC", text).casefold()


class Haystack:
    """Lines by running number, in ascending order."""

    def __init__(self) -> None:
        self._numbers: array[int] = array("Q")
        self._blocks: list[bytes] = []
        self._open: list[bytes] = []

    def add(self, number: int, text: str) -> None:
        """Add what is said under a running number above all so far."""
        self._numbers.append(number)
        self._open.append(fold(text).replace("\n", " ").encode("utf-8", "replace"))
        if len(self._open) == _BLOCK:
            self._blocks.append(b"\n".join(self._open))
            self._open.clear()

    def holding(self, words: Sequence[str], below: int | None = None) -> Iterator[int]:
        """Yield the numbers of lines that hold every one of these folded words, newest first.

        Args:
            words: what to look for.
            below: only numbers below it; all where it is None.
        """
        wanted = [word.encode("utf-8", "replace") for word in words]
        end = len(self._numbers) if below is None else bisect_left(self._numbers, below)
        whole = len(self._blocks) * _BLOCK
        yield from self._among(self._open[: max(0, end - whole)], whole, wanted)
        for first in range((min(end, whole) - 1) // _BLOCK * _BLOCK, -1, -_BLOCK):
            block = self._blocks[first // _BLOCK]
            if all(word in block for word in wanted):
                yield from self._among(block.split(b"\n")[: end - first], first, wanted)

    def _among(self, lines: Sequence[bytes], first: int, wanted: Sequence[bytes]) -> Iterator[int]:
        for at in range(len(lines) - 1, -1, -1):
            if all(word in lines[at] for word in wanted):
                yield self._numbers[first + at]


def line_of(name: str, taken: Taken, channel: Channel, case: CaseNow | None) -> str:
    """Return everything an entry can be found by: its name, its case and subject, every field."""
    step = channel.step(taken)
    parts = [name]
    if case is not None:
        parts += [case.number, *_words(subject_of(case))]
    for field in taken.read.values if taken.read is not None else ():
        try:
            parts += _words(step.json(field))
        except FieldFaultError:
            continue  # what cannot be shown is not found either
    return " ".join(parts)


def _words(value: Json) -> list[str]:
    """Return every text in a shown value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [word for member in value.values() for word in _words(member)]
    if isinstance(value, Sequence):
        return [word for member in value for word in _words(member)]
    return []
