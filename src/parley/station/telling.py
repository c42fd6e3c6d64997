"""Tells every member of a log that was frozen, its author too, who may be two machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from parley.core import items, limits
from parley.core.ids import PartyId
from parley.core.items import Refuse
from parley.station.channel_state import ChannelState
from parley.station.conflicts import FREEZING, STOLEN, Conflict
from parley.station.effects import Now
from parley.station.judge import Judge
from parley.station.ledger import Ledger
from parley.station.line_times import exchange_seconds
from parley.station.link_state import Link, PathRecord
from parley.station.newest import Newest

_FROZEN_SECONDS: Final = 60.0
_AGAIN_SECONDS_MAX: Final = 21_600.0


class Telling:
    """What goes to members once two statements were found that contradict each other."""

    def __init__(
        self,
        ledger: Ledger,
        links: dict[PartyId, Link],
        judge: Judge,
        newest: Newest,
        *,
        aside: Callable[[Link, PathRecord, bytes, Now], None],
    ) -> None:
        """Tell over `links`; `aside` sends an item on one path that is not the best of its link."""
        self._ledger = ledger
        self._links = links
        self._judge = judge
        self._newest = newest
        self._aside = aside
        self._again: dict[tuple[PartyId, str], tuple[float, int]] = {}

    def frozen(self, link: Link, path: PathRecord, state: ChannelState, now: Now) -> None:
        """Tell a peer that its log has two histories, and show it: the first word may be lost."""
        pause = max(_FROZEN_SECONDS, 4 * exchange_seconds(link))
        if now.steady < link.frozen_told_at + pause:
            return
        link.frozen_told_at = now.steady
        words = "your log has two histories; open a new one that names both notes"
        number = state.record.charter.number
        refusal = Refuse(code=items.REFUSE_FROZEN, about=number, words=words)
        link.control.append(items.encode_item(refusal))
        frozen = state.record.logs[link.party].log
        for conflict in self._ledger.conflicts.values():
            if conflict.log == frozen and conflict.kind in FREEZING:
                put_conflict(link, conflict)
                if path is not link.best_path():
                    self._aside(link, path, items.encode_item(conflict.item), now)

    def conflicts(self, now: Now) -> None:
        """Tell every member, its author too, of a log that has just been frozen."""
        for conflict in self._judge.take_new():
            state = self._ledger.channels[conflict.log.channel]
            for link in self._links.values():
                is_member = link.trusted and link.party in state.record.others
                if is_member and (conflict.kind != STOLEN or conflict.is_for(link.party)):
                    self._put(link, conflict, now)
            if conflict.log.party == self._ledger.me and conflict.kind in FREEZING:
                self._newest.forked(state, conflict.log)

    def look(self, now: Now) -> None:
        """Tell again, while a frozen log is still its author's newest: a first word may be lost.

        Its author is told, for one of two machines may not know and has nothing to say; and where
        that author is us, and stopped, every member.
        """
        for conflict in self._ledger.conflicts.values():
            state = self._ledger.channels.get(conflict.log.channel)
            if conflict.kind not in FREEZING or state is None:
                continue
            for link in self._links.values():
                if link.trusted and link.paths and self._should_know(state, link, conflict):
                    self._tell_again(link, conflict, now)

    def _should_know(self, state: ChannelState, link: Link, conflict: Conflict) -> bool:
        if conflict.log.party == self._ledger.me:
            own = state.record.own
            is_stopped = state.stopped is not None and own is not None and own.log == conflict.log
            return is_stopped and link.party in state.record.others
        replica = state.record.logs.get(link.party)
        return replica is not None and replica.log == conflict.log

    def _tell_again(self, link: Link, conflict: Conflict, now: Now) -> None:
        key, pause = (link.party, conflict.key), max(_FROZEN_SECONDS, 4 * exchange_seconds(link))
        due, tries = self._again.setdefault(key, (now.steady + pause, 0))
        if now.steady >= due:
            wait = min(pause * 2.0 ** min(tries, 16), _AGAIN_SECONDS_MAX)
            self._again[key] = (now.steady + wait, tries + 1)
            self._put(link, conflict, now)

    def _put(self, link: Link, conflict: Conflict, now: Now) -> None:
        put_conflict(link, conflict)
        if link.party == conflict.log.party:
            # Two machines may be at the other end, each on a path of its own.
            for path in link.paths.values():
                if path is not link.best_path():
                    self._aside(link, path, items.encode_item(conflict.item), now)


def put_conflict(link: Link, conflict: Conflict) -> None:
    """Tell a peer of both notes, where they fit a frame."""
    if max(len(note.text) for note in conflict.notes) <= limits.FORK_NOTE_BYTES_MAX:
        link.control.append(items.encode_item(conflict.item))
