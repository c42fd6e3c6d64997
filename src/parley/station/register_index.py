"""Cases in the order in which they came to this station, so that a page of them is found at once.

The order is that of the running numbers under which opening entries were stored here: it never
changes, so a place in it is a cursor that neither misses a case nor shows one twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from parley.desk.case_book import BookWatch, CaseBook
from parley.desk.record import Place
from parley.desk.registers import Registers

T = TypeVar("T", int, tuple[int, int])

NO_DUE: Final = 2**53
"""Where a case without a due time stands among those that have one: last."""


@dataclass(slots=True)
class _Known:
    """A case as it stands in the lists; `due` is None where nobody has to act."""

    number: int
    procedure: str
    due: int | None = None


class RegisterIndex:
    """Every case by procedure: all of them, and those in which somebody has still to act."""

    def __init__(self, number_of: Callable[[Place], int]) -> None:
        """Begin with nothing; `number_of` says under which number an opening entry is stored."""
        self._number_of = number_of
        self._watch = BookWatch()
        self._all: dict[str, list[int]] = {}
        self._open: dict[str, list[int]] = {}
        self._due: dict[str, list[tuple[int, int]]] = {}
        self._places: dict[int, Place] = {}
        self._known: dict[Place, _Known] = {}

    def update(self, registers: Registers) -> None:
        """Take what changed in the books since the last time."""
        for book in registers.books():
            changed = self._watch.changed(book)
            # In their order they are put at the end of the lists, not each into the middle.
            for _, place in sorted((self._number(place), place) for place in changed):
                self._take(place, book)

    def _number(self, place: Place) -> int:
        known = self._known.get(place)
        return self._number_of(place) if known is None else known.number

    def _take(self, place: Place, book: CaseBook) -> None:
        brief, known = book.briefs.get(place), self._known.get(place)
        if known is not None and (brief is None or known.procedure != brief.procedure):
            self._forget(place, known)
            known = None
        if brief is None:
            return
        if known is None:
            known = self._known[place] = _Known(self._number_of(place), brief.procedure)
            self._places[known.number] = place
            insort(self._all.setdefault(brief.procedure, []), known.number)
        times = book.open.get(place)
        self._set_due(known, None if times is None else NO_DUE if times.due is None else times.due)

    def _forget(self, place: Place, known: _Known) -> None:
        self._set_due(known, None)
        _drop(self._all[known.procedure], known.number)
        del self._known[place], self._places[known.number]

    def _set_due(self, known: _Known, due: int | None) -> None:
        if due == known.due:
            return
        still = self._open.setdefault(known.procedure, [])
        by_due = self._due.setdefault(known.procedure, [])
        if known.due is None:
            insort(still, known.number)
        else:
            _drop(by_due, (known.due, known.number))
        if due is None:
            _drop(still, known.number)
        else:
            insort(by_due, (due, known.number))
        known.due = due

    def newest(
        self, procedure: str, *, below: int | None, only_open: bool
    ) -> Iterator[tuple[int, Place]]:
        """Yield the cases of a procedure with their numbers, newest first, below a number."""
        numbers = (self._open if only_open else self._all).get(procedure, [])
        at = len(numbers) if below is None else bisect_left(numbers, below)
        for place in range(at - 1, -1, -1):
            yield numbers[place], self._places[numbers[place]]

    def by_due(
        self, procedure: str, *, above: tuple[int, int] | None
    ) -> Iterator[tuple[int, int, Place]]:
        """Yield due time, number and opening of the open cases of a procedure, first due first.

        Args:
            procedure: name of the procedure.
            above: only those after this due time and number.
        """
        found = self._due.get(procedure, [])
        for at in range(0 if above is None else bisect_right(found, above), len(found)):
            due, number = found[at]
            yield due, number, self._places[number]


def _drop(members: list[T], member: T) -> None:
    at = bisect_left(members, member)
    if at < len(members) and members[at] == member:
        del members[at]
