"""Published notices become drafts: a text is pasted, read, and left to people."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import DraftRequest, Gateway
from parley.console.frame import Frame, form_of, text_of
from parley.console.seat import Seat


class NoticePages:
    """One form, and what came of it."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/notices", self._frame.read(self.show)),
            Route("/notices", self._frame.act(self.draft), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the form."""
        return self._page(request, seat, made=[])

    async def draft(self, request: Request, seat: Seat) -> Response:
        """Keep a draft for each notice of the text, and say what is left to look at."""
        form = await form_of(request)
        made = await self._gateway.draft_notices(
            seat.actor,
            DraftRequest(channel=text_of(form, "channel")),
            text_of(form, "content").encode(),
            zone=text_of(form, "zone").strip(),
            issued=text_of(form, "issued").strip(),
            procedure=text_of(form, "procedure"),
        )
        return self._page(request, seat, made=made)

    def _page(self, request: Request, seat: Seat, *, made: object) -> Response:
        channels = [one for one in self._gateway.channels() if one.state == "open"]
        return self._frame.page(request, seat, "notices.html", channels=channels, made=made)
