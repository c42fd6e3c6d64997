"""A verified statement as the note that others can check."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.card import Card
from parley.core.ids import PartyId
from parley.core.items import Note
from parley.core.statement import SignedStatement, signature_line


def is_passed_on(note: Note, author: PartyId) -> bool:
    """Say whether a note came on its own, for a witness's line in it: an answer has none."""
    own = f"\u2014 parley1/{author.hex()}/"
    return not all(line.startswith(own) for line in note.lines)


def note_of(cards: Mapping[PartyId, Card], signed: SignedStatement) -> Note | None:
    """Return a statement with its author's signature line alone.

    None where the author's card here does not carry the key that signed it.
    """
    said = signed.statement
    card = cards.get(said.party)
    key = None if card is None else card.key(signed.key_number)
    if key is None:
        return None
    line = signature_line(said.party, signed.key_number, key.ed, signed.signature)
    return Note(text=said.text(), lines=(line,))
