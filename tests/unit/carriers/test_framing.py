from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.carriers.framing import FrameSplitter, join_frames
from parley.errors import FrameLengthError

frame_lists = st.lists(st.binary(min_size=1, max_size=300), max_size=20)


@given(frames=frame_lists, cuts=st.lists(st.integers(0, 6_000), max_size=30))
def test_frames_come_out_whole_however_the_stream_is_cut(
    frames: list[bytes], cuts: list[int]
) -> None:
    stream = join_frames(frames)
    splitter = FrameSplitter()
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})

    came = [
        frame
        for start, end in itertools.pairwise(places)
        for frame in splitter.feed(stream[start:end])
    ]

    assert came == frames
    assert splitter.rest_bytes == 0


@given(frames=frame_lists, torn=st.binary(min_size=1, max_size=300), at=st.integers(1, 301))
def test_a_torn_frame_is_held_and_counted_never_given_out(
    frames: list[bytes], torn: bytes, at: int
) -> None:
    held = join_frames([torn])[:-1][:at]
    splitter = FrameSplitter()

    assert splitter.feed(join_frames(frames) + held) == frames
    assert splitter.rest_bytes == len(held)


@pytest.mark.parametrize("length", [0, 65, 0xFFFF])
@pytest.mark.parametrize("one_byte_at_a_time", [False, True])
def test_an_impossible_length_ends_the_stream_and_spares_what_stood_before(
    length: int, one_byte_at_a_time: bool
) -> None:
    stream = join_frames([b"good", b"x" * 64]) + length.to_bytes(2, "big") + b"rest"
    splitter = FrameSplitter(frame_bytes_max=64)
    pieces = [bytes([byte]) for byte in stream] if one_byte_at_a_time else [stream]
    came: list[bytes] = []

    with pytest.raises(FrameLengthError) as caught:
        for piece in pieces:
            came += splitter.feed(piece)

    assert [*came, *caught.value.salvaged] == [b"good", b"x" * 64]
    assert caught.value.frame_bytes == length


def test_the_largest_length_two_bytes_can_say_is_a_frame() -> None:
    assert FrameSplitter().feed(join_frames([b"z" * 65_535])) == [b"z" * 65_535]


def test_a_single_byte_of_length_waits_for_the_second() -> None:
    splitter = FrameSplitter()

    assert splitter.feed(b"\x00") == []
    assert splitter.feed(b"\x01") == []
    assert splitter.feed(b"!") == [b"!"]
