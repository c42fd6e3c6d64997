"""Screen 1, break-glass: two codes of two holders, when nobody can sign in; and making codes."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat, set_session
from parley.errors import NotAllowedError, TooManyError
from parley.station.break_glass import SESSION_S

WRONG_SENTENCE: Final = "These codes open nothing, and neither was used up. Type both again."
OFTEN_SENTENCE: Final = "Too many wrong codes. Nothing was opened. Wait, then try again."
CODE_DAYS: Final = 366


class BreakGlassPages:
    """The way in without a passkey, which nobody takes unseen."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act = self._frame.act
        return [
            Route("/break-glass", self.show),
            Route("/break-glass", self.open, methods=["POST"]),
            Route("/station/break-glass", act(self.make), methods=["POST"]),
            Route("/station/break-glass/end", act(self.end), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show where two codes are typed, and what they open."""
        return self._frame.open_page(request, "break_glass.html", wrong="", opens_for=SESSION_S)

    async def open(self, request: Request) -> Response:
        """Open a session with two codes; what was wrong with them is not said."""
        form = await form_of(request)
        codes = [text_of(form, name) for name in ("first", "second")]
        source = request.client.host if request.client else ""
        try:
            secret = await self._gateway.open_break_glass(codes, source=source)
        except TooManyError as problem:
            answer = self._refused(request, 429, OFTEN_SENTENCE)
            answer.headers["retry-after"] = str(problem.wait_s)
            return answer
        except NotAllowedError:
            return self._refused(request, 403, WRONG_SENTENCE)
        answer = go("/")
        set_session(answer, secret, secure=self._frame.secure)
        return answer

    def _refused(self, request: Request, status: int, wrong: str) -> Response:
        return self._frame.open_page(
            request, "break_glass.html", status=status, wrong=wrong, opens_for=SESSION_S
        )

    async def make(self, request: Request, seat: Seat) -> Response:
        """Make a code for a holder and show it once."""
        holder = text_of(await form_of(request), "holder").strip()
        made = await self._gateway.make_glass_code(seat.actor, holder, days=CODE_DAYS)
        return self._frame.page(
            request, seat, "break_glass_made.html", made=made, opens_for=SESSION_S
        )

    async def end(self, _: Request, seat: Seat) -> Response:
        """End the session that two codes opened."""
        await self._gateway.end_break_glass(seat.actor)
        return go("/station")
