"""What a revocation leaves of a note, from spec/identity.md, "When a key counts"."""

from __future__ import annotations

from typing import Any

from independent import identity
from independent.bundles import Note, Read
from independent.logs import Part
from independent.values import RefusedError, decode


def at_hand(read: Read, pid: bytes) -> list[dict[int, Any]]:
    """The cards of a party by number: those shown, and those in its own entries."""
    entered = [card for card, part, _ in _entered(read) if _owner(part) == pid]
    return sorted([*read.cards[pid], *entered], key=lambda card: card[0])


def take_newest(read: Read) -> None:
    """Window and revocation of a note's key are those of the newest card that carries it."""
    for note in read.notes:
        for card in at_hand(read, note.statement.pid):
            for key in card[5]:
                if key[0] == note.key[0]:
                    note.key, note.last_day = key, card[7]


def standing(read: Read, note: Note, trusted: set[bytes]) -> str:
    """Whether a note is `good`, `subject` to revocation, or `worthless`."""
    said, number = note.statement, note.key[0]
    if len(note.key) < 6:
        return "good"
    places: list[tuple[int, list[tuple[int, bytes]]]] = []
    for card, part, index in _entered(read):
        above = [head for head in _anchors(read, part) if head[0] > index]
        if part.origin == said.origin and _revokes(card, number) and above:
            places.append((index, above))
    for part in read.parts:
        same_party = part.origin.split("/")[1:3] == said.origin.split("/")[1:3]
        if same_party and part.origin != said.origin and _anchors(read, part):
            places += [(size, [(size, root)]) for size, root in _before(part, said)]
    if places:
        first = min(size for size, _ in places)
        if said.size > first:
            return "worthless"
        after = [head for size, heads in places if size == first for head in heads]
        own = [each for each in read.parts if each.origin == said.origin]
        if (said.size, said.root) in after or any(
            each.root(said.size) == said.root
            and any(each.root(size) == root for size, root in after)
            for each in own
        ):
            return "good"
    issued = min(card[6] for card in at_hand(read, said.pid) if _revokes(card, number))
    seen = any(key in trusted and 0 < time <= issued for key, time in note.cosigned.items())
    return "good" if seen else "subject"


def _revokes(card: dict[int, Any], number: int) -> bool:
    return any(key[0] == number and len(key) == 6 for key in card[5])


def _owner(part: Part) -> bytes:
    return bytes.fromhex(part.origin.split("/")[2])


def _entered(read: Read) -> list[tuple[dict[int, Any], Part, int]]:
    """The cards in opened `card` entries of their own party."""
    found = []
    for part in read.parts:
        for index, view in part.views.items():
            value = part.field(index, 16) if view[0] == 4 else None
            card = _card(value) if value is not None and value is not ... else None
            known = read.cards.get(_owner(part))
            if card is not None and known and (card[3], card[4]) == (known[0][3], known[0][4]):
                found.append((card, part, index))
    return found


def _anchors(read: Read, part: Part) -> list[tuple[int, bytes]]:
    """Size and root of each statement over a part under a key that is not revoked."""
    return [
        (note.statement.size, note.statement.root)
        for note in read.notes
        if note.statement.origin == part.origin
        and len(note.key) < 6
        and part.root(note.statement.size) == note.statement.root
    ]


def _before(part: Part, said: Any) -> list[tuple[int, bytes]]:
    """What an opening entry names of the log of a statement."""
    before = part.field(0, 18) if 0 in part.views and part.views[0][0] == 0 else None
    inc = bytes.fromhex(said.origin.split("/")[3])
    if isinstance(before, list) and len(before) == 3 and before[0] == inc:
        return [(before[1], before[2])]
    return []


def _card(value: Any) -> Any:
    try:
        return identity.read_card(decode(value, 8) if isinstance(value, bytes) else value)
    except (RefusedError, TypeError, IndexError):
        return None
