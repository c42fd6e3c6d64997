"""The overview and the inbox: is the line alive, what needs us now, who owes whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from parley.core.entry import Precedence
from parley.core.ids import PartyId
from parley.core.instants import Instant
from parley.desk.catalogue import KINDS
from parley.station.alarms import Alarms
from parley.station.case_pages import CasePages
from parley.station.channel_pages import ChannelPages
from parley.station.desk_book import DeskBook
from parley.station.desk_views import AlarmView, PeerView
from parley.station.drafts import Drafts
from parley.station.entry_pages import EntryPages
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary, LinkSummary
from parley.station.trust import Trust
from parley.station.views import (
    CaseRow,
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
    TextView,
    Tick,
    Words,
)

DAY: Final = 86_400
ENTRIES_LOOKED_AT: Final = 2_000
"""Newest entries in which unacknowledged ones and ticks of the last day are looked for."""
_STOPPED: Final = ("unverified", "changed", "rejected", "locked")


class OverviewPage:
    """Builds overview and inbox."""

    def __init__(
        self,
        station: Station,
        *,
        trust: Trust,
        record: RecordBook,
        desk: DeskBook,
        entries: EntryPages,
        cases: CasePages,
        channels: ChannelPages,
        drafts: Drafts,
        alarms: Alarms,
        describe: Callable[[], StationView],
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk = desk
        self._entries = entries
        self._cases = cases
        self._channels = channels
        self._drafts = drafts
        self._alarms = alarms
        self._describe = describe

    def overview(self) -> Overview:
        """Return the three questions in one answer."""
        now = self._station.now()
        held = self._drafts.all(("held",))
        return Overview(
            station=self._describe(),
            now=now,
            lines=self.lines(),
            needs=self.needs(),
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
        )

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
                        channel=channel.charter.code,
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
        places = self._station.reader.places(
            self._station.reader.sequence(), ENTRIES_LOOKED_AT, back=True
        )
        ticks: list[Tick] = []
        for place in places:
            row = self._record.row(place.log, place.index)
            if row.received < now - DAY:
                break
            entry = self._record.decode(row)
            if entry.precedence >= Precedence.IMMEDIATE and entry.kind in KINDS:
                ticks.append(
                    Tick(
                        at=row.received,
                        kind=entry.precedence.name.lower(),
                        peer=self._trust.code_of(place.log.party),
                        entry=self._record.name(place.log, place.index),
                    )
                )
        return ticks[:100]

    # --- needs ---

    def needs(self) -> list[NeedRow]:
        """Return what needs an act by someone here, the most pressing first."""
        return [_need(row) for row in self.inbox()]

    def inbox(self) -> list[InboxRow]:
        """Return what needs an act here, with the words it is about."""
        rows = [self._alarm_need(alarm) for alarm in self._alarms.all(open_only=True)]
        alarmed = {row.entry for row in rows if row.entry is not None}
        rows += self._answers()
        named = alarmed | {row.entry for row in rows if row.entry is not None}
        rows += self._unacknowledged(named)
        rows += [self._key_need(peer) for peer in self._trust.peers() if not peer.trusted]
        rows += self._draft_needs()
        rows += [
            self._channel_need(channel)
            for channel in self._station.channels()
            if not channel.opened
        ]
        return sorted(rows, key=_pressing)

    def _alarm_need(self, alarm: AlarmView) -> InboxRow:
        about = self._about(alarm.entry)
        return InboxRow(
            id=f"alarm-{alarm.id}",
            kind="alarm",
            precedence=alarm.precedence,
            peer=alarm.peer,
            channel=alarm.channel,
            title=alarm.text,
            subject=about[0] or {"en": alarm.text},
            since=alarm.raised_at,
            entry=alarm.entry,
            case=about[1],
            claimed_by=alarm.claimed_by,
            claimed_at=alarm.claimed_at,
            resource=f"/api/v1/alarms/{alarm.id}",
            texts=about[2],
            received_at=alarm.raised_at,
            claimed_at_by_sender=about[3],
        )

    def _about(
        self, entry: str | None
    ) -> tuple[Words, str | None, Sequence[TextView], Instant | None]:
        if entry is None:
            return {}, None, (), None
        row = self._entries.row(*self._record.place(entry))
        return row.subject, row.case, row.texts, row.times.claimed_at

    def _answers(self) -> list[InboxRow]:
        return [
            self._answer_need(row)
            for row in self._cases.requests(
                owed_by="us", state=(), lapsed=None, proved=None, as_of=None, channel=None
            )
        ]

    def _answer_need(self, row: CaseRow) -> InboxRow:
        return InboxRow(
            id=f"answer-{row.channel}-{row.number}",
            kind="answer",
            precedence=row.precedence,
            peer=row.opener,
            channel=row.channel,
            title="an answer is due",
            subject=row.subject,
            since=row.opened.at,
            due_at=row.due_at,
            left_s=row.left_s,
            entry=row.opened.entry,
            case=row.number,
            resource=row.resource,
            received_at=row.delivered_at,
            claimed_at_by_sender=row.opened.at,
        )

    def _unacknowledged(self, named: set[str]) -> list[InboxRow]:
        rows: list[InboxRow] = []
        own = self._station.own_card.code
        registers = self._desk.registers()
        places = self._station.reader.places(
            self._station.reader.sequence(), ENTRIES_LOOKED_AT, back=True
        )
        for stored in places:
            if stored.log.party == self._station.party:
                continue
            raw = self._record.row(stored.log, stored.index)
            entry = self._record.decode(raw)
            move = KINDS.get(entry.kind)
            name = self._record.name(stored.log, stored.index)
            if move is None or move.procedure in ("ack", "channel") or name in named:
                continue
            place = self._desk.place(stored.log, stored.index)
            case = registers.case_of(place)
            by_us = {self._desk.log_place(ack)[0].party for ack in self._desk.acks_of(place)}
            if self._station.party in by_us or _answered(case, own, self._desk.view(place.channel)):
                continue
            shown = self._entries.row(stored.log, stored.index)
            rows.append(
                InboxRow(
                    id=f"acknowledge-{name.replace('/', '~')}",
                    kind="acknowledge",
                    precedence=shown.precedence,
                    peer=shown.party,
                    channel=shown.channel,
                    title="not acknowledged",
                    subject=shown.subject,
                    since=raw.received,
                    entry=name,
                    case=shown.case,
                    resource=f"/api/v1/entries/{name}",
                    texts=shown.texts,
                    received_at=raw.received,
                    claimed_at_by_sender=shown.times.claimed_at,
                )
            )
        return rows

    def _key_need(self, peer: PeerView) -> InboxRow:
        kind = "key" if peer.key_state in ("changed", "rejected", "locked") else "compare"
        since = peer.key_change.seen_at if peer.key_change is not None else peer.card.issued
        return InboxRow(
            id=f"{kind}-{peer.code}",
            kind=kind,
            precedence=None,
            peer=peer.code,
            channel=None,
            title=peer.next,
            since=since,
            resource=f"/api/v1/peers/{peer.code}",
            subject={
                "en": f"Release to {peer.code} is stopped",
                "zh": f"已停止向 {peer.code} 发布",
            },
        )

    def _draft_needs(self) -> list[InboxRow]:
        return [
            InboxRow(
                id=f"draft-{draft.id}",
                kind="draft" if draft.state == "held" else "returned",
                precedence=draft.precedence,
                peer=None,
                channel=draft.channel,
                title="waits for a releaser" if draft.state == "held" else str(draft.reason),
                subject=draft.subject,
                since=draft.changed_at,
                case=draft.case,
                draft=draft.id,
                resource=f"/api/v1/drafts/{draft.id}",
                texts=draft.texts,
            )
            for draft in self._drafts.all(("held", "returned"))
        ]

    def _channel_need(self, channel: ChannelSummary) -> InboxRow:
        code = channel.charter.code
        peer = self._trust.code_of(channel.charter.parties[0])
        return InboxRow(
            id=f"channel-{channel.charter.channel_id.hex()}",
            kind="channel",
            precedence=None,
            peer=peer,
            channel=code,
            title="proposed, not accepted here",
            subject={"en": channel.charter.purpose or code},
            since=Instant(channel.charter.proposed_at),
            resource=f"/api/v1/channels/{code}",
        )


def _answered(case: object, own: str, view: object) -> bool:
    """Say whether we have made a step in the case of an entry."""
    steps = getattr(case, "steps", ())
    codes = getattr(view, "codes", ())
    return any(codes[step.party] == own for step in steps)


def _count(missing: Sequence[tuple[int, int]]) -> int:
    return sum(end - first for first, end in missing)


def _need(row: InboxRow) -> NeedRow:
    return NeedRow(**{name: getattr(row, name) for name in NeedRow.__dataclass_fields__})


def _pressing(row: NeedRow) -> tuple[int, int, int]:
    """Order: FLASH, clocks by time left, IMMEDIATE, keys, drafts, the rest by age."""
    if row.precedence == "Z":
        return 0, 0, row.since
    if row.kind == "answer":
        return 1, row.left_s if row.left_s is not None else 0, row.since
    if row.precedence == "O":
        return 2, 0, row.since
    order = {"alarm": 3, "key": 4, "draft": 5, "returned": 5}
    return order.get(row.kind, 6), 0, row.since
