"""Entries whose `seen` cannot be true by what their own author wrote or signed.

`seen` never goes down in one incarnation of both, and whoever signs a statement over an entry
holds by it all that the entry claims to have seen (specification: entry). Both are told from the
record alone, so that all sides find the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parley.core.ids import Incarnation, PartyId
from parley.core.limits import GAPS_MAX
from parley.core.statement import Statement
from parley.desk.order import Ordered


def false_claims(
    order: Iterable[Ordered], statements: Sequence[Statement], parties: Sequence[PartyId]
) -> Iterator[Ordered]:
    """Yield the entries, in their order, that claim to have seen what they cannot have.

    Args:
        order: the channel's entries.
        statements: what is held of its statements, in any order.
        parties: the channel's parties in the charter's order.
    """
    newest: dict[tuple[PartyId, Incarnation], Statement] = {}
    for said in statements:
        known = newest.get((said.party, said.inc))
        if known is None or said.no > known.no:
            newest[said.party, said.inc] = said
    for ordered in order:
        said_of = newest.get((parties[ordered.place.party], ordered.place.inc))
        if ordered.takes_back or (said_of and _is_above(ordered, said_of, parties)):
            yield ordered


def _is_above(ordered: Ordered, said: Statement, parties: Sequence[PartyId]) -> bool:
    """Say whether an entry claims more than its author's newest statement over it holds."""
    if said.size <= ordered.place.index:
        return False
    others = [number for number in range(len(parties)) if number != ordered.place.party]
    for number, count in zip(others, ordered.entry.seen, strict=False):
        held = said.holding(parties[number])
        if held is None or held.inc != ordered.means.get(number):
            continue
        # With too many gaps a statement says less than is held.
        if count > held.size and len(held.missing) < GAPS_MAX:
            return True
    return False


__all__ = ["false_claims"]
