"""Screen 10, requests, and a plain register for every other procedure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.desk_groups import groups
from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.labels import Labels
from parley.console.paging import cursor_of, turning
from parley.console.register_csv import ROWS_MAX, register_csv
from parley.console.seat import Seat
from parley.core.instants import parse_instant
from parley.errors import NotFoundError, ParleyError, UsageError
from parley.station.case_lists import PAGE_MAX, CaseQuery
from parley.station.map_page import PLACED

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
            Route("/registers/{name}/table", read(self.table)),
        ]

    async def requests(self, request: Request, seat: Seat) -> Response:
        """Show requests: who owes, what lapsed, what of it is proved."""
        return self._register(request, seat, "request")

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the register of one procedure."""
        return self._register(request, seat, request.path_params["name"])

    async def table(self, request: Request, seat: Seat) -> Response:
        """Hand out the register, as it is narrowed, as a table for a spreadsheet."""
        name, query = request.path_params["name"], request.query_params
        procedures = list(self._gateway.procedures())
        if name not in {procedure.name for procedure in procedures}:
            raise NotFoundError(f"there is no procedure {name}")
        as_of = query.get("as_of", "").strip()
        wanted = CaseQuery(
            procedure=name,
            as_of=parse_instant(as_of) if as_of else None,
            limit=PAGE_MAX,
            **_conditions(query.get("show", "all"), query.get("owed_by", "")),
        )
        content = register_csv(self._every(wanted), seat.view.language, Labels(procedures))
        station = self._gateway.station()
        return Response(
            content,
            media_type="text/csv; charset=utf-8",
            headers={
                "content-disposition": f'attachment; filename="{station.mark}-{station.code}'
                f'-{name}.csv"'
            },
        )

    def _every(self, wanted: CaseQuery) -> Iterator[Any]:
        """Yield the rows of every page, at most `ROWS_MAX`."""
        shown, cursor = 0, None
        while shown < ROWS_MAX:
            page = self._gateway.register(replace(wanted, cursor=cursor))
            yield from page.items[: ROWS_MAX - shown]
            shown += len(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return

    def _register(self, request: Request, seat: Seat, name: str) -> Response:
        query = request.query_params
        as_of_text, as_of = query.get("as_of", "").strip(), None
        wrong: ParleyError | None = None
        if as_of_text:
            try:
                as_of = parse_instant(as_of_text)
            except UsageError as problem:
                wrong = problem
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
            table=f"/registers/{name}/table{'?' + kept if (kept := _kept(request)) else ''}",
            on_map=_on_map(name, as_of_text, page.items) if name in PLACED else "",
            owed_by=owed_by,
            as_of=as_of,
            as_of_text=as_of_text,
            wrong=wrong,
            sums=self._gateway.asked_counts(name, as_of=as_of) if name == "request" else [],
        )


def _on_map(name: str, as_of: str, rows: Sequence[Any]) -> str:
    """Return where the places of a register stand on a map; empty where it has no case."""
    if not rows:
        return ""
    return "/map?" + urlencode({"procedure": name} | ({"as_of": as_of} if as_of else {}))


def _conditions(tab: str, owed_by: str) -> dict[str, Any]:
    """Return what a tab asks for; what is owed stands by its due time, the rest by age."""
    if owed_by:
        return {"owed_by": owed_by, "order": "due"}
    if tab in ("us", "they"):
        return {"owed_by": "us" if tab == "us" else "them", "order": "due"}
    return {"is_open": False} if tab == "closed" else {}


def _kept(request: Request) -> str:
    """Return what narrows the register, as a query string, without its page."""
    names = ("show", "owed_by", "as_of")
    return urlencode(
        [(name, request.query_params[name]) for name in names if name in request.query_params]
    )
