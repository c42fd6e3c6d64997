"""JSON Schemas of what `--json` prints, and of the forms that a person or program fills in."""

from __future__ import annotations

from typing import Any, Final

from parley.cli import view_schemas
from parley.cli.notice_schemas import NOTICE_READ
from parley.desk.actors import actor_name
from parley.desk.catalogue import MOVES, PROCEDURES, move_schema
from parley.station.config import SCHEMA as CONFIG_SCHEMA

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final = {"type": "string"}
_HEX: Final = {"type": "string", "pattern": "^[0-9a-f]*$"}
_TIME: Final = {"type": "string", "format": "date-time"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXTS: Final = {"type": "array", "items": _TEXT}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _list(**members: dict[str, Any]) -> dict[str, Any]:
    return _object(
        items={"type": "array", "items": _object(**members)}, next_cursor=_or_null(_TEXT)
    )


_WORDS: Final = _object(
    en={"type": "array", "items": _TEXT, "minItems": 12, "maxItems": 12},
    zh={"type": "array", "items": _TEXT, "minItems": 12, "maxItems": 12},
)
_STATION_KEY: Final = _object(
    number=_COUNT, ed=_HEX, not_before=_TIME, until=_TIME, revoked=_or_null(_TIME)
)
_PROFILE: Final = _object(
    code=_TEXT,
    title={"type": "object", "additionalProperties": _TEXT},
    owed={"type": "boolean"},
    values={
        "type": "array",
        "items": _object(
            **dict.fromkeys(("item", "kind", "sure", "source"), _TEXT),
            **{name: _or_null(_TEXT) for name in ("value", "from", "clock")},
        ),
    },
    lines={
        "type": "array",
        "items": _object(
            name=_TEXT,
            area={"type": "boolean"},
            course=_or_null({"type": "array", "items": {"type": "array"}}),
            sure=_TEXT,
            source=_TEXT,
        ),
    },
)

DATA: Final[dict[str, dict[str, Any]]] = {
    "version": _object(version=_TEXT, protocol=_COUNT),
    "help": _object(name=_TEXT, text=_TEXT),
    "completion": _object(shell=_TEXT, script=_TEXT),
    "scenario-run": _object(
        items={
            "type": "array",
            "items": _object(
                variant=_TEXT,
                claim={"type": "object"},
                station=_or_null(_TEXT),
                status={"enum": ["holds", "fails", "not played"]},
                expected={},
                found={},
                why=_TEXT,
            ),
        },
        next_cursor=_or_null(_TEXT),
        holds=_COUNT,
        fails=_COUNT,
        not_checked=_COUNT,
        not_played=_TEXTS,
    ),
    "notice-read": NOTICE_READ,
    "scenario-list": _list(name=_TEXT, title=_TEXT, variants=_TEXTS),
    "demo": _object(
        items={
            "type": "array",
            "items": _object(finding=_TEXT, holds={"type": "boolean"}, text=_TEXT),
        },
        next_cursor=_or_null(_TEXT),
        holds={"type": "boolean"},
        directory=_or_null(_TEXT),
    ),
    "init": _object(
        code=_TEXT,
        name=_TEXT,
        party=_HEX,
        words=_WORDS,
        officer=_TEXT,
        directory=_TEXT,
        card=_TEXT,
        config=_TEXT,
        root_key=_TEXT,
    ),
    "card": _object(
        code=_TEXT,
        name=_TEXT,
        party=_HEX,
        witness_key=_or_null(_TEXT),
        fingerprint=_HEX,
        words=_WORDS,
        sequence=_COUNT,
        issued=_TIME,
        not_after=_TIME,
        paths=_TEXTS,
        station_keys={"type": "array", "items": _STATION_KEY},
        armour=_TEXT,
    ),
    "keys": _object(
        items={
            "type": "array",
            "items": _object(
                number=_COUNT,
                in_use={"type": "boolean"},
                not_before=_TIME,
                until=_TIME,
                revoked=_or_null(_TIME),
                ed=_HEX,
            ),
        },
        next_cursor={"type": "null"},
        card=_COUNT,
        card_until=_TIME,
        token=_or_null(_TEXT),
        token_module=_or_null(_TEXT),
        root_here={"type": "boolean"},
    ),
    "keys-rotate": _object(
        number=_COUNT,
        before=_COUNT,
        before_until=_or_null(_TIME),
        revoked={"type": "boolean"},
        card=_COUNT,
        written={"type": "boolean"},
    ),
    "keys-backup": _object(file=_TEXT, card=_COUNT, bytes=_COUNT),
    "backup": _object(
        folder=_TEXT,
        code=_TEXT,
        card=_COUNT,
        made=_TIME,
        entries=_COUNT,
        statements=_COUNT,
        unsigned=_COUNT,
        logs={
            "type": "array",
            "items": _object(log=_TEXT, size=_COUNT, root=_TEXT, signed_at=_or_null(_TIME)),
        },
        station=_or_null(_TEXT),
    ),
    "keys-certificate": _object(card=_COUNT, card_until=_TIME),
    "keys-pin": _object(token=_TEXT, token_module=_TEXT),
    "keys-recover": _object(code=_TEXT, card=_COUNT),
    "card-export": _object(code=_TEXT, party=_HEX, file=_TEXT, bytes=_COUNT),
    "config": _list(
        key=_TEXT,
        value={"anyOf": [_TEXT, {"type": "integer"}, _TEXTS]},
        origin=_TEXT,
    ),
    "config-check": _object(file=_TEXT),
    "config-path": _object(file=_TEXT),
    "profiles": _list(
        code=_TEXT,
        title={"type": "object", "additionalProperties": _TEXT},
        owed={"type": "boolean"},
        values=_COUNT,
        unknown=_COUNT,
        lines=_COUNT,
        lines_known=_COUNT,
        own={"type": "boolean"},
    ),
    "profile": _PROFILE,
    "profile-check": _PROFILE,
    "profile-example": _object(text=_TEXT),
    "simulate": _object(
        type={"const": "result"},
        seeds=_COUNT,
        first=_COUNT,
        broken={"type": "array", "items": _COUNT},
    ),
}
"""`data` of each command's result, by the name in `schema` (`parley.NAME/1`)."""

ERROR: Final = {
    "$schema": _DIALECT,
    "title": "parley.error/1",
    **_object(
        schema={"const": "parley.error/1"},
        ok={"const": False},
        error=_object(
            code=_TEXT,
            exit={"type": "integer"},
            title=_TEXT,
            detail=_TEXT,
            became=_or_null(_TEXT),
            next=_or_null(_TEXT),
        ),
    ),
}


def names_of_schemas() -> list[str]:
    """Return the name of every schema."""
    known = {*DATA, *view_schemas.names(), "error", "config-file", "procedures"}
    return [*sorted(known), *sorted(MOVES)]


def schema_of(name: str) -> dict[str, Any] | None:
    """Return a schema by name, None where there is none."""
    if name == "error":
        return ERROR
    if name == "config-file":
        return CONFIG_SCHEMA
    if name == "procedures":
        return _procedures()
    if name in MOVES:
        return move_schema(name)
    found = (DATA[name], {}) if name in DATA else view_schemas.data_schema(name)
    if found is None:
        return None
    data, shared = found
    return {
        "$schema": _DIALECT,
        "$defs": shared,
        "title": f"parley.{name}/1",
        **_object(
            schema={"const": f"parley.{name}/1"},
            ok={"const": True},
            data=data,
            warnings=_TEXTS,
        ),
    }


def _procedures() -> dict[str, Any]:
    """Return every procedure with its states and moves, as the declarations have them."""
    return {
        name: {
            "code": procedure.code,
            "version": procedure.version,
            "register": procedure.register,
            "words": dict(procedure.words),
            "states": [state.name for state in procedure.states],
            "moves": {
                move.full_name: {
                    "kind": move.kind,
                    "opens": move.opens,
                    "by": actor_name(move.by),
                    "words": dict(move.words),
                    "fields": [field.name for field in move.fields],
                    "required": [field.name for field in move.fields if field.required],
                }
                for move in procedure.moves
            },
        }
        for name, procedure in sorted(PROCEDURES.items())
    }
