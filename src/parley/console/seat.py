"""Who sits at a screen: the session cookie, the person's settings, the token of their forms."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from parley.console.language import LANGUAGES, Language, language
from parley.station.actors import Actor

THEMES: Final = ("day", "dark", "night")
SIZES: Final = ("100", "125", "150", "200")
SESSION_HOURS: Final = 12
SESSION_SECRET_MAX: Final = 200
VIEW_COOKIE: Final = "parley-view"
_YEAR_S: Final = 31_536_000
_VIEW = re.compile(r"([a-z]{2})\.([a-z]+)\.([0-9]+)\.(keys|nokeys)")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a person wants the screen: language, theme, text size in per cent, single-letter keys."""

    language: Language
    theme: str = "day"
    size: str = "100"
    keys: bool = True

    def cookie(self) -> str:
        """Return the value kept in the browser."""
        keys = "keys" if self.keys else "nokeys"
        return f"{self.language.code}.{self.theme}.{self.size}.{keys}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An officer at a screen.

    Attributes:
        actor: the officer with their roles.
        secret: the session's; never shown, never logged.
        view: the person's settings.
    """

    actor: Actor
    secret: str
    view: View

    @property
    def form_token(self) -> str:
        """Return what every form of this session carries (against forged requests)."""
        return _derive(self.secret, "form")

    @property
    def stream_name(self) -> str:
        """Return a name for the browser's shared worker: another session gets another worker."""
        return stream_name(self.secret)

    def owns(self, token: str) -> bool:
        """Say whether a form came from a page of this session."""
        return hmac.compare_digest(self.form_token.encode(), token.encode("utf-8", "replace"))


def stream_name(secret: str) -> str:
    """Return the name that stands for a session where its secret must not."""
    return "parley-" + _derive(secret, "stream")[:12]


def _derive(secret: str, use: str) -> str:
    return hmac.new(secret.encode(), f"parley console {use}".encode(), sha256).hexdigest()


def cookie_name(*, secure: bool) -> str:
    """Return the session cookie's name; the `__Host-` prefix needs HTTPS."""
    return "__Host-parley" if secure else "parley-session"


def session_secret(request: Request, *, secure: bool) -> str | None:
    """Return what the browser gives as its session, unchecked; None if absent or absurd."""
    raw = request.cookies.get(cookie_name(secure=secure))
    return raw if raw and len(raw) <= SESSION_SECRET_MAX else None


def set_session(response: Response, secret: str, *, secure: bool) -> None:
    """Let the browser keep the session; scripts cannot read it, other sites cannot send it."""
    response.set_cookie(
        cookie_name(secure=secure),
        secret,
        max_age=SESSION_HOURS * 3600,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def end_session(response: Response, *, secure: bool) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="strict"
    )


def read_view(request: Request, default_language: str) -> View:
    """Return the person's settings from their cookie; anything odd in it gives the defaults."""
    match = _VIEW.fullmatch(request.cookies.get(VIEW_COOKIE, ""))
    if match is None:
        return View(language=language(default_language))
    code, theme, size, keys = match.groups()
    return make_view(code, theme, size, keys=keys == "keys")


def make_view(code: str, theme: str, size: str, *, keys: bool) -> View:
    """Return settings with every unknown value replaced by its default."""
    return View(
        language=language(code if code in LANGUAGES else "en"),
        theme=theme if theme in THEMES else "day",
        size=size if size in SIZES else "100",
        keys=keys,
    )


def set_view(response: Response, view: View, *, secure: bool) -> None:
    """Let the browser keep the person's settings for a year."""
    response.set_cookie(
        VIEW_COOKIE,
        view.cookie(),
        max_age=_YEAR_S,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
