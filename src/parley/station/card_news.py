"""Cards and prekeys that change while a station lives: ours are told, those of peers are taken.

A new card carries the root's signatures, so that it is taken in whoever brought it. It goes two
ways: as an item on every link, and as an entry in every open log, where the key before it signs
it first (specification: identity, "When a key counts"; link, keys).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from parley.core import canon, items
from parley.core.card import (
    Card,
    Prekey,
    check_prekey,
    check_successor,
    decode_card,
    party_of_card,
    read_prekey,
)
from parley.core.entry import Kind
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.items import CardItem, Need, PrekeyItem
from parley.core.link_secrets import Identity
from parley.errors import ConflictError, MalformedError, SignatureError
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.facts import Alarm, CardRenewed, EntryStored, Fact
from parley.station.kept_cards import F_CARD
from parley.station.ledger import Ledger
from parley.station.link_state import Link, Traits
from parley.station.questions import ask_about
from parley.store.interface import Reader

_PAUSE_SECONDS = 30.0
"""Checking a card's two signatures is dear: of one peer at most one in this time."""

_SAID, _PREKEY = "card-said", "prekey"


class CardNews:
    """What the engine does with cards and prekeys."""

    def __init__(
        self,
        identity: Identity,
        ledger: Ledger,
        *,
        alarm: Callable[[Alarm], None],
        notify: Callable[[Fact], None],
    ) -> None:
        self._identity = identity
        self._ledger = ledger
        self._alarm = alarm
        self._notify = notify
        self._own: Prekey | None = None

    # --- ours ---

    def write_card(self, now: Now) -> None:
        """Write our card into every open log that does not carry it yet and may be written."""
        card = self._identity.card
        for channel, state in self._ledger.channels.items():
            if not state.opened or not state.may_sign:
                continue
            if _said(self._ledger.reader, channel) >= card.sequence:
                continue
            older = (one for one in self._identity.older if _may_sign(card, one[0], now.wall))
            self._ledger.write_card(state, F_CARD, card.raw, next(older, None), now)
            self._ledger.batch.papers.append(said_paper(channel, card.sequence))

    def set_prekey(self, prekey: Prekey, links: Mapping[PartyId, Link]) -> None:
        """Publish a newer prekey of ours, on every path that is not narrow."""
        self._own = prekey
        raw = items.encode_item(PrekeyItem(prekey.value()))
        for link in links.values():
            best = link.best_path()
            if link.trusted and best is not None and _is_cheap(best.traits):
                link.control.append(raw)

    def greeting(self, traits: Traits) -> list[bytes]:
        """Return the items that follow HELLO on a path: our card where it was renewed."""
        told: list[bytes] = []
        if self._identity.card.sequence > 1:
            told.append(items.encode_item(CardItem(self._identity.card.raw)))
        if self._own is not None:
            told.append(items.encode_item(PrekeyItem(self._own.value())))
        return told if _is_cheap(traits) else []

    def asked(self, link: Link) -> None:
        """Answer a peer that holds no card of ours with the key that it saw."""
        raw, best = items.encode_item(CardItem(self._identity.card.raw)), link.best_path()
        if best is None or (best.traits.narrow and len(raw) > best.traits.room_max):
            return
        link.control.append(raw)
        for outbox in link.outboxes.values():
            outbox.told = -1  # what it could not check is told again

    # --- a peer's ---

    def need(self, link: Link, channel: int, party: int, now: Now) -> None:
        """Ask a peer for its card: it signed with a key that ours does not carry."""
        if now.steady < link.card_asked_at + _PAUSE_SECONDS:
            return
        link.card_asked_at = now.steady
        need = Need(channel=channel, party=party, inc=None, ranges=(), what=items.NEED_CARD)
        link.control.append(items.encode_item(need))

    def need_of_third(self, link: Link, state: ChannelState, party: PartyId, now: Now) -> None:
        """Ask a member for another's card: it showed what that one signed with a newer key."""
        if now.steady < link.cards_asked.get(party, -_PAUSE_SECONDS) + _PAUSE_SECONDS:
            return
        link.cards_asked[party] = now.steady
        link.cards_awaited.add(party)
        ask_about(link, state.record.charter, party, items.NEED_CARD)

    def shown(self, link: Link, links: Mapping[PartyId, Link], raw: bytes, now: Now) -> None:
        """Take the card that a peer shows: its own, or that of a third for which it was asked.

        For each question one card of a third is checked, for checking is dear.

        Raises:
            MalformedError: it is no card, or is not signed by its root.
        """
        party = party_of_card(raw)
        if party is None or party not in link.cards_awaited:
            self.take_card(link, raw, now)
            return
        link.cards_awaited.discard(party)
        author = links.get(party)
        if author is not None and author.trusted:
            self._renew(author, raw)

    def take_card(self, link: Link, raw: bytes, now: Now) -> None:
        """Take a card that a peer shows.

        Raises:
            MalformedError: it is no card, or is not signed by its root.
        """
        if raw == link.card.raw or now.steady < link.card_read_at + _PAUSE_SECONDS:
            return
        link.card_read_at = now.steady
        self._renew(link, raw)

    def _renew(self, link: Link, raw: bytes) -> None:
        """Let a card take the place of the one held of a peer, if it may."""
        try:
            card = decode_card(raw)
        except SignatureError as fault:
            raise MalformedError(f"a card that is not signed by its root: {fault}") from None
        if card.body == link.card.body or card.sequence < link.card.sequence:
            return
        try:
            check_successor(link.card, card, self._ledger.keys.older(card.party))
        except ConflictError as refused:
            text = f"a card was shown and not taken: {refused}"
            self._alarm(Alarm(kind="wrong-key", peer=link.party, channel=None, text=text))
            return
        if _revokes(link.card, card):
            link.secrets.forget_received()
        self._ledger.cards[card.party] = link.card = link.secrets.peer = card
        link.secrets.fresh = stored_prekey(self._ledger.reader, card)
        self._notify(CardRenewed(card.party, raw))

    def stored(self, fact: EntryStored, link: Link | None, now: Now) -> None:
        """Take the card that a peer wrote into its own log."""
        if link is None or fact.own or fact.entry.kind != Kind.CARD:
            return
        raw = fact.entry.fields.get(F_CARD)
        if isinstance(raw, list):
            raw = canon.encode(raw)
        if isinstance(raw, bytes):
            try:
                self.take_card(link, raw, now)
            except MalformedError as fault:
                text = f"an entry of the kind card holds none: {fault}"
                self._alarm(_wrong(link, fact.log, text))

    def take_prekey(self, link: Link, item: PrekeyItem) -> None:
        """Take a prekey that a peer publishes; whatever is sent from now on is sealed to it.

        Raises:
            MalformedError: it is none, or not signed by the station key that signs prekeys.
        """
        prekey = read_prekey(item.value)
        known = link.secrets.fresh
        if known is not None and prekey.expires <= known.expires:
            return
        try:
            check_prekey(link.card, prekey)
        except SignatureError as fault:
            raise MalformedError(f"a prekey that the peer did not sign: {fault}") from None
        link.secrets.fresh = prekey
        link.secrets.answered()  # it speaks, so that it is there
        link.rekey = True
        raw = canon.encode(prekey.value())
        self._ledger.batch.papers.append((_PREKEY, link.party.hex(), raw))


def stored_prekey(reader: Reader, card: Card) -> Prekey | None:
    """Return the newest prekey that a peer published, if it goes with its card."""
    raw = reader.paper(_PREKEY, card.party.hex())
    if raw is None:
        return None
    try:
        prekey = read_prekey(canon.decode(raw))
        check_prekey(card, prekey)
    except (MalformedError, SignatureError):
        return None  # signed by a key that the card has revoked since
    return prekey


def said_paper(channel: ChannelId, sequence: int) -> tuple[str, str, bytes]:
    """Return the paper that tells which card of ours a log carries, or began with."""
    return (_SAID, channel.hex(), str(sequence).encode("ascii"))


def _said(reader: Reader, channel: ChannelId) -> int:
    return int(reader.paper(_SAID, channel.hex()) or 1)


def _may_sign(card: Card, number: int, time: int) -> bool:
    key = card.key(number)
    return key is not None and key.revoked is None and key.counts_at(time)


def _revokes(held: Card, new: Card) -> bool:
    """Say whether a card revokes a key that counted so far."""
    gone = {key.number for key in new.station_keys if key.revoked is not None}
    return any(key.number in gone and key.revoked is None for key in held.station_keys)


def _is_cheap(traits: Traits) -> bool:
    """Say whether an item of some thousand bytes holds nothing up on a path."""
    return not traits.narrow and not traits.one_way


def _wrong(link: Link, log: LogId, text: str) -> Alarm:
    return Alarm(kind="wrong-key", peer=link.party, channel=log.channel, text=text)
