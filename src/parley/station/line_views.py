"""What the gateway shows of the station, its lines, its channels and what they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parley.station.case_views import MoveView
from parley.station.log_views import LogView
from parley.station.view_values import Moment, TextView, Words


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
class PathView:
    """One way to a peer.

    Attributes:
        pad_bytes: length of every frame that we send on it, None where it is not padded.
        turn_s: seconds from one of these to the next.
        bytes_a_day: what we send on it in a day, whatever is said.
        peer_pads: all frames that came on it have one length; None before any came, and where
            it is not padded.
    """

    address: str
    carrier: str
    up: bool
    rate_bps: int | None
    cost: int
    pad_bytes: int | None = None
    turn_s: float | None = None
    bytes_a_day: int | None = None
    peer_pads: bool | None = None


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
class WitnessLamp:
    """How many of our entries a witness's newest cosignatures cover, of how many; and when."""

    size: int
    of: int
    at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line on the overview: is the machine alive, did a person answer.

    `line` is alive, slow, silent, never, stopped, or `witness`: then `witness` says how far it has
    cosigned, and no person answers there.
    """

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
    witness: WitnessLamp | None = None


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
class AskedCount:
    """How often one party asked another in a procedure, and what became of it."""

    asker: str
    asked: str
    n: int
    answered: int
    lapsed: int
    proved: int
    open: int


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
    """The three questions in one answer; `needs` are the most pressing of `needs_count`."""

    station: StationView
    now: Moment
    lines: Sequence[LineRow]
    needs: Sequence[NeedRow]
    needs_count: int
    needs_oldest: Moment | None
    balances: Sequence[Balance]
    drafts_held: int
    drafts_oldest: Moment | None
    record: Sequence[RecordRow]
    last_24h: Sequence[Tick]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyState:
    """What one party declares of a channel."""

    party: str
    declared: str
    since: Moment | None
    entry: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessView:
    """A witness that a charter names.

    Attributes:
        code: its code, or its C2SP name where that has another form.
        asked: it is a peer trusted here, so that statements are submitted to it.
    """

    code: str
    name: str
    key: str
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """An agreed line, declared and observed side by side.

    Attributes:
        ends_at: as all parties have renewed it, else by its charter; None where no end is agreed.
        renew_from, renew_until: between these it is to be renewed: 30 days about its end.
        stopped: code of why nothing is written into our log on it, None while it is.
        entries_per_day, bytes_per_day, flash_per_hour: what the charter lets each party write; None
            is no bound.
    """

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
    witnesses: Sequence[WitnessView] = ()
    stopped: str | None = None
    renew_from: Moment | None = None
    renew_until: Moment | None = None
    entries_per_day: int | None = None
    bytes_per_day: int | None = None
    flash_per_hour: int | None = None
