"""Cosignatures of witnesses: names, verifier keys, and signature lines over whole statements.

Only Ed25519 cosignatures, version 1, are made and read here: they cover the whole text, `time` and
`holds` included (specification: `statement.md`, `witness.md`).
Source: C2SP tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from parley.core import keys
from parley.core.card import Card, StationKey
from parley.core.charter import Charter, read_witness_key
from parley.core.instants import Instant
from parley.core.limits import COUNT_MAX
from parley.errors import MalformedError, SignatureError

COSIGNATURE_TYPE = 0x04
_ID_BYTES, _TIME_BYTES = 4, 8
_LINE_BYTES = _ID_BYTES + _TIME_BYTES + keys.ED25519_SIGNATURE_BYTES
_OUR_NAME = re.compile(r"([A-Z0-9-]{1,16})/[0-9a-f]{32}")
_URL = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """Who cosigns: the C2SP name, and the 32-byte Ed25519 key.

    Attributes:
        key_id: first 4 bytes of the digest of name, type and key.
    """

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Return the 4-byte id that every line of this key begins with."""
        packed = self.name.encode("utf-8") + b"\n" + bytes([COSIGNATURE_TYPE]) + self.key
        return sha256(packed).digest()[:_ID_BYTES]

    @property
    def vkey(self) -> str:
        """Return the verifier key, `<name>+<hex id>+<base64>`, as charters and tools take it."""
        packed = base64.b64encode(bytes([COSIGNATURE_TYPE]) + self.key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{packed}"

    @property
    def shown(self) -> str:
        """Return the name for people: the code where the name is one that Parley gives."""
        return shown_name(self.name)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One verified cosignature.

    Attributes:
        time: when the witness saw the statement, by its own clock.
        line: the note line.
    """

    witness: WitnessKey
    time: Instant
    line: str


def shown_name(name: str) -> str:
    """Return the code in a witness's name, or the name where it has another form."""
    match = _OUR_NAME.fullmatch(name)
    return name if match is None else match[1]


def witness_of(card: Card) -> WitnessKey | None:
    """Return the key with which the owner of a card cosigns: its newest one not revoked."""
    usable: list[StationKey] = [key for key in card.station_keys if key.revoked is None]
    if not usable:
        return None
    newest = max(usable, key=lambda key: key.number)
    return WitnessKey(name=f"{card.code}/{card.party.hex()}", key=newest.ed)


def is_witness_address(text: str) -> bool:
    """Say whether an address is one at which a witness takes statements: HTTP, not a carrier."""
    return len(text) <= 200 and _URL.fullmatch(text) is not None


def witnesses_of(charter: Charter) -> list[WitnessKey]:
    """Return the charter's witnesses whose cosignatures cover the whole text."""
    found: list[WitnessKey] = []
    for name, vkey in charter.witnesses:
        key_type, _, key = read_witness_key(name, vkey)
        if key_type == COSIGNATURE_TYPE:
            found.append(WitnessKey(name=name, key=key))
    return found


def cosign(text: str, *, witness: WitnessKey, signer: keys.Signer, time: int) -> str:
    """Return the note line of a cosignature over a whole statement text."""
    assert 0 < time <= COUNT_MAX
    signature = signer.sign(_signed_bytes(text, time))
    packed = witness.key_id + time.to_bytes(_TIME_BYTES, "big") + signature
    return f"\u2014 {witness.name} {base64.b64encode(packed).decode('ascii')}"


def _signed_bytes(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def read_line(line: str) -> tuple[str, bytes]:
    """Return the name in a signature line and the bytes behind it (key id first).

    Raises:
        MalformedError: it is not `— name base64` in its only spelling.
    """
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014" or not keys.is_key_name(parts[1]):
        raise MalformedError("a signature line is not `— name base64`")
    try:
        packed = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("a signature is not base64") from None
    if len(packed) <= _ID_BYTES or base64.b64encode(packed).decode("ascii") != parts[2]:
        raise MalformedError("a signature is too short or has spare bits set")
    return parts[1], packed


@lru_cache(maxsize=1_024)
def _verify(key: bytes, signature: bytes, text: str, time: int) -> None:
    """Accept a cosignature or raise; what was accepted is remembered, a refusal never."""
    keys.verify_ed25519(key, signature, _signed_bytes(text, time))


def verify_line(line: str, text: str, witnesses: Iterable[WitnessKey]) -> Cosignature | None:
    """Return the cosignature of a known witness in a line; None for a line of anybody else.

    Raises:
        MalformedError: it is no signature line, or a known key's line has another length or time 0.
        SignatureError: a known key's line does not verify over the text.
    """
    name, packed = read_line(line)
    for witness in witnesses:
        if witness.name != name or packed[:_ID_BYTES] != witness.key_id:
            continue
        if len(packed) != _LINE_BYTES:
            raise MalformedError("a cosignature is not 72 bytes behind its key id")
        time = int.from_bytes(packed[_ID_BYTES : _ID_BYTES + _TIME_BYTES], "big")
        if not 0 < time <= COUNT_MAX:
            raise MalformedError("a cosignature has time 0, or one beyond all bounds")
        signature = packed[_ID_BYTES + _TIME_BYTES :]
        _verify(witness.key, signature, text, time)
        return Cosignature(witness=witness, time=Instant(time), line=line)
    return None


def verified_lines(
    lines: Iterable[str], text: str, witnesses: Iterable[WitnessKey]
) -> list[Cosignature]:
    """Return every cosignature of a known witness that verifies; other lines are passed over."""
    known = list(witnesses)
    found: dict[WitnessKey, Cosignature] = {}
    for line in lines:
        try:
            one = verify_line(line, text, known)
        except (MalformedError, SignatureError):
            continue
        if one is not None:
            found.setdefault(one.witness, one)
    return list(found.values())


def stored_cosignatures(lines: Iterable[str]) -> list[tuple[str, Instant]]:
    """Return name and time of the cosignatures among stored lines, the earliest first.

    Lines are verified before they are stored; seals, whose name is a station key's, are left out.
    """
    found: list[tuple[Instant, str]] = []
    for line in lines:
        try:
            name, packed = read_line(line)
        except MalformedError:
            continue
        time = int.from_bytes(packed[_ID_BYTES : _ID_BYTES + _TIME_BYTES], "big")
        if len(packed) == _LINE_BYTES and time and not name.startswith("parley1/"):
            found.append((Instant(time), name))
    return [(name, time) for time, name in sorted(found)]


__all__ = [
    "COSIGNATURE_TYPE",
    "Cosignature",
    "WitnessKey",
    "cosign",
    "is_witness_address",
    "read_line",
    "shown_name",
    "stored_cosignatures",
    "verified_lines",
    "verify_line",
    "witness_of",
    "witnesses_of",
]
