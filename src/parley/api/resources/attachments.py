"""Files that travel with entries: added for a draft, and read once every part is here.

A file is handed out to be saved, never to be drawn: whoever opens it does so outside of us.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from parley.api.doors import Drafter, EntryReader, GatewayHere, see_all, see_channel
from parley.api.routes import FileRoute, KeyIfGiven, answer
from parley.station.file_keep import KeptFile

OCTETS: Final = "application/octet-stream"

router = APIRouter(route_class=FileRoute, tags=["attachments"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file itself; its type is that of `Content-Type`.",
        "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put("/attachments/{digest}", response_model=KeptFile, openapi_extra=_BODY)
async def put(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: Drafter,
    digest: str,
    key: KeyIfGiven,
    name: Annotated[str, Query(max_length=120)],
) -> Response:
    """Keep a file for a draft; the answer is the member of the draft's field `attach`.

    Here the path names the SHA-256 of what is sent, so that a broken upload is refused. The digest
    in the answer is another one: salted, so that nobody can try likely contents against it. With an
    `Idempotency-Key` the same upload finds the same answer for 30 days.
    """
    content = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    kept = await gateway.keep_file(
        actor, name=name, kind=kind, content=content, sha256=digest, key=key
    )
    return answer(kept)


@router.get(
    "/attachments/{digest}",
    response_class=Response,
    responses={200: {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get(
    gateway: GatewayHere,
    actor: EntryReader,
    digest: str,
    entry: Annotated[str | None, Query(max_length=120)] = None,
) -> Response:
    """Return a file by the digest that an entry or a draft names it by.

    `entry` is the entry's name; without it, only a file that waits for its draft is found.
    """
    if entry is None:
        see_all(actor)
    else:
        see_channel(gateway, actor, entry.partition("/")[0])
    found = gateway.file(digest, entry=entry)
    return Response(found.content, media_type=found.served_as, headers=found.headers)
