"""What the signatures of a bundle carry: which notes count, and for or against whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from parley_verify.bundle import Bundle
from parley_verify.card import Card, StationKey
from parley_verify.charter import Witness
from parley_verify.note import Held, Note, Origin, SignatureLine
from parley_verify.part import Leaf, Part
from parley_verify.signatures import Signatures
from parley_verify.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A witness's signature over a whole text, at its own time."""

    witness: Witness
    time: int
    is_trusted: bool


@dataclass(slots=True, kw_only=True)
class Signed:
    """A note whose signature lines were checked.

    Attributes:
        number: its place in the bundle.
        key: the station key; None where no line could be checked (a seal without a library).
        in_window: whether its own time lies in the key's window.
        standing: `good`, `subject` to revocation, or `worthless` (signed after it).
        checked: name and key id of the station lines that were found to verify.
    """

    note: Note
    number: int
    key: StationKey | None
    in_window: bool
    is_trusted: bool
    is_sealed: bool
    cosignatures: list[Cosignature]
    standing: str = "good"
    checked: set[tuple[str, bytes]] = field(default_factory=set)

    @property
    def counts_against(self) -> bool:
        """Say whether it may be used against its signer."""
        return self.is_trusted and self.key is not None and self.standing != "worthless"


@dataclass(slots=True, kw_only=True)
class Evidence:
    """A bundle with all its signatures and log parts checked.

    Attributes:
        broken: logs with two histories or a rollback, and what shows it.
        findings: what is odd, in words; never helps the one who did it.
        entry_cards: cards that stand in the party's own entries, with log part and index.
    """

    bundle: Bundle
    trust: Trust
    signatures: Signatures
    notes: list[Signed] = field(default_factory=list)
    broken: dict[Origin, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    entry_cards: list[tuple[Card, Part, int]] = field(default_factory=list)
    _opened: dict[tuple[Origin, bytes], frozenset[int]] = field(default_factory=dict)

    def cards_at_hand(self, pid: bytes) -> list[Card]:
        """Return the cards of a party by number: those shown, and those in its own entries."""
        entered = [card for card, part, _ in self.entry_cards if part.origin.pid == pid]
        return sorted((*self.bundle.cards_of(pid), *entered), key=lambda card: card.sequence)

    def of(self, channel: bytes, pid: bytes) -> list[Signed]:
        """Return the notes of a party on a channel that count against it, in its own order."""
        found = [
            signed
            for signed in self.notes
            if signed.note.origin.channel == channel
            and signed.note.origin.pid == pid
            and signed.counts_against
        ]
        return sorted(found, key=lambda s: (s.note.origin, s.note.no, s.note.size, s.number))

    def parts(self, origin: Origin) -> list[Part]:
        """Return the log parts of a log."""
        return self.bundle.parts_of.get(origin, [])

    def opened(self, origin: Origin, leaf: Leaf) -> frozenset[int]:
        """Return the fields of an entry that some log part opens: two extracts make one."""
        if not self._opened:
            for part in self.bundle.parts:
                for one in part.leaves.values():
                    place = part.origin, one.hash
                    known = self._opened.get(place, frozenset())
                    self._opened[place] = known.union(one.opened)
        return self._opened.get((origin, leaf.hash), frozenset())

    def favours(self, signed: Signed) -> bool:
        """Say whether a note may also be used in favour of its signer."""
        return (
            signed.counts_against
            and signed.in_window
            and signed.standing == "good"
            and signed.note.origin not in self.broken
        )

    def name(self, pid: bytes) -> str:
        """Return the short code of a party."""
        return self.bundle.name(pid)


def newest_key(cards: list[Card], number: int) -> tuple[Card, StationKey] | None:
    """Return the newest card that carries station key `number`, and the key."""
    for card in reversed(cards):
        key = card.key(number)
        if key is not None:
            return card, key
    return None


def check_cosignature(
    line: SignatureLine, witness: Witness, text: str, signatures: Signatures
) -> int | None:
    """Return the time of a C2SP Ed25519 v1 cosignature over `text`; None if it does not verify."""
    if len(line.signature) != 72:
        return None
    time = int.from_bytes(line.signature[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return time if signatures.ed25519(witness.key, line.signature[8:], message) else None


def is_bound(origin: Origin, evidence: Evidence) -> bool:
    """Say whether the bundle opens charter hash and incarnation in entry 0 of this log."""
    return any(
        part.leaves[0].kind == 0 and {16, 17} <= set(part.leaves[0].opened)
        for part in evidence.parts(origin)
        if 0 in part.leaves
    )


def conflicts(one: Signed, two: Signed, evidence: Evidence) -> list[str]:
    """Return what two notes of one log show of it: `fork`, `rollback`, both, or nothing."""
    a, b = one.note, two.note
    if a.size == b.size:
        return ["fork"] if a.root != b.root else []
    small, large = (a, b) if a.size < b.size else (b, a)
    found: list[str] = []
    for part in evidence.parts(a.origin):
        if part.root(large.size) == large.root and part.root(small.size) not in (None, small.root):
            found.append("fork")
            break
    if small.no > large.no or small.time > large.time:
        found.append("rollback")
    return found


def agree(one: Signed, two: Signed, evidence: Evidence) -> bool:
    """Say whether two notes of one log are shown to be one history."""
    a, b = one.note, two.note
    if a.size == b.size:
        return a.root == b.root
    return any(
        part.root(a.size) == a.root and part.root(b.size) == b.root
        for part in evidence.parts(a.origin)
    )


def earliest_bound(signed: Signed) -> tuple[int, bool] | None:
    """Return the earliest time a witness gives to a note, and whether the reader trusts it.

    A trusted witness goes before one that is only named in the charter.
    """
    ranked = sorted(signed.cosignatures, key=lambda c: (not c.is_trusted, c.time))
    return (ranked[0].time, ranked[0].is_trusted) if ranked else None


def holds_entry(signed: Signed, origin: Origin, index: int) -> Held | None:
    """Return the `holds` line by which a note holds one entry, None if it does not."""
    held = signed.note.held(origin.pid)
    return held if held is not None and held.origin == origin and held.has(index) else None


def label(leaf: Leaf, origin: Origin, evidence: Evidence) -> str:
    """Return how an entry is called in a verdict."""
    return f"{evidence.name(origin.pid)}/{leaf.index}"
