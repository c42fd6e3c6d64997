"""Cards as they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from parley.core.card import Card, armour
from parley.core.instants import Instant
from parley.station.desk_views import CardView, StationKeyView


def words_of(card: Card) -> dict[str, Sequence[str]]:
    """Return a card's fingerprint words in both languages."""
    return {language: list(card.words(language)) for language in ("en", "zh")}


def card_view(card: Card) -> CardView:
    """Return a card as it is shown."""
    return CardView(
        code=card.code,
        name=card.name,
        party=card.party.hex(),
        sequence=card.sequence,
        issued=Instant(card.issued),
        not_after=Instant(card.not_after),
        paths=list(card.paths),
        station_keys=[
            StationKeyView(
                number=key.number,
                ed=key.ed.hex(),
                not_before=Instant(key.not_before),
                until=Instant(key.until),
                revoked=key.revoked,
            )
            for key in card.station_keys
        ],
        words=words_of(card),
        armour=armour(card),
    )
