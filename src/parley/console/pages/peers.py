"""Screen 24, peers and keys: words compared by two officers, a changed key stops everything."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.errors import UsageError

METHODS: Final = ("in-person", "voice", "paper")
WORDS_MAX: Final = 12
REASON_MAX: Final = 500
NAME_MAX: Final = 120


class PeerPages:
    """Peers, their words, and the two answers to a card: verified or rejected."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read, act = self._frame.read, self._frame.act
        return [
            Route("/peers", read(self.show_list)),
            Route("/card.svg", read(self.print_card)),
            Route("/peers/{code}", read(self.show)),
            Route("/peers/{code}/verify", act(self.verify), methods=["POST"]),
            Route("/peers/{code}/reject", act(self.reject), methods=["POST"]),
            Route("/peers/{code}/line-check", act(self.line_check), methods=["POST"]),
        ]

    async def show_list(self, request: Request, seat: Seat) -> Response:
        """Show our own card's words and every peer."""
        return self._frame.page(
            request,
            seat,
            "peers.html",
            card=self._gateway.own_card(),
            peers=list(self._gateway.peers()),
        )

    async def print_card(self, request: Request, seat: Seat) -> Response:
        """Hand out our own card as a page of codes, to be printed."""
        del request, seat
        name = f"{self._gateway.own_card().code}-card.svg"
        return Response(
            self._gateway.own_card_page(),
            media_type="image/svg+xml",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show one peer; a changed key fills the screen."""
        code = request.path_params["code"]
        lines = {line.peer: line for line in self._gateway.lines()}
        officers = [o.code for o in self._gateway.officers() if o.code != seat.actor.officer]
        return self._frame.page(
            request,
            seat,
            "peer.html",
            peer=self._gateway.peer(code),
            line=lines.get(code),
            methods=METHODS,
            officers=officers,
            result=request.query_params.get("words", ""),
        )

    async def verify(self, request: Request, seat: Seat) -> Response:
        """Compare the words that the other party read out, as typed here.

        Raises:
            UsageError: not twelve words, or no method.
        """
        code = request.path_params["code"]
        form = await form_of(request)
        typed = text_of(form, "words").replace(",", " ").replace("，", " ").lower().split()
        method = text_of(form, "method")
        if len(typed) != WORDS_MAX or method not in METHODS:
            raise UsageError(
                f"{len(typed)} words were typed; the comparison takes {WORDS_MAX} and a way",
                next_step="Type all twelve words as the other party reads them out.",
            )
        second_code = text_of(form, "second")
        second = self._gateway.actor_for_officer(second_code) if second_code else None
        result = await self._gateway.verify_peer(
            seat.actor, code, words=typed, method=method, second=second
        )
        if result.match:
            return go(f"/peers/{code}?words=match")
        if result.needs:
            return go(f"/peers/{code}?words=second")
        return go(f"/peers/{code}?words=differ-{result.differs_at or ''}")

    async def reject(self, request: Request, seat: Seat) -> Response:
        """Reject a card; nothing is sent to this peer until another is verified.

        Raises:
            UsageError: there is no reason.
        """
        form = await form_of(request)
        reason = text_of(form, "reason").strip()[:REASON_MAX]
        if not reason:
            raise UsageError("a card is rejected with a reason", next_step="Write why.")
        code = request.path_params["code"]
        await self._gateway.reject_peer(seat.actor, code, reason=reason)
        return go(f"/peers/{code}")

    async def line_check(self, request: Request, seat: Seat) -> Response:
        """Ask the other watch to answer: the line's second lamp."""
        code = request.path_params["code"]
        form = await form_of(request)
        result = await self._gateway.line_check(
            seat.actor,
            code,
            answers=text_of(form, "answers")[:NAME_MAX] or None,
            idempotency_key=text_of(form, "press")[:64] or None,
        )
        return go(f"/entries/{result.entry}" if result.entry else "/release")
