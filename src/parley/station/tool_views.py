"""What the gateway shows of calendar and feeds, glossary, timeline and watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.station.day_views import DueRule, StandRow
from parley.station.desk_views import Submitted
from parley.station.log_views import EntryRow
from parley.station.view_values import Moment, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One thing that is due.

    Attributes:
        kind: `clock`, `date` (named in a case), `yearly`, `ending` (of a channel) or `card`.
        at, until: when; a whole day of UTC where `is_day`.
        state: `overdue`, `now`, `near`, `soon`, `ahead`, or `met` by all it is due from.
        warned_from: when the first warning comes; None where there is none.
        owed: a rule sets it; else it is only asked for or announced.
        left_s: seconds until then, negative once it is past.
        source, sure: what sets it, and how sure that is where a profile does.
        standing: each party towards a day of every year; empty where no rule says what meets it.
        rule: that rule.
    """

    uid: str
    kind: str
    what: Words
    subject: Words
    at: Moment
    until: Moment | None
    is_day: bool
    state: str
    warned_from: Moment | None
    left_s: int
    channel: str | None
    mark: str
    case: str | None
    procedure: str | None
    owed_by: str | None
    us_owe: bool
    owed: bool
    source: str
    sure: str | None
    resource: str | None
    standing: Sequence[StandRow] = ()
    rule: DueRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """An address at which a calendar program reads what is due; the secret in it is not kept."""

    id: str
    officer: str
    label: str
    language: str
    made_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMade:
    """A feed with its address, shown once.

    Attributes:
        path: at the API's network address. console_path: at the console's.
    """

    feed: FeedView
    secret: str
    path: str
    console_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermView:
    """One term of the glossary.

    Attributes:
        standing: `agreed` (all have signed the joint text), `initialled`, `proposed`, or `ours`.
        avoid: variants not to use, per language.
        parties, channel, case: the joint text that defines it; none for a term of ours.
        version: of a term of ours; whoever changes it names the one that was seen.
        differs_from: joint texts that define a term of the same code in other words.
    """

    code: str
    standing: str
    words: Words
    definition: Words = field(default_factory=dict)
    source: str = ""
    avoid: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parties: Sequence[str] = ()
    channel: str | None = None
    case: str | None = None
    version: int | None = None
    changed_by: str | None = None
    changed_at: Moment | None = None
    differs_from: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHit:
    """A term that stands in a text.

    Attributes:
        at: characters before it. written: as it stands there.
        is_variant: it is one that the glossary says not to use.
        words: the term in every language.
    """

    code: str
    standing: str
    at: int
    written: str
    is_variant: bool
    words: Words
    case: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryImport:
    """What became of a register that we kept before the line was there.

    Attributes:
        digest: of the file; it stands in every entry made of it.
        rows: rows of the file. entries: in how many claims they go.
        submitted: each claim, released or held; none in a dry run.
        left: rows left out because something is wrong with them, where good rows were asked for.
        problems: line and column, and what is wrong there; at most 50.
    """

    channel: str
    dry_run: bool
    digest: str
    rows: int
    entries: int
    size: int
    submitted: Sequence[Submitted] = ()
    left: int = 0
    problems: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLook:
    """What is understood of the file of a register, before anything is written.

    Attributes:
        good: rows without a problem.
        rows: the first of all rows, as far as they are understood.
        problems: line and column, and what is wrong there.
    """

    good: int
    rows: Sequence[Mapping[str, Any]]
    problems: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceView:
    """A time in which nothing that a party signed was received here.

    Attributes:
        is_open: it goes on now.
    """

    from_at: Moment
    to_at: Moment
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """One party on a timeline; `has_log` says that it opened a log on the channel."""

    party: str
    own: bool
    has_log: bool
    silences: Sequence[SilenceView]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """What came when on a channel, as it was known here.

    Attributes:
        known_to: nothing later is known: the end, or now.
        shortest_s: a silence that is not longer is not shown.
        entries: by when they were stored here, oldest first.
        is_cut: earlier entries of this time are not among them.
    """

    channel: str
    from_at: Moment
    to_at: Moment
    known_to: Moment
    shortest_s: int
    lanes: Sequence[LaneView]
    entries: Sequence[EntryRow]
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDay:
    """One day of one party on a channel.

    Attributes:
        declared: how it held the channel by its own word when the day ended, or now;
            `proposed` before it opened its log, `none` before the channel was proposed.
        heard: something signed by it was received here on that day; ours: was signed.
    """

    declared: str
    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDays:
    """The days of one party, in the order of `ChannelDays.days`."""

    party: str
    own: bool
    days: Sequence[PartyDay]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDays:
    """The last days of a channel: what was declared, and beside it what was observed here.

    Attributes:
        days: midnight UTC at which each begins, oldest first; the last one is not over.
    """

    channel: str
    days: Sequence[Moment]
    parties: Sequence[PartyDays]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestHit:
    """What a digest names here.

    Attributes:
        kind: `entry` by its leaf, `root` of the newest statement of a log, `channel` by its
            identifier, `courier` for a file that was carried.
        digest: whole, in hex.
        name: of the entry, the code of the channel (of a root too), the number of the file.
        channel: None where it belongs to none.
    """

    kind: str
    digest: str
    name: str
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDraft:
    """A draft that was made of a published notice.

    Attributes:
        number: of the notice; None where it says none.
        share: how much of it was understood: `whole`, `part`, `none`.
        draft: the draft's number; None in a dry run, and where no warning of ours is cancelled.
        procedure, move: what the notice is by its own words, and `why`: which words.
        case: the warning of ours that it cancels; None else.
        fields: what was put into it; the text stands in it as it was published.
        left: what a person has to look at.
    """

    number: str | None
    share: str
    draft: str | None
    procedure: str
    move: str
    case: str | None
    why: Words
    fields: Mapping[str, Any]
    left: Sequence[Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """Who has the watch; None where nobody has it, and then since when not."""

    officer: str | None
    since: Moment | None
    offered_to: str | None
    offered_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """One record of the watch book; it is never changed.

    Attributes:
        kind: `note`, `offer`, `take`, `relieve` (taken without a hand-over) or `leave`.
        to: to whom it is offered, or from whom it was taken; empty for nobody.
        items: how many open items were gone through.
        digest: SHA-256 of the record; it stands in the audit too.
    """

    number: int
    kind: str
    at: Moment
    officer: str
    to: str
    text: str
    items: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTry:
    """One call of a webhook.

    `kind` is what it told, such as `alarm.raised`, or `test`; `status` is null where nobody
    answered, and `said` empty where nothing was wrong.
    """

    at: Moment
    kind: str
    status: int | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """A program elsewhere that is told what happens here.

    Attributes:
        topics: kinds of events that it is told.
        channels: only what belongs to these; empty means every one.
        public_key: checks `v1a` signatures (Ed25519).
        delivered: messages that it took.
        waiting: messages that are tried again.
        given_up: messages not tried any more after 3 days; a replay tries them again.
        lost: events beyond what may wait for it, since the station started.
        last_said: what was wrong with the last try; empty where nothing was.
        gone: it answered 410, and is told nothing until a replay.
        tries: the newest 20 calls, the newest first.
    """

    id: str
    label: str
    url: str
    topics: Sequence[str]
    channels: Sequence[str]
    public_key: str
    made_by: str
    made_at: Moment
    delivered: int
    waiting: int
    given_up: int
    lost: int
    last_at: Moment | None
    last_said: str
    gone: bool
    tries: Sequence[WebhookTry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMade:
    """A webhook with its secret, shown once."""

    webhook: WebhookView
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTest:
    """What came of a test; `status` is null where nobody answered."""

    taken: bool
    status: int | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierEntries:
    """Entries of one log in a courier's file: those from `first` on and before `end`."""

    channel: str
    party: str
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierRow:
    """One file that was made for a peer or taken in from one.

    Attributes:
        number: counts the files of this station.
        way: `out` or `in`.
        digest: SHA-256 of the file, in hex.
        entries: what it carries.
        count: how many entries those are.
        receipted: how many of them the peer has receipted by any path; None for what came in.
        left: entries that did not fit; for what came in, frames that could not be read.
        kept: the file itself is still here and can be had again.
    """

    number: int
    way: str
    peer: str
    by: str
    at: Moment
    size: int
    digest: str
    entries: Sequence[CourierEntries]
    count: int
    receipted: int | None
    left: int
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierMade:
    """A file for a peer: what it carries, and its bytes in base64."""

    row: CourierRow
    content: str
    stopped: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierLook:
    """What a courier's file holds.

    Attributes:
        standing: `whole` where it can be taken; else `for-another`, `stranger`, `too-old`,
            `seen-before` or `damaged`.
        why: the same in words, empty where it can be taken.
        peer: who made it; None where nobody we know did.
        count: entries in it.
        new: how many of them were not held here when it was looked at.
        damaged: frames that could not be read; the others count.
        charters: channels that it proposes.
        taken: it was taken in.
        missing: entries of it that are not held although it was taken in.
    """

    standing: str
    why: str
    peer: str | None
    size: int
    digest: str
    entries: Sequence[CourierEntries]
    count: int
    new: int
    damaged: int
    charters: int
    taken: bool
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassCode:
    """A break-glass code that was made; the code itself is not kept.

    Attributes:
        number: the part of the code before its first stroke; it says which code it is.
        state: `ready`, `used`, `replaced` by a later one of this holder, or `ended`.
    """

    number: int
    holder: str
    made_by: str
    made_at: Moment
    expires_at: Moment
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassMade:
    """A break-glass code, shown once."""

    code: GlassCode
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassState:
    """Whether the glass is broken, and with which codes it could be.

    Attributes:
        open_by: holders whose codes opened a session that is not over; empty where none is.
        until: when that session ends.
        items: every code that was made, the newest first.
    """

    open_by: Sequence[str]
    until: Moment | None
    items: Sequence[GlassCode]
