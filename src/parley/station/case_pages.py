"""Cases, registers, balances and what may be done next, as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.core.instants import Instant, parse_instant
from parley.desk.catalogue import PROCEDURES, REGISTERS
from parley.desk.deadlines import Clock, Proof
from parley.desk.record import Place
from parley.desk.registers import Registers
from parley.desk.rows import CaseView as DeskCase
from parley.desk.rules import permitted_moves
from parley.errors import NotFoundError, UsageError
from parley.station.desk_book import DeskBook
from parley.station.forms import OPENING, move_view, text_views
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.trust import Trust
from parley.station.views import (
    Balance,
    CaseProof,
    CaseRow,
    CaseView,
    HistoryRow,
    MayMove,
    MoveView,
    OpenedAt,
    Owed,
    Reckoning,
    Shows,
    Words,
)

NEAR_TENTH: Final = 10
_CLOCKS: Final = {
    "not started": "not-delivered",
    "undelivered": "not-delivered",
    "running": "running",
    "answered": "answered",
    "answered late": "answered-late",
    "lapsed silent": "lapsed-silent",
    "lapsed dark": "lapsed-dark",
    "stopped": "none",
}
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

    # --- registers ---

    def register(self, name: str, *, as_of: Instant | None, channel: str | None) -> list[CaseRow]:
        """Return the cases of a procedure or register, in the order of their opening entries.

        Raises:
            NotFoundError: there is no such procedure.
        """
        procedure = PROCEDURES.get(name) or REGISTERS.get(name)
        if procedure is None:
            raise NotFoundError(
                f"there is no register {name}",
                next_step=f"Procedures: {', '.join(sorted(PROCEDURES))}.",
            )
        registers = self._desk.registers(as_of)
        rows = registers.rows(procedure.register) if procedure.register else ()
        shown: list[CaseRow] = []
        for row in rows:
            if row.place is not None and channel in (None, row.channel, row.channel_id.hex()):
                case = registers.case(row.place)
                shown.append(self._case_row(registers, case, row.values, row.proofs))
        return shown

    def _case_row(
        self,
        registers: Registers,
        case: DeskCase,
        values: Mapping[str, Any],
        proofs: Sequence[Proof],
    ) -> CaseRow:
        clock = self._clock(registers, case)
        opening = case.steps[0]
        proof = next((p for p in reversed(proofs) if p.claim in ("lapsed", "answered")), None)
        if clock is not None and clock.proof is not None:
            proof = clock.proof
        due = None if clock is None or clock.due is None else Instant(clock.due)
        now = registers.moment
        state = _clock_word(clock, now)
        owes = None if clock is None else clock.owes
        is_open = state in ("running", "near", "lapsed-silent", "lapsed-dark")
        return CaseRow(
            number=case.number,
            channel=case.channel,
            procedure=case.procedure,
            opener=self._code(case.place),
            addressees=self._addressees(case),
            subject=_words(case.subject),
            state=str(values.get("state", case.state)),
            fate=str(values.get("fate", values.get("state", case.state))),
            opened=OpenedAt(entry=self._desk.name(case.place), at=opening.claimed),
            delivered_at=_instant(values.get("delivered_at")) or self._delivered(registers, case),
            acknowledged_at=self._acknowledged(registers, case.place),
            answered_at=_instant(values.get("answered_at")),
            due_at=due,
            due_rule="none" if clock is None else "owed" if clock.owed else "asked-for",
            left_s=None if due is None or state not in ("running", "near") else due - now,
            clock=state,
            owed_by=owes if is_open else None,
            us_owe=is_open and owes == self._own,
            proved=state == "lapsed-silent",
            proof=None if proof is None else self._proof(proof),
            reason=_text(values.get("reason")),
            precondition=_text(values.get("linkage")),
            precedence=case.precedence,
            mark=case.marking,
            may_move=self._may_move(registers, case),
            resource=f"/api/v1/cases/{case.number.replace('/', '~')}",
            values=dict(values),
        )

    def _delivered(self, registers: Registers, case: DeskCase) -> Instant | None:
        """Return when the first other party signed that it holds what opened the case."""
        deliveries = registers.channel(case.place.channel).deliveries
        signed = [
            first.time
            for number in range(len(case.parties))
            if number != case.place.party
            and (first := deliveries.first_holding(number, case.place)) is not None
        ]
        return min(signed, default=None)

    def _clock(self, registers: Registers, case: DeskCase) -> Clock | None:
        clocks = [clock for clock in registers.clocks if clock.place == case.place]
        clocks = clocks or [clock for clock in registers.clocks if clock.case == case.number]
        running = [clock for clock in clocks if clock.state in ("running", "not started")]
        return running[-1] if running else clocks[-1] if clocks else None

    def _addressees(self, case: DeskCase) -> list[str]:
        opener = self._code(case.place)
        return list(case.to) or [party for party in case.parties if party != opener]

    def _acknowledged(self, registers: Registers, place: Place) -> Instant | None:
        times = [
            rung.at
            for rung in registers.rungs(place).values()
            if rung.rung >= 2 and rung.at is not None
        ]
        return min(times, default=None)

    def _proof(self, proof: Proof) -> CaseProof:
        view = self._desk.view(proof.entry.channel)
        last = proof.statements[-1] if proof.statements else None
        number, time, by = None, None, view.codes[proof.by]
        if last is not None:
            party, inc, number = last
            by = view.codes[party]
            time = next(
                (
                    said.time
                    for said in view.statements
                    if said.party == view.charter.parties[party]
                    and said.inc == inc
                    and said.no == number
                ),
                None,
            )
        return CaseProof(
            text=dict(proof.sentence),
            by=by,
            statement_no=number,
            statement_time=time,
            entry=self._desk.name(proof.entry),
        )

    def _may_move(self, registers: Registers, case: DeskCase) -> list[MayMove]:
        view = self._desk.view(case.place.channel)
        found: list[MayMove] = []
        for number, code in enumerate(view.codes):
            moves = permitted_moves(registers, case.place, number, view.id)
            names = [one.move.name for one in moves if one.move.procedure != "ack"]
            if names:
                found.append(MayMove(party=code, moves=names))
        return found

    def _code(self, place: Place) -> str:
        return self._trust.code_of(self._desk.log_place(place)[0].party)

    def requests(
        self,
        *,
        owed_by: str | None,
        state: Sequence[str],
        lapsed: bool | None,
        proved: bool | None,
        as_of: Instant | None,
        channel: str | None,
    ) -> list[CaseRow]:
        """Return dialogue requests that fit every condition given."""
        owes = self._own if owed_by == "us" else owed_by
        wanted = {word.strip() for words in state for word in words.split(",") if word.strip()}
        return [
            row
            for row in self.register("request", as_of=as_of, channel=channel)
            if (owes is None or row.owed_by == owes)
            and (not wanted or wanted & {row.state, row.clock, *_groups(row)})
            and (lapsed is None or row.clock.startswith("lapsed") == lapsed)
            and (proved is None or row.proved == proved)
        ]

    # --- one case ---

    def case(self, number: str, *, as_of: Instant | None) -> CaseView:
        """Return one case whole.

        Raises:
            NotFoundError: there is no such case; or several channels have one of this number.
        """
        registers = self._desk.registers(as_of)
        case = registers.case(number.replace("~", "/"))
        procedure = PROCEDURES[case.procedure]
        values: Mapping[str, Any] = {"state": case.state}
        proofs: Sequence[Proof] = ()
        if procedure.register:
            row = registers.row(procedure.register, case.place)
            values, proofs = row.values, row.proofs
        shown = self._case_row(registers, case, values, proofs)
        sentences = [str(p.sentence.get("en", "")) for p in proofs if p.sentence]
        is_lapse = shown.clock.startswith("lapsed")
        return CaseView(
            **{name: getattr(shown, name) for name in CaseRow.__dataclass_fields__},
            history=self._history(case),
            moves=self.moves(case.place.channel, case.place),
            shows=Shows(proves=sentences, not_proves=list(_NOT_PROVED) if is_lapse else []),
            reckoning=self._reckoning(registers, case),
            notes=[],
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

    def _reckoning(self, registers: Registers, case: DeskCase) -> list[Reckoning]:
        clock = self._clock(registers, case)
        if clock is None:
            return []
        start = _seconds(clock.starts)
        lines = [Reckoning(label="start", at=start, rule="delivered to the addressee")]
        if clock.period_s is not None:
            rule = f"{clock.period_s} s after the start, by {clock.source or clock.name}"
            lines.append(Reckoning(label="due", at=_seconds(clock.due), rule=rule))
        return lines

    # --- moves ---

    def moves(self, channel: Any, case: Place | None) -> list[MoveView]:
        """Return what we may do now on a channel, or in a case."""
        registers = self._desk.registers()
        view = self._desk.view(channel)
        party = view.charter.party_number(self._station.party)
        return [
            move_view(
                permitted.move,
                permitted=True,
                opens=case is None and permitted.move.opens in OPENING,
            )
            for permitted in permitted_moves(registers, case, party, channel)
            # Acknowledging is an act of its own: `Gateway.acknowledge`.
            if permitted.move.procedure != "ack"
        ]

    # --- balances ---

    def balances(self, *, as_of: Instant | None) -> list[Balance]:
        """Return who owes whom, for every peer on a channel of ours."""
        rows = self.register("request", as_of=as_of, channel=None)
        codes = sorted(
            {code for view in self._desk.views() for code in view.codes if code != self._own}
        )
        return [
            Balance(
                peer=code,
                they_owe=_owed([row for row in rows if row.opener == self._own], code),
                we_owe=_owed([row for row in rows if row.opener == code], self._own),
            )
            for code in codes
        ]

    def lapses(self) -> list[CaseRow]:
        """Return cases whose clock is near or has lapsed; those that have none are not built."""
        registers = self._desk.registers(None)
        rows = [
            self._case_row(registers, registers.case(row.place), row.values, row.proofs)
            for row in registers.rows_with_clocks()
            if row.place is not None
        ]
        return [row for row in rows if row.clock.startswith(("near", "lapsed"))]


def _owed(rows: Sequence[CaseRow], debtor: str) -> Owed:
    mine = [row for row in rows if row.owed_by == debtor or row.clock == "answered-late"]
    mine = [row for row in mine if row.owed_by == debtor or _is_addressed(row, debtor)]
    running = [row for row in mine if row.clock in ("running", "near")]
    lapsed = [row for row in mine if row.clock.startswith("lapsed")]
    return Owed(
        owed=sum(row.due_rule == "owed" for row in running),
        asked=sum(row.due_rule == "asked-for" for row in running),
        lapsed=len(lapsed),
        proved=sum(row.proved for row in lapsed),
        dark=sum(row.clock == "lapsed-dark" for row in lapsed),
        late=sum(row.clock == "answered-late" for row in mine),
        oldest_at=min((row.opened.at for row in [*running, *lapsed]), default=None),
    )


def _is_addressed(row: CaseRow, code: str) -> bool:
    return any(office == code or office.startswith(f"{code}/") for office in row.addressees)


def _clock_word(clock: Clock | None, now: Instant) -> str:
    if clock is None:
        return "none"
    word = _CLOCKS.get(clock.state, "none")
    if word == "running" and clock.due is not None and clock.starts is not None:
        period = clock.due - clock.starts
        if (clock.due - now) * NEAR_TENTH <= period:
            return "near"
    return word


def _groups(row: CaseRow) -> set[str]:
    groups = {"open"} if row.clock in ("running", "near", "not-delivered") else set()
    if row.clock.startswith("lapsed"):
        groups |= {"lapsed", row.clock.replace("-", " ")}
    return groups


def _seconds(value: int | None) -> Instant | None:
    return None if value is None else Instant(value)


def _instant(value: object) -> Instant | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except UsageError:
        return None


def _texts(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _words(value: object) -> Words:
    if isinstance(value, Mapping):
        return {str(lang): str(text) for lang, text in value.items()}
    return {} if not value else {"und": str(value)}
