"""What may be done now, what is wrong with a draft, and the entry that a draft becomes."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.canon import Value
from parley.core.entry import (
    F_CASE,
    F_DUE,
    F_REF,
    Entry,
    Kind,
    Precedence,
    encode_entry,
    make_flags,
)
from parley.core.ids import ChannelId, Incarnation
from parley.core.instants import Instant, iso_duration
from parley.desk import envelope
from parley.desk.attachments import text_problems
from parley.desk.case import Case
from parley.desk.catalogue import MOVES, PROCEDURES, fields_of
from parley.desk.derived import Channel
from parley.desk.fields import Json
from parley.desk.fold import MARKS
from parley.desk.move_draft import Built, DraftStep, MoveDraft, Permitted
from parley.desk.naming import DraftNames, prefix_of
from parley.desk.order import Ordered
from parley.desk.problems import Problem, problem, problem_of
from parley.desk.procedure import ClockRule, Move
from parley.desk.record import ChannelView, Place
from parley.desk.registers import Registers
from parley.desk.sealing import commitment_of, opening_problems
from parley.errors import (
    FieldFaultError,
    InvalidFieldsError,
    MalformedError,
    MoveNotPermittedError,
    NotFoundError,
    UsageError,
)

_NOBODY = Incarnation(bytes(8))
_NEXT = 2**53 - 1
NOT_NOW = frozenset(
    {
        "not_permitted",
        "wrong_party",
        "already_done",
        "made_too_often",
        "case_needed",
        "case_not_allowed",
        "other_procedure",
        "mark_mismatch",
        "rung_falls",
        "own_entry",
        "no_such_move",
    }
)
"""Problems of the move itself; all others are of its fields."""


class _Next(Ordered):
    """The entry about to be written: its author has seen all that is held here."""

    __slots__ = ()

    def has_seen(self, other: Place) -> bool:  # noqa: ARG002
        """Say yes."""
        return True


def permitted_moves(
    registers: Registers, case: Place | str | None, party: int, channel: ChannelId
) -> tuple[Permitted, ...]:
    """Return the moves open to a party: on a case, or those that open one when `case` is None.

    An opener's first move once more on its own case is a note (a reminder); it is taken when it
    comes and not offered: `message.send` with a reference says the same in the sender's words.

    Raises:
        NotFoundError: the case or channel is not held here.
    """
    found = registers.channel(channel)
    named = _case(registers, case)
    moves: list[Permitted] = []
    for move in MOVES.values():
        if named is None:
            if move.opens == "no" or _blocked(found, move, None, party, 0):
                continue
        elif move.opens == "yes" or _blocked(found, move, named, party, named.marking):
            continue
        rules = PROCEDURES[move.procedure].clocks
        starts = any(move.name in rule.starts for rule in rules)
        moves.append(Permitted(move=move, by=move.by, starts_clock=starts))
    return tuple(moves)


def _blocked(channel: Channel, move: Move, case: Case | None, party: int, marking: int) -> bool:
    """Say whether the state forbids a move; what its fields would say is not looked at."""
    fold = channel.fold
    verdict = fold.step_of(move, case, marking, _next(channel, party, move, 0, marking << 2))
    if verdict.status not in {"step", "note"}:
        return True
    held = fold.standing(marking, party)
    return bool(move.standing) and not any(go.before == held for go in move.standing)


def _case(registers: Registers, case: Place | str | None) -> Case | None:
    if case is None:
        return None
    place = registers.place_of(case)
    now = registers.case_now(place)
    if now is None:
        raise NotFoundError(f"{registers.name_of(place)} belongs to no case")
    return now.case


def check_move(registers: Registers, view: ChannelView, draft: MoveDraft) -> tuple[Problem, ...]:
    """Return what is wrong with a draft; nothing when it may be sent."""
    return _Builder(registers, view, draft).problems


def build_move(registers: Registers, view: ChannelView, draft: MoveDraft) -> Built:
    """Return the entry that a draft becomes.

    Raises:
        MoveNotPermittedError: the move is not open now; says which are.
        InvalidFieldsError: fields are missing, unknown or out of bounds.
    """
    builder = _Builder(registers, view, draft)
    if not builder.problems:
        return builder.built()
    first = builder.problems[0]
    if first.code in NOT_NOW and not first.field:
        open_now: tuple[str, ...] = ()
        if first.code != "no_such_move":
            allowed = permitted_moves(registers, draft.case, draft.party, view.id)
            open_now = tuple(one.move.full_name for one in allowed)
        raise MoveNotPermittedError(first.sentence["en"], permitted=open_now, said=first.sentence)
    raise InvalidFieldsError(
        tuple((one.field or draft.move, one.sentence["en"]) for one in builder.problems),
        told=tuple(one.sentence for one in builder.problems),
    )


class _Builder:
    """One draft on its way to an entry; collects every problem on the way."""

    def __init__(self, registers: Registers, view: ChannelView, draft: MoveDraft) -> None:
        self._registers, self._view, self._draft = registers, view, draft
        self._problems: list[Problem] = []
        self._wire: dict[int, Value] = {}
        self._values: dict[str, Value] = {}
        self._kept: dict[str, Json] = {}
        self._flags = 0
        self._kind = 0
        self._channel = registers.channel(view.id)
        self._next = _next(self._channel, draft.party, None, draft.moment, 0)
        own = {**self._next.means, draft.party: self._next.place.inc}
        self._names = DraftNames(registers.directory, view.id, own)
        move = MOVES.get(draft.move)
        if move is None:
            self._problems.append(problem("", "no_such_move", found=draft.move))
            return
        self._move = move
        self._make()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong."""
        return tuple(self._problems)

    def built(self) -> Built:
        """Return the entry; only when nothing is wrong."""
        return Built(
            move=self._move,
            kind=self._move.kind,
            flags=self._flags,
            fields=self._wire,
            kept=self._kept,
        )

    def _make(self) -> None:
        case = self._find_case()
        self._read_flags(case)
        self._read_fields(case)
        self._seal()
        self._unseal(case)
        self._address(case)
        target = self._refer(case)
        self._set_due()
        if self._problems:
            return
        entry = Entry(
            kind=self._move.kind, time=self._draft.moment, flags=self._flags, fields=self._wire
        )
        author = _Next(
            place=self._next.place, entry=entry, means=self._next.means, seen=self._next.seen
        )
        verdict = self._channel.fold.judge_move(
            self._move,
            case,
            marking=entry.marking,
            author=author,
            values=self._values,
            target=target,
            desk=self._draft.desk,
            codes=self._view.codes,
            drafting=True,
        )
        if verdict.problem is not None:
            self._problems.append(verdict.problem)
        try:
            encode_entry(entry)
        except MalformedError:
            self._problems.append(
                problem("", "too_long", found="65537+", unit=("bytes", "字节"), most=65_536)
            )
        except UsageError as error:
            self._problems.append(problem("", "wrong_form", wanted=(str(error), str(error))))

    def _find_case(self) -> Case | None:
        """Return the case named, checked against what the move needs."""
        named, move = self._draft.case, self._move
        if named is None and isinstance(about := self._draft.fields.get(move.about), str):
            named = about
        words = (move.words["en"], move.words["zh"])
        if named is None:
            if move.opens == "no" and "of" not in self._draft.fields:
                self._problems.append(problem("", "case_needed", move=words))
            return None
        try:
            case = _case(self._registers, self._on_this_channel(named))
        except NotFoundError:
            self._problems.append(problem("case", "no_such_entry", found=named))
            return None
        if case is not None and case.place.channel != self._view.id:
            self._problems.append(problem("case", "unknown_case"))
        return case

    def _on_this_channel(self, named: Place | str) -> Place | str:
        """Return a bare case number with the channel that is written on, all else as it is."""
        if isinstance(named, Place) or prefix_of(named) is None or "/" in named:
            return named
        here = f"{self._view.label}/{named}"
        try:
            return self._registers.place_of(here)
        except NotFoundError:
            return named

    def _read_flags(self, case: Case | None) -> None:
        draft = self._draft
        if len(draft.precedence) != 1 or draft.precedence not in "RPOZ":
            self._problems.append(problem("precedence", "precedence", found=draft.precedence))
            return
        if draft.marking not in MARKS:
            choices = ", ".join(MARKS)
            self._problems.append(
                problem("mark", "unknown_choice", found=draft.marking, choices=choices)
            )
            return
        marking = MARKS.index(draft.marking)
        if case is not None and marking != case.marking:
            wanted = MARKS[case.marking]
            self._problems.append(problem("", "mark_mismatch", found=draft.marking, wanted=wanted))
        private = self._move.private
        asks = not draft.attributable or draft.fields.get("class") == "non-attributable"
        if asks and not private:
            self._problems.append(problem("class", "evidence_class"))
        if private and len(self._view.codes) != 2:
            self._problems.append(problem("", "evidence_private"))
        self._flags = make_flags(
            Precedence("RPOZ".index(draft.precedence)), marking, attributable=not private
        )

    def _fixed(self, case: Case | None) -> Mapping[str, Json]:
        """Return the matter and time that whoever sealed first in a case has fixed for all."""
        if case is None or case.procedure.name != self._move.procedure:
            return {}
        opening = self._channel.case(case.place).opening
        said = {name: opening.json(name) for name in self._move.binds}
        return {name: value for name, value in said.items() if value is not None}

    def _read_fields(self, case: Case | None) -> None:
        """Turn every field given into its wire form."""
        given = {name: json for name, json in self._draft.fields.items() if name not in _NOT_FIELDS}
        if self._move.seals:
            given.pop("commit", None)
            given.setdefault("salt", self._draft.salt.hex())
            given = {**self._fixed(case), **given}
        if self._move.unseals and not {"salt"} & set(given):
            opens = {field.name for field in self._move.fields}
            given = {**{n: j for n, j in self._draft.kept.items() if n in opens}, **given}
        texts = _texts(self._draft)
        given.pop("text", None)
        if texts is not None:
            given["text"] = texts
        known = fields_of(self._move)
        for name, json in given.items():
            if name not in known:
                names = ", ".join(known)
                self._problems.append(problem(name, "unknown", known=names))
                continue
            try:
                value = known[name].type.read(json, name, self._names)
            except FieldFaultError as error:
                self._problems.append(problem_of(error))
                continue
            self._values[name] = value
            if known[name].kept:
                self._kept[name] = json
            else:
                self._wire[known[name].number] = value
        self._problems += text_problems(self._values)
        needed = [one.name for one in self._move.fields if one.required]
        for name in (*needed, *self._move.needs):
            if name not in given:
                self._problems.append(problem(name, "missing"))

    def _seal(self) -> None:
        """Put the commitment in the place of what stays here."""
        if not self._move.seals or self._problems:
            return
        declared = self._move.field("commit")
        assert declared is not None
        digest = commitment_of(self._move, self._values, self._view.id, self._draft.party)
        self._values["commit"] = self._wire[declared.number] = digest
        for name in self._kept:
            del self._values[name]

    def _unseal(self, case: Case | None) -> None:
        """Check that what is opened is what was sealed, and that all hold what all sealed."""
        sealing = PROCEDURES[self._move.procedure].move(self._move.unseals)
        if sealing is not None and case is not None and not self._problems:
            now = self._channel.case(case.place)
            party = self._view.codes[self._draft.party]
            self._problems += opening_problems(now, party, sealing, self._values)

    def _address(self, case: Case | None) -> None:
        draft = self._draft
        if draft.desk:
            self._wire[envelope.F_FROM] = draft.desk
        action = list(draft.action) or (self._others(case) if case is not None else [])
        for number, name, offices in (
            (envelope.F_ACTION, "action", action),
            (envelope.F_INFO, "info", list(draft.info)),
        ):
            desks: list[Value] = []
            for office in offices:
                code, _, desk = office.partition("/")
                if code not in self._view.codes or not desk or len(desk) > 16:
                    wanted = ("a desk of this channel, BRAVO/OPS", "本渠道席位，如 BRAVO/OPS")
                    self._problems.append(problem(name, "wrong_form", wanted=wanted))
                    continue
                desks.append([self._view.number_of(code), desk])
            if desks:
                self._wire[number] = desks

    def _others(self, case: Case) -> list[str]:
        """Return the desks of a case that are not of the author's party."""
        now = self._channel.case(case.place)
        own = self._view.codes[self._draft.party]
        offices = dict.fromkeys([now.by, *now.to])
        return [one for one in offices if "/" in one and one.partition("/")[0] != own]

    def _refer(self, case: Case | None) -> Place | None:
        """Set case and reference; return the entry that is referred to."""
        move = self._move
        target = self._channel.fold.taken_at.get(self._target_place())
        if case is None:
            return target.place if target else None
        own = move.procedure == case.procedure.name
        place = target.place if target else self._default_target(case)
        if not own and not move.field("of"):
            # A ring on a request must not look like an act of that case to the core: the other
            # side's silence would no longer be provable.
            self._wire[envelope.F_ABOUT] = self._names.wire(case.place)
            return None
        self._wire[F_CASE] = self._names.wire(case.place)
        if place is not None and (place != case.place or move.field("of")):
            self._wire[F_REF] = self._names.wire(place)
        return place

    def _target_place(self) -> Place:
        named = self._draft.fields.get("of")
        if isinstance(named, str) and self._move.field("of"):
            try:
                return self._registers.place_of(named)
            except NotFoundError:
                self._problems.append(problem("of", "no_such_entry", found=named))
        return self._next.place

    def _default_target(self, case: Case) -> Place | None:
        """Return the other side's entry that a move answers: the newest that started a clock."""
        starting = {name for rule in case.procedure.clocks for name in rule.starts}
        newest: Place | None = None
        for taken in case.steps:
            if taken.place.party == self._draft.party or taken.read is None:
                continue
            if taken.opens or taken.read.move.name in starting or newest is None:
                newest = taken.place
        return newest

    def _set_due(self) -> None:
        """Write the time an answer is due by into the entry, so that it proves it alone."""
        move = self._move
        for rule in PROCEDURES[move.procedure].clocks:
            if move.name not in rule.starts or rule.writer_owes or rule.due_field:
                continue
            if rule.applies is not None and not rule.applies(DraftStep(self._draft.fields)):
                continue
            self._wire_due(rule)

    def _wire_due(self, rule: ClockRule) -> None:
        profile = self._view.profile
        period, wish = profile.clock(rule.name), self._wire.get(F_DUE)
        if period is None or rule.person or isinstance(wish, list):
            return
        if wish is None or (profile.owes(rule.name) and type(wish) is int and wish < period):
            self._wire[F_DUE] = period
            known = move_due(self._move)
            if known is not None:
                self._values[known] = period


_NOT_FIELDS = frozenset({"authentic", "class"})


def move_due(move: Move) -> str | None:
    """Return the name of the field of a move that travels as the core's due time."""
    return next((one.name for one in move.fields if one.number == F_DUE), None)


def due_words(value: Value) -> str:
    """Return a wire due time in words for a preview: `PT4H` or seconds since 1970."""
    return iso_duration(value) if type(value) is int else str(value)


def _texts(draft: MoveDraft) -> Json:
    """Return the texts of a draft as a list, whichever way they were given."""
    if draft.texts:
        return [{"lang": one.lang, "status": one.status, "text": one.text} for one in draft.texts]
    given = draft.fields.get("text")
    if isinstance(given, str):
        given = {"und": given}
    if not isinstance(given, Mapping):
        return given
    authentic = draft.fields.get("authentic")
    languages = authentic if isinstance(authentic, list | tuple) else list(given)[:1]
    return [
        {"lang": lang, "status": "authentic" if lang in languages else "courtesy", "text": text}
        for lang, text in given.items()
    ]


def _next(channel: Channel, party: int, move: Move | None, moment: int, flags: int) -> _Next:
    """Return the place and knowledge of the entry that a party would write now."""
    last = channel.last_by_party.get(party)
    inc = channel.directory.latest(channel.view.id, party) or _NOBODY
    means = last.means if last is not None else {}
    kind = move.kind if move is not None else Kind.SAY
    return _Next(
        place=Place(channel=channel.view.id, party=party, inc=inc, index=_NEXT),
        entry=Entry(kind=kind, time=Instant(moment), flags=flags),
        means=means,
        seen={},
    )


__all__ = [
    "NOT_NOW",
    "Built",
    "MoveDraft",
    "Permitted",
    "build_move",
    "check_move",
    "due_words",
    "move_due",
    "permitted_moves",
]
