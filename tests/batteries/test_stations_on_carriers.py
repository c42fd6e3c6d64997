"""Two engines over every carrier: from strangers' frames to receipts, the narrowest line included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from batteries.test_carriers import MEDIA, Medium
from parley.carriers.interface import Path
from parley.core.charter import Charter
from parley.core.entry import Precedence
from parley.core.ids import ChannelId
from parley.errors import CarrierError
from parley.sim.people import WORLD_START, make_identity
from parley.sim.station import SimStation
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored, ReceiptStored
from parley.station.traits import Traits


class End:
    """A station at one end of a path: what the engine wants said goes out, what comes in is read."""

    def __init__(self, code: str, peer: str, path: Path) -> None:
        self.station = SimStation(make_identity(code), seed=1, wall_start=WORLD_START)
        card = make_identity(peer).card
        self.station.peers[card.party] = card
        self.path = path
        self.changed = asyncio.Event()
        traits = Traits(rate_bps=path.traits.rate_bps, frame_bytes_max=path.traits.frame_bytes_max)
        self.station.paths[1] = (traits, card.party)
        self.station.start(self.now)
        self.settle()

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def engine(self):
        assert self.station.engine is not None
        return self.station.engine

    def settle(self) -> None:
        while self.station.take_effects():
            self.station.finish_commit(self.now)
        self.changed.set()

    async def send(self) -> None:
        while True:
            self.changed.clear()
            frames = self.engine.next_frames(1, self.station.now(self.now), limit=4)
            if frames:
                await self.path.send(frames)
                continue
            wait = max(self.engine.wake_at(self.station.now(self.now)) - self.now, 0.01)
            try:
                async with asyncio.timeout(wait):
                    await self.changed.wait()
            except TimeoutError:
                self.engine.tick(self.station.now(self.now))
                self.settle()

    async def receive(self) -> None:
        while frames := await self.path.receive():
            self.engine.frames_received(1, frames, self.station.now(self.now))
            self.settle()

    async def until(self, done: Callable[[], bool]) -> None:
        while not done():
            await asyncio.sleep(0.05)

    def say(self, channel: ChannelId, text: str, precedence: Precedence) -> None:
        self.station.append(
            channel, [NewEntry(kind=1, flags=precedence, fields={2: text})], self.now
        )
        self.settle()

    def heard(self, text: str) -> bool:
        return any(
            isinstance(fact, EntryStored) and not fact.own and fact.entry.fields.get(2) == text
            for fact in self.station.facts
        )

    def receipted(self, size: int) -> bool:
        return any(
            isinstance(fact, ReceiptStored)
            and fact.log.party == self.station.party
            and fact.size >= size
            for fact in self.station.facts
        )


def charter() -> Charter:
    return Charter(
        parties=(make_identity("ALFA").card.party, make_identity("BRAVO").card.party),
        number=3,
        purpose="a battery",
        basis="none",
        proposed_at=WORLD_START,
        nonce=bytes(16),
        code="OPS",
    )


@pytest.mark.parametrize("name", MEDIA)
def test_a_channel_opens_and_entries_are_receipted_both_ways(name: str) -> None:
    medium: Medium = MEDIA[name]

    async def test(one: Path, other: Path) -> None:
        alfa, bravo = End("ALFA", "BRAVO", one), End("BRAVO", "ALFA", other)
        pumps = [asyncio.ensure_future(each()) for each in (alfa.send, alfa.receive)]
        pumps += [asyncio.ensure_future(each()) for each in (bravo.send, bravo.receive)]
        try:
            await talk(alfa, bravo)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        assert not any(isinstance(problem, CarrierError) for problem in failures(pumps))

    medium.ask(test)


def failures(pumps: list[asyncio.Future[None]]) -> list[BaseException]:
    found = [None if pump.cancelled() else pump.exception() for pump in pumps]
    return [one for one in found if one is not None]


async def talk(alfa: End, bravo: End) -> None:
    agreed = charter()
    channel = agreed.channel_id
    alfa.engine.propose(alfa.station.token(), agreed, alfa.station.now(alfa.now))
    alfa.settle()
    await bravo.until(lambda: channel in bravo.engine.ledger.channels)
    bravo.engine.accept_charter(bravo.station.token(), channel, bravo.station.now(bravo.now))
    bravo.settle()
    alfa.say(channel, "routine " * 60, Precedence.ROUTINE)
    alfa.say(channel, "now", Precedence.FLASH)
    await bravo.until(lambda: bravo.heard("now") and bravo.heard("routine " * 60))
    bravo.say(channel, "understood", Precedence.FLASH)
    await alfa.until(lambda: alfa.heard("understood"))
    for end in (alfa, bravo):
        size = end.engine.ledger.channels[channel].record.own.signed
        await end.until(lambda end=end, size=size: end.receipted(size))  # type: ignore[misc]
