"""The overview: is the line alive, what needs us now, who owes whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from parley.core.cosignature import is_witness_address
from parley.core.entry import Precedence
from parley.core.ids import PartyId
from parley.core.instants import Instant
from parley.desk.catalogue import KINDS
from parley.station.case_pages import CasePages
from parley.station.channel_pages import ChannelPages
from parley.station.desk_views import PeerView
from parley.station.drafts import Drafts
from parley.station.inbox_page import InboxPage
from parley.station.interface import Station
from parley.station.needs import Need
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary, LinkSummary
from parley.station.trust import Trust
from parley.station.views import (
    DeclaredState,
    InboxRow,
    LineRow,
    LinkView,
    NeedRow,
    Overview,
    PathView,
    PersonLamp,
    RecordRow,
    StationView,
    Tick,
    WitnessLamp,
)
from parley.station.witness_lines import channels_seen, witness_lamp

DAY: Final = 86_400
ENTRIES_LOOKED_AT: Final = 2_000
"""Newest entries in which ticks of the last day are looked for."""
TICKS_MAX: Final = 100
NEEDS_SHOWN: Final = 20
"""Needs on the overview; the inbox has the rest, page by page."""
_STOPPED: Final = ("unverified", "changed", "rejected", "locked")


class OverviewPage:
    """Builds the overview."""

    def __init__(
        self,
        station: Station,
        *,
        trust: Trust,
        record: RecordBook,
        inbox: InboxPage,
        cases: CasePages,
        channels: ChannelPages,
        drafts: Drafts,
        describe: Callable[[], StationView],
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._inbox = inbox
        self._cases = cases
        self._channels = channels
        self._drafts = drafts
        self._describe = describe
        self._ticks: list[Tick] = []
        self._ticked = 0

    def overview(self) -> Overview:
        """Return the three questions in one answer."""
        now = self._station.now()
        held = self._drafts.all(("held",))
        needs = self._inbox.needs()
        return Overview(
            station=self._describe(),
            now=now,
            lines=self.lines(),
            needs=[_need(need.build()) for need in _in_sight(needs.rows)],
            needs_count=len(needs.rows),
            needs_oldest=needs.oldest,
            balances=self._cases.balances(as_of=None),
            drafts_held=len(held),
            drafts_oldest=min((draft.changed_at for draft in held), default=None),
            record=self.record_rows(),
            last_24h=self._last_day(now),
        )

    # --- lines ---

    def links(self) -> list[LinkView]:
        """Return the link to every peer, by code."""
        views = [self._link(link) for link in self._station.links()]
        return sorted(views, key=lambda view: view.peer)

    def _link(self, link: LinkSummary) -> LinkView:
        return LinkView(
            peer=self._trust.code_of(link.peer),
            trusted=link.trusted,
            alive=link.alive,
            last_heard=link.last_heard,
            round_trip_ms=link.round_trip_ms,
            clock_offset_s=link.clock_offset_s,
            key_state=link.key_state,
            paths=[
                PathView(
                    address=path.address,
                    carrier=path.carrier,
                    up=path.up,
                    rate_bps=path.rate_bps,
                    cost=path.cost,
                    pad_bytes=path.pad_bytes,
                    turn_s=path.turn_s,
                    bytes_a_day=path.bytes_a_day,
                    peer_pads=path.peer_pads,
                )
                for path in link.paths
            ],
            queued=dict(link.queued),
        )

    def lines(self) -> list[LineRow]:
        """Return one row for every peer."""
        links = {view.peer: view for view in self.links()}
        return [self._line(peer, links.get(peer.code)) for peer in self._trust.peers()]

    def _line(self, peer: PeerView, link: LinkView | None) -> LineRow:
        now = self._station.now()
        heard = None if link is None else link.last_heard
        if peer.key_state in _STOPPED:
            state = "stopped"
        elif any(map(is_witness_address, peer.addresses)):
            state = "witness"
        elif link is not None and link.alive:
            state = "alive"
        else:
            state = "never" if heard is None else "silent"
        party = PartyId(bytes.fromhex(peer.party))
        return LineRow(
            peer=peer.code,
            name=peer.name,
            key_state=peer.key_state,
            trusted=peer.trusted,
            line=state,
            since=heard,
            last_heard=heard,
            silent_s=now - heard if heard is not None and state == "silent" else None,
            round_trip_ms=None if link is None else link.round_trip_ms,
            clock_offset_s=None if link is None else link.clock_offset_s,
            declared=self._declared(party),
            person=self._person(party),
            queued=dict.fromkeys("ZOPR", 0) if link is None else link.queued,
            paths=[] if link is None else link.paths,
            witness=self._witness(party) if state == "witness" else None,
        )

    def _witness(self, party: PartyId) -> WitnessLamp | None:
        card = self._trust.card_of(party)
        if card is None:
            return None
        seen = channels_seen(list(self._station.channels()), card)
        us = self._station.party
        return witness_lamp(self._station.reader, self._record, us, seen, card)

    def _shared(self, party: PartyId) -> list[ChannelSummary]:
        return [c for c in self._station.channels() if party in c.charter.parties]

    def _declared(self, party: PartyId) -> list[DeclaredState]:
        code, own = self._trust.code_of(party), self._trust.code_of(self._station.party)
        rows: list[DeclaredState] = []
        for channel in self._shared(party):
            view = self._channels.view(channel)
            states = {state.party: state.declared for state in view.parties_state}
            rows.append(
                DeclaredState(
                    channel=view.code, ours=states[own], theirs=states[code], opened=view.opened
                )
            )
        return rows

    def _person(self, party: PartyId) -> PersonLamp:
        """Return when a person of a peer last wrote: not its machine's receipts."""
        newest: tuple[Instant, str] | None = None
        for channel in self._shared(party):
            for log in reversed(self._record.logs_of(channel, party)):
                size = channel.logs[party].size if party in channel.logs else 0
                rows = self._station.reader.entries(log, max(0, size - 50), 50)
                for row in reversed(rows):
                    if self._record.decode(row).kind in KINDS:
                        found = row.received, self._record.name(log, row.index)
                        newest = found if newest is None or found > newest else newest
                        break
        if newest is None:
            return PersonLamp(state="never", at=None, entry=None, misses=0)
        return PersonLamp(state="answered", at=newest[0], entry=newest[1], misses=0)

    def record_rows(self) -> list[RecordRow]:
        """Return how far both sides hold the same record, by channel and peer."""
        rows: list[RecordRow] = []
        for channel in self._station.channels():
            own = channel.logs.get(self._station.party)
            for party in channel.charter.others(self._station.party):
                theirs, receipt = channel.logs.get(party), channel.receipts.get(party)
                own_size = 0 if own is None else own.size
                receipt_size = 0 if receipt is None else receipt.size
                held = 0 if theirs is None else theirs.size - _count(theirs.missing)
                agrees = (
                    own_size == receipt_size
                    and (receipt is None or not receipt.missing)
                    and (theirs is None or (not theirs.frozen and not theirs.missing))
                )
                rows.append(
                    RecordRow(
                        channel=self._record.called(channel),
                        peer=self._trust.code_of(party),
                        own_size=own_size,
                        their_receipt_size=receipt_size,
                        their_size=0 if theirs is None else theirs.size,
                        our_held_size=held,
                        agrees=agrees,
                        statement_at=channel.last_statement_time.get(party),
                    )
                )
        return rows

    def _last_day(self, now: Instant) -> list[Tick]:
        """Return the urgent entries of the last day, newest first; only new ones are read."""
        sequence = self._station.reader.sequence()
        if sequence != self._ticked:
            found = list(self._ticks_since(self._ticked, sequence, now))
            self._ticks, self._ticked = [*found, *self._ticks], sequence
        self._ticks = [tick for tick in self._ticks if tick.at >= now - DAY][:TICKS_MAX]
        return self._ticks

    def _ticks_since(self, known: int, sequence: int, now: Instant) -> Iterator[Tick]:
        for place in self._station.reader.places(sequence, ENTRIES_LOOKED_AT, back=True):
            if place.number <= known:
                return
            row = self._record.row(place.log, place.index)
            if row.received < now - DAY:
                return
            entry = self._record.decode(row)
            if entry.precedence >= Precedence.IMMEDIATE and entry.kind in KINDS:
                yield Tick(
                    at=row.received,
                    kind=entry.precedence.name.lower(),
                    peer=self._trust.code_of(place.log.party),
                    entry=self._record.name(place.log, place.index),
                )


def _count(missing: Sequence[tuple[int, int]]) -> int:
    return sum(end - first for first, end in missing)


def _need(row: InboxRow) -> NeedRow:
    return NeedRow(**{name: getattr(row, name) for name in NeedRow.__dataclass_fields__})


def _in_sight(rows: Sequence[Need]) -> list[Need]:
    """Return the most pressing, and every alarm however many answers are more pressing."""
    return [*rows[:NEEDS_SHOWN], *(each for each in rows[NEEDS_SHOWN:] if each.kind == "alarm")]
