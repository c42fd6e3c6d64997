"""Peers that stall at the real carrier: two stations and a hostile peer on one loop, over TLS.

The loop's clock jumps when a test says so, so that minutes pass at once and nothing waits.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Self

import pytest

from parley.carriers.address import parse_address
from parley.carriers.certificate import client_context, make_certificate
from parley.carriers.framing import join_frames
from parley.carriers.tls_path import CLOSE_SECONDS, WRITE_BUFFER_BYTES_MAX
from parley.core import frame, items, keying
from parley.core.charter import Charter
from parley.core.entry import Precedence
from parley.core.item_reading import decode_items
from parley.core.items import CharterItem, Need, Ping, Pong, encode_item
from parley.core.link_secrets import LinkSecrets
from parley.errors import CarrierError
from parley.sim.people import WORLD_START, make_identity
from parley.station.effects import NewEntry
from parley.station.line_times import STRANGER_SECONDS
from parley.station.link_state import SILENT_SECONDS
from parley.station.service import Service
from parley.station.traffic import STRANGERS_MAX
from parley.store.memory import MemoryStore
from support.hand_peer import CHANNEL_NUMBER, HandPeer

pytestmark = pytest.mark.faults

CERTIFICATE = make_certificate(common_name="B", not_before=0, not_after=4_000_000_000, serial=1)
STEP_S = 0.5
"""So far the clock jumps at once: a station that is late by more than a second blames itself."""


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop on real sockets whose clock a test moves forward."""

    jumped = 0.0

    def time(self) -> float:
        return super().time() + self.jumped


def play(test: Callable[[World], object]) -> None:
    """Run a test in a world of its own; what nobody fetched fails it."""
    unheard: list[object] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: unheard.append(what))
        async with World() as world:
            await test(world)

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(main())
    assert unheard == []


class World:
    """ALFA, the station that is attacked, honest BRAVO, and MALLORY, whom ALFA trusts."""

    async def __aenter__(self) -> Self:
        self.loop = asyncio.get_running_loop()
        self.start = self.loop.time()
        self.alfa, self.bravo = self.station("ALFA"), self.station("BRAVO")
        for one in (self.alfa, self.bravo):
            await one.start()
        self.address = parse_address(self.alfa.addresses[0])
        bravo, mallory = make_identity("BRAVO").card, make_identity("MALLORY").card
        await self.alfa.set_peer(bravo, trusted=True, paths=())
        await self.alfa.set_peer(mallory, trusted=True, paths=())
        alfa = make_identity("ALFA").card
        await self.bravo.set_peer(alfa, trusted=True, paths=[str(self.address)])
        self.ops = charter("BRAVO", 3)
        self.facts = self.alfa.subscribe()
        await self.alfa.propose_channel(self.ops)
        await self.until(self.bravo.channels)
        await self.bravo.accept_channel(self.ops.channel_id)
        await self.until(lambda: self.alfa.channels()[0].receipts[bravo.party])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bravo.stop()
        await self.alfa.stop()

    def station(self, code: str) -> Service:
        return Service(
            identity=make_identity(code),
            open_store=MemoryStore,
            certificate=CERTIFICATE,
            listen=["127.0.0.1:0"],
            now=lambda: WORLD_START + int(self.loop.time() - self.start),
        )

    async def until(self, done: Callable[[], object]) -> None:
        """Let everybody work until it is so; the clock stands."""
        while not done():
            await asyncio.sleep(0.001)

    async def pass_time(self, seconds: float) -> None:
        for _ in range(int(seconds / STEP_S)):
            self.loop.jumped += STEP_S
            await asyncio.sleep(0.001)

    async def flash_goes_through(self) -> None:
        """A FLASH to BRAVO is receipted while no clock moves: nothing of MALLORY's is in its way."""
        bravo, jumped = make_identity("BRAVO").card.party, self.loop.jumped
        entry = NewEntry(kind=1, flags=Precedence.FLASH, fields={2: "now"})
        ((_, index),) = await self.alfa.append(self.ops.channel_id, [entry])
        await self.until(lambda: self.alfa.channels()[0].receipts[bravo].size > index)
        assert self.loop.jumped == jumped

    @property
    def link(self):
        return self.alfa._engine.links[make_identity("MALLORY").card.party]

    def lost(self) -> bool:
        return not self.link.paths

    def held_bytes(self) -> int:
        """Return what the station keeps in memory for paths and links of MALLORY's making."""
        total = 0
        for held in self.alfa._paths._open.values():
            total += held.path._inbox_bytes
            if held.path.closed_reason is None:
                total += held.path._transport.get_write_buffer_size()
        for path in self.alfa._engine.traffic._paths.values():
            total += sum(map(len, path.replies))
        return total + sum(map(len, (*self.link.control, *self.link.given)))


def charter(other: str, number: int) -> Charter:
    return Charter(
        parties=(make_identity(other).card.party, make_identity("ALFA").card.party),
        number=number,
        purpose="a stall",
        basis="none",
        proposed_at=WORLD_START,
        nonce=number.to_bytes(16, "big"),
        code=f"C{number}",
    )


class Mallory:
    """One connection of MALLORY's: it says what a test wants, and reads when a test wants."""

    secrets = LinkSecrets(make_identity("MALLORY"), make_identity("ALFA").card)

    def __init__(self, world: World, reader, writer) -> None:
        self.world, self.reader, self.writer = world, reader, writer

    def key(self) -> bytes:
        raw = self.secrets.start_epoch(self.world.alfa.now(), os.urandom)
        assert raw is not None
        return raw

    def say(self, *raws: bytes) -> None:
        self.writer.write(join_frames([self.secrets.seal(raw) for raw in raws]))

    async def hear(self) -> list[items.Item]:
        """Read one frame; empty where it was a key, or none that we can open."""
        raw = await self.reader.readexactly(int.from_bytes(await self.reader.readexactly(2), "big"))
        header = frame.read_header(raw)
        if header.kind == frame.KEYING:
            body = keying.decode_keying(raw[frame.HEADER_BYTES :])
            self.secrets.accept(body, self.world.alfa.now())
            return []
        plain = self.secrets.open(raw, header)
        return [] if plain is None else decode_items(plain)[0]


@asynccontextmanager
async def mallory(world: World, *, limit: int = 2**16):
    """Open a connection of MALLORY's and show its key; it reads at most `limit` bytes ahead."""
    Mallory.secrets = LinkSecrets(make_identity("MALLORY"), make_identity("ALFA").card)
    async with opened(world, limit=limit) as one:
        one.writer.write(join_frames([one.key()]))
        yield one


@asynccontextmanager
async def opened(world: World, *, limit: int = 2**16):
    plain = socket.socket()
    plain.setblocking(False)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, max(limit, 4_096))
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", world.address.port))
    reader, writer = await asyncio.open_connection(
        sock=plain, ssl=client_context(), server_hostname="b", limit=limit
    )
    try:
        yield Mallory(world, reader, writer)
    finally:
        writer.transport.abort()


async def with_channel(world: World, one: Mallory) -> Charter:
    """Open a channel between ALFA and MALLORY, and MALLORY's log on it."""
    trap = charter("MALLORY", CHANNEL_NUMBER)
    one.say(encode_item(CharterItem(trap.encode())))
    await world.until(lambda: len(world.alfa.channels()) == 2)
    await world.alfa.accept_channel(trap.channel_id)
    hand = HandPeer(SimpleNamespace(sim=SimpleNamespace(identity=make_identity("ALFA"))), "MALLORY")
    log = hand.open_log(trap)
    one.say(encode_item(hand.run(log)), encode_item(hand.stmt(hand.statement(log))))
    mine = make_identity("MALLORY").card.party
    await world.until(lambda: mine in world.alfa.channels()[1].logs)
    return trap


def test_a_reader_of_one_byte_a_second_is_cut_off_and_holds_up_nobody() -> None:
    async def test(world: World) -> None:
        async with mallory(world, limit=1) as one:
            trap = await with_channel(world, one)
            body = NewEntry(kind=1, fields={2: "x" * 60_000})
            for _ in range(120):
                await world.alfa.append(trap.channel_id, [body])
            one.say(encode_item(Ping(1)))
            await world.flash_goes_through()
            for _ in range(int(SILENT_SECONDS) + 2):
                with suppress(asyncio.IncompleteReadError, CarrierError):
                    await one.reader.read(1)
                await world.pass_time(1)
                assert world.held_bytes() < 4 * WRITE_BUFFER_BYTES_MAX
            await world.until(world.lost)
            await world.flash_goes_through()
        # What it did not read is all there when it comes back and behaves.
        async with mallory(world, limit=2**20) as again:
            found: set[int] = set()
            while len(found) < 121:
                for item in await again.hear():
                    if isinstance(item, items.Run) and item.channel == CHANNEL_NUMBER:
                        found |= set(range(item.first, item.first + len(item.entries)))
                    elif isinstance(item, Ping):
                        again.say(encode_item(Pong(item.number)))

    play(test)


def test_who_asks_on_a_path_that_it_does_not_read_keeps_no_heap_of_answers() -> None:
    async def test(world: World) -> None:
        async with mallory(world, limit=2**20) as one:
            await with_channel(world, one)
            await world.until(lambda: world.link.paths)
            async with opened(world, limit=1) as deaf:
                deaf.writer.write(join_frames([one.key()]))
                await world.until(lambda: len(world.link.paths) == 2)
                answering = asyncio.create_task(answer_pings(one))
                for second in range(60):
                    deaf.say(*(ask_own_note(first) for first in range(60)))
                    await world.pass_time(1)
                    assert world.held_bytes() < 2**20, second
                answering.cancel()
            await world.flash_goes_through()

    play(test)


def ask_own_note(first: int) -> bytes:
    """Ask for our own newest note; each question differs in what means nothing."""
    ranges = ((first, first + 1),)
    need = Need(channel=CHANNEL_NUMBER, party=0, inc=None, ranges=ranges, what=items.NEED_NOTE)
    return encode_item(need)


async def answer_pings(one: Mallory) -> None:
    """Be alive on a path: answer pings and nothing else."""
    while True:
        for item in await one.hear():
            if isinstance(item, Ping):
                one.say(encode_item(Pong(item.number)))


async def stranger(world: World, host: str) -> asyncio.Transport | None:
    """Open a TLS connection from an address, and never say nor read a word on it."""
    try:
        transport, protocol = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol,
            "127.0.0.1",
            world.address.port,
            ssl=client_context(),
            server_hostname="b",
            local_addr=(host, 0),
        )
    except OSError:
        return None
    del protocol
    transport.pause_reading()
    return transport


def test_strangers_who_never_speak_nor_say_goodbye_leave_a_place_at_once() -> None:
    async def test(world: World) -> None:
        hosts = [f"127.0.0.{last}" for last in range(2, 8)]
        silent = [await stranger(world, host) for host in hosts for _ in range(16)]
        jumped = world.loop.jumped
        held: list[Mallory] = []
        async with mallory(world) as one:
            await world.until(lambda: world.link.paths)
            held.append(one)
        await world.flash_goes_through()
        assert world.loop.jumped == jumped
        assert len(world.alfa._paths._open) <= STRANGERS_MAX + 2
        await world.pass_time(STRANGER_SECONDS + 6)
        assert len(world.alfa._paths._open) == 1
        for transport in silent:
            if transport is not None:
                transport.abort()

    play(test)


def test_handshakes_left_half_open_leave_a_place() -> None:
    async def test(world: World) -> None:
        hosts = [f"127.0.0.{last}" for last in range(2, 8)]
        place, half = ("127.0.0.1", world.address.port), []
        for host in hosts:
            for _ in range(16):
                _, writer = await asyncio.open_connection(*place, local_addr=(host, 0))
                writer.write(b"\x16\x03\x01\x02\x00")  # the first bytes of a hello
                half.append(writer)
        await world.flash_goes_through()
        await world.pass_time(2)
        async with mallory(world):
            await world.until(lambda: world.link.paths)
        for writer in half:
            writer.transport.abort()

    play(test)


def test_a_peer_that_shows_its_key_and_falls_silent_is_cut_off() -> None:
    async def test(world: World) -> None:
        async with mallory(world) as one:
            await world.until(lambda: world.link.paths)
            # A frame that never ends, a byte of it every second, is no sign of life.
            one.writer.write(b"\xff\xff")
            for _ in range(int(SILENT_SECONDS) + 1):
                one.writer.write(b"\x40")
                await world.pass_time(1)
            await world.until(world.lost)
            await world.flash_goes_through()

    play(test)


def test_who_answers_and_never_receipts_costs_what_is_bounded_and_loses_nothing() -> None:
    async def test(world: World) -> None:
        async with mallory(world, limit=2**20) as one:
            trap = await with_channel(world, one)
            runs: list[int] = []
            hearing = asyncio.create_task(hear_runs(one, runs))
            for _ in range(400):
                entry = NewEntry(kind=1, fields={2: "x" * 2_000})
                await world.alfa.append(trap.channel_id, [entry])
            await world.pass_time(400)
            assert world.held_bytes() < 4 * WRITE_BUFFER_BYTES_MAX
            assert world.link.paths, "it answers: the line is there"
            await world.flash_goes_through()
            # All goes out, and again ever more seldom, for as long as nothing is receipted.
            assert set(range(401)) <= set(runs)
            assert len(runs) < 401 * 20
            hearing.cancel()

    play(test)


async def hear_runs(one: Mallory, runs: list[int]) -> None:
    """Be alive, and note which entries come, however often; receipt none."""
    while True:
        for item in await one.hear():
            if isinstance(item, Ping):
                one.say(encode_item(Pong(item.number)))
            elif isinstance(item, items.Run) and item.channel == CHANNEL_NUMBER:
                runs += range(item.first, item.first + len(item.entries))


def test_a_station_stops_as_soon_with_many_silent_connections_as_with_one() -> None:
    async def test(world: World) -> None:
        silent = [await stranger(world, "127.0.0.2") for _ in range(12)]
        await world.until(lambda: len(world.alfa._paths._open) == 13)
        stopping = asyncio.create_task(world.alfa.stop())
        await world.pass_time(2 * CLOSE_SECONDS)
        await stopping
        assert world.loop.jumped <= 2 * CLOSE_SECONDS
        for transport in silent:
            assert transport is not None
            transport.abort()

    play(test)
