"""What HPKE with ML-KEM-768 and X25519 does, written out: a second hand for vectors of its parts.

Source: RFC 9180, sections 4 and 5, base mode; draft-connolly-cfrg-xwing-kem, section 5.3.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SUITE = b"HPKE" + bytes.fromhex("647a00010003")


def combined(mlkem: bytes, x25519: bytes, ephemeral: bytes, public: bytes) -> bytes:
    """The shared secret of X-Wing from those of its two halves and the X25519 keys."""
    return hashlib.sha3_256(mlkem + x25519 + ephemeral + public + b"\\.//^\\").digest()


def key_and_nonce(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and first nonce that the key schedule gives."""

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.new(salt, b"HPKE-v1" + SUITE + label + ikm, "sha256").digest()

    def expand(prk: bytes, label: bytes, context: bytes, size: int) -> bytes:
        said = size.to_bytes(2) + b"HPKE-v1" + SUITE + label + context
        return hmac.new(prk, said + b"\1", "sha256").digest()[:size]

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)


def message(encapsulated: bytes, shared: bytes, info: bytes, secret: bytes) -> bytes:
    """An HPKE message that carries `secret` behind this encapsulation."""
    key, nonce = key_and_nonce(shared, info)
    return encapsulated + ChaCha20Poly1305(key).encrypt(nonce, secret, b"")
