"""What a peer sends about the record: entries, statements, notes, and proofs of two histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core import limits
from parley.core.cosignature import stored_cosignatures
from parley.core.entry import Entry, Kind, entry_from_value
from parley.core.ids import ChannelId, Hash, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.items import Nodes, Note, Run, Stmt
from parley.core.limits import SKEW_SECONDS
from parley.core.record import F_OPEN_CHARTER, F_OPEN_FORKED, F_OPEN_INC, Claim, Unknown
from parley.core.replica import Arrival, Replica
from parley.core.seal import verified_seals
from parley.core.statement import SignedStatement, Statement
from parley.errors import MalformedError, SignatureError
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.facts import Alarm, ReceiptStored
from parley.station.judge import Judge
from parley.station.ledger import Ledger
from parley.station.outcome import Outcome
from parley.station.quotas import Quota
from parley.station.repeats import Repeats
from parley.station.seals import keep_seals
from parley.station.witnessing import Witnessing


class Intake:
    """Checks what arrives and hands what is proved to the ledger.

    Attributes:
        judge: compares statements with those held before.
    """

    def __init__(
        self, ledger: Ledger, raise_alarm: Callable[[Alarm], None], witnessing: Witnessing
    ) -> None:
        self._ledger = ledger
        self._witnessing = witnessing
        self._raise_alarm = raise_alarm
        self.judge = Judge(ledger, raise_alarm)
        self._nodes: dict[LogId, tuple[int, tuple[Hash, ...]]] = {}
        self._unfit: dict[LogId, tuple[int, Hash]] = {}
        self._quotas: dict[tuple[ChannelId, PartyId], Quota] = {}
        self._repeats = Repeats(ledger.neighbours)

    def nodes(self, state: ChannelState, peer: PartyId, item: Nodes, now: Now) -> Outcome:
        """Keep subtree hashes until the run that they lead up to; never over an opening.

        On a path of short frames the run may have come before them.
        """
        outcome = Outcome()
        replica = state.record.logs.get(peer)
        if replica is None or item.first == 0:
            return outcome
        self._nodes[replica.log] = (item.first, item.hashes)
        came = min((index for index in replica.pending if index > item.first), default=None)
        if came is not None and replica.learn_nodes(item.first, came, item.hashes):
            del self._nodes[replica.log]
            self._retry(state, now, outcome)
        return outcome

    def run(self, state: ChannelState, peer: PartyId, item: Run, now: Now) -> Outcome:
        """Take a run of the peer's own log, and its tail.

        Raises:
            MalformedError: an entry breaks its form.
        """
        outcome = Outcome()
        others = len(state.record.others)
        index = item.first
        replica = state.record.logs.get(peer)
        room = self._room_for(peer)
        quota = self._quota(state, peer)
        for value, raw in zip(item.entries, item.raws, strict=True):
            entry = entry_from_value(value, others=others)
            if index == 0:
                replica = self._opened_by(state, peer, entry, outcome)
            if replica is None or replica.frozen:
                outcome.frozen = replica is not None
                return outcome
            if index == item.first:
                self._lay_nodes(replica, index)
            if replica.held(index):
                outcome.repeated += 1
            elif not quota.admits(entry, len(raw), now.steady):
                outcome.over_quota = True
                replica.pass_over(index, entry, raw)
            elif replica.arrive(index, entry, raw, room=room + replica.pending_bytes):
                quota.count(entry, len(raw), now.steady)
                room -= len(raw)
                state.record.note_turn(replica, index, entry)
            index += 1
        assert replica is not None
        self._ledger.stage_peer(state, replica, replica.proved_gaps(), now)
        last = item.entries[-1]
        if item.tail is not None and isinstance(last, list) and isinstance(last[1], int):
            claim = Claim(
                party=item.party,
                key_number=item.tail.key_number,
                no=item.tail.no,
                time=last[1] + item.tail.delay,
                size=index,
                held=item.tail.held,
                signature=item.tail.signature,
            )
            self._claim(state, replica, claim, now, outcome)
        self._retry(state, now, outcome)
        return outcome

    def _quota(self, state: ChannelState, party: PartyId) -> Quota:
        return self._quotas.setdefault((state.record.channel, party), Quota(state.record.charter))

    def _room_for(self, peer: PartyId) -> int:
        """Return how many bytes more of a peer's entries may wait for their statements."""
        waiting = 0
        for state in self._ledger.channels.values():
            replica = state.record.logs.get(peer)
            waiting += 0 if replica is None else replica.pending_bytes
        return limits.UNSIGNED_BYTES_MAX - waiting

    def _opened_by(
        self, state: ChannelState, peer: PartyId, entry: Entry, outcome: Outcome
    ) -> Replica | None:
        """Return the log that this entry 0 opens, known or new."""
        inc = entry.fields.get(F_OPEN_INC)
        if entry.kind != Kind.OPEN or not isinstance(inc, bytes) or len(inc) != 8:
            raise MalformedError("entry 0 does not open a log")
        if entry.fields.get(F_OPEN_CHARTER) != state.record.charter.hash:
            raise MalformedError("entry 0 names another charter")
        log = LogId(state.record.channel, peer, Incarnation(inc))
        known = state.record.all.get(log)
        if known is None:
            last = state.record.logs.get(peer)
            if last is not None and last.frozen and not self._names_conflict(entry, last):
                return last
            if last is not None and last.last is None and last.log not in state.ordinals:
                # Nothing of it is proved: it was only spoken of, and another one is now.
                self._forget(state, last.log)
            logs = sum(one.party == peer for one in state.record.all)
            if logs >= limits.INCARNATIONS_MAX:
                outcome.over_quota = True
                return None
            return state.record.add(log)
        return known if state.record.logs.get(peer) is known else None

    def _forget(self, state: ChannelState, log: LogId) -> None:
        state.record.forget(log)
        state.waiting.pop(log, None)
        self._nodes.pop(log, None)
        self._unfit.pop(log, None)

    def _names_conflict(self, entry: Entry, frozen: Replica) -> bool:
        """Say whether an opening names two notes of the frozen log, as it must to go on."""
        notes = entry.fields.get(F_OPEN_FORKED)
        if not isinstance(notes, list) or len(notes) != 2:
            return False
        return all(
            isinstance(note, str) and note.startswith(f"{frozen.log.origin}\n") for note in notes
        )

    def _lay_nodes(self, replica: Replica, index: int) -> None:
        kept = self._nodes.pop(replica.log, None)
        if kept is not None and kept[0] < index:
            replica.learn_nodes(kept[0], index, kept[1])

    def stmt(self, state: ChannelState, peer: PartyId, item: Stmt, now: Now) -> Outcome:
        """Take a statement that came by itself."""
        outcome = Outcome()
        claim = Claim(
            party=item.party,
            key_number=item.key_number,
            no=item.no,
            time=item.time,
            size=item.size,
            held=item.held,
            signature=item.signature,
        )
        replica = state.record.logs.get(peer)
        if replica is None:
            # It speaks of a log that we have not met; the entries must come first.
            outcome.behind = self._is_ahead_of_us(state, peer, claim)
            return outcome
        self._claim(state, replica, claim, now, outcome)
        self._retry(state, now, outcome)
        return outcome

    def _is_ahead_of_us(self, state: ChannelState, peer: PartyId, claim: Claim) -> bool:
        own = state.record.own
        others = state.record.charter.others(peer)
        if own is None or len(claim.held) != len(others):
            return False
        held = claim.held[others.index(state.record.me)]
        replica = state.record.logs.get(peer)
        meant = own.log.inc
        if replica is not None:
            meant = replica.incarnation_of(state.record.number, claim.size) or own.log.inc
        return held is not None and meant == own.log.inc and held.size > own.signed

    def _claim(
        self, state: ChannelState, replica: Replica, claim: Claim, now: Now, outcome: Outcome
    ) -> None:
        if replica.frozen:
            outcome.frozen = True
            return
        if self._told_before(replica, claim):
            return
        if self._is_ahead_of_us(state, replica.log.party, claim):
            outcome.behind = True
            return
        try:
            recomputed = state.record.statement_of(replica, claim)
        except Unknown:
            # Where only a third party's root is not known here, the whole text says it.
            # Once for each, and not again for older ones that are waiting.
            last = replica.last
            is_newest = last is None or claim.no > last.statement.no
            if is_newest and claim.no not in state.waiting.get(replica.log, {}):
                outcome.need_note = replica.tree.root_at(claim.size) is not None
            state.wait(replica.log, claim)
            return
        signed = SignedStatement(
            statement=recomputed, key_number=claim.key_number, signature=claim.signature
        )
        if not self.judge.verifies(replica.log, signed):
            if self._ledger.keys.is_revoked(replica.log.party, claim.key_number):
                return  # it counts for nothing: a later statement says what the entries are
            # Either what we hold unsigned is wrong, or the peer signed another history.
            self._unfit[replica.log] = (recomputed.size, recomputed.root)
            if all(held.party == state.record.me for held in recomputed.holds):
                replica.drop_unsigned()
            # Else perhaps a third party showed the two of us two histories: the note will tell.
            outcome.need_note = True
            return
        self._accept(state, replica, signed, now, outcome)

    def _told_before(self, replica: Replica, claim: Claim) -> bool:
        """Say whether a claim repeats a statement that is held already."""
        last = replica.last
        if last is None or claim.no > last.statement.no:
            return False
        same: SignedStatement | None = last
        if claim.no < last.statement.no:
            _, same, _ = self._ledger.neighbours(replica, claim.no)
        return same is not None and same.signature == claim.signature

    def _retry(self, state: ChannelState, now: Now, outcome: Outcome) -> None:
        """Try the statements that waited, as long as one more becomes provable."""
        moved = True
        while moved:
            moved = False
            for log in list(state.waiting):
                replica, waiting = state.record.all[log], state.waiting.get(log, {})
                ready = [
                    no
                    for no in sorted(waiting)
                    if replica.tree.root_at(waiting[no].size) is not None
                ]
                for no in ready:
                    claim = waiting.pop(no)
                    before = len(outcome.held)
                    need_note = outcome.need_note
                    self._claim(state, replica, claim, now, outcome)
                    if no in waiting:
                        # It waits on: its whole text was asked for when it came.
                        outcome.need_note = need_note
                    moved = moved or len(outcome.held) > before

    def _accept(
        self,
        state: ChannelState,
        replica: Replica,
        signed: SignedStatement,
        now: Now,
        outcome: Outcome,
    ) -> None:
        said, old_size, last = signed.statement, replica.signed, replica.last
        if not self.judge.admits(state, replica, signed, now):
            return
        waited, kept = self._repeats.keep(replica, signed, state.heartbeat, now.steady)
        if waited is not None:
            self._ledger.stage_statement(replica, waited, old_size, now)
        if kept is None:  # it is heard, and says nothing that is not stored
            if last is None or said.no > last.statement.no:
                replica.accept(signed)
                outcome.held.append(said)
            return
        found = replica.accept(signed)
        self._ledger.stage_peer(state, replica, found, now)
        self._ledger.stage_peer(state, replica, replica.proved_gaps(), now)
        self._ledger.stage_statement(replica, signed, old_size, now)
        self._check_clock(replica, said, found, now)
        own = state.record.own
        held = said.holding(state.record.me)
        if own is not None and held is not None and held.inc == own.log.inc:
            self._ledger.tell(
                ReceiptStored(
                    log=own.log,
                    size=held.size,
                    missing=held.missing,
                    by=said.party,
                    time=Instant(said.time),
                    inc=said.inc,
                )
            )
        outcome.held.append(said)

    def _check_clock(
        self, replica: Replica, said: Statement, found: Sequence[Arrival], now: Now
    ) -> None:
        """Flag a time that cannot be right; the statement counts all the same."""
        newest = max((one.entry.time for one in found), default=said.time)
        if said.time > now.wall + SKEW_SECONDS:
            text = f"a statement is dated {said.time - now.wall} s ahead of our clock"
        elif newest > said.time:
            text = f"a statement is dated {newest - said.time} s before an entry that it covers"
        else:
            return
        self._raise_alarm(
            Alarm(kind="clock", peer=replica.log.party, channel=replica.log.channel, text=text)
        )

    # --- whole notes ---

    def note(self, state: ChannelState, item: Note, peer: PartyId, now: Now) -> Outcome:
        """Take a full statement: the answer to our question, somebody's gossip, or cosigned.

        Raises:
            MalformedError: it is not a note.
        """
        outcome = Outcome()
        signed = self.judge.read(item)
        if signed is None:
            return outcome
        said = signed.statement
        try:
            seals = verified_seals(said, item.lines, self._ledger.cards.get(said.party))
        except SignatureError:
            return outcome
        replica = state.record.all.get(said.log)
        is_third = said.party not in (peer, state.record.me)
        if (replica is None and not is_third) or not self.judge.verifies(said.log, signed):
            return outcome
        is_ended = replica is not None and state.record.logs.get(said.party) is not replica
        outcome.shown = signed if is_third or (said.party == peer and is_ended) else None
        if replica is None:
            return outcome
        if self.judge.disagrees(state, replica, signed, now):
            # Perhaps it is we who forked: whoever cannot tell goes on in a new log.
            outcome.behind = self._speaks_otherwise_of_us(state, said)
            return outcome
        if said.party == peer and not replica.frozen:
            root = replica.tree.root_at(said.size)
            if root == said.root:
                state.waiting.get(replica.log, {}).pop(said.no, None)
                if self._held(signed) is None:
                    self._accept(state, replica, signed, now, outcome)
                self._retry(state, now, outcome)
            elif self._led_elsewhere(replica, said):
                replica.drop_unsigned()
                self.judge.unprovable(state, replica, signed, now)
        elif is_third and not replica.frozen and replica.tree.root_at(said.size) == said.root:
            self._of_third(state, replica, signed, now, outcome)
        self._cosigned(state, item, signed, peer, now)
        keep_seals(self._ledger, seals, signed, self._held(signed), now)
        return outcome

    def _of_third(
        self,
        state: ChannelState,
        replica: Replica,
        signed: SignedStatement,
        now: Now,
        outcome: Outcome,
    ) -> None:
        """Take a third party's statement over entries that are held: it receipts ours as well."""
        own, said = state.record.own, signed.statement
        ours = said.holding(state.record.me)
        if own and ours and ours.inc == own.log.inc and ours.size > own.signed:
            outcome.behind = True
        elif self._held(signed) is None:
            state.waiting.get(replica.log, {}).pop(said.no, None)
            self._accept(state, replica, signed, now, outcome)
            self._retry(state, now, outcome)

    # --- what a third party's log brought that came through somebody else ---

    def is_within(
        self, state: ChannelState, log: LogId, entry: Entry, raw: bytes, now: Now
    ) -> bool:
        """Say whether an entry is within what the charter lets its author write now."""
        return self._quota(state, log.party).admits(entry, len(raw), now.steady)

    def gaps_filled(self, state: ChannelState, log: LogId, now: Now) -> Outcome | None:
        """Take entries that came for places known by hash; None where none of them is proved."""
        replica = state.record.all.get(log)
        found = [] if replica is None or replica.frozen else replica.proved_gaps()
        if replica is None or not found:
            return None
        for one in found:
            self._quota(state, log.party).count(one.entry, len(one.raw), now.steady)
        self._ledger.stage_peer(state, replica, found, now)
        outcome = Outcome()
        self._retry(state, now, outcome)
        return outcome

    def adopt(
        self, state: ChannelState, aside: Replica, signed: SignedStatement, now: Now
    ) -> Outcome:
        """Take entries of a log that were shown to lead to a verified statement of its author.

        Args:
            state: the channel.
            aside: the entries and hashes, which have the statement's root.
            signed: the statement.
            now: the time.

        Raises:
            MalformedError: its entry 0 opens another log.
        """
        outcome, said = Outcome(), signed.statement
        replica = state.record.all.get(said.log)
        if replica is None and 0 in aside.pending:
            replica = self._opened_by(state, said.party, aside.pending[0].entry, outcome)
        if replica is None or replica.log != said.log or replica.frozen:
            return outcome
        if replica.tree.root_at(said.size) != said.root:
            # What came on the direct way and leads elsewhere was signed by nobody.
            replica.drop_unsigned()
            outcome.over_quota = self._lay_aside(state, replica, aside, said.size, now)
        self._accept(state, replica, signed, now, outcome)
        self._retry(state, now, outcome)
        return outcome

    def _lay_aside(
        self, state: ChannelState, replica: Replica, aside: Replica, size: int, now: Now
    ) -> bool:
        """Lay down what was kept aside; True where its author's quota does not allow all of it."""
        over = False
        quota = self._quota(state, replica.log.party)
        for index, one in sorted(aside.pending.items()):
            if not replica.signed <= index < size:
                continue
            if not quota.admits(one.entry, len(one.raw), now.steady):
                over = True
                replica.pass_over(index, one.entry, one.raw)
            elif replica.arrive(index, one.entry, one.raw):
                quota.count(one.entry, len(one.raw), now.steady)
                state.record.note_turn(replica, index, one.entry)
        for level, pos in aside.tree.loose():
            value = aside.tree.node(level, pos)
            is_between = replica.signed <= pos << level and (pos + 1) << level <= size
            if is_between and value is not None and replica.tree.node(level, pos) is None:
                replica.tree.learn(level, pos, value)
        replica.tree.absorb()
        return over

    def _led_elsewhere(self, replica: Replica, said: Statement) -> bool:
        """Say whether the entries that the peer sent gave another root than it signed."""
        size, root = self._unfit.pop(replica.log, (0, said.root))
        return size == said.size and root != said.root

    def _cosigned(
        self,
        state: ChannelState,
        item: Note,
        signed: SignedStatement,
        peer: PartyId,
        now: Now,
    ) -> None:
        """Keep what the charter's witnesses said of a statement that is held here."""
        found = self._witnessing.cosignatures(state, item)
        lines = self._held(signed)
        if not found or lines is None:
            return
        self._witnessing.heard(peer, signed.statement)
        named = {name for name, _ in stored_cosignatures(lines)}
        fresh = [one for one in found if one.witness.name not in named]
        if fresh:
            self._witnessing.learned(signed, fresh, now)

    def _held(self, signed: SignedStatement) -> Sequence[str] | None:
        """Return the further lines of a statement, None where this very one is not held here."""
        said = signed.statement
        staged = [row for row in self._ledger.staged_statements() if row.signed == signed]
        if staged:
            return [line for row in staged for line in row.lines]
        rows = self._ledger.reader.statements(said.log, said.no, 1)
        is_held = bool(rows) and rows[0].signed.statement == said
        return rows[0].lines if is_held else None

    @staticmethod
    def _speaks_otherwise_of_us(state: ChannelState, said: Statement) -> bool:
        own, held = state.record.own, said.holding(state.record.me)
        if own is None or held is None or held.inc != own.log.inc or held.size > own.signed:
            return False
        return own.tree.root_at(held.size) != held.root
