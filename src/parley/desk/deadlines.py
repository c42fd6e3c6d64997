"""Clocks and the proof of silence: derived from entries and statements, never declared.

A clock starts when the other side has signed that it holds the entry. It has lapsed *silent* when
that side signed something after the due time that holds no answer, and *dark* when the due time is
over and nothing has been heard since. What was never receipted has not lapsed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.core.canon import Value
from parley.core.charter import TERM_OWED
from parley.core.entry import F_CASE, F_DUE, F_REF, NEVER_ANSWERS, Entry, Kind
from parley.core.instants import rfc3339
from parley.core.limits import CLOCK_MIN_SECONDS
from parley.core.statement import Statement
from parley.desk.case import Case, Taken
from parley.desk.deliveries import Deliveries
from parley.desk.facts import ClockFacts
from parley.desk.naming import Directory
from parley.desk.problems import Words
from parley.desk.procedure import ClockRule
from parley.desk.reasons import PERSON, ladder_rung
from parley.desk.record import ChannelView, Place
from parley.desk.times import start_of, until_instant

RUNNING = frozenset({"not started", "running"})
LAPSED = frozenset({"lapsed silent", "lapsed dark"})
CANNOT_PROCESS = 10
_NEVER_STOP = frozenset({Kind.ACKNOWLEDGE, Kind.TIME_TOKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Which entries and statements show something.

    Attributes:
        claim: record, delivered, answered, lapsed or dark.
        entry: the entry it is about.
        by: number of the party it is held against.
        statements: (party number, incarnation, number) of each statement needed, in order.
        answer: the answering entry, for `answered`.
        sentence: the finding in words.
    """

    claim: str
    entry: Place
    by: int
    statements: tuple[tuple[int, bytes, int], ...]
    answer: Place | None = None
    sentence: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(ClockFacts):
    """One clock.

    Attributes:
        case: case number. place: the entry that started it.
        owes: code of the party that owes the answer. asks: code of the other.
        starts: when the other side signed that it holds the entry, by its own clock.
        state: not started, running, answered, answered late, lapsed silent, lapsed dark,
            undelivered, stopped.
        source: what sets the time: `profile NAME`, `charter`, `asked`.
        turns_at: when the passing of time alone changes it; None if it never does.
        waits_for: numbers of the parties whose next signature can change it, whatever its time.
        waits_past_due: the debtor's first signature at or after the due time can change it.
    """

    case: str
    place: Place
    name: str
    owes: str
    asks: str
    starts: int | None
    period_s: int | None
    due: int | None
    state: str
    owed: bool
    source: str
    marking: int
    lapse: str | None = None
    answered_at: int | None = None
    proof: Proof | None = None
    turns_at: int | None = None
    waits_for: tuple[int, ...] = ()
    waits_past_due: bool = False

    @property
    def is_running(self) -> bool:
        """Say whether it can still be met in time."""
        return self.state in RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """How long a clock is and what sets it."""

    due: int | None
    period_s: int | None
    owed: bool
    source: str


class Deadlines:
    """Works out clocks of one channel at one moment."""

    def __init__(
        self, view: ChannelView, deliveries: Deliveries, moment: int, directory: Directory
    ) -> None:
        self._view = view
        self._name = directory.entry_name
        self._deliveries = deliveries
        self._moment = moment

    def clocks(
        self, case: Case, number: str, rule: ClockRule, starters: list[Taken]
    ) -> list[Clock]:
        """Return every clock that `rule` started in a case, in order; one for each debtor."""
        found: list[Clock] = []
        for taken in starters:
            author = taken.place.party
            others = [party for party in case.parties if party != author]
            for debtor in [author] if rule.writer_owes else others:
                clock = self._clock(case, number, rule, taken, debtor)
                if clock is not None:
                    found.append(clock)
        return found

    def _clock(
        self, case: Case, number: str, rule: ClockRule, taken: Taken, debtor: int
    ) -> Clock | None:
        if rule.writer_owes:
            first = self._deliveries.first_covering(taken.place)
        else:
            first = self._deliveries.first_holding(debtor, taken.place)
        starts = None if first is None else int(first.time)
        term = self._term(rule, taken, starts)
        if term is None:
            return None
        state, lapse, answer, proof = self._judge(
            rule=rule, case=case, taken=taken, debtor=debtor, first=first, term=term
        )
        turns_at, waits_for, past_due = self._waits(
            taken, debtor, first, term.due, state=state, answer=answer
        )
        codes = self._view.codes
        creditor = case.parties[0] if debtor != case.parties[0] else case.parties[1]
        return Clock(
            case=number,
            place=taken.place,
            name=rule.name,
            owes=codes[debtor],
            asks=codes[creditor],
            starts=starts,
            period_s=term.period_s,
            due=term.due,
            state=state,
            owed=term.owed,
            source=term.source,
            marking=case.marking,
            lapse=lapse,
            answered_at=None if answer is None else int(answer.ordered.entry.time),
            proof=proof,
            turns_at=turns_at,
            waits_for=waits_for,
            waits_past_due=past_due,
        )

    def _waits(
        self,
        taken: Taken,
        debtor: int,
        first: Statement | None,
        due: int | None,
        *,
        state: str,
        answer: Taken | None,
    ) -> tuple[int | None, tuple[int, ...], bool]:
        """Return when time, whose signature, and whether one past the due time can change it."""
        if first is None or due is None:
            limit = self._view.profile.clock("undelivered")
            at = None if limit is None else taken.ordered.entry.time + limit
            return at if state == "not started" else None, (debtor,), False
        waits: set[int] = set()
        if self._deliveries.first_covering(taken.place) is None:
            waits.add(taken.place.party)
        if state == "lapsed dark" or (
            answer is not None and self._deliveries.first_covering(answer.place) is None
        ):
            waits.add(debtor)
        is_past = self._deliveries.first_since(first, due) is not None
        return due if state == "running" else None, tuple(sorted(waits)), not is_past

    def _term(self, rule: ClockRule, taken: Taken, starts: int | None) -> _Term | None:
        """Return the length of the clock: the profile's wins over a shorter wish."""
        profile = self._view.profile
        values = taken.read.values if taken.read else {}
        if rule.due_field:
            return self._promised(rule, values.get(rule.due_field))
        rule_s, owed = profile.clock(rule.name), profile.owes(rule.name)
        wish = taken.ordered.entry.fields.get(F_DUE)
        if isinstance(wish, list | tuple) and len(wish) == 1 and type(wish[0]) is int:
            late_enough = starts is None or wish[0] > starts
            return (
                _Term(due=wish[0], period_s=None, owed=False, source="asked")
                if late_enough
                else None
            )
        period = wish if type(wish) is int and wish >= CLOCK_MIN_SECONDS else None
        source = "asked"
        if rule_s is not None and (period is None or (owed and rule_s >= period)):
            period, source = rule_s, f"profile {profile.code}"
        elif owed and rule_s is None:
            owed = False
        if period is None:
            return None
        accepted = self._view.charter.terms.get(TERM_OWED)
        if isinstance(accepted, list | tuple) and period in accepted:
            owed, source = True, "charter"
        due = None if starts is None else starts + period
        return _Term(due=due, period_s=period, owed=owed, source=source)

    def _promised(self, rule: ClockRule, said: Value) -> _Term | None:
        """Return the term of a time that the debtor itself has set; None for an event."""
        due = until_instant(said) if isinstance(said, str) else start_of(said)
        if due is None:
            return None
        if not rule.then:
            return _Term(due=due, period_s=None, owed=True, source="entry")
        period = self._view.profile.clock(rule.then)
        if period is None:
            return None
        owed = self._view.profile.owes(rule.then)
        source = f"profile {self._view.profile.code}"
        return _Term(due=due + period, period_s=period, owed=owed, source=source)

    def _judge(
        self,
        *,
        rule: ClockRule,
        case: Case,
        taken: Taken,
        debtor: int,
        first: Statement | None,
        term: _Term,
    ) -> tuple[str, str | None, Taken | None, Proof | None]:
        """Return state, kind of lapse, answer and proof."""
        answer = _answer(rule, case, taken, debtor)
        if first is None or term.due is None:
            if answer is not None:
                return "answered", None, answer, None
            limit = self._view.profile.clock("undelivered")
            waited = self._moment - taken.ordered.entry.time
            late = first is None and limit is not None and waited >= limit
            return "undelivered" if late else "not started", None, None, None
        after = self._deliveries.first_since(first, term.due)
        if answer is not None:
            return self._answered(
                taken=taken, debtor=debtor, first=first, after=after, answer=answer, due=term.due
            )
        stop = _stop(case, taken, debtor)
        if stop is not None and not self._lies_before(after, stop):
            return "stopped", None, None, self._delivered(taken, debtor, first)
        if after is not None:
            return "lapsed silent", "silent", None, self._lapsed(taken, debtor, first, after)
        if self._moment >= term.due:
            return "lapsed dark", "dark", None, self._dark(taken, debtor, first)
        return "running", None, None, self._delivered(taken, debtor, first)

    def _answered(
        self,
        *,
        taken: Taken,
        debtor: int,
        first: Statement,
        after: Statement | None,
        answer: Taken,
        due: int,
    ) -> tuple[str, str | None, Taken, Proof]:
        """An answer is late when its author signed past the due time without it, or says so."""
        entry = taken.place
        sentence = _words(
            "{by} answered {entry} with {answer}.",
            "{by} 以 {answer} 答复了 {entry}。",
            by=self._view.codes[debtor],
            entry=self._name(entry),
            answer=self._name(answer.place),
        )
        covering = self._deliveries.first_covering(answer.place)
        needed = [first] if covering in (first, None) else [first, covering]
        proof = self._proof(
            "answered", taken, debtor, needed, sentence=sentence, answer=answer.place
        )
        if after is not None and (
            after.inc != answer.place.inc or after.size <= answer.place.index
        ):
            return "answered late", "silent", answer, proof
        if answer.ordered.entry.time > due:
            return "answered late", "dark", answer, proof
        return "answered", None, answer, proof

    def _lies_before(self, after: Statement | None, stop: Taken) -> bool:
        """Say whether a statement past the due time was signed without holding the stopping act."""
        if after is None:
            return False
        holding = after.holding(self._view.charter.parties[stop.place.party])
        return holding is None or holding.inc != stop.place.inc or holding.size <= stop.place.index

    def _proof(
        self,
        claim: str,
        taken: Taken,
        debtor: int,
        statements: Sequence[Statement | None],
        *,
        sentence: Words,
        answer: Place | None = None,
    ) -> Proof:
        own = self._deliveries.first_covering(taken.place)
        needed = [said for said in (own, *statements) if said is not None]
        return Proof(
            claim=claim,
            entry=taken.place,
            by=debtor,
            statements=tuple(
                (self._deliveries.number_of(said), said.inc, said.no) for said in needed
            ),
            answer=answer,
            sentence=sentence,
        )

    def _delivered(self, taken: Taken, debtor: int, first: Statement) -> Proof:
        sentence = _words(
            "{by} signed at {at} that it holds {entry}.",
            "{by} 于 {at} 签认持有 {entry}。",
            by=self._view.codes[debtor],
            at=rfc3339(first.time),
            entry=self._name(taken.place),
        )
        return self._proof("delivered", taken, debtor, [first], sentence=sentence)

    def _lapsed(self, taken: Taken, debtor: int, first: Statement, after: Statement) -> Proof:
        restart = after.inc != first.inc
        sentence = _words(
            "{by} held {entry} at {at} and signed again at {then}, past the due time, "
            "without an answer{restart}.",
            "{by} 于 {at} 持有 {entry}，届满后于 {then} 再次签署而无答复{restart}。",
            by=self._view.codes[debtor],
            entry=self._name(taken.place),
            at=rfc3339(first.time),
            then=rfc3339(after.time),
            restart=(" (across a restart of its log)", "（其间日志重启）") if restart else "",
        )
        return self._proof("lapsed", taken, debtor, [first, after], sentence=sentence)

    def _dark(self, taken: Taken, debtor: int, first: Statement) -> Proof:
        last = self._deliveries.newest(debtor) or first
        sentence = _words(
            "{by} held {entry} at {at}; nothing signed by it has been heard since {last}.",
            "{by} 于 {at} 持有 {entry}；自 {last} 起未再收到其签署。",
            by=self._view.codes[debtor],
            entry=self._name(taken.place),
            at=rfc3339(first.time),
            last=rfc3339(last.time),
        )
        needed = [first] if last == first else [first, last]
        return self._proof("dark", taken, debtor, needed, sentence=sentence)


def _refers(entry: Entry) -> bool:
    """Say whether the core sees the entry as part of a case: only such can answer."""
    return F_CASE in entry.fields or F_REF in entry.fields


def _answer(rule: ClockRule, case: Case, start: Taken, debtor: int) -> Taken | None:
    """Return the debtor's first entry that answers, by the core's rule."""
    for taken in case.log:
        entry = taken.ordered.entry
        if taken.place.party != debtor or taken is start:
            continue
        if not taken.ordered.has_seen(start.place) or not _refers(entry):
            continue
        rung = taken.read.values.get("rung") if taken.read else None
        if rule.person:
            if taken.read is not None and ladder_rung(taken.read.values) >= PERSON:
                return taken
        elif (entry.kind not in NEVER_ANSWERS and entry.is_attributable) or rung == CANNOT_PROCESS:
            return taken
    return None


def _stop(case: Case, start: Taken, debtor: int) -> Taken | None:
    """Return the first act on the case after `start` of the side that it is owed to.

    Such an act takes the question back. What a third party answers stops nobody else's clock.
    """
    author = start.place.party
    opening_kind = case.opening.ordered.entry.kind
    for taken in case.log:
        entry = taken.ordered.entry
        if taken.place.party == debtor or taken.place == start.place:
            continue
        if author not in (debtor, taken.place.party):
            continue
        if not taken.ordered.has_seen(start.place) or not _refers(entry):
            continue
        if entry.kind not in _NEVER_STOP and entry.kind != opening_kind:
            return taken
    return None


def _words(english: str, chinese: str, **facts: object) -> Words:
    split = {k: v if isinstance(v, tuple) else (v, v) for k, v in facts.items()}
    return {
        "en": english.format(**{k: v[0] for k, v in split.items()}),
        "zh": chinese.format(**{k: v[1] for k, v in split.items()}),
    }
