"""A witness in this process: it cosigns what parties submit, and takes part in no channel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from parley.core.card import Card
from parley.core.charter import Charter
from parley.core.cosignature import WitnessKey, witness_of
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.core.witness import Answer, Witness
from parley.errors import KeyLockedError, NotAllowedError
from parley.station.closed import ClosedStation
from parley.station.config import Config, load
from parley.station.directory import SERVING, hold
from parley.station.effects import NewEntry
from parley.station.gateway import Gateway
from parley.station.identity import identity_of, read_own_card
from parley.station.keystore import StationKeys, open_beside
from parley.station.papers import PaperChange
from parley.station.parts import build_parts
from parley.station.trust import Trust
from parley.station.wiring import clock_of, first_officer_of, logger_of, store_address
from parley.station.witness_memory import StoredMemory
from parley.store.interface import Batch, Store
from parley.store.registry import open_store


class WitnessStation(ClosedStation):
    """What the gateway sees of a witness: papers and peers, no channel, no link."""

    def __init__(self, card: Card, store: Store, *, now: Callable[[], Instant]) -> None:
        super().__init__(card, store, now=now)
        self._papers_store = store

    async def store_papers(self, papers: Sequence[PaperChange]) -> None:
        """Store papers durably."""
        batch = Batch(papers=list(papers))
        await asyncio.to_thread(self._papers_store.commit, batch)

    async def append(
        self, channel: ChannelId, entries: Sequence[NewEntry], *, papers: Sequence[PaperChange] = ()
    ) -> list[tuple[LogId, int]]:
        """Refuse: a witness writes nothing."""
        del channel, entries, papers
        _refuse("it writes no entries")

    async def propose_channel(self, charter: Charter) -> None:
        """Refuse: a witness is on no channel."""
        _refuse(f"channel {charter.code} was not proposed")

    async def accept_channel(self, channel: ChannelId) -> None:
        """Refuse: a witness is on no channel."""
        _refuse(f"channel {channel.hex()} was not accepted")


def _refuse(what: str) -> NoReturn:
    raise NotAllowedError(
        f"this station is a witness and no party: {what}",
        next_step="Use a party's station; a witness cosigns statements only.",
    )


class WitnessDesk:
    """The witness behind its door: one submission at a time, off the event loop."""

    def __init__(
        self, witness: Witness, *, now: Callable[[], Instant], log: Callable[..., None]
    ) -> None:
        self.key: WitnessKey = witness.key
        self._witness = witness
        self._now = now
        self._log = log
        self._one = asyncio.Lock()

    async def add_checkpoint(self, raw: bytes) -> Answer:
        """Return the answer to a submission, once what it changes is fsynced."""
        async with self._one:
            answer = await asyncio.to_thread(self._judge, raw)
        if answer.status not in (200, 409):
            self._log("submission refused", status=answer.status, why=answer.body.strip())
        return answer

    def _judge(self, raw: bytes) -> Answer:
        return self._witness.add_checkpoint(raw, now=self._now())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWitness:
    """A witness that runs in this process.

    Attributes:
        log: structured logger; `log(event, **details)`.
    """

    gateway: Gateway
    desk: WitnessDesk
    memory: StoredMemory
    config: Config
    log: Callable[..., None]


@asynccontextmanager
async def open_witness(
    directory: Path,
    *,
    passphrase: bytes,
    keys: Future[StationKeys] | None = None,
    config: Config | None = None,
    now: Callable[[], Instant] | None = None,
    random: Callable[[int], bytes] = os.urandom,
    log: Callable[..., None] | None = None,
    wait_lock_s: float = 0.0,
) -> AsyncIterator[RunningWitness]:
    """Run a witness until the block ends; its door is opened by who calls (see `api.serving`).

    Args:
        directory: the station directory.
        passphrase: opens the station's key file.
        keys: what it opens, where somebody has begun with that already; see `open_beside`.
        config: settings; those of the directory where it is None.
        now: the wall clock; as the settings say where it is None.
        random: returns that many random bytes.
        log: where to log; standard error, as the settings say, where it is None.
        wait_lock_s: seconds to wait for another process to let go of the directory.

    Raises:
        NoStationError, LockedError, KeyLockedError, StoreError: it cannot run.
    """
    settings = config or load(directory, environ=os.environ)
    with hold(directory, purpose=SERVING, wait_s=wait_lock_s):
        card = read_own_card(directory)
        opening = keys or open_beside(settings.path(settings.station_key), passphrase=passphrase)
        identity = identity_of(card, await asyncio.wrap_future(opening))
        write = log or logger_of(settings)
        clock = now or clock_of(settings)
        store = open_store(store_address(settings))
        async with AsyncExitStack() as stack:
            stack.callback(store.close)
            station = WitnessStation(card, store, now=clock)
            await first_officer_of(station, settings)
            parts = build_parts(station, settings, random=random, is_running=True)
            gateway = Gateway(parts)
            stack.push_async_callback(gateway.stop)
            await gateway.start()
            memory = StoredMemory(store)
            witness = Witness(
                _key_of(identity),
                signer=identity.signer,
                cards=lambda party: _card_of(parts.trust, party),
                memory=memory,
            )
            write("witness runs", key=witness.key.vkey, mark=settings.station.mark)
            yield RunningWitness(
                gateway=gateway,
                desk=WitnessDesk(witness, now=clock, log=write),
                memory=memory,
                config=settings,
                log=write,
            )
            write("witness stops")


def _key_of(identity: Identity) -> WitnessKey:
    """Return the witness's name and key; the card must say that its key is this one.

    Raises:
        KeyLockedError: the card's newest key is not the one in the key file.
    """
    known = witness_of(identity.card)
    if known is None or known.key != identity.signer.public_key:
        raise KeyLockedError(
            "the key file is not that of the newest key on this witness's card",
            next_step="Put both back from the same backup.",
        )
    return known


def _card_of(trust: Trust, party: PartyId) -> Card | None:
    """Return the card of a party whose logs are taken: any that was added and not rejected."""
    return None if trust.is_rejected(party) else trust.card_of(party)
