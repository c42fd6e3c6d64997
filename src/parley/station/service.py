"""The running station: performs the engine's effects with real paths, a real disk and clock.

One event loop owns the engine; one worker thread commits. What the engine asks is done in order.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path as FilePath
from typing import TypeAlias, TypeVar

from parley.carriers.certificate import Certificate
from parley.core.card import Card
from parley.core.charter import Charter
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.core.merkle import Tree
from parley.errors import ParleyError, StationUnreachableError, StoreError
from parley.station.alarm_clock import AlarmClock
from parley.station.effects import ClosePath, Commit, Halt, NewEntry, Notify, Now, Reply, Submit
from parley.station.engine import Engine, Paper
from parley.station.facts import Fact
from parley.station.known_peers import KnownPeer, witness_ways
from parley.station.link_state import Traits
from parley.station.mark_keeper import MarkKeeper
from parley.station.mend import MendReport
from parley.station.paths import Paths
from parley.station.prekeys import PREKEY_LOOK_SECONDS, PrekeyKeeper
from parley.station.subscription import Subscription, Subscriptions
from parley.station.summary import (
    ChannelSummary,
    LinkSummary,
    summarise_channel,
    summarise_link,
    tree_of,
)
from parley.station.witness_client import WitnessClient
from parley.store.highwater import Marks
from parley.store.interface import Batch, Reader, Store
from parley.store.verify import rebuild_index

_T = TypeVar("_T")
_Places: TypeAlias = list[tuple[LogId, int]]
_REOPEN_SECONDS = 2.0
_REFUSAL_SECONDS = 0.2
_STALL_SECONDS = 1.0


class Service:
    """One running station.

    Attributes:
        own_card: its card.
        party: its party id.
        now: reads the wall clock.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        open_store: Callable[[], Store],
        marks: FilePath | None = None,
        certificate: Certificate | None = None,
        prekeys: PrekeyKeeper | None = None,
        listen: Sequence[str] = (),
        now: Callable[[], Instant] | None = None,
        random: Callable[[int], bytes] = os.urandom,
        log: Callable[..., None] | None = None,
    ) -> None:
        self.own_card = identity.card
        self.party: PartyId = identity.card.party
        self.now: Callable[[], Instant] = now or (lambda: Instant(int(time.time())))
        self._log = log = log or (lambda _event, **_details: None)
        self._identity = identity
        self._open_store = open_store
        self._marks = None if marks is None else MarkKeeper(Marks(marks), self.party, log=log)
        self._listen = tuple(listen)
        self._prekeys = prekeys
        self._random = random
        self._store: Store | None = None
        self._engine: Engine | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="parley-store")
        self._subscriptions = Subscriptions()
        self._futures: dict[int, asyncio.Future[_Places]] = {}
        self._tokens = 0
        self._peers: dict[PartyId, KnownPeer] = {}
        self._paths = Paths(self, certificate=certificate, log=self._log)
        self._witnesses = WitnessClient(log=self._log)
        self._net_work: set[asyncio.Future[None]] = set()
        self._disk_work: set[asyncio.Future[None]] = set()
        self._alarm_clock = AlarmClock(self._due, self._tick)
        self._stopping = asyncio.Event()
        self._summaries: Sequence[ChannelSummary] | None = None

    async def start(self) -> None:
        """Open the record, take it up, and open listeners; ready when it returns.

        Raises:
            StoreError: the record cannot be opened.
            CarrierError: a listening address is taken or not ours.
        """
        await self._take_up()
        await self._paths.listen_at(self._listen)
        for party, peer in self._peers.items():
            self._paths.dial(party, peer.to_dial)
        if self._prekeys is not None:
            _keep(self._renew_prekeys(self._prekeys), self._net_work)
        self._pump()

    async def stop(self) -> None:
        """Finish what is being committed, close every path, and let go of the record."""
        self._stopping.set()
        self._alarm_clock.stop()
        if self._engine is not None:  # what was asked in this turn has not begun
            self._release(self._engine)
        await self._paths.stop()
        for task in list(self._net_work):
            task.cancel()
        await asyncio.gather(*self._net_work, return_exceptions=True)
        await self._witnesses.close()
        while self._disk_work:
            await asyncio.gather(*self._disk_work, return_exceptions=True)
        for future in self._futures.values():
            if not future.done():
                future.set_exception(StationUnreachableError("the station stops"))
        if self._store is not None:
            if (engine := self._engine) is not None and engine.halted is None:
                with suppress(StoreError):
                    await self._write_marks(engine)
            await self._in_worker(self._store.close)
            self._store = None
        self._worker.shutdown()
        self._subscriptions.close()

    @property
    def addresses(self) -> list[str]:
        """Return the addresses at which peers can dial us, with real ports and pins."""
        return self._paths.addresses

    @property
    def reader(self) -> Reader:
        """Return the reads of committed data; callable from the event loop.

        Raises:
            StoreError: the record is being reopened after a failure.
        """
        if self._store is None:
            raise StoreError("the record is not open at present")
        return self._store

    async def _take_up(self) -> None:
        """Make the engine from what is durable."""
        store = self._store
        if store is None:
            store = self._store = await self._in_worker(self._open_store)
        keeper = self._marks
        doubtful: dict[LogId, int] = {}
        if keeper is not None:
            doubtful = await self._in_worker(lambda: keeper.doubtful(store))
        engine = Engine(self._identity, store, random=self._random)
        engine.start(self._time(), doubtful=doubtful)
        self._engine = engine
        if self._prekeys is not None and self._prekeys.newest is not None:
            engine.set_prekey(self._prekeys.newest, self._time())
        for peer in self._peers.values():
            if not peer.is_witness:
                engine.set_peer(peer.card, trusted=peer.trusted, now=self._time())
        self._find_witnesses()

    async def _renew_prekeys(self, keeper: PrekeyKeeper) -> None:
        """Publish a new prekey when one is due, and erase what is over; as long as we run."""
        while True:
            if keeper.is_due(self.now()):
                try:
                    await self._in_worker(lambda: keeper.renew(self.now()))
                except ParleyError as problem:
                    self._log("prekeys not renewed", problem=str(problem))
            if self._engine is not None and keeper.newest is not None:
                self._engine.set_prekey(keeper.newest, self._time())
                self._pump()
            await asyncio.sleep(PREKEY_LOOK_SECONDS)

    def _time(self) -> Now:
        return Now(self.now(), asyncio.get_running_loop().time())

    def _pump(self) -> None:
        """Perform the engine's effects, wake every path, and set the alarm clock."""
        engine = self._engine
        self._summaries = None
        if engine is None:
            return
        while effects := engine.take_effects():
            for effect in effects:
                match effect:
                    case Notify():
                        self._tell(effect.fact)
                    case Reply():
                        self._reply(effect)
                    case Commit() if engine.halted is None:  # else its commands were refused
                        self._start_commit(engine, effect.batch)
                    case ClosePath():
                        self._paths.close(effect.path, effect.reason)
                    case Halt():
                        _keep(self._begin_afresh(engine, effect.error), self._disk_work)
                    case Submit():
                        _keep(self._submit(engine, effect), self._net_work)
        self._paths.wake()
        self._alarm_clock.look()

    def _due(self) -> float | None:
        engine = self._engine
        if engine is None or engine.halted is not None or self._stopping.is_set():
            return None
        return engine.wake_at(self._time())

    def _tick(self, late: float = 0.0) -> None:
        if self._engine is not None and self._engine.halted is None:
            now = self._time()
            self._engine.tick(now)
            # After a stall of our own, what peers answered meanwhile is still to be read.
            if late < _STALL_SECONDS:
                for number in self._engine.traffic.dead_paths(now):
                    self._paths.give_up(number, "nothing was answered on it for too long")
            self._pump()

    def _tell(self, fact: Fact) -> None:
        self._log("fact", fact=type(fact).__name__)
        self._subscriptions.publish(fact)

    def _reply(self, reply: Reply) -> None:
        future = self._futures.pop(reply.token, None)
        if future is None or future.done():
            return
        if reply.error is not None:
            future.set_exception(reply.error)
        else:
            future.set_result(list(reply.places))

    def _start_commit(self, engine: Engine, batch: Batch) -> None:
        """Let the worker commit; the shortest way there and back, it is on that of every entry."""
        store = self._store
        assert store is not None
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        _keep(ended, self._disk_work)

        def back(job: Future[int]) -> None:
            loop.call_soon_threadsafe(self._commit_ended, engine, batch, job, ended)

        self._worker.submit(store.commit, batch).add_done_callback(back)

    def _commit_ended(
        self, engine: Engine, batch: Batch, job: Future[int], ended: asyncio.Future[None]
    ) -> None:
        ended.set_result(None)
        error = job.exception()
        if isinstance(error, ParleyError):
            _keep(self._begin_afresh(engine, error), self._disk_work)
            return
        now = self._time()
        engine.committed(job.result(), now)
        self._summaries = None
        keeper = self._marks
        if keeper is not None and keeper.is_due(now.steady, has_new_logs=bool(batch.logs)):
            _keep(self._mark(engine), self._disk_work)
        else:
            self._pump()

    async def _mark(self, engine: Engine) -> None:
        """Write the high-water marks before anything of the batch leaves."""
        try:
            await self._write_marks(engine)
        except StoreError as error:
            await self._begin_afresh(engine, error)
            return
        self._pump()

    async def _write_marks(self, engine: Engine) -> None:
        keeper = self._marks
        if keeper and (rows := keeper.to_write(engine, self._time().steady)):
            await self._in_worker(lambda: keeper.write(rows))

    async def _begin_afresh(self, engine: Engine, error: ParleyError) -> None:
        """After a failed write or signature: tell everybody, begin again from what is durable.

        A failed fsync is never tried again: a record opened afresh says what is on disk. Without
        room the record stays open, and can be read. The halted engine refuses what is asked.
        """
        self._log("store failed", problem=str(error))
        engine.commit_failed(error, self._time())
        self._pump()
        await asyncio.sleep(_REFUSAL_SECONDS)
        await self._paths.close_all("the store failed; the station begins afresh")
        if not getattr(error, "reopens", True):
            await self._rest()
        elif self._store is not None:
            store, self._store = self._store, None
            with suppress(ParleyError):
                await self._in_worker(store.close)
        while not self._stopping.is_set():
            try:
                await self._take_up()
                break
            except ParleyError as problem:
                self._log("store still fails", problem=str(problem))
                await self._rest()
        self._paths.tell_again()
        self._pump()

    async def _rest(self) -> None:
        """Wait before the disk is tried again, unless the station is to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _REOPEN_SECONDS)

    async def _in_worker(self, act: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, act)

    def _find_witnesses(self) -> None:
        """Take every trusted peer that is a witness as one, under each key that counts."""
        self._witnesses.set_ways(witness_ways(self._peers.values()))
        if self._engine is not None:
            self._engine.set_witnesses(self._witnesses.keys, self._time())

    async def _submit(self, engine: Engine, effect: Submit) -> None:
        answer = await self._witnesses.submit(effect.key, effect.body)
        if engine is self._engine:
            engine.witness_answered(effect.token, answer.status, answer.body, self._time())
            self._pump()

    # --- what the paths call ---

    def path_up(self, number: int, traits: Traits, peer: PartyId | None, address: str) -> None:
        """A path is open."""
        if self._engine is not None:
            self._engine.path_up(number, traits, self._time(), peer=peer, address=address)
            self._pump()

    def path_down(self, number: int) -> None:
        """A path is closed."""
        if self._engine is not None:
            self._engine.path_down(number, self._time())
            self._pump()

    def frames_received(self, number: int, frames: Sequence[bytes]) -> None:
        """Frames came on a path."""
        if self._engine is not None:
            self._engine.frames_received(number, frames, self._time())
            self._pump()

    def next_frames(self, number: int, *, limit: int = 8) -> list[bytes]:
        """Return what to send next on a path, empty for nothing."""
        engine, now = self._engine, self._time()
        return [] if engine is None else engine.next_frames(number, now, limit=limit)

    def next_turn(self, number: int) -> float | None:
        """Return when a padded path wants its next frame, None for others."""
        return None if self._engine is None else self._engine.next_turn(number)

    # --- what the gateway calls ---

    async def append(
        self, channel: ChannelId, entries: Sequence[NewEntry], *, papers: Sequence[Paper] = ()
    ) -> _Places:
        """Write entries, and papers with them; return their places once they are fsynced.

        Raises:
            NotFoundError, ConflictError, MalformedError: nothing was written.
            StorageFullError, StoreError: nothing was written; the station begins afresh.
        """

        def act(engine: Engine, token: int) -> None:
            engine.append(token, channel, entries, self._time(), papers=papers)

        return await self.ask(act)

    async def store_papers(self, papers: Sequence[Paper]) -> None:
        """Store papers of the station; returns once they are fsynced, StoreError if not."""
        await self.ask(lambda engine, token: engine.store_papers(token, papers, self._time()))

    async def rebuild_index(self) -> tuple[int, int]:
        """Write the case index anew from the logs; return how many rows, how many differed.

        It takes its turn among the commits. StoreError: the index is as it was.
        """
        store = self._store
        if store is None:
            raise StoreError("the record is not open at present")
        return await self._in_worker(lambda: rebuild_index(store))

    async def propose_channel(self, charter: Charter) -> None:
        """Store a charter, open our log on it, and offer it to the others.

        Raises:
            ConflictError: the channel exists or its number is in use.
            UsageError: we are no party of it.
        """
        await self.ask(lambda engine, token: engine.propose(token, charter, self._time()))

    async def accept_channel(self, channel: ChannelId) -> None:
        """Open our log on a charter; ConflictError where it is open already, or over."""
        await self.ask(lambda engine, token: engine.accept_charter(token, channel, self._time()))

    async def restore_log(
        self, channel: ChannelId, peers: Sequence[PartyId], seconds: float
    ) -> MendReport:
        """Fetch what peers hold of our stopped log, begin a new one, and tell what came.

        Raises:
            ConflictError: it is not stopped, or not all that is held came within the time.
        """
        await self.ask(
            lambda engine, token: engine.restore(token, channel, peers, seconds, self._time())
        )
        assert self._engine is not None
        return self._engine.traffic.newest.mending.reports[channel]

    async def ask(self, act: Callable[[Engine, int], None]) -> _Places:
        """Let the engine do an act under a token; return what its `Reply` names, or raise."""
        engine = self._engine
        if engine is None:
            raise StoreError(
                "the record is not open at present",
                next_step="The station reopens it by itself; look at the free space and the log.",
            )
        loop = asyncio.get_running_loop()
        self._tokens += 1
        future: asyncio.Future[_Places] = loop.create_future()
        self._futures[self._tokens] = future
        if engine.hold():  # what else is asked in this turn of the loop becomes durable with it
            loop.call_soon(self._release, engine)
        act(engine, self._tokens)
        self._summaries = None
        if engine.has_effects:
            self._pump()
        return await future

    def _release(self, engine: Engine) -> None:
        engine.release(self._time())
        if engine.has_effects:  # none while a commit runs: all this will be in the next one
            self._pump()

    async def set_peer(self, card: Card, *, trusted: bool, paths: Sequence[str]) -> None:
        """Learn a peer; nothing is sent to it, and nothing taken, unless it is trusted."""
        peer = self._peers[card.party] = KnownPeer(card=card, trusted=trusted, paths=tuple(paths))
        self._paths.dial(card.party, peer.to_dial)
        if self._engine is not None:
            if peer.is_witness:
                self._engine.remove_peer(card.party, self._time())
            else:
                self._engine.set_peer(card, trusted=trusted, now=self._time())
            self._find_witnesses()
            self._pump()

    async def remove_peer(self, party: PartyId) -> None:
        """Forget a peer and close its paths."""
        self._peers.pop(party, None)
        self._paths.dial(party, ())
        if self._engine is not None:
            self._engine.remove_peer(party, self._time())
            self._find_witnesses()
            self._pump()

    def channels(self) -> Sequence[ChannelSummary]:
        """Return every channel known here."""
        if self._engine is None:
            return []
        if self._summaries is None:
            # Asked for many times between two changes: once for each entry that is named.
            self._summaries = [*map(summarise_channel, self._engine.ledger.channels.values())]
        return self._summaries

    def tree(self, log: LogId) -> Tree | None:
        """Return the tree of a log that the engine keeps; the caller only reads it."""
        return tree_of({} if self._engine is None else self._engine.ledger.channels, log)

    def links(self) -> list[LinkSummary]:
        """Return the link to every peer."""
        links = {} if self._engine is None else self._engine.links
        return [
            summarise_link(link, self._peers[party].paths if party in self._peers else ())
            for party, link in links.items()
        ]

    def subscribe(self) -> Subscription:
        """Return a reader of what happens from now on."""
        return self._subscriptions.open()


def _keep(work: Awaitable[None], among: set[asyncio.Future[None]]) -> None:
    """Begin work, and hold on to it until it is done."""
    task = asyncio.ensure_future(work)
    among.add(task)
    task.add_done_callback(among.discard)
