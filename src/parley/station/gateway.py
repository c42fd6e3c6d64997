"""The gateway: the one door through which people and machines reach the station."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from parley.core.ids import PartyId
from parley.errors import (
    ChannelNotOpenError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    UsageError,
)
from parley.station.ack_levels import ack_fields, right_for
from parley.station.actors import Actor
from parley.station.cabinet import Act
from parley.station.desk_views import (
    AlarmView,
    ChannelRequest,
    DraftRequest,
    DraftText,
    DraftView,
    Event,
    HeldChannelAct,
    Submitted,
)
from parley.station.entry_pages import STEPS
from parley.station.export import Exporter, Place
from parley.station.file_evidence import Withheld
from parley.station.gateway_drafts import GatewayDrafts
from parley.station.papers import change
from parley.station.parts import Parts
from parley.station.views import (
    ChannelView,
    Delivery,
    EntryRow,
    EntryView,
    IndexRebuilt,
    RestoreView,
)
from parley.station.withholding import fields_of_entries, known_fields, withheld_of

WAIT_MAX_S: Final = 24 * 3600
CONSUMER_NAME_MAX: Final = 80


class Gateway(GatewayDrafts):
    """Reads, and every act; an act returns only once it is durable."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._parts = parts

    # --- watch acts ---

    async def acknowledge(
        self,
        actor: Actor,
        entry: str,
        *,
        level: str,
        unit: str | None = None,
        values: Mapping[str, str] | None = None,
        note: str | None = None,
        points: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> Submitted:
        """Acknowledge a peer's entry as a person; closes the alarm about it.

        An acknowledgement is released by whoever gives it, under either policy: it commits to
        nothing but what the level says, and must not wait for a second person (procedures 1.3).
        """
        async with self._parts.cabinet.attempt(actor, "acknowledge", entry):
            actor.require(right_for(level))
            log, _ = self._parts.record.place(entry)
            channel = self._parts.record.channel_of(log)
            language = self._parts.config.station.languages[0]
            texts = [DraftText(lang=language, text=note)] if note else []
            fields = ack_fields(level, unit=unit, values=values, points=points)
            req = DraftRequest(
                channel=channel.charter.channel_id.hex(),
                procedure="ack",
                move="give",
                case=entry,
                precedence=self._letter_of(entry),
                mark=self._mark_of(entry),
                fields=fields,
                texts=texts,
            )
            done = await self._parts.drafts.submit_alone(
                actor, req, key=idempotency_key, about=entry
            )
        if not done.replayed and done.entry is not None:
            with suppress(NotFoundError):
                await self._parts.hub.publish_alarm("handled", entry.replace("/", "~"))
        return done

    def _letter_of(self, entry: str) -> str:
        row = self._parts.record.row(*self._parts.record.place(entry))
        return self._parts.record.decode(row).precedence.letter

    def _mark_of(self, entry: str) -> str:
        row = self._parts.record.row(*self._parts.record.place(entry))
        return self._parts.record.decode(row).marking.name

    async def line_check(
        self,
        actor: Actor,
        peer: str,
        *,
        text: str | None = None,
        channel: str | None = None,
        answers: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted:
        """Send an officer's line check to a peer, on a channel with it; or answer one of theirs.

        Neither waits for a second person: it commits to nothing but that somebody is here.

        Raises:
            NotAllowedError: a program would answer for a person.
            UsageError: what `answers` names is no line check of this peer.
        """
        async with self._parts.cabinet.attempt(actor, "line check", peer):
            actor.require("line-check")
            asked = None if answers is None else self._line_check_of(actor, peer, answers)
            if asked is not None:
                channel = asked.channel
            found = channel or self._channel_with(self._parts.trust.party_of(peer), peer)
            language = self._parts.config.station.languages[0]
            charter = self._parts.record.channel(found).charter
            told = await self._parts.agreement.told(
                charter.channel_id, self._parts.trust.party_of(peer)
            )
            req = DraftRequest(
                channel=found,
                procedure="line_check",
                move="" if asked is None else "answer",
                case=None if asked is None else asked.case,
                # That somebody is here is live, also where an exercise runs.
                mark=self._parts.config.station.mark if asked is None else asked.mark,
                action=[peer],
                fields={"kind": "officer" if actor.is_person else "machine"},
                texts=[DraftText(lang=language, text=text)] if text else [],
            )
            return await self._parts.drafts.submit_alone(
                actor,
                req,
                key=idempotency_key,
                about=None,
                added=None if told is None else {"registers": told},
            )

    def _line_check_of(self, actor: Actor, peer: str, name: str) -> EntryView:
        """Return a peer's line check that a person here answers."""
        if not actor.is_person:
            raise NotAllowedError(
                "a program cannot answer a line check: the answer says that a person is there",
                next_step="An officer answers: at the console, or parley line check --answer.",
            )
        asked = self.entry(name)
        if (asked.party, asked.procedure, asked.move) != (peer, "line_check", "check"):
            raise UsageError(f"{name} is no line check of {peer}", next_step="parley inbox")
        return asked

    def _channel_with(self, party: PartyId, peer: str) -> str:
        for found in self._parts.station.channels():
            if found.opened and party in found.charter.parties:
                return found.charter.channel_id.hex()
        raise ChannelNotOpenError(
            f"there is no open channel with {peer}",
            next_step=f"Propose one: parley channel propose {peer} --code CODE.",
        )

    async def claim(self, actor: Actor, alarm: str) -> AlarmView:
        """Stop an alarm's sound here; tells nobody outside."""
        async with self._parts.cabinet.attempt(actor, "claim alarm", alarm):
            view = await self._parts.alarms.claim(actor, alarm)
        await self._parts.hub.publish_alarm("claimed", alarm)
        return view

    async def handle(self, actor: Actor, alarm: str, *, reason: str) -> AlarmView:
        """Close an alarm with a reason."""
        async with self._parts.cabinet.attempt(actor, "handle alarm", alarm):
            view = await self._parts.alarms.handle(actor, alarm, reason=reason)
        await self._parts.hub.publish_alarm("handled", alarm)
        return view

    async def hand_over_alarm(self, actor: Actor, alarm: str, to: str) -> AlarmView:
        """Hand one claimed alarm to another officer of the watch."""
        able = [o.code for o in self.officers() if o.active and "watch" in o.roles]
        async with self._parts.cabinet.attempt(actor, "hand over alarm", alarm):
            view = await self._parts.alarms.hand_over(actor, alarm, to, able=able)
        await self._parts.hub.publish_alarm("claimed", alarm)
        return view

    async def snooze(self, actor: Actor, alarm: str, *, seconds: int, reason: str) -> AlarmView:
        """Keep an alarm silent for a while; the watch log says so."""
        async with self._parts.cabinet.attempt(actor, "snooze alarm", alarm):
            done, said = self._parts.alarms.snooze(actor, alarm, seconds=seconds, reason=reason)
            await self._parts.watch.note(actor, said, done=done)
        await self._parts.hub.publish_alarm("claimed", alarm)
        return self._parts.alarms.get(alarm)

    # --- waiting ---

    async def wait(self, entry: str, *, until: str = "delivered", timeout_s: float) -> Delivery:
        """Wait until an own entry has come that far; `reached` says whether it has."""
        if until not in STEPS:
            raise UsageError(f"there is no step {until!r}", next_step=f"{', '.join(STEPS)}.")
        wanted = STEPS.index(until)

        def reached() -> bool:
            return STEPS.index(self.delivery(entry).state) >= wanted

        self.delivery(entry)
        done = await self._parts.hub.wait_for(reached, min(max(timeout_s, 0.0), WAIT_MAX_S))
        return replace(self.delivery(entry), reached=done)

    async def wait_sequence(self, sequence: int, *, timeout_s: float) -> bool:
        """Wait until the record has a place; say whether it has."""
        return await self._parts.hub.wait_for(lambda: self.sequence() >= sequence, timeout_s)

    async def wait_draft(self, draft: str, *, timeout_s: float) -> DraftView:
        """Wait until a draft is released, refused or dropped."""

        def settled() -> bool:
            return self.draft(draft).state not in ("open", "held", "releasing")

        await self._parts.hub.wait_for(settled, min(max(timeout_s, 0.0), WAIT_MAX_S))
        return self.draft(draft)

    def events(
        self,
        *,
        after: str | None = None,
        topics: Collection[str] = (),
        console: str | None = None,
    ) -> AsyncIterator[Event]:
        """Follow what happens, from a place on; see `EventHub.events`."""
        return self._parts.hub.events(after=after, topics=topics, console=console)

    def can_sound(self, console: str, *, can: bool) -> None:
        """Take note that a console can sound, or cannot; see `EventHub.can_sound`."""
        self._parts.hub.can_sound(console, can=can)

    async def consume(self, name: str, *, limit: int = 100) -> list[EntryRow]:
        """Return what a named reader has not confirmed yet, oldest first."""
        place = self._consumer(name)
        return list(self.entries(own=False, after_sequence=place, limit=limit).items)

    async def confirm(self, name: str, sequence: int) -> None:
        """Move a named reader's cursor; it never goes back.

        Raises:
            UsageError: the number is beyond what is stored.
        """
        place = self._consumer(name)
        if sequence > self.sequence():
            raise UsageError(f"nothing with number {sequence} is stored yet")
        if sequence > place:
            await self._parts.cabinet.store([change("consumers", name, {"sequence": sequence})])

    def _consumer(self, name: str) -> int:
        if not 1 <= len(name) <= CONSUMER_NAME_MAX or not name.isprintable():
            raise UsageError(f"a consumer's name has 1 to {CONSUMER_NAME_MAX} characters")
        fields = self._parts.cabinet.get("consumers", name)
        return 0 if fields is None else int(fields["sequence"])

    # --- channels ---

    async def propose_channel(
        self, actor: Actor, req: ChannelRequest
    ) -> ChannelView | HeldChannelAct:
        """Propose a channel to peers; it is held where a second person has to confirm it."""
        async with self._parts.cabinet.attempt(actor, "propose channel", req.code):
            return await self._parts.channels.propose(actor, req)

    async def accept_channel(self, actor: Actor, channel: str) -> ChannelView | HeldChannelAct:
        """Accept a proposed channel; it is held where a second person has to confirm it."""
        async with self._parts.cabinet.attempt(actor, "accept channel", channel):
            return await self._parts.channels.accept(actor, channel)

    async def confirm_channel(self, actor: Actor, code: str, *, digest: str) -> ChannelView:
        """Do, as the second person, what another one prepared about a channel."""
        async with self._parts.cabinet.attempt(actor, "confirm channel", code):
            return await self._parts.channels.confirm(actor, code, digest=digest)

    async def drop_channel_act(self, actor: Actor, code: str, *, reason: str) -> HeldChannelAct:
        """Give up what was prepared about a channel."""
        async with self._parts.cabinet.attempt(actor, "give up channel act", code):
            return await self._parts.channels.acts.drop(actor, code, reason=reason)

    async def restore_log(
        self, actor: Actor, channel: str, peers: Sequence[str], *, timeout_s: float
    ) -> RestoreView:
        """Bring back what peers hold of our stopped log on a channel, and go on in a new one."""
        before = self._parts.drafts.own_ends(channel)
        async with self._parts.cabinet.attempt(actor, "restore log", channel):
            try:
                return await self._parts.channels.restore(actor, channel, peers, timeout_s)
            finally:
                await self._parts.drafts.found_again(actor, channel, before)

    # --- the record ---

    async def rebuild_index(self, actor: Actor) -> IndexRebuilt:
        """Write the case index anew from the logs.

        Raises:
            NotAllowedError: no administrator asks.
        """
        async with self._parts.cabinet.attempt(actor, "rebuild index", "record"):
            actor.require("administer")
        rows, differed = await self._parts.station.rebuild_index()
        detail = f"{rows} rows, {differed} differed"
        act = Act(actor=actor, act="rebuild index", subject="record", detail=detail)
        await self._parts.cabinet.store([], act)
        return IndexRebuilt(rows=rows, differed=differed)

    # --- evidence ---

    def export(
        self,
        *,
        channel: str | None = None,
        case: str | None = None,
        conflict: str | None = None,
        withhold: Sequence[str] = (),
    ) -> bytes:
        """Return a bundle of a channel, of a conflict, or the strongest one there is of a case.

        Of a conflict, named by its log such as `OPS/ALFA`, it is both notes.

        Of a case that is the proof of its lapse; else of its answer; else of every entry and who
        held it. Of several, with spaces or commas between, it is the last for each; they are of
        one channel.

        Raises:
            UsageError: not one of them is named, or a field to withhold is none that they have.
        """
        if [channel, case, conflict].count(None) != 2:
            raise UsageError("name a channel, a case or a conflict to export")
        exporter = Exporter(self._parts.station.reader, self._parts.trust.all_cards())
        if conflict is not None:
            if withhold:
                raise UsageError(
                    "the notes of a conflict have no fields to withhold",
                    next_step="Export it without that.",
                )
            code, _, party = conflict.rpartition("/")
            charter = self._parts.record.channel(code).charter
            return exporter.conflict(charter.channel_id, self._parts.trust.party_of(party))
        if channel is not None:
            found = self._parts.record.channel(channel)
            hidden = withheld_of(withhold, known_fields(), listed=False)
            return exporter.record(found.charter.channel_id, withhold=hidden)
        assert case is not None
        places = self._openings(case)
        hidden = withheld_of(withhold, _fields_of_cases(exporter, places), listed=True)
        if len(places) != 1:
            return exporter.cases(places, withhold=hidden)
        log, index = places[0]
        if not hidden:
            proofs: list[Callable[[], bytes]] = [
                lambda: exporter.lapse(log, index),
                lambda: exporter.answer(log, index),
            ]
            for prove in proofs:
                with suppress(ConflictError, NotFoundError, UsageError):
                    return prove()
        return exporter.case(log, index, withhold=hidden)

    def fields_to_withhold(self, case: str) -> Sequence[str]:
        """Return the names of the fields that entries of a case, or of several, have.

        Raises:
            NotFoundError: there is no such case.
        """
        exporter = Exporter(self._parts.station.reader, self._parts.trust.all_cards())
        return list(_fields_of_cases(exporter, self._openings(case)))

    def _openings(self, case: str) -> list[Place]:
        names = case.replace(",", " ").replace("~", "/").split()
        found = [self._parts.desk.registers().case(name) for name in names]
        return [self._parts.desk.log_place(one.place) for one in found]

    # --- life ---

    async def start(self) -> None:
        """Take up peers, alarms and following; called once when the station runs."""
        await self._parts.trust.restore()
        self._parts.alarms.load()
        if self._parts.is_running:
            await self._parts.trust.keep_own_card()
            await self._parts.once.forget_old()
            self._parts.taking_up.start()
        self._parts.hub.start()
        if self._parts.is_running:
            self._parts.sounding.start()
            self._parts.webhooks.start()
            self._parts.files.start()

    async def stop(self) -> None:
        """End every stream."""
        await self._parts.files.stop()
        await self._parts.taking_up.stop()
        await self._parts.sounding.stop()
        await self._parts.hub.stop()
        await self._parts.webhooks.stop()


def _fields_of_cases(exporter: Exporter, places: Sequence[Place]) -> Mapping[str, set[Withheld]]:
    return fields_of_entries(entry for place in places for entry in exporter.case_parts(*place))
