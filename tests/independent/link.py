"""Keying frames, frames and items, from spec/link.md."""

from __future__ import annotations

import hmac
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from independent.identity import Party, h, verify_ed
from independent.values import (
    RefusedError,
    array,
    decode,
    decode_one,
    encode,
    need,
    octets,
    text,
    uint,
)

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class Prekey:
    """Both halves of a prekey."""

    def __init__(self) -> None:
        self.ml, self.x = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
        self.private = hpke.MLKEM768X25519PrivateKey(self.ml, self.x)

    @property
    def public(self) -> bytes:
        """ML-KEM-768, then X25519."""
        return self.ml.public_key().public_bytes_raw() + self.x.public_key().public_bytes_raw()


def info(sender: bytes, receiver: bytes, node: int, epoch: int, prekey: int) -> bytes:
    """What an epoch is bound to; both ends by their fingerprints."""
    numbers = node.to_bytes(4, "big") + epoch.to_bytes(8, "big") + prekey.to_bytes(4, "big")
    return b"parley1 key\0" + sender + receiver + numbers


def first_chain_key(secret: bytes, bound: bytes, shared: bytes = bytes(32)) -> bytes:
    """k(0)."""
    return HKDF(hashes.SHA256(), 32, shared, bound).derive(secret)


def expand(key: bytes, label: bytes, size: int = 32) -> bytes:
    """HKDF-Expand."""
    return HKDFExpand(hashes.SHA256(), size, label).derive(key)


def keying_frame(
    sender: Party, receiver: Party, prekey: Prekey, *, number: int, epoch: int, secret: bytes
) -> bytes:
    """A keying frame of node 0 under station key 1."""
    bound = info(sender.fp, receiver.fp, 0, epoch, number)
    sealed = SUITE.encrypt(secret, prekey.private.public_key(), bound)
    six = [sender.pid, receiver.pid, 0, epoch, number, sealed]
    signed = b"parley1 keying\0" + h(encode(six))
    return b"\x50" + bytes(5) + encode([*six, 1, sender.ed("k1").sign(signed)])


def read_piece(frame: bytes, sender: bytes, receiver: bytes) -> tuple[int, int, bytes]:
    """Size of the key exchange, symbol id and symbol of a piece, or RefusedError."""
    need(len(frame) >= 24 and len(frame) % 8 == 0 and frame[0] == 0x60, "form of a piece")
    size = int.from_bytes(frame[6:8], "big")
    need(1 <= size <= 2_560, "size of a key exchange")
    said = b"parley1 piece\0" + frame[:8] + frame[16:]
    tag = hmac.new(sender + receiver, said, "sha256").digest()[:8]
    need(hmac.compare_digest(tag, frame[8:16]), "tag of a piece")
    return size, int.from_bytes(frame[3:6], "big"), frame[16:]


def open_keying(frame: bytes, sender: Party, receiver: Party, key: bytes, private: Any) -> bytes:
    """The secret of a keying frame, or RefusedError."""
    need(frame[:6] == b"\x50" + bytes(5), "no keying frame")
    members = array(decode(frame[6:]), 8, 8)
    need(members[0] == sender.pid and members[1] == receiver.pid, "not for us")
    uint(members[2], 2**32 - 1)
    uint(members[3])
    uint(members[4], 2**32 - 1)
    octets(members[5], 1168)
    uint(members[6], 255)
    signed = b"parley1 keying\0" + h(encode(members[:6]))
    need(verify_ed(key, octets(members[7], 64), signed), "signature")
    bound = info(sender.fp, receiver.fp, members[2], members[3], members[4])
    try:
        return octets(SUITE.decrypt(members[5], private, bound), 32)
    except InvalidTag:
        raise RefusedError("HPKE") from None


def seal(k0: bytes, generation: int, counter: int, plain: bytes) -> bytes:
    """A data frame."""
    chain = k0
    for _ in range(generation):
        chain = expand(chain, b"parley1 next")
    head = (
        bytes([0x40 | generation % 16])
        + expand(k0, b"parley1 hint", 2)
        + counter.to_bytes(3, "big")
    )
    key = expand(chain, b"parley1 frame")
    return head + AESGCMSIV(key).encrypt(bytes(9) + head[3:6], plain, head)


def unseal(k0: bytes, generation: int, frame: bytes) -> bytes:
    """What a data frame carries, or RefusedError."""
    need(22 <= len(frame) <= 65_535 and frame[0] >> 4 == 4, "version or type")
    need(frame[1:3] == expand(k0, b"parley1 hint", 2), "hint")
    chain = k0
    for _ in range(generation):
        chain = expand(chain, b"parley1 next")
    try:
        key = expand(chain, b"parley1 frame")
        return AESGCMSIV(key).decrypt(bytes(9) + frame[3:6], frame[6:], frame[:6])
    except InvalidTag:
        raise RefusedError("tag") from None


def read_frame(plain: bytes) -> list[Any]:
    """The items of a frame that are in order, or RefusedError when none can be read."""
    at, found, count = 0, [], 0
    while at < len(plain):
        value, at = decode_one(plain, at, 12)
        count += 1
        need(count <= 4096, "too many items")
        if isinstance(value, list) and value and type(value[0]) is int and value[0] >= 64:
            raise RefusedError("type 64 or above")
        try:
            read_item(value)
        except RefusedError:
            continue
        if value[0] <= 15:
            found.append(value)
    return found


def _held(value: Any) -> None:
    if value is None or type(value) is int:
        uint(0 if value is None else value)
        return
    members = array(value, 129, 3)
    need(len(members) % 2 == 1, "gaps")
    size, last = uint(members[0]), -1
    for a, length in zip(members[1::2], members[2::2], strict=True):
        need(uint(a) > last and uint(length, least=1) + a <= size, "gap")
        last = a + length


def _holdings(value: Any) -> None:
    for held in array(value, 16, 1):
        _held(held)


def read_item(item: Any) -> None:
    """Refuse an item whose form is broken."""
    members = array(item, 64, 1)
    kind = uint(members[0], 63)
    if kind > 15:
        return
    sizes = {0: 2, 1: (5, 6), 2: 9, 3: 3, 4: 5, 5: 2, 6: 2, 7: 6, 8: 3, 9: 5, 10: 2, 11: 2}
    sizes |= {12: 2, 13: 4, 14: 6, 15: 5}
    allowed = sizes[kind]
    need(len(members) in (allowed if isinstance(allowed, tuple) else (allowed,)), "members")
    if kind in (1, 2, 3, 4, 7):
        uint(members[1], 65_535)
    if kind in (1, 2, 4, 7):
        uint(members[2], 15)
    if kind == 0:
        need(isinstance(members[1], bytes), "padding")
    elif kind == 1:
        uint(members[3])
        array(members[4], 65_536, 1)
        if len(members) == 6:
            tail = array(members[5], 5, 5)
            uint(tail[0], 255)
            uint(tail[1])
            uint(tail[2])
            _holdings(tail[3])
            octets(tail[4], 64)
    elif kind == 2:
        uint(members[3], 255)
        uint(members[4])
        uint(members[5])
        uint(members[6], least=1)
        _holdings(members[7])
        octets(members[8], 64)
    elif kind == 3:
        _holdings(members[2])
    elif kind == 4:
        uint(members[3])
        for digest in array(members[4], 128, 1):
            octets(digest, 32)
    elif kind in (5, 6):
        uint(members[1], 2**32 - 1)
    elif kind == 7:
        need(members[3] is None or len(octets(members[3], 8)) == 8, "inc")
        last = -1
        for span in array(members[4], 64):
            a, b = array(span, 2, 2)
            need(last < uint(a) < uint(b), "range")
            last = b
        uint(members[5], 255)
    elif kind == 8:
        text(members[1], 65_536)
        for each in array(members[2], 16, 1):
            text(each, 8192)
    elif kind == 9:
        octets(members[1], 4)
        uint(members[2], 65_536)
        uint(members[3], 2**24 - 1)
        need(isinstance(members[4], bytes), "symbol")
    elif kind == 10:
        array(members[1], 4, 4)
    elif kind in (11, 12):
        need(isinstance(members[1], bytes), "no byte string")
    elif kind == 13:
        uint(members[1], 255)
        uint(members[2])
        text(members[3], 500)
    elif kind == 14:
        for place, number in enumerate(members[1:]):
            uint(number, *([255] if place < 2 else []))
    else:
        for place in (1, 3):
            text(members[place], 24_000)
            text(members[place + 1], 8192)
