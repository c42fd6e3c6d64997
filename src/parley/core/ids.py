"""Typed names, so that a swap of two byte strings fails in the type checker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, NewType

PartyId = NewType("PartyId", bytes)
"""First 16 bytes of a party's fingerprint."""

ChannelId = NewType("ChannelId", bytes)
"""First 16 bytes of the charter's hash."""

Incarnation = NewType("Incarnation", bytes)
"""8 random bytes: one unbroken life of a log."""

Hash = NewType("Hash", bytes)
"""32 bytes of SHA-256."""


class LogId(NamedTuple):
    """One party's log on one channel in one incarnation.

    A tuple, because it is the key of many tables and is hashed several times for every entry.
    """

    channel: ChannelId
    party: PartyId
    inc: Incarnation

    @property
    def origin(self) -> str:
        """Return the C2SP origin line (specification: statement)."""
        return f"parley1/{self.channel.hex()}/{self.party.hex()}/{self.inc.hex()}"


@dataclass(frozen=True, slots=True)
class EntryRef:
    """A place in the record: party number in charter order, index, and incarnation when named."""

    party: int
    index: int
    inc: Incarnation | None = None


Ranges = tuple[tuple[int, int], ...]
"""Half-open index ranges, ascending, neither touching nor overlapping."""
