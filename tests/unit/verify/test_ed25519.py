"""The plain arithmetic agrees with the library, with RFC 8032 and with others' vectors."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from parley_verify.ed25519 import SMALL_ORDER, is_acceptable_key, verify_plainly
from parley_verify.signatures import Signatures

# RFC 8032 section 7.1: tests 1, 2, 3, "1024" left out, SHA(abc).
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_rfc_8032_vectors_verify_and_their_neighbours_do_not(
    key: str, message: str, signature: str
) -> None:
    raw = bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message)

    assert verify_plainly(*raw)
    assert not verify_plainly(raw[0], raw[1], raw[2] + b"x")
    for at in (0, 31, 32, 63):
        changed = bytearray(raw[1])
        changed[at] ^= 1
        assert not verify_plainly(raw[0], bytes(changed), raw[2])


def test_the_fourteen_encodings_are_those_of_the_specification() -> None:
    joined = b"".join(sorted(SMALL_ORDER))

    assert len(SMALL_ORDER) == 14
    assert (
        hashlib.sha256(joined).hexdigest()
        == "351a4f60e1ff7c180f3a5a1a9bcede18f48c522079b25028610647abb006c88f"
    )


def test_none_of_the_fourteen_is_a_key_or_begins_a_signature() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    for point in SMALL_ORDER:
        assert not is_acceptable_key(point)
        assert not verify_plainly(point, point + bytes(32), b"m")
        assert not verify_plainly(key, point + bytes(32), b"m")


def test_library_and_plain_arithmetic_agree_on_many_messages() -> None:
    library, plain = Signatures(), Signatures(plain=True)
    assert library.has_ed25519_library
    assert not plain.has_ed25519_library
    for n in range(12):
        secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(bytes([n])).digest())
        key = secret.public_key().public_bytes_raw()
        signature = secret.sign(bytes([n]) * n)
        for message in (bytes([n]) * n, b"another"):
            verdicts = {s.ed25519(key, signature, message) for s in (library, plain)}
            assert verdicts == {message != b"another"}


def test_a_scalar_written_beyond_the_order_is_refused() -> None:
    secret = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = secret.sign(b"m")
    order = 2**252 + 27742317777372353535851937790883648493
    beyond = int.from_bytes(signature[32:], "little") + order
    malleable = signature[:32] + beyond.to_bytes(32, "little")

    for checker in (Signatures(), Signatures(plain=True)):
        key = secret.public_key().public_bytes_raw()
        assert checker.ed25519(key, signature, b"m")
        assert not checker.ed25519(key, malleable, b"m")
