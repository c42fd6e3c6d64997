"""Where each officer stands in the tour of the console; nothing of it leaves the station."""

from __future__ import annotations

from typing import Final

from parley.errors import NotAllowedError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.papers import change

TOUR_STEPS: Final = 5
"""Line check, FLASH, lapse and proof, two reports, bundle."""


class Tours:
    """Remembers the step of each officer who takes the tour."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def step(self, officer: str) -> int | None:
        """Return the step at which an officer is; None where they take no tour."""
        fields = self._cabinet.get("tours", officer)
        return None if fields is None else int(fields["step"])

    async def go(self, actor: Actor, step: int | None) -> None:
        """Go to a step, or end the tour.

        Raises:
            NotAllowedError: a program asks. UsageError: there is no such step.
        """
        if not actor.is_person:
            raise NotAllowedError("the tour is for people")
        if step is not None and not 1 <= step <= TOUR_STEPS:
            raise UsageError(f"the tour has steps 1 to {TOUR_STEPS}")
        fields = None if step is None else {"step": step}
        await self._cabinet.store([change("tours", actor.officer, fields)])
