"""Screen 10, requests, and a plain register for every other procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.seat import Seat
from parley.core.instants import Instant, parse_instant
from parley.errors import NotFoundError, UsageError

CLOSED_CLOCKS: Final = ("answered", "answered-late")
TABS: Final = ("all", "us", "they", "closed")


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
        every = list(self._gateway.register(name, as_of=as_of))
        owed_by = query.get("owed_by", "")
        tab = query.get("show", "all")
        rows = [row for row in every if _fits(row, tab if tab in TABS else "all", owed_by)]
        return self._frame.page(
            request,
            seat,
            "register.html",
            name=name,
            procedures=procedures,
            rows=sorted(rows, key=_urgency),
            every=every,
            tab=tab,
            owed_by=owed_by,
            as_of=as_of,
            as_of_text=as_of_text,
            wrong=wrong,
            sums=summaries(every, str(self._gateway.station().code)) if name == "request" else [],
        )


def is_closed(row: Any) -> bool:
    """Say whether nobody has to move for this case any more."""
    return row.clock in CLOSED_CLOCKS or not row.owed_by


def _fits(row: Any, tab: str, owed_by: str) -> bool:
    if owed_by == "us":
        return bool(row.us_owe)
    if owed_by:
        return bool(row.owed_by == owed_by)
    if tab == "us":
        return bool(row.us_owe) and not is_closed(row)
    if tab == "they":
        return not row.us_owe and not is_closed(row)
    if tab == "closed":
        return is_closed(row)
    return True


def _urgency(row: Any) -> tuple[int, int, int]:
    opened: Instant | None = row.opened.at
    return (is_closed(row), row.due_at if row.due_at is not None else 2**53, -(opened or 0))


def summaries(rows: Sequence[Any], own: str) -> list[dict[str, Any]]:
    """Return for each direction how often was asked and what became of it."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        for addressee in row.addressees:
            groups.setdefault((row.opener, str(addressee).partition("/")[0]), []).append(row)
    sums = []
    for (asker, asked), members in sorted(groups.items(), key=lambda item: item[0][0] != own):
        states = Counter(row.clock for row in members)
        lapsed = states["lapsed-silent"] + states["lapsed-dark"]
        sums.append(
            {
                "asker": asker,
                "asked": asked,
                "n": len(members),
                "answered": states["answered"] + states["answered-late"],
                "lapsed": lapsed,
                "proved": sum(1 for row in members if row.proved),
                "open": len(members) - lapsed - states["answered"] - states["answered-late"],
            }
        )
    return sums
