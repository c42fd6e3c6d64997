"""Screen 1: sign in by passkey or by a one-time link; settings of the person; sign out."""

from __future__ import annotations

import time
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.passkeys import Passkeys
from parley.console.seat import (
    SESSION_HOURS,
    Seat,
    end_session,
    make_view,
    set_session,
    set_view,
)
from parley.errors import NotAllowedError, ParleyError, TooManyError
from parley.station.pace import Pace

LINK_SECRET_MAX: Final = 200
ASKED_MOST, ASKED_EVERY_S = 60, 1.0
"""Challenges asked for from one address: sixty at once, then one a second."""
WRONG_MOST, WRONG_EVERY_S = 10, 6.0
"""Wrong answers and links from one address; who answers rightly is let in all the same."""
OFTEN_SENTENCE: Final = "Too many wrong tries came from this address. Wait, then try again."
USED_LINK_SENTENCE: Final = "This link was used already, is too old, or is unknown."


class SignInPages:
    """How an officer comes in and goes out."""

    def __init__(self, gateway: Gateway, frame: Frame, passkeys: Passkeys) -> None:
        self._gateway = gateway
        self._frame = frame
        self._passkeys = passkeys
        self._asked = Pace(most=ASKED_MOST, every_s=ASKED_EVERY_S, now=time.monotonic)
        self._wrong = Pace(most=WRONG_MOST, every_s=WRONG_EVERY_S, now=time.monotonic)

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/sign-in", self.show),
            Route("/sign-in", self.by_passkey, methods=["POST"]),
            Route("/sign-in/options", self.options, methods=["POST"]),
            Route("/sign-in/link/{secret}", self.show_link),
            Route("/sign-in/link", self.by_link, methods=["POST"]),
            Route("/again/options", self._frame.act(self.again), methods=["POST"]),
            Route("/sign-out", self._frame.act(self.sign_out), methods=["POST"]),
            Route("/preferences", self.prefer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the passkey button under station code and marking."""
        return self._frame.open_page(
            request,
            "sign_in.html",
            next=local_path(request.query_params.get("next", "/")),
            wrong=None,
        )

    async def options(self, request: Request) -> Response:
        """Answer with a fresh challenge; nothing here tells whether an officer exists."""
        try:
            self._asked.take(_address(request), "asked too often")
        except TooManyError as problem:
            said = {"detail": self._frame.view(request).language.say(OFTEN_SENTENCE)}
            return JSONResponse(said, 429, headers={"retry-after": str(problem.wait_s)})
        return JSONResponse(self._passkeys.ask("sign-in", "", []))

    async def by_passkey(self, request: Request) -> Response:
        """Let the officer in whose passkey answered."""
        form = await form_of(request)
        target = local_path(text_of(form, "next", "/"))
        try:
            officer = await self._check_passkey(
                text_of(form, "challenge"), text_of(form, "credential")
            )
        except ParleyError as problem:
            return self._refused(request, target, problem)
        return await self._let_in(officer, "passkey", target)

    def _refused(self, request: Request, target: str, wrong: ParleyError) -> Response:
        """Return the page with what was wrong; after too many, with how long to wait."""
        status, headers = 403, {}
        try:
            self._wrong.take(_address(request), OFTEN_SENTENCE)
        except TooManyError as problem:
            status, wrong = 429, problem
            headers = {"retry-after": str(problem.wait_s)}
        page = self._frame.open_page(
            request, "sign_in.html", status=status, next=target, wrong=wrong
        )
        page.headers.update(headers)
        return page

    async def _check_passkey(self, challenge: str, credential: str) -> str:
        credential_id = self._passkeys.credential_id(credential)
        row = self._gateway.passkey(credential_id)
        if row is None:
            raise NotAllowedError("this passkey is not known at this station")
        count = self._passkeys.finish(
            "sign-in", "", challenge, credential, public_key=row.public_key, count=row.sign_count
        )
        await self._gateway.used_passkey(credential_id, count)
        return str(row.officer)

    async def show_link(self, request: Request) -> Response:
        """Show the button of a one-time link; looking at it does not use it up."""
        secret = request.path_params["secret"][:LINK_SECRET_MAX]
        return self._frame.open_page(request, "sign_in_link.html", secret=secret)

    async def by_link(self, request: Request) -> Response:
        """Let the officer in for whom the link was made; it works once."""
        form = await form_of(request)
        try:
            officer = await self._gateway.use_sign_in_link(
                text_of(form, "secret")[:LINK_SECRET_MAX]
            )
        except ParleyError:
            return self._refused(request, "/", NotAllowedError(USED_LINK_SENTENCE))
        return await self._let_in(officer, "link", "/")

    async def _let_in(self, officer: str, how: str, target: str) -> Response:
        secret = await self._gateway.open_session(officer, how=how, hours=SESSION_HOURS)
        self._frame.idle.touch(secret)
        answer = go(target)
        set_session(answer, secret, secure=self._frame.secure)
        return answer

    async def again(self, _: Request, seat: Seat) -> Response:
        """Answer with a challenge for the passkey of whoever acts after a long pause."""
        return JSONResponse(self._frame.idle.question(seat.actor.officer))

    async def sign_out(self, _: Request, seat: Seat) -> Response:
        """End the session here and in the browser; drafts stay."""
        await self._gateway.close_session(seat.secret)
        answer = go("/sign-in")
        end_session(answer, secure=self._frame.secure)
        return answer

    async def prefer(self, request: Request) -> Response:
        """Keep language, light, text size and keys of this browser."""
        form = await form_of(request)
        old = self._frame.view(request)
        whole = bool(text_of(form, "whole"))
        view = make_view(
            text_of(form, "language", old.language.code),
            text_of(form, "theme", old.theme),
            text_of(form, "size", old.size),
            keys=text_of(form, "keys") == "on" if whole else old.keys,
        )
        answer = go(local_path(text_of(form, "back", "/")))
        set_view(answer, view, secure=self._frame.secure)
        return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def local_path(text: str) -> str:
    """Return a path of this console, `/` for anything that could lead elsewhere."""
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else "/"
