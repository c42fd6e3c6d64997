"""Cases at one moment: what declarations are given to fill their rows from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

from parley.core import canon
from parley.core.canon import Value
from parley.desk.case import Case, Taken
from parley.desk.case_book import CaseBook
from parley.desk.catalogue import PROCEDURES, REGISTERS
from parley.desk.deadlines import Clock, Deadlines
from parley.desk.deliveries import Deliveries
from parley.desk.facts import CaseFacts, ChannelFacts, PartyFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.fold import MARKS, Fold, office_of
from parley.desk.linkages import Cycle, cycles_of
from parley.desk.naming import Directory, ref_place
from parley.desk.order import Ordered
from parley.desk.reading import about_place
from parley.desk.reasons import PERSON, ladder_rung
from parley.desk.record import ChannelView, Place
from parley.desk.sealing import author_bytes, sealed_digest
from parley.desk.told import Step

_ABOUT_CHANNELS = tuple(name for name, made in PROCEDURES.items() if made.channel_rows is not None)
"""Procedures whose cases are about the channel itself."""


class CaseNow(CaseFacts):
    """One case at one moment."""

    def __init__(self, case: Case, channel: Channel) -> None:
        self.case = case
        self._channel = channel
        view, directory = channel.view, channel.directory
        self.procedure = case.procedure.name
        self.number = directory.case_number(case.procedure.prefix, case.place)
        self.state = case.state
        self.moment = channel.moment
        self.channel = view.label
        self.opening = channel.step(case.opening)
        self.by = self.opening.office
        self.opener = self.opening.party
        self.parties = tuple(view.codes[number] for number in case.parties)
        read = case.opening.read
        action = read.action if read else ()
        named = [office_of(view.codes, party, desk) for party, desk in action]
        self.to = tuple(named) or self.parties[1:]

    @cached_property
    def steps(self) -> Sequence[StepFacts]:  # type: ignore[override]
        """Return the steps that had an effect."""
        return [self._channel.step(taken) for taken in self.case.steps]

    @cached_property
    def annotations(self) -> Sequence[StepFacts]:  # type: ignore[override]
        """Return notes on the case: acknowledgements, rings, reminders."""
        log = self.case.log
        return [self._channel.step(taken) for taken in log if taken.status == "note"]

    @property
    def is_crossed(self) -> bool:
        """Say whether two moves of it crossed."""
        return any(taken.crossed for taken in self.case.log)

    def delivered(self, step: StepFacts) -> int | None:
        """Return when the first other party signed that it holds the step."""
        assert isinstance(step, Step)
        found = [
            int(first.time)
            for party in self.case.parties
            if party != step.place.party
            and (first := self._channel.deliveries.first_holding(party, step.place)) is not None
        ]
        return min(found) if found else None

    @cached_property
    def clocks(self) -> list[Clock]:
        """Return every clock of the case, in the order of the rules and entries."""
        found: list[Clock] = []
        for rule in self.case.procedure.clocks:
            starters = [
                step.taken
                for step in self.steps
                if isinstance(step, Step)
                and step.taken.read is not None
                and step.taken.read.move.name in rule.starts
                and step.taken.read.move.procedure == self.procedure
                and (rule.applies is None or rule.applies(step))
            ]
            found += self._channel.deadlines.clocks(self.case, self.number, rule, starters)
        return found

    def clock(self, name: str) -> Clock | None:
        """Return the newest clock of that name; one that was answered before one that was not."""
        named = [clock for clock in self.clocks if clock.name == name]
        if not named:
            return None
        newest = [clock for clock in named if clock.place == named[-1].place]
        return min(newest, key=lambda clock: not clock.state.startswith("answered"))

    def setting(self, name: str) -> int | None:
        """Return the length in seconds of a clock of the channel's profile."""
        return self._channel.view.profile.clock(name)

    def rung(self) -> tuple[int, int | None]:
        """Return the highest rung on the opening entry, and the author's time of it."""
        return self._channel.rung(self.case.place, self.case.parties)

    def rung_of(self, party: str) -> tuple[int, int | None]:
        """Return the highest rung one party has given on the opening entry, and when."""
        number = self._channel.view.number_of(party)
        return self._channel.rung_of(self.case.place, number)

    def delivered_to(self, party: str, step: StepFacts) -> int | None:
        """Return when a party signed that it holds a step, None if it has not."""
        assert isinstance(step, Step)
        number = self._channel.view.number_of(party)
        first = self._channel.deliveries.first_holding(number, step.place)
        return None if first is None else int(first.time)

    def notes_about(self, step: StepFacts) -> Sequence[StepFacts]:
        """Return the notes on the case that are about this very step, in order."""
        assert isinstance(step, Step)
        return [
            self._channel.step(taken)
            for taken in self.case.log
            if taken.status == "note" and about_place(taken.read, taken.ordered) == step.place
        ]

    def desk_rungs(self) -> dict[str, int]:
        """Return the highest rung each desk has given on the opening entry, by office."""
        return self._channel.fold.rungs_on(self.case.place, self._channel.view.codes)

    def acknowledged(self) -> tuple[int | None, tuple[str, ...]]:
        """Return when a person first took it, and in which languages that was said."""
        for taken in self._channel.fold.acks.get(self.case.place, []):
            if taken.read is not None and ladder_rung(taken.read.values) >= PERSON:
                step = self._channel.step(taken)
                return step.claimed, step.languages
        return None, ()

    def referrers(self, field: str) -> Sequence[CaseFacts]:
        """Return the cases with a step whose `field` refers to an entry of this case."""
        return self._channel.world.referrers(field, self)

    def referred(self, step: StepFacts, field: str) -> CaseFacts | None:
        """Return the case of the entry that a field of a step refers to, None where not held."""
        assert isinstance(step, Step)
        place = ref_place(step.wire(field), step.taken.ordered)
        return None if place is None else self._channel.world.case_at(place)

    def referred_time(self, step: StepFacts, field: str) -> int | None:
        """Return the author's time of the entry that a field of a step refers to."""
        assert isinstance(step, Step)
        place = ref_place(step.wire(field), step.taken.ordered)
        return None if place is None else self._channel.world.time_at(place)

    def referred_receipt(self, step: StepFacts, field: str, party: str) -> int | None:
        """Return when a party signed that it holds the entry that a field of a step refers to."""
        assert isinstance(step, Step)
        place = ref_place(step.wire(field), step.taken.ordered)
        return None if place is None else self._channel.world.receipt_at(place, party)

    @property
    def identity(self) -> bytes:  # type: ignore[override]
        """Return the place of its opening entry as canonical bytes."""
        place = self.case.place
        return canon.encode([place.channel, place.party, place.inc, place.index])

    def seal_of(self, step: StepFacts, salt: str, value: Value) -> str:
        """Return the commitment that a step's author would have given to a value."""
        assert isinstance(step, Step)
        assert step.taken.read is not None
        series, due = step.taken.read.move.binds
        return sealed_digest(
            salt,
            value,
            series=step.wire(series),
            due=step.wire(due),
            by=author_bytes(step.place.channel, step.place.party),
        )

    def matter(self, step: StepFacts, field: str) -> bytes | None:
        """Return the identity of the case that a field refers to, or of the topic it names."""
        value = step.wire(field)
        if isinstance(value, str):
            return canon.encode(" ".join(value.split()).casefold())
        found = self.referred(step, field)
        return None if found is None else found.identity

    def cycle(self) -> str | None:
        """Return the name of the cycle of preconditions that the case is part of, or None."""
        found = self._cycle()
        return None if found is None else found.name

    def could_open(self) -> Sequence[str]:
        """Return the parties that alone could open that cycle; nobody where there is none."""
        found = self._cycle()
        return () if found is None else found.unlocks

    def _cycle(self) -> Cycle | None:
        cycles = self._channel.world.cycles(self.case.marking)
        return next((one for one in cycles if self.opening.name in one.entries), None)

    def row_of(self, other: CaseFacts) -> dict[str, Json]:
        """Return the row of another case of the same parties."""
        assert isinstance(other, CaseNow)
        return self._channel.world.row_of(other)

    def cases_of(self, procedure: str) -> Sequence[CaseFacts]:
        """Return the cases of a procedure on all channels of these parties, same marking."""
        channels = self._channel.world.channels
        marking = self.case.marking
        return [case for at in channels for case in at.cases_of(procedure, marking)]

    def on_channel(self, procedure: str) -> Sequence[CaseFacts]:
        """Return the cases of a procedure on this channel with this marking, in order."""
        return self._channel.cases_of(procedure, self.case.marking)

    def rows(self, register: str) -> Sequence[dict[str, Json]]:
        """Return finished rows of another register, same parties and marking."""
        return self._channel.world.rows(register, self.case.marking)


class CaseList(Sequence[CaseNow]):
    """Cases of a channel by their openings; each is made when it is asked for."""

    def __init__(self, channel: Channel, places: Sequence[Place]) -> None:
        self._channel, self._places = channel, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> CaseNow: ...
    @overload
    def __getitem__(self, at: slice) -> CaseList: ...
    def __getitem__(self, at: int | slice) -> CaseNow | CaseList:
        if isinstance(at, slice):
            return CaseList(self._channel, self._places[at])
        return self._channel.case(self._places[at])


class Standing(PartyFacts):
    """How one party holds the channel by its own word."""

    def __init__(self, party: str, state: str, since: StepFacts | None) -> None:
        self.party, self.state, self.since = party, state, since


class Channel:
    """One channel at one moment."""

    def __init__(
        self,
        *,
        view: ChannelView,
        fold: Fold,
        deliveries: Deliveries,
        book: CaseBook,
        directory: Directory,
        moment: int,
        world: World,
    ) -> None:
        self.view, self.fold, self.deliveries = view, fold, deliveries
        self._book = book
        self.directory, self.moment, self.world = directory, moment, world
        self.deadlines = Deadlines(view, deliveries, moment, directory)
        self._steps: dict[Place, Step] = {}
        self._made: dict[Place, CaseNow] = {}

    @cached_property
    def book(self) -> CaseBook:
        """Return where every case stands at this moment, in brief."""
        self._book.update(self)
        return self._book

    @cached_property
    def cases(self) -> list[CaseNow]:
        """Return every case, in the order of their opening."""
        return [self.case(place) for place in self.fold.cases]

    @cached_property
    def last_by_party(self) -> dict[int, Ordered]:
        """Return the newest entry of each party that has written here."""
        found: dict[int, Ordered] = {}
        for one in reversed(self.fold.order):
            found.setdefault(one.place.party, one)
            if len(found) == len(self.view.codes):
                break
        return found

    def cases_of(self, procedure: str, marking: int) -> CaseList:
        """Return the cases of a procedure under one marking, in the order of their opening."""
        return CaseList(self, self.fold.index.of(procedure, marking))

    def case(self, opening: Place) -> CaseNow:
        """Return the case that an entry opened."""
        made = self._made.get(opening)
        if made is None:
            made = self._made[opening] = CaseNow(self.fold.cases[opening], self)
        return made

    def step(self, taken: Taken) -> Step:
        """Return an entry told in names."""
        if taken.place not in self._steps:
            self._steps[taken.place] = Step(taken, self.view, self.directory)
        return self._steps[taken.place]

    def rung(self, place: Place, parties: Sequence[int]) -> tuple[int, int | None]:
        """Return the highest rung of any other party on an entry, and when it was given."""
        best: tuple[int, int | None] = (0, None)
        for party in parties:
            if party != place.party:
                best = max(best, self.rung_of(place, party), key=lambda given: given[0])
        return best

    def rung_of(self, place: Place, party: int) -> tuple[int, int | None]:
        """Return the highest rung one party has given on an entry, and when."""
        first = self.deliveries.first_holding(party, place)
        best: tuple[int, int | None] = (0, None) if first is None else (1, int(first.time))
        for taken in self.fold.acks.get(place, []):
            rung = ladder_rung(taken.read.values) if taken.read else 0
            if taken.place.party == party and best[0] < rung:
                best = (rung, int(taken.ordered.entry.time))
        return best

    def markings(self) -> list[int]:
        """Return the markings of what was said on the channel; LIVE when nothing was."""
        found = self.fold.index.markings()
        return sorted(found | {marking for marking, _ in self.fold.standings}) or [0]

    def facts(self, marking: int) -> ChannelNow:
        """Return the channel under one marking."""
        return ChannelNow(self, marking)


class ChannelNow(ChannelFacts):
    """One channel under one marking, for the register of channels."""

    def __init__(self, channel: Channel, marking: int) -> None:
        self._channel, self._marking = channel, marking
        self.channel = channel.view.label
        self.moment = channel.moment
        about = [case for name in _ABOUT_CHANNELS for case in channel.cases_of(name, marking)]
        self._case_of = {id(step): case for case in about for step in case.steps}
        self.acts = [step for case in about for step in case.steps]
        self.renewals = [case for case in about if case.steps_of("renew")]
        self.standings = [
            self._standing(marking, number) for number in range(len(channel.view.codes))
        ]

    def _standing(self, marking: int, number: int) -> Standing:
        acts = self._channel.fold.standings.get((marking, number), [])
        state = self._channel.fold.standing(marking, number)
        since = self._channel.step(acts[-1]) if acts else None
        return Standing(self._channel.view.codes[number], state, since)

    def cases_of(self, procedure: str) -> Sequence[CaseFacts]:
        """Return the cases of a procedure on the channel, in order."""
        return self._channel.cases_of(procedure, self._marking)

    def unmet(self) -> Iterator[CaseFacts]:
        """Yield the requests that were refused, or of which a clock lapsed, in no order."""
        book = self._channel.book
        for place in reversed(book.unmet):
            if book.briefs[place].marking == self._marking:
                yield self._channel.case(place)

    def row_of(self, case: CaseFacts) -> dict[str, Json]:
        """Return the case's row in its own register."""
        assert isinstance(case, CaseNow)
        return self._channel.world.row_of(case)

    def setting(self, name: str) -> int | None:
        """Return the length in seconds of a clock of the channel's profile."""
        return self._channel.view.profile.clock(name)

    def delivered(self, step: StepFacts) -> int | None:
        """Return when the first other party signed that it holds an act about the channel."""
        case = self._case_of.get(id(step))
        return None if case is None else case.delivered(step)

    def proposals(self) -> Sequence[StepFacts]:
        """Return what opened each case about a channel, on any channel of the same parties."""
        return [
            case.opening
            for channel in self._channel.world.channels
            for name in _ABOUT_CHANNELS
            for case in channel.cases_of(name, self._marking)
        ]

    @property
    def ends_at(self) -> int | None:
        """Return when the charter ends, None when it is open."""
        return self._channel.view.charter.ends_at


class World:
    """Channels of the same parties at one moment; what can refer to each other."""

    def __init__(self) -> None:
        self.channels: list[Channel] = []
        self._made: dict[Place, dict[str, Json]] = {}
        self._cycles: dict[int, tuple[Cycle, ...]] = {}

    def row_of(self, case: CaseNow) -> dict[str, Json]:
        """Return the row of a case."""
        made = self._made.get(case.case.place)
        if made is None:
            fill = case.case.procedure.row
            made = fill(case) if fill is not None else {"state": case.state}
            self._made[case.case.place] = made
        return made

    def cycles(self, marking: int) -> tuple[Cycle, ...]:
        """Return the cycles among the declared preconditions of these parties."""
        if marking not in self._cycles:
            cases = [case for at in self.channels for case in at.cases_of("linkage", marking)]
            self._cycles[marking] = cycles_of(cases)
        return self._cycles[marking]

    def parts_of(self, case: CaseNow) -> Mapping[str, Mapping[str, Json]]:
        """Return what the row of a case shows for single parties or recipients."""
        fill = case.case.procedure.parts
        return fill(case) if fill is not None else {}

    def rows(self, register: str, marking: int) -> list[dict[str, Json]]:
        """Return the rows of a register under one marking; of channels with the party."""
        per_channel = REGISTERS[register].channel_rows if register in REGISTERS else None
        if per_channel is not None:
            return [
                {**values, "by": party, "state": values.get("declared"), "channel": at.view.label}
                for at in self.channels
                for party, values in per_channel(at.facts(marking))
            ]
        procedure = REGISTERS.get(register)
        return [
            self.row_of(case)
            for channel in self.channels
            for case in (channel.cases_of(procedure.name, marking) if procedure else ())
        ]

    def referrers(self, field: str, case: CaseNow) -> list[CaseFacts]:
        """Return the cases that name an entry of `case` in `field`, each once."""
        found: dict[Place, CaseFacts] = {}
        for taken in case.case.log:
            for channel in self.channels:
                for opening in channel.fold.index.referrers(field, taken.place):
                    other = channel.case(opening)
                    if other.case.marking == case.case.marking and other is not case:
                        found[opening] = other
        return list(found.values())

    def case_at(self, place: Place) -> CaseNow | None:
        """Return the case that an entry belongs to, None where none is held."""
        for channel in self.channels:
            opening = channel.fold.case_of.get(place)
            if opening is not None:
                return channel.case(opening)
        return None

    def time_at(self, place: Place) -> int | None:
        """Return the author's time of an entry held here."""
        for channel in self.channels:
            taken = channel.fold.taken_at.get(place)
            if taken is not None:
                return int(taken.ordered.entry.time)
        return None

    def receipt_at(self, place: Place, party: str) -> int | None:
        """Return when a party signed that it holds an entry, None while it has not."""
        for channel in self.channels:
            if place in channel.fold.taken_at and party in channel.view.codes:
                number = channel.view.number_of(party)
                first = channel.deliveries.first_holding(number, place)
                return None if first is None else int(first.time)
        return None


def mark_name(marking: int) -> str:
    """Return LIVE, EXERCISE, TEST or SIMULATION."""
    return MARKS[marking]
