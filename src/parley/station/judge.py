"""Compares what a party signed with what it, or anybody, signed before (specification: statement).

What contradicts itself is kept with both notes and never judged in favour of its signer. A fork
or a rollback freezes the log: its owner goes on only in a new incarnation.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from parley.core import statement
from parley.core.ids import LogId, PartyId
from parley.core.items import Fork, Nodes, Note
from parley.core.replica import Replica
from parley.core.statement import SignedStatement, Statement
from parley.errors import SignatureError
from parley.station.channel_state import ChannelState
from parley.station.conflicts import (
    BREACH,
    CONTRADICTION,
    FORK,
    FREEZING,
    NAMED,
    ROLLBACK,
    STOLEN,
    Conflict,
)
from parley.station.effects import Now
from parley.station.facts import Alarm
from parley.station.hearsay import Hearsay, ProofNodes
from parley.station.ledger import Ledger
from parley.station.notes import note_of

_PAGE = 1_000
_TWICE = "two statements carry one number"


class Judge:
    """Decides whether a verified statement goes with the others.

    Attributes:
        needs_card: parties that signed with a key which their card here does not carry.
        hearsay: what is said against signers and not shown yet.
    """

    def __init__(self, ledger: Ledger, raise_alarm: Callable[[Alarm], None]) -> None:
        self.needs_card: set[PartyId] = set()
        self.hearsay = Hearsay()
        self._ledger = ledger
        self._raise_alarm = raise_alarm
        self._new: list[Conflict] = []
        self._compared: list[LogId] = []

    def take_compared(self) -> list[LogId]:
        """Return logs of third parties of which others were shown another history; forget them."""
        compared, self._compared = self._compared, []
        return compared

    def take_new(self) -> list[Conflict]:
        """Return conflicts that the other members are to be told of, and forget them."""
        new, self._new = self._new, []
        return new

    # --- signatures ---

    def verifies(self, log: LogId, signed: SignedStatement) -> bool:
        """Say whether a statement carries its author's signature by a key that counts."""
        held, time = self._ledger.cards.get(log.party), signed.statement.time
        found = self._ledger.keys.key(log.party, signed.key_number)
        if held is not None and found is None:
            self.needs_card.add(log.party)
        if found is None or not found[1].counts_at(time) or time > found[0].not_after:
            self._raise_alarm(
                Alarm(
                    kind="wrong-key",
                    peer=log.party,
                    channel=log.channel,
                    text=f"a statement was signed with key {signed.key_number}, which does not "
                    "count at its time by the card held here",
                )
            )
            return False
        card, key = found
        try:
            statement.verify_statement(signed, key.ed)
        except SignatureError:
            return False
        is_over = key.revoked is not None or card is not held
        if is_over and not self._is_of_the_past(log, signed):
            why = "was revoked" if key.revoked is not None else "is on its card no more"
            text = f"a statement was signed with key {key.number}, which {why}: it is worthless"
            self._raise_alarm(
                Alarm(kind="wrong-key", peer=log.party, channel=log.channel, text=text)
            )
            return False
        return True

    def _is_of_the_past(self, log: LogId, signed: SignedStatement) -> bool:
        """Say whether a key that is over says no more of its log than is held already.

        Of our own logs it may: where our store is lost, such a one shows what we had signed.
        """
        if log.party == self._ledger.me:
            return True
        state = self._ledger.channels.get(log.channel)
        replica = None if state is None else state.record.all.get(log)
        last = None if replica is None or replica.last is None else replica.last.statement
        said = signed.statement
        return last is not None and said.no <= last.no and said.size <= last.size

    def read(self, note: Note) -> SignedStatement | None:
        """Return the statement of a whole note if its author's station key signed it.

        Raises:
            MalformedError: it is not a note.
        """
        said = statement.parse_text(note.text)
        cards = self._ledger.keys.cards(said.party)
        if not cards:
            return None
        keys = {key.number: key.ed for card in cards for key in card.station_keys}
        whole = "\n".join([note.text, *note.lines]) + "\n"
        try:
            return statement.read_note(whole, keys)
        except SignatureError:
            known = {statement.key_name(said.party, number) for number in keys}
            own = f"parley1/{said.party.hex()}/k"
            names = {name for name, _ in statement.split_note(whole)[1]}
            if any(name.startswith(own) for name in names - known):
                self.needs_card.add(said.party)
            return None

    def _note_of(self, signed: SignedStatement) -> Note:
        """Return a verified statement as a note with its author's signature line alone."""
        # Where no card known here carries this key, the bytes are kept, unnamed.
        unnamed = Note(text=signed.statement.text(), lines=(signed.signature.hex(),))
        return note_of(self._ledger.keys, signed) or unnamed

    # --- the order of statements ---

    def admits(
        self, state: ChannelState, replica: Replica, signed: SignedStatement, now: Now
    ) -> bool:
        """Say whether a verified statement may be kept among those of its log."""
        before, same, after = self._ledger.neighbours(replica, signed.statement.no)
        if same is not None:
            if same.statement.text() != signed.statement.text():
                self._keep(state, BREACH, (same, signed), _TWICE, now, tell=True)
            return False
        line = [one for one in (before, signed, after) if one is not None]
        for older, newer in pairwise(line):
            if newer.statement.size < older.statement.size:
                what = "a later statement covers fewer entries"
                self._keep(state, ROLLBACK, (older, newer), what, now)
                return False
        for older, newer in pairwise(line):
            taken_back = _breach(older.statement, newer.statement)
            if taken_back is not None:
                self._keep(state, BREACH, (older, newer), taken_back, now)
        return True

    def disagrees(
        self, state: ChannelState, replica: Replica, signed: SignedStatement, now: Now
    ) -> bool:
        """Say whether a verified note contradicts its author's log, or ours; keep the evidence.

        What it says of a third party's log may contradict what we hold of that, and be true.
        """
        said = signed.statement
        known = replica.tree.root_at(said.size) if said.size <= replica.signed else None
        if known is not None and known != said.root:
            mine = self._holding_of_size(replica, said.size)
            if mine is not None:
                what = f"two histories of size {said.size} were signed with this party's key"
                self._keep(state, FORK, (mine, signed), what, now)
            return True
        for held in said.holds:
            other = state.record.all.get(LogId(said.channel, held.party, held.inc))
            if other is None or held.size > other.signed:
                continue
            if other.tree.root_at(held.size) in (None, held.root):
                continue
            mine = self._holding_of_size(other, held.size)
            self._compared.append(other.log)
            if mine is not None:
                what = "it signed to hold another history of a log than that log's author signed"
                self._keep(state, CONTRADICTION, (signed, mine), what, now)
            if held.party == self._ledger.me:
                return True
            # Of a third party's log: who of us was lied to must not be cut off by it.
        return False

    def signed_twice(
        self, state: ChannelState, replica: Replica, signed: SignedStatement, now: Now
    ) -> bool:
        """Say whether a log of ours bears another statement in the place of this one.

        The evidence is kept: some other copy of this station has signed it.
        """
        said = signed.statement
        staged = self._ledger.staged_statements()
        rows = [*staged, *self._ledger.reader.statements(said.log, said.no, 1)]
        known = [
            row.signed
            for row in rows
            if (row.signed.statement.log, row.signed.statement.no) == (said.log, said.no)
        ]
        if known and known[0].statement.text() == said.text():
            return False
        root = replica.tree.root_at(said.size) if said.size <= replica.signed else None
        is_fork = root is not None and root != said.root
        other = known[0] if known else self._holding_of_size(replica, said.size)
        if other is None or not (known or is_fork):
            return False
        kind = FORK if is_fork else BREACH
        what = "another copy of this station signed with our key"
        self._keep(state, kind, (other, signed), what, now)
        return True

    def accused(
        self,
        state: ChannelState,
        pair: tuple[SignedStatement, SignedStatement],
        now: Now,
        *,
        stolen: bool,
    ) -> None:
        """Keep two statements of our own key, one of which this station did not sign.

        Args:
            state: the channel.
            pair: both.
            now: the time.
            stolen: a revoked key signed it, and our log goes on under a later one.
        """
        what = "whoever stole a key of ours" if stolen else "another copy of this station"
        kind = STOLEN if stolen else FORK
        self._keep(state, kind, pair, f"{what} signed with our key", now)

    def goes_on(self, state: ChannelState) -> bool:
        """Say whether our own log was signed last under a key that is not revoked."""
        return state.newest is not None and not self.is_revoked(state.newest)

    def is_revoked(self, signed: SignedStatement) -> bool:
        """Say whether the key that signed a statement was revoked since."""
        return self._ledger.keys.is_revoked(signed.statement.party, signed.key_number)

    def _may_be_stolen(
        self, state: ChannelState, kind: str, pair: tuple[SignedStatement, SignedStatement]
    ) -> bool:
        """Say whether a revoked key alone tells what speaks against a log as it is held here.

        Whoever stole it may have signed that, and a log that is held under a key in good standing
        is not stopped by it. Where the log held is itself the other history, it stops once the
        two meet. Of our own it is said once our log goes on under a later key: else our store may
        be what is old.
        """
        log = pair[0].statement.log
        suspects = [signed for signed in pair if self.is_revoked(signed)]
        if not suspects or (log.party == self._ledger.me and not self.goes_on(state)):
            return False
        replica = state.record.all.get(log)
        if replica is None:
            return True
        if kind == ROLLBACK:
            return replica.last is not None and not self.is_revoked(replica.last)
        roots = ((signed.statement, signed.statement.size) for signed in suspects)
        return any(replica.tree.root_at(size) != said.root for said, size in roots)

    def unprovable(
        self, state: ChannelState, replica: Replica, signed: SignedStatement, now: Now
    ) -> None:
        """Take note of a signed history to which the entries sent do not lead: hearsay."""
        if replica.last is not None:
            what = "it signed a history to which the entries that it sent do not lead"
            self._keep(state, CONTRADICTION, (replica.last, signed), what, now)

    def _holding_of_size(self, replica: Replica, size: int) -> SignedStatement | None:
        """Return a statement of the log's author of this size, else the next larger one."""
        no = 0
        while rows := self._ledger.reader.statements(replica.log, no, _PAGE):
            for row in rows:
                if row.signed.statement.size >= size:
                    return row.signed
            no = rows[-1].signed.statement.no + 1
        last = replica.last
        return last if last is not None and last.statement.size >= size else None

    # --- what others tell ---

    def told(self, teller: PartyId, item: Fork, now: Now) -> None:
        """Take two notes that somebody says contradict each other; believe only what they prove.

        Raises:
            MalformedError: they are not notes.
        """
        one, two = self.read(item.first), self.read(item.second)
        if one is None or two is None or one.statement.log != two.statement.log:
            return
        one, two = sorted((one, two), key=lambda signed: signed.statement.no)
        state = self._ledger.channels.get(one.statement.channel)
        if state is None:
            return
        a, b = one.statement, two.statement
        if a.size == b.size and a.root != b.root:
            what = f"two histories of size {a.size} were signed with this party's key"
            if self._keep(state, FORK, (one, two), what, now) == STOLEN:
                self._heed_standing(state, (one, two), now)
            return
        if a.no < b.no and b.size < a.size:
            what = "a later statement covers fewer entries"
            self._keep(state, ROLLBACK, (one, two), what, now)
            return
        if a.no == b.no and a.text() != b.text():
            self._keep(state, BREACH, (one, two), _TWICE, now, tell=True)
        replica = state.record.all.get(a.log)
        if replica is not None:
            # Of two sizes it is hearsay, unless what we hold ourselves shows one to be false.
            for signed in (one, two):
                if self.disagrees(state, replica, signed, now):
                    return
        if replica is None or not replica.frozen:
            self.hearsay.suspect(teller, one, two)

    def _heed_standing(
        self, state: ChannelState, pair: tuple[SignedStatement, SignedStatement], now: Now
    ) -> None:
        """Compare with what is held those of two that no revoked key signed."""
        for signed in pair:
            replica = state.record.all.get(signed.statement.log)
            if replica is not None and not self.is_revoked(signed):
                self.disagrees(state, replica, signed, now)

    def nodes(
        self, teller: PartyId, state: ChannelState, party: PartyId, item: Nodes, now: Now
    ) -> None:
        """Take hashes over a part of a log of which two statements may not go together."""
        logs = [log for log in self.hearsay.logs(teller) if log.party == party]
        for log in [log for log in logs if log.channel == state.record.channel]:
            proof = self.hearsay.nodes(teller, log, item.first, item.hashes)
            if proof is not None:
                one, two, nodes = proof
                sizes = f"{one.statement.size} and {two.statement.size}"
                what = f"two histories of sizes {sizes} were signed with this party's key"
                self._keep(state, FORK, (one, two), what, now, nodes=nodes)

    # --- keeping ---

    def _keep(
        self,
        state: ChannelState,
        kind: str,
        pair: tuple[SignedStatement, SignedStatement],
        what: str,
        now: Now,
        *,
        tell: bool = False,
        nodes: ProofNodes | None = None,
    ) -> str:
        """Keep evidence against a signer and give the alarm; return as what it was kept."""
        log = pair[0].statement.log
        if kind in FREEZING and self._may_be_stolen(state, kind, pair):
            kind = STOLEN
        conflict = Conflict(
            kind=kind,
            log=log,
            what=what,
            found=now.wall,
            notes=(self._note_of(pair[0]), self._note_of(pair[1])),
            nodes=nodes,
        )
        is_new = self._ledger.keep_conflict(conflict)
        if is_new or kind == BREACH:
            told = what + self._revoked_since(pair)
            if kind == STOLEN:
                on = "; the log goes on"
                if log.party == self._ledger.me:
                    code = state.record.charter.code
                    on += (
                        ". Where a member takes nothing more of it: `parley restore --channel "
                        f"{code} --from-peer CODE` begins a log that names both"
                    )
                self._alarm("wrong-key", log.party, state, told + on)
            else:
                self._alarm(kind, log.party, state, told)
        if not is_new:
            return kind
        if kind in FREEZING:
            replica = state.record.all.get(log)
            if replica is not None:
                replica.frozen = True
        if tell or kind in NAMED:
            self._new.append(conflict)
        return kind

    def _revoked_since(self, pair: tuple[SignedStatement, SignedStatement]) -> str:
        """Return words for who reads that a party contradicts itself, where a key was stolen."""
        gone = sorted({signed.key_number for signed in pair if self.is_revoked(signed)})
        if not gone:
            return ""
        named = ", ".join(map(str, gone))
        return f" (key {named}, revoked since: whoever stole it may have signed one)"

    def _alarm(self, kind: str, party: PartyId, state: ChannelState, what: str) -> None:
        self._raise_alarm(
            Alarm(
                kind=kind,
                peer=party,
                channel=state.record.channel,
                text=f"{what}; both statements are kept",
            )
        )


def _breach(older: Statement, newer: Statement) -> str | None:
    """Return what a later statement takes back of an earlier one, None for nothing."""
    if newer.time < older.time:
        return "a later statement has an earlier time"
    for held in older.holds:
        after = newer.holding(held.party)
        if after is not None and after.inc == held.inc and after.size < held.size:
            return "a later statement holds less"
    return None


__all__ = ["Judge"]
