"""Keys, cards and charters, from spec/identity.md and spec/channel.md."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from independent.values import (
    LARGEST,
    NAME,
    array,
    decode,
    encode,
    fields,
    need,
    octets,
    text,
    uint,
)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def h(*parts: bytes) -> bytes:
    """SHA-256 of parts joined."""
    return hashlib.sha256(b"".join(parts)).digest()


def _root_of(square: int) -> int | None:
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square % P else None


def small_order() -> set[bytes]:
    """The 14 encodings: from the roots of d c^4 + 2 c^2 - 1 = 0."""
    under = _root_of(1 + D)
    assert under is not None
    c = next(
        root
        for sign in (1, -1)
        if (root := _root_of((sign * under - 1) * pow(D, -1, P) % P)) is not None
    )
    ys = (0, 1, P - 1, P, P + 1, c, P - c)
    return {(y | top << 255).to_bytes(32, "little") for y in ys for top in (0, 1)}


SMALL = small_order()


def key_counts(key: bytes) -> bool:
    """Whether an Ed25519 public key may be used at all."""
    if len(key) != 32 or key in SMALL:
        return False
    return int.from_bytes(key, "little") % 2**255 < P


@cache
def verify_ed(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature counts."""
    if not key_counts(key) or len(signature) != 64 or signature[:32] in SMALL:
        return False
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@cache
def verify_pq(key: bytes, signature: bytes, message: bytes, context: bytes) -> bool:
    """Whether an ML-DSA-65 signature counts."""
    try:
        MLDSA65PublicKey.from_public_bytes(key).verify(signature, message, context)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(ed: bytes, pq: bytes) -> bytes:
    """What parties compare."""
    return h(b"parley1 root\0", ed, pq)


def words(fp: bytes, listed: list[str]) -> list[str]:
    """Twelve words for 132 bits."""
    bits = int.from_bytes(fp[:17]) >> 4
    return [listed[bits >> 11 * (11 - k) & 2047] for k in range(12)]


@dataclass
class Party:
    """A made-up party: all its keys come from one word."""

    name: str
    numbers: list[int] = field(default_factory=lambda: [1])
    revoked: dict[int, int] = field(default_factory=dict)
    until: dict[int, int] = field(default_factory=dict)
    sequence: int = 1
    twins: bool = False
    prekeys: list[list[Any]] = field(default_factory=list)

    def ed(self, what: str) -> Ed25519PrivateKey:
        """One Ed25519 key of the party."""
        return _keys(self.name, what)[0]

    def pq(self, what: str) -> MLDSA65PrivateKey:
        """One ML-DSA-65 key of the party."""
        return _keys(self.name, what)[1]

    @property
    def fp(self) -> bytes:
        """Its fingerprint."""
        return fingerprint(public(self.ed("root")), public(self.pq("root")))

    @property
    def pid(self) -> bytes:
        """Its party id."""
        return self.fp[:16]

    def body(self) -> dict[int, Any]:
        """The body of its card."""
        keys = []
        for n in self.numbers:
            twin = public(self.pq(f"k{n}")) if self.twins else None
            member = [n, public(self.ed(f"k{n}")), twin, 0, self.until.get(n, 2**32)]
            keys.append(member + ([self.revoked[n]] if n in self.revoked else []))
        body = {
            0: self.sequence,
            1: self.name.upper(),
            2: f"Party {self.name}",
            3: public(self.ed("root")),
            4: public(self.pq("root")),
            5: keys,
            6: 1_789_990_000,
            7: 2**32,
        }
        return body | ({8: self.prekeys} if self.prekeys else {})

    def card(self, body: dict[int, Any] | None = None) -> list[Any]:
        """Its card, signed by both roots."""
        raw = encode(self.body() if body is None else body)
        return ["parley1 card", raw, *_root_signatures(self.name, raw)]

    def prekey(self, number: int, public_key: bytes, expires: int) -> list[Any]:
        """A prekey, signed by the lowest key that is not revoked."""
        lowest = min(n for n in self.numbers if n not in self.revoked)
        signed = b"parley1 prekey\0" + encode([number, expires, public_key])
        return [number, expires, public_key, self.ed(f"k{lowest}").sign(signed)]


@cache
def _root_signatures(name: str, raw: bytes) -> tuple[bytes, bytes]:
    signed, party = b"parley1 card\0" + raw, Party(name)
    return party.ed("root").sign(signed), party.pq("root").sign(signed, b"parley1 card")


@cache
def _keys(name: str, what: str) -> tuple[Ed25519PrivateKey, MLDSA65PrivateKey]:
    return (
        Ed25519PrivateKey.from_private_bytes(h(f"{name} {what}".encode())),
        MLDSA65PrivateKey.from_seed_bytes(h(f"{name} {what} pq".encode())),
    )


def public(key: Ed25519PrivateKey | MLDSA65PrivateKey) -> bytes:
    """The public half, as bytes."""
    return key.public_key().public_bytes_raw()


def read_card(card: Any) -> dict[int, Any]:
    """The body of a card that MUST be accepted, or RefusedError."""
    members = array(card, 4, 4)
    need(members[0] == "parley1 card" and isinstance(members[1], bytes), "not parley1 card")
    need(len(encode(card)) <= 32_768, "card too long")
    raw, sig_ed, sig_pq = members[1], octets(members[2], 64), octets(members[3], 3309)
    body = fields(decode(raw), set(range(8)), {8, 9, 10})
    uint(body[0])
    need(re.fullmatch(r"[A-Z0-9-]{1,16}", text(body[1], 16)) is not None, "code")
    need(isinstance(body[2], str) and 1 <= len(body[2]) <= 120, "name")
    octets(body[3], 32)
    octets(body[4], 1952)
    uint(body[6])
    uint(body[7])
    seen = [body[3]]
    numbers = []
    for key in array(body[5], 8, 1):
        array(key, 6, 5)
        numbers.append(uint(key[0], 255))
        seen.append(octets(key[1], 32))
        need(key[2] is None or len(octets(key[2], 1952)) == 1952, "twin")
        for moment in key[3:]:
            uint(moment)
    need(len(set(numbers)) == len(numbers), "key number twice")
    for officer in array(body.get(10, []), 16):
        array(officer, 3, 3)
        uint(officer[0])
        seen.append(octets(officer[1], 32))
        uint(officer[2])
    need(len(set(seen)) == len(seen), "key twice")
    ids = [officer[0] for officer in body.get(10, [])]
    need(len(set(ids)) == len(ids), "officer id twice")
    need(all(key_counts(key) for key in seen), "key not acceptable")
    for hint in array(body.get(9, []), 8):
        text(hint, 200, 1)
    signed = b"parley1 card\0" + raw
    need(verify_ed(body[3], sig_ed, signed), "Ed25519 root signature")
    need(verify_pq(body[4], sig_pq, signed, b"parley1 card"), "ML-DSA root signature")
    alive = sorted(key for key in body[5] if len(key) == 5)
    prekeys = array(body.get(8, []), 8)
    for prekey in prekeys:
        array(prekey, 4, 4)
        uint(prekey[0], 2**32 - 1)
        uint(prekey[1])
        octets(prekey[2], 1216)
        need(bool(alive), "no key for prekeys")
        signed = b"parley1 prekey\0" + encode(prekey[:3])
        need(verify_ed(alive[0][1], octets(prekey[3], 64), signed), "prekey signature")
    need(len({prekey[0] for prekey in prekeys}) == len(prekeys), "prekey id twice")
    return body


def charter(*parties: Party, ch: int = 7, **more: Any) -> dict[int, Any]:
    """A charter among parties."""
    made = {
        0: "parley1 charter",
        1: [party.pid for party in parties],
        2: ch,
        3: "independent",
        4: "none",
        5: 1_789_999_000,
        6: h(b"nonce")[:16],
        12: "OTHER-1",
    }
    return made | {int(name[1:]): value for name, value in more.items()}


def charter_hash(made: dict[int, Any]) -> bytes:
    """What binds every log to its charter."""
    return h(b"parley1 charter\0", encode(made))


def verifier_key(name: str, kind: int, key: bytes) -> str:
    """A C2SP verifier key."""
    typed = bytes([kind]) + key
    number = h(name.encode(), b"\n", typed)[:4].hex()
    return f"{name}+{number}+{base64.b64encode(typed).decode()}"


def read_verifier_key(listed: str) -> tuple[str, int, bytes]:
    """Name, type and key of a verifier key that MUST be accepted."""
    parts = listed.split("+", 2)
    need(len(parts) == 3 and re.fullmatch(NAME, parts[0]) is not None, "not name+id+key")
    try:
        typed = base64.b64decode(parts[2], validate=True)
    except ValueError:
        typed = b""
    need(len(typed) > 1 and base64.b64encode(typed).decode() == parts[2], "key is no base64")
    need(typed[0] in (4, 6), "type of key")
    need(len(typed) == {4: 33, 6: 1313}[typed[0]], "length of key")
    need(typed[0] == 6 or key_counts(typed[1:]), "key not acceptable")
    need(verifier_key(parts[0], typed[0], typed[1:]) == listed, "key id")
    return parts[0], typed[0], typed[1:]


def read_charter(made: Any) -> dict[int, Any]:
    """A charter that MUST be accepted, or RefusedError."""
    body = fields(made, {0, 1, 2, 3, 4, 5, 6, 12}, {7, 8, 9, 10, 11})
    need(body[0] == "parley1 charter", "not parley1 charter")
    pids = [octets(pid, 16) for pid in array(body[1], 16, 2)]
    need(len(set(pids)) == len(pids), "a party twice")
    uint(body[2], 65_535)
    text(body[3], 2000)
    text(body[4], 2000)
    uint(body[5])
    octets(body[6], 16)
    need(re.fullmatch(r"[A-Za-z0-9-]{1,24}", text(body[12], 24)) is not None, "channel code")
    if 7 in body:
        uint(body[7])
    if 8 in body:
        for witness in array(body[8], 8, 1):
            array(witness, 2, 2)
            name = text(witness[0], 200, 1)
            need(read_verifier_key(text(witness[1], 4000))[0] == name, "another name")
    if 9 in body:
        uint(body[9], LARGEST, 1)
    if 10 in body:
        need(isinstance(body[10], dict) and len(body[10]) > 0, "empty terms")
    if 11 in body:
        octets(array(body[11], 2, 2)[0], 16)
        for log in array(body[11][1], 64):
            array(log, 4, 4)
            octets(log[0], 16)
            octets(log[1], 8)
            uint(log[2])
            octets(log[3], 32)
    return body
