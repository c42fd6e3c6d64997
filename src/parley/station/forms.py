"""Forms: moves and fields of procedures as console, command line and API show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.core.texts import suspicious
from parley.desk.catalogue import COMMON_FIELDS, PROCEDURES
from parley.desk.procedure import BY_WORDS, Field, Move, Procedure
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


def move_view(move: Move, *, permitted: bool, why_not: str = "", opens: bool) -> MoveView:
    """Return one move with its form."""
    procedure = PROCEDURES[move.procedure]
    fields = [field_view(field) for field in move.fields]
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
        by=BY_WORDS[move.by]["en"],
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
    """Return how the value of a field reads: words of every language, lists with semicolons."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()):
        return " / ".join(value.values())
    if isinstance(value, Sequence) and value and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False, default=_hex)


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def opening_move(procedure: Procedure) -> Move | None:
    """Return the move that opens a case of a procedure."""
    return next((move for move in procedure.moves if move.opens in OPENING), None)
