"""Registers: the derived tables of cases, with who owes whom and what proves it.

A register is a function of entries, statements and the moment it is asked for; both sides compute
the same bytes from the same three.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256

from parley.core import canon
from parley.core.canon import Value
from parley.core.ids import ChannelId
from parley.core.instants import Instant
from parley.desk.case import Taken
from parley.desk.case_book import CaseBook
from parley.desk.catalogue import REGISTERS
from parley.desk.deadlines import Clock
from parley.desk.derived import CaseNow, Channel, World
from parley.desk.fields import Json
from parley.desk.fold import MARKS
from parley.desk.joint_comparison import compare_step
from parley.desk.linkages import Cycle
from parley.desk.naming import Directory, prefix_of
from parley.desk.problems import Problem
from parley.desk.procedure import Difference, Passage, Procedure
from parley.desk.readback import compare_read_back
from parley.desk.record import Place
from parley.desk.rows import Balance, CaseView, Irregular, Row, RungGiven, StepView, fits
from parley.desk.seen_claims import false_claims
from parley.desk.told import Step
from parley.errors import NotFoundError


class Registers:
    """All registers at one moment."""

    def __init__(self, worlds: Sequence[World], directory: Directory, moment: Instant) -> None:
        self.moment = moment
        self._directory = directory
        self._channels = sorted(
            (channel for world in worlds for channel in world.channels),
            key=lambda channel: channel.view.id,
        )
        self._by_id = {channel.view.id: channel for channel in self._channels}
        self._rows: dict[str, tuple[Row, ...]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all registers."""
        return tuple(sorted(REGISTERS))

    @property
    def channels(self) -> Sequence[Channel]:
        """Return every channel at this moment, by id."""
        return self._channels

    @property
    def directory(self) -> Directory:
        """Return the names of all places."""
        return self._directory

    def channel(self, channel: ChannelId) -> Channel:
        """Return one channel; NotFoundError if it is not among those asked about."""
        found = self._by_id.get(channel)
        if found is None:
            raise NotFoundError(f"channel {channel.hex()} is not held here")
        return found

    def _fill(self, register: str) -> list[Row]:
        procedure = REGISTERS[register]
        rows: list[Row] = []
        for channel in self._channels:
            if procedure.channel_rows is None:
                cases = (case for case in channel.cases if case.case.procedure is procedure)
                rows += [self.row_of_case(case) for case in cases]
            else:
                rows += self._channel_rows(procedure, channel)
        return rows

    def _channel_rows(self, procedure: Procedure, channel: Channel) -> list[Row]:
        assert procedure.channel_rows is not None
        return [
            Row(
                register=procedure.register,
                case=channel.view.label,
                place=None,
                channel=channel.view.label,
                channel_id=channel.view.id,
                marking=MARKS[marking],
                party=party,
                values=values,
            )
            for marking in channel.markings()
            for party, values in procedure.channel_rows(channel.facts(marking))
        ]

    def rows_about(self, channel: ChannelId) -> list[Row]:
        """Return the rows of one channel in the registers of channels."""
        found = self.channel(channel)
        return [
            row
            for name in self.names
            if REGISTERS[name].channel_rows is not None
            for row in self._channel_rows(REGISTERS[name], found)
        ]

    def row_of_case(self, case: CaseNow) -> Row:
        """Return the row of one case; no other row is built for it."""
        channel = self.channel(case.case.place.channel)
        return Row(
            register=case.case.procedure.register,
            case=case.number,
            place=case.case.place,
            channel=channel.view.label,
            channel_id=channel.view.id,
            marking=MARKS[case.case.marking],
            party=None,
            values=channel.world.row_of(case),
            parts=channel.world.parts_of(case),
            proofs=tuple(clock.proof for clock in case.clocks if clock.proof is not None),
        )

    def rows_of_cases(self) -> Iterator[Row]:
        """Yield the row of every case that has a register, in the order of opening."""
        for channel in self._channels:
            for case in channel.cases:
                if case.case.procedure.register and case.case.procedure.channel_rows is None:
                    yield self.row_of_case(case)

    def books(self) -> Sequence[CaseBook]:
        """Return where the cases of each channel stand, in brief."""
        return [channel.book for channel in self._channels]

    def case_now(self, place: Place) -> CaseNow | None:
        """Return the case an entry belongs to with what follows from it; None if to none."""
        opening = self._opening(place)
        return None if opening is None else self.channel(opening.channel).case(opening)

    def rows(self, register: str) -> tuple[Row, ...]:
        """Return the rows of a register, channels by id, cases in the order of their opening.

        Raises:
            NotFoundError: there is no register of that name.
        """
        if register not in REGISTERS:
            raise NotFoundError(
                f"there is no register {register}", next_step=f"Known: {', '.join(self.names)}."
            )
        if register not in self._rows:
            self._rows[register] = tuple(self._fill(register))
        return self._rows[register]

    def row(self, register: str, case: Place | str, party: str | None = None) -> Row:
        """Return the row of a case (any entry of it), or of a channel by its code.

        With `party` it is the row as it is for that party or recipient alone.

        Raises:
            NotFoundError: there is no such row.
        """
        whose = "" if party is None else f" and party {party}"
        missing = NotFoundError(f"register {register} has no row for {case}{whose}")
        if register in REGISTERS and REGISTERS[register].channel_rows is None:
            now = self.case_now(self.place_of(case))
            if now is None or now.case.procedure is not REGISTERS[register]:
                raise missing
            whole = self.row_of_case(now)
            found = whole if party is None else whole.of_party(party)
            if found is None:
                raise missing
            return found
        for row in self.rows(register):
            if row.party == party and case in (row.channel, self._view_name(row.channel_id)):
                return row
        raise missing

    def _view_name(self, channel: ChannelId) -> str:
        return self.channel(channel).view.name

    def _opening(self, place: Place) -> Place | None:
        fold = self.channel(place.channel).fold
        return fold.case_of.get(place)

    def place_of(self, name: Place | str) -> Place:
        """Return the place that an entry name or case number means.

        A number means the case of its kind: that of a request is no other case of another channel
        whose opening entry has the same place there.

        Raises:
            NotFoundError: no entry held here, or entries of several channels.
        """
        if isinstance(name, Place):
            return name
        found = [
            place
            for place in self._directory.places(name)
            if place in self.channel(place.channel).fold.taken_at
        ]
        if len(found) > 1 and (prefix := prefix_of(name)) is not None:
            found = [place for place in found if self._prefix(place) == prefix] or found
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFoundError(
                f"{name} names no entry held here", next_step="parley case list shows every case."
            )
        names = ", ".join(self._directory.entry_name(place) for place in found)
        raise NotFoundError(f"{name} is found on several channels", next_step=f"Name one: {names}.")

    def _prefix(self, place: Place) -> str | None:
        """Return the letters of the case that an entry opened, None where it opened none."""
        if self._opening(place) != place:
            return None
        return self.channel(place.channel).case(place).case.procedure.prefix

    def name_of(self, place: Place) -> str:
        """Return an entry's name."""
        return self._directory.entry_name(place)

    def case_of(self, place: Place) -> CaseView | None:
        """Return the case an entry belongs to, None if it belongs to none."""
        opening = self._opening(place)
        return None if opening is None else self.case(opening)

    def case(self, case: Place | str) -> CaseView:
        """Return a case by number, or by the name of any entry of it.

        Raises:
            NotFoundError: there is none, or a number is not that of the case it would lead to.
        """
        place = self.place_of(case)
        opening = self._opening(place)
        if opening is None:
            raise NotFoundError(f"{self.name_of(place)} belongs to no case")
        found = self._view(self.channel(opening.channel).case(opening))
        prefix = prefix_of(case) if isinstance(case, str) else None
        if prefix is not None and (prefix != prefix_of(found.number) or place != opening):
            raise NotFoundError(
                f"{case} is the number of no case; entry {self.name_of(place)} belongs to"
                f" {found.number}",
                next_step=f"Name {found.number} if that is meant.",
            )
        return found

    @property
    def cases(self) -> tuple[CaseView, ...]:
        """Return every case."""
        return tuple(self._view(case) for channel in self._channels for case in channel.cases)

    def _view(self, now: CaseNow) -> CaseView:
        channel = self.channel(now.case.place.channel)
        row = channel.world.row_of(now)
        entry = now.case.opening.ordered.entry
        return CaseView(
            number=now.number,
            place=now.case.place,
            procedure=now.procedure,
            version=now.case.procedure.version,
            state=str(row.get("state", now.state)),
            channel=channel.view.label,
            opener=now.case.parties[0],
            marking=MARKS[entry.marking],
            precedence=entry.precedence.letter,
            subject=subject_of(now),
            parties=now.parties,
            by=now.by,
            to=now.to,
            steps=tuple(self._step(taken, channel) for taken in now.case.log),
            row=row,
        )

    def _step(self, taken: Taken, channel: Channel) -> StepView:
        step: Step = channel.step(taken)
        entry = taken.ordered.entry
        return StepView(
            place=taken.place,
            name=step.name,
            party=taken.place.party,
            office=step.office,
            move=step.move,
            kind=entry.kind,
            claimed=entry.time,
            precedence=entry.precedence.letter,
            fields=step.fields(),
            before=taken.before,
            state_after=taken.after,
            status=taken.status,
            code=taken.problem.code if taken.problem else "",
            sentence=taken.problem.sentence if taken.problem else {},
            crossed=taken.crossed,
        )

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """Return every clock that was ever started."""
        return tuple(
            clock for channel in self._channels for case in channel.cases for clock in case.clocks
        )

    def running(self) -> tuple[Clock, ...]:
        """Return the clocks that can still be met, the one due first before the rest."""
        running = [clock for clock in self.clocks if clock.is_running]
        far = max((clock.due or 0 for clock in running), default=0) + 1
        return tuple(sorted(running, key=lambda clock: (clock.due or far, clock.case)))

    def balances(self, party: str | None = None, marking: str | None = None) -> tuple[Balance, ...]:
        """Return who owes whom, one for each pair, direction and marking.

        Args:
            party: only balances this party has part in.
            marking: only these cases; all markings, apart, when None.
        """
        pairs: dict[tuple[str, str, int], list[Clock]] = {}
        for clock in self.clocks:
            if party in (None, clock.owes, clock.asks) and marking in (None, MARKS[clock.marking]):
                pairs.setdefault((clock.owes, clock.asks, clock.marking), []).append(clock)
        return tuple(_balance(key, clocks) for key, clocks in sorted(pairs.items()))

    def passages(self, case: Place | str, side: str) -> tuple[Passage, ...]:
        """Return the text a case is about, in the original of that side; empty if it has none."""
        now = self.case_now(self.place_of(case))
        found = now.case.procedure.passages if now is not None else None
        return tuple(found(now, side)) if found is not None and now is not None else ()

    def accounts(self, case: Place | str) -> Mapping[str, str]:
        """Return which entry holds each party's account of the matter of a case, by its code."""
        now = self.case_now(self.place_of(case))
        found = now.case.procedure.accounts if now is not None else None
        return found(now) if found is not None and now is not None else {}

    def comparison(self, case: Place | str) -> tuple[Difference, ...]:
        """Return the accounts of a case side by side.

        With them what was read back beside what was said, and the languages of each text.
        """
        opening = self._opening(self.place_of(case))
        if opening is None:
            return ()
        channel = self.channel(opening.channel)
        now = channel.case(opening)
        compare = now.case.procedure.compare
        found = list(compare(now)) if compare is not None else []
        for taken in now.case.steps:
            said = channel.step(taken)
            found += compare_step(said)
            for note in channel.fold.acks.get(taken.place, ()):
                found += compare_read_back(said.fields(), said.party, channel.step(note))
        return tuple(found)

    @cached_property
    def cycles(self) -> tuple[Cycle, ...]:
        """Return the cycles of declared preconditions; those of other markings stay apart."""
        worlds = {id(channel.world): channel.world for channel in self._channels}
        return tuple(
            cycle
            for world in worlds.values()
            for marking in range(len(MARKS))
            for cycle in world.cycles(marking)
        )

    @property
    def irregular(self) -> tuple[Irregular, ...]:
        """Return the entries that are kept and act on nothing, with the reason."""
        found: list[Irregular] = []
        for channel in self._channels:
            for taken in channel.fold.log:
                if taken is not None and taken.status == "irregular":
                    assert isinstance(taken.problem, Problem)
                    found.append(
                        Irregular(
                            place=taken.place,
                            name=self.name_of(taken.place),
                            kind=taken.ordered.entry.kind,
                            code=taken.problem.code,
                            sentence=taken.problem.sentence,
                        )
                    )
        return tuple(found)

    @property
    def inconsistent(self) -> tuple[Place, ...]:
        """Return the entries that claim to have seen what their author cannot have seen then."""
        found: list[Place] = []
        for channel in self._channels:
            order = (taken.ordered for taken in channel.fold.log if taken is not None)
            view = channel.view
            claims = false_claims(order, view.statements, view.charter.parties)
            found += [one.place for one in claims]
        return tuple(found)

    def rungs(self, place: Place) -> dict[str, RungGiven]:
        """Return how far an entry has come with each other party of its channel."""
        channel = self.channel(place.channel)
        found: dict[str, RungGiven] = {}
        for number, code in enumerate(channel.view.codes):
            if number != place.party:
                rung, at = channel.rung_of(place, number)
                found[code] = RungGiven(rung=rung, at=None if at is None else Instant(at))
        return found

    def encode(self) -> bytes:
        """Return canonical CBOR of all rows: identical wherever the same record is held."""
        tables: list[Value] = [
            [name, [row_value(row) for row in self.rows(name)]] for name in self.names
        ]
        refused: list[Value] = [[one.place.channel, one.name, one.code] for one in self.irregular]
        refused += [
            [place.channel, self.name_of(place), "inconsistent_claim"]
            for place in self.inconsistent
        ]
        return canon.encode(["parley1 registers", self.moment, tables, refused])

    def digest(self) -> bytes:
        """Return SHA-256 of `encode`, for the officers' line check."""
        return sha256(self.encode()).digest()


def subject_of(now: CaseNow) -> Json:
    """Return what a case is about in one line: its subject, title, or first topic."""
    for name in ("subject", "title", "designation", "what", "topics", "name"):
        found = now.opening.json(name)
        if isinstance(found, list | tuple) and found:
            found = found[0]
        if found is not None:
            return found
    return None


def _balance(key: tuple[str, str, int], clocks: Sequence[Clock]) -> Balance:
    def count(*, owed: bool, states: tuple[str, ...]) -> int:
        return sum(clock.owed is owed and clock.state in states for clock in clocks)

    lapsed = ("lapsed silent", "lapsed dark")
    still = [clock for clock in clocks if clock.is_running or clock.state in lapsed]
    starts = [clock.starts for clock in still if clock.starts is not None]
    return Balance(
        debtor=key[0],
        creditor=key[1],
        marking=MARKS[key[2]],
        open=count(owed=True, states=("running",)),
        lapsed=count(owed=True, states=lapsed),
        proved=sum(clock.state == "lapsed silent" for clock in clocks),
        asked_open=count(owed=False, states=("running",)),
        asked_lapsed=count(owed=False, states=lapsed),
        oldest=Instant(min(starts)) if starts else None,
        cases=tuple(clock.case for clock in still),
    )


def row_value(row: Row) -> Value:
    """Return what a row says as a value of the one encoding."""
    parts = [[party, _plain(own)] for party, own in sorted(row.parts.items())]
    return [row.case, row.channel_id, row.marking, row.party, _plain(row.values), parts]


def _plain(json: Json) -> Value:
    """Return JSON as a value of the one encoding: objects as sorted pairs, fractions as text."""
    if isinstance(json, Mapping):
        return [[name, _plain(json[name])] for name in sorted(json)]
    if isinstance(json, list | tuple):
        return [_plain(member) for member in json]
    if isinstance(json, float):
        return repr(json)
    assert json is None or isinstance(json, bool | int | str)
    return json


__all__ = ["Balance", "CaseView", "Irregular", "Registers", "Row", "RungGiven", "StepView", "fits"]
