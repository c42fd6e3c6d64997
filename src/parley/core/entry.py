"""Entries, their leaves, and what an entry refers to (specification: `entry.md`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from parley.core import canon, limits
from parley.core.canon import Value
from parley.core.ids import EntryRef, Hash, Incarnation
from parley.core.instants import Instant
from parley.core.values import named_value
from parley.errors import MalformedError

if TYPE_CHECKING:
    from hashlib import _Hash


class Precedence(IntEnum):
    """How urgent: flags bits 0 and 1."""

    ROUTINE = 0
    PRIORITY = 1
    IMMEDIATE = 2
    FLASH = 3

    @property
    def letter(self) -> str:
        """Return R, P, O or Z."""
        return "RPOZ"[self]


class Marking(IntEnum):
    """What the entry is for: flags bits 2 and 3."""

    LIVE = 0
    EXERCISE = 1
    TEST = 2
    SIMULATION = 3


class Kind(IntEnum):
    """Core kinds; 16 and above belong to the desk."""

    OPEN = 0
    SAY = 1
    ACKNOWLEDGE = 2
    TURN = 3
    CARD = 4
    CLOSE = 5
    TIME_TOKEN = 6
    COMMIT = 7
    REVEAL = 8
    PART = 9


_IMMEDIATE = int(Precedence.IMMEDIATE)

NEVER_ANSWERS = frozenset({0, 2, 3, 4, 6, 9})
"""Kinds that are no answer to anything (specification: entry, "an answer")."""

NON_ATTRIBUTABLE = 0x10
_FLAGS_KNOWN = 0x1F

# Core field numbers.
F_HIDE, F_REF, F_TEXT, F_LANGUAGE, F_CASE, F_DUE, F_CODEC = 0, 1, 2, 3, 4, 5, 6
F_REVEAL, F_OFFICER = 14, 15


@named_value
class Entry:
    """One utterance of one party.

    Attributes:
        kind: core kind below 16, or the number of a desk move.
        time: the author's claim of when.
        flags: precedence, marking, evidence class.
        seen: entries of each other party held when writing, in charter order, own party left out.
        fields: numbered values; 0-15 core, 16-31 the desk's envelope, 32 and up the move's.
    """

    kind: int
    time: Instant
    flags: int = 0
    seen: tuple[int, ...] = (0,)
    fields: Mapping[int, Value] = field(default_factory=dict)

    @property
    def precedence(self) -> Precedence:
        """Return how urgent the author made it."""
        return Precedence(self.flags & 3)

    @property
    def is_urgent(self) -> bool:
        """Say whether it is IMMEDIATE or FLASH."""
        return self.flags & 3 >= _IMMEDIATE

    @property
    def marking(self) -> Marking:
        """Return LIVE, EXERCISE, TEST or SIMULATION."""
        return Marking(self.flags >> 2 & 3)

    @property
    def is_attributable(self) -> bool:
        """Say whether the leaf binds the body."""
        return not self.flags & NON_ATTRIBUTABLE

    def ref(self, number: int) -> EntryRef | None:
        """Return field `number` as a reference, None if absent or not of that form."""
        return as_ref(self.fields.get(number))


def make_flags(precedence: int = 0, marking: int = 0, *, attributable: bool = True) -> int:
    """Return the flags of an entry."""
    return precedence | marking << 2 | (0 if attributable else NON_ATTRIBUTABLE)


def as_ref(value: Value) -> EntryRef | None:
    """Return a reference, or None: a value of another form refers to nothing."""
    if value is None or not isinstance(value, list | tuple) or len(value) not in (2, 3):
        return None
    party, index = value[0], value[1]
    if type(party) is not int or type(index) is not int:
        return None
    if not 0 <= party < limits.PARTIES_MAX or not 0 <= index <= limits.COUNT_MAX:
        return None
    if len(value) == 2:
        return EntryRef(party, index)
    inc = value[2]
    if not isinstance(inc, bytes) or len(inc) != 8:
        return None
    return EntryRef(party, index, Incarnation(inc))


def ref_value(ref: EntryRef) -> Value:
    """Return the wire form of a reference."""
    if ref.inc is None:
        return [ref.party, ref.index]
    return [ref.party, ref.index, ref.inc]


def entry_value(entry: Entry) -> list[Value]:
    """Return the array that encodes `entry`."""
    seen: Value = entry.seen[0] if len(entry.seen) == 1 else list(entry.seen)
    return [entry.kind, entry.time, entry.flags, seen, entry.fields]


def encode_entry(entry: Entry) -> bytes:
    """Return the entry's bytes.

    Raises:
        MalformedError: it is longer than an entry may be.
    """
    raw = canon.encode(entry_value(entry))
    if len(raw) > limits.ENTRY_BYTES_MAX:
        raise MalformedError(f"entry of {len(raw)} bytes; at most {limits.ENTRY_BYTES_MAX}")
    return raw


def decode_entry(raw: bytes, *, others: int) -> Entry:
    """Return the checked entry.

    Args:
        raw: its bytes.
        others: number of parties on the channel besides the author.

    Raises:
        MalformedError: the bytes break a rule of the specification.
    """
    if len(raw) > limits.ENTRY_BYTES_MAX:
        raise MalformedError(f"entry of {len(raw)} bytes; at most {limits.ENTRY_BYTES_MAX}")
    return entry_from_value(canon.decode(raw, depth_max=limits.DEPTH_ENTRY), others=others)


def entry_from_value(value: Value, *, others: int) -> Entry:
    """Return the checked entry from its decoded array; see `decode_entry`."""
    if not isinstance(value, list) or len(value) != 5:
        raise MalformedError("an entry is an array of five")
    kind, time, flags, seen, fields = value
    if type(kind) is not int or not 0 <= kind <= limits.FIELD_NUMBER_MAX:
        raise MalformedError("kind is not an unsigned integer up to 65535")
    if type(time) is not int or not 0 <= time <= limits.COUNT_MAX:
        raise MalformedError("time is not an unsigned integer up to 2^53-1")
    if type(flags) is not int or flags < 0 or flags & ~_FLAGS_KNOWN:
        raise MalformedError("flags hold reserved bits")
    if flags & NON_ATTRIBUTABLE and others != 1:
        raise MalformedError("non-attributable entries need a channel of exactly two parties")
    if not isinstance(fields, dict) or len(fields) > limits.FIELDS_PER_ENTRY_MAX:
        raise MalformedError(f"fields are not a map of at most {limits.FIELDS_PER_ENTRY_MAX}")
    if fields and max(fields) > limits.FIELD_NUMBER_MAX:
        raise MalformedError("field number above 65535")
    if canon.depth(fields) > limits.DEPTH_ENTRY - 1:
        # Inside an item it may lie deeper; stored by itself it could not be read again.
        raise MalformedError("entry nested too deep")
    return Entry(
        kind=kind, time=Instant(time), flags=flags, seen=_seen(seen, others), fields=fields
    )


def _seen(seen: Value, others: int) -> tuple[int, ...]:
    counts = [seen] if others == 1 else seen
    if not isinstance(counts, list) or len(counts) != others:
        raise MalformedError("seen does not name every other party once")
    checked: list[int] = []
    for count in counts:
        if type(count) is not int or not 0 <= count <= limits.COUNT_MAX:
            raise MalformedError("seen is not an unsigned integer up to 2^53-1")
        checked.append(count)
    return tuple(checked)


def opening_hide(inc: bytes, hide: Value) -> bytes:
    """Return the key for the salts of a log's entry 0, which carries `hide` itself."""
    secret = hide if isinstance(hide, bytes) else b""
    return sha256(b"parley1 open\0" + inc + secret).digest()


def salt(hide: bytes, index: int, number: int) -> bytes:
    """Return the 16-byte salt of field `number` of the entry at `index`."""
    inner, outer = (half.copy() for half in _keyed(bytes(hide)))
    inner.update(index.to_bytes(8, "big") + number.to_bytes(4, "big"))
    outer.update(inner.digest())
    return outer.digest()[:16]


@lru_cache(maxsize=64)
def _keyed(hide: bytes) -> tuple[_Hash, _Hash]:
    """Return both halves of HMAC-SHA256 under a log's secret (RFC 2104), ready to be copied.

    Keying it again for every field, or going through `hmac`, takes twice as long as the hashes.
    """
    key = (sha256(hide).digest() if len(hide) > _BLOCK_BYTES else hide).ljust(_BLOCK_BYTES, b"\0")
    return sha256(key.translate(_INNER)), sha256(key.translate(_OUTER))


_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def blind(hide: bytes, index: int) -> bytes:
    """Return what stands for the body in an off-record leaf: nobody can guess a leaf not shown.

    Only entry 0, which is never off the record, has a field 0: this salt is of no other use.
    """
    return salt(hide, index, F_HIDE)


def commitment(hide: bytes, index: int, number: int, value: Value) -> Hash:
    """Return the salted commitment of one field."""
    packed = canon.encode([number, value])
    return Hash(sha256(_FIELD_BEGINS + salt(hide, index, number) + packed).digest())


def commitments(entry: Entry, *, hide: bytes, index: int, inc: bytes) -> dict[int, Value]:
    """Return the commitment of every field of the entry at `index`."""
    key = opening_hide(inc, entry.fields.get(F_HIDE)) if index == 0 else hide
    return {n: commitment(key, index, n, v) for n, v in entry.fields.items()}


def leaf_hash(
    entry: Entry, *, hide: bytes, index: int, inc: bytes, raw: bytes | None = None
) -> Hash:
    """Return the 32-byte leaf of the entry at `index` of incarnation `inc`.

    Args:
        entry: the entry.
        hide: the log's 32-byte secret (field 0 of its entry 0).
        index: place in the log.
        inc: 8-byte incarnation.
        raw: the entry's bytes, where they are at hand; then nothing is encoded again.
    """
    packed = canon.encode(entry_value(entry)) if raw is None else raw
    key = opening_hide(inc, entry.fields.get(F_HIDE)) if index == 0 else hide
    return _leaf_of(packed, key, index, is_attributable=entry.is_attributable)[0]


def binding_leaf(raw: bytes, *, hide: bytes, index: int) -> Hash | None:
    """Return the leaf of an entry behind the opening from its bytes alone, if it binds them all.

    Other bytes never give the same leaf: whoever knows what it must be need not decode them.

    Args:
        raw: what may be an entry.
        hide: the log's 32-byte secret.
        index: place in the log, 1 or more.

    Returns:
        None where the bytes are none, or the entry is non-attributable.
    """
    try:
        flags, _ = canon.uint_at(raw, canon.end_of(raw, canon.end_of(raw, 1)))
        leaf, end = _leaf_of(raw, hide, index, is_attributable=True)
    except (MalformedError, IndexError, ValueError, OverflowError, RecursionError):
        return None
    return None if flags & NON_ATTRIBUTABLE or end != len(raw) else leaf


def _leaf_of(raw: bytes, key: bytes, index: int, *, is_attributable: bool) -> tuple[Hash, int]:
    """Hash an entry from its bytes: everything in the leaf but the commitments stands in them.

    Returns the leaf and the place behind what it binds.
    """
    at = 1
    for _ in range(_MEMBERS_BEFORE_FIELDS):
        at = at + 1 if raw[at] < _ONE_BYTE else canon.end_of(raw, at)
    if not is_attributable:
        return Hash(sha256(b"\x00" + raw[:at] + _SALT_HEAD + blind(key, index)).digest()), at
    count, end = canon.map_at(raw, at)
    parts = [b"\x00", raw[:end]]
    inner, outer = _keyed(bytes(key))
    place = index.to_bytes(8, "big")
    for _ in range(count):
        start = end
        number, value_at = canon.uint_at(raw, start)
        end = canon.end_of(raw, value_at)
        salting, salted = inner.copy(), outer.copy()
        salting.update(place + number.to_bytes(4, "big"))
        salted.update(salting.digest())
        # The pair in the map is what `[number, value]` holds behind its head.
        hidden = sha256(_FIELD_BEGINS + salted.digest()[:16] + _PAIR + raw[start:end]).digest()
        parts += (raw[start:value_at], _HASH_HEAD, hidden)
    return Hash(sha256(b"".join(parts)).digest()), end


_MEMBERS_BEFORE_FIELDS = 4
_ONE_BYTE = 24
"""Below it an integer is its own encoding."""

_FIELD_BEGINS = b"parley1 field\0"
_PAIR, _SALT_HEAD = canon.array_head(2), canon.encode(bytes(16))[:1]
_HASH_HEAD = canon.encode(bytes(32))[:2]
