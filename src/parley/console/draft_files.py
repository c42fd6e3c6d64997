"""Files of a draft as its form carries them: those it has, one more, one fewer."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile

from parley.console.door import Gateway
from parley.console.frame import text_of
from parley.console.seat import Seat
from parley.core.limits import ATTACHMENT_BYTES_MAX
from parley.desk.attachments import FILES_MAX, TYPES, type_of
from parley.errors import UsageError

FIELD: Final = "attach"
UPLOAD: Final = "file"
LEAVE_OUT: Final = "leave-out "
"""Beginning of what the button says that takes a file away; its digest follows."""

ACCEPT: Final = ",".join(ending for endings, _ in TYPES.values() for ending in endings)
"""Endings of names that a browser offers to choose from."""

_MEMBERS: Final = ("name", "type", "bytes", "digest")

Files = list[dict[str, Any]]


def files_in(form: FormData) -> Files:
    """Return the files that a posted form names; the desk judges what they say."""
    try:
        given = json.loads(text_of(form, FIELD, "[]") or "[]")
    except ValueError:
        given = []
    files = given if isinstance(given, list) else []
    left_out = text_of(form, "do").partition(LEAVE_OUT)[2]
    return [
        {member: file.get(member) for member in _MEMBERS}
        for file in files[: FILES_MAX + 1]
        if isinstance(file, dict) and file.get("digest") != left_out
    ]


def files_of(fields: Any) -> Files:
    """Return the files that a draft names."""
    named = fields.get(FIELD)
    return [dict(file) for file in named] if isinstance(named, list | tuple) else []


def as_text(files: Files) -> str:
    """Return what the form carries of the files that it has."""
    return json.dumps(files, ensure_ascii=False)


async def added(gateway: Gateway, seat: Seat, form: FormData) -> Files:
    """Keep the file that was chosen in a form, if there is one, and return how a draft names it.

    Raises:
        UsageError: it is of a type that is not taken, empty or too large.
    """
    chosen = form.get(UPLOAD)
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        return []
    content = await chosen.read(ATTACHMENT_BYTES_MAX + 1)
    if len(content) > ATTACHMENT_BYTES_MAX:
        raise UsageError(f"a file has at most {ATTACHMENT_BYTES_MAX} bytes; nothing was kept")
    kept = await gateway.keep_file(
        seat.actor,
        name=chosen.filename,
        kind=type_of(chosen.filename) or str(chosen.content_type),
        content=content,
    )
    return [{member: getattr(kept, member) for member in _MEMBERS}]
