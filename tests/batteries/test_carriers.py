"""What every carrier must do, asked of each of them in the same words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from parley.carriers.address import parse_address
from parley.carriers.certificate import make_certificate
from parley.carriers.dialer import keep_dialing
from parley.carriers.interface import Carrier, Path, PathTraits
from parley.carriers.loopback import LOOPBACK_TRAITS, LoopbackCarrier, loopback_pair
from parley.carriers.pacing import PacedPath, Pacer
from parley.carriers.tls import TlsCarrier
from parley.errors import CarrierError, PathClosedError, UsageError
from virtual_time import run_in_virtual_time

CERTIFICATE = make_certificate(
    common_name="battery", not_before=0, not_after=4_000_000_000, serial=7
)
NARROW = PathTraits(rate_bps=75, frame_bytes_max=64, cost=1, half_duplex=True, one_way=False)


@contextlib.asynccontextmanager
async def loopback_ends() -> AsyncIterator[tuple[Path, Path]]:
    async with carrier_ends(LoopbackCarrier({}), "loopback:battery") as ends:
        yield ends


@contextlib.asynccontextmanager
async def tls_ends() -> AsyncIterator[tuple[Path, Path]]:
    async with carrier_ends(TlsCarrier(certificate=CERTIFICATE), "127.0.0.1:0") as ends:
        yield ends


@contextlib.asynccontextmanager
async def narrow_ends() -> AsyncIterator[tuple[Path, Path]]:
    """A half-duplex line of 75 bit/s with frames of 64 bytes: both ends share its airtime."""
    one, other = loopback_pair(traits=NARROW)
    line = Pacer(rate_bps=75)
    yield PacedPath(one, line), PacedPath(other, line)
    await one.close("end of test")


@contextlib.asynccontextmanager
async def carrier_ends(carrier: Carrier, place: str) -> AsyncIterator[tuple[Path, Path]]:
    listener = await carrier.listen(parse_address(place))
    dialled, accepted = await asyncio.gather(
        carrier.dial(parse_address(listener.address)), listener.accept()
    )
    await listener.close()
    yield dialled, accepted
    await asyncio.gather(dialled.close("end of test"), accepted.close("end of test"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A medium under test: how to get both ends of a path, and which clock they live by."""

    ends: Callable[[], contextlib.AbstractAsyncContextManager[tuple[Path, Path]]]
    run: Callable[[Coroutine[Any, Any, None]], None]
    flood: int
    """Frames of the largest size that no buffer on the way can hold."""

    def ask(self, test: Callable[[Path, Path], Awaitable[None]]) -> None:
        async def main() -> None:
            async with self.ends() as (one, other):
                await test(one, other)

        self.run(main())


MEDIA = {
    "loopback": Medium(ends=loopback_ends, run=run_in_virtual_time, flood=12),
    "tls": Medium(ends=tls_ends, run=asyncio.run, flood=600),
    "narrow": Medium(ends=narrow_ends, run=run_in_virtual_time, flood=5_000),
}


@pytest.fixture(params=MEDIA)
def medium(request: pytest.FixtureRequest) -> Medium:
    return MEDIA[request.param]


async def receive_exactly(path: Path, count: int) -> list[bytes]:
    frames: list[bytes] = []
    while len(frames) < count:
        more = await path.receive()
        assert more, f"closed after {len(frames)} of {count} frames: {path.closed_reason}"
        frames += more
    return frames


async def receive_to_the_end(path: Path) -> list[bytes]:
    frames: list[bytes] = []
    while more := await path.receive():
        frames += more
    return frames


def numbered(count: int, size: int = 9) -> list[bytes]:
    return [number.to_bytes(4, "big") * (size // 4) + bytes(size % 4) for number in range(count)]


def test_frames_come_out_whole_and_in_order_both_ways(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        there, back = numbered(100, 64), numbered(60, 37)

        async def send_in_batches(path: Path, frames: Sequence[bytes]) -> None:
            for start in range(0, len(frames), 7):
                await path.send(frames[start : start + 7])

        _, _, came_there, came_back = await asyncio.gather(
            send_in_batches(one, there),
            send_in_batches(other, back),
            receive_exactly(other, len(there)),
            receive_exactly(one, len(back)),
        )

        assert came_there == there
        assert came_back == back

    medium.ask(test)


def test_the_largest_and_the_smallest_frame_pass(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        frames = [b"x" * one.traits.frame_bytes_max, b"y"]

        sending = asyncio.create_task(one.send(frames))

        assert await receive_exactly(other, 2) == frames
        await sending

    medium.ask(test)


@pytest.mark.parametrize("kind", ["empty", "too large"])
def test_a_frame_that_does_not_fit_is_refused_with_its_whole_batch(
    medium: Medium, kind: str
) -> None:
    async def test(one: Path, other: Path) -> None:
        bad = b"" if kind == "empty" else b"x" * (one.traits.frame_bytes_max + 1)

        with pytest.raises(UsageError, match=f"has 1 to {one.traits.frame_bytes_max} bytes"):
            await one.send([b"good", bad])

        await one.send([b"after"])
        assert await other.receive() == [b"after"]

    medium.ask(test)


def test_a_sender_waits_while_nobody_reads_and_nothing_is_lost(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        frames = numbered(medium.flood, one.traits.frame_bytes_max)
        taken = 0

        async def flood() -> None:
            nonlocal taken
            for frame in frames:
                await one.send([frame])
                taken += 1

        flooding = asyncio.create_task(flood())
        before = -1
        while taken != before:
            before = taken
            # On a line of 75 bit/s the next frame takes 7 s; elsewhere a moment shows the same.
            await asyncio.sleep(20 if one.traits.narrow else 0.2)

        assert not flooding.done(), "the medium swallowed everything without a reader"
        assert await receive_exactly(other, len(frames)) == frames
        await flooding

    medium.ask(test)


def test_what_was_sent_before_the_close_arrives_before_the_end(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        frames = numbered(30, 50)
        await one.send(frames)

        # TLS says goodbye to each other, so both ends have to be at work.
        _, came = await asyncio.gather(one.close("watch over"), receive_to_the_end(other))

        assert came == frames
        assert other.closed_reason
        assert await other.receive() == []

    medium.ask(test)


def test_who_closes_reads_its_own_reason_and_the_first_one_stays(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        assert one.closed_reason is None

        await asyncio.gather(one.close("exercise over"), receive_to_the_end(other))
        await one.close("another reason")

        assert one.closed_reason == "exercise over"
        assert await one.receive() == []

    medium.ask(test)


@pytest.mark.parametrize("who", ["own end", "other end"])
def test_sending_on_a_closed_path_is_refused_with_the_reason(medium: Medium, who: str) -> None:
    async def test(one: Path, other: Path) -> None:
        closing, reading = (one, other) if who == "own end" else (other, one)
        await asyncio.gather(closing.close("line given up"), receive_to_the_end(reading))

        with pytest.raises(PathClosedError) as caught:
            await one.send([b"too late"])

        assert caught.value.reason == one.closed_reason

    medium.ask(test)


def test_closing_wakes_the_reader_that_waits(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        waiting = asyncio.create_task(one.receive())
        await asyncio.sleep(0)

        await asyncio.gather(one.close("no more"), receive_to_the_end(other))

        assert await waiting == []

    medium.ask(test)


def test_closing_wakes_the_sender_that_waits(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        flooding = asyncio.create_task(one.send(numbered(medium.flood, one.traits.frame_bytes_max)))
        await asyncio.sleep(0.1)
        assert not flooding.done()

        await asyncio.gather(one.close("enough"), receive_to_the_end(other))

        with pytest.raises(PathClosedError, match="enough"):
            await flooding

    medium.ask(test)


def test_two_senders_never_mix_their_frames(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        first = [b"A%03d" % number for number in range(40)]
        second = [b"B%03d" % number for number in range(40)]

        sending = asyncio.gather(one.send(first), one.send(second))
        came = await receive_exactly(other, 80)
        await sending

        assert [frame for frame in came if frame[:1] == b"A"] == first
        assert [frame for frame in came if frame[:1] == b"B"] == second

    medium.ask(test)


def test_a_path_says_where_it_leads_and_what_it_can_do(medium: Medium) -> None:
    async def test(one: Path, other: Path) -> None:
        for path in (one, other):
            assert path.peer_hint
            assert 1 <= path.traits.frame_bytes_max <= 65_535
            assert not path.traits.one_way

    medium.ask(test)


# What is asked of carriers and listeners.

CARRIERS: dict[str, tuple[Callable[[], Carrier], str]] = {
    "loopback": (lambda: LoopbackCarrier({}), "loopback:battery"),
    "tls": (lambda: TlsCarrier(certificate=CERTIFICATE), "127.0.0.1:0"),
}


@pytest.fixture(params=CARRIERS)
def carrier_and_place(request: pytest.FixtureRequest) -> tuple[Carrier, str]:
    make, place = CARRIERS[request.param]
    return make(), place


def test_dialling_where_nobody_listens_fails_and_says_what_to_check(
    carrier_and_place: tuple[Carrier, str],
) -> None:
    carrier, place = carrier_and_place

    async def test() -> None:
        listener = await carrier.listen(parse_address(place))
        address = parse_address(listener.address)
        await listener.close()

        with pytest.raises(CarrierError) as caught:
            await carrier.dial(address)

        assert caught.value.next_step

    asyncio.run(test())


def test_a_place_is_listened_at_once_and_free_again_after_closing(
    carrier_and_place: tuple[Carrier, str],
) -> None:
    carrier, place = carrier_and_place

    async def test() -> None:
        listener = await carrier.listen(parse_address(place))
        address = parse_address(listener.address)
        with pytest.raises(CarrierError):
            await carrier.listen(address)
        await listener.close()

        again = await carrier.listen(address)

        assert again.address == listener.address
        await again.close()

    asyncio.run(test())


def test_closing_a_listener_wakes_who_accepts_and_leaves_open_paths_alone(
    carrier_and_place: tuple[Carrier, str],
) -> None:
    carrier, place = carrier_and_place

    async def test() -> None:
        listener = await carrier.listen(parse_address(place))
        ours, theirs = await asyncio.gather(
            carrier.dial(parse_address(listener.address)), listener.accept()
        )
        accepting = asyncio.create_task(listener.accept())
        await asyncio.sleep(0)

        await listener.close()

        with pytest.raises(PathClosedError):
            await accepting
        await ours.send([b"still here"])
        assert await theirs.receive() == [b"still here"]
        await asyncio.gather(ours.close("end"), theirs.close("end"))

    asyncio.run(test())


def test_a_path_that_nobody_accepted_ends_with_its_listener(
    carrier_and_place: tuple[Carrier, str],
) -> None:
    carrier, place = carrier_and_place

    async def test() -> None:
        listener = await carrier.listen(parse_address(place))
        ours = await carrier.dial(parse_address(listener.address))

        frames, _ = await asyncio.gather(receive_to_the_end(ours), listener.close())

        assert frames == []
        assert ours.closed_reason
        await ours.close("end")

    asyncio.run(test())


def test_the_cost_of_an_address_is_the_cost_of_its_path(
    carrier_and_place: tuple[Carrier, str],
) -> None:
    carrier, place = carrier_and_place

    async def test() -> None:
        listener = await carrier.listen(parse_address(place))
        address = replace(parse_address(listener.address), cost=321)

        path = await carrier.dial(address)

        assert path.traits.cost == 321
        await asyncio.gather(path.close("end"), listener.close())

    asyncio.run(test())


def test_a_path_comes_back_when_its_listener_does(
    carrier_and_place: tuple[Carrier, str],
) -> None:
    carrier, place = carrier_and_place

    async def test() -> None:
        listener = await carrier.listen(parse_address(place))
        address, poke = parse_address(listener.address), asyncio.Event()
        heard: asyncio.Queue[list[bytes]] = asyncio.Queue()
        failed = asyncio.Event()

        async def listen_on(path: Path) -> None:
            while frames := await path.receive():
                await heard.put(frames)

        dialing = asyncio.create_task(
            keep_dialing(
                carrier,
                address,
                on_path=listen_on,
                random=lambda: 0.0,
                poke=poke,
                on_failure=lambda _error, _wait_s: failed.set(),
            )
        )
        first = await listener.accept()
        await first.send([b"before"])
        assert await heard.get() == [b"before"]

        await listener.close()
        await first.close("the station is killed")
        await failed.wait()
        again = await carrier.listen(address)
        poke.set()
        second = await again.accept()
        await second.send([b"after"])

        assert await heard.get() == [b"after"]
        dialing.cancel()
        await asyncio.gather(dialing, second.close("end"), again.close(), return_exceptions=True)

    asyncio.run(test())


# One way: nothing may wait for a reply.


def test_a_one_way_path_carries_forward_and_refuses_backward() -> None:
    async def test() -> None:
        there, reader = loopback_pair(traits=replace(LOOPBACK_TRAITS, one_way=True))
        await there.send([b"to a courier"])

        with pytest.raises(UsageError, match="only reads"):
            await reader.send([b"an answer"])

        assert await reader.receive() == [b"to a courier"]
        assert there.traits.one_way
        assert reader.traits.one_way

    run_in_virtual_time(test())


def test_a_one_way_path_can_be_closed_without_a_word_from_the_reader() -> None:
    async def test() -> None:
        there, reader = loopback_pair(traits=replace(LOOPBACK_TRAITS, one_way=True))
        listening_in_vain = asyncio.create_task(there.receive())
        await there.send([b"last page"])

        await there.close("written")

        assert await listening_in_vain == []
        assert await receive_to_the_end(reader) == [b"last page"]

    run_in_virtual_time(test())


# Rate: frames of 64 bytes at 75 bit/s take 6.83 s each, by the loop's own clock.


def test_frames_leave_a_slow_line_when_their_last_bit_does() -> None:
    async def test() -> None:
        clock = asyncio.get_running_loop().time
        async with narrow_ends() as (one, other):
            sending = asyncio.create_task(one.send([b"x" * 64] * 3))
            came_at = []
            for _ in range(3):
                await receive_exactly(other, 1)
                came_at.append(clock())
            await sending

        assert came_at == pytest.approx([64 * 8 / 75 * n for n in (1, 2, 3)])

    run_in_virtual_time(test())


def test_both_ends_of_a_half_duplex_line_share_its_time() -> None:
    async def test() -> None:
        clock = asyncio.get_running_loop().time
        async with narrow_ends() as (one, other):
            await asyncio.gather(
                one.send([b"x" * 64] * 5),
                other.send([b"y" * 64] * 5),
                receive_exactly(one, 5),
                receive_exactly(other, 5),
            )

        assert clock() == pytest.approx(10 * 64 * 8 / 75)

    run_in_virtual_time(test())


def test_an_urgent_frame_goes_next_while_a_long_batch_is_under_way() -> None:
    async def test() -> None:
        async with narrow_ends() as (one, other):
            routine = asyncio.create_task(one.send([b"r" * 64] * 50))
            await asyncio.sleep(10)

            urgent = asyncio.create_task(one.send([b"FLASH"]))
            came = await receive_exactly(other, 3)
            while b"FLASH" not in came:
                came += await other.receive()

            assert came.index(b"FLASH") <= 3
            await urgent
            await one.close("enough")
            with pytest.raises(PathClosedError):
                await routine

    run_in_virtual_time(test())


def test_the_slower_of_medium_and_pacer_is_the_rate_told() -> None:
    slow_line, _ = loopback_pair(traits=NARROW)

    assert PacedPath(slow_line, Pacer(rate_bps=2_400)).traits.rate_bps == 75
    assert PacedPath(slow_line, Pacer(rate_bps=50)).traits.rate_bps == 50
