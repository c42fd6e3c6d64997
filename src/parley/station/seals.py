"""Seals of our own statements: once a day while something grew, and when we close a channel.

A seal covers our log and all that we held at its moment. It goes out on fast paths alone: it is
4,500 bytes long, and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parley.core import items
from parley.core.ids import ChannelId, Incarnation, PartyId
from parley.core.items import Note
from parley.core.link_secrets import Identity
from parley.core.seal import make_seal
from parley.core.statement import SignedStatement
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.ledger import Ledger
from parley.station.link_state import Link
from parley.station.notes import note_of
from parley.station.witnessing import can_take, holds_it
from parley.store.interface import StatementRow

SEAL_SECONDS: Final = 86_400
FIRST_SECONDS: Final = 600
"""After a start a channel that was never sealed is sealed so soon: first there is something."""
SEALS: Final = "seals"
"""Papers: incarnation, number and time of the newest seal, by channel."""


@dataclass(slots=True)
class _Sealed:
    """The newest seal of our log on one channel.

    Attributes:
        inc, no: of the statement; None and -1 for none.
        at: when, by our clock.
        holds: what that statement said of all logs.
    """

    inc: Incarnation | None = None
    no: int = -1
    at: int = 0
    holds: object = None


class Sealing:
    """Makes seals, keeps them beside their statements, and hands them to the other members."""

    def __init__(self, identity: Identity, ledger: Ledger, links: Mapping[PartyId, Link]) -> None:
        """Seal with the twin of the station key in use, if there is one."""
        self._twin, self._number = identity.twin, identity.key_number
        self._ledger = ledger
        self._links = links
        self._sealed: dict[ChannelId, _Sealed] = {}
        self._notes: dict[ChannelId, tuple[int, Note]] = {}
        self._passed: dict[tuple[PartyId, ChannelId], int] = {}
        self._asked: set[ChannelId] = set()
        self._began: float | None = None

    def request(self, channel: ChannelId) -> None:
        """Seal the newest durable statement of a channel at the next occasion."""
        self._asked.add(channel)

    def tick(self, now: Now) -> None:
        """Seal what is due, and hand on what was sealed."""
        if self._began is None:
            self._began = now.steady
        for state in self._ledger.channels.values():
            if now.steady >= self._due(state, now):
                self._seal(state, now)
        self._pass_on()

    def wake_at(self, now: Now) -> float:
        """Return when `tick` is wanted next."""
        dues = (self._due(state, now) for state in self._ledger.channels.values())
        return max(min(dues, default=float("inf")), now.steady)

    def _due(self, state: ChannelState, now: Now) -> float:
        channel = state.record.channel
        if self._twin is None or state.durable_no < 0 or not state.may_sign:
            return float("inf")
        last = self._last(state)
        newest = state.newest
        if newest is None or _content(newest) == last.holds:
            self._asked.discard(channel)
            return float("inf")
        if channel in self._asked:
            return now.steady
        if last.no < 0:
            return (now.steady if self._began is None else self._began) + FIRST_SECONDS
        return now.steady + max(last.at + SEAL_SECONDS - now.wall, 0)

    def _last(self, state: ChannelState) -> _Sealed:
        """Return the newest seal of our present log, from the store after a start."""
        own, channel = state.record.own, state.record.channel
        found = self._sealed.get(channel)
        if found is None:
            found = self._sealed[channel] = _Sealed()
            raw = self._ledger.reader.paper(SEALS, channel.hex())
            inc, no, at = ("", "-1", "0") if raw is None else raw.decode("ascii").split(" ")
            if own is not None and inc == own.log.inc.hex():
                found.inc, found.no, found.at = own.log.inc, int(no), int(at)
                for row in self._ledger.reader.statements(own.log, found.no, 1):
                    found.holds = _content(row.signed)
                    self._remember(channel, row)
        if own is not None and found.inc not in (None, own.log.inc):
            found = self._sealed[channel] = _Sealed()
        return found

    def _seal(self, state: ChannelState, now: Now) -> None:
        signed = state.durable_statement(self._ledger.reader)
        channel = state.record.channel
        if signed is None or self._twin is None:
            return
        said = signed.statement
        line = make_seal(said, self._number, self._twin)
        row = StatementRow(signed=signed, received=now.wall, lines=(line,))
        self._ledger.batch.statements.append(row)
        words = f"{said.inc.hex()} {said.no} {now.wall}"
        self._ledger.batch.papers.append((SEALS, channel.hex(), words.encode("ascii")))
        self._sealed[channel] = _Sealed(said.inc, said.no, now.wall, _content(signed))
        self._remember(channel, row)
        self._asked.discard(channel)

    def _remember(self, channel: ChannelId, row: StatementRow) -> None:
        note = note_of(self._ledger.keys, row.signed)
        if note is not None:
            whole = Note(text=note.text, lines=(*note.lines, *row.lines))
            self._notes[channel] = (row.signed.statement.no, whole)

    def _pass_on(self) -> None:
        """Hand each member the newest seal once it holds what is sealed."""
        for channel, (no, note) in self._notes.items():
            state = self._ledger.channels[channel]
            own = state.record.own
            for party in state.record.others if own is not None else ():
                link = self._links.get(party)
                if own is None or link is None or not can_take(link):
                    continue
                if self._passed.get((party, channel), -1) < no and holds_it(
                    state, link, note, own.log
                ):
                    self._passed[party, channel] = no
                    link.control.append(items.encode_item(note))


def keep_seals(
    ledger: Ledger,
    seals: Sequence[str],
    signed: SignedStatement,
    held: Sequence[str] | None,
    now: Now,
) -> None:
    """Keep verified seals of a statement, unless it is not held here (`held` is None)."""
    fresh = () if held is None else tuple(line for line in seals if line not in held)
    if fresh:
        row = StatementRow(signed=signed, received=now.wall, lines=fresh)
        ledger.batch.statements.append(row)


def _content(signed: SignedStatement) -> object:
    said = signed.statement
    return said.size, tuple((one.party, one.inc, one.size, one.missing) for one in said.holds)


__all__ = ["Sealing", "keep_seals"]
