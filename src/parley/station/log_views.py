"""What the gateway shows of the record: entries, how far they came, proofs and logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parley.station.case_views import MoveView
from parley.station.view_values import Moment, TextView, Words


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
    cannot_process: str = ""


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
    """One entry in a list.

    Attributes:
        is_read: False while the desk still reads a long record: what became of the entry (case,
            acknowledgements, answers) is not known yet.
    """

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
    is_read: bool = True


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
class AttachmentView:
    """One file of an entry.

    Attributes:
        state: `here`, `missing`, `damaged` (its parts give another digest), or `type` (it is whole
            and not what its type says).
        parts: how many it is cut into.
        parts_here: how many of these are held here.
        per_peer: how many each of the other parties holds, by its newest statement.
        resource: where its content is.
    """

    name: str
    type: str
    bytes: int
    digest: str
    state: str
    parts: int
    parts_here: int
    per_peer: Mapping[str, int]
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSummary:
    """What stands behind an entry, in one line."""

    signed: bool
    statement_no: int | None
    receipted_by: Sequence[str]
    witnessed_by: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView(EntryRow):
    """One entry whole."""

    fields: Sequence[FieldValue]
    seen: Mapping[str, int]
    acknowledgements: Sequence[AckView]
    proof_summary: ProofSummary
    moves: Sequence[MoveView]
    withheld: Sequence[str] = ()
    attachments: Sequence[AttachmentView] = ()
    cannot_process: str = ""


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
class CosignatureView:
    """What a witness signed of a log with an entry in it, at its own time."""

    by: str
    name: str
    time: Moment
    statement_no: int
    size: int
    note: str


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
    cosignature: CosignatureView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReceipt:
    """What a peer's newest statement holds of a log."""

    by: str
    size: int
    missing: Sequence[Sequence[int]]
    time: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictView:
    """Two notes of a log's author that contradict each other, or another party's log.

    Attributes:
        kind: `fork`, `rollback`, `breach`, `contradiction`, or `stolen`: told by a revoked key.
        log: in full, the origin of the log of whoever signed the first note.
        notes: both in whole, as a stranger can check them.
    """

    kind: str
    log: str
    what: str
    found_at: Moment
    notes: Sequence[str]


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
    conflicts: Sequence[ConflictView]
    receipts: Sequence[LogReceipt]
    last_statement_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAsked:
    """One peer that was asked for our log.

    Attributes:
        holds: how much of the stopped log it showed to hold.
        differs: what it gave does not lead to what our key signed: another history.
    """

    peer: str
    holds: int
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreView:
    """What came back of our own log, and what did not.

    Attributes:
        log: the log that was stopped.
        stored: entries of it that the store held before.
        brought: entries that came back, those of later incarnations included.
        size: entries of it that our signature covers, as far as is known now.
        later: later incarnations of which this store did not know.
        off_record: how many that came back are non-attributable: their text is the peer's word.
        missing: places that we signed and whose entries nobody asked could give.
        unreceipted: entries at the end of the store that nobody asked holds.
        marked: entries that a high-water mark or a witness told of; 0 for nothing told.
        gone: entries written here that are nowhere, as far as a mark or a witness tells.
        behind: how many entries of the stopped log a member lacks, as far as it told us: text and
            parts of files alike. It asks for them unless it holds nothing of that log.
    """

    channel: str
    log: str
    stored: int
    brought: int
    size: int
    later: int
    off_record: int
    missing: Sequence[Sequence[int]]
    unreceipted: int
    marked: int
    gone: int
    asked: Sequence[RestoreAsked]
    behind: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRebuilt:
    """The case index was written anew: how many rows it has, and how many were not as now."""

    rows: int
    differed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """Result of recomputing a log from its stored bytes."""

    log: str
    entries: int
    size: int
    ok: bool
    problems: Sequence[str]
