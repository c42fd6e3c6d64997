"""What the gateway shows: frozen records, the same for console, command line and API.

In Python a time is an `Instant` in whole seconds; `to_json` writes RFC 3339. Absent is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from pydantic import PlainSerializer, TypeAdapter, WithJsonSchema

from parley.core.instants import Instant, rfc3339

Moment: TypeAlias = Annotated[
    Instant,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant that is written as RFC 3339 in JSON."""

Words: TypeAlias = Mapping[str, str]
"""One text by language."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Part of a list; `next_cursor` is None at its end."""

    items: Sequence[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationView:
    """This station; `party` is its id in hex."""

    code: str
    name: str
    party: str
    mark: str
    version: str
    words: Mapping[str, Sequence[str]]
    release_policy: str
    languages: Sequence[str]
    started_at: Moment
    sequence: int
    epoch: str
    directory: str
    listen: Sequence[str]
    officers_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A character that a reader must be shown by its number."""

    position: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """One text of an entry, exactly as sent; `hidden` names what could mislead."""

    lang: str
    status: str
    text: str
    hidden: Sequence[Hidden] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathView:
    """One way to a peer."""

    address: str
    carrier: str
    up: bool
    rate_bps: int | None
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """Everything between this station and one peer."""

    peer: str
    trusted: bool
    alive: bool
    last_heard: Moment | None
    round_trip_ms: float | None
    clock_offset_s: int | None
    key_state: str
    paths: Sequence[PathView]
    queued: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredState:
    """What each side declares of a channel."""

    channel: str
    ours: str
    theirs: str
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLamp:
    """When a person last answered on the line."""

    state: str
    at: Moment | None
    entry: str | None
    misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line on the overview: is the machine alive, did a person answer."""

    peer: str
    name: str
    key_state: str
    trusted: bool
    line: str
    since: Moment | None
    last_heard: Moment | None
    silent_s: int | None
    round_trip_ms: float | None
    clock_offset_s: int | None
    declared: Sequence[DeclaredState]
    person: PersonLamp
    queued: Mapping[str, int]
    paths: Sequence[PathView]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """Something that needs an act by someone here."""

    id: str
    kind: str
    precedence: str | None
    peer: str | None
    channel: str | None
    title: str
    subject: Words
    since: Moment
    due_at: Moment | None = None
    left_s: int | None = None
    entry: str | None = None
    case: str | None = None
    draft: str | None = None
    claimed_by: str | None = None
    claimed_at: Moment | None = None
    resource: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow(NeedRow):
    """A need with the words it is about."""

    texts: Sequence[TextView] = ()
    received_at: Moment | None = None
    claimed_at_by_sender: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What one side owes the other."""

    owed: int = 0
    asked: int = 0
    lapsed: int = 0
    proved: int = 0
    dark: int = 0
    late: int = 0
    oldest_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Who owes whom, between us and one peer."""

    peer: str
    they_owe: Owed
    we_owe: Owed


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """How far both sides hold the same record of a channel."""

    channel: str
    peer: str
    own_size: int
    their_receipt_size: int
    their_size: int
    our_held_size: int
    agrees: bool
    statement_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something that happened in the last day."""

    at: Moment
    kind: str
    peer: str | None
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The three questions in one answer."""

    station: StationView
    now: Moment
    lines: Sequence[LineRow]
    needs: Sequence[NeedRow]
    balances: Sequence[Balance]
    drafts_held: int
    drafts_oldest: Moment | None
    record: Sequence[RecordRow]
    last_24h: Sequence[Tick]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The three times of an entry, in seconds apart where they differ."""

    claimed_at: Moment
    received_at: Moment
    witnessed_at: Moment | None
    differs_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStep:
    """One step of an own entry's way."""

    step: str
    at: Moment
    by: str
    entry: str | None = None
    statement_no: int | None = None
    text: str | None = None

    @property
    def state(self) -> str:
        """Return the step under the name that pages use."""
        return self.step


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerDelivery:
    """Where an own entry stands with one peer; the claimed time is by the peer's clock."""

    delivered_at: Moment | None
    delivered_claimed: Moment | None
    missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far an own entry has come."""

    state: str
    reached: bool
    stored_at: Moment
    steps: Sequence[DeliveryStep]
    per_peer: Mapping[str, PeerDelivery]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry in a list."""

    name: str
    channel: str
    party: str
    index: int
    ordinal: int
    own: bool
    kind: int
    procedure: str
    move: str
    precedence: str
    mark: str
    attributable: bool
    subject: Words
    texts: Sequence[TextView]
    case: str | None
    refs: Sequence[str]
    action: Sequence[str]
    info: Sequence[str]
    times: Times
    delivery: Delivery | None
    hash: str
    sequence: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """One field of an entry as sent, and how it reads."""

    number: int
    name: str
    label: Words
    value: Any
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AckView:
    """One person's acknowledgement."""

    desk: str
    level: str
    at: Moment
    entry: str
    by: str
    unit: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSummary:
    """What stands behind an entry, in one line."""

    signed: bool
    statement_no: int | None
    receipted_by: Sequence[str]
    witnessed_by: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the words a field may hold."""

    value: str
    label: Words


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
class EntryView(EntryRow):
    """One entry whole."""

    fields: Sequence[FieldValue]
    seen: Mapping[str, int]
    acknowledgements: Sequence[AckView]
    proof_summary: ProofSummary
    moves: Sequence[MoveView]
    withheld: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogName:
    """A log: its C2SP origin and the parts of it."""

    origin: str
    channel: str
    party: str
    inc: str
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """A signed statement; `verified` says that its signature was checked just now."""

    text: str
    note: str
    no: int
    time: Moment
    size: int
    root: str
    key_number: int
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """A peer's statement that holds an entry."""

    by: str
    no: int
    time: Moment
    received_at: Moment
    size: int
    note: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """Why an entry must be believed: leaf, path, root, signature, receipts."""

    entry: str
    leaf: str
    log: LogName
    index: int
    statement: StatementView | None
    inclusion: Sequence[str]
    receipts: Sequence[ReceiptView]
    words: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReceipt:
    """What a peer's newest statement holds of a log."""

    by: str
    size: int
    missing: Sequence[Sequence[int]]
    time: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """One party's log on a channel."""

    name: str
    channel: str
    party: str
    ordinal: int
    inc: str
    size: int
    signed_size: int
    missing: Sequence[Sequence[int]]
    frozen: bool
    receipts: Sequence[LogReceipt]
    last_statement_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """Result of recomputing a log from its stored bytes."""

    log: str
    entries: int
    size: int
    ok: bool
    problems: Sequence[str]


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
    """One case in a register."""

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
    may_move: Sequence[MayMove]
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
class CaseView(CaseRow):
    """One case whole."""

    history: Sequence[HistoryRow]
    moves: Sequence[MoveView]
    shows: Shows
    reckoning: Sequence[Reckoning]
    notes: Sequence[str] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyState:
    """What one party declares of a channel."""

    party: str
    declared: str
    since: Moment | None
    entry: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """An agreed line, declared and observed side by side."""

    code: str
    id: str
    parties: Sequence[str]
    ours: str
    purpose: str
    basis: str
    proposed_at: Moment
    ends_at: Moment | None
    heartbeat_s: int | None
    number: int
    opened: bool
    proposed_by_us: bool
    state: str
    parties_state: Sequence[PartyState]
    observed: str
    observed_since: Moment | None
    logs: Sequence[LogView]
    may_move: Sequence[MoveView]
    mark: str


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(view: Any) -> Any:
    """Return a view, or a list of views, as JSON values."""
    if isinstance(view, list | tuple):
        return [to_json(member) for member in view]
    if isinstance(view, Page):
        return {"items": to_json(list(view.items)), "next_cursor": view.next_cursor}
    kind: Any = type(view)
    return _adapter(kind).dump_python(view, mode="json")
