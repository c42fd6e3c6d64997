"""What the desk can do while it is still reading a long record: what needs no more of it.

A FLASH must leave, be read and be acknowledged in the first second after a start. Such an entry
needs nothing of the record but itself and what opened its case. What stands in the middle of a
case, the answer to a request for one, needs the whole case, and waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core.charter import Charter
from parley.core.entry import F_CASE, as_ref
from parley.core.ids import LogId
from parley.desk.desk import registers
from parley.desk.procedure import Move
from parley.desk.record import ChannelView, Place, Placed
from parley.desk.registers import Registers
from parley.station.interface import Station
from parley.store.interface import EntryRow, LogRow


class ShortDesk:
    """Reads one entry of a channel, as if nothing stood there but what its case began with."""

    def __init__(
        self,
        station: Station,
        place: Callable[[EntryRow], Placed],
        view: Callable[[Charter, list[Placed]], ChannelView],
    ) -> None:
        """Read a station's record; `place` and `view` put rows and channels in the desk's terms."""
        self._station = station
        self._place = place
        self._view = view

    def can_write(self, move: Move, *, is_about: bool) -> bool:
        """Say whether a move needs no more than is read here.

        Args:
            move: the move.
            is_about: it names a case or an entry.
        """
        if move.standing or move.seals or move.unseals:
            return False
        if is_about:
            return move.opens == "no" and move.field("of") is not None
        return move.opens != "no"

    def registers(self, charter: Charter, about: Place | None = None) -> Registers | None:
        """Return registers of a channel with the first entry of each log, and those about one.

        Args:
            charter: of the channel.
            about: an entry; what opened its case comes with it.

        Returns:
            None where a log of the channel began anew: names there need the whole record.
        """
        rows = self._station.reader.logs()
        logs = [row for row in rows if row.log.channel == charter.channel_id]
        if any(row.ordinal > 1 for row in logs):
            return None
        held = {(row.log, 0) for row in logs}
        if about is not None:
            log = LogId(charter.channel_id, charter.parties[about.party], about.inc)
            held |= {(log, about.index), *self._opening(charter, logs, log, about.index)}
        found = (self._station.reader.entry(log, index) for log, index in held)
        entries = [self._place(row) for row in found if row is not None]
        return registers([self._view(charter, entries)], self._station.now())

    def _opening(
        self, charter: Charter, logs: Sequence[LogRow], log: LogId, index: int
    ) -> set[tuple[LogId, int]]:
        """Return where the entry stands that an entry names as what opened its case."""
        row = self._station.reader.entry(log, index)
        ref = None if row is None else as_ref(self._place(row).entry.fields.get(F_CASE))
        if ref is None or ref.party >= len(charter.parties):
            return set()
        party = charter.parties[ref.party]
        return {(row.log, ref.index) for row in logs if row.log.party == party}
