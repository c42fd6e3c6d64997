"""One open TLS connection as a path: frames joined to write, split after reading, both bounded."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence

from parley.carriers.framing import FrameSplitter, join_frames
from parley.carriers.interface import PathTraits, check_frames
from parley.errors import FrameLengthError, PathClosedError

WRITE_BYTES = 64 * 1024
"""Frames are joined up to about this size for one write; above it nothing gets faster."""

WRITE_BUFFER_BYTES_MAX = 256 * 1024
"""Bytes waiting to be written; beyond it `send` waits."""

INBOX_BYTES_MAX = 256 * 1024
"""Frames received and not yet taken; beyond it reading stops and TCP holds the sender."""

FRAME_COST_BYTES = 64
"""What a waiting frame counts beside its bytes, so that many tiny ones are bounded too."""

CLOSE_SECONDS = 5.0
"""Time for what was written to go out at closing; then the connection is cut."""

KEEPALIVE_IDLE_S = 30
KEEPALIVE_INTERVAL_S = 10
KEEPALIVE_PROBES = 3
"""A silent connection whose other end is gone is noticed after 30 + 3 * 10 seconds."""

UNACKNOWLEDGED_MS_MAX = 60_000
"""Bytes that TCP could not deliver for this long end the connection (RFC 5482)."""


class TlsPath(asyncio.Protocol):
    """A path over one TLS connection; made by `TlsCarrier` and `TlsListener`."""

    def __init__(
        self,
        *,
        traits: PathTraits,
        peer_hint: str = "",
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        """Wait to be connected; `on_lost` is called once, when the connection is gone."""
        self._traits = traits
        self._peer_hint = peer_hint
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._splitter = FrameSplitter(frame_bytes_max=traits.frame_bytes_max)
        self._inbox: list[bytes] = []
        self._inbox_bytes = 0
        self._is_reading_paused = False
        self._is_closed_here = False
        self._is_cut = False
        self._closed_reason: str | None = None
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._lost = asyncio.Event()

    @property
    def traits(self) -> PathTraits:
        """Traits of a TLS connection: fast, both ways, frames of any size."""
        return self._traits

    @property
    def peer_hint(self) -> str:
        """IP address and port of the other end."""
        return self._peer_hint

    @property
    def closed_reason(self) -> str | None:
        """Why the path closed; None while it is open."""
        return self._closed_reason

    def peer_certificate_der(self) -> bytes:
        """Return the certificate the listener showed; only the dialling side sees one."""
        assert self._transport is not None
        tls: ssl.SSLObject = self._transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True)
        assert certificate is not None
        return certificate

    async def send(self, frames: Sequence[bytes]) -> None:
        """Write frames, waiting whenever the connection's buffer is full; see `Path.send`."""
        check_frames(frames, self._traits.frame_bytes_max)
        start = 0
        while start < len(frames):
            stop, size = start, 0
            while stop < len(frames) and size < WRITE_BYTES:
                size += len(frames[stop])
                stop += 1
            await self._writable.wait()
            if self._closed_reason is not None:
                raise PathClosedError(self._closed_reason)
            assert self._transport is not None
            self._transport.write(join_frames(frames[start:stop]))
            start = stop
        # The buffer has taken the last piece; wait once more while it is over its limit.
        await self._writable.wait()

    async def receive(self) -> list[bytes]:
        """Wait for frames; see `Path.receive`."""
        if self._is_closed_here:
            return []
        await self._arrived.wait()
        frames, self._inbox = self._inbox, []
        self._inbox_bytes = 0
        if self._closed_reason is None:
            self._arrived.clear()
            self._resume_reading()
        return frames

    async def close(self, reason: str) -> None:
        """Write out what is waiting, say goodbye in TLS, and cut after 5 seconds."""
        self._note_closed(reason)
        self._is_closed_here = True
        self._inbox.clear()
        if self._transport is None:
            return
        # Reading must go on, or the goodbye of the other side would never be seen.
        self._resume_reading()
        self._transport.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._lost.wait()
        finally:
            self._transport.abort()

    @property
    def is_leaving(self) -> bool:
        """Say whether it was closed here and only waits for the other side's goodbye."""
        return self._is_closed_here and not self._is_cut and not self._lost.is_set()

    def cut(self) -> None:
        """Wait for no goodbye any more: somebody needs the place."""
        self._is_cut = True
        if self._transport is not None:
            self._transport.abort()

    def give_up(self, reason: str) -> None:
        """End a path whose handshake failed; its slot is free from here on."""
        self._note_closed(reason)
        if self._transport is not None:
            self._transport.abort()
        self._note_lost()

    # What asyncio calls, in the order of a connection's life.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start: the handshake is done."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES_MAX)
        tune_socket(transport.get_extra_info("socket"))
        if not self._peer_hint:
            host, port = transport.get_extra_info("peername")[:2]
            self._peer_hint = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if self._closed_reason is not None:
            transport.close()
        self._hold_reading()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Take a piece of the stream."""
        if self._closed_reason is not None:
            return
        try:
            frames = self._splitter.feed(data)
        except FrameLengthError as error:
            frames = error.salvaged
            self._note_closed(str(error))
            if self._transport is not None:
                self._transport.close()
        if not frames:
            return
        self._inbox += frames
        self._inbox_bytes += sum(map(len, frames)) + FRAME_COST_BYTES * len(frames)
        self._arrived.set()
        self._hold_reading()

    def pause_writing(self) -> None:
        """Hold senders: the buffer is full."""
        if self._closed_reason is None:
            self._writable.clear()

    def resume_writing(self) -> None:
        """Let senders go on."""
        self._writable.set()

    def eof_received(self) -> bool:
        """Take the end of the stream; TLS has no half-open connections."""
        self._note_closed(self._end_of_stream())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End: the connection is gone, whoever ended it."""
        if exc is None:
            self._note_closed(self._end_of_stream())
        else:
            self._note_closed(f"the connection broke: {exc}{self._torn_frame()}")
        self._note_lost()

    def _end_of_stream(self) -> str:
        return "the peer closed the connection" + self._torn_frame()

    def _torn_frame(self) -> str:
        rest = self._splitter.rest_bytes
        return f" in the middle of a frame; the {rest} bytes of it were dropped" if rest else ""

    def _note_closed(self, reason: str) -> None:
        """Keep the first reason, and wake whoever waits so that they see it."""
        if self._closed_reason is None:
            self._closed_reason = reason
        self._arrived.set()
        self._writable.set()

    def _note_lost(self) -> None:
        self._lost.set()
        if self._on_lost is not None:
            on_lost, self._on_lost = self._on_lost, None
            on_lost()

    def _hold_reading(self) -> None:
        # What a dialled listener says at once is here before the dialler is told that it is up.
        is_full = self._inbox_bytes > INBOX_BYTES_MAX
        if is_full and not self._is_reading_paused and self._transport is not None:
            self._is_reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._is_reading_paused and self._transport is not None:
            self._is_reading_paused = False
            self._transport.resume_reading()


def tune_socket(connection: socket.socket) -> None:
    """Send small frames at once, and notice a dead end; options a system lacks are left out."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_S),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL_S),
        ("TCP_KEEPCNT", KEEPALIVE_PROBES),
        ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS_MAX),
    ):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
