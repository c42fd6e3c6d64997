"""One log being mended: whom we asked, what each holds, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field

from parley.core.entry import Entry
from parley.core.ids import Hash, Incarnation, LogId, PartyId, Ranges
from parley.core.replica import Replica
from parley.core.statement import SignedStatement
from parley.station.channel_state import ChannelState

_TURNS_MAX = 3


@dataclass(slots=True)
class Asked:
    """One peer that is asked.

    Attributes:
        incs: incarnations of ours still to be fetched from it; None for the newest it knows.
        target: our statement up to which the first of these is fetched, once it was shown.
        asked_at: when it was last asked, in steady seconds.
        nodes: hashes over places that it lacks, until what follows them comes.
        holds: how much it showed to hold of each log.
        differs: what it gave does not lead to what our key signed.
        asked_missing: what is missing below the target was asked for.
        absent: incarnations of which it holds nothing.
        turns: how often it was asked alone, because what several gave did not go together.
        alone_until: when its turn is over if nothing comes, in steady seconds.
    """

    party: PartyId
    incs: list[Incarnation | None] = field(default_factory=lambda: [None])
    target: SignedStatement | None = None
    asked_at: float = float("-inf")
    nodes: tuple[int, tuple[Hash, ...]] | None = None
    holds: dict[LogId, int] = field(default_factory=dict)
    differs: bool = False
    asked_missing: bool = False
    absent: set[Incarnation] = field(default_factory=set)
    turns: int = 0
    alone_until: float = float("inf")

    @property
    def done(self) -> bool:
        """Say whether it has given all that it holds."""
        return not self.incs

    def next_log(self) -> None:
        """Go on with the next incarnation."""
        del self.incs[:1]
        self.begin()

    def begin(self) -> None:
        """Ask for the first incarnation that is to be fetched."""
        self.target = None
        self.nodes = None
        self.asked_missing = False
        self.asked_at = float("-inf")


@dataclass(slots=True, kw_only=True)
class Mend:
    """The mending of one channel's own log.

    Attributes:
        token: of the command that is answered when it is done.
        state: the channel.
        until: when it is given up, in steady seconds.
        log: the log that was stopped; None until a peer showed it, where the store holds nothing.
        stored: how many entries of it the store held.
        asked: by party.
        brought: entries that came back.
        off_record: how many of these are non-attributable: their text is the peer's word alone.
        openings: entries 0 that came back.
        is_lost: the store held nothing of any log of ours on the channel.
        gave: whose entries and hashes wait together for a signature of ours.
        alone: whose alone are taken at present; None for everybody's.
    """

    token: int
    state: ChannelState
    until: float
    log: LogId | None
    stored: int
    asked: dict[PartyId, Asked]
    brought: int = 0
    off_record: int = 0
    openings: dict[LogId, Entry] = field(default_factory=dict)
    is_lost: bool = False
    gave: set[PartyId] = field(default_factory=set)
    alone: PartyId | None = None
    _new: dict[LogId, Replica] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Say whether every peer asked has given all that it holds."""
        return all(one.done for one in self.asked.values())

    def replica(self, log: LogId) -> Replica:
        """Return a log of ours as it is known, or as it is being learned."""
        known = self.state.record.all.get(log)
        return known if known is not None else self._new.setdefault(log, Replica(log))

    def takes(self, party: PartyId) -> bool:
        """Say whether what a peer gives is taken now."""
        return self.alone in (None, party)

    def take_alone(self, one: Asked, replica: Replica) -> bool:
        """Let one peer give once more, alone, where others' words were among what did not fit.

        False where it was its own, or it has had its turns.
        """
        if not self.gave - {one.party} or one.turns >= _TURNS_MAX:
            return False
        self.drop(replica)
        one.turns += 1
        one.nodes, one.asked_missing = None, False
        one.asked_at, one.alone_until = float("-inf"), float("inf")
        self.alone = one.party
        return True

    def drop(self, replica: Replica) -> None:
        """Forget what waits of a log: it does not lead to what we signed."""
        replica.drop_waiting()
        self.openings.pop(replica.log, None)
        self.gave.clear()

    def report(self) -> MendReport:
        """Return what came of it."""
        assert self.log is not None
        replica = self.state.record.all[self.log]
        later = sum(1 for log in self._new if log in self.state.record.all)
        held = [one.holds.get(self.log, 0) for one in self.asked.values()]
        newest = self.state.record.own
        return MendReport(
            log=self.log,
            ordinal=self.state.ordinal(self.log),
            stored=self.stored,
            size=replica.signed,
            marked=self.state.marked,
            brought=self.brought,
            off_record=self.off_record,
            missing=replica.missing,
            unreceipted=max(self.stored - max(held, default=0), 0),
            later=0 if self.is_lost else later,
            newest=self.log if newest is None else newest.log,
            held={one.party: one.holds.get(self.log, 0) for one in self.asked.values()},
            differing=tuple(one.party for one in self.asked.values() if one.differs),
            behind=self._behind(self.log, replica.signed),
        )

    def _behind(self, log: LogId, size: int) -> dict[PartyId, int]:
        """Return how many entries of the old log each member lacks, as far as it told us."""
        found: dict[PartyId, int] = {}
        for party in self.state.record.others:
            asked, said = self.asked.get(party), self.state.said.get(party)
            held = 0 if asked is None else asked.holds.get(log, 0)
            told = None if said is None else said.holding(self.state.record.me)
            if told is not None and told.inc == log.inc:
                held = max(held, told.size - sum(end - first for first, end in told.missing))
            if held < size:
                found[party] = size - held
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class MendReport:
    """What was brought back, and what was not.

    Attributes:
        log, ordinal: the log that was stopped, and which incarnation it is.
        stored: entries of it that the store held before.
        size: entries of it that our signature covers as far as is known now.
        marked: entries that a high-water mark or a witness told of; 0 for nothing told.
        brought: entries that came back, later incarnations included.
        off_record: how many of these are non-attributable.
        missing: places that we signed and whose entries none of those asked could give.
        unreceipted: entries at the end of the store that none of those asked holds.
        later: later incarnations of which this store did not know.
        newest: the newest incarnation known before the new one.
        held: how much of the stopped log each one asked holds.
        differing: who gave what does not lead to what our key signed: another history.
        behind: how many entries of the stopped log each member lacks, as far as it told us. Who
            holds some of that log asks for them; who holds none of it does not.
    """

    log: LogId
    ordinal: int
    stored: int
    size: int
    marked: int
    brought: int
    off_record: int
    missing: Ranges
    unreceipted: int
    later: int
    newest: LogId
    held: dict[PartyId, int]
    differing: tuple[PartyId, ...]
    behind: dict[PartyId, int]

    @property
    def gone(self) -> int:
        """Return how many entries were written, by the mark or the witness, and are nowhere."""
        return max(self.marked - self.size, 0) if not self.later else 0


__all__ = ["Asked", "Mend", "MendReport"]
