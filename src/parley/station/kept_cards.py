"""Older cards of parties, kept where they alone show a key that signed something (decision 0102).

A card lists eight keys; the next one may drop a key under which a log was last signed, and a peer
may be removed. What was signed then stays provable by the card kept here. Nothing new is taken
under a key that only such a card carries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from parley.core import canon
from parley.core.card import Card, StationKey, check_successor, decode_card
from parley.core.charter import Charter
from parley.core.entry import Entry, Kind, decode_entry
from parley.core.ids import PartyId
from parley.errors import ConflictError, MalformedError, SignatureError
from parley.station.papers import PaperChange
from parley.store.interface import Reader

COLLECTION: Final = "cards"
F_CARD: Final = 16
"""Field of a `card` entry that holds the card."""

_DIGITS: Final = 20


class KeyBook:
    """Every key of every party that a card known here carries or carried."""

    def __init__(
        self,
        newest: Callable[[PartyId], Card | None],
        reader: Callable[[], Reader] | None = None,
    ) -> None:
        """Read kept cards from the record, if there is one; `newest` gives the card held."""
        self._newest = newest
        self._reader = reader
        self._read: dict[bytes, Card] = {}

    def older(self, party: PartyId) -> list[Card]:
        """Return the kept cards of a party that are not the one held, the newest last."""
        held = self._newest(party)
        kept = [self._card(raw) for key, raw in self._stored() if key.startswith(party.hex())]
        return [card for card in kept if held is None or card.sequence < held.sequence]

    def cards(self, party: PartyId) -> list[Card]:
        """Return all cards known of a party, the newest last; none where nothing is known."""
        held = self._newest(party)
        return self.older(party) if held is None else [*self.older(party), held]

    def key(self, party: PartyId, number: int) -> tuple[Card, StationKey] | None:
        """Return a station key and the newest card that carries it."""
        held = self._newest(party)
        found = None if held is None else held.key(number)
        if held is not None and found is not None:
            return held, found
        for card in reversed(self.older(party)):
            if (kept := card.key(number)) is not None:
                return card, kept
        return None

    def is_revoked(self, party: PartyId, number: int) -> bool:
        """Say whether a station key was revoked, by the newest card that carries it."""
        found = self.key(party, number)
        return found is not None and found[1].revoked is not None

    def parties(self) -> set[PartyId]:
        """Return the parties of which a card is kept."""
        return {PartyId(bytes.fromhex(key.partition("/")[0])) for key, _ in self._stored()}

    def keeping(self, held: Card, new: Card | None) -> list[PaperChange]:
        """Return the changes that keep what a party's newer card does not show.

        Args:
            held: the card held until now.
            new: what takes its place; None where it is removed or another root takes over.
        """
        if new is not None and new.sequence <= held.sequence:
            return []
        known = {card.sequence: card for card in (*self.cards(held.party), held)}
        serving = serving_cards([*known.values(), *([] if new is None else [new])])
        kept = {card.sequence: card for card in serving if new is None or card is not new}
        stored = dict(self._stored())
        changes: list[PaperChange] = [
            (COLLECTION, _name(card), card.raw)
            for card in kept.values()
            if stored.get(_name(card)) != card.raw
        ]
        gone = [card for number, card in known.items() if number not in kept]
        return changes + [(COLLECTION, _name(card), None) for card in gone if _name(card) in stored]

    def own(self, card: Card) -> list[PaperChange]:
        """Return the changes that keep our own card, to be known when a newer one is made."""
        name, older = _name(card), self.older(card.party)
        serving = serving_cards([*older, card])
        is_stored = dict(self._stored()).get(name) == card.raw
        changes: list[PaperChange] = [] if is_stored else [(COLLECTION, name, card.raw)]
        gone = [one for one in older if one not in serving]
        return changes + [(COLLECTION, _name(one), None) for one in gone]

    def _stored(self) -> Sequence[tuple[str, bytes]]:
        return () if self._reader is None else self._reader().papers(COLLECTION)

    def _card(self, raw: bytes) -> Card:
        card = self._read.get(raw)
        if card is None:
            card = self._read[raw] = decode_card(raw)
        return card


def serving_cards(cards: Iterable[Card]) -> list[Card]:
    """Return those of one party's cards that show a key which no newer one shows, newest last."""
    shown: set[int] = set()
    serving: list[Card] = []
    for card in sorted(cards, key=lambda one: one.sequence, reverse=True):
        numbers = {key.number for key in card.station_keys}
        if not numbers <= shown:
            serving.append(card)
            shown |= numbers
    return serving[::-1]


def card_in(entry: Entry, party: PartyId) -> Card | None:
    """Return the card of a party that an entry of the kind `card` carries; None if it has none."""
    raw = entry.fields.get(F_CARD)
    try:
        card = decode_card(
            canon.encode(raw) if isinstance(raw, list) else canon.expect_bytes(raw, "card")
        )
    except (MalformedError, SignatureError):
        return None
    return card if card.party == party else None


def with_those_shown(
    cards: Mapping[PartyId, Sequence[Card]], reader: Reader, charter: Charter
) -> dict[PartyId, list[Card]]:
    """Return the cards of each party with the newer ones that stand in the logs of a channel.

    A rotation stands in the log before the paper that keeps the peer's newer card is stored:
    between the two, and after a crash there, the log alone has the card.

    Args:
        cards: the cards known of each party, the newest last.
        reader: the record.
        charter: that of the channel whose `card` entries are read.
    """
    others = len(charter.parties) - 1
    known = {party: list(of) for party, of in cards.items()}
    for row in reader.marked_rows(charter.channel_id):
        of = known.get(row.log.party)
        if row.kind != Kind.CARD or not of:
            continue
        for stored in reader.entries(row.log, row.index, 1):
            card = card_in(decode_entry(stored.raw, others=others), row.log.party)
            if card is not None and card.sequence > of[-1].sequence:
                with suppress(ConflictError):
                    check_successor(of[-1], card, of)
                    of.append(card)
    return known


def _name(card: Card) -> str:
    return f"{card.party.hex()}/{card.sequence:0{_DIGITS}d}"
