"""Revoked keys: which of their notes still count (specification: identity, revocation).

A revocation takes effect at the place of the `card` entry that carries it, not at a time: a party
must not be able to disown its past by a date.
"""

from __future__ import annotations

from parley_verify.card import Card, read_card
from parley_verify.cbor import Value, decode
from parley_verify.evidence import Evidence, newest_key
from parley_verify.note import Note
from parley_verify.part import Part
from parley_verify.refusal import RefusedError

_CARD = 4

Place = tuple[int, list[tuple[int, bytes]]]
"""A size up to which a log stands; size and root of that log, of it any one will do."""


def judge_revocations(evidence: Evidence) -> None:
    """A revocation takes effect at the place of the `card` entry that carries it."""
    for signed in evidence.notes:
        if signed.key is None:
            continue
        number, pid = signed.key.number, signed.note.origin.pid
        cards = evidence.cards_at_hand(pid)
        found = newest_key(cards, number)
        if found is None or not found[1].is_revoked:
            continue
        covered = _covered(signed.note, number, evidence)
        issued = min(card.issued for card in cards if _revokes(card, number))
        if covered is None:
            seen = any(c.is_trusted and c.time <= issued for c in signed.cosignatures)
            signed.standing = "good" if seen else "subject"
        else:
            signed.standing = "good" if covered else "worthless"
        evidence.findings.append(
            f"note {signed.number}: key {number} of {evidence.name(pid)} was revoked; "
            f"this note is {signed.standing}"
        )


def _revokes(card: Card, number: int) -> bool:
    key = card.key(number)
    return key is not None and key.is_revoked


def _covered(note: Note, number: int, evidence: Evidence) -> bool | None:
    """Say whether the place of the revocation covers a note.

    None where no place is shown, or where the note is not shown to be of the log that led to it.
    """
    places: list[Place] = []
    for part in evidence.bundle.parts:
        if (part.origin.channel, part.origin.pid) == (note.origin.channel, note.origin.pid):
            places += _places(part, note, number, evidence)
    if not places:
        return None
    first = min(size for size, _ in places)
    if note.size > first:
        return False
    after = [head for size, heads in places if size == first for head in heads]
    consistent = (note.size, note.root) in after or any(
        part.root(note.size) == note.root and any(part.root(size) == root for size, root in after)
        for part in evidence.parts(note.origin)
    )
    return True if consistent else None


def _places(part: Part, note: Note, number: int, evidence: Evidence) -> list[Place]:
    """Return where a part ends the log of `note` for a key, with what the log was then."""
    covering = _covering(part, evidence)
    if part.origin == note.origin:
        return [
            (index, heads)
            for card, shown, index in evidence.entry_cards
            if shown is part
            and _revokes(card, number)
            and (heads := [(size, root) for size, root in covering if size > index])
        ]
    opening = part.leaves.get(0)
    before = opening.opened.get(18) if opening is not None and opening.kind == 0 else None
    if covering and isinstance(before, list) and len(before) == 3:
        inc, size, root = before
        if inc == note.origin.inc and type(size) is int and isinstance(root, bytes):
            return [(size, [(size, root)])]
    return []


def _covering(part: Part, evidence: Evidence) -> list[tuple[int, bytes]]:
    """Return size and root of each statement over a part under a key that is not revoked."""
    return [
        (signed.note.size, signed.note.root)
        for signed in evidence.notes
        if signed.note.origin == part.origin
        and signed.key is not None
        and not signed.key.is_revoked
        and part.root(signed.note.size) == signed.note.root
    ]


def find_entry_cards(evidence: Evidence) -> None:
    """Read the cards in opened `card` entries; those of the log's own party are at hand."""
    for part in evidence.bundle.parts:
        shown = evidence.bundle.cards_of(part.origin.pid)
        for leaf in part.leaves.values():
            if leaf.kind != _CARD or 16 not in leaf.opened:
                continue
            card = _card_of(leaf.opened[16], evidence)
            if card is not None and shown and card.fingerprint == shown[0].fingerprint:
                evidence.entry_cards.append((card, part, leaf.index))


def _card_of(value: Value, evidence: Evidence) -> Card | None:
    try:
        if isinstance(value, bytes):
            value = decode(value, depth_max=8)
        return read_card(value, (), evidence.signatures)
    except RefusedError:
        return None
