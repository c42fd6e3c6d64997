"""A verified statement as the note that others can check."""

from __future__ import annotations

from parley.core.ids import PartyId
from parley.core.items import Note
from parley.core.statement import SignedStatement, signature_line
from parley.station.kept_cards import KeyBook


def is_passed_on(note: Note, author: PartyId) -> bool:
    """Say whether a note came on its own, for a witness's line in it: an answer has none."""
    own = f"\u2014 parley1/{author.hex()}/"
    return not all(line.startswith(own) for line in note.lines)


def note_of(keys: KeyBook, signed: SignedStatement) -> Note | None:
    """Return a statement with its author's signature line alone.

    None where no card of the author known here carries the key that signed it.
    """
    said = signed.statement
    found = keys.key(said.party, signed.key_number)
    if found is None:
        return None
    line = signature_line(said.party, signed.key_number, found[1].ed, signed.signature)
    return Note(text=said.text(), lines=(line,))
