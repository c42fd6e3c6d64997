"""From what somebody typed to the exact bytes that would be signed: checks, digest, preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from parley.core import canon
from parley.core.canon import Value
from parley.core.entry import Entry
from parley.core.ids import ChannelId
from parley.core.instants import Instant
from parley.core.keys import fingerprint_words
from parley.desk.catalogue import KINDS, PROCEDURES, fields_of, move_named
from parley.desk.envelope import TextIn
from parley.desk.facts import CaseFacts
from parley.desk.judgement import Told, differences, duties, duty_words, judge
from parley.desk.move_draft import meant
from parley.desk.naming import RAW
from parley.desk.problems import Words
from parley.desk.procedure import Move
from parley.desk.profiles import Profile
from parley.desk.registers import Registers
from parley.desk.rules import MoveDraft, build_move, check_move
from parley.errors import (
    ChannelNotOpenError,
    FieldFaultError,
    NotFoundError,
    StationUnreachableError,
    UsageError,
)
from parley.station.desk_book import DeskBook
from parley.station.desk_views import (
    Checked,
    CheckLine,
    DraftRequest,
    Labelled,
    PathTime,
    StartedClock,
)
from parley.station.draft_languages import difference_checks
from parley.station.effects import NewEntry
from parley.station.forms import opening_move, shown_value
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.trust import Trust

DEFAULT_DESK: Final = "OPS"
PRECEDENCES: Final = "RPOZ"
MARKS: Final = ("LIVE", "EXERCISE", "TEST", "SIMULATION")
LIVE, EXERCISE = MARKS[:2]
_ENTRY_PARTS: Final = 3
"""An entry is named CHANNEL/PARTY/INDEX; a case has a number of its own."""
FIELDS_BYTES_MAX: Final = 200_000
_FRAME_BYTES: Final = 120
"""What a frame, a statement and their signatures add to one entry, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What will be signed, but for place, time and `seen`.

    Attributes:
        raw: canonical array of channel id, kind, flags and fields.
    """

    channel: ChannelId
    kind: int
    flags: int
    fields: Mapping[int, Value]
    raw: bytes

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the bytes that were looked at, in hex."""
        return sha256(b"parley1 draft\0" + self.raw).hexdigest()

    @property
    def entry(self) -> NewEntry:
        """Return the entry to be written."""
        return NewEntry(kind=self.kind, flags=self.flags, fields=self.fields)


def make_body(channel: ChannelId, kind: int, flags: int, fields: Mapping[int, Value]) -> Body:
    """Return a body with its bytes."""
    raw = canon.encode([channel, kind, flags, fields])
    return Body(channel=channel, kind=kind, flags=flags, fields=fields, raw=raw)


def read_body(raw: bytes) -> Body:
    """Return the body of its bytes, as they were kept."""
    channel, kind, flags, fields = canon.expect_list(canon.decode(raw), "draft", least=4, most=4)
    return Body(
        channel=ChannelId(canon.expect_bytes(channel, "channel", size=16)),
        kind=canon.expect_uint(kind, "kind"),
        flags=canon.expect_uint(flags, "flags"),
        fields=canon.expect_map(fields, "fields"),
        raw=raw,
    )


def body_of(channel: ChannelId, entry: Entry) -> Body:
    """Return the body of a stored entry, to be compared with a draft's."""
    return make_body(channel, entry.kind, entry.flags, entry.fields)


def opened_fields(move: Move) -> tuple[str, ...]:
    """Return the names of the fields that a move opens, its salt last; none where it opens none."""
    sealing = PROCEDURES[move.procedure].move(move.unseals)
    return () if sealing is None else (*sealing.seals, "salt")


def seal_words(move: Move) -> list[Words]:
    """Say what a move binds its author to and keeps here, or opens to all."""
    names = [name for name in (*move.seals, *opened_fields(move)) if name != "salt"]
    fields = [field for name in names if (field := move.field(name)) is not None]
    if not fields:
        return []
    en, zh = (sep.join(f.words[lang] for f in fields) for lang, sep in (("en", ", "), ("zh", "、")))
    if move.seals:
        return [
            {
                "en": f"sealed here: {en}. Only the commitment leaves, and binds you to it.",
                "zh": f"在本站封存：{zh}。仅承诺值发出，并对本方有约束力。",
            }
        ]
    return [
        {
            "en": f"opens as it was sealed, for all to read: {en}.",
            "zh": f"按封存时原样开启，各方可读：{zh}。",
        }
    ]


def digest_words(digest: str) -> list[str]:
    """Return the first four words of a digest, for people to compare."""
    return list(fingerprint_words(bytes.fromhex(digest), "en")[:4]) if digest else []


def _none(move: str) -> Iterable[tuple[str, Mapping[str, Any]]]:  # noqa: ARG001
    return ()


def _pass(body: Body) -> None:
    del body


class Drafting:
    """Turns requests into bodies by the rules of the desk."""

    def __init__(
        self,
        station: Station,
        trust: Trust,
        record: RecordBook,
        desk: DeskBook,
        *,
        mark: str,
        language: str,
        random: Callable[[int], bytes],
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk = desk
        self._mark = mark
        self._language = language
        self._random = random
        self.released: Callable[[str], Iterable[tuple[str, Mapping[str, Any]]]] = _none
        """Gives entry name and fields of every released draft of a move."""
        self.in_exercise: Callable[[str], bool] = lambda _: False
        """Says whether an exercise runs on the channel of this code."""
        self.check_files: Callable[[Body], None] = _pass
        """Refuses a body whose files are not kept here."""

    def channel(self, request: DraftRequest) -> ChannelSummary:
        """Return the channel a request is for, if we can write on it.

        Raises:
            ChannelNotOpenError: our log on it is not open.
        """
        channel = self._record.channel(request.channel)
        if not channel.opened:
            raise ChannelNotOpenError(
                f"channel {request.channel} is not open here; nothing was sent",
                next_step=f"Accept it first: parley channel accept {request.channel}.",
            )
        return channel

    def move(self, request: DraftRequest) -> Move:
        """Return the move a request names; NotFoundError if there is none."""
        procedure = PROCEDURES.get(request.procedure)
        if procedure is None:
            raise NotFoundError(
                f"there is no procedure {request.procedure}",
                next_step=f"Procedures: {', '.join(sorted(PROCEDURES))}.",
            )
        if request.move:
            return move_named(f"{request.procedure}.{request.move}")
        found = opening_move(procedure)
        if found is None:
            raise UsageError(f"say which move of {request.procedure} is meant")
        return found

    def salted(self, request: DraftRequest) -> DraftRequest:
        """Return the request as the move that it means, with a fresh salt where that seals.

        A salt that came with the request is never used: one that was used before would tell
        those who know it what is sealed.
        """
        asked = self.move(request)
        move, fields = meant(asked, request.fields)
        if move is not asked:
            request = replace(request, move=move.name, fields=fields)
        if not move.seals:
            return request
        salt = self._random(32).hex()
        return replace(request, fields={**request.fields, "salt": salt})

    def _kept(self, move: Move, case: str | None) -> Mapping[str, Any]:
        """Return what we kept when we sealed something in a case, nothing where we did not."""
        if not move.unseals or case is None:
            return {}
        registers = self._desk.registers()
        opening = registers.case(case).place
        for entry, fields in self.released(f"{move.procedure}.{move.unseals}"):
            sealed = registers.case_of(registers.place_of(entry))
            if sealed is not None and sealed.place == opening:
                return fields
        return {}

    def mark(self, request: DraftRequest) -> str:
        """Return the marking: of its case, of an exercise on its channel, or the station's.

        Raises:
            UsageError: a marking that this station does not write.
        """
        mark = request.mark or self._mark_of_case(request.case) or self._mark_of_channel(request)
        if mark not in MARKS:
            raise UsageError(f"there is no marking {mark!r}", next_step=f"{', '.join(MARKS)}.")
        if self._mark != "LIVE" and mark == "LIVE":
            raise UsageError(f"this station is marked {self._mark} and writes nothing LIVE")
        return mark

    def _mark_of_channel(self, request: DraftRequest) -> str:
        code = self._record.called(self._record.channel(request.channel))
        return EXERCISE if self._mark == LIVE and self.in_exercise(code) else self._mark

    def _mark_of_case(self, case: str | None) -> str | None:
        """Return the marking of a case, or of an entry; None where there is none such."""
        if case is None or self._mark != LIVE:
            return None
        with suppress(NotFoundError, StationUnreachableError):
            name = case
            if len(case.split("/")) < _ENTRY_PARTS:
                registers = self._desk.registers()
                name = registers.name_of(registers.case(case).place)
            row = self._record.row(*self._record.place(name))
            return self._record.decode(row).marking.name
        return None

    def is_exercise_over(self, request: DraftRequest) -> bool:
        """Say whether a new case is marked as of an exercise, and none runs on its channel."""
        if self._mark != LIVE or request.case is not None or self.mark(request) == LIVE:
            return False
        code = self._record.channel(request.channel).charter.code
        return self.mark(request) != EXERCISE or not self.in_exercise(code)

    def marked(self, request: DraftRequest, *, begun: str | None = None) -> DraftRequest:
        """Return the request with the marking that it has from now on.

        What was `begun` with this marking keeps it, so that what is typed is not lost when the
        exercise ends meanwhile; it does not leave.

        Raises:
            UsageError: a live station would mark what belongs to no exercise.
        """
        mark = self.mark(request)
        if mark != begun and self.is_exercise_over(request):
            code = self._record.called(self._record.channel(request.channel))
            raise UsageError(
                f"no exercise runs on channel {code}, so nothing there is marked {mark}",
                next_step=f"Start one: parley exercise start NAME --channel {code}."
                " What began in one that is over does not leave: write it anew.",
            )
        return replace(request, mark=mark)

    def _move_draft(self, request: DraftRequest, channel: ChannelSummary) -> MoveDraft:
        if request.precedence not in PRECEDENCES or len(request.precedence) != 1:
            raise UsageError(f"{request.precedence!r} is no precedence", next_step="Z, O, P or R.")
        move = self.move(request)
        fields: dict[str, Any] = dict(request.fields)
        if request.refs:
            fields["refs"] = list(request.refs)
        language = request.texts[0].lang if request.texts else self._language
        for name, declared in fields_of(move).items():
            # A bare line of words is in the language that the writer writes in.
            if declared.type.kind == "words" and isinstance(fields.get(name), str):
                fields[name] = {language: fields[name]}
        if len(repr(fields)) > FIELDS_BYTES_MAX:
            raise UsageError("the fields are too large for one entry")
        case = request.case
        if case is not None and move.field("of") is not None and move.opens == "no":
            # An acknowledgement names its entry, and belongs to that entry's case.
            fields.setdefault("of", case)
        others = [self._trust.code_of(party) for party in self._others(channel)]
        action = [_office(name) for name in request.action]
        if not action and case is None:
            action = [_office(code) for code in others]
        return MoveDraft(
            move=move.full_name,
            party=channel.charter.party_number(self._station.party),
            desk=DEFAULT_DESK,
            action=tuple(action),
            info=tuple(_office(name) for name in request.info),
            case=case,
            fields=fields,
            texts=tuple(
                TextIn(lang=text.lang, status=text.status, text=text.text) for text in request.texts
            ),
            precedence=request.precedence,
            marking=self.mark(request),
            attributable=not request.non_attributable,
            kept=self._kept(move, case),
            moment=self._station.now(),
        )

    def _others(self, channel: ChannelSummary) -> Sequence[Any]:
        return channel.charter.others(self._station.party)

    def build(self, request: DraftRequest) -> Body:
        """Return the bytes that would be signed.

        Raises:
            InvalidFieldsError, MoveNotPermittedError: the desk refuses; it says why.
            ChannelNotOpenError, NotFoundError, UsageError: there is no such place to write, or
                what is marked EXERCISE belongs to none.
        """
        channel = self.channel(request)
        request = self.marked(request)
        registers = self._registers(request, channel)
        view = registers.channel(channel.charter.channel_id).view
        built = build_move(registers, view, self._move_draft(request, channel))
        body = make_body(channel.charter.channel_id, built.kind, built.flags, built.fields)
        self.check_files(body)
        return body

    def _registers(self, request: DraftRequest, channel: ChannelSummary) -> Registers:
        """Return what a move is written by; see `DeskBook.registers_to_write`."""
        move = self.move(request)
        named = (request.case, request.fields.get("of"), request.fields.get(move.about))
        about = next((one for one in named if isinstance(one, str)), None)
        return self._desk.registers_to_write(channel.charter, move, about)

    def check(self, request: DraftRequest) -> Checked:
        """Return what the desk says of a request, without keeping anything."""
        channel, request = self.channel(request), self.salted(request)
        registers = self._registers(request, channel)
        view = registers.channel(channel.charter.channel_id).view
        problems = check_move(registers, view, self._move_draft(request, channel))
        if problems:
            rows = [
                {"field": p.field, "code": p.code, "en": p.sentence["en"], "zh": p.sentence["zh"]}
                for p in problems
            ]
            return Checked(
                ok=False, problems=rows, warnings=[], size=0, digest="", starts_clocks=[]
            )
        body = self.build(request)
        return Checked(
            ok=True,
            problems=[],
            warnings=[
                *self.warnings(channel),
                *(one.text for one in self.findings(body, request.case) if one.level != "ok"),
            ],
            size=len(body.raw),
            digest=body.digest,
            starts_clocks=self.clocks(body),
        )

    def warnings(self, channel: ChannelSummary) -> list[str]:
        """Return what a releaser should know of the peers on a channel."""
        found: list[str] = []
        alive = {link.peer: link.alive for link in self._station.links()}
        for party in self._others(channel):
            code = self._trust.code_of(party)
            if not self._trust.is_trusted(party):
                found.append(f"{code}'s key is not compared: nothing is sent to it")
            elif not alive.get(party, False):
                found.append(f"the line to {code} is silent: it leaves when the line is back")
        return found

    def told(self, body: Body) -> Told:
        """Return a draft as its procedure tells it."""
        move = KINDS[body.kind]
        charter = self._record.channel(body.channel.hex()).charter
        values: dict[str, Any] = {}
        for name, declared in fields_of(move).items():
            if declared.number in body.fields:
                with suppress(FieldFaultError):
                    values[name] = declared.type.show(body.fields[declared.number], RAW)
        return Told(
            procedure=PROCEDURES[move.procedure],
            move=move,
            wire=body.fields,
            values=values,
            writer=self._station.own_card.code,
            others=tuple(map(self._trust.code_of, charter.others(self._station.party))),
        )

    def clocks(self, body: Body) -> list[StartedClock]:
        """Return what is owed or asked for once the entry is delivered, by whom, until when."""
        profile = self._profile(body)
        return [
            StartedClock(
                owed_by=duty.owed_by,
                due_after_s=duty.after,
                rule=duty.source,
                due_at=None if duty.at is None else Instant(duty.at),
                owed=duty.owed,
                what=duty.what,
            )
            for duty in duties(self.told(body), profile)
        ]

    def _profile(self, body: Body) -> Profile:
        return self._desk.profile(self._record.channel(body.channel.hex()).charter)

    def findings(self, body: Body, case: str | None) -> list[CheckLine]:
        """Return what the desk works out of a draft on a case: time, thresholds, distances.

        And where the languages of a text differ, as it would stand with the draft.
        """
        told, profile = self.told(body), self._profile(body)
        found = judge(told, profile, int(self._station.now()))
        said = [*seal_words(told.move), *map(duty_words, duties(told, profile))]
        return (
            [CheckLine(level=one.level, text=one.words["en"], words=one.words) for one in found]
            + [CheckLine(level="ok", text=words["en"], words=words) for words in said]
            + [*difference_checks(differences(told, self._case_before(case)))]
        )

    def _case_before(self, case: str | None) -> CaseFacts | None:
        """Return a case as it stands before a draft on it."""
        registers = self._desk.registers()
        return None if case is None else registers.case_now(registers.place_of(case))

    def lines(self, body: Body, fields: Mapping[str, Any]) -> list[Labelled]:
        """Return the fields of a draft as lines of a preview; also what the desk puts in.

        Of a sealed move that is the commitment, of one that opens all that it opens.
        """
        move = KINDS[body.kind]
        declared = fields_of(move)
        filled = ("commit", *opened_fields(move))
        put_in = {n: v for n, v in self.told(body).values.items() if n in filled}
        return [
            Labelled(
                name=name,
                label=dict(declared[name].words) if name in declared else {"en": name, "zh": name},
                value=shown_value(value),
                sealed=name in declared and declared[name].kept,
            )
            for name, value in {**put_in, **fields}.items()
        ]

    def path_times(self, channel: ChannelSummary, size: int) -> list[PathTime]:
        """Return how long an entry of a size takes on each path to the channel's parties."""
        others = set(self._others(channel))
        return [
            PathTime(
                peer=self._trust.code_of(link.peer),
                address=path.address,
                carrier=path.carrier,
                seconds=None
                if path.rate_bps is None
                else round((size + _FRAME_BYTES) * 8 / path.rate_bps, 1),
            )
            for link in self._station.links()
            if link.peer in others
            for path in link.paths
        ]


def _office(name: str) -> str:
    return name if "/" in name else f"{name}/{DEFAULT_DESK}"
