"""Log parts: leaves and subtrees that rebuild the roots of a log (specification: bundle)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from parley_verify.bounds import (
    DEPTH_BODY,
    FIELD_NUMBER_MAX,
    FIELDS_MAX,
    LEAVES_MAX,
    NODES_MAX,
)
from parley_verify.cbor import (
    Value,
    as_bytes,
    as_list,
    as_map,
    as_text,
    as_uint,
    depth_of,
    encode,
)
from parley_verify.note import EMPTY_ROOT, Origin, read_origin
from parley_verify.refusal import Path, RefusedError, TooMuchError

NON_ATTRIBUTABLE = 16
_YEAR_2020, _YEAR_2100 = 1_577_836_800, 4_102_444_800
_NAMED_MAX = 5
"""How many entries that are not shown a verdict names; it counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One entry as shown: its header, which fields it has, and those that are opened.

    Attributes:
        committed: numbers of all fields; None for a leaf that binds no body.
        opened: the values of the fields that are not withheld.
    """

    path: Path
    index: int
    kind: int
    time: int
    flags: int
    seen: int | list[Value]
    committed: frozenset[int] | None
    opened: Mapping[int, Value]
    hash: bytes

    @property
    def is_attributable(self) -> bool:
        """Say whether the leaf binds a body to its author."""
        return self.committed is not None and not self.flags & NON_ATTRIBUTABLE

    def withholds(self, number: int) -> bool:
        """Say whether the entry has this field and the bundle does not open it."""
        return self.committed is not None and number in self.committed and number not in self.opened


Turns = tuple[list[int], list[bytes | None], list[tuple[int, int]]]
"""Places of `turn` entries, what they name, and the ranges of which no leaf is shown."""


@dataclass(slots=True, kw_only=True)
class Part:
    """One log part: leaves by index, and the hash of every full subtree that follows from it.

    Attributes:
        turns: `turn` entries and holes, by party, once somebody has asked for them.
    """

    path: Path
    number: int
    origin: Origin
    size: int
    leaves: dict[int, Leaf]
    subtrees: dict[tuple[int, int], bytes]
    turns: dict[tuple[int, bytes], Turns] = field(default_factory=dict)
    _roots: dict[int, bytes | None] = field(default_factory=dict)

    def root(self, size: int) -> bytes | None:
        """Return the root over the first `size` leaves; None where too little is shown."""
        if size not in self._roots:
            self._roots[size] = self._compute(size)
        return self._roots[size]

    def _compute(self, size: int) -> bytes | None:
        if size > self.size:
            return None
        peaks: list[bytes] = []
        at = 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                peak = self.subtrees.get((level, at >> level))
                if peak is None:
                    return None
                peaks.append(peak)
                at += 1 << level
        root = peaks.pop() if peaks else EMPTY_ROOT
        while peaks:
            root = _join(peaks.pop(), root)
        return root

    def shown(self, first: int, end: int) -> list[Leaf]:
        """Return the leaves shown from `first` to below `end`, ascending."""
        return [leaf for index, leaf in self.leaves.items() if first <= index < end]

    def not_shown(self, first: int, end: int) -> list[int]:
        """Return the indexes from `first` to below `end` without a leaf shown, the first few."""
        lacking = (index for index in range(first, end) if index not in self.leaves)
        return list(islice(lacking, _NAMED_MAX))


def _join(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def read_part(value: Value, number: int, path: Path) -> Part:
    """Return the checked log part.

    Raises:
        RefusedError: leaves and nodes are no exact partition, or an opened field does not fit.
        TooMuchError: more leaves or nodes than this verifier takes on.
    """
    rows = as_list(value, "log part", path, least=4, most=4)
    origin = read_origin(as_text(rows[0], "origin", (*path, 0)), (*path, 0))
    size = as_uint(rows[1], "size", (*path, 1))
    if size < 1:
        raise RefusedError("a log part over no entry", path=(*path, 1))
    leaf_rows = as_list(rows[2], "leaves", (*path, 2))
    node_rows = as_list(rows[3], "nodes", (*path, 3))
    if len(leaf_rows) > LEAVES_MAX or len(node_rows) > NODES_MAX:
        raise TooMuchError(f"a log part with more than {LEAVES_MAX} leaves or nodes")
    leaves: dict[int, Leaf] = {}
    spans: list[tuple[int, int, Path]] = []
    subtrees: dict[tuple[int, int], bytes] = {}
    last = -1
    for place, row in enumerate(leaf_rows):
        here = (*path, 2, place)
        pair = as_list(row, "leaf", here, least=2, most=2)
        index = as_uint(pair[0], "index", (*here, 0))
        if index <= last:
            raise RefusedError("leaves are doubled or out of order", path=here)
        last = index
        leaves[index] = read_leaf(pair[1], index, (*here, 1))
        subtrees[0, index] = leaves[index].hash
        spans.append((index, index + 1, here))
    last = -1
    for place, row in enumerate(node_rows):
        here = (*path, 3, place)
        triple = as_list(row, "node", here, least=3, most=3)
        level = as_uint(triple[0], "level", (*here, 0), most=52)
        pos = as_uint(triple[1], "position", (*here, 1))
        start = pos << level
        if start <= last:
            raise RefusedError("nodes are doubled or out of order", path=here)
        last = start
        subtrees[level, pos] = as_bytes(triple[2], "hash", (*here, 2), size=32)
        spans.append((start, start + (1 << level), here))
    _check_partition(spans, size, path)
    _grow(subtrees)
    return Part(
        path=path,
        number=number,
        origin=origin,
        size=size,
        leaves=leaves,
        subtrees=subtrees,
    )


def _check_partition(spans: list[tuple[int, int, Path]], size: int, path: Path) -> None:
    at = 0
    for start, end, here in sorted(spans):
        if start != at:
            what = "are missing" if start > at else "are covered twice"
            raise RefusedError(f"the entries from {min(at, start)} on {what}", path=here)
        at = end
    if at != size:
        raise RefusedError(f"leaves and nodes cover {at} entries, the size says {size}", path=path)


def _grow(subtrees: dict[tuple[int, int], bytes]) -> None:
    """Add every subtree both of whose halves are known."""
    fresh = sorted(subtrees)
    while fresh:
        above: list[tuple[int, int]] = []
        for level, pos in fresh:
            parent = level + 1, pos >> 1
            left = subtrees.get((level, pos & ~1))
            right = subtrees.get((level, pos | 1))
            if left is not None and right is not None and parent not in subtrees:
                subtrees[parent] = _join(left, right)
                above.append(parent)
        fresh = above


def read_leaf(value: Value, index: int, path: Path) -> Leaf:
    """Return the checked leaf-view of the entry at `index`."""
    rows = as_list(value, "leaf-view", path, least=6, most=6)
    kind = as_uint(rows[0], "kind", (*path, 0), most=2**64 - 1)
    time = as_uint(rows[1], "time", (*path, 1), most=2**64 - 1)
    flags = as_uint(rows[2], "flags", (*path, 2), most=2**64 - 1)
    seen = rows[3]
    if isinstance(seen, list):
        for place, count in enumerate(seen):
            as_uint(count, "seen", (*path, 3, place), most=2**64 - 1)
    else:
        seen = as_uint(seen, "seen", (*path, 3), most=2**64 - 1)
    commitments: dict[int, bytes] | None = None
    bound = rows[4]
    if isinstance(bound, bytes):
        as_bytes(bound, "blind", (*path, 4), size=16)
    else:
        given = as_map(rows[4], "commitments", (*path, 4))
        commitments = {
            n: as_bytes(c, f"commitment of field {n}", (*path, 4, n), size=32)
            for n, c in given.items()
        }
    opened: dict[int, Value] = {}
    for n, row in as_map(rows[5], "opened fields", (*path, 5)).items():
        here = (*path, 5, n)
        if n == 0:
            raise RefusedError("field 0, the log's secret, must not be opened", path=here)
        pair = as_list(row, f"opened field {n}", here, least=2, most=2)
        salt = as_bytes(pair[0], "salt", (*here, 0), size=16)
        digest = sha256(b"parley1 field\0" + salt + encode([n, pair[1]])).digest()
        if commitments is None or commitments.get(n) != digest:
            raise RefusedError(f"entry {index}: field {n} does not fit its commitment", path=here)
        opened[n] = pair[1]
    preimage = encode([kind, time, flags, seen, bound])
    return Leaf(
        path=path,
        index=index,
        kind=kind,
        time=time,
        flags=flags,
        seen=seen,
        committed=None if commitments is None else frozenset(commitments),
        opened=opened,
        hash=sha256(b"\0" + preimage).digest(),
    )


def oddities(leaf: Leaf, others: int) -> list[str]:
    """Return the rules that an entry breaks; a leaf that fits the root is evidence all the same."""
    odd: list[str] = []
    if leaf.kind > FIELD_NUMBER_MAX:
        odd.append(f"a kind above {FIELD_NUMBER_MAX}")
    if not _YEAR_2020 <= leaf.time < _YEAR_2100:
        odd.append("its time lies before 2020 or after 2100")
    if leaf.flags > 31:
        odd.append("reserved flag bits are set")
    if (leaf.committed is None) != bool(leaf.flags & NON_ATTRIBUTABLE):
        odd.append("the evidence class of the flags is not that of the leaf")
    if leaf.flags & NON_ATTRIBUTABLE and others != 1:
        odd.append("non-attributable on a channel of more than two parties")
    if (leaf.kind == 0) != (leaf.index == 0):
        odd.append("kind 0 stands at index 0 and nowhere else")
    if isinstance(leaf.seen, list) != (others > 1) or (
        isinstance(leaf.seen, list) and len(leaf.seen) != others
    ):
        odd.append("`seen` does not name every other party once")
    if leaf.committed is not None and len(leaf.committed) > FIELDS_MAX:
        odd.append(f"more than {FIELDS_MAX} fields")
    if leaf.committed and max(leaf.committed) > FIELD_NUMBER_MAX:
        odd.append(f"a field number above {FIELD_NUMBER_MAX}")
    if any(depth_of(value) > DEPTH_BODY - 2 for value in leaf.opened.values()):
        odd.append("nested deeper than an entry may be")
    return odd
