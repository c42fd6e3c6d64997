from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from parley.carriers import tls
from parley.carriers.address import parse_address
from parley.carriers.certificate import client_context, make_certificate
from parley.carriers.framing import join_frames
from parley.carriers.interface import Path
from parley.carriers.tls import InboundLimits, TlsCarrier, TlsListener
from parley.carriers.tls_path import INBOX_BYTES_MAX, TlsPath
from parley.errors import CarrierError, PinMismatchError, UsageError

CERTIFICATE = make_certificate(common_name="B", not_before=0, not_after=4_000_000_000, serial=1)
OTHER = make_certificate(common_name="B", not_before=0, not_after=4_000_000_000, serial=1)


@contextlib.asynccontextmanager
async def listening(limits: InboundLimits | None = None) -> AsyncIterator[TlsListener]:
    carrier = TlsCarrier(certificate=CERTIFICATE, limits=limits)
    listener = await carrier.listen(parse_address("127.0.0.1:0"))
    yield listener
    await listener.close()


async def dial(listener: TlsListener) -> TlsPath:
    return await TlsCarrier(certificate=None).dial(parse_address(listener.address))


def port_of(listener: TlsListener) -> int:
    return parse_address(listener.address).port


Writer = asyncio.StreamWriter


@contextlib.asynccontextmanager
async def raw_tls(listener: TlsListener) -> AsyncIterator[tuple[asyncio.StreamReader, Writer]]:
    """A stranger who speaks TLS and then whatever it likes."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port_of(listener), ssl=client_context()
    )
    yield reader, writer
    writer.transport.abort()


async def read_all(path: Path) -> list[bytes]:
    frames: list[bytes] = []
    while more := await path.receive():
        frames += more
    return frames


def in_a_loop(test: Callable[[], Awaitable[None]]) -> None:
    """Run; an exception nobody fetched, in any task or callback, fails the test too."""
    unheard: list[dict[str, object]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: unheard.append(what))
        async with asyncio.timeout(60):
            await test()

    asyncio.run(main())
    assert unheard == []


# Pins.


def test_the_pinned_certificate_is_taken() -> None:
    async def test() -> None:
        async with listening() as listener:
            assert parse_address(listener.address).pin == CERTIFICATE.pin

            path = await dial(listener)

            await path.close("end")

    in_a_loop(test)


def test_another_certificate_than_the_pinned_one_is_refused_before_a_frame_is_sent() -> None:
    async def test() -> None:
        async with listening() as listener:
            address = replace(parse_address(listener.address), pin=OTHER.pin)

            accepting = asyncio.create_task(listener.accept())
            with pytest.raises(PinMismatchError) as caught:
                await TlsCarrier(certificate=None).dial(address)

            assert caught.value.expected == OTHER.pin
            assert caught.value.found == CERTIFICATE.pin
            assert "nothing was sent" in str(caught.value)
            assert await read_all(await accepting) == []

    in_a_loop(test)


def test_without_a_pin_any_certificate_is_taken() -> None:
    async def test() -> None:
        async with listening() as listener:
            address = replace(parse_address(listener.address), pin=None)

            path = await TlsCarrier(certificate=None).dial(address)

            await path.close("end")

    in_a_loop(test)


def test_listening_under_a_pin_that_is_not_ours_is_refused() -> None:
    async def test() -> None:
        address = parse_address(f"127.0.0.1:0?pin={OTHER.pin.hex()}")

        with pytest.raises(UsageError, match="our certificate has"):
            await TlsCarrier(certificate=CERTIFICATE).listen(address)

    in_a_loop(test)


def test_listening_without_a_certificate_is_refused() -> None:
    async def test() -> None:
        with pytest.raises(UsageError, match="a certificate of our own"):
            await TlsCarrier(certificate=None).listen(parse_address("127.0.0.1:0"))

    in_a_loop(test)


@pytest.mark.parametrize("place", ["127.0.0.1:0", "loopback:b"])
def test_an_address_without_a_port_is_not_dialled(place: str) -> None:
    async def test() -> None:
        with pytest.raises(UsageError, match="cannot be dialled"):
            await TlsCarrier(certificate=None).dial(parse_address(place))

    in_a_loop(test)


# Strangers who break the stream.


@pytest.mark.parametrize("prefix", [b"\x00\x00", b"\x00\x00\xff\xff"])
def test_a_corrupted_length_closes_the_path_and_spares_what_stood_before(prefix: bytes) -> None:
    async def test() -> None:
        async with listening() as listener, raw_tls(listener) as (reader, writer):
            path = await listener.accept()

            writer.write(join_frames([b"first", b"second"]) + prefix + b"garbage")

            assert await read_all(path) == [b"first", b"second"]
            assert path.closed_reason is not None
            assert "announced a frame of 0 bytes" in path.closed_reason
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                assert await reader.read() == b""

    in_a_loop(test)


def test_a_torn_frame_is_dropped_and_counted_in_the_reason() -> None:
    async def test() -> None:
        async with listening() as listener, raw_tls(listener) as (_, writer):
            path = await listener.accept()

            writer.write(join_frames([b"whole", b"torn frame"])[:-4])
            writer.close()

            assert await read_all(path) == [b"whole"]
            assert path.closed_reason == (
                "the peer closed the connection in the middle of a frame; "
                "the 8 bytes of it were dropped"
            )

    in_a_loop(test)


def test_a_connection_that_is_reset_ends_the_path_with_a_reason() -> None:
    async def test() -> None:
        async with listening() as listener, raw_tls(listener) as (_, writer):
            path = await listener.accept()
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

            writer.transport.abort()

            assert await read_all(path) == []
            assert path.closed_reason

    in_a_loop(test)


def test_many_tiny_frames_nobody_takes_are_bounded_like_large_ones() -> None:
    async def test() -> None:
        async with listening() as listener, raw_tls(listener) as (_, writer):
            path = await listener.accept()
            flood = join_frames([b"!"]) * 200_000

            async def pour() -> None:
                while True:
                    writer.write(flood)
                    await writer.drain()

            pouring = asyncio.create_task(pour())
            while not path._is_reading_paused:
                await asyncio.sleep(0.01)
            held = len(path._inbox)
            for _ in range(20):
                await asyncio.sleep(0.01)

            assert len(path._inbox) == held
            # One read of at most 256 KiB may come on top of a full inbox.
            assert held * 65 <= INBOX_BYTES_MAX + 256 * 1024 * 65 / 3
            pouring.cancel()
            await path.close("enough")

    in_a_loop(test)


# Strangers who never become a path.


@pytest.mark.parametrize(
    "hello",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", id="plain HTTP"),
        pytest.param(bytes(range(256)) * 64, id="noise"),
        pytest.param(b"\x16\x03\x01\xff\xff" + bytes(70_000), id="an endless record"),
        pytest.param(b"", id="closes at once"),
    ],
)
def test_no_handshake_no_path_and_others_go_on(hello: bytes) -> None:
    async def test() -> None:
        async with listening() as listener:
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))
            writer.write(hello)
            if not hello:
                writer.close()
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.transport.abort()

            ours, theirs = await asyncio.gather(dial(listener), listener.accept())

            await ours.send([b"unharmed"])
            assert await theirs.receive() == [b"unharmed"]
            await asyncio.gather(ours.close("end"), theirs.close("end"))

    in_a_loop(test)


def test_tls_1_2_is_turned_away() -> None:
    async def test() -> None:
        async with listening() as listener:
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.maximum_version = ssl.TLSVersion.TLSv1_2

            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.open_connection("127.0.0.1", port_of(listener), ssl=old)

    in_a_loop(test)


def test_who_stays_silent_in_the_handshake_is_sent_away() -> None:
    async def test() -> None:
        async with listening(InboundLimits(handshake_seconds=0.2)) as listener:
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))

            assert await reader.read() == b""
            assert listener._open.total() == 0
            writer.transport.abort()

    in_a_loop(test)


def test_a_peer_that_answers_without_tls_is_no_path() -> None:
    async def test() -> None:
        async def greet(_: asyncio.StreamReader, writer: Writer) -> None:
            writer.write(b"220 mail.example ready\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        with pytest.raises(CarrierError, match="no TLS 1.3 handshake"):
            await TlsCarrier(certificate=None).dial(parse_address(f"127.0.0.1:{port}"))

        server.close()
        await server.wait_closed()

    in_a_loop(test)


# Limits.


def test_connections_above_the_limit_of_one_address_are_sent_away_and_counted() -> None:
    async def test() -> None:
        async with listening(InboundLimits(per_address=2)) as listener:
            paths = [await dial(listener), await dial(listener)]

            with pytest.raises(CarrierError):
                await dial(listener)

            assert listener.refused == 1
            for path in paths:
                await path.close("end")

    in_a_loop(test)


def test_a_place_is_free_again_when_its_connection_is_gone() -> None:
    async def test() -> None:
        async with listening(InboundLimits(total=1)) as listener:
            for _ in range(3):
                ours, theirs = await asyncio.gather(dial(listener), listener.accept())
                await asyncio.gather(ours.close("end"), theirs.close("end"))

            assert listener.refused == 0

    in_a_loop(test)


def test_who_takes_a_place_and_says_nothing_makes_room_for_who_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tls, "QUICK_SECONDS", 0.0)

    async def test() -> None:
        async with listening(InboundLimits(total=3)) as listener:
            at = ("127.0.0.1", port_of(listener))
            silent = [await asyncio.open_connection(*at) for _ in range(3)]
            while len(listener._handshakes) < len(silent):
                await asyncio.sleep(0)

            paths = await asyncio.gather(dial(listener), listener.accept())

            assert listener.refused == 0
            assert len(listener._handshakes) == 2
            for path in paths:
                await path.close("end")
            for _, writer in silent:
                writer.transport.abort()

    in_a_loop(test)


def test_handshakes_under_way_keep_their_places_for_a_second() -> None:
    async def test() -> None:
        async with listening(InboundLimits(total=1)) as listener:
            _, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))
            while not listener._handshakes:
                await asyncio.sleep(0)

            with pytest.raises(CarrierError):
                await dial(listener)

            assert listener.refused == 1
            writer.transport.abort()

    in_a_loop(test)


def test_a_flood_of_refused_connections_leaves_others_their_turn() -> None:
    async def test() -> None:
        async with listening(InboundLimits(total=0)) as listener:
            turns = 0

            async def others() -> None:
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0)

            flood = [socket.create_connection(("127.0.0.1", port_of(listener))) for _ in range(80)]
            working = asyncio.create_task(others())
            while listener.refused < len(flood):
                await asyncio.sleep(0)

            assert turns >= len(flood) - 1
            working.cancel()
            for each in flood:
                each.close()

    in_a_loop(test)


def test_accepting_rests_without_file_handles_and_goes_on_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tls, "PAUSE_WHEN_EXHAUSTED_S", 0.01)

    async def test() -> None:
        loop = asyncio.get_running_loop()
        accept, troubles = loop.sock_accept, [errno.EMFILE, errno.ECONNABORTED, errno.ENOBUFS]

        async def starved(sock: socket.socket) -> object:
            if troubles:
                raise OSError(troubles.pop(), "starved")
            return await accept(sock)

        monkeypatch.setattr(loop, "sock_accept", starved, raising=False)
        async with listening() as listener:
            path = await dial(listener)

            assert troubles == []
            await path.close("end")

    in_a_loop(test)


def test_closing_ends_handshakes_under_way() -> None:
    async def test() -> None:
        async with listening() as listener:
            connections = [
                await asyncio.open_connection("127.0.0.1", port_of(listener)) for _ in range(3)
            ]
            await asyncio.sleep(0.05)
            assert listener._handshakes

            await listener.close()

            assert not listener._handshakes
            for reader, writer in connections:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.transport.abort()

    in_a_loop(test)


def test_both_families_of_localhost_answer_on_one_port() -> None:
    async def test() -> None:
        listener = await TlsCarrier(certificate=CERTIFICATE).listen(parse_address("localhost:0"))
        families = {each.family for each in listener._sockets}
        ports = {each.getsockname()[1] for each in listener._sockets}

        path = await dial(listener)

        assert len(ports) == 1
        assert socket.AF_INET in families or socket.AF_INET6 in families
        await asyncio.gather(path.close("end"), listener.close())

    in_a_loop(test)


def test_ipv6_addresses_are_counted_by_the_network_of_one_subscriber() -> None:
    assert tls._address_group("2001:db8:0:1::1") == tls._address_group("2001:db8:0:1:ffff::2")
    assert tls._address_group("2001:db8:0:1::1") != tls._address_group("2001:db8:0:2::1")
    assert tls._address_group("192.0.2.1") != tls._address_group("192.0.2.2")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "nobody answered in time"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (OSError(), "OSError"),
    ],
)
def test_a_failure_is_always_told_in_words(error: OSError, words: str) -> None:
    assert tls.describe_failure(error) == words
