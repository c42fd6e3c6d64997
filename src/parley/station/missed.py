"""Asks for statements of members that were signed while they could not be heard here.

On return a member is told the newest statement of each other one. What those between say, who first
held which entry above all, it would never learn, and its registers would differ for good. Numbers
of statements are consecutive, so that it sees what it lacks and asks: the author, or where that one
cannot be reached whoever else is there (decision 0141, specification: link).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.core import items
from parley.core.ids import LogId, PartyId, Ranges
from parley.core.statement import SignedStatement, Statement
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.ledger import Ledger
from parley.station.line_times import is_narrow, is_padded
from parley.station.link_state import Link
from parley.station.passing_on import content, has_thirds
from parley.station.questions import answer_seconds, ask_about, can_answer
from parley.store.interface import Reader

MISSED: Final = "missed"
"""Papers: below which number of a log its author, or all that there is, was asked for all."""
_FIRST_SECONDS: Final = 3.0
"""What was overtaken on its way is there before."""
_PAUSE_SECONDS: Final = 1.0
_TRIES_MAX: Final = 3
"""A question or its answer may be lost, or be one too many for a second of the other side."""
_RANGES_MAX: Final = 8
_PAGE: Final = 256
_PAGES_MAX: Final = 4
_UNKEPT_MAX: Final = 1_024
"""So many numbers without a gap are looked through anew after a restart."""
_READS_MAX: Final = 256


@dataclass(slots=True)
class _Log:
    """What is known of the numbers of one log.

    Attributes:
        kept: below this number nothing is to be asked for; the same on the disk.
        start: where the next round of questions begins.
        at: where this round is.
        due: when to ask, or to ask the next thing, in steady seconds.
        source: who is asked in this round.
        ranges: the numbers asked for, while an answer is awaited.
        came: something of them came.
        tries: how often they were asked for, and the first of them did not come.
        done: who was asked for all, since `start`.
        reached: how far those were asked.
        by_others: of what is between `kept` and `start`, somebody else than its author was asked.
    """

    kept: int = 0
    start: int = 0
    at: int = 0
    due: float = float("inf")
    source: PartyId | None = None
    ranges: Ranges = ()
    came: bool = False
    tries: int = 0
    done: set[PartyId] = field(default_factory=set)
    reached: int = 0
    by_others: bool = False


class Missed:
    """The statements of members that this station lacks."""

    def __init__(self, ledger: Ledger, links: dict[PartyId, Link]) -> None:
        """Ask over `links` for what the rows of `ledger` jump over."""
        self._ledger = ledger
        self._links = links
        self._logs: dict[LogId, _Log] = {}
        self._due = float("inf")
        self._stirred = True

    def stir(self) -> None:
        """Look at every log anew at the next occasion: paths have come or gone."""
        self._stirred = True

    def wake_at(self, now: Now) -> float:
        """Return when `look` is wanted next."""
        return now.steady if self._stirred else max(self._due, now.steady)

    def look(self, now: Now) -> None:
        """Ask for what is due; called before the channels that moved are forgotten."""
        channels = self._ledger.channels if self._stirred else self._ledger.moved
        for state in [self._ledger.channels[channel] for channel in channels]:
            if has_thirds(state):
                self._note_logs(state, now)
        self._stirred = False
        if now.steady < self._due:
            return
        for name, log in self._logs.items():
            if log.due <= now.steady:
                self._go_on(self._ledger.channels[name.channel], name, log, now)
        self._due = min((log.due for log in self._logs.values()), default=float("inf"))

    def shown(self, link: Link, said: Statement, now: Now) -> None:
        """Take note of a statement that a member shows: perhaps it is what it was asked for."""
        log = self._logs.get(said.log)
        if log is None or not log.ranges or log.source != link.party:
            return
        if log.ranges[0][0] <= said.no < log.ranges[-1][1]:
            log.came, log.due = True, now.steady + _PAUSE_SECONDS
            self._due = min(self._due, log.due)

    def _note_logs(self, state: ChannelState, now: Now) -> None:
        """Set when to look at the logs of which there is something new, or a new way to it."""
        for name, replica in state.record.all.items():
            if name.party == self._ledger.me or replica.last is None or replica.frozen:
                continue
            log = self._logs.get(name)
            if log is None:
                log = self._logs[name] = self._load(name)
            if self._stirred and log.by_others and is_able(self._links.get(name.party)):
                # Whoever was asked instead may have kept something back.
                log.start, log.by_others, log.source, log.ranges = log.kept, False, None, ()
                log.done.clear()
            if log.due == float("inf") and replica.last.statement.no >= log.start:
                log.due = now.steady + _FIRST_SECONDS
                self._due = min(self._due, log.due)

    def _load(self, name: LogId) -> _Log:
        paper = self._ledger.reader.paper(MISSED, name.origin)
        kept = 0 if paper is None else int(paper)
        return _Log(kept=kept, start=kept)

    def _go_on(self, state: ChannelState, name: LogId, log: _Log, now: Now) -> None:
        """Ask for the next numbers, from the same member or from the next one."""
        log.due = float("inf")
        asked, log.ranges = log.ranges, ()
        if log.source is None and not self._begin_round(state, name, log, now):
            return
        link = None if log.source is None else self._links.get(log.source)
        if link is None or not is_able(link):
            log.source, log.due = None, now.steady + _PAUSE_SECONDS
            return
        if any(one.ranges and one.source == link.party for one in self._logs.values()):
            log.due = now.steady + _PAUSE_SECONDS  # one question at a time
            return
        ranges, log.at, is_end = self._lacking(name, log.at)
        log.tries = log.tries + 1 if asked and ranges and ranges[0][0] == asked[0][0] else 0
        if log.tries >= _TRIES_MAX:  # it has none of these, or does not show the first of them
            log.at, log.tries = asked[0 if log.came else -1][1], 0
            ranges, log.at, is_end = self._lacking(name, log.at)
        log.came = False
        if not ranges:
            log.due = now.steady + _PAUSE_SECONDS
            if is_end:
                log.done.add(link.party)
                log.source, log.reached = None, max(log.reached, log.at)
            return
        log.ranges = ranges
        log.by_others = log.by_others or link.party != name.party
        log.due = now.steady + answer_seconds(link)
        charter = state.record.charter
        ask_about(link, charter, name.party, items.NEED_NOTE, inc=name.inc, ranges=ranges)

    def _begin_round(self, state: ChannelState, name: LogId, log: _Log, now: Now) -> bool:
        """Choose whom to ask; False where nothing is lacking, or all were asked who can be."""
        ranges, at, is_end = self._lacking(name, log.start)
        log.start = at
        if not ranges:
            if at - log.kept >= _UNKEPT_MAX and not log.by_others:
                self._keep(name, log)
            if not is_end:
                log.due = now.steady + _PAUSE_SECONDS
            log.done.clear()
            return False
        link = self._next(state, name.party, log)
        if link is not None:
            log.source, log.at = link.party, log.start
            return True
        if log.done:
            log.start = max(log.start, log.reached)
            if name.party in log.done:
                self._keep(name, log)
            log.done.clear()
        return False

    def _next(self, state: ChannelState, author: PartyId, log: _Log) -> Link | None:
        """Return its author where that one can be asked, else the next other one."""
        direct = self._links.get(author)
        if direct is not None and is_able(direct):
            return None if author in log.done else direct
        for party in state.record.others:
            link = self._links.get(party)
            if link is not None and party not in log.done and is_able(link):
                return link
        return None

    def _keep(self, name: LogId, log: _Log) -> None:
        log.kept, log.by_others = log.start, False
        self._ledger.batch.papers.append((MISSED, name.origin, str(log.kept).encode("ascii")))

    def _lacking(self, name: LogId, at: int) -> tuple[Ranges, int, bool]:
        """Return some numbers from `at` on that no stored row has, between rows that differ.

        What stands between two that say the same says nothing else: none of it is lacking.

        Returns:
            the first of them as ranges, from where on anything is lacking, and whether nothing
            is stored beyond what was looked at.
        """
        found: list[tuple[int, int]] = []
        number, before, is_end = max(at - 1, 0), None, False
        for _ in range(_PAGES_MAX):
            rows = self._ledger.reader.statements(name, number, _PAGE)
            for row in rows:
                said = row.signed.statement
                first = max(number, at)
                if said.no > first and (before is None or content(before) != content(said)):
                    found.append((first, said.no))
                number, before = said.no + 1, said
                if len(found) == _RANGES_MAX:
                    return tuple(found), found[0][0], False
            is_end = len(rows) < _PAGE
            if is_end:
                break
        return tuple(found), found[0][0] if found else max(number, at), is_end


def is_able(link: Link | None) -> bool:
    """Say whether a member can be asked: over a fast line, both ways, and not padded."""
    if link is None or not can_answer(link):
        return False
    return not (is_narrow(link) or is_padded(link))


def said_between(
    reader: Reader, log: LogId, ranges: Ranges, most: int
) -> Sequence[SignedStatement]:
    """Return what the statements of a log in some ranges of numbers say, oldest first.

    Of those that say the same the first and the last; the last of all shows how far was looked.

    Args:
        reader: what is stored.
        log: whose statements.
        ranges: half open ranges of numbers.
        most: how many statements at most.
    """
    found: list[SignedStatement] = []
    search = _Search(reader, log)
    for first, end in ranges:
        at = search.first(first, end)
        while at is not None and len(found) < most and search.reads < _READS_MAX:
            last, after = search.run(at, end)
            found += [at] if last == at else [at, last]
            at = after
    return found[:most]


class _Search:
    """Finds where what a log's statements say changes, by halving: what was said is not taken back.

    Attributes:
        reads: how many rows were read.
    """

    def __init__(self, reader: Reader, log: LogId) -> None:
        self._reader = reader
        self._log = log
        self.reads = 0

    def first(self, number: int, end: int) -> SignedStatement | None:
        """Return the first statement from a number on, None where none is below `end`."""
        self.reads += 1
        rows = self._reader.statements(self._log, number, 1)
        signed = rows[0].signed if rows else None
        return signed if signed is not None and signed.statement.no < end else None

    def run(
        self, first: SignedStatement, end: int
    ) -> tuple[SignedStatement, SignedStatement | None]:
        """Return the last statement that says the same as one, and what comes after it."""
        last, after, high, step = first, None, end, 1
        meant = content(first.statement)
        while (low := last.statement.no + 1) < high:
            number = min(low + step - 1, (low + high) // 2) if after is None else (low + high) // 2
            found = self.first(number, high)
            if found is not None and content(found.statement) == meant:
                last, step = found, 2 * step
                continue
            # Nothing that says the same lies between.
            high, after = number, found or after
        return last, after


__all__ = ["MISSED", "Missed", "is_able", "said_between"]
