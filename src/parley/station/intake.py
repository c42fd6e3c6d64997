"""What a peer sends about the record: entries, statements, notes, and proofs of two histories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from parley.core import canon, statement
from parley.core.entry import Entry, Kind, entry_from_value
from parley.core.ids import Hash, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.items import Fork, Nodes, Note, Run, Stmt
from parley.core.limits import SKEW_SECONDS
from parley.core.record import F_OPEN_CHARTER, F_OPEN_INC, Claim, Unknown
from parley.core.replica import Replica
from parley.core.statement import SignedStatement, Statement
from parley.errors import MalformedError, SignatureError
from parley.station.channel_state import WAITING_CLAIMS_MAX, ChannelState
from parley.station.effects import Now
from parley.station.facts import Alarm, ReceiptStored
from parley.station.ledger import Ledger


@dataclass(slots=True)
class Outcome:
    """What an item led to.

    Attributes:
        repeated: entries that were held already: the peer missed our receipt.
        held: the peer's newest statement, when one was accepted just now.
        need_note: the statement cannot be recomputed here; its full text is wanted.
        fork: two contradicting notes, to be passed on to the other members.
        behind: the peer holds more of our log than we do.
    """

    repeated: int = 0
    held: list[Statement] = field(default_factory=list)
    need_note: bool = False
    fork: Fork | None = None
    behind: bool = False


class Intake:
    """Checks what arrives and hands what is proved to the ledger."""

    def __init__(self, ledger: Ledger, raise_alarm: Callable[[Alarm], None]) -> None:
        self._ledger = ledger
        self._raise_alarm = raise_alarm
        self._nodes: dict[LogId, tuple[int, tuple[Hash, ...]]] = {}

    def nodes(self, state: ChannelState, peer: PartyId, item: Nodes) -> None:
        """Keep subtree hashes until the run that they lead up to."""
        replica = state.record.logs.get(peer)
        if replica is not None:
            self._nodes[replica.log] = (item.first, item.hashes)

    def run(self, state: ChannelState, peer: PartyId, item: Run, now: Now) -> Outcome:
        """Take a run of the peer's own log, and its tail.

        Raises:
            MalformedError: an entry breaks its form.
        """
        outcome = Outcome()
        others = len(state.record.others)
        index = item.first
        replica = state.record.logs.get(peer)
        for value in item.entries:
            entry = entry_from_value(value, others=others)
            if index == 0:
                replica = self._opened_by(state, peer, entry)
            if replica is None or replica.frozen:
                return outcome
            if index == item.first:
                self._lay_nodes(replica, index)
            if replica.held(index):
                outcome.repeated += 1
            elif replica.arrive(index, entry, canon.encode(value)):
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

    def _opened_by(self, state: ChannelState, peer: PartyId, entry: Entry) -> Replica | None:
        """Return the log that this entry 0 opens, known or new."""
        inc = entry.fields.get(F_OPEN_INC)
        if entry.kind != Kind.OPEN or not isinstance(inc, bytes) or len(inc) != 8:
            raise MalformedError("entry 0 does not open a log")
        if entry.fields.get(F_OPEN_CHARTER) != state.record.charter.hash:
            raise MalformedError("entry 0 names another charter")
        log = LogId(state.record.channel, peer, Incarnation(inc))
        known = state.record.all.get(log)
        if known is None:
            return state.record.add(log)
        return known if state.record.logs.get(peer) is known else None

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
        last = replica.last
        told_before = (
            last is not None and last.statement.no == claim.no and last.signature == claim.signature
        )
        if told_before or replica.frozen:
            return
        if self._is_ahead_of_us(state, replica.log.party, claim):
            outcome.behind = True
            return
        try:
            recomputed = state.record.statement_of(replica, claim)
        except Unknown:
            self._wait_for_more(state, replica, claim)
            return
        signed = SignedStatement(
            statement=recomputed, key_number=claim.key_number, signature=claim.signature
        )
        if not self._verifies(replica, signed):
            # Either what we hold unsigned is wrong, or the peer signed another history.
            replica.drop_unsigned()
            outcome.need_note = True
            return
        self._accept(state, replica, signed, now, outcome)

    def _wait_for_more(self, state: ChannelState, replica: Replica, claim: Claim) -> None:
        waiting = state.waiting.setdefault(replica.log, {})
        waiting[claim.no] = claim
        if len(waiting) > WAITING_CLAIMS_MAX:
            # The first to go is neither the oldest, which is nearest to being provable, nor the
            # newest, which says most.
            del waiting[sorted(waiting)[1]]

    def _retry(self, state: ChannelState, now: Now, outcome: Outcome) -> None:
        """Try the statements that waited, as long as one more becomes provable."""
        moved = True
        while moved:
            moved = False
            for log, waiting in state.waiting.items():
                replica = state.record.all[log]
                ready = [
                    no
                    for no in sorted(waiting)
                    if replica.tree.root_at(waiting[no].size) is not None
                ]
                for no in ready:
                    claim = waiting.pop(no)
                    before = len(outcome.held)
                    self._claim(state, replica, claim, now, outcome)
                    moved = moved or len(outcome.held) > before

    def _verifies(self, replica: Replica, signed: SignedStatement) -> bool:
        card = self._ledger.cards.get(replica.log.party)
        key = None if card is None else card.key(signed.key_number)
        time = signed.statement.time
        if card is None or key is None or not key.counts_at(time) or time > card.not_after:
            self._raise_alarm(
                Alarm(
                    kind="wrong-key",
                    peer=replica.log.party,
                    channel=replica.log.channel,
                    text=f"a statement was signed with key {signed.key_number}, which does not "
                    "count at its time by the card held here",
                )
            )
            return False
        try:
            statement.verify_statement(signed, key.ed)
        except SignatureError:
            return False
        return True

    def _accept(
        self,
        state: ChannelState,
        replica: Replica,
        signed: SignedStatement,
        now: Now,
        outcome: Outcome,
    ) -> None:
        said, last, old_size = signed.statement, replica.last, replica.signed
        if last is not None:
            self._check_order(state, replica, last.statement, said)
            if replica.frozen:
                return
        found = replica.accept(signed)
        self._ledger.stage_peer(state, replica, found, now)
        self._ledger.stage_peer(state, replica, replica.proved_gaps(), now)
        self._ledger.stage_statement(replica, signed, old_size, now)
        if said.time > now.wall + SKEW_SECONDS:
            self._raise_alarm(
                Alarm(
                    kind="clock",
                    peer=replica.log.party,
                    channel=replica.log.channel,
                    text=f"a statement is dated {said.time - now.wall} s ahead of our clock",
                )
            )
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
                )
            )
        outcome.held.append(said)

    def _check_order(
        self, state: ChannelState, replica: Replica, last: Statement, said: Statement
    ) -> None:
        """Compare a verified statement with the newest one before it (specification: statement)."""
        older, newer = (last, said) if said.no > last.no else (said, last)
        if said.no == last.no and said.text() != last.text():
            self._freeze(state, replica, "contradiction", "two statements carry one number")
        elif newer.size < older.size:
            self._freeze(state, replica, "rollback", "a later statement covers fewer entries")
        elif newer.time < older.time:
            self._raise(state, replica, "breach", "a later statement has an earlier time")
        else:
            for held in older.holds:
                after = newer.holding(held.party)
                if after and after.inc == held.inc and after.size < held.size:
                    self._raise(state, replica, "breach", "a later statement holds less")

    def _raise(self, state: ChannelState, replica: Replica, kind: str, what: str) -> None:
        self._raise_alarm(
            Alarm(
                kind=kind,
                peer=replica.log.party,
                channel=state.record.channel,
                text=f"{what}; both statements are kept",
            )
        )

    def _freeze(self, state: ChannelState, replica: Replica, kind: str, what: str) -> None:
        replica.frozen = True
        self._raise(state, replica, kind, what)

    # --- whole notes ---

    def note(self, item: Note, peer: PartyId) -> Outcome:
        """Take a full statement: the answer to our question, or somebody's gossip.

        Raises:
            MalformedError: it is not a note.
        """
        outcome = Outcome()
        said = statement.parse_text(item.text)
        state = self._ledger.channels.get(said.channel)
        replica = None if state is None else state.record.all.get(said.log)
        signed = self._signed(item, said)
        if state is None or replica is None or signed is None or said.party != peer:
            return outcome
        if not self._verifies(replica, signed):
            return outcome
        known = replica.tree.root_at(said.size) if said.size <= replica.signed else None
        if known is not None and known != said.root:
            outcome.fork = self._forked(state, replica, item, said)
        return outcome

    def _signed(self, item: Note, said: Statement) -> SignedStatement | None:
        card = self._ledger.cards.get(said.party)
        if card is None:
            return None
        note = "\n".join([item.text, *item.lines]) + "\n"
        try:
            return statement.read_note(note, {key.number: key.ed for key in card.station_keys})
        except SignatureError:
            return None

    def _forked(
        self, state: ChannelState, replica: Replica, item: Note, said: Statement
    ) -> Fork | None:
        """Freeze the log; return the proof if we hold a note of the same size."""
        self._freeze(
            state,
            replica,
            "fork",
            f"two histories of size {said.size} were signed with this party's key",
        )
        rows = self._ledger.reader.statements(replica.log, 0, 1_000_000)
        card = self._ledger.cards[said.party]
        for row in rows:
            mine = row.signed.statement
            if mine.size == said.size and mine.root != said.root:
                key = card.key(row.signed.key_number)
                assert key is not None
                line = statement.signature_line(
                    said.party, row.signed.key_number, key.ed, row.signed.signature
                )
                return Fork(first=Note(text=mine.text(), lines=(line,)), second=item)
        return None

    def fork(self, item: Fork) -> bool:
        """Take two notes that somebody says contradict each other; True if they do."""
        said = [statement.parse_text(item.first.text), statement.parse_text(item.second.text)]
        if said[0].log != said[1].log or said[0].size != said[1].size:
            return False
        if said[0].root == said[1].root:
            return False
        if any(
            self._signed(note, one) is None
            for note, one in zip((item.first, item.second), said, strict=True)
        ):
            return False
        state = self._ledger.channels.get(said[0].channel)
        replica = None if state is None else state.record.all.get(said[0].log)
        if state is None or replica is None:
            return False
        if not replica.frozen:
            self._freeze(
                state,
                replica,
                "fork",
                f"two histories of size {said[0].size} were signed with this party's key",
            )
        return True
