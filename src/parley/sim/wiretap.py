"""Reads every frame on the simulated paths, with the receiver's prekeys and nothing of its engine.

What was really sent is judged, and traced, from what is on the line.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.core import frame, item_reading, items, keying
from parley.core.frame import ReceiveEpoch
from parley.core.link_secrets import Identity
from parley.errors import MalformedError


@dataclass(frozen=True, slots=True)
class Heard:
    """What one frame carries: items, or the start of an epoch."""

    found: tuple[items.Item, ...] = ()
    epoch: int | None = None

    def line(self) -> str:
        """Return it in one line for a trace."""
        if self.epoch is not None:
            return f"KEYING epoch {self.epoch}"
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
        case _:
            return type(item).__name__.upper()


class Wiretap:
    """Opens the frames of every direction."""

    def __init__(self) -> None:
        self._epochs: dict[tuple[bytes, bytes], list[ReceiveEpoch]] = {}

    def hear(self, sender: Identity, receiver: Identity, raw: bytes) -> Heard:
        """Return what a frame carries, taken as it leaves its sender.

        Raises:
            MalformedError: an honest station sent what the protocol does not allow.
        """
        header = frame.read_header(raw)
        between = (sender.card.party, receiver.card.party)
        epochs = self._epochs.setdefault(between, [])
        if header.kind == frame.KEYING:
            offered = keying.decode_keying(raw[frame.HEADER_BYTES :])
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
            epochs.insert(0, ReceiveEpoch(chain, epoch=offered.epoch, node=offered.node))
            del epochs[4:]
            return Heard(epoch=offered.epoch)
        for epoch in epochs:
            plain = epoch.open(raw, header) if epoch.hint == header.hint else None
            if plain is None:
                continue
            found, faults = item_reading.decode_items(plain)
            if faults:
                raise faults[0]
            return Heard(tuple(found))
        raise MalformedError("a frame that no epoch sent before opens, or a counter used twice")
