"""What statements prove: who held which entry first, and what was signed after a moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from parley.core.ids import Incarnation, PartyId
from parley.core.statement import Statement
from parley.desk.order import incarnations
from parley.desk.record import ChannelView, Place


@dataclass(slots=True)
class _Signer:
    """All statements of one party, oldest first."""

    statements: list[Statement]
    times: list[int]
    held: dict[tuple[PartyId, Incarnation], list[int]] = field(default_factory=dict)

    def sizes(self, party: PartyId, inc: Incarnation) -> list[int]:
        """Return how much of a log each statement holds, never less than one before it did."""
        key = (party, inc)
        if key not in self.held:
            sizes: list[int] = []
            for statement in self.statements:
                holding = statement.holding(party)
                sizes.append(holding.size if holding is not None and holding.inc == inc else 0)
            self.held[key] = list(accumulate(sizes, max))
        return self.held[key]


class Deliveries:
    """The statements of one channel, made ready to be asked."""

    def __init__(self, view: ChannelView) -> None:
        self._parties = view.charter.parties
        incs: Mapping[int, list[Incarnation]] = incarnations(view)
        signers: dict[int, list[Statement]] = {}
        for statement in view.statements:
            if statement.party in self._parties and statement.channel == view.id:
                signers.setdefault(self._parties.index(statement.party), []).append(statement)
        self._signers: dict[int, _Signer] = {}
        for number, said in signers.items():
            ranks = {inc: rank for rank, inc in enumerate(incs.get(number, []))}
            ordered = sorted(
                {(s.inc, s.no, s.size, s.root): s for s in said}.values(),
                key=lambda s: (ranks.get(s.inc, len(ranks)), s.inc, s.no, s.size, s.root),
            )
            times = list(accumulate((int(s.time) for s in ordered), max))
            self._signers[number] = _Signer(ordered, times)

    def first_holding(self, party: int, place: Place) -> Statement | None:
        """Return the first statement of `party` that holds the entry at `place`."""
        signer = self._signers.get(party)
        if signer is None or place.party >= len(self._parties):
            return None
        author = self._parties[place.party]
        start = bisect_right(signer.sizes(author, place.inc), place.index)
        for statement in signer.statements[start:]:
            holding = statement.holding(author)
            if holding is not None and holding.inc == place.inc and holding.holds(place.index):
                return statement
        return None

    def first_covering(self, place: Place) -> Statement | None:
        """Return the author's first statement that covers its own entry at `place`."""
        signer = self._signers.get(place.party)
        for statement in signer.statements if signer else ():
            if statement.inc == place.inc and statement.size > place.index:
                return statement
        return None

    def first_since(self, first: Statement, moment: int) -> Statement | None:
        """Return the first statement after `first`, by its signer, signed at `moment` or later."""
        number = self._parties.index(first.party)
        signer = self._signers[number]
        start = signer.statements.index(first) + 1
        at = max(start, bisect_left(signer.times, moment))
        return signer.statements[at] if at < len(signer.statements) else None

    def newest(self, party: int) -> Statement | None:
        """Return the party's newest statement."""
        signer = self._signers.get(party)
        return signer.statements[-1] if signer else None

    def number_of(self, statement: Statement) -> int:
        """Return the party number of a statement's signer."""
        return self._parties.index(statement.party)
