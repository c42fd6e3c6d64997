"""Bundles: entries with proofs that anyone can verify without a station (spec: `bundle.md`).

One content has one file: every list has its only order. What is withheld stays behind a salted
commitment; what is shown still leads to a root that somebody signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from parley.core import canon, limits
from parley.core.canon import Value
from parley.core.card import Card, decode_card
from parley.core.charter import Charter, decode_charter
from parley.core.entry import F_HIDE, Entry, blind, commitments, opening_hide, salt
from parley.core.ids import Hash, Incarnation, LogId
from parley.core.merkle import Tree, cover
from parley.core.statement import parse_text, read_origin, split_note
from parley.errors import MalformedError, UsageError

_MAGIC = "parley1 bundle"
_CARDS, _CHARTERS, _NOTES, _PARTS, _TOKENS, _CLAIMS = range(6)
RECORD, DELIVERED, LAPSED, DARK, FORK, ROLLBACK, EXTRACT, ANSWERED = range(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafView:
    """One entry as shown: header, commitments, and the fields that are opened.

    Attributes:
        seen: as encoded: one number between two parties, else a list.
        commitments: by field number; of a non-attributable entry 16 bytes that stand for them.
        opened: (16-byte salt, value) of each field shown.
    """

    kind: int
    time: int
    flags: int
    seen: Value
    commitments: Mapping[int, bytes] | bytes
    opened: Mapping[int, tuple[bytes, Value]] = field(default_factory=dict)

    @property
    def leaf(self) -> Hash:
        """Return the leaf hash that the view leads to."""
        preimage = canon.encode([self.kind, self.time, self.flags, self.seen, self.commitments])
        return Hash(sha256(b"\x00" + preimage).digest())

    def value(self) -> Value:
        """Return the wire form."""
        opened = {number: list(pair) for number, pair in self.opened.items()}
        return [self.kind, self.time, self.flags, self.seen, self.commitments, opened]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """Leaves and full subtrees that together partition the first `size` places of a log."""

    log: LogId
    size: int
    leaves: Mapping[int, LeafView]
    nodes: Mapping[tuple[int, int], bytes]

    def tree(self) -> Tree:
        """Return the tree that leaves and nodes give."""
        tree = Tree()
        for (level, pos), value in self.nodes.items():
            tree.learn(level, pos, value)
        for index, view in sorted(self.leaves.items()):
            tree.learn(0, index, view.leaf)
        return tree

    def value(self) -> Value:
        """Return the wire form: leaves by index, nodes by the place where they begin."""
        begin = sorted(self.nodes, key=lambda node: node[1] << node[0])
        return [
            self.log.origin,
            self.size,
            [[index, self.leaves[index].value()] for index in sorted(self.leaves)],
            [[level, pos, self.nodes[level, pos]] for level, pos in begin],
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleClaim:
    """What the maker says the bundle shows.

    Attributes:
        what: `RECORD` to `ANSWERED`.
        party: number of the party whose log it is about.
        index: place of the entry; the smaller size for a fork or rollback.
        about: number of the party of whom something is claimed.
        notes: the notes it rests on, as they stand in the bundle.
    """

    what: int
    party: int
    index: int
    inc: Incarnation
    about: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle's members; `encode` brings them into their only order."""

    cards: Sequence[Card]
    charters: Sequence[Charter]
    notes: Sequence[str]
    parts: Sequence[LogPart]
    claims: Sequence[BundleClaim]
    tokens: Sequence[tuple[str, int, bytes]] = ()

    def encode(self) -> bytes:
        """Return the only file of this content.

        Raises:
            UsageError: more than every verifier must take on.
        """
        self._check_bounds()
        notes = sorted(dict.fromkeys(self.notes), key=_note_key)
        number = {note: place for place, note in enumerate(notes)}
        body: dict[int, Value] = {
            _CARDS: [
                canon.decode(card.raw)
                for card in sorted(self.cards, key=lambda card: (card.party, card.sequence))
            ],
            _CHARTERS: [
                canon.decode(charter.encode())
                for charter in sorted(self.charters, key=lambda charter: charter.channel_id)
            ],
            _NOTES: notes,
            _PARTS: [part.value() for part in sorted(self.parts, key=_part_key)],
            _CLAIMS: [_claim_value(claim, number) for claim in self.claims],
        }
        if self.tokens:
            rows = sorted((number[note], kind, token) for note, kind, token in self.tokens)
            body[_TOKENS] = [list(row) for row in rows]
        raw = canon.encode([_MAGIC, body])
        if len(raw) > limits.BUNDLE_BYTES_MAX:
            raise UsageError(
                f"a bundle of {len(raw)} bytes; verifiers take {limits.BUNDLE_BYTES_MAX}",
                next_step="Export fewer entries at a time, or withhold their files.",
            )
        return raw

    def _check_bounds(self) -> None:
        leaves = sum(len(part.leaves) for part in self.parts)
        for count, most, what in (
            (len(self.cards), limits.BUNDLE_CARDS_MAX, "cards"),
            (len(set(self.notes)), limits.BUNDLE_NOTES_MAX, "statements"),
            (leaves, limits.BUNDLE_LEAVES_MAX, "entries"),
        ):
            if count > most:
                raise UsageError(
                    f"a bundle of {count} {what}; verifiers take {most}",
                    next_step="Export fewer entries at a time.",
                )


def _note_key(note: str) -> tuple[str, int, str]:
    text, _ = split_note(note)
    statement = parse_text(text)
    return statement.log.origin, statement.no, text


def _part_key(part: LogPart) -> tuple[str, int, str]:
    root = part.tree().root_at(part.size) or b""
    return part.log.origin, part.size, root.hex()


def _claim_value(claim: BundleClaim, number: Mapping[str, int]) -> Value:
    notes: list[Value] = [*sorted({number[note] for note in claim.notes})]
    return [claim.what, claim.party, claim.index, claim.inc, claim.about, notes]


def view_entry(
    entry: Entry, *, hide: bytes, index: int, inc: bytes, opened: Collection[int]
) -> LeafView:
    """Return the view of an entry with these of its fields opened; field 0 never is.

    Args:
        entry: the entry.
        hide: the log's 32-byte secret.
        index: place in the log.
        inc: 8-byte incarnation.
        opened: numbers of the fields to show; those that it has not are passed over.
    """
    seen: Value = entry.seen[0] if len(entry.seen) == 1 else list(entry.seen)
    key = opening_hide(inc, entry.fields.get(F_HIDE)) if index == 0 else hide
    if not entry.is_attributable:
        return LeafView(
            kind=entry.kind,
            time=entry.time,
            flags=entry.flags,
            seen=seen,
            commitments=blind(key, index),
        )
    shown = {
        number: (salt(key, index, number), entry.fields[number])
        for number in sorted(entry.fields)
        if number in opened and number != F_HIDE
    }
    committed: dict[int, bytes] = {}
    for number, value in commitments(entry, hide=hide, index=index, inc=inc).items():
        assert isinstance(value, bytes)
        committed[number] = value
    return LeafView(
        kind=entry.kind,
        time=entry.time,
        flags=entry.flags,
        seen=seen,
        commitments=committed,
        opened=shown,
    )


def make_part(
    log: LogId, size: int, tree: Tree, views: Mapping[int, LeafView], cuts: Iterable[int] = ()
) -> LogPart:
    """Return the part that shows `views` and gives the roots at `size` and at every cut.

    Raises:
        ProofShapeError: a subtree that it needs is not known.
    """
    ends = sorted({size, *(cut for cut in cuts if cut < size), *views, *(at + 1 for at in views)})
    nodes: dict[tuple[int, int], bytes] = {}
    first = 0
    for end in ends:
        if first < end and first not in views:
            hashes = tree.nodes_covering(first, end)
            nodes.update(zip(cover(first, end), hashes, strict=True))
        first = end
    return LogPart(log=log, size=size, leaves=dict(views), nodes=nodes)


def decode_bundle(raw: bytes) -> Bundle:
    """Return the members of a bundle whose form is right; statements' signatures stay unchecked.

    Raises:
        MalformedError: not a bundle in its only form.
        SignatureError: a card in it does not verify.
    """
    if len(raw) > limits.BUNDLE_BYTES_MAX:
        raise MalformedError(f"bundle of more than {limits.BUNDLE_BYTES_MAX} bytes")
    value = canon.decode(raw, depth_max=limits.DEPTH_BUNDLE)
    outer = canon.expect_list(value, "bundle", least=2, most=2)
    if outer[0] != _MAGIC:
        raise MalformedError("this is not a Parley bundle")
    body = canon.expect_map(outer[1], "bundle")
    if set(body) - {_TOKENS} != {_CARDS, _CHARTERS, _NOTES, _PARTS, _CLAIMS}:
        raise MalformedError("a bundle has members 0 to 5, of which 4 may be absent")
    notes = [
        canon.expect_text(note, "note", most=limits.BUNDLE_BYTES_MAX)
        for note in _members(body, _NOTES, "notes", limits.BUNDLE_NOTES_MAX, least=1)
    ]
    bundle = Bundle(
        cards=[
            decode_card(canon.encode(card))
            for card in _members(body, _CARDS, "cards", limits.BUNDLE_CARDS_MAX, least=1)
        ],
        charters=[
            decode_charter(canon.encode(charter))
            for charter in _members(body, _CHARTERS, "charters", 64, least=1)
        ],
        notes=notes,
        parts=[_read_part(part) for part in _members(body, _PARTS, "log parts", 1_024)],
        claims=[_read_claim(claim, notes) for claim in _members(body, _CLAIMS, "claims", 1_024)],
        tokens=[_read_token(token, notes) for token in _members(body, _TOKENS, "tokens", 1_024)],
    )
    try:
        again = bundle.encode()
    except UsageError as problem:
        raise MalformedError(str(problem)) from None
    if again != raw:
        raise MalformedError("members of the bundle are doubled or not in their order")
    return bundle


def _members(
    body: Mapping[int, Value], key: int, what: str, most: int, *, least: int = 0
) -> list[Value]:
    return canon.expect_list(body.get(key, []), what, least=least, most=most)


def _read_claim(value: Value, notes: Sequence[str]) -> BundleClaim:
    rows = canon.expect_list(value, "claim", least=6, most=6)
    return BundleClaim(
        what=canon.expect_uint(rows[0], "kind of claim", most=ANSWERED),
        party=canon.expect_uint(rows[1], "party number", most=limits.PARTIES_MAX - 1),
        index=canon.expect_uint(rows[2], "index"),
        inc=Incarnation(canon.expect_bytes(rows[3], "incarnation", size=8)),
        about=canon.expect_uint(rows[4], "party number", most=limits.PARTIES_MAX - 1),
        notes=tuple(
            notes[canon.expect_uint(number, "note number", most=len(notes) - 1)]
            for number in canon.expect_list(rows[5], "notes of a claim", most=len(notes))
        ),
    )


def _read_token(value: Value, notes: Sequence[str]) -> tuple[str, int, bytes]:
    rows = canon.expect_list(value, "time token", least=3, most=3)
    note = notes[canon.expect_uint(rows[0], "note number", most=len(notes) - 1)]
    return note, canon.expect_uint(rows[1], "type"), canon.expect_bytes(rows[2], "token")


def _read_part(value: Value) -> LogPart:
    rows = canon.expect_list(value, "log part", least=4, most=4)
    log = read_origin(canon.expect_text(rows[0], "origin"))
    size = canon.expect_uint(rows[1], "size")
    leaves: dict[int, LeafView] = {}
    for row in canon.expect_list(rows[2], "leaves", most=limits.BUNDLE_LEAVES_MAX):
        pair = canon.expect_list(row, "leaf", least=2, most=2)
        index = canon.expect_uint(pair[0], "index")
        leaves[index] = _read_view(pair[1])
    nodes: dict[tuple[int, int], bytes] = {}
    for row in canon.expect_list(rows[3], "nodes", most=limits.BUNDLE_LEAVES_MAX):
        triple = canon.expect_list(row, "node", least=3, most=3)
        level = canon.expect_uint(triple[0], "level", most=52)
        pos = canon.expect_uint(triple[1], "position")
        nodes[level, pos] = canon.expect_bytes(triple[2], "hash", size=32)
    spans = [(index, index + 1) for index in leaves]
    spans += [(pos << level, (pos + 1) << level) for level, pos in nodes]
    at = 0
    for first, end in sorted(spans):
        if first != at:
            raise MalformedError("leaves and nodes of a log part are no exact partition")
        at = end
    if at != size or size < 1:
        raise MalformedError("leaves and nodes of a log part do not end at its size")
    return LogPart(log=log, size=size, leaves=leaves, nodes=nodes)


def _read_view(value: Value) -> LeafView:
    rows = canon.expect_list(value, "leaf-view", least=6, most=6)
    committed: dict[int, bytes] | bytes
    if isinstance(rows[4], bytes):
        committed = canon.expect_bytes(rows[4], "blind", size=16)
    else:
        committed = {
            number: canon.expect_bytes(one, "commitment", size=32)
            for number, one in canon.expect_map(rows[4], "commitments").items()
        }
    opened: dict[int, tuple[bytes, Value]] = {}
    for number, row in canon.expect_map(rows[5], "opened fields").items():
        pair = canon.expect_list(row, "opened field", least=2, most=2)
        key = canon.expect_bytes(pair[0], "salt", size=16)
        digest = sha256(b"parley1 field\0" + key + canon.encode([number, pair[1]])).digest()
        if number == F_HIDE or isinstance(committed, bytes) or committed.get(number) != digest:
            raise MalformedError(f"opened field {number} does not fit its commitment")
        opened[number] = (key, pair[1])
    return LeafView(
        kind=canon.expect_uint(rows[0], "kind", most=2**64 - 1),
        time=canon.expect_uint(rows[1], "time", most=2**64 - 1),
        flags=canon.expect_uint(rows[2], "flags", most=2**64 - 1),
        seen=rows[3],
        commitments=committed,
        opened=opened,
    )


__all__ = [
    "ANSWERED",
    "DARK",
    "DELIVERED",
    "EXTRACT",
    "FORK",
    "LAPSED",
    "RECORD",
    "ROLLBACK",
    "Bundle",
    "BundleClaim",
    "LeafView",
    "LogPart",
    "decode_bundle",
    "make_part",
    "view_entry",
]
