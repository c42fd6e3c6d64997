"""JSON Schema of what `parley notice read --json` prints."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_NUMBER_OR_NULL: Final = {"type": ["integer", "null"]}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_AT: Final = {
    "description": "from and until, in characters of the text",
    "type": "array",
    "items": _COUNT,
    "minItems": 2,
    "maxItems": 2,
}


def _object(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _array(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(**members)}


_PLACES: Final = _array(
    kind={"enum": ["polygon", "circle", "corridor", "line", "point"]},
    label=_TEXT_OR_NULL,
    metres=_NUMBER_OR_NULL,
    corners=_array(
        lat={"type": "number", "minimum": -90, "maximum": 90},
        lon={"type": "number", "minimum": -180, "maximum": 180},
        notation={"enum": ["degrees", "decimal minutes", "seconds"]},
        written=_TEXT,
        at=_AT,
    ),
    at=_AT,
)
_WINDOWS: Final = _array(
    **{"from": _TEXT_OR_NULL},
    until=_TEXT_OR_NULL,
    precision={"enum": ["exact", "day"]},
    zone={"type": "integer", "description": "minutes east of UTC in which it was written"},
    rule=_TEXT,
    zone_from={"enum": ["written", "issuer", "caller"]},
    at=_AT,
)
_NOTICE: Final = {
    "number": _TEXT_OR_NULL,
    "kind": _TEXT,
    "share": {"enum": ["whole", "part", "none"]},
    "languages": _TEXTS,
    "issued": _TEXT_OR_NULL,
    "places": _PLACES,
    "windows": _WINDOWS,
    "heights": _array(
        edge={"enum": ["low", "high"]}, metres=_NUMBER_OR_NULL, datum=_TEXT, written=_TEXT, at=_AT
    ),
    "references": _array(act=_TEXT, number=_TEXT_OR_NULL, when=_TEXT_OR_NULL, at=_AT),
    "amounts": _array(metres=_COUNT, written=_TEXT, at=_AT),
    "hazards": _TEXTS,
    "restriction": _TEXT_OR_NULL,
    "unread": _array(what=_TEXT, why=_TEXT, words=_TEXT, written=_TEXT, at=_AT),
    "notes": _TEXTS,
    "figures": _COUNT,
    "text": _TEXT,
}
_PAIR: Final = {
    "first": _TEXT_OR_NULL,
    "second": _TEXT_OR_NULL,
    "status": {"enum": ["agree", "differ", "only one side"]},
    "differences": _array(
        what=_TEXT,
        where=_TEXT,
        first={},
        second={},
        amount=_NUMBER_OR_NULL,
        unit={"enum": ["metres", "seconds", "count", "words"]},
        note=_TEXT_OR_NULL,
    ),
}
NOTICE_READ: Final = _object(
    items={"type": "array", "items": {"type": "object", "properties": _NOTICE}},
    next_cursor={"type": "null"},
    whole=_COUNT,
    part=_COUNT,
    none=_COUNT,
    format=_TEXT,
    broken=_COUNT,
    document=_TEXT_OR_NULL,
    pairs=_array(**_PAIR),
)
"""`data` of `parley.notice-read/1`; `--fields` may leave members of the items out."""
