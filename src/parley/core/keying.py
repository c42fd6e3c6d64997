"""Secrets for one direction of a link, without a handshake (specification: `link.md`, keying).

One HPKE message to the receiver's prekey starts an epoch; generations within it are hashed
forward. Sealing draws randomness of its own inside the library, so it is a capability handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from parley.core import canon, keys
from parley.core.ids import PartyId
from parley.errors import MalformedError

SECRET_BYTES = 32


class Opener(Protocol):
    """Opens what was sealed to one of this station's prekeys."""

    def holds(self, prekey: int) -> bool:
        """Say, without any public-key work, whether this prekey is alive here."""

    def open(self, prekey: int, sealed: bytes, info: bytes) -> bytes | None:
        """Return the 32-byte secret; None if the prekey is gone or it does not open."""


class Sealer(Protocol):
    """Seals a fresh secret to a peer's prekey."""

    def seal(self, public_key: bytes, secret: bytes, info: bytes) -> bytes:
        """Return the HPKE message (enc and ciphertext) to a 1,216-byte prekey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keying:
    """The start of an epoch, as it travels."""

    sender: PartyId
    receiver: PartyId
    node: int
    epoch: int
    prekey: int
    sealed: bytes
    key_number: int
    signature: bytes

    def _first_six(self) -> list[canon.Value]:
        return [self.sender, self.receiver, self.node, self.epoch, self.prekey, self.sealed]

    def signed_bytes(self) -> bytes:
        """Return what the station key signs."""
        return b"parley1 keying\0" + sha256(canon.encode(self._first_six())).digest()

    def encode(self) -> bytes:
        """Return the body of a keying frame."""
        return canon.encode([*self._first_six(), self.key_number, self.signature])


def decode_keying(raw: bytes) -> Keying:
    """Return the form of a keying frame's body; nothing in it is verified yet.

    Raises:
        MalformedError: the form is wrong.
    """
    members = canon.expect_list(canon.decode(raw), "keying", least=8, most=8)
    sealed = canon.expect_bytes(members[5], "sealed secret")
    if len(sealed) > 2_048:
        raise MalformedError("sealed secret is too long")
    return Keying(
        sender=PartyId(canon.expect_bytes(members[0], "from", size=16)),
        receiver=PartyId(canon.expect_bytes(members[1], "to", size=16)),
        node=canon.expect_uint(members[2], "node", most=2**32 - 1),
        epoch=canon.expect_uint(members[3], "epoch"),
        prekey=canon.expect_uint(members[4], "prekey id", most=2**32 - 1),
        sealed=sealed,
        key_number=canon.expect_uint(members[6], "key number", most=255),
        signature=canon.expect_bytes(members[7], "signature", size=64),
    )


def keying_info(sender_fp: bytes, receiver_fp: bytes, node: int, epoch: int, prekey: int) -> bytes:
    """Return the context that binds a secret to both parties, node, epoch and prekey."""
    numbers = node.to_bytes(4, "big") + epoch.to_bytes(8, "big") + prekey.to_bytes(4, "big")
    return b"parley1 key\0" + sender_fp + receiver_fp + numbers


def start_keying(
    *,
    sender_fp: bytes,
    receiver_fp: bytes,
    node: int,
    epoch: int,
    prekey: int,
    prekey_public: bytes,
    secret: bytes,
    sealer: Sealer,
    key_number: int,
    signer: keys.Signer,
) -> tuple[Keying, bytes]:
    """Return the keying to send and the epoch's first chain key k(0)."""
    info = keying_info(sender_fp, receiver_fp, node, epoch, prekey)
    unsigned = Keying(
        sender=keys.party_id(sender_fp),
        receiver=keys.party_id(receiver_fp),
        node=node,
        epoch=epoch,
        prekey=prekey,
        sealed=sealer.seal(prekey_public, secret, info),
        key_number=key_number,
        signature=bytes(64),
    )
    keying = Keying(
        sender=unsigned.sender,
        receiver=unsigned.receiver,
        node=node,
        epoch=epoch,
        prekey=prekey,
        sealed=unsigned.sealed,
        key_number=key_number,
        signature=signer.sign(unsigned.signed_bytes()),
    )
    return keying, first_chain_key(secret, info)


def first_chain_key(secret: bytes, info: bytes, pre_shared: bytes = bytes(32)) -> bytes:
    """Return k(0) of an epoch."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=pre_shared, info=info).derive(secret)


def next_chain_key(chain: bytes) -> bytes:
    """Return k(g+1)."""
    return _expand(chain, b"parley1 next", 32)


def frame_key(chain: bytes) -> bytes:
    """Return the AES-256-GCM-SIV key of a generation."""
    return _expand(chain, b"parley1 frame", 32)


def hint_of(first_chain: bytes) -> bytes:
    """Return the two bytes by which a receiver finds the epoch."""
    return _expand(first_chain, b"parley1 hint", 2)


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(key)
