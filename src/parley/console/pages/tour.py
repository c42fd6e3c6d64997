"""The tour for somebody's first hour: a step on every screen until it is ended."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.pages.sign_in import local_path
from parley.console.seat import Seat


class TourPage:
    """Goes from step to step; the step itself stands in the frame of every page."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route("/tour", self._frame.act(self.step), methods=["POST"])]

    async def step(self, request: Request, seat: Seat) -> Response:
        """Go to the step that the button names; one that names none ends the tour."""
        form = await form_of(request)
        said = text_of(form, "step")
        step = int(said) if said.isascii() and said.isdecimal() and len(said) < 3 else None
        await self._gateway.set_tour(seat.actor, step)
        return go(local_path(text_of(form, "back", "/")))
