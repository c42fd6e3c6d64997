"""Building a station from its directory: running with its keys, or closed and only read."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parley.carriers.certificate import ends_of
from parley.core.instants import Instant
from parley.errors import ParleyError, StoreError
from parley.station.closed import ClosedStation
from parley.station.config import Config, load
from parley.station.directory import SERVING, find_station, hold, is_running
from parley.station.gateway import Gateway
from parley.station.identity import (
    certificate_of,
    create_station,
    identity_of,
    read_own_card,
)
from parley.station.interface import Station
from parley.station.keystore import StationKeys, open_beside
from parley.station.logs import make_logger
from parley.station.officers import first_officer
from parley.station.papers import change
from parley.station.parts import build_parts
from parley.station.prekeys import keep_prekeys
from parley.station.service import Service
from parley.store.interface import Store
from parley.store.registry import open_store

__all__ = [
    "Running",
    "create_station",
    "find_station",
    "is_running",
    "open_offline",
    "open_station",
]

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A station that runs in this process.

    Attributes:
        log: structured logger; `log(event, **details)`.
    """

    gateway: Gateway
    service: Service
    config: Config
    log: Callable[..., None]


def system_now() -> Instant:
    """Return the machine's time."""
    return Instant(int(time.time()))


def clock_of(config: Config) -> Callable[[], Instant]:
    """Return the wall clock of a station; an exercise may run at another time than the machine."""
    offset = config.station.clock_offset_s
    return lambda: Instant(system_now() + offset)


def store_address(config: Config) -> str:
    """Return the address of the record; a relative file lies in the station directory."""
    url = config.store_url
    path = url.removeprefix(_SQLITE)
    if url.startswith(_SQLITE) and not path.startswith("/"):
        return f"{_SQLITE}{config.directory / path}"
    return url


@asynccontextmanager
async def open_station(
    directory: Path,
    *,
    passphrase: bytes,
    keys: Future[StationKeys] | None = None,
    config: Config | None = None,
    listen: Sequence[str] | None = None,
    now: Callable[[], Instant] | None = None,
    random: Callable[[int], bytes] = os.urandom,
    log: Callable[..., None] | None = None,
    wait_lock_s: float = 0.0,
) -> AsyncIterator[Running]:
    """Run a station until the block ends; it listens, dials and signs.

    Args:
        directory: the station directory.
        passphrase: opens the station's key file.
        keys: what it opens, where somebody has begun with that already; see `open_beside`.
        config: settings; those of the directory where it is None.
        listen: addresses to listen at instead of those in the settings.
        now: the wall clock; as the settings say where it is None.
        random: returns that many random bytes.
        log: where to log; standard error, as the settings say, where it is None.
        wait_lock_s: seconds to wait for another process to let go of the directory.

    Raises:
        NoStationError, LockedError, KeyLockedError, StoreError, CarrierError: it cannot run.
    """
    settings = config or load(directory, environ=os.environ)
    with hold(directory, purpose=SERVING, wait_s=wait_lock_s):
        opening = keys or open_beside(settings.path(settings.station_key), passphrase=passphrase)
        opened = await asyncio.wrap_future(opening)
        identity = identity_of(read_own_card(directory), opened)
        write = log or logger_of(settings)
        certificate = certificate_of(opened)
        service = Service(
            identity=identity,
            open_store=lambda: open_store(store_address(settings)),
            marks=directory / "marks",
            certificate=certificate,
            prekeys=keep_prekeys(directory, identity, opened.oldest_seed, random=random),
            listen=settings.link.listen if listen is None else tuple(listen),
            now=now or clock_of(settings),
            random=random,
            log=write,
        )
        async with AsyncExitStack() as stack:
            # Also what a start that failed half-way has opened must be let go of.
            stack.push_async_callback(service.stop)
            await service.start()
            await first_officer_of(service, settings)
            parts = build_parts(
                service,
                settings,
                random=random,
                is_running=True,
                certificate_ends=ends_of(certificate),
            )
            gateway = Gateway(parts)
            stack.push_async_callback(gateway.stop)
            await gateway.start()
            write("station runs", addresses=service.addresses, mark=settings.station.mark)
            yield Running(gateway=gateway, service=service, config=settings, log=write)
            write("station stops")


@asynccontextmanager
async def open_offline(
    directory: Path,
    *,
    config: Config | None = None,
    now: Callable[[], Instant] | None = None,
    random: Callable[[int], bytes] = os.urandom,
    wait_lock_s: float = 0.0,
) -> AsyncIterator[Gateway]:
    """Open a station that does not run: everything can be read, papers can be changed.

    Raises:
        NoStationError, LockedError, StoreError: it cannot be opened.
    """
    settings = config or load(directory, environ=os.environ)
    with hold(directory, purpose="parley", wait_s=wait_lock_s):
        store: Store = open_store(store_address(settings))
        try:
            clock = now or clock_of(settings)
            station = ClosedStation(read_own_card(directory), store, now=clock)
            await first_officer_of(station, settings)
            gateway = Gateway(build_parts(station, settings, random=random, is_running=False))
            await gateway.start()
            try:
                yield gateway
            finally:
                await gateway.stop()
        finally:
            with suppress(StoreError):
                store.close()


async def first_officer_of(station: Station, config: Config) -> None:
    """Give a new record its first officer, bound to the account that owns the directory."""
    if station.reader.papers("officers"):
        return
    account = config.directory.stat().st_uid
    paper = first_officer(station.now(), account)
    await station.store_papers([change("officers", f"{config.station.code}-1", paper)])


def logger_of(config: Config) -> Callable[..., None]:
    """Return the structured logger that the settings ask for."""
    logger = make_logger(
        station=config.station.code, level=config.log.level, form=config.log.format
    )

    def write(event: str, **details: Any) -> None:
        # One line for every entry and receipt is what somebody who looks for a fault wants.
        tell = logger.debug if event == "fact" else logger.info
        tell(event, **{name: _plain(value) for name, value in details.items()})

    return write


def _plain(value: object) -> object:
    """Return a value that any log can hold."""
    if isinstance(value, ParleyError):
        return {"code": value.code, "text": str(value)}
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)
