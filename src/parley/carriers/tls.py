"""TLS 1.3 over TCP: the carrier for networks of any speed.

The stream inside is frames, each after two bytes of length. TLS hides sizes and spares the frames
from middle boxes; it is never what a peer is believed by. An address may pin the certificate that
must be shown; without a pin any certificate is taken, because the protocol itself decides who the
peer is.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import ssl
from collections import Counter, deque
from dataclasses import dataclass, replace

from parley.carriers.address import Address
from parley.carriers.certificate import (
    Certificate,
    client_context,
    make_certificate,
    pin_of,
    server_context,
)
from parley.carriers.interface import PathTraits
from parley.carriers.patience import HandshakePatience
from parley.carriers.tls_path import CLOSE_SECONDS, TlsPath
from parley.core.limits import FRAME_BYTES_MAX
from parley.errors import CarrierError, PathClosedError, PinMismatchError, UsageError

__all__ = [
    "Certificate",
    "InboundLimits",
    "TlsCarrier",
    "TlsListener",
    "make_certificate",
]

DIAL_SECONDS = 5.0
"""Looking up a name and opening TCP; half of the world away it takes well under one. Beyond it a
new try is better: TCP asks again after 1, 3, 7 and 15 s, and sleeps through a line that returns."""

HANDSHAKE_SECONDS = 10.0
"""From an open TCP connection to an open TLS one; a silent stranger is sent away after it."""

HANDSHAKE_BYTES = 4_096
"""What a handshake takes of a line, both ways; on one with a named rate its airtime is added."""

QUICK_SECONDS = 1.0
"""So long a handshake keeps its place although every place is taken and others knock."""

ACCEPT_BACKLOG = 128
"""TCP connections the kernel keeps while we are busy."""

PAUSE_WHEN_EXHAUSTED_S = 1.0
"""When the process is out of file handles, accepting rests this long; open paths go on."""

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundLimits:
    """What a listener grants strangers; connections still shaking hands count like open ones.

    Attributes:
        total: from everywhere.
        per_address: from one IPv4 address or one IPv6 network of 64 bits, which is what one
            subscriber is given.
        handshake_seconds: time for a whole handshake; who takes longer is sent away.
    """

    total: int = 64
    per_address: int = 16
    handshake_seconds: float = HANDSHAKE_SECONDS


class TlsCarrier:
    """Opens TLS paths; needs a certificate of its own only to listen."""

    def __init__(
        self, *, certificate: Certificate | None, limits: InboundLimits | None = None
    ) -> None:
        """Keep what listeners will show and hold to."""
        self._certificate = certificate
        self._limits = limits or InboundLimits()
        self._patience = HandshakePatience()

    async def dial(self, address: Address) -> TlsPath:
        """Open a path and compare the pin before anything is sent; see `Carrier.dial`.

        Raises:
            UsageError: this is no address one can dial.
            PinMismatchError: the certificate shown is not the pinned one.
            CarrierError: nobody answers, or not in TLS 1.3.
        """
        if address.carrier != "tls" or address.port == 0:
            raise UsageError(
                f"{address} cannot be dialled", next_step="Name a TLS address with its port."
            )
        path = TlsPath(traits=_traits(address.cost))
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                plain, _ = await loop.create_connection(
                    asyncio.Protocol, address.host, address.port, happy_eyeballs_delay=0.25
                )
            began = loop.time()
            secured = await loop.start_tls(
                plain,
                path,
                client_context(),
                server_hostname=address.host,
                ssl_handshake_timeout=self._handshake_seconds(address),
                ssl_shutdown_timeout=CLOSE_SECONDS,
            )
        except OSError as error:  # ssl.SSLError and TimeoutError are among them
            raise CarrierError(
                f"no path to {_place(address)}: {describe_failure(error)}",
                next_step="Check the address, that the peer listens, and firewalls between.",
            ) from error
        assert secured is not None
        self._patience.came_through(loop.time() - began)
        path.connection_made(secured)
        found = pin_of(path.peer_certificate_der())
        if address.pin is not None and found != address.pin:
            await path.close("the certificate is not the pinned one")
            raise PinMismatchError(address=_place(address), expected=address.pin, found=found)
        return path

    def _handshake_seconds(self, address: Address) -> float:
        if address.rate_bps is None:
            return self._patience.next_s()
        return HANDSHAKE_SECONDS + HANDSHAKE_BYTES * 8 / address.rate_bps

    async def listen(self, address: Address) -> TlsListener:
        """Listen at every IP address that the host of `address` stands for.

        Raises:
            UsageError: there is no certificate to show, or the address pins another one.
            CarrierError: the port is taken or the address is not ours.
        """
        certificate = self._certificate
        if certificate is None or address.carrier != "tls":
            raise UsageError(
                f"cannot listen at {address} without a TLS address and a certificate of our own"
            )
        if address.pin is not None and address.pin != certificate.pin:
            raise UsageError(
                f"the address to listen at pins {address.pin.hex()}, "
                f"our certificate has {certificate.pin.hex()}",
                next_step="Leave the pin out of the address to listen at.",
            )
        try:
            sockets = await _bind(address)
        except OSError as error:
            raise CarrierError(
                f"cannot listen at {_place(address)}: {describe_failure(error)}",
                next_step="Choose a free port, and an address that this machine has.",
            ) from error
        return TlsListener(
            address=replace(address, port=sockets[0].getsockname()[1], pin=certificate.pin),
            sockets=sockets,
            context=server_context(certificate),
            limits=self._limits,
        )


class TlsListener:
    """Accepts TCP connections, shakes hands within a time, and hands out the paths."""

    def __init__(
        self,
        *,
        address: Address,
        sockets: list[socket.socket],
        context: ssl.SSLContext,
        limits: InboundLimits,
    ) -> None:
        """Start accepting on sockets that already listen; they belong to this object now."""
        self._address = address
        self._sockets = sockets
        self._context = context
        self._limits = limits
        self._open: Counter[str] = Counter()
        self._ready: deque[TlsPath] = deque()
        self._changed = asyncio.Condition()
        self._is_closed = False
        self._taken: dict[TlsPath, str] = {}
        self._handshakes: dict[asyncio.Task[None], tuple[socket.socket, float]] = {}
        self._acceptors = [asyncio.create_task(self._accept_from(each)) for each in sockets]
        self.refused = 0
        """Connections sent away because of the limits, since the start."""

    @property
    def address(self) -> str:
        """The address to dial, with the real port and our pin."""
        return str(self._address)

    async def accept(self) -> TlsPath:
        """Wait for the next path; see `Listener.accept`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._ready or self._is_closed)
            if self._is_closed:
                raise PathClosedError("the listener was closed")
            return self._ready.popleft()

    async def close(self) -> None:
        """Give the port free; unfinished handshakes end, and so do paths nobody accepted."""
        async with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        tasks = [*self._acceptors, *self._handshakes]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in self._sockets:
            each.close()
        waiting = list(self._ready)
        self._ready.clear()
        await asyncio.gather(*(path.close("the listener was closed") for path in waiting))

    async def _accept_from(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listening)
            except OSError as error:
                # Anything else speaks of one connection that is gone already: take the next.
                is_exhausted = error.errno in _EXHAUSTED
                await asyncio.sleep(PAUSE_WHEN_EXHAUSTED_S if is_exhausted else 0)
                continue
            group = _address_group(peer[0])
            if not self._has_place(group):
                self.refused += 1
                connection.close()
                # `sock_accept` returns at once while more are waiting: a flood of connections
                # would otherwise keep everything else in this process from running.
                await asyncio.sleep(0)
                continue
            self._open[group] += 1
            hint = f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
            task = asyncio.create_task(self._shake_hands(connection, group, hint))
            self._handshakes[task] = (connection, loop.time())
            task.add_done_callback(self._end_handshake)

    def _has_place(self, group: str) -> bool:
        """Say whether one more connection is taken.

        Room makes whoever was closed and does not say goodbye, or has not begun to speak.
        """
        is_group_full = self._open[group] >= self._limits.per_address
        if not is_group_full and self._open.total() < self._limits.total:
            return True
        for path, of in self._taken.items():
            if path.is_leaving and (of == group or not is_group_full):
                path.cut()
                return True
        if is_group_full:
            return False
        oldest = next((task for task in self._handshakes if not task.cancelling()), None)
        now = asyncio.get_running_loop().time()
        if oldest is None or now < self._handshakes[oldest][1] + QUICK_SECONDS:
            return False
        oldest.cancel()
        return True

    def _end_handshake(self, task: asyncio.Task[None]) -> None:
        """Forget a handshake that is over; one cancelled before it began still has its socket."""
        connection, _ = self._handshakes.pop(task)
        if task.cancelled():
            connection.close()

    async def _shake_hands(self, connection: socket.socket, group: str, hint: str) -> None:
        """Make a path of a connection; whatever a stranger does here ends only this one."""
        path = TlsPath(
            traits=_traits(self._address.cost),
            peer_hint=hint,
            on_lost=lambda: self._release(path),
        )
        self._taken[path] = group
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: path,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=self._limits.handshake_seconds,
                ssl_shutdown_timeout=CLOSE_SECONDS,
            )
        except BaseException as error:
            path.give_up(f"no TLS 1.3 handshake: {error}")
            if not isinstance(error, OSError):
                raise
            return
        async with self._changed:
            if not self._is_closed:
                self._ready.append(path)
                self._changed.notify_all()
                return
        await path.close("the listener was closed")

    def _release(self, path: TlsPath) -> None:
        group = self._taken.pop(path)
        self._open[group] -= 1
        if not self._open[group]:
            del self._open[group]


def describe_failure(error: OSError) -> str:
    """Say in words what the system said of a failed connection; never empty."""
    if isinstance(error, TimeoutError):
        return "nobody answered in time"
    if isinstance(error, ssl.SSLError):
        return f"no TLS 1.3 handshake ({error.reason or 'the connection was cut'})"
    return error.strerror or str(error) or type(error).__name__


async def _bind(address: Address) -> list[socket.socket]:
    """Open one listening socket for each IP address of the host; all of them or none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    port = address.port
    with contextlib.ExitStack() as undo:
        sockets = []
        for family, place in dict.fromkeys((each[0], each[4]) for each in found):
            listening = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((place[0], port, *place[2:]))
            listening.listen(ACCEPT_BACKLOG)
            port = port or listening.getsockname()[1]
            sockets.append(listening)
        undo.pop_all()
        return sockets


def _address_group(host: str) -> str:
    """Return what the limit per address counts by."""
    ip = ipaddress.ip_address(host)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(ip) >> 64 << 64, 64)))
    return host


def _traits(cost: int) -> PathTraits:
    return PathTraits(
        rate_bps=None,
        frame_bytes_max=FRAME_BYTES_MAX,
        cost=cost,
        half_duplex=False,
        one_way=False,
    )


def _place(address: Address) -> str:
    """Return host and port alone, for messages."""
    return str(replace(address, pin=None, rate_bps=None, pad_bytes=None))
