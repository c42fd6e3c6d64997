"""A leaf from an entry's bytes alone: the same as by decoding, and for no other bytes."""

from __future__ import annotations

import pytest

from parley.core.entry import Entry, binding_leaf, encode_entry, leaf_hash, make_flags
from parley.core.ids import Incarnation
from parley.core.instants import Instant

HIDE = bytes(range(32))
INC = Incarnation(bytes(8))
FIELDS = {2: "a word", 5: [1, 1_000, bytes(8)], 300: b"\x00" * 30, 1_000: {1: ["deep", [2**40]]}}


def entry(*, seen=(70_000,), fields=FIELDS, attributable=True):
    flags = make_flags(2, 1, attributable=attributable)
    return Entry(kind=200, time=Instant(1_800_000_000), flags=flags, seen=seen, fields=fields)


@pytest.mark.parametrize("seen", [(3,), (70_000,), (1, 2, 300)])
@pytest.mark.parametrize("fields", [{}, {1: None}, FIELDS])
def test_it_is_the_leaf_of_the_entry(seen, fields):
    made = entry(seen=seen, fields=fields)
    raw = encode_entry(made)

    leaf = binding_leaf(raw, hide=HIDE, index=70_001)

    assert leaf == leaf_hash(made, hide=HIDE, index=70_001, inc=INC)


def test_no_other_bytes_give_it():
    raw = encode_entry(entry())
    leaf = binding_leaf(raw, hide=HIDE, index=7)
    flipped = [
        raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
        for at in range(len(raw))
        for bit in range(8)
    ]
    others = [*flipped, *(raw[:end] for end in range(len(raw))), raw + b"\x00", raw + raw]

    assert leaf not in {binding_leaf(one, hide=HIDE, index=7) for one in others}
    assert leaf != binding_leaf(raw, hide=HIDE, index=8)


@pytest.mark.parametrize("raw", [b"", b"\x85", b"\x81" * 70_000, b"\xff" * 40, b"\xa1" * 40])
def test_of_what_is_no_entry_there_is_none(raw):
    assert binding_leaf(raw, hide=HIDE, index=1) is None


def test_of_an_entry_whose_body_its_leaf_does_not_bind_there_is_none():
    assert binding_leaf(encode_entry(entry(attributable=False)), hide=HIDE, index=1) is None
