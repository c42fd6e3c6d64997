"""Revoked keys: which of their notes still count (specification: identity, revocation).

A revocation takes effect at the place of the `card` entry that carries it, not at a time: a party
must not be able to disown its past by a date.
"""

from __future__ import annotations

from parley_verify.card import read_card
from parley_verify.cbor import Value, decode
from parley_verify.evidence import Evidence, Signed
from parley_verify.note import Note
from parley_verify.part import Part
from parley_verify.refusal import RefusedError


def judge_revocations(evidence: Evidence) -> None:
    """A revocation takes effect at the place of the `card` entry that carries it."""
    for signed in evidence.notes:
        if signed.key is None:
            continue
        number = signed.key.number
        pid = signed.note.origin.pid
        revoking = [
            card
            for card in evidence.bundle.cards_of(pid)
            if (key := card.key(number)) is not None and key.is_revoked
        ]
        if not revoking:
            continue
        covered = _covered(signed, {card.body for card in revoking}, evidence)
        if covered is not None:
            signed.standing = "good" if covered else "worthless"
        elif any(c.is_trusted and c.time <= revoking[0].issued for c in signed.cosignatures):
            signed.standing = "good"
        else:
            signed.standing = "subject"
        evidence.findings.append(
            f"note {signed.number}: key {number} of {evidence.name(pid)} was revoked; "
            f"this note is {signed.standing}"
        )


def _covered(signed: Signed, bodies: set[bytes], evidence: Evidence) -> bool | None:
    """Say whether the place of the revocation covers a note; None where no place is shown."""
    note = signed.note
    revoked = {
        key.number
        for card in evidence.bundle.cards_of(note.origin.pid)
        for key in card.keys
        if key.is_revoked
    }
    for part in evidence.bundle.parts:
        if (part.origin.channel, part.origin.pid) != (note.origin.channel, note.origin.pid):
            continue
        anchors = [
            other.note.size
            for other in evidence.notes
            if other.note.origin == part.origin
            and other.key is not None
            and other.key.number not in revoked
            and part.root(other.note.size) == other.note.root
        ]
        end = _place(part, note, bodies, max(anchors, default=0), evidence)
        if end is not None:
            size, root = end
            if note.size == size and root is not None:
                return note.root == root
            return note.size <= size and any(
                other.root(note.size) == note.root and (root is None or other.root(size) == root)
                for other in evidence.parts(note.origin)
            )
    return None


def _place(
    part: Part, note: Note, bodies: set[bytes], anchored: int, evidence: Evidence
) -> tuple[int, bytes | None] | None:
    """Return where the revocation ends the log of `note`: size, and root where one is named."""
    if part.origin == note.origin:
        for leaf in part.leaves.values():
            if leaf.kind == 4 and leaf.index < anchored and 16 in leaf.opened:
                body = card_body_of(leaf.opened[16], evidence)
                if body in bodies:
                    return leaf.index, None
        return None
    opening = part.leaves.get(0)
    before = None if opening is None else opening.opened.get(18)
    if anchored and isinstance(before, list) and len(before) == 3:
        inc, size, root = before
        if inc == note.origin.inc and isinstance(size, int) and isinstance(root, bytes):
            return size, root
    return None


def card_body_of(value: Value, evidence: Evidence) -> bytes | None:
    """Return the body of the card in field 16 of a `card` entry, None if it is none."""
    try:
        if isinstance(value, bytes):
            value = decode(value, depth_max=8)
        return read_card(value, (), evidence.signatures).body
    except RefusedError:
        return None
