"""One run of a procedure, and what each entry of it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from parley.desk.order import Ordered
from parley.desk.problems import Problem
from parley.desk.procedure import Procedure
from parley.desk.reading import ReadMove
from parley.desk.record import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one entry did.

    Attributes:
        read: the move, None where the entry is irregular and none could be read.
        status: `step` of a case, `note` on one, `crossed` (no effect), `irregular` (no effect).
        problem: why it has no effect.
        before, after: state of the case.
        opens: it opened the case.
        crossed: it crossed with the step that led to `before`.
    """

    ordered: Ordered
    read: ReadMove | None
    status: str
    case: Place | None = None
    problem: Problem | None = None
    before: str = ""
    after: str = ""
    opens: bool = False
    crossed: bool = False
    stands: tuple[str, str] | None = None

    @property
    def place(self) -> Place:
        """Return where the entry stands."""
        return self.ordered.place

    @property
    def moved(self) -> bool:
        """Say whether it is a step of its own, also from a state to the same (a counter again)."""
        if self.before != self.after:
            return True
        steps = self.read.move.go if self.read is not None else ()
        return any(go.before == self.before and go.after == self.after for go in steps)


@dataclass(slots=True, kw_only=True)
class Case:
    """One run of a procedure.

    Attributes:
        parties: numbers of the parties to it, the opener first.
        codes: codes of the parties on its channel, by number.
        log: every entry of the case in order, whatever its effect; the opening entry first.
    """

    opening: Taken
    procedure: Procedure
    parties: tuple[int, ...]
    codes: tuple[str, ...]
    log: list[Taken] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Return where its opening entry stands."""
        return self.opening.place

    @property
    def marking(self) -> int:
        """Return the marking of its opening entry."""
        return self.opening.ordered.entry.marking

    @property
    def steps(self) -> Iterator[Taken]:
        """Yield the steps that had an effect."""
        return (taken for taken in self.log if taken.status == "step")

    @property
    def mover(self) -> Taken:
        """Return the step that led to the present state."""
        for taken in reversed(self.log):
            if taken.status == "step" and (taken.opens or taken.moved):
                return taken
        return self.opening

    @property
    def state(self) -> str:
        """Return the declared state."""
        for taken in reversed(self.log):
            if taken.status == "step":
                return taken.after
        return self.opening.after
