"""The secrets between this station and one peer: an epoch out, a few epochs in.

Secrets live in memory only, so that a station that was seized cannot open what was recorded on
the line. After a restart the peer is asked for a new epoch (REFUSE 5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from parley.core import frame, keying, keys, limits
from parley.core.card import Card, Prekey
from parley.core.frame import Header, ReceiveEpoch, SendEpoch
from parley.core.keying import Keying
from parley.errors import SignatureError

_EPOCHS_KEPT_OF_A_NODE = 4
"""Frames of an older epoch may still be under way; keys older than these are erased."""


KeyInUse: TypeAlias = tuple[int, keys.Signer]
"""Number of a station key on its card, and what signs with it."""

_LEAPS_MAX = 12
"""Leaps of 4, 16, 64 ... seconds: the last one is half a year."""


def _leap(unanswered: int) -> int:
    """Return how far above the usual the next epoch number goes.

    After a restart with a clock set back our numbers are below what the peer accepted, and where
    the same befell the peer, neither can tell the other. So each epoch that nobody answers is
    followed by one further up, until one is above.
    """
    steps: int = 4 ** min(unanswered, _LEAPS_MAX)
    return steps - 1


class Twin(Protocol):
    """The post-quantum half of a station key.

    Attributes:
        public_key: its 1,952 bytes.
    """

    public_key: bytes

    def sign(self, message: bytes, *, context: bytes) -> bytes:
        """Return the 3,309-byte signature over `message`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this station is, and what it can do with its keys without showing them.

    Attributes:
        card: its own card as handed to others.
        key_number: number of the station key in use.
        signer: signs statements and keying frames with it.
        opener: opens what was sealed to one of its prekeys.
        sealer: seals to a peer's prekey.
        older: number and signer of keys used before, the newest first. A peer that has not seen
            our present card can check no other.
        twin: makes seals: the post-quantum half of the key in use; None where there is none.
        node: number of this node where several share one record.
    """

    card: Card
    key_number: int
    signer: keys.Signer
    opener: keying.Opener
    sealer: keying.Sealer
    older: tuple[KeyInUse, ...] = ()
    twin: Twin | None = None
    node: int = 0

    @property
    def signers(self) -> tuple[KeyInUse, ...]:
        """Return number and signer of every station key at hand, the one in use first."""
        return ((self.key_number, self.signer), *self.older)


class LinkSecrets:
    """Seals to, and opens from, one peer.

    Attributes:
        accepted: newest epoch number accepted from each node of the peer, kept over restarts.
        last_sent: newest epoch number of ours. Kept over restarts too: a peer that accepted it
            takes none below, and if it restarted as well, neither could tell the other.
        fresh: the newest prekey that the peer published since its card (item PREKEY).
    """

    def __init__(
        self,
        identity: Identity,
        peer: Card,
        *,
        accepted: Mapping[int, int] | None = None,
        last_sent: int = 0,
    ) -> None:
        self._identity = identity
        self.peer = peer
        self.accepted: dict[int, int] = dict(accepted or {})
        self.last_sent = last_sent
        self.fresh: Prekey | None = None
        self._unanswered = 0
        self._sending: SendEpoch | None = None
        self._started: Keying | None = None
        self._taken: dict[int, bytes] = {}
        self._receiving: list[ReceiveEpoch] = []

    @property
    def can_open(self) -> bool:
        """Say whether the peer's frames can be opened at present."""
        return bool(self._receiving)

    @property
    def newest_accepted(self) -> int:
        """Return the newest epoch number accepted from any node of the peer, 0 for none.

        Whoever goes above it is above all; its nodes need not know each other's numbers.
        """
        return max(self.accepted.values(), default=0)

    def ask_above(self, epoch: int) -> bool:
        """Make the next epoch number exceed what the peer says it accepted.

        True where the last one sent cannot be accepted, since it is not above that.
        """
        is_stale = self.last_sent < epoch
        self.last_sent = max(self.last_sent, epoch)
        return is_stale

    @property
    def unheard(self) -> int:
        """Return how many epochs in a row, our newest one included, nobody answered."""
        return self._unanswered

    def answered(self) -> None:
        """Take note that the peer opened a frame of our newest epoch."""
        self._unanswered = 0

    def live_prekey(self, now: int) -> Prekey | None:
        """Return the peer's prekey to seal to, None if all have expired.

        The newest one that it published, else the one of its card that lives longest. A peer
        that lost what it published answers nothing: then the one of its card has its turn.
        """
        live = [prekey for prekey in self.peer.prekeys if prekey.expires > now]
        ways = sorted(live, key=lambda prekey: -prekey.expires)[:1]
        if self.fresh is not None and self.fresh.expires > now:
            ways.insert(0, self.fresh)
        return ways[self._unanswered % len(ways)] if ways else None

    def _signer(self) -> KeyInUse:
        """Return the station key that signs the next keying frame.

        The one in use, and where nobody answers, those before it in turn: the peer may not have
        seen our present card, which goes to it inside what this frame opens.
        """
        known = self._identity.signers
        turns = self._unanswered if self.fresh is None else self._unanswered // 2
        return known[turns % len(known)]

    def start_epoch(self, now: int, random: Callable[[int], bytes]) -> bytes | None:
        """Return the keying frame of a new sending epoch; None if the peer has no live prekey."""
        prekey = self.live_prekey(now)
        if prekey is None:
            return None
        self.last_sent = max(now, self.last_sent + 1) + _leap(self._unanswered)
        number, signer = self._signer()
        self._unanswered += 1
        made, chain = keying.start_keying(
            sender_fp=self._identity.card.fingerprint,
            receiver_fp=self.peer.fingerprint,
            node=self._identity.node,
            epoch=self.last_sent,
            prekey=prekey.number,
            prekey_public=prekey.public_key,
            secret=random(keying.SECRET_BYTES),
            sealer=self._identity.sealer,
            key_number=number,
            signer=signer,
        )
        self._sending = SendEpoch(chain)
        self._started = made
        return frame.keying_frame(made.encode())

    def signed_again(self) -> list[bytes]:
        """Return the keying frame of the epoch just started under each other key at hand.

        The peer takes the first that verifies by the card it holds, and skips the others.
        """
        made = self._started
        if made is None:
            return []
        body = made.signed_bytes()
        return [
            frame.keying_frame(
                replace(made, key_number=number, signature=signer.sign(body)).encode()
            )
            for number, signer in self._identity.signers
            if number != made.key_number
        ]

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

    def is_alive(self, offered: Keying) -> bool:
        """Say whether the prekey that a keying frame was sealed to is alive here."""
        return self._identity.opener.holds(offered.prekey)

    def is_copy(self, offered: Keying) -> bool:
        """Say whether it starts the epoch that was accepted last, perhaps under another key."""
        is_last = self.accepted.get(offered.node) == offered.epoch
        return is_last and self._taken.get(offered.node) == offered.sealed

    def is_stale(self, offered: Keying) -> bool:
        """Say whether a keying frame's epoch is not above the last one of its node."""
        last = self.accepted.get(offered.node)
        if last is None:
            return len(self.accepted) >= limits.RETAINED_EPOCHS_MAX
        return offered.epoch <= last

    def accept(self, offered: Keying, now: int) -> bool:
        """Take a keying frame of the peer's; False if it is stale, forged or for another key.

        The caller has checked that it names this peer and us. Prekey and epoch come before any
        public-key work, the signature before the opening (specification: link, keys).
        """
        if not self.is_alive(offered) or self.is_stale(offered):
            return False
        if not self.verifies(offered, now):
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
        self.accepted[offered.node] = offered.epoch
        self._taken[offered.node] = offered.sealed
        epoch = ReceiveEpoch(
            keying.first_chain_key(secret, info), epoch=offered.epoch, node=offered.node
        )
        of_node = [known for known in self._receiving if known.node == offered.node]
        old = of_node[_EPOCHS_KEPT_OF_A_NODE - 1 :]
        kept = [known for known in self._receiving if known not in old]
        self._receiving = [epoch, *kept][: limits.RETAINED_EPOCHS_MAX]
        return True

    def forget_received(self) -> None:
        """Drop every epoch in: the key that started one may be a thief's."""
        self._receiving = []
        self._taken.clear()

    def knows(self, hint: bytes) -> bool:
        """Say whether a hint belongs to an epoch of the peer's that can be opened."""
        return any(epoch.hint == hint for epoch in self._receiving)

    def open(self, sealed: bytes, header: Header) -> bytes | None:
        """Return a frame's plaintext; None for an unknown hint, a replay or a bad tag."""
        for epoch in self._receiving:
            if epoch.hint == header.hint:
                plain = epoch.open(sealed, header)
                if plain is not None:
                    return plain
        return None
