"""What the engine must know of a path, and what follows from it for what goes into a frame."""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.limits import FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES

NARROW_BPS = 9_600
FAST_FRAME_BYTES = 32_768
NARROW_AIRTIME_SECONDS = 4
NARROW_FRAME_BYTES_MIN = 128
SYMBOL_FRAME_BYTES = 256
"""A symbol in such a frame sends 1.19 times the object, in one of 128 bytes 1.45 times."""
RECEIPT_BYTES, SYMBOL_HEAD_BYTES = 128, 15
PARCEL_AIRTIME_SECONDS = 60
PARCEL_BYTES_MIN, PARCEL_BYTES_MAX = 256, 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the engine must know of a path.

    Attributes:
        rate_bps: bits a second, None where not limited.
        frame_bytes_max: largest frame the medium carries whole.
        cost: of two paths the cheaper goes first.
        one_way: nothing ever comes back.
    """

    rate_bps: int | None = None
    frame_bytes_max: int = FRAME_BYTES_MAX
    cost: int = 0
    one_way: bool = False

    @property
    def narrow(self) -> bool:
        """Say whether every byte is weighed on this path."""
        return self.rate_bps is not None and self.rate_bps < NARROW_BPS

    @property
    def room(self) -> int:
        """Return how many bytes of items one frame should carry."""
        if self.rate_bps is None:
            size = FAST_FRAME_BYTES
        else:
            airtime = NARROW_AIRTIME_SECONDS * self.rate_bps // 8
            size = max(NARROW_FRAME_BYTES_MIN, min(airtime, FAST_FRAME_BYTES))
        return min(size, self.frame_bytes_max) - FRAME_OVERHEAD_BYTES

    @property
    def room_max(self) -> int:
        """Return how many bytes of items one frame can carry when something large must go."""
        return self.frame_bytes_max - FRAME_OVERHEAD_BYTES

    @property
    def symbol_frame(self) -> int:
        """Return how long a frame with a symbol of a larger item is, header and tag included."""
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
        """Return the seconds that `size` bytes take."""
        return 0.0 if self.rate_bps is None else size * 8 / self.rate_bps
