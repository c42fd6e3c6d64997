"""What goes into the next frame for a peer, most urgent first (specification: `link.md`, send)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from parley.core import canon, items
from parley.core.entry import Precedence
from parley.core.ids import ChannelId
from parley.core.items import Nodes, Stmt, Tail
from parley.core.limits import FRAME_OVERHEAD_BYTES
from parley.core.outbox import SENT_LAST, Outbox
from parley.core.statement import SignedStatement
from parley.station.channel_state import ChannelState
from parley.station.ledger import Ledger
from parley.station.link_state import Link
from parley.station.parcels import Parcel
from parley.station.traits import Traits

RUN_ENTRIES_MAX = 512
IN_FLIGHT_MAX = 4_096
"""Entries of ours under way to one peer and not receipted: half of what a receiver must keep."""
_RUN_HEAD_BYTES = 24
_TAIL_BYTES = 110
_STATEMENT_RESERVE_BYTES = 512
_NARROW_RECEIPT_ENTRIES = 8
_ONE_WAY_SECONDS_MIN = 1.0
_DAMAGED_SECONDS = 5.0
_ROUND_TRIP_UNKNOWN = 2.0
"""Taken for a narrow path on which nothing was answered yet: sent again too soon, a frame costs
seconds there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A RUN item as it will go out: up to which place, and with which statement."""

    raw: bytes
    end: int
    signed: SignedStatement | None


_AGAIN_WAITS = 4
"""In one of so many frames a statement that is told again goes behind entries."""


class Packer:
    """Fills one frame for one peer."""

    def __init__(self, ledger: Ledger, link: Link, traits: Traits, steady: float) -> None:
        self._ledger = ledger
        self._link = link
        self._traits = traits
        self._steady = steady
        self._parcels = link.parcels
        self._parts: list[bytes] = []
        self._yielded: list[Precedence] = []
        self._room = traits.room
        self._reserve = min(_STATEMENT_RESERVE_BYTES, traits.room // 4)
        self._busy = self._outboxes()

    def pack(self) -> bytes:
        """Return the items of the next frame; empty when there is nothing to send."""
        self._put_control()
        if self._link.silent_until > self._steady:
            return b"".join(self._parts)
        self._link.turn += 1
        if not (self._busy or self._link.given or self._parcels.asked()):
            return b"".join(self._parts)
        narrow = self._traits.narrow
        if self._only_again(Precedence.FLASH):
            # Two that send again for want of receipts would never come to send these.
            self._put_statements(urgent=True)
        waits = self._put_class(Precedence.FLASH)
        self._put_statements(urgent=True)
        # What is less urgent does not fill the room that something more urgent did not fit.
        waits = waits or self._put_class(Precedence.IMMEDIATE)
        waits = waits or self._put_asked()
        waits = waits or self._put_given()
        if not narrow:
            # Receipts must not starve behind a long backlog: the room for them is kept free.
            self._room -= self._reserve
        else:
            self._put_statements(urgent=False, entries_behind=_NARROW_RECEIPT_ENTRIES)
        waits = waits or self._put_class(Precedence.PRIORITY)
        if not waits:
            self._put_entries(Precedence.ROUTINE)
        if not narrow:
            self._room += self._reserve
        for precedence in self._yielded:
            self._put_entries(precedence)
        if not narrow or not self._anything_waits():
            self._put_statements(urgent=False)
        return b"".join(self._parts)

    def _put_class(self, precedence: Precedence) -> bool:
        """Put entries of a class, or let others go first; True while one of them still waits.

        What was all sent before goes in every second frame only, while something else waits: its
        receipt may hang on that, and a slow line would be full of what is sent again.
        """
        if self._link.turn >> (Precedence.FLASH - precedence) & 1 and self._only_again(precedence):
            self._yielded.append(precedence)
            return False
        return self._put_entries(precedence)

    def _put_control(self) -> None:
        if self._traits.padded:
            # What is said must not delay the answers on which key exchanges hang.
            first = sorted(self._link.control, key=_is_no_question)
            self._link.control = deque(first, self._link.control.maxlen)
        control = self._link.control
        while control and (len(control[0]) <= self._room or not self._parts):
            raw = control.popleft()
            if len(raw) > self._traits.whole_max:
                self._parcels.ask(raw, self._traits)
                continue
            self._put(raw)

    def _put_given(self) -> bool:
        """Put what the peer has of others' logs through us; True while some waits."""
        given = self._link.given
        while given and (len(given[0]) <= self._room or not self._parts):
            raw = given.popleft()
            if len(raw) > self._traits.whole_max:
                self._parcels.ask(raw, self._traits)
                return True
            self._put(raw)
        return bool(given)

    def _put(self, raw: bytes) -> None:
        self._parts.append(raw)
        self._room -= len(raw)

    def _outboxes(self) -> list[tuple[ChannelState, Outbox]]:
        """Return the channels on which something may be sent; of most there is nothing."""
        found: list[tuple[ChannelState, Outbox]] = []
        for channel, outbox in self._link.outboxes.items():
            state = self._ledger.channels[channel]
            if outbox.told >= state.durable_no and not outbox.may_wait:
                continue
            if outbox.met and state.opened and state.durable_size and state.stopped is None:
                found.append((state, outbox))
        return found

    def _anything_waits(self) -> bool:
        return any(
            outbox.peek(precedence) is not None
            for _, outbox in self._busy
            for precedence in Precedence
        )

    def _only_again(self, precedence: Precedence) -> bool:
        """Say whether all that waits of a class was sent before."""
        return not any(outbox.has_new(precedence) for _, outbox in self._busy)

    def _has_room(self) -> bool:
        return not self._parts or self._room > _RUN_HEAD_BYTES

    # --- entries ---

    def _put_entries(self, precedence: Precedence) -> bool:
        """Put entries of a class; True while one of them still waits for the next frame."""
        waits = False
        for state, outbox in self._busy:
            urgent = precedence >= Precedence.IMMEDIATE
            while self._has_room() and (urgent or outbox.in_flight < IN_FLIGHT_MAX):
                index = outbox.peek(precedence)
                if index is None or not self._put_run(state, outbox, index, precedence):
                    break
            waits = waits or (
                (urgent or outbox.in_flight < IN_FLIGHT_MAX) and outbox.peek(precedence) is not None
            )
        return waits

    def _put_run(
        self, state: ChannelState, outbox: Outbox, index: int, precedence: Precedence
    ) -> bool:
        key = ("run", state.record.channel, index)
        parcel = self._parcels.get(key, self._traits)
        if parcel is not None:
            return self._put_parcel(parcel, state, outbox)
        nodes = self._nodes(state, outbox, index)
        room = self._room - _RUN_HEAD_BYTES - len(nodes) - _TAIL_BYTES
        raws = self._raws(state, outbox, index, room, precedence)
        if not raws:
            if self._parts:
                return False
            # A longer frame than usual rather than waiting behind what is less urgent.
            raws = self._own_raws(state, index, 1)
            if not raws:
                # The disk changed it: it is fetched again, and what follows goes on over its place.
                self._put(self._nodes(state, outbox, index, index + 1))
                outbox.sent(index, index + 1, self._steady, _DAMAGED_SECONDS, one_way=False)
                return True
            if _RUN_HEAD_BYTES + len(nodes) + sum(map(len, raws)) > self._traits.whole_max:
                parcel = self._parcel(state, outbox, index, precedence, nodes)
                return self._put_parcel(self._parcels.keep(key, parcel), state, outbox)
        run = self._run(state, outbox, index, raws)
        is_tight = bool(self._parts) and len(run.raw) > self._room
        if run.signed and (is_tight or len(nodes) + len(run.raw) > self._traits.whole_max):
            run = self._run(state, outbox, index, raws[: run.end - index], with_tail=False)
        if nodes:
            self._put(nodes)
        self._put(run.raw)
        wait = self._retry_after(len(run.raw) + len(nodes))
        outbox.sent(index, run.end, self._steady, wait, one_way=self._traits.one_way)
        if run.signed is not None:
            self._told(outbox, run.signed.statement.no, state)
        return True

    def _run(
        self,
        state: ChannelState,
        outbox: Outbox,
        index: int,
        raws: list[bytes],
        *,
        with_tail: bool = True,
    ) -> _Run:
        """Return the item that carries entries, with a statement of ours where one fits."""
        if not self._traits.narrow:
            # Cut where a statement of ours ends, so that it can ride along and bind the run.
            signed_end = state.statement_end(index + len(raws))
            if signed_end > index:
                raws = raws[: signed_end - index]
        end = index + len(raws)
        signed = self._tail_statement(state, outbox, end) if with_tail else None
        tail = None
        time = _entry_time(raws[-1])
        if signed is not None and signed.statement.time >= time:
            tail = Tail(
                key_number=signed.key_number,
                no=signed.statement.no,
                delay=signed.statement.time - time,
                held=state.record.holdings_on_wire(signed.statement),
                signature=signed.signature,
            )
        charter = state.record.charter
        raw = items.encode_run(charter.number, state.record.number, index, raws, tail)
        return _Run(raw=raw, end=end, signed=None if tail is None else signed)

    # --- what is longer than a frame ---

    def _parcel(
        self,
        state: ChannelState,
        outbox: Outbox,
        index: int,
        precedence: Precedence,
        nodes: bytes,
    ) -> Parcel:
        """Return entries as an object of symbols."""
        urgent = precedence >= Precedence.IMMEDIATE
        for key, one in self._parcels.of("run", state.record.channel):
            if all(outbox.has(place) for place in range(one.first, one.end)):
                self._parcels.drop(key, arrived=True)
        room = 0 if urgent else self._traits.parcel_room - _RUN_HEAD_BYTES - _TAIL_BYTES
        raws = self._raws(state, outbox, index, room, precedence)
        raws = raws or self._own_raws(state, index, 1)
        run = self._run(state, outbox, index, raws)
        return self._parcels.made(
            [nodes, run.raw] if nodes else [run.raw],
            self._traits,
            first=index,
            end=run.end,
            no=-1 if run.signed is None else run.signed.statement.no,
            urgent=urgent,
        )

    def _put_parcel(self, parcel: Parcel, state: ChannelState, outbox: Outbox) -> bool:
        """Put what fits of a round of a parcel; True where that ends the round."""
        if not self._put_symbols(parcel):
            return False
        # Its last frame is all that an answer has to wait for; one way, nothing waits.
        size = sum(map(len, parcel.carries)) if self._traits.one_way else parcel.frame_bytes
        wait = self._retry_after(size)
        if parcel.end > parcel.first:
            # All that waits for receipts and is sent again takes half of the line at most.
            many = self._parcels.count("run", urgent=parcel.urgent)
            again = self._traits.airtime(parcel.again_bytes) * many
            wait = max(wait, 2 * again)
            outbox.sent(parcel.first, parcel.end, self._steady, wait, one_way=self._traits.one_way)
        if parcel.no >= 0:
            self._told(outbox, parcel.no, state)
        return True

    def _put_symbols(self, parcel: Parcel) -> bool:
        if not parcel.goes_on:
            parcel.begin(self._parcels.loss)
        while parcel.goes_on:
            raw = parcel.peek()
            if self._parts and len(raw) > self._room:
                return False
            self._put(raw)
            parcel.take()
        return True

    def _put_asked(self) -> bool:
        """Put what answers a question and is longer than a frame; True while some waits."""
        return not all(map(self._put_symbols, self._parcels.asked()))

    def _nodes(
        self, state: ChannelState, outbox: Outbox, index: int, end: int | None = None
    ) -> bytes:
        """Return the item that lets an overtaking entry be verified; empty if none is needed.

        Args:
            state: the channel.
            outbox: what the peer lacks.
            index: place of the entry.
            end: for what follows an entry that cannot be sent: its own place is among them.
        """
        first = outbox.known_end
        own = state.record.own
        assert own is not None
        if index <= first and end is None:
            return b""
        first = min(first, index)
        hashes = tuple(own.tree.nodes_covering(first, end or index))
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
        end, is_part = first, own.flags[first] & SENT_LAST
        while outbox.is_waiting(end) and end < state.durable_size and end - first < RUN_ENTRIES_MAX:
            # On a narrow path nothing less urgent rides along in front of what waits elsewhere.
            if self._traits.narrow and end > first and own.flags[end] & 3 < precedence:
                break
            if own.flags[end] & SENT_LAST and not is_part:
                break  # nor does a file in front of words
            end += 1
        fitting: list[bytes] = []
        at = first
        while at < end:
            batch = self._own_raws(state, at, end - at)
            for raw in batch:
                if len(raw) > room:
                    return fitting
                fitting.append(raw)
                room -= len(raw)
            at += len(batch)
            if not batch:
                break
        return fitting

    def _own_raws(self, state: ChannelState, first: int, count: int) -> list[bytes]:
        return state.raws(self._ledger.reader, first, count, self._ledger.is_sound)

    def _tail_statement(
        self, state: ChannelState, outbox: Outbox, end: int
    ) -> SignedStatement | None:
        """Return our statement over exactly the first `end` entries, where one should ride."""
        signed = state.durable_statement(self._ledger.reader, end)
        if signed is not None and self._is_over(signed):
            return None
        if signed is None or not self._traits.narrow or end == state.durable_size:
            return signed
        return signed if signed.statement.no > outbox.told else None

    def _is_over(self, signed: SignedStatement) -> bool:
        """Say whether its key was revoked: it would be refused, and one under a later key comes."""
        return self._ledger.keys.is_revoked(self._ledger.me, signed.key_number)

    def _retry_after(self, size: int) -> float:
        """Return how long after a frame an answer to it may still be on its way."""
        link, traits = self._link, self._traits
        if traits.one_way:
            return max(traits.airtime(size), _ONE_WAY_SECONDS_MIN)
        both_ways = traits.airtime(size + FRAME_OVERHEAD_BYTES + traits.receipt_bytes)
        round_trip = link.round_trip
        if round_trip is None:
            round_trip = _ROUND_TRIP_UNKNOWN if traits.narrow else 0.0
        return max(2 * round_trip + both_ways, 3 * link.ack_seconds, 2.0)

    # --- statements ---

    def _put_statements(self, *, urgent: bool, entries_behind: int = 0) -> None:
        for state, outbox in self._busy:
            if outbox.told >= state.durable_no or (urgent and not self._is_urgent(outbox)):
                continue
            if entries_behind and outbox.owed < entries_behind:
                continue
            signed = state.durable_statement(self._ledger.reader)
            if signed is None or self._is_over(signed):
                continue
            said = signed.statement
            key = ("stmt", state.record.channel, 0)
            parcel = self._parcels.get(key, self._traits)
            if parcel is not None and (parcel.goes_on or parcel.no == said.no):
                # What was begun is ended: statements may follow faster than the line takes them.
                if not self._put_parcel(parcel, state, outbox):
                    return
                continue
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
            if len(raw) > self._traits.whole_max:
                made = self._parcels.made([raw], self._traits, no=said.no, urgent=urgent)
                if not self._put_parcel(self._parcels.keep(key, made), state, outbox):
                    return
                continue
            self._put(raw)
            self._told(outbox, said.no, state)

    def _is_urgent(self, outbox: Outbox) -> bool:
        """Say whether a statement goes before less urgent entries.

        One told again gives way at times: a peer that repeats for want of a receipt would else call
        for it in every frame. What it lacks to read the statement would never come, nor would an
        opening in pieces ever go out.
        """
        return outbox.urgent and not (outbox.again and self._link.turn % _AGAIN_WAITS == 0)

    def _told(self, outbox: Outbox, no: int, state: ChannelState) -> None:
        outbox.told = max(outbox.told, no)
        if outbox.told >= state.durable_no:
            outbox.urgent = outbox.again = False
            outbox.owed = 0


def _is_no_question(raw: bytes) -> bool:
    """Say whether an item is neither HELLO, PING nor PONG; its second byte is its type."""
    return raw[1] not in (items.HELLO, items.PING, items.PONG)


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
