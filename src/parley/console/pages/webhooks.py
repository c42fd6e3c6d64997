"""Screen 28, settings and health: webhooks, programs elsewhere that are told what happens here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.errors import ParleyError, UsageError
from parley.station.webhooks import TELLS

PLACE: Final = "/station/webhooks"
EMPTY: Final = {"label": "", "url": ""}


class WebhookPages:
    """Every webhook and how it fares; administrators add, try and end them."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act = self._frame.act
        return [
            Route(PLACE, self._frame.read(self.show)),
            Route(PLACE, act(self.add), methods=["POST"]),
            Route(PLACE + "/{hook}/test", act(self.test), methods=["POST"]),
            Route(PLACE + "/{hook}/replay", act(self.replay), methods=["POST"]),
            Route(PLACE + "/{hook}/end", act(self.end), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show every webhook with its last try, and the form for one more."""
        seat.actor.require("administer")
        return self._page(request, seat, EMPTY)

    def _page(
        self,
        request: Request,
        seat: Seat,
        typed: dict[str, str],
        *,
        topics: Sequence[str] = TELLS,
        channels: Sequence[str] = (),
        problem: ParleyError | None = None,
        tried: Any = None,
    ) -> Response:
        return self._frame.page(
            request,
            seat,
            "webhooks.html",
            status=422 if problem else 200,
            hooks=list(self._gateway.webhooks()),
            tells=TELLS,
            channels=[one.code for one in self._gateway.channels()],
            typed=typed,
            chosen={"topics": list(topics), "channels": list(channels)},
            problem=problem,
            tried=tried,
        )

    async def add(self, request: Request, seat: Seat) -> Response:
        """Make a webhook and show its secret once; what was wrong stands above what was typed."""
        form = await form_of(request)
        typed = {name: text_of(form, name).strip() for name in EMPTY}
        topics, channels = ([str(x) for x in form.getlist(name)] for name in ("topic", "channel"))
        try:
            if not topics:
                raise UsageError("a webhook is told of one thing at least", next_step="Tick one.")
            made = await self._gateway.add_webhook(
                seat.actor,
                label=typed["label"],
                url=typed["url"],
                topics=topics,
                channels=channels,
            )
        except ParleyError as problem:
            return self._page(
                request, seat, typed, topics=topics, channels=channels, problem=problem
            )
        return self._frame.page(request, seat, "webhook_made.html", made=made)

    async def test(self, request: Request, seat: Seat) -> Response:
        """Send a message that says nothing, and show what came of it."""
        hook = request.path_params["hook"]
        tried = await self._gateway.test_webhook(seat.actor, hook)
        return self._page(request, seat, EMPTY, tried=tried)

    async def replay(self, request: Request, seat: Seat) -> Response:
        """Try again at once what waits or was given up."""
        await self._gateway.replay_webhook(seat.actor, request.path_params["hook"], after=None)
        return go(PLACE)

    async def end(self, request: Request, seat: Seat) -> Response:
        """End a webhook at once."""
        await self._gateway.end_webhook(seat.actor, request.path_params["hook"])
        return go(PLACE)
