"""What others published about ML-KEM-768, X25519 and HPKE, run through the station's prekeys.

A vector speaks of one half; the other half and the key schedule are written out in
`support.hpke_by_hand`, and the station's opener must come to the same secret.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from parley import errors
from parley.core import hpke
from support import hpke_by_hand

OTHERS = Path(__file__).parent / "others"
INFO, SECRET = b"info", bytes(range(32))
MLKEM_SEED, X25519_SEED = bytes([7]) * 64, bytes([9]) * 32


def told(name: str) -> list[dict]:
    return json.loads((OTHERS / name).read_text(encoding="utf-8"))


def opened(seed: bytes, message: bytes) -> bytes | None:
    return hpke.HpkeOpener({1: seed}).open(1, message, INFO)


def x25519_public(seed: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def test_hpke_with_ml_kem_and_x25519_is_that_of_the_working_group() -> None:
    cases = told("hpke-mlkem768-x25519.json")
    assert len(cases) == 2
    for case in cases:
        seed = hashlib.shake_256(bytes.fromhex(case["skRm"])).digest(hpke.PREKEY_SEED_BYTES)
        info, enc = bytes.fromhex(case["info"]), bytes.fromhex(case["enc"])
        key, nonce = bytes.fromhex(case["key"]), bytes.fromhex(case["base_nonce"])
        sealed = enc + ChaCha20Poly1305(key).encrypt(nonce, SECRET, b"")
        opener = hpke.HpkeOpener({1: seed})

        assert hpke.prekey_public(seed).hex() == case["pkRm"]
        assert opener.open(1, sealed, info) == SECRET
        assert opener.open(1, sealed, info + b"\0") is None
        # The second hand of this file agrees with them too, so that it may judge below.
        shared = bytes.fromhex(case["shared_secret"])
        assert hpke_by_hand.key_and_nonce(shared, info) == (key, nonce)
        theirs = case["encryption"]
        plain = ChaCha20Poly1305(key).decrypt(
            nonce, bytes.fromhex(theirs["ct"]), bytes.fromhex(theirs["aad"])
        )
        assert plain.hex() == theirs["pt"]


def test_secrets_of_ml_kem_768_are_those_of_wycheproof() -> None:
    public = x25519_public(X25519_SEED)
    ephemeral = x25519_public(bytes([3]) * 32)
    half = X25519PrivateKey.from_private_bytes(X25519_SEED).exchange(
        X25519PublicKey.from_public_bytes(ephemeral)
    )
    opens = []
    for case in told("wycheproof/mlkem_768_part.json"):
        seed = bytes.fromhex(case["seed"])
        enc = bytes.fromhex(case["c"]) + ephemeral
        shared = hpke_by_hand.combined(bytes.fromhex(case["K"]), half, ephemeral, public)
        message = hpke_by_hand.message(enc, shared, INFO, SECRET)
        if len(seed) != 64:
            assert case["result"] == "invalid", case["tcId"]
            continue
        if case["result"] == "valid":
            assert hpke.prekey_public(seed + X25519_SEED).hex().startswith(case["ek"])
        found = opened(seed + X25519_SEED, message)
        assert found == (SECRET if case["result"] == "valid" else None), case["tcId"]
        opens.append(case["result"] == "valid")
    assert opens.count(True) >= 5
    assert opens.count(False) >= 10


def test_public_prekeys_begin_with_the_ml_kem_keys_of_wycheproof() -> None:
    cases = told("wycheproof/mlkem_768_keygen_seed_part.json")
    assert len(cases) == 6
    for case in cases:
        seed = bytes.fromhex(case["seed"]) + X25519_SEED
        wanted = bytes.fromhex(case["ek"]) + x25519_public(X25519_SEED)
        assert hpke.prekey_public(seed) == wanted, case["tcId"]


def test_nothing_is_sealed_to_what_wycheproof_calls_no_key_of_ml_kem() -> None:
    cases = told("wycheproof/mlkem_768_encaps_part.json")
    assert len(cases) > 10
    for case in cases:
        prekey = bytes.fromhex(case["ek"]) + x25519_public(X25519_SEED)
        with pytest.raises(errors.MalformedError):
            hpke.HpkeSealer().seal(prekey, SECRET, INFO)


def test_secrets_of_x25519_are_those_of_wycheproof() -> None:
    """An all-zero secret, the mark of a key of small order, opens nothing."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(MLKEM_SEED)
    half, ciphertext = mlkem.public_key().encapsulate()
    zeros = 0
    for case in told("wycheproof/x25519_part.json"):
        private, ephemeral = bytes.fromhex(case["private"]), bytes.fromhex(case["public"])
        is_zero = "ZeroSharedSecret" in case["flags"]
        shared = hpke_by_hand.combined(
            half, bytes.fromhex(case["shared"]), ephemeral, x25519_public(private)
        )
        message = hpke_by_hand.message(ciphertext + ephemeral, shared, INFO, SECRET)
        found = opened(MLKEM_SEED + private, message)
        assert found == (None if is_zero else SECRET), case["tcId"]
        zeros += is_zero
    assert zeros > 10


def test_a_message_cut_or_changed_anywhere_opens_nothing() -> None:
    seed = MLKEM_SEED + X25519_SEED
    message = hpke.HpkeSealer().seal(hpke.prekey_public(seed), SECRET, INFO)

    assert opened(seed, message) == SECRET
    for at in (0, 500, 1_087, 1_088, 1_119, 1_120, 1_151, 1_152, len(message) - 1):
        changed = bytearray(message)
        changed[at] ^= 1
        assert opened(seed, bytes(changed)) is None, at
        assert opened(seed, message[:at]) is None, at
