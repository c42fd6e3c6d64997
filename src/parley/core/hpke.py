"""Prekeys: the hybrid HPKE key pair that opens keying frames (specification: `link.md`, keying).

A public prekey is 1,216 bytes: ML-KEM-768 (1,184) then X25519 (32). The private half is kept as
two 32- and 64-byte seeds so that it fits a key file.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from parley.errors import MalformedError

PREKEY_SEED_BYTES = 96
_MLKEM_SEED, _MLKEM_PUBLIC = 64, 1_184
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _private(seed: bytes) -> MLKEM768X25519PrivateKey:
    assert len(seed) == PREKEY_SEED_BYTES
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED:]),
    )


def prekey_public(seed: bytes) -> bytes:
    """Return the 1,216-byte public prekey of a 96-byte seed."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED]).public_key()
    x25519 = X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED:]).public_key()
    return mlkem.public_bytes_raw() + x25519.public_bytes_raw()


class HpkeOpener:
    """Opens with prekeys held in memory."""

    def __init__(self, seeds: Mapping[int, bytes]) -> None:
        self._lasting = {number: _private(seed) for number, seed in seeds.items()}
        self._keys = dict(self._lasting)

    def hold(self, seeds: Mapping[int, bytes]) -> None:
        """Open with these besides those it was made with, and with no others any more."""
        held = {number: _private(seed) for number, seed in seeds.items()}
        self._keys = {**held, **self._lasting}

    def holds(self, prekey: int) -> bool:
        """Say whether this prekey was not erased yet."""
        return prekey in self._keys

    def open(self, prekey: int, sealed: bytes, info: bytes) -> bytes | None:
        """Return the 32-byte secret; None if the prekey is gone or it does not open."""
        key = self._keys.get(prekey)
        if key is None:
            return None
        try:
            secret = _SUITE.decrypt(sealed, key, info=info)
        except (InvalidTag, ValueError):
            return None
        return secret if len(secret) == 32 else None


class HpkeSealer:
    """Seals to any peer's prekey; draws its randomness inside the library."""

    def seal(self, public_key: bytes, secret: bytes, info: bytes) -> bytes:
        """Return the HPKE message (enc and ciphertext) to a 1,216-byte prekey.

        Raises:
            MalformedError: the public key is not one.
        """
        try:
            key = MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_PUBLIC]),
                X25519PublicKey.from_public_bytes(public_key[_MLKEM_PUBLIC:]),
            )
            return _SUITE.encrypt(secret, key, info=info)
        except ValueError:
            raise MalformedError("the peer's prekey is not a usable key") from None
