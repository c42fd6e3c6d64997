"""What a witness shows of itself: its key, the logs it keeps, and what it holds against any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.core.card import Card
from parley.core.cosignature import witness_of
from parley.station.trust import Trust
from parley.station.view_values import Moment
from parley.station.witness_memory import accusations_in, heads_in
from parley.store.interface import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedLog:
    """The newest statement of one log that was cosigned; `signed_at` is its author's claim."""

    party: str
    origin: str
    size: int
    signed_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoHistories:
    """Two notes by one key that give one size of a log two roots."""

    party: str
    origin: str
    kept: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessState:
    """A witness: the key that charters name, what it keeps, what it holds against whom."""

    key: str
    logs: Sequence[WitnessedLog]
    two_histories: Sequence[TwoHistories]


def witness_state(card: Card, reader: Reader, trust: Trust) -> WitnessState:
    """Return what the witness with this card keeps."""
    known = witness_of(card)
    return WitnessState(
        key="" if known is None else known.vkey,
        logs=[
            WitnessedLog(
                party=trust.code_of(said.party),
                origin=said.log.origin,
                size=said.size,
                signed_at=said.time,
            )
            for said in heads_in(reader)
        ],
        two_histories=[
            TwoHistories(party=trust.code_of(log.party), origin=log.origin, kept=kept, shown=shown)
            for log, kept, shown in accusations_in(reader)
        ],
    )
