"""Forms drawn from the desk's declarations: which widget a field gets, and what was typed in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from starlette.datastructures import FormData

from parley.console.frame import text_of
from parley.console.structures import (
    Schema,
    StructureError,
    read_line,
    read_structure,
    write_structure,
)
from parley.desk.envelope import COMMON_FIELDS
from parley.errors import InvalidFieldsError
from parley.station.views import FieldView

_TAGGED: Final = re.compile(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*): (.+)", re.DOTALL)
_BETWEEN: Final = re.compile(r"; (?=[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*: )")
_BARE: Final[dict[str, Schema]] = {"lines": {"type": "array"}, "structure": {}}
PREFIX: Final = "f."
SEPARATE: Final = frozenset({"text", "attach", "refs", "salt", "commit"})
"""Fields with another place in the form, none yet (attachments), or that the desk fills in."""
TEXTS_MAX: Final = 4
_FIRST: Final = ("subject", "topics")
_LAST: Final = ("reason_text", "basis", "release")

_WIDGETS: Final = {
    "choice": "choice",
    "boolean": "tick",
    "windows": "windows",
    "list": "lines",
    "offices": "lines",
    "refs": "lines",
    "struct": "structure",
    "place": "structure",
    "area": "structure",
    "position": "line",
    "by-language": "structure",
}
_LONG_TEXTS: Final = frozenset({"text", "body", "note", "reason_text", "what", "narrative"})


def widget(field: Any) -> str:
    """Return how a field is drawn: choice, tick, line, lines, area, windows or structure."""
    if field.type in ("text", "words") and field.name in _LONG_TEXTS:
        return "area"
    return _WIDGETS.get(field.type, "line")


def fields_for(move: Any) -> list[Any]:
    """Return the fields of a move's form: its own, and the common ones that belong to it.

    Every opening act may name its subject and its basis; whoever gives a coded reason may say it
    in words too (envelope of the desk).
    """
    coded = any(field.name == "reason" for field in move.fields)
    given = [
        field
        for field in move.fields
        if field.name not in SEPARATE and (field.required or coded or field.name != "reason_text")
    ]
    names = {field.name for field in given}
    own = sorted(given, key=_place)
    common = (["subject"] if move.opens else []) + (["reason_text"] if "reason" in names else [])
    added = [_common(name) for name in common if name not in names]
    basis = [_common("basis")] if move.opens and "basis" not in names else []
    return (
        [field for field in added if field.name == "subject"]
        + own
        + [field for field in added if field.name != "subject"]
        + basis
    )


def _place(field: Any) -> tuple[int, int]:
    """Return where a field stands: subject and topics, what is needed, what may be given, rest."""
    if field.name in _LAST:
        return (3 if not field.required else 1, _LAST.index(field.name))
    if field.name in _FIRST:
        return 0, _FIRST.index(field.name)
    return (1 if field.required else 2), 0


def _common(name: str) -> FieldView:
    field = COMMON_FIELDS[name]
    return FieldView(
        name=name,
        number=field.number,
        type=field.type.kind,
        required=False,
        label=dict(field.words),
        help=dict(field.help or {}),
    )


def typed_value(value: Any, kind: str = "", schema: Schema | None = None) -> str:
    """Return a stored value as a person typed it, or would."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Mapping):
        if kind == "words":
            return _typed_words(value)
        return _typed_structure(value, schema)
    if isinstance(value, Sequence):
        if not value:
            return "[]"
        if all(_is_line(item) for item in value):
            return "\n".join(i if isinstance(i, str) else f"{i[0]} / {i[1]}" for i in value)
        return _typed_structure(list(value), schema)
    return json.dumps(value, ensure_ascii=False)


def _is_line(item: Any) -> bool:
    """Say whether an item is typed as one line: a text, or a beginning and an end."""
    return isinstance(item, str) or (isinstance(item, list | tuple) and len(item) == 2)


def _typed_structure(value: Any, schema: Schema | None) -> str:
    """Return `name: value` where that reads back as the same, else JSON."""
    text = write_structure(value) if schema else None
    if text and schema:
        with suppress(StructureError):
            if read_structure(text, schema) == value:
                return text
    return json.dumps(value, ensure_ascii=False)


def _typed_words(words: Mapping[str, str]) -> str:
    """Return words as they are typed: bare in one language, each with its language in several."""
    if len(words) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{lang}: {text}" for lang, text in words.items())


def _read_words(raw: str, language: str) -> dict[str, str]:
    """Return words by language; without languages they are in that of the first text."""
    parts = [_TAGGED.fullmatch(part.strip()) for part in _BETWEEN.split(raw)]
    if len(parts) > 1 and all(parts):
        return {part[1]: part[2] for part in parts if part}
    return {language: raw}


def read_fields(
    form: FormData, fields: Sequence[Any], schemas: Mapping[str, Schema] | None = None
) -> dict[str, Any]:
    """Return what was typed, by field name; what is empty is left out. The desk judges the rest.

    Args:
        form: what was posted.
        fields: the fields of the form.
        schemas: the schema of each field, for what is built of members.

    Raises:
        InvalidFieldsError: a structure is not written as one.
    """
    values: dict[str, Any] = {}
    language = text_of(form, "lang.0", "und").strip() or "und"
    problems: list[tuple[str, str]] = []
    for field in fields:
        raw = text_of(form, PREFIX + field.name).strip()
        kind = widget(field)
        if kind == "tick":
            values[field.name] = raw == "yes"
        elif not raw:
            continue
        elif field.type == "words":
            values[field.name] = _read_words(raw, language)
        elif kind == "windows":
            values[field.name] = (
                "now"
                if raw.lower() == "now"
                else [[part.strip() for part in line.split(" / ", 1)] for line in _lines(raw)]
            )
        elif kind in ("structure", "lines", "line"):
            schema = (schemas or {}).get(field.name) or _BARE.get(kind, {})
            read = read_line if kind == "line" else read_structure
            try:
                values[field.name] = read(raw, schema)
            except StructureError as problem:
                problems.append((field.name, str(problem)))
        else:
            values[field.name] = raw
    if problems:
        raise InvalidFieldsError(tuple(problems))
    return values


def read_texts(form: FormData) -> list[tuple[str, str, str]]:
    """Return language, status and text of every text that is not empty, in order."""
    texts = []
    for place in range(TEXTS_MAX):
        words = text_of(form, f"text.{place}")
        if words.strip():
            lang = text_of(form, f"lang.{place}", "und").strip() or "und"
            texts.append((lang, text_of(form, f"status.{place}", "authentic"), words))
    return texts


def _lines(raw: str) -> list[str]:
    return [line.strip() for line in raw.split("\n") if line.strip()]
