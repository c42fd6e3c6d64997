"""Screens 26 and 28: this station, its officers, settings and health; own passkeys."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.console.door import Gateway, PasskeyRow
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.passkeys import Passkeys
from parley.console.seat import Seat
from parley.errors import ConflictError, NotAllowedError, UsageError

LINK_MINUTES: Final = 60
ROLES_HERE: Final = ("watch", "desk", "interpreter", "auditor")
"""Roles that one administrator gives at the console; who releases or administers needs two people,
and is added on the station's own machine."""


class StationPages:
    """The station about itself."""

    def __init__(self, gateway: Gateway, frame: Frame, passkeys: Passkeys, *, origin: str) -> None:
        self._gateway = gateway
        self._frame = frame
        self._passkeys = passkeys
        self._origin = origin

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read, act = self._frame.read, self._frame.act
        return [
            Route("/station", read(self.show)),
            Route("/station/links", act(self.link), methods=["POST"]),
            Route("/station/officers", act(self.add_officer), methods=["POST"]),
            Route("/station/officers/{code}/suspend", act(self.suspend), methods=["POST"]),
            Route("/station/settings/{key}", act(self.change_setting), methods=["POST"]),
            Route("/station/settings/{key}/options", act(self.ask_setting), methods=["POST"]),
            Route("/station/passkey", act(self.enrol), methods=["POST"]),
            Route("/station/passkey/options", act(self.options), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the station, its people, its health and its settings."""
        return self._frame.page(
            request,
            seat,
            "station.html",
            officers=list(self._gateway.officers()),
            health=list(self._gateway.health()),
            settings=list(self._gateway.settings()),
            passkeys=list(self._gateway.passkeys(seat.actor.officer)),
            may_let_in=seat.actor.may("let-in"),
            may_administer=seat.actor.may("administer"),
            roles=ROLES_HERE,
        )

    async def add_officer(self, request: Request, seat: Seat) -> Response:
        """Enrol an officer and show, once, the link by which they sign in and make a passkey."""
        seat.actor.require("administer")
        form = await form_of(request)
        code = text_of(form, "code").strip().upper()
        roles = [str(role) for role in form.getlist("role")]
        if not roles or not set(roles) <= set(ROLES_HERE):
            raise UsageError(
                "an officer has one role at least, and none here that releases or administers",
                next_step=f"Tick some of {', '.join(ROLES_HERE)}; others: parley officer add.",
            )
        if code in {officer.code for officer in self._gateway.officers()}:
            raise ConflictError(
                f"there is an officer {code} already",
                next_step="Take another code; of who was suspended: parley officer add.",
            )
        await self._gateway.add_officer(seat.actor, code, roles=roles)
        return await self._link_for(request, seat, code)

    async def link(self, request: Request, seat: Seat) -> Response:
        """Make a link by which an officer without a passkey signs in once; show it once."""
        seat.actor.require("let-in")
        form = await form_of(request)
        return await self._link_for(request, seat, text_of(form, "officer"))

    async def _link_for(self, request: Request, seat: Seat, officer: str) -> Response:
        secret = await self._gateway.sign_in_link(seat.actor, officer, minutes=LINK_MINUTES)
        return self._frame.page(
            request,
            seat,
            "link_made.html",
            officer=officer,
            minutes=LINK_MINUTES,
            link=f"{self._origin}/sign-in/link/{secret}",
        )

    async def suspend(self, request: Request, seat: Seat) -> Response:
        """Shut an officer out at once: sessions end, what they did stays."""
        await self._gateway.suspend_officer(seat.actor, request.path_params["code"])
        return go("/station")

    async def ask_setting(self, request: Request, seat: Seat) -> Response:
        """Answer with a challenge over the setting and its new value."""
        form = await form_of(request)
        known = [row.credential_id for row in self._gateway.passkeys(seat.actor.officer)]
        subject = _subject(request, text_of(form, "value"))
        return JSONResponse(self._passkeys.ask("setting", subject, known))

    async def change_setting(self, request: Request, seat: Seat) -> Response:
        """Change a setting at once, confirmed with the passkey of whoever changes it."""
        seat.actor.require("administer")
        form = await form_of(request)
        value, credential = text_of(form, "value"), text_of(form, "credential")
        if self._gateway.passkeys(seat.actor.officer):
            if not credential:
                raise NotAllowedError(
                    "a setting is changed with your passkey",
                    next_step="Press the button again and let the passkey answer; it needs "
                    "JavaScript.",
                )
            await self._frame.idle.confirm(
                seat.actor.officer,
                text_of(form, "challenge"),
                credential,
                use="setting",
                subject=_subject(request, value),
            )
        await self._gateway.change_setting(seat.actor, request.path_params["key"], value)
        return go("/station#settings")

    async def options(self, _: Request, seat: Seat) -> Response:
        """Answer with what the browser needs to make a passkey."""
        known = [row.credential_id for row in self._gateway.passkeys(seat.actor.officer)]
        return JSONResponse(self._passkeys.ask_to_enrol(seat.actor.officer, known))

    async def enrol(self, request: Request, seat: Seat) -> Response:
        """Keep the officer's new passkey."""
        form = await form_of(request)
        officer = seat.actor.officer
        made = self._passkeys.finish_enrolment(
            officer, text_of(form, "challenge"), text_of(form, "credential")
        )
        await self._gateway.add_passkey(
            seat.actor,
            officer,
            PasskeyRow(
                credential_id=made.credential_id,
                officer=officer,
                public_key=made.public_key,
                sign_count=made.sign_count,
                label=text_of(form, "label").strip()[:60],
                added_at=self._frame.now(),
            ),
        )
        return go("/station")


def _subject(request: Request, value: str) -> str:
    return f"{request.path_params['key']}={value.strip()}"
