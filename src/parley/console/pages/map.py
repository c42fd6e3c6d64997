"""Screen 18, map: places as they were stated, on land without a border or a name."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.map_drawing import drawn, nearest_span
from parley.console.map_window import WORLD, Window, window
from parley.console.seat import Seat
from parley.core.instants import parse_instant
from parley.desk.catalogue import PROCEDURES
from parley.errors import NotFoundError, ParleyError, UsageError
from parley.station.map_page import PLACED

MOVES: Final = {
    "north": (0.0, -0.4),
    "south": (0.0, 0.4),
    "west": (-0.4, 0.0),
    "east": (0.4, 0.0),
}


class MapPages:
    """The map of all cases that state a place, and of one case."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [Route("/map", self._frame.read(self.show))]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the newest cases with a place, narrowed by procedure, channel and time."""
        query = request.query_params
        name, channel = query.get("procedure", ""), query.get("channel", "")
        case, as_of_text = query.get("case", ""), query.get("as_of", "").strip()
        as_of = None
        wrong: ParleyError | None = None
        if as_of_text:
            try:
                as_of = parse_instant(as_of_text)
            except UsageError as problem:
                wrong = problem
        if name and name not in PROCEDURES:
            raise NotFoundError(f"there is no procedure {name}")
        view = (
            self._gateway.map_of_case(case, as_of=as_of)
            if case
            else self._gateway.map(procedure=name or None, channel=channel or None, as_of=as_of)
        )
        return self._frame.page(
            request,
            seat,
            "map.html",
            map=map_facts(request, view, self._gateway.station().code),
            procedures=[one for one in self._gateway.procedures() if one.name in PLACED],
            channels=[one.code for one in self._gateway.channels()],
            name=name,
            channel=channel,
            case_number=case,
            as_of=as_of,
            as_of_text=as_of_text,
            wrong=wrong,
        )


def map_facts(request: Request, view: Any, own: str) -> dict[str, Any]:
    """Return what the map's part of a page reads: the drawing, and where its buttons lead."""
    asked = asked_window(request)
    made = drawn(view, own, asked)
    here = made.window
    ways = {"here": here} | {name: here.moved(*step) for name, step in MOVES.items()}
    ways |= {"nearer": here.zoomed(1), "wider": here.zoomed(-1), "world": WORLD}
    return {
        "drawn": made,
        "ways": {name: _address(request, there) for name, there in ways.items()},
        "whole": _address(request, None),
        "is_fitted": asked is None,
        "aparts": list(view.aparts),
    }


def asked_window(request: Request) -> Window | None:
    """Return the part of the Earth that an address asks for; None for what fits all places."""
    query = request.query_params
    try:
        lat, lon = (float(part) for part in query.get("at", "").split(","))
        span = float(query.get("span", ""))
    except ValueError:
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180 and 0 < span <= WORLD.span):
        return None
    found = window(lat, lon, nearest_span(span))
    try:
        right, down = (float(query.get(name, "0")) for name in ("right", "down"))
    except ValueError:
        return found
    return found.moved(right, down) if abs(right) <= 1 and abs(down) <= 1 else found


def _address(request: Request, there: Window | None) -> str:
    kept = [(name, value) for name, value in request.query_params.items() if name not in PART]
    if there is not None:
        kept += [("at", f"{there.lat:.4f},{there.lon:.4f}"), ("span", f"{there.span:g}")]
    return f"{request.url.path}?{urlencode(kept)}#map" if kept else f"{request.url.path}#map"


PART: Final = ("at", "span", "right", "down")
"""What of an address says which part of the Earth is shown; the last two as it was dragged."""
