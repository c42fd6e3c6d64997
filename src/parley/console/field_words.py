"""The value of an entry's field in words, member by member as its type declares them.

Only the codes and members that a declaration names are said in the reader's language; what a person
wrote stays as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parley.console import moments
from parley.console.language import Language
from parley.console.words import word
from parley.desk.catalogue import PROCEDURES, fields_of
from parley.desk.fields import Choice, FieldType
from parley.desk.places import WHERE, Where
from parley.desk.structures import ListOf, Struct
from parley.station.forms import shown_value


def field_words(procedure: str, move: str, field: Any, language: Language) -> str:
    """Return the value of a field in words.

    Args:
        procedure: of the entry; one that is not declared here has no words but the value's.
        move: of the entry, likewise.
        field: its name, its value by the codes of its declaration, and how that is shown plainly.
        language: of the reader.
    """
    moves = PROCEDURES[procedure].moves if procedure in PROCEDURES else ()
    declared = next((fields_of(each).get(field.name) for each in moves if each.name == move), None)
    if declared is None or not _has_members(declared.type):
        return plain_words(str(field.shown), language)
    return _said(declared.type, field.value, language)


def plain_words(text: str, language: Language) -> str:
    """Return the value of a field as people read it: a moment as a DTG, yes and no as words."""
    if text in ("yes", "no", "none"):
        return word(language, "value", text)
    instant = moments.read_iso(text)
    return text if instant is None else moments.full(instant, language)


def _has_members(kind: FieldType) -> bool:
    if isinstance(kind, ListOf):
        return isinstance(kind.item, Choice) or _has_members(kind.item)
    return isinstance(kind, Struct | Where)


def _said(kind: FieldType, value: Any, language: Language) -> str:
    if isinstance(kind, Where):
        return _said(WHERE, value, language)
    if isinstance(kind, ListOf) and value and isinstance(value, list | tuple):
        return "; ".join(_said(kind.item, each, language) for each in value)
    if isinstance(kind, Struct) and isinstance(value, Mapping):
        return ", ".join(
            f"{language.pick(member.words)}: {_said(member.type, value[member.name], language)}"
            for member in kind.members
            if member.name in value
        )
    if isinstance(kind, Choice) and value in kind.codes:
        return language.pick(kind.words(value))
    return plain_words(shown_value(value), language)
