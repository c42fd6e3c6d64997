"""Forms: moves and fields of procedures as console, command line and API show them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from parley.core.texts import suspicious
from parley.desk.actors import actor_words
from parley.desk.catalogue import COMMON_FIELDS, PROCEDURES
from parley.desk.procedure import Field, Move, Procedure
from parley.station.views import (
    Choice,
    FieldView,
    Hidden,
    MoveView,
    ProcedureView,
    TextView,
    Words,
)

OPENING: Final = ("yes", "may")
_LANGUAGE: Final = re.compile(r"und|[a-z]{2}(-[A-Za-z0-9]+)*")
_NOT_LANGUAGES: Final = frozenset({"at", "by", "in", "of", "on", "to"})
_WRITTEN: Final = ("written", "as_written")
_MEASURED: Final = frozenset({"lat", "lon", "notation", "metres", "seconds", "knots", "degrees"})
_COMMON_SHOWN: Final = ("subject", "topics", "basis", "reason_text", "release")


def text_view(lang: str, status: str, text: str) -> TextView:
    """Return a text with every character named that could mislead a reader."""
    hidden = [Hidden(position=place, name=name) for place, name in suspicious(text)]
    return TextView(lang=lang, status=status, text=text, hidden=hidden)


def text_views(rows: Sequence[Mapping[str, Any]]) -> list[TextView]:
    """Return the desk's texts of an entry."""
    return [text_view(str(r["lang"]), str(r["status"]), str(r["text"])) for r in rows]


def field_view(field: Field, *, needed: bool = False) -> FieldView:
    """Return one field of a form."""
    schema = field.type.schema()
    choices: list[Choice] = []
    offered = getattr(field.type, "choices", ())
    for choice in offered if isinstance(offered, tuple) else ():
        code, *words = choice
        labels = [str(word) for word in words] or [str(code)]
        choices.append(Choice(value=str(code), label={"en": labels[0], "zh": labels[-1]}))
    bounds: dict[str, Any] = {
        name: schema[name]
        for name in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
        if name in schema
    }
    return FieldView(
        name=field.name,
        number=field.number,
        type=field.type.kind,
        required=field.required or needed,
        label=dict(field.words),
        help=dict(field.help) if field.help else {"en": "", "zh": ""},
        choices=choices,
        bounds=bounds,
    )


def button_of(move: Move, procedure: Procedure) -> Words:
    """Return verb and object, as a button says it; the page adds the addressee."""
    if move.opens == "yes":
        return {
            lang: f"{move.words[lang]}: {procedure.words[lang]}"
            if move.words[lang] != procedure.words[lang]
            else move.words[lang]
            for lang in ("en", "zh")
        }
    return dict(move.words)


def move_view(
    move: Move,
    *,
    permitted: bool,
    why_not: str = "",
    opens: bool,
    fixed: Mapping[str, object] | None = None,
) -> MoveView:
    """Return one move with its form; `fixed` are values that its case has fixed already."""
    given = fixed or {}
    procedure = PROCEDURES[move.procedure]
    # Salt and commitment of what is sealed are the desk's own affair.
    drawn = ("salt", "commit") if move.seals else ()
    fields = [
        replace(field_view(field), default=given.get(field.name))
        for field in move.fields
        if field.name not in drawn
    ]
    own = {field.name for field in move.fields}
    fields += [
        field_view(COMMON_FIELDS[name], needed=name in move.needs)
        for name in COMMON_FIELDS
        if name not in own and (name in _COMMON_SHOWN or name in move.needs) and name != "text"
    ]
    return MoveView(
        procedure=move.procedure,
        move=move.name,
        number=move.kind,
        label=dict(move.words),
        button=button_of(move, procedure),
        by=actor_words(move.by)["en"],
        opens=opens,
        fields=fields,
        permitted=permitted,
        why_not=why_not,
    )


def procedure_view(procedure: Procedure) -> ProcedureView:
    """Return one procedure with every move it declares."""
    return ProcedureView(
        name=procedure.name,
        code=procedure.code,
        version=procedure.version,
        prefix=procedure.prefix,
        register=procedure.register,
        label=dict(procedure.words),
        states=[Choice(value=state.name, label=dict(state.words)) for state in procedure.states],
        moves=[
            move_view(move, permitted=True, opens=move.opens in OPENING) for move in procedure.moves
        ],
    )


def shown_value(value: object) -> str:
    """Return how the value of a field reads: as a person would say it, never as data of a program.

    Words in several languages stand side by side; of a measure or a position that was written down,
    what was written is shown, and what a program made of it is left out.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return _shown_members(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(shown_value(each) for each in value) or "none"
    return "-" if value is None else str(value)


def _shown_members(value: Mapping[str, object]) -> str:
    if value and all(_LANGUAGE.fullmatch(name) and name not in _NOT_LANGUAGES for name in value):
        return " / ".join(shown_value(each) for each in value.values())
    written = next((value[name] for name in _WRITTEN if value.get(name)), None)
    said = [] if written is None else [str(written)]
    for name, each in value.items():
        if name in _WRITTEN or (written is not None and name in _MEASURED):
            continue
        text = shown_value(each)
        if isinstance(each, Mapping):
            text = f"({text})"
        said.append(f"{name.replace('_', ' ')} {text}")
    return ", ".join(said) or "none"


def opening_move(procedure: Procedure) -> Move | None:
    """Return the move that opens a case of a procedure."""
    return next((move for move in procedure.moves if move.opens in OPENING), None)
