"""Gives a member of a channel what it asks for of a log that is held here, its own above all.

Whoever lost its store finds out from its own signature, shown to it by a peer, and has its entries
back from there. Nothing is signed for it and nothing is believed by it: the leaves must lead to
roots that its own key signed.
"""

from __future__ import annotations

from parley.core import items
from parley.core.ids import LogId
from parley.core.items import Have, Held, Need, Nodes
from parley.core.replica import Replica
from parley.core.statement import SignedStatement
from parley.errors import ProofShapeError
from parley.station.channel_state import ChannelState
from parley.station.ledger import Ledger
from parley.station.link_state import Link
from parley.station.notes import note_of

_CONTROL_ITEMS_MAX = 64
"""A peer that asks faster than it takes gets no more until it has taken."""
_BYTES_AT_ONCE = 262_144
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
        if len(link.control) > _CONTROL_ITEMS_MAX:
            return
        replica = self._replica(state, item)
        if item.what == items.NEED_NOTE:
            self._note(link, state, replica)
        elif item.what == items.NEED_ENTRIES and replica is not None and item.ranges:
            self._entries(link, state, replica, item)

    @staticmethod
    def _replica(state: ChannelState, item: Need) -> Replica | None:
        party = state.record.charter.parties[item.party]
        if item.inc is None:
            return state.record.logs.get(party)
        return state.record.all.get(LogId(state.record.channel, party, item.inc))

    # --- notes ---

    def compare(self, link: Link, state: ChannelState, log: LogId) -> None:
        """Show a peer what a third party signed for us, and ask what it signed for the peer.

        The peer says that it holds another history of that log: one of the two is lied to.
        """
        replica = state.record.all.get(log)
        if replica is None or len(link.control) > _CONTROL_ITEMS_MAX:
            return
        self._note(link, state, replica)
        need = Need(
            channel=state.record.charter.number,
            party=state.record.charter.party_number(log.party),
            inc=log.inc,
            ranges=(),
            what=items.NEED_NOTE,
        )
        link.control.append(items.encode_item(need))

    def _note(self, link: Link, state: ChannelState, replica: Replica | None) -> None:
        """Show the newest durable statement held of a log; that nothing is held, otherwise."""
        row = None if replica is None else self._ledger.reader.last_statement(replica.log)
        note = None if row is None else note_of(self._ledger.cards, row.signed)
        if note is not None:
            link.control.append(items.encode_item(note))
            return
        held: list[Held | None] = []
        for party in state.record.charter.parties:
            known = state.record.logs.get(party)
            held.append(None if known is None else Held(known.signed, known.missing[:64]))
        have = Have(channel=state.record.charter.number, held=tuple(held))
        link.control.append(items.encode_item(have))

    # --- entries ---

    def _entries(self, link: Link, state: ChannelState, replica: Replica, item: Need) -> None:
        """Send the entries of the first ranges, and the statement that binds the last of them.

        Where entries are missing here, the hashes over their places come instead.
        """
        best = link.best_path()
        if best is None:
            return
        room = best.traits.room
        first, end = item.ranges[0][0], min(item.ranges[-1][1], replica.signed)
        binding = self._binding(replica, first, end)
        if binding is not None:
            end = min(end, binding.statement.size)
        at, left = first, _BYTES_AT_ONCE
        for a, b in item.ranges:
            index = max(a, at)
            while index < min(b, end) and left > 0:
                raws = self._raws(replica, index, min(b, end), room)
                if raws:
                    left -= sum(map(len, raws))
                    self._run(link, state, replica, (at, index), raws)
                    index += len(raws)
                    at = index
                    continue
                index += 1
        if at < end and left > 0:
            self._nodes(link, state, replica, at, end)
        note = None if binding is None else note_of(self._ledger.cards, binding)
        if note is not None:
            link.control.append(items.encode_item(note))

    def _raws(self, replica: Replica, first: int, end: int, room: int) -> list[bytes]:
        """Return consecutive entries from `first` on that one item carries."""
        room -= _RUN_HEAD_BYTES
        found: list[bytes] = []
        for row in self._ledger.reader.entries(replica.log, first, min(end - first, _RUN_ENTRIES)):
            fits = room >= len(row.raw) or not found
            if row.index != first + len(found) or row.index >= end or not fits:
                break
            found.append(row.raw)
            room -= len(row.raw)
        return found

    def _run(
        self,
        link: Link,
        state: ChannelState,
        replica: Replica,
        between: tuple[int, int],
        raws: list[bytes],
    ) -> None:
        known, index = between
        if index > known:
            self._nodes(link, state, replica, known, index)
        party = state.record.charter.party_number(replica.log.party)
        number = state.record.charter.number
        link.control.append(items.encode_run(number, party, index, raws, None))

    def _nodes(
        self, link: Link, state: ChannelState, replica: Replica, first: int, end: int
    ) -> None:
        """Say what stands where entries are missing here, where it is known."""
        try:
            hashes = tuple(replica.tree.nodes_covering(first, end))
        except ProofShapeError:
            return
        if not hashes or first == 0:
            return
        nodes = Nodes(
            channel=state.record.charter.number,
            party=state.record.charter.party_number(replica.log.party),
            first=first,
            hashes=hashes,
        )
        link.control.append(items.encode_item(nodes))

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
