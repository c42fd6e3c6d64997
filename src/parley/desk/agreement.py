"""Do two stations' programs fill the same registers? Told with a line check, compared by the other.

Told is a digest of the registers of one channel at stated log sizes, statements and moment. The
other station takes the same part of what it holds and works the registers out from nothing: what
differs then is one of the two programs, and nobody's fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import accumulate
from typing import Final

from parley.core import canon
from parley.core.ids import Incarnation
from parley.core.instants import Instant
from parley.core.statement import Statement
from parley.desk.desk import registers
from parley.desk.record import ChannelView, Placed
from parley.desk.registers import Registers, row_value

PARTS_MAX: Final = 16
"""Groups of cases that have a digest of their own, so that a difference can be named."""
_PART_BYTES: Final = 4
Incs = Mapping[int, Sequence[Incarnation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What of one party was taken.

    Attributes:
        size: entries, over all its incarnations, the oldest ones.
        statements: how many of its statements, and `newest`, the number of the newest of them.
    """

    size: int
    statements: int
    newest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The registers of a channel, and of what they were worked out.

    Attributes:
        digest: SHA-256 of all registers, in hex.
        parts: digests of the cases in up to 16 groups of their order, 8 hex digits each.
        shares: one for each party, in charter order.
    """

    digest: str
    parts: str
    moment: Instant
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """`same`, `differs` or `not comparable`; `what` names cases, or says why not."""

    verdict: str
    what: str = ""


def share_of(view: ChannelView, incs: Incs, pair: tuple[int, int]) -> tuple[Share, ...] | None:
    """Return all that is held of a channel; None where entries are missing in between.

    Args:
        view: the channel.
        incs: each party's incarnations, in order.
        pair: who tells and who is asked; statements of others are left out, for the two may hold
            different ones.
    """
    shares: list[Share] = []
    for party in range(len(view.codes)):
        entries = _entries(view, incs, party)
        if entries is None:
            return None
        signed = _statements(view, incs, party) if party in pair else []
        newest = signed[-1].no if signed else 0
        shares.append(Share(size=len(entries), statements=len(signed), newest=newest))
    return tuple(shares)


def part_of(view: ChannelView, incs: Incs, shares: Sequence[Share]) -> ChannelView | None:
    """Return just the part of a channel that shares name; None where it is not held alike."""
    entries: list[Placed] = []
    statements: list[Statement] = []
    if len(shares) != len(view.codes):
        return None
    for party, share in enumerate(shares):
        held = _entries(view, incs, party)
        if held is None or len(held) < share.size:
            return None
        entries += held[: share.size]
        signed = _statements(view, incs, party)
        taken = signed[: share.statements]
        if len(taken) < share.statements or (taken and taken[-1].no != share.newest):
            return None
        statements += taken
    return replace(view, entries=tuple(entries), statements=tuple(statements))


def tell(part: ChannelView, shares: Sequence[Share], moment: Instant) -> Told:
    """Return the registers of a part at a moment, as they are told."""
    found = registers([part], moment)
    return Told(
        digest=found.digest().hex(),
        parts="".join(_parts(found)),
        moment=moment,
        shares=tuple(shares),
    )


def compare(part: ChannelView, told: Told) -> Compared:
    """Work the registers of a part out and say whether they are what was told."""
    found = registers([part], told.moment)
    if found.digest().hex() == told.digest:
        return Compared("same")
    ours, size = _parts(found), 2 * _PART_BYTES
    theirs = [told.parts[at : at + size] for at in range(0, len(told.parts), size)]
    for number, group in enumerate(_groups(found)):
        if number >= len(theirs) or theirs[number] != ours[number]:
            first, last = group[0].number, group[-1].number
            return Compared("differs", first if first == last else f"{first} to {last}")
    return Compared("differs", "the channel" if len(ours) == len(theirs) else "how many cases")


def _groups(found: Registers) -> list[Sequence[_Case]]:
    cases = [_Case(row.case, canon.encode(row_value(row))) for row in found.rows_of_cases()]
    sizes = [len(cases[at::PARTS_MAX]) for at in range(min(PARTS_MAX, len(cases)))]
    ends = [0, *accumulate(sizes)]
    return [cases[ends[at] : ends[at + 1]] for at in range(len(sizes))]


def _parts(found: Registers) -> list[str]:
    return [
        sha256(b"".join(case.raw for case in group)).digest()[:_PART_BYTES].hex()
        for group in _groups(found)
    ]


@dataclass(frozen=True, slots=True)
class _Case:
    number: str
    raw: bytes


def _entries(view: ChannelView, incs: Incs, party: int) -> list[Placed] | None:
    """Return a party's entries, oldest first; None where one is missing in between."""
    order = {inc: rank for rank, inc in enumerate(incs.get(party, ()))}
    found = sorted(
        (placed for placed in view.entries if placed.party == party and placed.inc in order),
        key=lambda placed: (order[placed.inc], placed.index),
    )
    expected = 0
    for at, placed in enumerate(found):
        expected = 0 if at == 0 or found[at - 1].inc != placed.inc else expected + 1
        if placed.index != expected:
            return None
    return found


def _statements(view: ChannelView, incs: Incs, party: int) -> list[Statement]:
    order = {inc: rank for rank, inc in enumerate(incs.get(party, ()))}
    author = view.charter.parties[party]
    known = {
        (order[said.inc], said.no): said
        for said in view.statements
        if said.party == author and said.inc in order
    }
    return [known[key] for key in sorted(known)]
