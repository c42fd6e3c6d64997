"""What a running station tells its officers and programs, one frozen record each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from parley.core.entry import Entry
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId, Ranges
from parley.core.instants import Instant
from parley.core.values import named_value


@named_value
class EntryStored:
    """An entry, own or a peer's, is durable here.

    Attributes:
        received: when, by our clock.
        sequence: the record's running number of this station after it.
    """

    log: LogId
    index: int
    own: bool
    entry: Entry
    received: Instant
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptStored:
    """A peer's signed statement about our log is durable here.

    Attributes:
        size, missing: what it holds of our log.
        time: the statement's time, by the peer's clock.
        inc: the peer's incarnation that said so.
    """

    log: LogId
    size: int
    missing: Ranges
    by: PartyId
    time: Instant
    inc: Incarnation


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A witness's cosignature on a statement, own or a peer's, is durable here.

    Attributes:
        no: the statement's number.
        witness: the C2SP name.
        time: by the witness's clock.
    """

    log: LogId
    no: int
    witness: str
    time: Instant


@dataclass(frozen=True, slots=True)
class EntryMended:
    """An entry that the disk had changed stands again as it was stored."""

    log: LogId
    index: int


@dataclass(frozen=True, slots=True)
class ChannelProposed:
    """A charter is stored here; we have not opened our log on it yet."""

    channel: ChannelId


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """We opened our log on the channel."""

    channel: ChannelId


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A path came or went, or the peer's signs of life did."""

    peer: PartyId


@dataclass(frozen=True, slots=True)
class CardRenewed:
    """A peer showed a newer card, signed by the root that its card here carries."""

    peer: PartyId
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person must know.

    Attributes:
        kind: `fork`, `rollback`, `breach`, `contradiction`, `behind`, `wrong-key`, `old-card`,
            `malformed`, `refused`, `storage-full`, `store-failed`, `damaged`, `clock`, `witness`,
            `registers`.
    """

    kind: str
    peer: PartyId | None
    channel: ChannelId | None
    text: str


@dataclass(frozen=True, slots=True)
class Reset:
    """The reader was too slow and missed facts: read the record afresh."""


Fact: TypeAlias = (
    EntryStored
    | ReceiptStored
    | Cosigned
    | EntryMended
    | ChannelProposed
    | ChannelOpened
    | LinkChanged
    | CardRenewed
    | Alarm
    | Reset
)
