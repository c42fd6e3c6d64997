"""Whether stored entries are still what they were when they were stored.

SQLite has no checksums of its own: a bit that flipped on the disk is read as if it had been
written. What cannot be changed unnoticed is the leaf: it leads to a root that the author signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from parley.core.entry import F_HIDE, Entry, binding_leaf, decode_entry, leaf_hash
from parley.core.ids import Hash, LogId
from parley.core.merkle import Tree
from parley.core.replica import Replica
from parley.errors import MalformedError
from parley.store.interface import EntryRow, Reader

_PAGE = 500
_DOUBTS_MAX = 8
"""Of so many places at most it is tried out whether bytes or leaf changed: 256 ways."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A log whose stored leaves do not lead to the root that its author signed.

    Attributes:
        tree: one that does, None where no choice between stored and computed leaves leads there.
        leaves: what its leaf must be of each place where bytes and leaf differ.
    """

    tree: Tree | None
    leaves: Mapping[int, Hash]


def entry_of(row: EntryRow, *, others: int) -> Entry | None:
    """Return the entry of a stored row, None where its bytes are none."""
    try:
        return decode_entry(row.raw, others=others)
    except MalformedError:
        return None


def leaf_of(row: EntryRow, *, hide: bytes | None, others: int) -> Hash | None:
    """Return the leaf that a stored entry's bytes give, None where they are no entry."""
    entry = entry_of(row, others=others)
    if entry is None or (hide is None and row.index):
        return None
    return leaf_hash(entry, hide=hide or b"", index=row.index, inc=row.log.inc, raw=row.raw)


def hide_of(entry: Entry | None) -> bytes | None:
    """Return the secret in an opening, None where it is damaged."""
    hide = None if entry is None else entry.fields.get(F_HIDE)
    return hide if isinstance(hide, bytes) else None


def is_sound(replica: Replica, row: EntryRow, *, others: int) -> bool:
    """Say whether a row's bytes and leaf are those that lead to what the author signed."""
    leaf = replica.tree.leaf(row.index)
    if leaf is None or leaf != row.leaf:
        return False
    if row.index and replica.hide is not None:
        # Whatever waits for a peer passes here: without decoding it takes half as long.
        bound = binding_leaf(row.raw, hide=replica.hide, index=row.index)
        if bound is not None:
            return leaf == bound
    return leaf == leaf_of(row, hide=replica.hide, others=others)


def leads_to_its_root(replica: Replica) -> bool:
    """Say whether the leaves of a log, as they were stored, lead to the newest root signed."""
    if replica.last is None or replica.frozen:
        return True
    said = replica.last.statement
    return replica.tree.root_at(said.size) == said.root


def doubt_of(
    reader: Reader, replica: Replica, *, others: int, given: Mapping[int, Hash] | None = None
) -> Doubt:
    """Find out which stored leaves changed, in a log that does not lead to its root.

    Args:
        reader: the record.
        replica: the log; its opening must have been read.
        others: how many other parties its channel has.
        given: leaves of entries that came again.
    """
    stored: dict[int, Hash] = {}
    computed: dict[int, Hash | None] = {}
    put = dict(given or {})
    for row in _rows(reader, replica.log):
        if row.index in put:
            continue
        leaf = leaf_of(row, hide=replica.hide, others=others)
        if leaf != row.leaf:
            stored[row.index], computed[row.index] = row.leaf, leaf
    wrong = list(stored)
    if len(wrong) <= _DOUBTS_MAX:
        choices = [(computed[at], stored[at]) for at in wrong]
        for chosen in product(*choices):
            leaves = {at: leaf for at, leaf in zip(wrong, chosen, strict=True) if leaf}
            if len(leaves) == len(wrong) and (tree := fitting(reader, replica, leaves | put)):
                return Doubt(tree, leaves)
    return Doubt(None, stored)


def fitting(reader: Reader, replica: Replica, leaves: Mapping[int, Hash]) -> Tree | None:
    """Return the tree of a log with these leaves put in, None where it misses the signed root."""
    tree = Tree()
    for index, stored in reader.leaves(replica.log):
        leaf = leaves.get(index, stored)
        if index == tree.size:
            tree.append(leaf)
        else:
            tree.learn(0, index, leaf)
    for node in reader.nodes(replica.log):
        tree.learn(node.level, node.pos, node.hash)
    tree.absorb()
    said = None if replica.last is None else replica.last.statement
    return tree if said is not None and tree.root_at(said.size) == said.root else None


def _rows(reader: Reader, log: LogId) -> Iterator[EntryRow]:
    first = 0
    while rows := reader.entries(log, first, _PAGE):
        yield from rows
        first = rows[-1].index + 1


__all__ = [
    "Doubt",
    "doubt_of",
    "entry_of",
    "fitting",
    "hide_of",
    "is_sound",
    "leads_to_its_root",
    "leaf_of",
]
