"""Entries, leaves, trees and log parts, from spec/entry.md and spec/bundle.md."""

from __future__ import annotations

import hmac
import itertools
from dataclasses import dataclass, field
from typing import Any

from independent.identity import Party, charter_hash, h
from independent.values import array, decode, encode, need, uint

ATTRIBUTABLE = 0
OFF_RECORD = 16


def read_entry(raw: bytes, others: int) -> list[Any]:
    """An entry that MUST be accepted, or RefusedError."""
    need(len(raw) <= 65_536, "too long")
    entry = decode(raw)
    need(isinstance(entry, list) and len(entry) == 5, "not five members")
    uint(entry[0], 65_535)
    uint(entry[1])
    uint(entry[2], 31)
    need(not (entry[2] & OFF_RECORD and others != 1), "off the record among many")
    if others == 1:
        uint(entry[3])
    else:
        need(isinstance(entry[3], list) and len(entry[3]) == others, "seen")
        for number in entry[3]:
            uint(number)
    need(isinstance(entry[4], dict) and len(entry[4]) <= 64, "fields")
    for number in entry[4]:
        uint(number, 65_535)
    return entry


def salt(hide: bytes, inc: bytes, index: int, number: int) -> bytes:
    """The salt of a field."""
    key = h(b"parley1 open\0", inc, hide) if index == 0 else hide
    return hmac.digest(key, index.to_bytes(8, "big") + number.to_bytes(4, "big"), "sha256")[:16]


def commit(salted: bytes, number: int, value: Any) -> bytes:
    """The commitment to a field."""
    return h(b"parley1 field\0", salted, encode([number, value]))


def leaf_of(members: list[Any]) -> bytes:
    """The leaf of kind, time, flags, seen and commitments."""
    return h(b"\0", encode(members))


def root(leaves: list[bytes]) -> bytes:
    """The root of RFC 6962, section 2.1."""
    if not leaves:
        return h()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return h(b"\x01", root(leaves[:split]), root(leaves[split:]))


def cover(first: int, end: int, size: int) -> list[tuple[int, int]]:
    """The canonical cover of places: largest full subtrees, first to last."""
    found = []
    while first < end:
        level = 0
        while first % (2 << level) == 0 and first + (2 << level) <= min(end, size):
            level += 1
        found.append((level, first >> level))
        first += 1 << level
    return found


@dataclass
class Log:
    """One party's log on one channel in one incarnation."""

    party: Party
    charter: dict[int, Any]
    inc: bytes
    entries: list[list[Any]] = field(default_factory=list)

    @property
    def hide(self) -> bytes:
        """The secret behind the salts."""
        return h(b"hide", self.party.pid, self.inc)

    @property
    def origin(self) -> str:
        """The name of the log."""
        channel = charter_hash(self.charter)[:16]
        return f"parley1/{channel.hex()}/{self.party.pid.hex()}/{self.inc.hex()}"

    @property
    def number(self) -> int:
        """The party number of its author."""
        return int(self.charter[1].index(self.party.pid))

    def open(self, time: int, **more: Any) -> None:
        """Write the opening entry."""
        others = len(self.charter[1]) - 1
        body = {0: self.hide, 16: charter_hash(self.charter), 17: self.inc}
        body |= {int(name[1:]): value for name, value in more.items()}
        self.entries.append([0, time, 0, 0 if others == 1 else [0] * others, body])

    def write(
        self, kind: int, time: int, seen: Any, body: dict[int, Any] | None = None, flags: int = 0
    ) -> int:
        """Write an entry and give its index."""
        self.entries.append([kind, time, flags, seen, body or {}])
        return len(self.entries) - 1

    def view(self, index: int, withheld: tuple[int, ...] = ()) -> list[Any]:
        """The leaf as a bundle shows it."""
        kind, time, flags, seen, body = self.entries[index]
        if flags & OFF_RECORD:
            return [kind, time, flags, seen, salt(self.hide, self.inc, index, 0), {}]
        salts = {n: salt(self.hide, self.inc, index, n) for n in body}
        commitments = {n: commit(salts[n], n, value) for n, value in body.items()}
        opened = {n: [salts[n], value] for n, value in body.items() if n != 0 and n not in withheld}
        return [kind, time, flags, seen, commitments, opened]

    def leaves(self) -> list[bytes]:
        """All leaves."""
        return [leaf_of(self.view(i)[:5]) for i in range(len(self.entries))]

    def root(self, size: int | None = None) -> bytes:
        """The root at a size."""
        return root(self.leaves()[:size])

    def part(
        self,
        size: int,
        shown: set[int],
        withheld: dict[int, tuple[int, ...]] | None = None,
        sizes: tuple[int, ...] = (),
    ) -> list[Any]:
        """A log part that shows some leaves and can compute the roots at some sizes."""
        leaves = self.leaves()[:size]
        stops = sorted({0, size, *sizes} | {i for s in shown for i in (s, s + 1)})
        nodes = []
        for first, end in itertools.pairwise(stops):
            if first in shown:
                continue
            for level, pos in cover(first, end, size):
                under = leaves[pos << level : (pos + 1) << level]
                nodes.append([level, pos, root(under)])
        views = [[i, self.view(i, (withheld or {}).get(i, ()))] for i in sorted(shown)]
        return [self.origin, size, views, nodes]


class Part:
    """A log part of a bundle, checked for form."""

    def __init__(self, part: Any, others: int) -> None:
        self.origin, size, leaves, nodes = array(part, 4, 4)
        self.size = uint(size)
        need(self.size >= 1, "a part over no entry")
        self.views: dict[int, list[Any]] = {}
        self.known: dict[tuple[int, int], bytes] = {}
        spans = []
        last = -1
        for leaf in array(leaves, 65_536):
            index, view = array(leaf, 2, 2)
            uint(index, self.size - 1)
            need(index > last, "order of leaves")
            last = index
            self.views[index] = self._view(view, others)
            self.known[0, index] = leaf_of(view[:5])
            spans.append((index, index + 1))
        last = -1
        for node in array(nodes, 65_536):
            level, pos, digest = array(node, 3, 3)
            uint(level, 52)
            uint(pos)
            need(isinstance(digest, bytes) and len(digest) == 32, "hash")
            need((pos + 1) << level <= self.size, "node beyond the size")
            need(pos << level > last, "order of nodes")
            last = pos << level
            self.known[level, pos] = digest
            spans.append((pos << level, (pos + 1) << level))
        at = 0
        for first, end in sorted(spans):
            need(first == at, "leaves and nodes overlap or leave gaps")
            at = end
        need(at == self.size, "leaves and nodes leave gaps")

    def _view(self, view: Any, others: int) -> list[Any]:
        need(isinstance(view, list) and len(view) == 6, "leaf view")
        kind, time, flags, seen, commitments, opened = view
        for number in (kind, time, flags, *(seen if isinstance(seen, list) else [seen])):
            uint(number, 2**64 - 1)
        need(isinstance(opened, dict), "opened")
        if isinstance(commitments, bytes):
            need(len(commitments) == 16, "blind")
            need(opened == {}, "a leaf without commitments opens nothing")
            return view
        need(isinstance(commitments, dict), "commitments")
        for digest in commitments.values():
            need(isinstance(digest, bytes) and len(digest) == 32, "commitment")
        for number, pair in opened.items():
            need(number != 0, "field 0 opened")
            need(isinstance(pair, list) and len(pair) == 2, "opened field")
            need(isinstance(pair[0], bytes) and len(pair[0]) == 16, "salt")
            fits = commitments.get(number) == commit(pair[0], number, pair[1])
            need(fits, "opened field does not fit")
        return view

    def _node(self, level: int, pos: int) -> bytes | None:
        if (level, pos) in self.known:
            return self.known[level, pos]
        if level == 0:
            return None
        left = self._node(level - 1, 2 * pos)
        right = self._node(level - 1, 2 * pos + 1) if left is not None else None
        if left is None or right is None:
            return None
        self.known[level, pos] = h(b"\x01", left, right)
        return self.known[level, pos]

    def root(self, size: int) -> bytes | None:
        """The root at a size, if the part can compute it."""
        if size > self.size:
            return None
        if size == 0:
            return h()
        peaks = [self._node(level, pos) for level, pos in cover(0, size, size)]
        if None in peaks:
            return None
        digest = peaks.pop()
        while peaks:
            digest = h(b"\x01", peaks.pop() or b"", digest or b"")
        return digest

    def field(self, index: int, number: int) -> Any:
        """The value of an opened field, None if absent, Ellipsis if withheld."""
        view = self.views[index]
        if number in view[5]:
            return view[5][number][1]
        return ... if isinstance(view[4], bytes) or number in view[4] else None
