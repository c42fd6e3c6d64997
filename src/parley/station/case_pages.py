"""Cases, registers, balances and what may be done next, as they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from parley.core.instants import Instant
from parley.desk.case_book import BookWatch, shown_clock
from parley.desk.deadlines import Clock
from parley.desk.procedure import Move
from parley.desk.record import Place
from parley.desk.registers import Registers
from parley.desk.rows import CaseView as DeskCase
from parley.desk.rules import permitted_moves
from parley.errors import NotFoundError
from parley.station.case_counts import asked_counts, balances
from parley.station.case_facts import facts_of, parties_of
from parley.station.case_lists import CaseLists, CaseQuery
from parley.station.case_rows import CaseRows, brief_word
from parley.station.desk_book import DeskBook
from parley.station.forms import OPENING, move_view, text_views
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.trust import Trust
from parley.station.views import (
    AskedCount,
    Balance,
    CaseRow,
    CaseView,
    ComparedRow,
    HistoryRow,
    MayMove,
    MoveView,
    Page,
    PassageView,
    Reckoning,
    Shows,
)

_NOT_PROVED: Final = (
    "It does not prove that a person read it.",
    "It does not prove why no answer came.",
)


class CasePages:
    """Builds what is shown of cases."""

    def __init__(self, station: Station, trust: Trust, record: RecordBook, desk: DeskBook) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk = desk

    @property
    def _own(self) -> str:
        return self._station.own_card.code

    def _rows(self, as_of: Instant | None) -> CaseRows:
        """Return what builds rows; how the clocks stood in the past is not known any more."""
        offsets = {
            self._trust.code_of(link.peer): link.clock_offset_s
            for link in (self._station.links() if as_of is None else ())
            if link.clock_offset_s is not None
        }
        return CaseRows(self._own, offsets)

    # --- registers ---

    def page(self, query: CaseQuery) -> Page[CaseRow]:
        """Return one page of a register; see `CaseQuery`."""
        return CaseLists(self._own, self._desk, self._rows(query.as_of)).page(query)

    def counts(self, procedure: str, *, as_of: Instant | None) -> list[AskedCount]:
        """Return how often each party asked each other in a procedure, and what came of it."""
        return asked_counts(self._desk.registers(as_of), procedure, own=self._own)

    def row(self, place: Place) -> CaseRow:
        """Return the case an entry belongs to as a row; NotFoundError if it belongs to none."""
        registers = self._desk.registers()
        case = registers.case_now(place)
        if case is None:
            raise NotFoundError(f"{self._desk.name(place)} belongs to no case")
        return self._rows(None).row(registers, case)

    def row_of(self, channel: str, number: str) -> CaseRow:
        """Return a case of a channel, by both codes, as a row; NotFoundError if there is none."""
        return self.row(self._desk.registers().case(f"{channel}/{number}").place)

    def state_of(self, entry: str) -> str:
        """Return the state in which an entry's case is now; empty where it belongs to none."""
        place = self._desk.place(*self._record.place(entry))
        is_of_case = self._desk.registers().case_now(place) is not None
        return self.row(place).state if is_of_case else ""

    # --- one case ---

    def case(self, number: str, *, as_of: Instant | None) -> CaseView:
        """Return one case whole.

        Raises:
            NotFoundError: there is no such case; or several channels have one of this number.
        """
        registers = self._desk.registers(as_of)
        case = registers.case(number.replace("~", "/"))
        now = registers.case_now(case.place)
        assert now is not None
        proofs = registers.row_of_case(now).proofs
        shown = self._rows(as_of).row(registers, now)
        sentences = [str(p.sentence.get("en", "")) for p in proofs if p.sentence]
        is_lapse = shown.clock.startswith("lapsed")
        return CaseView(
            **{name: getattr(shown, name) for name in CaseRow.__dataclass_fields__},
            history=self._history(case),
            may_move=self._may_move(registers, case),
            moves=self.moves(case.place.channel, case.place),
            shows=Shows(proves=sentences, not_proves=list(_NOT_PROVED) if is_lapse else []),
            reckoning=_reckoning(shown_clock(now)),
            notes=[],
            passages=[
                PassageView(
                    number=one.number,
                    status=one.status,
                    texts=dict(one.texts),
                    brackets=[dict(bracket) for bracket in one.brackets],
                    said=dict(one.said),
                    before=None if one.before is None else dict(one.before),
                    version=one.version,
                    by=one.by,
                )
                for one in registers.passages(case.place, self._own)
            ],
            accounts=dict(registers.accounts(case.place)),
            comparison=[
                ComparedRow(
                    field=one.field,
                    status=one.status,
                    by=one.by,
                    side=one.side,
                    values=dict(one.values),
                )
                for one in registers.comparison(case.place)
            ],
            facts=facts_of(registers, now),
            parties=parties_of(registers, now),
        )

    def _history(self, case: DeskCase) -> list[HistoryRow]:
        rows: list[HistoryRow] = []
        for step in case.steps:
            log, index = self._desk.log_place(step.place)
            stored = self._record.row(log, index)
            rows.append(
                HistoryRow(
                    entry=self._record.name(log, index),
                    at=step.claimed,
                    received_at=stored.received,
                    party=self._trust.code_of(log.party),
                    move=step.move,
                    summary=step.sentence.get("en", step.state_after),
                    texts=text_views(_texts(step.fields.get("text"))),
                    crossed=step.crossed,
                )
            )
        return rows

    def _may_move(self, registers: Registers, case: DeskCase) -> list[MayMove]:
        view = self._desk.view(case.place.channel)
        found: list[MayMove] = []
        for number, code in enumerate(view.codes):
            moves = permitted_moves(registers, case.place, number, view.id)
            names = [
                # What may be done to any entry is named with its procedure: `correction.withdraw`.
                one.move.name if one.move.procedure == case.procedure else one.move.full_name
                for one in moves
                if one.move.procedure != "ack"
            ]
            if names:
                found.append(MayMove(party=code, moves=names))
        return found

    # --- moves ---

    def moves(
        self, channel: Any, case: Place | None, *, procedure: str | None = None
    ) -> list[MoveView]:
        """Return what we may do now on a channel, or in a case; of one procedure only, if named."""
        charter = self._record.channel(channel.hex()).charter
        registers = (
            self._desk.registers_to_open(charter) if case is None else self._desk.registers()
        )
        party = charter.party_number(self._station.party)
        return [
            move_view(
                permitted.move,
                permitted=True,
                opens=case is None and permitted.move.opens in OPENING,
                fixed=self._fixed(registers, case, permitted.move),
            )
            for permitted in permitted_moves(registers, case, party, channel)
            # Acknowledging is an act of its own: `Gateway.acknowledge`.
            if permitted.move.procedure != "ack"
            and procedure in (None, permitted.move.procedure)
            and (case is not None or self._desk.can_open(permitted.move))
        ]

    def _fixed(self, registers: Registers, case: Place | None, move: Move) -> Mapping[str, object]:
        """Return matter and time of what is sealed, as whoever sealed first has fixed them."""
        if case is None or not move.seals:
            return {}
        fields = registers.case(case).steps[0].fields
        return {name: fields[name] for name in move.binds if name in fields}

    # --- balances ---

    def balances(self, *, as_of: Instant | None) -> list[Balance]:
        """Return who owes whom, for every peer on a channel of ours."""
        codes = sorted(
            {code for view in self._desk.views() for code in view.codes if code != self._own}
        )
        return balances(self._desk.registers(as_of), codes, own=self._own)

    def turned(self, watch: BookWatch) -> Iterator[tuple[Place, str, bool]]:
        """Yield what opened each case whose clock came near its end or lapsed.

        With it go the word for it, and whether the answer is ours to give.

        Args:
            watch: who asks; of a case that stands as it did at the last question nothing is said.
        """
        registers, own = self._desk.registers(), self._own
        for book in registers.books():
            for place in watch.changed(book):
                times = book.open.get(place)
                if times is None:
                    continue
                word = brief_word(book.briefs[place], times, registers.moment)
                if word.startswith(("near", "lapsed")):
                    yield place, word, book.briefs[place].debtor == own


def _reckoning(clock: Clock | None) -> list[Reckoning]:
    if clock is None:
        return []
    start = _seconds(clock.starts)
    lines = [Reckoning(label="start", at=start, rule="delivered to the addressee")]
    if clock.period_s is not None:
        rule = f"{clock.period_s} s after the start, by {clock.source or clock.name}"
        lines.append(Reckoning(label="due", at=_seconds(clock.due), rule=rule))
    return lines


def _seconds(value: int | None) -> Instant | None:
    return None if value is None else Instant(value)


def _texts(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
