"""What an entry of the record says: a move with checked fields, or why it is none.

Reading never raises, whatever a peer wrote: an entry that fits no declaration stays in the record,
is shown as irregular with the reason, and acts on nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parley.core.canon import Value, encode
from parley.core.entry import F_CASE, F_DUE, F_LANGUAGE, F_REF, F_TEXT, Kind, as_ref
from parley.desk.catalogue import COMMON_FIELDS, KINDS, PROCEDURES
from parley.desk.envelope import F_ABOUT, F_ACTION, F_FROM, F_INFO, F_TEXTS, F_VERSION, Texts
from parley.desk.fields import UNDETERMINED
from parley.desk.naming import RAW, ref_place
from parley.desk.order import Ordered
from parley.desk.problems import Problem, problem, problem_of
from parley.desk.procedure import Field, Move
from parley.desk.record import Place
from parley.errors import FieldFaultError, ParleyError

Desks = tuple[tuple[int, str], ...]
"""Desks as (party number, desk)."""

_CORE = frozenset({0, F_CASE, F_TEXT, F_LANGUAGE, F_REF, 6, 14, 15})
_ADDRESSING = frozenset({F_VERSION, F_FROM, F_ACTION, F_INFO, F_ABOUT})
_BY_NUMBER: Mapping[int, Mapping[int, Field]] = {
    kind: {
        field.number: field for field in (*COMMON_FIELDS.values(), *move.fields) if not field.kept
    }
    for kind, move in KINDS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMove:
    """An entry that is a move.

    Attributes:
        case: the case it belongs to, as it names it; None when it opens one.
        about: the case it is about without being an act of it.
        target: the entry it answers or acknowledges.
        desk: the author's desk, empty when none is named.
        action: desks asked to act. info: desks told.
        values: wire values of its fields by name, common ones included.
    """

    move: Move
    case: Place | None
    about: Place | None
    target: Place | None
    desk: str
    action: Desks
    info: Desks
    values: Mapping[str, Value]


def read_move(ordered: Ordered) -> ReadMove | Problem | None:
    """Return the move an entry makes, what is wrong with it, or None for the core's own kinds."""
    kind = ordered.entry.kind
    if kind not in KINDS:
        if kind <= Kind.PART:
            return None
        return problem("", "unknown_kind", found=kind)
    try:
        return _read(ordered, KINDS[kind])
    except FieldFaultError as error:
        return problem_of(error)
    except ParleyError:
        # Nothing else is known to rise from here; a stranger's entry must still not stop a case.
        return problem("", "wrong_form", wanted=("a move", "程序步骤"))


def _read(ordered: Ordered, move: Move) -> ReadMove | Problem:
    entry = ordered.entry
    version = entry.fields.get(F_VERSION, 1)
    known = PROCEDURES[move.procedure].version
    if version != known:
        if type(version) is int and version > known:
            return problem("", "newer_version", found=version, known=known)
        return problem("", "wrong_form", wanted=("a version number", "版本号"))
    if entry.is_attributable == move.private:
        return problem("", "evidence_private" if move.private else "evidence_class")
    values = _values(ordered, move)
    for field in move.fields:
        if field.required and not field.kept and field.name not in values:
            return problem(field.name, "missing")
    if entry.kind > Kind.PART:
        # A plain `say` of the core is a message without a subject; all others keep the rule.
        for name in move.needs:
            if name not in values:
                return problem(name, "missing")
    desk = entry.fields.get(F_FROM, "")
    if not isinstance(desk, str) or len(desk) > 16:
        return problem("desk", "wrong_form", wanted=("a desk", "席位"))
    return ReadMove(
        move=move,
        case=_place(ordered, F_CASE),
        about=_place(ordered, F_ABOUT),
        target=_place(ordered, F_REF),
        desk=desk,
        action=desks_of(entry.fields.get(F_ACTION)),
        info=desks_of(entry.fields.get(F_INFO)),
        values=values,
    )


def _values(ordered: Ordered, move: Move) -> dict[str, Value]:
    fields = _BY_NUMBER[move.kind]
    values: dict[str, Value] = {}
    for number, value in ordered.entry.fields.items():
        field = fields.get(number)
        if field is None:
            if number in _CORE or number in _ADDRESSING or number == F_DUE:
                continue
            raise FieldFaultError(str(number), "unknown", {"known": ", ".join(move_names(move))})
        check_value(field, value)
        values[field.name] = value
    if ordered.entry.kind == Kind.SAY and F_TEXTS not in ordered.entry.fields:
        text = ordered.entry.fields.get(F_TEXT)
        if text is not None:
            language = ordered.entry.fields.get(F_LANGUAGE)
            said: Value = [[language if isinstance(language, str) else UNDETERMINED, 0, text]]
            check_value(COMMON_FIELDS["text"], said)
            values["text"] = said
    return values


def check_value(field: Field, value: Value) -> None:
    """Refuse a wire value that no writer of this type would have made.

    Raises:
        FieldFaultError: names the field and what is wrong.
    """
    try:
        if isinstance(field.type, Texts):
            # How a text was deflated is its writer's affair.
            field.type.check(value, field.name, RAW)
            return
        again = field.type.read(field.type.show(value, RAW), field.name, RAW)
    except FieldFaultError as error:
        dotted = error.field if error.field.startswith(field.name) else field.name
        raise FieldFaultError(dotted, error.fault, error.details) from None
    if encode(again) != encode(value):
        raise FieldFaultError(field.name, "wrong_form", {"wanted": ("its only form", "唯一写法")})


def move_names(move: Move) -> list[str]:
    """Return the names of the fields a move may carry."""
    return [field.name for field in (*move.fields, *COMMON_FIELDS.values())]


def about_place(read: ReadMove | None, ordered: Ordered) -> Place | None:
    """Return the entry that a move says it is about, in the field its declaration names."""
    if read is None or not read.move.about:
        return None
    return ref_place(read.values.get(read.move.about), ordered)


def _place(ordered: Ordered, number: int) -> Place | None:
    value = ordered.entry.fields.get(number)
    if value is None:
        return None
    if number != F_ABOUT:
        ref = as_ref(value)
        return None if ref is None else ordered.resolve(ref)
    return ref_place(value, ordered)


def desks_of(value: Value) -> Desks:
    """Return the desks of a wire value; what is no desk is left out."""
    if not isinstance(value, list | tuple):
        return ()
    found: list[tuple[int, str]] = []
    for pair in value:
        if isinstance(pair, list | tuple) and len(pair) == 2:
            party, desk = pair
            if type(party) is int and 0 <= party < 16 and isinstance(desk, str) and len(desk) <= 16:
                found.append((party, desk))
    return tuple(dict.fromkeys(found))
