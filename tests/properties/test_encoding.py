"""What is read once need not be encoded again: bytes cut out of a frame are the entries' own."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core import canon, items
from parley.core.entry import (
    F_HIDE,
    Entry,
    commitments,
    encode_entry,
    entry_value,
    leaf_hash,
    make_flags,
    opening_hide,
    salt,
)
from parley.core.instants import Instant
from parley.core.item_reading import decode_items

SCALARS = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.binary(max_size=300),
    st.text(max_size=300),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.integers(0, 70_000), inner),
    max_leaves=12,
)
ENTRIES = st.builds(
    Entry,
    kind=st.integers(0, 65_535),
    time=st.integers(0, 2**53 - 1).map(Instant),
    flags=st.booleans().map(lambda kept: make_flags(2, attributable=kept)),
    seen=st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=3).map(tuple),
    fields=st.dictionaries(
        st.integers(0, 65_535), SCALARS | st.lists(SCALARS, max_size=30), max_size=9
    ),
)


@given(VALUES)
def test_a_value_ends_where_its_encoding_ends(value: canon.Value) -> None:
    raw = canon.encode(value)

    assert canon.end_of(raw + b"\xff", 0) == len(raw)
    assert canon.value_at(b"\xff" + raw + b"\xff", 1, 12) == (canon.decode(raw), len(raw) + 1)


@given(ENTRIES, st.binary(min_size=32, max_size=80), st.integers(0, 2**53 - 1))
def test_a_leaf_is_that_of_the_specification(entry: Entry, hide: bytes, index: int) -> None:
    inc = bytes(8)
    seen = entry.seen[0] if len(entry.seen) == 1 else list(entry.seen)
    key = opening_hide(inc, entry.fields.get(F_HIDE)) if index == 0 else hide
    hidden: canon.Value = salt(key, index, 0)
    if entry.is_attributable:
        hidden = commitments(entry, hide=hide, index=index, inc=inc)
    preimage = canon.encode([entry.kind, entry.time, entry.flags, seen, hidden])

    leaf = leaf_hash(entry, hide=hide, index=index, inc=inc, raw=encode_entry(entry))

    assert leaf == sha256(b"\0" + preimage).digest()
    assert leaf == leaf_hash(entry, hide=hide, index=index, inc=inc)


@given(st.lists(ENTRIES, min_size=1, max_size=30), st.integers(0, 15))
def test_a_run_read_from_a_frame_holds_the_bytes_of_its_entries(
    entries: list[Entry], party: int
) -> None:
    raws = [encode_entry(entry) for entry in entries]
    run = items.encode_run(7, party, 300, raws, None)
    ping = items.encode_item(items.Ping(5))

    found, faults = decode_items(ping + run + ping)

    assert faults == []
    assert isinstance(found[1], items.Run)
    assert list(found[1].raws) == raws
    assert found[1].entries == [canon.decode(canon.encode(entry_value(one))) for one in entries]
    assert [found[0], found[2]] == [items.Ping(5), items.Ping(5)]


@pytest.mark.parametrize("depth", [10, 11])
def test_a_run_is_as_deep_as_any_item(depth: int) -> None:
    """The item counts 1 and its array of entries 2, however they are read."""
    nested: canon.Value = []
    for _ in range(depth - 1):
        nested = [nested]
    raw = canon.encode([items.RUN, 1, 0, 0, [nested]])

    assert (canon.depth(canon.decode(raw, depth_max=99)) <= 12) == (depth == 10)
    if depth == 10:
        assert decode_items(raw)[1] == []
    else:
        with pytest.raises(canon.MalformedError, match="nested too deep"):
            decode_items(raw)
