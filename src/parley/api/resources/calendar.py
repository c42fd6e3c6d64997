"""What is due: as a list, as an iCalendar file, and at addresses that calendar programs read."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request, Response

from parley.api.bodies import FeedBody
from parley.api.doors import CaseReader, GatewayHere, PersonHere, see_all, see_channel, sees
from parley.api.routes import answer, answer_list, answer_page, created, new_router
from parley.station.calendar_page import DAYS, DAYS_MAX
from parley.station.tool_views import DueRow, FeedMade, FeedView
from parley.station.views import Page

router = new_router("calendar")
ICALENDAR: Final = "text/calendar; charset=utf-8"
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}
}


@router.get("/calendar", response_model=Page[DueRow])
async def calendar(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: CaseReader,
    days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = DAYS,
    channel: str | None = None,
    kind: Literal["clock", "date", "yearly", "ending", "card"] | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Return what is due within so many days and all that is overdue, the first due first."""
    code = None if channel is None else see_channel(gateway, actor, channel)
    page = gateway.calendar(
        days=days,
        channel=code,
        kind=kind,
        limit=limit,
        cursor=cursor,
        sees=lambda found: sees(actor, found),
    )
    return answer_page(page, request)


@router.get("/calendar/file", response_class=Response, responses=_FILE)
async def calendar_file(
    gateway: GatewayHere, actor: CaseReader, lang: Literal["en", "zh"] = "en"
) -> Response:
    """Return what is due within a year as iCalendar; nothing that anybody wrote is in it."""
    see_all(actor)
    return Response(gateway.calendar_file(lang), media_type=ICALENDAR)


@router.get("/calendar/feed/{secret}", response_class=Response, responses=_FILE)
async def calendar_feed(gateway: GatewayHere, secret: str) -> Response:
    """Return the same at an address made for a calendar program; the address is all it needs."""
    return Response(gateway.calendar_feed(secret), media_type=ICALENDAR)


@router.get("/calendar/feeds", response_model=Page[FeedView])
async def feeds(gateway: GatewayHere, actor: PersonHere) -> Response:
    """Return one's own addresses; an administrator's list has everybody's. Never a secret."""
    return answer_list(gateway.calendar_feeds(actor))


@router.post("/calendar/feeds", response_model=FeedMade, status_code=201)
async def add_feed(gateway: GatewayHere, actor: PersonHere, body: FeedBody) -> Response:
    """Make an address; it is in this answer and nowhere else."""
    made = await gateway.add_calendar_feed(actor, label=body.label, language=body.language)
    return created(made, "/calendar/feeds")


@router.delete("/calendar/feeds/{feed}", response_model=FeedView)
async def revoke_feed(gateway: GatewayHere, actor: PersonHere, feed: str) -> Response:
    """End an address at once."""
    return answer(await gateway.revoke_calendar_feed(actor, feed))
