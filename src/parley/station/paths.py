"""Real paths: listening, dialling, and moving frames between a carrier and the engine."""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from parley.carriers.address import Address, parse_address
from parley.carriers.certificate import Certificate
from parley.carriers.dialer import keep_dialing
from parley.carriers.interface import Listener, Path
from parley.carriers.registry import carrier_for
from parley.core.ids import PartyId
from parley.errors import CarrierError, PathClosedError, UsageError
from parley.station.link_state import Traits

_GOODBYE_SECONDS = 2.0
_HOLD_SECONDS = 0.02
"""A frame of a padded path is made so long before it leaves: how long the making took, which
depends on what is in it, does not show."""


class PathUser(Protocol):
    """What the paths need of the station."""

    def path_up(self, number: int, traits: Traits, peer: PartyId | None, address: str) -> None:
        """A path is open."""

    def path_down(self, number: int) -> None:
        """A path is closed."""

    def frames_received(self, number: int, frames: Sequence[bytes]) -> None:
        """Frames came."""

    def next_frames(self, number: int, *, limit: int = 8) -> list[bytes]:
        """Return what to send next, empty for nothing; about so many frames at most."""

    def next_turn(self, number: int) -> float | None:
        """Return when a padded path wants its next frame, by the loop's clock."""


@dataclass(slots=True, kw_only=True)
class _Open:
    path: Path
    wake: asyncio.Event
    traits: Traits
    peer: PartyId | None
    address: str


class Paths:
    """Every path of one running station."""

    def __init__(
        self,
        user: PathUser,
        *,
        certificate: Certificate | None,
        log: Callable[..., None],
    ) -> None:
        self._user = user
        self._certificate = certificate
        self._log = log
        self._jitter = random_module.SystemRandom().random
        self._open: dict[int, _Open] = {}
        self._count = 0
        self._dialers: dict[tuple[PartyId, str], asyncio.Task[None]] = {}
        self._listeners: list[Listener] = []
        self._tasks: set[asyncio.Task[None]] = set()

    # --- listening and dialling ---

    async def listen_at(self, texts: Sequence[str]) -> None:
        """Open a listener at each address; see `listen`."""
        for text in texts:
            await self.listen(text)

    async def listen(self, text: str) -> None:
        """Open a listener.

        Raises:
            UsageError: the address is none.
            CarrierError: the place is taken or not ours.
        """
        address = parse_address(text)
        listener = await carrier_for(address, certificate=self._certificate).listen(address)
        self._listeners.append(listener)
        self._log("listening", address=listener.address)
        self._spawn(self._accept(listener, address))

    @property
    def addresses(self) -> list[str]:
        """Return the addresses at which we can be dialled, with real ports and pins."""
        return [listener.address for listener in self._listeners]

    async def _accept(self, listener: Listener, address: Address) -> None:
        while True:
            try:
                path = await listener.accept()
            except PathClosedError:
                return
            self._spawn(self._use(path, None, path.peer_hint, address))

    def dial(self, peer: PartyId, addresses: Sequence[str]) -> None:
        """Keep paths to exactly these addresses of a peer up."""
        for (party, text), task in list(self._dialers.items()):
            if party == peer and text not in addresses:
                task.cancel()
                del self._dialers[party, text]
        for text in addresses:
            if (peer, text) not in self._dialers:
                task = asyncio.create_task(self._dial(peer, text))
                self._dialers[peer, text] = task

    async def _dial(self, peer: PartyId, text: str) -> None:
        try:
            address = parse_address(text)
            carrier = carrier_for(address, certificate=self._certificate)
            await keep_dialing(
                carrier,
                address,
                on_path=lambda path: self._use(path, peer, text, address),
                random=self._jitter,
                poke=asyncio.Event(),
                on_failure=lambda why, wait: self._log(
                    "path failed", address=text, why=str(why), retry_s=round(wait, 1)
                ),
            )
        except UsageError as problem:
            self._log("path unusable", address=text, why=str(problem))

    # --- one path ---

    async def _use(self, path: Path, peer: PartyId | None, address: str, named: Address) -> None:
        """Use a path; `named` is what was dialled, or where we listen."""
        self._count += 1
        number = self._count
        padded = named.pad_bytes is not None
        traits = Traits(
            rate_bps=named.rate_bps if padded else path.traits.rate_bps,
            frame_bytes_max=named.pad_bytes or path.traits.frame_bytes_max,
            cost=path.traits.cost,
            one_way=path.traits.one_way,
            padded=padded,
        )
        held = _Open(path=path, wake=asyncio.Event(), traits=traits, peer=peer, address=address)
        self._open[number] = held
        sender = asyncio.create_task(self._send(number, held))
        try:
            self._user.path_up(number, traits, peer, address)
            while frames := await path.receive():
                if not self._take(number, frames):
                    break
                # A flood on one path must not keep the others waiting.
                await asyncio.sleep(0)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            self._open.pop(number, None)
            self._user.path_down(number)
            # A dead connection takes seconds to close; the next one must not wait for it.
            self._spawn(path.close("the station is done with this path"))

    def _take(self, number: int, frames: Sequence[bytes]) -> bool:
        """Hand frames on; False where they stirred up a fault of ours.

        This is the edge: such a fault costs the path, never the task that dials or accepts.
        """
        try:
            self._user.frames_received(number, frames)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is logged and ends the path
            self._log("fault", path=number, problem=repr(fault))
            return False
        return True

    async def _send(self, number: int, held: _Open) -> None:
        try:
            while held.traits.padded:
                held.wake.clear()
                await self._send_at_turn(number, held)
            while True:
                held.wake.clear()
                while frames := self._user.next_frames(number, limit=1):
                    await held.path.send(frames)
                    # The peer works on it while the next one is made; so do we on what came.
                    await asyncio.sleep(0)
                await held.wake.wait()
        except CarrierError as why:
            self._log("path broke", why=str(why))
            await held.path.close(str(why))

    async def _send_at_turn(self, number: int, held: _Open) -> None:
        """Wait for a turn of a padded path, and let its frame out at the time."""
        clock = asyncio.get_running_loop().time
        turn = self._user.next_turn(number)
        if turn is None:  # the station begins afresh
            await held.wake.wait()
            return
        await asyncio.sleep(turn - clock())
        if frames := self._user.next_frames(number):
            await asyncio.sleep(turn + _HOLD_SECONDS - clock())
            await held.path.send(frames)

    def tell_again(self) -> None:
        """Tell the station of every open path: it began afresh and knows of none."""
        for number, held in list(self._open.items()):
            if held.path.closed_reason is None:
                self._user.path_up(number, held.traits, held.peer, held.address)

    def wake(self) -> None:
        """Let every path look for something to send."""
        for held in self._open.values():
            held.wake.set()

    def close(self, number: int, reason: str) -> None:
        """Close one path, after what is still to be said on it."""
        held = self._open.get(number)
        if held is not None:
            self._spawn(self._say_goodbye(number, held, reason))

    def give_up(self, number: int, reason: str) -> None:
        """Close one path that seems dead: whatever is still to be said goes another way."""
        held = self._open.get(number)
        if held is not None:
            self._log("closing path", path=number, reason=reason)
            self._spawn(held.path.close(reason))

    async def _say_goodbye(self, number: int, held: _Open, reason: str) -> None:
        self._log("closing path", path=number, reason=reason)
        with suppress(CarrierError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                if held.traits.padded:
                    await self._let_turn_pass(number)
                elif frames := self._user.next_frames(number):
                    await held.path.send(frames)
        await held.path.close(reason)

    async def _let_turn_pass(self, number: int) -> None:
        """Wait until the next frame of a padded path has left; it carries what is to be said."""
        turn = self._user.next_turn(number) or 0.0
        await asyncio.sleep(turn + 2 * _HOLD_SECONDS - asyncio.get_running_loop().time())

    async def close_all(self, reason: str) -> None:
        """Close every path; listeners and dialling go on."""
        # One that does not say goodbye takes seconds; all of them together no longer than one.
        await asyncio.gather(*(held.path.close(reason) for held in list(self._open.values())))

    async def stop(self) -> None:
        """End listening, dialling and every path."""
        for listener in self._listeners:
            await listener.close()
        for task in self._dialers.values():
            task.cancel()
        await asyncio.gather(*self._dialers.values(), return_exceptions=True)
        await self.close_all("the station stops")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, act: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self._log("task failed", problem=repr(problem))
