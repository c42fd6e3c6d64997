"""What a revocation leaves of a note, from spec/identity.md, "When a key counts"."""

from __future__ import annotations

from typing import Any

from independent import identity
from independent.bundles import Note, Read
from independent.logs import Part
from independent.values import RefusedError, decode


def standing(read: Read, note: Note, trusted: set[bytes]) -> str:
    """Whether a note is `good`, `subject` to revocation, or `worthless`."""
    said = note.statement
    revoking = [
        card
        for card in sorted(read.cards[said.pid], key=lambda card: card[0])
        if any(key[0] == note.key[0] and len(key) == 6 for key in card[5])
    ]
    if not revoking:
        return "good"
    gone = {key[0] for card in read.cards[said.pid] for key in card[5] if len(key) == 6}
    for part in read.parts:
        if part.origin.split("/")[1:3] != [said.channel.hex(), said.pid.hex()]:
            continue
        ends = _place(read, part, said, revoking, _anchored(read, part, gone))
        if ends is None:
            continue
        size, root = ends
        if said.size == size and root is not None:
            return "good" if said.root == root else "worthless"
        own = [each for each in read.parts if each.origin == said.origin]
        consistent = any(
            each.root(said.size) == said.root and (root is None or each.root(size) == root)
            for each in own
        )
        return "good" if said.size <= size and consistent else "worthless"
    seen = any(key in trusted and time <= revoking[0][6] for key, time in note.cosigned.items())
    return "good" if seen else "subject"


def _anchored(read: Read, part: Part, gone: set[int]) -> int:
    sizes = [
        note.statement.size
        for note in read.notes
        if note.statement.origin == part.origin
        and note.key[0] not in gone
        and part.root(note.statement.size) == note.statement.root
    ]
    return max(sizes, default=0)


def _place(
    read: Read, part: Part, said: Any, revoking: list[Any], anchored: int
) -> tuple[int, bytes | None] | None:
    if part.origin == said.origin:
        for index in sorted(part.views):
            is_card = part.views[index][0] == 4 and index < anchored
            if is_card and _card(part.field(index, 16)) in revoking:
                return index, None
        return None
    if 0 not in part.views or not anchored:
        return None
    before = part.field(0, 18)
    inc = bytes.fromhex(said.origin.split("/")[3])
    if isinstance(before, list) and len(before) == 3 and before[0] == inc:
        return before[1], before[2]
    return None


def _card(value: Any) -> Any:
    try:
        return identity.read_card(decode(value, 8) if isinstance(value, bytes) else value)
    except (RefusedError, TypeError, IndexError):
        return None
