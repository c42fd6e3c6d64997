"""Vectors made by others decide about the primitives, for station, verifier and second reading."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

import independent.identity
from parley import errors
from parley.core import entry, keying, keys, merkle
from parley.station import keystore
from parley_verify.signatures import Signatures

OTHERS = Path(__file__).parent / "others"


def groups(name: str) -> list[dict]:
    return json.loads((OTHERS / "wycheproof" / name).read_text(encoding="utf-8"))["testGroups"]


def station_accepts(check: object, *arguments: object, **more: object) -> bool:
    try:
        check(*arguments, **more)
    except (errors.SignatureError, errors.MalformedError):
        return False
    return True


def test_ed25519_signatures_count_as_wycheproof_says() -> None:
    checked = 0
    for group in groups("ed25519_test.json"):
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            arguments = key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
            # What the file leaves open has one answer here: of small order no, of mixed order yes.
            open_one = case["result"] == "acceptable"
            assert not open_one or case["flags"] in (
                ["SmallOrderPublicKey"],
                ["MixedOrderPublicKey"],
            )
            wanted = case["result"] == "valid" or (
                case["flags"] == ["MixedOrderPublicKey"] and open_one
            )
            assert Signatures().ed25519(*arguments) is wanted, case["tcId"]
            assert Signatures(plain=True).ed25519(*arguments) is wanted, case["tcId"]
            assert station_accepts(keys.verify_ed25519, *arguments) is wanted, case["tcId"]
            assert independent.identity.verify_ed(*arguments) is wanted, case["tcId"]
            checked += 1
    assert checked == 210


def test_edge_cases_of_ed25519_have_the_one_answer_that_the_rule_gives() -> None:
    cases = json.loads((OTHERS / "ed25519-speccheck-cases.json").read_text(encoding="utf-8"))
    assert len(cases) == 12
    for number, case in enumerate(cases):
        arguments = [bytes.fromhex(case[name]) for name in ("pub_key", "signature", "message")]
        wanted = number == 3
        assert Signatures().ed25519(*arguments) is wanted, number
        assert Signatures(plain=True).ed25519(*arguments) is wanted, number
        assert station_accepts(keys.verify_ed25519, *arguments) is wanted, number
        assert independent.identity.verify_ed(*arguments) is wanted, number


def test_ml_dsa_65_signatures_count_as_wycheproof_says() -> None:
    checked = 0
    for group in groups("mldsa_65_verify_test.json"):
        key = bytes.fromhex(group["publicKey"])
        for case in group["tests"]:
            context = bytes.fromhex(case.get("ctx", ""))
            arguments = key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
            wanted = case["result"] == "valid"
            assert (Signatures().mldsa65(*arguments, context) is True) is wanted, case["tcId"]
            found = station_accepts(keys.verify_mldsa65, *arguments, context=context)
            assert found is wanted, case["tcId"]
            checked += 1
    assert checked > 200


def test_frames_are_sealed_with_the_aes_gcm_siv_of_wycheproof() -> None:
    checked = 0
    for group in groups("aes_gcm_siv_test.json"):
        for case in group["tests"]:
            key, iv, aad, msg, ct, tag = (
                bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag")
            )
            if len(key) != 32 or len(iv) != 12:
                continue
            cipher = AESGCMSIV(key)
            if case["result"] == "valid":
                assert cipher.encrypt(iv, msg, aad) == ct + tag
                assert cipher.decrypt(iv, ct + tag, aad) == msg
            else:
                with pytest.raises((InvalidTag, ValueError)):
                    cipher.decrypt(iv, ct + tag, aad)
            checked += 1
    assert checked > 90


def test_chain_keys_begin_with_the_hkdf_of_wycheproof() -> None:
    checked = 0
    for group in groups("hkdf_sha256_test.json"):
        for case in group["tests"]:
            if case["size"] != 32 or case["result"] != "valid" or not case["salt"]:
                continue
            found = keying.first_chain_key(
                bytes.fromhex(case["ikm"]), bytes.fromhex(case["info"]), bytes.fromhex(case["salt"])
            )
            assert found.hex() == case["okm"], case["tcId"]
            checked += 1
    assert checked >= 1


def test_salts_are_cut_from_the_hmac_of_wycheproof() -> None:
    checked = 0
    for group in groups("hmac_sha256_test.json"):
        for case in group["tests"]:
            message = bytes.fromhex(case["msg"])
            if len(message) != 12 or case["result"] != "valid" or len(case["key"]) != 64:
                continue
            index, number = int.from_bytes(message[:8], "big"), int.from_bytes(message[8:], "big")
            salt = entry.salt(bytes.fromhex(case["key"]), index, number)
            assert salt.hex() == case["tag"][:32], case["tcId"]
            checked += 1
    assert checked >= 1


def proofs(kind: str) -> list:
    paths = sorted((OTHERS / "merkle" / kind).rglob("*.json"))
    assert len(paths) > 20
    return [
        pytest.param(
            json.loads(path.read_text(encoding="utf-8")), id=f"{path.parent.name}-{path.stem}"
        )
        for path in paths
    ]


def unpacked(value: str | None) -> bytes:
    return base64.b64decode(value or "")


@pytest.mark.parametrize("case", proofs("inclusion"))
def test_inclusion_proofs_of_others_are_judged_alike(case: dict) -> None:
    path = [unpacked(each) for each in case["proof"] or []]
    leaf = unpacked(case["leafHash"])
    try:
        found = merkle.root_from_inclusion(leaf, case["leafIdx"], case["treeSize"], path)
    except errors.ProofShapeError:
        found = None

    assert (found != unpacked(case["root"])) is case["wantErr"]


@pytest.mark.parametrize("case", proofs("consistency"))
def test_consistency_proofs_of_others_are_judged_alike(case: dict) -> None:
    path = [unpacked(each) for each in case["proof"] or []]
    roots = unpacked(case["root1"]), unpacked(case["root2"])
    try:
        found = merkle.roots_from_consistency(case["size1"], case["size2"], roots[0], path)
    except errors.ProofShapeError:
        found = None

    assert (found != roots) is case["wantErr"]


def test_seals_are_of_the_keys_that_wycheproof_makes_from_seeds() -> None:
    cases = json.loads((OTHERS / "wycheproof" / "mldsa_65_sign_seed_part.json").read_text("utf-8"))
    assert len(cases) > 10
    for case in cases:
        signer = keys.Mldsa65Signer(bytes.fromhex(case["privateSeed"]))
        context = bytes.fromhex(case.get("ctx", ""))
        message, theirs = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
        assert signer.public_key.hex() == case["publicKey"], case["tcId"]
        for signature in (theirs, signer.sign(message, context=context)):
            keys.verify_mldsa65(signer.public_key, signature, message, context=context)
            assert Signatures().mldsa65(signer.public_key, signature, message, context)


def test_key_files_open_with_the_key_that_two_standards_derive() -> None:
    """RFC 7914, section 12, fourth; RFC 9106's case without secret and associated data."""
    password, salt = b"pleaseletmein", b"SodiumChloride".hex()
    found = keystore._derive(password, {"name": "scrypt", "n": 16_384, "salt": salt})
    assert found.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    cost = {"name": "argon2id", "kib": 32, "passes": 3, "lanes": 4, "salt": "02" * 16}
    assert keystore._derive(bytes([1]) * 32, cost).hex() == (
        "03aab965c12001c9d7d0d2de33192c0494b684bb148196d73c1df1acaf6d0c2e"
    )
