"""The watch: who has it, its log, and how it goes on; and a channel's timeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from parley.api.bodies import WatchBody, WatchNoteBody, WatchOfferBody
from parley.api.doors import (
    EntryReader,
    GatewayHere,
    PersonHere,
    StatusReader,
    see_all,
    see_channel,
)
from parley.api.resources.entries import Limit, cursor_number
from parley.api.routes import answer, new_router
from parley.core.instants import Instant, parse_instant
from parley.errors import UsageError
from parley.station.tool_views import TimelineView, WatchRow, WatchState
from parley.station.views import Page

router = new_router("watch")
DAY_S = 86_400


@router.get("/watch", response_model=WatchState)
async def state(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return who has the watch, since when, and to whom it is offered."""
    see_all(actor)
    return answer(gateway.watch())


@router.get("/watch/log", response_model=Page[WatchRow])
async def rows(
    *, gateway: GatewayHere, actor: EntryReader, limit: Limit = 100, cursor: str | None = None
) -> Response:
    """Return the watch log, newest first; nothing in it is ever changed."""
    see_all(actor)
    return answer(gateway.watch_rows(before=cursor_number(cursor), limit=limit))


@router.post("/watch/notes", response_model=WatchRow, status_code=201)
async def note(gateway: GatewayHere, actor: PersonHere, body: WatchNoteBody) -> Response:
    """Write a note into the watch log; it is internal and is never changed."""
    return answer(await gateway.watch_note(actor, body.text), 201)


@router.post("/watch/offer", response_model=WatchRow, status_code=201)
async def offer(gateway: GatewayHere, actor: PersonHere, body: WatchOfferBody) -> Response:
    """Offer the watch to another officer; `items` are the ids of all that is open."""
    row = await gateway.offer_watch(actor, body.to, items=body.items, text=body.text)
    return answer(row, 201)


@router.post("/watch/take", response_model=WatchRow, status_code=201)
async def take(gateway: GatewayHere, actor: PersonHere, body: WatchBody) -> Response:
    """Take the watch; `items` are the ids of all that is open, `text` why it is taken unoffered."""
    return answer(await gateway.take_watch(actor, items=body.items, text=body.text), 201)


@router.post("/watch/leave", response_model=WatchRow, status_code=201)
async def leave(gateway: GatewayHere, actor: PersonHere, body: WatchNoteBody) -> Response:
    """Leave the watch with nobody to take it, and say why."""
    return answer(await gateway.leave_watch(actor, text=body.text), 201)


@router.get("/timeline", response_model=TimelineView)
async def timeline(
    *,
    gateway: GatewayHere,
    actor: EntryReader,
    channel: str,
    from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    to: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Return what came when on a channel, and every silence with its two dates.

    Without `to` up to now; without `from` the day before that.
    """
    code = see_channel(gateway, actor, channel)
    end = Instant(gateway.now() + 1) if to is None else parse_instant(to)
    start = Instant(end - DAY_S) if from_ is None else parse_instant(from_)
    if start >= end:
        raise UsageError("the timeline begins after it ends")
    return answer(gateway.timeline(code, start=start, end=end))
