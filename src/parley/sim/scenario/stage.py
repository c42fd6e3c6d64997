"""What a scenario is played on: stations of its parties, with channels, links and clocks.

`SimStage` is the simulated one; the command line has one of real stations over TLS.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Final, TypeVar

from parley.core.card import Card
from parley.core.charter import Charter, decode_charter
from parley.core.cosignature import WitnessKey, witness_of
from parley.core.entry import decode_entry
from parley.core.ids import ChannelId, LogId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.core.statement import Statement
from parley.desk.catalogue import MOVES
from parley.desk.desk import Desk
from parley.desk.fields import Json
from parley.desk.move_draft import meant
from parley.desk.record import ChannelView, Place, Placed
from parley.desk.registers import Registers
from parley.desk.rules import MoveDraft, build_move, check_move
from parley.errors import ConflictError, NotFoundError, ParleyError, UsageError
from parley.sim.people import make_identity
from parley.sim.scenario.model import Scenario, ScenarioChannel
from parley.station.effects import NewEntry
from parley.station.export import Exporter
from parley.store.interface import Reader

OPENING_S: Final = 900
"""Channels are opened so long before the history begins."""
SHORT_S: Final = 36 * 3600
"""In a history of up to so long links are up all the time; that alone is most of its cost."""
_BEATS: Final = (
    (SHORT_S, 600),
    (10 * 86_400, 3600),
    (60 * 86_400, 86_400),
    (10**12, 7 * 86_400),
)
"""How long a history is at most, and how often its stations sign where nothing happens."""
_PAGE: Final = 500
YEAR_S: Final = 366 * 86_400
_T = TypeVar("_T")


@cache
def _decoded(raw: bytes) -> Charter:
    """Return a charter; decoded once, since it is asked for with every move."""
    return decode_charter(raw)


@dataclass(slots=True)
class _Known:
    """What one station holds of one channel, in the order in which it was stored.

    Attributes:
        entries, statements: what it holds; the same lists as long as the station lives.
        entries_at, statements_at: when it stored each, by its own clock.
        gapless: below this index every entry of a log is known.
        beyond: indexes known above that.
        next_said: running number of the next statement to be read.
    """

    entries: list[Placed] = field(default_factory=list)
    entries_at: list[Instant] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    statements_at: list[Instant] = field(default_factory=list)
    gapless: dict[LogId, int] = field(default_factory=dict)
    beyond: dict[LogId, set[int]] = field(default_factory=dict)
    next_said: int = 1


class RefusedError(ConflictError):
    """The desk refuses a move.

    Attributes:
        codes: every word for the reason: that of the error, and those of what is wrong.
        problem: the refusal itself.
    """

    def __init__(self, problem: ParleyError, codes: Sequence[str]) -> None:
        super().__init__(str(problem), next_step=problem.next_step)
        self.codes = frozenset(codes)
        self.problem = problem


class Stage(ABC):
    """Stations, channels and links of one scenario.

    In a history of a day the links are always up, but for the faults of the file. In a longer one
    they are up when something happens, before what a claim asks about, and once an hour, a day
    or a week, as it is longer: a heartbeat a minute for years says no more.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.is_rough = False
        self.is_short = scenario.cutoff - scenario.start <= SHORT_S
        self.beat = next(beat for most, beat in _BEATS if scenario.cutoff - scenario.start <= most)
        self.begins = Instant(scenario.start - OPENING_S)
        self._channels: dict[str, tuple[ChannelId, Instant]] = {}
        self._known: dict[tuple[str, ChannelId], _Known] = {}
        self._desks: dict[str, Desk] = {}
        self._kept: dict[tuple[str, str], Mapping[str, Json]] = {}

    # --- what each kind of stage does in its own way ---

    @property
    @abstractmethod
    def now(self) -> Instant:
        """Return the moment that is played."""

    @abstractmethod
    def advance(self, moment: Instant) -> None:
        """Go on to a moment; the links as the scenario's faults have them then."""

    @abstractmethod
    def settle(self) -> None:
        """Let what was just written arrive where it can."""

    @abstractmethod
    def wait_for(self, code: str, place: Place) -> None:
        """Let time pass until a party holds an entry, where it can come to hold it soon."""

    @abstractmethod
    def wall(self, code: str) -> Instant:
        """Return what a party's clock shows."""

    @abstractmethod
    def reader(self, code: str) -> Reader:
        """Return what a party's station has stored."""

    @abstractmethod
    def cards(self) -> dict[str, Card]:
        """Return the cards of all parties and witnesses, by code."""

    @abstractmethod
    def append(self, code: str, channel: ChannelId, entry: NewEntry) -> tuple[LogId, int]:
        """Let a station write an entry; return where it stands, once it is on disk."""

    @abstractmethod
    def propose(self, charter: Charter, parties: Sequence[str]) -> None:
        """Let the first of these parties propose a channel; the others accept when they know."""

    # --- time ---

    def beats(self) -> range:
        """Return the moments at which links are up even where nothing happens."""
        return range(self.scenario.start, self.scenario.cutoff, self.beat)

    def is_cut(self, channel: ScenarioChannel, moment: Instant) -> bool:
        """Say whether a fault keeps parties of a channel apart at a moment."""
        return self.scenario.is_cut(channel, moment)

    # --- parties and channels ---

    def identities(self) -> dict[str, Identity]:
        """Return keys and cards of parties and witnesses, good for as long as the history lasts."""
        since, until = self.begins - YEAR_S, self.scenario.cutoff + YEAR_S
        return {
            code: make_identity(code, max(0, since), max(1, until))
            for code in (*self.scenario.parties, *self.scenario.witnesses)
        }

    def open_channels(self) -> None:
        """Open the channels that are open from the beginning."""
        for channel in self.scenario.channels:
            if not channel.proposed_only:
                self.open_channel(channel.code)

    def is_open(self, code: str) -> bool:
        """Say whether a channel of the file has been opened."""
        return code in self._channels

    def open_channel(self, code: str, by: str = "") -> None:
        """Open a channel: one party proposes it, the others accept it as soon as they can."""
        channel = self.scenario.channel(code)
        first = by if by in channel.parties else channel.parties[0]
        number = 1 + next(
            place for place, each in enumerate(self.scenario.channels) if each.code == code
        )
        cards = self.cards()
        charter = Charter(
            parties=tuple(cards[party].party for party in channel.parties),
            number=number,
            purpose=channel.purpose,
            basis=channel.basis,
            proposed_at=self.wall(first),
            nonce=sha256(f"{self.scenario.name} {code}".encode()).digest()[:16],
            code=code,
            heartbeat=self.beat,
            witnesses=tuple((known.name, known.vkey) for known in self._witness_keys()),
            ends_at=channel.expiry,
        )
        self._channels[code] = (charter.channel_id, self.now)
        self.propose(charter, [first, *(each for each in channel.parties if each != first)])

    def _witness_keys(self) -> list[WitnessKey]:
        found = [witness_of(self.cards()[code]) for code in self.scenario.witnesses]
        return [known for known in found if known is not None]

    def channel_id(self, code: str) -> ChannelId | None:
        """Return the id of a channel of the file, None while it is not open."""
        found = self._channels.get(code)
        return None if found is None else found[0]

    # --- what a party does ---

    def say(self, code: str, channel: str, draft: MoveDraft) -> Place:
        """Let a party make a move; return where its entry stands once it is on disk.

        Raises:
            RefusedError: the desk refuses it.
            ParleyError: the station cannot write it.
        """
        view = self.view(code, channel)
        registers = self.registers(code)
        if draft.case is not None:
            draft = replace(draft, kept=self._kept.get((code, str(draft.case)), {}))
        if draft.move in MOVES:
            move, fields = meant(MOVES[draft.move], draft.fields)
            draft = replace(draft, move=move.full_name, fields=fields)
        salt = sha256(f"salt {self.scenario.name} {code} {draft.moment}".encode()).digest()
        draft = replace(draft, salt=salt)
        try:
            built = build_move(registers, view, draft)
        except ParleyError as problem:
            found = [one.code for one in check_move(registers, view, draft)]
            raise RefusedError(problem, [problem.code, *found]) from None
        new = NewEntry(kind=built.kind, flags=built.flags, fields=built.fields)
        log, index = self.append(code, view.id, new)
        number = view.charter.party_number(self.cards()[code].party)
        place = Place(channel=view.id, party=number, inc=log.inc, index=index)
        if built.kept:
            self._kept[code, str(draft.case or place)] = built.kept
        return place

    # --- what a station holds ---

    def view(self, code: str, channel: str, moment: Instant | None = None) -> ChannelView:
        """Return a channel as a station held it at a moment, all that it holds where that is None.

        Raises:
            NotFoundError: the station is not on that channel, or does not know it yet.
        """
        found = self.scenario.channel(channel)
        if code not in found.parties:
            raise NotFoundError(f"{code} is not on channel {channel}")
        identity = self.channel_id(channel)
        reader = self.reader(code)
        charter = self._charter(reader, identity)
        if identity is None or charter is None:
            raise NotFoundError(f"channel {channel} is not open yet")
        known = self._known.setdefault((code, identity), _Known())
        self._read(reader, charter, known)
        entries: Sequence[Placed] = known.entries
        statements: Sequence[Statement] = known.statements
        if moment is not None:
            entries = self._stored_by(code, moment, known.entries, known.entries_at)
            statements = self._stored_by(code, moment, known.statements, known.statements_at)
        return ChannelView(
            charter=charter,
            codes=found.parties,
            entries=entries,
            statements=statements,
            profile=found.profile,
        )

    @staticmethod
    def _charter(reader: Reader, identity: ChannelId | None) -> Charter | None:
        charters = (_decoded(raw) for raw in reader.charters())
        return next((each for each in charters if each.channel_id == identity), None)

    @staticmethod
    def _read(reader: Reader, charter: Charter, known: _Known) -> None:
        """Take what the station has stored since the last look."""
        for row in reader.logs():
            if row.log.channel != charter.channel_id:
                continue
            number = charter.party_number(row.log.party)
            first = known.gapless.get(row.log, 0)
            beyond = known.beyond.setdefault(row.log, set())
            place = first
            while rows := reader.entries(row.log, place, _PAGE):
                for entry in rows:
                    if entry.index in beyond:
                        continue
                    beyond.add(entry.index)
                    placed = Placed(
                        party=number,
                        inc=row.log.inc,
                        index=entry.index,
                        entry=decode_entry(entry.raw, others=len(charter.parties) - 1),
                    )
                    known.entries.append(placed)
                    known.entries_at.append(entry.received)
                place = rows[-1].index + 1
            while first in beyond:
                beyond.remove(first)
                first += 1
            known.gapless[row.log] = first
        # As they were stored: an older one may come after a newer one.
        while said := reader.said(known.next_said, _PAGE):
            for number, one in said:
                known.next_said = number + 1
                if one.signed.statement.channel == charter.channel_id:
                    known.statements.append(one.signed.statement)
                    known.statements_at.append(one.received)

    def _stored_by(
        self, code: str, moment: Instant, held: Sequence[_T], stored: Sequence[Instant]
    ) -> list[_T]:
        """Return what a station had stored by a moment."""
        pairs = zip(held, stored, strict=True)
        return [one for one, at in pairs if self._true(code, at) <= moment]

    def _true(self, code: str, received: int) -> int:
        """Return the moment at which a party's clock showed this."""
        for fault in self.scenario.faults:
            offset = fault.clock_offset_s
            if offset and fault.parties == (code,) and fault.holds(received - offset):
                return received - offset
        return received

    def offset(self, code: str, moment: int) -> int:
        """Return by how many seconds a party's clock is off at a moment."""
        return sum(
            fault.clock_offset_s
            for fault in self.scenario.faults
            if fault.parties == (code,) and fault.holds(moment)
        )

    def views(self, code: str, moment: Instant | None = None) -> list[ChannelView]:
        """Return every channel that a station knows, and knew at that moment."""
        found: list[ChannelView] = []
        for channel in self.scenario.channels:
            opened = self._channels.get(channel.code)
            if code not in channel.parties or opened is None:
                continue
            if channel.proposed_only and moment is not None and opened[1] > moment:
                continue
            try:
                found.append(self.view(code, channel.code, moment))
            except NotFoundError:
                continue  # the charter has not arrived yet
        return found

    def registers(self, code: str, moment: Instant | None = None) -> Registers:
        """Return a station's registers now, or as they stood at a moment."""
        at = self.wall(code) if moment is None else moment
        desk = self._desks.setdefault(code, Desk())
        return desk.registers(self.views(code, moment), at)

    def registers_of(self, views: Sequence[ChannelView], moment: Instant) -> Registers:
        """Return the registers of these views."""
        return Desk().registers(views, moment)

    @staticmethod
    def holds(reader: Reader, place: Place) -> bool:
        """Say whether a station has stored an entry."""
        for raw in reader.charters():
            charter = _decoded(raw)
            if charter.channel_id == place.channel:
                party = charter.parties[place.party]
                log = LogId(channel=place.channel, party=party, inc=place.inc)
                return reader.entry(log, place.index) is not None
        return False

    # --- what a stranger gets ---

    def exporter(self, code: str) -> Exporter:
        """Return what makes bundles of a station's record."""
        cards = {card.party: [card] for card in self.cards().values()}
        return Exporter(self.reader(code), cards)

    def bundle(self, code: str, place: Place) -> bytes:
        """Return the strongest proof that a station has of a case."""
        exporter = self.exporter(code)
        charter = next(each.charter for each in self.views(code) if each.id == place.channel)
        party = charter.parties[place.party]
        log = LogId(channel=place.channel, party=party, inc=place.inc)
        for prove in (exporter.lapse, exporter.answer):
            try:
                return prove(log, place.index)
            except (ConflictError, NotFoundError, UsageError):
                continue
        return exporter.case(log, place.index)

    def channel_bundle(self, channel: str) -> bytes:
        """Return all that the fullest station of a channel holds of it, as one bundle.

        Raises:
            NotFoundError: no station knows the channel yet.
        """
        identity = self.channel_id(channel)
        if identity is None:
            raise NotFoundError(f"channel {channel} was never opened")
        parties = self.scenario.channel(channel).parties
        fullest = max(parties, key=lambda code: self._entries(code, channel))
        return self.exporter(fullest).record(identity)

    def _entries(self, code: str, channel: str) -> int:
        try:
            return len(self.view(code, channel).entries)
        except NotFoundError:
            return -1
