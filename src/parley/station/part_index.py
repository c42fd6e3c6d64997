"""Where the parts of files stand in the record: a fold over the logs, the same on every side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parley.core import canon
from parley.core.attachment import part_bytes, parts_of, read_part
from parley.core.entry import Entry, Kind
from parley.core.ids import ChannelId, LogId, PartyId
from parley.errors import MalformedError
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Where one part stands."""

    log: LogId
    index: int


@dataclass(frozen=True, slots=True)
class FileKey:
    """Whose file it is, on which channel; an off-record entry has off-record parts."""

    channel: ChannelId
    party: PartyId
    digest: bytes
    is_attributable: bool


class PartIndex:
    """Knows every part that is held here; of two that fit one place the one that stands first.

    A part of another count or length than a file's size gives is part of another file: it stands in
    the way of none (specification: `entry.md`, "Attachments").
    """

    def __init__(self, station: Station, record: RecordBook) -> None:
        self._station = station
        self._record = record
        self._known: set[tuple[LogId, int]] = set()
        self._found: dict[FileKey, dict[tuple[int, int, int], PartPlace]] = {}
        self._looked: dict[ChannelId, int] = {}
        self._heard: set[tuple[LogId, int]] = set()

    def places(self, key: FileKey, size: int) -> Mapping[int, PartPlace]:
        """Return the parts held of a file of `size` bytes, by number."""
        self._look(key.channel)
        held, count = self._found.get(key, {}), parts_of(size)
        return {
            number: held[fits]
            for number in range(count)
            if (fits := (number, count, part_bytes(number, size))) in held
        }

    def unheard(self, channel: ChannelSummary, party: PartyId) -> list[Entry]:
        """Return parts that a party wrote into a log which it ended, and that may lack somewhere.

        Who holds nothing of a log that ended fetches none of it. What stands in its newest log
        is not among them, nor what came back from a peer, nor what every member said to hold.
        """
        logs = self._record.logs_of(channel, party)
        if len(logs) < 2:
            return []
        rows = self._station.reader.marked_rows(channel.charter.channel_id)
        places = [
            (row.log, row.index)
            for row in list(rows)
            if row.kind == Kind.PART and row.log.party == party
        ]
        newest = {self._named(*place) for place in places if place[0] == logs[-1]}
        found: dict[tuple[int, bytes], Entry] = {}
        for log, index in places:
            if log == logs[-1] or self._is_heard(log, index):
                continue
            name = self._named(log, index)
            if name not in newest:
                found.setdefault(name, self._record.decode(self._record.row(log, index)))
        return list(found.values())

    def _is_heard(self, log: LogId, index: int) -> bool:
        """Say whether each member holds an own entry, or one of them gave it back."""
        if (log, index) not in self._heard:
            row = self._record.row(log, index)
            others = self._record.channel_of(log).charter.others(log.party)
            is_back = row.received > self._record.decode(row).time
            if not is_back and not all(self._record.first_holding(log, index, o) for o in others):
                return False
            self._heard.add((log, index))
        return True

    def _named(self, log: LogId, index: int) -> tuple[int, bytes]:
        """Return what an own part says, whatever its place and time."""
        entry = self._record.decode(self._record.row(log, index))
        return entry.flags, canon.encode(dict(entry.fields))

    def _look(self, channel: ChannelId) -> None:
        sequence = self._station.reader.sequence()
        if self._looked.get(channel) == sequence:
            return
        for row in list(self._station.reader.marked_rows(channel)):
            if row.kind == Kind.PART and (row.log, row.index) not in self._known:
                self._take(row.log, row.index)
        self._looked[channel] = sequence

    def _take(self, log: LogId, index: int) -> None:
        entry = self._record.decode(self._record.row(log, index))
        self._known.add((log, index))
        try:
            part = read_part(entry)
        except MalformedError:
            return  # it stays in the record, and is part of nothing
        key = FileKey(log.channel, log.party, part.whole, entry.is_attributable)
        held = self._found.setdefault(key, {})
        new, fits = PartPlace(log, index), (part.number, part.count, len(part.octets))
        old = held.get(fits)
        if old is None or self._order(new) < self._order(old):
            held[fits] = new

    def _order(self, place: PartPlace) -> tuple[int, int]:
        return self._record.ordinal(place.log), place.index

    def octets(self, place: PartPlace) -> bytes:
        """Return the bytes of a part."""
        return read_part(self._record.decode(self._record.row(place.log, place.index))).octets
