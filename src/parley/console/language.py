"""The words of the console in each language: gettext catalogues read once, at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from babel.messages.pofile import read_po

LANGUAGES: Final = {"en": "English", "zh": "中文"}
"""Languages of the interface, each named in itself."""

HTML_LANG: Final = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a language writes between parts of a text, and between a name and its value."""

    member: str
    clause: str
    part: str
    colon: str


_LATIN: Final = Marks(member=", ", clause=", ", part="; ", colon=": ")
_MARKS: Final = {"zh": Marks(member="、", clause="，", part="；", colon="：")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language of the interface.

    Attributes:
        code: `en` or `zh`.
        sentences: English sentence to the sentence in this language; empty for English.
    """

    code: str
    sentences: Mapping[str, str]

    @property
    def marks(self) -> Marks:
        """Return what stands between the parts of a text in this language."""
        return _MARKS.get(self.code, _LATIN)

    def say(self, sentence: str, /, **facts: object) -> str:
        """Return the sentence in this language with its facts put in.

        The pattern is ours; facts may be a peer's words and are never taken as a pattern.
        """
        pattern = self.sentences.get(sentence) or sentence
        return pattern.format(**facts) if facts else pattern

    def say_count(self, one: str, many: str, n: int, /, **facts: object) -> str:
        """Return the sentence for `n` things; Chinese has one form for every number."""
        pattern = one if n == 1 else many
        if self.code != "en":
            pattern = self.sentences.get(one) or pattern
        return pattern.format(n=n, **facts)

    def pick(self, words: Any) -> str:
        """Return the text for this language out of `{"en": .., "zh": ..}`; a plain text as it is.

        Declarations of the desk carry their words so (Any: they may lack a language).
        """
        if isinstance(words, Mapping):
            near = (each for tag, each in words.items() if str(tag).partition("-")[0] == self.code)
            chosen = words.get(self.code) or next(near, "") or words.get("en")
            return str(chosen or next(iter(words.values()), ""))
        return "" if words is None else str(words)


@cache
def language(code: str) -> Language:
    """Return the language with this code; English for a code we do not have."""
    if code not in LANGUAGES or code == "en":
        return Language(code="en", sentences={})
    return Language(code=code, sentences=read_sentences(code))


def read_sentences(name: str, code: str = "") -> dict[str, str]:
    """Return what a catalogue holds: key to sentence; plurals by the singular.

    Args:
        name: of the file: `zh` for the screens, `refusals_zh` for what is refused.
        code: its language, where the name is not that.
    """
    path = resources.files("parley.console").joinpath(f"texts/{name}.po")
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code or name)
    sentences: dict[str, str] = {}
    for message in catalogue:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        text = message.string[0] if isinstance(message.string, tuple | list) else message.string
        if text:
            sentences[key] = text
    return sentences
