"""Objects of a peer whose symbols are being gathered (specification: `link.md`, large items)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from parley.core import limits
from parley.core.symbols import Decoder
from parley.errors import MalformedError

FORGET_SECONDS = 6 * 3_600.0
"""An object of which no symbol came for so long is forgotten; its sender begins anew. What is
not urgent may stand still for hours on a slow line while something urgent goes first."""
_DONE_MAX = limits.OPEN_OBJECTS_PER_LINK_MAX

Key = tuple[bytes, int, int]


@dataclass(slots=True)
class _Open:
    decoder: Decoder
    touched: float


@dataclass(slots=True)
class _Done:
    raw: bytes
    taken: float


@dataclass(slots=True)
class Gathering:
    """What one peer's symbols have brought so far.

    Attributes:
        pushed_out: objects that were forgotten because others were begun.
    """

    pushed_out: int = 0
    _open: OrderedDict[Key, _Open] = field(default_factory=OrderedDict)
    _done: OrderedDict[Key, _Done] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """Return how many objects are open."""
        return len(self._open)

    def take(
        self, ident: bytes, size: int, esi: int, data: bytes, *, now: float, pause: float
    ) -> bytes | None:
        """Take a symbol; return the object that is to be read now, None while there is none.

        An object that was read is read once more when its symbols go on coming after a pause:
        then its sender has no receipt, or what it brought could not be used at the time.

        Args:
            ident: what names the object.
            size: its bytes.
            esi: the symbol's id.
            data: the symbol.
            now: steady seconds.
            pause: seconds in which symbols of a finished object may still be under way.

        Raises:
            MalformedError: symbols that no honest sender makes; the object is forgotten.
        """
        key = (ident, size, len(data))
        done = self._done.get(key)
        if done is not None:
            if now < done.taken + pause:
                return None
            done.taken = now
            return done.raw
        self._forget(now)
        opened = self._open.get(key)
        if opened is None:
            opened = _Open(Decoder(ident, size, len(data)), now)
            if len(self._open) >= limits.OPEN_OBJECTS_PER_LINK_MAX:
                self._open.popitem(last=False)
                self.pushed_out += 1
            self._open[key] = opened
        self._open.move_to_end(key)
        opened.touched = now
        try:
            raw = opened.decoder.add(esi, data)
        except MalformedError:
            del self._open[key]
            raise
        if raw is not None:
            del self._open[key]
            self._done[key] = _Done(raw, now)
            if len(self._done) > _DONE_MAX:
                self._done.popitem(last=False)
        return raw

    def _forget(self, now: float) -> None:
        """Drop what nobody goes on with; the first one is always the one left longest."""
        while self._open:
            first = next(iter(self._open))
            if now < self._open[first].touched + FORGET_SECONDS:
                return
            del self._open[first]


@dataclass(slots=True)
class PieceGathering:
    """Pieces of one peer's key exchanges: the newest two are gathered, older ones forgotten.

    Two, because an exchange under way may be followed by a newer one before its last piece.
    """

    _open: OrderedDict[Key, Decoder] = field(default_factory=OrderedDict)
    _last: Key | None = None

    def take(self, ident: bytes, size: int, esi: int, data: bytes) -> bytes | None:
        """Take a piece; return the body of the key exchange once it is whole.

        Raises:
            MalformedError: pieces that do not belong together.
        """
        key = (ident, size, len(data))
        if key == self._last:
            return None
        decoder = self._open.get(key)
        if decoder is None:
            decoder = self._open[key] = Decoder(ident, size, len(data))
            while len(self._open) > 2:
                self._open.popitem(last=False)
        try:
            raw = decoder.add(esi, data)
        except MalformedError:
            self._open.pop(key, None)
            raise
        if raw is not None:
            self._last = key
            self._open.clear()
        return raw


__all__ = ["FORGET_SECONDS", "Gathering", "PieceGathering"]
