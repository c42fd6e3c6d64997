"""Witnesses of a scenario over real stations: real HTTP on loopback and a real database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from parley.api.listeners import address_of, network_socket, serving
from parley.api.witness_door import witness_app
from parley.core.card import Card
from parley.core.cosignature import witness_of
from parley.core.ids import PartyId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.core.witness import Witness
from parley.station.witness_memory import StoredMemory
from parley.station.witness_station import WitnessDesk
from parley.store.interface import Store


class LiveWitnesses:
    """Witnesses that run until they are closed."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._addresses: dict[PartyId, str] = {}

    async def open(
        self,
        identity: Identity,
        *,
        cards: Mapping[PartyId, Card],
        store: Store,
        now: Callable[[], Instant],
    ) -> None:
        """Open a witness's door; `cards` are those of the parties whose logs it takes."""
        self._stack.callback(store.close)
        known = witness_of(identity.card)
        assert known is not None
        witness = Witness(
            known, signer=identity.signer, cards=cards.get, memory=StoredMemory(store)
        )
        desk = WitnessDesk(witness, now=now, log=lambda _event, **_details: None)
        listener = self._stack.enter_context(network_socket("127.0.0.1:0"))
        await self._stack.enter_async_context(serving(witness_app(desk), listener))
        self._addresses[identity.card.party] = f"http://{address_of(listener)}"

    def address(self, party: PartyId) -> str:
        """Return where a witness takes statements."""
        return self._addresses[party]

    async def close(self) -> None:
        """Close every door and database."""
        await self._stack.aclose()
