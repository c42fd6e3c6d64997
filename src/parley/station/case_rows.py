"""One case as a row of a register: what is shown of it in a list, and no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from parley.core.ids import Incarnation
from parley.core.instants import Instant
from parley.desk.case_book import Brief, Running, shown_clock
from parley.desk.deadlines import LAPSED, Clock, Proof
from parley.desk.derived import CaseNow
from parley.desk.fold import MARKS
from parley.desk.reasons import PERSON
from parley.desk.registers import Registers, subject_of
from parley.station.view_values import instant_of, text_of
from parley.station.views import CaseProof, CaseRow, OpenedAt, Words

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
CLOCKS_DIFFER_S: Final = 120
"""Seconds from which two clocks are said to differ, and a due time is shown as an interval."""
_STANDS: Final = ("running", "near", "lapsed-silent", "lapsed-dark")


class CaseRows:
    """Builds rows of one party's registers."""

    def __init__(self, own: str, offsets: Mapping[str, int] | None = None) -> None:
        """Build them as the party with the code `own` sees them.

        Args:
            own: our code.
            offsets: seconds by which each peer's clock is ahead of ours, by its code.
        """
        self._own = own
        self._offsets = offsets or {}

    def row(self, registers: Registers, case: CaseNow) -> CaseRow:
        """Return a case as it stands at the moment of the registers."""
        row = registers.row_of_case(case)
        values = row.values
        clock = shown_clock(case)
        proof = next((p for p in reversed(row.proofs) if p.claim in ("lapsed", "answered")), None)
        if clock is not None and clock.proof is not None:
            proof = clock.proof
        due = None if clock is None or clock.due is None else Instant(clock.due)
        now = registers.moment
        state = clock_word(clock, now)
        owes = None if clock is None else clock.owes
        is_open = state in _STANDS
        span = None if clock is None or due is None else self._span(clock, due)
        entry = case.case.opening.ordered.entry
        return CaseRow(
            number=case.number,
            channel=case.channel,
            procedure=case.procedure,
            opener=case.opener,
            addressees=list(case.to),
            subject=words_of(subject_of(case)),
            state=str(values.get("state", case.state)),
            fate=str(values.get("fate", values.get("state", case.state))),
            opened=OpenedAt(entry=registers.name_of(case.case.place), at=entry.time),
            delivered_at=instant_of(values.get("delivered_at")) or _delivered(case),
            acknowledged_at=_acknowledged(registers, case),
            answered_at=instant_of(values.get("answered_at")),
            due_at=due,
            due_from=None if span is None else span[0],
            due_to=None if span is None else span[1],
            due_rule="none" if clock is None else "owed" if clock.owed else "asked-for",
            left_s=None if due is None or state not in ("running", "near") else due - now,
            clock=state,
            owed_by=owes if is_open else None,
            us_owe=is_open and owes == self._own,
            proved=state == "lapsed-silent",
            proof=None if proof is None else _proof(registers, proof),
            reason=text_of(values.get("reason")),
            precondition=text_of(values.get("linkage")),
            precedence=entry.precedence.letter,
            mark=MARKS[entry.marking],
            resource=f"/api/v1/cases/{case.number.replace('/', '~')}",
            values=dict(values),
        )

    def _span(self, clock: Clock, due: Instant) -> tuple[Instant, Instant] | None:
        peer = clock.owes if clock.owes != self._own else clock.asks
        return due_span(due, self._offsets.get(peer, 0))


def due_span(due: Instant, offset_s: int) -> tuple[Instant, Instant] | None:
    """Return between which moments of our clock a time falls that two clocks read differently.

    Args:
        due: the time, by the clock of either side.
        offset_s: by how much the other clock is ahead of ours.
    """
    if abs(offset_s) <= CLOCKS_DIFFER_S:
        return None
    return Instant(min(due, due - offset_s)), Instant(max(due, due - offset_s))


def clock_word(clock: Clock | None, now: Instant) -> str:
    """Return how a clock is shown: `near` when a tenth of its time, or less, is left."""
    if clock is None:
        return "none"
    word = _CLOCKS.get(clock.state, "none")
    if word == "running" and Running(clock.starts, clock.due).is_near(now):
        return "near"
    return word


def brief_word(brief: Brief, times: Running, now: Instant) -> str:
    """Return what `clock_word` would, from what is kept of the case."""
    word = _CLOCKS.get(brief.clock, "none")
    return "near" if word == "running" and times.is_near(now) else word


def brief_groups(brief: Brief) -> set[str]:
    """Return the words under which a case can be asked for and which its brief shows."""
    groups = {_CLOCKS.get(brief.clock, "none")}
    if brief.clock in ("running", "not started", "undelivered"):
        groups |= {"open", "near"}
    if brief.clock in LAPSED:
        groups.add(brief.clock)
    return groups | ({"lapsed"} if brief.lapsed else set())


def row_groups(row: CaseRow) -> set[str]:
    """Return the words under which a row can be asked for."""
    groups = {row.state, row.clock}
    if row.clock in ("running", "near", "not-delivered"):
        groups.add("open")
    if row.clock.startswith("lapsed"):
        groups |= {"lapsed", row.clock.replace("-", " ")}
    return groups


def _delivered(case: CaseNow) -> Instant | None:
    """Return when the first other party signed that it holds what opened the case."""
    found = case.delivered(case.opening)
    return None if found is None else Instant(found)


def _acknowledged(registers: Registers, case: CaseNow) -> Instant | None:
    times = [
        rung.at
        for rung in registers.rungs(case.case.place).values()
        if rung.rung >= PERSON and rung.at is not None
    ]
    return min(times, default=None)


def _proof(registers: Registers, proof: Proof) -> CaseProof:
    channel = registers.channel(proof.entry.channel)
    codes = channel.view.codes
    number, time, by = None, None, codes[proof.by]
    if proof.statements:
        party, inc, number = proof.statements[-1]
        by = codes[party]
        said = channel.deliveries.statement(party, Incarnation(inc), number)
        time = None if said is None else said.time
    return CaseProof(
        text=dict(proof.sentence),
        by=by,
        statement_no=number,
        statement_time=time,
        entry=registers.name_of(proof.entry),
    )


def words_of(value: object) -> Words:
    """Return a subject by language; `und` where it is one text of no stated language."""
    if isinstance(value, Mapping):
        return {str(lang): str(text) for lang, text in value.items()}
    return {} if not value else {"und": str(value)}
