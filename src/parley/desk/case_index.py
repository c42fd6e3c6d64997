"""Where cases are found again: by procedure and marking, and by what refers to them.

The fold keeps it while entries are taken and taken back, so that no question walks over all cases.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.desk.case import Case, Taken
from parley.desk.naming import ref_place
from parley.desk.record import Place


class CaseIndex:
    """The cases of one channel; places stand in the order in which their cases were opened."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, int], list[Place]] = {}
        self._referring: dict[tuple[str, Place], list[Place]] = {}
        self._watchers: list[set[Place]] = []

    def watch(self) -> set[Place]:
        """Return a set that takes the opening of every case that changes from now on.

        It is the watcher's: whoever has dealt with a place takes it out.
        """
        changed: set[Place] = set()
        self._watchers.append(changed)
        return changed

    def touched(self, opening: Place) -> None:
        """Note that an entry came to a case, or was taken back from it."""
        for changed in self._watchers:
            changed.add(opening)

    def opened(self, case: Case) -> None:
        """Take a case in; it is the newest of the channel."""
        self._by_kind.setdefault((case.procedure.name, case.marking), []).append(case.place)

    def taken_back(self, case: Case) -> None:
        """Forget the case that was opened last."""
        self._by_kind[(case.procedure.name, case.marking)].pop()

    def refers(self, opening: Place, taken: Taken) -> None:
        """Note what a step of a case refers to."""
        for key in _references(taken):
            self._referring.setdefault(key, []).append(opening)

    def refers_no_more(self, taken: Taken) -> None:
        """Forget what the step that was taken last refers to."""
        for key in reversed(_references(taken)):
            self._referring[key].pop()

    def of(self, procedure: str, marking: int) -> Sequence[Place]:
        """Return the openings of a procedure's cases under one marking, in order."""
        return self._by_kind.get((procedure, marking), ())

    def markings(self) -> set[int]:
        """Return the markings under which there is a case."""
        return {marking for (_, marking), places in self._by_kind.items() if places}

    def referrers(self, field: str, entry: Place) -> Sequence[Place]:
        """Return the openings of cases with a step that names an entry in `field`, in order."""
        return self._referring.get((field, entry), ())


def _references(taken: Taken) -> list[tuple[str, Place]]:
    """Return the fields of a step that name an entry, with that entry's place."""
    if taken.read is None or taken.status != "step":
        return []
    found: list[tuple[str, Place]] = []
    for field in taken.read.move.fields:
        if field.type.kind in ("ref", "matter") and field.name in taken.read.values:
            place = ref_place(taken.read.values[field.name], taken.ordered)
            if place is not None:
                found.append((field.name, place))
    return found
