"""Starting epochs: our key exchanges on their way out, whole or in pieces, and those of peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from parley.core import frame, items, keying, limits, pieces
from parley.core.ids import PartyId
from parley.core.items import CardItem, Refuse
from parley.core.keying import Keying
from parley.core.link_secrets import Identity
from parley.errors import UsageError
from parley.station.effects import Now
from parley.station.facts import Alarm
from parley.station.line_times import ask_key_seconds, exchange_seconds, may_check
from parley.station.link_state import Link, PathRecord
from parley.station.old_cards import OldCards
from parley.station.piece_rounds import ROUNDS_MAX, PieceRounds
from parley.store.interface import Reader

_DOUBLED_MAX: Final = 7
_OLD: Final = "your card of us is old"
_REPLIES_MAX: Final = 64
"""Frames that wait on one path alone; who asks there and does not read is answered no more."""


class KeyExchange:
    """The key exchanges of every link.

    Attributes:
        accepted: newest epoch number of each peer's nodes that is not stored yet.
    """

    def __init__(
        self,
        identity: Identity,
        links: dict[PartyId, Link],
        *,
        random: Callable[[int], bytes],
        alarm: Callable[[Alarm], None],
        bind: Callable[[PathRecord, PartyId, Now], None],
        rekey: Callable[[Link], None],
        unread: Callable[[PathRecord, str], None],
    ) -> None:
        """Hand out frames of key exchanges, and take those of peers.

        Args:
            identity: who we are.
            links: by party id.
            random: returns that many random bytes.
            alarm: raises an alarm.
            bind: called when a path has shown whose it is.
            rekey: called when a peer cannot open what we send.
            unread: called for a frame that cannot be used, with the reason.
        """
        self._identity = identity
        self._me = identity.card.party
        self._links = links
        self._random = random
        self._alarm = alarm
        self._bind = bind
        self._rekey = rekey
        self._unread = unread
        self._old = OldCards(alarm)
        self.accepted: dict[tuple[PartyId, int], int] = {}

    # --- ours ---

    def start(self, link: Link, path: PathRecord, now: Now) -> list[bytes]:
        """Begin a new epoch; return its keying frames, or nothing where it goes in pieces."""
        started = link.secrets.start_epoch(now.wall, self._random)
        link.pieces = None
        if started is None:
            text = "all of its prekeys have expired; a newer card is needed"
        elif path.traits.takes_whole(len(started)):
            link.rekey = False
            link.keyed_at = now.steady
            return [started, *([] if path.traits.narrow else link.secrets.signed_again())]
        else:
            try:
                # What entries told of the line must not show in how many pieces go out.
                loss = 0.0 if path.traits.padded else link.parcels.loss
                link.pieces = self._cut(started, link, path, loss=loss)
            except UsageError as too_short:
                text = str(too_short)
            else:
                link.rekey = False
                link.keyed_at = now.steady
                return []
        self._alarm(Alarm(kind="wrong-key", peer=link.party, channel=None, text=text))
        link.asked_key_at = now.steady
        return []

    def _cut(self, started: bytes, link: Link, path: PathRecord, *, loss: float) -> PieceRounds:
        return PieceRounds(
            started[frame.HEADER_BYTES :],
            path.traits.frame_bytes_max,
            sender_fp=self._identity.card.fingerprint,
            receiver_fp=link.card.fingerprint,
            loss=loss,
        )

    def next_pieces(self, link: Link, path: PathRecord, now: Now, *, limit: int) -> list[bytes]:
        """Return the pieces that go out now; nothing else can be read before."""
        frames: list[bytes] = []
        ours = link.pieces
        if ours is not None and ours.frame_bytes != path.traits.frame_bytes_max:
            # Another path took over, with frames of another length.
            return self.start(link, path, now)
        while ours is not None and ours.goes_on and len(frames) < limit:
            link.keyed_at = now.steady
            frames.append(ours.take(now.steady, max(exchange_seconds(link), 4.0)))
        return frames

    def tick(self, link: Link, now: Now) -> None:
        """Send more pieces where nothing was answered; after many rounds, another key."""
        ours = link.pieces
        if ours is None or ours.goes_on or now.steady < ours.due:
            return
        if ours.rounds >= ROUNDS_MAX:
            self._rekey(link)
            return
        ours.again()
        # What was asked before may have come before the key.
        link.ping_due = now.steady

    # --- theirs ---

    def piece(self, path: PathRecord, raw: bytes, now: Now) -> None:
        """Take a piece of a peer's key exchange.

        Raises:
            MalformedError: its form is wrong, or the pieces do not belong together.
        """
        first = None if path.peer is None else self._links.get(path.peer)
        others = [link for link in self._links.values() if link is not first]
        for link in ([first] if first is not None else []) + others:
            piece = pieces.open_piece(
                raw,
                sender_fp=link.card.fingerprint,
                receiver_fp=self._identity.card.fingerprint,
            )
            if piece is None:
                continue
            path.claimed = link.party
            if not link.trusted:
                self._unread(path, "a key exchange comes from a stranger")
                return
            path.undecodable = 0
            body = link.pieces_heard.take(piece.ident, piece.size, piece.esi, piece.data)
            if body is not None:
                self.keying(path, body, now)
            return
        self._unread(path, "a piece of a key exchange is not for this station, or from a stranger")

    def keying(self, path: PathRecord, body: bytes, now: Now) -> None:
        """Take a peer's key exchange.

        Raises:
            MalformedError: its form is wrong.
        """
        offered = keying.decode_keying(body)
        link = self._links.get(offered.sender)
        path.claimed = offered.sender
        if offered.receiver != self._me or link is None or not link.trusted:
            self._unread(path, "the key is not for this station, or from a stranger")
            return
        if not link.secrets.is_alive(offered):
            self._unread(path, "a key exchange is sealed to a prekey that is gone")
            self._gone(link, path, offered, now)
            return
        if offered.epoch > now.wall + limits.EPOCH_AHEAD_MAX:
            self._unread(path, "the number of a key exchange is that of no honest station")
            return
        if link.secrets.is_copy(offered):
            return
        if link.secrets.is_stale(offered):
            self._stale(link, path, offered, now)
            return
        if not may_check(path, now):
            return
        if not link.secrets.accept(offered, now.wall):
            self._unread(path, "a key exchange does not verify")
            key = link.card.key(offered.key_number)
            if key is None or (key.revoked is None and not key.counts_at(now.wall)):
                self._old.theirs(link, offered.key_number, now, narrow=path.traits.narrow)
            self.ask(link, now)
            return
        path.undecodable = 0
        self._old.over(link)
        self.accepted[link.party, offered.node] = offered.epoch
        if path.peer != link.party:
            self._bind(path, link.party, now)

    def _gone(self, link: Link, path: PathRecord, offered: Keying, now: Now) -> None:
        """Answer a peer that seals to a prekey erased here: it was away longer than that lived.

        Our card goes back on this path. Who knows one of our older keys reads it there, and seals
        to what it names; who knows none finds that our key is unknown, and is told so.
        """
        is_soon = now.steady - link.stale_checked_at < ask_key_seconds(link)
        if link.secrets.is_stale(offered) or is_soon or not may_check(path, now):
            return
        link.stale_checked_at = now.steady
        if not link.secrets.verifies(offered, now.wall):
            return
        self._old.ours(link, now, narrow=path.traits.narrow)
        if path.traits.one_way:
            return
        card = items.encode_item(CardItem(self._identity.card.raw))
        if path.traits.narrow or path.traits.padded or len(card) > path.traits.room:
            card = items.encode_item(
                Refuse(code=items.REFUSE_NO_KEY, about=link.secrets.newest_accepted, words=_OLD)
            )
        self.aside(link, path, card, now)

    def _stale(self, link: Link, path: PathRecord, offered: Keying, now: Now) -> None:
        """Tell a peer that its epoch number is too low: it restarted, or its clock is behind.

        It has forgotten our keys as well, so that a new epoch of ours goes first. It may as well
        be a replay: on a path that is not bound yet, or is not the best, the answer goes out there
        alone.
        """
        if now.steady - link.stale_checked_at < ask_key_seconds(link) or not may_check(path, now):
            return
        link.stale_checked_at = now.steady
        if not link.secrets.verifies(offered, now.wall):
            return
        link.asked_key_at = now.steady
        last = link.secrets.accepted.get(offered.node, offered.epoch)
        refusal = Refuse(code=items.REFUSE_NO_KEY, about=last, words="send a newer key")
        if path.peer is not None and path is link.best_path():
            self._rekey(link)
            link.control.appendleft(items.encode_item(refusal))
            return
        self.aside(link, path, items.encode_item(refusal), now)

    def aside(self, link: Link, path: PathRecord, raw: bytes, now: Now) -> None:
        """Send an item on one path alone, under an epoch that begins there; a new one follows."""
        if len(path.replies) >= _REPLIES_MAX:
            return
        started = link.secrets.start_epoch(now.wall, self._random)
        if started is None:
            return
        link.rekey = True
        if path.traits.padded and len(raw) <= path.traits.room_max:
            cut = self._cut(started, link, path, loss=0.0)
            while cut.goes_on:
                path.replies.append(cut.take(now.steady, 0.0))
        elif not path.traits.takes_whole(len(started)):
            return
        else:
            path.replies.append(started)
        sealed = link.secrets.seal(path.traits.filled(raw))
        assert sealed is not None
        path.replies.append(sealed)

    def unopened(self, link: Link, path: PathRecord, hint: bytes, now: Now) -> None:
        """Ask for a key where a frame that no key opens shows that the peer uses another one.

        Under a key that we have, the frame was spoilt on the way. A hint seen once may be the rest
        of a frame that noise cut in two, and a key exchange takes minutes of a slow line; whoever
        seals under a key that we lack shows its hint again.
        """
        if link.secrets.knows(hint):
            return
        if link.secrets.can_open and hint not in path.strange_hints:
            path.strange_hints.append(hint)
            return
        path.strange_hints.clear()
        self.ask(link, now)

    def ask(self, link: Link, now: Now) -> None:
        """Ask a peer for a new key, not too often.

        Our own may not have come through either, and then it cannot read the question: so a key
        that nobody answers goes out again with it, each time after twice as long.
        """
        if now.steady - link.asked_key_at < ask_key_seconds(link):
            return
        link.asked_key_at = now.steady
        best, unheard = link.best_path(), link.secrets.unheard
        if best is not None and not best.traits.one_way and unheard:
            wait = max(ask_key_seconds(link), 2 * exchange_seconds(link))
            if now.steady - link.keyed_at >= wait * 2 ** min(unheard - 1, _DOUBLED_MAX):
                self._rekey(link)
                link.ping_due = now.steady
        asked = Refuse(
            code=items.REFUSE_NO_KEY, about=link.secrets.newest_accepted, words="send a new key"
        )
        link.control.append(items.encode_item(asked))


def stored_epochs(reader: Reader, party: PartyId) -> dict[int, int]:
    """Return the newest epoch accepted from each node of a party, as it is stored."""
    found: dict[int, int] = {}
    for key, epoch in reader.papers("epochs"):
        of, _, node = key.partition("/")
        if of == party.hex():
            found[int(node)] = int(epoch)
    return found


__all__ = ["KeyExchange", "stored_epochs"]
