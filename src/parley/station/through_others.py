"""Has a member's log through another member, where the direct way is missing or fails.

A forwarder is believed nothing: first comes a note that the author signed, then what was asked
for is kept aside until it leads to exactly that root, and only then does it join the record. What
does not lead there speaks against nobody but whoever passed it on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from parley.core import items, limits, merkle
from parley.core.entry import Entry, Kind, decode_entry, entry_from_value
from parley.core.ids import ChannelId, Hash, LogId, PartyId, Ranges
from parley.core.items import Nodes, Run, Stmt
from parley.core.record import F_OPEN_CHARTER, F_OPEN_INC, F_OPEN_PREVIOUS
from parley.core.replica import Replica
from parley.core.statement import SignedStatement
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.ended_logs import EndedLogs, is_ended, lacks, reached
from parley.station.facts import Alarm
from parley.station.intake import Intake
from parley.station.ledger import Ledger
from parley.station.line_times import is_narrow
from parley.station.link_state import Link
from parley.station.outcome import Outcome
from parley.station.passing_on import has_thirds
from parley.station.questions import answer_seconds, ask_about

_ASK_SECONDS = 5.0
_ASK_SECONDS_MAX_FAST, _ASK_SECONDS_MAX_NARROW = 60.0, 21_600.0
_ASK_NARROW_FACTOR = 120
_DIRECT_SECONDS, _DIRECT_SECONDS_NARROW = 3.0, 600.0
"""So long the direct way may take before a log is fetched from another member."""
_TRIES_MAX = 8
_ANSWER_TIMES_MAX = 20.0
"""So many times the wait for a first word one answer may take: who drips it must not keep a log."""
_GOOD_ANSWER_BYTES = 65_536
"""Who brought so much is asked again; who brought less is as likely to hold up as to help."""
_FROM_ONE_MAX = 8
"""Logs fetched from one member at a time."""
_ENDS_MAX = 4
_OVER_QUOTA_SECONDS = 900.0
"""What its author's quota does not allow is not asked for again so soon."""
_ENDED_MAX = 1_024
"""Logs that are over and were met too late, which are remembered."""
_ASIDE_BYTES_MAX = 1_048_576
"""Bytes of one log that are kept aside unproved; an answer brings a quarter of it at most."""


@dataclass(slots=True)
class _Ask:
    """When to ask whoever can be reached what a member who cannot be reached signed last."""

    due: float
    tries: int = 0


@dataclass(slots=True)
class _Wanted:
    """A log of which a member showed that there is more.

    Attributes:
        target: the largest statement of its author that was shown.
        shown: how much each member who showed one seems to hold.
        due: when to ask, or to ask again, in steady seconds.
        source: who was asked last.
        ranges: the places asked for.
        tries: questions since something came of one.
        turn: whose turn among the members who showed it.
        asked_at: when the last question went out, in steady seconds.
        came: bytes of entries that came in answer to it.
        aside: what has come and is not proved.
        nodes: hashes over places that the source lacks, until what follows them comes.
        doubted: who gave once what does not lead to the target.
        ends: statements of the author up to which an answer may lead.
    """

    target: SignedStatement
    due: float
    shown: dict[PartyId, int] = field(default_factory=dict)
    source: PartyId | None = None
    ranges: Ranges = ()
    tries: int = 0
    turn: int = 0
    asked_at: float = 0.0
    came: int = 0
    aside: Replica | None = None
    nodes: tuple[int, tuple[Hash, ...]] | None = None
    doubted: set[PartyId] = field(default_factory=set)
    ends: list[SignedStatement] = field(default_factory=list)

    @property
    def log(self) -> LogId:
        """Return which log it is."""
        return self.target.statement.log


class ThroughOthers:
    """The logs that this station has, or wants, from somebody else than their authors."""

    def __init__(
        self,
        ledger: Ledger,
        links: dict[PartyId, Link],
        intake: Intake,
        *,
        alarm: Callable[[Alarm], None],
    ) -> None:
        """Hand what is proved to `intake`."""
        self._ledger = ledger
        self._links = links
        self._intake = intake
        self._alarm = alarm
        self._asks: dict[tuple[ChannelId, PartyId], _Ask] = {}
        self._wanted: dict[tuple[ChannelId, PartyId], _Wanted] = {}
        self._over_quota: dict[tuple[ChannelId, PartyId], float] = {}
        self._ended: dict[LogId, None] = {}
        self.older = EndedLogs(ledger, links)
        self._due = float("-inf")

    def stir(self) -> None:
        """Look anew at the next occasion: paths have come or gone, or a channel was opened."""
        self._due = float("-inf")
        self.older.stir()

    def wake_at(self, now: Now) -> float:
        """Return when `look` is wanted next."""
        return max(min(self._due, self.older.wake_at()), now.steady)

    def look(self, now: Now) -> None:
        """Ask for what is due."""
        self.older.look(now)
        if now.steady < self._due:
            return
        due = float("inf")
        for state in self._ledger.channels.values():
            if has_thirds(state):
                members = state.record.others
                due = min([due, *(self._unreached(state, party, now) for party in members)])
        for key, wanted in list(self._wanted.items()):
            if now.steady >= wanted.due:
                self._fetch(key, wanted, now)
            if key in self._wanted:
                due = min(due, wanted.due)
        self._due = due

    # --- who cannot be reached ---

    def _unreached(self, state: ChannelState, party: PartyId, now: Now) -> float:
        """Ask another member for the newest word of one who cannot be reached; when again."""
        key = (state.record.channel, party)
        link = self._links.get(party)
        if link is None or not link.trusted or link.alive:
            self._asks.pop(key, None)
            return float("inf")
        ask = self._asks.setdefault(key, _Ask(now.steady + _ASK_SECONDS))
        if now.steady < ask.due:
            return ask.due
        others = [one for one in reached(self._links, state) if one.party != party]
        if not others:
            return float("inf")  # one who comes within reach stirs
        other = others[ask.tries % len(others)]
        narrow = is_narrow(other)
        if narrow and not ask.tries and link.paths:
            # On a slow line it takes a while until the direct way has shown that it is there.
            ask.due = now.steady + _DIRECT_SECONDS_NARROW
            ask.tries = 1
            return ask.due
        first = _ASK_SECONDS * (_ASK_NARROW_FACTOR if narrow else 1)
        most = _ASK_SECONDS_MAX_NARROW if narrow else _ASK_SECONDS_MAX_FAST
        ask.due = now.steady + min(first * 2.0 ** min(ask.tries, 16), most)
        ask.tries += 1
        _need(other, state, party)
        return ask.due

    # --- what a member shows of a third one's log ---

    def shown(
        self, link: Link, state: ChannelState, signed: SignedStatement, now: Now
    ) -> Outcome | None:
        """Take a verified statement shown by another than its author, or of a log that it ended.

        Returns:
            what came of entries that it binds, None for nothing.
        """
        said = signed.statement
        author = self._links.get(said.party)
        is_known = author is not None and author.trusted
        if author is None or not is_known or said.log in self._ended or not state.opened:
            return None
        if link is author and not self.older.is_told_apart(state, said):
            return None  # what it sends of both of its logs could not be kept apart
        key = (state.record.channel, said.party)
        wanted, outcome = self._wanted.get(key), None
        if wanted is not None and wanted.log == said.log and wanted.source == link.party:
            wanted.ends.append(signed)
            del wanted.ends[:-_ENDS_MAX]
            self._lay_nodes(wanted, said.size)
            outcome = self._bind(link, state, wanted, now)
        replica = state.record.all.get(said.log)
        if replica is not None and not lacks(replica, said.size):
            if wanted is not None and wanted.log == said.log and self._is_done(state, wanted):
                del self._wanted[key]
            return outcome
        if (replica is not None and replica.frozen) or now.steady < self._over_quota.get(key, 0.0):
            return outcome
        is_over = is_ended(state, said.log)
        gives_way = wanted is not None and is_ended(state, wanted.log) and not is_over
        if wanted is None or (wanted.log != said.log and (replica is None or gives_way)):
            slow = is_narrow(link)
            wait = _DIRECT_SECONDS_NARROW if slow else _DIRECT_SECONDS
            comes_by_itself = author.alive and not is_over
            wanted = _Wanted(signed, due=now.steady + (wait if comes_by_itself else 0.0))
            self._wanted[key] = wanted
        if wanted.log == said.log:
            wanted.shown[link.party] = max(wanted.shown.get(link.party, 0), said.size)
            if said.no > wanted.target.statement.no:
                wanted.target = signed
        if outcome is not None:
            wanted.due = now.steady
        self._due = min(self._due, wanted.due)
        return outcome

    def _is_done(self, state: ChannelState, wanted: _Wanted) -> bool:
        replica = state.record.all.get(wanted.log)
        return replica is not None and (
            replica.frozen or not lacks(replica, wanted.target.statement.size)
        )

    def _fetch(self, key: tuple[ChannelId, PartyId], wanted: _Wanted, now: Now) -> None:
        """Ask a member for what is missing of a log, each time another one."""
        state = self._ledger.channels[key[0]]
        wanted.aside = None
        target = wanted.target.statement
        able = [
            link
            for link in reached(self._links, state)
            if link.party in wanted.shown
            and (link.party != target.party or self.older.is_told_apart(state, target))
        ]
        if self._is_done(state, wanted) or wanted.tries >= _TRIES_MAX or not able:
            del self._wanted[key]  # a further note of its author begins anew
            return
        link = able[wanted.turn % len(able)]
        from_it = [one for one in self._wanted.values() if one.source == link.party and one.aside]
        if len(from_it) >= _FROM_ONE_MAX:
            wanted.due = now.steady + 1.0
            return
        replica = state.record.all.get(wanted.log)
        wanted.aside = _based_on(replica, wanted.log)
        wanted.ranges = _lacking(replica, target.size)
        wanted.source, wanted.nodes, wanted.ends = link.party, None, []
        wanted.tries, wanted.turn = wanted.tries + 1, wanted.turn + 1
        wanted.asked_at, wanted.came = now.steady, 0
        wanted.due = now.steady + answer_seconds(link)
        if link.party == key[1]:
            self.older.asks_author(link, state, now)
        _need(link, state, key[1], wanted)

    # --- what was asked for ---

    def is_of_ended(
        self, link: Link, state: ChannelState, item: Run | Nodes | Stmt, now: Now
    ) -> bool:
        """Say whether what an author sends is of a log that it ended, not of its newest."""
        return isinstance(item, Run) and self.older.is_of_ended(state, link, item, now)

    def run(self, link: Link, state: ChannelState, item: Run, now: Now) -> Outcome | None:
        """Take entries of a third member that were asked for; pass over all others.

        Raises:
            MalformedError: an entry breaks its form.
        """
        wanted = self._asked(link, state, item.party)
        if wanted is None or wanted.aside is None:
            return None
        self._lay_nodes(wanted, item.first)
        aside, room = wanted.aside, _ASIDE_BYTES_MAX
        known = state.record.all.get(wanted.log)
        others, before = len(state.record.others), wanted.came
        rows = zip(item.entries, item.raws, strict=True)
        for index, (value, raw) in enumerate(rows, item.first):
            if not any(first <= index < end for first, end in wanted.ranges):
                continue
            entry = entry_from_value(value, others=others)
            if index == 0 and not _opens(entry, wanted.log, state):
                continue
            if index == 0 and known is None and self._is_older(state, wanted.log, entry):
                self._end(wanted.log)
                return None
            into = known if known is not None and index < known.signed else aside
            if into is known and not self._intake.is_within(state, wanted.log, entry, raw, now):
                continue
            if into.arrive(index, entry, raw, room=room):
                state.record.note_turn(into, index, entry)
                wanted.came += len(raw)
        if wanted.came > before:
            wait = answer_seconds(link)
            last = wanted.asked_at + _ANSWER_TIMES_MAX * wait
            wanted.due = max(wanted.due, min(now.steady + wait, last))
        return self._bind(link, state, wanted, now)

    def _is_older(self, state: ChannelState, log: LogId, opening: Entry) -> bool:
        """Say whether its author had ended a log when it began the one known here.

        Nobody turns back to such a log: it would hold up for ever what is said in the newer one.
        """
        newest = state.record.logs.get(log.party)
        row = None if newest is None else self._ledger.reader.entry(newest.log, 0)
        if row is None:
            return False
        begun = decode_entry(row.raw, others=len(state.record.others))
        before = begun.fields.get(F_OPEN_PREVIOUS)
        is_named = isinstance(before, list) and before[:1] == [log.inc]
        return is_named or opening.time < begun.time

    def _end(self, log: LogId) -> None:
        """Ask nobody for a log any more."""
        del self._wanted[log.channel, log.party]
        self._ended[log] = None
        if len(self._ended) > _ENDED_MAX:
            del self._ended[next(iter(self._ended))]

    def nodes(self, link: Link, state: ChannelState, item: Nodes) -> None:
        """Keep hashes over places that the member lacks, until what follows them comes."""
        wanted = self._asked(link, state, item.party)
        if wanted is not None and item.first > 0:
            wanted.nodes = (item.first, item.hashes)

    def _asked(self, link: Link, state: ChannelState, number: int) -> _Wanted | None:
        if number >= len(state.record.charter.parties):
            return None
        wanted = self._wanted.get((state.record.channel, state.record.charter.parties[number]))
        return wanted if wanted is not None and wanted.source == link.party else None

    @staticmethod
    def _lay_nodes(wanted: _Wanted, end: int) -> None:
        """Lay the hashes kept over the places up to what follows them."""
        nodes, wanted.nodes = wanted.nodes, None
        if nodes is not None and nodes[0] < end and wanted.aside is not None:
            wanted.aside.learn_nodes(nodes[0], end, nodes[1])

    def _bind(self, link: Link, state: ChannelState, wanted: _Wanted, now: Now) -> Outcome | None:
        """Let what came join the record, as far as it leads to a root that its author signed."""
        outcome = self._intake.gaps_filled(state, wanted.log, now)
        aside = wanted.aside
        for signed in (*wanted.ends[::-1], wanted.target):
            said = signed.statement
            root = None
            if aside is not None and said.size > aside.signed:
                root = aside.tree.root_at(said.size)
            if aside is None or root is None:
                continue
            wanted.aside, wanted.ends = None, []
            # It holds more, perhaps: the next question goes on from here.
            wanted.due = self._due = now.steady
            if root != said.root:
                self._false(link, state, wanted, now)
                return outcome
            outcome = self._intake.adopt(state, aside, signed, now)
            break
        if outcome is not None:
            if wanted.came >= _GOOD_ANSWER_BYTES:
                wanted.turn -= 1
            wanted.tries = _TRIES_MAX if outcome.over_quota else 0
            if outcome.over_quota:
                key = (state.record.channel, wanted.log.party)
                self._over_quota[key] = now.steady + _OVER_QUOTA_SECONDS
        return outcome

    def _false(self, link: Link, state: ChannelState, wanted: _Wanted, now: Now) -> None:
        """What came leads to another root than its author signed.

        Perhaps the author signed two histories, and whoever passed this one on can show it. Else
        it is asked once more, for hashes may have been taken for those of other places; and then
        somebody else.
        """
        if link.party not in wanted.doubted:
            wanted.doubted.add(link.party)
            replica = state.record.all.get(wanted.log)
            if replica is not None and replica.last is not None:
                self._intake.judge.hearsay.suspect(link.party, replica.last, wanted.target)
            wanted.due = now.steady + answer_seconds(link)
            return
        wanted.shown.pop(link.party, None)
        wanted.source = None
        if link.party == wanted.log.party:
            return  # it passed on nothing: its own log, that it ended; others have their turn
        text = "it passed on entries of another member that do not lead to what that one signed"
        channel = state.record.channel
        self._alarm(Alarm(kind="refused", peer=link.party, channel=channel, text=text))


def _need(link: Link, state: ChannelState, party: PartyId, wanted: _Wanted | None = None) -> None:
    """Ask for the newest note of a party, or for entries of its log."""
    charter = state.record.charter
    if wanted is None:
        ask_about(link, charter, party, items.NEED_NOTE)
    else:
        inc, ranges = wanted.log.inc, wanted.ranges
        ask_about(link, charter, party, items.NEED_ENTRIES, inc=inc, ranges=ranges)


def _lacking(replica: Replica | None, size: int) -> Ranges:
    if replica is None:
        return ((0, size),)
    missing = list(replica.missing[: limits.GAPS_MAX - 1])
    if replica.signed < size:
        if missing and missing[-1][1] == replica.signed:
            missing[-1] = (missing[-1][0], size)
        else:
            missing.append((replica.signed, size))
    return tuple(missing)


def _based_on(replica: Replica | None, log: LogId) -> Replica:
    """Return an empty log that goes on from what is proved of this one."""
    aside = Replica(log)
    if replica is not None:
        aside.hide, aside.signed = replica.hide, replica.signed
        for level, pos in merkle.cover(0, replica.signed):
            value = replica.tree.node(level, pos)
            if value is not None:
                aside.tree.learn(level, pos, value)
    return aside


def _opens(entry: Entry, log: LogId, state: ChannelState) -> bool:
    return (
        entry.kind == Kind.OPEN
        and entry.fields.get(F_OPEN_INC) == log.inc
        and entry.fields.get(F_OPEN_CHARTER) == state.record.charter.hash
    )


__all__ = ["ThroughOthers"]
