"""What the station refuses, and what to do next, in the language of the screen.

An error is written in English where it is raised, with facts in between. Here its sentence is
known again by its pattern and said in another language; what the desk refuses comes in every
language already. A sentence that is not known stays as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from parley.console.labels import Labels
from parley.console.language import Language, read_sentences
from parley.console.words import FAMILIES, word
from parley.desk.problems import SENTENCES
from parley.errors import InvalidFieldsError, MoveNotPermittedError, ParleyError

READ_MAX: Final = 600
"""Longest sentence that is compared with the patterns; a longer one is no sentence of ours."""

_WHOLE: Final = frozenset(
    {"away", "fault", "origins", "problem", "reason", "said"}
    | {"stopped", "what", "where", "why", "wrong"}
)
"""Facts that are sentences or names of things themselves."""
_CODES: Final[Mapping[str, str]] = {
    "able": "role",
    "level": "level",
    "levels": "level",
    "mark": "mark",
    "method": "method",
    "methods": "method",
    "roles": "role",
    "roles_here": "role",
    "standing": "standing",
    "standings": "standing",
    "state": "draft",
}
"""Facts that are codes, and the family of words that names them."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_PARTED: Final = re.compile(r"(, | or )")
_BETWEEN: Final = {", ": "、", " or ": "或"}
_COMMAND: Final = "parley "
"""What is typed is shown as it is typed, at the beginning of a sentence too."""
_ENDS: Final = ("。", "！", "？", ".", "!", "?", ":", "：")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A text and the language it is in.

    Attributes:
        lang: BCP 47 tag, empty for the language of the page.
    """

    text: str
    lang: str = ""


class Refusals:
    """Says errors in a language; `labels` names moves and fields."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def what(self, language: Language, problem: ParleyError) -> Told:
        """Return what was wrong, as a whole sentence."""
        if isinstance(problem, InvalidFieldsError):
            marks, rows = language.marks, self.fields(language, problem)
            text = marks.part.join(
                f"{self._field(language, field)}{marks.colon}{said}" if field else said
                for field, said in rows
            )
            return _ended(language, text.replace("。；", "；"))
        own = problem.said.get(language.code)
        return _ended(language, own or refusal_text(language, str(problem)))

    def fields(self, language: Language, problem: InvalidFieldsError) -> list[tuple[str, str]]:
        """Return what is wrong with which field, the field by its code."""
        spoken = [each.get(language.code) for each in problem.told] or [None] * len(
            problem.problems
        )
        return [
            (field, own or refusal_text(language, said))
            for (field, said), own in zip(problem.problems, spoken, strict=True)
        ]

    def next_step(self, language: Language, problem: ParleyError) -> Told:
        """Return what can be done now; empty when there is nothing."""
        if isinstance(problem, MoveNotPermittedError) and problem.permitted:
            names = [language.pick(self._labels.move("", each)) for each in problem.permitted]
            sentence = "Permitted now: {permitted}."
            if language.code != "en":
                sentence = _catalogue(language.code)[sentence]
            return _ended(language, sentence.format(permitted=language.marks.member.join(names)))
        return _ended(language, refusal_text(language, problem.next_step))

    def _field(self, language: Language, field: str) -> str:
        label = self._labels.field(field)
        return language.pick(label) if label else refusal_text(language, field)


def refusal_text(language: Language, text: str) -> str:
    """Return a sentence that the station told in English in the language of the screen."""
    if language.code == "en" or not text or len(text) > READ_MAX:
        return text
    for pattern, sentence in _patterns(language.code):
        if match := pattern.fullmatch(text):
            names = _PLACE.findall(sentence[0])
            facts = dict(zip(names, match.groups(), strict=True))
            said = {name: _fact(language, name, value) for name, value in facts.items()}
            return sentence[1].format(**said)
    return language.sentences.get(text) or text


def _fact(language: Language, name: str, value: str) -> str:
    """Return a fact as the language writes it: codes by their words, lists by its marks."""
    if name in _WHOLE:
        return refusal_text(language, value)
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return f"“{value[1:-1]}”"
    parts = _PARTED.split(value)
    if name in _CODES:
        family = FAMILIES[_CODES[name]]
        if all(part.replace("_", "-") in family for part in parts[::2]):
            parts[::2] = [word(language, _CODES[name], part) for part in parts[::2]]
    elif " " in "".join(parts[::2]):
        return value
    return "".join(_BETWEEN.get(part, part) for part in parts)


def _ended(language: Language, text: str) -> Told:
    """Return a sentence that begins and ends as one; what stayed English is marked so."""
    if not text:
        return Told(text="")
    is_ours = language.code == "en" or any("\u4e00" <= letter <= "\u9fff" for letter in text)
    stop = "。" if language.code != "en" and is_ours else "."
    whole = text if text.startswith(_COMMAND) else text[:1].upper() + text[1:]
    return Told(text=whole if whole.endswith(_ENDS) else whole + stop, lang="" if is_ours else "en")


@cache
def _catalogue(code: str) -> Mapping[str, str]:
    return read_sentences(f"refusals_{code}", code)


@cache
def _patterns(code: str) -> list[tuple[re.Pattern[str], tuple[str, str]]]:
    """Return every pattern, those that say most first."""
    pairs = [*_catalogue(code).items(), *SENTENCES.values()]
    pairs.sort(key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return [(_compiled(english), (english, other)) for english, other in pairs]


def _compiled(sentence: str) -> re.Pattern[str]:
    parts = _PLACE.split(sentence)
    shown = (re.escape(part.replace("{{", "{").replace("}}", "}")) for part in parts[::2])
    return re.compile("(.*?)".join(shown), re.DOTALL)
