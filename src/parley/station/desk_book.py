"""The record as the desk reads it, and the desk's answers, kept while they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from parley.core.entry import Entry
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.statement import Statement
from parley.desk.catalogue import KINDS
from parley.desk.desk import Desk
from parley.desk.profiles import of_basis
from parley.desk.record import ChannelView as DeskChannel
from parley.desk.record import Place, Placed, as_of
from parley.desk.registers import Registers
from parley.errors import NotFoundError
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.register_index import RegisterIndex
from parley.station.trust import Trust
from parley.store.interface import EntryRow, StoredPlace

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an entry says, in the desk's terms.

    Attributes:
        procedure, move: names; empty where the desk cannot read it.
        office: who wrote it, `BRAVO/OPS`.
        action, info: offices.
        fields: values by name, texts apart.
        target: the entry it answers or acknowledges.
        problem: why it has no effect; empty when it has one.
    """

    procedure: str
    move: str
    office: str
    action: Sequence[str]
    info: Sequence[str]
    fields: Mapping[str, Any]
    texts: Sequence[Mapping[str, Any]]
    target: Place | None
    problem: str


@dataclass(slots=True)
class _Kept:
    """What is in memory of one channel; only ever grows."""

    entries: list[Placed] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    acks_read: int = 0
    acks: dict[Place, list[Place]] = field(default_factory=dict)


class DeskBook:
    """Hands the record to the desk and keeps its answers for one moment."""

    def __init__(self, station: Station, trust: Trust, record: RecordBook) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk, self._index = Desk(), RegisterIndex(self._number)
        self._past: tuple[int, Instant, Registers, RegisterIndex] | None = None
        self._numbers: dict[Place, int] = {}
        self._kept: dict[ChannelId, _Kept] = {}
        self._next = 0
        self._next_said = 0
        self._seen = -1
        self._views: list[DeskChannel] = []
        self._codes: Mapping[PartyId, str] = {}
        self._answer: tuple[Instant, Registers] | None = None

    # --- what the desk reads ---

    def views(self) -> Sequence[DeskChannel]:
        """Return every channel as the desk reads it."""
        sequence = self._station.reader.sequence()
        codes = self._trust.codes()
        channels = self._station.channels()
        if sequence == self._seen and codes == self._codes and len(channels) == len(self._views):
            return self._views
        self._take_entries(sequence)
        self._take_statements()
        for channel in channels:
            self._kept.setdefault(channel.charter.channel_id, _Kept())
        self._views = [
            DeskChannel(
                charter=channel.charter,
                codes=tuple(self._trust.code_of(party) for party in channel.charter.parties),
                entries=self._kept[channel.charter.channel_id].entries,
                statements=self._kept[channel.charter.channel_id].statements,
                profile=of_basis(channel.charter.basis),
            )
            for channel in channels
        ]
        self._seen, self._codes = sequence, codes
        self._past, self._answer = None, None
        return self._views

    def _take_entries(self, sequence: int) -> None:
        while self._next <= sequence:
            places = self._station.reader.places(self._next, _PAGE)
            for row in self._rows(places):
                kept = self._kept.setdefault(row.log.channel, _Kept())
                kept.entries.append(self._placed(row.log, row.index, self._record.decode(row)))
            if len(places) < _PAGE:
                self._next = sequence + 1
                return
            self._next = places[-1].number + 1

    def _rows(self, places: Sequence[StoredPlace]) -> Iterator[EntryRow]:
        """Yield the entries at places, in their order; neighbours are read together."""
        at = 0
        while at < len(places):
            end = at + 1
            while end < len(places) and _follows(places[end - 1], places[end]):
                end += 1
            yield from self._station.reader.entries(places[at].log, places[at].index, end - at)
            at = end

    def _take_statements(self) -> None:
        """Take statements as they were stored: an older one may come after a newer one."""
        while rows := self._station.reader.said(self._next_said, _PAGE):
            for _, row in rows:
                said = row.signed.statement
                self._kept.setdefault(said.channel, _Kept()).statements.append(said)
            self._next_said = rows[-1][0] + 1

    def _placed(self, log: LogId, index: int, entry: Entry) -> Placed:
        charter = self._record.channel_of(log).charter
        return Placed(party=charter.party_number(log.party), inc=log.inc, index=index, entry=entry)

    def view(self, channel: ChannelId) -> DeskChannel:
        """Return one channel as the desk reads it; NotFoundError if it is not known."""
        for view in self.views():
            if view.id == channel:
                return view
        raise NotFoundError(f"there is no channel {channel.hex()}")

    # --- places ---

    def place(self, log: LogId, index: int) -> Place:
        """Return where an entry stands, in the desk's terms."""
        charter = self._record.channel_of(log).charter
        number = charter.party_number(log.party)
        return Place(channel=log.channel, party=number, inc=log.inc, index=index)

    def log_place(self, place: Place) -> tuple[LogId, int]:
        """Return the log and index of a desk place."""
        charter = self.view(place.channel).charter
        return LogId(place.channel, charter.parties[place.party], place.inc), place.index

    def name(self, place: Place) -> str:
        """Return the name of the entry at a desk place."""
        return self._record.name(*self.log_place(place))

    def said(self, place: Place) -> Said | None:
        """Return what an entry says; None for the core's own kinds."""
        channel = self.registers().channel(place.channel)
        taken = channel.fold.taken_at.get(place)
        if taken is None:
            return None
        step = channel.step(taken)
        read = taken.read
        fields = dict(step.fields())
        texts = fields.pop("text", None)
        codes = channel.view.codes
        return Said(
            procedure="" if read is None else read.move.procedure,
            move="" if read is None else read.move.name,
            office=step.office,
            action=[f"{codes[party]}/{desk}" for party, desk in read.action] if read else [],
            info=[f"{codes[party]}/{desk}" for party, desk in read.info] if read else [],
            fields=fields,
            texts=[row for row in texts if isinstance(row, Mapping)]
            if isinstance(texts, list)
            else [],
            target=None if read is None else read.target,
            problem="" if taken.problem is None else taken.problem.sentence["en"],
        )

    def acks_of(self, place: Place) -> Sequence[Place]:
        """Return every acknowledgement of the entry at a place, as they were stored."""
        registers = self.registers()
        kept = self._kept[place.channel]
        taken_at = registers.channel(place.channel).fold.taken_at
        while kept.acks_read < len(kept.entries):
            placed = kept.entries[kept.acks_read]
            kept.acks_read += 1
            move = KINDS.get(placed.entry.kind)
            taken = taken_at.get(placed.place(place.channel))
            if move is None or move.procedure != "ack" or taken is None or taken.read is None:
                continue
            if taken.read.target is not None:
                kept.acks.setdefault(taken.read.target, []).append(taken.place)
        return kept.acks.get(place, ())

    # --- what the desk answers ---

    def registers(self, moment: Instant | None = None) -> Registers:
        """Return the registers of this moment, or as they stood at an earlier one."""
        if moment is not None:
            return self._as_of(moment)[0]
        views = self.views()
        now = self._station.now()
        if self._answer is not None and self._answer[0] == now:
            return self._answer[1]
        registers = self._desk.registers(views, now)
        self._answer = (now, registers)
        return registers

    def index(self, moment: Instant | None = None) -> RegisterIndex:
        """Return the cases of `registers` in the order in which they came here."""
        if moment is not None:
            return self._as_of(moment)[1]
        self._index.update(self.registers())
        return self._index

    def _as_of(self, moment: Instant) -> tuple[Registers, RegisterIndex]:
        """Return the past, worked out apart; it is kept for whoever turns its pages."""
        views = self.views()
        if self._past is not None and self._past[:2] == (self._seen, moment):
            return self._past[2], self._past[3]
        registers = Desk().registers(as_of(views, moment), moment)
        index = RegisterIndex(self._number)
        index.update(registers)
        self._past = (self._seen, moment, registers, index)
        return registers, index

    def _number(self, place: Place) -> int:
        """Return under which running number an entry is stored here."""
        number = self._numbers.get(place)
        if number is None:
            log, index = self.log_place(place)
            number = self._station.reader.number_of(log, index)
            if number is None:
                raise NotFoundError(f"{self.name(place)} is not held here")
            self._numbers[place] = number
        return number


def _follows(one: StoredPlace, other: StoredPlace) -> bool:
    return other.log == one.log and other.index == one.index + 1
