"""Types of fields made of other types: objects with named parts, and lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from parley.core.canon import Value
from parley.desk.fields import (
    LANGUAGE,
    FieldType,
    Json,
    Names,
    Text,
    items_of,
    pair_of,
    typed,
    wrong,
)
from parley.desk.problems import Words, fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One named part of a struct.

    Attributes:
        number: its key on the wire; never used again for another meaning.
    """

    name: str
    number: int
    type: FieldType
    words: Words
    required: bool = False


@dataclass(frozen=True, slots=True)
class Struct(FieldType):
    """Several named parts; a value that is no object stands for the part named `bare`."""

    members: tuple[Member, ...]
    bare: str = ""
    kind = "struct"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return {number: value}."""
        if self.bare and not isinstance(json, Mapping):
            json = {self.bare: json}
        if not isinstance(json, Mapping):
            listed = ", ".join(member.name for member in self.members)
            raise wrong(
                where, f"an object with named parts ({listed})", f"带名称的各部分（{listed}）"
            )
        known = {member.name: member for member in self.members}
        for name in json:
            if name not in known:
                raise fault(f"{where}.{name}", "unknown", known=", ".join(known))
        parts: dict[int, Value] = {}
        for member in self.members:
            if member.name in json:
                dotted = f"{where}.{member.name}"
                parts[member.number] = member.type.read(json[member.name], dotted, names)
            elif member.required:
                raise fault(f"{where}.{member.name}", "missing")
        if not parts:
            raise fault(where, "too_short")
        return parts

    def show(self, value: Value, names: Names) -> Json:
        """Return the parts by name."""
        if not isinstance(value, Mapping) or not value:
            raise wrong("", "an object with named parts", "带名称的各部分")
        known = {member.number: member for member in self.members}
        parts: dict[str, Json] = {}
        for number, part in value.items():
            if number not in known:
                raise fault(str(number), "unknown", known=", ".join(m.name for m in self.members))
            parts[known[number].name] = known[number].type.show(part, names)
        return parts

    def schema(self) -> dict[str, Json]:
        """Return a closed object, or what stands for it."""
        closed: dict[str, Json] = {
            "type": "object",
            "minProperties": 1,
            "properties": {
                member.name: {**member.type.schema(), "title": member.words["en"]}
                for member in self.members
            },
            "required": [member.name for member in self.members if member.required],
            "additionalProperties": False,
        }
        for member in self.members:
            if member.name == self.bare:
                return typed(self.kind, anyOf=[closed, member.type.schema()])
        return typed(self.kind, **closed)


@dataclass(frozen=True, slots=True)
class ByLanguage(FieldType):
    """The same thing as texts in several languages give it."""

    item: FieldType
    kind = "by-language"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return [[language, value], ...] in the order given."""
        if not isinstance(json, Mapping):
            raise wrong(where, "a value per language", "各语言的值")
        if not 1 <= len(json) <= 8:
            raise fault(where, "too_many" if json else "too_short", found=len(json), most=8)
        pairs: list[Value] = []
        for language, value in json.items():
            if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
                named = f"{where}.{str(language)[:40]}"
                raise wrong(named, "a language code such as en or zh", "语言代码，如 en 或 zh")
            pairs.append([language, self.item.read(value, f"{where}.{language}", names)])
        return pairs

    def show(self, value: Value, names: Names) -> Json:
        """Return {language: value}."""
        found: dict[str, Json] = {}
        for pair in items_of(value):
            language, said = pair_of(pair)
            if not isinstance(language, str) or language in found:
                raise wrong("", "a value per language", "各语言的值")
            found[language] = self.item.show(said, names)
        return found

    def schema(self) -> dict[str, Json]:
        """Return an object by language."""
        return typed(
            self.kind,
            type="object",
            minProperties=1,
            maxProperties=8,
            propertyNames={"pattern": f"^(?:{LANGUAGE.pattern})$"},
            additionalProperties=self.item.schema(),
        )


def member(name: str, number: int, kind: FieldType, english: str, chinese: str) -> Member:
    """Return a part of a struct."""
    return Member(name=name, number=number, type=kind, words={"en": english, "zh": chinese})


@dataclass(frozen=True, slots=True)
class TextOfParts(Text):
    """A text that may be given in named parts: `{instrument: CUES, rule: 2.1}` is `CUES 2.1`."""

    parts: tuple[str, ...] = ()

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the text, its parts put together in their order."""
        if isinstance(json, Mapping):
            for name in json:
                if name not in self.parts:
                    raise fault(f"{where}.{name}", "unknown", known=", ".join(self.parts))
            json = " ".join(str(json[name]) for name in self.parts if name in json)
        return Text.read(self, json, where, names)

    def schema(self) -> dict[str, Json]:
        """Return a string of bounded length, or an object of its parts."""
        some = {"type": ["string", "number"]}
        properties: Json = dict.fromkeys(self.parts, some)
        parts: Json = {
            "type": "object",
            "properties": properties,
            "minProperties": 1,
            "additionalProperties": False,
        }
        plain: Json = {"type": "string", "minLength": 1, "maxLength": self.most}
        return typed(self.kind, anyOf=[plain, parts])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(FieldType):
    """Several of one type; a single one may be given without brackets where `lenient`."""

    item: FieldType
    least: int = 0
    most: int = 100
    lenient: bool = False
    kind: str = field(default="list")

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the items in order."""
        if self.lenient and not isinstance(json, list | tuple):
            json = [json]
        if isinstance(json, str) or not isinstance(json, Sequence):
            raise wrong(where, "a list", "列表")
        if len(json) > self.most:
            raise fault(where, "too_many", found=len(json), most=self.most)
        if len(json) < self.least:
            raise fault(where, "too_few", found=len(json), least=self.least)
        return [
            self.item.read(member, f"{where}[{place}]", names) for place, member in enumerate(json)
        ]

    def show(self, value: Value, names: Names) -> Json:
        """Return the items in order."""
        return [self.item.show(member, names) for member in items_of(value)]

    def schema(self) -> dict[str, Json]:
        """Return an array with its bounds."""
        items: Json = {
            "type": "array",
            "items": self.item.schema(),
            "minItems": self.least,
            "maxItems": self.most,
        }
        if self.lenient:
            return typed(self.kind, anyOf=[items, self.item.schema()])
        return typed(self.kind, **items)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings(ListOf):
    """What is repeated of an entry: `closest=120 m` each, or an object that holds such parts."""

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the readings in order; an object's parts become one each, by their path."""
        if isinstance(json, Mapping):
            json = [f"{path}={said}" for path, said in _leaves(json, "")]
        return ListOf.read(self, json, where, names)

    def schema(self) -> dict[str, Json]:
        """Return a list, one reading, or an object."""
        plain = ListOf(item=self.item, least=self.least, most=self.most, lenient=True).schema()
        return typed(self.kind, anyOf=[plain, {"type": "object"}])


def _leaves(json: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Yield each plain value in a structure with its path, such as `windows[0][1]`."""
    if isinstance(json, Mapping):
        for name, each in json.items():
            yield from _leaves(each, f"{path}.{name}" if path else str(name))
    elif isinstance(json, list | tuple):
        for place, each in enumerate(json):
            yield from _leaves(each, f"{path}[{place}]")
    else:
        yield path, ("yes" if json else "no") if isinstance(json, bool) else json
