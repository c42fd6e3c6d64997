"""Frames on a stream of bytes: two bytes of length, big-endian, then the frame.

Courier files and TLS connections use the same form. A frame comes out whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from parley.core.limits import FRAME_BYTES_MAX
from parley.errors import FrameLengthError

LENGTH_BYTES = 2


class FrameSplitter:
    """Cuts what a stream delivers, in pieces of any size, into whole frames.

    Holds at most one unfinished frame: `frame_bytes_max` and two bytes of memory.
    """

    def __init__(self, *, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self._frame_bytes_max = frame_bytes_max
        self._rest = bytearray()

    def feed(self, raw: bytes | bytearray | memoryview) -> list[bytes]:
        """Take the next piece and return the frames it completes, in order.

        Raises:
            FrameLengthError: a length of zero or above the path's limit. The stream cannot be
                followed any further; frames this piece completed before it are in `salvaged`.
        """
        if not self._rest:
            frames, used = self._split(raw)
            self._rest += memoryview(raw)[used:]
            return frames
        self._rest += raw
        frames, used = self._split(self._rest)
        if used:
            del self._rest[:used]
        return frames

    @property
    def rest_bytes(self) -> int:
        """Bytes held of a frame that is not complete; 0 at a clean end of the stream."""
        return len(self._rest)

    def _split(self, raw: bytes | bytearray | memoryview) -> tuple[list[bytes], int]:
        frames: list[bytes] = []
        offset, total = 0, len(raw)
        # A view spares one copy per frame; it is let go before the buffer may change again.
        with memoryview(raw) as view:
            while total - offset >= LENGTH_BYTES:
                length = view[offset] << 8 | view[offset + 1]
                if not 1 <= length <= self._frame_bytes_max:
                    raise FrameLengthError(length, self._frame_bytes_max, salvaged=frames)
                end = offset + LENGTH_BYTES + length
                if end > total:
                    break
                frames.append(bytes(view[offset + LENGTH_BYTES : end]))
                offset = end
        return frames, offset


def join_frames(frames: Iterable[bytes]) -> bytes:
    """Return frames in the form of the stream, ready for one write."""
    parts: list[bytes] = []
    for frame in frames:
        parts.append(len(frame).to_bytes(LENGTH_BYTES, "big"))
        parts.append(frame)
    return b"".join(parts)
