"""The frame common to all screens: who may look, what stands in header and navigation, errors."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from parley.console.door import Gateway
from parley.console.idle import FIELDS as AGAIN_FIELDS
from parley.console.idle import UNATTENDED, Idle
from parley.console.refusals import Refusals
from parley.console.render import Renderer
from parley.console.seat import Seat, View, read_view, session_secret
from parley.console.words import FAMILIES
from parley.core.instants import Instant
from parley.errors import (
    ConflictError,
    InvalidFieldsError,
    NotAllowedError,
    NotFoundError,
    ParleyError,
    StationUnreachableError,
    StoreError,
    TooManyError,
)

Handler = Callable[[Request, Seat], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

FORM_FIELDS_MAX: Final = 400
LAYER_ALARMS_MAX: Final = 5

_STATUS: Final = (
    (TooManyError, HTTPStatus.TOO_MANY_REQUESTS),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (InvalidFieldsError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreError, HTTPStatus.INSUFFICIENT_STORAGE),
    (StationUnreachableError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_log = structlog.get_logger("parley.console")


class Frame:
    """Turns a page's handler into an endpoint, and renders templates in the common frame."""

    def __init__(
        self,
        gateway: Gateway,
        renderer: Renderer,
        *,
        secure: bool,
        now: Callable[[], Instant],
        idle: Idle,
    ) -> None:
        self._gateway = gateway
        self._renderer = renderer
        self.secure = secure
        self.now = now
        self.idle = idle

    def view(self, request: Request) -> View:
        """Return the settings of whoever looks."""
        return read_view(request, self._default_language())

    def _default_language(self) -> str:
        languages = self._gateway.station().languages
        return str(languages[0])[:2] if languages else "en"

    def seat(self, request: Request) -> Seat | None:
        """Return who sits at the screen; None when nobody is signed in."""
        secret = session_secret(request, secure=self.secure)
        actor = self._gateway.session(secret) if secret else None
        if secret is None or actor is None:
            return None
        return Seat(actor=actor, secret=secret, view=self.view(request))

    def read(self, handler: Handler) -> Endpoint:
        """Return an endpoint that shows a page to an officer, and sends others to sign in."""

        async def endpoint(request: Request) -> Response:
            seat = self.seat(request)
            if seat is None:
                target = request.url.path
                if request.url.query:
                    target += "?" + request.url.query
                return RedirectResponse(f"/sign-in?next={quote(target)}", 303)
            self.idle.looked(request, seat)
            return await self._answer(request, seat, handler)

        return endpoint

    def act(self, handler: Handler) -> Endpoint:
        """Return an endpoint for a posted form: signed in, and from a page of this session."""

        async def endpoint(request: Request) -> Response:
            seat = self.seat(request)
            if seat is None:
                return self.signed_out(request)
            form = await request.form(max_files=1, max_fields=FORM_FIELDS_MAX)
            try:
                if not seat.owns(text_of(form, "form_token")):
                    problem = NotAllowedError(
                        "this form is of another session; nothing was done",
                        next_step="Go back: what you typed is there. Copy it, reload, send it.",
                    )
                    return self.problem(request, seat, problem)
                return await self._answer(request, seat, self._attended(handler))
            finally:
                await form.close()  # a file that was posted lies on disk until then

        return endpoint

    def _attended(self, handler: Handler) -> Handler:
        """Return a handler that asks for the passkey first where nobody acted for long."""

        async def attended(request: Request, seat: Seat) -> Response:
            form = await form_of(request)
            if self.idle.asks(request, seat):
                challenge, credential = (text_of(form, name) for name in AGAIN_FIELDS)
                if not credential:
                    await self.idle.keep_files(seat, form)
                    kept = [(k, v) for k, v in form.multi_items() if isinstance(v, str)]
                    return self.page(
                        request,
                        seat,
                        "again.html",
                        fields=AGAIN_FIELDS,
                        kept=[(k, v) for k, v in kept if k not in (*AGAIN_FIELDS, "form_token")],
                    )
                await self.idle.confirm(seat.actor.officer, challenge, credential)
                self.idle.put_back(request, seat, form)
            if not request.url.path.endswith(UNATTENDED):
                self.idle.touch(seat.secret)
            return await handler(request, seat)

        return attended

    async def _answer(self, request: Request, seat: Seat, handler: Handler) -> Response:
        try:
            return await handler(request, seat)
        except ParleyError as problem:
            return self.problem(request, seat, problem)

    def page(
        self,
        request: Request,
        seat: Seat,
        template: str,
        /,
        *,
        status: int = HTTPStatus.OK,
        **facts: Any,
    ) -> Response:
        """Return a whole page; `facts` are what its template reads."""
        body = self._renderer.render(template, {**self.context(request, seat), **facts})
        return Response(body, status_code=status, media_type="text/html; charset=utf-8")

    def open_page(
        self, request: Request, template: str, /, *, status: int = HTTPStatus.OK, **facts: Any
    ) -> Response:
        """Return a page for somebody who is not signed in."""
        view = self.view(request)
        context = {**self._common(request, view), "seat": None, **facts}
        body = self._renderer.render(template, context)
        return Response(body, status_code=status, media_type="text/html; charset=utf-8")

    def context(self, request: Request, seat: Seat) -> dict[str, Any]:
        """Return what header, navigation and alarm layer show."""
        alarms = list(self._gateway.alarms(open_only=True))
        unclaimed = [alarm for alarm in alarms if alarm.sounds]
        flashes = [alarm for alarm in unclaimed if alarm.kind == "flash"]
        drafts = list(self._gateway.drafts())
        peers = {peer.code: peer for peer in self._gateway.peers()}
        to_read = self._gateway.facts_to_read()
        return {
            **self._common(request, seat.view),
            "seat": seat,
            "actor": seat.actor,
            "form_token": seat.form_token,
            "stream_name": seat.stream_name,
            "alarms": alarms,
            "alarms_unclaimed": unclaimed,
            "flash_alarms": [self._flash(alarm, peers) for alarm in flashes[:LAYER_ALARMS_MAX]],
            "flash_more": max(0, len(flashes) - LAYER_ALARMS_MAX),
            "watch": self._gateway.watch(),
            "glass": self._gateway.break_glass(),
            "alone": [each for each in self._gateway.countersigns() if each.by is None],
            "exercise": self._gateway.exercise_running(),
            "tour": self._gateway.tour(seat.actor),
            "facts_to_read": to_read,
            "inbox_count": 0 if to_read else self._gateway.inbox_count(),
            "held_count": sum(1 for draft in drafts if draft.state == "held"),
            "stopped_logs": self._gateway.stopped_logs(),
            "stopped_count": sum(1 for peer in peers.values() if not peer.trusted),
        }

    def _common(self, request: Request, view: View) -> dict[str, Any]:
        station = self._gateway.station()
        return {
            "station": station,
            "mark": str(station.mark).upper(),
            "view": view,
            "now": self.now(),
            "path": request.url.path,
            "query": request.url.query,
        }

    def _flash(self, alarm: Any, peers: Mapping[str, Any]) -> Mapping[str, Any]:
        entry = None
        if alarm.entry:
            try:
                entry = self._gateway.entry(alarm.entry)
            except (NotFoundError, StationUnreachableError):
                entry = None
        received = entry.times.received_at if entry else alarm.raised_at
        aim = self._gateway.aims()["Z"]
        return {
            "alarm": alarm,
            "entry": entry,
            "peer": peers.get(alarm.peer),
            "received": received,
            "aim": aim,
            "aim_at": received + aim,
        }

    @property
    def refusals(self) -> Refusals:
        """What says an error in the language of whoever looks."""
        return self._renderer.refusals

    def problem(self, request: Request, seat: Seat, problem: ParleyError) -> Response:
        """Return the page of an error: what happened, what became of it, what to do next."""
        reference = secrets.token_hex(4)
        status = next(
            (status for kind, status in _STATUS if isinstance(problem, kind)),
            HTTPStatus.BAD_REQUEST,
        )
        _log.info(
            "page_refused",
            reference=reference,
            code=problem.code,
            officer=seat.actor.officer,
            method=request.method,
        )
        return self.page(
            request,
            seat,
            "problem.html",
            status=status,
            problem=problem,
            problem_words=FAMILIES["problem"],
            reference=reference,
        )

    def failed(self, request: Request, fault: Exception) -> Response:
        """Return the page for a fault of the program itself; the log has where, under a number."""
        reference = secrets.token_hex(4)
        _log.error(
            "page_failed",
            reference=reference,
            fault=type(fault).__name__,
            path=request.url.path,
            method=request.method,
        )
        return self.open_page(
            request,
            "failed.html",
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            reference=reference,
            was_read=request.method in ("GET", "HEAD"),
        )

    def signed_out(self, request: Request) -> Response:
        """Return the page for a form whose session has ended; Back still holds what was typed."""
        return self.open_page(request, "signed_out.html", status=HTTPStatus.UNAUTHORIZED)


async def form_of(request: Request) -> FormData:
    """Return the posted form; it was read and bounded already, this hands it out again."""
    return await request.form(max_files=1, max_fields=FORM_FIELDS_MAX)


def text_of(form: FormData, name: str, default: str = "") -> str:
    """Return one text of a form, line ends as line feeds; a file or nothing gives `default`."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else default


def go(path: str) -> Response:
    """Return the answer to a form that was carried out: look at `path` now."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
