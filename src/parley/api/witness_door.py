"""The door of a witness: `POST /add-checkpoint`, as C2SP tlog-witness has it.

Whoever can reach it may submit: a statement's own signature is what lets it in.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.witness import REQUEST_BYTES_MAX, Answer
from parley.station.witness_station import WitnessDesk


def witness_app(desk: WitnessDesk) -> Starlette:
    """Return the application that a witness serves, and nothing else on that address."""

    async def add_checkpoint(request: Request) -> Response:
        raw = b""
        try:
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > REQUEST_BYTES_MAX:
                    return _response(
                        Answer(413, f"a submission has at most {REQUEST_BYTES_MAX} bytes\n")
                    )
        except ClientDisconnect:
            return Response(status_code=400)
        return _response(await desk.add_checkpoint(raw))

    async def key(request: Request) -> Response:
        del request
        return _response(Answer(200, f"{desk.key.vkey}\n"))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/key", key, methods=["GET"]),
        ]
    )


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers={"content-type": answer.media_type})
