"""Sealed frames on a carrier (specification: `link.md`, frames).

Six bytes of header, AES-256-GCM-SIV over the items, a tag. GCM-SIV because a store restored from
a snapshot will repeat counters one day: then it shows only that two equal frames were equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from parley.core import keying, limits
from parley.errors import MalformedError

HEADER_BYTES = 6
DATA, KEYING, PIECE = 0, 1, 2
_VERSION = 0x40
_COUNTER_MAX = 2**24 - 1
_NONCE_PREFIX = bytes(9)


@dataclass(frozen=True, slots=True)
class Header:
    """The six bytes in the clear."""

    kind: int
    generation: int
    hint: bytes
    counter: int

    def encode(self) -> bytes:
        """Return the six bytes."""
        first = _VERSION | self.kind << 4 | self.generation & 15
        return bytes((first,)) + self.hint + self.counter.to_bytes(3, "big")


def read_header(frame: bytes) -> Header:
    """Return the header of a frame.

    Raises:
        MalformedError: too short, another version, or a reserved type.
    """
    if len(frame) <= HEADER_BYTES or len(frame) > limits.FRAME_BYTES_MAX:
        raise MalformedError(f"a frame of {len(frame)} bytes")
    kind = frame[0] >> 4 & 3
    if frame[0] & 0xC0 != _VERSION or kind > PIECE:
        raise MalformedError("frame of another version or type", offset=0)
    return Header(kind, frame[0] & 15, frame[1:3], int.from_bytes(frame[3:6], "big"))


def keying_frame(body: bytes) -> bytes:
    """Return the frame that carries a keying in the clear."""
    return Header(KEYING, 0, b"\0\0", 0).encode() + body


class SendEpoch:
    """The sending end of one epoch: seals frames and never repeats a counter on purpose."""

    def __init__(self, chain: bytes) -> None:
        self._chain = chain
        self._hint = keying.hint_of(chain)
        self._generation = 0
        self._counter = 0
        self._aead = AESGCMSIV(keying.frame_key(chain))

    @property
    def generation(self) -> int:
        """Return the generation in use."""
        return self._generation

    def next_generation(self) -> None:
        """Move to the next generation and forget the old chain key."""
        self._chain = keying.next_chain_key(self._chain)
        self._generation += 1
        self._counter = 0
        self._aead = AESGCMSIV(keying.frame_key(self._chain))

    def seal(self, plain: bytes) -> bytes:
        """Return one frame."""
        if self._counter >= limits.GENERATION_FRAMES_MAX:
            self.next_generation()
        header = Header(DATA, self._generation & 15, self._hint, self._counter).encode()
        nonce = _NONCE_PREFIX + self._counter.to_bytes(3, "big")
        self._counter += 1
        return header + self._aead.encrypt(nonce, plain, header)


class _Window:
    """Which counters of one generation came: 1,024 wide."""

    __slots__ = ("_bits", "_top")

    def __init__(self) -> None:
        self._top = -1
        self._bits = 0

    def is_new(self, counter: int) -> bool:
        """Say whether this counter may still be accepted."""
        if counter > self._top:
            return True
        behind = self._top - counter
        return behind < limits.REPLAY_WINDOW_FRAMES and not self._bits >> behind & 1

    def take(self, counter: int) -> None:
        """Mark the counter of a frame that opened."""
        if counter > self._top:
            shift = counter - self._top
            mask = (1 << limits.REPLAY_WINDOW_FRAMES) - 1
            kept = self._bits << shift if shift < limits.REPLAY_WINDOW_FRAMES else 0
            self._bits = (kept | 1) & mask
            self._top = counter
        else:
            self._bits |= 1 << (self._top - counter)


class ReceiveEpoch:
    """The receiving end of one epoch: opens frames, drops replays."""

    _GENERATIONS_AHEAD = 15

    def __init__(self, chain: bytes, *, epoch: int, node: int) -> None:
        self.hint = keying.hint_of(chain)
        self.epoch = epoch
        self.node = node
        self._chain = chain
        self._generation = 0
        self._windows: dict[int, tuple[AESGCMSIV, _Window]] = {
            0: (AESGCMSIV(keying.frame_key(chain)), _Window())
        }

    def open(self, frame: bytes, header: Header) -> bytes | None:
        """Return the plaintext, or None for a replay or a frame that is not ours."""
        for generation in self._candidates(header.generation):
            known = self._windows.get(generation)
            chain = self._chain
            if known is None:
                for _ in range(generation - self._generation):
                    chain = keying.next_chain_key(chain)
                known = (AESGCMSIV(keying.frame_key(chain)), _Window())
            aead, window = known
            if not window.is_new(header.counter):
                continue
            nonce = _NONCE_PREFIX + header.counter.to_bytes(3, "big")
            try:
                plain = aead.decrypt(nonce, frame[HEADER_BYTES:], frame[:HEADER_BYTES])
            except InvalidTag:
                continue
            window.take(header.counter)
            if generation > self._generation:
                self._move_to(generation, chain, known)
            return plain
        return None

    def _candidates(self, low: int) -> list[int]:
        ahead = (low - self._generation) % 16
        newer = self._generation + ahead
        return (
            [newer]
            if ahead <= self._GENERATIONS_AHEAD and newer not in self._windows
            else [generation for generation in self._windows if generation & 15 == low]
        )

    def _move_to(self, generation: int, chain: bytes, known: tuple[AESGCMSIV, _Window]) -> None:
        previous = self._windows.get(self._generation)
        self._windows = {generation: known}
        if previous is not None and generation == self._generation + 1:
            # Frames of the generation before may still be under way; older keys are erased.
            self._windows[self._generation] = previous
        self._generation, self._chain = generation, chain
