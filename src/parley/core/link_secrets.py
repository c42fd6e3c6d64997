"""The secrets between this station and one peer: an epoch out, a few epochs in.

Secrets live in memory only, so that a station that was seized cannot open what was recorded on
the line. After a restart the peer is asked for a new epoch (REFUSE 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parley.core import frame, keying, keys
from parley.core.card import Card, Prekey
from parley.core.frame import Header, ReceiveEpoch, SendEpoch
from parley.core.keying import Keying
from parley.errors import SignatureError

_EPOCHS_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this station is, and what it can do with its keys without showing them.

    Attributes:
        card: its own card as handed to others.
        key_number: number of the station key in use.
        signer: signs statements and keying frames with it.
        opener: opens what was sealed to one of its prekeys.
        sealer: seals to a peer's prekey.
        node: number of this node where several share one record.
    """

    card: Card
    key_number: int
    signer: keys.Signer
    opener: keying.Opener
    sealer: keying.Sealer
    node: int = 0


class LinkSecrets:
    """Seals to, and opens from, one peer.

    Attributes:
        last_accepted: newest epoch number accepted from the peer, kept over restarts.
    """

    def __init__(self, identity: Identity, peer: Card, *, last_accepted: int = 0) -> None:
        self._identity = identity
        self.peer = peer
        self.last_accepted = last_accepted
        self._last_sent = 0
        self._sending: SendEpoch | None = None
        self._receiving: list[ReceiveEpoch] = []

    @property
    def can_open(self) -> bool:
        """Say whether the peer's frames can be opened at present."""
        return bool(self._receiving)

    def ask_above(self, epoch: int) -> None:
        """Make the next epoch number exceed what the peer says it accepted."""
        self._last_sent = max(self._last_sent, epoch)

    def live_prekey(self, now: int) -> Prekey | None:
        """Return the peer's prekey that lives longest, None if all have expired."""
        live = [prekey for prekey in self.peer.prekeys if prekey.expires > now]
        return max(live, key=lambda prekey: prekey.expires, default=None)

    def start_epoch(self, now: int, random: Callable[[int], bytes]) -> bytes | None:
        """Return the keying frame of a new sending epoch; None if the peer has no live prekey."""
        prekey = self.live_prekey(now)
        if prekey is None:
            return None
        self._last_sent = max(now, self._last_sent + 1)
        made, chain = keying.start_keying(
            sender_fp=self._identity.card.fingerprint,
            receiver_fp=self.peer.fingerprint,
            node=self._identity.node,
            epoch=self._last_sent,
            prekey=prekey.number,
            prekey_public=prekey.public_key,
            secret=random(keying.SECRET_BYTES),
            sealer=self._identity.sealer,
            key_number=self._identity.key_number,
            signer=self._identity.signer,
        )
        self._sending = SendEpoch(chain)
        return frame.keying_frame(made.encode())

    def seal(self, plain: bytes) -> bytes | None:
        """Return a frame for the peer, None while no epoch was started."""
        return None if self._sending is None else self._sending.seal(plain)

    def verifies(self, offered: Keying, now: int) -> bool:
        """Say whether a keying frame was signed with a key of the peer's that counts now."""
        key = self.peer.key(offered.key_number)
        if key is None or not key.counts_at(now) or key.revoked is not None:
            return False
        try:
            keys.verify_ed25519(key.ed, offered.signature, offered.signed_bytes())
        except SignatureError:
            return False
        return True

    def accept(self, offered: Keying, now: int) -> bool:
        """Take a keying frame of the peer's; False if it is stale, forged or for another key.

        The caller has checked that it names this peer and us.
        """
        if offered.epoch <= self.last_accepted or not self.verifies(offered, now):
            return False
        info = keying.keying_info(
            self.peer.fingerprint,
            self._identity.card.fingerprint,
            offered.node,
            offered.epoch,
            offered.prekey,
        )
        secret = self._identity.opener.open(offered.prekey, offered.sealed, info)
        if secret is None:
            return False
        self.last_accepted = offered.epoch
        epoch = ReceiveEpoch(
            keying.first_chain_key(secret, info), epoch=offered.epoch, node=offered.node
        )
        self._receiving = [epoch, *self._receiving][:_EPOCHS_KEPT]
        return True

    def open(self, sealed: bytes, header: Header) -> bytes | None:
        """Return a frame's plaintext; None for an unknown hint, a replay or a bad tag."""
        for epoch in self._receiving:
            if epoch.hint == header.hint:
                plain = epoch.open(sealed, header)
                if plain is not None:
                    return plain
        return None
