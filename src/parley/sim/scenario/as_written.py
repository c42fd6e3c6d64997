"""What a file may write otherwise than an entry, or leave out where an entry may not.

Where an entry has one text, as for a place, words by language are put together, and so are parts
with names; a bare number or yes and no of YAML stand for their words. A move that needs a text, and
has none in the file, says what it is. Rungs may be written as the catalogue writes them, a shape
under its name (`circle: {...}`), a term as what it waits for and how long after.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from parley.desk.areas import AREA, SPOT, Area, Spot
from parley.desk.fields import Duration, FieldType, Matter, Pattern, Ref, Text
from parley.desk.places import WHERE, Measure, Where
from parley.desk.procedure import Move
from parley.desk.structures import ListOf, Readings, Struct, TextOfParts
from parley.desk.times import InstantType

_OF_NOTHING: Final = "0" * 64
"""The digest of an article that the text does not have; the move is refused for that."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RUNGS: Final = {"1x": 10, "3r": 30, "4r": 40}
"""The catalogue's names of rungs that are no number there, and what an entry has for them."""
_SAME: Final = {
    "center": "centre",
    "polygon": "corners",
    "points": "corners",
    "track": "line",
    "from": "low",
    "lower": "low",
    "to": "high",
    "upper": "high",
}
"""Other words for parts of a shape, or of a height."""
_LENGTHS: Final = {"km": "km", "nm": "nmi", "nmi": "nmi", "m": "m"}
_ANSWERS: Final = {
    **dict.fromkeys(("decline", "declined", "refused"), "decline"),
    **dict.fromkeys(("does_not_apply", "does not apply", "not_applicable"), "does-not-apply"),
}
_ANSWER_PARTS: Final = {"answer": "text", "q": "question", "number": "question"}
_LEVEL: Final = re.compile(r"FL ?(\d{2,3})")
_EVENTS: Final = ("after", "event", "of", "upon", "once", "on")
_WITHIN: Final = ("within", "in", "plus", "duration")
_UNITS: Final = {"hours": "PT{}H", "days": "P{}D", "weeks": "P{}W", "months": "P{}M"}
_TERM_FIELDS: Final = {
    **{name: name for name in ("due_event", "due_from", "not_before")},
    "counted_from": "due_from",
}
_DURATION: Final = re.compile(r"P[0-9YMWDTHS]+|[0-9]+(?:ms|s|min|h|d|w)")


def in_one_text(kind: FieldType | None, value: Any) -> Any:
    """Return a value as one text wherever the field has one text.

    Args:
        kind: the type of the field; None leaves the value as it is.
        value: as the file has it. Languages stay in their order there, whoever sends it, so that
            two parties say the same; what two say alike stands once: `{en: Oslo, zh: 奥斯陆}`
            becomes `Oslo / 奥斯陆`.
    """
    if isinstance(kind, Readings) or value is None:
        return value
    if isinstance(kind, Text | Matter) and _is_by_language(value):
        return " / ".join(dict.fromkeys(value.values()))
    if isinstance(kind, Text | Matter) and isinstance(value, Mapping):
        is_kept = isinstance(kind, TextOfParts) or all(map(_LANGUAGE.fullmatch, map(str, value)))
        return value if is_kept else _parts_in_words(value)
    if isinstance(kind, Ref | Matter) and isinstance(value, list) and len(value) == 1:
        return in_one_text(kind, value[0])
    if isinstance(kind, Text) and isinstance(value, bool | int | float):
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [in_one_text(kind.item, each) for each in value]
    if isinstance(kind, ListOf) and kind.lenient:
        return in_one_text(kind.item, value)
    if isinstance(kind, Measure) and isinstance(value, str) and (level := _LEVEL.fullmatch(value)):
        return f"{level[1]} FL pressure"
    if isinstance(kind, Area) and (isinstance(value, str) or _is_by_language(value)):
        value = {"named": value}
    struct = _struct_of(kind)
    if struct is not None and isinstance(value, Mapping):
        types = {member.name: member.type for member in struct.members}
        parts = (
            _of_a_shape(value, types) if isinstance(kind, Area | Spot) else _renamed(value, types)
        )
        return {name: in_one_text(types.get(name), each) for name, each in parts.items()}
    return value


def is_left_out(kind: FieldType | None, value: Any) -> bool:
    """Say whether a file writes `none`, or an empty list, where an entry leaves a field away."""
    if value == [] and isinstance(kind, ListOf) and kind.least > 0:
        return True
    return value == "none" and isinstance(kind, InstantType | Pattern | Duration)


def rung_of(value: Any) -> Any:
    """Return a rung as an entry has it: `3r` of the catalogue is 30; any other as it stands."""
    return _RUNGS.get(str(value).strip().lower(), value) if isinstance(value, str) else value


def term_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a promise whose term is given as a map.

    `{after: E5, within: PT24H}` is that length of time after the event E5; `{event: E5}` alone is
    a term that waits for it. Parts that are fields of the promise themselves become these. A map
    with other parts stays as it is, to be refused.
    """
    due = values.get("due")
    if not isinstance(due, Mapping):
        return dict(values)
    own = {field: due[name] for name, field in _TERM_FIELDS.items() if name in due}
    rest = {name: each for name, each in due.items() if name not in _TERM_FIELDS}
    lengths = [length for length in map(_length, rest, rest.values()) if length is not None]
    events = [each for name, each in rest.items() if _length(name, each) is None]
    if len(lengths) > 1 or len(events) != 1 or not set(rest) <= {*_EVENTS, *_WITHIN, *_UNITS}:
        return dict(values)
    said = {**values, **own, "due": lengths[0] if lengths else "event"}
    return {"due_event": events[0], **said}


def _length(name: str, value: Any) -> str | None:
    """Return a length of time as an entry has it: `days: 7` is `P7D`; None for anything else."""
    if name in _UNITS and type(value) is int:
        return _UNITS[name].format(value)
    return value if isinstance(value, str) and _DURATION.fullmatch(value) else None


def answer_of(value: Any) -> Any:
    """Return one answer as an entry has it: `{decline: ...}` is one of that kind."""
    if not isinstance(value, Mapping):
        return value
    found: dict[str, Any] = {}
    for name, each in value.items():
        kind = _ANSWERS.get(str(name))
        if kind is None:
            found[_ANSWER_PARTS.get(str(name), str(name))] = each
        elif each is not False:
            found["kind"] = kind
            found |= {"text": each} if isinstance(each, str | Mapping) else {}
    if isinstance(found.get("text"), str) and found["text"] in _ANSWERS:
        found["kind"] = _ANSWERS[found.pop("text")]
    return found


def _struct_of(kind: FieldType | None) -> Struct | None:
    if isinstance(kind, Struct):
        return kind
    known = ((Area, AREA), (Spot, SPOT), (Where, WHERE))
    return next((struct for each, struct in known if isinstance(kind, each)), None)


def _renamed(value: Mapping[str, Any], types: Mapping[str, FieldType]) -> dict[str, Any]:
    """Return parts by their own names where another word stands for one that is not given."""
    return {
        _SAME[name] if name not in types and _SAME.get(name) in types else name: each
        for name, each in value.items()
    }


def _of_a_shape(value: Mapping[str, Any], types: Mapping[str, FieldType]) -> dict[str, Any]:
    """Return the parts of a shape, whatever word stands for them or for the whole of it."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        unit = _LENGTHS.get(str(name).removeprefix("radius_"))
        if name not in types and isinstance(each, Mapping):
            found |= _of_a_shape(each, types)
        elif name not in types and str(name).startswith("radius_") and unit:
            found["radius"] = f"{each} {unit}"
        else:
            found[name if name in types else _SAME.get(str(name), name)] = each
    return found


def _parts_in_words(value: Mapping[str, Any]) -> str:
    """Return parts with names as words: `{articles: ["1.3"]}` is `articles 1.3`."""
    said = []
    for name, each in value.items():
        listed = each if isinstance(each, list) else [each]
        said.append(f"{name} {' '.join(str(one) for one in listed)}")
    return ", ".join(said)


def with_what_it_needs(move: Move, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a move with the text or topics that it needs, if the file has none.

    The topics are the statement's own words; the text is the subject, or else the move's name.
    """
    filled = dict(values)
    if "topics" in move.needs and "topics" not in filled and "statement" in filled:
        said = filled["statement"]
        said = said if isinstance(said, Mapping) else {"en": str(said)}
        filled["topics"] = [{language: str(each)[:200] for language, each in said.items()}]
    if "text" in move.needs and "text" not in filled:
        filled["text"] = filled.get("subject") or dict(move.words)
    return filled


def with_digests(move: Move, values: Mapping[str, Any], text: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with the digests of a text that the file names by its own names.

    Args:
        move: a move on the text.
        values: fields as the file has them; an article may stand there as `2` or `{no: 2}`. What
            the file gives a digest of keeps that digest, and a wrong one is refused as ever.
        text: the row of the text in its register, as its articles stand at the author's station.
    """
    digests = {str(one["no"]): one["digest"] for one in text["articles"]}
    filled, field = dict(values), move.field("articles")
    if field is not None and _has_digest(field.type) and isinstance(filled.get("articles"), list):
        filled["articles"] = [_with_digest(each, digests) for each in filled["articles"]]
    digest = move.field("digest")
    if digest is not None and digest.required:
        filled.setdefault("digest", text["digest"])
    return filled


def _has_digest(kind: FieldType) -> bool:
    members = (
        kind.item.members if isinstance(kind, ListOf) and isinstance(kind.item, Struct) else ()
    )
    return any(member.name == "digest" for member in members)


def _with_digest(article: Any, digests: Mapping[str, str]) -> Any:
    named = article if isinstance(article, Mapping) else {"no": article}
    number = str(named.get("no"))
    return {"digest": digests.get(number, _OF_NOTHING), **named, "no": number}


def _is_by_language(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(each, str) for each in value.values())
        and all(isinstance(name, str) and _LANGUAGE.fullmatch(name) for name in value)
    )
