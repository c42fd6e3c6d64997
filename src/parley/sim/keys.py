"""Stand-ins for what draws randomness of its own: sealing to a prekey, the same bytes each time.

A simulated world must be played again to the byte. HPKE chooses an ephemeral key inside its
library; these have the same sizes and the same answers (opened, or not), and no secrecy.
"""

from __future__ import annotations

import hmac
from hashlib import sha256, shake_256

from parley.core.card import PREKEY_BYTES

_FILLER_BYTES = 1_104
_TAG_BYTES = 32


def sim_prekey(name: str) -> bytes:
    """Return a public prekey of the right size that depends on the name alone."""
    return shake_256(f"parley sim prekey {name}".encode()).digest(PREKEY_BYTES)


class SimSealer:
    """Seals without randomness."""

    def seal(self, public_key: bytes, secret: bytes, info: bytes) -> bytes:
        """Return a message of the size of an HPKE message."""
        pad = sha256(b"parley sim seal" + public_key + info).digest()
        hidden = bytes(a ^ b for a, b in zip(secret, pad, strict=True))
        return _filled(pad, hidden) + hidden + _tag(pad, hidden)


class SimOpener:
    """Opens what `SimSealer` sealed to one of these prekeys."""

    def __init__(self, prekeys: dict[int, bytes]) -> None:
        self._prekeys = prekeys

    def holds(self, prekey: int) -> bool:
        """Say whether this prekey is alive here."""
        return prekey in self._prekeys

    def open(self, prekey: int, sealed: bytes, info: bytes) -> bytes | None:
        """Return the secret; None if the prekey is gone or one bit of the message is wrong."""
        public_key = self._prekeys.get(prekey)
        if public_key is None or len(sealed) != _FILLER_BYTES + 2 * _TAG_BYTES:
            return None
        pad = sha256(b"parley sim seal" + public_key + info).digest()
        hidden = sealed[_FILLER_BYTES:-_TAG_BYTES]
        whole = _filled(pad, hidden) + hidden + _tag(pad, hidden)
        if not hmac.compare_digest(whole, sealed):
            return None
        return bytes(a ^ b for a, b in zip(hidden, pad, strict=True))


def _filled(pad: bytes, hidden: bytes) -> bytes:
    return shake_256(pad + hidden).digest(_FILLER_BYTES)


def _tag(pad: bytes, hidden: bytes) -> bytes:
    return hmac.digest(pad, hidden, "sha256")
