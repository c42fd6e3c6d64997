"""Entries: what was said, why it must be believed, and how far it has come."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import Query, Request, Response

from parley.api.bodies import ConfirmBody
from parley.api.doors import (
    EntryReader,
    GatewayHere,
    door_of,
    see_channel,
    sees,
    unless_stopping,
)
from parley.api.problems import RequestError
from parley.api.routes import answer, answer_list, answer_page, new_router
from parley.station.actors import Actor
from parley.station.gateway import Gateway
from parley.station.views import Delivery, EntryRow, EntryView, Page, ProofView

ENTRY_TYPE: Final = "application/vnd.parley.entry"
WAIT_MAX_S: Final = 60.0
_WAIT = re.compile(r"([0-9]{1,6})(ms|s|m)?")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}
Limit = Annotated[int, Query(ge=1, le=500)]
Number = Annotated[int, Query(ge=0, lt=2**63)]

router = new_router("entries")


def read_wait(text: str) -> float:
    """Return seconds of `30s`, `500ms` or `1m`.

    Raises:
        RequestError: it is no time, or longer than 60 s.
    """
    match = _WAIT.fullmatch(text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else WAIT_MAX_S + 1
    if seconds > WAIT_MAX_S:
        raise RequestError(
            "usage", f"{text!r} is no time to wait", next_step="Such as 30s; at most 60s."
        )
    return seconds


def cursor_number(cursor: str | None) -> int | None:
    """Return the number that a cursor stands for.

    Raises:
        RequestError: it is none of ours.
    """
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:
        raise RequestError("usage", "that is no cursor; take `next_cursor` of the page before")
    return int(cursor)


@router.get("/entries", response_model=Page[EntryRow])
async def entries(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: EntryReader,
    channel: str | None = None,
    party: str | None = None,
    case: str | None = None,
    precedence: str | None = None,
    procedure: str | None = None,
    own: bool | None = None,
    after_sequence: Number = 0,
    before_sequence: Number | None = None,
    newest_first: bool = False,
    limit: Limit = 100,
    cursor: str | None = None,
) -> Response:
    """Return what people and programs said, in stored order."""
    if channel is not None:
        see_channel(gateway, actor, channel)
    place = cursor_number(cursor)
    if place is not None and newest_first:
        before_sequence = place
    elif place is not None:
        after_sequence = place
    page = gateway.entries(
        channel=channel,
        party=party,
        case=case,
        precedence=precedence,
        procedure=procedure,
        own=own,
        after_sequence=after_sequence,
        before_sequence=before_sequence,
        newest_first=newest_first,
        limit=limit,
    )
    rows = [row for row in page.items if sees(actor, row.channel)]
    return answer_page(Page(items=rows, next_cursor=page.next_cursor), request)


@router.get("/outbox", response_model=Page[EntryRow])
async def outbox(gateway: GatewayHere, actor: EntryReader, limit: Limit = 50) -> Response:
    """Return what we said, newest first, each with how far it has come."""
    return answer_list([row for row in gateway.outbox(limit) if sees(actor, row.channel)])


def _name(gateway: Gateway, actor: Actor, channel: str, party: str, index: str) -> str:
    see_channel(gateway, actor, channel)
    return f"{channel}/{party}/{index}"


@router.get("/entries/{channel}/{party}/{index}", response_model=EntryView)
async def entry(
    gateway: GatewayHere, actor: EntryReader, channel: str, party: str, index: str
) -> Response:
    """Return one entry whole; `index` is `31`, or `2.31` in a party's second log."""
    return answer(gateway.entry(_name(gateway, actor, channel, party, index)))


@router.get("/entries/{channel}/{party}/{index}/proof", response_model=ProofView)
async def proof(
    gateway: GatewayHere, actor: EntryReader, channel: str, party: str, index: str
) -> Response:
    """Return why an entry must be believed: leaf, path, signed root, receipts."""
    return answer(gateway.proof(_name(gateway, actor, channel, party, index)))


@router.get(
    "/entries/{channel}/{party}/{index}/raw",
    response_class=Response,
    responses={200: {"content": {ENTRY_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def raw(
    gateway: GatewayHere, actor: EntryReader, channel: str, party: str, index: str
) -> Response:
    """Return exactly the bytes of an entry; they never change."""
    name = _name(gateway, actor, channel, party, index)
    return Response(
        gateway.raw_entry(name),
        media_type=ENTRY_TYPE,
        headers={
            "etag": f'"{gateway.proof(name).leaf}"',
            "cache-control": "private, max-age=31536000, immutable",
        },
    )


@router.get("/entries/{channel}/{party}/{index}/delivery", response_model=Delivery)
async def delivery(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: EntryReader,
    channel: str,
    party: str,
    index: str,
    until: str = "delivered",
    wait: str | None = None,
) -> Response:
    """Return how far an own entry has come; with `wait`, once it has come to `until`.

    The answer after the time is the present state, with `reached` false.
    """
    name = _name(gateway, actor, channel, party, index)
    timeout_s = 0.0 if wait is None else read_wait(wait)
    waiting = gateway.wait(name, until=until, timeout_s=timeout_s)
    reached = await unless_stopping(await door_of(request), waiting)
    return answer(reached or await gateway.wait(name, until=until, timeout_s=0.0))


@router.get("/consumers/{name}", response_model=Page[EntryRow])
async def consume(
    gateway: GatewayHere, actor: EntryReader, name: str, limit: Limit = 100
) -> Response:
    """Return what a named reader has not confirmed yet, oldest first."""
    reader = _reader(actor, name)
    while rows := await gateway.consume(reader, limit=limit):
        if seen := [row for row in rows if sees(actor, row.channel)]:
            return answer_list(seen)
        # What a confined reader may never see must not keep it from what comes after.
        await gateway.confirm(reader, rows[-1].sequence)
    return answer_list([])


@router.post("/consumers/{name}/confirm", status_code=204)
async def confirm(
    gateway: GatewayHere, actor: EntryReader, name: str, body: ConfirmBody
) -> Response:
    """Move a named reader's place; it never goes back."""
    await gateway.confirm(_reader(actor, name), body.sequence)
    return Response(status_code=204)


def _reader(actor: Actor, name: str) -> str:
    """Return the reader's whole name: a machine has readers of its own."""
    return name if actor.is_person else f"{actor.officer}/{name}"
