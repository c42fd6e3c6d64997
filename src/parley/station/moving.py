"""Entries written into a log that turns out to be over before anything of them was signed.

They are in no statement and have left for nobody: whoever wrote them is told that nothing was
written.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from parley.core.ids import LogId
from parley.errors import ConflictError
from parley.station.channel_state import STOPPED, ChannelState
from parley.station.facts import EntryStored, Fact
from parley.store.interface import Batch

Place: TypeAlias = tuple[LogId, int]

RESTORE_STEP: Final = "Bring back what peers hold of it: parley restore --from-peer CODE."


def check_going_on(state: ChannelState) -> None:
    """Refuse to write where our log is not known to be the newest copy, or is lost.

    Raises:
        ConflictError: it is stopped, or what it rests on is damaged on the disk.
    """
    if state.unfit:
        raise ConflictError(
            "what this channel cannot be read without is damaged on our disk, and is fetched again",
            next_step="parley doctor shows what is awaited, and from whom.",
        )
    if state.stopped is not None:
        raise ConflictError(
            f"nothing is written into our log: {STOPPED[state.stopped]}", next_step=RESTORE_STEP
        )


def take_back(state: ChannelState, batch: Batch, facts: list[Fact]) -> set[Place]:
    """Take out of a batch what was written into our log after its newest statement.

    Nothing is taken from a log whose opening is not signed: it has not begun for anybody.
    """
    own, newest = state.record.own, state.newest
    if own is None or newest is None or own.signed <= newest.statement.size:
        return set()
    log, first = own.log, newest.statement.size
    left: list[Fact] = []
    taken: set[Place] = set()
    for fact in facts:
        if isinstance(fact, EntryStored) and fact.log == log and fact.index >= first:
            taken.add((log, fact.index))
        else:
            left.append(fact)
    facts[:] = left
    batch.entries = [row for row in batch.entries if row.log != log or row.index < first]
    batch.index = [row for row in batch.index if row.log != log or row.index < first]
    own.tree.truncate(first)
    own.signed = first
    own.turns = [turn for turn in own.turns if turn.index < first]
    del own.flags[first:]
    return taken


__all__ = ["Place", "take_back"]
