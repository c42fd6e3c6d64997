"""A key exchange in pieces, for paths whose frames are too short for it (specification: `link.md`).

Before the exchange there is no key, so a piece cannot be sealed as a symbol is. Its tag is made
with both fingerprints instead: whoever holds neither card can put nothing among the pieces, what
the line spoiled is found, and a station keeps nothing for strangers.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from parley.core import frame, symbols
from parley.core.frame import Header
from parley.errors import MalformedError, UsageError

KEYING_BYTES_MAX = 2_560
"""Body of a key exchange: a sealed secret has at most 2,048 bytes, the rest less than 200."""
_SIZE_BYTES = 2
_TAG_BYTES = 8
HEAD_BYTES = frame.HEADER_BYTES + _SIZE_BYTES + _TAG_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One symbol of the body of a keying frame.

    Attributes:
        ident: first two bytes of the body's SHA-256.
        size: bytes of the body.
        esi: encoding symbol id.
        data: the symbol.
    """

    ident: bytes
    size: int
    esi: int
    data: bytes


def piece_bytes(frame_bytes: int) -> int:
    """Return the symbol size for a path: the largest multiple of 8 that fits its frames.

    Raises:
        UsageError: no piece fits.
    """
    room = (frame_bytes - HEAD_BYTES) // symbols.ALIGNMENT_BYTES * symbols.ALIGNMENT_BYTES
    if room < symbols.ALIGNMENT_BYTES:
        raise UsageError(f"a frame of {frame_bytes} bytes holds no piece of a key exchange")
    return min(room, 65_528)


def piece_ident(body: bytes) -> bytes:
    """Return the two bytes that name a key exchange among the pieces of others."""
    return sha256(body).digest()[: symbols.PIECE_IDENT_BYTES]


def seal_piece(piece: Piece, *, sender_fp: bytes, receiver_fp: bytes) -> bytes:
    """Return the frame that carries a piece."""
    header = Header(frame.PIECE, 0, piece.ident, piece.esi).encode()
    head = header + piece.size.to_bytes(_SIZE_BYTES, "big")
    return head + _tag(head, piece.data, sender_fp, receiver_fp) + piece.data


def open_piece(raw: bytes, *, sender_fp: bytes, receiver_fp: bytes) -> Piece | None:
    """Return the piece in a frame; None if it is not from this sender to this receiver, whole.

    Raises:
        MalformedError: its form is wrong, whoever sent it.
    """
    head, data = raw[: frame.HEADER_BYTES + _SIZE_BYTES], raw[HEAD_BYTES:]
    size = int.from_bytes(head[frame.HEADER_BYTES :], "big")
    if not data or len(data) % symbols.ALIGNMENT_BYTES or raw[0] & 15:
        raise MalformedError("a piece of a key exchange has another form")
    if not 1 <= size <= KEYING_BYTES_MAX:
        raise MalformedError(f"a key exchange of {size} bytes")
    given = raw[len(head) : HEAD_BYTES]
    if not hmac.compare_digest(given, _tag(head, data, sender_fp, receiver_fp)):
        return None
    return Piece(ident=head[1:3], size=size, esi=int.from_bytes(head[3:6], "big"), data=data)


def _tag(head: bytes, data: bytes, sender_fp: bytes, receiver_fp: bytes) -> bytes:
    key = sender_fp + receiver_fp
    return hmac.digest(key, b"parley1 piece\0" + head + data, "sha256")[:_TAG_BYTES]


__all__ = ["Piece", "open_piece", "piece_bytes", "piece_ident", "seal_piece"]
