"""Finds what is lacking of logs that their authors ended, and asks who holds more of them.

The opening of a log names the one before it and how long that was (field 18), so the record itself
says what is lacking, after a start as well. Only the newest note is asked for here; what it shows
is fetched, kept aside and proved like everything that comes through others. A log of which nothing
is held is not among them: nobody turns back to such a one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parley.core import items
from parley.core.entry import Entry, decode_entry
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.items import Run
from parley.core.record import F_OPEN_PREVIOUS
from parley.core.replica import Replica
from parley.core.statement import Statement
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.ledger import Ledger
from parley.station.line_times import is_narrow
from parley.station.link_state import Link
from parley.station.questions import ask_about, can_answer

_LOOK_SECONDS = 10.0
_ASK_SECONDS_FAST, _ASK_SECONDS_NARROW = 5.0, 600.0
_ASK_SECONDS_MAX_FAST, _ASK_SECONDS_MAX_NARROW = 300.0, 21_600.0
_TRIES_MAX_FAST, _TRIES_MAX_NARROW = 8, 3
"""So many questions for one log that bring nothing; then only after paths have come or gone."""

_ANSWER_SECONDS_FAST, _ANSWER_SECONDS_NARROW = 300.0, 43_200.0
"""So long an answer of an author may be on its way."""


@dataclass(slots=True)
class _Ask:
    """When a log that is over was asked for, and in vain how often since it had grown to this."""

    held: tuple[int, int]
    asked_at: float = float("-inf")
    tries: int = 0


class EndedLogs:
    """The logs that other members ended, as far as entries of them are lacking here."""

    def __init__(self, ledger: Ledger, links: Mapping[PartyId, Link]) -> None:
        """Ask over `links` for what `ledger` lacks."""
        self._ledger = ledger
        self._links = links
        self._asks: dict[LogId, _Ask] = {}
        self._openings: dict[LogId, Entry] = {}
        self._answers: dict[tuple[ChannelId, PartyId], float] = {}
        self._looked_at = float("-inf")
        self._due = float("inf")

    def stir(self) -> None:
        """Look anew, and ask anew for what nobody had: paths have come or gone."""
        self._looked_at = float("-inf")
        for ask in self._asks.values():
            ask.tries = 0  # when it was asked last still counts: paths may come and go

    def wake_at(self) -> float:
        """Return when `look` is wanted next, in steady seconds."""
        return self._due

    def look(self, now: Now) -> None:
        """Ask for what is due; of each member's logs for one at a time, the newest first."""
        if now.steady < min(self._due, self._looked_at + _LOOK_SECONDS):
            return
        self._looked_at, self._due = now.steady, float("inf")
        for state in self._ledger.channels.values():
            if state.opened and not state.unfit and len(state.record.all) > len(state.record.logs):
                for party in state.record.others:
                    due = self._party(state, party, now)
                    self._due = min(self._due, due)

    def _party(self, state: ChannelState, party: PartyId, now: Now) -> float:
        """Ask for the newest ended log of a member that lacks something; return when again."""
        able = sorted(reached(self._links, state), key=lambda link: link.party != party)
        if not able:
            return float("inf")  # one who comes within reach stirs
        for replica, size in self._before(state, party):
            held = (replica.signed, sum(end - first for first, end in replica.missing))
            if replica.frozen or not lacks(replica, size):
                self._asks.pop(replica.log, None)
                continue
            ask = self._asks.setdefault(replica.log, _Ask(held))
            if ask.held != held:
                ask.held, ask.tries = held, 0
            link = able[ask.tries % len(able)]
            narrow = is_narrow(link)
            if ask.tries >= (_TRIES_MAX_NARROW if narrow else _TRIES_MAX_FAST):
                continue
            first = _ASK_SECONDS_NARROW if narrow else _ASK_SECONDS_FAST
            most = _ASK_SECONDS_MAX_NARROW if narrow else _ASK_SECONDS_MAX_FAST
            due = ask.asked_at + min(first * 2.0**ask.tries, most)
            if now.steady < due:
                return due
            ask.asked_at, ask.tries = now.steady, ask.tries + 1
            log = replica.log
            ask_about(link, state.record.charter, log.party, items.NEED_NOTE, inc=log.inc)
            return now.steady + min(first * 2.0**ask.tries, most)
        return float("inf")

    def _before(self, state: ChannelState, party: PartyId) -> Iterator[tuple[Replica, int]]:
        """Yield the logs that a member ended, newest first, and how long each was by the next.

        Where the next one was never met here, nothing says how long: there may be one entry more.
        """
        after, seen = state.record.logs.get(party), set[LogId]()
        while after is not None and after.log not in seen:
            seen.add(after.log)
            opening = self._opening(state, after.log)
            named = None if opening is None else opening.fields.get(F_OPEN_PREVIOUS)
            match named:
                case [bytes(inc), int(size), bytes()]:
                    log = LogId(state.record.channel, party, Incarnation(inc))
                    known = state.record.all.get(log)
                    if known is None and (known := _met_before(state, after.log)):
                        size = known.signed + 1
                    after = known
                case _:
                    return
            if after is not None and after.log not in seen:
                yield after, size

    def _opening(self, state: ChannelState, log: LogId) -> Entry | None:
        """Return the entry that opens a log, as soon as it is stored."""
        found = self._openings.get(log)
        row = self._ledger.reader.entry(log, 0) if found is None else None
        if row is not None:
            found = decode_entry(row.raw, others=len(state.record.others))
            self._openings[log] = found
        return found

    # --- the author's logs told apart ---

    def is_told_apart(self, state: ChannelState, said: Statement) -> bool:
        """Say whether entries below a statement cannot be taken for those of the newest log.

        A RUN names no incarnation. No entry is dated after a statement over it, and none before
        the opening of its log.
        """
        begun = self._begun(state, said.party)
        return begun is not None and is_ended(state, said.log) and said.time < begun

    def asks_author(self, link: Link, state: ChannelState, now: Now) -> None:
        """Take note that an author is asked for entries of a log that it ended."""
        wait = _ANSWER_SECONDS_NARROW if is_narrow(link) else _ANSWER_SECONDS_FAST
        self._answers[state.record.channel, link.party] = now.steady + wait

    def is_of_ended(self, state: ChannelState, link: Link, item: Run, now: Now) -> bool:
        """Say whether what an author sends is an answer, perhaps late, out of a log that it ended.

        Such a one is never taken for its newest: it would lead there to a root that nobody signed.
        """
        until = self._answers.get((state.record.channel, link.party), float("-inf"))
        if item.tail is not None or now.steady > until:
            return False
        begun, first = self._begun(state, link.party), item.entries[0]
        time = first[1] if isinstance(first, list) and len(first) > 1 else None
        return begun is not None and isinstance(time, int) and time < begun

    def _begun(self, state: ChannelState, party: PartyId) -> int | None:
        """Return when the newest log of a member that ended one was begun."""
        newest = state.record.logs.get(party)
        opening = None if newest is None else self._opening(state, newest.log)
        is_first = opening is None or opening.fields.get(F_OPEN_PREVIOUS) is None
        return None if opening is None or is_first else opening.time


def _met_before(state: ChannelState, log: LogId) -> Replica | None:
    """Return the log of the same author that was met before another one; None where none was."""
    before = None
    for replica in state.record.all.values():
        if replica.log == log:
            break
        before = replica if replica.log.party == log.party else before
    return before


def is_ended(state: ChannelState, log: LogId) -> bool:
    """Say whether a log is known here and a newer one of its author as well."""
    replica = state.record.all.get(log)
    return replica is not None and state.record.logs.get(log.party) is not replica


def lacks(replica: Replica, size: int) -> bool:
    """Say whether a log as held here lacks entries of the first `size`, or in between."""
    return replica.signed < size or bool(replica.missing)


def reached(links: Mapping[PartyId, Link], state: ChannelState) -> Iterator[Link]:
    """Yield the members of a channel who can be asked and can answer."""
    for party in state.record.others:
        link = links.get(party)
        if link is not None and can_answer(link):
            yield link


__all__ = ["EndedLogs", "is_ended", "lacks", "reached"]
