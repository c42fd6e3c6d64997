"""What does not fit the frames of a path, on its way in symbols (specification: `link.md`).

A parcel is one item, or two that belong together. It goes out in rounds: the first brings enough
symbols to build it, each further one some fresh symbols, until the peer's word covers it.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from parley.core import items, limits, symbols
from parley.core.ids import ChannelId
from parley.core.items import Symbol
from parley.core.symbols import Stream
from parley.station.traits import Traits

Key = tuple[str, ChannelId | bytes, int]
_KEPT_MAX = 64
_LOSS_MAX = 0.6
_URGENT_LOSS = 0.1
"""What is urgent takes a symbol more from the start: a second round is the dearer one."""


class _Part:
    """One item of a parcel: whole where it fits, else its symbols."""

    def __init__(self, raw: bytes, traits: Traits, *, repair: bool) -> None:
        self.raw = raw
        self.stream: Stream | None = None
        if len(raw) > traits.whole_max:
            size = symbols.symbol_bytes(traits.symbol_frame, len(raw))
            self.stream = Stream(raw, size, repair=repair)
        self.ident = symbols.ident(raw)

    @property
    def needed(self) -> int:
        return 1 if self.stream is None else self.stream.needed

    def next_item(self) -> bytes:
        if self.stream is None:
            return self.raw
        esi, data = self.stream.take()
        return items.encode_item(Symbol(ident=self.ident, size=len(self.raw), esi=esi, data=data))


class Parcel:
    """Items for one peer that go out in symbols.

    Attributes:
        first, end: entries of ours that it carries; equal where it carries none.
        no: number of our statement that it carries, -1 for none.
        urgent: it carries something FLASH or IMMEDIATE.
        frame_bytes: length of frames that it was cut for.
        rounds: how many were finished.
    """

    def __init__(
        self,
        raws: Sequence[bytes],
        traits: Traits,
        *,
        repair: bool,
        loss: float = 0.0,
        first: int = 0,
        end: int = 0,
        no: int = -1,
        urgent: bool = False,
    ) -> None:
        self.first, self.end, self.no = first, end, no
        self.urgent = urgent
        self.frame_bytes = traits.symbol_frame
        self._one_way = traits.one_way
        self.rounds = 0
        self.parts = [_Part(raw, traits, repair=repair) for raw in raws]
        self._whole_next = True
        self._left: list[_Part] = []
        self._ready: bytes | None = None
        self.begin(loss)

    @property
    def carries(self) -> list[bytes]:
        """Return the items that it consists of."""
        return [part.raw for part in self.parts]

    @property
    def goes_on(self) -> bool:
        """Say whether something of this round is still to be sent."""
        return self._ready is not None or bool(self._left)

    @property
    def symbols_sent(self) -> int:
        """Return how many symbols went out in all rounds."""
        return sum(part.stream.sent for part in self.parts if part.stream is not None)

    @property
    def symbols_needed(self) -> int:
        """Return how many symbols would do where none is lost."""
        return sum(part.needed for part in self.parts if part.stream is not None)

    @property
    def again_bytes(self) -> int:
        """Return about how many bytes of frames a further round takes."""
        return self.frame_bytes * sum(_some(part.needed) for part in self.parts)

    def begin(self, loss: float) -> None:
        """Begin the next round: as much as builds it, or some more where that went out already.

        One way nobody ever says how much is wanted: each round brings as much again.

        Args:
            loss: share of symbols that this link was seen to lose.
        """
        self._left = []
        for part in self.parts:
            count = part.needed
            if part.stream is not None and self._whole_next:
                count += math.ceil(count * loss / (1.0 - loss))
            elif part.stream is not None and not self._one_way:
                count = min(count, _some(count) << min(self.rounds - 1, 16))
            self._left += [part] * count
        self._whole_next = False

    def renew(self) -> None:
        """Let the next round bring everything again: the peer may hold nothing of it."""
        self._whole_next = True

    def peek(self) -> bytes:
        """Return the next item of this round."""
        if self._ready is None:
            self._ready = self._left.pop(0).next_item()
        return self._ready

    def take(self) -> None:
        """Take the item peeked at as sent."""
        self._ready = None
        if not self._left:
            self.rounds += 1


def _some(needed: int) -> int:
    """Return how many fresh symbols a second round brings: about what chance left missing."""
    return math.isqrt(needed) + 2 if needed > 1 else 1


@dataclass(slots=True)
class Parcels:
    """Every parcel for one peer.

    Attributes:
        repair: the peer reads repair symbols.
        loss: share of symbols lost, as far as rounds tell.
    """

    repair: bool = True
    loss: float = 0.0
    _kept: OrderedDict[Key, Parcel] = field(default_factory=OrderedDict)

    def get(self, key: Key, traits: Traits) -> Parcel | None:
        """Return a parcel; None if there is none that was cut for frames of this length."""
        found = self._kept.get(key)
        if found is not None and found.frame_bytes != traits.symbol_frame:
            del self._kept[key]
            return None
        return found

    def keep(self, key: Key, parcel: Parcel) -> Parcel:
        """Keep a parcel until it has arrived; of too many, the one left longest is forgotten."""
        self._kept[key] = parcel
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)
        return parcel

    def made(
        self,
        raws: Sequence[bytes],
        traits: Traits,
        *,
        first: int = 0,
        end: int = 0,
        no: int = -1,
        urgent: bool = False,
    ) -> Parcel:
        """Return a parcel of these items for frames of a path."""
        return Parcel(
            raws,
            traits,
            repair=self.repair,
            loss=max(self.loss, _URGENT_LOSS) if urgent else self.loss,
            first=first,
            end=end,
            no=no,
            urgent=urgent,
        )

    def ask(self, raw: bytes, traits: Traits) -> None:
        """Let an item that belongs to no log go out in symbols; one more round if it did before."""
        if len(raw) > limits.OBJECT_BYTES_MAX:
            return
        key = ("item", sha256(raw).digest(), 0)
        known = self.get(key, traits)
        if known is None:
            self.keep(key, self.made([raw], traits))
        elif not known.goes_on:
            known.begin(self.loss)

    def asked(self) -> list[Parcel]:
        """Return the items that belong to no log and are under way, the oldest first."""
        return [one for key, one in self._kept.items() if key[0] == "item" and one.goes_on]

    def of(self, what: str, channel: ChannelId) -> list[tuple[Key, Parcel]]:
        """Return the parcels of one kind and channel."""
        return [(key, one) for key, one in self._kept.items() if key[:2] == (what, channel)]

    def count(self, what: str, *, urgent: bool) -> int:
        """Return how many parcels of one kind are kept: the urgent ones, or all."""
        return sum(key[0] == what and (one.urgent or not urgent) for key, one in self._kept.items())

    def drop(self, key: Key, *, arrived: bool) -> None:
        """Forget a parcel; what it took to arrive says how much the line loses."""
        parcel = self._kept.pop(key)
        if not arrived or not parcel.symbols_needed:
            return
        if parcel.rounds <= 1:
            self.loss *= 0.8
        else:
            share = 1.0 - parcel.symbols_needed / max(parcel.symbols_sent, parcel.symbols_needed)
            self.loss = min(max(self.loss, 0.7 * self.loss + 0.3 * share), _LOSS_MAX)

    def forget(self, channel: ChannelId) -> None:
        """Forget what carries entries and statements of a log of ours that came to its end."""
        for key in [key for key in self._kept if key[1] == channel]:
            del self._kept[key]

    def renew(self) -> None:
        """Take everything on the way for lost."""
        for parcel in self._kept.values():
            parcel.renew()


__all__ = ["Key", "Parcel", "Parcels"]
