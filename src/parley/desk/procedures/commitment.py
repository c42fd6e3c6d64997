"""A commitment: one act, by whom, by when, what will show it; kept, changed, released or late."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parley.core.instants import parse_duration, rfc3339, utc_day
from parley.desk.actors import By, Named
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Json, Matter, Text, WordsType, party_or
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import ListOf
from parley.desk.times import DAY, Until, until_instant
from parley.errors import UsageError

EVIDENCE = Choice(
    (
        ("entry", "an entry", "条目"),
        ("document", "a document", "文件"),
        ("statement", "a statement", "声明"),
    )
)
_OPEN = ("made", "in progress", "change proposed")
_WAITING = (*_OPEN, "done", "disputed")
_BOTH = "both"
_OWNER = Named(field="owner", all_of_them=_BOTH)


def _not_owner(otherwise: By) -> Named:
    """Return those to whom it is owed; `otherwise` where both owe it."""
    return Named(field="owner", others=True, all_of_them=_BOTH, otherwise=otherwise)


def _owner(case: CaseFacts) -> Json:
    """Return whose it is: the office that made it where that is its own party, else the code."""
    owner = case.opening.json("owner")
    return case.by if owner == case.opener else owner


@dataclass(frozen=True, slots=True)
class _Term:
    """When it is due: `end` is the first second past it; a whole day is shown as a day."""

    end: int
    whole_day: bool

    def __str__(self) -> str:
        return utc_day(self.end - 1) if self.whole_day else rfc3339(self.end)

    def days_left(self, moment: int) -> int:
        """Return the UTC days from a moment to the day on which it is due."""
        return (self.end - self.whole_day) // DAY - moment // DAY


_IN_DAYS = re.compile(r"P[0-9YMWD]+|[0-9]+[DW]")


COUNTED_FROM = Choice(
    (
        ("event", "the event itself", "事件本身"),
        ("receipt", "its receipt by whoever owes it", "履行方出具回执之时"),
    )
)
"""Whether a length of time counts from the entry waited for, or from when its reader has it."""


def _event_at(case: CaseFacts) -> int | None:
    """Return when the awaited event came: the time of the entry that is it, or else of the word.

    Counted from receipt, it is when the owner signed that it holds that entry; where the owner
    wrote it itself, or both owe it, when the last of the others did.
    """
    came = case.last_of("event_came")
    known = case.referred_time(case.opening, "due_event") is not None
    if came is None or (known and _waits_in_words(case)):
        step, field = case.opening, "due_event"
    else:
        step, field = came, "event"
    named = case.referred_time(step, field)
    if named is None:
        return None if came is None else came.claimed
    if case.opening.json("due_from") != "receipt":
        return named
    owner = case.opening.json("owner")
    told = {who: case.referred_receipt(step, field, who) for who in case.parties}
    own = told.get(owner) if isinstance(owner, str) else None
    return own if own is not None else max((at for at in told.values() if at), default=None)


def _not_before(case: CaseFacts) -> tuple[bool, int | None]:
    """Say whether the term waits for an entry that has not come, and when that came."""
    if case.opening.wire("not_before") is None:
        return False, None
    said = case.opening.json("not_before")
    at = case.referred_time(case.opening, "not_before")
    at = until_instant(said) if at is None else at
    came = case.last_of("event_came") if at is None else None
    if came is not None:
        named = case.referred_time(came, "event")
        at = came.claimed if named is None else named
    return at is None, at


def _waits_in_words(case: CaseFacts) -> bool:
    """Say whether what it must not come before is said in words, so that somebody notes it."""
    said = case.opening.json("not_before")
    is_entry = case.referred_time(case.opening, "not_before") is not None
    return isinstance(said, str) and not is_entry and until_instant(said) is None


def _due(case: CaseFacts) -> _Term | None:
    """Return the term; none while it waits, and never before what it must not come before."""
    waits, earliest = _not_before(case)
    term = None if waits else _term(case)
    if term is None or earliest is None or term.end > earliest:
        return term
    return _Term(earliest, whole_day=False)


def _term(case: CaseFacts) -> _Term | None:
    """Return the term by itself: a date, or a length of time after an event that has come."""
    terms = [step for step in case.steps_of("make", "change") if step.wire("due") is not None]
    if not case.has_both("change"):
        terms = terms[:1]
    said = terms[-1].json("due")
    at = until_instant(said)
    if at is not None:
        is_day = isinstance(said, str) and len(said) == len("2026-03-02")
        return _Term(at + DAY, whole_day=True) if is_day else _Term(at, whole_day=False)
    event = _event_at(case)
    try:
        length = parse_duration(str(said))
    except UsageError:
        return None
    if event is None:
        return None
    if _IN_DAYS.fullmatch(str(said).strip().upper()):
        # Calendar clocks count in UTC days from the day of the event; 24 h are hours.
        return _Term((event // DAY + 1) * DAY + length, whole_day=True)
    return _Term(event + length, whole_day=False)


def _row(case: CaseFacts) -> dict[str, Json]:
    due, done = _due(case), case.last_of("done")
    waiting = case.state in _OPEN
    evidence = None if done is None else done.json("evidence")
    accepted = case.last_of("accept_done")
    overdue = waiting and due is not None and due.end <= case.moment
    late = done is not None and due is not None and done.claimed >= due.end
    return {
        "state": "late" if overdue else case.state,
        "by": _owner(case),
        "to": list(case.to),
        "what": case.opening.json("what"),
        "due": None if due is None else str(due),
        "due_event": case.opening.json("due_event"),
        "due_in_days": due.days_left(case.moment) if waiting and due is not None else None,
        "overdue": overdue,
        "kept_by": None if done is None else evidence if evidence is not None else done.name,
        "kept_as": None if done is None else done.json("form"),
        "kept_late": late,
        "days": None if done is None else done.claimed // DAY - case.opening.claimed // DAY,
        "accepted_at": None if accepted is None else rfc3339(accepted.claimed),
        "source": case.opening.json("source"),
        "rung": case.rung()[0],
    }


COMMITMENT = Procedure(
    name="commitment",
    code="P26",
    prefix="COM",
    words=words("commitment", "承诺"),
    register="commitments",
    states=(
        state("made", "made", "已作出"),
        state("in progress", "in progress", "履行中"),
        state("change proposed", "change proposed", "已提议变更"),
        state("done", "said to be done", "称已履行"),
        state("accepted done", "done, both say", "双方确认已履行", final=True),
        state("disputed", "disputed", "有争议"),
        state("released", "released", "已免除", final=True),
        state("void", "void", "已失效", final=True),
        state("late", "late", "逾期", derived=True),
    ),
    moves=(
        Move(
            name="make",
            kind=2600,
            words=words("make a commitment", "作出承诺"),
            opens="yes",
            initial="made",
            fields=(
                put("what", 32, WordsType(500), "what, one act", "内容（一项行为）", required=True),
                put(
                    "owner",
                    33,
                    party_or(_BOTH),
                    "by whom: a party, or both",
                    "由谁履行：一方代码或 both",
                    required=True,
                ),
                put(
                    "due",
                    34,
                    Until(),
                    "due: a date, a time after an event, or none",
                    "期限：日期、事件后时长或无",
                    required=True,
                ),
                put("due_event", 35, Matter(160), "event it waits for", "所待事件"),
                put("evidence_kind", 36, EVIDENCE, "what will show it", "以何为证"),
                put("due_from", 39, COUNTED_FROM, "counted from", "起算点"),
                put("not_before", 40, Matter(160), "not before", "不早于"),
                put("source", 37, Matter(160), "agreed in", "出处"),
                put(
                    "equivalent",
                    38,
                    ListOf(item=Text(120), least=1, most=10, lenient=True),
                    "other forms accepted",
                    "可接受的其他形式",
                ),
            ),
        ),
        Move(
            name="done",
            kind=2601,
            words=words("say that it is done", "称已履行"),
            by=_OWNER,
            go=tuple(Go(before, "done") for before in (*_OPEN, "disputed")),
            fields=(
                put("evidence", 32, Matter(160), "what shows it", "依据"),
                put("form", 33, Text(120), "in which form", "形式"),
            ),
        ),
        Move(
            name="accept_done",
            kind=2602,
            words=words("accept that it is done", "确认已履行"),
            by=_not_owner(By.OTHER),
            go=(
                Go("done", "accepted done"),
                Go("disputed", "accepted done", _not_owner(By.SAME)),
            ),
        ),
        Move(
            name="dispute",
            kind=2603,
            words=words("dispute that it is done", "对履行提出异议"),
            by=_not_owner(By.OTHER),
            go=(Go("done", "disputed"),),
            needs=("reason_text",),
        ),
        Move(
            name="begin",
            kind=2604,
            words=words("note that work on it has begun", "记录开始履行"),
            by=_OWNER,
            go=(Go("made", "in progress"),),
        ),
        Move(
            name="change",
            kind=2605,
            words=words("change its term", "变更期限"),
            by=By.EACH,
            go=(
                Go("made", "change proposed"),
                Go("in progress", "change proposed"),
                Go("change proposed", "change proposed"),
            ),
            done="in progress",
            fields=(put("due", 34, Until(), "new term", "新期限", required=True),),
        ),
        Move(
            name="release",
            kind=2606,
            words=words("release from it", "免除承诺"),
            by=_not_owner(By.ADDRESSEE),
            go=tuple(Go(before, "released") for before in _WAITING),
        ),
        Move(
            name="void",
            kind=2607,
            words=words("note that it has become void", "注明已失效"),
            by=By.EITHER,
            go=tuple(Go(before, "void") for before in _WAITING),
            needs=("reason_text",),
        ),
        Move(
            name="event_came",
            kind=2608,
            words=words("note that the awaited event has come", "注明所待事件已发生"),
            by=By.EITHER,
            keeps=("made", "in progress"),
            fields=(put("event", 32, Matter(160), "what shows it", "依据", required=True),),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("by", "履行方"),
        to=("to", "受益方"),
        what=("what", "内容"),
        due=("due", "期限"),
        due_event=("waits for", "所待事件"),
        due_in_days=("days left", "剩余天数"),
        overdue=("overdue", "逾期"),
        kept_by=("shown by", "以何为证"),
        kept_as=("kept in the form", "履行形式"),
        kept_late=("kept late", "逾期履行"),
        days=("days from the promise", "距承诺天数"),
        accepted_at=("accepted", "确认时间"),
        source=("agreed in", "出处"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
)
