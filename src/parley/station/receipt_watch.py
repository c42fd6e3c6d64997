"""Notices a peer that is there and receipts nothing: it stalls, or its store does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley.core.instants import Instant
from parley.station.line_views import LinkView, RecordRow

STALLED_S: Final = 600
"""How long a peer may answer on a fast line and receipt nothing more of what waits for it."""
STALLED_SLOW_S: Final = 21_600
"""The same on a line of less than 9,600 bit/s, where a long entry takes its time."""
LOOK_S: Final = 30
"""Seconds between two looks; a look after a longer pause counts no more than one."""
_SLOW_BPS: Final = 9_600
_KIND: Final = "unreceipted"


@dataclass(slots=True)
class _Wait:
    """How much a peer holds of our log on a channel, and for how long it was there since."""

    size: int
    seconds: int = 0
    is_told: bool = False


class ReceiptWatch:
    """Counts, for each channel and peer, how long nothing of what waits was receipted.

    Only time counts in which the peer answered: a line that is silent is told of as such. Who
    never signed anything on a channel has perhaps not accepted it.
    """

    def __init__(
        self,
        links: Callable[[], Sequence[LinkView]],
        rows: Callable[[], Sequence[RecordRow]],
        now: Callable[[], Instant],
    ) -> None:
        """Take what returns the lines, and how far both sides hold each channel."""
        self._links = links
        self._rows = rows
        self._now = now
        self._waits: dict[tuple[str, str], _Wait] = {}
        self._fine: set[tuple[str, str]] = set()
        self._ended: list[tuple[str, str]] = []
        self._looked = Instant(0)

    def stalled(self) -> Iterator[Mapping[str, Any]]:
        """Yield once for every peer and channel on which nothing is receipted for too long."""
        now = self._now()
        passed = now - self._looked
        if 0 <= passed < LOOK_S:
            return
        self._looked = now
        limits = {link.peer: _limit(link) for link in self._links() if link.alive and link.trusted}
        for row in self._rows():
            key = (row.channel, row.peer)
            known = self._waits.get(key)
            if row.statement_at is None or row.their_receipt_size >= row.own_size:
                self._waits.pop(key, None)
                self._goes_on(key)
                continue
            if known is None or known.size != row.their_receipt_size:
                self._waits[key] = _Wait(row.their_receipt_size)
                if known is not None:
                    self._goes_on(key)
                continue
            if row.peer in limits and not known.is_told:
                known.seconds += LOOK_S
                if known.seconds >= limits[row.peer]:
                    known.is_told = True
                    self._fine.discard(key)
                    yield _told(row, known.seconds)

    def _goes_on(self, key: tuple[str, str]) -> None:
        if key not in self._fine:
            self._fine.add(key)
            self._ended.append(key)

    def receipted(self) -> Iterator[Mapping[str, Any]]:
        """Yield once for every peer and channel that goes on, or did when first looked at."""
        ended, self._ended = self._ended, []
        for channel, peer in ended:
            reason = f"{peer} receipts again on {channel}"
            yield {"fact": f"{_KIND} {channel}", "peer": peer, "reason": reason}


def _limit(link: LinkView) -> int:
    rates = [path.rate_bps for path in link.paths if path.up and path.rate_bps is not None]
    is_slow = bool(rates) and max(rates) < _SLOW_BPS
    return STALLED_SLOW_S if is_slow else STALLED_S


def _told(row: RecordRow, seconds: int) -> Mapping[str, Any]:
    waits = row.own_size - row.their_receipt_size
    text = (
        f"{row.peer} answers and has receipted nothing more on {row.channel} for "
        f"{seconds // 60} minutes: {waits} waiting, sent again and again; nothing is lost. Ask "
        f"its people, and carry what cannot wait: parley carry out {row.peer}"
    )
    return {
        "kind": _KIND,
        "fact": f"{_KIND} {row.channel}",
        "peer": row.peer,
        "channel": row.channel,
        "text": text,
    }


__all__ = ["LOOK_S", "STALLED_S", "STALLED_SLOW_S", "ReceiptWatch"]
