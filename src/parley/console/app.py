"""The console as one ASGI application: pages, stream and assets behind the guard."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from parley.console import assets
from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.guard import Guard
from parley.console.idle import Idle
from parley.console.labels import Labels
from parley.console.live import LiveStream
from parley.console.pages.alarms import AlarmPages
from parley.console.pages.audit import AuditPages
from parley.console.pages.break_glass import BreakGlassPages
from parley.console.pages.calendar import CalendarPages
from parley.console.pages.cases import CasePages
from parley.console.pages.channels import ChannelPages
from parley.console.pages.courier import CourierPages
from parley.console.pages.drafts import DraftPages
from parley.console.pages.entries import EntryPages
from parley.console.pages.exercises import ExercisePages
from parley.console.pages.glossary import GlossaryPage
from parley.console.pages.history import HistoryPages
from parley.console.pages.inbox import InboxPage
from parley.console.pages.map import MapPages
from parley.console.pages.notices import NoticePages
from parley.console.pages.overview import OverviewPage
from parley.console.pages.peers import PeerPages
from parley.console.pages.preconditions import PreconditionsPage
from parley.console.pages.readings import ReadingPages
from parley.console.pages.record import RecordPages
from parley.console.pages.release import ReleasePages
from parley.console.pages.requests import RegisterPages
from parley.console.pages.restore import RestorePages
from parley.console.pages.search import SearchPage
from parley.console.pages.sign_in import SignInPages
from parley.console.pages.station import StationPages
from parley.console.pages.templates import TemplatePages
from parley.console.pages.timeline import TimelinePage
from parley.console.pages.tour import TourPage
from parley.console.pages.wall import WallPage
from parley.console.pages.watch import WatchPages
from parley.console.pages.webhooks import WebhookPages
from parley.console.passkeys import Passkeys
from parley.console.render import Renderer


def build_console(gateway: Gateway, *, origin: str) -> ASGIApp:
    """Return the console of a station; its clock is the station's.

    Args:
        gateway: the station's one door.
        origin: the console's address as browsers write it, such as `http://alfa.localhost:8101`;
            passkeys are bound to it, and no other host is answered.
    """
    secure = origin.startswith("https:")
    passkeys = Passkeys(
        origin=origin, host=urlsplit(origin).hostname or "", name=gateway.station().code
    )
    idle = Idle(gateway, passkeys, now=gateway.now)
    renderer = Renderer(Labels(gateway.procedures()))
    frame = Frame(gateway, renderer, secure=secure, now=gateway.now, idle=idle)
    pages = (
        SignInPages(gateway, frame, passkeys),
        BreakGlassPages(gateway, frame),
        OverviewPage(gateway, frame),
        WallPage(gateway, frame),
        AlarmPages(gateway, frame),
        WatchPages(gateway, frame),
        InboxPage(gateway, frame),
        EntryPages(gateway, frame),
        DraftPages(gateway, frame),
        TemplatePages(gateway, frame),
        NoticePages(gateway, frame),
        HistoryPages(gateway, frame),
        ReleasePages(gateway, frame, passkeys),
        RegisterPages(gateway, frame),
        CasePages(gateway, frame),
        ReadingPages(gateway, frame),
        CalendarPages(gateway, frame, origin=origin),
        TimelinePage(gateway, frame),
        MapPages(gateway, frame),
        PreconditionsPage(gateway, frame),
        ChannelPages(gateway, frame),
        RestorePages(gateway, frame),
        PeerPages(gateway, frame),
        RecordPages(gateway, frame),
        CourierPages(gateway, frame),
        SearchPage(gateway, frame),
        AuditPages(gateway, frame),
        GlossaryPage(gateway, frame),
        ExercisePages(gateway, frame),
        StationPages(gateway, frame, passkeys, origin=origin),
        WebhookPages(gateway, frame),
        TourPage(gateway, frame),
        LiveStream(gateway, frame),
    )
    routes = [assets.ROUTE, *(route for page in pages for route in page.routes())]

    async def not_found(request: Request, _: Exception) -> Response:
        return frame.open_page(request, "not_found.html", status=404)

    async def refused(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)
        if problem.status_code == 404:
            return await not_found(request, problem)
        return Response(problem.detail + "\n", problem.status_code, media_type="text/plain")

    async def failed(request: Request, fault: Exception) -> Response:
        return frame.failed(request, fault)

    app = Starlette(routes=routes, exception_handlers={HTTPException: refused, Exception: failed})
    app.router.redirect_slashes = False
    return Guard(app, origin=origin)


def console_app(gateway: Gateway, config: Any) -> ASGIApp:
    """Return the console as a station's configuration wants it (`[console]` of parley.toml)."""
    origin = config.console.origin or f"http://{config.console.listen}"
    return build_console(gateway, origin=origin)
