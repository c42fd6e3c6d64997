"""Objects larger than a frame, cut into RaptorQ symbols (specification: `link.md`, loss).

RFC 6330 with one source block and alignment 8. Source symbols come first, then repair symbols;
any number of symbols slightly above the object's own number brings it back. The arithmetic is
the `raptorq` package's; this module stands guard around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import NoReturn

from raptorq import Decoder as _Decoder
from raptorq import Encoder as _Encoder

from parley.core import limits
from parley.errors import MalformedError, UsageError

ALIGNMENT_BYTES = 8
IDENT_BYTES = 4
PIECE_IDENT_BYTES = 2
SENT_ESI_MAX = 65_535
"""Symbols sent of one object; at 64 bytes each that is the object a thousand times over."""
_ESI_MAX = 2**24 - 1
_BATCH = 8
_SPARE_SYMBOLS_MAX = 16
"""RaptorQ fails with probability 1/256 at the object's own number and 256 times less with each
further symbol: whoever needs more than these is feeding symbols of different objects."""


def ident(obj: bytes) -> bytes:
    """Return what names an object on the wire: the first 4 bytes of its SHA-256."""
    return sha256(obj).digest()[:IDENT_BYTES]


def symbol_bytes(frame_bytes: int, size: int) -> int:
    """Return the symbol size for a path: the largest multiple of 8 that fits its frames.

    Args:
        frame_bytes: the path's frame limit, header and tag included.
        size: bytes of the object.

    Raises:
        UsageError: no symbol fits.
    """
    heads = 2 + 1 + IDENT_BYTES + (3 if size < 65_536 else 5) + 3
    room = frame_bytes - limits.FRAME_OVERHEAD_BYTES - heads
    room -= 3 if room > 258 else 2
    most = min(room, 65_528) // ALIGNMENT_BYTES * ALIGNMENT_BYTES
    if most < ALIGNMENT_BYTES:
        raise UsageError(f"a frame of {frame_bytes} bytes holds no symbol")
    return most


def source_count(size: int, symbol_size: int) -> int:
    """Return how many symbols an object of `size` bytes has of its own."""
    return -(-size // symbol_size)


def encode(obj: bytes, symbol_size: int, *, repair: bool = True) -> Iterator[tuple[int, bytes]]:
    """Yield (encoding symbol id, symbol): the source symbols, then repair symbols.

    Args:
        obj: 1 to 65,536 bytes.
        symbol_size: bytes of every symbol, a multiple of 8; the last source symbol is padded.
        repair: False for a receiver without RaptorQ: the source symbols alone.

    Raises:
        UsageError: object or symbol size is out of bounds.
    """
    _check(len(obj), symbol_size, UsageError)
    count = source_count(len(obj), symbol_size)
    padded = obj + bytes(count * symbol_size - len(obj))
    for esi in range(count):
        yield esi, padded[esi * symbol_size : (esi + 1) * symbol_size]
    if not repair:
        return
    encoder = _Encoder.with_defaults(obj, symbol_size)
    esi, ready = count, _BATCH
    while esi <= SENT_ESI_MAX:
        for packet in encoder.get_encoded_packets(ready)[esi:]:
            found = int.from_bytes(packet[1:4], "big")
            assert packet[0] == 0
            assert found == esi
            if esi > SENT_ESI_MAX:
                return
            yield esi, bytes(packet[4:])
            esi += 1
        ready *= 2


class Stream:
    """Symbols of one object without end: its own first, then repair symbols.

    For a receiver without RaptorQ, and beyond the last symbol id, it begins again from the first.

    Attributes:
        needed: symbols that the object has of its own; about as many bring it back.
        sent: symbols taken so far.
    """

    __slots__ = ("_obj", "_repair", "_source", "_symbol_size", "needed", "sent")

    def __init__(self, obj: bytes, symbol_size: int, *, repair: bool = True) -> None:
        """Begin with the first symbol.

        Raises:
            UsageError: object or symbol size is out of bounds.
        """
        _check(len(obj), symbol_size, UsageError)
        self.needed = source_count(len(obj), symbol_size)
        self.sent = 0
        self._obj = obj
        self._symbol_size = symbol_size
        self._repair = repair
        self._source = encode(obj, symbol_size, repair=repair)

    def take(self) -> tuple[int, bytes]:
        """Return the next symbol: its id and its bytes."""
        self.sent += 1
        found = next(self._source, None)
        if found is None:
            self._source = encode(self._obj, self._symbol_size, repair=self._repair)
            found = next(self._source)
        return found


class Decoder:
    """Brings one object back from its symbols.

    Attributes:
        ident: the first bytes of its SHA-256: 4, or 2 of a key exchange.
        size: its length in bytes.
        symbol_size: length of every symbol.
        spoilt: its symbols contradict each other; nothing more is taken.
    """

    __slots__ = ("_decoder", "_seen", "ident", "size", "spoilt", "symbol_size")

    def __init__(self, ident: bytes, size: int, symbol_size: int) -> None:
        """Begin without any symbol.

        Raises:
            MalformedError: size or symbol size is out of bounds.
        """
        if len(ident) not in (IDENT_BYTES, PIECE_IDENT_BYTES):
            raise MalformedError("object id is neither 4 bytes nor 2")
        _check(size, symbol_size, MalformedError)
        self.ident = ident
        self.size = size
        self.symbol_size = symbol_size
        self.spoilt = False
        self._seen: set[int] = set()
        self._decoder = _Decoder.with_defaults(size, symbol_size)

    @property
    def symbols(self) -> int:
        """Return how many different symbols came so far."""
        return len(self._seen)

    def add(self, esi: int, data: bytes) -> bytes | None:
        """Take one symbol; return the object once it is whole, None until then.

        A symbol that came before is passed over.

        Raises:
            MalformedError: a symbol of another length or number, or symbols that do not belong
                together; the object must be begun anew.
        """
        if self.spoilt:
            raise MalformedError("symbols of this object contradict each other")
        if not 0 <= esi <= _ESI_MAX:
            raise MalformedError(f"symbol id {esi} does not fit 24 bits")
        if len(data) != self.symbol_size:
            raise MalformedError(
                f"symbol of {len(data)} bytes; this object's have {self.symbol_size}"
            )
        if esi in self._seen:
            return None
        if len(self._seen) >= source_count(self.size, self.symbol_size) + _SPARE_SYMBOLS_MAX:
            self._spoil("more symbols than any object needs, and no object")
        self._seen.add(esi)
        obj = self._decode(esi, data)
        if obj is None:
            return None
        if len(obj) != self.size or sha256(obj).digest()[: len(self.ident)] != self.ident:
            self._spoil("the object does not have the hash that names it")
        return obj

    def _decode(self, esi: int, data: bytes) -> bytes | None:
        try:
            found = self._decoder.decode(b"\0" + esi.to_bytes(3, "big") + data)
        except BaseException as problem:
            # The package is Rust: a failed assertion in it is no Exception and has no import.
            if type(problem).__name__ != "PanicException":
                raise
            self._spoil("the decoder cannot use these symbols")
        return None if found is None else bytes(found)

    def _spoil(self, why: str) -> NoReturn:
        self.spoilt = True
        raise MalformedError(why)


def _check(size: int, symbol_size: int, error: type[UsageError | MalformedError]) -> None:
    if not 1 <= size <= limits.OBJECT_BYTES_MAX:
        raise error(f"object of {size} bytes; 1 to {limits.OBJECT_BYTES_MAX} are allowed")
    if not ALIGNMENT_BYTES <= symbol_size <= 65_528 or symbol_size % ALIGNMENT_BYTES:
        raise error(f"symbol size {symbol_size} is not a multiple of {ALIGNMENT_BYTES}")


__all__ = ["Decoder", "Stream", "encode", "ident", "source_count", "symbol_bytes"]
