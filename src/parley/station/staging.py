"""What one entry adds to a batch, and the statements around a number, stored or staged."""

from __future__ import annotations

from collections.abc import Iterable

from parley.core.entry import Entry
from parley.core.ids import LogId
from parley.core.instants import Instant
from parley.core.replica import Arrival, Replica
from parley.core.statement import SignedStatement
from parley.station.channel_state import ChannelState
from parley.station.facts import EntryStored
from parley.station.soundness import entry_of, is_sound
from parley.store.interface import EntryRow, IndexRow, Reader, StatementRow


def entry_row(log: LogId, one: Arrival, received: Instant) -> EntryRow:
    """Return the row of an entry that came or was written."""
    return EntryRow(log=log, index=one.index, raw=one.raw, leaf=one.leaf, received=received)


def index_row(state: ChannelState, replica: Replica, index: int, entry: Entry) -> IndexRow:
    """Return the row of the case index for an entry, by what is known of its log now."""
    case_log, case_index = state.record.case_of(replica, index, entry)
    return IndexRow(
        log=replica.log,
        index=index,
        kind=entry.kind,
        flags=entry.flags,
        time=entry.time,
        case_log=case_log,
        case_index=case_index,
    )


def read_turn(reader: Reader, state: ChannelState, place: IndexRow) -> bool:
    """Take a stored `turn` into memory; False where the disk no longer holds it as it was."""
    row = reader.entry(place.log, place.index)
    replica = state.record.all.get(place.log)
    if row is None or replica is None:
        return True
    entry = entry_of(row, others=len(state.record.others))
    if entry is None or not is_sound(replica, row, others=len(state.record.others)):
        return False
    state.record.note_turn(replica, place.index, entry)
    return True


def entry_fact(log: LogId, one: Arrival, received: Instant, *, own: bool) -> EntryStored:
    """Return what is told once the entry is durable; its sequence is known only then."""
    return EntryStored(
        log=log, index=one.index, own=own, entry=one.entry, received=received, sequence=0
    )


def numbered(fact: EntryStored, sequence: int) -> EntryStored:
    """Return the same with its sequence."""
    return EntryStored(
        log=fact.log,
        index=fact.index,
        own=fact.own,
        entry=fact.entry,
        received=fact.received,
        sequence=sequence,
    )


def neighbours(
    reader: Reader, replica: Replica, no: int, staged: Iterable[SignedStatement]
) -> tuple[SignedStatement | None, SignedStatement | None, SignedStatement | None]:
    """Return a log's newest statement below a number, that of it, and the next above it.

    Args:
        reader: what is durable.
        replica: the log.
        no: the number.
        staged: statements that are verified and not durable yet.
    """
    last = replica.last
    if last is None or no > last.statement.no:
        return last, None, None
    known = {one.statement.no: one for one in staged if one.statement.log == replica.log}
    for row in reader.statements(replica.log, no, 2):
        known[row.signed.statement.no] = row.signed
    nearest = _below(reader, replica.log, no)
    if nearest is not None:
        known[nearest.signed.statement.no] = nearest.signed
    below = max((number for number in known if number < no), default=None)
    above = min((number for number in known if number > no), default=None)
    return (
        None if below is None else known[below],
        known.get(no),
        None if above is None else known[above],
    )


def _below(reader: Reader, log: LogId, no: int) -> StatementRow | None:
    """Return the stored statement with the highest number below one, however many are missing.

    One row is read at a time: a signer may leave out numbers, and billions of them.
    """
    found: StatementRow | None = None
    low, step = no, 1
    while found is None and low > 0:
        low, step = max(no - step, 0), 2 * step
        found = _first_below(reader, log, low, no)
    high = no
    while found is not None and found.signed.statement.no + 1 < high:
        middle = (found.signed.statement.no + high) // 2
        nearer = _first_below(reader, log, middle, no)
        if nearer is None:
            high = middle
        else:
            found = nearer
    return found


def _first_below(reader: Reader, log: LogId, first: int, no: int) -> StatementRow | None:
    """Return the first statement from a number on, if its number is below another."""
    rows = reader.statements(log, first, 1)
    return rows[0] if rows and rows[0].signed.statement.no < no else None
