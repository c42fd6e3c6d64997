"""A station that does not run, behind the same API: one process, no socket, under its lock.

Commands that work on papers (peers, paths, officers, tokens) and those that only read go through
the very API of a running station, so there is one meaning of each act.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Final

import httpx
from starlette.types import ASGIApp

from parley.api.app import build_app
from parley.api.client import Client
from parley.api.doors import Door
from parley.api.listeners import ACCOUNT_PREFIX
from parley.errors import LockedError
from parley.station.config import load
from parley.station.wiring import open_offline

LOCK_PATIENCE_S: Final = 10.0
"""Seconds to wait for another command to let go of the directory."""

_BASE: Final = "http://station"


@contextmanager
def open_closed(directory: Path, *, officer: str | None) -> Iterator[Client]:
    """Hand out a client of a station that does not run; it holds the directory meanwhile.

    Args:
        directory: the station directory.
        officer: who acts, where several officers share the account of this process.

    Raises:
        LockedError, NoStationError, StoreError: it cannot be opened.
    """
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        settings = load(directory, environ=os.environ)
        try:
            opening = open_offline(directory, config=settings, wait_lock_s=LOCK_PATIENCE_S)
            gateway = runner.run(stack.enter_async_context(opening))
            app = build_app(gateway, door=Door(gateway=gateway, way="socket"))
            with _ClosedClient(_Within(app, runner), officer=officer) as client:
                yield client
        except LockedError as problem:
            problem.next_step = "try again when that process has ended, or stop it."
            raise
        finally:
            runner.run(stack.aclose())


class _Within(httpx.BaseTransport):
    """Calls an application in this process, as the account of this process."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._asgi = httpx.ASGITransport(app, client=(f"{ACCOUNT_PREFIX}{os.getuid()}", 0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one call."""
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answered = await self._asgi.handle_async_request(request)
        content = await answered.aread()
        return httpx.Response(answered.status_code, headers=answered.headers, content=content)


class _ClosedClient(Client):
    """A client whose calls stay within the process."""

    def __init__(self, transport: httpx.BaseTransport, *, officer: str | None) -> None:
        super().__init__(base_url=_BASE, officer=officer)
        headers = self._http.headers
        self._http.close()
        self._http = httpx.Client(base_url=_BASE, headers=headers, transport=transport)
