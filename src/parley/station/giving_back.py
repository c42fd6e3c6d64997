"""Gives a member of a channel what it asks for of a log that is held here, its own above all.

Whoever lost its store finds out from its own signature, shown to it by a peer, and has its entries
back from there. Nothing is signed for it and nothing is believed by it: the leaves must lead to
roots that its own key signed.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.core import canon, items
from parley.core.entry import Precedence
from parley.core.ids import Hash, LogId, PartyId, Ranges
from parley.core.items import CardItem, Have, Held, Need, Nodes, Note
from parley.core.replica import Replica
from parley.core.statement import SignedStatement, parse_text
from parley.errors import ProofShapeError
from parley.station.channel_state import GO_FIRST, ChannelState
from parley.station.ledger import Ledger
from parley.station.link_state import GIVEN_ITEMS_MAX, Link
from parley.station.missed import is_able, said_between
from parley.station.notes import note_of
from parley.station.passing_on import has_thirds
from parley.station.questions import ask_about
from parley.station.traits import Traits

_BYTES_AT_ONCE, _BYTES_AT_ONCE_MIN = 262_144, 1_024
_SECONDS_AT_ONCE = 60
"""An answer takes a slow line for so long at most; one asks again from where it ended."""
_URGENT_ENTRIES_MAX = 4_096
_RUN_ENTRIES = 128
_RUN_HEAD_BYTES = 24


class GivingBack:
    """Answers NEED where it asks for a log that is not the asked station's own."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def answer(self, link: Link, state: ChannelState, item: Need) -> None:
        """Put what is held of the log into what goes to the peer next."""
        if item.party >= len(state.record.charter.parties):
            return
        if len(link.given) > GIVEN_ITEMS_MAX:
            return
        replica = self._replica(state, item)
        if item.what == items.NEED_NOTE:
            self._note(link, state, replica)
        elif item.what == items.NEED_LEAVES:
            self._hashes(link, state, item)
        elif item.what == items.NEED_CARD:
            self._card(link, state.record.charter.parties[item.party])
        elif item.what == items.NEED_ENTRIES and replica is not None and item.ranges:
            self._entries(link, state, replica, item)

    def _card(self, link: Link, party: PartyId) -> None:
        """Show the card held of a member, on paths that it holds up no more than our own would."""
        card, best = self._ledger.cards.get(party), link.best_path()
        if card is None or best is None:
            return
        raw = items.encode_item(CardItem(card.raw))
        if not best.traits.narrow or len(raw) <= best.traits.room_max:
            link.given.append(raw)

    @staticmethod
    def _replica(state: ChannelState, item: Need) -> Replica | None:
        party = state.record.charter.parties[item.party]
        if item.inc is None:
            # One that was only spoken of, and of which nothing came, is not what is held.
            known = [one for one in state.record.all.values() if one.log.party == party]
            return next((one for one in reversed(known) if one.last), state.record.logs.get(party))
        return state.record.all.get(LogId(state.record.channel, party, item.inc))

    # --- notes ---

    def compare(self, link: Link, state: ChannelState, log: LogId) -> None:
        """Show a peer what a third party signed for us, and ask what it signed for the peer.

        The peer says that it holds another history of that log: one of the two is lied to.
        """
        replica = state.record.all.get(log)
        if replica is None or len(link.given) > GIVEN_ITEMS_MAX:
            return
        self._note(link, state, replica)
        ask_about(link, state.record.charter, log.party, items.NEED_NOTE, inc=log.inc)

    def own_note(self, link: Link, state: ChannelState, item: Need) -> Note | None:
        """Return the newest statement held of the log of the peer itself, if it asks for that."""
        if item.party != state.record.charter.party_number(link.party):
            return None
        replica = self._replica(state, item)
        row = None if replica is None else self._ledger.reader.last_statement(replica.log)
        return None if row is None else note_of(self._ledger.keys, row.signed)

    def show(self, link: Link, state: ChannelState) -> None:
        """Show a peer the newest statement of its own that is held here."""
        self._note(link, state, state.record.logs.get(link.party))

    def said_between(self, link: Link, state: ChannelState, item: Need) -> bool:
        """Show statements in ranges of numbers; False where the newest one alone is to be shown."""
        if item.what != items.NEED_NOTE or not item.ranges or not has_thirds(state):
            return False
        if item.party >= len(state.record.charter.parties) or not is_able(link):
            return False
        replica, room = self._replica(state, item), GIVEN_ITEMS_MAX - len(link.given)
        if replica is None or replica.log.party == link.party:
            return False
        for signed in said_between(self._ledger.reader, replica.log, item.ranges, room):
            note = note_of(self._ledger.keys, signed)
            if note is not None:
                link.given.append(items.encode_item(note))
        return True

    def _note(self, link: Link, state: ChannelState, replica: Replica | None) -> None:
        """Show the newest durable statement held of a log; that nothing is held, otherwise."""
        row = None if replica is None else self._ledger.reader.last_statement(replica.log)
        note = None if row is None else note_of(self._ledger.keys, row.signed)
        if note is not None:
            lane = link.control if replica and replica.log.party == link.party else link.given
            lane.append(items.encode_item(note))
            return
        held: list[Held | None] = []
        for party in state.record.charter.parties:
            known = state.record.logs.get(party)
            is_held = known is not None and known.signed
            held.append(Held(known.signed, known.missing[:64]) if known and is_held else None)
        have = Have(channel=state.record.charter.number, held=tuple(held))
        link.control.append(items.encode_item(have))

    def ask_hashes(self, link: Link, questions: Sequence[tuple[LogId, tuple[int, int]]]) -> None:
        """Ask whoever said that two statements do not go together for what shows it."""
        for log, between in questions:
            charter = self._ledger.channels[log.channel].record.charter
            ask_about(link, charter, log.party, items.NEED_LEAVES, inc=log.inc, ranges=(between,))

    def _hashes(self, link: Link, state: ChannelState, item: Need) -> None:
        """Give the hashes over each range, from the record or from the evidence of a fork."""
        party = state.record.charter.parties[item.party]
        for first, end in item.ranges:
            hashes = self._known(state, party, item, first, end)
            if hashes:
                nodes = Nodes(
                    channel=item.channel, party=item.party, first=first, hashes=tuple(hashes)
                )
                link.given.append(items.encode_item(nodes))

    def _known(
        self, state: ChannelState, party: PartyId, item: Need, first: int, end: int
    ) -> Sequence[Hash]:
        for conflict in self._ledger.conflicts.values():
            is_meant = conflict.log.party == party and conflict.log.inc == item.inc
            if conflict.nodes and is_meant and conflict.log.channel == state.record.channel:
                low, high = conflict.nodes
                size = min(_size_of(note) for note in conflict.notes)
                return low if (first, end) == (0, size) else high if first == size else ()
        replica = self._replica(state, item)
        try:
            return () if replica is None else replica.tree.nodes_covering(first, end)
        except ProofShapeError:
            return ()

    # --- entries ---

    def _entries(self, link: Link, state: ChannelState, replica: Replica, item: Need) -> None:
        """Send the entries of the first ranges, and the statement that binds the last of them.

        Where entries are missing here, the hashes over their places come instead.
        """
        best = link.best_path()
        if best is None:
            return
        room, left = best.traits.room, _at_once(best.traits)
        ranges = item.ranges
        if replica.log.party != link.party:
            ranges = self._urgent_first(state, replica, ranges, left)
        first, end = item.ranges[0][0], min(ranges[-1][1], replica.signed)
        binding = self._binding(replica, first if ranges is item.ranges else end - 1, end)
        if binding is not None:
            end = min(ranges[-1][1], binding.statement.size)
        at = first
        for a, b in ranges:
            index = max(a, at)
            while index < min(b, end) and left > 0:
                raws = self._raws(state, replica, index, min(b, end), room)
                if raws:
                    left -= self._run(link, state, replica, (at, index), raws)
                    index += len(raws)
                    at = index
                    continue
                # Its author may have signed a place billions further on: what is held comes next.
                index = self._next_held(replica, index + 1, end)
        if binding is not None and ranges is not item.ranges:
            end = binding.statement.size
        if at < end and left > 0:
            self._nodes(link, state, replica, at, end)
        note = None if binding is None else note_of(self._ledger.keys, binding)
        if note is not None:
            link.given.append(items.encode_item(note))

    def _urgent_first(
        self, state: ChannelState, replica: Replica, ranges: Ranges, room: int
    ) -> Ranges:
        """Return the ranges of what is urgent where not all that is asked for fits one answer.

        An opening or a `turn` goes before all. Whoever asks, asks again for the rest.
        """
        urgent: list[tuple[int, int]] = []
        size, left = 0, _URGENT_ENTRIES_MAX
        for a, b in ranges:
            for row in self._ledger.reader.entries(replica.log, a, min(b - a, left)):
                if row.index >= b:
                    break
                if not self._ledger.is_sound(state, row):
                    continue
                size, left = size + len(row.raw), left - 1
                if _goes_first(row.raw):
                    urgent.append((row.index, row.index + 1))
        is_first = bool(urgent) and urgent[-1][1] - ranges[0][0] == len(urgent)
        if not urgent or size <= room or is_first:
            return ranges
        return tuple(urgent)

    def _raws(
        self, state: ChannelState, replica: Replica, first: int, end: int, room: int
    ) -> list[bytes]:
        """Return consecutive entries from `first` on that one item carries."""
        room -= _RUN_HEAD_BYTES
        found: list[bytes] = []
        for row in self._ledger.reader.entries(replica.log, first, min(end - first, _RUN_ENTRIES)):
            fits = room >= len(row.raw) or not found
            if row.index != first + len(found) or row.index >= end or not fits:
                break
            if not self._ledger.is_sound(state, row):
                break
            found.append(row.raw)
            room -= len(row.raw)
        return found

    def _next_held(self, replica: Replica, first: int, end: int) -> int:
        """Return the place of the next entry that is stored; `end` where there is none before."""
        rows = self._ledger.reader.entries(replica.log, first, 1) if first < end else ()
        return min(rows[0].index, end) if rows else end

    def _run(
        self,
        link: Link,
        state: ChannelState,
        replica: Replica,
        between: tuple[int, int],
        raws: list[bytes],
    ) -> int:
        """Put entries into the answer, behind hashes over what is not here; return their bytes."""
        known, index = between
        size = sum(map(len, raws))
        if index > known:
            size += self._nodes(link, state, replica, known, index)
        party = state.record.charter.party_number(replica.log.party)
        number = state.record.charter.number
        link.given.append(items.encode_run(number, party, index, raws, None))
        return size

    def _nodes(
        self, link: Link, state: ChannelState, replica: Replica, first: int, end: int
    ) -> int:
        """Say what stands where entries are missing here, where it is known; return its bytes.

        To the log's author a subtree may reach below `first`: nobody here knows its parts. Of a log
        that we ended none are sent: they would be taken for those of our newest.
        """
        if replica.log.party == self._ledger.me and replica is not state.record.own:
            return 0
        if replica.log.party == link.party:
            first = _from_whole_subtree(replica, first)
        try:
            hashes = tuple(replica.tree.nodes_covering(first, end))
        except ProofShapeError:
            return 0
        if not hashes or first == 0:
            return 0
        nodes = Nodes(
            channel=state.record.charter.number,
            party=state.record.charter.party_number(replica.log.party),
            first=first,
            hashes=hashes,
        )
        link.given.append(items.encode_item(nodes))
        return sum(map(len, hashes))

    def _binding(self, replica: Replica, first: int, end: int) -> SignedStatement | None:
        """Return the largest statement within reach that binds entries from `first` on."""
        last = self._ledger.reader.last_statement(replica.log)
        if last is None or last.signed.statement.size <= first:
            return None
        low, high = 0, last.signed.statement.no
        reach = min(end, first + 4 * _RUN_ENTRIES)
        best = last.signed
        while low <= high:
            middle = (low + high) // 2
            rows = self._ledger.reader.statements(replica.log, middle, 1)
            said = rows[0].signed if rows else None
            if said is None or said.statement.size > reach:
                if said is not None and said.statement.size > first:
                    best = said
                high = middle - 1
                continue
            if said.statement.size > first:
                best = said
            low = max(said.statement.no, middle) + 1
        return best


def _from_whole_subtree(replica: Replica, index: int) -> int:
    """Return where the subtree begins by whose hash alone a missing place is known here."""
    node = replica.tree.binding(index, replica.signed)
    return index if node is None else node[1] << node[0]


def _size_of(note: Note) -> int:
    """Return the size that a statement's text names."""
    return parse_text(note.text).size


def _at_once(traits: Traits) -> int:
    """Return about how many bytes of entries one answer carries."""
    if traits.rate_bps is None:
        return _BYTES_AT_ONCE
    return min(_BYTES_AT_ONCE, max(_BYTES_AT_ONCE_MIN, traits.rate_bps // 8 * _SECONDS_AT_ONCE))


def _goes_first(raw: bytes) -> bool:
    """Say whether an entry is urgent, or nothing behind it is read without it."""
    value = canon.decode(raw)
    assert isinstance(value, list)
    kind, flags = value[0], value[2]
    assert isinstance(flags, int)
    return kind in GO_FIRST or flags & 3 >= Precedence.IMMEDIATE
