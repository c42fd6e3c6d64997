"""Known answers of standards: what RFC 8949, 8032, 6962 and 9180, C2SP and the X-Wing draft print."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

import parley_verify.cbor
from independent import identity, logs, values
from parley import errors
from parley.core import canon, hpke, keys, merkle
from parley_verify.note import station_key_id
from parley_verify.refusal import RefusedError
from parley_verify.signatures import Signatures
from support import hpke_by_hand

OTHERS = Path(__file__).parent / "others"

# RFC 8949, appendix A: what has a place in this encoding, and what has none.
ACCEPTED = {
    "00": 0,
    "01": 1,
    "0a": 10,
    "17": 23,
    "1818": 24,
    "1819": 25,
    "1864": 100,
    "1903e8": 1000,
    "1a000f4240": 1000000,
    "1b000000e8d4a51000": 1000000000000,
    "1bffffffffffffffff": 18446744073709551615,
    "20": -1,
    "29": -10,
    "3863": -100,
    "3903e7": -1000,
    "f4": False,
    "f5": True,
    "f6": None,
    "40": b"",
    "4401020304": b"\x01\x02\x03\x04",
    "60": "",
    "6161": "a",
    "6449455446": "IETF",
    "62225c": '"\\',
    "62c3bc": "\u00fc",
    "63e6b0b4": "\u6c34",
    "64f0908591": "\U00010151",
    "80": [],
    "83010203": [1, 2, 3],
    "8301820203820405": [1, [2, 3], [4, 5]],
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819": list(range(1, 26)),
    "a0": {},
    "a201020304": {1: 2, 3: 4},
}
REFUSED = [
    "c249010000000000000000",
    "3bffffffffffffffff",
    "c349010000000000000000",
    "f90000",
    "f98000",
    "f93c00",
    "fb3ff199999999999a",
    "f93e00",
    "f97bff",
    "fa47c35000",
    "fa7f7fffff",
    "fb7e37e43c8800759c",
    "f90001",
    "f90400",
    "f9c400",
    "fbc010666666666666",
    "f97c00",
    "f97e00",
    "f9fc00",
    "fa7f800000",
    "fa7fc00000",
    "faff800000",
    "fb7ff0000000000000",
    "fb7ff8000000000000",
    "fbfff0000000000000",
    "f7",
    "f0",
    "f8ff",
    "c074323031332d30332d32315432303a30343a30305a",
    "c11a514b67b0",
    "c1fb41d452d9e8000000",
    "d74401020304",
    "d818456449455446",
    "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145",
    "5f42010243030405ff",
    "7f657374726561646d696e67ff",
    "9fff",
    "9f018202039f0405ffff",
    "9f01820203820405ff",
    "83018202039f0405ff",
    "83019f0203ff820405",
    "bf61610161629f0203ffff",
    "826161bf61626163ff",
    "bf6346756ef563416d7421ff",
]


@pytest.mark.parametrize("raw", ACCEPTED)
def test_examples_of_rfc_8949_that_have_a_place_are_read_and_written(raw: str) -> None:
    data = bytes.fromhex(raw)

    assert canon.decode(data) == ACCEPTED[raw]
    assert canon.encode(ACCEPTED[raw]) == data
    assert parley_verify.cbor.decode(data, depth_max=8) == ACCEPTED[raw]
    assert values.decode(data) == ACCEPTED[raw]


@pytest.mark.parametrize("raw", REFUSED)
def test_examples_of_rfc_8949_that_have_none_are_refused(raw: str) -> None:
    data = bytes.fromhex(raw)

    with pytest.raises(errors.MalformedError):
        canon.decode(data)
    with pytest.raises(RefusedError):
        parley_verify.cbor.decode(data, depth_max=8)
    with pytest.raises(values.RefusedError):
        values.decode(data)


# RFC 8032, section 7.1, tests 1 to 3: key, message, signature.
SIGNED = (
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
)


@pytest.mark.parametrize(("key", "message", "signature"), SIGNED)
def test_signatures_of_rfc_8032_count(key: str, message: str, signature: str) -> None:
    made = bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message)

    keys.verify_ed25519(*made)
    assert identity.verify_ed(*made)
    assert Signatures().ed25519(*made)
    assert Signatures(plain=True).ed25519(*made)
    with pytest.raises(errors.SignatureError):
        keys.verify_ed25519(made[0], made[1], made[2] + b"\0")


# The reference tree of Certificate Transparency: eight leaves and the root at each size.
LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# RFC 6962 proofs from this tree: old size, new size, hashes.
CONSISTENT = (
    (
        6,
        8,
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        2,
        5,
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_tree(size: int) -> None:
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in LEAVES[:size]]
    tree = merkle.Tree()
    for leaf in leaves:
        tree.append(leaf)

    root = tree.root_at(size)
    assert root is not None
    assert root.hex() == ROOTS[size]
    assert logs.root(leaves).hex() == ROOTS[size]


@pytest.mark.parametrize("proof", CONSISTENT)
def test_consistency_proofs_of_the_reference_tree_lead_to_its_roots(proof: tuple) -> None:
    old, new, *path = proof

    found = merkle.roots_from_consistency(
        old, new, bytes.fromhex(ROOTS[old]), [bytes.fromhex(each) for each in path]
    )

    assert [each.hex() for each in found] == [ROOTS[old], ROOTS[new]]


def test_the_note_of_the_go_library_has_our_key_id_and_signature() -> None:
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    packed = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    name, key_id, key = vkey.split("+", 2)
    public = base64.b64decode(key)[1:]

    assert station_key_id(name, public).hex() == key_id == packed[:4].hex()
    keys.verify_ed25519(public, packed[4:], text.encode())
    assert keys.is_key_name(name)
    assert not keys.is_key_name("Peter Neumann")


def test_a_message_to_the_first_key_of_the_x_wing_draft_opens() -> None:
    """The key schedule of RFC 9180 written out, over encapsulation and secret of the draft."""
    told = json.loads((OTHERS / "xwing-draft-08.json").read_text(encoding="utf-8"))
    seed = hashlib.shake_256(bytes.fromhex(told["sk"])).digest(hpke.PREKEY_SEED_BYTES)
    public = hpke.prekey_public(seed).hex()
    info, secret = b"info", bytes(range(32))
    sealed = hpke_by_hand.message(
        bytes.fromhex(told["ct"]), bytes.fromhex(told["ss"]), info, secret
    )

    assert public.startswith(told["pk_begins"])
    assert public.endswith(told["pk_ends"])
    assert hpke.HpkeOpener({7: seed}).open(7, sealed, info) == secret
    assert hpke.HpkeOpener({7: seed}).open(7, sealed, b"other") is None
