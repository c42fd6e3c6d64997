"""Cards: the keys of a party, vouched for by its two root keys (specification: identity)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from parley_verify.bounds import CARD_BYTES_MAX, DEPTH_BODY
from parley_verify.cbor import (
    Value,
    as_bytes,
    as_list,
    as_map,
    as_text,
    as_uint,
    decode,
    depth_of,
    encode,
)
from parley_verify.ed25519 import is_acceptable_key
from parley_verify.refusal import Path, RefusedError
from parley_verify.signatures import Signatures

_CARD_CODE = re.compile(r"[A-Z0-9-]{1,16}")
_ARMOUR_FIRST, _ARMOUR_LAST = "-----BEGIN PARLEY CARD-----", "-----END PARLEY CARD-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKey:
    """One signing key of a station; it counts from `start` up to, not including, `until`."""

    number: int
    ed: bytes
    pq: bytes | None
    start: int
    until: int
    is_revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card whose signatures were checked.

    Attributes:
        fingerprint: 32 bytes over both root keys; what a reader trusts.
        officers: (id, Ed25519 key) pairs.
        pq_checked: whether its post-quantum half could be checked.
    """

    path: Path
    body: bytes
    fingerprint: bytes
    sequence: int
    code: str
    name: str
    root_ed: bytes
    root_pq: bytes
    keys: tuple[StationKey, ...]
    issued: int
    not_after: int
    officers: tuple[tuple[int, bytes], ...]
    pq_checked: bool

    @property
    def pid(self) -> bytes:
        """Return the 16-byte party id."""
        return self.fingerprint[:16]

    def key(self, number: int) -> StationKey | None:
        """Return the station key of this number, if the card carries it."""
        return next((key for key in self.keys if key.number == number), None)


def read_card(value: Value, path: Path, signatures: Signatures) -> Card:
    """Return the checked card of a decoded value.

    Raises:
        RefusedError: the form is wrong, a key is not acceptable or a signature does not verify.
    """
    outer = as_list(value, "card", path, least=4, most=4)
    if outer[0] != "parley1 card":
        raise RefusedError("a card does not begin with `parley1 card`", path=(*path, 0))
    body = as_bytes(outer[1], "card body", (*path, 1))
    if len(body) > CARD_BYTES_MAX:
        raise RefusedError(f"card body of {len(body)} bytes", path=(*path, 1))
    sig_ed = as_bytes(outer[2], "Ed25519 signature of the root", (*path, 2), size=64)
    sig_pq = as_bytes(outer[3], "ML-DSA-65 signature of the root", (*path, 3), size=3309)
    try:
        fields = decode(body, depth_max=DEPTH_BODY)
        card = _read_body(fields, body, path, pq_checked=signatures.has_mldsa)
    except RefusedError as refusal:
        raise RefusedError(f"in the card body: {refusal.reason}", path=(*path, 1)) from None
    message = b"parley1 card\0" + body
    if not signatures.ed25519(card.root_ed, sig_ed, message):
        raise RefusedError(
            f"card {card.code} no {card.sequence}: the root's Ed25519 signature does not verify "
            "(body, root key or signature was changed)",
            path=(*path, 2),
        )
    if signatures.mldsa65(card.root_pq, sig_pq, message, b"parley1 card") is False:
        raise RefusedError(
            f"card {card.code} no {card.sequence}: the root's ML-DSA-65 signature does not verify",
            path=(*path, 3),
        )
    _check_prekeys(fields, card, signatures)
    return card


def _read_body(value: Value, body: bytes, path: Path, *, pq_checked: bool) -> Card:
    fields = as_map(value, "card body", (), needed=range(8), known=range(11))
    code = as_text(fields[1], "code", (), least=1, most=16)
    if not _CARD_CODE.fullmatch(code):
        raise RefusedError("code has other letters than A-Z, 0-9 and -")
    root_ed = as_bytes(fields[3], "root key", (), size=32)
    root_pq = as_bytes(fields[4], "post-quantum root key", (), size=1952)
    keys = tuple(
        _read_key(member) for member in as_list(fields[5], "station keys", (), least=1, most=8)
    )
    officers = tuple(
        _read_officer(member) for member in as_list(fields.get(10, []), "officers", (), most=16)
    )
    for hint in as_list(fields.get(9, []), "path hints", (), most=8):
        as_text(hint, "path hint", (), least=1, most=200)
    name = as_text(fields[2], "name", (), least=1, most=480)
    if len(name) > 120:
        raise RefusedError("name is longer than 120 characters")
    if len({key.number for key in keys}) != len(keys):
        raise RefusedError("a station key number stands twice")
    if len({number for number, _ in officers}) != len(officers):
        raise RefusedError("an officer id stands twice")
    eds = [root_ed, *(key.ed for key in keys), *(ed for _, ed in officers)]
    if len(set(eds)) != len(eds):
        raise RefusedError("one Ed25519 key stands in two places")
    if not all(is_acceptable_key(ed) for ed in eds):
        raise RefusedError("an Ed25519 key is of small order or not below 2^255 - 19")
    return Card(
        path=path,
        body=body,
        fingerprint=sha256(b"parley1 root\0" + root_ed + root_pq).digest(),
        sequence=as_uint(fields[0], "sequence number", ()),
        code=code,
        name=name,
        root_ed=root_ed,
        root_pq=root_pq,
        keys=keys,
        issued=as_uint(fields[6], "issued", ()),
        not_after=as_uint(fields[7], "not valid after", ()),
        officers=officers,
        pq_checked=pq_checked,
    )


def _read_key(value: Value) -> StationKey:
    member = as_list(value, "station key", (), least=5, most=6)
    if len(member) == 6:
        as_uint(member[5], "revoked", ())
    return StationKey(
        number=as_uint(member[0], "station key number", (), most=255),
        ed=as_bytes(member[1], "station key", (), size=32),
        pq=None
        if member[2] is None
        else as_bytes(member[2], "post-quantum station key", (), size=1952),
        start=as_uint(member[3], "from", ()),
        until=as_uint(member[4], "until", ()),
        is_revoked=len(member) == 6,
    )


def _read_officer(value: Value) -> tuple[int, bytes]:
    member = as_list(value, "officer", (), least=3, most=3)
    as_uint(member[2], "officer roles", ())
    return as_uint(member[0], "officer id", ()), as_bytes(member[1], "officer key", (), size=32)


def _check_prekeys(value: Value, card: Card, signatures: Signatures) -> None:
    fields = as_map(value, "card body", ())
    path = (*card.path, 1)
    live = [key for key in card.keys if not key.is_revoked]
    ids: set[int] = set()
    for member in as_list(fields.get(8, []), "prekeys", path, most=8):
        prekey = as_list(member, "prekey", path, least=4, most=4)
        number = as_uint(prekey[0], "prekey id", path, most=2**32 - 1)
        if number in ids:
            raise RefusedError(f"card {card.code}: a prekey id stands twice", path=path)
        ids.add(number)
        as_uint(prekey[1], "prekey expiry", path)
        as_bytes(prekey[2], "prekey", path, size=1216)
        signature = as_bytes(prekey[3], "prekey signature", path, size=64)
        message = b"parley1 prekey\0" + encode(prekey[:3])
        signer = min(live, key=lambda key: key.number, default=None)
        if signer is None or not signatures.ed25519(signer.ed, signature, message):
            raise RefusedError(
                f"card {card.code}: the signature of a prekey does not verify", path=path
            )


def read_card_file(raw: bytes, signatures: Signatures) -> Card:
    """Return the checked card in a file, raw or between its two lines of armour.

    Raises:
        RefusedError: it is no card, or does not verify.
    """
    if raw.lstrip()[:5] == b"-----":
        lines = raw.decode("ascii", "replace").split()
        text = " ".join(lines)
        if not text.startswith(_ARMOUR_FIRST) or not text.endswith(_ARMOUR_LAST):
            raise RefusedError("the armour of the card has no proper first or last line")
        inner = text[len(_ARMOUR_FIRST) : -len(_ARMOUR_LAST)].replace(" ", "")
        try:
            raw = base64.b64decode(inner, validate=True)
        except (binascii.Error, ValueError):
            raise RefusedError("the card's text is not base64 between its two lines") from None
    if len(raw) > CARD_BYTES_MAX:
        raise RefusedError(f"a card of {len(raw)} bytes; at most {CARD_BYTES_MAX}")
    value = decode(raw, depth_max=DEPTH_BODY)
    assert depth_of(value) <= DEPTH_BODY
    return read_card(value, (), signatures)
