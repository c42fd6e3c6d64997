"""What a file may write otherwise than an entry, or leave out where an entry may not.

Where an entry has one text, as for a place, words by language are put together, and a bare number
or yes and no of YAML stand for their words. A move that needs a text, and has none in the file,
says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from parley.desk.fields import FieldType, Matter, Text
from parley.desk.procedure import Move
from parley.desk.structures import ListOf, Struct

_OF_NOTHING: Final = "0" * 64
"""The digest of an article that the text does not have; the move is refused for that."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def in_one_text(kind: FieldType | None, value: Any) -> Any:
    """Return a value as one text wherever the field has one text.

    Args:
        kind: the type of the field; None leaves the value as it is.
        value: as the file has it. Languages stay in their order there, whoever sends it, so that
            two parties say the same; what two say alike stands once: `{en: Oslo, zh: 奥斯陆}`
            becomes `Oslo / 奥斯陆`.
    """
    if isinstance(kind, Text | Matter) and _is_by_language(value):
        return " / ".join(dict.fromkeys(value.values()))
    if isinstance(kind, Text) and isinstance(value, bool | int | float):
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [in_one_text(kind.item, each) for each in value]
    if isinstance(kind, ListOf) and kind.lenient:
        return in_one_text(kind.item, value)
    if isinstance(kind, Struct) and isinstance(value, Mapping):
        types = {member.name: member.type for member in kind.members}
        return {name: in_one_text(types.get(name), each) for name, each in value.items()}
    return value


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
