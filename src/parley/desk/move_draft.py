"""A move about to be made, as it is given, and the entry it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parley.core.canon import Value
from parley.core.instants import Instant
from parley.desk import envelope
from parley.desk.actors import Actor
from parley.desk.catalogue import PROCEDURES
from parley.desk.facts import StepFacts
from parley.desk.fields import Json
from parley.desk.procedure import Move
from parley.desk.record import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDraft:
    """A move about to be made, as a person, form or file gives it.

    Attributes:
        move: full name, `request.open`.
        party: the author's number in the charter.
        desk: the author's desk, `OPS`.
        action, info: offices `BRAVO/OPS`; on a case, empty `action` is its other desks.
        case: the case it belongs to: place, case number or name of any entry of it.
        fields: the move's fields and the common ones, in JSON form.
        texts: its text in one or more languages; `fields["text"]` may hold it instead.
        salt: 32 random bytes for a move that seals something; a `salt` among the fields wins.
        kept: what the author kept when it sealed, for the move that opens it.
        moment: the author's time.
    """

    move: str
    party: int
    desk: str = ""
    action: Sequence[str] = ()
    info: Sequence[str] = ()
    case: Place | str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)
    texts: Sequence[envelope.TextIn] = ()
    precedence: str = "R"
    marking: str = "LIVE"
    attributable: bool = True
    salt: bytes = b""
    kept: Mapping[str, Json] = field(default_factory=dict)
    moment: Instant


def meant(move: Move, fields: Mapping[str, Json]) -> tuple[Move, Mapping[str, Json]]:
    """Return the move that somebody means by a move with these fields, and the fields for it.

    As by `readout.give` with `mode: sealed` its `commit`; any other move is meant as it stands.
    """
    instead = move.instead
    if instead is None or fields.get(instead.field) != instead.value:
        return move, fields
    other = PROCEDURES[move.procedure].move(instead.move)
    assert other is not None, "the declaration was checked"
    said = {name: value for name, value in fields.items() if name != instead.field}
    for name, there in instead.renamed.items():
        if name in said:
            value = said.pop(name)
            said.setdefault(there, value)
    return other, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What the station appends: kind, flags and fields of the entry.

    Attributes:
        kept: what stays with the author until it is opened, by field name; see `MoveDraft.kept`.
    """

    move: Move
    kind: int
    flags: int
    fields: dict[int, Value]
    kept: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """A move that is open to a party now."""

    move: Move
    by: Actor
    starts_clock: bool


class DraftStep(StepFacts):
    """A draft as a clock's condition sees it."""

    def __init__(self, fields: Mapping[str, Json]) -> None:
        self._fields = fields

    def wire(self, field: str) -> Value:  # noqa: ARG002
        """Return nothing: conditions look at what was written."""
        return None

    def json(self, field: str) -> Json:
        """Return a field as it was written."""
        return self._fields.get(field)

    def fields(self) -> dict[str, Json]:
        """Return what was written."""
        return dict(self._fields)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return no languages."""
        return ()

    @property
    def precision(self) -> str:
        """Return exact."""
        return "exact"
