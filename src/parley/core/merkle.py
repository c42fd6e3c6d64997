"""Merkle trees after RFC 6962 section 2.1, and a log's tree with holes in it.

A tree over `size` leaves; level 0 is the leaves, node `(level, pos)` covers the leaves
`pos << level` up to `(pos + 1) << level`, and is kept only when that range is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from parley.core.ids import Hash
from parley.errors import ProofShapeError

HASH_BYTES = 32
_LEVELS_MAX = 54
"""A size is below 2^53."""
EMPTY_ROOT = Hash(sha256(b"").digest())


def node_hash(left: bytes, right: bytes) -> Hash:
    """Return the hash of an inner node from its two 32-byte children."""
    return Hash(sha256(b"\x01" + left + right).digest())


def cover(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the full subtrees `(level, pos)` that partition `first` up to `end`, in order."""
    at = first
    while at < end:
        level = (at & -at).bit_length() - 1 if at else (end - at).bit_length() - 1
        while at + (1 << level) > end:
            level -= 1
        yield level, at >> level
        at += 1 << level


def fold_peaks(peaks: Sequence[bytes]) -> Hash:
    """Return the root from the full subtrees of a size, largest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return Hash(root)


class Tree:
    """The tree of one log as far as it is known: a full prefix, and loose nodes beyond it.

    What is computed from loose nodes is kept, for a log with gaps is judged by each statement anew.

    Attributes:
        size: length of the prefix of which every leaf hash is known.
    """

    __slots__ = ("_levels", "_loose", "_made", "size")

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytearray] = [bytearray()]
        self._loose: dict[tuple[int, int], Hash] = {}
        self._made: dict[tuple[int, int], Hash] = {}

    def append(self, leaf: bytes) -> None:
        """Add one 32-byte leaf hash at index `size`."""
        levels = self._levels
        levels[0] += leaf
        self._changed(0, self.size)
        self.size += 1
        count, level = self.size, 0
        node = leaf
        while count & 1 == 0:
            below = levels[level]
            node = sha256(b"\x01" + below[-64:-32] + node).digest()
            level += 1
            if level == len(levels):
                levels.append(bytearray())
            levels[level] += node
            count >>= 1

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add 32-byte leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    def leaves_from(self, digits: str) -> Iterator[tuple[int, Hash]]:
        """Yield (index, leaf hash) where the hash begins with these hex digits, ascending.

        Only the prefix of which every leaf is known is looked at.
        """
        leaves, start = self._levels[0], bytes.fromhex(digits[: len(digits) // 2 * 2])
        at = leaves.find(start)
        while at >= 0:
            index, beside = divmod(at, HASH_BYTES)
            leaf = Hash(bytes(leaves[at : at + HASH_BYTES]))
            if not beside and leaf.hex().startswith(digits):
                yield index, leaf
            at = leaves.find(start, at + 1)

    def append_packed(self, leaves: bytes) -> None:
        """Add many leaf hashes, 32 bytes each, level by level: a third of the time of each alone.

        Args:
            leaves: the hashes from index `size` on.
        """
        levels = self._levels
        self._made.clear()
        levels[0] += leaves
        self.size += len(leaves) // 32
        full, level = self.size >> 1, 0
        while full:
            if level + 1 == len(levels):
                levels.append(bytearray())
            above = levels[level + 1]
            below = bytes(levels[level][len(above) * 2 : full * 64])
            if not below:
                return
            above += b"".join(
                [sha256(b"\x01" + below[at : at + 64]).digest() for at in range(0, len(below), 64)]
            )
            full, level = full >> 1, level + 1

    def truncate(self, size: int) -> None:
        """Forget every leaf from index `size` on (only for leaves nobody signed)."""
        assert size <= self.size
        self._made.clear()
        self.size = size
        for level, packed in enumerate(self._levels):
            del packed[(size >> level) * 32 :]

    def learn(self, level: int, pos: int, value: bytes) -> None:
        """Remember a node beyond the prefix whose leaves are not (all) known."""
        if (pos + 1) << level > self.size:
            self._loose[level, pos] = Hash(bytes(value))
            self._changed(level, pos)

    def _changed(self, level: int, pos: int) -> None:
        """Forget what was computed from a node, whose value may be another from here on."""
        while self._made and level < _LEVELS_MAX:
            self._made.pop((level, pos), None)
            level, pos = level + 1, pos >> 1

    def bound_leaves(self, size: int) -> list[tuple[int, int]]:
        """Return the ranges of leaves that enter `root_at(size)` one by one.

        Leaves below a loose inner node do not: whatever else is known of them, the root says
        nothing of them until their whole subtree is compared with that node.
        """
        found: list[tuple[int, int]] = []
        stack = list(cover(0, size))[::-1]
        while stack:
            level, pos = stack.pop()
            first, end = pos << level, (pos + 1) << level
            if end <= self.size or level == 0:
                found.append((first, end))
            elif (level, pos) not in self._loose:
                stack += [(level - 1, pos * 2 + 1), (level - 1, pos * 2)]
        return found

    def forget_below(self, size: int, *, beyond: int) -> None:
        """Forget what is known below the loose inner nodes that `root_at(size)` is made of.

        Nothing signed says that it is true; kept, it would stand in the way of what is.

        Args:
            size: of the signed root.
            beyond: what is known of places below it was signed for before.
        """
        binders: set[tuple[int, int]] = set()
        stack = list(cover(0, size))
        while stack:
            level, pos = stack.pop()
            end = (pos + 1) << level
            if end <= max(self.size, beyond) or level == 0:
                continue
            if (level, pos) in self._loose:
                binders.add((level, pos))
            else:
                stack += [(level - 1, pos * 2), (level - 1, pos * 2 + 1)]
        if not binders:
            return
        first = max(min(pos << level for level, pos in binders), beyond)
        if first < self.size:
            self.truncate(first)
        for level, pos in [one for one in self._loose if one[1] << one[0] >= beyond]:
            above = ((up, pos >> (up - level)) for up in range(level + 1, _LEVELS_MAX))
            if any(one in binders for one in above):
                del self._loose[level, pos]
                self._changed(level, pos)

    def binding(self, index: int, size: int) -> tuple[int, int] | None:
        """Return `(level, pos)` of the node by which `root_at(size)` binds the leaf at `index`.

        It is the leaf itself, or the largest loose node above it: the one that a root is made
        of, whatever is said of those below. None where too little is known.
        """
        if index < self.size:
            return 0, index
        for level in range(size.bit_length(), -1, -1):
            pos = index >> level
            if (pos + 1) << level <= size and (level, pos) in self._loose:
                return level, pos
        return None

    def forget_leaf(self, index: int) -> None:
        """Forget a leaf beyond the prefix that nothing binds."""
        if self._loose.pop((0, index), None) is not None:
            self._changed(0, index)

    def loose(self) -> list[tuple[int, int]]:
        """Return `(level, pos)` of every node known beyond the prefix."""
        return list(self._loose)

    def forget_beyond(self, size: int) -> None:
        """Forget every leaf and node that reaches beyond the first `size` leaves."""
        if self.size > size:
            self.truncate(size)
        for kept in (self._loose, self._made):
            for level, pos in list(kept):
                if (pos + 1) << level > size:
                    del kept[level, pos]

    def absorb(self) -> None:
        """Move loose leaves that have become adjacent to the prefix into it."""
        before = self.size
        while (leaf := self._loose.pop((0, self.size), None)) is not None:
            self.append(leaf)
        if self.size != before:
            for kept in (self._loose, self._made):
                for level, pos in list(kept):
                    if (pos + 1) << level <= self.size:
                        del kept[level, pos]

    def node(self, level: int, pos: int) -> Hash | None:
        """Return a full subtree's hash, or None where too little is known."""
        if (pos + 1) << level <= self.size:
            return Hash(bytes(self._levels[level][pos * 32 : pos * 32 + 32]))
        known = self._loose.get((level, pos)) or self._made.get((level, pos))
        if known is not None or level == 0:
            return known
        left = self.node(level - 1, pos * 2)
        if left is None:
            return None
        right = self.node(level - 1, pos * 2 + 1)
        if right is None:
            return None
        made = self._made[level, pos] = node_hash(left, right)
        return made

    def leaf(self, index: int) -> Hash | None:
        """Return the leaf hash at `index` if it is known."""
        return self.node(0, index)

    def root_at(self, size: int) -> Hash | None:
        """Return the root of the first `size` leaves, or None where too little is known."""
        peaks: list[bytes] = []
        for level, pos in cover(0, size):
            peak = self.node(level, pos)
            if peak is None:
                return None
            peaks.append(peak)
        return fold_peaks(peaks)

    def nodes_covering(self, first: int, end: int) -> list[Hash]:
        """Return the hashes of the canonical subtrees over `first` up to `end` (item NODES).

        Raises:
            ProofShapeError: some of them are not known.
        """
        hashes: list[Hash] = []
        for level, pos in cover(first, end):
            value = self.node(level, pos)
            if value is None:
                raise ProofShapeError(f"node ({level}, {pos}) is not known")
            hashes.append(value)
        return hashes

    def inclusion_path(self, index: int, size: int) -> list[Hash]:
        """Return the sibling hashes from leaf `index` up to the root of the first `size` leaves."""
        return [self._range_root(first, end) for first, end in _inclusion_ranges(index, size)]

    def consistency_path(self, old: int, new: int) -> list[Hash]:
        """Return the proof that the first `old` leaves are a prefix of the first `new` ones."""
        return [self._range_root(first, end) for first, end in _consistency_ranges(old, new)]

    def _range_root(self, first: int, end: int) -> Hash:
        peaks = self.nodes_covering(first, end)
        return fold_peaks(peaks)


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    if not 0 <= index < size:
        raise ProofShapeError(f"index {index} is outside a tree of {size}")
    ranges: list[tuple[int, int]] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def _consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    if not 0 < old <= new:
        raise ProofShapeError(f"no consistency proof from size {old} to {new}")
    ranges: list[tuple[int, int]] = []
    first, end, whole = 0, new, True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first, whole = middle, False
    if not whole:
        ranges.append((first, end))
    return ranges[::-1]


def root_from_inclusion(leaf: bytes, index: int, tree_size: int, path: Sequence[bytes]) -> Hash:
    """Return the root that `path` leads to, starting from one leaf.

    Args:
        leaf: 32-byte leaf hash.
        index: position of the leaf counted from 0; less than `tree_size`.
        tree_size: number of leaves, 1 or more.
        path: 32-byte sibling hashes, the one beside the leaf first.

    Raises:
        ProofShapeError: `path` is too short or too long for this position.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < tree_size:
        raise ProofShapeError(f"index {index} is outside a tree of {tree_size}")
    node, last = index, tree_size - 1
    root = leaf
    for sibling in path:
        if last == 0:
            raise ProofShapeError("the path goes on above the root")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            # A right edge has no sibling on these levels: climb without hashing.
            while node & 1 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofShapeError("the path ends below the root")
    return Hash(root)


def roots_from_consistency(
    old: int, new: int, old_root: bytes, path: Sequence[bytes]
) -> tuple[Hash, Hash]:
    """Return the old and the new root that a consistency proof leads to.

    Args:
        old: leaves of the older tree, 1 or more.
        new: leaves of the newer tree, at least `old`.
        old_root: 32-byte root of the older tree; the start where `old` is a power of two.
        path: 32-byte hashes in the order of RFC 9162.

    Raises:
        ProofShapeError: `path` is too short or too long.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 < old <= new:
        raise ProofShapeError(f"no consistency proof from size {old} to {new}")
    if old == new:
        if path:
            raise ProofShapeError("equal sizes need an empty proof")
        return Hash(old_root), Hash(old_root)
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise ProofShapeError("the proof is empty")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofShapeError("the proof goes on above the root")
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while node & 1 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofShapeError("the proof ends below the root")
    return Hash(older), Hash(newer)
