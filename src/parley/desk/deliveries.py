"""What statements prove: who held which entry first, and what was signed after a moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from parley.core.ids import ChannelId, Incarnation, PartyId
from parley.core.statement import Statement
from parley.desk.record import ChannelView, Place

_Rank = tuple[int, Incarnation, int, int, bytes, int]
_NO_END = 2**63
"""Above the number of any statement."""


class _Signer:
    """All statements of one party, oldest first."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.times: list[int] = []
        self._ranks: list[_Rank] = []
        self._reach: list[int] = []
        self._held: dict[tuple[PartyId, Incarnation], list[int]] = {}
        self.reordered = 0

    def add(self, rank: _Rank, statement: Statement) -> None:
        """Put a statement into its place; one that is known already changes nothing."""
        at = bisect_left(self._ranks, rank)
        if at < len(self._ranks) and self._ranks[at] == rank:
            return
        if at == len(self._ranks):
            self._append(rank, statement)
            return
        self.reordered += 1
        behind = [*zip(self._ranks[at:], self.statements[at:], strict=True)]
        del self._ranks[at:], self.statements[at:], self.times[at:], self._reach[at:]
        for sizes in self._held.values():
            del sizes[at:]
        for one in [(rank, statement), *behind]:
            self._append(*one)

    def _append(self, rank: _Rank, statement: Statement) -> None:
        before = self._reach[-1] if self._ranks and self._ranks[-1][:2] == rank[:2] else 0
        self._reach.append(max(before, statement.size))
        self._ranks.append(rank)
        self.statements.append(statement)
        self.times.append(max(int(statement.time), self.times[-1] if self.times else 0))

    def sizes(self, party: PartyId, inc: Incarnation) -> list[int]:
        """Return how much of a log each statement holds, never less than one before it did."""
        sizes = self._held.setdefault((party, inc), [])
        most = sizes[-1] if sizes else 0
        for at in range(len(sizes), len(self.statements)):
            holding = self.statements[at].holding(party)
            if holding is not None and holding.inc == inc:
                most = max(most, holding.size)
            sizes.append(most)
        return sizes

    def place_of(self, rank: _Rank) -> int:
        """Return where a statement stands."""
        return bisect_left(self._ranks, rank)

    def first_at(self, rank: int, inc: Incarnation, no: int) -> int:
        """Return where statement `no` of an incarnation stands, or would stand."""
        return bisect_left(self._ranks, (rank, inc, no))

    def covering(self, inc: Incarnation, rank: int, index: int) -> Statement | None:
        """Return the first statement over more than `index` entries of one incarnation."""
        end = bisect_left(self._ranks, (rank, inc, _NO_END))
        at = bisect_right(self._reach, index, bisect_left(self._ranks, (rank, inc)), end)
        return self.statements[at] if at < end else None


class Deliveries:
    """The statements of one channel, made ready to be asked, and kept while they grow.

    Attributes:
        count: statements of the view that were read.
    """

    def __init__(
        self,
        channel: ChannelId,
        parties: Sequence[PartyId],
        incs: Mapping[int, Sequence[Incarnation]],
    ) -> None:
        self.count = 0
        self._channel = channel
        self._parties = tuple(parties)
        self._incs = {number: tuple(known) for number, known in incs.items()}
        self._signers: dict[int, _Signer] = {}
        self._read: Sequence[Statement] | None = None

    def goes_on_to(self, view: ChannelView, incs: Mapping[int, Sequence[Incarnation]]) -> bool:
        """Say whether the view holds the statements that were read, and perhaps more."""
        return self._read is view.statements and self._incs == {
            number: tuple(known) for number, known in incs.items()
        }

    def update(self, statements: Sequence[Statement]) -> None:
        """Read what has come since."""
        for at in range(self.count, len(statements)):
            statement = statements[at]
            if statement.party in self._parties and statement.channel == self._channel:
                number = self._parties.index(statement.party)
                signer = self._signers.setdefault(number, _Signer())
                signer.add(self._rank(number, statement), statement)
        self.count, self._read = len(statements), statements

    def _rank(self, number: int, said: Statement) -> _Rank:
        inc = said.inc
        return self._inc_rank(number, inc), inc, said.no, said.size, said.root, int(said.time)

    def _inc_rank(self, number: int, inc: Incarnation) -> int:
        known = self._incs.get(number, ())
        return known.index(inc) if inc in known else len(known)

    @property
    def reordered(self) -> int:
        """Return how often a statement came that belongs before one already read."""
        return sum(signer.reordered for signer in self._signers.values())

    def signed(self) -> Mapping[int, tuple[int, int]]:
        """Return how many statements each party has signed, and the time of its newest."""
        return {
            party: (len(signer.statements), signer.times[-1])
            for party, signer in self._signers.items()
        }

    def first_holding(self, party: int, place: Place) -> Statement | None:
        """Return the first statement of `party` that holds the entry at `place`."""
        signer = self._signers.get(party)
        if signer is None or place.party >= len(self._parties):
            return None
        author = self._parties[place.party]
        start = bisect_right(signer.sizes(author, place.inc), place.index)
        for at in range(start, len(signer.statements)):
            statement = signer.statements[at]
            holding = statement.holding(author)
            if holding is not None and holding.inc == place.inc and holding.holds(place.index):
                return statement
        return None

    def first_covering(self, place: Place) -> Statement | None:
        """Return the author's first statement that covers its own entry at `place`."""
        signer = self._signers.get(place.party)
        if signer is None:
            return None
        rank = self._inc_rank(place.party, place.inc)
        return signer.covering(place.inc, rank, place.index)

    def first_since(self, first: Statement, moment: int) -> Statement | None:
        """Return the first statement after `first`, by its signer, signed at `moment` or later."""
        number = self._parties.index(first.party)
        signer = self._signers[number]
        start = signer.place_of(self._rank(number, first)) + 1
        at = max(start, bisect_left(signer.times, moment))
        return signer.statements[at] if at < len(signer.statements) else None

    def signed_between(self, party: int, moment: int, *, before: Statement) -> bool:
        """Say whether a party signed at `moment` or later, and before it signed `before`."""
        signer = self._signers.get(party)
        if signer is None:
            return False
        return bisect_left(signer.times, moment) < signer.place_of(self._rank(party, before))

    def statement(self, party: int, inc: Incarnation, no: int) -> Statement | None:
        """Return a party's statement by its number, None where it is not held."""
        signer = self._signers.get(party)
        at = 0 if signer is None else signer.first_at(self._inc_rank(party, inc), inc, no)
        if signer is None or at == len(signer.statements):
            return None
        found = signer.statements[at]
        return found if (found.inc, found.no) == (inc, no) else None

    def newest(self, party: int) -> Statement | None:
        """Return the party's newest statement."""
        signer = self._signers.get(party)
        return signer.statements[-1] if signer else None

    def number_of(self, statement: Statement) -> int:
        """Return the party number of a statement's signer."""
        return self._parties.index(statement.party)
