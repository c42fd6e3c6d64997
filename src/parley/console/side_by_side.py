"""Accounts, read-backs and languages side by side: a column for each, the difference last.

Nothing is coloured as right, and what one side does not say stays empty with the word for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from parley.console import moments
from parley.console.language import Language
from parley.console.words import FAMILIES, word
from parley.core.instants import parse_instant
from parley.desk.catalogue import PROCEDURES, fields_of
from parley.desk.fields import Choice, FieldType
from parley.desk.places import WHERE, Where
from parley.desk.plain import plain
from parley.desk.structures import ByLanguage, ListOf, Struct

READ_BACK: Final = "read_back"
_ITEM: Final = frozenset({"kind", "by", "about", "not", "count", "when"})
"""Parts of an item of a readout."""
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One row: what is compared, what each column says of it, and how they differ.

    Attributes:
        cells: by the code of the column; None where that column says nothing.
        apart: how much they differ, in words; empty where that is no amount.
        ours: field of the form in which we can state our own value; empty where none is.
    """

    what: str
    status: str
    cells: Mapping[str, str | None]
    apart: str
    ours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows with the same columns.

    Attributes:
        kind: accounts, read-back or languages.
        agreeing: what the languages of a text agree in, by name; of accounts every row is shown.
    """

    kind: str
    columns: Sequence[str]
    rows: Sequence[Compared]
    agreeing: Sequence[str]


def tables(case: Any, language: Language) -> list[Table]:
    """Return the comparison of a case as tables: accounts, each read-back, languages."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in case.comparison:
        groups.setdefault(_group(row), []).append(row)
    return [
        _table(case.procedure, kind, rows, language)
        for (kind, _), rows in sorted(groups.items(), key=lambda item: _KINDS.index(item[0][0]))
    ]


_KINDS: Final = ("accounts", "read-back", "languages")


def _group(row: Any) -> tuple[str, str]:
    if row.field.startswith(READ_BACK):
        return "read-back", row.field.split(".")[1]
    return ("languages" if _is_of_text(row.field) else "accounts"), ""


def _is_of_text(field: str) -> bool:
    """Say whether a row is about the languages of a text: `3.speeds`, and not `speeds` alone."""
    where, _, what = field.rpartition(".")
    return bool(where) and what in FAMILIES["compared"]


def _table(procedure: str, kind: str, rows: list[Any], language: Language) -> Table:
    columns = list(dict.fromkeys(code for row in rows for code in row.values))
    known = _words_of(procedure)
    named_alone = [row for row in rows if kind == "languages" and row.status == "agree"]
    return Table(
        kind=kind,
        columns=columns,
        rows=[
            Compared(
                what=part_name(procedure, row.field, language),
                status=row.status,
                cells={
                    code: _cell(row, code, known, language) if code in row.values else None
                    for code in columns
                },
                apart=_apart(row.by, known, language),
                ours=_field_of(row) if kind == "accounts" else "",
            )
            for row in rows
            if row not in named_alone
        ],
        agreeing=[part_name(procedure, row.field, language) for row in named_alone],
    )


def part_name(procedure: str, field: str, language: Language) -> str:
    """Return what a row is about, in the words of the declaration: `units · BRAVO · kind`."""
    if _is_of_text(field):
        where, _, what = field.rpartition(".")
        return f"{where} {word(language, 'compared', what)}".strip()
    parts = field.split(".")
    if parts[0] == READ_BACK:
        parts = parts[2:]
    known = _words_of(procedure)
    return " · ".join(
        language.pick(known[part]) if part in known else word(language, "compared-part", part)
        for part in parts
    )


@cache
def _words_of(procedure: str) -> Mapping[str, Mapping[str, str]]:
    """Return the words of every field, member and choice of a procedure, by its code."""
    found: dict[str, Mapping[str, str]] = {}
    if procedure in PROCEDURES:
        fields = [f for move in PROCEDURES[procedure].moves for f in fields_of(move).values()]
        for field in fields:
            found.setdefault(field.name, field.words)
        for field in fields:
            for code, words in _inner(field.type):
                found.setdefault(code, words)
    return found


def _inner(kind: FieldType) -> Iterator[tuple[str, Mapping[str, str]]]:
    if isinstance(kind, Choice):
        yield from ((code, kind.words(code)) for code in kind.codes)
    elif isinstance(kind, Struct):
        for member in kind.members:
            yield member.name, member.words
            yield from _inner(member.type)
    elif isinstance(kind, Where):
        yield from _inner(WHERE)
    elif isinstance(kind, ListOf | ByLanguage):
        yield from _inner(kind.item)


def _cell(row: Any, code: str, known: Mapping[str, Any], language: Language) -> str:
    value = row.values[code]
    # `phases.approach`: the value is the code that the row is about, and not anybody's words.
    if isinstance(value, str) and value == row.field.rpartition(".")[2]:
        return language.pick(known.get(value, value))
    if row.field.startswith("marked.") and isinstance(value, str):
        return language.pick(known.get(value, value))
    # Metres lie between two positions: what else is said of the place stands on the map.
    if isinstance(value, Mapping) and "position" in value and _is_of_positions(row):
        value = value["position"]
    return _said(value, known, language)


def _is_of_positions(row: Any) -> bool:
    held = all(isinstance(one, Mapping) and "position" in one for one in row.values.values())
    return held and (row.by is None or "metres" in row.by)


def as_written(value: Any) -> Any:
    """Return a value with what a program made of a measure, a position or a time left out."""
    if isinstance(value, Mapping):
        written = value.get("as_written", value.get("written"))
        if isinstance(written, str):
            return written
        return {name: as_written(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_written(each) for each in value]
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return moments.stamp(parse_instant(value))
    return value


def _said(value: Any, known: Mapping[str, Any], language: Language) -> str:
    """Return one value in words; what was written down is shown as written."""
    marks = language.marks
    if isinstance(value, Mapping):
        if {"kind", "by", "about"} <= set(value) <= _ITEM:
            return _item(value, known, language)
        written = as_written(value)
        if isinstance(written, str):
            return written
        if set(value) <= set(known):
            return marks.part.join(
                f"{language.pick(known[name])}{marks.colon}{_said(each, known, language)}"
                for name, each in value.items()
            )
        return plain(value, language.code)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return marks.member.join(_said(each, known, language) for each in value) or "-"
    return "-" if value is None else plain(as_written(value), language.code)


def _item(item: Mapping[str, Any], known: Mapping[str, Any], language: Language) -> str:
    """Return an item of a readout in words: `not so: BRAVO agreed: nets; how many: 5`."""
    kind = language.pick(known.get(item["kind"], item["kind"]))
    said = language.say("{who} {did}: {about}", who=item["by"], did=kind, about=item["about"])
    if item.get("not") is True:
        said = language.say("not so: {said}", said=said)
    marks = language.marks
    more = [
        f"{language.pick(known[name])}{marks.colon}{_said(item[name], known, language)}"
        for name in ("count", "when")
        if name in item
    ]
    return marks.part.join([said, *more])


def _field_of(row: Any) -> str:
    """Return the field of an account in which what a row compares is stated."""
    return str(row.field).partition(".")[0].replace("units", "own_units")


def _apart(by: Any, known: Mapping[str, Any], language: Language) -> str:
    if not isinstance(by, Mapping):
        return "" if by is None else plain(by, language.code)
    return language.marks.member.join(
        _amount(unit, n, known, language) for unit, n in by.items() if n
    )


def _amount(unit: str, n: Any, known: Mapping[str, Any], language: Language) -> str:
    if unit == "seconds" and isinstance(n, int):
        return moments.span(n, language)
    sentence = FAMILIES["amount"].get(unit)
    if sentence is not None and isinstance(n, int | float):
        return language.say(sentence, n=f"{round(n, 1):,}")
    if unit in known:
        return f"{language.pick(known[unit])}{language.marks.colon}{plain(n, language.code)}"
    return plain(n if unit == "count" else {unit: n}, language.code)
