"""A digest, or its first digits, leads to what it names here."""

from __future__ import annotations

from hashlib import sha256
from types import SimpleNamespace as Shape

import pytest

from parley.core.ids import LogId
from parley.core.merkle import Tree
from parley.errors import UsageError
from parley.station.digests import HITS_MAX, Digests, digest_of

CHANNEL = bytes.fromhex("c0ffee00" * 4)
LOG = LogId(CHANNEL, b"a" * 16, b"i" * 8)
LEAVES = [sha256(bytes([number])).digest() for number in range(40)]
ROOT, FILE = "5eed" * 16, "f11e" * 16


class Station:
    """One channel with one log, whose entry 3 is not held."""

    def __init__(self, leaves):
        self.kept = Tree()
        self.kept.extend(leaves)
        self.reader = self

    def channels(self):
        return [Shape(charter=Shape(channel_id=CHANNEL, code="OPS"))]

    def logs(self):
        return [Shape(log=LOG)]

    def entry(self, _, index):
        return None if index == 3 else object()

    def last_statement(self, _):
        root = bytes.fromhex(ROOT)
        return Shape(signed=Shape(statement=Shape(root=root)))

    def tree(self, _):
        return self.kept

    def name(self, _, index):
        return f"OPS/ALFA/{index}"

    def rows(self):
        return [Shape(digest=FILE, number=7)]


def find(text, leaves=LEAVES):
    station = Station(leaves)
    return [(hit.kind, hit.name) for hit in Digests(station, station, station).find(text)]


@pytest.mark.parametrize("digits", [8, 9, 32, 64])
@pytest.mark.parametrize("index", [0, 17, 39])
def test_the_first_digits_of_a_leaf_lead_to_its_entry(index, digits):
    assert find(LEAVES[index].hex()[:digits]) == [("entry", f"OPS/ALFA/{index}")]


def test_other_digests_lead_to_channel_root_and_file():
    assert find("C0FFEE00 C0FF") == [("channel", "OPS")]
    assert find(ROOT[:12]) == [("root", "OPS")]
    assert find(f"sha256:{FILE}") == [("courier", "7")]


def test_what_only_begins_alike_what_is_not_held_and_what_lies_across_two_leaves_is_not_named():
    alike = LEAVES[0].hex()[:8] + ("0" if LEAVES[0].hex()[8] != "0" else "1")
    assert find(alike) == []
    assert find(LEAVES[3].hex()) == []
    assert find((LEAVES[0][-4:] + LEAVES[1][:4]).hex()) == []


def test_entries_alike_are_told_up_to_a_limit():
    assert len(find("ab" * 8, [b"\xab" * 32] * 100)) == HITS_MAX


@pytest.mark.parametrize("text", ["", "abcdef1", "ab" * 33, "wind farm", "abcdefgh"])
def test_what_is_no_digest_is_refused_with_what_to_do(text):
    assert digest_of(text) is None
    with pytest.raises(UsageError, match="8 to 64"):
        find(text)
