"""Screen 16: the graph of declared preconditions, its rings and who could open which alone."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.desk_groups import groups
from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.graph_drawing import drawn_graph
from parley.console.seat import Seat
from parley.core.instants import parse_instant
from parley.errors import ParleyError, UsageError

REGISTER = "linkage"


class PreconditionsPage:
    """What waits for what, as it was declared; nothing is inferred."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route("/preconditions", self._frame.read(self.show))]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the graph as it stands, or as it stood at a time."""
        as_of_text, as_of = request.query_params.get("as_of", "").strip(), None
        wrong: ParleyError | None = None
        if as_of_text:
            try:
                as_of = parse_instant(as_of_text)
            except UsageError as problem:
                wrong = problem
        view = self._gateway.preconditions(as_of=as_of)
        procedures = list(self._gateway.procedures())
        return self._frame.page(
            request,
            seat,
            "preconditions.html",
            graph=drawn_graph(view, self._gateway.station().code),
            view_of=view,
            groups=groups(procedures, REGISTER),
            as_of=as_of,
            as_of_text=as_of_text,
            wrong=wrong,
        )
