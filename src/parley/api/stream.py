"""The event stream: what happens here, as thin signals over one long answer.

Source: WHATWG HTML, server-sent events.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterator
from contextlib import aclosing, contextmanager
from typing import Annotated, Any, Final, cast

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from parley.api.doors import Door, GatewayHere, StatusReader, door_of, see_channel, sees
from parley.api.problems import RequestError
from parley.api.routes import new_router
from parley.errors import NotSignedInError
from parley.station.desk_views import Event
from parley.station.events import STREAMS_MAX, TOPICS

PLACE_MAX: Final = 80
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}

router = new_router("events")


class Streams:
    """Counts the streams that are open at one door."""

    def __init__(self) -> None:
        self.open = 0

    def check(self) -> None:
        """Let one more begin.

        Raises:
            RequestError: there are too many.
        """
        if self.open >= STREAMS_MAX:
            raise RequestError("too_many_streams", f"{STREAMS_MAX} streams are open already")

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a stream while it is open."""
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events; the `data` of each is an `Event`",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def follow(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: StatusReader,
    topics: str = "",
    after: str | None = None,
    channel: str | None = None,
    precedence: Annotated[str, Query(pattern="^[ZOPR]*$", max_length=4)] = "",
) -> StreamingResponse:
    """Follow what happens, from a place on; `beat` comes every 2 seconds.

    `topics` are types of events with commas between them; `after`, or the header
    `Last-Event-ID`, is the `id` of the last event seen. `channel` and `precedence` (such as `ZO`)
    leave out what belongs to others, or to none. A place that is not known any more gives
    `reset`: read everything afresh.
    """
    code = None if channel is None else see_channel(gateway, actor, channel)
    wanted = frozenset(topic for topic in topics.split(",") if topic)
    if unknown := sorted(wanted - set(TOPICS)):
        raise RequestError(
            "usage", f"there is no topic {unknown[0]!r}", next_step=f"{', '.join(TOPICS)}."
        )
    place = after or request.headers.get("last-event-id")
    if place is not None and len(place) > PLACE_MAX:
        raise RequestError("usage", "that is no place in this stream")
    door = await door_of(request)
    streams = request.app.state.streams
    assert isinstance(streams, Streams)
    streams.check()
    return StreamingResponse(
        _lines(
            door,
            request,
            streams,
            after=place,
            topics=wanted,
            is_wanted=lambda event: fits(event, code, precedence),
        ),
        media_type="text/event-stream",
        headers=_HEADERS,
    )


def fits(event: Event, channel: str | None, letters: str) -> bool:
    """Say whether a reader who asked for a channel and precedences wants an event."""
    if event.type in ("beat", "reset"):
        return True
    is_here = channel is None or event.data.get("channel") == channel
    return is_here and (not letters or (event.data.get("precedence") or "-") in letters)


async def _lines(
    door: Door,
    request: Request,
    streams: Streams,
    *,
    after: str | None,
    topics: Collection[str],
    is_wanted: Callable[[Event], bool],
) -> AsyncIterator[bytes]:
    actor = request.state.actor
    events = cast(AsyncGenerator[Event, None], door.gateway.events(after=after, topics=topics))
    with streams.counted():
        yield b"retry: 500\n\n"
        async with aclosing(events):
            async for event in events:
                if event.type == "beat":
                    try:
                        door.identify(request.scope)
                    except NotSignedInError:
                        break
                if sees(actor, event.data.get("channel")) and is_wanted(event):
                    yield _message(event.type, event.id, event.data)
        yield _message("end", "", {})


def _message(kind: str, place: str, data: Any) -> bytes:
    lines = [f"event: {kind}", "data: " + json.dumps(data, separators=(",", ":"))]
    if place:
        lines.insert(0, f"id: {place}")
    return ("\n".join(lines) + "\n\n").encode()
