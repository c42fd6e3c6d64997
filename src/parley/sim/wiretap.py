"""Reads every frame on the simulated paths, with the receiver's prekeys and nothing of its engine.

What was really sent is judged, and traced, from what is on the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from parley.core import frame, item_reading, items, keying, pieces
from parley.core.frame import ReceiveEpoch
from parley.core.ids import PartyId
from parley.core.link_secrets import Identity
from parley.errors import MalformedError
from parley.station.gathering import Gathering, PieceGathering

_Between: TypeAlias = tuple[PartyId, PartyId]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one frame carries: items, the start of an epoch, or a piece of that."""

    found: tuple[items.Item, ...] = ()
    epoch: int | None = None
    piece: int | None = None

    def line(self) -> str:
        """Return it in one line for a trace."""
        if self.epoch is not None:
            return f"KEYING epoch {self.epoch}"
        if self.piece is not None:
            return f"PIECE {self.piece} of a key exchange"
        return "; ".join(map(_item_line, self.found)) or "nothing"


def _item_line(item: items.Item) -> str:
    match item:
        case items.Run():
            end = item.first + len(item.entries)
            tail = "" if item.tail is None else f" + no {item.tail.no}"
            return f"RUN {item.channel}/{item.party} {item.first}-{end}{tail}"
        case items.Stmt():
            return f"STMT {item.channel}/{item.party} no {item.no} size {item.size}"
        case items.Nodes():
            return f"NODES {item.channel}/{item.party} from {item.first}: {len(item.hashes)}"
        case items.Refuse():
            return f"REFUSE {item.code} {item.words}"
        case items.Need():
            return f"NEED {item.channel}/{item.party} what {item.what}"
        case items.Symbol():
            return f"SYM {item.ident.hex()} {item.esi} of {item.size} bytes"
        case _:
            return type(item).__name__.upper()


class Wiretap:
    """Opens the frames of every direction, and puts together what went out in symbols."""

    def __init__(self) -> None:
        self._epochs: dict[_Between, list[ReceiveEpoch]] = {}
        self._pieces: dict[_Between, PieceGathering] = {}
        self._symbols: dict[_Between, Gathering] = {}

    def hear(self, sender: Identity, receiver: Identity, raw: bytes) -> Heard:
        """Return what a frame carries, taken as it leaves its sender.

        Raises:
            MalformedError: an honest station sent what the protocol does not allow.
        """
        header = frame.read_header(raw)
        between = (sender.card.party, receiver.card.party)
        if header.kind == frame.KEYING:
            return self._keying(sender, receiver, raw[frame.HEADER_BYTES :])
        if header.kind == frame.PIECE:
            return self._piece(sender, receiver, raw)
        for epoch in self._epochs.setdefault(between, []):
            plain = epoch.open(raw, header) if epoch.hint == header.hint else None
            if plain is None:
                continue
            found, faults = item_reading.decode_items(plain)
            if faults:
                raise faults[0]
            found += self._whole(between, found)
            return Heard(tuple(found))
        raise MalformedError("a frame that no epoch sent before opens, or a counter used twice")

    def _keying(self, sender: Identity, receiver: Identity, body: bytes) -> Heard:
        offered = keying.decode_keying(body)
        info = keying.keying_info(
            sender.card.fingerprint,
            receiver.card.fingerprint,
            offered.node,
            offered.epoch,
            offered.prekey,
        )
        secret = receiver.opener.open(offered.prekey, offered.sealed, info)
        if secret is None:
            raise MalformedError("a keying frame that its receiver cannot open")
        chain = keying.first_chain_key(secret, info)
        epochs = self._epochs.setdefault((sender.card.party, receiver.card.party), [])
        epochs.insert(0, ReceiveEpoch(chain, epoch=offered.epoch, node=offered.node))
        del epochs[4:]
        return Heard(epoch=offered.epoch)

    def _piece(self, sender: Identity, receiver: Identity, raw: bytes) -> Heard:
        piece = pieces.open_piece(
            raw, sender_fp=sender.card.fingerprint, receiver_fp=receiver.card.fingerprint
        )
        if piece is None:
            raise MalformedError("a piece of a key exchange that its receiver cannot tell")
        gathered = self._pieces.setdefault(
            (sender.card.party, receiver.card.party), PieceGathering()
        )
        body = gathered.take(piece.ident, piece.size, piece.esi, piece.data)
        return Heard(piece=piece.esi) if body is None else self._keying(sender, receiver, body)

    def _whole(self, between: _Between, found: Sequence[items.Item]) -> list[items.Item]:
        """Return the items that became whole with the symbols of this frame."""
        gathered = self._symbols.setdefault(between, Gathering())
        whole: list[items.Item] = []
        for one in found:
            if isinstance(one, items.Symbol):
                raw = gathered.take(
                    one.ident, one.size, one.esi, one.data, now=0.0, pause=float("inf")
                )
                if raw is not None:
                    whole += item_reading.decode_items(raw)[0]
        return whole
