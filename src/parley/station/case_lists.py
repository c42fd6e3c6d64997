"""Registers page by page: a page costs what it shows, whatever the record holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.core.instants import Instant
from parley.desk.case_book import Brief
from parley.desk.catalogue import PROCEDURES, REGISTERS
from parley.desk.deadlines import LAPSED
from parley.desk.record import Place
from parley.desk.registers import Registers
from parley.errors import NotFoundError, UsageError
from parley.station.case_rows import CaseRows, brief_groups, row_groups
from parley.station.desk_book import DeskBook
from parley.station.register_index import NO_DUE, RegisterIndex
from parley.station.views import CaseRow, Page

PAGE_MAX: Final = 500
LOOKED_AT_MAX: Final = 1_000
"""Rows built for one page at most: a condition that few cases meet ends a page early."""
ORDERS: Final = ("newest", "due")
_CLOCK_WORDS: Final = frozenset(
    {
        "open",
        "lapsed",
        "running",
        "near",
        "not-delivered",
        "lapsed-silent",
        "lapsed-dark",
        "lapsed silent",
        "lapsed dark",
    }
)
"""Words for the state of a clock that only open cases have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases of a procedure are wanted, and which page of them.

    Attributes:
        procedure: name of a procedure or of its register.
        as_of: as they stood then; now, when None.
        channel: code or id of a channel.
        owed_by: `us`, `them`, or a party's code: whose turn it is.
        state: words for the state or the clock, with commas or one by one; any of them.
        lapsed, proved: past their time, provably so, or not.
        is_open: somebody has an answer to give, or nobody.
        order: `newest` first, or open cases alone by `due` time.
        limit: 1 to 500 rows.
        cursor: from the page before.
        sees: says of a channel's code whether the asker may read it.
    """

    procedure: str
    as_of: Instant | None = None
    channel: str | None = None
    owed_by: str | None = None
    state: Sequence[str] = ()
    lapsed: bool | None = None
    proved: bool | None = None
    is_open: bool | None = None
    order: str = "newest"
    limit: int = 100
    cursor: str | None = None
    sees: Callable[[str], bool] = field(default=lambda _: True)

    @property
    def words(self) -> set[str]:
        """Return the words of `state`, one by one."""
        return {word.strip() for words in self.state for word in words.split(",") if word.strip()}


class CaseLists:
    """Finds the cases of a page and builds their rows."""

    def __init__(self, own: str, desk: DeskBook, rows: CaseRows) -> None:
        """Show registers as the party with the code `own` sees them; `rows` builds their rows."""
        self._own = own
        self._desk = desk
        self._rows = rows

    def page(self, query: CaseQuery) -> Page[CaseRow]:
        """Return one page of a register.

        Raises:
            NotFoundError: there is no such procedure.
            UsageError: the order, the limit or the cursor is none.
        """
        procedure = PROCEDURES.get(query.procedure) or REGISTERS.get(query.procedure)
        if procedure is None:
            raise NotFoundError(
                f"there is no register {query.procedure}",
                next_step=f"Procedures: {', '.join(sorted(PROCEDURES))}.",
            )
        if not 1 <= query.limit <= PAGE_MAX:
            raise UsageError(f"a page has 1 to {PAGE_MAX} rows, not {query.limit}")
        registers, index = self._desk.registers(query.as_of), self._desk.index(query.as_of)
        briefs = {book.channel: book.briefs for book in registers.books()}
        words = query.words
        rows: list[CaseRow] = []
        looked, last = 0, ""
        for cursor, place in self._places(procedure.name, query, index):
            if not self._fits(query, words, place, briefs[place.channel][place], registers):
                continue
            if len(rows) == query.limit or looked == LOOKED_AT_MAX:
                return Page(items=rows, next_cursor=last)
            case = registers.case_now(place)
            assert case is not None
            row = self._rows.row(registers, case)
            looked, last = looked + 1, cursor
            if not words or words & row_groups(row):
                rows.append(row)
        return Page(items=rows)

    def _places(
        self, procedure: str, query: CaseQuery, index: RegisterIndex
    ) -> Iterator[tuple[str, Place]]:
        """Yield cases in the order asked for, each with the cursor that leads on from it."""
        if query.order not in ORDERS:
            raise UsageError(
                f"{query.order!r} is no order", next_step=f"Orders: {', '.join(ORDERS)}."
            )
        after = _numbers(query.cursor, 2 if query.order == "due" else 1)
        if query.order == "due":
            above = None if after is None else (after[0], after[1])
            for due, number, place in index.by_due(procedure, above=above):
                yield f"{due}.{number}", place
            return
        only_open = (
            query.owed_by is not None
            or query.lapsed is True
            or query.proved is True
            or query.is_open is True
            or (bool(query.words) and query.words <= _CLOCK_WORDS)
        )
        below = None if after is None else after[0]
        for number, place in index.newest(procedure, below=below, only_open=only_open):
            yield str(number), place

    def _fits(
        self,
        query: CaseQuery,
        words: set[str],
        place: Place,
        brief: Brief,
        registers: Registers,
    ) -> bool:
        """Say whether a case can be wanted, by what its brief shows."""
        label = registers.channel(place.channel).view.label
        if query.channel not in (None, label, place.channel.hex()) or not query.sees(label):
            return False
        debtor, is_lapsed = brief.debtor, brief.clock in LAPSED
        if query.owed_by is not None:
            if debtor is None:
                return False
            wanted = self._own if query.owed_by == "us" else query.owed_by
            if debtor != wanted and not (wanted == "them" and debtor != self._own):
                return False
        by_clock = bool(words) and words <= _CLOCK_WORDS
        return (
            query.lapsed in (None, is_lapsed)
            and query.proved in (None, brief.clock == "lapsed silent")
            and query.is_open in (None, debtor is not None)
            and not (by_clock and not words & brief_groups(brief))
        )


def _numbers(cursor: str | None, count: int) -> list[int] | None:
    """Return the numbers of a cursor; None where there is none."""
    if cursor is None:
        return None
    parts = cursor.split(".")
    if len(parts) != count or not all(
        part.isascii() and part.isdigit() and int(part) <= NO_DUE for part in parts
    ):
        raise UsageError(
            f"{cursor!r} is no cursor of this list",
            next_step="Take `next_cursor` of the page before, or leave it out.",
        )
    return [int(part) for part in parts]
