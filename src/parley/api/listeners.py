"""Listening: the control socket, which knows the caller's account, and addresses on the network.

Source: unix(7), SO_PEERCRED.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from parley.errors import ConflictError, StationUnreachableError, UsageError
from parley.station.directory import SOCKET_PATH_BYTES_MAX

ACCOUNT_PREFIX: Final = "account:"
"""How the control socket's server names the peer of a connection: by its user id."""

GRACE_S: Final = 10
"""How long calls in hand may take to end when the station stops."""

KEEP_ALIVE_S: Final = 60
BACKLOG: Final = 256
_CREDENTIALS = struct.Struct("3i")


class PeerProtocol(H11Protocol):
    """HTTP on a Unix socket, where the client is the account of the process that called."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Ask the system who called; a process cannot pretend to be another account."""
        super().connection_made(transport)
        peer: socket.socket = transport.get_extra_info("socket")
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, account, _ = _CREDENTIALS.unpack(raw)
        self.client = (f"{ACCOUNT_PREFIX}{account}", 0)


class _Server(uvicorn.Server):
    """A server whose process decides itself what a signal means.

    Attributes:
        begun: set once calls are answered.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        self.begun.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, *, protocol: type[asyncio.Protocol] = H11Protocol
) -> AsyncIterator[None]:
    """Answer calls on a listening socket until the block ends; calls in hand then finish."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = _Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            loop="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        begun = asyncio.create_task(server.begun.wait())
        await asyncio.wait((begun, task), return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            begun.cancel()
            await task
            raise StationUnreachableError("the listener ended before it began")
        yield
    finally:
        server.should_exit = True
        await task


@contextmanager
def control_socket(path: Path) -> Iterator[socket.socket]:
    """Listen at a path that only our own account can reach, until the block ends.

    The socket appears at its place when it is ready: bound beside it, closed to others, then
    renamed over whatever a killed process left there.

    Raises:
        UsageError: the directory cannot hold it.
    """
    beside = path.with_name(f".{path.name}.new")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        beside.unlink(missing_ok=True)
        _bind(listener, beside)
        beside.chmod(0o600)
        listener.listen(BACKLOG)
        own = beside.stat().st_ino
        beside.replace(path)
    except OSError as problem:
        listener.close()
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be made: {problem.strerror or problem}") from None
    try:
        yield listener
    finally:
        listener.close()
        with suppress(OSError):
            if path.stat().st_ino == own:
                path.unlink()


def _bind(listener: socket.socket, path: Path) -> None:
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX:
        listener.bind(str(path))
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)


@contextmanager
def network_socket(address: str) -> Iterator[socket.socket]:
    """Listen at `host:port` until the block ends; port 0 takes any that is free.

    Raises:
        ConflictError: somebody else listens there.
        UsageError: there is no such address on this machine.
    """
    host, _, port = address.rpartition(":")
    try:
        found: list[Any] = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, _, _, place = found[0]
        listener = socket.socket(family, kind)
    except OSError as problem:
        raise UsageError(f"{address} cannot be listened at: {problem.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise ConflictError(
            f"{address} cannot be listened at: {problem.strerror}",
            next_step="Stop what listens there, or set another address in parley.toml.",
        ) from None
    try:
        yield listener
    finally:
        listener.close()


def address_of(listener: socket.socket) -> str:
    """Return `host:port` at which a socket listens."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
