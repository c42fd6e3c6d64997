"""Notices key exchanges that nobody can use because the card held at one end is too old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from parley.core.ids import PartyId
from parley.station.effects import Now
from parley.station.facts import Alarm
from parley.station.link_state import Link

LASTS_S: Final = 60.0
"""So long nothing but such key exchanges comes from a peer before that is an alarm."""
LASTS_NARROW_S: Final = 21_600.0
"""The same on a slow line, where each of a peer's older keys has its turn, one exchange each."""
_GAP_S: Final = 7_200.0
"""After so long without one it is another story."""

_THEIRS: Final = (
    "key exchanges in the name of {code} are signed with its station key {key}; card {card} of it, "
    "held here, has none that counts under this number, so nothing of it is read. If {code} "
    "replaced its keys: let it hand over its card (parley card export), then here parley peer add "
    "FILE. The words stay the same; nothing is lost"
)
_OURS: Final = (
    "{code} seals to a prekey of ours that is erased: it holds an old card of ours and can read "
    "nothing of us, nor we of it. Hand it our card over another way: parley card export --out "
    "FILE, and there parley peer add FILE. Nothing is lost"
)


class OldCards:
    """Counts, for each peer, how long its key exchanges have been of no use."""

    def __init__(self, alarm: Callable[[Alarm], None]) -> None:
        """Raise alarms by `alarm`."""
        self._alarm = alarm
        self._seen: dict[tuple[PartyId, str], tuple[float, float]] = {}

    def theirs(self, link: Link, key: int, now: Now, *, narrow: bool) -> None:
        """Take note of one that is signed with a key that the card held here does not show.

        Anybody may send such a frame: it is told as what it claims.
        """
        text = _THEIRS.format(code=link.card.code, key=key, card=link.card.sequence)
        self._note(link, "theirs", text, now, narrow=narrow)

    def ours(self, link: Link, now: Now, *, narrow: bool) -> None:
        """Take note of one that the peer signed, sealed to a prekey of ours that is gone."""
        self._note(link, "ours", _OURS.format(code=link.card.code), now, narrow=narrow)

    def over(self, link: Link) -> None:
        """Take note that a key exchange of a peer was taken."""
        for whose in ("theirs", "ours"):
            self._seen.pop((link.party, whose), None)

    def _note(self, link: Link, whose: str, text: str, now: Now, *, narrow: bool) -> None:
        if link.alive:
            self.over(link)
            return
        first, last = self._seen.get((link.party, whose), (now.steady, now.steady))
        first = first if now.steady - last < _GAP_S else now.steady
        self._seen[link.party, whose] = (first, now.steady)
        if now.steady - first >= (LASTS_NARROW_S if narrow else LASTS_S):
            self._alarm(Alarm(kind="old-card", peer=link.party, channel=None, text=text))


__all__ = ["LASTS_NARROW_S", "LASTS_S", "OldCards"]
