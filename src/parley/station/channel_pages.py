"""Channels and logs as they are shown, and the charter of a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from parley.core.charter import Charter, decode_charter, quota_terms, quotas
from parley.core.cosignature import witnesses_of
from parley.core.ids import PartyId
from parley.core.instants import Instant
from parley.desk.channel_rows import RENEWAL_S, asks_renewal
from parley.desk.fold import MARKS as _MARKS
from parley.errors import ConflictError, MalformedError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.case_pages import CasePages
from parley.station.channel_acts import ChannelActs
from parley.station.desk_book import DeskBook
from parley.station.desk_views import ChannelRequest, HeldChannelAct
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.trust import Trust
from parley.station.view_values import instant_of, text_of
from parley.station.views import (
    ChannelView,
    PartyState,
    RestoreAsked,
    RestoreView,
    WitnessView,
)

_OVER: Final = {"ending", "ended", "closed"}
CHANNEL_NUMBER_MAX: Final = 65_535
WITNESSES_MAX: Final = 8


class ChannelPages:
    """Shows channels, proposes and accepts them."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        *,
        trust: Trust,
        record: RecordBook,
        desk: DeskBook,
        cases: CasePages,
        random: Callable[[int], bytes],
        heartbeat_s: int,
        mark: str,
        two_persons: bool,
    ) -> None:
        self._station = station
        self._cabinet = cabinet
        self._trust = trust
        self._record = record
        self._desk = desk
        self._cases = cases
        self._random = random
        self._heartbeat_s = heartbeat_s
        self._mark = mark
        self._two_persons = two_persons
        self.acts = ChannelActs(cabinet)

    def all(self) -> list[ChannelView]:
        """Return every channel, by code."""
        views = [self.view(channel) for channel in self._station.channels()]
        return sorted(views, key=lambda view: (view.code, view.id))

    def view(self, channel: ChannelSummary) -> ChannelView:
        """Return one channel, declared and observed side by side."""
        charter = channel.charter
        rows = self._rows(channel)
        states = [self._party_state(channel, party, rows) for party in charter.parties]
        observed = rows.get(None, {})
        logs = [self._record.log_view(channel, party) for party in charter.parties]
        own = self._station.party
        agreed = quotas(charter)
        ends = self.ends_at(channel, observed)
        return ChannelView(
            code=self._record.called(channel),
            id=charter.channel_id.hex(),
            parties=[self._trust.code_of(party) for party in charter.parties],
            ours=self._trust.code_of(own),
            purpose=charter.purpose,
            basis=charter.basis,
            proposed_at=Instant(charter.proposed_at),
            ends_at=ends,
            renew_from=None if ends is None else Instant(ends - RENEWAL_S),
            renew_until=None if ends is None else Instant(ends + RENEWAL_S),
            heartbeat_s=charter.heartbeat,
            number=charter.number,
            opened=channel.opened,
            proposed_by_us=charter.parties[0] == own,
            state=self._state(channel, ends, [state.declared for state in states]),
            parties_state=states,
            observed=self._observed(channel, observed),
            observed_since=instant_of(observed.get("last_use")),
            logs=[log for log in logs if log is not None],
            may_move=(
                self._cases.moves(charter.channel_id, None, procedure="channel")
                if channel.opened
                else []
            ),
            mark=self._mark,
            stopped=channel.stopped,
            entries_per_day=agreed[0] or None,
            bytes_per_day=agreed[1] or None,
            flash_per_hour=agreed[2] or None,
            witnesses=[
                WitnessView(
                    code=known.shown,
                    name=known.name,
                    key=known.vkey,
                    asked=self._trust.has_witness(known),
                )
                for known in witnesses_of(charter)
            ],
        )

    def _rows(self, channel: ChannelSummary) -> dict[str | None, Mapping[str, Any]]:
        """Return the desk's rows of a channel by party; None is the observed one."""
        rows = self._desk.registers().rows_about(channel.charter.channel_id)
        return {row.party: row.values for row in rows}

    def _party_state(
        self, channel: ChannelSummary, party: PartyId, rows: Mapping[str | None, Mapping[str, Any]]
    ) -> PartyState:
        code = self._trust.code_of(party)
        row = rows.get(code, {})
        has_opened = party in channel.logs
        declared = str(row.get("declared") or ("open" if has_opened else "proposed"))
        if not has_opened:
            declared = "proposed"
        return PartyState(
            party=code,
            declared=declared,
            since=instant_of(row.get("declared_at")),
            entry=text_of(row.get("entry")),
            reason=text_of(row.get("reason")),
        )

    def ends_at(
        self, channel: ChannelSummary, row: Mapping[str, Any] | None = None
    ) -> Instant | None:
        """Return when a channel ends: as all have renewed it, else by its charter."""
        known = self._rows(channel).get(None, {}) if row is None else row
        ends = instant_of(known.get("expiry"))
        charter = channel.charter.ends_at
        return ends if ends is not None or charter is None else Instant(charter)

    def renewals(self) -> list[tuple[ChannelSummary, Instant]]:
        """Return the channels that are to be renewed now and for which we have not asked it."""
        now = self._station.now()
        found: list[tuple[ChannelSummary, Instant]] = []
        for channel in self._station.channels():
            ends = self.ends_at(channel) if channel.opened else None
            if ends is None or not ends - RENEWAL_S <= now <= ends + RENEWAL_S:
                continue
            facts = self._desk.registers().channel(channel.charter.channel_id)
            own = self._trust.code_of(self._station.party)
            states = {held.state for held in facts.facts(_MARKS.index(self._mark)).standings}
            if states <= _OVER or any(
                asks_renewal(facts.facts(marking), own) for marking in facts.markings()
            ):
                continue
            found.append((channel, ends))
        return found

    def _state(self, channel: ChannelSummary, ends: Instant | None, declared: list[str]) -> str:
        if ends is not None and ends <= self._station.now():
            return "expired"
        kinds = set(declared)
        if kinds == {"open"}:
            return "open"
        for word in ("terminated", "suspended"):
            if word in kinds:
                return word
        return "partly-open" if "open" in kinds and channel.opened else "proposed"

    def _observed(self, channel: ChannelSummary, row: Mapping[str, Any]) -> str:
        if not channel.opened:
            return "not-open"
        said = row.get("observed")
        return "in-use" if said is None else str(said).replace(" ", "-")

    # --- acts ---

    async def propose(self, actor: Actor, request: ChannelRequest) -> ChannelView | HeldChannelAct:
        """Propose a channel to peers; a further person confirms it for two persons or a program.

        Raises:
            PeerNotTrustedError, PeerKeyChangedError: a peer's key is not compared.
            ConflictError: there is a channel of this code with these parties.
            UsageError: a witness named is none.
        """
        actor.require("administer")
        charter = self._charter(request)
        if self._waits(actor):
            return await self.acts.hold(actor, "propose", request, self._station.now())
        return await self._propose(actor, charter)

    async def _propose(self, actor: Actor, charter: Charter) -> ChannelView:
        """Store a charter, open our log, offer it."""
        await self._station.propose_channel(charter)
        act = Act(
            actor=actor,
            act="propose channel",
            subject=charter.code,
            detail=charter.channel_id.hex(),
        )
        await self._cabinet.store([], act)
        return self.view(self._record.channel(charter.channel_id.hex()))

    def _charter(self, request: ChannelRequest) -> Charter:
        if not request.peers:
            raise UsageError("a channel needs at least one peer")
        others = [self._trust.party_of(code) for code in request.peers]
        if self._station.party in others:
            raise UsageError("a channel is proposed to others, not to ourselves")
        for party in others:
            self._trust.require_trusted(party)
        known = self._station.channels()
        if any(channel.charter.code.upper() == request.code.upper() for channel in known):
            raise ConflictError(
                f"there is a channel {request.code} already", next_step="Choose another code."
            )
        used = {channel.charter.number for channel in known}
        number = next(n for n in range(1, CHANNEL_NUMBER_MAX) if n not in used)
        if len(request.witnesses) > WITNESSES_MAX:
            raise UsageError(f"a channel has at most {WITNESSES_MAX} witnesses")
        witnesses = [self._trust.witness(code) for code in dict.fromkeys(request.witnesses)]
        try:
            terms = quota_terms(
                request.entries_per_day, request.bytes_per_day, request.flash_per_hour
            )
        except ValueError as problem:
            raise UsageError(f"the channel cannot be proposed: {problem}") from None
        charter = Charter(
            parties=(self._station.party, *others),
            number=number,
            purpose=request.purpose,
            basis=request.basis,
            proposed_at=self._station.now(),
            nonce=self._random(16),
            code=request.code,
            ends_at=request.ends_at,
            heartbeat=request.heartbeat_s or self._heartbeat_s,
            witnesses=tuple((known.name, known.vkey) for known in witnesses),
            terms=terms,
        )
        try:
            decode_charter(charter.encode())
        except MalformedError as problem:
            raise UsageError(f"the channel cannot be proposed: {problem}") from None
        return charter

    def _waits(self, actor: Actor) -> bool:
        """Say whether a further person confirms what this actor does about channels."""
        return self._two_persons or not actor.is_person

    async def accept(self, actor: Actor, name: str) -> ChannelView | HeldChannelAct:
        """Accept a proposed channel; a further person confirms it for two persons or a program."""
        actor.require("administer")
        channel = self._record.proposal(name)
        self._may_open(channel)
        if self._waits(actor) and not channel.opened:
            charter = channel.charter
            agreed = quotas(charter)
            request = ChannelRequest(
                code=charter.code,
                peers=[self._trust.code_of(each) for each in charter.others(self._station.party)],
                purpose=charter.purpose,
                basis=charter.basis,
                ends_at=charter.ends_at,
                heartbeat_s=charter.heartbeat,
                witnesses=[known.shown for known in witnesses_of(charter)],
                entries_per_day=agreed[0] or None,
                bytes_per_day=agreed[1] or None,
                flash_per_hour=agreed[2] or None,
            )
            return await self.acts.hold(actor, "accept", request, self._station.now())
        return await self._accept(actor, channel)

    async def confirm(self, actor: Actor, code: str, *, digest: str) -> ChannelView:
        """Do what another person prepared.

        Raises:
            NotAllowedError, DraftChangedError, NotFoundError: see `ChannelActs.confirmed`.
        """
        held = self.acts.confirmed(actor, code, digest)
        if held.act == "accept":
            channel = self._record.proposal(held.code)
            self._may_open(channel)
            view = await self._accept(actor, channel)
        else:
            view = await self._propose(actor, self._charter(self.acts.request(code)))
        await self.acts.forget(actor, held, "confirm to", f"prepared by {held.by}")
        return view

    def _may_open(self, channel: ChannelSummary) -> None:
        for party in channel.charter.others(self._station.party):
            if self._trust.card_of(party) is not None:
                self._trust.require_trusted(party)

    async def _accept(self, actor: Actor, channel: ChannelSummary) -> ChannelView:
        """Open our log on a charter."""
        await self._station.accept_channel(channel.charter.channel_id)
        act = Act(
            actor=actor,
            act="accept channel",
            subject=channel.charter.code,
            detail=channel.charter.channel_id.hex(),
        )
        await self._cabinet.store([], act)
        return self.view(self._record.channel(channel.charter.channel_id.hex()))

    async def restore(
        self, actor: Actor, name: str, peers: Sequence[str], seconds: float
    ) -> RestoreView:
        """Bring back what peers hold of our stopped log; a new one begins.

        Raises:
            ConflictError: it is not stopped, or not all that is held came within the time.
        """
        actor.require("administer")
        channel = self._record.channel(name)
        parties = [self._trust.party_of(code) for code in dict.fromkeys(peers)]
        for party in parties:
            self._trust.require_trusted(party)
        code = channel.charter.code
        report = await self._station.restore_log(channel.charter.channel_id, parties, seconds)
        own = self._trust.code_of(self._station.party)
        number = "" if report.ordinal == 1 else f"/{report.ordinal}"
        view = RestoreView(
            channel=code,
            log=f"{code}/{own}{number}",
            stored=report.stored,
            brought=report.brought,
            size=report.size,
            later=report.later,
            off_record=report.off_record,
            missing=[list(gap) for gap in report.missing],
            unreceipted=report.unreceipted,
            marked=report.marked,
            gone=report.gone,
            asked=[
                RestoreAsked(
                    peer=self._trust.code_of(party),
                    holds=held,
                    differs=party in report.differing,
                )
                for party, held in report.held.items()
            ],
            behind={self._trust.code_of(one): lacks for one, lacks in report.behind.items()},
        )
        detail = f"{report.brought} entries brought back, {report.gone} known to be lost"
        act = Act(actor=actor, act="restore log", subject=view.log, detail=detail)
        await self._cabinet.store([], act)
        return view
