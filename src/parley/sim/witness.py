"""A simulated witness: the real logic over a disk of its own, and a way to it that can be cut."""

from __future__ import annotations

import random as random_module
from collections.abc import Mapping
from typing import Final

from parley.core.card import Card
from parley.core.cosignature import WitnessKey, witness_of
from parley.core.ids import PartyId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.core.witness import Witness
from parley.station.witness_memory import StoredMemory
from parley.store.memory import MemoryStore

WAY_SECONDS: Final = 0.05
"""How long a submission, and the answer to it, are under way."""


class SimWitness:
    """One witness of a simulated world.

    Attributes:
        down: it answers nobody.
        cut_from: codes of the stations whose way to it is cut.
        loss: how likely an answer is lost after the witness has kept what it cosigned.
        wall_offset: its clock minus the world's, in seconds.
        answered: how many answers it gave, by status.
    """

    def __init__(
        self, identity: Identity, cards: Mapping[PartyId, Card], *, seed: int, wall_start: int
    ) -> None:
        known = witness_of(identity.card)
        assert known is not None
        self.identity = identity
        self.key: WitnessKey = known
        self.memory = StoredMemory(MemoryStore())
        self.down = False
        self.cut_from: set[str] = set()
        self.loss = 0.0
        self.wall_offset = 0
        self.answered: dict[int, int] = {}
        self._wall_start = wall_start
        self._random = random_module.Random(f"{seed} witness {identity.card.code}")
        self._witness = Witness(known, signer=identity.signer, cards=cards.get, memory=self.memory)

    def is_reached_by(self, code: str) -> bool:
        """Say whether a station's submission arrives."""
        return not self.down and code not in self.cut_from

    def add_checkpoint(self, body: bytes, steady: float) -> tuple[int, str]:
        """Return status and body of the answer; status 0 where it is lost on its way."""
        now = Instant(self._wall_start + int(steady) + self.wall_offset)
        answer = self._witness.add_checkpoint(body, now=now)
        self.answered[answer.status] = self.answered.get(answer.status, 0) + 1
        if self.loss and self._random.random() < self.loss:
            return 0, ""
        return answer.status, answer.body
