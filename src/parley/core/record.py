"""One channel as this station knows it: every log, and the statements that bind them."""

from __future__ import annotations

from dataclasses import dataclass

from parley.core import canon
from parley.core.charter import Charter
from parley.core.entry import F_CASE, F_REF, Entry, Kind
from parley.core.ids import ChannelId, EntryRef, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.items import Held, Holdings
from parley.core.merkle import EMPTY_ROOT
from parley.core.replica import Replica, Turn
from parley.core.statement import Holding, Statement
from parley.errors import MalformedError

F_TURN_PARTY, F_TURN_INC, F_TURN_OLD = 16, 17, 18
F_OPEN_CHARTER, F_OPEN_INC, F_OPEN_PREVIOUS, F_OPEN_FORKED = 16, 17, 18, 19

_TURN = int(Kind.TURN)


class Unknown(Exception):  # noqa: N818 - a question, not an error
    """A statement's text needs a root that is not known here (yet)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What travels of a statement, from a RUN's tail or a STMT."""

    party: int
    key_number: int
    no: int
    time: int
    size: int
    held: Holdings
    signature: bytes


class ChannelRecord:
    """The logs of one channel as held here.

    Attributes:
        charter: what the parties agreed.
        me: this station's party.
        logs: newest incarnation known of each party.
        all: every incarnation known, in the order in which they came.
    """

    def __init__(self, charter: Charter, me: PartyId) -> None:
        self.charter = charter
        self.channel: ChannelId = charter.channel_id
        self.me = me
        self.number = charter.party_number(me)
        self.others = charter.others(me)
        self._numbers = [(party, charter.party_number(party)) for party in self.others]
        self.logs: dict[PartyId, Replica] = {}
        self.all: dict[LogId, Replica] = {}

    @property
    def own(self) -> Replica | None:
        """Return our own log, None until we opened it."""
        return self.logs.get(self.me)

    def add(self, log: LogId) -> Replica:
        """Make this log the newest incarnation of its party."""
        replica = Replica(log)
        self.logs[log.party] = replica
        self.all[log] = replica
        return replica

    def forget(self, log: LogId) -> None:
        """Forget an incarnation of which nothing is proved."""
        del self.all[log]
        older = [replica for replica in self.all.values() if replica.log.party == log.party]
        if older:
            self.logs[log.party] = older[-1]
        else:
            self.logs.pop(log.party, None)

    def seen(self, turning: object = None) -> tuple[int, ...]:
        """Return how many entries of each other party we have met, gaps included.

        They are counted in the incarnation that our last `turn` names: one that was begun
        since, and of which nothing is proved yet, must not make the count go down.

        Args:
            turning: number of the party whose newest incarnation the entry itself names.
        """
        counts: list[int] = []
        own = self.own
        for party, number in self._numbers:
            replica = self.logs.get(party)
            if number != turning and own is not None:
                inc = own.incarnation_of(number, own.signed)
                if inc is not None and (replica is None or replica.log.inc != inc):
                    replica = self.all.get(LogId(self.channel, party, inc))
            counts.append(0 if replica is None else replica.signed)
        return tuple(counts)

    def note_turn(self, replica: Replica, index: int, entry: Entry) -> None:
        """Remember a `turn` entry; one of another form changes nothing."""
        if entry.kind != _TURN:
            return
        party, inc = entry.fields.get(F_TURN_PARTY), entry.fields.get(F_TURN_INC)
        if (
            type(party) is not int
            or not isinstance(inc, bytes)
            or len(inc) != 8
            or any(turn.index == index for turn in replica.turns)
        ):
            return
        replica.turns.append(Turn(index, party, Incarnation(inc)))
        replica.turns.sort(key=lambda turn: turn.index)

    def case_of(self, replica: Replica, index: int, entry: Entry) -> tuple[LogId, int]:
        """Return the place of the entry that opened this entry's case; itself if it opens one.

        An entry without `case` belongs to the case of what it refers to. A place whose
        incarnation its author never named is read as the entry itself.
        """
        ref = entry.ref(F_CASE) or entry.ref(F_REF)
        if ref is None:
            return replica.log, index
        place = self.place_of(replica, index, ref)
        return (replica.log, index) if place is None else place

    def place_of(self, replica: Replica, at: int, ref: EntryRef) -> tuple[LogId, int] | None:
        """Return the log and index that a reference written at index `at` means.

        It is a function of the entries held: those of `replica` up to `at` that are in place.
        """
        if ref.party >= len(self.charter.parties):
            return None
        party = self.charter.parties[ref.party]
        if ref.inc is not None:
            return LogId(self.channel, party, ref.inc), ref.index
        if party == replica.log.party:
            return LogId(self.channel, party, replica.log.inc), ref.index
        inc = replica.incarnation_of(ref.party, at, proved=True)
        return None if inc is None else (LogId(self.channel, party, inc), ref.index)

    def statement_of(self, replica: Replica, claim: Claim) -> Statement:
        """Return the statement whose signature a claim carries, recomputed from what we hold.

        Raises:
            Unknown: a root or a `turn` of it is not known here.
            MalformedError: it contradicts the signer's own `turn` entries.
        """
        root = replica.tree.root_at(claim.size)
        if root is None:
            raise Unknown
        return Statement(
            channel=self.channel,
            party=replica.log.party,
            inc=replica.log.inc,
            size=claim.size,
            root=root,
            no=claim.no,
            time=Instant(claim.time),
            holds=self._holds(replica, claim.size, claim.held),
        )

    def _holds(self, replica: Replica, size: int, held: Holdings) -> tuple[Holding, ...]:
        others = self.charter.others(replica.log.party)
        if len(held) != len(others):
            raise MalformedError("a statement does not name every other party once")
        holds: list[Holding] = []
        for party, one in zip(others, held, strict=True):
            inc = replica.incarnation_of(self.charter.party_number(party), size)
            if inc is None or one is None:
                if inc is None and one is not None and replica.lacks_below(size):
                    # A `turn` may be among what is missing: what is urgent overtakes it.
                    raise Unknown
                if inc is not None or one is not None:
                    raise MalformedError("holdings do not fit the signer's `turn` entries")
                continue
            other = self.all.get(LogId(self.channel, party, inc))
            root = EMPTY_ROOT if one.size == 0 else None
            if other is not None:
                root = other.tree.root_at(one.size)
            if root is None:
                raise Unknown
            holds.append(
                Holding(party=party, inc=inc, size=one.size, root=root, missing=one.missing)
            )
        return tuple(holds)

    def own_statement(
        self, own: Replica, *, size: int, time: Instant, last: Statement | None
    ) -> Statement:
        """Return our next statement over the first `size` entries of our log.

        Args:
            own: our log.
            size: how much of it the statement covers.
            time: what the statement says of itself.
            last: the statement before, None for the first.
        """
        root = own.tree.root_at(size)
        assert root is not None
        holds: list[Holding] = []
        for party in self.others:
            inc = own.incarnation_of(self.charter.party_number(party), size)
            replica = None if inc is None else self.all.get(LogId(self.channel, party, inc))
            if inc is None or replica is None:
                continue
            told = None if last is None else last.holding(party)
            before = Held(told.size, told.missing) if told and told.inc == inc else Held(0)
            held = replica.holding(before)
            held_root = replica.tree.root_at(held.size)
            assert held_root is not None
            holds.append(
                Holding(party=party, inc=inc, size=held.size, root=held_root, missing=held.missing)
            )
        return Statement(
            channel=self.channel,
            party=self.me,
            inc=own.log.inc,
            size=size,
            root=root,
            no=0 if last is None else last.no + 1,
            time=time,
            holds=tuple(holds),
        )

    def holdings_on_wire(self, statement: Statement) -> Holdings:
        """Return what travels of a statement's `holds` lines."""
        held: list[Held | None] = []
        for party in self.charter.others(statement.party):
            one = statement.holding(party)
            held.append(None if one is None else Held(one.size, one.missing))
        return tuple(held)

    def opening_fields(
        self,
        inc: Incarnation,
        hide: bytes,
        previous: Replica | None,
        forked: tuple[str, str] | None = None,
    ) -> dict[int, canon.Value]:
        """Return the fields of entry 0 of a new incarnation of ours.

        Args:
            inc: the new incarnation.
            hide: its secret.
            previous: our log before it, if any.
            forked: two notes that show that the one before has two histories.
        """
        fields: dict[int, canon.Value] = {
            0: hide,
            F_OPEN_CHARTER: self.charter.hash,
            F_OPEN_INC: inc,
        }
        if previous is not None:
            # The longest prefix that is held whole: what was lost of our log is admitted.
            missing = previous.missing
            whole = missing[0][0] if missing else previous.signed
            fields[F_OPEN_PREVIOUS] = self._end_of(previous, whole)
        if forked is not None:
            fields[F_OPEN_FORKED] = list(forked)
        return fields

    def turn_fields(self, replica: Replica, previous: Replica | None) -> dict[int, canon.Value]:
        """Return the fields of our `turn` entry for another party's incarnation."""
        fields: dict[int, canon.Value] = {
            F_TURN_PARTY: self.charter.party_number(replica.log.party),
            F_TURN_INC: replica.log.inc,
        }
        if previous is not None:
            fields[F_TURN_OLD] = self._end_of(previous, previous.signed)
        return fields

    @staticmethod
    def _end_of(previous: Replica, size: int) -> canon.Value:
        root = previous.tree.root_at(size)
        assert root is not None
        return [previous.log.inc, size, root]
