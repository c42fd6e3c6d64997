"""Screen 11, case: state, who may move next, history in the record's order, what it proves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.seat import Seat


class CasePages:
    """One frame for the cases of every procedure."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [Route("/cases/{number:path}", self._frame.read(self.show))]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show a case; both facts stay when an answer came late."""
        case = self._gateway.case(request.path_params["number"])
        opening = self._gateway.entry(case.opened.entry) if case.opened.entry else None
        return self._frame.page(request, seat, "case.html", case=case, opening=opening)
