"""Charters: what the parties of a channel sign to open it (specification: `channel.md`)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from parley.core import canon, keys, limits
from parley.core.canon import Value
from parley.core.ids import ChannelId, Hash, PartyId
from parley.errors import MalformedError

_MAGIC = "parley1 charter"
_MLDSA44_KEY_BYTES = 1_312
_CODE = re.compile(r"[A-Za-z0-9-]{1,24}")
TERM_PROFILE, TERM_OWED, TERM_QUOTAS = 0, 1, 2
QUOTA_MAX = 10**12
"""What a station writes into a charter at most; more is no bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """A checked charter.

    Attributes:
        parties: their ids; the position is the party number.
        number: the channel's number `ch` on every link among the parties.
        proposed_at: seconds.
        nonce: 16 bytes.
        ends_at: seconds, or None.
        witnesses: (name, verifier key) pairs.
        heartbeat: at most this many seconds between own statements, or None.
        terms: 0 digest of the profile, 1 periods that count as owed, 2 quotas.
        code: short name of the channel.
        predecessor: field 11 as it stands, or None.
    """

    parties: tuple[PartyId, ...]
    number: int
    purpose: str
    basis: str
    proposed_at: int
    nonce: bytes
    code: str
    ends_at: int | None = None
    witnesses: tuple[tuple[str, str], ...] = ()
    heartbeat: int | None = None
    terms: Mapping[int, Value] = field(default_factory=dict)
    predecessor: Value = None
    _hash: Hash | None = field(default=None, init=False, repr=False, compare=False)

    def encode(self) -> bytes:
        """Return the only encoding."""
        body: dict[int, Value] = {
            0: _MAGIC,
            1: list(self.parties),
            2: self.number,
            3: self.purpose,
            4: self.basis,
            5: self.proposed_at,
            6: self.nonce,
            12: self.code,
        }
        if self.ends_at is not None:
            body[7] = self.ends_at
        if self.witnesses:
            body[8] = [list(witness) for witness in self.witnesses]
        if self.heartbeat is not None:
            body[9] = self.heartbeat
        if self.terms:
            body[10] = self.terms
        if self.predecessor is not None:
            body[11] = self.predecessor
        return canon.encode(body)

    @property
    def hash(self) -> Hash:
        """Return the 32-byte charter hash that entry 0 of every log carries."""
        if self._hash is None:
            # Asked for with every entry; a charter never changes, so it is reckoned once.
            digest = Hash(sha256(b"parley1 charter\0" + self.encode()).digest())
            object.__setattr__(self, "_hash", digest)
            return digest
        return self._hash

    @property
    def channel_id(self) -> ChannelId:
        """Return the first 16 bytes of the hash."""
        return ChannelId(self.hash[:16])

    def party_number(self, party: PartyId) -> int:
        """Return the position of `party`; ValueError if it is no member."""
        return self.parties.index(party)

    def others(self, party: PartyId) -> tuple[PartyId, ...]:
        """Return every other party in charter order."""
        return tuple(other for other in self.parties if other != party)


def decode_charter(raw: bytes) -> Charter:
    """Return the checked charter.

    Raises:
        MalformedError: it breaks a rule of the specification.
    """
    fields = canon.expect_map(canon.decode(raw), "charter")
    if unknown := set(fields) - set(range(13)):
        raise MalformedError(f"charter has unknown keys {sorted(unknown)}")
    if missing := {0, 1, 2, 3, 4, 5, 6, 12} - set(fields):
        raise MalformedError(f"charter lacks keys {sorted(missing)}")
    if fields[0] != _MAGIC:
        raise MalformedError("this is not a Parley charter")
    members = canon.expect_list(
        fields[1], "parties", least=limits.PARTIES_MIN, most=limits.PARTIES_MAX
    )
    parties = tuple(PartyId(canon.expect_bytes(m, "party id", size=16)) for m in members)
    if len(set(parties)) != len(parties):
        raise MalformedError("a party stands twice in the charter")
    code = canon.expect_text(fields[12], "channel code", least=1, most=24)
    if not _CODE.fullmatch(code):
        raise MalformedError("channel code holds other letters than A-Z, a-z, 0-9 and -")
    charter = Charter(
        parties=parties,
        code=code,
        number=canon.expect_uint(fields[2], "channel number", most=65_535),
        purpose=canon.expect_text(fields[3], "purpose", most=2_000),
        basis=canon.expect_text(fields[4], "basis", most=2_000),
        proposed_at=canon.expect_uint(fields[5], "proposed at"),
        nonce=canon.expect_bytes(fields[6], "nonce", size=16),
        ends_at=canon.expect_uint(fields[7], "ends at") if 7 in fields else None,
        witnesses=_read_witnesses(fields.get(8, [])),
        heartbeat=canon.expect_uint(fields[9], "heartbeat") if 9 in fields else None,
        terms=canon.expect_map(fields[10], "terms") if 10 in fields else {},
        predecessor=_read_predecessor(fields[11]) if 11 in fields else None,
    )
    if charter.heartbeat == 0:
        raise MalformedError("heartbeat of 0 seconds")
    if charter.encode() != raw:
        # An empty list or map would be left out again, and the hash with it be another.
        raise MalformedError("an empty list or map of a charter must be left out")
    return charter


def _read_witnesses(value: Value) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for member in canon.expect_list(value, "witnesses", most=8):
        pair = canon.expect_list(member, "witness", least=2, most=2)
        name = canon.expect_text(pair[0], "witness name", least=1, most=200)
        vkey = canon.expect_text(pair[1], "witness key", least=1, most=4_000)
        read_witness_key(name, vkey)
        pairs.append((name, vkey))
    return tuple(pairs)


def read_witness_key(name: str, vkey: str) -> tuple[int, bytes, bytes]:
    """Return key type, 4-byte key id and public key of a C2SP verifier key.

    Raises:
        MalformedError: not `<name>+<id>+<base64>`, another name, or a type other than 4 and 6.
    """
    parts = vkey.split("+", 2)
    if len(parts) != 3 or parts[0] != name:
        raise MalformedError("witness name is not the name in its key")
    try:
        packed = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError):
        packed = b""
    if not keys.is_key_name(name) or base64.b64encode(packed).decode() != parts[2]:
        raise MalformedError("witness key is not <name>+<hex id>+<base64>")
    if len(packed) < 2 or packed[0] not in (0x04, 0x06):
        raise MalformedError("witness key type is neither 0x04 nor 0x06")
    if packed[0] == 0x06 and len(packed) != 1 + _MLDSA44_KEY_BYTES:
        raise MalformedError("witness key of type 0x06 is not 1,312 bytes")
    key_id = sha256(name.encode() + b"\n" + packed).digest()[:4]
    if key_id.hex() != parts[1]:
        raise MalformedError("witness key id does not belong to the key")
    if packed[0] == 0x04 and not keys.is_acceptable_key(packed[1:]):
        raise MalformedError("witness key is not an acceptable Ed25519 key")
    return packed[0], key_id, packed[1:]


def _read_predecessor(value: Value) -> Value:
    pair = canon.expect_list(value, "predecessor", least=2, most=2)
    canon.expect_bytes(pair[0], "predecessor channel", size=16)
    for member in canon.expect_list(pair[1], "predecessor logs", most=64):
        row = canon.expect_list(member, "predecessor log", least=4, most=4)
        canon.expect_bytes(row[0], "party id", size=16)
        canon.expect_bytes(row[1], "incarnation", size=8)
        canon.expect_uint(row[2], "size")
        canon.expect_bytes(row[3], "root", size=32)
    return pair


def quotas(charter: Charter) -> Sequence[int]:
    """Return (entries a day, bytes a day, FLASH an hour); 0 means none agreed."""
    value = charter.terms.get(TERM_QUOTAS)
    if isinstance(value, list) and len(value) == 3 and all(type(v) is int for v in value):
        numbers = [int(v) for v in value if isinstance(v, int)]
        if min(numbers) >= 0:
            return numbers
    return (0, 0, 0)


def quota_terms(
    entries_per_day: int | None, bytes_per_day: int | None, flash_per_hour: int | None
) -> dict[int, Value]:
    """Return the terms that bound what each party may write; None is no bound.

    Raises:
        ValueError: a bound below 1 or above `QUOTA_MAX`.
    """
    numbers = (entries_per_day, bytes_per_day, flash_per_hour)
    if any(number is not None and not 1 <= number <= QUOTA_MAX for number in numbers):
        raise ValueError(f"a quota is a number from 1 to {QUOTA_MAX}")
    if not any(numbers):
        return {}
    return {TERM_QUOTAS: [number or 0 for number in numbers]}
