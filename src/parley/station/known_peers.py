"""What the running station knows of a peer before any link to it is up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parley.core.card import Card
from parley.core.cosignature import is_witness_address


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPeer:
    """A peer's card, whether people compared its words, and where it is reached."""

    card: Card
    trusted: bool
    paths: tuple[str, ...]

    @property
    def is_witness(self) -> bool:
        """Say whether it takes statements over HTTP; no link leads to it."""
        return any(is_witness_address(path) for path in self.paths)

    @property
    def to_dial(self) -> tuple[str, ...]:
        """Return the addresses that are dialled: none of a witness's, none untrusted."""
        return self.paths if self.trusted and not self.is_witness else ()


def witness_ways(peers: Iterable[KnownPeer]) -> dict[bytes, tuple[str, ...]]:
    """Return the addresses of every trusted witness, under each of its keys that counts."""
    ways: dict[bytes, tuple[str, ...]] = {}
    for peer in peers:
        if peer.trusted and peer.is_witness:
            urls = tuple(path for path in peer.paths if is_witness_address(path))
            ways |= {key.ed: urls for key in peer.card.station_keys if key.revoked is None}
    return ways
