"""What stands around every request: who asks, how much they may send, and what is on the answer.

Sources: RFC 9110; RFC 6585 (429); RateLimit fields (IETF httpapi draft 10); W3C Trace Context (the
request's number is ours, has the form of a span's, and is logged with the caller's trace).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parley.api.doors import OPEN_PATHS, Door
from parley.api.problems import RequestError, problem_response
from parley.api.trace import Trace, trace_of
from parley.core.limits import ATTACHMENT_BYTES_MAX
from parley.errors import NotSignedInError, ParleyError, StoreError
from parley.station.actors import Actor

BODY_BYTES_MAX: Final = 1_048_576
"""Largest body read: an entry is at most 64 KiB, and 500 short ones fit into one batch."""

FILES_PATH: Final = "/api/v1/attachments/"
"""Below it a body is a file, as large as one may be."""

_OPEN_ON_SOCKET: Final = ("/readyz", "/version")


class Envelope:
    """ASGI middleware; it never buffers a stream."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reference = secrets.token_hex(8)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["reference"] = reference
        headers = Headers(scope=scope)
        trace, accepted = trace_of(headers), headers.get("accept-language", "")
        is_started = False

        async def send_out(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                self._add_headers(MutableHeaders(scope=message), reference, state.get("actor"))
                if trace is not None and trace.is_sampled and "actor" in state:
                    self._log_traced(scope["method"], message["status"], reference, trace)
            await send(message)

        try:
            _check_length(headers, _most(scope))
            if self._needs_actor(scope["path"]):
                actor = state["actor"] = self._identify(scope)
                self._door.count(actor)
            await self._app(scope, _bounded(receive, _most(scope)), send_out)
        except ParleyError as problem:
            if is_started:
                raise
            response = problem_response(problem, reference=reference, accepted=accepted)
            await response(scope, receive, send_out)
        except Exception as fault:  # noqa: BLE001 - the edge: logged once, told without details
            self._door.log(
                "fault in the API",
                reference=reference,
                fault=type(fault).__name__,
                **_told(trace),
                exc_info=True,
            )
            if not is_started:
                said = ParleyError(
                    f"something went wrong that should not, reference {reference}",
                    next_step="Report it with the reference; the station's log tells more.",
                )
                response = problem_response(said, reference=reference, accepted=accepted)
                await response(scope, receive, send_out)

    def _log_traced(self, method: str, status: int, reference: str, trace: Trace) -> None:
        """Log a call that its caller traces; no path, and nothing that anybody wrote."""
        self._door.log(
            "call answered", reference=reference, method=method, status=status, **_told(trace)
        )

    def _identify(self, scope: Scope) -> Actor:
        try:
            return self._door.identify(scope)
        except NotSignedInError:
            self._door.refuse_stranger(scope)
            raise

    def _needs_actor(self, path: str) -> bool:
        if path.startswith(OPEN_PATHS):
            return False
        return self._door.way == "tcp" or path not in _OPEN_ON_SOCKET

    def _add_headers(self, headers: MutableHeaders, reference: str, actor: Actor | None) -> None:
        headers["parley-request-id"] = reference
        calls = self._door.calls
        if calls is not None and actor is not None and not actor.is_person:
            headers["ratelimit-policy"] = f'"token";q={calls.most};w=60'
            headers["ratelimit"] = f'"token";r={calls.left(actor.officer)}'
        headers["x-content-type-options"] = "nosniff"
        if "cache-control" not in headers:
            headers["cache-control"] = "no-store"
        try:
            headers["parley-sequence"] = str(self._door.gateway.sequence())
        except StoreError:
            return


def _told(trace: Trace | None) -> dict[str, str]:
    return {} if trace is None else {"trace": trace.trace, "parent": trace.parent}


def _most(scope: Scope) -> int:
    """Return how many bytes the body of a request may have."""
    return ATTACHMENT_BYTES_MAX if scope["path"].startswith(FILES_PATH) else BODY_BYTES_MAX


def _check_length(headers: Headers, most: int) -> None:
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)


def _too_large(most: int) -> RequestError:
    return RequestError(
        "too_large",
        f"the body has more than {most} bytes; nothing was done",
        next_step="Send less at once.",
    )


def _bounded(receive: Receive, most: int) -> Receive:
    seen = 0

    async def receive_bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise _too_large(most)
        return message

    return receive_bounded
