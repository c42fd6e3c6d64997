"""What goes into the next frame for a peer, most urgent first (specification: `link.md`, send)."""

from __future__ import annotations

from parley.core import canon, items
from parley.core.entry import Precedence
from parley.core.ids import ChannelId
from parley.core.items import Nodes, Stmt, Tail
from parley.core.outbox import Outbox
from parley.core.statement import SignedStatement
from parley.station.channel_state import ChannelState
from parley.station.ledger import Ledger
from parley.station.link_state import Link, Traits

RUN_ENTRIES_MAX = 512
IN_FLIGHT_MAX = 4_096
"""Entries of ours under way to one peer and not receipted: half of what a receiver must keep."""
_RUN_HEAD_BYTES = 24
_TAIL_BYTES = 110
_STATEMENT_RESERVE_BYTES = 512
_NARROW_RECEIPT_ENTRIES = 8


class Packer:
    """Fills one frame for one peer."""

    def __init__(self, ledger: Ledger, link: Link, traits: Traits, steady: float) -> None:
        self._ledger = ledger
        self._link = link
        self._traits = traits
        self._steady = steady
        self._parts: list[bytes] = []
        self._room = traits.room

    def pack(self) -> bytes:
        """Return the items of the next frame; empty when there is nothing to send."""
        self._put_control()
        if self._link.silent_until > self._steady:
            return b"".join(self._parts)
        narrow = self._traits.narrow
        waits = self._put_entries(Precedence.FLASH)
        self._put_statements(urgent=True)
        # What is less urgent does not fill the room that something more urgent did not fit.
        waits = waits or self._put_entries(Precedence.IMMEDIATE)
        if not narrow:
            # Receipts must not starve behind a long backlog: the room for them is kept free.
            self._room -= _STATEMENT_RESERVE_BYTES
        else:
            self._put_statements(urgent=False, entries_behind=_NARROW_RECEIPT_ENTRIES)
        waits = waits or self._put_entries(Precedence.PRIORITY)
        if not waits:
            self._put_entries(Precedence.ROUTINE)
        if not narrow:
            self._room += _STATEMENT_RESERVE_BYTES
        if not narrow or not self._anything_waits():
            self._put_statements(urgent=False)
        return b"".join(self._parts)

    def _put_control(self) -> None:
        control = self._link.control
        while control and (len(control[0]) <= self._room or not self._parts):
            raw = control.popleft()
            if len(raw) > self._traits.room_max:
                continue
            self._put(raw)

    def _put(self, raw: bytes) -> None:
        self._parts.append(raw)
        self._room -= len(raw)

    def _outboxes(self) -> list[tuple[ChannelState, Outbox]]:
        found: list[tuple[ChannelState, Outbox]] = []
        for channel, outbox in self._link.outboxes.items():
            state = self._ledger.channels[channel]
            if outbox.met and state.opened and state.durable_size:
                found.append((state, outbox))
        return found

    def _anything_waits(self) -> bool:
        return any(
            outbox.peek(precedence) is not None
            for _, outbox in self._outboxes()
            for precedence in Precedence
        )

    # --- entries ---

    def _put_entries(self, precedence: Precedence) -> bool:
        """Put entries of a class; True while one of them still waits for the next frame."""
        waits = False
        for state, outbox in self._outboxes():
            urgent = precedence >= Precedence.IMMEDIATE
            while self._room > _RUN_HEAD_BYTES and (urgent or outbox.in_flight < IN_FLIGHT_MAX):
                index = outbox.peek(precedence)
                if index is None or not self._put_run(state, outbox, index, precedence):
                    break
            waits = waits or (
                (urgent or outbox.in_flight < IN_FLIGHT_MAX)
                and self._can_go(state, outbox.peek(precedence))
            )
        return waits

    def _can_go(self, state: ChannelState, index: int | None) -> bool:
        """Say whether an entry waits that some frame of this path can carry."""
        if index is None:
            return False
        raws = state.raws(self._ledger.reader, index, 1)
        return _RUN_HEAD_BYTES + sum(map(len, raws)) <= self._traits.room_max

    def _put_run(
        self, state: ChannelState, outbox: Outbox, index: int, precedence: Precedence
    ) -> bool:
        nodes = self._nodes(state, outbox, index)
        room = self._room - _RUN_HEAD_BYTES - len(nodes) - _TAIL_BYTES
        raws = self._raws(state, outbox, index, room, precedence)
        if not raws and nodes and not self._parts:
            # A longer frame than usual rather than waiting behind what is less urgent.
            raws = state.raws(self._ledger.reader, index, 1)
            if _RUN_HEAD_BYTES + len(nodes) + sum(map(len, raws)) > self._traits.room_max:
                raws = []
        if not raws and nodes and not self._parts:
            # No room for a proof of the overtaking: the first one that waits goes instead.
            first = min(
                (at for at in map(outbox.peek, Precedence) if at is not None), default=index
            )
            nodes = self._nodes(state, outbox, first)
            if not nodes:
                index = first
                raws = self._raws(state, outbox, index, room, precedence)
        if not raws:
            if self._parts:
                return False
            nodes = b""
            raws = state.raws(self._ledger.reader, index, 1)
            if _RUN_HEAD_BYTES + sum(map(len, raws)) > self._traits.room_max:
                return False
        if not self._traits.narrow:
            # Cut where a statement of ours ends, so that it can ride along and bind the run.
            signed_end = state.statement_end(index + len(raws))
            if signed_end > index:
                raws = raws[: signed_end - index]
        end = index + len(raws)
        signed = self._tail_statement(state, outbox, end)
        tail = None
        if signed is not None:
            time = _entry_time(raws[-1])
            if signed.statement.time >= time:
                tail = Tail(
                    key_number=signed.key_number,
                    no=signed.statement.no,
                    delay=signed.statement.time - time,
                    held=state.record.holdings_on_wire(signed.statement),
                    signature=signed.signature,
                )
        charter = state.record.charter
        run = items.encode_run(charter.number, state.record.number, index, raws, tail)
        is_tight = bool(self._parts) and len(run) > self._room
        if tail is not None and (is_tight or len(nodes) + len(run) > self._traits.room_max):
            run = items.encode_run(charter.number, state.record.number, index, raws, None)
            tail = None
        if nodes:
            self._put(nodes)
        self._put(run)
        size = len(run) + len(nodes)
        outbox.sent(index, end, self._steady, self._retry_after(size))
        if tail is not None and signed is not None:
            self._told(outbox, signed.statement.no, state)
        return True

    def _nodes(self, state: ChannelState, outbox: Outbox, index: int) -> bytes:
        """Return the item that lets an overtaking entry be verified; empty if none is needed."""
        first = outbox.known_end
        own = state.record.own
        assert own is not None
        if index <= first:
            return b""
        hashes = tuple(own.tree.nodes_covering(first, index))
        return items.encode_item(
            Nodes(
                channel=state.record.charter.number,
                party=state.record.number,
                first=first,
                hashes=hashes,
            )
        )

    def _raws(
        self, state: ChannelState, outbox: Outbox, first: int, room: int, precedence: Precedence
    ) -> list[bytes]:
        """Return the entries from `first` on that fit, as far as they follow each other."""
        own = state.record.own
        assert own is not None
        end = first
        while outbox.is_waiting(end) and end < state.durable_size and end - first < RUN_ENTRIES_MAX:
            # On a narrow path nothing less urgent rides along in front of what waits elsewhere.
            if self._traits.narrow and end > first and own.flags[end] & 3 < precedence:
                break
            end += 1
        fitting: list[bytes] = []
        at = first
        while at < end:
            batch = state.raws(self._ledger.reader, at, end - at)
            for raw in batch:
                if len(raw) > room:
                    return fitting
                fitting.append(raw)
                room -= len(raw)
            at += len(batch)
            if not batch:
                break
        return fitting

    def _tail_statement(
        self, state: ChannelState, outbox: Outbox, end: int
    ) -> SignedStatement | None:
        """Return our statement over exactly the first `end` entries, where one should ride."""
        signed = state.durable_statement(self._ledger.reader, end)
        if signed is None or not self._traits.narrow or end == state.durable_size:
            return signed
        return signed if signed.statement.no > outbox.told else None

    def _retry_after(self, size: int) -> float:
        link = self._link
        both_ways = self._traits.airtime(size) + self._traits.airtime(128)
        return max(2 * (link.round_trip or 0) + both_ways, 3 * link.ack_seconds, 2.0)

    # --- statements ---

    def _put_statements(self, *, urgent: bool, entries_behind: int = 0) -> None:
        for state, outbox in self._outboxes():
            if outbox.told >= state.durable_no or (urgent and not outbox.urgent):
                continue
            if entries_behind and outbox.owed < entries_behind:
                continue
            signed = state.durable_statement(self._ledger.reader)
            if signed is None:
                continue
            said = signed.statement
            raw = items.encode_item(
                Stmt(
                    channel=state.record.charter.number,
                    party=state.record.number,
                    key_number=signed.key_number,
                    no=said.no,
                    time=said.time,
                    size=said.size,
                    held=state.record.holdings_on_wire(said),
                    signature=signed.signature,
                )
            )
            if len(raw) > self._room and self._parts:
                return
            self._put(raw)
            self._told(outbox, said.no, state)

    def _told(self, outbox: Outbox, no: int, state: ChannelState) -> None:
        outbox.told = max(outbox.told, no)
        if outbox.told >= state.durable_no:
            outbox.urgent = False
            outbox.owed = 0


def _entry_time(raw: bytes) -> int:
    """Return the time in an encoded entry of ours."""
    value = canon.decode(raw)
    assert isinstance(value, list)
    assert isinstance(value[1], int)
    return value[1]


def outboxes_by_number(ledger: Ledger, link: Link) -> dict[int, tuple[ChannelId, ChannelState]]:
    """Return the channels shared with a peer by their number on the link."""
    return {
        state.record.charter.number: (channel, state)
        for channel, state in ledger.channels.items()
        if link.party in state.record.others
    }
