from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core import items, limits, symbols
from parley.core.items import Symbol
from parley.errors import MalformedError, UsageError


def matter(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def bring_back(obj: bytes, size: int, given: list[tuple[int, bytes]]) -> bytes | None:
    decoder = symbols.Decoder(symbols.ident(obj), len(obj), size)
    for esi, data in given:
        if (found := decoder.add(esi, data)) is not None:
            return found
    return None


@pytest.mark.parametrize("size", [1, 7, 8, 9, 63, 64, 65, 640, 6_400, 65_535, 65_536])
@pytest.mark.parametrize("symbol_size", [64, 136, 65_528])
def test_source_symbols_alone_bring_the_object_back(size: int, symbol_size: int) -> None:
    obj = matter(size)

    source = list(symbols.encode(obj, symbol_size, repair=False))

    assert len(source) == symbols.source_count(size, symbol_size)
    assert b"".join(data for _, data in source)[:size] == obj
    assert bring_back(obj, symbol_size, source) == obj


@pytest.mark.parametrize("count", [1, 2, 9, 100])
def test_repair_symbols_alone_bring_the_object_back(count: int) -> None:
    obj = matter(count * 64 - 3)

    repair = [
        pair
        for pair in itertools.islice(symbols.encode(obj, 64), 2 * count + 8)
        if pair[0] >= count
    ]

    assert bring_back(obj, 64, repair) == obj


def test_symbols_rise_by_one_and_all_have_one_length() -> None:
    sent = list(itertools.islice(symbols.encode(matter(1_000), 64), 300))

    assert [esi for esi, _ in sent] == list(range(300))
    assert {len(data) for _, data in sent} == {64}
    assert len({data for _, data in sent}) == 300


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5_000), st.sampled_from([8, 64, 88, 216]), st.randoms(use_true_random=False))
def test_any_symbols_slightly_above_the_objects_own_number_suffice(
    size: int, symbol_size: int, chance: random.Random
) -> None:
    obj = matter(size)
    count = symbols.source_count(size, symbol_size)
    sent = list(itertools.islice(symbols.encode(obj, symbol_size), 2 * count + 6))
    chance.shuffle(sent)

    assert bring_back(obj, symbol_size, sent[: count + 4]) == obj


def test_a_symbol_that_came_before_adds_nothing() -> None:
    obj = matter(640)
    decoder = symbols.Decoder(symbols.ident(obj), 640, 64)
    sent = list(itertools.islice(symbols.encode(obj, 64), 10))

    found = [decoder.add(*pair) for pair in [sent[0]] * 12 + sent]

    assert found == [None] * 21 + [obj]
    assert decoder.symbols == 10


@pytest.mark.parametrize("frame_bytes", [64, 128, 176, 192, 256, 300, 1_200, 65_535])
@pytest.mark.parametrize("size", [100, 65_535, 65_536])
def test_a_symbol_fits_the_frame_and_the_next_size_would_not(frame_bytes: int, size: int) -> None:
    chosen = symbols.symbol_bytes(frame_bytes, size)

    def frame_of(symbol_size: int) -> int:
        item = Symbol(ident=bytes(4), size=size, esi=65_535, data=bytes(symbol_size))
        return limits.FRAME_OVERHEAD_BYTES + len(items.encode_item(item))

    assert frame_of(chosen) <= frame_bytes
    assert frame_of(chosen + 8) > frame_bytes


def test_the_published_costs_of_small_frames_hold() -> None:
    costs = {frame: frame / symbols.symbol_bytes(frame, 16_384) for frame in (128, 176, 192, 256)}

    assert {frame: round(cost, 2) for frame, cost in costs.items()} == {
        128: 1.45,
        176: 1.29,
        192: 1.26,
        256: 1.19,
    }


@pytest.mark.parametrize("frame_bytes", [0, 22, 44])
def test_a_frame_too_small_for_any_symbol_is_refused(frame_bytes: int) -> None:
    with pytest.raises(UsageError):
        symbols.symbol_bytes(frame_bytes, 1_000)


@pytest.mark.parametrize(
    ("size", "symbol_size"), [(0, 64), (65_537, 64), (100, 0), (100, 12), (100, -8), (100, 65_536)]
)
def test_sizes_out_of_bounds_are_refused_on_both_ends(size: int, symbol_size: int) -> None:
    with pytest.raises(UsageError):
        next(symbols.encode(bytes(size), symbol_size))
    with pytest.raises(MalformedError):
        symbols.Decoder(bytes(4), size, symbol_size)


@pytest.mark.parametrize(("esi", "length"), [(0, 63), (0, 65), (0, 0), (-1, 64), (2**24, 64)])
def test_a_symbol_of_another_form_is_refused_and_the_rest_still_counts(
    esi: int, length: int
) -> None:
    obj = matter(640)
    decoder = symbols.Decoder(symbols.ident(obj), 640, 64)

    with pytest.raises(MalformedError):
        decoder.add(esi, bytes(length))

    found = [decoder.add(*pair) for pair in symbols.encode(obj, 64, repair=False)]
    assert found[-1] == obj


@pytest.mark.parametrize("esi", [0, 9, 10, 2**16, 2**24 - 1])
def test_a_false_symbol_never_yields_a_false_object(esi: int) -> None:
    obj = matter(640)
    decoder = symbols.Decoder(symbols.ident(obj), 640, 64)
    decoder.add(esi, b"\xa5" * 64)

    with pytest.raises(MalformedError):
        for pair in itertools.islice(symbols.encode(obj, 64), 40):
            assert decoder.add(*pair) is None

    assert decoder.spoilt
    with pytest.raises(MalformedError):
        decoder.add(11, bytes(64))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 2_000),
    st.lists(st.tuples(st.integers(0, 2**24 - 1), st.binary(min_size=8, max_size=8)), max_size=60),
)
def test_a_stranger_can_only_cause_a_refusal(size: int, given: list[tuple[int, bytes]]) -> None:
    decoder = symbols.Decoder(bytes(4), size, 8)
    try:
        for esi, data in given:
            found = decoder.add(esi, data)
            assert found is None or symbols.ident(found) == bytes(4)
    except MalformedError:
        assert decoder.spoilt


def test_a_panic_of_the_package_is_a_refusal_by_name() -> None:
    class PanicException(BaseException):
        pass

    class Panicking:
        def decode(self, packet: bytes) -> None:
            raise PanicException("index out of bounds")

    decoder = symbols.Decoder(bytes(4), 100, 64)
    decoder._decoder = Panicking()

    with pytest.raises(MalformedError, match="cannot use"):
        decoder.add(0, bytes(64))


def test_any_other_failure_is_not_hidden() -> None:
    class Interrupted:
        def decode(self, packet: bytes) -> None:
            raise KeyboardInterrupt

    decoder = symbols.Decoder(bytes(4), 100, 64)
    decoder._decoder = Interrupted()

    with pytest.raises(KeyboardInterrupt):
        decoder.add(0, bytes(64))
