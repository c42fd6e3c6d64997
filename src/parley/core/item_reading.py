"""From a frame's plaintext to the items in it (specification: `link.md`, items).

What a peer sent is read here and nowhere else: each item has its own strict form. Unknown types
below 64 are skipped; 64 and above end the link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core import canon, limits, statement
from parley.core.canon import Value
from parley.core.ids import Hash, Incarnation
from parley.core.items import (
    CARD,
    CHARTER,
    FORK,
    HAVE,
    HELLO,
    NEED,
    NODES,
    NOTE,
    PING,
    PONG,
    PREKEY,
    REFUSE,
    RUN,
    STMT,
    SYM,
    CardItem,
    CharterItem,
    Fork,
    Have,
    Held,
    Hello,
    Holdings,
    Item,
    Need,
    Nodes,
    Note,
    Ping,
    Pong,
    PrekeyItem,
    Refuse,
    Run,
    Stmt,
    Symbol,
    Tail,
)
from parley.errors import LaterProtocolError, MalformedError, TooLargeError

_RUN_BEGINS = (canon.array_head(5) + canon.encode(RUN), canon.array_head(6) + canon.encode(RUN))
_RUN_ENTRIES = 4
"""Place of the array of entries among a RUN's members."""


def decode_items(plain: bytes) -> tuple[list[Item], list[MalformedError]]:
    """Return the items of a frame and what was wrong with the ones left out.

    An item that is not canonical makes the rest unreadable; one that is canonical but breaks its
    own form is left out alone. Unknown types below 64 are skipped.

    Raises:
        LaterProtocolError: an item of type 64 or above: the link must end.
        MalformedError: too many items, or bytes that are none: the link must end too.
    """
    found: list[Item] = []
    faults: list[MalformedError] = []
    for value, raws in _values(plain):
        if not isinstance(value, list) or not value or type(value[0]) is not int or value[0] < 0:
            faults.append(MalformedError("an item is not an array that starts with its type"))
            continue
        if value[0] >= 64:
            raise LaterProtocolError(f"item type {value[0]} is of a later protocol")
        reader = _READERS.get(value[0])
        try:
            if value[0] == RUN:
                found.append(_read_run(value, raws))
            elif reader is not None:
                found.append(reader(value))
        except MalformedError as fault:
            faults.append(fault)
    return found, faults


def _values(plain: bytes) -> list[tuple[Value, Sequence[bytes]]]:
    """Return the decoded items of a frame, each with the bytes of the entries in it."""
    values: list[tuple[Value, Sequence[bytes]]] = []
    at = 0
    while at < len(plain):
        if len(values) == limits.ITEMS_PER_FRAME_MAX:
            raise MalformedError(f"more than {limits.ITEMS_PER_FRAME_MAX} items", offset=at)
        if plain[at : at + 2] in _RUN_BEGINS:
            value, raws, at = _run_at(plain, at)
            values.append((value, raws))
        else:
            value, at = canon.value_at(plain, at, limits.DEPTH_ITEM)
            values.append((value, ()))
    return values


def _run_at(plain: bytes, at: int) -> tuple[Value, Sequence[bytes], int]:
    """Decode a RUN, and cut its entries out: what is canonical need not be encoded again.

    Their depth is counted from the item: the item itself is 1, the array of entries 2.
    """
    members: list[Value] = []
    raws: list[bytes] = []
    count, at = canon.array_at(plain, at)
    for place in range(count):
        if place == _RUN_ENTRIES and canon.is_array(plain, at):
            entries: list[Value] = []
            many, at = canon.array_at(plain, at)
            for _ in range(many):
                entry, end = canon.value_at(plain, at, limits.DEPTH_ITEM - 2)
                entries.append(entry)
                raws.append(plain[at:end])
                at = end
            members.append(entries)
            continue
        member, at = canon.value_at(plain, at, limits.DEPTH_ITEM - 1)
        members.append(member)
    return members, raws, at


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


def _read_run(value: list[Value], raws: Sequence[bytes]) -> Run:
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
        raws=raws,
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
    size = canon.expect_uint(value[2], "object size")
    if size > limits.OBJECT_BYTES_MAX:
        raise TooLargeError(
            f"an object of {size} bytes; {limits.OBJECT_BYTES_MAX} are taken at most"
        )
    return Symbol(
        ident=canon.expect_bytes(value[1], "object id", size=4),
        size=size,
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
    first, second = (
        Note(
            text=canon.expect_text(value[at], "fork note", most=limits.FORK_NOTE_BYTES_MAX),
            lines=(canon.expect_text(value[at + 1], "fork line", most=limits.FORK_LINE_BYTES_MAX),),
        )
        for at in (1, 3)
    )
    return Fork(first=first, second=second)


_READERS: dict[int, Callable[[list[Value]], Item]] = {
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
