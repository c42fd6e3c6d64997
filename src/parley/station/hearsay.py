"""Two statements of different size that may not go together: hearsay until inner nodes show it.

Whoever holds one of the two histories can give the hashes over the smaller size and those from
there up to the larger one. They make a fork a proof when they lead to the larger root and to
another one at the smaller size (specification: statement, what a reader does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from parley.core import merkle
from parley.core.ids import Hash, LogId, PartyId
from parley.core.statement import SignedStatement

LOGS_MAX = 64
"""Of one teller; of more the oldest is forgotten."""

ProofNodes: TypeAlias = tuple[tuple[Hash, ...], tuple[Hash, ...]]
"""Canonical hashes over the smaller size, and from there up to the larger one."""


@dataclass(slots=True)
class _Doubt:
    small: SignedStatement
    large: SignedStatement
    low: tuple[Hash, ...] | None = None
    high: tuple[Hash, ...] | None = None
    asked: bool = False


class Hearsay:
    """What is said against signers and not shown yet; kept in memory only.

    Each teller has doubts of its own, and hashes count from whoever raised them: a signer who is
    doubted can neither put another doubt in the place of the one that is true nor spoil it.
    """

    def __init__(self) -> None:
        self._doubts: dict[PartyId, dict[LogId, _Doubt]] = {}

    def suspect(self, teller: PartyId, one: SignedStatement, two: SignedStatement) -> None:
        """Take two verified statements of one log that may not go together."""
        small, large = sorted((one, two), key=lambda signed: signed.statement.size)
        size, log = small.statement.size, small.statement.log
        if 0 < size < large.statement.size:
            doubts = self._doubts.setdefault(teller, {})
            doubts[log] = _Doubt(small, large)
            if len(doubts) > LOGS_MAX:
                del doubts[next(iter(doubts))]

    def logs(self, teller: PartyId) -> list[LogId]:
        """Return the logs that somebody has put in doubt."""
        return list(self._doubts.get(teller, ()))

    def take_questions(self, teller: PartyId) -> list[tuple[LogId, tuple[int, int]]]:
        """Return the ranges of which hashes are wanted from somebody, each once."""
        found: list[tuple[LogId, tuple[int, int]]] = []
        for log, doubt in self._doubts.get(teller, {}).items():
            if not doubt.asked:
                doubt.asked = True
                size = doubt.small.statement.size
                found += [(log, (0, size)), (log, (size, doubt.large.statement.size))]
        return found

    def nodes(
        self, teller: PartyId, log: LogId, first: int, hashes: Sequence[Hash]
    ) -> tuple[SignedStatement, SignedStatement, ProofNodes] | None:
        """Take hashes over one of the two ranges; return both statements once they are a proof."""
        doubts = self._doubts.get(teller, {})
        doubt = doubts.get(log)
        if doubt is None:
            return None
        if first == 0:
            doubt.low = tuple(hashes)
        elif first == doubt.small.statement.size:
            doubt.high = tuple(hashes)
        if doubt.low is None or doubt.high is None:
            return None
        del doubts[log]
        nodes = (doubt.low, doubt.high)
        small, large = doubt.small.statement, doubt.large.statement
        tree = proof_tree(small.size, large.size, nodes)
        if tree is None or tree.root_at(large.size) != large.root:
            return None
        if tree.root_at(small.size) == small.root:
            return None  # they go together
        return doubt.small, doubt.large, nodes


def proof_tree(small: int, large: int, nodes: ProofNodes) -> merkle.Tree | None:
    """Return the tree that hashes over two sizes make; None where their number is another."""
    tree = merkle.Tree()
    for (first, end), hashes in zip(((0, small), (small, large)), nodes, strict=True):
        places = list(merkle.cover(first, end))
        if len(places) != len(hashes):
            return None
        for (level, pos), value in zip(places, hashes, strict=True):
            tree.learn(level, pos, value)
    return tree


__all__ = ["Hearsay", "ProofNodes", "proof_tree"]
