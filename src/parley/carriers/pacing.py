"""Bit rate and duty cycle: when a frame may go out, and a path that keeps to it.

`Pacer` is a token bucket without a clock. Its tokens are seconds of airtime; they come back at
the duty cycle, and a frame costs its bits divided by the rate. `PacedPath` puts one in front of
any path, so that `?rate=2400` holds on a fast medium too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from parley.carriers.address import Address
from parley.carriers.interface import (
    Carrier,
    Listener,
    Path,
    PathTraits,
    check_frames,
)
from parley.errors import PathClosedError, UsageError

DUTY_WINDOW_S = 3_600.0
"""Span over which a duty cycle is counted, as radio regulations do (ETSI EN 300 220: one hour)."""


class Pacer:
    """Says how long a frame must wait so that rate and duty cycle are kept; owns no clock.

    Frames follow each other on the line without overlap. With a duty cycle below 1, at most
    `duty_cycle * duty_window_s` seconds of airtime are saved up while the line is silent.
    """

    def __init__(
        self, *, rate_bps: int, duty_cycle: float = 1.0, duty_window_s: float = DUTY_WINDOW_S
    ) -> None:
        """Start with a free line and a full bucket.

        Args:
            rate_bps: bits a second while sending, 1 or more.
            duty_cycle: share of time that may be spent sending, above 0 and at most 1.
            duty_window_s: seconds over which that share is counted.

        Raises:
            UsageError: a value out of these bounds.
        """
        if rate_bps < 1 or not 0 < duty_cycle <= 1 or duty_window_s <= 0:
            raise UsageError(
                "a pacer needs a rate of 1 bit/s or more, a duty cycle above 0 and at most 1, "
                f"and a window above 0 s; got {rate_bps}, {duty_cycle} and {duty_window_s}"
            )
        self._rate_bps = rate_bps
        self._duty_cycle = duty_cycle
        self._airtime_s_max = duty_cycle * duty_window_s
        self._airtime_s = self._airtime_s_max
        self._counted_to_s: float | None = None
        self._free_at_s: float | None = None

    @property
    def rate_bps(self) -> int:
        """Bits a second while sending."""
        return self._rate_bps

    def airtime_s(self, frame_bytes: int) -> float:
        """Return the seconds a frame occupies the line."""
        return frame_bytes * 8 / self._rate_bps

    def reserve(self, frame_bytes: int, *, now_s: float) -> float:
        """Book the line for one frame, and return the seconds until its last bit has gone out.

        `now_s` is any clock that only goes forward; the same one on each call.
        """
        airtime_s = self.airtime_s(frame_bytes)
        start_s = now_s if self._free_at_s is None else max(now_s, self._free_at_s)
        if self._duty_cycle < 1:
            start_s = self._await_airtime(airtime_s, start_s)
        self._free_at_s = start_s + airtime_s
        return self._free_at_s - now_s

    def _await_airtime(self, airtime_s: float, start_s: float) -> float:
        """Return the first moment from `start_s` on that the bucket allows, and take from it."""
        since_s = 0.0 if self._counted_to_s is None else start_s - self._counted_to_s
        saved_s = min(self._airtime_s_max, self._airtime_s + since_s * self._duty_cycle)
        # A frame longer than a full bucket goes when the bucket is full, and leaves a debt.
        lacking_s = min(airtime_s, self._airtime_s_max) - saved_s
        wait_s = max(0.0, lacking_s / self._duty_cycle)
        self._airtime_s = saved_s + wait_s * self._duty_cycle - airtime_s
        self._counted_to_s = start_s + wait_s
        return self._counted_to_s


class PacedPath:
    """Any path, held to a rate: each frame goes on when its last bit would have left the line.

    Only what is sent is held back. The other side keeps to the rate by its own address or
    listener, as at both ends of a real line.
    """

    def __init__(self, path: Path, pacer: Pacer) -> None:
        """Take over `path`; from here on it is used through this object alone."""
        self._path = path
        self._pacer = pacer
        self._turn = asyncio.Lock()
        self._closing = asyncio.Event()
        self._traits = replace(path.traits, rate_bps=_slower(path.traits.rate_bps, pacer.rate_bps))

    @property
    def traits(self) -> PathTraits:
        """Traits of the medium, with the rate it is held to."""
        return self._traits

    @property
    def peer_hint(self) -> str:
        """Where the other end seems to be."""
        return self._path.peer_hint

    @property
    def closed_reason(self) -> str | None:
        """Why the path closed; None while it is open."""
        return self._path.closed_reason

    async def send(self, frames: Sequence[bytes]) -> None:
        """Send frames one by one, each after its airtime; see `Path.send`."""
        check_frames(frames, self._traits.frame_bytes_max)
        for frame in frames:
            async with self._turn:
                if self.closed_reason is None:
                    await self._spend_airtime(len(frame))
                if (reason := self.closed_reason) is not None:
                    raise PathClosedError(reason)
                await self._path.send((frame,))

    async def _spend_airtime(self, frame_bytes: int) -> None:
        wait_s = self._pacer.reserve(frame_bytes, now_s=asyncio.get_running_loop().time())
        try:
            # A path closed from here must not hold its sender for the rest of the airtime.
            async with asyncio.timeout(wait_s):
                await self._closing.wait()
        except TimeoutError:
            return

    async def receive(self) -> list[bytes]:
        """Wait for frames; see `Path.receive`."""
        frames = await self._path.receive()
        if not frames:
            self._closing.set()
        return frames

    async def close(self, reason: str) -> None:
        """Close the path below; a frame still in its airtime is not sent."""
        self._closing.set()
        await self._path.close(reason)


class PacedListener:
    """A listener whose paths are all held to one rate, each by itself."""

    def __init__(self, listener: Listener, rate_bps: int) -> None:
        """Take over `listener`."""
        self._listener = listener
        self._rate_bps = rate_bps

    @property
    def address(self) -> str:
        """The address to dial, the rate included."""
        return self._listener.address

    async def accept(self) -> Path:
        """Wait for the next path; see `Listener.accept`."""
        return PacedPath(await self._listener.accept(), Pacer(rate_bps=self._rate_bps))

    async def close(self) -> None:
        """Take no more paths."""
        await self._listener.close()


class PacedCarrier:
    """Any carrier, whose paths keep to the rate that their address names."""

    def __init__(self, carrier: Carrier) -> None:
        """Take over `carrier`."""
        self._carrier = carrier

    async def dial(self, address: Address) -> Path:
        """Open a path and hold it to the rate of the address, if it names one."""
        path = await self._carrier.dial(address)
        if address.rate_bps is None:
            return path
        return PacedPath(path, Pacer(rate_bps=address.rate_bps))

    async def listen(self, address: Address) -> Listener:
        """Open a listener and hold its paths to the rate of the address, if it names one."""
        listener = await self._carrier.listen(address)
        if address.rate_bps is None:
            return listener
        return PacedListener(listener, address.rate_bps)


def _slower(medium_bps: int | None, pacer_bps: int) -> int:
    return pacer_bps if medium_bps is None else min(medium_bps, pacer_bps)
