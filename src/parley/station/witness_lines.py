"""What the overview says of a witness: no link leads to it, but it answers with cosignatures."""

from __future__ import annotations

from parley.core.card import Card
from parley.core.cosignature import stored_cosignatures, witness_of
from parley.core.ids import LogId, PartyId
from parley.core.instants import Instant
from parley.station.line_views import WitnessLamp
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.store.interface import Reader

_LOOKED_AT = 200
"""Newest statements of a log among which its last cosignature is looked for."""


def channels_seen(channels: list[ChannelSummary], card: Card) -> list[ChannelSummary]:
    """Return the channels whose charter names a witness."""
    known = witness_of(card)
    if known is None:
        return []
    return [
        channel
        for channel in channels
        if known.name in {name for name, _ in channel.charter.witnesses}
    ]


def witness_lamp(
    reader: Reader, record: RecordBook, us: PartyId, seen: list[ChannelSummary], card: Card
) -> WitnessLamp:
    """Return how far a witness has cosigned our own logs on the channels that name it."""
    known = witness_of(card)
    size, of = 0, 0
    newest: Instant | None = None
    for channel in seen:
        logs = record.logs_of(channel, us)
        if not logs or known is None:
            continue
        of += channel.logs[us].size
        found = _newest(reader, logs[-1], known.name)
        if found is not None:
            size += found[0]
            newest = found[1] if newest is None else max(newest, found[1])
    return WitnessLamp(size=size, of=of, at=newest)


def _newest(reader: Reader, log: LogId, name: str) -> tuple[int, Instant] | None:
    """Return size and time of the newest statement of a log that a witness cosigned."""
    last = reader.last_statement(log)
    if last is None:
        return None
    first = max(0, last.signed.statement.no - _LOOKED_AT)
    for row in reversed(reader.cosigned(log, first, _LOOKED_AT + 1)):
        times = [time for by, time in stored_cosignatures(row.lines) if by == name]
        if times:
            return row.signed.statement.size, times[0]
    return None
