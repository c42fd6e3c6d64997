"""What the engine must know of a path, and what follows from it for what goes into a frame."""

from __future__ import annotations

from dataclasses import dataclass

from parley.core import padding
from parley.core.limits import FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES

NARROW_BPS = 9_600
FAST_FRAME_BYTES = 32_768
NARROW_AIRTIME_SECONDS = 4
NARROW_FRAME_BYTES_MIN = 128
SYMBOL_FRAME_BYTES = 256
"""A symbol in such a frame sends 1.19 times the object, in one of 128 bytes 1.45 times."""
RECEIPT_BYTES, SYMBOL_HEAD_BYTES = 128, 15
PARCEL_AIRTIME_SECONDS = 60
_SHORT_TURN_SECONDS = 1.0
"""A padded path with longer turns answers as slowly as a slow one, however long its frames."""
PARCEL_BYTES_MIN, PARCEL_BYTES_MAX = 256, 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the engine must know of a path.

    Attributes:
        rate_bps: bits a second, None where not limited.
        frame_bytes_max: largest frame the medium carries whole.
        cost: of two paths the cheaper goes first.
        one_way: nothing ever comes back.
        padded: every frame has exactly `frame_bytes_max` bytes, and they leave at `rate_bps`,
            whether there is something to say or not.
    """

    rate_bps: int | None = None
    frame_bytes_max: int = FRAME_BYTES_MAX
    cost: int = 0
    one_way: bool = False
    padded: bool = False

    @property
    def narrow(self) -> bool:
        """Say whether every byte is weighed on this path."""
        if self.turn_seconds > _SHORT_TURN_SECONDS:
            return True
        return self.rate_bps is not None and self.rate_bps < NARROW_BPS

    @property
    def turn_seconds(self) -> float:
        """Return the seconds from frame to frame of a padded path, 0 for others."""
        if not self.padded or self.rate_bps is None:
            return 0.0
        return padding.turn_seconds(self.frame_bytes_max, self.rate_bps)

    def takes_whole(self, frame_bytes: int) -> bool:
        """Say whether a key exchange of this length may go in one frame."""
        return not self.padded and frame_bytes <= self.frame_bytes_max

    def filled(self, plain: bytes) -> bytes:
        """Return items as they are sealed: on a padded path with PAD up to the frame's end."""
        return padding.filled(plain, self.frame_bytes_max) if self.padded else plain

    @property
    def room(self) -> int:
        """Return how many bytes of items one frame should carry."""
        if self.padded:
            return self.room_max
        if self.rate_bps is None:
            size = FAST_FRAME_BYTES
        else:
            airtime = NARROW_AIRTIME_SECONDS * self.rate_bps // 8
            size = max(NARROW_FRAME_BYTES_MIN, min(airtime, FAST_FRAME_BYTES))
        return min(size, self.frame_bytes_max) - FRAME_OVERHEAD_BYTES

    @property
    def room_max(self) -> int:
        """Return how many bytes of items one frame can carry when something large must go."""
        return self.frame_bytes_max - FRAME_OVERHEAD_BYTES - self._pad_bytes

    @property
    def _pad_bytes(self) -> int:
        return padding.PAD_BYTES_MIN if self.padded else 0

    @property
    def symbol_frame(self) -> int:
        """Return how long a frame with a symbol of a larger item is, header and tag included."""
        if self.padded:
            return self.frame_bytes_max - self._pad_bytes
        if not self.narrow:
            return min(self.frame_bytes_max, FAST_FRAME_BYTES)
        return min(self.frame_bytes_max, max(self.room + FRAME_OVERHEAD_BYTES, SYMBOL_FRAME_BYTES))

    @property
    def whole_max(self) -> int:
        """Return the size of the largest item that goes in one piece; beyond, it is symbols.

        On a narrow path that is less than a frame could carry: what is urgent waits for the end
        of a frame, however long it is.
        """
        if not self.narrow:
            return self.room_max
        return min(self.room_max, self.symbol_frame - FRAME_OVERHEAD_BYTES)

    @property
    def receipt_bytes(self) -> int:
        """Return about how many bytes of frames a statement takes."""
        if self.whole_max >= RECEIPT_BYTES:
            return RECEIPT_BYTES
        in_frame = max(self.frame_bytes_max - FRAME_OVERHEAD_BYTES - SYMBOL_HEAD_BYTES, 8)
        return -(-RECEIPT_BYTES // in_frame) * self.frame_bytes_max

    @property
    def parcel_room(self) -> int:
        """Return how many bytes of entries that are not urgent share one object of symbols."""
        if self.rate_bps is None:
            return PARCEL_BYTES_MAX
        airtime = PARCEL_AIRTIME_SECONDS * self.rate_bps // 8
        return max(PARCEL_BYTES_MIN, min(airtime, PARCEL_BYTES_MAX))

    def airtime(self, size: int) -> float:
        """Return the seconds that `size` bytes take; on a padded path whole turns."""
        if self.padded:
            return -(-size // self.frame_bytes_max) * self.turn_seconds
        return 0.0 if self.rate_bps is None else size * 8 / self.rate_bps
