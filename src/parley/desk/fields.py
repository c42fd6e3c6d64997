"""Types of the fields of a move: the plain ones; `structures` has those made of others.

A type turns what a person, form or file gives (JSON) into what travels (`Value`) and back. What
travels is the shortest form that keeps what was written. For every accepted value
`read(show(value)) == value`: the reader of a peer's entry relies on that to refuse other forms.
"""

# ruff: noqa: ARG002 - one signature for all types; only references look at the names.
from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from parley.core.canon import Value
from parley.core.instants import iso_duration, parse_duration
from parley.core.texts import misleading
from parley.desk.as_typed import DIGITS, QUALIFIED, YES_NO, counted, number, yes_or_no
from parley.desk.problems import Words, fault
from parley.errors import FieldFaultError, UsageError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_OFFICE = re.compile(r"[A-Z0-9-]{1,16}/[A-Z0-9-]{1,16}")
_PARTY = re.compile(r"[A-Z0-9-]{1,16}")
_NAMED = re.compile(
    r"[A-Za-z0-9-]{1,24}/[A-Z0-9-]{1,16}/(\d{1,6}\.)?\d{1,16}"
    r"|([A-Za-z0-9-]{1,24}/)?[A-Z]{3}-[A-Z0-9-]{1,16}-(\d{1,6}\.)?\d{1,16}"
)
YEAR_SECONDS = 366 * 86_400
UNDETERMINED = "und"
"""BCP 47 for a text whose language nobody named."""


def is_entry_name(text: str) -> bool:
    """Say whether a text has the form of an entry's name or a case number."""
    return _NAMED.fullmatch(text) is not None


class Names(ABC):
    """What a type must know of the record: how places are named."""

    @abstractmethod
    def ref_value(self, name: Json, where: str) -> Value:
        """Return the wire form of a reference given by name; raises FieldFaultError."""

    @abstractmethod
    def ref_name(self, value: Value) -> Json:
        """Return the name of a reference; raises FieldFaultError for another form."""


class FieldType(ABC):
    """One type of field."""

    kind: str

    @abstractmethod
    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return what travels for `json`.

        Raises:
            FieldFaultError: it does not fit; `where` is the dotted name of the field.
        """

    @abstractmethod
    def show(self, value: Value, names: Names) -> Json:
        """Return the JSON form of a wire value.

        Raises:
            FieldFaultError: the value has not the form of this type.
        """

    @abstractmethod
    def schema(self) -> dict[str, Json]:
        """Return the JSON Schema (2020-12) of the JSON form."""


def wrong(where: str, english: str, chinese: str) -> FieldFaultError:
    """Return the fault of a value that is not what was wanted."""
    return fault(where, "wrong_form", wanted=(english, chinese))


def check_text(text: Json, where: str, most: int) -> str:
    """Return `text` if it is one, is not empty, fits and hides nothing.

    Raises:
        FieldFaultError: it is not.
    """
    if not isinstance(text, str):
        raise wrong(where, "a text", "文字")
    if not text.strip():
        raise fault(where, "too_short")
    if len(text) > most:
        raise fault(where, "too_long", found=len(text), unit=("characters", "字"), most=most)
    for place, name in misleading(text):
        raise fault(where, "hidden_characters", found=name, place=place)
    return text


def read_integer(json: object, where: str, least: int, most: int) -> int:
    """Return a whole number within bounds; raises FieldFaultError."""
    if type(json) is not int:
        raise wrong(where, "a whole number", "整数")
    if not least <= json <= most:
        raise fault(where, "out_of_range", found=json, least=least, most=most)
    return json


@dataclass(frozen=True, slots=True)
class Text(FieldType):
    """Words in one language or none: a serial, a radio channel, a place name."""

    most: int = 200
    kind = "text"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the text as it stands."""
        return check_text(json, where, self.most)

    def show(self, value: Value, names: Names) -> Json:
        """Return the text."""
        return check_text(value if isinstance(value, str) else None, "", self.most)

    def schema(self) -> dict[str, Json]:
        """Return a string of bounded length."""
        return typed(self.kind, type="string", minLength=1, maxLength=self.most)


@dataclass(frozen=True, slots=True)
class Pattern(FieldType):
    """A text of one strict form."""

    kind: str
    pattern: re.Pattern[str]
    wanted: tuple[str, str]

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the text if it has the form."""
        if not isinstance(json, str) or not self.pattern.fullmatch(json):
            raise wrong(where, *self.wanted)
        return json

    def show(self, value: Value, names: Names) -> Json:
        """Return the text."""
        return _text(self.read(value if isinstance(value, str) else None, "", names))

    def schema(self) -> dict[str, Json]:
        """Return a string with its pattern."""
        return typed(self.kind, type="string", pattern=f"^(?:{self.pattern.pattern})$")


def code() -> Pattern:
    """Return the type of an open code: small letters, digits, hyphen."""
    return Pattern("code", _CODE, ("a code such as live-fire", "代码，如 live-fire"))


_DIGEST = re.compile("[0-9a-f]{64}")


def sha256_hex() -> Pattern:
    """Return the type of a SHA-256 digest in hex."""
    return Pattern("digest", _DIGEST, ("64 hex digits", "64位十六进制"))


def office() -> Pattern:
    """Return the type of a desk or office, `BRAVO/OPS`."""
    return Pattern("office", _OFFICE, ("an office such as BRAVO/OPS", "席位，如 BRAVO/OPS"))


def party_or(word: str) -> Pattern:
    """Return the type of a party's code, one of its offices, or a word that stands for all."""
    form = re.compile(f"{word}|{_PARTY.pattern}|{_OFFICE.pattern}")
    wanted = (f"a party's code such as BRAVO, or {word}", f"一方代码（如 BRAVO）或 {word}")
    return Pattern("party", form, wanted)


def party() -> Pattern:
    """Return the type of a party's code."""
    return Pattern("party", _PARTY, ("a party's code such as BRAVO", "一方代码，如 BRAVO"))


@dataclass(frozen=True, slots=True)
class WordsType(FieldType):
    """One text in one or more languages; the first governs."""

    most: int = 200
    kind = "words"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return [[language, text], ...] in the order given."""
        if isinstance(json, str):
            json = {UNDETERMINED: json}
        if not isinstance(json, Mapping):
            raise wrong(where, 'a text per language, {"en": "..."}', '各语言文本，如 {"zh": "…"}')
        if not 1 <= len(json) <= 8:
            raise fault(where, "too_many" if json else "too_short", found=len(json), most=8)
        pairs: list[Value] = []
        for language, text in json.items():
            if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
                named = f"{where}.{str(language)[:40]}"
                raise wrong(named, "a language code such as en or zh", "语言代码，如 en 或 zh")
            pairs.append([language, check_text(text, f"{where}.{language}", self.most)])
        return pairs

    def show(self, value: Value, names: Names) -> Json:
        """Return {language: text}."""
        words: dict[str, Json] = {}
        for pair in items_of(value):
            language, text = pair_of(pair)
            if not isinstance(language, str) or not isinstance(text, str) or language in words:
                raise wrong("", "a text per language", "各语言文本")
            words[language] = text
        return words

    def schema(self) -> dict[str, Json]:
        """Return an object of strings by language, or one string."""
        text: Json = {"type": "string", "minLength": 1, "maxLength": self.most}
        return typed(
            self.kind,
            anyOf=[
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 8,
                    "propertyNames": {"pattern": f"^(?:{LANGUAGE.pattern})$"},
                    "additionalProperties": text,
                },
                text,
            ],
        )


@dataclass(frozen=True, slots=True)
class Choice(FieldType):
    """One of a fixed list; its position in the list travels, so the list only grows at its end.

    Attributes:
        choices: code, English words, Chinese words.
        also: other words that people write for a choice, and its code.
    """

    choices: tuple[tuple[str, str, str], ...]
    also: tuple[tuple[str, str], ...] = ()
    kind = "choice"

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in order."""
        return tuple(choice[0] for choice in self.choices)

    def words(self, chosen: str) -> Words:
        """Return the words of one choice."""
        for choice, english, chinese in self.choices:
            if choice == chosen:
                return {"en": english, "zh": chinese}
        return {"en": chosen, "zh": chosen}

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the position of the choice, given by its code or as it reads on screen."""
        if isinstance(json, str) and json in self.codes:
            return self.codes.index(json)
        wanted = _spelled(json) if isinstance(json, str) else ""
        wanted = dict(self.also).get(wanted, wanted)
        spelled = [[_spelled(each) for each in choice] for choice in self.choices]
        meant = [place for place, each in enumerate(spelled) if wanted in each]
        if len(meant) != 1:
            raise fault(where, "unknown_choice", found=json, choices=", ".join(self.codes))
        return meant[0]

    def show(self, value: Value, names: Names) -> Json:
        """Return the code of the choice."""
        if type(value) is not int or not 0 <= value < len(self.choices):
            raise fault("", "unknown_choice", found=value, choices=", ".join(self.codes))
        return self.codes[value]

    def schema(self) -> dict[str, Json]:
        """Return the codes as an enumeration, words beside them."""
        return typed(
            self.kind,
            enum=list(self.codes),
            **{"x-parley-words": {c: {"en": e, "zh": z} for c, e, z in self.choices}},
        )


def _spelled(text: str) -> str:
    """Return a choice without what people write in several ways: case, spaces, hyphens."""
    return text.strip().lower().replace(" ", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class Boolean(FieldType):
    """Yes or no."""

    kind = "boolean"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return it, given as such or as the word that was typed."""
        said = yes_or_no(json)
        if not isinstance(said, bool):
            raise wrong(where, "yes or no", "是或否")
        return said

    def show(self, value: Value, names: Names) -> Json:
        """Return it."""
        return _boolean(self.read(value if isinstance(value, bool) else None, "", names))

    def schema(self) -> dict[str, Json]:
        """Return a boolean, or a word for it."""
        return typed(self.kind, anyOf=[{"type": "boolean"}, {"enum": list(YES_NO)}])


@dataclass(frozen=True, slots=True)
class Integer(FieldType):
    """A whole number within bounds."""

    least: int = 0
    most: int = 2**53 - 1
    kind = "integer"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return it, given as a number or as its digits."""
        return read_integer(number(json), where, self.least, self.most)

    def show(self, value: Value, names: Names) -> Json:
        """Return it."""
        return read_integer(value if type(value) is int else None, "", self.least, self.most)

    def schema(self) -> dict[str, Json]:
        """Return an integer with its bounds, or its digits."""
        bounds: dict[str, Json] = {"minimum": self.least, "maximum": self.most}
        return typed(self.kind, type=["integer", "string"], pattern=f"^{DIGITS}$", **bounds)


_QUALIFIERS = ("exact", "at_least", "at_most", "about")


@dataclass(frozen=True, slots=True)
class Count(FieldType):
    """How many: exact, at least, at most, about, or not known. Blank is not zero."""

    most: int = 10_000_000
    kind = "count"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return n, [qualifier, n], or None for `unknown`."""
        if json == "unknown":
            return None
        said = counted(json)
        if isinstance(said, Mapping) and len(said) == 1:
            qualifier, many = next(iter(said.items()))
            if qualifier in _QUALIFIERS[1:]:
                return [_QUALIFIERS.index(qualifier), read_integer(many, where, 0, self.most)]
        if isinstance(said, Mapping):
            raise wrong(where, 'a count, 3 or {"at_least": 13}', '数量，如 3 或 {"at_least": 13}')
        return read_integer(said, where, 0, self.most)

    def show(self, value: Value, names: Names) -> Json:
        """Return the count as it was said."""
        if value is None:
            return "unknown"
        if type(value) is int:
            return read_integer(value, "", 0, self.most)
        qualifier, number = pair_of(value)
        if type(qualifier) is not int or not 1 <= qualifier < len(_QUALIFIERS):
            raise wrong("", "a count", "数量")
        counted = number if type(number) is int else None
        return {_QUALIFIERS[qualifier]: read_integer(counted, "", 0, self.most)}

    def schema(self) -> dict[str, Json]:
        """Return an integer, a qualified one, or `unknown`; also as it is typed."""
        number: Json = {"type": "integer", "minimum": 0, "maximum": self.most}
        return typed(
            self.kind,
            anyOf=[
                number,
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "properties": dict.fromkeys(_QUALIFIERS[1:], number),
                    "additionalProperties": False,
                },
                {"const": "unknown"},
                {"type": "string", "pattern": f"^({DIGITS}|{QUALIFIED})$"},
            ],
        )


@dataclass(frozen=True, slots=True)
class Duration(FieldType):
    """A length of time in seconds."""

    least: int = 1
    most: int = YEAR_SECONDS
    kind = "duration"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return seconds."""
        if isinstance(json, str):
            try:
                json = parse_duration(json)
            except UsageError:
                wanted = ("a duration such as PT4H, P3D or 90s", "时长，如 PT4H、P3D 或 90s")
                raise wrong(where, *wanted) from None
        return read_integer(json, where, self.least, self.most)

    def show(self, value: Value, names: Names) -> Json:
        """Return ISO 8601."""
        seconds = value if type(value) is int else None
        return iso_duration(read_integer(seconds, "", self.least, self.most))

    def schema(self) -> dict[str, Json]:
        """Return ISO 8601 text or seconds."""
        return typed(
            self.kind,
            anyOf=[
                {"type": "string", "pattern": "^(P[0-9TYMWDHS]+|[0-9]+(s|m|min|h|d|w))$"},
                {"type": "integer", "minimum": self.least, "maximum": self.most},
            ],
        )


@dataclass(frozen=True, slots=True)
class Ref(FieldType):
    """Another entry, by name or case number."""

    kind = "ref"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the wire form of the place."""
        return names.ref_value(json, where)

    def show(self, value: Value, names: Names) -> Json:
        """Return the entry's name."""
        return names.ref_name(value)

    def schema(self) -> dict[str, Json]:
        """Return a string."""
        return typed(self.kind, type="string", minLength=3, maxLength=80)


@dataclass(frozen=True, slots=True)
class Matter(FieldType):
    """What something is about: another entry by its name, or a topic or act in a short text."""

    most: int = 120
    kind = "matter"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return a reference where the text is an entry's name, else the text as it stands."""
        if isinstance(json, str) and not is_entry_name(json):
            return check_text(json, where, self.most)
        return names.ref_value(json, where)

    def show(self, value: Value, names: Names) -> Json:
        """Return the entry's name, or the text."""
        if isinstance(value, str):
            return check_text(value, "", self.most)
        return names.ref_name(value)

    def schema(self) -> dict[str, Json]:
        """Return a string."""
        return typed(self.kind, type="string", minLength=1, maxLength=max(self.most, 80))


def typed(kind: str, **parts: Json) -> dict[str, Json]:
    """Return a JSON Schema that says which type of Parley's it is of."""
    return {**parts, "x-parley-type": kind}


def items_of(value: Value) -> Sequence[Value]:
    """Return the items of a list; raises FieldFaultError for anything else."""
    if not isinstance(value, list | tuple):
        raise wrong("", "a list", "列表")
    return value


def pair_of(value: Value) -> tuple[Value, Value]:
    """Return the two items of a pair; raises FieldFaultError for anything else."""
    pair = items_of(value)
    if len(pair) != 2:
        raise wrong("", "a pair", "一对值")
    return pair[0], pair[1]


def _text(value: Value) -> str:
    assert isinstance(value, str)
    return value


def _boolean(value: Value) -> bool:
    assert isinstance(value, bool)
    return value
