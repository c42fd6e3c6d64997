"""Charters: what the parties of a channel agreed to open it (specification: channel)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from parley_verify.bounds import DEPTH_BODY
from parley_verify.cbor import (
    Value,
    as_bytes,
    as_list,
    as_map,
    as_text,
    as_uint,
    depth_of,
    encode,
)
from parley_verify.ed25519 import is_acceptable_key
from parley_verify.refusal import Path, RefusedError

_CHANNEL_CODE = re.compile(r"[A-Za-z0-9-]{1,24}")
_KEY_NAME = re.compile(r"[^+\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_HEX_ID = re.compile(r"[0-9a-f]{8}")
_GIVEN_NAME = re.compile("([A-Z0-9-]{1,16})/[0-9a-f]{32}")
COSIGNATURE_ED25519, COSIGNATURE_MLDSA44 = 0x04, 0x06


@dataclass(frozen=True, slots=True)
class Witness:
    """A third that cosigns statements: its C2SP name, key type and public key."""

    name: str
    key_type: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Return the 4 bytes that begin its signatures."""
        packed = self.name.encode() + b"\n" + bytes([self.key_type]) + self.key
        return sha256(packed).digest()[:4]

    @property
    def shown(self) -> str:
        """Return the code in a name of Parley's form, or else the name."""
        match = _GIVEN_NAME.fullmatch(self.name)
        return self.name if match is None else match[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """A checked charter; the place of a party id in `parties` is the party number.

    Attributes:
        owed: seconds within which an answer to an entry of a kind is owed, by kind.
    """

    path: Path
    hash: bytes
    code: str
    parties: tuple[bytes, ...]
    proposed_at: int
    ends_at: int | None
    witnesses: tuple[Witness, ...]
    owed: Mapping[int, int]

    @property
    def channel(self) -> bytes:
        """Return the 16-byte channel id."""
        return self.hash[:16]


def read_charter(value: Value, path: Path) -> Charter:
    """Return the checked charter of a decoded value, or refuse it."""
    if depth_of(value) > DEPTH_BODY:
        raise RefusedError("the charter is nested deeper than 8", path=path)
    fields = as_map(value, "charter", path, known=range(13))
    for key in (0, 1, 2, 3, 4, 5, 6, 12):
        if key not in fields:
            raise RefusedError(f"charter lacks key {key}", path=path)
    if fields[0] != "parley1 charter":
        raise RefusedError("a charter does not begin with `parley1 charter`", path=(*path, 0))
    members = as_list(fields[1], "parties", (*path, 1), least=2, most=16)
    parties = tuple(as_bytes(m, "party id", (*path, 1, n), size=16) for n, m in enumerate(members))
    if len(set(parties)) != len(parties):
        raise RefusedError("a party stands twice in the charter", path=(*path, 1))
    as_uint(fields[2], "channel number", (*path, 2), most=65_535)
    as_text(fields[3], "purpose", (*path, 3), most=2_000)
    as_text(fields[4], "basis", (*path, 4), most=2_000)
    as_bytes(fields[6], "nonce", (*path, 6), size=16)
    if 9 in fields and as_uint(fields[9], "heartbeat", (*path, 9)) == 0:
        raise RefusedError("a heartbeat of 0 seconds", path=(*path, 9))
    if 10 in fields:
        as_map(fields[10], "terms", (*path, 10))
    for key in (8, 10):
        if key in fields and not fields[key]:
            raise RefusedError("an empty list or map must be left out", path=(*path, key))
    if 11 in fields:
        _check_predecessor(fields[11], (*path, 11))
    code = as_text(fields[12], "channel code", (*path, 12), least=1, most=24)
    if not _CHANNEL_CODE.fullmatch(code):
        raise RefusedError("channel code has other letters than A-Z a-z 0-9 -", path=(*path, 12))
    return Charter(
        path=path,
        hash=sha256(b"parley1 charter\0" + encode(fields)).digest(),
        code=code,
        parties=parties,
        proposed_at=as_uint(fields[5], "proposed at", (*path, 5)),
        owed=_read_owed(fields.get(10)),
        ends_at=as_uint(fields[7], "ends at", (*path, 7)) if 7 in fields else None,
        witnesses=tuple(
            _read_pair(member, (*path, 8, place))
            for place, member in enumerate(
                as_list(fields.get(8, []), "witnesses", (*path, 8), most=8)
            )
        ),
    )


def _read_owed(terms: Value) -> dict[int, int]:
    """Return term 1; one of another form makes nothing owed."""
    periods = terms.get(1) if isinstance(terms, dict) else None
    if not isinstance(periods, dict):
        return {}
    return {kind: p for kind, p in periods.items() if type(p) is int and p > 0}


def _check_predecessor(value: Value, path: Path) -> None:
    pair = as_list(value, "predecessor", path, least=2, most=2)
    as_bytes(pair[0], "predecessor channel", (*path, 0), size=16)
    for place, member in enumerate(as_list(pair[1], "predecessor logs", (*path, 1), most=64)):
        here = (*path, 1, place)
        row = as_list(member, "predecessor log", here, least=4, most=4)
        as_bytes(row[0], "party id", here, size=16)
        as_bytes(row[1], "incarnation", here, size=8)
        as_uint(row[2], "size", here)
        as_bytes(row[3], "root", here, size=32)


def _read_pair(value: Value, path: Path) -> Witness:
    pair = as_list(value, "witness", path, least=2, most=2)
    name = as_text(pair[0], "witness name", (*path, 0), least=1, most=200)
    vkey = as_text(pair[1], "witness key", (*path, 1), least=1, most=4_000)
    try:
        witness = read_vkey(vkey)
    except RefusedError as refusal:
        raise RefusedError(refusal.reason, path=(*path, 1)) from None
    if witness.name != name:
        raise RefusedError("the witness's name is not the name in its key", path=(*path, 0))
    return witness


def is_key_name(name: str) -> bool:
    """Say whether a key may bear this name: not empty, no plus sign, no white space of Unicode.

    The separators U+001C to U+001F are no white space of Unicode, though Python splits at them.
    """
    return _KEY_NAME.fullmatch(name) is not None


def read_vkey(vkey: str) -> Witness:
    """Return the witness of a C2SP verifier key `<name>+<hex id>+<base64>`, or refuse it."""
    parts = vkey.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]) or not _HEX_ID.fullmatch(parts[1]):
        raise RefusedError("a witness key is not <name>+<hex id>+<base64>")
    try:
        packed = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError):
        packed = b""
    if len(packed) < 2 or base64.b64encode(packed).decode() != parts[2]:
        raise RefusedError("a witness key is not <name>+<hex id>+<base64>")
    witness = Witness(parts[0], packed[0], packed[1:])
    if witness.key_type == COSIGNATURE_ED25519:
        if not is_acceptable_key(witness.key):
            raise RefusedError("a witness key is of small order or not below 2^255 - 19")
    elif witness.key_type != COSIGNATURE_MLDSA44 or len(witness.key) != 1312:
        raise RefusedError("a witness key is neither of type 0x04 nor of type 0x06")
    if witness.key_id.hex() != parts[1]:
        raise RefusedError("the id of a witness key does not belong to the key")
    return witness
