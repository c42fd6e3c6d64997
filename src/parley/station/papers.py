"""The station's own documents in the store: collections, and JSON in and out.

A paper is one JSON object under a collection and a key. Nothing in a paper ever leaves the station.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from parley.errors import StoreError

Collection: TypeAlias = Literal[
    "peers",
    "officers",
    "passkeys",
    "sessions",
    "drafts",
    "idempotency",
    "consumers",
    "alarms",
    "audit",
    "settings",
    "claims",
    "tokens",
    "links",
    "break-glass",
    "conflicts",
    "witness-heads",
    "witness-forks",
    "channel-acts",
    "feeds",
    "webhooks",
    "webhook-messages",
    "tours",
    "glossary",
    "templates",
    "readings",
    "exercises",
    "countersigns",
    "watch",
    "files",
    "file-parts",
    "courier",
    "cards",
]
"""Names of the collections; the store knows them as text."""

PaperChange: TypeAlias = tuple[str, str, bytes | None]
"""Collection, key, and the new value; None takes the paper away."""

Fields: TypeAlias = dict[str, Any]
"""A paper's content: whatever JSON holds, checked where a typed record is built from it."""

COUNTER_DIGITS: Final = 12
"""Numbered keys are written with this many digits, so that the store's order is theirs."""


def change(collection: Collection, key: str, fields: Mapping[str, Any] | None) -> PaperChange:
    """Return the change that stores `fields` under a key, or takes the paper away."""
    return collection, key, None if fields is None else pack(fields)


def pack(fields: Mapping[str, Any]) -> bytes:
    """Return the bytes of a paper, the same for the same content."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def unpack(raw: bytes) -> Fields:
    """Return a paper's content.

    Raises:
        StoreError: the bytes are no JSON object; somebody else wrote into the database.
    """
    try:
        fields = json.loads(raw)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise StoreError(
            "a paper in the database is not readable",
            next_step="Run `parley doctor`, and restore the database from its last backup.",
        )
    return fields


def numbered(number: int) -> str:
    """Return the key of a numbered paper."""
    return f"{number:0{COUNTER_DIGITS}d}"
