"""Many leaves at once make the tree that they make one by one."""

from __future__ import annotations

from hashlib import sha256

import pytest

from parley.core.merkle import Tree

LEAVES = [sha256(bytes([number % 256, number // 256])).digest() for number in range(301)]


@pytest.mark.parametrize("before", [0, 1, 2, 3, 7, 8, 64, 100])
def test_packed_leaves_make_the_same_nodes(before):
    for count in (*range(1, 20), 63, 64, 65, 200):
        end = before + count
        packed, single = Tree(), Tree()
        packed.extend(LEAVES[:before])
        packed.append_packed(b"".join(LEAVES[before:end]))
        packed.append(LEAVES[end])
        single.extend(LEAVES[: end + 1])
        assert packed.size == single.size
        for level in range(9):
            nodes = range((end + 1) >> level)
            assert [packed.node(level, pos) for pos in nodes] == [
                single.node(level, pos) for pos in nodes
            ]
        assert packed.root_at(end + 1) == single.root_at(end + 1)
        assert packed.inclusion_path(before, end) == single.inclusion_path(before, end)


def test_no_leaves_change_nothing():
    tree = Tree()
    tree.append_packed(b"")
    assert (tree.size, tree.root_at(0)) == (0, Tree().root_at(0))
