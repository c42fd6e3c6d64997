"""The lines of `parley send --batch`: from one object of JSON to a draft, strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from parley.cli.writing import Draft, first_words, named_fields
from parley.errors import UsageError

LINE_CHARS_MAX: Final = 300_000
_MEMBERS: Final = frozenset(
    {
        "id", "channel", "precedence", "text", "subject", "to", "info", "ref", "fields", "lang",
        "translations", "exercise", "procedure", "move", "case",
    }
)  # fmt: skip


def message_of(line: str) -> dict[str, Any]:
    """Return the message of one line.

    Raises:
        UsageError: it is no object, lacks its `id`, or has a member that there is not.
    """
    if len(line) > LINE_CHARS_MAX:
        raise UsageError(f"a line has at most {LINE_CHARS_MAX} characters")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"a line is no JSON: {problem}") from None
    if not isinstance(message, dict):
        raise UsageError("a line is no JSON object")
    if not isinstance(message.get("id"), str) or not message["id"]:
        raise UsageError("a line has no `id`", next_step="give each message an id of its own.")
    if not isinstance(message.get("text", ""), str):
        raise UsageError("`text` is no text")
    for name in ("fields", "translations"):
        if not isinstance(message.get(name) or {}, dict):
            raise UsageError(f"`{name}` is no object")
    if unknown := sorted(set(message) - _MEMBERS):
        raise UsageError(
            f"there is no member {unknown[0]!r} in a message",
            next_step=f"there are {', '.join(sorted(_MEMBERS))}.",
        )
    return message


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
