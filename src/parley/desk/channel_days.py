"""How each party held a channel at earlier moments, by one fold of the record.

An earlier moment is the record as its authors dated it (`record.as_of`). The record is folded once:
what came after the moment is left out of the acts, and not folded anew for each day.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.desk.channel_rows import states_of
from parley.desk.derived import Channel, ChannelNow, Standing
from parley.desk.fold import OPEN


class _Then(ChannelNow):
    """One channel under one marking, as it stood at a moment that is not later than the fold's."""

    def __init__(self, channel: Channel, marking: int, moment: int) -> None:
        super().__init__(channel, marking)
        self.moment = moment
        self.acts = [step for step in self.acts if step.claimed <= moment]
        self.renewals = [
            case
            for case in self.renewals
            if all(step.claimed <= moment for step in case.steps_of("renew"))
        ]
        self.standings = [
            self._stood(channel, marking, number) for number in range(len(channel.view.codes))
        ]

    def _stood(self, channel: Channel, marking: int, number: int) -> Standing:
        state, since = OPEN, None
        for taken in channel.fold.standings.get((marking, number), []):
            if taken.stands is not None and taken.ordered.entry.time <= self.moment:
                state, since = taken.stands[1], channel.step(taken)
        return Standing(channel.view.codes[number], state, since)


def states_at(channel: Channel, marking: int, moments: Sequence[int]) -> list[dict[str, str]]:
    """Return how each party held the channel at each of these moments, by its own word.

    Args:
        channel: one channel, folded up to the last of the moments or later.
        marking: its number, as in an entry.
        moments: instants, in any order.

    Returns:
        For each moment the state of each party by its code.
    """
    return [
        states_of(
            _Then(channel, marking, moment) if moment < channel.moment else channel.facts(marking)
        )
        for moment in moments
    ]
