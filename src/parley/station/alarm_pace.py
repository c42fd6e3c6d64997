"""How often a peer may bring one alarm about (specification: `limits.md`).

Each alarm is a line of the log, a fact for every console and a look at all that are kept. A peer
raises one with a few bytes, as often as it likes; people need the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from parley.core.ids import ChannelId, PartyId
from parley.station.facts import Alarm

AGAIN_SECONDS: Final = 60.0
TEXTS_MAX: Final = 4
"""So many different texts of one kind about one peer and channel are told meanwhile."""

_About: TypeAlias = tuple[str, PartyId | None, ChannelId | None]


@dataclass(slots=True)
class _Told:
    since: float
    texts: set[str] = field(default_factory=set)


class AlarmPace:
    """Knows which alarms about peers were told lately.

    Attributes:
        steady: the time, in steady seconds.
    """

    def __init__(self) -> None:
        self.steady = 0.0
        self._told: dict[_About, _Told] = {}

    def admits(self, alarm: Alarm) -> bool:
        """Say whether an alarm is to be told; those about our own station always are."""
        if alarm.peer is None:
            return True
        about = (alarm.kind, alarm.peer, alarm.channel)
        told = self._told.get(about)
        if told is None or self.steady >= told.since + AGAIN_SECONDS:
            told = self._told[about] = _Told(self.steady)
        if alarm.text in told.texts or len(told.texts) >= TEXTS_MAX:
            return False
        told.texts.add(alarm.text)
        return True


__all__ = ["AGAIN_SECONDS", "TEXTS_MAX", "AlarmPace"]
