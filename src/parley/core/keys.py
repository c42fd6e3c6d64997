"""Keys: which signatures count, who a party is, and the words people compare.

Cryptography comes from `cryptography`; this module adds the acceptance rule that makes all
implementations agree (RFC 8032 section 5.1.7, small-order points refused).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha256
from importlib import resources
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from parley.core.ids import PartyId
from parley.errors import SignatureError

ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES = 32, 64
MLDSA_KEY_BYTES, MLDSA_SIGNATURE_BYTES = 1952, 3309
WORD_COUNT, WORD_BITS = 12, 11

# All but the plus sign and what Unicode calls white space, which U+001C to U+001F are not.
_KEY_NAME = re.compile(r"[^+\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
# The y of a point of order 8; derived from the curve equation, checked in tests/vectors.
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7


def _small_order_encodings() -> frozenset[bytes]:
    """Return the 14 encodings of points of small order: 8 canonical, 6 not."""
    sign = 1 << 255
    canonical = [1, 1 | sign, _P - 1, _P - 1 | sign, 0, sign]
    eighth = [_Y8, _Y8 | sign, _P - _Y8, (_P - _Y8) | sign]
    beyond = [_P, _P | sign, _P + 1, (_P + 1) | sign]
    return frozenset(y.to_bytes(32, "little") for y in canonical + eighth + beyond)


SMALL_ORDER = _small_order_encodings()


def is_key_name(name: str) -> bool:
    """Say whether a key of a signed note may bear this name (C2SP signed-note)."""
    return _KEY_NAME.fullmatch(name) is not None


def is_acceptable_key(key: bytes) -> bool:
    """Say whether 32 bytes may serve as an Ed25519 public key here."""
    y = int.from_bytes(key, "little") & (2**255 - 1)
    return len(key) == ED25519_KEY_BYTES and y < _P and key not in SMALL_ORDER


@lru_cache(maxsize=1024)
def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)


def verify_ed25519(key: bytes, signature: bytes, message: bytes) -> None:
    """Accept an Ed25519 signature or raise.

    Raises:
        SignatureError: key or signature breaks the acceptance rule, or does not verify.

    Source: RFC 8032 section 5.1.7, cofactorless; S below the group order; neither the key nor
    the first half of the signature one of the 14 small-order encodings.
    """
    if not is_acceptable_key(key):
        raise SignatureError("public key is not acceptable (small order or not canonical)")
    if len(signature) != ED25519_SIGNATURE_BYTES or signature[:32] in SMALL_ORDER:
        raise SignatureError("signature has the wrong length or a small-order point")
    if int.from_bytes(signature[32:], "little") >= _ORDER:
        raise SignatureError("signature scalar is not below the group order")
    try:
        _public(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError("signature does not verify") from None


def verify_mldsa65(key: bytes, signature: bytes, message: bytes, *, context: bytes) -> None:
    """Accept a pure ML-DSA-65 signature (FIPS 204) or raise SignatureError."""
    try:
        MLDSA65PublicKey.from_public_bytes(key).verify(signature, message, context)
    except (InvalidSignature, ValueError):
        raise SignatureError("post-quantum signature does not verify") from None


class Signer(Protocol):
    """Whatever can sign for one Ed25519 key: a file, an agent, a hardware module."""

    @property
    def public_key(self) -> bytes:
        """Return the 32-byte public key."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over `message`."""


class Ed25519Signer:
    """Signs with a key held in memory."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over `message`."""
        return self._key.sign(message)


class Mldsa65Signer:
    """Signs with a post-quantum key held in memory (signatures differ each time)."""

    def __init__(self, seed: bytes) -> None:
        self._key = MLDSA65PrivateKey.from_seed_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes, *, context: bytes) -> bytes:
        """Return the 3,309-byte signature over `message`."""
        return self._key.sign(message, context)


def fingerprint(root_ed: bytes, root_pq: bytes) -> bytes:
    """Return the 32-byte fingerprint of a party's two root keys."""
    return sha256(b"parley1 root\0" + root_ed + root_pq).digest()


def party_id(fp: bytes) -> PartyId:
    """Return the 16-byte party id of a fingerprint."""
    return PartyId(fp[:16])


@cache
def word_list(language: str) -> tuple[str, ...]:
    """Return the 2,048 fingerprint words of `en` or `zh` (BIP-39 lists)."""
    text = resources.files("parley.core").joinpath(f"data/words_{language}.txt")
    words = tuple(text.read_text(encoding="utf-8").split())
    assert len(words) == 1 << WORD_BITS
    return words


def fingerprint_words(fp: bytes, language: str) -> tuple[str, ...]:
    """Return the 12 words of a fingerprint in `en` or `zh`; the same bits in both."""
    number = int.from_bytes(fp, "big")
    words = word_list(language)
    shifts = (256 - WORD_BITS * (place + 1) for place in range(WORD_COUNT))
    return tuple(words[number >> shift & (1 << WORD_BITS) - 1] for shift in shifts)


def first_difference(heard: Sequence[str], words: Sequence[str]) -> int | None:
    """Return the number (from 1) of the first word that differs, None if all agree."""
    for place in range(max(len(heard), len(words))):
        if place >= len(heard) or place >= len(words) or heard[place] != words[place]:
            return place + 1
    return None
