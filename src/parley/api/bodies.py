"""What calls carry: every member named, nothing else taken, no type guessed."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from parley.core.charter import QUOTA_MAX
from parley.core.courier import FILE_BYTES_MAX as COURIER_BYTES_MAX
from parley.station.desk_views import ChannelRequest, DraftRequest, DraftText
from parley.station.exercise_views import ExerciseRequest, InjectRequest
from parley.station.template_views import TemplateRequest

SUBMISSIONS_MAX: Final = 500
LIST_MAX: Final = 64
COURIER_TEXT_MAX: Final = 1_000_000
TEXT_MAX: Final = 200_000
"""Longest text read, in characters; how long an entry may be is the desk's to say."""

Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=TEXT_MAX)]
Names = Annotated[list[Name], Field(max_length=LIST_MAX)]
Quota = Annotated[int, Field(ge=1, le=QUOTA_MAX)]
# The values of fields are what people write: the desk reads them by the field's own type.
Values = Annotated[dict[Name, Any], Field(max_length=LIST_MAX)]


class Body(BaseModel):
    """A body: unknown members are refused, and no text passes for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TextBody(Body):
    """One text of a draft in one language."""

    lang: Name
    text: Text
    status: Name = "authentic"


class DraftBody(Body):
    """What somebody wants to say."""

    channel: Name
    procedure: Name = "message"
    move: Name = ""
    case: Name | None = None
    precedence: Name = "R"
    mark: Name | None = None
    action: Names = []
    info: Names = []
    fields: Values = {}
    texts: Annotated[list[TextBody], Field(max_length=LIST_MAX)] = []
    refs: Names = []
    non_attributable: bool = False

    def request(self) -> DraftRequest:
        """Return it as the gateway takes it."""
        return DraftRequest(
            channel=self.channel,
            procedure=self.procedure,
            move=self.move,
            case=None if self.case is None else self.case.replace("~", "/"),
            precedence=self.precedence,
            mark=self.mark,
            action=list(self.action),
            info=list(self.info),
            fields=dict(self.fields),
            texts=_texts(self.texts),
            refs=list(self.refs),
            non_attributable=self.non_attributable,
        )


class MoveBody(Body):
    """A move in a case; channel, procedure and case are named by the address."""

    move: Name
    precedence: Name | None = None
    mark: Name | None = None
    action: Names = []
    info: Names = []
    fields: Values = {}
    texts: Annotated[list[TextBody], Field(max_length=LIST_MAX)] = []
    refs: Names = []
    non_attributable: bool = False

    def request(self, *, channel: str, procedure: str, case: str, precedence: str) -> DraftRequest:
        """Return it as the gateway takes it; a case's precedence holds where none is given."""
        return DraftRequest(
            channel=channel,
            procedure=procedure,
            move=self.move,
            case=case,
            precedence=self.precedence or precedence,
            mark=self.mark,
            action=list(self.action),
            info=list(self.info),
            fields=dict(self.fields),
            texts=_texts(self.texts),
            refs=list(self.refs),
            non_attributable=self.non_attributable,
        )


def _texts(texts: list[TextBody]) -> list[DraftText]:
    return [DraftText(lang=text.lang, text=text.text, status=text.status) for text in texts]


class BatchMember(Body):
    """One text of a batch, with the key under which it is sent again."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    draft: DraftBody


Batch = Annotated[list[BatchMember], Field(min_length=1, max_length=SUBMISSIONS_MAX)]


class ReleaseBody(Body):
    """The digest of the text that the person saw."""

    digest: Name


class ReasonBody(Body):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class HandOverBody(Body):
    """The officer who gets an alarm."""

    to: Annotated[str, Field(min_length=1, max_length=24)]


class WatchNoteBody(Body):
    """What is to stand in the watch log."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class WatchBody(Body):
    """Ids of the open items that were gone through, and what to know."""

    items: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=1_000)] = []
    text: Annotated[str, Field(max_length=2_000)] = ""


class WatchOfferBody(WatchBody):
    """The officer to whom the watch is offered."""

    to: Annotated[str, Field(min_length=1, max_length=24)]


class SnoozeBody(Body):
    """How long an alarm is kept silent, in seconds, and why."""

    seconds: Annotated[int, Field(ge=60, le=28_800)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class AcknowledgementBody(Body):
    """A person's acknowledgement of an entry."""

    entry: Name
    level: Name
    unit: Name | None = None
    values: Annotated[dict[Name, Name], Field(max_length=LIST_MAX)] | None = None
    note: Text | None = None
    points: Names = []


class LineCheckBody(Body):
    """An officer's line check; or the answer to the peer's check that `answers` names."""

    peer: Name
    text: Text | None = None
    channel: Name | None = None
    answers: Name | None = None


class ChannelBody(Body):
    """A channel to be proposed; `ends_at` and `heartbeat_s` in seconds, quotas for each party."""

    code: Name
    peers: Names
    purpose: Annotated[str, Field(max_length=2_000)] = ""
    basis: Annotated[str, Field(max_length=2_000)] = "none"
    ends_at: int | None = None
    heartbeat_s: int | None = None
    witnesses: Names = []
    entries_per_day: Quota | None = None
    bytes_per_day: Quota | None = None
    flash_per_hour: Quota | None = None

    def request(self) -> ChannelRequest:
        """Return it as the gateway takes it."""
        return ChannelRequest(
            code=self.code,
            peers=list(self.peers),
            purpose=self.purpose,
            basis=self.basis,
            ends_at=self.ends_at,
            heartbeat_s=self.heartbeat_s,
            witnesses=list(self.witnesses),
            entries_per_day=self.entries_per_day,
            bytes_per_day=self.bytes_per_day,
            flash_per_hour=self.flash_per_hour,
        )


class RestoreBody(Body):
    """Which peers to ask for our log, nobody for going on without them, and how long to wait."""

    peers: Names
    timeout_s: Annotated[float, Field(gt=0, le=24 * 3600)] = 60


class PeerBody(Body):
    """A peer's card, as armoured text or in Base64, and where to dial it."""

    card: Annotated[str, Field(max_length=TEXT_MAX)]
    addresses: Names = []


class VerifyBody(Body):
    """The words that the other side read out, and over which way."""

    words: Names
    method: Name


class PathsBody(Body):
    """Addresses at which a peer is dialled."""

    addresses: Names


class PathTestBody(Body):
    """An address to try."""

    address: Name


class OfficerBody(Body):
    """A person who is to work here; `account` is a system user id."""

    code: Name
    roles: Names
    name: Name = ""
    account: Annotated[int, Field(ge=0, lt=2**32)] | None = None


class TokenBody(Body):
    """A machine's key to be made."""

    label: Name
    scopes: Names
    channels: Names = []
    expires_days: int = 90


class FeedBody(Body):
    """A calendar address to be made, and the language of its file."""

    label: Name
    language: Name = "en"


class WebhookBody(Body):
    """A program elsewhere to be told; no topics means all, no channels every one."""

    label: Name
    url: Annotated[str, Field(max_length=500)]
    topics: Names = []
    channels: Names = []


class ReplayBody(Body):
    """From which place of the record on entries are told again; null: only what waits."""

    after: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class TourBody(Body):
    """A step of the tour of the console; null ends it."""

    step: Annotated[int, Field(ge=1, le=5)] | None


class TermBody(Body):
    """A term of our own; `version` is the one that was seen, null where there was none."""

    words: Annotated[dict[Name, Text], Field(max_length=LIST_MAX)]
    definition: Annotated[dict[Name, Text], Field(max_length=LIST_MAX)] = {}
    source: Text = ""
    avoid: Annotated[dict[Name, Names], Field(max_length=LIST_MAX)] = {}
    version: Annotated[int, Field(ge=0)] | None = None


class TemplateBody(Body):
    """A template; `version` is the one that was seen, null where there was none."""

    names: Annotated[dict[Name, Name], Field(max_length=LIST_MAX)]
    procedure: Name
    move: Name = ""
    channel: Name | None = None
    precedence: Name = "R"
    action: Names = []
    info: Names = []
    fields: Values = {}
    texts: Annotated[list[TextBody], Field(max_length=LIST_MAX)] = []
    version: Annotated[int, Field(ge=0)] | None = None

    def request(self) -> TemplateRequest:
        """Return it as the gateway takes it."""
        return TemplateRequest(
            names=dict(self.names),
            procedure=self.procedure,
            move=self.move,
            channel=self.channel or "",
            precedence=self.precedence,
            action=list(self.action),
            info=list(self.info),
            fields=dict(self.fields),
            texts=_texts(self.texts),
        )


class VersionBody(Body):
    """The version that was looked at."""

    version: Annotated[int, Field(ge=0)]


class UseTemplateBody(Body):
    """Where a draft begins: a channel, and a case where the template is for a move in one."""

    channel: Name
    case: Name | None = None


class InjectBody(Body):
    """Something that happens in an exercise; seconds from its start, or from now."""

    after_s: Annotated[int, Field(ge=0)] = 0
    text: Text

    def request(self) -> InjectRequest:
        """Return it as the gateway takes it."""
        return InjectRequest(after_s=self.after_s, text=self.text)


class ExerciseBody(Body):
    """An exercise to be started."""

    name: Name
    channels: Names
    injects: Annotated[list[InjectBody], Field(max_length=LIST_MAX)] = []
    speed: Annotated[int, Field(ge=1)] = 1

    def request(self) -> ExerciseRequest:
        """Return it as the gateway takes it."""
        return ExerciseRequest(
            name=self.name,
            channels=list(self.channels),
            injects=[each.request() for each in self.injects],
            speed=self.speed,
        )


class HitsBody(Body):
    """A text in which terms are looked for."""

    text: Text
    lang: Name


class HistoryBody(Body):
    """A register that we kept before the line was there: a CSV or YAML file as text."""

    channel: Name
    name: Name
    content: Annotated[str, Field(max_length=900_000)]
    dry_run: bool = False
    good_rows: bool = False


class NoticesBody(Body):
    """Published notices as text, to become drafts of what they say they are."""

    channel: Name
    content: Annotated[str, Field(max_length=900_000)]
    precedence: Name = "R"
    action: Names = []
    only: Names = []
    issued: Name = ""
    zone: Name = ""
    procedure: Name = ""
    dry_run: bool = False


class TranslationBody(Body):
    """Into which language an entry is to be translated by machine."""

    lang: Name


class SignInLinkBody(Body):
    """For whom a sign-in link is."""

    officer: Name
    minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 60


class TakeOverBody(Body):
    """Why a draft is taken over, and from whom: the officer who was seen to write it."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    writer: Name


class SettingBody(Body):
    """The new value as one would write it on the command line; empty: what the file says."""

    value: Annotated[str, Field(max_length=200)]


class GlassCodeBody(Body):
    """For whom a break-glass code is, and for how many days it is good."""

    holder: Name
    days: Annotated[int, Field(ge=1, le=3 * 366)] = 366


class BundleBody(Body):
    """What to export: a channel or a case, without some fields; or a conflict of a log."""

    channel: Name | None = None
    case: Name | None = None
    conflict: Name | None = None
    withhold: Names = []


class ConfirmBody(Body):
    """Up to which number a named reader has taken everything."""

    sequence: Annotated[int, Field(ge=0)]


class CarryOutBody(Body):
    """For whom a courier's file is, and how large it may be."""

    peer: Name
    size_max: Annotated[int, Field(ge=4_096, le=COURIER_BYTES_MAX)] = COURIER_BYTES_MAX


class CarryInBody(Body):
    """A courier's file, or its lines, in base64."""

    content: Annotated[str, Field(max_length=COURIER_TEXT_MAX)]
    dry_run: bool = False
