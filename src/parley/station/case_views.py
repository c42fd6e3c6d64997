"""What the gateway shows of procedures: forms, moves, cases and their registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.station.view_values import Choice, Moment, TextView, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field of a form."""

    name: str
    number: int
    type: str
    required: bool
    label: Words
    help: Words
    choices: Sequence[Choice] = ()
    default: Any = None
    unit: str | None = None
    bounds: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveView:
    """One act that a procedure knows."""

    procedure: str
    move: str
    number: int
    label: Words
    button: Words
    by: str
    opens: bool
    fields: Sequence[FieldView]
    permitted: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAt:
    """Where and when a case was opened."""

    entry: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProof:
    """What can be shown to others of a case's fate."""

    text: Words
    by: str
    statement_no: int | None
    statement_time: Moment | None
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MayMove:
    """What one party may do next in a case."""

    party: str
    moves: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case in a register.

    Attributes:
        due_at: by the clock of whoever owes the answer.
        due_from, due_to: the same as an interval of our clock, where the two clocks differ by more
            than 120 s; None where they agree or nothing is known.
    """

    number: str
    channel: str
    procedure: str
    opener: str
    addressees: Sequence[str]
    subject: Words
    state: str
    fate: str
    opened: OpenedAt
    delivered_at: Moment | None
    acknowledged_at: Moment | None
    answered_at: Moment | None
    due_at: Moment | None
    due_from: Moment | None
    due_to: Moment | None
    due_rule: str
    left_s: int | None
    clock: str
    owed_by: str | None
    us_owe: bool
    proved: bool
    proof: CaseProof | None
    reason: str | None
    precondition: str | None
    precedence: str
    mark: str
    resource: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One entry of a case."""

    entry: str
    at: Moment
    received_at: Moment | None
    party: str
    move: str
    summary: str
    texts: Sequence[TextView]
    crossed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """What a case proves and what it does not, in sentences."""

    proves: Sequence[str]
    not_proves: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One step in the reckoning of a due time."""

    label: str
    at: Moment | None
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One column of the register as it stands for a case.

    Attributes:
        column: name of the column.
        label: its words by language.
        value: what the desk has worked out, in JSON form.
    """

    column: str
    label: Words
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFacts:
    """What a case shows for one party or recipient alone."""

    party: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """How two accounts, or two languages of one text, compare in one thing.

    Attributes:
        field: `closest`, `1.distances` or `OPS/ALFA/7.dates`.
        status: agree, differ, only_one_side, not_comparable or disputed.
        by: how much they differ, `{"metres": 60}`.
        side: code of the only party or language that says it.
        values: what each party or language says, by code.
    """

    field: str
    status: str
    by: Any
    side: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageView:
    """One passage of a text that is negotiated, in our own original of it.

    Attributes:
        number: of the article; `title` for the title.
        texts: by language; parties that are listed together begin with us (the alternat).
        brackets: each with `id`, `by`, `words` and `alternatives`.
        said: by language as the record has it, before it is made our original.
        before: what stood there before the present wording, null where it is the first.
        version, by: draft of the whole text in which this wording came, and who gave it.
    """

    number: str
    status: str
    texts: Mapping[str, str]
    brackets: Sequence[Mapping[str, Any]]
    said: Mapping[str, str]
    before: Mapping[str, str] | None
    version: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView(CaseRow):
    """One case whole.

    Attributes:
        facts: what the desk has worked out, by the columns of the register.
        parties: what of it is one party's or recipient's alone.
        accounts: of each party that told of the matter, the entry that holds its account.
    """

    may_move: Sequence[MayMove]
    history: Sequence[HistoryRow]
    moves: Sequence[MoveView]
    shows: Shows
    reckoning: Sequence[Reckoning]
    notes: Sequence[str] = ()
    comparison: Sequence[ComparedRow] = ()
    passages: Sequence[PassageView] = ()
    facts: Sequence[Fact] = ()
    parties: Sequence[PartyFacts] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureView:
    """One procedure: its register, states and moves."""

    name: str
    code: str
    version: int
    prefix: str
    register: str
    label: Words
    states: Sequence[Choice]
    moves: Sequence[MoveView]
