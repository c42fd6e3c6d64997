"""What the gateway shows of peers, drafts, people and the station itself; and what it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.station.views import Moment, TextView, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """One text as its writer gives it; `status` is authentic, courtesy, working or machine."""

    lang: str
    text: str
    status: str = "authentic"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """What somebody wants to say.

    Attributes:
        channel: code or id of the channel.
        move: name of the move; the procedure's opening move when empty.
        case: number of the case it belongs to, or an entry it is about.
        action: who must act, `BRAVO` or `BRAVO/OPS`.
        fields: values by field name, as people write them.
        refs: entry names.
        template: code of the template it began from; empty where it began from none.
    """

    channel: str
    procedure: str = "message"
    move: str = ""
    case: str | None = None
    precedence: str = "R"
    mark: str | None = None
    action: Sequence[str] = ()
    info: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    texts: Sequence[DraftText] = ()
    refs: Sequence[str] = ()
    non_attributable: bool = False
    template: str = ""

    def as_paper(self) -> dict[str, Any]:
        """Return it as it is kept: what JSON holds, by name of the attribute."""
        return {
            "channel": self.channel,
            "procedure": self.procedure,
            "move": self.move,
            "case": self.case,
            "precedence": self.precedence,
            "mark": self.mark,
            "action": list(self.action),
            "info": list(self.info),
            "fields": dict(self.fields),
            "texts": [
                {"lang": text.lang, "text": text.text, "status": text.status} for text in self.texts
            ],
            "refs": list(self.refs),
            "non_attributable": self.non_attributable,
            **({"template": self.template} if self.template else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRequest:
    """A channel to be proposed to peers (by code), with the witnesses agreed on (by code).

    Attributes:
        entries_per_day, bytes_per_day, flash_per_hour: what each party may write; None is no bound.
    """

    code: str
    peers: Sequence[str]
    purpose: str = ""
    basis: str = "none"
    ends_at: int | None = None
    heartbeat_s: int | None = None
    witnesses: Sequence[str] = ()
    entries_per_day: int | None = None
    bytes_per_day: int | None = None
    flash_per_hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChannelAct:
    """A proposal or an acceptance of a channel that one person made and a second has to confirm.

    Attributes:
        act: `propose` or `accept`.
        digest: of what is confirmed; it changes when the act is prepared anew.
    """

    code: str
    act: str
    peers: Sequence[str]
    purpose: str
    basis: str
    ends_at: Moment | None
    heartbeat_s: int | None
    witnesses: Sequence[str]
    by: str
    at: Moment
    needs: Sequence[str]
    digest: str
    entries_per_day: int | None = None
    bytes_per_day: int | None = None
    flash_per_hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A text on its way to release; `etag` names its version.

    Attributes:
        author: who began it.
        writer: who writes it now; nobody else changes it without taking it over.
        taken_at, taken_from, taken_why: the last taking over, null where there was none.
        template: code of the template it began from, null where it began from none.
        exercise_over: it began in an exercise that is over, and does not leave any more.
    """

    id: str
    version: int
    state: str
    channel: str
    procedure: str
    move: str
    case: str | None
    precedence: str
    mark: str
    action: Sequence[str]
    info: Sequence[str]
    fields: Mapping[str, Any]
    texts: Sequence[TextView]
    refs: Sequence[str]
    non_attributable: bool
    subject: Words
    author: str
    writer: str
    taken_at: Moment | None
    taken_from: str | None
    taken_why: str | None
    edited_by: Sequence[str]
    created_at: Moment
    changed_at: Moment
    needs: Sequence[str]
    digest: str
    digest_words: Sequence[str]
    size: int
    entry: str | None
    reason: str | None
    etag: str
    template: str | None = None
    exercise_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A line of a preview.

    Attributes:
        sealed: the value stays here; what leaves is a commitment to it.
    """

    name: str
    label: Words
    value: str
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTime:
    """How long an entry would take on a path; None where the rate is not limited."""

    peer: str
    address: str
    carrier: str
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One thing to look at before releasing: `ok`, `look` or `stop`; `words` where it has both."""

    level: str
    text: str
    words: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedClock:
    """What somebody owes, or is asked for, once the entry is delivered.

    Attributes:
        due_after_s: seconds after delivery; None where the entry sets the time itself, `due_at`.
        rule: what sets it. owed: a rule does; else it is asked for.
    """

    owed_by: str
    due_after_s: int | None
    rule: str
    due_at: Moment | None = None
    owed: bool = False
    what: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Exactly what would leave; `hex` is the canonical kind, flags and fields that are signed."""

    draft: str
    digest: str
    digest_words: Sequence[str]
    size: int
    hex: str
    texts: Sequence[TextView]
    lines: Sequence[Labelled]
    paths: Sequence[PathTime]
    checks: Sequence[CheckLine]
    starts_clocks: Sequence[StartedClock]
    recipients: Sequence[str]
    attributable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A dry run: what would be refused, and what would leave."""

    ok: bool
    problems: Sequence[Mapping[str, str]]
    warnings: Sequence[str]
    size: int
    digest: str
    starts_clocks: Sequence[StartedClock]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A draft that became an entry."""

    draft: str
    entry: str
    index: int
    stored_at: Moment
    hash: str
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of a text handed in: released at once, or held for a releaser."""

    draft: str
    state: str
    needs: Sequence[str]
    entry: str | None
    hash: str | None
    stored_at: Moment | None
    idempotency_key: str
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """Something a person must know; open until handled.

    `sounds` says that nobody has it in hand: unclaimed, or a claim or a snooze is over. A claim is
    good until `again_at`; it then sounds again unless it is handled. Who got it from another
    officer is its claimer, and `handed_by` the other one.
    """

    id: str
    kind: str
    peer: str | None
    channel: str | None
    precedence: str | None
    text: str
    entry: str | None
    case: str | None
    raised_at: Moment
    claimed_by: str | None = None
    claimed_at: Moment | None = None
    handled_by: str | None = None
    handled_at: Moment | None = None
    reason: str | None = None
    open: bool = True
    sounds: bool = True
    again_at: Moment | None = None
    snoozed_until: Moment | None = None
    handed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKeyView:
    """One signing key on a card."""

    number: int
    ed: str
    not_before: Moment
    until: Moment
    revoked: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card, checked."""

    code: str
    name: str
    party: str
    sequence: int
    issued: Moment
    not_after: Moment
    paths: Sequence[str]
    station_keys: Sequence[StationKeyView]
    words: Mapping[str, Sequence[str]]
    armour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """Another card under a known code, waiting to be compared or rejected."""

    seen_at: Moment
    words_old: Mapping[str, Sequence[str]]
    words_new: Mapping[str, Sequence[str]]
    signed_by_old: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerView:
    """Another party's station as known here."""

    code: str
    name: str
    party: str
    key_state: str
    trusted: bool
    verified_at: Moment | None
    verified_by: Sequence[str]
    method: str | None
    words: Mapping[str, Sequence[str]]
    card: CardView
    addresses: Sequence[str]
    words_failed: int
    locked_until: Moment | None
    key_change: KeyChange | None
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """Whether the words read out agree; `differs_at` counts from 1."""

    match: bool
    differs_at: int | None
    failures: int
    locked_until: Moment | None
    needs: Sequence[str]
    peer: PeerView


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTest:
    """Whether a path could be opened."""

    address: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerView:
    """One person who works here."""

    code: str
    name: str
    roles: Sequence[str]
    accounts: Sequence[int]
    active: bool
    passkeys: int
    added_at: Moment
    last_sign_in: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A machine's key to the API; the secret itself is never kept."""

    id: str
    label: str
    scopes: Sequence[str]
    channels: Sequence[str]
    made_by: str
    made_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade:
    """A token with its secret, shown once."""

    token: TokenView
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """A passkey of an officer."""

    credential_id: bytes
    officer: str
    public_key: bytes
    sign_count: int
    label: str = ""
    added_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One act, or one refused act, in a chain of hashes."""

    number: int
    at: Moment
    officer: str
    via: str
    act: str
    subject: str
    done: bool
    detail: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One check of the station: `ok`, `look` or `fix`, with what to do."""

    check: str
    level: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingView:
    """One setting with where its value comes from.

    Attributes:
        effect: `live` where an administrator may change it while the station runs, `restart` where
            it is read at start, `file` where only the station's file may set it.
    """

    key: str
    value: Any
    default: Any
    source: str
    help: str
    unit: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One signal to whoever follows; `id` is `epoch.sequence`."""

    id: str
    type: str
    resource: str
    seq: int
    data: Mapping[str, Any]
