"""How what was lost of our own log comes back from peers.

What they hold is fetched, and every leaf is checked against roots that our own key signed. When
all that was asked has answered, a new incarnation begins (specification: entry, incarnation).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parley.core import canon, items, limits
from parley.core.entry import Entry, Kind, entry_from_value
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId, Ranges
from parley.core.items import Nodes, Run
from parley.core.record import F_OPEN_INC, F_OPEN_PREVIOUS
from parley.core.replica import Arrival, Replica
from parley.core.statement import SignedStatement, Statement
from parley.errors import ConflictError, MalformedError, UsageError
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.ledger import Ledger
from parley.station.line_times import ask_note_seconds, exchange_seconds
from parley.station.link_state import Link
from parley.station.mend import Asked, Mend, MendReport
from parley.station.questions import ask_about

_TURN_WAITS = 4.0
"""So many waits for an answer one who is asked alone may let pass."""


class Mending:
    """Fetches what peers hold of our own logs.

    Attributes:
        mends: those under way, by channel.
        reports: what came of the last one, by channel.
    """

    def __init__(self, ledger: Ledger, links: dict[PartyId, Link]) -> None:
        self._ledger = ledger
        self._links = links
        self.mends: dict[ChannelId, Mend] = {}
        self.reports: dict[ChannelId, MendReport] = {}
        self._word: dict[tuple[ChannelId, PartyId], Statement] = {}

    def tick(self, now: Now) -> None:
        """Ask again where nothing came."""
        for mend in list(self.mends.values()):
            self._go_on(mend, now)

    def wake_at(self, now: Now) -> float:
        """Return when `tick` is wanted next."""
        return min(
            (min(mend.until, now.steady + 1.0) for mend in self.mends.values()),
            default=float("inf"),
        )

    def begin(
        self, token: int, state: ChannelState, peers: Sequence[PartyId], until: float, now: Now
    ) -> Mend:
        """Begin to fetch what the peers hold of our logs on a channel.

        Raises:
            ConflictError: the log is not stopped, or is being mended already.
            UsageError: one of them is no party of the channel.
        """
        own, code = state.record.own, state.record.charter.code
        if state.stopped is None:
            raise ConflictError(f"our log on {code} is not stopped: there is nothing to mend")
        if own is None and not peers:
            raise ConflictError(
                f"nothing of our log on {code} is here: only a peer can give it back",
                next_step="Name who holds it: parley restore --from-peer CODE.",
            )
        if state.record.channel in self.mends:
            raise ConflictError(f"our log on {code} is being mended already")
        for party in peers:
            if party not in state.record.others:
                raise UsageError(f"whom you ask is no party of {code}")
        mend = Mend(
            token=token,
            state=state,
            until=until,
            stored=0 if own is None else own.signed,
            log=None if own is None else own.log,
            is_lost=own is None,
            asked={party: Asked(party) for party in peers},
        )
        self.mends[state.record.channel] = mend
        self._go_on(mend, now)
        return mend

    def _go_on(self, mend: Mend, now: Now) -> None:
        alone = None if mend.alone is None else mend.asked[mend.alone]
        if alone is not None and (alone.done or now.steady >= alone.alone_until):
            mend.alone = None
        for one in mend.asked.values():
            link = self._links.get(one.party)
            if (
                one.done
                or not mend.takes(one.party)
                or link is None
                or not link.trusted
                or link.best_path() is None
            ):
                continue
            wait = max(ask_note_seconds(link), exchange_seconds(link))
            if now.steady >= one.asked_at + wait:
                one.asked_at = now.steady
                one.alone_until = min(one.alone_until, now.steady + _TURN_WAITS * wait)
                self._ask_next(mend, one, link, now)

    def _ask_next(self, mend: Mend, one: Asked, link: Link, now: Now) -> None:
        if one.target is None:
            ask_note(link, mend.state, one.incs[0])
            return
        replica = mend.replica(one.target.statement.log)
        first, end = max(replica.signed, replica.tree.size), one.target.statement.size
        one.asked_missing = one.asked_missing or bool(replica.missing)
        ranges = [*replica.missing, *([(first, end)] if first < end else [])][: limits.GAPS_MAX]
        if not ranges:
            self._shown(mend, one, one.target, now)
            return
        _need(link, mend.state, replica.log.inc, tuple(ranges), items.NEED_ENTRIES)

    def shown(
        self, link: Link, state: ChannelState, signed: SignedStatement, now: Now, *, is_answer: bool
    ) -> None:
        """Take a verified statement of ours that a peer shows, asked for or not."""
        key = (state.record.channel, link.party)
        known = self._word.get(key)
        if known is None or known.log != signed.statement.log or known.no < signed.statement.no:
            self._word[key] = signed.statement
        mend = self.mends.get(state.record.channel)
        one = None if mend is None else mend.asked.get(link.party)
        if mend is None or one is None or one.done:
            return
        if is_answer or one.target is not None:
            self._shown(mend, one, signed, now)

    def _shown(self, mend: Mend, one: Asked, signed: SignedStatement, now: Now) -> None:
        """Take a statement of ours as what to fetch up to, or as what binds entries that came."""
        replica = mend.replica(signed.statement.log)
        if one.target is None:
            if one.incs and one.incs[0] not in (None, replica.log.inc):
                return
            one.target = signed
            mend.log = mend.log or replica.log
            one.holds[replica.log] = signed.statement.size
        elif _is_later(signed.statement, one.target.statement):
            # What came first was no answer, but an older note that was passed on meanwhile.
            one.target = signed
            one.holds[replica.log] = signed.statement.size
        self._lay_nodes(one, replica, signed.statement.size)
        self._bind(mend, one, replica, signed, now)
        if one.target is None:
            return  # it came to an end with another history
        target = one.target.statement
        whole = replica.signed >= target.size and (one.asked_missing or not replica.missing)
        if target.log == replica.log and whole:
            self._previous(mend, one, replica)
            one.next_log()
        one.asked_at = float("-inf")
        self._go_on(mend, now)

    def _bind(
        self, mend: Mend, one: Asked, replica: Replica, signed: SignedStatement, now: Now
    ) -> None:
        said, state = signed.statement, mend.state
        waiting = len(replica.pending)
        filled = replica.proved_gaps()
        self._adopt(mend, replica, filled, now)
        if len(replica.pending) + len(filled) < waiting:
            # Some for places known by hash did not fit these, and were dropped.
            one.differs |= not mend.take_alone(one, replica)
        if self._begins_later(mend, one, replica):
            return
        if said.size <= replica.signed:
            one.differs = replica.tree.root_at(said.size) not in (None, said.root)
            return
        root = replica.tree.root_at(said.size)
        if root is None:
            return
        if root != said.root:
            # What it sent does not lead to what we signed; or it is the end of another branch; or
            # what somebody else sent is among it.
            if not mend.take_alone(one, replica):
                mend.drop(replica)
                one.differs = True
                one.next_log()
            return
        old_size = replica.signed
        found = replica.accept(signed)
        mend.gave.clear()
        if replica.log not in state.record.all:
            state.record.all[replica.log] = replica
            own = state.record.own
            if own is None or _before(mend.openings.get(own.log)) != replica.log.inc:
                state.record.logs[replica.log.party] = replica
                state.forget_own()
        if replica is state.record.own:
            state.note_adopted(signed)
        self._adopt(mend, replica, found, now)
        self._ledger.stage_statement(replica, signed, old_size, now)

    def _adopt(self, mend: Mend, replica: Replica, found: Sequence[Arrival], now: Now) -> None:
        if not found:
            return
        self._ledger.stage_peer(mend.state, replica, found, now)
        mend.brought += len(found)
        mend.off_record += sum(bool(one.entry.flags & 0x10) for one in found)

    def _previous(self, mend: Mend, one: Asked, replica: Replica) -> None:
        """Go on with the incarnation before this one, where it was begun after this store's."""
        before = _before(mend.openings.get(replica.log))
        if before is not None and _same_but(replica.log, before) not in one.holds:
            one.incs.append(before)

    def _begins_later(self, mend: Mend, one: Asked, replica: Replica) -> bool:
        """Fetch the incarnation before this one first where this store knows neither.

        They are numbered in the order in which they were begun.
        """
        before = _before(mend.openings.get(replica.log))
        known = mend.state.record.all
        if before is None or before in one.absent or replica.log in known:
            return False
        if _same_but(replica.log, before) in known:
            return False
        one.incs[:1] = [before, replica.log.inc]
        one.begin()
        return True

    def run(self, link: Link, state: ChannelState, item: Run, now: Now) -> None:
        """Take entries of our own that were asked for.

        Raises:
            MalformedError: an entry breaks its form.
        """
        mend = self.mends.get(state.record.channel)
        one = None if mend is None else mend.asked.get(link.party)
        if mend is None or one is None or one.target is None or not mend.takes(link.party):
            return
        replica = mend.replica(one.target.statement.log)
        mend.gave.add(link.party)
        self._lay_nodes(one, replica, item.first)
        others = len(state.record.others)
        for index, value in enumerate(item.entries, item.first):
            entry = entry_from_value(value, others=others)
            if index == 0 and (
                entry.kind != Kind.OPEN or entry.fields.get(F_OPEN_INC) != replica.log.inc
            ):
                raise MalformedError("entry 0 does not open the log that was asked for")
            if replica.arrive(index, entry, canon.encode(value)):
                state.record.note_turn(replica, index, entry)
                if index == 0:
                    mend.openings[replica.log] = entry
        one.asked_at = now.steady
        one.alone_until = float("inf")

    def nodes(self, link: Link, state: ChannelState, item: Nodes) -> None:
        """Keep hashes over places that a peer lacks, until what follows them comes."""
        mend = self.mends.get(state.record.channel)
        one = None if mend is None else mend.asked.get(link.party)
        if one is not None and mend is not None and item.first > 0 and mend.takes(link.party):
            mend.gave.add(link.party)
            one.nodes = (item.first, item.hashes)

    @staticmethod
    def _lay_nodes(one: Asked, replica: Replica, end: int) -> None:
        nodes, one.nodes = one.nodes, None
        if nodes is not None and nodes[0] < end:
            replica.learn_nodes(nodes[0], end, nodes[1], is_ours=True)

    def is_over(self, mend: Mend, now: Now) -> bool:
        """Say whether a new incarnation may begin: all that those asked hold has come.

        Raises:
            ConflictError: it cannot; what has come is kept, and the log stays stopped.
        """
        channel = mend.state.record.channel
        if not mend.done and now.steady < mend.until:
            return False
        del self.mends[channel]
        if not mend.done:
            late = self._codes(one.party for one in mend.asked.values() if not one.done)
            raise ConflictError(
                f"{late} did not give what it holds of our log in time; what came is kept, "
                "and nothing is written yet",
                next_step="Look whether the peer is reached (parley status), and try again.",
            )
        others = self._codes(self._holding_more(mend)) if mend.asked else ""
        if others:
            raise ConflictError(
                f"{others} holds more of our log than those asked; what came is kept",
                next_step=f"Ask as well: --from-peer {others}.",
            )
        self.reports[channel] = mend.report()
        self._ledger.batch.papers.append(("stopped", channel.hex(), None))
        mend.state.marked = 0
        return True

    def _holding_more(self, mend: Mend) -> Iterator[PartyId]:
        """Yield members who were not asked and who showed our signature over more."""
        state = mend.state
        for party in state.record.others:
            said = self._word.get((state.record.channel, party))
            if said is not None and party not in mend.asked:
                known = state.record.all.get(said.log)
                if known is None or said.size > known.signed:
                    yield party

    def _codes(self, parties: Iterable[PartyId]) -> str:
        return ", ".join(self._ledger.cards[party].code for party in parties)

    def has_nothing(self, link: Link, state: ChannelState) -> None:
        """A peer answered that it holds no statement of ours."""
        mend = self.mends.get(state.record.channel)
        one = None if mend is None else mend.asked.get(link.party)
        if one is not None and one.target is None:
            if one.incs and one.incs[0] is not None:
                one.absent.add(one.incs[0])
            one.next_log()


def _before(opening: Entry | None) -> Incarnation | None:
    """Return the incarnation that an opening names as the one before its own."""
    before = None if opening is None else opening.fields.get(F_OPEN_PREVIOUS)
    if isinstance(before, list) and before and isinstance(before[0], bytes):
        return Incarnation(before[0])
    return None


def _is_later(said: Statement, known: Statement) -> bool:
    return said.log == known.log and said.no > known.no


def _same_but(log: LogId, inc: Incarnation) -> LogId:
    return LogId(log.channel, log.party, inc)


def ask_note(link: Link, state: ChannelState, inc: Incarnation | None) -> None:
    """Ask a peer for the newest statement of ours that it holds."""
    _need(link, state, inc, (), items.NEED_NOTE)


def _need(
    link: Link, state: ChannelState, inc: Incarnation | None, ranges: Ranges, what: int
) -> None:
    charter = state.record.charter
    ask_about(link, charter, charter.parties[state.record.number], what, inc=inc, ranges=ranges)


__all__ = ["Mending", "ask_note"]
