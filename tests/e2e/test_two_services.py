"""Two running stations over TLS on loopback, with SQLite on disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from parley.carriers.certificate import make_certificate
from parley.core.charter import Charter
from parley.core.entry import make_flags
from parley.core.instants import Instant
from parley.errors import ConflictError, NotFoundError
from parley.sim.people import WORLD_START, make_identity
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored, ReceiptStored
from parley.station.service import Service
from parley.store.registry import open_store


def service(code: str, directory: Path, **more) -> Service:
    directory.mkdir(exist_ok=True)
    return Service(
        identity=make_identity(code),
        open_store=lambda: open_store(directory / "station.sqlite"),
        marks=directory,
        certificate=make_certificate(
            common_name=code, not_before=WORLD_START, not_after=WORLD_START + 10**8, serial=1
        ),
        listen=["tls://127.0.0.1:0"],
        now=lambda: Instant(WORLD_START + 100),
        **more,
    )


async def until(done, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.005)


def charter_of(*stations: Service) -> Charter:
    return Charter(
        parties=tuple(one.party for one in stations),
        number=1,
        purpose="test",
        basis="test",
        proposed_at=WORLD_START,
        nonce=bytes(16),
        code="OPS",
    )


async def introduce(alfa: Service, bravo: Service) -> None:
    await alfa.set_peer(bravo.own_card, trusted=True, paths=())
    await bravo.set_peer(alfa.own_card, trusted=True, paths=alfa.addresses)


async def open_channel(alfa: Service, bravo: Service) -> Charter:
    charter = charter_of(alfa, bravo)
    await alfa.propose_channel(charter)
    await until(bravo.channels)
    await bravo.accept_channel(charter.channel_id)
    await until(lambda: all(len(one.channels()[0].logs) == 2 for one in (alfa, bravo)))
    return charter


def held_by(station: Service, peer: Service) -> int:
    holding = station.channels()[0].receipts[peer.party]
    return 0 if holding is None else holding.size


async def test_entries_arrive_once_and_are_receipted(tmp_path):
    alfa, bravo = service("ALFA", tmp_path / "a"), service("BRAVO", tmp_path / "b")
    await alfa.start()
    await bravo.start()
    try:
        await introduce(alfa, bravo)
        charter = await open_channel(alfa, bravo)
        arrived = []
        follow = bravo.subscribe()

        async def reader() -> None:
            async for _, fact in follow:
                if isinstance(fact, EntryStored) and not fact.own and fact.entry.kind == 1:
                    arrived.append(fact.entry.fields[2])

        task = asyncio.create_task(reader())
        places = []
        for number in range(50):
            flags = make_flags(3 if number % 7 == 0 else 0)
            entry = NewEntry(kind=1, flags=flags, fields={2: f"text {number}"})
            places += await alfa.append(charter.channel_id, [entry])
        assert [index for _, index in places] == list(range(places[0][1], places[0][1] + 50))
        await until(lambda: held_by(alfa, bravo) > places[-1][1])
        await until(lambda: len(arrived) >= 50)
        assert sorted(arrived) == sorted(f"text {number}" for number in range(50))
        assert bravo.links()[0].alive
        follow.close()
        await task
    finally:
        await alfa.stop()
        await bravo.stop()


async def test_a_restarted_station_goes_on_where_it_stood(tmp_path):
    alfa, bravo = service("ALFA", tmp_path / "a"), service("BRAVO", tmp_path / "b")
    await alfa.start()
    await bravo.start()
    await introduce(alfa, bravo)
    charter = await open_channel(alfa, bravo)
    await bravo.stop()
    sent = await alfa.append(charter.channel_id, [NewEntry(kind=1, fields={2: "while away"})])
    assert held_by(alfa, bravo) <= sent[0][1]
    bravo = service("BRAVO", tmp_path / "b")
    await bravo.start()
    try:
        receipts = alfa.subscribe()
        await bravo.set_peer(alfa.own_card, trusted=True, paths=alfa.addresses)
        await until(lambda: held_by(alfa, bravo) > sent[0][1])
        receipts.close()
        seen = [fact async for _, fact in receipts]
        assert any(isinstance(f, ReceiptStored) and f.size > sent[0][1] for f in seen)
        own = bravo.channels()[0].logs[bravo.party]
        assert own.ordinal == 1, "the same log goes on"
    finally:
        await alfa.stop()
        await bravo.stop()


async def test_nothing_passes_before_the_key_is_trusted(tmp_path):
    alfa, bravo = service("ALFA", tmp_path / "a"), service("BRAVO", tmp_path / "b")
    await alfa.start()
    await bravo.start()
    try:
        await alfa.set_peer(bravo.own_card, trusted=False, paths=())
        await bravo.set_peer(alfa.own_card, trusted=True, paths=alfa.addresses)
        await bravo.propose_channel(charter_of(alfa, bravo))
        await asyncio.sleep(0.5)
        assert alfa.channels() == []
        await alfa.set_peer(bravo.own_card, trusted=True, paths=())
        await until(alfa.channels)
    finally:
        await alfa.stop()
        await bravo.stop()


async def test_a_lost_marks_file_stops_the_log_until_it_is_mended(tmp_path):
    alfa, bravo = service("ALFA", tmp_path / "a"), service("BRAVO", tmp_path / "b")
    await alfa.start()
    await bravo.start()
    await introduce(alfa, bravo)
    charter = await open_channel(alfa, bravo)
    await bravo.stop()
    (tmp_path / "b" / "marks").unlink()
    bravo = service("BRAVO", tmp_path / "b")
    await bravo.start()
    try:
        await bravo.set_peer(alfa.own_card, trusted=True, paths=alfa.addresses)
        again = NewEntry(kind=1, fields={2: "again"})
        with pytest.raises(ConflictError):
            await bravo.append(charter.channel_id, [again])
        assert bravo.channels()[0].stopped == "marks"
        await bravo.restore_log(charter.channel_id, [alfa.party], 20.0)
        sent = await bravo.append(charter.channel_id, [again])
        await until(lambda: held_by(bravo, alfa) > sent[0][1])
        assert bravo.channels()[0].logs[bravo.party].ordinal == 2
        assert alfa.channels()[0].logs[bravo.party].ordinal == 2
    finally:
        await alfa.stop()
        await bravo.stop()


async def test_commands_that_cannot_be_are_refused_and_change_nothing(tmp_path):
    alfa = service("ALFA", tmp_path / "a")
    await alfa.start()
    try:
        charter = charter_of(alfa, service("BRAVO", tmp_path / "b"))
        with pytest.raises(NotFoundError):
            await alfa.append(charter.channel_id, [NewEntry(kind=1)])
        await alfa.propose_channel(charter)
        with pytest.raises(ConflictError):
            await alfa.propose_channel(charter)
        with pytest.raises(ConflictError):
            await alfa.accept_channel(charter.channel_id)
    finally:
        await alfa.stop()
