"""The stations on which a scenario is played: real engines in a simulated world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.core.charter import decode_charter
from parley.core.entry import decode_entry
from parley.core.ids import ChannelId, LogId
from parley.core.instants import Instant
from parley.core.statement import Statement
from parley.desk.desk import Desk
from parley.desk.record import ChannelView, Place, Placed
from parley.desk.registers import Registers
from parley.desk.rules import MoveDraft, build_move
from parley.errors import ConflictError, NotFoundError, UsageError
from parley.sim.scenario.loader import Scenario
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.export import Exporter

_SHORT_S: Final = 10 * 86_400
_BEAT_SHORT_S: Final = 600
_BEAT_LONG_S: Final = 86_400
_SETTLE_S: Final = 20
_PATIENCE_S: Final = 60.0
_OPENING_S: Final = 900
_PAGE: Final = 500


@dataclass(slots=True)
class _Known:
    """What one station holds of one channel, in the order in which it was stored."""

    entries: list[tuple[Instant, Placed]] = field(default_factory=list)
    statements: list[tuple[Instant, Statement]] = field(default_factory=list)
    next_no: dict[LogId, int] = field(default_factory=dict)


class Stage:
    """Stations, channels and links of one scenario.

    In a history of days the links are always up, but for the faults of the file. In one of years
    they are up when something happens and once a day: a heartbeat a minute for years says no more.
    """

    def __init__(self, scenario: Scenario, *, seed: int) -> None:
        self.scenario = scenario
        self._is_short = scenario.cutoff - scenario.start <= _SHORT_S
        self._beat = _BEAT_SHORT_S if self._is_short else _BEAT_LONG_S
        begins = Instant(scenario.start - _OPENING_S)
        self.world = World(seed, scenario.parties, start=begins)
        self._paths = [
            self.world.connect(one, two)
            for number, one in enumerate(scenario.parties)
            for two in scenario.parties[number + 1 :]
        ]
        self._begins = begins
        self._channels: dict[str, ChannelId] = {}
        self._known: dict[tuple[str, ChannelId], _Known] = {}
        self._desk = Desk()
        for number, channel in enumerate(scenario.channels):
            self._channels[channel.code] = self.world.open_channel(
                channel.code, channel.parties, number=number + 1, heartbeat=self._beat
            )
        self._run_to(scenario.start)

    # --- time ---

    @property
    def now(self) -> Instant:
        """Return the moment of the world."""
        return Instant(self._begins + int(self.world.steady))

    def beats(self) -> range:
        """Return the moments at which links are up even where nothing happens."""
        return range(self.scenario.start, self.scenario.cutoff, self._beat)

    def advance(self, moment: Instant) -> None:
        """Let the world go on to a moment; the links as the scenario's faults have them then."""
        if not self._is_short and moment - self.now > 2 * _SETTLE_S:
            self._run_to(Instant(self.now + _SETTLE_S))
            for path in self._paths:
                self.world.hang_up(path)
        self._run_to(moment)
        for fault in self.scenario.faults:
            if fault.clock_offset_s:
                offset = fault.clock_offset_s if fault.begins <= moment < fault.ends else 0
                self.world.stations[fault.parties[0]].wall_offset = offset
        for path in self._paths:
            if self._is_down(path.ends, moment):
                self.world.hang_up(path)
            else:
                self.world.pick_up(path)

    def settle(self) -> None:
        """Let what was just written arrive where it can."""
        self.world.run(self.world.steady + 1.0)

    def _run_to(self, moment: Instant) -> None:
        self.world.run(max(self.world.steady, float(moment - self._begins)))

    def _is_down(self, ends: Sequence[str], moment: Instant) -> bool:
        return any(
            not fault.clock_offset_s
            and fault.begins <= moment < fault.ends
            and set(fault.parties) <= set(ends)
            for fault in self.scenario.faults
        )

    def is_cut(self, parties: Sequence[str], moment: Instant) -> bool:
        """Say whether a fault keeps two of these parties apart at a moment."""
        return any(
            self._is_down((one, two), moment) for one in parties for two in parties if one != two
        )

    # --- what a party does ---

    def say(self, code: str, channel: str, draft: MoveDraft) -> Place:
        """Let a party make a move; return where its entry stands once it is on disk.

        Raises:
            ParleyError: the desk or the station refuses it.
        """
        station = self.world.stations[code]
        view = self.view(code, channel)
        built = build_move(self.registers(code), view, draft)
        new = NewEntry(kind=built.kind, flags=built.flags, fields=built.fields)
        token = station.append(view.id, [new], self.world.steady)
        if not self.world.run_until(lambda: token in station.replies, within=_PATIENCE_S):
            raise ConflictError("the station did not confirm the entry")
        reply = station.replies[token]
        if reply.error is not None:
            raise reply.error
        log, index = reply.places[0]
        number = view.charter.party_number(station.party)
        return Place(channel=view.id, party=number, inc=log.inc, index=index)

    # --- what a station holds ---

    def view(self, code: str, channel: str, moment: Instant | None = None) -> ChannelView:
        """Return a channel as a station held it at a moment, all that it holds where that is None.

        Raises:
            NotFoundError: the station is not on that channel.
        """
        identity = self._channels[channel]
        store = self.world.stations[code].disk.store
        found = next(c for c in self.scenario.channels if c.code == channel)
        if code not in found.parties:
            raise NotFoundError(f"{code} is not on channel {channel}")
        charters = [decode_charter(raw) for raw in store.charters()]
        charter = next(each for each in charters if each.channel_id == identity)
        known = self._known.setdefault((code, identity), _Known())
        for row in store.logs():
            if row.log.channel != identity:
                continue
            number = charter.party_number(row.log.party)
            whose = (number, row.log.inc)
            held = sum(1 for _, one in known.entries if (one.party, one.inc) == whose)
            while rows := store.entries(row.log, held, _PAGE):
                for entry in rows:
                    placed = Placed(
                        party=number,
                        inc=row.log.inc,
                        index=entry.index,
                        entry=decode_entry(entry.raw, others=len(charter.parties) - 1),
                    )
                    known.entries.append((entry.received, placed))
                held = rows[-1].index + 1
            no = known.next_no.get(row.log, 0)
            while said := store.statements(row.log, no, _PAGE):
                known.statements += [(one.received, one.signed.statement) for one in said]
                no = said[-1].signed.statement.no + 1
            known.next_no[row.log] = no
        last = Instant(2**50) if moment is None else moment
        return ChannelView(
            charter=charter,
            codes=found.parties,
            entries=[placed for at, placed in known.entries if at <= last],
            statements=[said for at, said in known.statements if at <= last],
            profile=found.profile,
        )

    def views(self, code: str, moment: Instant | None = None) -> list[ChannelView]:
        """Return every channel of a station."""
        return [
            self.view(code, channel.code, moment)
            for channel in self.scenario.channels
            if code in channel.parties
        ]

    def registers(self, code: str, moment: Instant | None = None) -> Registers:
        """Return a station's registers now, or as they stood at a moment."""
        at = self.world.stations[code].now(self.world.steady).wall if moment is None else moment
        return self._desk.registers(self.views(code, moment), at)

    def registers_of(self, views: Sequence[ChannelView], moment: Instant) -> Registers:
        """Return the registers of these views."""
        return self._desk.registers(views, moment)

    def bundle(self, code: str, place: Place) -> bytes:
        """Return the strongest proof that a station has of a case."""
        station = self.world.stations[code]
        cards = {each.party: [each.identity.card] for each in self.world.stations.values()}
        exporter = Exporter(station.disk.store, cards)
        charter = next(each.charter for each in self.views(code) if each.id == place.channel)
        party = charter.parties[place.party]
        log = LogId(channel=place.channel, party=party, inc=place.inc)
        for prove in (exporter.lapse, exporter.answer):
            try:
                return prove(log, place.index)
            except (ConflictError, NotFoundError, UsageError):
                continue
        return exporter.case(log, place.index)

    def cards(self) -> list[bytes]:
        """Return the cards of all parties."""
        return [each.identity.card.raw for each in self.world.stations.values()]
