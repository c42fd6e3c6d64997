"""Evidence against a signer: two notes that contradict each other, kept for good as a paper.

Neither note may be lost by a restart, and the record itself has no place for the second one: it
holds one statement a number and one root a size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from parley.core.ids import Hash, LogId, PartyId
from parley.core.instants import Instant
from parley.core.items import Fork, Note
from parley.core.statement import read_origin
from parley.errors import StoreError
from parley.station.hearsay import ProofNodes
from parley.station.papers import Fields, PaperChange, change, unpack
from parley.store.interface import Reader

FORK: Final = "fork"
ROLLBACK: Final = "rollback"
BREACH: Final = "breach"
CONTRADICTION: Final = "contradiction"
STOLEN: Final = "stolen"

FREEZING: Final = frozenset({FORK, ROLLBACK})
"""After these nothing more is taken into the log; its owner goes on in a new incarnation."""

NAMED: Final = FREEZING | {STOLEN}
"""Of these a new incarnation names both notes: who froze the log before takes no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two notes that do not go together.

    Attributes:
        kind: `fork`, `rollback`, `breach`, `contradiction`, or `stolen`: two histories or a
            rollback of which a revoked key alone tells, so that its thief may have signed them.
        log: of which log they speak; the log of whoever signed the first.
        what: what is wrong with them, in words.
        found: when, by our clock.
        notes: both, each with its text and signature lines.
        nodes: the hashes that show a fork of two sizes, where the record here does not.
    """

    kind: str
    log: LogId
    what: str
    found: Instant
    notes: tuple[Note, Note]
    nodes: ProofNodes | None = None

    @property
    def key(self) -> str:
        """Return the key of its paper: one of each kind is kept for a log, the first."""
        log = self.log
        return f"{log.channel.hex()}/{log.party.hex()}/{log.inc.hex()}/{self.kind}"

    def is_for(self, party: PartyId) -> bool:
        """Say whether a member is told of it.

        What a thief may have signed is for the log's author alone: a member that has not heard of
        the revocation yet would stop the log by it.
        """
        is_author = self.log.party == party
        return self.kind in FREEZING or (self.kind == STOLEN and is_author)

    @property
    def item(self) -> Fork:
        """Return what tells it to other members."""
        return Fork(first=self.notes[0], second=self.notes[1])

    def paper(self) -> PaperChange:
        """Return the change that keeps it."""
        notes = [{"text": note.text, "lines": list(note.lines)} for note in self.notes]
        fields: Fields = {
            "kind": self.kind,
            "origin": self.log.origin,
            "what": self.what,
            "found": self.found,
            "notes": notes,
        }
        if self.nodes is not None:
            fields["nodes"] = [[one.hex() for one in part] for part in self.nodes]
        return change("conflicts", self.key, fields)


def stored_conflicts(reader: Reader) -> Sequence[Conflict]:
    """Return every conflict kept, in the order of their keys."""
    return [_read(raw) for _, raw in reader.papers("conflicts")]


def _read(raw: bytes) -> Conflict:
    fields = unpack(raw)
    try:
        first, second = (
            Note(text=str(note["text"]), lines=tuple(map(str, note["lines"])))
            for note in fields["notes"]
        )
        return Conflict(
            kind=str(fields["kind"]),
            log=read_origin(str(fields["origin"])),
            what=str(fields["what"]),
            found=Instant(int(fields["found"])),
            notes=(first, second),
            nodes=_nodes(fields.get("nodes")),
        )
    except (KeyError, TypeError, ValueError):
        raise StoreError(
            "the evidence of a conflict in the database is not readable",
            next_step="Run `parley doctor`, and restore the database from its last backup.",
        ) from None


def _nodes(parts: object) -> ProofNodes | None:
    if not isinstance(parts, list):
        return None
    low, high = (tuple(Hash(bytes.fromhex(str(one))) for one in part) for part in parts)
    return low, high


def whole_note(note: Note) -> str:
    """Return a note as one text, as it is exported."""
    return "\n".join([note.text, *note.lines]) + "\n"


__all__ = [
    "BREACH",
    "CONTRADICTION",
    "FORK",
    "FREEZING",
    "NAMED",
    "ROLLBACK",
    "STOLEN",
    "Conflict",
    "stored_conflicts",
    "whole_note",
]
