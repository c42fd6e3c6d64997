"""A peer that holds real keys and says on a real connection whatever a test wants."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parley.carriers.address import parse_address
from parley.carriers.interface import Path as CarrierPath
from parley.carriers.tls import TlsCarrier
from parley.core import frame, items, keying
from parley.core.card import Card
from parley.core.item_reading import decode_items
from parley.core.link_secrets import Identity, LinkSecrets
from parley.errors import CarrierError
from parley.station.identity import identity_of, read_own_card
from parley.station.keystore import read_station_keys


def identity_in(directory: Path, passphrase: bytes) -> Identity:
    """Return who a station directory is, with its keys."""
    keys = read_station_keys(directory / "keys" / "station.key", passphrase=passphrase)
    return identity_of(read_own_card(directory), keys)


@dataclass
class Said:
    """What a station said on one connection until it closed it.

    Attributes:
        items: in order.
        closed: why the connection ended; None where it was still open when the time was over.
    """

    items: list[items.Item] = field(default_factory=list)
    closed: str | None = None

    @property
    def refusals(self) -> list[items.Refuse]:
        return [item for item in self.items if isinstance(item, items.Refuse)]


class HostilePeer:
    """Speaks to the station at `port` as `identity`, one connection after another."""

    def __init__(self, identity: Identity, peer: Card, port: int) -> None:
        self.identity = identity
        self.peer = peer
        self._address = parse_address(f"tls://127.0.0.1:{port}")
        self._secrets = LinkSecrets(identity, peer)

    async def say(
        self,
        plains: Sequence[bytes] = (),
        *,
        raw: Sequence[bytes] = (),
        until: type | None = None,
        listen: bool = True,
    ) -> Said:
        """Open a connection, take a key, send frames with these items and then these raw frames.

        Returns what came back until the station closed, or until an item of the type `until`;
        nothing where it does not `listen`.
        """
        path = await TlsCarrier(certificate=None).dial(self._address)
        said = Said()
        try:
            started = self._secrets.start_epoch(int(time.time()), os.urandom)
            assert started is not None
            await path.send([started, *(self._sealed(plain) for plain in plains), *raw])
            while listen and (frames := await path.receive()):
                self._hear(frames, said)
                if until is not None and any(isinstance(item, until) for item in said.items):
                    return said
            said.closed = path.closed_reason
        except CarrierError as broken:
            await self._rest(path, said)
            said.closed = str(broken)
        finally:
            await path.close("said enough")
        return said

    async def _rest(self, path: CarrierPath, said: Said) -> None:
        while frames := await path.receive():
            self._hear(frames, said)

    def _sealed(self, plain: bytes) -> bytes:
        sealed = self._secrets.seal(plain)
        assert sealed is not None
        return sealed

    def _hear(self, frames: Sequence[bytes], said: Said) -> None:
        for raw in frames:
            header = frame.read_header(raw)
            if header.kind == frame.KEYING:
                body = keying.decode_keying(raw[frame.HEADER_BYTES :])
                self._secrets.accept(body, int(time.time()))
                continue
            plain = self._secrets.open(raw, header)
            if plain is not None:
                said.items += decode_items(plain)[0]
