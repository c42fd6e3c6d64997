"""The value of an entry's field in words, member by member as its type declares them.

Only the codes and members that a declaration names are said in the reader's language; what a person
wrote stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from parley.console import moments
from parley.console.language import Language
from parley.console.side_by_side import as_written
from parley.console.words import word
from parley.core.instants import parse_duration
from parley.desk.catalogue import PROCEDURES, fields_of
from parley.desk.fields import Choice, Duration, FieldType, Matter, Text
from parley.desk.places import WHERE, Where
from parley.desk.plain import plain
from parley.desk.structures import ListOf, Struct
from parley.desk.times import Due
from parley.station.forms import shown_value

_TIMES: Final = "(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?"
_LENGTH: Final = re.compile(f"P(?=[0-9T])([0-9]{{1,6}}W)?([0-9]{{1,6}}D)?{_TIMES}")


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
    if declared is None or not (_has_members(declared.type) or _is_length(declared.type)):
        return plain_words(str(field.shown), language)
    return _said(declared.type, field.value, language)


def fact_words(procedure: str, fact: Any, language: Language) -> str:
    """Return what the desk worked out of a case in words: codes, members, moments and lengths.

    Args:
        procedure: of the case.
        fact: a column of its register, with what stands in it.
        language: of the reader.
    """
    moves = PROCEDURES[procedure].moves if procedure in PROCEDURES else ()
    declared = next((d for d in (each.field(fact.column) for each in moves) if d is not None), None)
    if declared is not None and _has_members(declared.type):
        return _said(declared.type, fact.value, language)
    if declared is not None and isinstance(declared.type, Text | Matter):
        return plain(fact.value, language.code)
    return worked_out(fact.value, language)


def worked_out(value: Any, language: Language) -> str:
    """Return a value that the desk worked out in words."""
    return plain(as_written(_with_lengths(value, language)), language.code)


def _with_lengths(value: Any, language: Language) -> Any:
    """Return a value with each length of time in it in words, `PT4H` as `4 h`."""
    if isinstance(value, Mapping):
        return {name: _with_lengths(each, language) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_lengths(each, language) for each in value]
    return _length(value, language) if isinstance(value, str) else value


def _length(text: str, language: Language) -> str:
    if not _LENGTH.fullmatch(text):
        return text
    return moments.whole_length(parse_duration(text), language)


def plain_words(text: str, language: Language) -> str:
    """Return the value of a field as people read it: a moment as a DTG, yes and no as words."""
    if text in ("yes", "no", "none"):
        return word(language, "value", text)
    instant = moments.read_iso(text)
    return text if instant is None else moments.full(instant, language)


def _is_length(kind: FieldType) -> bool:
    return isinstance(kind, Duration | Due)


def _has_members(kind: FieldType) -> bool:
    if isinstance(kind, ListOf):
        return isinstance(kind.item, Choice) or _has_members(kind.item)
    return isinstance(kind, Struct | Where)


def _said(kind: FieldType, value: Any, language: Language) -> str:
    if isinstance(kind, Where):
        return _said(WHERE, value, language)
    if isinstance(kind, ListOf) and value and isinstance(value, list | tuple):
        return language.marks.part.join(_said(kind.item, each, language) for each in value)
    if isinstance(kind, Struct) and isinstance(value, Mapping):
        rows = [(each, value[each.name]) for each in kind.members if each.name in value]
        return language.marks.clause.join(
            f"{language.pick(each.words)}{language.marks.colon}{_said(each.type, one, language)}"
            for each, one in rows
        )
    if _is_length(kind) and isinstance(value, str):
        return plain_words(_length(value, language), language)
    if isinstance(kind, Choice) and value in kind.codes:
        return language.pick(kind.words(value))
    return plain_words(shown_value(value), language)
