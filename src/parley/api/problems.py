"""Every refusal a caller can meet, as `application/problem+json`.

Sources: RFC 9457 (problem details), RFC 6901 (JSON Pointer).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import JSONResponse

from parley.api.problem_titles import title_in
from parley.errors import (
    EvidenceError,
    InvalidFieldsError,
    ParleyError,
    StoreError,
    TooManyError,
    UsageError,
)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5

PROBLEMS: Final[dict[str, tuple[int, str, str]]] = {
    # code of an error: status, name of the problem's type, title
    "usage": (422, "invalid", "The request is not understood"),
    "invalid": (422, "invalid", "Fields are missing, unknown or out of bounds"),
    "bad_setting": (422, "invalid", "A setting cannot be used"),
    "malformed": (422, "invalid", "The bytes have not the form they should have"),
    "unsupported_media_type": (415, "invalid", "The body is not JSON"),
    "method_not_allowed": (405, "invalid", "This resource does not know that method"),
    "not_acceptable": (406, "invalid", "It cannot be given in that form"),
    "too_large": (413, "too-large", "The request is too large"),
    "not_found": (404, "not-found", "It does not exist here"),
    "no_station": (404, "not-found", "There is no station"),
    "not_signed_in": (401, "not-signed-in", "Who is asking is not known"),
    "not_allowed": (403, "not-allowed", "Role, policy or procedure does not permit it"),
    "own_draft": (403, "own-draft", "Nobody releases a draft that they wrote"),
    "move_not_permitted": (409, "move-not-permitted", "The procedure does not permit this now"),
    "conflict": (409, "conflict", "The state does not permit it"),
    "stale_version": (412, "stale-version", "It was changed meanwhile"),
    "precondition_required": (428, "stale-version", "The version that was seen is not named"),
    "draft_of_another": (409, "draft-of-another", "Another officer writes this draft"),
    "draft_changed": (409, "draft-changed", "This is not the text that was looked at"),
    "idempotency_mismatch": (422, "idempotency-mismatch", "The key belongs to another call"),
    "channel_not_open": (409, "channel-not-open", "The channel is not open here"),
    "held": (409, "needs-release", "Stored as a draft; it waits for a releaser"),
    "peer_not_trusted": (409, "peer-not-verified", "The peer's key was not compared"),
    "peer_key_changed": (409, "peer-key-changed", "The peer's key has changed"),
    "pin_mismatch": (409, "peer-key-changed", "The machine shows another certificate"),
    "key_locked": (409, "key-locked", "A key is locked"),
    "token_away": (409, "key-locked", "The token with the station's key is away"),
    "locked": (409, "busy", "Another process holds the station"),
    "station_unreachable": (503, "busy", "The station cannot do this now"),
    "behind": (503, "busy", "The record has not come that far"),
    "too_many": (429, "too-many", "It is asked too often"),
    "too_many_streams": (503, "busy", "Too many streams are open"),
    "does_not_hold": (409, "record-conflict", "The mathematics disagrees"),
    "storage_full": (507, "storage-full", "The record cannot be stored; nothing was confirmed"),
    "store_failed": (503, "busy", "The record cannot be stored now; nothing was confirmed"),
    "path_failed": (502, "path-failed", "The path failed"),
    "failed": (500, "internal", "Something failed that should not"),
}
EXPLAINED: Final = {slug: title for _, slug, title in reversed(PROBLEMS.values())}
"""Title of every type of problem, for its page."""

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "next",
        "sent",
        "code",
        "exit",
        "errors",
    ],
    "properties": {
        "type": {"type": "string", "description": "path of a page that explains it"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what was wrong here"},
        "instance": {"type": "string", "description": "reference under which the log tells more"},
        "next": {"type": "string", "description": "what to do now; empty if nothing"},
        "sent": {"type": ["boolean", "null"], "description": "did anything leave; null: unknown"},
        "code": {"type": "string", "description": "stable name for programs"},
        "exit": {"type": "integer", "description": "what the command line ends with"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
"""What every refusal is, as a JSON Schema."""

_TOP: Final = frozenset(
    {"channel", "procedure", "move", "case", "precedence", "mark", "action", "info", "texts"}
)
"""Members of a draft that a desk's problem can name and that do not stand under `fields`."""


class RequestError(UsageError):
    """The request itself is at fault, before any act was looked at; nothing was done."""

    def __init__(self, code: str, message: str, *, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.code = code


class FieldsError(RequestError):
    """Members of a body or parameters are missing, unknown or of the wrong type.

    Attributes:
        errors: JSON Pointer and sentence of each.
    """

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            "invalid", "; ".join(f"{pointer or 'request'}: {said}" for pointer, said in errors)
        )
        self.errors = tuple(errors)


def problem_of(error: ParleyError, *, reference: str, accepted: str = "") -> dict[str, Any]:
    """Return the problem body of an error.

    Args:
        error: what was refused.
        reference: the request's number, under which the log tells more.
        accepted: the `Accept-Language` of the request: the title is in Chinese where it says so.
    """
    status, slug, title = _row(error)
    facts = {
        name: value
        for name, value in error.facts.items()
        if name not in ("code", "errors", "problems") and _is_json(value)
    }
    return {
        **facts,
        "type": f"/problems/{slug}",
        "title": title_in(title, accepted),
        "status": status,
        "detail": str(error),
        "instance": f"/errors/{reference}",
        "next": error.next_step,
        "sent": None if status == 500 or isinstance(error, StoreError) else False,
        "code": error.code,
        "exit": error.exit_code,
        "errors": [{"pointer": pointer, "message": said} for pointer, said in _errors(error)],
    }


def problem_response(error: ParleyError, *, reference: str, accepted: str = "") -> JSONResponse:
    """Return the answer that tells an error; see `problem_of`."""
    content = problem_of(error, reference=reference, accepted=accepted)
    response = JSONResponse(content, content["status"], media_type=MEDIA_TYPE)
    if content["status"] == 401:
        response.headers["www-authenticate"] = "Bearer"
    if isinstance(error, TooManyError):
        response.headers["retry-after"] = str(error.wait_s)
    if content["status"] == 503:
        response.headers["retry-after"] = str(RETRY_AFTER_S)
    return response


def _row(error: ParleyError) -> tuple[int, str, str]:
    codes = [error.code, *(getattr(kind, "code", "failed") for kind in type(error).__mro__)]
    row = next((PROBLEMS[code] for code in codes if code in PROBLEMS), PROBLEMS["failed"])
    if row[0] == 500 and isinstance(error, EvidenceError):
        return PROBLEMS["does_not_hold"]
    return row


def _errors(error: ParleyError) -> list[tuple[str, str]]:
    if isinstance(error, FieldsError):
        return list(error.errors)
    if isinstance(error, InvalidFieldsError):
        return [(_pointer(field), said) for field, said in error.problems]
    return []


def _pointer(field: str) -> str:
    parts = [part.replace("~", "~0").replace("/", "~1") for part in field.split(".") if part]
    if not parts:
        return ""
    return "/" + "/".join(parts if parts[0] in _TOP else ["fields", *parts])


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
