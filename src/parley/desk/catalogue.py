"""The procedures in force, their moves by name and by number on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from parley.desk import procedures
from parley.desk.envelope import COMMON_FIELDS
from parley.desk.fields import Json
from parley.desk.procedure import Field, Move, Procedure
from parley.desk.reasons import REASONS, RUNGS
from parley.errors import NotFoundError


def _collect() -> dict[str, Procedure]:
    """Return every declaration found in the folder `procedures`, by catalogue number."""
    found: list[Procedure] = []
    for module in iter_modules(procedures.__path__, f"{procedures.__name__}."):
        members = vars(import_module(module.name)).values()
        found += [member for member in members if isinstance(member, Procedure)]
    return {procedure.name: procedure for procedure in sorted(found, key=lambda p: p.code)}


PROCEDURES: Mapping[str, Procedure] = _collect()
MOVES: Mapping[str, Move] = {
    move.full_name: move for procedure in PROCEDURES.values() for move in procedure.moves
}
KINDS: Mapping[int, Move] = {move.kind: move for move in MOVES.values()}
REGISTERS: Mapping[str, Procedure] = {
    procedure.register: procedure for procedure in PROCEDURES.values() if procedure.register
}
PREFIXES: Mapping[str, Procedure] = {
    procedure.prefix: procedure for procedure in PROCEDURES.values() if procedure.prefix
}
assert len(KINDS) == len(MOVES), "one kind for two moves"

__all__ = [
    "COMMON_FIELDS",
    "KINDS",
    "MOVES",
    "PREFIXES",
    "PROCEDURES",
    "REASONS",
    "REGISTERS",
    "RUNGS",
    "fields_of",
    "move_named",
    "move_schema",
]


def move_named(name: str) -> Move:
    """Return the move `request.open`.

    Raises:
        NotFoundError: no procedure declares it.
    """
    if name not in MOVES:
        known = sorted(PROCEDURES)
        raise NotFoundError(
            f"there is no move {name}", next_step=f"Procedures: {', '.join(known)}."
        )
    return MOVES[name]


def fields_of(move: Move) -> dict[str, Field]:
    """Return the fields a move may carry by name: its own, then the common ones."""
    own = {field.name: field for field in move.fields}
    return own | {name: field for name, field in COMMON_FIELDS.items() if name not in own}


def move_schema(name: str) -> dict[str, Json]:
    """Return the JSON Schema (2020-12) of the fields of a move.

    Raises:
        NotFoundError: no procedure declares it.
    """
    move = move_named(name)
    properties: dict[str, Json] = {
        field.name: {
            **field.type.schema(),
            "title": field.words["en"],
            "x-parley-title": dict(field.words),
        }
        for field in fields_of(move).values()
    }
    required = [field.name for field in move.fields if field.required]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"parley:move:{name}",
        "title": move.words["en"],
        "type": "object",
        "properties": properties,
        "required": [*required, *move.needs],
        "additionalProperties": False,
    }
