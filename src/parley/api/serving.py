"""`parley serve`: a station with its doors open, until it is told to stop."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from starlette.types import ASGIApp

from parley.api.listeners import (
    PeerProtocol,
    address_of,
    control_socket,
    network_socket,
    serving,
)
from parley.core.instants import Instant
from parley.errors import UsageError
from parley.station.config import Config, load
from parley.station.directory import SOCKET_NAME
from parley.station.gateway import Gateway
from parley.station.keystore import StationKeys
from parley.station.pace import PaceAMinute
from parley.station.wiring import Running, open_station
from parley.station.witness_station import RunningWitness, open_witness

ConsoleFactory: TypeAlias = Callable[[Gateway, Config], ASGIApp]
"""Makes the console of a station; handed in, since the console stands above this room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A station whose doors are open.

    Attributes:
        running: the station, or the witness, in this process.
        socket: its control socket.
        link_addresses: where peers reach it.
        witness_address: where a witness takes statements; None for a party's station.
        api_address: `host:port` for programs with a token; None where none is set.
        console_addresses: `host:port` of every console.
    """

    running: Running | RunningWitness
    socket: Path
    link_addresses: Sequence[str]
    witness_address: str | None
    api_address: str | None
    console_addresses: Sequence[str]


async def serve(
    directory: Path,
    *,
    passphrase: bytes,
    keys: Future[StationKeys] | None = None,
    ready: Callable[[Serving], Any],
    stop: asyncio.Event,
    consoles: Sequence[ConsoleFactory] = (),
    listen_override: Sequence[str] | None = None,
    config: Config | None = None,
    log: Callable[..., None] | None = None,
    wait_lock_s: float = 0.0,
) -> None:
    """Run a station with control socket, API and console until `stop` is set.

    When it stops, no new call is taken, streams and waiting end, calls in hand finish, and then
    the station itself stops.

    Args:
        directory: the station directory.
        passphrase: opens the station's key file.
        keys: what it opens, where somebody has begun with that already.
        ready: called once every door is open.
        stop: set it to end.
        consoles: makes the console, served where `[console] listen` says; none without it.
        listen_override: addresses for peers instead of those in the settings.
        config: settings; those of the directory where it is None.
        log: where to log; as the settings say, where it is None.
        wait_lock_s: seconds to wait for another process to let go of the directory.

    Raises:
        UsageError: more than one console for one address.
        ParleyError: as `open_station`; or an address is taken.
    """
    if len(consoles) > 1:
        raise UsageError("a station has one address for a console, so one console")
    settings = config or load(directory, environ=os.environ)
    async with AsyncExitStack() as stack:
        running: Running | RunningWitness
        witness_address: str | None = None
        if settings.is_witness:
            running, witness_address = await stack.enter_async_context(
                serving_witness(
                    directory,
                    passphrase=passphrase,
                    keys=keys,
                    config=settings,
                    listen=(listen_override or [settings.witness_listen])[0],
                    log=log,
                    wait_lock_s=wait_lock_s,
                )
            )
        else:
            running = await stack.enter_async_context(
                open_station(
                    directory,
                    passphrase=passphrase,
                    keys=keys,
                    config=settings,
                    listen=listen_override,
                    log=log,
                    wait_lock_s=wait_lock_s,
                )
            )
        # Peers need nothing of the API, and it is half of what a start loads: the links of a
        # station that was killed are back before its doors.
        await asyncio.to_thread(importlib.import_module, "parley.api.app")
        stopping = asyncio.Event()
        opened = await _open_doors(
            stack, running, directory, consoles, stopping, witness_address=witness_address
        )
        try:
            ready(opened)
            await stop.wait()
        finally:
            # Streams and those who wait end first, so that the listeners can finish.
            stopping.set()
            await running.gateway.stop()


@asynccontextmanager
async def serving_witness(
    directory: Path,
    *,
    passphrase: bytes,
    keys: Future[StationKeys] | None = None,
    config: Config | None = None,
    listen: str | None = None,
    now: Callable[[], Instant] | None = None,
    log: Callable[..., None] | None = None,
    wait_lock_s: float = 0.0,
) -> AsyncIterator[tuple[RunningWitness, str]]:
    """Run a witness with its door open until the block ends; yield it and its `host:port`.

    Raises:
        ParleyError: as `open_witness`; or the address is taken.
    """
    from parley.api.witness_door import witness_app  # noqa: PLC0415 - only a witness needs it

    async with (
        open_witness(
            directory,
            passphrase=passphrase,
            keys=keys,
            config=config,
            now=now,
            log=log,
            wait_lock_s=wait_lock_s,
        ) as running,
        AsyncExitStack() as stack,
    ):
        address = listen or running.config.witness_listen
        _warn_of_plain(address, running, "the witness")
        yield running, await _listen(stack, address, witness_app(running.desk))


async def _open_doors(
    stack: AsyncExitStack,
    running: Running | RunningWitness,
    directory: Path,
    consoles: Sequence[ConsoleFactory],
    stopping: asyncio.Event,
    *,
    witness_address: str | None,
) -> Serving:
    from parley.api.app import build_app  # noqa: PLC0415 - see `serve`
    from parley.api.doors import Door  # noqa: PLC0415

    gateway, settings = running.gateway, running.config
    api_address: str | None = None
    calls = PaceAMinute(gateway.calls_a_minute, now=time.monotonic)
    if settings.api.listen:
        _warn_of_plain(settings.api.listen, running, "the API")
        door = Door(gateway=gateway, way="tcp", stopping=stopping, log=running.log, calls=calls)
        app = build_app(gateway, door=door)
        api_address = await _listen(stack, settings.api.listen, app)
    console_addresses = [
        await _listen(stack, settings.console.listen, make(gateway, settings))
        for make in consoles
        if settings.console.listen
    ]
    # The control socket comes last: whoever finds it finds everything else open.
    path = directory / SOCKET_NAME
    door = Door(gateway=gateway, way="socket", stopping=stopping, log=running.log, calls=calls)
    listener = stack.enter_context(control_socket(path))
    await stack.enter_async_context(
        serving(build_app(gateway, door=door), listener, protocol=PeerProtocol)
    )
    running.log(
        "doors open",
        socket=str(path),
        api=api_address,
        consoles=console_addresses,
    )
    return Serving(
        running=running,
        socket=path,
        link_addresses=[] if isinstance(running, RunningWitness) else running.service.addresses,
        witness_address=witness_address,
        api_address=api_address,
        console_addresses=console_addresses,
    )


async def _listen(stack: AsyncExitStack, address: str, app: ASGIApp) -> str:
    listener = stack.enter_context(network_socket(address))
    await stack.enter_async_context(serving(app, listener))
    return address_of(listener)


def _warn_of_plain(address: str, running: Running | RunningWitness, what: str) -> None:
    host = address.rpartition(":")[0].strip("[]")
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost" or host.endswith(".localhost")
    if not is_here:
        running.log(
            f"{what} listens beyond this machine, and what passes can be read on the way",
            address=address,
            remedy="put a TLS terminator in front of it",
        )
