"""Of a party's older cards those are kept that alone show a key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.card import Card, StationKey, card_body, check_successor, sign_card
from parley.core.keys import Ed25519Signer, Mldsa65Signer
from parley.errors import ConflictError
from parley.sim.people import WORLD_START, _seed, make_identity
from parley.station.kept_cards import KeyBook
from parley.store.interface import Batch
from parley.store.memory import MemoryStore
from support.renewed_cards import station_key

YEAR = 31_536_000


def card(sequence: int, *numbers: int, revoked: tuple[int, ...] = (), other: int = 0) -> Card:
    """Return a card of ALFA with these keys; `other` moves the key of each number."""
    keys = [
        StationKey(
            number=number, ed=station_key("ALFA", number + other).public_key, pq=None,
            not_before=0, until=WORLD_START + YEAR,
            revoked=WORLD_START if number in revoked else None,
        )
        for number in numbers
    ]  # fmt: skip
    roots = Ed25519Signer(_seed("ALFA root")), Mldsa65Signer(_seed("ALFA root pq"))
    body = card_body(
        sequence=sequence, code="ALFA", name="Station ALFA", root_ed=roots[0].public_key,
        root_pq=roots[1].public_key, station_keys=keys, issued=WORLD_START,
        not_after=WORLD_START + YEAR,
    )  # fmt: skip
    return sign_card(body, root_ed=roots[0], root_pq=roots[1])


class Held:
    """A record, and the card held at present."""

    def __init__(self, first: Card) -> None:
        self.store = MemoryStore()
        self.card: Card | None = first
        self.book = KeyBook(lambda _: self.card, lambda: self.store)

    def take(self, new: Card | None) -> None:
        assert self.card is not None
        self.store.commit(Batch(papers=self.book.keeping(self.card, new)))
        self.card = new

    @property
    def older(self) -> list[int]:
        return [one.sequence for one in self.book.older(make_identity("ALFA").card.party)]

    @property
    def found(self) -> dict[int, int]:
        """Return the number of the card that shows each key."""
        party = make_identity("ALFA").card.party
        known = {number: self.book.key(party, number) for number in range(10)}
        return {number: pair[0].sequence for number, pair in known.items() if pair is not None}


def test_a_card_is_kept_as_long_as_it_alone_shows_a_key():
    held = Held(card(1, 0))
    held.take(card(2, 0, 1))
    assert held.older == []
    held.take(card(3, 1, 2))  # key 0 falls off
    held.take(card(4, 2, 3))  # and key 1, of which card 3 tells
    assert held.older == [2, 3]
    assert held.found == {0: 2, 1: 3, 2: 4, 3: 4}

    held.take(card(5, 0, 1, 3, 4))  # who lists them once more needs the older ones no longer
    assert held.older == [4]


def test_a_peer_that_was_removed_leaves_its_card():
    held = Held(card(1, 0))
    held.take(None)
    assert held.found == {0: 1}


def test_of_our_own_cards_the_one_in_use_is_kept_ahead():
    held = Held(card(1, 0))
    for one in (card(1, 0), card(2, 0, 1), card(3, 1, 2)):
        held.card = one
        held.store.commit(Batch(papers=held.book.own(one)))
        assert held.book.own(one) == []
    assert [key[-1] for key, _ in held.store.papers("cards")] == ["2", "3"]
    assert held.older == [2]


def test_a_kept_card_binds_the_ones_to_come():
    first, second = card(1, 0, revoked=(0,)), card(2, 1)
    with pytest.raises(ConflictError, match="takes back the revocation of key 0"):
        check_successor(second, card(3, 0, 1), [first])
    first = replace(first, station_keys=card(1, 0).station_keys)
    with pytest.raises(ConflictError, match="gives number 0 to another station key"):
        check_successor(second, card(3, 0, other=5), [first])
    check_successor(second, card(3, 0, 1), [first])
