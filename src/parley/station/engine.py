"""The station as a pure machine: frames, commands and the time in; frames and effects out.

It does no I/O, reads no clock and draws no randomness of its own. The service performs its
effects in a real station, the simulator in a made-up world; both run this very code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from parley.core.card import Card, Prekey
from parley.core.charter import Charter
from parley.core.entry import Kind
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.items import Held
from parley.core.link_secrets import Identity, LinkSecrets
from parley.core.outbox import Outbox
from parley.errors import ConflictError, KeyLockedError, ParleyError, StorageFullError, StoreError
from parley.station.alarm_pace import AlarmPace
from parley.station.card_news import CardNews, stored_prekey
from parley.station.channel_state import STOPPED, ChannelState
from parley.station.courier import Courier
from parley.station.effects import ClosePath, Commit, Effect, Halt, NewEntry, Notify, Now, Reply
from parley.station.facts import Alarm, EntryMended, EntryStored, Fact, LinkChanged, ReceiptStored
from parley.station.key_exchange import stored_epochs
from parley.station.ledger import Ledger
from parley.station.link_state import Link, PathRecord, Traits
from parley.station.mend import Mend
from parley.station.moving import RESTORE_STEP
from parley.station.seals import Sealing
from parley.station.traffic import Traffic
from parley.station.witnessing import Witnessing
from parley.store.interface import Batch, Reader

Paper = tuple[str, str, bytes | None]
_EPOCHS_UNKEPT = 16
_GATHERED_MOST = 128
"""Entries of one batch that wait for what else is asked: the peer works on them meanwhile."""


class Engine:
    """One station.

    Attributes:
        ledger: the record side.
        links: by party id.
    """

    def __init__(
        self, identity: Identity, reader: Reader, *, random: Callable[[int], bytes]
    ) -> None:
        self.ledger = Ledger(identity, reader, random=random, raise_alarm=self._alarm)
        self.links: dict[PartyId, Link] = {}
        self._identity = identity
        self._pace = AlarmPace()
        self._effects: list[Effect] = []
        self._replies: list[Reply] = []
        self._replies_in_flight: list[Reply] = []
        self._papers: dict[int, Sequence[Paper]] = {}
        self._deferred: list[tuple[ChannelId, int, Callable[[], None]]] = []
        self._committing = self._held = False
        self._halted: ParleyError | None = None
        self.witnessing = Witnessing(
            self.ledger, self.links, alarm=self._alarm, submit=self._effects.append
        )
        self.sealing = Sealing(identity, self.ledger, self.links)
        self.news = CardNews(identity, self.ledger, alarm=self._alarm, notify=self._notify)
        self.traffic = Traffic(
            identity,
            self.ledger,
            self.links,
            witnessing=self.witnessing,
            news=self.news,
            random=random,
            alarm=self._alarm,
            notify=self._notify,
            close=self._close,
        )
        self.witnessing.told_more = self.traffic.newest.witness_told
        self.traffic.newest.witness_asked = self.witnessing.is_asked

    # --- start ---

    def start(self, now: Now, *, doubtful: Mapping[LogId, int] | None = None) -> None:
        """Take up the record from the store.

        Args:
            now: the time.
            doubtful: own logs of which the store cannot prove to hold the newest copy, and the
                size that the marks name; nothing is written into them (specification: entry,
                incarnation).
        """
        self.ledger.load()
        self.traffic.hearing.damage.start(now)
        self.traffic.newest.start(now, dict(doubtful or {}))
        self._flush(now)

    # --- peers ---

    def set_peer(self, card: Card, *, trusted: bool, now: Now) -> None:
        """Learn a peer's card, or that it is trusted, or no longer."""
        link = self.links.get(card.party)
        if link is not None and link.card.fingerprint == card.fingerprint:
            # A newer one may have come over the link before its paper was written.
            card = max(link.card, card, key=lambda one: one.sequence)
        self.ledger.cards[card.party] = card
        if link is None:
            accepted = stored_epochs(self.ledger.reader, card.party)
            sent = int(self.ledger.reader.paper("epochs-sent", card.party.hex()) or 0)
            # A few more may have been used than were kept before we were killed.
            start = sent + _EPOCHS_UNKEPT if sent else 0
            secrets = LinkSecrets(self._identity, card, accepted=accepted, last_sent=start)
            link = Link(card=card, trusted=trusted, secrets=secrets, sent_kept=sent)
            secrets.fresh = stored_prekey(self.ledger.reader, card)
            self.links[card.party] = link
        else:
            link.card = link.secrets.peer = card
            if link.trusted and not trusted:
                link.control.clear()
                link.given.clear()
        link.trusted = trusted
        if trusted:
            for state in self.ledger.channels.values():
                self._join(link, state)
            self.traffic.trusted(link, now)
        self._notify(LinkChanged(card.party))
        self._flush(now)

    def set_prekey(self, prekey: Prekey, now: Now) -> None:
        """Publish a newer prekey of ours; its secret half is durable."""
        self.news.set_prekey(prekey, self.links)
        self._flush(now)

    def remove_peer(self, party: PartyId, now: Now) -> None:
        """Forget a peer; what it signed stays in the record, and its card with it."""
        link = self.links.pop(party, None)
        if link is not None:
            for path in list(link.paths.values()):
                self._close(path.number, "the peer was removed")
            self._notify(LinkChanged(party))
        self._flush(now)

    def _join(self, link: Link, state: ChannelState) -> None:
        """Begin to send a channel's entries to a peer."""
        channel, own = state.record.channel, state.record.own
        if own is None or link.party not in state.record.others or channel in link.outboxes:
            return
        replica = state.record.logs.get(link.party)
        theirs = Held(0)
        if replica is not None and replica.last is not None:
            held = replica.last.statement.holding(self.ledger.me)
            if held is not None and held.inc == own.log.inc:
                theirs = Held(held.size, held.missing)
        outbox = Outbox(own.flags, theirs, durable=state.durable_size)
        if replica is not None and replica.last is not None:
            outbox.by = replica.log.inc
        outbox.met = replica is not None or channel in link.offered
        link.outboxes[channel] = outbox
        self.traffic.set_heartbeats(link)

    # --- paths ---

    def path_up(
        self, number: int, traits: Traits, now: Now, *, peer: PartyId | None, address: str = ""
    ) -> None:
        """Take note of an open path; `peer` is None for an incoming one."""
        path = PathRecord(number=number, traits=traits, address=address, peer=peer)
        self.traffic.up(path, now)
        self._after_traffic(now)

    def path_down(self, number: int, now: Now) -> None:
        """Take note that a path is closed."""
        self.traffic.down(number, now)
        self._flush(now)

    def frames_received(self, number: int, frames: Sequence[bytes], now: Now) -> None:
        """Take frames from a path, whatever they hold."""
        self._pace.steady = now.steady
        if self._halted is None:
            self.traffic.received(number, frames, now)
        self._after_traffic(now)

    def next_frames(self, number: int, now: Now, *, limit: int = 8) -> list[bytes]:
        """Return the next frames for a path, most urgent first; empty while there is nothing."""
        return self.traffic.next_frames(number, now, limit=limit)

    def next_turn(self, number: int) -> float | None:
        """Return when a padded path wants its next frame, in steady seconds; None for others."""
        return self.traffic.next_turn(number)

    def _after_traffic(self, now: Now) -> None:
        self.traffic.look_after_thirds(now)
        self._look_after_logs(now)
        self._flush(now)

    # --- our own logs: whether they are the newest copy, and their mending ---

    def _look_after_logs(self, now: Now) -> None:
        newest = self.traffic.newest
        sure = [state.record.channel for state in newest.look(now)]
        if sure:
            self.news.write_card(now)
        sure += self._take_stops()
        waiting, self._deferred = self._deferred, []
        for channel, token, act in waiting:
            if channel in sure:
                act()
            else:
                self._deferred.append((channel, token, act))
        for mend in list(newest.mending.mends.values()):
            self._end_mend(mend, now)

    def _take_stops(self) -> list[ChannelId]:
        stops = self.traffic.newest.take_stops()
        for state, why in stops:
            self._take_back(state, why)
        return [state.record.channel for state, _ in stops]

    def _take_back(self, state: ChannelState, why: str) -> None:
        """Let nothing become durable of what was written into a stopped log and not signed."""
        places = self.ledger.take_back(state)
        for reply in [one for one in self._replies if places & set(one.places)]:
            self._replies.remove(reply)
            for paper in self._papers.get(reply.token, ()):
                self.ledger.batch.papers.remove(paper)
            error = ConflictError(
                f"nothing is written into our log: {STOPPED[why]}", next_step=RESTORE_STEP
            )
            self._effects.append(Reply(reply.token, error=error))

    def restore(
        self, token: int, channel: ChannelId, peers: Sequence[PartyId], seconds: float, now: Now
    ) -> None:
        """Fetch what peers hold of our log on a channel, then begin a new one; `Reply` answers.

        Args:
            token: names the reply.
            channel: one whose log of ours is stopped.
            peers: whom to ask; nobody: go on with what the store holds.
            seconds: how long to wait for them.
            now: the time.
        """
        mending = self.traffic.newest.mending
        try:
            state = self.ledger.state(channel)
            if self._halted is not None:
                raise self._halted
            if state.stopped is None:
                self.traffic.newest.leave_stolen(state)
                self._take_stops()
            mend = mending.begin(token, state, peers, now.steady + seconds, now)
        except ParleyError as refused:
            self._effects.append(Reply(token, error=refused))
            return
        self._end_mend(mend, now)
        self._flush(now)

    def _end_mend(self, mend: Mend, now: Now) -> None:
        mending = self.traffic.newest.mending
        try:
            if not mending.is_over(mend, now):
                return
        except ConflictError as refused:
            self._effects.append(Reply(mend.token, error=refused))
            return
        self.ledger.begin_again(mend.state, now)
        self._rejoin(mend.state)
        self._replies.append(Reply(mend.token))

    def _rejoin(self, state: ChannelState) -> None:
        for link in self.links.values():
            link.parcels.forget(state.record.channel)
            link.outboxes.pop(state.record.channel, None)
            if link.trusted:
                self._join(link, state)

    # --- commands ---

    def append(
        self,
        token: int,
        channel: ChannelId,
        entries: Sequence[NewEntry],
        now: Now,
        *,
        papers: Sequence[Paper] = (),
    ) -> None:
        """Write entries into our log, with papers in the same transaction; answered by `Reply`."""

        def act() -> None:
            self._command(token, now, papers, lambda: self.ledger.append(channel, entries, now))

        state = self.ledger.channels.get(channel)
        if self._halted is None and state is not None and state.unsure:
            # Peers are being asked whether this is the newest copy: nothing is signed before.
            self._deferred.append((channel, token, act))
            return
        act()

    def store_papers(self, token: int, papers: Sequence[Paper], now: Now) -> None:
        """Store papers of the station; answered by `Reply`."""
        self._command(token, now, papers, lambda: ())

    def courier(self, token: int, act: Callable[[Courier, Now], None], now: Now) -> None:
        """Let a courier's file be made or taken in; answered by `Reply` once that is durable."""

        def work() -> tuple[()]:
            act(self.traffic.courier, now)
            self.traffic.look_after_thirds(now)
            self._look_after_logs(now)
            return ()

        self._command(token, now, (), work)

    def propose(self, token: int, charter: Charter, now: Now) -> None:
        """Store a charter, open our log on it and offer it; answered by `Reply`."""

        def act() -> tuple[()]:
            self.ledger.propose(charter, now)
            self._join_all(charter.channel_id, now)
            return ()

        self._command(token, now, (), act)

    def accept_charter(self, token: int, channel: ChannelId, now: Now) -> None:
        """Open our log on a proposed charter; answered by `Reply`."""

        def act() -> tuple[()]:
            self.ledger.accept_charter(channel, now)
            self._join_all(channel, now)
            return ()

        self._command(token, now, (), act)

    def _join_all(self, channel: ChannelId, now: Now) -> None:
        for link in self.links.values():
            if link.trusted:
                self._join(link, self.ledger.channels[channel])
        self.traffic.stir(now)

    def _command(
        self,
        token: int,
        now: Now,
        papers: Sequence[Paper],
        act: Callable[[], tuple[tuple[LogId, int], ...]],
    ) -> None:
        if self._halted is not None:
            self._effects.append(Reply(token, error=self._halted))
            return
        try:
            places = act()
        except ParleyError as refused:
            self._effects.append(Reply(token, error=refused))
            return
        self.ledger.batch.papers.extend(papers)
        self._papers[token] = papers
        self._replies.append(Reply(token, places))
        self._flush(now)

    # --- committing ---

    def hold(self) -> bool:
        """Gather what is asked into one batch until `release`; False if that is so already."""
        was_held, self._held = self._held, True
        return not was_held

    def release(self, now: Now) -> None:
        """Let what was gathered become durable."""
        self._held = False
        self._flush(now)

    def _flush(self, now: Now) -> None:
        if self._committing or self._halted is not None:
            return
        if self._held and len(self.ledger.batch.entries) < _GATHERED_MOST:
            return
        self.witnessing.pass_on()
        self.traffic.stage_epochs()
        batch: Batch | None
        try:
            batch = self.ledger.flush(now)
        except KeyLockedError as away:  # of what was half signed nothing is kept
            self._halted = StoreError(f"nothing is signed: {away}", next_step=away.next_step)
            self._halted.reopens = False  # the disk is well: the record stays open
            self._effects.append(Halt(self._halted))
            return
        if batch is None:
            self._effects += self._replies
            self._replies = []
            self._papers.clear()
            return
        self._committing = True
        self._replies_in_flight, self._replies = self._replies, []
        self._papers.clear()
        self._effects.append(Commit(batch))

    def committed(self, sequence: int, now: Now) -> None:
        """Take note that the batch is durable: now it may leave and be confirmed."""
        self._committing = False
        urgent = self.ledger.urgent_in_flight()
        facts, grown = self.ledger.committed(sequence)
        for state in grown:
            self.traffic.grown(state, urgent=state.record.channel in urgent)
        for fact in facts:
            self._notify(fact)
            if isinstance(fact, EntryStored):
                if fact.own and fact.entry.kind == Kind.CLOSE:
                    self.sealing.request(fact.log.channel)
                self.news.stored(fact, self.links.get(fact.log.party), now)
            elif isinstance(fact, ReceiptStored):
                self.traffic.receipted(fact, now)
            elif isinstance(fact, EntryMended):
                self.traffic.hearing.damage.mended(fact, now)
        self.traffic.look_after_thirds(now)
        self._effects += self._replies_in_flight
        self._replies_in_flight = []
        self._flush(now)

    def commit_failed(self, error: ParleyError, now: Now) -> None:
        """Stop: nothing of the batch counts, nothing more is signed, received or confirmed.

        The service makes a new engine from what is durable.
        """
        self._committing = False
        self._halted = error
        self.traffic.refuse_full(now)
        kind = "storage-full" if isinstance(error, StorageFullError) else "store-failed"
        self._alarm(Alarm(kind=kind, peer=None, channel=None, text=str(error)))
        waiting = [reply.token for reply in (*self._replies_in_flight, *self._replies)]
        waiting += [token for _, token, _ in self._deferred]
        waiting += [mend.token for mend in self.traffic.newest.mending.mends.values()]
        self._effects += [Reply(token, error=error) for token in waiting]
        self._replies_in_flight, self._replies, self._deferred = [], [], []

    @property
    def halted(self) -> ParleyError | None:
        """Return why the engine stopped, None while it works."""
        return self._halted

    # --- time ---

    def tick(self, now: Now) -> None:
        """Do what is due."""
        self._pace.steady = now.steady
        self.traffic.tick(now)
        self.witnessing.tick(now)
        self.sealing.tick(now)
        self._after_traffic(now)

    def wake_at(self, now: Now) -> float:
        """Return the steady time at which `tick` is wanted, if nothing happens before."""
        due = min(
            self.traffic.wake_at(now),
            self.witnessing.wake_at(now),
            self.sealing.wake_at(now),
            self.traffic.newest.wake_at(now),
        )
        for state in self.ledger.channels.values():
            if state.opened and state.may_sign and not self._committing:
                due = min(due, max(self.ledger.heartbeat_due(state, now), now.steady))
        return due

    # --- witnesses ---

    def set_witnesses(self, keys: Collection[bytes], now: Now) -> None:
        """Take note of the witnesses, by public key, to whom the station has a way."""
        self.witnessing.set_reachable(keys)
        self._flush(now)

    def witness_answered(self, token: int, status: int, body: str, now: Now) -> None:
        """Take a witness's answer to a `Submit`; status 0 says that there was none."""
        if self._halted is None:
            self.witnessing.answered(token, status, body, now)
        self._flush(now)

    # --- effects ---

    @property
    def has_effects(self) -> bool:
        """Say whether there is something to be done now, or to be asked of peers."""
        return bool(self._effects or self.traffic.newest.mending.mends)

    def take_effects(self) -> list[Effect]:
        """Return what is to be done now, and forget it."""
        effects = self._effects.copy()
        self._effects.clear()
        return effects

    def _notify(self, fact: Fact) -> None:
        self._effects.append(Notify(fact))

    def _alarm(self, alarm: Alarm) -> None:
        if self._pace.admits(alarm):
            self._effects.append(Notify(alarm))

    def _close(self, number: int, reason: str) -> None:
        self._effects.append(ClosePath(number, reason))
