from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.carriers.address import parse_address
from parley.carriers.loopback import LoopbackCarrier
from parley.carriers.pacing import PacedCarrier, PacedPath, Pacer
from parley.errors import UsageError
from virtual_time import run_in_virtual_time


def test_a_frame_takes_its_bits_divided_by_the_rate() -> None:
    assert Pacer(rate_bps=75).reserve(64, now_s=0) == pytest.approx(64 * 8 / 75)


def test_frames_booked_at_once_follow_each_other() -> None:
    pacer = Pacer(rate_bps=800)

    assert [pacer.reserve(100, now_s=5) for _ in range(3)] == pytest.approx([1, 2, 3])


def test_a_line_that_was_silent_is_free_at_once() -> None:
    pacer = Pacer(rate_bps=800)
    pacer.reserve(100, now_s=0)

    assert pacer.reserve(100, now_s=60) == pytest.approx(1)


def test_a_tenth_of_duty_lets_a_full_bucket_go_and_then_one_second_in_ten() -> None:
    pacer = Pacer(rate_bps=800, duty_cycle=0.1, duty_window_s=100)

    ends = [pacer.reserve(100, now_s=0) for _ in range(14)]

    # 10 s of airtime are saved up and refill while they are spent: 11 frames of 1 s go at once.
    assert ends[:11] == pytest.approx(range(1, 12))
    assert ends[12] - ends[11] == pytest.approx(10)
    assert ends[13] - ends[12] == pytest.approx(10)


@given(
    duty=st.sampled_from([0.01, 0.1, 0.5]),
    frames=st.lists(st.tuples(st.integers(1, 1_000), st.floats(0, 30)), min_size=1, max_size=60),
)
def test_airtime_in_any_span_stays_within_duty_and_one_bucket(
    duty: float, frames: list[tuple[int, float]]
) -> None:
    pacer = Pacer(rate_bps=8_000, duty_cycle=duty, duty_window_s=60)
    now_s, sent = 0.0, []
    for frame_bytes, pause_s in frames:
        now_s += pause_s
        end_s = now_s + pacer.reserve(frame_bytes, now_s=now_s)
        sent.append((end_s - frame_bytes / 1_000, end_s))

    for earlier, later in itertools.pairwise(sent):
        assert earlier[1] <= later[0] + 1e-6
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            airtime_s = sum(end - start for start, end in sent[first : last + 1])
            span_s = sent[last][1] - sent[first][0]
            # A frame longer than the bucket may leave a debt of itself once.
            longest_s = max(end - start for start, end in sent[first : last + 1])
            assert airtime_s <= duty * 60 + duty * span_s + longest_s + 1e-6


@pytest.mark.parametrize(
    "bounds",
    [
        {"rate_bps": 0},
        {"rate_bps": 75, "duty_cycle": 0},
        {"rate_bps": 75, "duty_cycle": 1.1},
        {"rate_bps": 75, "duty_cycle": float("nan")},
        {"rate_bps": 75, "duty_window_s": 0},
    ],
)
def test_a_pacer_that_could_never_send_is_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="a pacer needs"):
        Pacer(**bounds)  # type: ignore[arg-type]


def test_the_rate_of_an_address_holds_at_both_ends() -> None:
    async def test() -> None:
        carrier = PacedCarrier(LoopbackCarrier({}))
        listener = await carrier.listen(parse_address("loopback:slow?rate=75"))

        dialled = await carrier.dial(parse_address("loopback:slow?rate=300"))
        accepted = await listener.accept()

        assert isinstance(dialled, PacedPath)
        assert dialled.traits.rate_bps == 300
        assert dialled.traits.narrow
        assert accepted.traits.rate_bps == 75

    run_in_virtual_time(test())


def test_an_address_without_a_rate_is_not_held_back() -> None:
    async def test() -> None:
        carrier = PacedCarrier(LoopbackCarrier({}))
        listener = await carrier.listen(parse_address("loopback:fast"))

        dialled = await carrier.dial(parse_address("loopback:fast"))
        accepted = await listener.accept()

        assert dialled.traits.rate_bps is None
        assert accepted.traits.rate_bps is None
        assert not dialled.traits.narrow

    run_in_virtual_time(test())
