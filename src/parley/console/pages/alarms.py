"""Screen 3, alarms: claimed here, handled by an acknowledgement or with a reason."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.pages.sign_in import local_path
from parley.console.seat import Seat
from parley.errors import UsageError

REASON_MAX: Final = 500
SNOOZES: Final = (900, 3_600, 14_400, 28_800)
"""For how long an alarm may be kept silent, in seconds."""


class AlarmPages:
    """List of alarms, and the two acts on one."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/alarms", self._frame.read(self.show)),
            Route("/alarms/{id}/claim", self._frame.act(self.claim), methods=["POST"]),
            Route("/alarms/{id}/handle", self._frame.act(self.handle), methods=["POST"]),
            Route("/alarms/{id}/hand-over", self._frame.act(self.hand_over), methods=["POST"]),
            Route("/alarms/{id}/snooze", self._frame.act(self.snooze), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show open alarms, oldest first, and what became of earlier ones."""
        every = sorted(self._gateway.alarms(open_only=False), key=lambda alarm: alarm.raised_at)
        return self._frame.page(
            request,
            seat,
            "alarms.html",
            able=[
                each.code
                for each in self._gateway.officers()
                if each.active and "watch" in each.roles and each.code != seat.actor.officer
            ],
            spans=SNOOZES,
            open_alarms=[alarm for alarm in every if alarm.open],
            closed_alarms=[alarm for alarm in reversed(every) if not alarm.open][:100],
        )

    async def claim(self, request: Request, seat: Seat) -> Response:
        """Claim an alarm: silent on all consoles; nothing leaves the station."""
        form = await form_of(request)
        await self._gateway.claim(seat.actor, request.path_params["id"])
        return go(local_path(text_of(form, "back", "/alarms")))

    async def handle(self, request: Request, seat: Seat) -> Response:
        """Close an alarm with a reason.

        Raises:
            UsageError: there is no reason.
        """
        form = await form_of(request)
        reason = text_of(form, "reason").strip()[:REASON_MAX]
        if not reason:
            raise UsageError(
                "an alarm is closed with a reason", next_step="Write why, then close it."
            )
        await self._gateway.handle(seat.actor, request.path_params["id"], reason=reason)
        return go("/alarms")

    async def hand_over(self, request: Request, seat: Seat) -> Response:
        """Hand a claimed alarm to another officer."""
        to = text_of(await form_of(request), "to")
        await self._gateway.hand_over_alarm(seat.actor, request.path_params["id"], to)
        return go("/alarms")

    async def snooze(self, request: Request, seat: Seat) -> Response:
        """Keep an alarm silent for a while, with a reason that goes into the watch log.

        Raises:
            UsageError: the time is none that was offered.
        """
        form = await form_of(request)
        seconds = text_of(form, "seconds")
        if seconds not in map(str, SNOOZES):
            raise UsageError("that is no time for which an alarm is kept silent")
        await self._gateway.snooze(
            seat.actor,
            request.path_params["id"],
            seconds=int(seconds),
            reason=text_of(form, "reason"),
        )
        return go("/alarms")
