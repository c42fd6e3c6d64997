"""A log of ours that is not the newest copy: what happened, what is stopped, how it goes on."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of
from parley.console.seat import Seat
from parley.errors import UsageError

WAIT_S: Final = 30.0


class RestorePages:
    """State of a stopped log, and the act that brings back what peers hold of it."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/channels/{code}/restore", self._frame.read(self.show)),
            Route("/channels/{code}/restore", self._frame.act(self.restore), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show why nothing is written, what we hold, what each peer holds, and the next step."""
        channel = self._gateway.channel(request.path_params["code"])
        ours = [log for log in channel.logs if log.party == channel.ours]
        return self._frame.page(
            request,
            seat,
            "restore.html",
            channel=channel,
            log=ours[-1] if ours else None,
            others=[code for code in channel.parties if code != channel.ours],
            result=None,
            may=seat.actor.may("administer"),
        )

    async def restore(self, request: Request, seat: Seat) -> Response:
        """Ask the peers ticked for our log, begin a new one, and tell what came and what is lost.

        Raises:
            UsageError: no peer is ticked.
        """
        form = await form_of(request)
        peers = [str(peer) for peer in form.getlist("peer")]
        if not peers:
            raise UsageError(
                "no peer was chosen; nothing was changed",
                next_step="Tick at least one peer that may hold our log.",
            )
        code = request.path_params["code"]
        result = await self._gateway.restore_log(seat.actor, code, peers, timeout_s=WAIT_S)
        channel = self._gateway.channel(code)
        return self._frame.page(
            request,
            seat,
            "restore.html",
            channel=channel,
            log=None,
            others=[],
            result=result,
            may=False,
        )
