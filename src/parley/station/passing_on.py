"""Passes on what one member of a channel signed to another who seems to lack it.

Only whole notes go out unasked: who lacks the entries below one asks for them, and nothing is
passed on to whose own statement covers it (specification: link, members among each other).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parley.core import items
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.items import Need
from parley.core.statement import Statement
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.ledger import Ledger
from parley.station.line_times import is_narrow
from parley.station.link_state import GIVEN_ITEMS_MAX, Link
from parley.station.notes import note_of

_LACKS_SECONDS_FAST, _LACKS_SECONDS_NARROW = 3.0, 600.0
"""What comes on the direct way is there before: so long a member may lack a statement."""
_AGAIN_SECONDS_FAST, _AGAIN_SECONDS_NARROW, _AGAIN_SECONDS_MAX = 5.0, 600.0, 21_600.0
_APART_SECONDS_FAST, _APART_SECONDS_NARROW = 150.0, 2 * 21_600.0
"""After one member asked for what another signed, for so long no way between the two is assumed."""
_FULL_SECONDS = 1.0

_Content = tuple[Incarnation, int, tuple[tuple[PartyId, Incarnation, int, object], ...]]


@dataclass(slots=True)
class _Owed:
    """What one member lacks of another's log, as far as its own statements tell.

    Attributes:
        lacked: incarnation and size of which the lack was first seen, None while nothing lacks.
        due: when it is passed on, in steady seconds.
        tries: how often it was.
        passed: incarnation and number of the newest statement passed on.
        content: what that one said beside its number and time.
    """

    lacked: tuple[Incarnation, int] | None = None
    due: float = float("inf")
    tries: int = 0
    passed: tuple[Incarnation, int] | None = None
    content: _Content | None = None


class PassingOn:
    """The statements that members of this station's channels have from one another through it."""

    def __init__(self, ledger: Ledger, links: dict[PartyId, Link]) -> None:
        """Pass on what `ledger` holds over `links`."""
        self._ledger = ledger
        self._links = links
        self._apart: dict[tuple[ChannelId, frozenset[PartyId]], float] = {}
        self._owed: dict[tuple[ChannelId, PartyId, PartyId], _Owed] = {}
        self._dues: dict[ChannelId, float] = {}

    def asked(self, link: Link, state: ChannelState, item: Need, now: Now) -> None:
        """Take note that a member asks for another's log: it seems to have no way of its own."""
        about = state.record.charter.parties[item.party]
        if about in (link.party, self._ledger.me):
            return
        lasts = _APART_SECONDS_NARROW if is_narrow(link) else _APART_SECONDS_FAST
        pair = (state.record.channel, frozenset((link.party, about)))
        self._apart[pair] = max(self._apart.get(pair, 0.0), now.steady + lasts)
        self._dues[state.record.channel] = now.steady

    def stir(self, now: Now) -> None:
        """Look at every channel anew: paths have come or gone."""
        for channel, state in self._ledger.channels.items():
            if has_thirds(state):
                self._dues[channel] = now.steady

    def wake_at(self, now: Now) -> float:
        """Return when `look` is wanted next."""
        return max(min(self._dues.values(), default=float("inf")), now.steady)

    def look(self, now: Now) -> None:
        """Pass on what is due on the channels on which something was signed, or is due."""
        for channel in self._ledger.moved:
            if has_thirds(self._ledger.channels[channel]):
                self._dues[channel] = now.steady
        self._ledger.moved.clear()
        for channel in [one for one, due in self._dues.items() if due <= now.steady]:
            due = self._channel(self._ledger.channels[channel], now)
            if due == float("inf"):
                del self._dues[channel]
            else:
                self._dues[channel] = due

    def _channel(self, state: ChannelState, now: Now) -> float:
        due = float("inf")
        for link, about in self._pairs(state):
            owed = self._owed.setdefault((state.record.channel, about, link.party), _Owed())
            due = min(due, self._look_at(state, link, state.said[about], owed, now))
        return due

    def _pairs(self, state: ChannelState) -> Iterator[tuple[Link, PartyId]]:
        """Yield each member who can be reached with every other one who signed something."""
        for to in state.record.others:
            link = self._links.get(to)
            if link is None or not link.trusted or link.best_path() is None or to not in state.said:
                continue
            for about in state.record.others:
                replica = state.record.logs.get(about)
                if about != to and about in state.said and replica and not replica.frozen:
                    yield link, about

    def _look_at(
        self, state: ChannelState, link: Link, said: Statement, owed: _Owed, now: Now
    ) -> float:
        """Pass a statement on where it is due; return when to look again."""
        pair = (state.record.channel, frozenset((link.party, said.party)))
        is_apart = now.steady < self._apart.get(pair, 0.0)
        narrow = is_narrow(link)
        if not _lacks(state, state.said[link.party], said):
            owed.lacked, owed.due, owed.tries = None, float("inf"), 0
            if is_apart and _is_news(owed, said, narrow=narrow):
                return self._pass(link, said, owed, now)
            return float("inf")
        if owed.lacked is None or not _lacks_still(state.said[link.party], said, owed.lacked):
            owed.lacked, owed.tries = (said.inc, said.size), 0
            owed.due = now.steady + (_LACKS_SECONDS_NARROW if narrow else _LACKS_SECONDS_FAST)
        if is_apart and (not owed.tries or _is_news(owed, said, narrow=narrow)):
            owed.due = now.steady
        if now.steady < owed.due:
            return owed.due
        again = _AGAIN_SECONDS_NARROW if narrow else _AGAIN_SECONDS_FAST
        owed.due = now.steady + min(again * 2.0 ** min(owed.tries, 16), _AGAIN_SECONDS_MAX)
        owed.tries += 1
        return min(self._pass(link, said, owed, now), owed.due)

    def _pass(self, link: Link, said: Statement, owed: _Owed, now: Now) -> float:
        if len(link.given) >= GIVEN_ITEMS_MAX:
            return now.steady + _FULL_SECONDS
        rows = self._ledger.reader.statements(said.log, said.no, 1)
        note = note_of(self._ledger.keys, rows[0].signed) if rows else None
        owed.passed, owed.content = (said.inc, said.no), content(said)
        if note is not None:
            link.given.append(items.encode_item(note))
        return float("inf")


def has_thirds(state: ChannelState) -> bool:
    """Say whether a channel has members between whom this station may stand."""
    return state.opened and len(state.record.others) > 1


def content(said: Statement) -> _Content:
    """Return what a statement says beside its number and time."""
    holds = tuple((one.party, one.inc, one.size, one.missing) for one in said.holds)
    return said.inc, said.size, holds


def _is_news(owed: _Owed, said: Statement, *, narrow: bool) -> bool:
    """Say whether a statement was not passed on; on a slow line, whether it says more as well."""
    if owed.passed is not None and owed.passed[0] == said.inc and said.no <= owed.passed[1]:
        return False
    return not narrow or owed.content != content(said)


def _lacks(state: ChannelState, theirs: Statement, said: Statement) -> bool:
    """Say whether a member's newest statement shows that it lacks something that we hold."""
    held = theirs.holding(said.party)
    if held is None:
        return True
    if held.inc != said.inc:
        meant = LogId(said.channel, said.party, held.inc)
        return meant in state.ordinals and state.ordinal(meant) < state.ordinal(said.log)
    if held.size < said.size:
        return True
    replica = state.record.all[said.log]
    return any(replica.held(first) for first, _ in held.missing)


def _lacks_still(theirs: Statement, said: Statement, lacked: tuple[Incarnation, int]) -> bool:
    """Say whether a member still lacks what it was first seen to lack."""
    held = theirs.holding(said.party)
    if held is None or held.inc != lacked[0]:
        return lacked[0] == said.inc
    return held.size < lacked[1] or bool(held.missing)


__all__ = ["PassingOn", "content", "has_thirds"]
