"""The record side of the engine: what is written, what is received, what is signed.

Everything goes into one batch; one batch at a time is being committed. A batch carries entries
together with the one statement that covers them, so nothing can leave or be confirmed before
both are durable (specification: statement, rules for the signer).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from parley.core import charter as charters
from parley.core import limits
from parley.core.card import Card
from parley.core.charter import Charter
from parley.core.entry import (
    F_CASE,
    F_REF,
    Entry,
    Kind,
    decode_entry,
    encode_entry,
    leaf_hash,
)
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity, KeyInUse
from parley.core.record import F_TURN_PARTY
from parley.core.replica import Arrival, Replica
from parley.core.statement import SignedStatement, Statement, sign_statement
from parley.errors import ConflictError, MalformedError, NotFoundError, UsageError
from parley.station import staging
from parley.station.channel_state import ChannelState, flags_byte
from parley.station.conflicts import NAMED, Conflict, stored_conflicts, whole_note
from parley.station.effects import NewEntry, Now
from parley.station.facts import Alarm, ChannelOpened, ChannelProposed, EntryStored, Fact
from parley.station.kept_cards import KeyBook
from parley.station.moving import Place, check_going_on, take_back
from parley.station.shared_channels import check_shared, number_in_use
from parley.store.interface import Batch, EntryRow, LogRow, NodeRow, Reader, StatementRow

ENTRY_BYTES_SENT_MAX = 65_000
"""Our own entries stay this far below the limit so that one always fits a frame of 65,535."""

_REINDEX_PAGE = 1_000

_SIGNED_EVERY, _SIGNED_BYTES = 512, 4 * 1024 * 1024
"""A statement at least this often, so that a receiver never waits long for what binds a run."""


@dataclass(frozen=True, slots=True)
class _Durable:
    """What becomes true for one channel when the batch in flight is committed."""

    state: ChannelState
    log: LogId
    size: int
    no: int
    urgent: bool


class Ledger:
    """Every channel of this station, and the batch being filled.

    Attributes:
        channels: by id, charters not opened by us included.
        keys: those of every card known here, older ones included.
        batch: what the next commit will carry.
        conflicts: notes that contradict each other, by the key of their paper.
        unread: `turn` entries that the disk changed, by log and index.
        is_sound: says whether a stored entry is still what it was.
        moved: channels of which a peer's newer statement became durable, until somebody looks.
    """

    def __init__(
        self,
        identity: Identity,
        reader: Reader,
        *,
        random: Callable[[int], bytes],
        raise_alarm: Callable[[Alarm], None],
    ) -> None:
        self.identity = identity
        self.me: PartyId = identity.card.party
        self.reader = reader
        self.channels: dict[ChannelId, ChannelState] = {}
        self.cards: dict[PartyId, Card] = {self.me: identity.card}
        self.keys = KeyBook(self.cards.get, lambda: reader)
        self.batch = Batch()
        self.conflicts: dict[str, Conflict] = {}
        self._random = random
        self._raise_alarm = raise_alarm
        self._facts: list[Fact] = []
        self._in_flight: list[_Durable] = []
        self._facts_in_flight: list[Fact] = []
        self._said: list[SignedStatement] = []
        self._said_in_flight: list[SignedStatement] = []
        self._statements_in_flight: list[StatementRow] = []
        self.moved: set[ChannelId] = set()
        self.unread: set[tuple[LogId, int]] = set()
        self.is_sound: Callable[[ChannelState, EntryRow], bool] = lambda _state, _row: True

    # --- start ---

    def load(self) -> None:
        """Rebuild every channel from the store."""
        for raw in self.reader.charters():
            charter = charters.decode_charter(raw)
            self.channels[charter.channel_id] = ChannelState(charter, self.me)
        for row in self.reader.logs():
            self.channels[row.log.channel].load(self.reader, row)
        self.conflicts = {found.key: found for found in stored_conflicts(self.reader)}
        for channel, state in self.channels.items():
            for place in self.reader.marked_rows(channel):
                state.note_index(place.log, place.index, place.kind, place.flags)
                if place.kind == Kind.TURN and not staging.read_turn(self.reader, state, place):
                    self.unread.add((place.log, place.index))

    # --- our own log ---

    def state(self, channel: ChannelId) -> ChannelState:
        """Return a channel, or say that there is none.

        Raises:
            NotFoundError: no such channel.
        """
        found = self.channels.get(channel)
        if found is None:
            raise NotFoundError(f"no channel {channel.hex()}")
        return found

    def propose(self, charter: Charter, now: Now) -> None:
        """Store a charter of our making and open our log on it.

        Raises:
            ConflictError: the channel exists, or its number is in use with one of its parties.
            UsageError: we are no party of it.
        """
        if self.me not in charter.parties:
            raise UsageError("the charter does not name this station's party")
        if charter.channel_id in self.channels:
            raise ConflictError("this channel exists already")
        if self.number_in_use(charter):
            raise ConflictError(
                f"channel number {charter.number} is in use with one of these parties"
            )
        check_shared(self.channels.values(), charter, self.me)
        self._add_charter(charter)
        self._open_log(self.channels[charter.channel_id], now)

    def accept_charter(self, channel: ChannelId, now: Now) -> None:
        """Open our log on a proposed charter.

        Raises:
            NotFoundError: no such channel.
            ConflictError: it is open already, or its term is over.
        """
        state = self.state(channel)
        if state.opened:
            raise ConflictError("our log on this channel is open already")
        check_going_on(state)
        ends = state.record.charter.ends_at
        if ends is not None and ends <= now.wall:
            raise ConflictError("the charter's term is over", next_step="Ask for a new charter.")
        self._open_log(state, now)

    def offered(self, charter: Charter) -> bool:
        """Store a charter that a peer offers; False if its number is in use already."""
        if charter.channel_id in self.channels:
            return True
        if self.number_in_use(charter):
            return False
        self._add_charter(charter)
        return True

    def number_in_use(self, charter: Charter) -> bool:
        """Say whether another channel among some of the same parties has this number."""
        return number_in_use(self.channels.values(), charter, self.me)

    def _add_charter(self, charter: Charter) -> None:
        self.channels[charter.channel_id] = ChannelState(charter, self.me)
        self.batch.charters.append(charter.encode())
        self._facts.append(ChannelProposed(charter.channel_id))

    def _open_log(self, state: ChannelState, now: Now) -> None:
        """Begin an incarnation of our log: the first, or a new one after a loss."""
        record = state.record
        previous = record.own
        if state.newest is not None:
            # A clock set back must not date the new log before the last word of the old one.
            last = state.newest.statement.time
            now = Now(Instant(max(now.wall, last)), now.steady)
        inc, hide = Incarnation(self._random(8)), self._random(32)
        replica = record.add(LogId(record.channel, self.me, inc))
        state.forget_own()
        self._stage_log(state, replica.log)
        replica.hide = hide
        fields = record.opening_fields(inc, hide, previous, self._forked(state))
        self._write(state, NewEntry(kind=Kind.OPEN, fields=fields), now)
        for party in record.others:
            other = record.logs.get(party)
            # One of which nothing is proved would be gone after a restart, and the turn to it not.
            if other is not None and other.signed:
                self.write_turn(state, other, now)
        state.stopped = None
        if previous is None:
            self._facts.append(ChannelOpened(record.channel))

    def _stage_log(self, state: ChannelState, log: LogId) -> None:
        ordinal = state.ordinals[log] = state.ordinal(log)
        self.batch.logs.append(LogRow(log=log, ordinal=ordinal))

    def _forked(self, state: ChannelState) -> tuple[str, str] | None:
        """Return both notes of our newest log on the channel that is known to have two histories.

        They are named again in each later one: a member may know of none between.
        """
        found = {one.log: one.notes for one in self.conflicts.values() if one.kind in NAMED}
        for log in reversed(state.record.all):
            if log.party == self.me and log in found:
                first, second = found[log]
                return whole_note(first), whole_note(second)
        return None

    def begin_again(self, state: ChannelState, now: Now) -> None:
        """Open a new incarnation because this store cannot prove to hold our newest copy."""
        self._open_log(state, now)

    def take_back(self, state: ChannelState) -> set[Place]:
        """Take out of the batch what was written into our log and not signed; say where it stood.

        It is in no statement and has left for nobody.
        """
        return take_back(state, self.batch, self._facts)

    def write_turn(self, state: ChannelState, replica: Replica, now: Now) -> None:
        """Say in our log which incarnation of a party we mean from here on."""
        older = [log for log in state.record.all.values() if log.log.party == replica.log.party]
        previous = older[-2] if len(older) > 1 else None
        fields = state.record.turn_fields(replica, previous)
        self._write(state, NewEntry(kind=Kind.TURN, fields=fields), now)

    def write_card(
        self, state: ChannelState, field: int, raw: bytes, older: KeyInUse | None, now: Now
    ) -> None:
        """Write our card into our log; the key before it, where there is one, signs it first."""
        own = state.record.own
        assert own is not None
        self._write(state, NewEntry(kind=Kind.CARD, fields={field: raw}), now)
        if older is not None:
            self._sign(state, own, own.signed, now, older)

    def append(
        self, channel: ChannelId, entries: Sequence[NewEntry], now: Now
    ) -> tuple[tuple[LogId, int], ...]:
        """Write entries into our log, all or none; they are durable when the batch is.

        Raises:
            NotFoundError: no such channel.
            ConflictError: the channel is not open, over, or our log is stopped.
            MalformedError: an entry is too long or not encodable.
        """
        state = self.state(channel)
        check_going_on(state)
        if not state.opened:
            raise ConflictError(
                "this channel is not open on our side", next_step="Accept its charter first."
            )
        made = [self._entry(state, new, now) for new in entries]
        raws = [encode_entry(entry) for entry in made]
        if any(len(raw) > ENTRY_BYTES_SENT_MAX for raw in raws):
            raise MalformedError(f"an entry of ours has at most {ENTRY_BYTES_SENT_MAX} bytes")
        return tuple(
            self._write_entry(state, entry, raw, now) for entry, raw in zip(made, raws, strict=True)
        )

    def _entry(self, state: ChannelState, new: NewEntry, now: Now) -> Entry:
        turning = new.fields.get(F_TURN_PARTY) if new.kind == Kind.TURN else None
        return Entry(
            kind=new.kind,
            time=now.wall,
            flags=new.flags,
            seen=state.record.seen(turning),
            fields=new.fields,
        )

    def _write(self, state: ChannelState, new: NewEntry, now: Now) -> tuple[LogId, int]:
        entry = self._entry(state, new, now)
        return self._write_entry(state, entry, encode_entry(entry), now)

    def _write_entry(
        self, state: ChannelState, entry: Entry, raw: bytes, now: Now
    ) -> tuple[LogId, int]:
        own = state.record.own
        assert own is not None
        assert own.hide is not None
        index = own.signed
        leaf = leaf_hash(entry, hide=own.hide, index=index, inc=own.log.inc, raw=raw)
        own.tree.append(leaf)
        own.signed += 1
        own.flags.append(flags_byte(entry.kind, entry.flags))
        state.record.note_turn(own, index, entry)
        state.cache_raw(index, raw)
        state.dirty = True
        state.unsigned_bytes += len(raw)
        if (
            entry.is_urgent
            or own.signed % _SIGNED_EVERY == 0
            or state.unsigned_bytes >= _SIGNED_BYTES
        ):
            state.boundaries.add(own.signed)
            state.unsigned_bytes = 0
        arrival = Arrival(index=index, entry=entry, raw=raw, leaf=leaf)
        self._stage(state, own, [arrival], now)
        return own.log, index

    def _stage(
        self, state: ChannelState, replica: Replica, arrivals: Sequence[Arrival], now: Now
    ) -> None:
        own = replica.log.party == self.me
        for one in arrivals:
            self.batch.entries.append(staging.entry_row(replica.log, one, now.wall))
            self.batch.index.append(staging.index_row(state, replica, one.index, one.entry))
            self._facts.append(staging.entry_fact(replica.log, one, now.wall, own=own))

    def _index_again(self, state: ChannelState, replica: Replica, turn: int) -> None:
        """Write the index rows of entries behind a `turn` that came after them anew.

        What their short references mean was not known before: the index is a function of the
        logs, whatever the order in which they came.
        """
        others = len(state.record.others)
        behind: dict[int, Entry] = {}
        first = turn + 1
        while rows := self.reader.entries(replica.log, first, _REINDEX_PAGE):
            behind |= {row.index: decode_entry(row.raw, others=others) for row in rows}
            first = rows[-1].index + 1
        for fact in (*self._facts_in_flight, *self._facts):
            if isinstance(fact, EntryStored) and fact.log == replica.log and fact.index > turn:
                behind[fact.index] = fact.entry
        for index, entry in behind.items():
            if entry.ref(F_CASE) is not None or entry.ref(F_REF) is not None:
                self.batch.index.append(staging.index_row(state, replica, index, entry))

    # --- logs of peers ---

    def stage_peer(
        self, state: ChannelState, replica: Replica, arrivals: Sequence[Arrival], now: Now
    ) -> None:
        """Stage a peer's proved entries, and our `turn` when its log is met for the first time."""
        if not arrivals:
            return
        if arrivals[0].index == 0:
            self._stage_log(state, replica.log)
        self._stage(state, replica, arrivals, now)
        for one in arrivals:
            if one.entry.kind == Kind.TURN:
                self._index_again(state, replica, one.index)
        state.dirty = True
        if any(one.entry.is_urgent for one in arrivals):
            state.urgent = True
        if arrivals[0].index == 0 and state.opened and state.may_sign:
            self.write_turn(state, replica, now)

    def stage_statement(
        self, replica: Replica, signed: SignedStatement, old_size: int, now: Now
    ) -> None:
        """Stage a peer's verified statement and the nodes over what it leaves missing."""
        self.batch.statements.append(StatementRow(signed=signed, received=now.wall))
        if signed.statement.party != self.me:
            self._said.append(signed)
        for level, pos, known in replica.gap_nodes(old_size):
            row = NodeRow(log=replica.log, level=level, pos=pos, hash=known)
            self.batch.nodes.append(row)

    def neighbours(
        self, replica: Replica, no: int
    ) -> tuple[SignedStatement | None, SignedStatement | None, SignedStatement | None]:
        """Return a log's newest statement below a number, that of it, and the next above it."""
        staged = (*self._said_in_flight, *self._said)
        return staging.neighbours(self.reader, replica, no, staged)

    def keep_conflict(self, conflict: Conflict) -> bool:
        """Stage the evidence of a conflict; False if one of its kind is kept for the log."""
        if conflict.key in self.conflicts:
            return False
        self.conflicts[conflict.key] = conflict
        self.batch.papers.append(conflict.paper())
        return True

    def staged_statements(self) -> list[StatementRow]:
        """Return the statements that are being committed, or will be with the next batch."""
        return [*self._statements_in_flight, *self.batch.statements]

    def tell(self, fact: Fact) -> None:
        """Tell this fact once the batch being filled is durable."""
        self._facts.append(fact)

    # --- signing and committing ---

    def flush(self, now: Now) -> Batch | None:
        """Sign what has grown and return the batch to commit; None while there is nothing."""
        durable: list[_Durable] = []
        for state in self.channels.values():
            own = state.record.own
            # A log whose opening is not signed has begun for nobody and can be no second history.
            if own is None or not (state.may_sign or state.newest is None):
                continue
            if state.dirty or self.heartbeat_due(state, now) <= now.steady:
                for size in sorted(state.boundaries):
                    if size < own.signed:
                        self._sign(state, own, size, now)
                state.boundaries.clear()
                self._sign(state, own, own.signed, now)
                assert state.newest is not None
                durable.append(
                    _Durable(state, own.log, own.signed, state.newest.statement.no, state.urgent)
                )
                state.dirty = state.urgent = False
        if not (batch := self.batch):
            return None
        self.batch = Batch()
        self._in_flight = durable
        self._facts_in_flight, self._facts = self._facts, []
        self._said_in_flight, self._said = self._said, []
        self._statements_in_flight = batch.statements
        return batch

    @staticmethod
    def heartbeat_due(state: ChannelState, now: Now) -> float:
        """Return when the channel owes its next statement, in steady seconds.

        The wall clock has no say in it: set back, it would silence us or make us sign for ever.
        """
        return now.steady if state.signed_at is None else state.signed_at + state.heartbeat

    def _sign(
        self, state: ChannelState, own: Replica, size: int, now: Now, by: KeyInUse | None = None
    ) -> None:
        last = state.newest
        newest_entry = self._last_time(state, now)
        time = max(now.wall, newest_entry, last.statement.time if last else 0)
        if last is not None and last.statement.time > now.wall + limits.SKEW_SECONDS:
            self._raise_alarm(
                Alarm(
                    kind="clock",
                    peer=None,
                    channel=state.record.channel,
                    text=f"our clock is {last.statement.time - now.wall} s behind our last "
                    "statement; statements keep the later time",
                )
            )
        statement = state.record.own_statement(
            own, size=size, time=Instant(time), last=None if last is None else last.statement
        )
        number, signer = by or self.identity.signers[0]
        signed = sign_statement(statement, key_number=number, signer=signer)
        state.note_statement(signed)
        state.signed_at = now.steady
        self.batch.statements.append(StatementRow(signed=signed, received=now.wall))

    def _last_time(self, state: ChannelState, now: Now) -> int:
        own = state.record.own
        assert own is not None
        times = [row.received for row in self.batch.entries if row.log == own.log]
        return max(times, default=now.wall)

    def committed(self, sequence: int) -> tuple[list[Fact], list[ChannelState]]:
        """Take note that the batch is durable; return what to tell and whose log has grown."""
        grown: list[ChannelState] = []
        for done in self._in_flight:
            own = done.state.record.own
            if own is None or own.log != done.log:
                continue  # a new incarnation began meanwhile; its own batch follows
            done.state.durable_size, done.state.durable_no = done.size, done.no
            grown.append(done.state)
        for said in (signed.statement for signed in self._said_in_flight):
            state = self.channels[said.channel]
            known = state.said.get(said.party)
            if known is None or _is_newer(state, said, known):
                state.said[said.party] = said
                self.moved.add(said.channel)
        facts = [
            staging.numbered(fact, sequence) if isinstance(fact, EntryStored) else fact
            for fact in self._facts_in_flight
        ]
        self._in_flight, self._facts_in_flight, self._said_in_flight = [], [], []
        self._statements_in_flight = []
        return facts, grown

    def urgent_in_flight(self) -> set[ChannelId]:
        """Return the channels whose batch in flight receipts something FLASH or IMMEDIATE."""
        return {done.state.record.channel for done in self._in_flight if done.urgent}


def _is_newer(state: ChannelState, said: Statement, known: Statement) -> bool:
    if said.inc == known.inc:
        return said.no > known.no
    return state.ordinal(said.log) > state.ordinal(known.log)
