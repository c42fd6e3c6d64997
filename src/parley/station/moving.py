"""Entries written into a log that turns out to be over before anything of them was signed.

They are in no statement and have left for nobody: they go into the log that begins, so that what
was said is neither lost nor said twice. What they refer to stays what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from parley.core.canon import Value
from parley.core.entry import F_CASE, F_REF, Kind, ref_value
from parley.core.ids import EntryRef, LogId
from parley.core.record import ChannelRecord
from parley.core.replica import Replica
from parley.station.channel_state import ChannelState
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored, Fact
from parley.store.interface import Batch

Place: TypeAlias = tuple[LogId, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """One entry taken back, and what its references mean, by field."""

    fact: EntryStored
    means: Mapping[int, Place]


def take_back(state: ChannelState, batch: Batch, facts: list[Fact]) -> list[Taken]:
    """Take out of a batch what was written into our log after its newest statement.

    Nothing is taken from a log whose opening is not signed: it has not begun for anybody.
    """
    own, newest = state.record.own, state.newest
    if own is None or newest is None or own.signed <= newest.statement.size:
        return []
    log, first = own.log, newest.statement.size
    taken: list[Taken] = []
    left: list[Fact] = []
    for fact in facts:
        if not isinstance(fact, EntryStored) or fact.log != log or fact.index < first:
            left.append(fact)
        elif fact.entry.kind not in (Kind.OPEN, Kind.TURN):
            taken.append(Taken(fact, _means(state.record, own, fact)))
    facts[:] = left
    batch.entries = [row for row in batch.entries if row.log != log or row.index < first]
    batch.index = [row for row in batch.index if row.log != log or row.index < first]
    own.tree.truncate(first)
    own.signed = first
    own.turns = [turn for turn in own.turns if turn.index < first]
    del own.flags[first:]
    return taken


def _means(record: ChannelRecord, own: Replica, fact: EntryStored) -> dict[int, Place]:
    means: dict[int, Place] = {}
    for number in (F_REF, F_CASE):
        ref = fact.entry.ref(number)
        place = None if ref is None else record.place_of(own, fact.index, ref)
        if place is not None:
            means[number] = place
    return means


def moved_entry(record: ChannelRecord, taken: Taken, moved: Mapping[Place, Place]) -> NewEntry:
    """Return an entry as it is written into the new log, its references spelt out.

    Args:
        record: the channel.
        taken: the entry.
        moved: where entries taken back before it went.
    """
    entry = taken.fact.entry
    fields: dict[int, Value] = dict(entry.fields)
    for number, place in taken.means.items():
        log, index = moved.get(place, place)
        fields[number] = ref_value(EntryRef(record.charter.party_number(log.party), index, log.inc))
    return NewEntry(kind=entry.kind, flags=entry.flags, fields=fields)


__all__ = ["Place", "Taken", "moved_entry", "take_back"]
