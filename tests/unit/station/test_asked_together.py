"""What is asked in one turn of the event loop becomes durable together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from parley.core.charter import Charter
from parley.core.instants import Instant
from parley.errors import MalformedError
from parley.sim.people import WORLD_START, make_identity
from parley.station.effects import NewEntry
from parley.station.service import Service
from parley.store.memory import MemoryStore


class CountingStore(MemoryStore):
    def __init__(self):
        super().__init__()
        self.batches = []

    def commit(self, batch):
        self.batches.append(batch)
        return super().commit(batch)


@asynccontextmanager
async def opened():
    """A station with an open channel, the channel, and the batches committed from here on."""
    store = CountingStore()
    alfa = Service(
        identity=make_identity("ALFA"),
        open_store=lambda: store,
        now=lambda: Instant(WORLD_START + 100),
    )
    await alfa.start()
    charter = Charter(
        parties=(alfa.party, make_identity("BRAVO").card.party),
        number=1,
        purpose="test",
        basis="test",
        proposed_at=WORLD_START,
        nonce=bytes(16),
        code="OPS",
    )
    await alfa.propose_channel(charter)
    store.batches.clear()
    try:
        yield alfa, charter.channel_id, store.batches
    finally:
        await alfa.stop()


def said(text):
    return [NewEntry(kind=1, fields={2: text})]


async def test_a_hundred_hands_share_one_statement():
    async with opened() as (alfa, channel, batches):
        places = await asyncio.gather(*(alfa.append(channel, said(f"{one}")) for one in range(100)))

        assert [place[0][1] for place in places] == list(range(1, 101))
        assert [(len(one.entries), len(one.statements)) for one in batches] == [(100, 1)]


async def test_of_many_more_a_part_leaves_at_once():
    async with opened() as (alfa, channel, batches):
        await asyncio.gather(*(alfa.append(channel, said(f"{one}")) for one in range(200)))

        assert [(len(one.entries), len(one.statements)) for one in batches] == [(128, 1), (72, 1)]


async def test_one_that_is_refused_takes_nobody_with_it():
    async with opened() as (alfa, channel, batches):
        good, bad, late = await asyncio.gather(
            alfa.append(channel, said("good")),
            alfa.append(channel, said("x" * 70_000)),
            alfa.append(channel, said("late")),
            return_exceptions=True,
        )

        assert isinstance(bad, MalformedError)
        assert [good[0][1], late[0][1]] == [1, 2]
        assert [len(one.entries) for one in batches] == [2]


async def test_what_was_asked_before_the_stop_is_durable_before_it_ends():
    async with opened() as (alfa, channel, batches):
        asked = asyncio.create_task(alfa.append(channel, said("last words")))
        await asyncio.sleep(0)
        assert not batches

        await alfa.stop()

        assert (await asked)[0][1] == 1
        assert [len(one.entries) for one in batches] == [1]
