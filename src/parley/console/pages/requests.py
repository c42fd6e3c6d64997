"""Screen 10, requests, and a plain register for every other procedure."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.desk_groups import groups
from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat
from parley.core.instants import parse_instant
from parley.errors import NotFoundError, UsageError
from parley.station.case_lists import CaseQuery

PAGE_ROWS: Final = 50


class RegisterPages:
    """Registers of cases, as they stand now or stood at a time."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read = self._frame.read
        return [
            Route("/requests", read(self.requests)),
            Route("/registers/{name}", read(self.show)),
        ]

    async def requests(self, request: Request, seat: Seat) -> Response:
        """Show requests: who owes, what lapsed, what of it is proved."""
        return self._register(request, seat, "request")

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the register of one procedure."""
        return self._register(request, seat, request.path_params["name"])

    def _register(self, request: Request, seat: Seat, name: str) -> Response:
        query = request.query_params
        as_of_text, wrong, as_of = query.get("as_of", "").strip(), "", None
        if as_of_text:
            try:
                as_of = parse_instant(as_of_text)
            except UsageError as problem:
                wrong = f"{problem}. {problem.next_step}"
        procedures = list(self._gateway.procedures())
        if name not in {procedure.name for procedure in procedures}:
            raise NotFoundError(f"there is no procedure {name}")
        owed_by = query.get("owed_by", "")
        tab = query.get("show", "all")
        page = self._gateway.register(
            CaseQuery(
                procedure=name,
                as_of=as_of,
                cursor=cursor_of(request),
                limit=PAGE_ROWS,
                **_conditions(tab, owed_by),
            )
        )
        return self._frame.page(
            request,
            seat,
            "register.html",
            name=name,
            procedures=procedures,
            groups=groups(procedures, name),
            rows=page.items,
            turning=turning(request, page.next_cursor),
            tab=tab,
            owed_by=owed_by,
            as_of=as_of,
            as_of_text=as_of_text,
            wrong=wrong,
            sums=self._gateway.asked_counts(name, as_of=as_of) if name == "request" else [],
        )


def _conditions(tab: str, owed_by: str) -> dict[str, Any]:
    """Return what a tab asks for; what is owed stands by its due time, the rest by age."""
    if owed_by:
        return {"owed_by": owed_by, "order": "due"}
    if tab in ("us", "they"):
        return {"owed_by": "us" if tab == "us" else "them", "order": "due"}
    return {"is_open": False} if tab == "closed" else {}
