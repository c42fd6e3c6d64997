"""What the station asks of every carrier: paths, listeners, and the traits of a medium.

The same four classes fit a gigabit TLS connection, a 75 bit/s serial line with 64-byte frames and
a file that a courier takes away for good, because nothing here assumes a reply, a rate or a size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from parley.carriers.address import Address
from parley.core.limits import FRAME_BYTES_MAX
from parley.errors import PathClosedError, UsageError

__all__ = [
    "Carrier",
    "Listener",
    "Path",
    "PathClosedError",
    "PathTraits",
    "check_frames",
]

NARROW_BPS = 9_600
"""Below this rate a path is narrow: every byte is weighed before it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTraits:
    """What a carrier knows of a path before the first frame has travelled.

    Attributes:
        rate_bps: bits a second the medium takes; None where it is not known or not limited.
        frame_bytes_max: largest frame the medium carries whole, 1 to 65,535.
        cost: what an operator pays to use it, in no unit; of two paths the cheaper goes first.
        half_duplex: only one side can send at a time.
        one_way: nothing ever comes back on this path. The reader's side has the trait too, and its
            `send` refuses.
    """

    rate_bps: int | None
    frame_bytes_max: int
    cost: int
    half_duplex: bool
    one_way: bool

    @property
    def narrow(self) -> bool:
        """Say whether every byte should be weighed on this path."""
        return self.rate_bps is not None and self.rate_bps < NARROW_BPS


class Path(Protocol):
    """One way to reach one peer, open or closed for good."""

    @property
    def traits(self) -> PathTraits:
        """What the medium can do; does not change while the path is open."""

    @property
    def peer_hint(self) -> str:
        """Where the other end seems to be, for a person to read. It proves nothing."""

    @property
    def closed_reason(self) -> str | None:
        """Why the path closed; None while it is open. The first reason stays."""

    async def send(self, frames: Sequence[bytes]) -> None:
        """Hand frames to the medium in this order, and return when it has taken all of them.

        A slow medium holds the caller here, so that what is more urgent can still be chosen next.
        That the medium took a frame does not say that it arrived.

        Raises:
            UsageError: a frame is empty or larger than `traits.frame_bytes_max`, or the path only
                reads; none of the frames was sent.
            PathClosedError: the path is or becomes closed; some of the frames may have been sent.
        """

    async def receive(self) -> list[bytes]:
        """Wait for frames and return at least one; an empty list says that the path is closed.

        One task at a time may wait here. What arrived before the other side closed comes first.
        """

    async def close(self, reason: str) -> None:
        """Close the path; returns within seconds, and a second call changes nothing.

        What the medium took before still goes out where it can. `receive` returns an empty list
        from here on.
        """


class Listener(Protocol):
    """A place where peers can open paths to us."""

    @property
    def address(self) -> str:
        """The address to dial, with the real port and, where there is one, the pin."""

    async def accept(self) -> Path:
        """Wait for the next path.

        Raises:
            PathClosedError: the listener is closed.
        """

    async def close(self) -> None:
        """Take no more paths; those already accepted stay open and belong to who accepted them."""


class Carrier(Protocol):
    """Opens paths over one kind of medium."""

    async def dial(self, address: Address) -> Path:
        """Open a path to an address.

        Raises:
            CarrierError: nobody answers there, or not the machine that the address names.
        """

    async def listen(self, address: Address) -> Listener:
        """Open a listener at an address of our own.

        Raises:
            CarrierError: the place is taken or is not ours.
        """


def check_frames(frames: Sequence[bytes], frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
    """Refuse a batch of frames if any of them does not fit the path.

    Raises:
        UsageError: a frame is empty or longer than `frame_bytes_max`.
    """
    for frame in frames:
        if not 1 <= len(frame) <= frame_bytes_max:
            raise UsageError(
                f"a frame on this path has 1 to {frame_bytes_max} bytes; this one has {len(frame)}",
                next_step="Send what is larger than a frame as an object cut into symbols.",
            )
