"""The calendar: what is due, in one list, and addresses at which a calendar program reads it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat
from parley.errors import NotFoundError

PAGE_ROWS: Final = 100
SPANS: Final = (7, 31, 366)
"""Days ahead that one can choose."""


class CalendarPages:
    """What is due."""

    def __init__(self, gateway: Gateway, frame: Frame, *, origin: str) -> None:
        self._gateway = gateway
        self._frame = frame
        self._origin = origin

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read, act = self._frame.read, self._frame.act
        return [
            Route("/calendar", read(self.show)),
            Route("/calendar/feeds", act(self.subscribe), methods=["POST"]),
            Route("/calendar/feeds/revoke", act(self.revoke), methods=["POST"]),
            Route("/calendar/feed/{secret}", self.feed),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show what is due within the days asked for, and what is overdue."""
        asked = request.query_params.get("days", "")
        days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[-1]
        page = self._gateway.calendar(days=days, limit=PAGE_ROWS, cursor=cursor_of(request))
        return self._frame.page(
            request,
            seat,
            "calendar.html",
            rows=page.items,
            turning=turning(request, page.next_cursor),
            days=days,
            spans=SPANS,
            feeds=self._gateway.calendar_feeds(seat.actor),
        )

    async def subscribe(self, request: Request, seat: Seat) -> Response:
        """Make an address for a calendar program; show it once."""
        form = await form_of(request)
        made = await self._gateway.add_calendar_feed(
            seat.actor,
            label=text_of(form, "label").strip(),
            language=seat.view.language.code,
        )
        address = f"{self._origin}{made.console_path}"
        return self._frame.page(request, seat, "calendar_made.html", feed=made.feed, link=address)

    async def revoke(self, request: Request, seat: Seat) -> Response:
        """End an address at once."""
        form = await form_of(request)
        await self._gateway.revoke_calendar_feed(seat.actor, text_of(form, "feed"))
        return go("/calendar")

    async def feed(self, request: Request) -> Response:
        """Give a calendar program the file at its address; nobody signs in for that."""
        try:
            content = self._gateway.calendar_feed(request.path_params["secret"])
        except NotFoundError as problem:
            return PlainTextResponse(f"{problem}\n", 404)
        return Response(content, media_type="text/calendar; charset=utf-8")
