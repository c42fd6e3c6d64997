"""A tree with gaps: what it keeps of what it computed is never older than what it knows."""

import random

import pytest

from parley.core import merkle
from parley.core.merkle import Tree

MOST = 40


class Forgetful(Tree):
    """Computes everything anew."""

    def node(self, level, pos):
        self._made.clear()
        return super().node(level, pos)


def change(tree, chance):
    """Do one of the things that happen to the tree of a peer's log."""
    index = chance.randrange(MOST)
    match chance.randrange(8):
        case 0 | 1:
            tree.append(chance.randbytes(32))
        case 2 | 3:
            tree.learn(0, index, chance.randbytes(32))
        case 4:
            level = chance.randrange(1, 4)
            tree.learn(level, index >> level, chance.randbytes(32))
        case 5:
            tree.forget_leaf(index)
        case 6:
            tree.absorb()
        case 7 if chance.random() < 0.2:
            tree.forget_beyond(max(index, tree.size - 3))


@pytest.mark.parametrize("seed", range(6))
def test_roots_are_those_of_a_tree_that_keeps_nothing(seed):
    kept, anew = Tree(), Forgetful()
    dice = random.Random(seed), random.Random(seed)
    found = 0
    for _ in range(300):
        for tree, chance in zip((kept, anew), dice, strict=True):
            change(tree, chance)
        if kept.size > MOST:
            kept.truncate(10)
            anew.truncate(10)
        for size in range(MOST):
            root = kept.root_at(size)
            assert root == anew.root_at(size)
            found += root is not None and size > kept.size
    assert found > 50


def test_a_root_over_many_gaps_is_computed_once(monkeypatch):
    tree = Tree()
    tree.append(bytes(32))
    for index in range(2, 4_096):
        tree.learn(0, index, index.to_bytes(32, "big"))
    tree.learn(0, 1, bytes(32))
    hashed = []
    original = merkle.node_hash
    monkeypatch.setattr(merkle, "node_hash", lambda *two: hashed.append(1) or original(*two))

    first = [tree.root_at(4_096) for _ in range(50)]
    tree.learn(0, 4_000, bytes(32))
    other = tree.root_at(4_096)

    assert len(set(first)) == 1
    assert other != first[0]
    assert len(hashed) <= 4_095 + 12
