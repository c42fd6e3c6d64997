"""Key files: what opens them, what does not, and what they are asked to cost."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from parley.errors import KeyLockedError
from parley.station.keystore import (
    KDF_KIB,
    KDF_PASSES,
    RootKeys,
    read_root_keys,
    token_named,
    write_root_keys,
)

SECRET, ROOT = b"a long passphrase", RootKeys(ed=bytes(32), pq=bytes([7]) * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "root.key"
    write_root_keys(made, ROOT, party=bytes(16), passphrase=SECRET, random=os.urandom, kdf_kib=1024)
    return made


def test_a_key_file_opens_with_its_passphrase_alone_and_shows_no_key(path):
    assert read_root_keys(path, passphrase=SECRET) == ROOT
    assert ROOT.pq.hex() not in path.read_text()
    assert (path.stat().st_mode & 0o777) == 0o600
    with pytest.raises(KeyLockedError, match="passphrase is wrong"):
        read_root_keys(path, passphrase=SECRET + b"!")


def test_what_a_passphrase_costs_is_above_what_is_advised_for_argon2id():
    # RFC 9106 section 4, second choice: 64 MiB, 3 passes.
    assert KDF_KIB >= 64 * 1024
    assert KDF_PASSES >= 3


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("kdf", "kib"), 2**30),
        (("kdf", "kib"), 8),
        (("kdf", "kib"), 1024.0),
        (("kdf", "passes"), 0),
        (("kdf", "passes"), 10**6),
        (("kdf", "lanes"), True),
        (("kdf", "name"), "argon2i"),
        (("kdf", "salt"), ""),
        (("kdf", "more"), 1),
        (("form",), "parley key 2"),
        (("role",), "station"),
        (("token",), {"module": "a"}),
    ],
)
def test_a_header_of_another_hand_is_refused_before_anything_is_computed(path, where, value):
    content = json.loads(path.read_text())
    inner = content
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    path.write_text(json.dumps(content))

    with pytest.raises(KeyLockedError, match="not in the form"):
        read_root_keys(path, passphrase=SECRET)


@pytest.mark.parametrize(
    "change",
    [{"party": "11" * 16}, {"token": {"module": "m", "label": "l"}}],
    ids=["party", "token"],
)
def test_what_stands_in_the_open_is_bound_to_what_is_sealed(path, change):
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(KeyLockedError, match="the file was changed"):
        read_root_keys(path, passphrase=SECRET)


def test_a_file_of_before_under_scrypt_opens_as_ever(tmp_path):
    salt, nonce, old = os.urandom(16), os.urandom(12), tmp_path / "root.key"
    header = {
        "form": "parley key 1",
        "role": "root",
        "party": "00" * 16,
        "kdf": {"name": "scrypt", "n": 1024, "r": 8, "p": 1, "salt": salt.hex()},
        "cipher": {"name": "AES-256-GCM-SIV", "nonce": nonce.hex()},
    }
    key = hashlib.scrypt(SECRET, salt=salt, n=1024, r=8, p=1, dklen=32)
    bound = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    plain = json.dumps({"ed": ROOT.ed.hex(), "pq": ROOT.pq.hex()}).encode()
    sealed = base64.b64encode(AESGCMSIV(key).encrypt(nonce, plain, bound)).decode()
    old.write_text(json.dumps(header | {"sealed": sealed}))

    assert read_root_keys(old, passphrase=SECRET) == ROOT
    old.write_text(json.dumps(header | {"sealed": sealed, "kdf": header["kdf"] | {"n": 1000}}))
    with pytest.raises(KeyLockedError, match="not in the form"):
        read_root_keys(old, passphrase=SECRET)


def test_a_file_without_a_token_names_none(path, tmp_path):
    assert token_named(path) is None
    assert token_named(tmp_path / "no-such-file") is None
