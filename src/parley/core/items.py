"""What a frame can carry (specification: `link.md`, items).

A frame's plaintext is a sequence of CBOR arrays, the first element naming the type. Unknown types
below 64 are skipped; 64 and above end the link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from parley.core import canon, limits, statement
from parley.core.canon import Value
from parley.core.ids import Hash, Incarnation, Ranges
from parley.errors import MalformedError

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
    """Consecutive entries of one log, as decoded arrays, with the sender's statement if any."""

    channel: int
    party: int
    first: int
    entries: Sequence[Value]
    tail: Tail | None = None


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


def decode_items(plain: bytes) -> tuple[list[Item], list[MalformedError]]:
    """Return the items of a frame and what was wrong with the ones left out.

    An item that is not canonical makes the rest unreadable; one that is canonical but breaks its
    own form is left out alone. Unknown types below 64 are skipped.

    Raises:
        MalformedError: an item of type 64 or above, or too many items: the link must end.
    """
    items: list[Item] = []
    faults: list[MalformedError] = []
    values = canon.decode_sequence(
        plain, depth_max=limits.DEPTH_ITEM, count_max=limits.ITEMS_PER_FRAME_MAX
    )
    for value in values:
        if not isinstance(value, list) or not value or type(value[0]) is not int or value[0] < 0:
            faults.append(MalformedError("an item is not an array that starts with its type"))
            continue
        if value[0] >= 64:
            raise MalformedError(f"item type {value[0]} is of a later protocol")
        reader = _READERS.get(value[0])
        if reader is None:
            continue
        try:
            items.append(reader(value))
        except MalformedError as fault:
            faults.append(fault)
    return items, faults


def _sized(value: list[Value], name: str, least: int, most: int) -> None:
    if not least <= len(value) <= most:
        raise MalformedError(f"{name} has {len(value)} members")


def _channel(value: Value) -> int:
    return canon.expect_uint(value, "channel number", most=65_535)


def _party(value: Value) -> int:
    return canon.expect_uint(value, "party number", most=limits.PARTIES_MAX - 1)


def _read_holdings(value: Value) -> Holdings:
    members = canon.expect_list(value, "holdings", least=1, most=limits.PARTIES_MAX)
    return tuple(_read_held(member) for member in members)


def _read_held(value: Value) -> Held | None:
    if value is None:
        return None
    if isinstance(value, int):
        return Held(canon.expect_uint(value, "held size"))
    flat = canon.expect_list(value, "holding", least=3, most=1 + 2 * limits.GAPS_MAX)
    if len(flat) % 2 == 0:
        raise MalformedError("a missing range lacks its length")
    size = canon.expect_uint(flat[0], "held size")
    pairs: list[tuple[int, int]] = []
    for at in range(1, len(flat), 2):
        first = canon.expect_uint(flat[at], "missing from")
        pairs.append((first, first + canon.expect_uint(flat[at + 1], "missing length")))
    return Held(size, statement.check_ranges(pairs, size))


def _read_run(value: list[Value]) -> Run:
    _sized(value, "RUN", 5, 6)
    entries = canon.expect_list(value[4], "run entries", least=1)
    tail: Tail | None = None
    if len(value) == 6:
        raw = canon.expect_list(value[5], "run tail", least=5, most=5)
        tail = Tail(
            key_number=canon.expect_uint(raw[0], "key number", most=255),
            no=canon.expect_uint(raw[1], "statement number"),
            delay=canon.expect_uint(raw[2], "time difference"),
            held=_read_holdings(raw[3]),
            signature=canon.expect_bytes(raw[4], "signature", size=64),
        )
    return Run(
        channel=_channel(value[1]),
        party=_party(value[2]),
        first=canon.expect_uint(value[3], "run first"),
        entries=entries,
        tail=tail,
    )


def _read_stmt(value: list[Value]) -> Stmt:
    _sized(value, "STMT", 9, 9)
    return Stmt(
        channel=_channel(value[1]),
        party=_party(value[2]),
        key_number=canon.expect_uint(value[3], "key number", most=255),
        no=canon.expect_uint(value[4], "statement number"),
        time=canon.expect_uint(value[5], "statement time"),
        size=canon.expect_uint(value[6], "statement size"),
        held=_read_holdings(value[7]),
        signature=canon.expect_bytes(value[8], "signature", size=64),
    )


def _read_have(value: list[Value]) -> Have:
    _sized(value, "HAVE", 3, 3)
    return Have(channel=_channel(value[1]), held=_read_holdings(value[2]))


def _read_nodes(value: list[Value]) -> Nodes:
    _sized(value, "NODES", 5, 5)
    hashes = canon.expect_list(value[4], "nodes", least=1, most=128)
    return Nodes(
        channel=_channel(value[1]),
        party=_party(value[2]),
        first=canon.expect_uint(value[3], "nodes first"),
        hashes=tuple(Hash(canon.expect_bytes(h, "node hash", size=32)) for h in hashes),
    )


def _number(value: list[Value]) -> int:
    _sized(value, "PING or PONG", 2, 2)
    return canon.expect_uint(value[1], "ping number", most=2**32 - 1)


def _read_need(value: list[Value]) -> Need:
    _sized(value, "NEED", 6, 6)
    inc: Incarnation | None = None
    if value[3] is not None:
        inc = Incarnation(canon.expect_bytes(value[3], "incarnation", size=8))
    pairs: list[tuple[int, int]] = []
    for member in canon.expect_list(value[4], "ranges", most=limits.GAPS_MAX):
        pair = canon.expect_list(member, "range", least=2, most=2)
        first, end = canon.expect_uint(pair[0], "from"), canon.expect_uint(pair[1], "to")
        pairs.append((first, end))
    return Need(
        channel=_channel(value[1]),
        party=_party(value[2]),
        inc=inc,
        ranges=statement.check_ranges(pairs, limits.COUNT_MAX),
        what=canon.expect_uint(value[5], "what", most=255),
    )


def _read_note(value: list[Value]) -> Note:
    _sized(value, "NOTE", 3, 3)
    lines = canon.expect_list(value[2], "signature lines", least=1, most=limits.NOTE_SIGNATURES_MAX)
    return Note(
        text=canon.expect_text(value[1], "note text"),
        lines=tuple(canon.expect_text(line, "signature line", most=8_192) for line in lines),
    )


def _read_symbol(value: list[Value]) -> Symbol:
    _sized(value, "SYM", 5, 5)
    return Symbol(
        ident=canon.expect_bytes(value[1], "object id", size=4),
        size=canon.expect_uint(value[2], "object size", most=limits.OBJECT_BYTES_MAX),
        esi=canon.expect_uint(value[3], "symbol id", most=2**24 - 1),
        data=canon.expect_bytes(value[4], "symbol"),
    )


def _read_prekey(value: list[Value]) -> PrekeyItem:
    _sized(value, "PREKEY", 2, 2)
    canon.expect_list(value[1], "prekey", least=4, most=4)
    return PrekeyItem(value[1])


def _read_card(value: list[Value]) -> CardItem:
    _sized(value, "CARD", 2, 2)
    return CardItem(canon.expect_bytes(value[1], "card"))


def _read_charter(value: list[Value]) -> CharterItem:
    _sized(value, "CHARTER", 2, 2)
    return CharterItem(canon.expect_bytes(value[1], "charter"))


def _read_refuse(value: list[Value]) -> Refuse:
    _sized(value, "REFUSE", 4, 4)
    return Refuse(
        code=canon.expect_uint(value[1], "refusal code", most=255),
        about=canon.expect_uint(value[2], "refusal about"),
        words=canon.expect_text(value[3], "refusal words", most=500),
    )


def _read_hello(value: list[Value]) -> Hello:
    _sized(value, "HELLO", 6, 6)
    return Hello(
        least=canon.expect_uint(value[1], "least version", most=255),
        most=canon.expect_uint(value[2], "most version", most=255),
        object_bytes=canon.expect_uint(value[3], "object bytes"),
        features=canon.expect_uint(value[4], "features"),
        frame_bytes=canon.expect_uint(value[5], "frame bytes"),
    )


def _read_fork(value: list[Value]) -> Fork:
    _sized(value, "FORK", 5, 5)
    most = limits.FORK_NOTE_BYTES_MAX
    texts = [canon.expect_text(member, "fork note", most=most) for member in value[1:]]
    return Fork(
        first=Note(text=texts[0], lines=(texts[1],)),
        second=Note(text=texts[2], lines=(texts[3],)),
    )


_READERS: dict[int, Callable[[list[Value]], Item]] = {
    RUN: _read_run,
    STMT: _read_stmt,
    HAVE: _read_have,
    NODES: _read_nodes,
    PING: lambda value: Ping(_number(value)),
    PONG: lambda value: Pong(_number(value)),
    NEED: _read_need,
    NOTE: _read_note,
    SYM: _read_symbol,
    PREKEY: _read_prekey,
    CARD: _read_card,
    CHARTER: _read_charter,
    REFUSE: _read_refuse,
    HELLO: _read_hello,
    FORK: _read_fork,
}
