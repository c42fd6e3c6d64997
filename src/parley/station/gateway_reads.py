"""What the gateway answers: every read of console, command line and API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from parley.core.entry import Precedence
from parley.core.ids import LogId
from parley.core.instants import Instant, parse_instant
from parley.desk.catalogue import KINDS, PROCEDURES
from parley.errors import NotFoundError, UsageError
from parley.station.card_page import card_page
from parley.station.card_views import card_view
from parley.station.case_lists import CaseQuery
from parley.station.desk_views import (
    AlarmView,
    AuditRow,
    CardView,
    DraftView,
    HealthCheck,
    HeldChannelAct,
    OfficerView,
    PasskeyRow,
    PeerView,
    Preview,
    SettingView,
    TokenView,
)
from parley.station.draft_book import OPEN_STATES
from parley.station.forms import procedure_view
from parley.station.parts import Parts
from parley.station.search import find_entries
from parley.station.views import (
    AskedCount,
    Balance,
    CaseRow,
    CaseView,
    ChannelView,
    Delivery,
    EntryRow,
    EntryView,
    InboxRow,
    LineRow,
    LinkView,
    LogCheck,
    LogView,
    MoveView,
    Overview,
    Page,
    ProcedureView,
    ProofView,
    RecordRow,
    StatementView,
    StationView,
)
from parley.station.witness_pages import WitnessState, witness_state
from parley.store.interface import StoredPlace

PAGE_MAX: Final = 500
_SCAN: Final = 500
_CANDIDATES_MAX: Final = 20_000
_Fits = Callable[[StoredPlace], bool]


class GatewayReads:
    """Reads; none of them changes anything."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # --- the station ---

    def station(self) -> StationView:
        """Return this station."""
        return self._parts.describe()

    def witness(self) -> WitnessState:
        """Return what this witness keeps.

        Raises:
            NotFoundError: the station is a party's.
        """
        if not self._parts.config.is_witness:
            raise NotFoundError(
                "this station is no witness",
                next_step="One is made with `parley init --witness-only`.",
            )
        station = self._parts.station
        return witness_state(station.own_card, station.reader, self._parts.trust)

    def now(self) -> Instant:
        """Return the time by the station's clock."""
        return self._parts.station.now()

    def sequence(self) -> int:
        """Return the record sequence that answers reflect."""
        return self._parts.station.reader.sequence()

    def overview(self) -> Overview:
        """Return the three questions in one answer."""
        return self._parts.overview.overview()

    def lines(self) -> list[LineRow]:
        """Return one row of the overview for every peer."""
        return self._parts.overview.lines()

    def record_rows(self) -> list[RecordRow]:
        """Return how far both sides hold the same record."""
        return self._parts.overview.record_rows()

    def own_card(self) -> CardView:
        """Return our own card."""
        return card_view(self._parts.station.own_card)

    def own_card_bytes(self) -> bytes:
        """Return exactly the bytes of our own card."""
        return self._parts.station.own_card.raw

    def own_card_page(self) -> str:
        """Return our own card as an SVG page of codes, to be printed."""
        return card_page(self._parts.station.own_card)

    def settings(self) -> list[SettingView]:
        """Return every setting with where its value comes from."""
        return self._parts.live.all()

    def aims(self) -> dict[str, int]:
        """Return in how many seconds each precedence should be handled, by its letter."""
        return self._parts.live.aims()

    def health(self) -> list[HealthCheck]:
        """Return what is well with the station and what is not."""
        return self._parts.health()

    # --- channels, links, peers ---

    def channels(self) -> list[ChannelView]:
        """Return every channel."""
        return self._parts.channels.all()

    def channel(self, name: str) -> ChannelView:
        """Return one channel by code, or by id in hex."""
        return self._parts.channels.view(self._parts.record.channel(name))

    def facts_to_read(self) -> int:
        """Return how many facts of a long record are still to be read; until then no desk answers.

        0 as soon as it is read, and for a record that is short.
        """
        return max(1, self._parts.desk.behind) if self._parts.desk.is_taking_up else 0

    def stopped_logs(self) -> list[tuple[str, str]]:
        """Return channels into whose log of ours nothing is written, and the code of why."""
        return [
            (self._parts.record.called(channel), channel.stopped)
            for channel in self._parts.station.channels()
            if channel.stopped is not None
        ]

    def held_channel_acts(self) -> list[HeldChannelAct]:
        """Return proposals and acceptances that wait for a second person."""
        return self._parts.channels.acts.all()

    def held_channel_act(self, code: str) -> HeldChannelAct:
        """Return what waits for a second person under a channel's code."""
        return self._parts.channels.acts.get(code)

    def channel_code(self, name: str) -> str:
        """Return the code of a channel that is named by code, or by id in hex."""
        return self._parts.record.called(self._parts.record.channel(name))

    def links(self) -> list[LinkView]:
        """Return the link to every peer."""
        return self._parts.overview.links()

    def link(self, peer: str) -> LinkView:
        """Return the link to one peer; NotFoundError if there is none."""
        for view in self.links():
            if view.peer == peer:
                return view
        raise NotFoundError(f"there is no link to {peer}")

    def peers(self) -> list[PeerView]:
        """Return every peer."""
        return self._parts.trust.peers()

    def peer(self, name: str) -> PeerView:
        """Return one peer by code or id in hex."""
        return self._parts.trust.peer(name)

    # --- entries ---

    def entries(
        self,
        *,
        channel: str | None = None,
        party: str | None = None,
        case: str | None = None,
        precedence: str | None = None,
        procedure: str | None = None,
        own: bool | None = None,
        after_sequence: int = 0,
        before_sequence: int | None = None,
        newest_first: bool = False,
        limit: int = 100,
        among: Iterator[int] | None = None,
    ) -> Page[EntryRow]:
        """Return what people and programs said, in stored order; the core's own kinds are left out.

        Args:
            channel: only of this channel.
            party: only by this party.
            case: only of this case.
            precedence: only with one of these letters.
            procedure: only of this procedure.
            own: only ours, or only of others.
            after_sequence: only what was stored after this number.
            before_sequence: only what was stored before this number.
            newest_first: begin at the end.
            limit: 1 to 500 rows.
            among: running numbers of the only entries to look at, in the order wanted; the page
                takes from them what it needs, and is shorter where few of very many fit.
        """
        if not 1 <= limit <= PAGE_MAX:
            raise UsageError(f"a page has 1 to {PAGE_MAX} rows, not {limit}")
        chan = None if channel is None else self._parts.record.channel(channel)
        who = None if party is None else self._parts.trust.party_of(party)
        wanted = None if case is None else self._case_places(case)
        letters = None if precedence is None else set(precedence)

        def fits(place: StoredPlace) -> bool:
            if chan is not None and place.log.channel != chan.charter.channel_id:
                return False
            if who is not None and place.log.party != who:
                return False
            if own is not None and (place.log.party == self._parts.station.party) != own:
                return False
            if wanted is not None and (place.log, place.index) not in wanted:
                return False
            entry = self._parts.record.decode(self._parts.record.row(place.log, place.index))
            move = KINDS.get(entry.kind)
            if move is None or (procedure is not None and move.procedure != procedure):
                return False
            return letters is None or Precedence(entry.precedence).letter in letters

        if among is not None:
            return self._page_among(fits, among, limit=limit)
        return self._page(
            fits, after=after_sequence, before=before_sequence, back=newest_first, limit=limit
        )

    def _case_places(self, case: str) -> set[tuple[LogId, int]]:
        found = self._parts.desk.registers().case(case.replace("~", "/"))
        return {self._parts.desk.log_place(step.place) for step in found.steps}

    def _page_among(self, fits: _Fits, among: Iterator[int], *, limit: int) -> Page[EntryRow]:
        rows: list[EntryRow] = []
        for looked, number in enumerate(among, start=1):
            (place,) = self._parts.station.reader.places(number, 1)
            if fits(place):
                rows.append(self._parts.entries.row(place.log, place.index))
            if len(rows) == limit or looked == _CANDIDATES_MAX:
                return Page(items=rows, next_cursor=str(number))
        return Page(items=rows)

    def _page(
        self, fits: _Fits, *, after: int, before: int | None, back: bool, limit: int
    ) -> Page[EntryRow]:
        reader = self._parts.station.reader
        last = reader.sequence() if before is None else min(before - 1, reader.sequence())
        at = last if back else after + 1
        rows: list[EntryRow] = []
        while True:
            places = reader.places(at, _SCAN, back=back)
            for place in places:
                if place.number <= after or place.number > last:
                    return Page(items=rows)
                if fits(place):
                    if len(rows) == limit:
                        return Page(items=rows, next_cursor=str(rows[-1].sequence))
                    rows.append(self._parts.entries.row(place.log, place.index))
            if len(places) < _SCAN:
                return Page(items=rows)
            at = places[-1].number + (-1 if back else 1)

    def entry(self, name: str) -> EntryView:
        """Return one entry by its name; NotFoundError if it is not held."""
        log, index = self._parts.record.place(name)
        self._parts.record.row(log, index)
        return self._parts.entries.entry(log, index, self._entry_moves(log, index))

    def _entry_moves(self, log: LogId, index: int) -> list[MoveView]:
        desk = self._parts.desk
        place = desk.place(log, index)
        case = None if desk.is_taking_up else desk.registers().case_now(place)
        if case is None or not self._parts.record.channel_of(log).opened:
            return []
        return self._parts.cases.moves(log.channel, case.case.place)

    def proof(self, name: str) -> ProofView:
        """Return why an entry must be believed."""
        return self._parts.record.proof(*self._parts.record.place(name))

    def raw_entry(self, name: str) -> bytes:
        """Return exactly the bytes of an entry."""
        return self._parts.record.row(*self._parts.record.place(name)).raw

    def delivery(self, name: str) -> Delivery:
        """Return how far an own entry has come.

        Raises:
            UsageError: it is a peer's.
        """
        log, index = self._parts.record.place(name)
        if log.party != self._parts.station.party:
            raise UsageError(f"{name} is not ours: only what we sent is delivered")
        return self._parts.entries.delivery(log, index)

    def outbox(self, limit: int = 50) -> list[EntryRow]:
        """Return released entries, newest first, with where each stands."""
        return list(self.entries(own=True, newest_first=True, limit=limit).items)

    def search(
        self, words: str, *, limit: int = 50, before_sequence: int | None = None
    ) -> Page[EntryRow]:
        """Return entries that hold all words and fit all `from:` and like terms, newest first."""
        holding = self._parts.desk.holding
        return find_entries(
            self.entries,
            holding,
            words,
            line_of=lambda row: self._parts.desk.line(row.name),
            state_of=lambda row: self._parts.cases.state_of(row.name),
            limit=limit,
            before=before_sequence,
        )

    # --- logs ---

    def log(self, channel: str, party: str) -> LogView:
        """Return one party's log on a channel; NotFoundError until it opened one."""
        found = self._parts.record.channel(channel)
        view = self._parts.record.log_view(found, self._parts.trust.party_of(party))
        if view is None:
            raise NotFoundError(f"{party} has not opened its log on {channel}")
        return view

    def log_entries(
        self, channel: str, party: str, *, from_index: int = 0, limit: int = 100
    ) -> Page[EntryRow]:
        """Return every entry of a party's present log from an index on, the core's own included."""
        if not 1 <= limit <= PAGE_MAX:
            raise UsageError(f"a page has 1 to {PAGE_MAX} rows, not {limit}")
        log = self._newest_log(channel, party)
        rows = self._parts.station.reader.entries(log, from_index, limit + 1)
        items = [self._parts.entries.row(log, row.index) for row in rows[:limit]]
        return Page(items=items, next_cursor=str(rows[limit].index) if len(rows) > limit else None)

    def _newest_log(self, channel: str, party: str) -> LogId:
        found = self._parts.record.channel(channel)
        return self._parts.record.log_of(found, self._parts.trust.party_of(party), None)

    def statement(self, channel: str, party: str) -> StatementView:
        """Return the newest statement of a party on a channel."""
        view = self._parts.record.newest_statement(self._newest_log(channel, party))
        if view is None:
            raise NotFoundError(f"no statement of {party} on {channel} is held here")
        return view

    def check_log(self, channel: str, party: str) -> LogCheck:
        """Recompute a log from its stored bytes."""
        found = self._parts.record.channel(channel)
        return self._parts.record.check(found, self._parts.trust.party_of(party))

    # --- the desk ---

    def inbox(
        self,
        *,
        role: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        sees: Callable[[str], bool] = lambda _: True,
    ) -> Page[InboxRow]:
        """Return what needs an act here, page by page; `role` narrows it to what that role can do.

        Args:
            role: watch, desk, releaser or administrator.
            limit: 1 to 500 rows.
            cursor: from the page before.
            sees: says of a channel's code whether the asker may read it.
        """
        return self._parts.inbox.page(role=role, limit=limit, cursor=cursor, sees=sees)

    def inbox_count(self) -> int:
        """Return how much needs an act here."""
        return len(self._parts.inbox.needs().rows)

    def register(self, query: CaseQuery) -> Page[CaseRow]:
        """Return one page of the cases of a procedure, now or as they stood at a moment."""
        return self._parts.cases.page(query)

    def asked_counts(self, procedure: str, *, as_of: str | int | None = None) -> list[AskedCount]:
        """Return how often each party asked each other in a procedure, and what came of it."""
        return self._parts.cases.counts(procedure, as_of=_moment(as_of))

    def case(self, number: str, *, as_of: str | int | None = None) -> CaseView:
        """Return one case whole."""
        return self._parts.cases.case(number, as_of=_moment(as_of))

    def balances(self, *, as_of: str | int | None = None) -> list[Balance]:
        """Return who owes whom."""
        return self._parts.cases.balances(as_of=_moment(as_of))

    def procedures(self) -> list[ProcedureView]:
        """Return every procedure declared."""
        return [procedure_view(procedure) for procedure in PROCEDURES.values()]

    def moves(self, *, channel: str, case: str | None = None) -> list[MoveView]:
        """Return what we may do now on a channel, or in a case of it."""
        found = self._parts.record.channel(channel).charter.channel_id
        desk = self._parts.desk
        place = case and desk.registers().case(case.replace("~", "/")).place
        return self._parts.cases.moves(found, place or None)

    # --- drafts, alarms, people ---

    def drafts(self, *, states: Sequence[str] = OPEN_STATES) -> list[DraftView]:
        """Return drafts in these states."""
        return self._parts.drafts.all(states)

    def draft(self, draft: str) -> DraftView:
        """Return one draft."""
        return self._parts.drafts.get(draft)

    def preview(self, draft: str) -> Preview:
        """Return exactly what a draft would send."""
        return self._parts.drafts.preview(draft)

    def alarms(self, *, open_only: bool = True) -> list[AlarmView]:
        """Return alarms, the most urgent first."""
        return self._parts.alarms.all(open_only=open_only)

    def alarm(self, alarm: str) -> AlarmView:
        """Return one alarm."""
        return self._parts.alarms.get(alarm)

    def officers(self) -> list[OfficerView]:
        """Return every officer."""
        return self._parts.officers.all()

    def tokens(self) -> list[TokenView]:
        """Return every token."""
        return self._parts.officers.tokens()

    def passkeys(self, officer: str) -> list[PasskeyRow]:
        """Return an officer's passkeys."""
        return self._parts.officers.passkeys(officer)

    def passkey(self, credential_id: bytes) -> PasskeyRow | None:
        """Return one passkey."""
        return self._parts.officers.passkey(credential_id)

    def audit(self, *, after: int = 0, limit: int = 200) -> Page[AuditRow]:
        """Return the audit after a row number."""
        return self._parts.cabinet.audit(after=after, limit=min(max(limit, 1), PAGE_MAX))

    def audit_back(
        self,
        *,
        before: int | None = None,
        limit: int = 50,
        officer: str = "",
        act: str = "",
        refused: bool = False,
    ) -> Page[AuditRow]:
        """Return the audit newest first; `officer`, `act` and `refused` narrow it."""
        return self._parts.cabinet.audit_back(
            before=before,
            limit=min(max(limit, 1), PAGE_MAX),
            officer=officer,
            act=act,
            refused=refused,
        )

    def audit_lines(self) -> list[bytes]:
        """Return every row of the audit as it is hashed, oldest first."""
        return self._parts.cabinet.audit_lines()

    def check_audit(self) -> int | None:
        """Compute the audit's chain again; return the first row that does not fit, else None."""
        return self._parts.cabinet.check_audit()


def _moment(text: str | int | None) -> Instant | None:
    if text is None:
        return None
    return Instant(text) if isinstance(text, int) else parse_instant(text)
