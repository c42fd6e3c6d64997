"""Whether our own log is the newest copy that there is of it.

After a start nothing is signed until every peer that can be asked has shown the newest statement
of ours that it holds. Where it is one that this store does not know, an older copy was put back or
another copy of the station runs: the log is stopped, and an officer has it mended (specification:
entry, incarnation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.items import Fork, Note
from parley.core.statement import SignedStatement
from parley.station.channel_state import STOPPED, ChannelState
from parley.station.conflicts import STOLEN
from parley.station.effects import Now
from parley.station.facts import Alarm
from parley.station.judge import Judge
from parley.station.ledger import Ledger
from parley.station.line_times import exchange_seconds
from parley.station.link_state import Link
from parley.station.mending import Mending, ask_note
from parley.station.notes import is_passed_on

ASK_SECONDS: Final = 3.0
"""How long a station that starts waits for its peers' word before it signs."""
_CLAIM_SECONDS: Final = 5.0
_AGAIN_SECONDS, _AGAIN_SECONDS_MAX = 5.0, 600.0

_Key: TypeAlias = tuple[ChannelId, PartyId]


@dataclass(slots=True)
class _Asked:
    """When to ask a peer, and how often it was, what it holds of our log of one channel."""

    due: float = float("-inf")
    tries: int = 0


class Newest:
    """Asks peers about our own logs, and stops those that are not the newest.

    Attributes:
        mending: brings back what was lost.
        witness_asked: says whether a witness of a channel has still to answer.
    """

    def __init__(
        self,
        ledger: Ledger,
        links: dict[PartyId, Link],
        judge: Judge,
        *,
        alarm: Callable[[Alarm], None],
    ) -> None:
        self.mending = Mending(ledger, links)
        self.witness_asked: Callable[[ChannelState], bool] = lambda _: False
        self._ledger = ledger
        self._links = links
        self._judge = judge
        self._alarm = alarm
        self._until: dict[ChannelId, float] = {}
        self._stored: set[ChannelId] = set()
        self._asked: dict[_Key, _Asked] = {}
        self._ask_due = float("-inf")
        self._answered: set[_Key] = set()
        self._claims: dict[ChannelId, PartyId] = {}
        self._unproved: set[_Key] = set()
        self._stops: list[tuple[ChannelState, str]] = []
        self._marked: dict[LogId, int] = {}

    # --- at start ---

    def start(self, now: Now, doubtful: dict[LogId, int]) -> None:
        """Take up what stopped a log, and be unsure of every other one that the store brought.

        Args:
            now: the time.
            doubtful: own logs of which the marks do not say that they are whole, and the size
                that the mark names.
        """
        self._marked = doubtful
        papers = self._ledger.reader.papers("stopped")
        stopped = {key: raw.decode("ascii") for key, raw in papers}
        for channel, state in self._ledger.channels.items():
            own = state.record.own
            why = stopped.get(channel.hex())
            if why is not None:
                state.stopped = why
            elif own is None:
                continue
            elif own.log in doubtful:
                state.marked = doubtful[own.log]
                self.stop(state, "marks")
            else:
                state.unsure = True
                self._until[channel] = now.steady + ASK_SECONDS
                self._stored.add(channel)

    def stir(self) -> None:
        """Look anew whom to ask: paths have come or gone."""
        self._ask_due = float("-inf")

    def stop(self, state: ChannelState, why: str) -> None:
        """Let nothing more be written into our log of a channel until it is mended.

        Args:
            state: the channel.
            why: code of the reason.
        """
        if state.stopped is not None:
            return
        self._stop(state, why)
        channel = state.record.channel
        code = state.record.charter.code
        self._alarm(
            Alarm(
                kind="behind",
                peer=None,
                channel=channel,
                text=f"{STOPPED[why]}; nothing is written into our log on {code} until "
                "`parley restore --from-peer CODE` has brought back what peers hold of it",
            )
        )

    def leave_stolen(self, state: ChannelState) -> None:
        """Stop our log, on a person's word, where a thief signed in it.

        A member that stopped it waits for a log that names both notes.
        """
        own, known = state.record.own, self._ledger.conflicts.values()
        if own is not None and any(c.log == own.log and c.kind == STOLEN for c in known):
            self._stop(state, "copy")

    def _stop(self, state: ChannelState, why: str) -> None:
        state.stopped = why
        state.unsure = False
        channel = state.record.channel
        self._until.pop(channel, None)
        self._ledger.batch.papers.append(("stopped", channel.hex(), why.encode("ascii")))
        self._stops.append((state, why))

    def take_stops(self) -> list[tuple[ChannelState, str]]:
        """Return channels that were stopped since the last call."""
        stops, self._stops = self._stops, []
        return stops

    # --- asking ---

    def look(self, now: Now) -> list[ChannelState]:
        """Ask whoever can be asked; return the channels of which we are sure from now on.

        Whoever could not be asked before we were sure, or whose answer was lost, is asked later: a
        peer may have heard another copy of us, and what it says of that may be lost as well.
        """
        sure: list[ChannelState] = []
        if now.steady >= self._ask_due:
            self._ask_all(now)
        for channel, until in list(self._until.items()):
            state = self._ledger.channels[channel]
            open_questions = 0
            members = self._members(state)
            for link in members:
                open_questions += (channel, link.party) not in self._answered
            if self.witness_asked(state):
                open_questions += 1
            if (open_questions or not members) and now.steady < until:
                continue
            self._settle(state, now)
            sure.append(state)
        self.mending.tick(now)
        return sure

    def wake_at(self, now: Now) -> float:
        """Return when `look` is wanted next."""
        due = min([self._ask_due, *self._until.values()])
        return max(min(due, self.mending.wake_at(now)), now.steady)

    def _members(self, state: ChannelState) -> list[Link]:
        return [
            link
            for link in self._links.values()
            if link.trusted and link.party in state.record.others
        ]

    def _ask_all(self, now: Now) -> None:
        """Ask each member who has not shown yet what it holds of us, again and again."""
        self._ask_due = float("inf")
        for channel in list(self._stored):
            state = self._ledger.channels[channel]
            if state.stopped is not None:
                self._stored.discard(channel)
                continue
            for link in self._members(state):
                key = (channel, link.party)
                if key in self._answered or not _can_ask(link):
                    continue
                asked = self._asked.setdefault(key, _Asked())
                if now.steady >= asked.due:
                    self._ask(link, state, now)
                self._ask_due = min(self._ask_due, asked.due)

    def _ask(self, link: Link, state: ChannelState, now: Now) -> None:
        """Ask a peer for the newest statement of ours that it holds."""
        asked = self._asked.setdefault((state.record.channel, link.party), _Asked())
        again = min(_AGAIN_SECONDS * 2.0 ** min(asked.tries, 16), _AGAIN_SECONDS_MAX)
        asked.due, asked.tries = (
            now.steady + max(again, 2 * exchange_seconds(link)),
            asked.tries + 1,
        )
        ask_note(link, state, None)

    def _settle(self, state: ChannelState, now: Now) -> None:
        channel = state.record.channel
        self._until.pop(channel, None)
        claimed = self._claims.pop(channel, None)
        if state.stopped is not None:
            return
        state.unsure = False
        for party in () if state.unfit else state.record.others:
            other, own = state.record.logs.get(party), state.record.own
            if own is None or other is None or not other.signed:
                continue
            number = state.record.charter.party_number(party)
            if own.incarnation_of(number, own.signed) != other.log.inc:
                self._ledger.write_turn(state, other, now)
        if claimed is not None:
            self._unproved.add((channel, claimed))
            text = "it says that it holds more of our log than we signed, and shows no signature"
            self._alarm(Alarm(kind="contradiction", peer=claimed, channel=channel, text=text))

    def claimed(self, link: Link, state: ChannelState, now: Now) -> None:
        """A peer speaks of more of our log than there is here: let it show our signature.

        A word alone stops nothing for long, and from one peer only once.
        """
        channel, own = state.record.channel, state.record.own
        is_staged = own is not None and (
            state.newest is None or state.newest.statement.size < own.signed
        )
        if state.stopped is not None or own is None or is_staged:
            return
        if (channel, link.party) in self._unproved or channel in self._claims:
            return
        self._claims[channel] = link.party
        self._answered.discard((channel, link.party))
        self._stored.add(channel)
        state.unsure = True
        self._until[channel] = now.steady + max(_CLAIM_SECONDS, 2 * exchange_seconds(link))
        self._ask(link, state, now)
        self.stir()

    def has_nothing(self, link: Link, state: ChannelState) -> None:
        """A peer answered that it holds no statement of ours."""
        key = (state.record.channel, link.party)
        if key in self._asked:
            self._answered.add(key)
        self.mending.has_nothing(link, state)

    def note(self, link: Link, state: ChannelState, item: Note, now: Now) -> None:
        """Take a statement of our own that a peer shows us.

        Raises:
            MalformedError: it is not a note.
        """
        signed = self._judge.read(item)
        if signed is None or not self._judge.verifies(signed.statement.log, signed):
            return
        key = (state.record.channel, link.party)
        # What is passed on for a witness's line may be older than what the peer holds.
        is_answer = not is_passed_on(item, signed.statement.party)
        if key in self._asked and is_answer:
            self._answered.add(key)
        if self._is_stolen(state, signed):
            self._alarm_stolen(state, signed)
            return
        self.own_statement(state, signed, now)
        if self._claims.get(state.record.channel) == link.party and state.stopped is None:
            # It showed what we know: what it said before was its own invention, or is settled.
            self._claims.pop(state.record.channel)
            self._unproved.add(key)
        self.mending.shown(link, state, signed, now, is_answer=is_answer)

    def own_statement(self, state: ChannelState, signed: SignedStatement, now: Now) -> None:
        """Compare a statement with our signature with those that this store knows."""
        said, own = signed.statement, state.record.own
        replica = state.record.all.get(said.log)
        if own is None:
            state.marked = max(state.marked, self._marked.get(said.log, 0))
            self.stop(state, "lost")
            return
        if replica is None:
            self.stop(state, "copy")
            return
        newest = state.newest if replica is own else None
        if newest is None:
            row = self._ledger.reader.last_statement(said.log)
            newest = None if row is None else row.signed
        if newest is None or said.no > newest.statement.no or said.size > replica.signed:
            if replica is own:
                self.stop(state, "behind")
            return
        if self._judge.signed_twice(state, replica, signed, now) and replica is own:
            self.stop(state, "copy")

    def witness_told(self, state: ChannelState, size: int) -> None:
        """A witness of the charter knows a larger size of our log than we have."""
        own = state.record.own
        if own is not None and size > own.signed:
            state.marked = max(state.marked, size)
            self.stop(state, "witness")

    def turned(self, link: Link, state: ChannelState, now: Now) -> None:
        """See whether a peer's newest `turn` names a log of ours that this store does not know.

        One that comes after the `turn` to the log in which we write: who opened it?
        """
        replica, own = state.record.logs.get(link.party), state.record.own
        if replica is None or own is None:
            return
        ours = [turn.inc for turn in replica.turns if turn.party == state.record.number]
        if own.log.inc in ours[:-1]:
            log = LogId(state.record.channel, state.record.me, ours[-1])
            if log not in state.record.all:
                self.claimed(link, state, now)

    def told(self, item: Fork, now: Now) -> None:
        """Take two notes with our own signature that somebody says contradict each other.

        Raises:
            MalformedError: they are not notes.
        """
        one, two = self._judge.read(item.first), self._judge.read(item.second)
        if one is None or two is None or one.statement.log != two.statement.log:
            return
        state = self._ledger.channels.get(one.statement.channel)
        if state is None or one.statement.party != self._ledger.me:
            return
        if one.statement == two.statement:
            # One statement twice contradicts nothing; an older copy of us may not know it.
            if self._is_stolen(state, one):
                self._alarm_stolen(state, one)
            else:
                self.own_statement(state, one, now)
            return
        strange = [signed for signed in (one, two) if self._is_strange(state, signed)]
        if strange:
            stolen = all(self._is_stolen(state, signed) for signed in strange)
            self._judge.accused(state, (one, two), now, stolen=stolen)
            own = state.record.own
            if own is not None and own.log == one.statement.log and not stolen:
                self.stop(state, "copy")

    def forked(self, state: ChannelState, log: LogId) -> None:
        """Stop where a log of ours has two histories: the present one, or one before it.

        Who knows of the fork takes no log that does not name both notes. One begun without is taken
        by nobody, unless somebody has receipted it.
        """
        own = state.record.own
        if own is None:
            return
        held = (said.holding(state.record.me) for said in state.said.values())
        if own.log == log or not any(one and one.inc == own.log.inc and one.size for one in held):
            self.stop(state, "copy")

    def _is_stolen(self, state: ChannelState, signed: SignedStatement) -> bool:
        """Say whether a revoked key of ours signed what this station did not.

        Only once our log goes on under a later key: else it may be our store that is old.
        """
        return (
            self._judge.goes_on(state)
            and self._judge.is_revoked(signed)
            and self._is_strange(state, signed)
        )

    def _alarm_stolen(self, state: ChannelState, signed: SignedStatement) -> None:
        text = (
            f"whoever stole our key {signed.key_number} signed a statement with it; the key is "
            "revoked, and our log goes on. Where a member was fooled by it and stopped our log: "
            "parley restore --channel CODE --from-peer CODE begins a new one"
        )
        channel = state.record.channel
        self._alarm(Alarm(kind="wrong-key", peer=None, channel=channel, text=text))

    def _is_strange(self, state: ChannelState, signed: SignedStatement) -> bool:
        """Say whether this station, as far as it knows, did not sign a statement."""
        said, newest = signed.statement, state.newest
        if newest is not None and newest.statement.log == said.log:
            if said.no > newest.statement.no:
                return True
            if said.no == newest.statement.no:
                return said.text() != newest.statement.text()
        rows = self._ledger.reader.statements(said.log, said.no, 1)
        known = [row.signed.statement for row in (*self._ledger.staged_statements(), *rows)]
        return not any(one.text() == said.text() for one in known)


def _can_ask(link: Link) -> bool:
    """Say whether a question is worth its bytes: on a slow line the answer takes half a minute."""
    best = link.best_path()
    return best is not None and not best.traits.narrow and not best.traits.one_way


__all__ = ["ASK_SECONDS", "Newest"]
