"""An unattended console reads on, but does nothing: after 15 idle minutes an act asks who acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request

from parley.console.seat import Seat
from parley.core.instants import Instant

IDLE_S: Final = 900
SESSIONS_MAX: Final = 1_000
_NEVER_ASKED: Final = ("/sign-out", "/release/")
"""Paths of acts that are always let through: signing out, and a release, which asks by itself."""
_NEVER_ASKED_ENDS: Final = ("/claim", "/save", "/options")
"""A claim stops a sound and tells nobody outside; saving keeps what was typed."""


class Idle:
    """When somebody last did something in each session; in memory, so that a restart asks."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        self._now = now
        self._last: dict[str, Instant] = {}

    def touch(self, seat: Seat) -> None:
        """Take note that a person did something."""
        self._last.pop(seat.stream_name, None)
        while len(self._last) >= SESSIONS_MAX:
            del self._last[next(iter(self._last))]
        self._last[seat.stream_name] = self._now()

    def looked(self, request: Request, seat: Seat) -> None:
        """Take note of a page that a person opened, not of one that freshens by itself."""
        if request.headers.get("sec-fetch-user") == "?1" and not self.is_idle(seat):
            self.touch(seat)

    def is_idle(self, seat: Seat) -> bool:
        """Say whether nobody has done anything for too long."""
        last = self._last.get(seat.stream_name)
        return last is None or not 0 <= self._now() - last < IDLE_S

    def asks(self, request: Request, seat: Seat) -> bool:
        """Say whether this act needs the passkey first."""
        path = request.url.path
        if path.startswith(_NEVER_ASKED) or path.endswith(_NEVER_ASKED_ENDS):
            return False
        return self.is_idle(seat)
