"""Finds entries that the disk changed, and puts them back from whoever holds them.

Every entry is computed anew after a start and once a day, a few at a time, and before it is sent.
What does not lead to the root that its author signed is asked for again: from the author, and
from every other member in turn. It is put back byte for byte, or stays as it is and is told of.
Nothing of it leaves meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from parley.core import items
from parley.core.entry import Entry, Kind, entry_from_value, leaf_hash
from parley.core.ids import ChannelId, Hash, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.items import Run
from parley.core.replica import Replica
from parley.station.channel_state import ChannelState, flags_byte
from parley.station.effects import Now
from parley.station.facts import Alarm, EntryMended
from parley.station.ledger import Ledger
from parley.station.line_times import exchange_seconds
from parley.station.link_state import Link
from parley.station.questions import ask_about
from parley.station.soundness import (
    Doubt,
    doubt_of,
    entry_of,
    fitting,
    hide_of,
    is_sound,
    leads_to_its_root,
    leaf_of,
)
from parley.station.staging import index_row
from parley.store.interface import EntryRow, Reader

DAMAGED = "damaged"
"""Papers of what was found and put back, by log and index."""

_PAGE, _PAGE_SECONDS, _AGAIN_SECONDS = 64, 0.1, 86_400.0
_NAMED_MAX = 4
_ASK_SECONDS, _ASK_SECONDS_MAX = 3.0, 600.0


@dataclass(slots=True)
class _Place:
    """One damaged entry.

    Attributes:
        leaf: what its bytes must give; None where the stored leaf is in doubt as well.
        found: when, by our clock.
        tries: how often somebody was asked.
        asked: whom, last.
        due: when to ask again, in steady seconds.
        came: leaf, bytes and giver of what came where the leaf is in doubt.
    """

    leaf: Hash | None
    found: int
    tries: int = 0
    asked: PartyId | None = None
    due: float = float("-inf")
    came: tuple[Hash, bytes, Entry, PartyId] | None = None


@dataclass(slots=True)
class _Scan:
    """How far the logs were computed anew."""

    logs: list[LogId] = field(default_factory=list)
    index: int = 0
    due: float = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDamage:
    """What is kept of one damaged entry.

    Attributes:
        at: when it was found, or put back, by our clock.
        giver: code of whoever gave it again; empty while it is awaited.
    """

    log: LogId
    index: int
    at: Instant
    giver: str


def stored_damage(reader: Reader) -> list[StoredDamage]:
    """Return every entry that was ever found damaged."""
    found: list[StoredDamage] = []
    for place, raw in reader.papers(DAMAGED):
        since, *mended = raw.decode("ascii").split(" ", 2)
        channel, party, inc, index = place.split("/")
        log = LogId(
            ChannelId(bytes.fromhex(channel)),
            PartyId(bytes.fromhex(party)),
            Incarnation(bytes.fromhex(inc)),
        )
        at, giver = mended or (since, "")
        found.append(StoredDamage(log=log, index=int(index), at=Instant(int(at)), giver=giver))
    return found


class Damage:
    """What of the record the disk no longer holds as it was stored.

    Attributes:
        places: the damaged entries, by log and index.
    """

    def __init__(
        self, ledger: Ledger, links: dict[PartyId, Link], *, alarm: Callable[[Alarm], None]
    ) -> None:
        """Look after what `ledger` holds; ask over `links`."""
        self.places: dict[tuple[LogId, int], _Place] = {}
        self._ledger = ledger
        self._links = links
        self._alarm = alarm
        self._scan = _Scan()
        self._untold: list[tuple[LogId, int | None]] = []
        self._staged: set[tuple[LogId, int]] = set()
        self._now = Now(Instant(0), 0.0)
        ledger.is_sound = self.is_sound

    # --- finding ---

    def start(self, now: Now) -> None:
        """Check what everything else rests on: roots, openings and turns."""
        self._now = now
        for state in self._ledger.channels.values():
            for replica in list(state.record.all.values()):
                self._begin(state, replica, now)

    def _begin(self, state: ChannelState, replica: Replica, now: Now) -> None:
        """Look whether a log can be gone on with; without its opening nothing of it is read."""
        others = len(state.record.others)
        opening = self._ledger.reader.entry(replica.log, 0)
        computed = None if opening is None else leaf_of(opening, hide=None, others=others)
        is_whole = opening is None or computed == opening.leaf
        if not leads_to_its_root(replica):
            doubt = doubt_of(self._ledger.reader, replica, others=others)
            if doubt.tree is None and not is_whole:
                # Nothing can be computed before the opening is back.
                replica.hide = None
                self._found(state, replica, 0, None, now)
                return
            self._doubt(state, replica, doubt, now)
        elif opening is not None and not is_whole:
            replica.hide = None
            self._found(state, replica, 0, opening.leaf, now)
            return
        for key in [one for one in self._ledger.unread if one[0] == replica.log]:
            row = self._ledger.reader.entry(*key)
            entry = None if row is None else entry_of(row, others=others)
            if row is not None and entry is not None and self.is_sound(state, row):
                self._ledger.unread.discard(key)
                state.record.note_turn(replica, key[1], entry)
        self._settle(state)

    def _doubt(self, state: ChannelState, replica: Replica, doubt: Doubt, now: Now) -> None:
        if doubt.tree is not None:
            replica.tree = doubt.tree
        elif not doubt.leaves:
            # No entry changed: rows are gone, or the statement itself changed.
            self._untold.append((replica.log, None))
        for index in doubt.leaves:
            leaf = None if doubt.tree is None else doubt.leaves[index]
            self._found(state, replica, index, leaf, now)
        self._settle(state)

    def _found(
        self, state: ChannelState, replica: Replica, index: int, leaf: Hash | None, now: Now
    ) -> None:
        key = (replica.log, index)
        if key in self.places:
            return
        place = self.places[key] = _Place(leaf, now.wall)
        row = self._ledger.reader.entry(replica.log, index)
        others = len(state.record.others)
        entry = None if row is None else entry_of(row, others=others)
        if row is not None and leaf is not None and entry is not None:
            hide = hide_of(entry) if index == 0 else replica.hide
            if leaf_of(row, hide=hide, others=others) == leaf:
                # The leaf alone changed: its entry gives it.
                self._put_back(state, replica, index, (leaf, row.raw, entry, self._ledger.me), now)
                return
        self._note(key, str(place.found))
        self._untold.append(key)
        self._settle(state)

    def _tell(self) -> None:
        """Raise one alarm for each channel of which something was found."""
        by_channel: dict[ChannelId, list[str]] = {}
        for log, index in self._untold:
            if index is None or (log, index) in self.places:
                named = "no entry" if index is None else f"entry {index}"
                words = by_channel.setdefault(log.channel, [])
                words.append(f"{named} of {self._code(log.party)}")
        self._untold.clear()
        for channel, words in by_channel.items():
            state = self._ledger.channels[channel]
            more = f" and {len(words) - _NAMED_MAX} more" if len(words) > _NAMED_MAX else ""
            waits = "the channel waits for it" if state.unfit else "nothing of it leaves meanwhile"
            text = (
                f"damaged on our disk, on {state.record.charter.code}: "
                f"{', '.join(words[:_NAMED_MAX])}{more}; asked for again from every member who "
                f"holds it; {waits}. parley doctor shows how it stands"
            )
            self._alarm(Alarm(kind=DAMAGED, peer=None, channel=channel, text=text))

    def _settle(self, state: ChannelState) -> None:
        """Let a channel wait for as long as what it cannot be read without is damaged."""
        for log, replica in state.record.all.items():
            is_unread = any(of == log for of, _ in self._ledger.unread)
            if is_unread or (log, 0) in self.places or not leads_to_its_root(replica):
                state.unfit.add(log)
            else:
                state.unfit.discard(log)

    def is_sound(self, state: ChannelState, row: EntryRow) -> bool:
        """Say whether a stored entry may be read and sent; take note where it may not."""
        replica, key = state.record.all.get(row.log), (row.log, row.index)
        if replica is None or not replica.held(row.index):
            return True
        if key in self.places or key in self._staged or replica.hide is None:
            return False
        if is_sound(replica, row, others=len(state.record.others)):
            return True
        self._found(state, replica, row.index, replica.tree.leaf(row.index), self._now)
        return False

    def look(self, now: Now) -> None:
        """Compute the next entries anew, and ask for what is damaged."""
        self._now = now
        if now.steady >= self._scan.due:
            self._scan_on(now)
        if self._untold:
            self._tell()
        for (log, index), place in list(self.places.items()):
            if now.steady >= place.due:
                self._ask(log, index, place, now)

    def wake_at(self, now: Now) -> float:
        """Return when `look` is wanted next."""
        due = min([self._scan.due, *(place.due for place in self.places.values())])
        return max(due, now.steady)

    def _scan_on(self, now: Now) -> None:
        scan, left = self._scan, _PAGE
        if not scan.logs:
            scan.logs = [
                log for state in self._ledger.channels.values() for log in state.record.all
            ]
            scan.index = 0
        while scan.logs and left > 0:
            log = scan.logs[-1]
            state = self._ledger.channels[log.channel]
            rows = self._ledger.reader.entries(log, scan.index, left)
            for row in rows:
                self.is_sound(state, row)
            left -= max(len(rows), 1)
            if rows:
                scan.index = rows[-1].index + 1
            else:
                scan.logs.pop()
                scan.index = 0
        scan.due = now.steady + (_PAGE_SECONDS if scan.logs else _AGAIN_SECONDS)

    # --- asking ---

    def stir(self) -> None:
        """Ask at the next occasion: paths have come or gone."""
        for place in self.places.values():
            place.due = float("-inf")

    def _ask(self, log: LogId, index: int, place: _Place, now: Now) -> None:
        state = self._ledger.channels[log.channel]
        able = list(self._able(state, log))
        wait = min(_ASK_SECONDS * 2.0 ** min(place.tries, 16), _ASK_SECONDS_MAX)
        if not able:
            place.due = now.steady + wait
            return
        link = able[place.tries % len(able)]
        place.due = now.steady + max(wait, 2 * exchange_seconds(link))
        place.tries, place.asked = place.tries + 1, link.party
        ranges = ((index, index + 1),)
        ask_about(
            link, state.record.charter, log.party, items.NEED_ENTRIES, inc=log.inc, ranges=ranges
        )

    def _able(self, state: ChannelState, log: LogId) -> Iterator[Link]:
        """Yield the links over which the log can be asked for, its author's first."""
        for party in sorted(state.record.others, key=lambda one: one != log.party):
            link = self._links.get(party)
            best = None if link is None else link.best_path()
            if link is not None and link.trusted and best and not best.traits.one_way:
                yield link

    # --- putting back ---

    def take(self, link: Link, state: ChannelState, item: Run, now: Now) -> bool:
        """Take entries that came again; True where there was nothing else in the run.

        Raises:
            MalformedError: an entry breaks its form.
        """
        if not self.places or item.party >= len(state.record.charter.parties):
            return False
        party, others = state.record.charter.parties[item.party], len(state.record.others)
        taken = 0
        for index, (value, raw) in enumerate(zip(item.entries, item.raws, strict=True), item.first):
            for (log, at), place in list(self.places.items()):
                if at != index or (log.channel, log.party) != (state.record.channel, party):
                    continue
                entry = entry_from_value(value, others=others)
                replica = state.record.all[log]
                if index and replica.hide is None:
                    continue
                leaf = leaf_hash(entry, hide=replica.hide or b"", index=index, inc=log.inc, raw=raw)
                # What only its header binds to its place is taken from whom it was asked alone.
                if entry.is_attributable or place.asked == link.party:
                    taken += self._came(state, replica, index, (leaf, raw, entry, link.party), now)
        return taken > 0 and taken == len(item.raws)

    def _came(
        self,
        state: ChannelState,
        replica: Replica,
        index: int,
        came: tuple[Hash, bytes, Entry, PartyId],
        now: Now,
    ) -> bool:
        place = self.places[replica.log, index]
        if place.leaf is not None:
            if came[0] == place.leaf:
                self._put_back(state, replica, index, came, now)
            return came[0] == place.leaf
        place.came = came
        if index == 0:
            return self._opening_came(state, replica, came, now)
        doubted = {at: one for (log, at), one in self.places.items() if log == replica.log}
        leaves = {at: one.came[0] for at, one in doubted.items() if one.came and not one.leaf}
        tree = fitting(self._ledger.reader, replica, leaves)
        if tree is not None:
            replica.tree = tree
            for at, one in doubted.items():
                if one.came is not None and one.leaf is None:
                    self._put_back(state, replica, at, one.came, now)
        return True

    def _opening_came(
        self,
        state: ChannelState,
        replica: Replica,
        came: tuple[Hash, bytes, Entry, PartyId],
        now: Now,
    ) -> bool:
        """Take an opening whose stored leaf is in doubt, if with it the log leads to its root."""
        replica.hide, others = hide_of(came[2]), len(state.record.others)
        given = {0: came[0]}
        doubt = doubt_of(self._ledger.reader, replica, others=others, given=given)
        if doubt.tree is None:
            replica.hide = None
            return False
        self._put_back(state, replica, 0, came, now)
        self._doubt(state, replica, doubt, now)
        return True

    def _put_back(
        self,
        state: ChannelState,
        replica: Replica,
        index: int,
        came: tuple[Hash, bytes, Entry, PartyId],
        now: Now,
    ) -> None:
        """Stage an entry in its place, and read what everything else rests on."""
        leaf, raw, entry, giver = came
        key = (replica.log, index)
        place = self.places.pop(key)
        row = self._ledger.reader.entry(replica.log, index)
        if row is None:
            return
        self._ledger.unread.discard(key)
        self._note(key, f"{place.found} {now.wall} {self._code(giver)}")
        batch = self._ledger.batch
        batch.repaired.append(
            EntryRow(log=replica.log, index=index, raw=raw, leaf=leaf, received=row.received)
        )
        if index == 0:
            replica.hide = hide_of(entry)
        if entry.kind == Kind.TURN:
            replica.turns = [turn for turn in replica.turns if turn.index != index]
            state.record.note_turn(replica, index, entry)
        if replica is state.record.own and index < len(replica.flags):
            replica.flags[index] = flags_byte(entry.kind, entry.flags)
        batch.index.append(index_row(state, replica, index, entry))
        self._staged.add(key)
        self._ledger.tell(EntryMended(replica.log, index))
        self._settle(state)

    def mended(self, fact: EntryMended, now: Now) -> None:
        """Go on with a log whose entry stands durably in its place again."""
        self._staged.discard((fact.log, fact.index))
        state = self._ledger.channels[fact.log.channel]
        if fact.index == 0:
            self._begin(state, state.record.all[fact.log], now)

    def _note(self, key: tuple[LogId, int], words: str) -> None:
        log, index = key
        place = f"{log.channel.hex()}/{log.party.hex()}/{log.inc.hex()}/{index}"
        self._ledger.batch.papers.append((DAMAGED, place, words.encode("ascii")))

    def _code(self, party: PartyId) -> str:
        card = self._ledger.cards.get(party)
        return party.hex()[:8] if card is None else card.code


__all__ = ["Damage", "StoredDamage", "stored_damage"]
