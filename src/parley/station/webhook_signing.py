"""Signatures of webhooks, of both kinds that the standard knows.

Source: Standard Webhooks 1.0.0: `v1` is HMAC-SHA256, `v1a` is Ed25519, each over
`{id}.{timestamp}.{body}`.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
PUBLIC_PREFIX: Final = "whpk_"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class HookKeys:
    """What one webhook is signed with; never a key of the station.

    Attributes:
        secret: shared with the receiver, 24 to 64 bytes.
        seed: 32 bytes of an Ed25519 key that never leaves; the receiver has the public one.
    """

    secret: bytes
    seed: bytes

    def shared(self) -> str:
        """Return the secret as the receiver's library takes it."""
        return SECRET_PREFIX + b64encode(self.secret).decode()

    def public(self) -> str:
        """Return the public key as the receiver's library takes it."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return PUBLIC_PREFIX + b64encode(key.public_bytes_raw()).decode()

    def headers(self, message: str, timestamp: int, body: bytes) -> dict[str, str]:
        """Return the headers of one try; a receiver checks the signature it has a key for.

        Args:
            message: id of the message, the same on every try; without a full stop.
            timestamp: seconds, of this try.
            body: exactly what is sent.
        """
        signed = f"{message}.{timestamp}.".encode() + body
        shared = b64encode(hmac.digest(self.secret, signed, sha256)).decode()
        own = b64encode(Ed25519PrivateKey.from_private_bytes(self.seed).sign(signed)).decode()
        return {
            "webhook-id": message,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": f"v1,{shared} v1a,{own}",
        }
