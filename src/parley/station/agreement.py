"""Line checks carry a digest of our registers; a peer's is compared with what we work out.

Working registers out from nothing takes a while: it is done in a thread, on what was held when it
began, and not at all where the record is longer than `ENTRIES_MAX`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from parley.core.ids import ChannelId, PartyId
from parley.core.instants import Instant, rfc3339
from parley.desk.agreement import Compared, Share, Told, compare, part_of, share_of, tell
from parley.desk.catalogue import KINDS
from parley.desk.record import ChannelView
from parley.desk.times import exact
from parley.station.desk_book import DeskBook
from parley.station.facts import Alarm, EntryStored
from parley.station.interface import Station
from parley.station.trust import Trust

ENTRIES_MAX: Final = 100_000
"""Entries of a channel up to which registers are compared."""
MOMENT_OFF_MAX_S: Final = 7 * 86_400
"""How far the moment of a check may lie from ours: a courier may bring it days later."""
_FIELD: Final = 34


class Agreement:
    """Tells our registers and checks those that are told."""

    def __init__(self, station: Station, trust: Trust, desk: DeskBook) -> None:
        self._station = station
        self._trust = trust
        self._desk = desk

    async def told(self, channel: ChannelId, peer: PartyId) -> Mapping[str, Any] | None:
        """Return the field of a line check to a peer; None where nothing can be compared."""
        if self._desk.is_taking_up:
            return None
        view = self._desk.view(channel)
        pair = self._pair(view, peer)
        incs = self._desk.registers().channel(channel).fold.incs
        if len(view.entries) > ENTRIES_MAX:
            return None
        shares = share_of(view, incs, pair)
        part = None if shares is None else part_of(view, incs, shares)
        if shares is None or part is None:
            return None
        found = await asyncio.to_thread(tell, part, shares, self._station.now())
        return {
            "digest": found.digest,
            "moment": rfc3339(found.moment),
            "parts": found.parts,
            "of": [
                {"size": one.size, "statements": one.statements, "newest": one.newest}
                for one in found.shares
            ],
        }

    async def compared(self, fact: EntryStored) -> Compared | None:
        """Compare what a peer's line check tells with our own registers; None if it tells none."""
        move = KINDS.get(fact.entry.kind)
        if fact.own or move is None or move.procedure != "line_check":
            return None
        told = _read(fact.entry.fields.get(_FIELD))
        if told is None:
            return None
        view = self._desk.view(fact.log.channel)
        incs = self._desk.registers().channel(fact.log.channel).fold.incs
        if len(view.entries) > ENTRIES_MAX:
            return Compared("not comparable", "the record is too long")
        if abs(told.moment - self._station.now()) > MOMENT_OFF_MAX_S:
            return Compared("not comparable", "their moment is far from ours")
        part = part_of(view, incs, told.shares)
        if part is None:
            return Compared("not comparable", "we do not hold the same entries and statements")
        return await asyncio.to_thread(compare, part, told)

    async def alarm(self, fact: EntryStored) -> Alarm | None:
        """Return the alarm that a line check gives cause for, if any."""
        found = await self.compared(fact)
        if found is None or found.verdict != "differs":
            return None
        code = self._trust.code_of(fact.log.party)
        return Alarm(
            kind="registers",
            peer=fact.log.party,
            channel=fact.log.channel,
            text=(
                f"Our program and that of {code} disagree about {found.what}. Either can be at "
                "fault: keep both records as they are and compare the case with the peer."
            ),
        )

    def _pair(self, view: ChannelView, peer: PartyId) -> tuple[int, int]:
        charter = view.charter
        return charter.party_number(self._station.party), charter.party_number(peer)


def _read(value: Any) -> Told | None:
    """Return what the field of a peer's entry tells; None where it has another form."""
    parts = value if isinstance(value, Mapping) else {}
    digest, moment, cases, of = (parts.get(number) for number in range(4))
    at = exact(moment)
    if not isinstance(digest, str) or at is None or not isinstance(cases, str):
        return None
    if not isinstance(of, list | tuple):
        return None
    shares: list[Share] = []
    for one in of:
        numbers = [one.get(number) for number in range(3)] if isinstance(one, Mapping) else []
        known = [number for number in numbers if type(number) is int and number >= 0]
        if len(known) != 3:
            return None
        shares.append(Share(size=known[0], statements=known[1], newest=known[2]))
    return Told(digest=digest, parts=cases, moment=Instant(at), shares=tuple(shares))
