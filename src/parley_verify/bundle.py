"""Bundles: reading all members, and checking that each is well formed and signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from parley_verify.bounds import (
    CARDS_MAX,
    CHARTERS_MAX,
    CLAIMS_MAX,
    DEPTH_BUNDLE,
    FILE_BYTES_MAX,
    LEAVES_MAX,
    NOTES_MAX,
    PARTS_MAX,
    PARTS_PER_LOG_MAX,
    TOKENS_MAX,
)
from parley_verify.card import Card, read_card
from parley_verify.cbor import Value, as_bytes, as_list, as_map, as_text, as_uint, decode, encode
from parley_verify.charter import Charter, read_charter
from parley_verify.note import Note, Origin, read_note
from parley_verify.part import Part, read_part
from parley_verify.refusal import Path, RefusedError, TooMuchError
from parley_verify.signatures import Signatures

CARDS, CHARTERS, NOTES, PARTS, TOKENS, CLAIMS = range(6)
WHAT = ("record", "delivered", "lapsed", "dark", "fork", "rollback", "extract", "answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the maker of the bundle says it shows.

    Attributes:
        what: place in `WHAT`.
        party: number of the party whose log and entry it is about.
        index: place of the entry; for a fork or rollback the smaller of the two sizes.
        inc: incarnation of that log.
        about: number of the party of whom something is claimed.
        notes: numbers of the notes it rests on.
        part: place of the log part under which it is judged; None for the likeliest.
    """

    path: Path
    what: int
    party: int
    index: int
    inc: bytes
    about: int
    notes: tuple[int, ...]
    part: int | None = None


@dataclass(slots=True, kw_only=True)
class Bundle:
    """A bundle whose form was checked; what is signed in it is checked by `Evidence`.

    Attributes:
        cards: ascending by party and number.
        charters: by channel id.
        parts_of: the log parts of each log.
        unchecked: what this verifier cannot check, in words.
    """

    cards: list[Card]
    charters: dict[bytes, Charter]
    notes: list[Note]
    parts: list[Part]
    claims: list[Claim]
    parts_of: dict[Origin, list[Part]] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)

    def cards_of(self, pid: bytes) -> list[Card]:
        """Return the cards of a party, the oldest first."""
        return [card for card in self.cards if card.pid == pid]

    def name(self, pid: bytes) -> str:
        """Return the short code of a party, or the beginning of its id."""
        cards = self.cards_of(pid)
        return cards[-1].code if cards else pid.hex()[:8]


def read_bundle(raw: bytes, signatures: Signatures) -> Bundle:
    """Return the bundle in `raw`.

    Raises:
        RefusedError: it is no bundle, or a member breaks a rule.
        TooMuchError: it holds more than a verifier must take on.
    """
    if len(raw) > FILE_BYTES_MAX:
        raise TooMuchError(f"a file of more than {FILE_BYTES_MAX} bytes")
    outer = as_list(decode(raw, depth_max=DEPTH_BUNDLE), "the file", (), least=2, most=2)
    if outer[0] != "parley1 bundle":
        raise RefusedError("a bundle does not begin with `parley1 bundle`", path=(0,))
    members = as_map(outer[1], "bundle", (1,), known=range(6))
    for key in (CARDS, CHARTERS, NOTES, PARTS, CLAIMS):
        if key not in members:
            raise RefusedError(f"bundle lacks member {key}", path=(1,))
    bundle = Bundle(
        cards=[
            read_card(value, path, signatures)
            for path, value in _members(members, CARDS, "card", CARDS_MAX, least=1)
        ],
        charters={},
        notes=[
            read_note(as_text(value, "note", path, most=2**30), path)
            for path, value in _members(members, NOTES, "note", NOTES_MAX, least=1)
        ],
        parts=[],
        claims=[],
    )
    for path, value in _members(members, CHARTERS, "charter", CHARTERS_MAX, least=1):
        charter = read_charter(value, path)
        if bundle.charters and charter.channel <= max(bundle.charters):
            raise RefusedError("charters are doubled or not ascending by channel id", path=path)
        bundle.charters[charter.channel] = charter
    leaves = 0
    for number, (path, value) in enumerate(_members(members, PARTS, "log part", PARTS_MAX)):
        part = read_part(value, number, path)
        bundle.parts.append(part)
        same = bundle.parts_of.setdefault(part.origin, [])
        same.append(part)
        if len(same) > PARTS_PER_LOG_MAX:
            raise TooMuchError(f"more than {PARTS_PER_LOG_MAX} parts of one log")
        leaves += len(part.leaves)
        if leaves > LEAVES_MAX:
            raise TooMuchError(f"more than {LEAVES_MAX} leaves")
    for path, value in _members(members, CLAIMS, "claim", CLAIMS_MAX):
        bundle.claims.append(_read_claim(value, path, bundle))
    if TOKENS in members:
        _read_tokens(members, bundle)
    _check_order(bundle)
    _check_membership(bundle)
    return bundle


def _members(
    members: dict[int, Value], key: int, what: str, most: int, *, least: int = 0
) -> list[tuple[Path, Value]]:
    values = as_list(members[key], f"{what}s", (1, key), least=least)
    if len(values) > most:
        raise TooMuchError(f"{len(values)} {what}s; this verifier takes {most}")
    return [((1, key, place), value) for place, value in enumerate(values)]


def _read_claim(value: Value, path: Path, bundle: Bundle) -> Claim:
    rows = as_list(value, "claim", path, least=6, most=6)
    numbers = as_list(rows[5], "notes of a claim", (*path, 5))
    notes = tuple(
        as_uint(number, "note number", (*path, 5, place), most=len(bundle.notes) - 1)
        for place, number in enumerate(numbers)
    )
    if any(later <= earlier for earlier, later in pairwise(notes)):
        raise RefusedError("the notes of a claim are not ascending", path=(*path, 5))
    return Claim(
        path=path,
        what=as_uint(rows[0], "kind of claim", (*path, 0), most=len(WHAT) - 1),
        party=as_uint(rows[1], "party number", (*path, 1), most=15),
        index=as_uint(rows[2], "index", (*path, 2)),
        inc=as_bytes(rows[3], "incarnation", (*path, 3), size=8),
        about=as_uint(rows[4], "number of the party it is about", (*path, 4), most=15),
        notes=notes,
    )


def _read_tokens(members: dict[int, Value], bundle: Bundle) -> None:
    seen: set[bytes] = set()
    for path, value in _members(members, TOKENS, "time token", TOKENS_MAX):
        rows = as_list(value, "time token", path, least=3, most=3)
        note = as_uint(rows[0], "note number", (*path, 0), most=len(bundle.notes) - 1)
        kind = as_uint(rows[1], "type", (*path, 1))
        as_bytes(rows[2], "token", (*path, 2))
        if encode(value) in seen:
            raise RefusedError("a time token stands twice", path=path)
        seen.add(encode(value))
        bundle.unchecked.append(
            f"time token of type {kind} for note {note}: no part of any verdict"
        )


def _check_order(bundle: Bundle) -> None:
    """One content, one file: every list in its only order, nothing twice."""
    previous: Card | None = None
    for card in bundle.cards:
        if previous is not None and (card.pid, card.sequence) <= (previous.pid, previous.sequence):
            raise RefusedError(
                "cards are doubled or not ascending by party and number", path=card.path
            )
        previous = card
    _check_ascending(
        [((str(note.origin), note.no, note.text), note.path) for note in bundle.notes],
        "notes are doubled or not ascending by origin and number",
    )
    _check_ascending(
        [
            ((str(part.origin), part.size, (part.root(part.size) or b"").hex()), part.path)
            for part in bundle.parts
        ],
        "log parts are doubled or not ascending by origin and size",
    )
    seen: set[bytes] = set()
    for claim in bundle.claims:
        rows = [claim.what, claim.party, claim.index, claim.inc, claim.about, list(claim.notes)]
        packed = encode(rows)
        if packed in seen:
            raise RefusedError("a claim stands twice", path=claim.path)
        seen.add(packed)


def _check_ascending(keys: Sequence[tuple[tuple[str, int, str], Path]], complaint: str) -> None:
    for (earlier, _), (later, path) in pairwise(keys):
        if later <= earlier:
            raise RefusedError(complaint, path=path)


def _check_membership(bundle: Bundle) -> None:
    """Every log is one of a party of a charter shown; no card and no charter is idle."""
    parties = {pid for charter in bundle.charters.values() for pid in charter.parties}
    _check_charters_named(bundle)
    for card in bundle.cards:
        if card.pid not in parties:
            raise RefusedError(f"card {card.code} belongs to no channel shown", path=card.path)
    for note in bundle.notes:
        _check_log(note.origin, note.path, bundle)
        others = [p for p in bundle.charters[note.origin.channel].parties if p != note.origin.pid]
        order = [held.origin.pid for held in note.holds]
        if order != [pid for pid in others if pid in order]:
            raise RefusedError("`holds` lines are not in the order of the charter", path=note.path)
        if not bundle.cards_of(note.origin.pid):
            raise RefusedError("no card shows the keys of this note's signer", path=note.path)
    for part in bundle.parts:
        _check_log(part.origin, part.path, bundle)


def _check_charters_named(bundle: Bundle) -> None:
    """Blame the charter, not each note, where no note names the charter shown."""
    used = {note.origin.channel for note in bundle.notes}
    for charter in bundle.charters.values():
        if charter.channel not in used:
            raise RefusedError(
                f"no note belongs to charter {charter.code}: its bytes give the channel id "
                f"{charter.channel.hex()}, the notes name {min(used).hex()}",
                path=charter.path,
            )


def _check_log(origin: Origin, path: Path, bundle: Bundle) -> None:
    charter = bundle.charters.get(origin.channel)
    if charter is None:
        raise RefusedError(f"no charter shown has the id {origin.channel.hex()}", path=path)
    if origin.pid not in charter.parties:
        raise RefusedError(f"{origin.pid.hex()} is no party of {charter.code}", path=path)
