"""What a sentence of an agreement fixes: dates, times, places, quantities, articles, numbers.

Extraction reads English and Chinese; it never raises, and of every sign takes at most one meaning:
readers run from the most particular to the plain number, and what one has read is closed to the
next. A bare one is not taken: `one` and 一 stand in too many other words, in either language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from parley.desk.numerals import narrow
from parley.desk.wording import Found, Reader, Readers
from parley.desk.wording_en import READERS as ENGLISH
from parley.desk.wording_zh import READERS as CHINESE

_LANGUAGES: Final[Mapping[str, Readers]] = {"en": ENGLISH, "zh": CHINESE}
_CLOSED: Final = "\x00"
_CHARACTERS_MAX: Final = 200_000


def readers_for(language: str) -> Readers | None:
    """Return the readers of a language by its BCP 47 code, None where there are none."""
    return _LANGUAGES.get(language.partition("-")[0].lower())


@lru_cache(maxsize=4096)
def extract(text: str, language: str) -> tuple[Found, ...]:
    """Return what a text says, in the order of the text; nothing in a language not read here."""
    readers = readers_for(language)
    if readers is None:
        return ()
    left = narrow(text[:_CHARACTERS_MAX])
    found: list[Found] = []
    for one in readers:
        left = _read(one, left, text, found)
    return tuple(sorted(found, key=lambda said: said.at))


def _read(one: Reader, left: str, text: str, found: list[Found]) -> str:
    """Take what a reader finds; return the text with that closed."""
    closed: list[tuple[int, int]] = []
    for match in one.pattern.finditer(left):
        said = one.read(match)
        if not said:
            continue
        start, end = match.span()
        closed.append((start, end))
        written = text[start:end].strip()
        found += [Found(kind, value, written, start) for kind, value in said if kind]
    parts: list[str] = []
    at = 0
    for start, end in closed:
        parts += [left[at:start], _CLOSED * (end - start)]
        at = end
    return "".join((*parts, left[at:]))
