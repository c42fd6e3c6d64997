"""Structures as people type them: `name: value; name: value`, one of a list on each line.

Words in several languages are members with the language behind a dot: `text.en: …`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from parley.desk.catalogue import MOVES, fields_of

Schema = Mapping[str, Any]
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_FRACTION: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,9}")
_JSON: Final = ("{", "[")
_SHOWN: Final = ("en", "zh-Hans")


class StructureError(ValueError):
    """What was typed cannot be read; the text says what may stand there."""


def schemas_of(procedure: str, move: str) -> dict[str, Schema]:
    """Return the JSON Schema of every field of a move; empty for a move that is not declared."""
    for declared in MOVES.values():
        if (declared.procedure, declared.name) == (procedure, move):
            return {name: field.type.schema() for name, field in fields_of(declared).items()}
    return {}


def members_of(schema: Schema) -> dict[str, Schema]:
    """Return the members of a structure, or of those in a list; empty where it has none."""
    for each in _alternatives(schema):
        if "properties" in each:
            return dict(each["properties"])
        if "items" in each and (found := members_of(each["items"])):
            return found
    return {}


def names_of(members: Mapping[str, Schema]) -> list[str]:
    """Return the names of members as they are typed; of words in two languages, to show how."""
    return [
        typed
        for name, schema in members.items()
        for typed in ([f"{name}.{tag}" for tag in _SHOWN] if _is_words(schema) else [name])
    ]


def read_structure(raw: str, schema: Schema) -> Any:
    """Return what was typed: a structure, a list of structures, or the bare text.

    Raises:
        StructureError: a member is unknown, or what looks like JSON is none.
    """
    if raw.startswith(_JSON):
        try:
            return json.loads(raw)
        except ValueError as problem:
            raise StructureError(f"this is not written as a structure: {problem}") from None
    members = members_of(schema)
    lines = [line.strip() for line in raw.split("\n") if line.strip()]
    if not members or not any(_begins_member(line, members) for line in lines):
        return lines if is_list(schema) else raw
    if is_list(schema):
        return [_read_members(line.split(";"), members) for line in lines]
    return _read_members([part for line in lines for part in line.split(";")], members)


def read_line(raw: str, schema: Schema) -> Any:
    """Return what was typed in one line: a number where one is taken, a structure, or the text.

    Raises:
        StructureError: a member is unknown, or what looks like JSON is none.
    """
    members = members_of(schema)
    if (raw.startswith(_JSON) and members) or _begins_member(raw, members):
        return read_structure(raw, schema)
    return _value(raw, schema) if _takes_numbers(schema) else raw


def _takes_numbers(schema: Schema) -> bool:
    return "integer" in _kinds(schema)


def _kinds(schema: Schema) -> set[str]:
    """Return every JSON type that may stand here; a schema may name one or several."""
    named = [each.get("type") for each in _alternatives(schema)]
    lists = [one if isinstance(one, list) else [one] for one in named]
    return {str(kind) for kinds in lists for kind in kinds if kind is not None}


def write_structure(value: Any) -> str | None:
    """Return a structure as it would be typed; None where that cannot be done in one line."""
    if isinstance(value, Mapping):
        parts = [part for name, each in value.items() for part in _parts(str(name), each)]
        if all(text is not None for _, text in parts):
            return "; ".join(f"{name}: {text}" for name, text in parts)
        return None
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        lines = [write_structure(each) for each in value]
        return None if None in lines else "\n".join(line for line in lines if line is not None)
    return None


def _parts(name: str, value: Any) -> list[tuple[str, str | None]]:
    """Return a member as it is typed: in several parts where it has several languages."""
    if isinstance(value, Mapping):
        return [(f"{name}.{language}", _written(text)) for language, text in value.items()]
    return [(name, _written(value))]


def is_list(schema: Schema) -> bool:
    """Say whether a field holds several."""
    return "array" in _kinds(schema)


def takes_text(schema: Schema) -> bool:
    """Say whether a plain text may stand in the place of the structure."""
    return any(each.get("type") == "string" for each in _alternatives(schema))


def _alternatives(schema: Schema) -> Iterator[Schema]:
    yield schema
    yield from schema.get("anyOf", ())


def _begins_member(line: str, members: Mapping[str, Schema]) -> bool:
    name, colon, _ = line.partition(":")
    return bool(colon) and name.partition(".")[0].strip() in members


def _read_members(parts: list[str], members: Mapping[str, Schema]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for part in parts:
        if not part.strip():
            continue
        name, _, text = part.partition(":")
        name = name.strip()
        base, dot, language = name.partition(".")
        if dot and _is_words(members.get(base, {})):
            said = values.setdefault(base, {})
            if not language or not isinstance(said, dict) or language in said:
                raise StructureError(f"{name!r}: each language of {base!r} is written once")
            said[language] = text.strip()
            continue
        if name not in members:
            known = ", ".join(names_of(members))
            raise StructureError(f"there is no {name!r} here; write these as name: value: {known}")
        values[name] = _value(text.strip(), members[name])
    return values


def _is_words(schema: Schema) -> bool:
    """Say whether this is one text in one or more languages."""
    return schema.get("x-parley-type") == "words"


def _value(text: str, schema: Schema) -> Any:
    kinds = _kinds(schema)
    if kinds & {"integer", "number"} and _WHOLE.fullmatch(text):
        return int(text)
    if "number" in kinds and _FRACTION.fullmatch(text):
        return float(text)
    if "boolean" in kinds and text in ("yes", "no"):
        return text == "yes"
    if is_list(schema) and not members_of(schema):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _written(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        text = str(value)
        return None if ";" in text or "\n" in text else text
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return None if any("," in each or ";" in each for each in value) else ", ".join(value)
    return None
