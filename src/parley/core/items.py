"""What a frame can carry, and its bytes (specification: `link.md`, items).

A frame's plaintext is a sequence of CBOR arrays, the first element naming the type. How a peer's
bytes become these values again is told in `item_reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from parley.core import canon, limits
from parley.core.canon import Value
from parley.core.ids import Hash, Incarnation, Ranges

RUN, STMT, HAVE, NODES, PING, PONG, NEED, NOTE, SYM, PREKEY, CARD, CHARTER, REFUSE, HELLO, FORK = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
)

FEATURE_RAPTORQ = 1
"""Bit in the features of HELLO: repair symbols are read."""
REFUSE_MALFORMED, REFUSE_UNKNOWN_CHANNEL, REFUSE_QUOTA, REFUSE_FULL = 1, 2, 3, 4
REFUSE_NO_KEY, REFUSE_VERSION, REFUSE_FROZEN, REFUSE_TOO_LARGE = 5, 6, 7, 8

NEED_ENTRIES, NEED_LEAVES, NEED_NOTE, NEED_CARD, NEED_CHARTER = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Held:
    """What a statement says of one other log on the wire: size and missing ranges."""

    size: int
    missing: Ranges = ()

    def value(self) -> Value:
        """Return `size`, or `[size, a, length, ...]` with gaps."""
        if not self.missing:
            return self.size
        flat: list[Value] = [self.size]
        for first, end in self.missing:
            flat += [first, end - first]
        return flat


Holdings: TypeAlias = tuple[Held | None, ...]
"""One for each other party in charter order; None where no `turn` was written yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The sender's statement behind a run: size first + count, time the last entry's + delay."""

    key_number: int
    no: int
    delay: int
    held: Holdings
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Consecutive entries of one log, as decoded arrays, with the sender's statement if any.

    Attributes:
        raws: the bytes of the entries, one for each, where they were read from a frame.
    """

    channel: int
    party: int
    first: int
    entries: Sequence[Value]
    tail: Tail | None = None
    raws: Sequence[bytes] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stmt:
    """A statement by itself."""

    channel: int
    party: int
    key_number: int
    no: int
    time: int
    size: int
    held: Holdings
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Have:
    """Unsigned: what the sender holds of every party's log, for scheduling only."""

    channel: int
    held: Holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Subtree hashes over the places from `first` up to the next entry sent."""

    channel: int
    party: int
    first: int
    hashes: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """A fresh number to be answered."""

    number: int


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a fresh number."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the sender lacks: entries, leaf hashes, a note text, a card or a charter."""

    channel: int
    party: int
    inc: Incarnation | None
    ranges: Ranges
    what: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A statement's full text with its signature lines."""

    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One RaptorQ symbol of an object of `size` bytes; `ident` starts the object's hash."""

    ident: bytes
    size: int
    esi: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PrekeyItem:
    """A newer prekey of the sender, in wire form."""

    value: Value


@dataclass(frozen=True, slots=True)
class CardItem:
    """A card's bytes."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class CharterItem:
    """A charter's bytes."""

    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A stated refusal: code, what it is about (a number by code), words."""

    code: int
    about: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """First item after a path comes up."""

    least: int = 1
    most: int = 1
    object_bytes: int = limits.OBJECT_BYTES_MAX
    features: int = 0
    frame_bytes: int = limits.FRAME_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two notes of one log that contradict each other."""

    first: Note
    second: Note


Item: TypeAlias = (
    Run
    | Stmt
    | Have
    | Nodes
    | Ping
    | Pong
    | Need
    | Note
    | Symbol
    | PrekeyItem
    | CardItem
    | CharterItem
    | Refuse
    | Hello
    | Fork
)

FEATURE_RAPTORQ = 1


def encode_item(item: Item) -> bytes:
    """Return the bytes of one item."""
    return canon.encode(_value(item))


def padding(size: int) -> bytes:
    """Return PAD items of exactly `size` bytes together; 3 or more.

    The head of a byte string jumps from one byte to two at 24 and from two to three at 256: some
    sizes no single item has, so these are made of two.
    """
    assert size >= 3
    for overhead in (3, 4, 5):
        raw = canon.encode([0, bytes(max(0, size - overhead))])
        if len(raw) == size:
            return raw
    return padding(size - 3) + padding(3)


def encode_run(
    channel: int, party: int, first: int, raws: Sequence[bytes], tail: Tail | None
) -> bytes:
    """Return a RUN item whose entries are encoded already (they are canonical, so they splice)."""
    members = [
        canon.encode(RUN),
        canon.encode(channel),
        canon.encode(party),
        canon.encode(first),
        canon.array_head(len(raws)),
        *raws,
    ]
    if tail is not None:
        members.append(canon.encode(_tail_value(tail)))
    return canon.array_head(5 if tail is None else 6) + b"".join(members)


def _tail_value(tail: Tail) -> Value:
    return [tail.key_number, tail.no, tail.delay, _holdings(tail.held), tail.signature]


def _value(item: Item) -> Value:
    match item:
        case Run():
            packed: list[Value] = [RUN, item.channel, item.party, item.first, list(item.entries)]
            if item.tail is not None:
                packed.append(_tail_value(item.tail))
            return packed
        case Stmt():
            return [
                STMT,
                item.channel,
                item.party,
                item.key_number,
                item.no,
                item.time,
                item.size,
                _holdings(item.held),
                item.signature,
            ]
        case Have():
            return [HAVE, item.channel, _holdings(item.held)]
        case Nodes():
            return [NODES, item.channel, item.party, item.first, list(item.hashes)]
        case Ping():
            return [PING, item.number]
        case Pong():
            return [PONG, item.number]
        case Need():
            ranges: Value = [list(pair) for pair in item.ranges]
            return [NEED, item.channel, item.party, item.inc, ranges, item.what]
        case Note():
            return [NOTE, item.text, list(item.lines)]
        case Symbol():
            return [SYM, item.ident, item.size, item.esi, item.data]
        case PrekeyItem():
            return [PREKEY, item.value]
        case CardItem():
            return [CARD, item.raw]
        case CharterItem():
            return [CHARTER, item.raw]
        case Refuse():
            return [REFUSE, item.code, item.about, item.words]
        case Hello():
            return [
                HELLO,
                item.least,
                item.most,
                item.object_bytes,
                item.features,
                item.frame_bytes,
            ]
        case Fork():
            return [
                FORK,
                item.first.text,
                item.first.lines[0],
                item.second.text,
                item.second.lines[0],
            ]


def _holdings(held: Holdings) -> Value:
    return [None if one is None else one.value() for one in held]
