"""Paths inside one process, for tests and demonstrations; nothing leaves memory.

Queues are bounded like those of a real medium, so that a station which works here has also met
back-pressure.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from parley.carriers.address import Address
from parley.carriers.interface import PathTraits, check_frames
from parley.core.limits import FRAME_BYTES_MAX
from parley.errors import CarrierError, PathClosedError, UsageError

LANE_BYTES_MAX = 256 * 1024
"""Frames waiting in one direction: four of the largest."""

FRAME_COST_BYTES = 64
"""What a waiting frame counts beside its bytes, so that many tiny ones are bounded too."""

WAITING_PATHS_MAX = 64
"""Paths dialled and not yet accepted, for each listener."""


class _Lane:
    """One direction of a pair: a bounded queue with an end."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._changed = asyncio.Condition()
        self.closed_reason: str | None = None

    async def put(self, frame: bytes) -> None:
        """Wait for room and queue one frame; an empty lane takes any."""
        size = len(frame) + FRAME_COST_BYTES
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    self.closed_reason is not None
                    or not self._frames
                    or self._bytes + size <= LANE_BYTES_MAX
                )
            )
            if self.closed_reason is not None:
                raise PathClosedError(self.closed_reason)
            self._frames.append(frame)
            self._bytes += size
            self._changed.notify_all()

    async def take(self) -> list[bytes]:
        """Wait for frames and return all; what was queued before the end comes before it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._frames or self.closed_reason is not None)
            frames = list(self._frames)
            self._frames.clear()
            self._bytes = 0
            self._changed.notify_all()
            return frames

    async def end(self, reason: str, *, drop: bool) -> None:
        """Close the lane; `drop` throws away what nobody will take any more."""
        async with self._changed:
            self.closed_reason = self.closed_reason or reason
            if drop:
                self._frames.clear()
                self._bytes = 0
            self._changed.notify_all()


class LoopbackPath:
    """One end of a pair; make both with `loopback_pair`."""

    def __init__(
        self,
        *,
        traits: PathTraits,
        peer_hint: str,
        out: _Lane,
        into: _Lane,
        only_reads: bool = False,
    ) -> None:
        """Join two lanes to one end; one that `only_reads` refuses to send."""
        self._only_reads = only_reads
        self._traits = traits
        self._peer_hint = peer_hint
        self._out = out
        self._into = into
        self._own_reason: str | None = None

    @property
    def traits(self) -> PathTraits:
        """What the pair was made to look like."""
        return self._traits

    @property
    def peer_hint(self) -> str:
        """Name of the listener, and which end is meant."""
        return self._peer_hint

    @property
    def closed_reason(self) -> str | None:
        """Why the path closed; None while it is open."""
        return self._own_reason or self._into.closed_reason

    async def send(self, frames: Sequence[bytes]) -> None:
        """Queue frames for the other end; see `Path.send`."""
        if self._only_reads:
            raise UsageError(
                "this end of a one-way path only reads; nothing was sent",
                next_step="Answer over another path.",
            )
        check_frames(frames, self._traits.frame_bytes_max)
        for frame in frames:
            if self._own_reason is not None:
                raise PathClosedError(self._own_reason)
            await self._out.put(frame)

    async def receive(self) -> list[bytes]:
        """Wait for frames of the other end; see `Path.receive`."""
        if self._own_reason is not None:
            return []
        return await self._into.take()

    async def close(self, reason: str) -> None:
        """Close both directions; what the other end has not taken yet stays there for it."""
        if self._own_reason is not None:
            return
        self._own_reason = self.closed_reason or reason
        await self._out.end(f"the peer closed the path: {reason}", drop=False)
        await self._into.end(f"the peer closed the path: {reason}", drop=True)


LOOPBACK_TRAITS = PathTraits(
    rate_bps=None,
    frame_bytes_max=FRAME_BYTES_MAX,
    cost=0,
    half_duplex=False,
    one_way=False,
)


def loopback_pair(
    *, name: str = "pair", traits: PathTraits = LOOPBACK_TRAITS
) -> tuple[LoopbackPath, LoopbackPath]:
    """Make two ends of one path, the dialled one first: what goes into either leaves the other.

    Args:
        name: stands in the `peer_hint` of both.
        traits: of both ends. A frame limit is kept, and on a path of one way only the first end
            may send; rate and turns are kept by whoever puts a `PacedPath` in front.
    """
    there, back = _Lane(), _Lane()
    dialled = LoopbackPath(traits=traits, peer_hint=f"loopback:{name}", out=there, into=back)
    accepted = LoopbackPath(
        traits=traits,
        peer_hint=f"loopback:{name} (dialled)",
        out=back,
        into=there,
        only_reads=traits.one_way,
    )
    return dialled, accepted


class LoopbackListener:
    """Waits for paths dialled to one name; made by `LoopbackCarrier.listen`."""

    def __init__(self, *, hub: dict[str, LoopbackListener], name: str) -> None:
        """Enter the listener into the hub under its name."""
        self._hub = hub
        self._name = name
        self._waiting: deque[LoopbackPath] = deque()
        self._changed = asyncio.Condition()
        self._is_closed = False
        hub[name] = self

    @property
    def address(self) -> str:
        """The address to dial."""
        return f"loopback:{self._name}"

    async def offer(self, path: LoopbackPath) -> None:
        """Queue the far end of a path just dialled.

        Raises:
            CarrierError: nobody accepts here fast enough, or the listener is closed.
        """
        async with self._changed:
            if self._is_closed or len(self._waiting) >= WAITING_PATHS_MAX:
                raise CarrierError(f"{self.address} takes no more paths now")
            self._waiting.append(path)
            self._changed.notify_all()

    async def accept(self) -> LoopbackPath:
        """Wait for the next path; see `Listener.accept`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if self._is_closed:
                raise PathClosedError("the listener was closed")
            return self._waiting.popleft()

    async def close(self) -> None:
        """Give the name free, and close paths that nobody accepted."""
        async with self._changed:
            if self._hub.get(self._name) is self:
                del self._hub[self._name]
            self._is_closed = True
            waiting = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for path in waiting:
            await path.close("the listener was closed")


class LoopbackCarrier:
    """Opens paths between parts of one process; ends meet by name in a hub."""

    def __init__(self, hub: dict[str, LoopbackListener]) -> None:
        """Use `hub`, the listeners by name; carriers that share it reach each other."""
        self._hub = hub

    async def dial(self, address: Address) -> LoopbackPath:
        """Open a path to the listener of that name.

        Raises:
            UsageError: the address is of another carrier.
            CarrierError: nobody listens under that name.
        """
        if address.carrier != "loopback":
            raise UsageError(f"{address} is no loopback address")
        listener = self._hub.get(address.name)
        if listener is None:
            raise CarrierError(
                f"nobody listens at loopback:{address.name}",
                next_step="Loopback reaches listeners of this process only; start that one first.",
            )
        ours, theirs = loopback_pair(
            name=address.name, traits=replace(LOOPBACK_TRAITS, cost=address.cost)
        )
        await listener.offer(theirs)
        return ours

    async def listen(self, address: Address) -> LoopbackListener:
        """Open a listener under a free name.

        Raises:
            UsageError: the address is of another carrier.
            CarrierError: the name is taken.
        """
        if address.carrier != "loopback":
            raise UsageError(f"{address} is no loopback address")
        if address.name in self._hub:
            raise CarrierError(f"somebody listens at loopback:{address.name} already")
        return LoopbackListener(hub=self._hub, name=address.name)
