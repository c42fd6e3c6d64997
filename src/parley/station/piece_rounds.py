"""A key exchange on its way in pieces, until something is answered under its key."""

from __future__ import annotations

import math

from parley.core import pieces
from parley.core.pieces import Piece
from parley.core.symbols import Stream

ROUNDS_MAX = 12
"""After so many rounds a new key exchange is made instead: the prekey may be gone."""


class PieceRounds:
    """The pieces of one key exchange.

    Attributes:
        frame_bytes: length of frames that it was cut for.
        rounds: how many were finished.
        ended: when the first round was over: what was asked before says nothing of this key.
        due: when the next round begins, in steady seconds, where nothing was answered.
    """

    def __init__(
        self,
        body: bytes,
        frame_bytes: int,
        *,
        sender_fp: bytes,
        receiver_fp: bytes,
        loss: float,
    ) -> None:
        self.frame_bytes = frame_bytes
        self.rounds = 0
        self.due = self.ended = math.inf
        self._sender_fp, self._receiver_fp = sender_fp, receiver_fp
        self._ident = pieces.piece_ident(body)
        self._size = len(body)
        self._stream = Stream(body, pieces.piece_bytes(frame_bytes))
        self._left = math.ceil(self._stream.needed / (1.0 - loss))

    @property
    def goes_on(self) -> bool:
        """Say whether pieces of this round are still to be sent."""
        return self._left > 0

    def take(self, now: float, wait: float) -> bytes:
        """Return the next frame.

        Args:
            now: steady seconds.
            wait: seconds after the round's last piece in which an answer may still come.
        """
        esi, data = self._stream.take()
        self._left -= 1
        if not self._left:
            self.rounds += 1
            self.ended = min(self.ended, now)
            self.due = now + wait * 1.5 ** (self.rounds - 1)
        piece = Piece(ident=self._ident, size=self._size, esi=esi, data=data)
        return pieces.seal_piece(piece, sender_fp=self._sender_fp, receiver_fp=self._receiver_fp)

    def wanted(self, now: float) -> None:
        """Begin the next round before its time: the peer says that it has no key."""
        if not self.goes_on:
            self.due = now

    def again(self) -> None:
        """Begin the next round: some fresh pieces."""
        self._left = math.isqrt(self._stream.needed) + 2
        self.due = math.inf


__all__ = ["ROUNDS_MAX", "PieceRounds"]
