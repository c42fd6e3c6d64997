"""Screen 4, inbox: what needs an act by someone here, grouped by act."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.pages.overview import action_of
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat

GROUPS: Final = (
    ("alarm", "acknowledge"),
    ("answer",),
    ("draft", "returned"),
    ("channel", "renew", "date", "key", "compare"),
    ("commitment",),
)
"""Kinds of need that stand together, in order; titles are in the template."""
RECENT_MAX: Final = 25
PAGE_ROWS: Final = 50


class InboxPage:
    """What is asked of us, and what arrived last."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route("/inbox", self._frame.read(self.show))]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the inbox; reading it acknowledges nothing."""
        page = self._gateway.inbox(limit=PAGE_ROWS, cursor=cursor_of(request))
        rows = page.items
        known = {kind for group in GROUPS for kind in group}
        groups = [[row for row in rows if row.kind in group] for group in GROUPS]
        groups.append([row for row in rows if row.kind not in known])
        recent = self._gateway.entries(own=False, newest_first=True, limit=RECENT_MAX)
        return self._frame.page(
            request,
            seat,
            "inbox.html",
            groups=groups,
            actions={row.id: action_of(row, may_claim=seat.actor.may("claim")) for row in rows},
            recent=recent.items,
            turning=turning(request, page.next_cursor),
        )
