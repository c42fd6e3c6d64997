"""The lines of `parley send --batch`: from one object of JSON to a draft, strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from parley.cli.writing import Draft, first_words, named_fields
from parley.errors import UsageError

LINE_BYTES_MAX: Final = 400_000
_TEXTS: Final = ("text", "subject", "channel", "precedence", "lang", "procedure", "move", "case")
_MEMBERS: Final = frozenset(
    {
        "id", "channel", "precedence", "text", "subject", "to", "info", "ref", "fields", "lang",
        "translations", "exercise", "procedure", "move", "case",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of input that nobody has looked into yet, and which one it is."""

    number: int
    raw: bytes


def lines_of(source: BinaryIO) -> Iterator[Line]:
    """Yield the lines that hold anything; of one that is too long only the beginning."""
    number = 0
    is_rest = False
    while raw := source.readline(LINE_BYTES_MAX):
        number += not is_rest
        if raw.strip() and not is_rest:
            yield Line(number=number, raw=raw)
        is_rest = not raw.endswith(b"\n")


def object_of(raw: bytes) -> dict[str, Any]:
    """Return the object of one line.

    Raises:
        UsageError: it is too long, no UTF-8, or no object of JSON.
    """
    if len(raw) >= LINE_BYTES_MAX:
        raise UsageError(f"a line has less than {LINE_BYTES_MAX} bytes")
    try:
        message = json.loads(raw.decode("utf-8"))
        json.dumps(message, ensure_ascii=False).encode()
    except UnicodeError:
        raise UsageError("a line is not UTF-8, or holds half of a character") from None
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"a line is no JSON: {problem}") from None
    if not isinstance(message, dict):
        raise UsageError("a line is no JSON object")
    return message


def check_message(message: Mapping[str, Any]) -> None:
    """Check the members of a message.

    Raises:
        UsageError: it lacks its `id`, or has a member that there is not, or one of another type.
    """
    if not isinstance(message.get("id"), str) or not message["id"]:
        raise UsageError("a line has no `id`", next_step="give each message an id of its own.")
    for name in _TEXTS:
        if not isinstance(message.get(name) or "", str):
            raise UsageError(f"`{name}` is no text")
    for name in ("fields", "translations"):
        if not isinstance(message.get(name) or {}, dict):
            raise UsageError(f"`{name}` is no object")
    for name in ("to", "info", "ref"):
        given = message.get(name) or []
        members = given if isinstance(given, list) else [given]
        if not all(isinstance(each, str) for each in members):
            raise UsageError(f"`{name}` is neither a text nor a list of texts")
    if unknown := sorted(set(message) - _MEMBERS):
        raise UsageError(
            f"there is no member {unknown[0]!r} in a message",
            next_step=f"there are {', '.join(sorted(_MEMBERS))}.",
        )


def draft_of(message: Mapping[str, Any], language: str, given: Mapping[str, Any]) -> Draft:
    """Return the draft that a message asks for; options of the call fill what it leaves out."""
    fields = {**named_fields(given.get("field") or ()), **(message.get("fields") or {})}
    if message.get("subject") or given.get("subject"):
        fields["subject"] = message.get("subject") or given["subject"]
    lang = message.get("lang") or language
    texts = []
    if message.get("text"):
        texts.append({"lang": lang, "status": "authentic", "text": message["text"]})
    for other, text in (message.get("translations") or {}).items():
        texts.append({"lang": other, "status": "courtesy", "text": text})
    if texts and (message.get("procedure") or "message") == "message" and not message.get("case"):
        fields.setdefault("subject", first_words(texts[0]["text"]))
    is_exercise = message.get("exercise") or given.get("exercise")
    return Draft(
        channel=str(message.get("channel") or ""),
        procedure=message.get("procedure") or "message",
        move=message.get("move") or "",
        case=message.get("case"),
        precedence=message.get("precedence") or given.get("precedence") or "R",
        mark="EXERCISE" if is_exercise else None,
        action=_names(message.get("to") or given.get("to")),
        info=_names(message.get("info") or given.get("info")),
        fields=fields,
        texts=texts,
        refs=_names(message.get("ref")),
    )


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
