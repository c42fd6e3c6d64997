"""The record as the desk reads it, and the desk's answers, kept while they hold."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from parley.core.charter import Charter
from parley.core.entry import Entry, Kind, decode_entry
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.statement import Statement
from parley.desk.catalogue import KINDS
from parley.desk.derived import Channel
from parley.desk.desk import Desk
from parley.desk.procedure import Move
from parley.desk.profiles import Profile, of_basis
from parley.desk.record import ChannelView as DeskChannel
from parley.desk.record import Place, Placed, as_of
from parley.desk.registers import Registers
from parley.errors import MalformedError, NotFoundError, StationUnreachableError
from parley.station.haystack import Haystack, line_of
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.register_index import RegisterIndex
from parley.station.short_desk import ShortDesk
from parley.station.trust import Trust
from parley.store.interface import EntryRow

_PAGE: Final = 1_000
_SLICE: Final = 128
_AT_ONCE: Final = 5_000
"""So many facts are read while whoever asks waits; it takes half a second."""


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
    """What is in memory of one channel; only ever grows.

    Attributes:
        numbers: running numbers of the entries of each log, as far as they came in order.
    """

    entries: list[Placed] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    acks_read: int = 0
    acks: dict[Place, list[Place]] = field(default_factory=dict)
    numbers: dict[LogId, array[int]] = field(default_factory=dict)


class DeskBook:
    """Hands the record to the desk and keeps its answers for one moment.

    Attributes:
        is_taking_up: a long record is being read; until then the desk answers nothing.
    """

    def __init__(
        self,
        station: Station,
        trust: Trust,
        record: RecordBook,
        profiles: Mapping[str, Profile] | None = None,
    ) -> None:
        """Read a station's record; `profiles` are its own, beside those that come with the desk."""
        self._profiles = profiles or {}
        self._station = station
        self._trust = trust
        self._record = record
        self._desk, self._index = Desk(), RegisterIndex(self._number)
        self._past: tuple[int, Instant, Registers, RegisterIndex] | None = None
        self._kept: dict[ChannelId, _Kept] = {}
        self.is_taking_up = False
        self._received = Instant(0)
        self._next = 0
        self._next_said = 0
        self._seen = -1
        self._views: list[DeskChannel] = []
        self._charters: dict[ChannelId, Charter] = {}
        self._haystack = Haystack()
        self._unread: list[tuple[int, Place]] = []
        self._authors: dict[LogId, tuple[int, int]] = {}
        self._codes: Mapping[PartyId, str] = {}
        self._answer: tuple[Instant, Registers] | None = None
        self._short = ShortDesk(station, self._placed, self._view_of)

    # --- taking a record up ---

    def take_up(self) -> Generator[None, None, None]:
        """Read the whole record in small pieces; the caller does other work between them.

        A record of a million entries is read for a minute or two. What asks for the desk's answers
        meanwhile is refused, so that nothing waits for it on the one thread of the station.
        """
        self.is_taking_up = True
        try:
            while (sequence := self._station.reader.sequence()) >= self._next:
                views = self._views_to(min(sequence, self._next + _SLICE - 1))
                # The moment goes along with the record: at the present every clock would be past
                # its time, and be looked at anew with each statement that is still to be read.
                self._take_in(views, min(self._station.now(), self._received))
                yield
            moment = self._received
            while moment < self._station.now():
                books = self._take_in(self._views, moment).books()
                turns = [book.turn_of(_SLICE) for book in books]
                moment = Instant(max(moment + 1, min(turns, default=self._station.now())))
                yield
        finally:
            self.is_taking_up = False

    def _take_in(self, views: Sequence[DeskChannel], moment: Instant) -> Registers:
        """Bring everything that is kept for answers to these views and a moment."""
        registers = self._desk.registers(views, moment)
        self._index.update(registers)
        self._read_lines(registers)
        for view in views:
            self._read_acks(registers.channel(view.id))
        return registers

    def _read_lines(self, registers: Registers) -> None:
        """Make what was taken since the last time ready to be searched."""
        for number, place in self._unread:
            channel = registers.channel(place.channel)
            taken = channel.fold.taken_at.get(place)
            if taken is not None:
                line = line_of(self.name(place), taken, channel, registers.case_now(place))
                self._haystack.add(number, line)
        self._unread.clear()

    def forget(self) -> None:
        """Read the record anew from its beginning: the disk had changed what was read of it."""
        self._desk, self._index = Desk(), RegisterIndex(self._number)
        self._past, self._answer = None, None
        self._kept.clear()
        self._unread.clear()
        self._haystack = Haystack()
        self._received = Instant(0)
        self._next = self._next_said = 0
        self._seen = -1

    @property
    def behind(self) -> int:
        """Return how many facts of the record are not read yet."""
        return max(0, self._station.reader.sequence() - self._next + 1)

    @property
    def is_far_behind(self) -> bool:
        """Say whether more is left than is read while somebody waits."""
        return self.behind > _AT_ONCE

    # --- what the desk reads ---

    def views(self) -> Sequence[DeskChannel]:
        """Return every channel as the desk reads it.

        Raises:
            StationUnreachableError: a long record is still being taken up; see `take_up`.
        """
        sequence = self._station.reader.sequence()
        if self.is_taking_up:
            raise StationUnreachableError(
                f"the desk is still reading the record: {self._next:,} of {sequence:,} facts",
                next_step="Ask again in a while; the links work meanwhile, and nothing is missed.",
            )
        return self._views_to(sequence)

    def _views_to(self, sequence: int) -> Sequence[DeskChannel]:
        """Return the channels with what was stored up to a running number."""
        codes = self._trust.codes()
        channels = self._station.channels()
        if sequence == self._seen and codes == self._codes and len(channels) == len(self._views):
            return self._views
        self._take_entries(sequence)
        self._take_statements(sequence)
        for channel in channels:
            self._kept.setdefault(channel.charter.channel_id, _Kept())
        self._views = [
            self._view_of(channel.charter, kept.entries, kept.statements)
            for channel in channels
            for kept in [self._kept[channel.charter.channel_id]]
        ]
        self._charters = {view.id: view.charter for view in self._views}
        self._seen, self._codes = sequence, codes
        self._past, self._answer = None, None
        return self._views

    def _view_of(
        self, charter: Charter, entries: Sequence[Placed], statements: Sequence[Statement] = ()
    ) -> DeskChannel:
        return DeskChannel(
            charter=charter,
            codes=tuple(self._trust.code_of(party) for party in charter.parties),
            entries=entries,
            statements=statements,
            profile=self.profile(charter),
        )

    def profile(self, charter: Charter) -> Profile:
        """Return the profile that a channel's charter names."""
        return of_basis(charter.basis, self._profiles)

    def _take_entries(self, sequence: int) -> None:
        while self._next <= sequence:
            rows = self._station.reader.stored(self._next, min(_PAGE, sequence - self._next + 1))
            for number, row in rows:
                if number > sequence:
                    break
                kept = self._kept.setdefault(row.log.channel, _Kept())
                try:
                    placed = self._placed(row)
                except MalformedError:
                    continue  # the disk changed it; once it is back, all is read anew
                kept.entries.append(placed)
                if placed.entry.kind in KINDS:
                    self._unread.append((number, placed.place(row.log.channel)))
                self._received = max(self._received, row.received)
                numbers = kept.numbers.setdefault(row.log, array("Q"))
                if row.index == len(numbers):
                    numbers.append(number)
            self._next = rows[-1][0] + 1 if rows and rows[-1][0] < sequence else sequence + 1

    def _take_statements(self, sequence: int) -> None:
        """Take statements as they were stored: an older one may come after a newer one."""
        while self._next_said <= sequence:
            most = min(_PAGE, sequence - self._next_said + 1)
            rows = self._station.reader.said(self._next_said, most)
            for number, row in rows:
                if number > sequence:
                    break
                said = row.signed.statement
                self._kept.setdefault(said.channel, _Kept()).statements.append(said)
            at_end = not rows or rows[-1][0] >= sequence
            self._next_said = sequence + 1 if at_end else rows[-1][0] + 1

    def _placed(self, row: EntryRow) -> Placed:
        log = row.log
        if log not in self._authors:
            charter = self._record.channel_of(log).charter
            self._authors[log] = charter.party_number(log.party), len(charter.parties) - 1
        party, others = self._authors[log]
        entry = decode_entry(row.raw, others=others)
        if entry.kind == Kind.PART:
            # The desk reads nothing of it, and files must not fill the memory.
            entry = Entry(kind=entry.kind, time=entry.time, flags=entry.flags, seen=entry.seen)
        return Placed(party=party, inc=log.inc, index=row.index, entry=entry)

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
        charter = self._charters.get(place.channel)
        if charter is None:
            charter = self.view(place.channel).charter
        return LogId(place.channel, charter.parties[place.party], place.inc), place.index

    def name(self, place: Place) -> str:
        """Return the name of the entry at a desk place."""
        return self._record.name(*self.log_place(place))

    def said(self, place: Place) -> Said | None:
        """Return what an entry says; None for the core's own kinds."""
        channel = self.registers_about(place).channel(place.channel)
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
            problem=""
            if taken.problem is None or self.is_taking_up
            else taken.problem.sentence["en"],
        )

    def acks_of(self, place: Place) -> Sequence[Place]:
        """Return every acknowledgement of the entry at a place, as they were stored.

        While a long record is taken up none is known; see `is_taking_up`.
        """
        if self.is_taking_up:
            return ()
        return self._read_acks(self.registers().channel(place.channel)).get(place, ())

    def _read_acks(self, channel: Channel) -> Mapping[Place, Sequence[Place]]:
        """Return the acknowledgements of a channel by what they acknowledge."""
        kept, taken_at = self._kept[channel.view.id], channel.fold.taken_at
        while kept.acks_read < len(kept.entries):
            placed = kept.entries[kept.acks_read]
            kept.acks_read += 1
            move = KINDS.get(placed.entry.kind)
            if move is None or move.procedure != "ack":
                continue
            taken = taken_at.get(placed.place(channel.view.id))
            if taken is not None and taken.read is not None and taken.read.target is not None:
                kept.acks.setdefault(taken.read.target, []).append(taken.place)
        return kept.acks

    def holding(self, words: Sequence[str], below: int | None = None) -> Iterator[int]:
        """Yield the running numbers of entries that may hold every word, newest first.

        An entry is looked for under what was known of its case when it was read here.

        Args:
            words: folded; see `haystack.fold`.
            below: only numbers below it.
        """
        self._read_lines(self.registers())
        return self._haystack.holding(words, below)

    def line(self, name: str) -> str:
        """Return everything the entry of a name can be found by; empty for the core's own."""
        registers, place = self.registers(), self.place(*self._record.place(name))
        channel = registers.channel(place.channel)
        taken = channel.fold.taken_at.get(place)
        return "" if taken is None else line_of(name, taken, channel, registers.case_now(place))

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

    def registers_about(self, place: Place) -> Registers:
        """Return registers that hold an entry: all, or its own while a record is taken up.

        Raises:
            StationUnreachableError: not even this entry can be read yet.
        """
        return self._registers_of(self._record.channel(place.channel.hex()).charter, place)

    def registers_to_open(self, charter: Charter) -> Registers:
        """Return registers of a channel by which cases can be opened there; see `can_open`."""
        return self._registers_of(charter)

    def _registers_of(self, charter: Charter, about: Place | None = None) -> Registers:
        short = self._short.registers(charter, about) if self.is_taking_up else None
        return self.registers() if short is None else short

    def can_open(self, move: Move) -> bool:
        """Say whether a move that opens a case can be written now."""
        return not self.is_taking_up or self._short.can_write(move, is_about=False)

    def registers_to_write(self, charter: Charter, move: Move, about: str | None) -> Registers:
        """Return registers by which a move can be written: all, or what it needs of them.

        Args:
            charter: of the channel.
            move: what is to be written.
            about: name of the entry or case it is about.

        Raises:
            StationUnreachableError: it needs a record that is still being taken up.
        """
        if not self.is_taking_up or not self._short.can_write(move, is_about=about is not None):
            return self.registers()
        if about is None:
            return self.registers_to_open(charter)
        try:
            place = self.place(*self._record.place(about))
        except NotFoundError:
            return self.registers()
        return self.registers_about(place)

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
        log, index = self.log_place(place)
        numbers = self._kept[place.channel].numbers.get(log, ())
        if index < len(numbers):
            return numbers[index]
        # What came out of order stands in no list.
        number = self._station.reader.number_of(log, index)
        if number is None:
            raise NotFoundError(f"{self.name(place)} is not held here")
        return number
