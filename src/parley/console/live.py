"""The stream that keeps open pages fresh: signals, never content.

Source: WHATWG HTML, server-sent events.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from parley.console.assets import build
from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.seat import Seat

STREAMS_MAX: Final = 200
PLACE_MAX: Final = 80
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


class LiveStream:
    """Hands the gateway's events to browsers, one stream for each session and browser."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame
        self._open = 0

    def routes(self) -> list[Route]:
        """Return the address of the stream."""
        return [
            Route("/live", self.follow),
            Route("/live/sound", self.sound, methods=["POST"]),
        ]

    async def sound(self, request: Request) -> Response:
        """Take note that this console can sound, or cannot; nobody's act, so nothing is touched."""
        seat = self._frame.seat(request)
        if seat is not None:
            can = (await request.body()) == b"on"
            self._gateway.can_sound(seat.stream_name, can=can)
        return Response(status_code=204)

    async def follow(self, request: Request) -> Response:
        """Stream events until the reader goes, the session ends or the station stops."""
        seat = self._frame.seat(request)
        if seat is None:
            return _stream(_ended())
        if self._open >= STREAMS_MAX:
            return Response("200 screens are open already.\n", 503, headers={"retry-after": "5"})
        place = request.query_params.get("after") or request.headers.get("last-event-id") or ""
        after = place if 0 < len(place) <= PLACE_MAX else None
        return _stream(self._lines(seat, after))

    async def _lines(self, seat: Seat, after: str | None) -> AsyncIterator[bytes]:
        self._open += 1
        events = self._gateway.events(after=after, console=seat.stream_name)
        try:
            yield b"retry: 500\n\n"
            async for event in events:
                if self._gateway.session(seat.secret) is None:
                    yield _message("end", "", {})
                    return
                data = dict(event.data)
                if event.type == "beat":
                    # The gateway counts seconds; JSON of its API writes RFC 3339.
                    data["time"] = int(self._frame.now())
                    data["console_build"] = build()
                yield _message(event.type, event.id, data)
        finally:
            self._open -= 1
            await events.aclose()


async def _ended() -> AsyncIterator[bytes]:
    yield _message("end", "", {})


def _message(kind: str, place: str, data: dict[str, Any]) -> bytes:
    lines = [f"event: {kind}", "data: " + json.dumps(data, separators=(",", ":"), default=str)]
    if place:
        lines.insert(0, f"id: {place}")
    return ("\n".join(lines) + "\n\n").encode()


def _stream(lines: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(lines, media_type="text/event-stream", headers=_HEADERS)
