"""What goes into the engine besides frames, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from parley.core.canon import Value
from parley.core.ids import LogId
from parley.core.instants import Instant
from parley.core.values import named_value, small_value
from parley.errors import ParleyError
from parley.station.facts import Fact
from parley.store.interface import Batch


@small_value
class Now:
    """The time as handed in.

    Attributes:
        wall: seconds since 1970 by this station's clock; may jump.
        steady: seconds that only ever grow, from any start.
    """

    wall: Instant
    steady: float


@named_value
class NewEntry:
    """An entry to be written into our own log; place, time and `seen` are the engine's."""

    kind: int
    flags: int = 0
    fields: Mapping[int, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commit:
    """Store this batch, fsync, then call `committed` or `commit_failed`. One at a time."""

    batch: Batch


@small_value
class Notify:
    """Tell the officers and programs."""

    fact: Fact


@small_value
class Reply:
    """A command is done, durably, or refused.

    Attributes:
        token: what the caller gave with the command.
        places: where its entries stand, in order; empty for commands without entries.
        error: why nothing was done, None on success.
    """

    token: int
    places: tuple[tuple[LogId, int], ...] = ()
    error: ParleyError | None = None


@dataclass(frozen=True, slots=True)
class ClosePath:
    """Close this path, with the reason to be shown on both ends."""

    path: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """Show a statement to the witness with this public key, then call `witness_answered`.

    Attributes:
        body: an `add-checkpoint` request.
    """

    token: int
    key: bytes
    body: bytes


@small_value
class Halt:
    """Nothing can be signed at present: call `commit_failed`, and begin afresh from the record."""

    error: ParleyError


Effect: TypeAlias = Commit | Notify | Reply | ClosePath | Submit | Halt
