"""The overview for a shared display on a wall: large, live, without acts and without any text."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, go, text_of
from parley.console.pages.overview import owings
from parley.console.seat import make_view
from parley.errors import NotAllowedError, NotSignedInError, ParleyError

PLACE: Final = "/wall"
COOKIE: Final = "parley-wall"
NEEDS_MAX: Final = 6
_SCOPE: Final = "status:read"
_SECRET_MAX: Final = 200
_DAYS: Final = 30


class WallPage:
    """Shown to an officer, or to a display that holds a token which can only read."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route(PLACE, self.show), Route(PLACE, self.open, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Show the wall, or ask for the display's token."""
        if self._frame.seat(request) is None:
            try:
                self._check(request.cookies.get(COOKIE, ""))
            except ParleyError:
                return self._frame.open_page(request, "wall_token.html", status=401, problem=None)
        return self._frame.open_page(request, "wall.html", **self._board(request))

    async def open(self, request: Request) -> Response:
        """Let a display show the wall: its token stays in its browser, for this page alone."""
        form = await request.form(max_files=0, max_fields=4)
        secret = text_of(form, "token").strip()
        try:
            self._check(secret)
        except ParleyError as problem:
            return self._frame.open_page(request, "wall_token.html", status=403, problem=problem)
        answer = go(PLACE)
        answer.set_cookie(
            COOKIE,
            secret,
            max_age=_DAYS * 86_400,
            path=PLACE,
            secure=self._frame.secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    def _check(self, secret: str) -> None:
        """Let a display pass.

        Raises:
            NotSignedInError, NotAllowedError: it holds no token that reads the state of everything.
        """
        if not 0 < len(secret) <= _SECRET_MAX:
            raise NotSignedInError("a wall display needs a token")
        actor = self._gateway.actor_of_token(secret)
        if actor.scopes != frozenset({_SCOPE}) or actor.channels:
            raise NotAllowedError(
                f"a wall display holds a token with the scope {_SCOPE} and no other",
                next_step=f"Ask an administrator: parley token add wall --scope {_SCOPE}.",
            )

    def _board(self, request: Request) -> dict[str, Any]:
        """Return what the wall shows: states, counts, peers and times; no subject and no text."""
        overview = self._gateway.overview()
        query, kept = request.query_params, self._frame.view(request)
        view = make_view(
            query.get("language", kept.language.code),
            query.get("theme", kept.theme),
            "100",
            keys=False,
        )
        now = int(self._frame.now())
        return {
            "view": view,
            "overview": overview,
            "needs": overview.needs[:NEEDS_MAX],
            "more": max(0, overview.needs_count - NEEDS_MAX),
            "oldest": now if overview.needs_oldest is None else overview.needs_oldest,
            "alarms_unclaimed": [one for one in self._gateway.alarms(open_only=True) if one.sounds],
            "balances": owings(overview.balances),
            "watch": self._gateway.watch(),
        }
